/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Is the clock synchronised? adjtimex(2) would say, but a sandbox that keeps a program from setting
 * the clock keeps it from asking too. org.freedesktop.timedate1(5) passes the kernel's answer on
 * (property NTPSynchronized), whichever program keeps the time.
 */

#include "control/objects.h"

#define ASK_EACH          (10 * USEC_PER_SEC) /* until it is */
#define ASK_AGAIN_EACH    (10 * USEC_PER_MINUTE)
#define TIMEDATE_NAME     "org.freedesktop.timedate1"
#define TIMEDATE_PATH     "/org/freedesktop/timedate1"
#define TIMEDATE_PROPERTY "NTPSynchronized"

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    int synchronised = 0;

    (void)error;
    if (sd_bus_message_is_method_error(message, NULL) ||
        sd_bus_message_read(message, "v", "b", &synchronised) < 0)
        synchronised = 0;
    control->clock.synchronised = synchronised;
    if (synchronised)
        control->clock.ask_next = time_monotonic() + ASK_AGAIN_EACH;
    return 0;
}

bool control_synchronised(struct control *control)
{
    usec_t now = time_monotonic();

    if (now < control->clock.ask_next || !control->bus || sd_bus_is_ready(control->bus) <= 0)
        return control->clock.synchronised;
    control->clock.ask_next = now + ASK_EACH;
    (void)sd_bus_call_method_async(control->bus, NULL, TIMEDATE_NAME, TIMEDATE_PATH,
                                   "org.freedesktop.DBus.Properties", "Get", on_answer, control,
                                   "ss", TIMEDATE_NAME, TIMEDATE_PROPERTY);
    return control->clock.synchronised;
}
