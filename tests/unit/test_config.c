/* SPDX-License-Identifier: MIT */
/* Snapshots: what is read into them, what they print, and how they live. */
#include "config.h"

#include "config/diff.h"
#include "config/keys.h"
#include "config/snapshot.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <paceline.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Every key of every group, and none with its default. */
static const char everything[] =
    "server: { name = \"chat.example.org\"; network = \"Example\"; contact = \"root@example.org\"; "
    "icon = \"https://example.org/a.png\"; description = \"\xc3\x9c "
    "\\\"\\\\\";"
    " motd = \"motd.txt\"; password = \"p w\"; user = "
    "\"paceline\"; state_dir = \"/var/lib/x\"; "
    "control = \"none\"; "
    "};\n"
    "pool: { model = \"loop-per-thread\"; threads = 3; spare_threads = 0; batch = 1; "
    "queue = 7; connection_threads = 8; helper_threads = 4; helper_queue = 5; };\n"
    "listeners = ( { service = \"echo\"; address = \"[0:0::1]\"; port = 0; backlog = 5;"
    " max_line = 16; proxy_protocol = true; },\n"
    " { service = \"talk\"; path = \"t.sock\"; mode = \"600\"; backlog = 6; max_line = 1048576; } "
    ");\n"
    "gateways = ( { from = \"10.0.0.0/8\"; proxy_protocol = true; },\n"
    " { from = \"unix\"; proxy_protocol = true; } );\n"
    "tls: { certificate = \"c.pem\"; key = \"\"; min_version = \"1.3\"; ciphers = \"DEFAULT\";\n"
    "  ticket_lifetime = 77; };\n"
    "certificates = ( { certificate = \"d.pem\"; key = \"k.pem\"; } );\n"
    "limits: { connections = 1; per_address = 2; connect_rate = 3; connect_burst = 4; prefix_ipv4 "
    "= 24; "
    "prefix_ipv6 = 48; line = 64; "
    "recvq = 65; sendq = 2097152;"
    " high_water = 1025; nick_length = 3; channel_length = 10; topic_length = 4;"
    " masks_per_list = 20; bans = 25; watched_nicks = 30; redact_messages = 31; redact_window = "
    "32; "
    "channels_per_user = 5; registration_timeout = 6; "
    "ping_interval = 9; write_timeout = 7; "
    "idle_timeout = 8; proxy_timeout = 10; tls_timeout = 33;"
    " drain_timeout = 9; flood_rate = 11; flood_burst = 12;"
    " metadata_rate = 14; metadata_burst = 15; };\n"
    "talk: { lobby = \"#porch\"; };\n"
    "irc: { capabilities_off = \"setname chghost\"; batch_timeout = 13; sts_port = 34; "
    "sts_duration = 35; };\n"
    "log: { level = \"debug\"; target = \"x.log\"; };\n"
    "store: { backend = \"none\"; path = \"x.db\"; queue = 18; busy_timeout = 19; };\n"
    "history: { enabled = false; path = \"h.db\"; lines = 61; days = 62; events = false; page = "
    "63;\n"
    " missed = 68; playback = 64; commit_interval = 65; queue = 66; queue_bytes = 65537; };\n"
    "accounts: { registration = false; before_connect = false; custom_account_name = false; "
    "email_required = true; mail_command = \"mail -t\"; verify_time = 60; min_password = 36; "
    "plain_text = true; iterations = 4096; nick_grace = 37; registrations_per_hour = 38; "
    "login_failures = 39; login_failure_time = 40; certificates = 41; multiclient = false; "
    "sessions = 42; always_on = \"opt-out\"; always_on_expiry = 43; };\n"
    "channels: { registration = false; per_account = 44; access = 45; };\n"
    "defcon: { level_4 = \"no-speech\"; level_3 = \"no-speech\"; level_2 = \"no-speech\"; "
    "level_1 = \"no-speech\"; message = \"no\"; notice = \"\"; };\n"
    "dns: { resolve = true; timeout = 14; remember = 15; threads = 16; server = \"192.0.2.53\"; "
    "port = 17; };\n"
    "blocklists = ( { name = \"list.example\"; } );\n"
    "classes = ( { name = \"near\"; from = \"192.0.2.0/24\"; connections = 13; } );\n";

