/* SPDX-License-Identifier: MIT */
/*
 * Processes that the comparison starts, a server or a load, one of each at a time. Whatever ends the
 * tool ends them too: a signal, which every wait here is broken off by, an exit in the middle (they
 * are killed as it exits) and even SIGKILL, as the kernel tells them.
 */
#ifndef TOOLS_BENCH_CHILD_H
#define TOOLS_BENCH_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { CHILDREN = 4 };

struct child {
    pid_t pid; /* 0: there is none */
    int watch; /* readable once it has ended */
    int out;   /* what it writes to its standard output */
};

/* SIGINT and SIGTERM are from now on told by the waits. Call it once. */
void children_init(void);

/* The signal that has come, or 0. */
int children_signal(void);

/*
 * Starts the program of WORDS, looked for in PATH, with an empty standard input, and standard error,
 * with ALL standard output too, going to the file LOG. FOLDER is where it may keep things:
 * STATE_DIRECTORY in its environment.
 */
void child_start(struct child *child, char *const *words, const char *log, bool all,
                 const char *folder);

/* Starts BODY in a process of its own; OUT is where it should write. It ends with what BODY returns. */
void child_fork(struct child *child, int (*body)(void *argument, int out), void *argument);

/*
 * Waits for standard output, or the end of the child: until DEADLINE, of pli_clock_now(). 0,
 * -ETIMEDOUT, or -EINTR after a signal.
 */
int child_await_output(const struct child *child, uint64_t deadline);
int child_await_end(const struct child *child, uint64_t deadline);

/* A moment's rest. 0, or -EINTR after a signal. */
int children_pause(uint64_t ns);

/* Waits for its first line, up to SIZE - 1 bytes. 0, -EPIPE where it ended without, or as above. */
int child_read_line(const struct child *child, char *line, size_t size, uint64_t deadline);

/* Whether it has ended. */
bool child_ended(const struct child *child);

/*
 * Ends it: SIGTERM, to all of its process group, and SIGKILL where that has no effect in five
 * seconds. Returns the status of wait(2). A second signal to the tool shortens that. No effect if
 * there is none.
 */
int child_end(struct child *child);

#endif
