/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/notify.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A manager's socket at NAME, a path or an @ and an abstract name. */
static int manager_open(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_FATAL(fd >= 0);
    strcpy(address.sun_path, name);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&address, length) == 0);
    return fd;
}

/* The next datagram, which has been sent already. */
static const char *manager_read(int fd)
{
    static char text[600];
    ssize_t got = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

    CU_ASSERT_FATAL(got >= 0);
    text[got] = '\0';
    return text;
}

static void check_at(const char *name)
{
    int manager = manager_open(name);
    struct notify notify;

    setenv("NOTIFY_SOCKET", name, 1);
    CU_ASSERT_FATAL(notify_init(&notify) == 0);
    CU_ASSERT(getenv("NOTIFY_SOCKET") == NULL);
    CU_ASSERT(notify_send(&notify, "READY=1\nSTATUS=%d", 42) == 0);
    CU_ASSERT_STRING_EQUAL(manager_read(manager), "READY=1\nSTATUS=42");
    notify_deinit(&notify);
    close(manager);
}

static void a_manager_at_a_path_is_told(void)
{
    char *folder = folder_new();
    char *path = folder_path(folder, "notify");

    CU_ASSERT_FATAL(folder != NULL && path != NULL);
    check_at(path);
    free(path);
    folder_remove(folder);
}

static void a_manager_at_an_abstract_address_is_told(void)
{
    char name[64];

    snprintf(name, sizeof(name), "@paceline-test-notify-%ld", (long)getpid());
    check_at(name);
}

static void nobody_is_told_when_nobody_asks(void)
{
    struct notify notify;

    unsetenv("NOTIFY_SOCKET");
    setenv("WATCHDOG_USEC", "1000000", 1);
    CU_ASSERT(notify_init(&notify) == 0);
    CU_ASSERT(notify.fd == -1 && notify.watchdog == 0);
    CU_ASSERT(getenv("WATCHDOG_USEC") == NULL);
    CU_ASSERT(notify_send(&notify, "READY=1") == 0);
    notify_deinit(&notify);
}

static void addresses_that_cannot_be_are_errors(void)
{
    struct notify notify;
    char name[200];

    setenv("NOTIFY_SOCKET", "relative", 1);
    CU_ASSERT(notify_init(&notify) == -EAFNOSUPPORT);
    CU_ASSERT(notify_send(&notify, "READY=1") == 0);
    memset(name, 'x', sizeof(name) - 1);
    name[0] = '/';
    name[sizeof(name) - 1] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    CU_ASSERT(notify_init(&notify) == -ENAMETOOLONG);
}

static void a_manager_that_is_gone_is_an_error(void)
{
    struct notify notify;

    setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    CU_ASSERT_FATAL(notify_init(&notify) == 0);
    CU_ASSERT(notify_send(&notify, "READY=1") == -ENOENT);
    notify_deinit(&notify);
}

static void text_that_does_not_fit_is_an_error(void)
{
    char text[600];
    struct notify notify;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    CU_ASSERT_FATAL(notify_init(&notify) == 0);
    CU_ASSERT(notify_send(&notify, "STATUS=%s", text) == -EMSGSIZE);
    notify_deinit(&notify);
}

/* The milliseconds between signs of life for these variables; a NULL one is unset. */
static int watchdog(const char *usec, const char *pid, unsigned *milliseconds)
{
    struct notify notify;
    int rc;

    setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    setenv("WATCHDOG_USEC", usec, 1);
    if (pid)
        setenv("WATCHDOG_PID", pid, 1);
    rc = notify_init(&notify);
    *milliseconds = notify.watchdog;
    CU_ASSERT(getenv("WATCHDOG_USEC") == NULL && getenv("WATCHDOG_PID") == NULL);
    notify_deinit(&notify);
    return rc;
}

static void the_watchdog_is_fed_at_half_its_time(void)
{
    unsigned milliseconds;
    char self[32];

    snprintf(self, sizeof(self), "%ld", (long)getpid());
    CU_ASSERT(watchdog("30000000", NULL, &milliseconds) == 0 && milliseconds == 15000);
    CU_ASSERT(watchdog("30000000", self, &milliseconds) == 0 && milliseconds == 15000);
    CU_ASSERT(watchdog("100", self, &milliseconds) == 0 && milliseconds == 1);
    CU_ASSERT(watchdog("30000000", "1", &milliseconds) == 0 && milliseconds == 0);
    CU_ASSERT(watchdog("soon", self, &milliseconds) == -EINVAL && milliseconds == 0);
    CU_ASSERT(watchdog("0", self, &milliseconds) == -EINVAL && milliseconds == 0);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a manager at a path is told", a_manager_at_a_path_is_told},
        {"a manager at an abstract address is told", a_manager_at_an_abstract_address_is_told},
        {"nobody is told when nobody asks", nobody_is_told_when_nobody_asks},
        {"addresses that cannot be are errors", addresses_that_cannot_be_are_errors},
        {"a manager that is gone is an error", a_manager_that_is_gone_is_an_error},
        {"text that does not fit is an error", text_that_does_not_fit_is_an_error},
        {"the watchdog is fed at half its time", the_watchdog_is_fed_at_half_its_time},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "notify", tests);
}
