/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * How this program ends when libnfc ends it. libnfc can abort, read where nothing is, or wait for
 * as long as bytes drip in; the process is then over, and whoever started it starts it again. One
 * that collapses soon after its start would do so several times a second: it lies dead for a while
 * first, so that a reader that nobody can use costs next to nothing.
 */

#include "util/time.h"

#define COLLAPSE_YOUNG (5 * USEC_PER_SEC)    /* collapsing so soon after the start … */
#define COLLAPSE_LIE   (900 * USEC_PER_MSEC) /* … it lies there for so long */
#define COLLAPSE_STUCK (8 * USEC_PER_SEC)    /* without a breath: it ends itself */

/* From now on a collapse is slow, and collapse_breathe() has to be called. */
void collapse_watch(void);

/* The program is no longer young: a collapse is quick, so that it is back at once. */
void collapse_hurry(void);

/* Says that the program isn't stuck: at least each COLLAPSE_STUCK, else it ends. */
void collapse_breathe(void);
