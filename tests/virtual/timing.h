/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * How long things take. Every number of the virtual reader's clockwork stands here, with its
 * source. All times are CLOCK_MONOTONIC in nanoseconds; the control socket speaks microseconds.
 *
 * Left out on purpose, for want of a figure that could be cited: the chip's own computing time (an
 * ACK leaves as soon as the command has arrived) and the time a badge thinks before it answers.
 */
#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

/* A moment that never comes. */
#define TIME_NEVER UINT64_MAX

/* The serial line: one start bit, eight data bits, one stop bit. UM0701-02, "HSU communication
 * details". */
#define LINE_BITS_PER_BYTE 10
#define LINE_SPEED_DEFAULT 115200

/* A UART hands bytes over in bunches: a PL011 interrupts at half of its 16-byte FIFO (ARM DDI 0183,
 * "Interrupts"). Each bunch becomes readable when its last byte has left the chip, never earlier.
 */
#define LINE_BUNCH 8

/* One byte on the air at 106 kbit/s: eight bits and parity of 128 carrier periods at 13.56 MHz.
 * ISO/IEC 14443-2 "Bit rate", 14443-3 "Standard frames". */
#define AIR_BYTE_NS UINT64_C(84956)

/* From the end of a reader's frame to the badge's answer: 1236 carrier periods. ISO/IEC 14443-3,
 * "Frame delay time PCD to PICC", n = 9. */
#define AIR_DELAY_NS UINT64_C(91150)

/* Two bytes of CRC_A close every frame. ISO/IEC 14443-3, "CRC_A". */
#define AIR_CRC_BYTES 2

/* REQA, anticollision and SELECT for one, two and three cascade levels: measured figures of the
 * project's notes on the PN532. */
#define AIR_ACTIVATION_4_NS  (UINT64_C(2400) * NS_PER_US)
#define AIR_ACTIVATION_7_NS  (UINT64_C(4450) * NS_PER_US)
#define AIR_ACTIVATION_10_NS (UINT64_C(6500) * NS_PER_US)

/* REQB, ATQB, ATTRIB and its answer: 5, 14, 11 and 3 bytes of 10 bits and more (start, stop, guard
 * time), and three delays. ISO/IEC 14443-3, 7 "Type B"; computed, not measured. */
#define AIR_ACTIVATION_B_NS (UINT64_C(4000) * NS_PER_US)

/* An activation that nobody answers: estimate, not yet measured on hardware. */
#define AIR_TRY_NS (UINT64_C(5) * NS_PER_MS)

/* RFConfiguration item 2 counts waiting times as 100 us * 2^(code - 1); code 0 is "none". Default
 * 0x0A is 51.2 ms. UM0701-02, 7.3.1 "RFConfiguration", "Various timings". */
#define AIR_TIMEOUT_UNIT_NS  (UINT64_C(100) * NS_PER_US)
#define AIR_TIMEOUT_DEFAULT  0x0A
#define AIR_TIMEOUT_CODE_MAX 0x10

/* InAutoPoll's period counts in these. UM0701-02, 7.3.13 "InAutoPoll". */
#define AUTOPOLL_PERIOD_NS (UINT64_C(150) * NS_PER_MS)
