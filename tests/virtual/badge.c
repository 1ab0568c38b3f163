/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of badges and their answers. A kind's cryptography belongs into answer_apdu(), which so far
 * knows no application.
 */
#include "virtual/badge.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "util/hex.h"

/* ATQA without the bits for the UID's size; ATS from real badges. NXP AN10833 "MIFARE type
 * identification procedure"; the phone's is that of Android's card emulation. */
static const struct {
    const char *word;
    uint8_t atqa[2];
    uint8_t sak;
    uint8_t ats[5];
    size_t ats_length;
} kinds[BADGE_KINDS] = {
    [BADGE_CLASSIC] = {"classic", {0x00, 0x04}, 0x08, {0}, 0},
    [BADGE_NTAG] = {"ntag", {0x00, 0x04}, 0x00, {0}, 0},
    [BADGE_DESFIRE] = {"desfire", {0x03, 0x04}, 0x20, {0x75, 0x77, 0x81, 0x02, 0x80}, 5},
    [BADGE_PHONE] = {"phone", {0x00, 0x04}, 0x20, {0x78, 0x80, 0x70, 0x02}, 4},
    /* no ATQA, SAK or ATS: only the bit that says ISO/IEC 14443-4 */
    [BADGE_TYPE_B] = {"type-b", {0}, 0x20, {0}, 0},
};

int badge_kind_parse(const char *word, enum badge_kind *ret)
{
    for (size_t i = 0; i < BADGE_KINDS; i++) {
        if (streq(kinds[i].word, word)) {
            *ret = (enum badge_kind)i;
            return 0;
        }
    }
    return -EINVAL;
}

enum badge_kind badge_kind_by_uid_length(size_t uid_length)
{
    if (uid_length == 4)
        return BADGE_CLASSIC;
    if (uid_length == 7)
        return BADGE_NTAG;
    return BADGE_DESFIRE;
}

int badge_init(struct badge *badge, enum badge_kind kind, const uint8_t *uid, size_t uid_length)
{
    uint8_t size_bits;

    if (kind == BADGE_TYPE_B && uid_length != 4)
        return -EINVAL;
    /* ISO/IEC 14443-3, "Coding of ATQA": bits 8 and 7 tell the UID's size. */
    switch (uid_length) {
    case 4:
        size_bits = 0x00;
        break;
    case 7:
        size_bits = 0x40;
        break;
    case 10:
        size_bits = 0x80;
        break;
    default:
        return -EINVAL;
    }

    *badge = (struct badge){
        .kind = kind,
        .random = !uid,
        .uid_length = uid_length,
        .atqa = {kinds[kind].atqa[0], kinds[kind].atqa[1] | size_bits},
        .sak = kinds[kind].sak,
        .ats_length = kinds[kind].ats_length,
    };
    memcpy(badge->ats, kinds[kind].ats, kinds[kind].ats_length);
    if (uid)
        memcpy(badge->uid, uid, uid_length);
    else
        badge_renew_uid(badge);
    return 0;
}

void badge_renew_uid(struct badge *badge)
{
    uint8_t last[BADGE_UID_MAX];

    if (!badge->random)
        return;

    memcpy(last, badge->uid, sizeof(last));
    badge->uid[0] = 0x08;
    do {
        bool whole = badge_is_type_b(badge);

        /* cannot fail for so few bytes: getentropy(3) */
        if (getentropy(badge->uid + (whole ? 0 : 1), whole ? 4 : 3) < 0)
            abort();
    } while (memcmp(last, badge->uid, sizeof(last)) == 0);
}

void badge_uid_text(const struct badge *badge, char text[static BADGE_UID_TEXT_SIZE])
{
    hex_encode(badge->uid, badge->uid_length, text);
}

/* No application is installed. ISO/IEC 7816-4: 6A82 "file or application not found". */
static int answer_apdu(uint8_t answer[static BADGE_ANSWER_MAX])
{
    answer[0] = 0x6A;
    answer[1] = 0x82;
    return 2;
}