static void check_equal(const struct config *one, const struct config *other)
{
    struct config_diff diff;
    size_t i;

    EXPECT_RESULT(config_diff_init(&diff, one, other), 0);
    for (i = 0; i < diff.key_count; i++)
        EXPECT(false, "%s.%s differs", diff.keys[i]->group, diff.keys[i]->name);
    CU_ASSERT_EQUAL(one->listener_count, other->listener_count);
    CU_ASSERT_EQUAL(diff.listener_count, one->listener_count);
    for (i = 0; i < diff.listener_count; i++) {
        CU_ASSERT_EQUAL(diff.listeners[i].fate, CONFIG_KEPT);
        CU_ASSERT_PTR_EQUAL(diff.listeners[i].before, &one->listeners[i]);
        CU_ASSERT_PTR_EQUAL(diff.listeners[i].after, &other->listeners[i]);
        CU_ASSERT_EQUAL(one->listeners[i].max_line, other->listeners[i].max_line);
    }
    CU_ASSERT_EQUAL_FATAL(one->gateway_count, other->gateway_count);
    for (i = 0; i < one->gateway_count; i++) {
        CU_ASSERT_STRING_EQUAL(one->gateways[i].from, other->gateways[i].from);
        CU_ASSERT_EQUAL(one->gateways[i].proxy_protocol, other->gateways[i].proxy_protocol);
    }
    config_diff_deinit(&diff);
}

static void an_empty_file_means_the_defaults(void)
{
    struct config *empty = settings_load("");
    struct config *defaults = NULL;

    CU_ASSERT_EQUAL_FATAL(config_defaults(&defaults), 0);
    check_equal(empty, defaults);
    config_unref(defaults);
    CU_ASSERT_STRING_EQUAL(empty->server.name, "localhost");
    CU_ASSERT_STRING_EQUAL(empty->server.motd, "");
    CU_ASSERT_STRING_EQUAL(empty->server.password, "");
    CU_ASSERT_STRING_EQUAL(empty->pool.model, "leader-followers");
    CU_ASSERT_EQUAL(empty->pool.threads, 0);
    CU_ASSERT_EQUAL(empty->pool.spare_threads, 64);
    CU_ASSERT_EQUAL(empty->pool.batch, 64);
    CU_ASSERT_EQUAL(empty->pool.queue, 1024);
    CU_ASSERT_EQUAL(empty->pool.connection_threads, 4096);
    CU_ASSERT_EQUAL(empty->pool.helper_threads, 2);
    CU_ASSERT_EQUAL(empty->pool.helper_queue, 256);
    CU_ASSERT_EQUAL(empty->limits.line, 512);
    CU_ASSERT_EQUAL(empty->limits.sendq, 1048576);
    CU_ASSERT_EQUAL(empty->limits.high_water, 65536);
    CU_ASSERT_EQUAL(empty->limits.ping_interval, 120);
    CU_ASSERT_EQUAL(empty->limits.write_timeout, 120);
    CU_ASSERT_EQUAL(empty->limits.drain_timeout, 10);
    CU_ASSERT_STRING_EQUAL(empty->talk.lobby, "#lobby");
    CU_ASSERT_STRING_EQUAL(empty->irc.capabilities_off, "");
    CU_ASSERT_STRING_EQUAL(empty->log.level, "info");
    CU_ASSERT_STRING_EQUAL(empty->log.target, "stderr");
    CU_ASSERT_EQUAL_FATAL(empty->listener_count, 3);
    CU_ASSERT_STRING_EQUAL(empty->listeners[0].service, "irc");
    CU_ASSERT_STRING_EQUAL(empty->listeners[0].address, "127.0.0.1");
    CU_ASSERT_EQUAL(empty->listeners[0].port, 6667);
    CU_ASSERT_STRING_EQUAL(empty->listeners[0].path, "");
    CU_ASSERT_EQUAL(empty->listeners[0].backlog, 1024);
    CU_ASSERT_STRING_EQUAL(empty->listeners[1].service, "talk");
    CU_ASSERT_EQUAL(empty->listeners[1].port, 7000);
    CU_ASSERT_STRING_EQUAL(empty->listeners[2].service, "echo");
    CU_ASSERT_EQUAL(empty->listeners[2].port, 7007);
    config_unref(empty);
}

