/* SPDX-License-Identifier: MIT */
/* IRC: the key that hides hosts, at the start and when a reload brings the first people. */
#include "config.h"

#include "chat/cloak.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void the_cloak_key_is_kept_and_secret(void)
{
    struct daemon *daemon = IRC_START("");
    struct stat st;

    CU_ASSERT_EQUAL_FATAL(stat(daemon_path(daemon, "cloak.key"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_EQUAL(st.st_size, 32);
    DAEMON_STOP(daemon);
}

static void reload(struct daemon *daemon, const char *configuration)
{
    daemon_configure(daemon, configuration);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
}

/* The port of the listener for irc, which was not there at the start. */
static unsigned new_port(struct daemon *daemon)
{
    static const char label[] = "listener: irc 127.0.0.1 ";
    struct peer *peer = PEER_OPEN(.path = daemon_path(daemon, "control"));
    unsigned port;
    char *line;

    PEER_SEND_TEXT(peer, "status\n");
    do
        EXPECT_RESULT(peer_next_line(peer, &line), 0);
    while (strncmp(line, label, strlen(label)) != 0);
    port = (unsigned)strtoul(line + strlen(label), NULL, 10);
    peer_close(peer);
    return port;
}

#define ECHO_ONLY DAEMON_SERVER "listeners = ( { service = \"echo\"; port = 0; } );\n"

static void a_reload_that_brings_the_first_people_keeps_the_key(void)
{
    struct daemon *daemon = DAEMON_START(ECHO_ONLY, 1);
    struct stat st;

    CU_ASSERT_EQUAL(stat(daemon_path(daemon, "cloak.key"), &st), -1);
    reload(daemon, IRC_ONLY);
    CU_ASSERT_EQUAL_FATAL(stat(daemon_path(daemon, "cloak.key"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_EQUAL(st.st_size, 32);
    DAEMON_STOP(daemon);
}

static void a_reload_that_brings_the_first_people_uses_the_key_that_was_kept(void)
{
    struct daemon *daemon = DAEMON_START(ECHO_ONLY, 1);
    struct chat_cloak_key key = {"that was here before"};
    FILE *file = fopen(daemon_path(daemon, "cloak.key"), "w");
    char host[CHAT_CLOAK_MAX + 1];
    char expected[200];
    struct peer *peer;

    EXPECT(file && fwrite(&key, sizeof key, 1, file) == 1 && fclose(file) == 0, "cloak.key");
    reload(daemon, IRC_ONLY);
    peer = PEER_CONNECT(new_port(daemon));
    PEER_SEND_TEXT(peer, "NICK alice\r\nUSER al 0 * :Alice\r\nUSERHOST alice\r\n");
    chat_cloak(&key, "127.0.0.1", host);
    snprintf(expected, sizeof expected, ":test.example 302 alice :alice=+~al@%s", host);
    PEER_SKIP_TO(peer, ".* 422 .*");
    PEER_EXPECT_LINE(peer, expected);
    peer_close(peer);
    DAEMON_STOP(daemon);
}

static void a_key_that_is_none_keeps_people_out(void)
{
    struct daemon *daemon = DAEMON_START(ECHO_ONLY, 1);
    FILE *file = fopen(daemon_path(daemon, "cloak.key"), "w");

    EXPECT(file && fputs("short", file) >= 0 && fclose(file) == 0, "cloak.key");
    daemon_configure(daemon, IRC_ONLY);
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "cloak.key: this is no key");
    DAEMON_EXPECT_LOG(daemon, "the configuration stays as it was");
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(the_cloak_key_is_kept_and_secret),
        TEST(a_reload_that_brings_the_first_people_keeps_the_key),
        TEST(a_reload_that_brings_the_first_people_uses_the_key_that_was_kept),
        TEST(a_key_that_is_none_keeps_people_out),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_key", tests);
}