/* NTAG213, 45 pages: NXP NTAG213/215/216 data sheet, 8.5 "Memory organization". */
static void ntag_page(const struct badge *badge, uint8_t page, uint8_t ret[static 4])
{
    const uint8_t *uid = badge->uid;

    memset(ret, 0, 4);
    switch (page) {
    case 0: /* the check byte covers the cascade tag 88 too */
        memcpy(ret, (uint8_t[]){uid[0], uid[1], uid[2], 0x88 ^ uid[0] ^ uid[1] ^ uid[2]}, 4);
        break;
    case 1:
        memcpy(ret, uid + 3, 4);
        break;
    case 2:
        memcpy(ret, (uint8_t[]){uid[3] ^ uid[4] ^ uid[5] ^ uid[6], 0x48, 0x00, 0x00}, 4);
        break;
    case 3:
        memcpy(ret, (uint8_t[]){0xE1, 0x10, 0x12, 0x00}, 4);
        break;
    default:
        break;
    }
}

static int answer_ntag(const struct badge *badge, const uint8_t *request, size_t length,
                       uint8_t answer[static BADGE_ANSWER_MAX])
{
    static const uint8_t version[] = {0x00, 0x04, 0x04, 0x02, 0x01, 0x00, 0x0F, 0x03};
    enum { READ = 0x30, GET_VERSION = 0x60, PAGES = 45 };

    if (length == 2 && request[0] == READ && request[1] < PAGES) {
        for (uint8_t i = 0; i < 4; i++)
            ntag_page(badge, (uint8_t)((request[1] + i) % PAGES), answer + 4 * i);
        return 16;
    }
    if (length == 1 && request[0] == GET_VERSION) {
        memcpy(answer, version, sizeof(version));
        return sizeof(version);
    }
    return -ETIMEDOUT;
}

/* Without its keys a Classic refuses every authentication and answers nothing else. */
static int answer_classic(const uint8_t *request, size_t length)
{
    enum { AUTH_A = 0x60, AUTH_B = 0x61 };

    return length > 0 && (request[0] == AUTH_A || request[0] == AUTH_B) ? -EACCES : -ETIMEDOUT;
}

int badge_answer_command(const struct badge *badge, const uint8_t *request, size_t length,
                         uint8_t answer[static BADGE_ANSWER_MAX])
{
    if (badge_is_iso_dep(badge))
        return answer_apdu(answer);
    if (badge->kind == BADGE_NTAG)
        return answer_ntag(badge, request, length, answer);
    return answer_classic(request, length);
}

/* ISO/IEC 14443-4, "Block format" and "Protocol operation": I-blocks carry APDUs, an R(NAK) asks
 * whether the badge is still there. No chaining; a card identifier (CID) only in libnfc's question
 * to type B. */
static int answer_block(const struct badge *badge, const uint8_t *block, size_t length,
                        uint8_t answer[static BADGE_ANSWER_MAX])
{
    uint8_t inner[BADGE_ANSWER_MAX];
    int n;

    if (length == 0)
        return -ETIMEDOUT;

    if (badge_is_type_b(badge) && (block[0] & 0xFE) == 0xBA && length == 2) { /* with a CID */
        answer[0] = 0xAA | (block[0] & 0x01);
        answer[1] = block[1];
        return 2;
    }
    if ((block[0] & 0xFE) == 0xB2) { /* R(NAK) → R(ACK) of the same block number */
        answer[0] = 0xA2 | (block[0] & 0x01);
        return 1;
    }
    if ((block[0] & 0xFE) == 0x02) { /* I-block, not chained */
        n = badge_answer_command(badge, block + 1, length - 1, inner);
        if (n < 0 || n >= BADGE_ANSWER_MAX)
            return -ETIMEDOUT;
        answer[0] = block[0];
        memcpy(answer + 1, inner, (size_t)n);
        return n + 1;
    }
    return -ETIMEDOUT;
}

int badge_answer_frame(const struct badge *badge, const uint8_t *request, size_t length,
                       uint8_t answer[static BADGE_ANSWER_MAX])
{
    if (badge_is_iso_dep(badge))
        return answer_block(badge, request, length, answer);
    return badge_answer_command(badge, request, length, answer);
}