static void check_history(const struct config_history *history)
{
    CU_ASSERT_EQUAL(history->enabled, 0);
    CU_ASSERT_STRING_EQUAL(history->path, "h.db");
    CU_ASSERT_EQUAL(history->lines, 61);
    CU_ASSERT_EQUAL(history->days, 62);
    CU_ASSERT_EQUAL(history->events, 0);
    CU_ASSERT_EQUAL(history->page, 63);
    CU_ASSERT_EQUAL(history->missed, 68);
    CU_ASSERT_EQUAL(history->playback, 64);
    CU_ASSERT_EQUAL(history->commit_interval, 65);
    CU_ASSERT_EQUAL(history->queue, 66);
    CU_ASSERT_EQUAL(history->queue_bytes, 65537);
}

static void every_key_reaches_its_field(void)
{
    struct config *config = settings_load(everything);

    CU_ASSERT_STRING_EQUAL(config->server.name, "chat.example.org");
    CU_ASSERT_STRING_EQUAL(config->server.network, "Example");
    CU_ASSERT_STRING_EQUAL(config->server.contact, "root@example.org");
    CU_ASSERT_STRING_EQUAL(config->server.description, "\xc3\x9c \"\\");
    CU_ASSERT_STRING_EQUAL(config->server.icon, "https://example.org/a.png");
    CU_ASSERT_STRING_EQUAL(config->server.motd, "motd.txt");
    CU_ASSERT_STRING_EQUAL(config->server.password, "p w");
    CU_ASSERT_STRING_EQUAL(config->server.user, "paceline");
    CU_ASSERT_STRING_EQUAL(config->server.state_dir, "/var/lib/x");
    CU_ASSERT_STRING_EQUAL(config->server.control, "none");
    CU_ASSERT_STRING_EQUAL(config->pool.model, "loop-per-thread");
    CU_ASSERT_EQUAL(config->pool.threads, 3);
    CU_ASSERT_EQUAL(config->pool.spare_threads, 0);
    CU_ASSERT_EQUAL(config->pool.batch, 1);
    CU_ASSERT_EQUAL(config->pool.queue, 7);
    CU_ASSERT_EQUAL(config->pool.connection_threads, 8);
    CU_ASSERT_EQUAL(config->pool.helper_threads, 4);
    CU_ASSERT_EQUAL(config->pool.helper_queue, 5);
    CU_ASSERT_EQUAL(config->limits.connections, 1);
    CU_ASSERT_EQUAL(config->limits.per_address, 2);
    CU_ASSERT_EQUAL(config->limits.connect_rate, 3);
    CU_ASSERT_EQUAL(config->limits.connect_burst, 4);
    CU_ASSERT_EQUAL(config->limits.prefix_ipv4, 24);
    CU_ASSERT_EQUAL(config->limits.prefix_ipv6, 48);
    CU_ASSERT_EQUAL(config->limits.line, 64);
    CU_ASSERT_EQUAL(config->limits.recvq, 65);
    CU_ASSERT_EQUAL(config->limits.sendq, 2097152);
    CU_ASSERT_EQUAL(config->limits.high_water, 1025);
    CU_ASSERT_EQUAL(config->limits.nick_length, 3);
    CU_ASSERT_EQUAL(config->limits.channel_length, 10);
    CU_ASSERT_EQUAL(config->limits.topic_length, 4);
    CU_ASSERT_EQUAL(config->limits.masks_per_list, 20);
    CU_ASSERT_EQUAL(config->limits.bans, 25);
    CU_ASSERT_EQUAL(config->limits.watched_nicks, 30);
    CU_ASSERT_EQUAL(config->limits.redact_messages, 31);
    CU_ASSERT_EQUAL(config->limits.redact_window, 32);
    CU_ASSERT_EQUAL(config->limits.channels_per_user, 5);
    CU_ASSERT_EQUAL(config->limits.registration_timeout, 6);
    CU_ASSERT_EQUAL(config->limits.ping_interval, 9);
    CU_ASSERT_EQUAL(config->limits.write_timeout, 7);
    CU_ASSERT_EQUAL(config->limits.idle_timeout, 8);
    CU_ASSERT_EQUAL(config->limits.proxy_timeout, 10);
    CU_ASSERT_EQUAL(config->limits.tls_timeout, 33);
    CU_ASSERT_STRING_EQUAL(config->tls.certificate, "c.pem");
    CU_ASSERT_STRING_EQUAL(config->tls.key, "");
    CU_ASSERT_STRING_EQUAL(config->tls.min_version, "1.3");
    CU_ASSERT_STRING_EQUAL(config->tls.ciphers, "DEFAULT");
    CU_ASSERT_EQUAL(config->tls.ticket_lifetime, 77);
    CU_ASSERT_EQUAL_FATAL(config->certificate_count, 1);
    CU_ASSERT_STRING_EQUAL(config->certificates[0].certificate, "d.pem");
    CU_ASSERT_STRING_EQUAL(config->certificates[0].key, "k.pem");
    CU_ASSERT_EQUAL(config->limits.drain_timeout, 9);
    CU_ASSERT_EQUAL(config->limits.flood_rate, 11);
    CU_ASSERT_EQUAL(config->limits.flood_burst, 12);
    CU_ASSERT_EQUAL(config->limits.metadata_rate, 14);
    CU_ASSERT_EQUAL(config->limits.metadata_burst, 15);
    CU_ASSERT_STRING_EQUAL(config->store.backend, "none");
    CU_ASSERT_STRING_EQUAL(config->store.path, "x.db");
    CU_ASSERT_EQUAL(config->store.queue, 18);
    CU_ASSERT_EQUAL(config->store.busy_timeout, 19);
    check_history(&config->history);
    CU_ASSERT_EQUAL(config->accounts.registration, 0);
    CU_ASSERT_EQUAL(config->accounts.before_connect, 0);
    CU_ASSERT_EQUAL(config->accounts.custom_account_name, 0);
    CU_ASSERT_EQUAL(config->accounts.email_required, 1);
    CU_ASSERT_STRING_EQUAL(config->accounts.mail_command, "mail -t");
    CU_ASSERT_EQUAL(config->accounts.verify_time, 60);
    CU_ASSERT_EQUAL(config->accounts.min_password, 36);
    CU_ASSERT_EQUAL(config->accounts.plain_text, 1);
    CU_ASSERT_EQUAL(config->accounts.iterations, 4096);
    CU_ASSERT_EQUAL(config->accounts.nick_grace, 37);
    CU_ASSERT_EQUAL(config->accounts.registrations_per_hour, 38);
    CU_ASSERT_EQUAL(config->accounts.login_failures, 39);
    CU_ASSERT_EQUAL(config->accounts.login_failure_time, 40);
    CU_ASSERT_EQUAL(config->accounts.certificates, 41);
    CU_ASSERT_EQUAL(config->accounts.multiclient, 0);
    CU_ASSERT_EQUAL(config->accounts.sessions, 42);
    CU_ASSERT_STRING_EQUAL(config->accounts.always_on, "opt-out");
    CU_ASSERT_EQUAL(config->accounts.always_on_expiry, 43);
    CU_ASSERT_EQUAL(config->channels.registration, 0);
    CU_ASSERT_EQUAL(config->channels.per_account, 44);
    CU_ASSERT_EQUAL(config->channels.access, 45);
    CU_ASSERT_STRING_EQUAL(config->talk.lobby, "#porch");
    CU_ASSERT_STRING_EQUAL(config->irc.capabilities_off, "setname chghost");
    CU_ASSERT_EQUAL(config->irc.batch_timeout, 13);
    CU_ASSERT_EQUAL(config->irc.sts_port, 34);
    CU_ASSERT_EQUAL(config->irc.sts_duration, 35);
    CU_ASSERT_EQUAL(config->dns.resolve, 1);
    CU_ASSERT_EQUAL(config->dns.timeout, 14);
    CU_ASSERT_EQUAL(config->dns.remember, 15);
    CU_ASSERT_EQUAL(config->dns.threads, 16);
    CU_ASSERT_STRING_EQUAL(config->dns.server, "192.0.2.53");
    CU_ASSERT_EQUAL(config->dns.port, 17);
    CU_ASSERT_STRING_EQUAL(config->log.level, "debug");
    CU_ASSERT_STRING_EQUAL(config->log.target, "x.log");
    config_unref(config);
}

