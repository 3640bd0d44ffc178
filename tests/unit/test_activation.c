/* SPDX-License-Identifier: MIT */
/*
 * Passed sockets are descriptors from 3 on, which a test program's other files may have: each test
 * runs in a child, which moves its sockets there.
 */
#include "config.h"

#include "config/snapshot.h"
#include "daemon/activation.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child: ends it, as failed, when something is not as it should be. */
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void run_in_child(void (*body)(void))
{
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        body();
        _exit(0);
    }
    CU_ASSERT_FATAL(waitpid(child, &status, 0) == child);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int listen_inet(int family, const char *host, unsigned *port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr *address = family == AF_INET ? (void *)&four : (void *)&six;
    socklen_t length = family == AF_INET ? sizeof(four) : sizeof(six);
    int fd = socket(family, SOCK_STREAM, 0);

    MUST(fd >= 0);
    MUST(inet_pton(family, host, family == AF_INET ? (void *)&four.sin_addr : &six.sin6_addr) == 1);
    MUST(bind(fd, address, length) == 0);
    MUST(listen(fd, 1) == 0);
    MUST(getsockname(fd, address, &length) == 0);
    *port = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
    return fd;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    MUST(fd >= 0);
    strcpy(address.sun_path, path);
    MUST(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    MUST(listen(fd, 1) == 0);
    return fd;
}

/* Puts the descriptors where a service manager does, and says so. */
static void pass(const int *fds, int count, const char *names)
{
    char number[16];
    int high[8];
    int i;

    for (i = 0; i < count; i++)
        MUST((high[i] = fcntl(fds[i], F_DUPFD, 100)) >= 100);
    for (i = 0; i < count; i++)
        MUST(dup2(high[i], 3 + i) == 3 + i);
    snprintf(number, sizeof(number), "%d", count);
    setenv("LISTEN_FDS", number, 1);
    snprintf(number, sizeof(number), "%ld", (long)getpid());
    setenv("LISTEN_PID", number, 1);
    if (names)
        setenv("LISTEN_FDNAMES", names, 1);
}

static bool says(const struct config_errors *errors, const char *text)
{
    size_t i;

    for (i = 0; i < errors->count; i++)
        if (strstr(errors->messages[i], text))
            return true;
    return false;
}

static void take_by_place(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "socket");
    struct activation activation;
    struct config_errors errors;
    unsigned ports[2];
    int fds[3];

    fds[0] = listen_inet(AF_INET, "127.0.0.1", &ports[0]);
    fds[1] = listen_inet(AF_INET, "0.0.0.0", &ports[1]);
    fds[2] = listen_unix(path);
    pass(fds, 3, NULL);
    config_errors_init(&errors);
    MUST(activation_init(&activation, &errors) == 0);
    MUST(activation.count == 3);
    MUST(!getenv("LISTEN_FDS") && !getenv("LISTEN_PID") && !getenv("LISTEN_FDNAMES"));
    MUST(fcntl(3, F_GETFD) & FD_CLOEXEC);
    MUST(activation_take_address(&activation, "127.0.0.2", ports[0]) == -1);
    MUST(activation_take_address(&activation, "127.0.0.1", ports[0] ^ 1) == -1);
    MUST(activation_take_address(&activation, "127.0.0.1", 0) == -1);
    MUST(activation_take_address(&activation, "::1", ports[0]) == -1);
    MUST(activation_take_address(&activation, "127.0.0.1", ports[0]) == 3);
    MUST(activation_take_address(&activation, "127.0.0.1", ports[0]) == -1);
    MUST(activation_take_address(&activation, "*", ports[1]) == 4);
    MUST(activation_take_path(&activation, "/nonexistent") == -1);
    MUST(activation_check_taken(&activation, &errors) == CONFIG_INVALID);
    MUST(says(&errors, "descriptor 5") && says(&errors, path));
    MUST(activation_take_path(&activation, path) == 5);
    config_errors_deinit(&errors);
    MUST(activation_check_taken(&activation, &errors) == 0);
    activation_deinit(&activation);
    free(path);
    folder_remove(folder);
}

static void sockets_are_found_by_where_they_are(void)
{
    run_in_child(take_by_place);
}

