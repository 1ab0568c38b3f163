/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The floor of "tap to relay": the shortest libnfc loop that reads a badge's number, and nothing
 * else. `bare_reader DEVICE` writes CLOCK_MONOTONIC in µs at each number read, a line each, until
 * killed.
 */

#include "util/time.h"

#include <inttypes.h>
#include <nfc/nfc.h>

int main(int argc, char **argv)
{
    const nfc_modulation modulation = {.nmt = NMT_ISO14443A, .nbr = NBR_106};
    nfc_context *context = NULL;
    nfc_device *device;
    nfc_target target;

    if (argc != 2)
        return 2;
    nfc_init(&context);
    device = context ? nfc_open(context, argv[1]) : NULL;
    if (!device || nfc_initiator_init(device) < 0 ||
        nfc_device_set_property_bool(device, NP_INFINITE_SELECT, false) < 0)
        return 1;
    printf("ready\n");
    (void)fflush(stdout);
    for (;;) {
        if (nfc_initiator_select_passive_target(device, modulation, NULL, 0, &target) <= 0)
            continue;
        printf("%" PRIu64 "\n", time_monotonic());
        (void)fflush(stdout);
        while (nfc_initiator_target_is_present(device, NULL) == 0)
            (void)usleep(20000);
    }
}
