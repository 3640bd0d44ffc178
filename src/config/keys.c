/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/keys.h"

#include "config/checks.h"
#include "config/snapshot.h"

#include <assert.h>
#include <string.h>

/* Rows of plain groups; what is not given in a row follows it. */
#define FIELD(g, n)   .group = #g, .name = #n, .offset = offsetof(struct config, g.n)
#define ELEMENT(n)    .group = "listeners", .name = #n, .offset = offsetof(struct config_listener, n)
#define OPER(n)       .group = "opers", .name = #n, .offset = offsetof(struct config_oper, n)
#define RANGE(lo, hi) .min = (lo), .max = (hi)
#define NUMBER        .kind = CONFIG_NUMBER
#define STRING        .kind = CONFIG_STRING
#define CHOICE        .kind = CONFIG_CHOICE
#define MODE          .kind = CONFIG_MODE
#define RELOAD        .reload = true

#define DAY 86400u

static const char *const models[] = {"leader-followers", "loop-per-thread", NULL};
static const char *const services[] = {"irc", "talk", "echo", NULL};
static const char *const levels[] = {"error", "warning", "info", "debug", NULL};

const struct config_group config_groups[] = {
    {.name = "server"},
    {.name = "pool"},
    {.name = "listeners",
     .element = sizeof(struct config_listener),
     .array = offsetof(struct config, listeners),
     .count = offsetof(struct config, listener_count),
     .least = 1,
     .most = 256},
    {.name = "limits"},
    {.name = "talk"},
    {.name = "irc"},
    {.name = "opers",
     .element = sizeof(struct config_oper),
     .array = offsetof(struct config, opers),
     .count = offsetof(struct config, oper_count),
     .most = 64,
     .hidden = true},
    {.name = "log"},
};

const size_t config_group_count = sizeof(config_groups) / sizeof(config_groups[0]);

