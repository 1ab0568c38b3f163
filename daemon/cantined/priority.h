/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Which of several things that are due the event loop does first (sd_event_source_set_priority:
 * lower numbers first). A door must lock in time whatever else happens; then a tap goes through as
 * a whole; everything for people who look on comes after.
 */
enum {
    PRIORITY_PULSE_END = -100,
    PRIORITY_COMMITTED = -80,
    PRIORITY_READER = -60,
    PRIORITY_TICK = 0,
    PRIORITY_FEED = 20,
    PRIORITY_BUS = 40,
};
