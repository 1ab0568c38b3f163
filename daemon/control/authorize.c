/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/authorize.h"

#include "util/told.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>

#define POLKIT_NAME        "org.freedesktop.PolicyKit1"
#define POLKIT_INTERACTIVE 1                     /* CheckAuthorizationFlags.AllowUserInteraction */
#define POLKIT_PATIENCE    (2 * USEC_PER_MINUTE) /* for somebody to type a password */
#define NOBODY             UINT32_MAX

static const struct {
    size_t most;
    const char *full;
} stages[CALL_STAGE_COUNT] = {
    [CALL_AT_BUS] = {CONTROL_CALLS_MOST, TOLD("too many calls at once: try again")},
    [CALL_AT_POLKIT] = {CONTROL_ASKING_MOST,
                        TOLD("too many people are being asked for a password just now: try again")},
    [CALL_AT_JOURNAL] = {CONTROL_LOGS_MOST, TOLD("too many wait for the log just now: try again")},
    [CALL_AT_READER] = {CONTROL_BADGES_MOST, TOLD("too many wait for a badge just now: try again")},
};

static struct call *call_free(struct call *call)
{
    struct call **at = &call->control->waiting;

    while (*at && *at != call)
        at = &(*at)->next;
    if (*at)
        *at = call->next;
    (void)sd_bus_slot_unref(call->question);
    (void)sd_bus_slot_unref(call->watch);
    (void)sd_bus_message_unref(call->message);
    free(call);
    return NULL;
}

/* Forgets a call that nobody waits for any more. */
static void call_drop(struct call *call)
{
    if (call->gone)
        call->gone(call);
    (void)call_free(call);
}

void calls_drop(struct control *control)
{
    while (control->waiting)
        call_drop(control->waiting);
}

struct call *call_find(struct control *control, enum call_stage stage, uint64_t tag)
{
    struct call *call = control->waiting;

    while (call && (call->stage != stage || call->tag != tag))
        call = call->next;
    return call;
}

void call_refuse(struct call *call, const char *error_name, const char *format, ...)
{
    CLEANUP(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
    va_list args;

    va_start(args, format);
    (void)sd_bus_error_setfv(&error, error_name, format, args);
    va_end(args);
    (void)sd_bus_reply_method_error(call->message, &error);
    (void)call_free(call);
}

void call_done(struct call *call, sd_bus_message *reply)
{
    (void)sd_bus_send(NULL, reply, NULL);
    (void)call_free(call);
}

static bool stage_full(const struct control *control, enum call_stage stage)
{
    size_t n = 0;

    for (const struct call *call = control->waiting; call; call = call->next)
        n += call->stage == stage;
    return n >= stages[stage].most;
}

bool call_enter(struct call *call, enum call_stage stage)
{
    if (stage_full(call->control, stage)) {
        call_refuse(call, SD_BUS_ERROR_LIMITS_EXCEEDED, "%s", stages[stage].full);
        return false;
    }
    call->stage = stage;
    return true;
}

/* --- who is it? ------------------------------------------------------------------------------- */

/*
 * /etc/passwd and /etc/group are read as files: getpwuid(3) may ask a directory server and wait for
 * it. A person from such a directory appears by number.
 */
static void user_name(uint32_t uid, char ret[static ACTOR_SIZE])
{
    CLEANUP(cleanup_file) FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *user;

    (void)snprintf(ret, ACTOR_SIZE, "uid %u", uid);
    while (file && (user = fgetpwent(file)))
        if (user->pw_uid == uid) {
            (void)snprintf(ret, ACTOR_SIZE, "%s", user->pw_name);
            return;
        }
}

/* The number of CONTROL_GROUP, NOBODY if there is no such group. */
static uint32_t admin_group(void)
{
    CLEANUP(cleanup_file) FILE *file = fopen("/etc/group", "re");
    const struct group *group;

    while (file && (group = fgetgrent(file)))
        if (streq(group->gr_name, CONTROL_GROUP))
            return group->gr_gid;
    return NOBODY;
}

struct sender {
    uint32_t uid;
    bool in_group;
};

/* Reads the value of one key of GetConnectionCredentials' answer; others are skipped. */
static int credential_read(sd_bus_message *message, const char *key, struct sender *sender)
{
    uint32_t admins;
    const void *gids;
    size_t size;
    int r;

    if (streq(key, "UnixUserID"))
        return sd_bus_message_read(message, "v", "u", &sender->uid);
    if (!streq(key, "UnixGroupIDs"))
        return sd_bus_message_skip(message, "v");
    r = sd_bus_message_enter_container(message, 'v', "au");
    if (r < 0)
        return r;
    r = sd_bus_message_read_array(message, 'u', &gids, &size);
    if (r < 0)
        return r;
    admins = admin_group();
    for (size_t i = 0; i < size / sizeof(uint32_t) && admins != NOBODY; i++)
        sender->in_group |= ((const uint32_t *)gids)[i] == admins;
    return sd_bus_message_exit_container(message);
}

static int sender_read(sd_bus_message *message, struct sender *ret)
{
    const char *key;
    int r;

    *ret = (struct sender){.uid = NOBODY};
    r = sd_bus_message_enter_container(message, 'a', "{sv}");
    while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
        r = sd_bus_message_read(message, "s", &key);
        if (r >= 0)
            r = credential_read(message, key, ret);
        if (r >= 0)
            r = sd_bus_message_exit_container(message);
    }
    if (r < 0)
        return r;
    return ret->uid == NOBODY ? -ENODATA : 0;
}

