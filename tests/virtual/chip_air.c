/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Jobs on the air. A job is a series of steps in time; each step looks at the field as it is at
 * that moment, so that a badge put down between two tries waits for the next try, and a badge torn
 * away before a step is over is not seen.
 */
#include "virtual/chip_air.h"

#include <errno.h>
#include <string.h>

#include "virtual/chip_command.h"
#include "virtual/timing.h"

/* The commands that jobs answer. */
enum { IN_LIST_PASSIVE_TARGET = 0x4A, IN_AUTOPOLL = 0x60 };

/* CIU_TxMode, whose framing bits are 0 for type A. UM0701-02, 7.2.4; PN532 data sheet,
 * "CIU_TxMode". */
#define REGISTER_TX_MODE (0x6302 - CHIP_REGISTER_FIRST)
#define TX_MODE_FRAMING  0x03

/* Target types of InAutoPoll. UM0701-02, 7.3.13. */
enum { TYPE_GENERIC_A = 0x00, TYPE_MIFARE = 0x10, TYPE_ISO_DEP_A = 0x20 };

/* Time on the air of one frame of `length` bytes and its checksum. */
static uint64_t air_time(size_t length)
{
    return (length + AIR_CRC_BYTES) * AIR_BYTE_NS;
}

static bool chip_sends_rats(const struct chip *chip, const struct badge *badge)
{
    return badge_is_iso_dep(badge) && (chip->parameters & CHIP_PARAMETER_AUTO_RATS);
}

/* From REQA to the last SELECT, and for an ISO-DEP badge on to the end of its ATS. */
static uint64_t activation_time(const struct chip *chip, const struct badge *badge)
{
    enum { RATS_LENGTH = 2 };
    uint64_t time;

    if (badge_is_type_b(badge))
        return AIR_ACTIVATION_B_NS;
    switch (badge->uid_length) {
    case 4:
        time = AIR_ACTIVATION_4_NS;
        break;
    case 7:
        time = AIR_ACTIVATION_7_NS;
        break;
    default:
        time = AIR_ACTIVATION_10_NS;
        break;
    }
    if (chip_sends_rats(chip, badge))
        time += air_time(RATS_LENGTH) + AIR_DELAY_NS + air_time(1 + badge->ats_length);
    return time;
}

static uint64_t chip_timeout(const struct chip *chip)
{
    if (chip->timeout_code == 0)
        return 0;
    return AIR_TIMEOUT_UNIT_NS << (chip->timeout_code - 1);
}

void chip_forget_targets(struct chip *chip)
{
    for (size_t i = 0; i < CHIP_TARGETS_MAX; i++)
        chip->targets[i] = -ENOENT;
}

/* A new round of activation first lets go of the badges of the last one. */
static void chip_begin_round(struct chip *chip)
{
    for (size_t i = 0; i < CHIP_TARGETS_MAX; i++)
        if (chip->targets[i] >= 0)
            field_leave_active(chip->field, chip->targets[i], false);
    chip_forget_targets(chip);
    if (!chip->field->on)
        field_switch(chip->field, true);
}

void chip_air_list(struct chip *chip, size_t targets, const uint8_t *uid, size_t uid_length,
                   uint64_t at)
{
    chip_begin_round(chip);
    chip->job = (struct chip_job){
        .kind = CHIP_JOB_LIST,
        .command = IN_LIST_PASSIVE_TARGET,
        .next = at,
        .endless = chip->activation_retries == CHIP_RETRIES_ENDLESS,
        .tries_left = chip->activation_retries + 1U,
        .wanted_targets = targets,
        .wanted_uid_length = uid_length,
    };
    if (uid_length > 0)
        memcpy(chip->job.wanted_uid, uid, uid_length);
    chip_reply_byte(chip, 0); /* NbTg, counted up as badges are found */
}

void chip_air_list_b(struct chip *chip, size_t targets, uint64_t at)
{
    chip_air_list(chip, targets, NULL, 0, at);
    chip->job.type_b = true;
}

void chip_air_list_nobody(struct chip *chip, uint64_t at)
{
    chip_air_list(chip, 0, NULL, 0, at);
}

void chip_air_autopoll(struct chip *chip, uint8_t polls, uint8_t period, const uint8_t *types,
                       size_t types_count, uint64_t at)
{
    chip_begin_round(chip);
    chip->job = (struct chip_job){
        .kind = CHIP_JOB_AUTOPOLL,
        .command = IN_AUTOPOLL,
        .next = at,
        .endless = polls == CHIP_RETRIES_ENDLESS,
        .tries_left = polls * (unsigned)types_count,
        .wanted_targets = 1,
        .period = period * AUTOPOLL_PERIOD_NS,
        .types_count = types_count,
    };
    memcpy(chip->job.types, types, types_count);
    chip_reply_byte(chip, 0);
}

