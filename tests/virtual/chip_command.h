/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * What each command of the PN532 does. UM0701-02, 7 "Commands supported".
 */
#include <stddef.h>
#include <stdint.h>

#include "virtual/chip.h"

/* SetParameters: answer an ISO-DEP badge's SAK with RATS, ATR_REQ likewise. UM0701-02, 7.2.9. */
#define CHIP_PARAMETER_AUTO_RATS 0x10
#define CHIP_PARAMETERS_DEFAULT  0x14

/* RFConfiguration item 5, MxRtyPassiveActivation: never give up. UM0701-02, 7.3.1. */
#define CHIP_RETRIES_ENDLESS 0xFF

/* Status bytes. UM0701-02, 7.1 "Error handling". */
enum chip_status {
    CHIP_OK = 0x00,
    CHIP_TIMEOUT = 0x01,
    CHIP_AUTHENTICATION = 0x14,
    CHIP_WRONG_CONTEXT = 0x27,
};

enum chip_command_result {
    CHIP_COMMAND_DONE,    /* the answer's data is in chip->reply */
    CHIP_COMMAND_AT_WORK, /* chip->job answers later */
    CHIP_COMMAND_INVALID,
};

/* Starts a command at `at`. */
enum chip_command_result chip_command_run(struct chip *chip, uint8_t command, const uint8_t *data,
                                          size_t length, uint64_t at);
