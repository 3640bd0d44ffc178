/* SPDX-License-Identifier: MIT */
/* What is refused, and the words for it. */
#include "config.h"

#include "config/keys.h"
#include "config/suggest.h"
#include "tests/lib/expect.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HOST   "a host name (letters, digits, dots and dashes, 63 bytes at most)"
#define ROOM   "the name of a room ('#', then no space, comma or control character)"
#define TARGET "\"stderr\", \"syslog\", \"journal\" or a file's path with a dot or slash in it"
#define MODELS                                                                                     \
    "t.conf:1: pool.model: \"leader-followers\", \"half-sync-half-reactive\", "                    \
    "\"simulated-proactor\", \"loop-per-thread\", \"proactor\" or \"thread-per-connection\""
#define TEN     "1234567890"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define HUNDRED SIXTY TEN TEN TEN TEN

/* A text, and all that is to be said about it. */
struct refusal {
    const char *text;
    const char *complaints;
};

static void check(const struct refusal *refusals)
{
    for (; refusals->text; refusals++) {
        char *complaints = settings_complaints(refusals->text);

        EXPECT(strcmp(complaints, refusals->complaints) == 0, "of: %s\nis said:\n%sexpected:\n%s",
               refusals->text, complaints, refusals->complaints);
        free(complaints);
    }
}

