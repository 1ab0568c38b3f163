/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The few words of C that the whole house uses: cleanup attributes, handing over a pointer,
 * comparing strings and counting elements. Nothing here allocates or does I/O except the
 * destructors named.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs `f(&variable)` when the variable goes out of scope. */
#define CLEANUP(f)                 __attribute__((cleanup(f)))
#define PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define PURE_CONST                 __attribute__((const))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN_OF(a, b)  ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b)  ((a) > (b) ? (a) : (b))

/* Gives the pointer away and leaves NULL behind, so that its cleanup does nothing. */
#define TAKE_PTR(p)                                                                                \
    __extension__({                                                                                \
        __typeof__(p) _taken = (p);                                                                \
        (p) = NULL;                                                                                \
        _taken;                                                                                    \
    })

/* Gives the descriptor away and leaves -1 behind. */
#define TAKE_FD(fd)                                                                                \
    __extension__({                                                                                \
        int _taken = (fd);                                                                         \
        (fd) = -1;                                                                                 \
        _taken;                                                                                    \
    })

/* Defines the cleanup function `name` that calls the destructor `destroy` (which takes NULL). */
#define DEFINE_CLEANUP(type, name, destroy)                                                        \
    static inline void name(type *p)                                                               \
    {                                                                                              \
        destroy(*p);                                                                               \
    }                                                                                              \
    struct name##_needs_semicolon

static inline bool streq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static inline bool starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Closes a descriptor if there is one; always returns -1, to be assigned back. */
static inline int fd_close(int fd)
{
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static inline void cleanup_fd(int *fd)
{
    *fd = fd_close(*fd);
}

static inline void cleanup_free(void *p)
{
    free(*(void **)p);
}

static inline void cleanup_file(FILE **f)
{
    if (*f)
        (void)fclose(*f);
}
