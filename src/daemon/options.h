/* SPDX-License-Identifier: MIT */
/* The command line of paceline(8). */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

enum options_action {
    OPTIONS_SERVE,
    OPTIONS_CHECK,       /* read the configuration and say whether it is good */
    OPTIONS_DUMP_CONFIG, /* write every setting in force */
    OPTIONS_MAKE_CERT,   /* write a certificate to try TLS with */
    OPTIONS_VERSION,
    OPTIONS_HELP,
};

struct options {
    enum options_action action;
    const char *config;  /* as given, NULL without */
    const char *pidfile; /* as given, NULL without */
    bool print_ports;
    bool detach;  /* --daemon */
    bool verbose; /* log everything, whatever log.level says */
};

/*
 * Reads the command line. The strings are those of ARGV. Returns 0, or -EINVAL after saying on
 * standard error what is wrong.
 */
int options_parse(struct options *options, int argc, char **argv);

/* Writes what --help shows. */
void options_help(FILE *file);

#endif
