/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/keys.h"

#include "config/checks.h"
#include "config/snapshot.h"

#include <assert.h>
#include <string.h>

/* Rows of plain groups; what is not given in a row follows it. */
#define FIELD(g, n) .group = #g, .name = #n, .offset = offsetof(struct config, g.n)
#define ELEMENT(n)  .group = "listeners", .name = #n, .offset = offsetof(struct config_listener, n)
#define CERTIFICATE(n)                                                                             \
    .group = "certificates", .name = #n, .offset = offsetof(struct config_certificate, n)
#define GATEWAY(n) .group = "gateways", .name = #n, .offset = offsetof(struct config_gateway, n)
#define CLIENT(n)  .group = "classes", .name = #n, .offset = offsetof(struct config_client_class, n)
#define CLASS(n)   .group = "oper_classes", .name = #n, .offset = offsetof(struct config_class, n)
#define BLOCKLIST(n)                                                                               \
    .group = "blocklists", .name = #n, .offset = offsetof(struct config_blocklist, n)
#define OPER(n)       .group = "opers", .name = #n, .offset = offsetof(struct config_oper, n)
#define FILTER(n)     .group = "filters", .name = #n, .offset = offsetof(struct config_filter, n)
#define RANGE(lo, hi) .min = (lo), .max = (hi)
#define NUMBER        .kind = CONFIG_NUMBER
#define STRING        .kind = CONFIG_STRING
#define CHOICE        .kind = CONFIG_CHOICE
#define MODE          .kind = CONFIG_MODE
#define BOOL          .kind = CONFIG_BOOL
#define WORDS         .kind = CONFIG_WORDS
#define RELOAD        .reload = true
#define RESTRICTIONS  .expected = "names of restrictions, with spaces between them"

#define DAY 86400u