void chip_air_exchange(struct chip *chip, uint8_t command, int place, bool framed,
                       const uint8_t *data, size_t length, uint64_t at)
{
    uint8_t answer[BADGE_ANSWER_MAX];
    bool type_a = (chip->registers[REGISTER_TX_MODE] & TX_MODE_FRAMING) == 0;
    int n = -ETIMEDOUT;

    if (place >= 0 && field_is_active(chip->field, place) && type_a) {
        const struct badge *badge = &chip->field->badges[place].badge;

        n = framed ? badge_answer_command(badge, data, length, answer)
                   : badge_answer_frame(badge, data, length, answer);
        /* InDataExchange wraps an APDU into a block with one byte of protocol on each way. */
        if (framed && n >= 0 && badge_is_iso_dep(badge))
            at += 2 * AIR_BYTE_NS;
    }

    chip->job = (struct chip_job){
        .kind = CHIP_JOB_EXCHANGE,
        .command = command,
        .place = place,
        .since = at,
        .gives_up = at + air_time(length) + chip_timeout(chip),
        .silent = n == -ETIMEDOUT,
    };
    chip->job.next = chip->job.gives_up;
    if (n == -EACCES) {
        field_leave_active(chip->field, place, true);
        chip->job.next = at + air_time(length) + AIR_DELAY_NS;
        chip_reply_byte(chip, CHIP_AUTHENTICATION);
    } else if (n >= 0) {
        chip->job.next = at + air_time(length) + AIR_DELAY_NS + air_time((size_t)n);
        chip_reply_byte(chip, CHIP_OK);
        for (int i = 0; i < n; i++)
            chip_reply_byte(chip, answer[i]);
    }
}

static void job_end(struct chip *chip, uint64_t at)
{
    uint8_t command = chip->job.command;

    chip->job.kind = CHIP_JOB_NONE;
    chip_answer(chip, command, at);
}

/* Target data as InListPassiveTarget gives it: Tg, ATQA, SAK, UID, ATS. UM0701-02, 7.3.5. */
static void reply_target(struct chip *chip, uint8_t number, const struct badge *badge, bool ats)
{
    chip_reply_byte(chip, number);
    chip_reply_byte(chip, badge->atqa[0]);
    chip_reply_byte(chip, badge->atqa[1]);
    chip_reply_byte(chip, badge->sak);
    chip_reply_byte(chip, (uint8_t)badge->uid_length);
    for (size_t i = 0; i < badge->uid_length; i++)
        chip_reply_byte(chip, badge->uid[i]);
    if (!ats)
        return;
    chip_reply_byte(chip, (uint8_t)(badge->ats_length + 1)); /* counts itself */
    for (size_t i = 0; i < badge->ats_length; i++)
        chip_reply_byte(chip, badge->ats[i]);
}

/* Target data for type B: Tg, ATQB (50, PUPI, application data, protocol info), ATTRIB_RES with its
 * length. UM0701-02, 7.3.5; ISO/IEC 14443-3, 7.9 "ATQB": CRC_B, ISO/IEC 14443-4, frames of 256. */
static void reply_target_b(struct chip *chip, uint8_t number, const struct badge *badge)
{
    static const uint8_t rest[] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x81, 0x71, 0x01, 0x00};

    chip_reply_byte(chip, number);
    chip_reply_byte(chip, 0x50);
    for (size_t i = 0; i < badge->uid_length; i++)
        chip_reply_byte(chip, badge->uid[i]);
    for (size_t i = 0; i < sizeof(rest); i++)
        chip_reply_byte(chip, rest[i]);
}

/* A badge has gone through anticollision and SELECT: it becomes the next target. */
static void job_target_found(struct chip *chip)
{
    struct chip_job *job = &chip->job;
    struct badge *badge = &chip->field->badges[job->place].badge;
    bool ats = chip_sends_rats(chip, badge);
    uint8_t number = ++chip->reply[0];

    if (job->wanted_uid_length == 0)
        badge_renew_uid(badge);
    field_activate(chip->field, job->place, job->next);
    chip->targets[number - 1] = job->place;

    if (job->kind == CHIP_JOB_AUTOPOLL) {
        size_t length_at = chip->reply_length + 1;

        chip_reply_byte(chip, job->types[job->type_at]);
        chip_reply_byte(chip, 0); /* length of what follows */
        reply_target(chip, number, badge, ats);
        chip->reply[length_at] = (uint8_t)(chip->reply_length - length_at - 1);
        return;
    }
    if (job->type_b)
        reply_target_b(chip, number, badge);
    else
        reply_target(chip, number, badge, ats);
}

