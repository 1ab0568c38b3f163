/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether the wall clock can be believed: asked at each decision, said when it changes. */

#include "core/clock.h"
#include "cantined/application.h"
#include "util/log.h"

#include <sys/timex.h>

/* What the kernel says; systemd's own word for it where a sandbox (ProtectClock=) forbids asking.
 */
static bool kernel_synchronised(struct application *application)
{
    struct timex timex = {0};

    if (adjtimex(&timex) >= 0)
        return !(timex.status & STA_UNSYNC);
    return control_synchronised(application->control);
}

bool clock_check(struct application *application, usec_t wall)
{
    struct clock_look look = {
        .needs_sync = application->config->site.clock_needs_sync,
        .wall = wall,
        .newest = application->newest_at,
        .built = CANTINE_BUILT * USEC_PER_SEC,
    };
    bool untrusted = !clock_trusted(&look);

    if (untrusted) { /* worth asking only then */
        look.synchronised = kernel_synchronised(application);
        untrusted = !clock_trusted(&look);
    }
    if (untrusted == application->clock_untrusted)
        return untrusted;
    application->clock_untrusted = untrusted;
    if (untrusted)
        log_line(LOG_WARNING, LOG_ID_CLOCK_UNTRUSTED,
                 "the clock cannot be trusted: rules about days and hours refuse; set it with "
                 "timedatectl, or bring the network back");
    else
        log_line(LOG_NOTICE, LOG_ID_CLOCK_TRUSTED, "the clock can be trusted again");
    application_record_system(application, "", untrusted ? "clock_untrusted" : "clock_trusted");
    control_clock_changed(application->control);
    announce_status(application);
    return untrusted;
}
