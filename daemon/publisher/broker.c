/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * How libmosquitto is driven (mosquitto.h, "mosquitto_loop_read" and the functions beside it):
 * after every call into the library broker_step() looks at what it wants now, its descriptor and
 * whether it has something to write. The library's callbacks only set fields. loop_read comes
 * before loop_write, since a TLS handshake goes on in the former alone.
 */

#include "publisher/broker.h"

#include "publisher/errand.h"
#include "util/time.h"

#include <errno.h>
#include <mosquitto.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MISC_EACH USEC_PER_SEC /* how often the library looks at its keepalive */
#define QOS       1
#define CA_PATH   "/etc/ssl/certs" /* Debian's, where no ca_file is given */

/* What the thread does that finds the broker: the library is its own until it is done. */
struct dial {
    struct mosquitto *mosquitto;
    const struct config *config;
    unsigned attempt;
    unsigned n_addresses;
    char why[BROKER_REASON_SIZE]; /* empty = on its way */
};

struct broker {
    const struct account *account;
    const struct broker_calls *calls;
    void *owner;
    sd_event *event;

    struct mosquitto *mosquitto; /* NULL while `dial` has it */
    struct dial *dial;           /* the errand's */
    struct errand *errand;
    int fd; /* the library's, as far as `io` knows; -1 = none */
    sd_event_source *io, *misc, *deadline;
    unsigned n_addresses;

    bool answered, connected; /* CONNACK came; and was told to the owner */
    bool over;
    char why[BROKER_REASON_SIZE];
};

int broker_library_open(void)
{
    return mosquitto_lib_init() == MOSQ_ERR_SUCCESS ? 0 : -ENOMEM;
}

/* The connection has failed; the next step ends it. The first reason is the true one. */
static void broker_fail(struct broker *broker, const char *why)
{
    if (broker->over)
        return;
    broker->over = true;
    (void)snprintf(broker->why, sizeof(broker->why), "%s", why);
    (void)sd_event_source_set_time(broker->misc, 0);
}

static const char *result_text(int result)
{
    switch (result) {
    case MOSQ_ERR_ERRNO:
        return strerror(errno);
    case MOSQ_ERR_CONN_LOST:
    case MOSQ_ERR_NO_CONN:
        return "it closed the connection";
    case MOSQ_ERR_KEEPALIVE:
        return "it has fallen silent";
    default:
        return mosquitto_strerror(result);
    }
}

static void broker_check(struct broker *broker, int result)
{
    if (result != MOSQ_ERR_SUCCESS)
        broker_fail(broker, result_text(result));
}

/* --- what the library reports: fields only -----------------------------------------------------
 */

static void on_connect(struct mosquitto *mosquitto, void *userdata, int code)
{
    struct broker *broker = userdata;

    (void)mosquitto;
    if (code == 0)
        broker->answered = true;
    else
        broker_fail(broker, mosquitto_connack_string(code));
}

static void on_publish(struct mosquitto *mosquitto, void *userdata, int id)
{
    struct broker *broker = userdata;

    (void)mosquitto;
    broker->calls->acknowledged(broker->owner, id);
}

/* --- one idempotent step after every call ------------------------------------------------------
 */

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata);

/* Watches the descriptor that the library has now, for what it wants now. */
static void broker_watch(struct broker *broker)
{
    int fd = mosquitto_socket(broker->mosquitto), r = 0;
    uint32_t events = EPOLLIN | (mosquitto_want_write(broker->mosquitto) ? EPOLLOUT : 0);

    if (fd < 0) {
        broker_fail(broker, result_text(MOSQ_ERR_CONN_LOST));
        return;
    }
    if (broker->fd != fd) {
        broker->io = sd_event_source_disable_unref(broker->io);
        r = sd_event_add_io(broker->event, &broker->io, fd, events, on_io, broker);
        broker->fd = fd;
    } else
        r = sd_event_source_set_io_events(broker->io, events);
    if (r < 0)
        broker_fail(broker, strerror(-r));
}

