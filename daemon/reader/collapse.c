/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader/collapse.h"

#include "util/macro.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

static const int collapses[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};

/* Only what signal-safety(7) allows. Returning from it, or the abort() that it interrupted, ends
 * the process by the signal's own action, which SA_RESETHAND has restored. */
static void on_collapse(int number)
{
    const struct timespec lie = {.tv_sec = COLLAPSE_LIE / USEC_PER_SEC,
                                 .tv_nsec = COLLAPSE_LIE % USEC_PER_SEC * 1000};

    (void)nanosleep(&lie, NULL);
    (void)raise(number);
}

static void on_stuck(int number)
{
    static const char words[] =
        "cantine-reader: libnfc has been stuck for 8 s: ending, to be started again\n";
    ssize_t written = write(STDERR_FILENO, words, sizeof(words) - 1);

    (void)written;
    (void)raise(number);
}

static void signal_answer(int number, void (*answer)(int))
{
    struct sigaction action = {.sa_handler = answer, .sa_flags = (int)SA_RESETHAND};

    (void)sigaction(number, &action, NULL);
}

void collapse_watch(void)
{
    sigset_t ours;

    (void)sigemptyset(&ours);
    for (size_t i = 0; i < ELEMENTSOF(collapses); i++) {
        signal_answer(collapses[i], on_collapse);
        (void)sigaddset(&ours, collapses[i]);
    }
    signal_answer(SIGALRM, on_stuck);
    (void)sigaddset(&ours, SIGALRM);
    (void)sigprocmask(SIG_UNBLOCK, &ours, NULL);
    collapse_breathe();
}

void collapse_hurry(void)
{
    for (size_t i = 0; i < ELEMENTSOF(collapses); i++)
        signal_answer(collapses[i], SIG_DFL);
}

void collapse_breathe(void)
{
    (void)alarm(COLLAPSE_STUCK / USEC_PER_SEC);
}