/* --- polkit ----------------------------------------------------------------------------------- */

static int on_polkit(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    const sd_bus_error *error = sd_bus_message_get_error(message);
    struct call *call = userdata;
    int authorized = 0, challenge = 0;

    (void)ret_error;
    if (error) {
        if (sd_bus_error_has_names(error, SD_BUS_ERROR_SERVICE_UNKNOWN,
                                   SD_BUS_ERROR_NAME_HAS_NO_OWNER))
            call_refuse(call, SD_BUS_ERROR_ACCESS_DENIED,
                        "not allowed: become a member of group %s or use sudo (polkit, which could "
                        "decide otherwise, isn't running)",
                        CONTROL_GROUP);
        else
            call_refuse(call, SD_BUS_ERROR_ACCESS_DENIED, "not allowed: polkit doesn't decide: %s",
                        error->message ? error->message : error->name);
        return 0;
    }
    if (sd_bus_message_enter_container(message, 'r', "bba{ss}") < 0 ||
        sd_bus_message_read(message, "bb", &authorized, &challenge) < 0 || !authorized) {
        call_refuse(call,
                    challenge ? SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED
                              : SD_BUS_ERROR_ACCESS_DENIED,
                    "not allowed: become a member of group %s or use sudo", CONTROL_GROUP);
        return 0;
    }
    call->permitted(call);
    return 0;
}

static void polkit_ask(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *question = NULL;
    bool interactive = sd_bus_message_get_allow_interactive_authorization(call->message) > 0;
    int r;

    if (!call_enter(call, CALL_AT_POLKIT))
        return;
    call->question = sd_bus_slot_unref(call->question);
    r = sd_bus_message_new_method_call(call->control->bus, &question, POLKIT_NAME,
                                       "/org/freedesktop/PolicyKit1/Authority",
                                       POLKIT_NAME ".Authority", "CheckAuthorization");
    if (r >= 0)
        r = sd_bus_message_append(question, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
                                  sd_bus_message_get_sender(call->message), call->action, 0,
                                  interactive ? POLKIT_INTERACTIVE : 0, "");
    if (r >= 0)
        r = sd_bus_call_async(call->control->bus, &call->question, question, on_polkit, call,
                              POLKIT_PATIENCE);
    if (r < 0)
        call_refuse(call, SD_BUS_ERROR_FAILED, "polkit can't be asked: %s", strerror(-r));
}

/* --- the way through -------------------------------------------------------------------------- */

static int on_credentials(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
    struct call *call = userdata;
    struct sender sender;

    (void)ret_error;
    if (sd_bus_message_is_method_error(message, NULL) || sender_read(message, &sender) < 0) {
        call_refuse(call, SD_BUS_ERROR_ACCESS_DENIED, "not allowed: D-Bus can't say who you are");
        return 0;
    }
    user_name(sender.uid, call->actor);
    if (sender.uid == 0 || sender.uid == getuid() || sender.in_group)
        call->permitted(call);
    else
        polkit_ask(call);
    return 0;
}

static int on_sender_gone(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    (void)message;
    (void)error;
    call_drop(userdata);
    return 0;
}

static int on_watching(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct call *call = userdata;

    (void)error;
    if (!sd_bus_message_is_method_error(message, NULL))
        return 0;
    if (call->gone)
        call->gone(call);
    call_refuse(call, SD_BUS_ERROR_FAILED, "D-Bus can't tell when who called goes away");
    return 0;
}

/* Asked for before the sender's credentials: whoever has gone by then has none. */
static int sender_watch(struct call *call)
{
    CLEANUP(cleanup_free) char *match = NULL;

    if (asprintf(&match,
                 "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                 "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
                 sd_bus_message_get_sender(call->message)) < 0)
        return -ENOMEM;
    return sd_bus_add_match_async(call->control->bus, &call->watch, match, on_sender_gone,
                                  on_watching, call);
}

int call_authorize(struct control *control, sd_bus_message *message, const char *action,
                   call_permitted_t permitted, sd_bus_error *error)
{
    return call_authorize_waiting(control, message, action, permitted, NULL, error);
}

int call_authorize_waiting(struct control *control, sd_bus_message *message, const char *action,
                           call_permitted_t permitted, call_gone_t gone, sd_bus_error *error)
{
    struct call *call;
    int r;

    if (stage_full(control, CALL_AT_BUS))
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, stages[CALL_AT_BUS].full);
    call = calloc(1, sizeof(*call));
    if (!call)
        return -ENOMEM;
    *call = (struct call){
        .control = control,
        .next = control->waiting,
        .message = sd_bus_message_ref(message),
        .action = action,
        .permitted = permitted,
        .gone = gone,
    };
    control->waiting = call;
    r = gone ? sender_watch(call) : 0;
    if (r >= 0)
        r = sd_bus_call_method_async(control->bus, &call->question, "org.freedesktop.DBus",
                                     "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                     "GetConnectionCredentials", on_credentials, call, "s",
                                     sd_bus_message_get_sender(message));
    if (r < 0) {
        (void)call_free(call);
        return r;
    }
    return 1;
}