static void listeners_are_read_in_their_order(void)
{
    struct config *config = settings_load(everything);
    const struct config_listener *listener = config->listeners;

    CU_ASSERT_EQUAL_FATAL(config->listener_count, 2);
    CU_ASSERT_STRING_EQUAL(listener->service, "echo");
    CU_ASSERT_STRING_EQUAL(listener->address, "::1");
    CU_ASSERT_EQUAL(listener->port, 0);
    CU_ASSERT_STRING_EQUAL(listener->path, "");
    CU_ASSERT_EQUAL(listener->backlog, 5);
    CU_ASSERT_EQUAL(listener->max_line, 16);
    CU_ASSERT_EQUAL(listener->proxy_protocol, 1);
    CU_ASSERT_EQUAL(listener->place.line, 3);
    listener++;
    CU_ASSERT_STRING_EQUAL(listener->service, "talk");
    CU_ASSERT_STRING_EQUAL(listener->address, "");
    CU_ASSERT_STRING_EQUAL(listener->path, "t.sock");
    CU_ASSERT_EQUAL(listener->mode, 0600);
    CU_ASSERT_EQUAL(listener->backlog, 6);
    CU_ASSERT_EQUAL(listener->max_line, 1048576);
    CU_ASSERT_EQUAL(listener->proxy_protocol, 0);
    CU_ASSERT_EQUAL(listener->tls, 0);
    CU_ASSERT_EQUAL(listener->place.line, 4);
    config_unref(config);
}