static void take_by_six(void)
{
    struct activation activation;
    struct config_errors errors;
    unsigned ports[2];
    int fds[2];

    fds[0] = listen_inet(AF_INET6, "::1", &ports[0]);
    fds[1] = listen_inet(AF_INET6, "::", &ports[1]);
    pass(fds, 2, NULL);
    config_errors_init(&errors);
    MUST(activation_init(&activation, &errors) == 0);
    MUST(activation_take_address(&activation, "*", ports[0]) == -1);
    MUST(activation_take_address(&activation, "::1", ports[0]) == 3);
    MUST(activation_take_address(&activation, "*", ports[1]) == 4);
    activation_deinit(&activation);
}

static bool has_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    if (fd >= 0)
        close(fd);
    return bound;
}

static void ipv6_sockets_are_found_too(void)
{
    if (has_ipv6())
        run_in_child(take_by_six);
    else
        puts("  (left out: there is no IPv6 here)");
}

static void take_by_name(void)
{
    struct activation activation;
    struct config_errors errors;
    unsigned port;
    int fds[3];
    int i;

    for (i = 0; i < 3; i++)
        fds[i] = listen_inet(AF_INET, "127.0.0.1", &port);
    pass(fds, 3, "talk:echo");
    config_errors_init(&errors);
    MUST(activation_init(&activation, &errors) == 0);
    MUST(strcmp(activation.sockets[2].name, "") == 0);
    MUST(activation_take_name(&activation, "web") == -1);
    MUST(activation_take_name(&activation, "echo") == 4);
    MUST(activation_take_name(&activation, "echo") == -1);
    MUST(activation_take_name(&activation, "talk") == 3);
    activation_deinit(&activation);
    MUST(fcntl(5, F_GETFD) < 0); /* closed, as nobody took it */
    MUST(fcntl(3, F_GETFD) >= 0);
}

static void sockets_are_found_by_name(void)
{
    run_in_child(take_by_name);
}

static void take_wrong_ones(void)
{
    struct activation activation;
    struct config_errors errors;
    int fds[2];

    fds[0] = socket(AF_INET, SOCK_DGRAM, 0);
    fds[1] = open("/dev/null", O_RDONLY);
    pass(fds, 2, "one:two");
    config_errors_init(&errors);
    MUST(activation_init(&activation, &errors) == CONFIG_INVALID);
    MUST(errors.count == 2);
    MUST(says(&errors, "descriptor 3 (\"one\"): it is not a stream socket that listens"));
    MUST(says(&errors, "descriptor 4 (\"two\")"));
    activation_deinit(&activation);
    config_errors_deinit(&errors);
}

static void what_does_not_listen_is_an_error(void)
{
    run_in_child(take_wrong_ones);
}

static void take_nothing(void)
{
    struct activation activation;
    struct config_errors errors;

    config_errors_init(&errors);
    setenv("LISTEN_FDS", "2", 1);
    setenv("LISTEN_PID", "1", 1);
    MUST(activation_init(&activation, &errors) == 0);
    MUST(activation.count == 0 && !getenv("LISTEN_FDS"));
    setenv("LISTEN_FDS", "2", 1);
    MUST(activation_init(&activation, &errors) == 0);
    MUST(activation.count == 0);
}

static void sockets_for_another_process_are_left_alone(void)
{
    run_in_child(take_nothing);
}

static void take_nonsense(void)
{
    static const char *const values[] = {"", "-1", "two", "1x", "1000000"};
    char self[16];
    size_t i;

    snprintf(self, sizeof(self), "%ld", (long)getpid());
    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct activation activation;
        struct config_errors errors;

        config_errors_init(&errors);
        setenv("LISTEN_FDS", values[i], 1);
        setenv("LISTEN_PID", self, 1);
        MUST(activation_init(&activation, &errors) == CONFIG_INVALID);
        MUST(says(&errors, "environment: LISTEN_FDS"));
        setenv("LISTEN_FDS", "1", 1);
        setenv("LISTEN_PID", values[i][0] ? "pid" : "", 1);
        config_errors_deinit(&errors);
        MUST(activation_init(&activation, &errors) == CONFIG_INVALID);
        MUST(says(&errors, "environment: LISTEN_PID"));
        config_errors_deinit(&errors);
    }
}

static void nonsense_in_the_environment_is_an_error(void)
{
    run_in_child(take_nonsense);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"sockets are found by where they are", sockets_are_found_by_where_they_are},
        {"IPv6 sockets are found too", ipv6_sockets_are_found_too},
        {"sockets are found by name", sockets_are_found_by_name},
        {"what does not listen is an error", what_does_not_listen_is_an_error},
        {"sockets for another process are left alone", sockets_for_another_process_are_left_alone},
        {"nonsense in the environment is an error", nonsense_in_the_environment_is_an_error},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "activation", tests);
}
