/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/clients/weechat.h"

#include "tests/clients/program.h"
#include "tests/clients/watch.h"
#include "tests/lib/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct weechat {
    struct program *program;
    char *folder;
    int fifo;
};

__attribute__((format(printf, 1, 2))) static char *format(const char *text, ...)
{
    va_list arguments;
    char *result;
    int length;

    va_start(arguments, text);
    length = vasprintf(&result, text, arguments);
    va_end(arguments);
    EXPECT(length >= 0, "no memory");
    return result;
}

/* Who writes waits for who reads: that is when its plugin has opened it. */
static int open_fifo(struct place place, const char *folder)
{
    char *path = folder_path(folder, "fifo");
    uint64_t deadline = expect_deadline();
    int fd;

    EXPECT(path, "no memory");
    while ((fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 &&
           expect_remaining(deadline) > 0)
        poll(NULL, 0, 20);
    if (fd < 0)
        expect_fail(place, "%s: %s", path, strerror(errno));
    free(path);
    return fd;
}

/* With an ACCOUNT it logs in to that, over TLS, else not. */
static struct weechat *start(struct place place, const char *folder, unsigned port,
                             const char *nick, const char *account, const char *password)
{
    struct weechat *weechat = calloc(1, sizeof(*weechat));
    char *fifo = format("/set fifo.file.path %s/fifo", folder);
    char *add =
        format("/server add test 127.0.0.1/%u %s -nicks=%s", port,
               account ? "-ssl -ssl_verify=off -sasl_mechanism=scram-sha-256" : "-notls", nick);
    char *name = format("/set irc.server.test.sasl_username %s", account ? account : "");
    char *secret = format("/set irc.server.test.sasl_password %s", password ? password : "");

    EXPECT(weechat && (weechat->folder = strdup(folder)), "no memory");
    /* Nothing waits for its turn: neither what is logged nor what is sent. */
    weechat->program = PROGRAM_START(folder, "weechat-headless", "--dir", folder, "-r",
                                     "/set logger.file.flush_delay 0", "-r",
                                     "/set irc.server_default.anti_flood_prio_high 0", "-r",
                                     "/set irc.server_default.anti_flood_prio_low 0", "-r", fifo,
                                     "-r", add, "-r", name, "-r", secret, "-r", "/connect test");
    weechat->fifo = open_fifo(place, folder);
    free(fifo);
    free(add);
    free(name);
    free(secret);
    return weechat;
}

struct weechat *weechat_open(struct place place, const char *folder, unsigned port,
                             const char *nick)
{
    return start(place, folder, port, nick, NULL, NULL);
}

struct weechat *weechat_log_in(struct place place, const char *folder, unsigned port,
                               const char *nick, const char *account, const char *password)
{
    return start(place, folder, port, nick, account, password);
}

void weechat_type(struct weechat *weechat, const char *buffer, const char *text)
{
    bool server = strcmp(buffer, "server") == 0;
    char line[1024];
    int length = snprintf(line, sizeof(line), "irc.%s.%s *%s\n", server ? "server" : "test",
                          server ? "test" : buffer, text);

    EXPECT(length > 0 && (size_t)length < sizeof(line), "a line that is too long");
    EXPECT(write(weechat->fifo, line, (size_t)length) == length, "fifo: %s", strerror(errno));
}

void weechat_expect(struct place place, struct weechat *weechat, const char *buffer,
                    const char *pattern)
{
    bool server = strcmp(buffer, "server") == 0;
    char path[512], whole[512];

    snprintf(path, sizeof(path), "%s/logs/irc.%s.%s.weechatlog", weechat->folder,
             server ? "server" : "test", server ? "test" : buffer);
    snprintf(whole, sizeof(whole), "[0-9]{4}-[0-9-]+ [0-9:]+\t(%s)", pattern);
    watch_for(place, watch_file, path, whole);
}

void weechat_expect_end(struct place place, struct weechat *weechat)
{
    program_expect_end(place, weechat->program);
}

void weechat_close(struct weechat *weechat)
{
    if (!weechat)
        return;
    program_stop(weechat->program);
    close(weechat->fifo);
    free(weechat->folder);
    free(weechat);
}
