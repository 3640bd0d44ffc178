/* SPDX-License-Identifier: MIT */
/*
 * Non-blocking I/O without anything to wait for: every socket is asked in turn, for ever. Answers
 * are as fast as they can be while there are few connections and a processor to spare; it is always
 * fully used, and each question that finds nothing costs a system call.
 *
 *     io_polling [--port P]
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <sys/signalfd.h>
#include <unistd.h>

static void ask_all(struct echo_table *table)
{
    for (int fd = 0; fd < table->end; fd++) {
        struct echo_conn *conn = table->conns[fd];

        if (conn != NULL && echo_step(conn) == ECHO_END)
            echo_drop(table, conn);
    }
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct echo_table table;
    struct signalfd_siginfo info;
    int listener, stop;

    echo_begin(argc, argv, &options);
    echo_table_init(&table);
    listener = listen_on_loopback(options.port, 0);
    stop = echo_stop_signal();
    announce_port(bound_port(listener));
    while (read(stop, &info, sizeof info) < 0) {
        while (echo_accept(&table, listener) != NULL)
            continue;
        ask_all(&table);
    }
    echo_table_deinit(&table);
    close(listener);
    close(stop);
    return 0;
}