/* Always the end of an event handler: the owner may free the broker in it. */
static int broker_step(struct broker *broker)
{
    if (!broker->over && broker->answered && !broker->connected) {
        broker->connected = true;
        broker->deadline = sd_event_source_disable_unref(broker->deadline);
        broker->calls->connected(broker->owner);
    }
    if (!broker->over && broker->mosquitto)
        broker_watch(broker);
    if (!broker->over)
        return 0;
    broker->io = sd_event_source_disable_unref(broker->io); /* before the library closes it */
    (void)sd_event_source_set_enabled(broker->misc, SD_EVENT_OFF);
    broker->connected = false;
    broker->calls->lost(broker->owner, broker->why);
    return 0;
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct broker *broker = userdata;
    socklen_t size = sizeof(int);
    int error = 0;

    (void)source;
    if ((revents & EPOLLERR) && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
        error != 0)
        broker_fail(broker, strerror(error));
    if (!broker->over)
        broker_check(broker, mosquitto_loop_read(broker->mosquitto, 1));
    if (!broker->over && mosquitto_want_write(broker->mosquitto))
        broker_check(broker, mosquitto_loop_write(broker->mosquitto, 1));
    return broker_step(broker);
}

static int on_misc(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct broker *broker = userdata;

    (void)usec;
    (void)sd_event_source_set_time_relative(source, MISC_EACH);
    if (!broker->over && broker->mosquitto)
        broker_check(broker, mosquitto_loop_misc(broker->mosquitto));
    return broker_step(broker);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct broker *broker = userdata;

    (void)source;
    (void)usec;
    broker_fail(broker, "no answer within 10 s");
    return broker_step(broker);
}

/* --- finding the broker, in a thread -----------------------------------------------------------
 */

static void dial_destroy(void *argument)
{
    struct dial *dial = argument;

    mosquitto_destroy(dial->mosquitto);
    free(dial);
}

/* Writes address number `attempt` of the configured name as digits. */
static int address_choose(struct dial *dial, char *ret, socklen_t size)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *first, *chosen;
    int r;

    r = getaddrinfo(dial->config->mqtt.host, NULL, &hints, &first);
    if (r != 0) {
        (void)snprintf(dial->why, sizeof(dial->why), "%s",
                       r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
        return -EHOSTUNREACH;
    }
    dial->n_addresses = 0;
    for (chosen = first; chosen; chosen = chosen->ai_next)
        dial->n_addresses++;
    chosen = first;
    for (unsigned skip = dial->attempt % dial->n_addresses; skip > 0; skip--)
        chosen = chosen->ai_next;
    (void)getnameinfo(chosen->ai_addr, chosen->ai_addrlen, ret, size, NULL, 0, NI_NUMERICHOST);
    freeaddrinfo(first);
    return 0;
}

/*
 * With TLS the library must know the broker's name, to check its certificate (RFC 9525, 6): it then
 * looks up the name itself. A UNIX socket has no name to look up.
 */
static void dial_run(void *argument)
{
    struct dial *dial = argument;
    bool by_name = dial->config->mqtt.tls || dial->config->mqtt.port == 0;
    char address[NI_MAXHOST] = "";
    int result;

    if (!by_name && address_choose(dial, address, sizeof(address)) < 0)
        return;
    result = mosquitto_connect_async(dial->mosquitto, by_name ? dial->config->mqtt.host : address,
                                     (int)dial->config->mqtt.port, BROKER_KEEPALIVE);
    if (result != MOSQ_ERR_SUCCESS)
        (void)snprintf(dial->why, sizeof(dial->why), "%s",
                       result == MOSQ_ERR_EAI ? "its name is unknown" : result_text(result));
}

static void dial_done(void *owner)
{
    struct broker *broker = owner;
    struct dial *dial = TAKE_PTR(broker->dial);
    int r;

    broker->mosquitto = TAKE_PTR(dial->mosquitto);
    broker->n_addresses = dial->n_addresses;
    if (dial->why[0])
        broker_fail(broker, dial->why);
    broker->errand = errand_free(broker->errand); /* and `dial` with it */
    r = sd_event_add_time_relative(broker->event, &broker->deadline, CLOCK_MONOTONIC,
                                   BROKER_ANSWER_MOST, 0, on_deadline, broker);
    if (r < 0)
        broker_fail(broker, strerror(-r));
    (void)broker_step(broker);
}

static int broker_dial(struct broker *broker, unsigned attempt)
{
    static const struct errand_work work = {dial_run, dial_done, dial_destroy};
    struct dial *dial = calloc(1, sizeof(*dial));

    if (!dial)
        return -ENOMEM;
    *dial = (struct dial){.mosquitto = TAKE_PTR(broker->mosquitto),
                          .config = broker->account->config,
                          .attempt = attempt,
                          .n_addresses = 1};
    broker->dial = dial;
    return errand_new(broker->event, &work, dial, broker, &broker->errand);
}