/* So that every_key_reaches_its_field cannot pass with two fields mixed up or one forgotten. */
static void the_text_with_everything_has_each_key_and_no_default(void)
{
    struct config *config = settings_load(everything);
    struct config *defaults = NULL;
    struct config_diff diff;
    size_t plain = 0;
    size_t i;

    CU_ASSERT_EQUAL_FATAL(config_defaults(&defaults), 0);
    CU_ASSERT_EQUAL_FATAL(config_diff_init(&diff, defaults, config), 0);
    for (i = 0; i < config_key_count; i++)
        plain += !config_group_find(config_keys[i].group)->element;
    CU_ASSERT_EQUAL(diff.key_count, plain);
    config_diff_deinit(&diff);
    config_unref(defaults);
    config_unref(config);
}

static void a_dump_reads_back_to_the_same(void)
{
    static const char *const texts[] = {
        "", everything,
        "listeners = ( { service = \"talk\"; address = \"fe80::1%lo\"; port = 1; } );"};
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct config *config = settings_load(texts[i]);
        char *dump = settings_dump(config);
        struct config *again = settings_load(dump);
        char *dumped_again = settings_dump(again);

        check_equal(config, again);
        CU_ASSERT_STRING_EQUAL(dump, dumped_again);
        free(dumped_again);
        free(dump);
        config_unref(again);
        config_unref(config);
    }
}

