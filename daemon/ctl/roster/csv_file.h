/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A table in a file that somebody names on the command line. */

#include "ctl/roster/csv.h"

/*
 * Reads the file (a pipe too; "-" is the standard input) as csv_parse() does; false after saying
 * what is wrong, and where.
 */
bool csv_file_read(const char *path, size_t rows_most, struct csv *ret);
