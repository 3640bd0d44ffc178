/* SPDX-License-Identifier: MIT */
/*
 * Starting again: the process becomes, after a clean stop, what it was at its start, by the same
 * program file, arguments, environment and working folder. What is then in the file is run.
 */
#ifndef DAEMON_RESTART_H
#define DAEMON_RESTART_H

struct restart {
    char **argv;        /* main()'s */
    char **environment; /* a copy of the pointers, whose strings nobody changes */
    char *program;      /* NULL: not known */
    char *folder;       /* NULL: not known */
};

/* Notes it all, before anything has changed it. What cannot be had is left out. */
void restart_init(struct restart *restart, char **argv);
void restart_deinit(struct restart *restart);

/* Does it. Returns only if it fails: a negative errno. */
int restart_now(const struct restart *restart);

#endif
