/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * One ISO 14443 badge, type A or B: what it calls itself and what it answers. Where it lies and
 * whether it has been activated is the field's business (field.h). Pure but for the random numbers
 * of `random` UIDs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BADGE_UID_MAX       10
#define BADGE_UID_TEXT_SIZE (2 * BADGE_UID_MAX + 1)

/* ISO/IEC 14443-4 allows an ATS of 254 bytes; the historical bytes of real badges stay far below.
 */
#define BADGE_ATS_MAX 32

/* A badge's longest answer: what one frame of a PN532 can carry. */
#define BADGE_ANSWER_MAX 262

/* SAK bit 6: the badge speaks ISO/IEC 14443-4. ISO/IEC 14443-3, "Coding of SAK". */
#define BADGE_SAK_ISO_DEP 0x20

enum badge_kind {
    BADGE_CLASSIC,
    BADGE_NTAG,
    BADGE_DESFIRE,
    BADGE_PHONE,
    BADGE_TYPE_B, /* ISO 14443-B: the number is its PUPI */
    BADGE_KINDS,
};

struct badge {
    enum badge_kind kind;
    /* A new UID 08xxxxxx at each activation (ISO/IEC 14443-3, "UID contents"), a new PUPI of any
     * bytes (7.9.2). */
    bool random;
    uint8_t uid[BADGE_UID_MAX];
    size_t uid_length; /* 4, 7 or 10; 4 for type B */
    uint8_t atqa[2];   /* high byte first, as the PN532 reports it and nfc-list prints it */
    uint8_t sak;
    uint8_t ats[BADGE_ATS_MAX]; /* without its length byte, as nfc-list prints it */
    size_t ats_length;
};

/* "classic", "ntag", "desfire", "phone" or "type-b" to a kind; -EINVAL for another word. */
int badge_kind_parse(const char *word, enum badge_kind *ret);

/* The kind that people mean who give only a UID. */
enum badge_kind badge_kind_by_uid_length(size_t uid_length);

/**
 * Makes a badge of a kind with the kind's usual ATQA, SAK and ATS. `uid_length` must be 4, 7 or 10,
 * for type B 4 (-EINVAL otherwise); `uid` NULL makes a random one.
 */
int badge_init(struct badge *badge, enum badge_kind kind, const uint8_t *uid, size_t uid_length);

/* A badge with a random UID takes its next one; any other stays as it is. */
void badge_renew_uid(struct badge *badge);

/* Writes the UID in upper-case hex. */
void badge_uid_text(const struct badge *badge, char text[static BADGE_UID_TEXT_SIZE]);

static inline bool badge_is_type_b(const struct badge *badge)
{
    return badge->kind == BADGE_TYPE_B;
}

static inline bool badge_is_iso_dep(const struct badge *badge)
{
    return (badge->sak & BADGE_SAK_ISO_DEP) != 0;
}

/**
 * A raw frame (without CRC) reaches the activated badge. Returns the answer's length, or -ETIMEDOUT
 * if the badge stays silent, -EACCES if it refuses an authentication.
 */
int badge_answer_frame(const struct badge *badge, const uint8_t *request, size_t length,
                       uint8_t answer[static BADGE_ANSWER_MAX]);

/**
 * A command for the badge as the chip's InDataExchange carries it: an APDU for ISO-DEP badges, a
 * memory command for the others. Returns like badge_answer_frame().
 */
int badge_answer_command(const struct badge *badge, const uint8_t *request, size_t length,
                         uint8_t answer[static BADGE_ANSWER_MAX]);