#define HASH(salt)                                                                                 \
    "SCRAM-SHA-256$4096:" salt "$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:"                    \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define OPERS                                                                                      \
    "opers = (\n  { name = \"al\"; password = \"" HASH(                                            \
        "AAAA") "\"; },\n"                                                                         \
                "  { password = \"" HASH("BBBB") "\"; name = \"bo\"; } );\n"

static void opers_are_read_in_their_order(void)
{
    struct config *config = settings_load(OPERS);
    struct config *none = settings_load("opers = ( );");

    CU_ASSERT_EQUAL_FATAL(config->oper_count, 2);
    CU_ASSERT_STRING_EQUAL(config->opers[0].name, "al");
    CU_ASSERT_STRING_EQUAL(config->opers[0].password, HASH("AAAA"));
    CU_ASSERT_EQUAL(config->opers[0].place.line, 2);
    CU_ASSERT_STRING_EQUAL(config->opers[1].name, "bo");
    CU_ASSERT_STRING_EQUAL(config->opers[1].password, HASH("BBBB"));
    CU_ASSERT_EQUAL(config->opers[1].place.line, 3);
    CU_ASSERT_EQUAL(none->oper_count, 0);
    config_unref(none);
    config_unref(config);
}

static void a_dump_has_the_names_of_opers_but_no_password(void)
{
    struct config *config = settings_load(OPERS);
    char *dump = settings_dump(config);
    struct config *again = settings_load(dump);
    static const char expected[] = "opers = (\n"
                                   "#   {\n"
                                   "#       name = \"al\";\n"
                                   "#       password = \"...\";\n"
                                   "#       class = \"\";\n"
                                   "#       from = ( );\n"
                                   "#   },\n"
                                   "#   {\n"
                                   "#       name = \"bo\";\n"
                                   "#       password = \"...\";\n"
                                   "#       class = \"\";\n"
                                   "#       from = ( );\n"
                                   "#   }\n"
                                   ");\n";

    CU_ASSERT_PTR_NOT_NULL(strstr(dump, expected));
    CU_ASSERT_PTR_NULL(strstr(dump, "SCRAM"));
    CU_ASSERT_EQUAL(again->oper_count, 0);
    config_unref(again);
    free(dump);
    config_unref(config);
}

static void a_dump_names_every_setting(void)
{
    char *text;
    struct config *config;
    char *dump;
    char line[80];
    size_t i;

    CU_ASSERT_FATAL(asprintf(&text, "%s%s%s%s", everything,
                             "oper_classes = ( { name = \"a\"; rights = \"kill\"; } );\n",
                             "filters = ( { pattern = \"a\"; } );\n", OPERS) > 0);
    config = settings_load(text);
    dump = settings_dump(config);
    for (i = 0; i < config_key_count; i++) {
        if (config_group_find(config_keys[i].group)->hidden)
            continue; /* what may be hidden has tests of its own */
        snprintf(line, sizeof(line), " %s = ", config_keys[i].name);
        EXPECT(strstr(dump, line), "no %s in:\n%s", config_keys[i].name, dump);
    }
    free(dump);
    free(text);
    config_unref(config);
}

