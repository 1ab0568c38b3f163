/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader/reader.h"

#include "reader/collapse.h"
#include "util/log.h"

#include <poll.h>
#include <stdarg.h>
#include <systemd/sd-daemon.h>

int reader_init(struct reader *reader, const struct config_reader *config, const char *runtime_dir)
{
    int r;

    *reader = (struct reader){.config = config};
    port_init(&reader->port, config->device);
    r = link_init(&reader->link, config->name, runtime_dir);
    if (r < 0)
        return r;
    return device_new(config->device, &reader->device);
}

void reader_done(struct reader *reader)
{
    reader->device = device_free(reader->device);
    port_release(&reader->port);
    link_done(&reader->link);
}

/* Says a state and its reason, to cantined and to the log, if it isn't what was said last. */
static PRINTF(3, 4) void reader_tell(struct reader *reader, enum reader_state state,
                                     const char *format, ...)
{
    const char *fields[] = {"CANTINE_READER", reader->config->name, NULL};
    bool ready = state == READER_READY;
    char tried[READER_TRIED_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(tried, sizeof(tried), format, args);
    va_end(args);
    if (reader->link.state.state == state && streq(reader->link.state.tried, tried))
        return;
    link_state(&reader->link, state, tried);
    (void)log_fields(ready ? LOG_NOTICE : LOG_WARNING,
                     ready ? LOG_ID_READER_READY : LOG_ID_READER_LOST, fields, "reader %s: %s: %s",
                     reader->config->name, reader_state_word(state), tried);
}

/* --- while the device is closed ----------------------------------------------------------- */

static void reader_tell_missing(struct reader *reader)
{
    reader->failures = 0;
    reader->retry_delay = 0;
    reader_tell(reader, READER_ABSENT, "%s is not there: plug the reader in", reader->port.path);
}

/*
 * A node without a working reader behind it is faulty, but not at once: it may just have been
 * plugged in, or a reader that has just ended may still hold it. Until then nothing is said.
 */
static bool reader_is_unusable(const struct reader *reader)
{
    return !reader->port.path[0] || reader->failures >= READER_TRIES;
}

static void reader_tell_silent(struct reader *reader)
{
    if (reader_is_unusable(reader))
        reader_tell(reader, reader->port.path[0] ? READER_FAULTY : READER_ABSENT,
                    "no reader answers on %s: check its power, wiring and interface switches",
                    reader->config->device);
}

static void reader_tell_unclaimed(struct reader *reader, int error)
{
    const char *path = reader->port.path;

    if (error == -ENOENT) {
        reader_tell_missing(reader);
        return;
    }
    reader->failures++;
    if (!reader_is_unusable(reader))
        return;
    if (error == -EBUSY)
        reader_tell(reader, READER_FAULTY, "%s is in use by another program", path);
    else if (error == -EACCES)
        reader_tell(reader, READER_FAULTY, "no permission to open %s: check its udev rule", path);
    else
        reader_tell(reader, READER_FAULTY, "cannot open %s: %s", path, strerror(-error));
}

static void reader_retry_later(struct reader *reader)
{
    reader->retry_delay = reader->retry_delay == 0
                              ? READER_RETRY_FIRST
                              : MIN_OF(2 * reader->retry_delay, READER_RETRY_MOST);
    reader->retry_at = time_monotonic() + reader->retry_delay;
}

static void reader_open(struct reader *reader)
{
    int r;

    r = port_claim(&reader->port);
    if (r < 0) {
        reader_tell_unclaimed(reader, r);
        reader_retry_later(reader);
        return;
    }
    r = device_open(reader->device);
    if (r < 0) {
        port_release(&reader->port);
        reader->failures++;
        reader_tell_silent(reader);
        reader_retry_later(reader);
        return;
    }
    lying_reopen(&reader->lying);
    reader->air = AIR_B;
    reader->type_b_at = 0;
    reader->type_b_lies = false;
    reader->type_a_polled = false;
}

/* A look at the node is cheap; a failing libnfc costs up to 1.4 s, in which nobody is heard. */
static void reader_look(struct reader *reader, usec_t now)
{
    enum port_sight sight = port_look(&reader->port);

    reader->look_at = now + READER_LOOK_EACH;
    reader->has_progressed = true;
    if (sight == PORT_MISSING)
        reader_tell_missing(reader);
    else if (sight == PORT_NEW || now >= reader->retry_at)
        reader_open(reader);
}

/* --- while it is open --------------------------------------------------------------------- */

static void reader_close(struct reader *reader)
{
    device_close(reader->device);
    port_release(&reader->port);
    reader->activated = false;
    reader->doubtful = false;
    reader_retry_later(reader);
    reader->look_at = reader->retry_at;
}

/* One failure may be noise on the line, so that only several in a row close the device. */
static void reader_failed(struct reader *reader)
{
    if (!port_is_alive(&reader->port)) {
        reader_tell_missing(reader);
        reader_close(reader);
    } else if (++reader->failures >= READER_FAILURES) {
        reader_tell_silent(reader);
        reader_close(reader);
    } else {
        reader->activated = false;
        reader->doubtful = true;
        reader->settle_at = time_monotonic() + (READER_QUIET << (2 * (reader->failures - 1)));
    }
}

/*
 * What is left of a failed exchange may still be on its way, and must not be taken for the next
 * poll's answer. A command of another kind is answered after it, and so fails or proves that the
 * line is clear. Failures go on counting: only a poll shows that all is well.
 */
static void reader_settle(struct reader *reader)
{
    if (device_field_renew(reader->device) < 0)
        reader_failed(reader);
    else
        reader->doubtful = false;
}

static void reader_polled(struct reader *reader, int result)
{
    if (result < 0) {
        reader_failed(reader);
        return;
    }
    reader->polls++;
    reader->has_progressed = true;
    reader->failures = 0;
    reader->retry_delay = 0;
    if (reader->type_a_polled && lying_is_settled(&reader->lying))
        reader_tell(reader, READER_READY, "%s", device_name(reader->device));
}

static void reader_found(struct reader *reader, enum air air, struct reader_card *card)
{
    reader->type_b_lies |= air == AIR_B;
    reader->air = air;
    if (lying_found(&reader->lying, &card->uid, card->read_at)) {
        card->presentation = ++reader->presentations;
        link_card(&reader->link, card);
    }
    reader->activated = true;
    reader->in_use = card->uid;
    reader->check_at = card->read_at + READER_CHECK_EACH;
    reader->look_around_at = card->read_at + READER_LOOK_AROUND;
}

/* The type to poll now. Where one of type B may lie, the types take turns, beginning with that of
 * the last badge found: whether it is still there is asked first. Never B twice, however slow the
 * device is. */
static enum air reader_turn(struct reader *reader, usec_t now)
{
    enum air air = reader->air;

    if (!reader->type_b_lies && now < reader->type_b_at)
        air = AIR_A;
    reader->air = air == AIR_A ? AIR_B : AIR_A;
    if (air == AIR_B)
        reader->type_b_at = now + READER_TYPE_B_EACH;
    return air;
}

/* Nobody of a type answered. Only where everybody who lies here could have, has nobody. */
static void reader_nobody(struct reader *reader, enum air air)
{
    if (reader->type_b_lies ? air == AIR_B : air == AIR_A)
        lying_nobody(&reader->lying);
    reader->type_b_lies &= reader->lying.n > 0;
}

static void reader_poll(struct reader *reader, usec_t now)
{
    enum air air = reader_turn(reader, now);
    struct reader_card card;
    int r;

    r = device_poll(reader->device, air, &card);
    reader->type_a_polled |= air == AIR_A && r >= 0;
    if (r > 0)
        reader_found(reader, air, &card);
    else if (r == 0)
        reader_nobody(reader, air);
    reader_polled(reader, r);
}

/*
 * A badge forgotten on the reader must not keep others out: it is silenced, and so is whoever
 * answers then, until nobody does. The field is renewed after that and the next poll finds one of
 * them again.
 */
static void reader_look_around(struct reader *reader)
{
    usec_t enough = time_monotonic() + READER_LOOK_MOST;
    enum air air = AIR_A;
    struct reader_card card;
    size_t i;
    int r = 1;

    for (i = 0; i < LYING_MOST && r > 0 && time_monotonic() < enough; i++) {
        r = device_badge_halt(reader->device);
        if (r >= 0 && air == AIR_A)
            r = device_poll(reader->device, AIR_A, &card);
        reader->type_a_polled |= r >= 0;
        if (r == 0) {
            air = AIR_B;
            r = device_poll(reader->device, AIR_B, &card);
        }
        if (r > 0)
            reader_found(reader, air, &card);
    }
    if (r == 0 || i == LYING_MOST)
        lying_round(&reader->lying);
    if (r >= 0)
        r = device_field_renew(reader->device);
    reader->activated = false;
    reader_polled(reader, r);
}

/* Whatever the badge says but "here": the next poll tells whether it is gone. */
static void reader_check_badge(struct reader *reader, usec_t now)
{
    int r;

    if (now >= reader->look_around_at) {
        reader_look_around(reader);
        return;
    }
    reader->check_at = now + READER_CHECK_EACH;
    r = device_badge_stays(reader->device);
    reader->activated = r > 0;
    if (r >= 0)
        lying_asked(&reader->lying, &reader->in_use, reader->activated);
    reader_polled(reader, r);
}

/* --- the loop ----------------------------------------------------------------------------- */

/* At most one thing with the device, so that the link is served in between. */
static void reader_advance(struct reader *reader, usec_t now)
{
    if (!device_is_open(reader->device)) {
        if (now >= reader->look_at)
            reader_look(reader, now);
    } else if (reader->doubtful) {
        if (now >= reader->settle_at)
            reader_settle(reader);
    } else if (!reader->activated) {
        reader_poll(reader, now);
    } else if (now >= reader->check_at) {
        reader_check_badge(reader, now);
    }
}

static void reader_notify_status(struct reader *reader)
{
    char status[READER_STATUS_SIZE];

    (void)snprintf(status, sizeof(status), "STATUS=Reader %s is %s: %s%s.", reader->config->name,
                   reader_state_word((enum reader_state)reader->link.state.state),
                   reader->link.state.tried,
                   reader->link.fd < 0 ? "; cantined is out of reach" : "");
    if (streq(status, reader->status))
        return;
    (void)stpcpy(reader->status, status);
    (void)sd_notify(false, status);
}

/* The watchdog hears only of what the device did or was tried: a reader that is stuck is silent. */
static void reader_beat(struct reader *reader, usec_t now)
{
    if (now < reader->beat_at)
        return;
    reader->beat_at = now + READER_HEARTBEAT_EACH;
    collapse_breathe();
    if (now - reader->begun_at >= COLLAPSE_YOUNG)
        collapse_hurry();
    link_heartbeat(&reader->link, reader->polls);
    reader_notify_status(reader);
    if (reader->has_progressed && sd_watchdog_enabled(false, NULL) > 0)
        (void)sd_notify(false, "WATCHDOG=1");
    reader->has_progressed = false;
}

/* When the device is next due: 0 = at once. */
static usec_t reader_next(const struct reader *reader)
{
    if (!device_is_open(reader->device))
        return reader->look_at;
    if (reader->doubtful)
        return reader->settle_at;
    return reader->activated ? reader->check_at : 0;
}

/* Waits until something is due or cantined speaks; false once a signal asks for the end. */
static bool reader_wait(const struct reader *reader, int signals)
{
    struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
                           {.fd = reader->link.fd, .events = POLLIN}};
    usec_t due = MIN_OF(MIN_OF(reader_next(reader), link_next(&reader->link)), reader->beat_at);
    usec_t now = time_monotonic(), wait = due > now ? due - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(wait / USEC_PER_SEC),
                               .tv_nsec = (long)(wait % USEC_PER_SEC * 1000)};

    return ppoll(fds, ELEMENTSOF(fds), &timeout, NULL) <= 0 || !fds[0].revents;
}

void reader_run(struct reader *reader, int signals)
{
    reader->begun_at = time_monotonic();
    collapse_watch();
    link_advance(&reader->link, reader->begun_at);
    (void)sd_notify(false, "READY=1");
    while (reader_wait(reader, signals)) {
        usec_t now = time_monotonic();

        link_advance(&reader->link, now);
        reader_beat(reader, now);
        reader_advance(reader, now);
    }
    (void)sd_notify(false, "STOPPING=1");
}
