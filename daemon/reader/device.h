/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One NFC reader through libnfc: the only user of <nfc/nfc.h>. Every call is bounded: libnfc waits
 * at most 0.35 s for each answer of the chip, so that opening a silent one takes 1.4 s and anything
 * else about a second, unless its bytes drip in one by one (reader/collapse.h). Calls that libnfc
 * doesn't bound or can lose (poll_target, abort_command, endless selection, listing devices) are
 * never made. libnfc may end the process by abort(): whoever started it starts it again.
 *
 * libnfc's codes are translated here: -ETIMEDOUT the chip is silent, -ENODEV it cannot be opened,
 * -EIO the line is broken or what came over it made no sense.
 */

#include "wire/reader_message.h"

struct device;

/* The two ways of speaking on the air: ISO/IEC 14443 type A and type B. */
enum air { AIR_A, AIR_B };

/*
 * Makes a closed device for `connection`, a libnfc connection string that must outlive it. Cleans
 * the environment of LIBNFC_*, which would override the configuration. -ENOMEM if libnfc cannot
 * start.
 */
int device_new(const char *connection, struct device **ret);

/* Closes it first if it is open, which switches the radio field off. Takes NULL. */
struct device *device_free(struct device *device);

/* Opens the reader and makes it ready to poll; 0 or a negative errno. */
int device_open(struct device *device);

void device_close(struct device *device);

bool device_is_open(const struct device *device);

/* What the open reader calls itself, until device_close(). */
const char *device_name(struct device *device);

/*
 * Looks for a badge of a type once (three tries, about 16 ms when there is none). 1 if there is
 * one, which stays activated: number, ATQA, SAK, ATS and the moment go to `ret`, its presentation
 * is left at 0. 0 if nobody answered, or a negative errno.
 *
 * A badge of type B is told by its PUPI alone. That may be a random number of any bytes (ISO/IEC
 * 14443-3, 7.9.2), so that it is read twice, the field switched off in between: one that isn't the
 * same is told as type A writes random numbers, 4 bytes beginning 08.
 */
int device_poll(struct device *device, enum air air, struct reader_card *ret);

/* Asks the badge that device_poll() found: 1 if it is still there, 0 if not, or a negative errno.
 */
int device_badge_stays(struct device *device);

/*
 * Silences the badge that device_poll() found until it leaves or the field is renewed, so that
 * others can be found beside it (ISO/IEC 14443-3, 6.4: the HALT state). 0 or a negative errno.
 */
int device_badge_halt(struct device *device);

/* Switches the radio field off and on, which wakes halted badges. 0 or a negative errno. */
int device_field_renew(struct device *device);

static inline void cleanup_device(struct device **device)
{
    *device = device_free(*device);
}
