/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>

/* What getopt_long() returns for options that have no letter. */
enum { ONLY_LONG = 256, CHECK, DUMP_CONFIG, MAKE_CERT, PRINT_PORTS };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, CHECK},
    {"dump-config", no_argument, NULL, DUMP_CONFIG},
    {"make-cert", no_argument, NULL, MAKE_CERT},
    {"print-ports", no_argument, NULL, PRINT_PORTS},
    {"daemon", no_argument, NULL, 'd'},
    {"pidfile", required_argument, NULL, 'p'},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Settles what is to be done; two different things are too many. */
static int choose(struct options *options, enum options_action action, const char *program)
{
    if (options->action != OPTIONS_SERVE && options->action != action) {
        fprintf(stderr,
                "%s: only one of --check, --dump-config, --make-cert, --version and --help is "
                "possible\n",
                program);
        return -EINVAL;
    }
    options->action = action;
    return 0;
}

static int take(struct options *options, int option, const char *program)
{
    switch (option) {
    case 'c':
        options->config = optarg;
        return 0;
    case 'p':
        options->pidfile = optarg;
        return 0;
    case 'd':
        options->detach = true;
        return 0;
    case 'v':
        options->verbose = true;
        return 0;
    case PRINT_PORTS:
        options->print_ports = true;
        return 0;
    case CHECK:
        return choose(options, OPTIONS_CHECK, program);
    case DUMP_CONFIG:
        return choose(options, OPTIONS_DUMP_CONFIG, program);
    case MAKE_CERT:
        return choose(options, OPTIONS_MAKE_CERT, program);
    case 'V':
        return choose(options, OPTIONS_VERSION, program);
    case 'h':
        return choose(options, OPTIONS_HELP, program);
    default: /* getopt_long() has said it */
        return -EINVAL;
    }
}

int options_parse(struct options *options, int argc, char **argv)
{
    const char *program = argc > 0 ? argv[0] : "paceline";
    int option;
    int rc = 0;

    *options = (struct options){.action = OPTIONS_SERVE};
    optind = 0; /* so that glibc's getopt begins anew */
    while (rc == 0 && (option = getopt_long(argc, argv, "c:dp:vVh", long_options, NULL)) >= 0)
        rc = take(options, option, program);
    if (rc == 0 && optind < argc) {
        fprintf(stderr, "%s: unexpected argument: %s\n", program, argv[optind]);
        rc = -EINVAL;
    }
    if (rc < 0)
        fprintf(stderr, "Try '%s --help'.\n", program);
    return rc;
}

void options_help(FILE *file)
{
    fputs("usage: paceline [-dv] [-c FILE] [-p FILE] [--print-ports]\n"
          "       paceline [-c FILE] --check | --dump-config | --make-cert\n"
          "       paceline --version | --help\n"
          "\n"
          "  -c, --config FILE   read FILE, not " SYSCONFDIR "/paceline.conf\n"
          "      --check         say whether the configuration is good, and end\n"
          "      --dump-config   write every setting in force, and end\n"
          "      --make-cert     write a certificate to try TLS with, and end\n"
          "      --print-ports   write \"service address port\" for every listener\n"
          "  -d, --daemon        go into the background once everything is ready\n"
          "  -p, --pidfile FILE  write the process id to FILE, and lock it\n"
          "  -v, --verbose       log everything, whatever log.level says\n"
          "  -V, --version       write the version, and end\n"
          "  -h, --help          write this, and end\n"
          "\n"
          "Signals: TERM and INT stop in good order, a second one at once; HUP reloads\n"
          "the configuration and reopens the log.\n"
          "Exit status: 0 stopped cleanly, 1 failure, 2 usage, 3 configuration.\n",
          file);
}
