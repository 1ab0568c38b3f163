/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * What a PN532 does on the air and how long it takes: finding badges, exchanging with them. Each
 * function starts a job of the chip, or carries it on.
 */
#include <stddef.h>
#include <stdint.h>

#include "virtual/chip.h"

/* InListPassiveTarget for type A. `uid` with length 0 means any badge. */
void chip_air_list(struct chip *chip, size_t targets, const uint8_t *uid, size_t uid_length,
                   uint64_t at);

/* InListPassiveTarget for type B at 106 kbit/s, any application family. */
void chip_air_list_b(struct chip *chip, size_t targets, uint64_t at);

/* InListPassiveTarget for a modulation that no badge here speaks. */
void chip_air_list_nobody(struct chip *chip, uint64_t at);

/* InAutoPoll; `polls` FF is endless. */
void chip_air_autopoll(struct chip *chip, uint8_t polls, uint8_t period, const uint8_t *types,
                       size_t types_count, uint64_t at);

/* InDataExchange (`framed`) and InCommunicateThru with the badge at a place (negative: nobody). */
void chip_air_exchange(struct chip *chip, uint8_t command, int place, bool framed,
                       const uint8_t *data, size_t length, uint64_t at);

/* Forgets the activated targets without a word to them. */
void chip_forget_targets(struct chip *chip);

/* Carries the job on up to `now`. */
void chip_air_advance(struct chip *chip, uint64_t now);

/* When the job's next step is due, seen from the field as it is. */
uint64_t chip_air_deadline(const struct chip *chip);