static void numbers_are_checked_as_written(void)
{
    static const struct refusal refusals[] = {
        {"pool: { threads = -3; };", "t.conf:1: pool.threads: 0..1024 expected, got -3\n"},
        {"pool: { threads = 1025; };", "t.conf:1: pool.threads: 0..1024 expected, got 1025\n"},
        {"pool: { batch = 0; };", "t.conf:1: pool.batch: 1..1024 expected, got 0\n"},
        {"pool: { helper_threads = 0; };",
         "t.conf:1: pool.helper_threads: 1..1024 expected, got 0\n"},
        {"\n\npool: { threads = 4294967296; };",
         "t.conf:3: pool.threads: 0..1024 expected, got 4294967296\n"},
        {"pool: { threads = 4294967297L; };",
         "t.conf:1: pool.threads: 0..1024 expected, got 4294967297\n"},
        {"pool: { threads = 99999999999; };",
         "t.conf:1: pool.threads: 0..1024 expected, got 99999999999\n"},
        {"pool: { threads = 2147483648; };",
         "t.conf:1: pool.threads: 0..1024 expected, got 2147483648\n"},
        {"pool: { threads = 0x100000001; };",
         "t.conf:1: pool.threads: 0..1024 expected, got 4294967297\n"},
        {"pool: { threads = 18446744073709551617; };",
         "t.conf:1: pool.threads: 0..1024 expected, got 9223372036854775807 or more\n"},
        {"pool: { threads = -99999999999999999999; };",
         "t.conf:1: pool.threads: 0..1024 expected, got -9223372036854775808 or less\n"},
        {"pool: { threads = 0xffffffffffffffffff; };",
         "t.conf:1: pool.threads: 0..1024 expected, got 9223372036854775807 or more\n"},
        {"listeners = ( { service = \"talk\"; port = 1; max_line = 5; } );",
         "t.conf:1: listeners[0].max_line: 0 or 16..1048576 expected, got 5\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void values_of_another_type_are_refused(void)
{
    static const struct refusal refusals[] = {
        {"pool: { threads = \"4\"; };", "t.conf:1: pool.threads: 0..1024 expected, got \"4\"\n"},
        {"pool: { threads = 4.5; };", "t.conf:1: pool.threads: 0..1024 expected, got 4.5\n"},
        {"pool: { threads = true; };", "t.conf:1: pool.threads: 0..1024 expected, got true\n"},
        {"pool: { threads = [ 4 ]; };", "t.conf:1: pool.threads: 0..1024 expected, got an array\n"},
        {"pool: { threads = ( 4 ); };", "t.conf:1: pool.threads: 0..1024 expected, got a list\n"},
        {"pool: { threads: { x = 4; }; };",
         "t.conf:1: pool.threads: 0..1024 expected, got a group\n"},
        {"server: { name = 4; };", "t.conf:1: server.name: " HOST " expected, got 4\n"},
        {"pool: { model = false; };", MODELS " expected, got false\n"},
        {"listeners = ( { service = \"talk\"; path = \"x\"; mode = 0600; } );",
         "t.conf:1: listeners[0].mode: permissions in octal (\"0001\"..\"0777\") expected,"
         " got 600\n"},
        {"pool = 4;", "t.conf:1: pool: a group { ... } expected, got 4\n"},
        {"pool = ( );", "t.conf:1: pool: a group { ... } expected, got a list\n"},
        {"listeners: { service = \"talk\"; };",
         "t.conf:1: listeners: a list ( { ... }, { ... } ) expected, got a group\n"},
        {"listeners = [ 1 ];",
         "t.conf:1: listeners: a list ( { ... }, { ... } ) expected, got an array\n"},
        {"listeners = ( );", "t.conf:1: listeners: a list of 1..256 expected, got one of 0\n"},
        {"listeners = (\n7,\n( ) );",
         "t.conf:2: listeners[0]: a group { ... } expected, got 7\n"
         "t.conf:3: listeners[1]: a group { ... } expected, got a list\n"},
        {NULL, NULL},
    };

    check(refusals);
}

#define URL "\"\" or a URL that begins with https:// or http://, at most 200 bytes"

static void strings_are_checked(void)
{
    static const struct refusal refusals[] = {
        {"server: { name = \"\"; };", "t.conf:1: server.name: " HOST " expected, got \"\"\n"},
        {"server: { name = \"a b\"; };", "t.conf:1: server.name: " HOST " expected, got \"a b\"\n"},
        {"server: { name = \"-a\"; };", "t.conf:1: server.name: " HOST " expected, got \"-a\"\n"},
        {"server: { name = \"a.\"; };", "t.conf:1: server.name: " HOST " expected, got \"a.\"\n"},
        {"server: { name = \"a..b\"; };",
         "t.conf:1: server.name: " HOST " expected, got \"a..b\"\n"},
        {"server: { name = \"" SIXTY "abcd\"; };",
         "t.conf:1: server.name: " HOST " expected, got \"" SIXTY "abcd\"\n"},
        {"server: { name = \"" HUNDRED "\"; };",
         "t.conf:1: server.name: " HOST " expected, got \"" SIXTY TEN "...\"\n"},
        {"server: { network = \"a b\"; };",
         "t.conf:1: server.network: 1..63 bytes of UTF-8 without spaces and control characters"
         " expected, got \"a b\"\n"},
        {"server: { description = \"\\x1b[2J\"; };",
         "t.conf:1: server.description: at most 255 bytes of UTF-8 without control characters"
         " expected, got \"\\x1b[2J\"\n"},
        {"server: { icon = \"ftp://example.org/a\"; };",
         "t.conf:1: server.icon: " URL " expected, got \"ftp://example.org/a\"\n"},
        {"server: { icon = \"https:///a\"; };",
         "t.conf:1: server.icon: " URL " expected, got \"https:///a\"\n"},
        {"server: { icon = \"https://a/b c\"; };",
         "t.conf:1: server.icon: " URL " expected, got \"https://a/b c\"\n"},
        {"server: { motd = \"a\\nb\"; };",
         "t.conf:1: server.motd: \"\" or the path of a file expected, got \"a\\x0ab\"\n"},
        {"server: { user = \"-x\"; };",
         "t.conf:1: server.user: \"\" or the name of a user expected, got \"-x\"\n"},
        {"server: { state_dir = \"x\"; };",
         "t.conf:1: server.state_dir: \"\" or an absolute path expected, got \"x\"\n"},
        {"server: { control = \"" HUNDRED TEN "\"; };",
         "t.conf:1: server.control: \"\", \"none\" or a path of at most 107 bytes expected, got "
         "\"" SIXTY TEN "...\"\n"},
        {"pool: { model = \"Leader\"; };", MODELS " expected, got \"Leader\"\n"},
        {"log: { level = \"noisy\"; };", "t.conf:1: log.level: \"error\", \"warning\", \"info\" or"
                                         " \"debug\" expected, got \"noisy\"\n"},
        {"log: { target = \"sdterr\"; };",
         "t.conf:1: log.target: " TARGET " expected, got \"sdterr\"\n"},
        {"talk: { lobby = \"lobby\"; };",
         "t.conf:1: talk.lobby: " ROOM " expected, got \"lobby\"\n"},
        {"talk: { lobby = \"#\"; };", "t.conf:1: talk.lobby: " ROOM " expected, got \"#\"\n"},
        {"talk: { lobby = \"#a,b\"; };", "t.conf:1: talk.lobby: " ROOM " expected, got \"#a,b\"\n"},
        {"talk: { lobby = \"#a b\"; };", "t.conf:1: talk.lobby: " ROOM " expected, got \"#a b\"\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void only_utf8_is_shown_to_people(void)
{
    /* A stray byte, cut short, overlong, a surrogate, beyond Unicode, a C1 control character. */
    static const char *const bad[] = {"\x80",
                                      "\xc3",
                                      "\xc0\xaf",
                                      "\xe0\x80\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80",
                                      "\xc2\x9b",
                                      "\xe2\x82"};
    static const char *const good[] = {"\xc2\xa0",         "\xe2\x82\xac", "\xf0\x9f\x9a\xb4",
                                       "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"};
    char text[100];
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "talk: { lobby = \"#%s\"; };", bad[i]);
        free(settings_complaints(text));
    }
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(text, sizeof(text), "talk: { lobby = \"#%s\"; };", good[i]);
        config_unref(settings_load(text));
    }
}

static void addresses_are_numbers(void)
{
    static const char *const bad[] = {
        "",   "localhost", "127.1", "1.2.3.4.5",  "[1.2.3.4]", "::1]",    "[::1",
        "[]", "::1%",      "**",    "1.2.3.4%lo", "::1]x",     "::1%a b", "0x7f.0.0.1"};
    static const char *const good[][2] = {
        {"*", "*"},
        {"0.0.0.0", "0.0.0.0"},
        {"::", "::"},
        {"[::]", "::"},
        {"[2001:DB8:0:0::1]", "2001:db8::1"},
        {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
        {"fe80:0::1%eth0.5", "fe80::1%eth0.5"},
        {"[fe80::1%2]", "fe80::1%2"},
    };
    char text[200];
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char expected[300];
        char *complaints;

        snprintf(text, sizeof(text),
                 "listeners = (\n{ service = \"talk\";\naddress = \"%s\"; port = 1; } );", bad[i]);
        snprintf(expected, sizeof(expected),
                 "t.conf:3: listeners[0].address: an IPv4 or IPv6 address or \"*\" expected, got"
                 " \"%s\"\n",
                 bad[i]);
        complaints = settings_complaints(text);
        CU_ASSERT_STRING_EQUAL(complaints, expected);
        free(complaints);
    }
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct config *config;

        snprintf(text, sizeof(text),
                 "listeners = ( { service = \"talk\"; address = \"%s\"; port = 1; } );",
                 good[i][0]);
        config = settings_load(text);
        CU_ASSERT_STRING_EQUAL(config->listeners[0].address, good[i][1]);
        config_unref(config);
    }
}

static void unknown_keys_are_named_with_the_nearest_known(void)
{
    static const struct refusal refusals[] = {
        {"pool: { thread = 4; };",
         "t.conf:1: pool.thread: unknown key, did you mean \"threads\"?\n"},
        {"pool:\n{ btach = 4; };", "t.conf:2: pool.btach: unknown key, did you mean \"batch\"?\n"},
        {"pool: { line = 4; };",
         "t.conf:1: pool.line: unknown key, did you mean \"limits.line\"?\n"},
        {"pool: { colour = 4; };", "t.conf:1: pool.colour: unknown key\n"},
        {"pol: { threads = 4; };", "t.conf:1: pol: unknown key, did you mean \"pool\"?\n"},
        {"threads = 4;", "t.conf:1: threads: unknown key, did you mean \"pool.threads\"?\n"},
        {"xyzzy: { };", "t.conf:1: xyzzy: unknown key\n"},
        {"listeners = ( { service = \"talk\"; prot = 1; } );",
         "t.conf:1: listeners[0].prot: unknown key, did you mean \"port\"?\n"
         "t.conf:1: listeners[0].port: missing (or path, for a Unix socket)\n"},
        {"server: { secret = \"x\"; };", "t.conf:1: server.secret: unknown key\n"},
        {"pool: { ring = 1; };", "t.conf:1: pool.ring: unknown key\n"},
        {"metrics: { port = 1; };", "t.conf:1: metrics: unknown key\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void an_address_that_is_asked_for_must_be_made_sure_of(void)
{
    static const struct refusal refusals[] = {
        {"accounts: {\n email_required = true; };",
         "t.conf:2: accounts.email_required: an accounts.mail_command expected, there is none\n"},
        {"accounts: { email_required = true; mail_command = \"  \"; };",
         "t.conf:1: accounts.email_required: an accounts.mail_command expected, there is none\n"},
        {"accounts: { iterations = 4095; };",
         "t.conf:1: accounts.iterations: 4096..10000000 expected, got 4095\n"},
        {"accounts: { mail_command = \"a\\nb\"; };",
         "t.conf:1: accounts.mail_command: \"\" or a program and its arguments, at most 1023 bytes "
         "expected, got \"a\\x0ab\"\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void all_mistakes_are_reported(void)
{
    static const struct refusal refusals[] = {
        {"pool: {\n threads = -1;\n thread = 4;\n batch = \"x\";\n};\nsever: { };\n"
         "limits: {\n sendq = 1; };\n",
         "t.conf:2: pool.threads: 0..1024 expected, got -1\n"
         "t.conf:3: pool.thread: unknown key, did you mean \"threads\"?\n"
         "t.conf:4: pool.batch: 1..1024 expected, got \"x\"\n"
         "t.conf:6: sever: unknown key, did you mean \"server\"?\n"
         "t.conf:8: limits.sendq: 1024..1073741824 expected, got 1\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void settings_must_fit_each_other(void)
{
    static const struct refusal refusals[] = {
        {"limits: {\n high_water = 2000000; };",
         "t.conf:2: limits.high_water: at most limits.sendq (1048576) expected, got 2000000\n"},
        {"limits: {\n sendq = 2000; };",
         "t.conf:2: limits.sendq: at least limits.high_water (65536) expected, got 2000\n"},
        {"limits: { sendq = 2000;\n high_water = 3000; };",
         "t.conf:2: limits.high_water: at most limits.sendq (2000) expected, got 3000\n"},
        {"limits: { line = 20000; };",
         "t.conf:1: limits.line: at most limits.recvq (16384) expected, got 20000\n"},
        {"limits: { recvq = 511; };",
         "t.conf:1: limits.recvq: at least limits.line (512) expected, got 511\n"},
        {"limits: { line = 2001; sendq = 2000; high_water = 2000; };",
         "t.conf:1: limits.line: at most limits.sendq (2000) expected, got 2001\n"},
        {"limits: { flood_burst = 0; };",
         "t.conf:1: limits.flood_burst: at least 1 expected while limits.flood_rate is not 0, got"
         " 0\n"},
        {"talk: { lobby = \"#123456789\"; }; limits: { channel_length = 9; };",
         "t.conf:1: talk.lobby: at most limits.channel_length (9) bytes expected, got 10\n"},
        {"limits: { channel_length = 5; };", "t.conf:1: limits.channel_length: at least the length "
                                             "of talk.lobby (6) expected, got 5\n"},
        {NULL, NULL},
    };

    check(refusals);
    config_unref(settings_load("limits: { flood_burst = 0; flood_rate = 0; };"));
    config_unref(settings_load("limits: { sendq = 2000; high_water = 2000; line = 2000; };"));
    config_unref(settings_load("limits: { line = 16384; recvq = 16384; };"));
    config_unref(settings_load("limits: { channel_length = 6; };"));
}

static void listeners_have_a_port_or_a_path(void)
{
    static const struct refusal refusals[] = {
        {"listeners = ( { } );", "t.conf:1: listeners[0].service: missing\n"
                                 "t.conf:1: listeners[0].port: missing (or path, for a Unix"
                                 " socket)\n"},
        {"listeners = (\n{ service = \"talk\"; path = \"x\";\n port = 1; } );",
         "t.conf:3: listeners[0].port: not together with path\n"},
        {"listeners = (\n{ service = \"talk\"; path = \"x\";\n address = \"*\"; } );",
         "t.conf:3: listeners[0].address: not together with path\n"},
        {"listeners = (\n{ service = \"talk\"; port = 1;\n mode = \"0600\"; } );",
         "t.conf:3: listeners[0].mode: only together with path\n"},
        {"listeners = ( { service = \"web\"; port = 1; } );",
         "t.conf:1: listeners[0].service: \"irc\", \"talk\" or \"echo\" expected, got \"web\"\n"},
        {"listeners = ( { service = \"talk\"; path = \"\"; } );",
         "t.conf:1: listeners[0].path: a path of 1..107 bytes expected, got \"\"\n"},
        {"listeners = ( { service = \"talk\"; path = \"x\"; mode = \"0888\"; } );",
         "t.conf:1: listeners[0].mode: permissions in octal (\"0001\"..\"0777\") expected, got"
         " \"0888\"\n"},
        {"listeners = ( { service = \"talk\"; path = \"x\"; mode = \"0000\"; } );",
         "t.conf:1: listeners[0].mode: permissions in octal (\"0001\"..\"0777\") expected, got"
         " \"0000\"\n"},
        {"listeners = ( { service = \"talk\"; path = \"x\"; mode = \"1777\"; } );",
         "t.conf:1: listeners[0].mode: permissions in octal (\"0001\"..\"0777\") expected, got"
         " \"1777\"\n"},
        {"limits: { sendq = 65536; };\n"
         "listeners = ( { service = \"talk\"; port = 1;\n max_line = 65537; } );",
         "t.conf:3: listeners[0].max_line: at most limits.sendq (65536) expected, got 65537\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void no_two_listeners_share_a_socket(void)
{
    static const struct {
        const char *one;
        const char *other;
        const char *taken; /* NULL: they get along */
    } pairs[] = {
        {"port = 7", "port = 7", "address \"127.0.0.1\" with port 7"},
        {"port = 7; address = \"::1\"", "port = 7; address = \"[0::1]\"",
         "address \"::1\" with port 7"},
        {"port = 7; address = \"*\"", "port = 7", "address \"127.0.0.1\" with port 7"},
        {"port = 7; address = \"::1\"", "port = 7; address = \"*\"", "address \"*\" with port 7"},
        {"port = 7; address = \"0.0.0.0\"", "port = 7", "address \"127.0.0.1\" with port 7"},
        {"port = 7; address = \"::1\"", "port = 7; address = \"::\"", "address \"::\" with port 7"},
        {"path = \"x\"", "path = \"x\"", "path \"x\""},
        {"port = 7", "port = 8", NULL},
        {"port = 0", "port = 0", NULL},
        {"port = 7", "port = 7; address = \"127.0.0.2\"", NULL},
        {"port = 7", "port = 7; address = \"::1\"", NULL},
        {"port = 7; address = \"0.0.0.0\"", "port = 7; address = \"::1\"", NULL},
        {"path = \"x\"", "path = \"y\"", NULL},
        {"path = \"x\"", "port = 7", NULL},
    };
    char text[300];
    char expected[300];
    size_t i;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *complaints;

        snprintf(text, sizeof(text),
                 "listeners = (\n{ service = \"talk\"; %s; },\n{ service = \"echo\"; %s; }\n);",
                 pairs[i].one, pairs[i].other);
        if (!pairs[i].taken) {
            config_unref(settings_load(text));
            continue;
        }
        snprintf(expected, sizeof(expected),
                 "t.conf:3: listeners[1]: %s is taken by listeners[0] at t.conf:2\n",
                 pairs[i].taken);
        complaints = settings_complaints(text);
        CU_ASSERT_STRING_EQUAL(complaints, expected);
        free(complaints);
    }
}

/* Otherwise a mistake would bring up others that are not there. */
#define HASH                                                                                       \
    "SCRAM-SHA-256$4096:AAAA$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:"                        \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define OPER(name) "{ name = \"" name "\"; password = \"" HASH "\"; }"
#define OPER_NAME  "1..64 bytes of UTF-8 without spaces and control characters, not ':' first"

static void opers_have_names_and_hashed_passwords(void)
{
    static const struct refusal refusals[] = {
        {"opers = ( { } );", "t.conf:1: opers[0].name: missing\n"
                             "t.conf:1: opers[0].password: missing\n"},
        {"opers = (\n" OPER("a") ",\n" OPER("b") ",\n" OPER("a") " );",
         "t.conf:4: opers[2].name: \"a\" is taken by opers[0] at t.conf:2\n"},
        {"opers = ( " OPER("a b") " );",
         "t.conf:1: opers[0].name: " OPER_NAME " expected, got \"a b\"\n"},
        {"opers = ( " OPER(":a") " );",
         "t.conf:1: opers[0].name: " OPER_NAME " expected, got \":a\"\n"},
        {"opers = ( { name = \"a\"; passwort = \"" HASH "\"; } );",
         "t.conf:1: opers[0].passwort: unknown key, did you mean \"password\"?\n"
         "t.conf:1: opers[0].password: missing\n"},
        {"oper_classes = ( { name = \"a\"; } );\nopers = ( { name = \"b\"; class = \"c\";"
         " password = \"" HASH "\"; } );",
         "t.conf:1: oper_classes[0].rights: missing\n"
         "t.conf:2: opers[0].class: there is no class \"c\" in oper_classes\n"},
        {"oper_classes = ( { name = \"a\"; rights = 1; } );",
         "t.conf:1: oper_classes[0].rights: a list of rights ( \"kill\", ... ) expected, got 1\n"},
        {"opers = { name = \"a\"; };",
         "t.conf:1: opers: a list ( { ... }, { ... } ) expected, got a group\n"},
        {NULL, NULL},
    };

    check(refusals);
}

#define NETWORK "an address, ADDRESS/BITS with no other bits set, or \"unix\""

static void gateways_are_somewhere_and_may_do_something(void)
{
    static const struct refusal refusals[] = {
        {"gateways = (\n{ } );",
         "t.conf:2: gateways[0]: proxy_protocol = true or a webirc_password expected, got neither\n"
         "t.conf:2: gateways[0].from: missing\n"},
        {"gateways = ( { from = \"::1\"; proxy_protocol = false; } );",
         "t.conf:1: gateways[0]: proxy_protocol = true or a webirc_password expected, got "
         "neither\n"},
        {"gateways = ( { from = \"::1\"; proxy_protocol = 1; } );",
         "t.conf:1: gateways[0].proxy_protocol: true or false expected, got 1\n"},
        {"gateways = ( { proxy_protocol = true;\nfrom = \"10.0.0.1/8\"; } );",
         "t.conf:2: gateways[0].from: " NETWORK " expected, got \"10.0.0.1/8\"\n"},
        {"gateways = ( { proxy_protocol = true; from = \"localhost\"; } );",
         "t.conf:1: gateways[0].from: " NETWORK " expected, got \"localhost\"\n"},
        {"gateways = ( { proxy_protocol = true; from = \"10.0.0.0/33\"; } );",
         "t.conf:1: gateways[0].from: " NETWORK " expected, got \"10.0.0.0/33\"\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void where_gateways_come_there_are_some(void)
{
    static const struct refusal refusals[] = {
        {"listeners = (\n{ service = \"irc\"; port = 1; },\n"
         "{ service = \"irc\"; port = 2; proxy_protocol = true; } );\n"
         "gateways = ( { from = \"::1\"; webirc_password = \"a\"; } );",
         "t.conf:3: listeners[1].proxy_protocol: a gateway with proxy_protocol = true expected, "
         "there is none\n"},
        {"listeners = ( { service = \"irc\"; port = 2; proxy_protocol = \"yes\"; } );",
         "t.conf:1: listeners[0].proxy_protocol: true or false expected, got \"yes\"\n"},
        {NULL, NULL},
    };

    check(refusals);
}

/* Not even a wrong one, which may be right elsewhere. */
static void no_message_has_a_password(void)
{
    static const struct refusal refusals[] = {
        {"opers = ( { name = \"a\"; password = \"pencil\"; } );",
         "t.conf:1: opers[0].password: what \"pacelinectl hash-password\" has written expected, "
         "got "
         "something else\n"},
        {"gateways = ( { from = \"::1\"; webirc_password = \"pen cil\"; } );",
         "t.conf:1: gateways[0].webirc_password: one word, not ':' first, or what \"pacelinectl "
         "hash-password\" has written expected, got something else\n"},
        {"gateways = ( { from = \"::1\"; webirc_password = \"SCRAM-SHA-256$1:a$b:c\"; } );",
         "t.conf:1: gateways[0].webirc_password: one word, not ':' first, or what \"pacelinectl "
         "hash-password\" has written expected, got something else\n"},
        {"server: { password = \"pen\tcil\"; };",
         "t.conf:1: server.password: at most 255 bytes of UTF-8 without control characters "
         "expected, got something else\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void what_is_wrong_itself_is_not_compared(void)
{
    static const struct refusal refusals[] = {
        {"limits: { sendq = 0; high_water = 1024; };",
         "t.conf:1: limits.sendq: 1024..1073741824 expected, got 0\n"},
        {"limits: { sendq = 2000; high_water = \"x\"; };",
         "t.conf:1: limits.high_water: 1024..1073741824 expected, got \"x\"\n"},
        {"listeners = ( { service = \"talk\"; port = 1; },\n"
         "{ service = \"talk\"; port = 1; address = \"x\"; } );",
         "t.conf:2: listeners[1].address: an IPv4 or IPv6 address or \"*\" expected, got \"x\"\n"},
        {"limits: { channel_length = 5; }; talk: { lobby = \"x\"; };",
         "t.conf:1: talk.lobby: " ROOM " expected, got \"x\"\n"},
        {NULL, NULL},
    };

    check(refusals);
}

static void every_number_is_held_to_its_range(void)
{
    size_t i;

    for (i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        bool list = strcmp(key->group, "listeners") == 0;
        bool group = !config_group_find(key->group)->element;
        char text[200];
        char expected[200];
        char *complaints;

        if (key->kind != CONFIG_NUMBER || (!list && !group)) /* other lists have their own tests */
            continue;
        snprintf(text, sizeof(text), "%s%s %s = %" PRIu64 "; %s", key->group,
                 list ? " = ( { service = \"talk\";" : ": {", key->name, (uint64_t)key->max + 1,
                 !list                            ? "};"
                 : strcmp(key->name, "port") == 0 ? "} );"
                                                  : "port = 1; } );");
        snprintf(expected, sizeof(expected), "t.conf:1: %s%s.%s: %s%" PRIu32 "..%" PRIu32,
                 key->group, list ? "[0]" : "", key->name, key->or_zero ? "0 or " : "", key->min,
                 key->max);
        complaints = settings_complaints(text);
        EXPECT(strncmp(complaints, expected, strlen(expected)) == 0, "%s: %s", text, complaints);
        free(complaints);
    }
}

static void distances_count_letters_put_in_left_out_changed_and_swapped(void)
{
    char longest[CONFIG_NAME_MAX + 2];

    CU_ASSERT_EQUAL(config_distance("batch", "batch"), 0);
    CU_ASSERT_EQUAL(config_distance("", "batch"), 5);
    CU_ASSERT_EQUAL(config_distance("bach", "batch"), 1);
    CU_ASSERT_EQUAL(config_distance("baatch", "batch"), 1);
    CU_ASSERT_EQUAL(config_distance("botch", "batch"), 1);
    CU_ASSERT_EQUAL(config_distance("btach", "batch"), 1);
    CU_ASSERT_EQUAL(config_distance("kitten", "sitting"), 3);
    memset(longest, 'a', sizeof(longest) - 1);
    longest[CONFIG_NAME_MAX + 1] = '\0';
    CU_ASSERT(config_distance(longest, "a") > 1000);
    CU_ASSERT_EQUAL(config_distance(longest + 1, "a"), CONFIG_NAME_MAX - 1);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"numbers are checked as written", numbers_are_checked_as_written},
        {"values of another type are refused", values_of_another_type_are_refused},
        {"strings are checked", strings_are_checked},
        {"only UTF-8 is shown to people", only_utf8_is_shown_to_people},
        {"addresses are numbers", addresses_are_numbers},
        {"unknown keys are named with the nearest known",
         unknown_keys_are_named_with_the_nearest_known},
        {"an address that is asked for must be made sure of",
         an_address_that_is_asked_for_must_be_made_sure_of},
        {"all mistakes are reported", all_mistakes_are_reported},
        {"settings must fit each other", settings_must_fit_each_other},
        {"listeners have a port or a path", listeners_have_a_port_or_a_path},
        {"no two listeners share a socket", no_two_listeners_share_a_socket},
        {"gateways are somewhere and may do something",
         gateways_are_somewhere_and_may_do_something},
        {"where gateways come there are some", where_gateways_come_there_are_some},
        {"opers have names and hashed passwords", opers_have_names_and_hashed_passwords},
        {"no message has a password", no_message_has_a_password},
        {"what is wrong itself is not compared", what_is_wrong_itself_is_not_compared},
        {"every number is held to its range", every_number_is_held_to_its_range},
        {"distances count letters put in, left out, changed and swapped",
         distances_count_letters_put_in_left_out_changed_and_swapped},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config errors", tests);
}