static void words_are_a_list_or_one_string(void)
{
    struct config *config = settings_load(
        "oper_classes = ( { name = \"a\"; rights = ( \"kill\", \"kline\" ); },"
        " { name = \"b\"; rights = [ \"x\\\"y\" ]; }, { name = \"c\"; rights = \"kill\"; },"
        " { name = \"d\"; rights = ( ); } );");
    static const char expected[] = "oper_classes = (\n"
                                   "    {\n"
                                   "        name = \"a\";\n"
                                   "        rights = ( \"kill\", \"kline\" );\n"
                                   "    },\n"
                                   "    {\n"
                                   "        name = \"b\";\n"
                                   "        rights = ( \"x\\\"y\" );\n"
                                   "    },\n";
    char *dump = settings_dump(config);
    struct config *again = settings_load(dump);

    CU_ASSERT_EQUAL_FATAL(config->class_count, 4);
    CU_ASSERT_STRING_EQUAL(config->classes[0].rights, "kill kline");
    CU_ASSERT_STRING_EQUAL(config->classes[2].rights, "kill");
    CU_ASSERT_STRING_EQUAL(config->classes[3].rights, "");
    CU_ASSERT_PTR_NOT_NULL(strstr(dump, expected));
    CU_ASSERT_EQUAL_FATAL(again->class_count, 4);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_STRING_EQUAL(again->classes[i].rights, config->classes[i].rights);
    config_unref(again);
    free(dump);
    config_unref(config);
}

