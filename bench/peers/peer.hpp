// SPDX-License-Identifier: MIT
//
// What the peers written in C++ have in common: options, limits, signals.

#ifndef BENCH_PEERS_PEER_HPP
#define BENCH_PEERS_PEER_HPP

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <getopt.h>
#include <sys/resource.h>

namespace peer
{

struct Options {
    unsigned threads = 1;
    unsigned short port = 0;
};

[[noreturn]] inline void fail(int status, const char *what)
{
    std::fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, std::strerror(errno));
    std::exit(status);
}

inline unsigned long number(const char *text, unsigned long min, unsigned long max)
{
    char *end;
    unsigned long value = std::strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < min || value > max) {
        errno = EINVAL;
        fail(2, text);
    }
    return value;
}

inline Options parse(int argc, char **argv)
{
    static const struct option known[] = {{"threads", required_argument, nullptr, 't'},
                                          {"port", required_argument, nullptr, 'p'},
                                          {nullptr, 0, nullptr, 0}};
    Options options;
    int c;

    while ((c = getopt_long(argc, argv, "t:p:", known, nullptr)) != -1) {
        if (c == 't') {
            options.threads = static_cast<unsigned>(number(optarg, 1, 1024));
        } else if (c == 'p') {
            options.port = static_cast<unsigned short>(number(optarg, 0, 65535));
        } else {
            std::fprintf(stderr, "usage: %s [--threads N] [--port P]\n",
                         program_invocation_short_name);
            std::exit(2);
        }
    }
    return options;
}

inline sigset_t stop_signals()
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

// Before any thread is started: as many descriptors as the hard limit allows, and the signals that
// end the process blocked.
inline void prepare()
{
    sigset_t set = stop_signals();
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail(1, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail(1, "setrlimit");
    std::signal(SIGPIPE, SIG_IGN);
    if ((errno = pthread_sigmask(SIG_BLOCK, &set, nullptr)) != 0)
        fail(1, "pthread_sigmask");
}

// Tell the port, and wait until one of the signals arrives.
inline void serve_until_stopped(unsigned port)
{
    sigset_t set = stop_signals();
    int number;

    std::printf("port %u\n", port);
    if (std::fflush(stdout) != 0)
        fail(1, "standard output");
    if ((errno = sigwait(&set, &number)) != 0)
        fail(1, "sigwait");
}

} // namespace peer

#endif
