/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How long the texts are that travel through the whole house, with their NUL. */

#define SLUG_SIZE 32 /* a door, reader, plan or resource: a-z 0-9 - _ */
#define SITE_SIZE 32 /* the site's id */
#define MEMBER_NAME_SIZE                                                                           \
    512 /* 120 characters of UTF-8, the most that the records accept, and some */
#define TITLE_SIZE        808 /* a booking's: 200 characters, the most that the records accept */
#define DETAIL_SIZE       64
#define READER_TRIED_SIZE 128 /* what a reader says of itself */
#define ACTOR_SIZE        64  /* who asked for it: a user's name */
#define BOOT_ID_SIZE      37  /* a UUID as text */

/* What an alert says: a file's name, what is wrong with it, and what to do. */
#define BROUGHT_MOST    200 /* without badges, that one member can bring */
#define ALERT_TEXT_SIZE 640
