/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/menu/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* Starts it, with Ctrl-C as a program finds it at first; a positive errno. */
static int child_start(const char *program, const char *const *argv, int fd, int end, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t interrupt;
    int r;

    (void)sigemptyset(&interrupt);
    (void)sigaddset(&interrupt, SIGINT);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigdefault(&attributes, &interrupt);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    r = fd < 0 ? 0 : posix_spawn_file_actions_adddup2(&actions, end, fd);
    if (r == 0)
        r = posix_spawnp(ret, program, &actions, &attributes, (char *const *)argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return r;
}

/* All that comes until the other end is closed. Takes `fd`. */
static char *read_all(int fd)
{
    FILE *stream = fdopen(fd, "re");
    char *text = NULL;
    size_t size = 0;

    if (!stream) {
        (void)close(fd);
        return NULL;
    }
    if (getdelim(&text, &size, '\0', stream) < 0 && text)
        text[0] = '\0';
    (void)fclose(stream);
    return text;
}

static int child_wait(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_run(const char *program, const char *const *argv, int fd, char **ret)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    int ends[2] = {-1, -1}, r;
    char *text = NULL;
    pid_t pid = 0;

    if (ret)
        *ret = NULL;
    if (fd >= 0 && pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    (void)sigaction(SIGINT, &ignore, &before);
    r = -child_start(program, argv, fd, ends[1], &pid);
    if (fd >= 0)
        (void)close(ends[1]);
    if (fd >= 0 && r < 0)
        (void)close(ends[0]);
    if (fd >= 0 && r == 0)
        text = read_all(ends[0]);
    if (r == 0)
        r = child_wait(pid);
    (void)sigaction(SIGINT, &before, NULL);
    if (ret && r >= 0)
        *ret = TAKE_PTR(text);
    free(text);
    return r;
}