/* Also those that cannot be had everywhere: rules.c says so then. */
static const char *const models[] = {
    "leader-followers",
    "half-sync-half-reactive",
    "simulated-proactor",
    "loop-per-thread",
    "proactor",
    "thread-per-connection",
    NULL,
};
static const char *const backends[] = {"auto", "sqlite", "none", NULL};
static const char *const always_on[] = {"disabled", "opt-in", "opt-out", "mandatory", NULL};
static const char *const services[] = {"irc", "talk", "echo", NULL};
static const char *const actions[] = {"warn", "block", "kill", "ban", NULL};
static const char *const list_actions[] = {"refuse", "mark", NULL};
static const char *const versions[] = {"1.2", "1.3", NULL};
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
    {.name = "tls"},
    {.name = "certificates",
     .element = sizeof(struct config_certificate),
     .array = offsetof(struct config, certificates),
     .count = offsetof(struct config, certificate_count),
     .most = 64},
    {.name = "gateways",
     .element = sizeof(struct config_gateway),
     .array = offsetof(struct config, gateways),
     .count = offsetof(struct config, gateway_count),
     .most = 256,
     .hidden = true},
    {.name = "limits"},
    {.name = "classes",
     .element = sizeof(struct config_client_class),
     .array = offsetof(struct config, client_classes),
     .count = offsetof(struct config, client_class_count),
     .most = 64},
    {.name = "talk"},
    {.name = "irc"},
    {.name = "defcon"},
    {.name = "oper_classes",
     .element = sizeof(struct config_class),
     .array = offsetof(struct config, classes),
     .count = offsetof(struct config, class_count),
     .most = 64},
    {.name = "dns"},
    {.name = "blocklists",
     .element = sizeof(struct config_blocklist),
     .array = offsetof(struct config, blocklists),
     .count = offsetof(struct config, blocklist_count),
     .most = 16},
    {.name = "opers",
     .element = sizeof(struct config_oper),
     .array = offsetof(struct config, opers),
     .count = offsetof(struct config, oper_count),
     .most = 64,
     .hidden = true},
    {.name = "filters",
     .element = sizeof(struct config_filter),
     .array = offsetof(struct config, filters),
     .count = offsetof(struct config, filter_count),
     .most = 100},
    {.name = "store"},
    {.name = "history"},
    {.name = "accounts"},
    {.name = "channels"},
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
    {FIELD(server, icon), STRING, RANGE(0, 200), .string = "", .valid = config_valid_url, RELOAD,
     .expected = "\"\" or a URL that begins with https:// or http://, at most 200 bytes"},
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
    {FIELD(pool, queue), NUMBER, RANGE(1, 65536), .number = 1024, .unit = "requests"},
    {FIELD(pool, connection_threads), NUMBER, RANGE(0, 65536), .number = 4096, .unit = "threads"},
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
    {ELEMENT(proxy_protocol), BOOL, .number = false, RELOAD},
    {ELEMENT(tls), BOOL, .number = false, RELOAD},

    {FIELD(tls, certificate), STRING, RANGE(1, 4095), .string = "tls-cert.pem",
     .valid = config_valid_path, RELOAD, .expected = "the path of a file"},
    {FIELD(tls, key), STRING, RANGE(0, 4095), .string = "tls-key.pem",
     .valid = config_valid_path, RELOAD, .expected = "\"\" or the path of a file"},
    {FIELD(tls, min_version), CHOICE, .choices = versions, .string = "1.2", RELOAD},
    {FIELD(tls, ciphers), STRING, RANGE(0, 1023), .string = "", .valid = config_valid_text, RELOAD,
     .expected = "names of ciphers, as OpenSSL has them, with colons between them"},
    {FIELD(tls, ticket_lifetime), NUMBER, RANGE(0, 604800), .number = 7200, .unit = "seconds",
     RELOAD},
    {CERTIFICATE(certificate), STRING, RANGE(1, 4095), .string = "", .valid = config_valid_path,
     RELOAD, .expected = "the path of a file"},
    {CERTIFICATE(key), STRING, RANGE(0, 4095), .string = "", .valid = config_valid_path, RELOAD,
     .expected = "\"\" or the path of a file"},

    {GATEWAY(from), STRING, RANGE(1, 80), .string = "", .valid = config_valid_network, RELOAD,
     .expected = "an address, ADDRESS/BITS with no other bits set, or \"unix\""},
    {GATEWAY(proxy_protocol), BOOL, .number = false, RELOAD},
    {GATEWAY(webirc_password), STRING, RANGE(1, 255), .string = "", .valid = config_valid_webirc,
     RELOAD, .secret = true,
     .expected = "one word, not ':' first, or what \"pacelinectl hash-password\" has written"},

    {FIELD(limits, connections), NUMBER, RANGE(0, 1000000), .number = 0, .unit = "connections",
     RELOAD},
    {FIELD(limits, per_address), NUMBER, RANGE(0, 1000000), .number = 64, .unit = "connections",
     RELOAD},
    {FIELD(limits, connect_rate), NUMBER, RANGE(0, 1000000), .number = 60,
     .unit = "connections per minute", RELOAD},
    {FIELD(limits, connect_burst), NUMBER, RANGE(1, 1000000), .number = 120,
     .unit = "connections", RELOAD},
    {FIELD(limits, prefix_ipv4), NUMBER, RANGE(1, 32), .number = 32, .unit = "bits", RELOAD},
    {FIELD(limits, prefix_ipv6), NUMBER, RANGE(1, 128), .number = 64, .unit = "bits", RELOAD},
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
    {FIELD(limits, bans), NUMBER, RANGE(0, 1000000), .number = 10000, .unit = "bans", RELOAD},
    {FIELD(limits, watched_nicks), NUMBER, RANGE(1, 10000), .number = 100, .unit = "nicknames",
     RELOAD},
    {FIELD(limits, redact_messages), NUMBER, RANGE(0, 1048576), .number = 8192, .unit = "messages",
     RELOAD},
    {FIELD(limits, redact_window), NUMBER, RANGE(0, 7 * DAY), .number = 3600, .unit = "seconds",
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
    {FIELD(limits, proxy_timeout), NUMBER, RANGE(0, 3600), .number = 5, .unit = "seconds", RELOAD},
    {FIELD(limits, tls_timeout), NUMBER, RANGE(0, 3600), .number = 10, .unit = "seconds", RELOAD},
    {FIELD(limits, drain_timeout), NUMBER, RANGE(0, 3600), .number = 10, .unit = "seconds",
     RELOAD},
    {FIELD(limits, flood_rate), NUMBER, RANGE(0, 1000000), .number = 10,
     .unit = "lines per second", RELOAD},
    {FIELD(limits, flood_burst), NUMBER, RANGE(0, 1000000), .number = 40, .unit = "lines",
     RELOAD},
    {FIELD(limits, metadata_rate), NUMBER, RANGE(0, 1000000), .number = 60,
     .unit = "changes per minute", RELOAD},
    {FIELD(limits, metadata_burst), NUMBER, RANGE(1, 1000000), .number = 30, .unit = "changes",
     RELOAD},

    {CLIENT(name), STRING, RANGE(1, 64), .string = "", .valid = config_valid_oper, RELOAD,
     .expected = "1..64 bytes of UTF-8 without spaces and control characters, not ':' first"},
    {CLIENT(from), WORDS, RANGE(1, 1023), .string = "", .valid = config_valid_network, RELOAD,
     .expected = "a list of addresses and prefixes ( \"192.0.2.0/24\", ... )"},
    {CLIENT(password), STRING, RANGE(0, 255), .string = "", .valid = config_valid_text, RELOAD,
     .secret = true, .expected = "at most 255 bytes of UTF-8 without control characters"},
    {CLIENT(connections), NUMBER, RANGE(0, 1000000), .number = 0, .unit = "connections", RELOAD},
    {CLIENT(per_address), NUMBER, RANGE(0, 1000000), .number = 0, .unit = "connections", RELOAD},
    {CLIENT(recvq), NUMBER, RANGE(64, 16777216), .number = 0, .unit = "bytes", RELOAD},
    {CLIENT(sendq), NUMBER, RANGE(1024, 1073741824), .number = 0, .unit = "bytes", RELOAD},
    {CLIENT(channels_per_user), NUMBER, RANGE(0, 65536), .number = 0, .unit = "rooms", RELOAD},
    {CLIENT(registration_timeout), NUMBER, RANGE(0, DAY), .number = 0, .unit = "seconds", RELOAD},
    {CLIENT(ping_interval), NUMBER, RANGE(0, DAY), .number = 0, .unit = "seconds", RELOAD},
    {CLIENT(flood_rate), NUMBER, RANGE(0, 1000000), .number = 0, .unit = "lines per second",
     RELOAD},
    {CLIENT(flood_burst), NUMBER, RANGE(0, 1000000), .number = 0, .unit = "lines", RELOAD},

    {FIELD(talk, lobby), STRING, RANGE(2, 200), .string = "#lobby", .valid = config_valid_room,
     RELOAD,
     .expected = "the name of a room ('#', then no space, comma or control character)"},

    {FIELD(irc, capabilities_off), STRING, RANGE(0, 1023), .string = "",
     .valid = config_valid_text, RELOAD,
     .expected = "names of capabilities, with spaces between them"},
    {FIELD(irc, batch_timeout), NUMBER, RANGE(0, DAY), .number = 30, .unit = "seconds", RELOAD},
    {FIELD(irc, sts_port), NUMBER, RANGE(0, 65535), .number = 0, .unit = "port number", RELOAD},
    {FIELD(irc, sts_duration), NUMBER, RANGE(0, 366 * DAY), .number = 30 * DAY,
     .unit = "seconds", RELOAD},

    {FIELD(defcon, level_4), STRING, RANGE(0, 150), .valid = config_valid_text, RELOAD,
     .string = "no-new-channels", RESTRICTIONS},
    {FIELD(defcon, level_3), STRING, RANGE(0, 150), .valid = config_valid_text, RELOAD,
     .string = "no-new-channels no-strangers no-new-nicks", RESTRICTIONS},
    {FIELD(defcon, level_2), STRING, RANGE(0, 150), .valid = config_valid_text, RELOAD,
     .string = "no-new-channels no-strangers no-new-nicks no-newcomers", RESTRICTIONS},
    {FIELD(defcon, level_1), STRING, RANGE(0, 150), .valid = config_valid_text, RELOAD,
     .string = "no-new-channels no-strangers no-new-nicks no-newcomers nobody-comes",
     RESTRICTIONS},
    {FIELD(defcon, message), STRING, RANGE(1, 150), .valid = config_valid_text, RELOAD,
     .string = "The server takes nobody new just now, come back later",
     .expected = "1..150 bytes of UTF-8 without control characters"},
    {FIELD(defcon, notice), STRING, RANGE(0, 150), .valid = config_valid_text, RELOAD,
     .string = "The level of defence of this server has changed",
     .expected = "at most 150 bytes of UTF-8 without control characters"},

    {CLASS(name), STRING, RANGE(1, 64), .string = "", .valid = config_valid_oper, RELOAD,
     .expected = "1..64 bytes of UTF-8 without spaces and control characters, not ':' first"},
    {CLASS(rights), WORDS, RANGE(0, 1023), .string = "", .valid = config_valid_word, RELOAD,
     .expected = "a list of rights ( \"kill\", ... )"},
    {FIELD(dns, resolve), BOOL, .number = false, RELOAD},
    {FIELD(dns, timeout), NUMBER, RANGE(1, 60), .number = 5, .unit = "seconds", RELOAD},
    {FIELD(dns, remember), NUMBER, RANGE(0, DAY), .number = 300, .unit = "seconds", RELOAD},
    {FIELD(dns, threads), NUMBER, RANGE(1, 256), .number = 4, .unit = "threads"},
    {FIELD(dns, server), STRING, RANGE(0, 15), .string = "", .valid = config_valid_server, RELOAD,
     .expected = "\"\" or an IPv4 address"},
    {FIELD(dns, port), NUMBER, RANGE(1, 65535), .number = 53, .unit = "port number", RELOAD},

    {BLOCKLIST(name), STRING, RANGE(1, 128), .string = "", .valid = config_valid_host, RELOAD,
     .expected = "the name of a list (letters, digits, dots and dashes, 128 bytes at most)"},
    {BLOCKLIST(replies), WORDS, RANGE(0, 255), .string = "", .valid = config_valid_network, RELOAD,
     .expected = "a list of 0..16 addresses and prefixes ( \"127.0.0.2\", ... )"},
    {BLOCKLIST(action), CHOICE, .choices = list_actions, .string = "refuse", RELOAD},
    {BLOCKLIST(reason), STRING, RANGE(0, 255), .string = "", .valid = config_valid_text, RELOAD,
     .expected = "at most 255 bytes of UTF-8 without control characters"},

    {OPER(name), STRING, RANGE(1, 64), .string = "", .valid = config_valid_oper, RELOAD,
     .expected = "1..64 bytes of UTF-8 without spaces and control characters, not ':' first"},
    {OPER(password), STRING, RANGE(1, 255), .string = "", .valid = config_valid_password, RELOAD,
     .secret = true, .expected = "what \"pacelinectl hash-password\" has written"},
    {OPER(class), STRING, RANGE(0, 64), .string = "", .valid = config_valid_word, RELOAD,
     .expected = "\"\" or the name of one of oper_classes"},
    {OPER(from), WORDS, RANGE(0, 1023), .string = "", .valid = config_valid_word, RELOAD,
     .expected = "a list of addresses, prefixes and masks of hosts ( \"192.0.2.0/24\", ... )"},

    {FILTER(pattern), STRING, RANGE(1, 255), .string = "", .valid = config_valid_text, RELOAD,
     .expected = "a regular expression of 1..255 bytes of UTF-8 without control characters"},
    {FILTER(targets), STRING, RANGE(1, 16), .string = "cp", .valid = config_valid_targets, RELOAD,
     .expected = "letters of cpNnPqatu"},
    {FILTER(action), CHOICE, .choices = actions, .string = "block", RELOAD},
    {FILTER(duration), NUMBER, RANGE(1, 366 * DAY), .number = DAY, .unit = "seconds", RELOAD},
    {FILTER(reason), STRING, RANGE(0, 150), .string = "", .valid = config_valid_text, RELOAD,
     .expected = "at most 150 bytes of UTF-8 without control characters"},

    {FIELD(store, backend), CHOICE, .choices = backends, .string = "auto"},
    {FIELD(store, path), STRING, RANGE(1, 4095), .string = "paceline.db",
     .valid = config_valid_path, .expected = "a path of 1..4095 bytes"},
    {FIELD(store, queue), NUMBER, RANGE(1, 65536), .number = 1024, .unit = "changes"},
    {FIELD(store, busy_timeout), NUMBER, RANGE(0, 60), .number = 2, .unit = "seconds"},

    {FIELD(history, enabled), BOOL, .number = true},
    {FIELD(history, path), STRING, RANGE(1, 4095), .string = "history.db",
     .valid = config_valid_path, .expected = "a path of 1..4095 bytes"},
    {FIELD(history, lines), NUMBER, RANGE(0, 100000000), .number = 10000, .unit = "lines", RELOAD},
    {FIELD(history, days), NUMBER, RANGE(0, 36500), .number = 30, .unit = "days", RELOAD},
    {FIELD(history, events), BOOL, .number = true, RELOAD},
    {FIELD(history, page), NUMBER, RANGE(1, 1000), .number = 100, .unit = "lines", RELOAD},
    {FIELD(history, missed), NUMBER, RANGE(0, 1000), .number = 100, .unit = "lines", RELOAD},
    {FIELD(history, playback), NUMBER, RANGE(0, 1000), .number = 0, .unit = "lines", RELOAD},
    {FIELD(history, commit_interval), NUMBER, RANGE(1, 60000), .number = 100,
     .unit = "milliseconds"},
    {FIELD(history, queue), NUMBER, RANGE(1, 1000000), .number = 32768, .unit = "lines"},
    {FIELD(history, queue_bytes), NUMBER, RANGE(65536, 1073741824), .number = 16777216,
     .unit = "bytes"},

    {FIELD(accounts, registration), BOOL, .number = true, RELOAD},
    {FIELD(accounts, before_connect), BOOL, .number = true, RELOAD},
    {FIELD(accounts, custom_account_name), BOOL, .number = true, RELOAD},
    {FIELD(accounts, email_required), BOOL, .number = false, RELOAD},
    {FIELD(accounts, mail_command), STRING, RANGE(0, 1023), .string = "",
     .valid = config_valid_text, RELOAD,
     .expected = "\"\" or a program and its arguments, at most 1023 bytes"},
    {FIELD(accounts, verify_time), NUMBER, RANGE(60, 30 * DAY), .number = DAY, .unit = "seconds",
     RELOAD},
    {FIELD(accounts, min_password), NUMBER, RANGE(1, 592), .number = 1, .unit = "bytes", RELOAD},
    {FIELD(accounts, plain_text), BOOL, .number = false, RELOAD},
    {FIELD(accounts, iterations), NUMBER, RANGE(4096, 10000000), .number = 65536,
     .unit = "iterations", RELOAD},
    {FIELD(accounts, nick_grace), NUMBER, RANGE(0, 3600), .number = 60, .unit = "seconds", RELOAD},
    {FIELD(accounts, registrations_per_hour), NUMBER, RANGE(0, 100000), .number = 10,
     .unit = "registrations", RELOAD},
    {FIELD(accounts, login_failures), NUMBER, RANGE(0, 100000), .number = 10, .unit = "logins",
     RELOAD},
    {FIELD(accounts, login_failure_time), NUMBER, RANGE(1, DAY), .number = 600, .unit = "seconds",
     RELOAD},
    {FIELD(accounts, certificates), NUMBER, RANGE(0, 256), .number = 16, .unit = "certificates",
     RELOAD},
    {FIELD(accounts, multiclient), BOOL, .number = true, RELOAD},
    {FIELD(accounts, sessions), NUMBER, RANGE(0, 1000), .number = 10, .unit = "sessions", RELOAD},
    {FIELD(accounts, always_on), CHOICE, .choices = always_on, .string = "opt-in", RELOAD},
    {FIELD(accounts, always_on_expiry), NUMBER, RANGE(0, 36500), .number = 0, .unit = "days",
     RELOAD},

    {FIELD(channels, registration), BOOL, .number = true, RELOAD},
    {FIELD(channels, per_account), NUMBER, RANGE(0, 100000), .number = 20, .unit = "channels",
     RELOAD},
    {FIELD(channels, access), NUMBER, RANGE(0, 100000), .number = 256, .unit = "accounts", RELOAD},

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

bool config_key_is_text(const struct config_key *key)
{
    return key->kind != CONFIG_NUMBER && key->kind != CONFIG_BOOL && key->kind != CONFIG_MODE;
}