/* --- what others call --------------------------------------------------------------------------
 */

/* Never asks at a terminal for the password of a key file: there is nobody. */
static int key_password(char *ret, int size, int for_writing, void *userdata)
{
    (void)ret;
    (void)size;
    (void)for_writing;
    (void)userdata;
    return 0;
}

static const char *text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static int tls_set(struct mosquitto *mosquitto, const struct config *config)
{
    return mosquitto_tls_set(
        mosquitto, text_or_null(config->mqtt.ca_file), config->mqtt.ca_file[0] ? NULL : CA_PATH,
        text_or_null(config->mqtt.cert_file), text_or_null(config->mqtt.key_file), key_password);
}

/* Tells the library all that doesn't change with the address. Returns its result. */
static int library_set_up(struct mosquitto *mosquitto, const struct account *account)
{
    const struct config *config = account->config;
    int r;

    mosquitto_connect_callback_set(mosquitto, on_connect);
    mosquitto_publish_callback_set(mosquitto, on_publish);
    r = mosquitto_will_set(mosquitto, account->will_topic, (int)strlen(account->will),
                           account->will, QOS, true);
    if (r == MOSQ_ERR_SUCCESS && config->mqtt.username[0])
        r = mosquitto_username_pw_set(mosquitto, config->mqtt.username,
                                      text_or_null(account->password));
    if (r == MOSQ_ERR_SUCCESS && config->mqtt.tls)
        r = tls_set(mosquitto, config);
    return r;
}

int broker_new(sd_event *event, const struct account *account, unsigned attempt,
               const struct broker_calls *calls, void *owner, struct broker **ret)
{
    CLEANUP(cleanup_broker) struct broker *broker = calloc(1, sizeof(*broker));
    int r, result;

    if (!broker)
        return -ENOMEM;
    *broker = (struct broker){
        .account = account, .calls = calls, .owner = owner, .event = sd_event_ref(event), .fd = -1};
    broker->mosquitto = mosquitto_new(account->client_id, true, broker);
    if (!broker->mosquitto)
        return -ENOMEM;
    r = sd_event_add_time_relative(event, &broker->misc, CLOCK_MONOTONIC, MISC_EACH, 0, on_misc,
                                   broker);
    if (r >= 0)
        r = sd_event_source_set_enabled(broker->misc, SD_EVENT_ON);
    if (r < 0)
        return r;
    result = library_set_up(broker->mosquitto, account);
    if (result == MOSQ_ERR_INVAL)
        broker_fail(broker, "ca_file, cert_file and key_file cannot be used together or be read");
    broker_check(broker, result);
    r = broker->over ? 0 : broker_dial(broker, attempt);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(broker);
    return 0;
}

struct broker *broker_free(struct broker *broker)
{
    if (!broker)
        return NULL;
    broker->io = sd_event_source_disable_unref(broker->io); /* before the library closes it */
    broker->misc = sd_event_source_disable_unref(broker->misc);
    broker->deadline = sd_event_source_disable_unref(broker->deadline);
    broker->errand = errand_free(broker->errand);
    mosquitto_destroy(broker->mosquitto);
    broker->event = sd_event_unref(broker->event);
    free(broker);
    return NULL;
}

unsigned broker_addresses(const struct broker *broker)
{
    return broker->n_addresses;
}

bool broker_connected(const struct broker *broker)
{
    return broker->connected && !broker->over;
}

int broker_publish(struct broker *broker, const char *topic, const char *payload, size_t n,
                   enum delivery delivery)
{
    int id = 0, qos = delivery == DELIVERY_FLEETING ? 0 : QOS;

    if (!broker_connected(broker))
        return -ENOTCONN;
    broker_check(broker, mosquitto_publish(broker->mosquitto, &id, topic, (int)n, payload, qos,
                                           delivery == DELIVERY_KEPT));
    if (!broker->over)
        broker_watch(broker);
    return broker->over ? -ENOTCONN : id;
}

void broker_disconnect(struct broker *broker)
{
    if (broker_connected(broker))
        (void)mosquitto_disconnect(broker->mosquitto);
}