static void a_dump_to_a_full_device_fails(void)
{
    struct config *config = settings_load("");
    FILE *full = fopen("/dev/full", "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(full);
    CU_ASSERT_EQUAL(config_dump(config, full), -ENOSPC);
    fclose(full);
    config_unref(config);
}

static void settings_know_where_they_stand(void)
{
    struct config *config =
        settings_load("pool: {\n\n  threads\n = 1; };\nlog: { level = \"info\"; };");
    struct config_place place = config_place_of(config, "pool", "threads");

    CU_ASSERT_EQUAL(place.line, 3);
    CU_ASSERT_STRING_EQUAL(place.file, "t.conf");
    CU_ASSERT_EQUAL(config_place_of(config, "log", "level").line, 5);
    CU_ASSERT_PTR_NULL(config_place_of(config, "log", "target").file);
    CU_ASSERT_PTR_NULL(config->listeners[0].place.file);
    config_unref(config);
}

static void a_listener_takes_lines_as_long_as_its_service_wants(void)
{
    struct config *config = settings_load("limits: { line = 100; sendq = 70000; };\n"
                                          "listeners = ( { service = \"talk\"; port = 1; },\n"
                                          "  { service = \"echo\"; port = 2; },\n"
                                          "  { service = \"echo\"; port = 3; max_line = 17; } );");
    struct config *small = settings_load("limits: { sendq = 2000; high_water = 2000; };");

    CU_ASSERT_EQUAL(config_listener_line(config, &config->listeners[0]), 100);
    CU_ASSERT_EQUAL(config_listener_line(config, &config->listeners[1]), 65536);
    CU_ASSERT_EQUAL(config_listener_line(config, &config->listeners[2]), 17);
    CU_ASSERT_EQUAL(config_listener_line(small, &small->listeners[0]), 512 + 4096);
    CU_ASSERT_EQUAL(config_listener_line(small, &small->listeners[1]), 512);
    CU_ASSERT_EQUAL(config_listener_line(small, &small->listeners[2]), 2000);
    config_unref(small);
    config_unref(config);
}

/* Those that can be had here, in the library's order; the others it knows by name. */
static void the_models_are_those_of_the_library(void)
{
    const char *const *choices = config_key_get("pool", "model")->choices;
    const char *const *models = pl_models();

    for (size_t i = 0; choices[i]; i++) {
        const char *missing = pl_model_missing(choices[i]);

        if (missing) {
            CU_ASSERT_STRING_NOT_EQUAL(missing, pl_model_missing("no model"));
        } else {
            CU_ASSERT_STRING_EQUAL(choices[i], *models++);
        }
    }
    CU_ASSERT_PTR_NULL(*models);
}

static void *take_and_give_back(void *argument)
{
    struct config *config = argument;
    int i;

    for (i = 0; i < 20000; i++)
        config_unref(config_ref(config));
    config_unref(config);
    return NULL;
}

static void threads_share_a_snapshot_until_the_last_lets_go(void)
{
    struct config *config = settings_load(everything);
    pthread_t threads[4];
    size_t i;

    for (i = 0; i < 4; i++)
        EXPECT_RESULT(pthread_create(&threads[i], NULL, take_and_give_back, config_ref(config)), 0);
    for (i = 0; i < 4; i++)
        EXPECT_RESULT(pthread_join(threads[i], NULL), 0);
    CU_ASSERT_EQUAL(config->references, 1);
    CU_ASSERT_STRING_EQUAL(config->talk.lobby, "#porch");
    config_unref(config);
    config_unref(NULL);
}

/* One allocation of config_load_text() after the other fails; returns how many there are. */
static long fail_each_allocation(const char *text, int expected)
{
    long n;

    for (n = 1;; n++) {
        struct config_errors errors;
        struct config *config = NULL;
        int outcome;

        config_errors_init(&errors);
        failmalloc_after(n);
        outcome = config_load_text("t.conf", text, strlen(text), &config, &errors);
        failmalloc_off();
        config_errors_deinit(&errors);
        if (!failmalloc_fired()) {
            CU_ASSERT_EQUAL(outcome, expected);
            config_unref(config);
            return n - 1;
        }
        CU_ASSERT_EQUAL(outcome, -ENOMEM);
        CU_ASSERT_PTR_NULL(config);
    }
}

static void without_memory_reading_fails_and_leaks_nothing(void)
{
    CU_ASSERT(fail_each_allocation("", 0) > 10);
    CU_ASSERT(fail_each_allocation(everything, 0) > 20);
    CU_ASSERT(fail_each_allocation("pool: { threads = -1; x = 1; };\n"
                                   "listeners = ( { service = \"x\"; port = 1; }, 5 );",
                                   CONFIG_INVALID) > 10);
    CU_ASSERT(fail_each_allocation("pool: { threads = 1; threads = 2; };", CONFIG_INVALID) > 5);
    CU_ASSERT(fail_each_allocation("\"", CONFIG_INVALID) > 3);
}

static void without_memory_there_are_no_defaults(void)
{
    struct config *config;
    int outcome;
    long n = 0;

    do {
        failmalloc_after(++n);
        outcome = config_defaults(&config);
        failmalloc_off();
        CU_ASSERT_EQUAL(outcome, failmalloc_fired() ? -ENOMEM : 0);
        CU_ASSERT_EQUAL(config == NULL, failmalloc_fired());
    } while (failmalloc_fired() && n < 1000);
    CU_ASSERT(n > 10 && n < 1000);
    config_unref(config);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"an empty file means the defaults", an_empty_file_means_the_defaults},
        {"every key reaches its field", every_key_reaches_its_field},
        {"listeners are read in their order", listeners_are_read_in_their_order},
        {"the text with everything has each key and no default",
         the_text_with_everything_has_each_key_and_no_default},
        {"a dump reads back to the same", a_dump_reads_back_to_the_same},
        {"a dump names every setting", a_dump_names_every_setting},
        {"opers are read in their order", opers_are_read_in_their_order},
        {"words are a list or one string", words_are_a_list_or_one_string},
        {"a dump has the names of opers but no password",
         a_dump_has_the_names_of_opers_but_no_password},
        {"a dump to a full device fails", a_dump_to_a_full_device_fails},
        {"settings know where they stand", settings_know_where_they_stand},
        {"a listener takes lines as long as its service wants",
         a_listener_takes_lines_as_long_as_its_service_wants},
        {"the models are those of the library", the_models_are_those_of_the_library},
        {"threads share a snapshot until the last lets go",
         threads_share_a_snapshot_until_the_last_lets_go},
        {"without memory reading fails and leaks nothing",
         without_memory_reading_fails_and_leaks_nothing},
        {"without memory there are no defaults", without_memory_there_are_no_defaults},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config", tests);
}