/* clang-format off */
const struct config_key config_keys[] = {
    {FIELD(server, name), STRING, RANGE(1, 63), .string = "localhost", .valid = config_valid_host,
     .expected = "a host name (letters, digits, dots and dashes, 63 bytes at most)"},
    {FIELD(server, network), STRING, RANGE(1, 63), .string = "Paceline",
     .valid = config_valid_word, RELOAD,
     .expected = "1..63 bytes of UTF-8 without spaces and control characters"},
    {FIELD(server, description), STRING, RANGE(0, 255), .string = "A paceline server",
     .valid = config_valid_text, RELOAD,
     .expected = "at most 255 bytes of UTF-8 without control characters"},
    {FIELD(server, contact), STRING, RANGE(0, 255), .string = "", .valid = config_valid_text, RELOAD,
     .expected = "at most 255 bytes of UTF-8 without control characters"},
    {FIELD(server, motd), STRING, RANGE(0, 4095), .string = "", .valid = config_valid_path, RELOAD,
     .expected = "\"\" or the path of a file"},
    {FIELD(server, password), STRING, RANGE(0, 255), .string = "", .valid = config_valid_text,
     RELOAD, .secret = true,
     .expected = "at most 255 bytes of UTF-8 without control characters"},
    {FIELD(server, user), STRING, RANGE(0, 32), .string = "", .valid = config_valid_user,
     .expected = "\"\" or the name of a user"},
    {FIELD(server, state_dir), STRING, RANGE(0, 4095), .string = "",
     .valid = config_valid_absolute, .expected = "\"\" or an absolute path"},
    {FIELD(server, control), STRING, RANGE(0, 107), .string = "", .valid = config_valid_path,
     .expected = "\"\", \"none\" or a path of at most 107 bytes"},

    {FIELD(pool, model), CHOICE, .choices = models, .string = "leader-followers"},
    {FIELD(pool, threads), NUMBER, RANGE(0, 1024), .number = 0, .unit = "threads"},
    {FIELD(pool, spare_threads), NUMBER, RANGE(0, 1024), .number = 64, .unit = "threads"},
    {FIELD(pool, batch), NUMBER, RANGE(1, 1024), .number = 64, .unit = "events"},
    {FIELD(pool, helper_threads), NUMBER, RANGE(1, 1024), .number = 2, .unit = "threads"},
    {FIELD(pool, helper_queue), NUMBER, RANGE(1, 65536), .number = 256, .unit = "requests"},

    {ELEMENT(service), CHOICE, .choices = services, .string = NULL, RELOAD},
    {ELEMENT(address), STRING, RANGE(1, 80), .string = "127.0.0.1",
     .valid = config_valid_address, RELOAD,
     .expected = "an IPv4 or IPv6 address or \"*\""},
    {ELEMENT(port), NUMBER, RANGE(0, 65535), .number = 0, .unit = "port number", RELOAD},
    {ELEMENT(path), STRING, RANGE(1, 107), .string = "", .valid = config_valid_path, RELOAD,
     .expected = "a path of 1..107 bytes"},
    /* 0 would leave them to the umask. */
    {ELEMENT(mode), MODE, RANGE(1, 0777), .number = 0660, RELOAD},
    {ELEMENT(backlog), NUMBER, RANGE(1, 65535), .number = 1024, .unit = "connections", RELOAD},
    {ELEMENT(max_line), NUMBER, RANGE(16, 1048576), .or_zero = true, .number = 0, .unit = "bytes",
     RELOAD},

    {FIELD(limits, connections), NUMBER, RANGE(0, 1000000), .number = 0, .unit = "connections",
     RELOAD},
    {FIELD(limits, per_address), NUMBER, RANGE(0, 1000000), .number = 64, .unit = "connections",
     RELOAD},
    {FIELD(limits, connect_rate), NUMBER, RANGE(0, 1000000), .number = 60,
     .unit = "connections per minute", RELOAD},
    {FIELD(limits, connect_burst), NUMBER, RANGE(1, 1000000), .number = 120,
     .unit = "connections", RELOAD},
    {FIELD(limits, line), NUMBER, RANGE(64, 65536), .number = 512, .unit = "bytes", RELOAD},
    {FIELD(limits, recvq), NUMBER, RANGE(64, 16777216), .number = 16384, .unit = "bytes", RELOAD},
    {FIELD(limits, sendq), NUMBER, RANGE(1024, 1073741824), .number = 1048576, .unit = "bytes",
     RELOAD},
    {FIELD(limits, high_water), NUMBER, RANGE(1024, 1073741824), .number = 65536, .unit = "bytes",
     RELOAD},
    {FIELD(limits, nick_length), NUMBER, RANGE(1, 64), .number = 32, .unit = "bytes", RELOAD},
    {FIELD(limits, channel_length), NUMBER, RANGE(2, 200), .number = 64, .unit = "bytes", RELOAD},
    {FIELD(limits, topic_length), NUMBER, RANGE(1, 4096), .number = 390, .unit = "bytes", RELOAD},
    {FIELD(limits, masks_per_list), NUMBER, RANGE(1, 10000), .number = 100, .unit = "masks", RELOAD},
    {FIELD(limits, watched_nicks), NUMBER, RANGE(1, 10000), .number = 100, .unit = "nicknames",
     RELOAD},
    {FIELD(limits, channels_per_user), NUMBER, RANGE(0, 65536), .number = 100, .unit = "rooms",
     RELOAD},
    {FIELD(limits, registration_timeout), NUMBER, RANGE(0, DAY), .number = 60, .unit = "seconds",
     RELOAD},
    {FIELD(limits, ping_interval), NUMBER, RANGE(0, DAY), .number = 120, .unit = "seconds",
     RELOAD},
    {FIELD(limits, write_timeout), NUMBER, RANGE(0, DAY), .number = 120, .unit = "seconds",
     RELOAD},
    {FIELD(limits, idle_timeout), NUMBER, RANGE(0, 7 * DAY), .number = 0, .unit = "seconds",
     RELOAD},
    {FIELD(limits, drain_timeout), NUMBER, RANGE(0, 3600), .number = 10, .unit = "seconds",
     RELOAD},
    {FIELD(limits, flood_rate), NUMBER, RANGE(0, 1000000), .number = 10,
     .unit = "lines per second", RELOAD},
    {FIELD(limits, flood_burst), NUMBER, RANGE(0, 1000000), .number = 40, .unit = "lines",
     RELOAD},

    {FIELD(talk, lobby), STRING, RANGE(2, 200), .string = "#lobby", .valid = config_valid_room,
     RELOAD,
     .expected = "the name of a room ('#', then no space, comma or control character)"},

    {FIELD(irc, capabilities_off), STRING, RANGE(0, 1023), .string = "",
     .valid = config_valid_text, RELOAD,
     .expected = "names of capabilities, with spaces between them"},

    {OPER(name), STRING, RANGE(1, 64), .string = "", .valid = config_valid_oper, RELOAD,
     .expected = "1..64 bytes of UTF-8 without spaces and control characters, not ':' first"},
    {OPER(password), STRING, RANGE(1, 255), .string = "", .valid = config_valid_password, RELOAD,
     .secret = true, .expected = "what \"pacelinectl hash-password\" has written"},

    {FIELD(log, level), CHOICE, .choices = levels, .string = "info", RELOAD},
    {FIELD(log, target), STRING, RANGE(1, 4095), .string = "stderr",
     .valid = config_valid_target, RELOAD,
     .expected = "\"stderr\", \"syslog\", \"journal\" or a file's path with a dot or slash in it"},
};
/* clang-format on */

const size_t config_key_count = sizeof(config_keys) / sizeof(config_keys[0]);

const struct config_group *config_group_find(const char *name)
{
    size_t i;

    for (i = 0; i < config_group_count; i++)
        if (strcmp(config_groups[i].name, name) == 0)
            return &config_groups[i];
    return NULL;
}

const struct config_key *config_key_find(const char *group, const char *name)
{
    size_t i;

    for (i = 0; i < config_key_count; i++)
        if (strcmp(config_keys[i].group, group) == 0 && strcmp(config_keys[i].name, name) == 0)
            return &config_keys[i];
    return NULL;
}

const struct config_key *config_key_get(const char *group, const char *name)
{
    const struct config_key *key = config_key_find(group, name);

    assert(key);
    return key;
}

size_t config_key_index(const struct config_key *key)
{
    return (size_t)(key - config_keys);
}
