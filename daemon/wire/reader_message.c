/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/reader_message.h"

static size_t size_of_type(uint16_t type)
{
    switch (type) {
    case READER_HELLO:
        return sizeof(struct reader_hello);
    case READER_STATE:
        return sizeof(struct reader_state_message);
    case READER_CARD:
        return sizeof(struct reader_card);
    case READER_HEARTBEAT:
        return sizeof(struct reader_heartbeat);
    case READER_ANSWER:
        return sizeof(struct reader_answer);
    default:
        return 0;
    }
}

static bool card_valid(const struct reader_card *card)
{
    return card->presentation > 0 && uid_length_valid(card->uid.length) &&
           card->ats_length <= READER_ATS_SIZE && card->reserved == 0;
}

static bool values_valid(int type, const union reader_message *message)
{
    switch (type) {
    case READER_HELLO:
        return message_slug_valid(message->hello.name, sizeof(message->hello.name));
    case READER_STATE:
        return message->state.state < READER_STATE_COUNT &&
               message_text_ends(message->state.tried, sizeof(message->state.tried));
    case READER_CARD:
        return card_valid(&message->card);
    case READER_ANSWER:
        return message->answer.outcome < OUTCOME_COUNT && message->answer.presentation > 0;
    default:
        return true;
    }
}

int reader_message_check(const union reader_message *message, size_t n)
{
    int type = message_check(message, n, size_of_type);

    if (type < 0)
        return type;
    return values_valid(type, message) ? type : -EBADMSG;
}