/* Anticollision is over; true if the badge is still there. */
static bool job_selected(struct chip *chip)
{
    struct chip_job *job = &chip->job;

    job->selecting = false;
    if (!field_is_still_there(chip->field, job->place, job->since))
        return false;
    job_target_found(chip);
    return true;
}

static void job_select(struct chip *chip, int place)
{
    struct chip_job *job = &chip->job;

    job->selecting = true;
    job->place = place;
    job->since = job->next;
    job->next += activation_time(chip, &chip->field->badges[place].badge);
}

static int job_candidate(const struct chip *chip, uint64_t at)
{
    const struct chip_job *job = &chip->job;

    if (job->wanted_targets == 0)
        return -ENOENT;
    return field_candidate(chip->field, at, job->type_b, job->wanted_uid, job->wanted_uid_length);
}

/* Nobody answers, and the field has not changed since the last step: all tries up to `now` at once.
 */
static void list_skip_tries(struct chip_job *job, uint64_t now)
{
    uint64_t tries = (now - job->next) / AIR_TRY_NS + 1;

    if (!job->endless) {
        if (tries > job->tries_left)
            tries = job->tries_left;
        job->tries_left -= (unsigned)tries;
    }
    job->next += tries * AIR_TRY_NS;
}

static void list_step(struct chip *chip, uint64_t now)
{
    struct chip_job *job = &chip->job;
    int place;

    if (job->selecting) {
        if (job_selected(chip)) {
            /* One more try for a second badge, if the host wants it. */
            job->endless = false;
            job->tries_left = chip->reply[0] < job->wanted_targets ? 1 : 0;
        } else if (!job->endless) {
            job->tries_left--;
        }
    }
    if (!job->endless && job->tries_left == 0) {
        job_end(chip, job->next);
        return;
    }
    place = job_candidate(chip, job->next);
    if (place >= 0) {
        if (job->next <= now)
            job_select(chip, place);
    } else if (job->next <= now) {
        list_skip_tries(job, now);
    }
}

static bool type_fits(uint8_t type, const struct badge *badge)
{
    switch (type) {
    case TYPE_GENERIC_A:
        return true;
    case TYPE_MIFARE:
        return !badge_is_iso_dep(badge);
    case TYPE_ISO_DEP_A:
        return badge_is_iso_dep(badge);
    default:
        return false;
    }
}

/* One try at the start of each type's period; the rest of the period passes in silence. */
static void autopoll_step(struct chip *chip)
{
    struct chip_job *job = &chip->job;
    int place;

    if (job->selecting) {
        if (job_selected(chip)) {
            job_end(chip, job->next);
            return;
        }
        job->next = job->since;
    } else {
        if (!job->endless && job->tries_left == 0) {
            job_end(chip, job->next);
            return;
        }
        place = job_candidate(chip, job->next);
        if (place >= 0 && type_fits(job->types[job->type_at], &chip->field->badges[place].badge)) {
            job_select(chip, place);
            return;
        }
    }
    job->next += job->period;
    job->type_at = (job->type_at + 1) % job->types_count;
    if (!job->endless)
        job->tries_left--;
}

static void exchange_step(struct chip *chip)
{
    struct chip_job *job = &chip->job;
    bool there = job->place >= 0 && field_is_still_there(chip->field, job->place, job->since);

    if (!job->silent && !there && job->next < job->gives_up) {
        job->silent = true; /* torn away: the chip waits in vain */
        job->next = job->gives_up;
        return;
    }
    if (job->silent || !there) {
        chip->reply_length = 0;
        chip_reply_byte(chip, CHIP_TIMEOUT);
    }
    chip->last_error = chip->reply[0];
    job_end(chip, job->next);
}

void chip_air_advance(struct chip *chip, uint64_t now)
{
    while (chip->job.kind != CHIP_JOB_NONE && chip->job.next <= now) {
        switch (chip->job.kind) {
        case CHIP_JOB_LIST:
            list_step(chip, now);
            break;
        case CHIP_JOB_AUTOPOLL:
            autopoll_step(chip);
            break;
        case CHIP_JOB_EXCHANGE:
            exchange_step(chip);
            break;
        case CHIP_JOB_NONE:
            break;
        }
    }
}

uint64_t chip_air_deadline(const struct chip *chip)
{
    const struct chip_job *job = &chip->job;

    switch (job->kind) {
    case CHIP_JOB_NONE:
        return TIME_NEVER;
    case CHIP_JOB_LIST:
        /* An endless search of an empty field needs no waking: whoever changes the field calls
         * chip_advance() before. */
        if (job->selecting || job_candidate(chip, job->next) >= 0)
            return job->next;
        if (job->endless)
            return TIME_NEVER;
        return job->next + job->tries_left * AIR_TRY_NS;
    default:
        return job->next;
    }
}
