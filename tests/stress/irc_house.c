/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/stress/irc_house.h"

#include "irc/irc.h"
#include "talk/talk.h"
#include "tests/lib/models.h"
#include "tests/lib/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct chat_world *world;
static struct irc *irc;
static struct talk *talk;
static struct test_server *server;
static unsigned ports[2];

static unsigned listen_for(const struct pl_service *service, void *context,
                           const struct house_rules *rules)
{
    struct pl_listener_options door = PL_LISTENER_OPTIONS;
    struct pl_listener *listener;

    door.max_line = 512 + 4096;
    door.sendq = rules->sendq ? rules->sendq : 64u << 20;
    if (rules->recvq)
        door.recvq = rules->recvq;
    EXPECT_RESULT(pl_server_listen(server_handle(server), service, context, &door, &listener), 0);
    return pl_listener_port(listener);
}

void house_open(const struct house_rules *rules)
{
    static const struct chat_settings limits = {.nick_length = 16,
                                                .channel_length = 64,
                                                .topic_length = 390,
                                                .channels_per_user = 10,
                                                .masks_per_list = 0};
    static const struct talk_settings talk_settings = {
        .network = "Stress", .motd = "", .lobby = "#lobby", .registration_timeout = 600};
    struct irc_settings settings = {.server = "test.example",
                                    .network = "Stress",
                                    .description = "",
                                    .contact = "",
                                    .icon = "",
                                    .password = "",
                                    .motd = "",
                                    .line = 512,
                                    .registration_timeout = 600,
                                    .flood_rate = rules->flood_rate,
                                    .flood_burst = rules->flood_burst};
    struct pl_server_options options = PL_SERVER_OPTIONS;
    struct chat_cloak_key key;

    options.model = models_turn();
    options.threads = 4;
    server = server_new(&options);
    EXPECT_RESULT(chat_world_new(&limits, 1, &world), 0);
    EXPECT_RESULT(chat_cloak_key_make(&key), 0);
    EXPECT_RESULT(irc_new(world, &settings, &key, &irc), 0);
    EXPECT_RESULT(talk_new(world, &talk_settings, &talk), 0);
    ports[0] = listen_for(&irc_service, irc, rules);
    ports[1] = listen_for(&talk_service, talk, rules);
    server_start(server);
}

/* chat_world_free() insists on an empty world. */
void house_close(void)
{
    server_free(server);
    irc_free(irc);
    talk_free(talk);
    chat_world_free(world);
}

unsigned house_irc_port(void)
{
    return ports[0];
}

void house_send(struct peer *peer, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text - 2, format, arguments);
    va_end(arguments);
    EXPECT(length >= 0 && (size_t)length < sizeof text - 2, "a line that is too long");
    memcpy(text + length, "\r\n", 2);
    PEER_SEND(peer, text, (size_t)length + 2);
}

struct peer *house_irc(const char *nick, const char *caps)
{
    struct peer *peer = PEER_CONNECT(ports[0]);

    if (caps) {
        house_send(peer, "CAP REQ :%s", caps);
        PEER_SKIP_TO(peer, ".* CAP \\* ACK :.*");
        house_send(peer, "CAP END");
    }
    house_send(peer, "NICK %s", nick);
    house_send(peer, "USER %s 0 * :Real %s", nick, nick);
    PEER_SKIP_TO(peer, ":test\\.example (376|422) .*");
    return peer;
}

struct peer *house_talk(const char *nick)
{
    struct peer *peer = PEER_CONNECT(ports[1]);
    char text[60];

    PEER_SKIP_TO(peer, "What is your nickname\\?");
    snprintf(text, sizeof text, "%s\n", nick);
    PEER_SEND_TEXT(peer, text);
    PEER_SKIP_TO(peer, ".* in #lobby: .*");
    return peer;
}

void house_sync(struct peer *peer, const char *token)
{
    char pattern[100];

    house_send(peer, "PING %s", token);
    snprintf(pattern, sizeof pattern, "(@[^ ]+ )?:test\\.example PONG test\\.example :%s", token);
    PEER_SKIP_TO(peer, pattern);
}
