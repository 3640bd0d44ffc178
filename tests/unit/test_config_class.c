/* SPDX-License-Identifier: MIT */
/* Classes of connections in the configuration. */
#include "config.h"

#include "config/snapshot.h"
#include "tests/lib/expect.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <string.h>

static void what_a_class_leaves_out_is_that_of_limits(void)
{
    struct config *config = settings_load(
        "classes = ( { name = \"a\"; from = ( \"192.0.2.0/24\", \"2001:db8::/32\" ); } );\n"
        "server: { password = \"p\"; };\n"
        "limits: { connections = 1; per_address = 2; recvq = 1003; sendq = 1000004; "
        "channels_per_user = 5; registration_timeout = 6; ping_interval = 7; flood_rate = 8; "
        "flood_burst = 9; };");
    const struct config_client_class *class = config->client_classes;

    CU_ASSERT_EQUAL_FATAL(config->client_class_count, 1);
    CU_ASSERT_STRING_EQUAL(class->name, "a");
    CU_ASSERT_STRING_EQUAL(class->from, "192.0.2.0/24 2001:db8::/32");
    CU_ASSERT_STRING_EQUAL(class->password, "p");
    CU_ASSERT_EQUAL(class->connections, 0); /* which is not for all connections */
    CU_ASSERT_EQUAL(class->per_address, 2);
    CU_ASSERT_EQUAL(class->recvq, 1003);
    CU_ASSERT_EQUAL(class->sendq, 1000004);
    CU_ASSERT_EQUAL(class->channels_per_user, 5);
    CU_ASSERT_EQUAL(class->registration_timeout, 6);
    CU_ASSERT_EQUAL(class->ping_interval, 7);
    CU_ASSERT_EQUAL(class->flood_rate, 8);
    CU_ASSERT_EQUAL(class->flood_burst, 9);
    config_unref(config);
}

static void what_a_class_says_is_what_counts(void)
{
    struct config *config = settings_load(
        "server: { password = \"p\"; };\n"
        "classes = ( { name = \"a\"; from = \"192.0.2.1\"; password = \"\"; connections = 1; "
        "per_address = 2; recvq = 1003; sendq = 1024; channels_per_user = 5; "
        "registration_timeout = 0; ping_interval = 0; flood_rate = 0; flood_burst = 0; } );");
    const struct config_client_class *class = config->client_classes;

    CU_ASSERT_EQUAL_FATAL(config->client_class_count, 1);
    CU_ASSERT_STRING_EQUAL(class->password, "");
    CU_ASSERT_EQUAL(class->connections, 1);
    CU_ASSERT_EQUAL(class->per_address, 2);
    CU_ASSERT_EQUAL(class->recvq, 1003);
    CU_ASSERT_EQUAL(class->sendq, 1024);
    CU_ASSERT_EQUAL(class->channels_per_user, 5);
    CU_ASSERT_EQUAL(class->registration_timeout, 0);
    CU_ASSERT_EQUAL(class->ping_interval, 0);
    CU_ASSERT_EQUAL(class->flood_rate, 0);
    CU_ASSERT_EQUAL(class->flood_burst, 0);
    config_unref(config);
}

static void mistakes_are_named(void)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"classes = ( { from = \"::1\"; } );", "t.conf:1: classes[0].name: missing"},
        {"classes = ( { name = \"a\"; } );", "t.conf:1: classes[0].from: missing"},
        {"classes = ( { name = \"a\"; from = \"192.0.2.1/24\"; } );",
         "t.conf:1: classes[0].from: a list of addresses and prefixes ( \"192.0.2.0/24\", ... ) "
         "expected, got \"192.0.2.1/24\""},
        {"classes = ( { name = \"a\"; from = \"::1\"; },\n { name = \"a\"; from = \"::2\"; } );",
         "t.conf:2: classes[1].name: \"a\" is taken by classes[0] at t.conf:1"},
        {"classes = ( { name = \"a\"; from = \"::1\"; recvq = 100; } );",
         "t.conf:1: classes[0].recvq: at least limits.line (512) expected, got 100"},
        {"limits: { line = 2048; };\nclasses = ( { name = \"a\"; from = \"::1\"; sendq = 1024; } "
         ");",
         "t.conf:2: classes[0].sendq: at least limits.line (2048) expected, got 1024"},
        {"classes = ( { name = \"a\"; from = \"::1\"; flood_burst = 0; } );",
         "t.conf:1: classes[0].flood_burst: at least 1 expected while flood_rate is not 0, got 0"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config_errors errors;
        struct config *config = NULL;

        config_errors_init(&errors);
        EXPECT_RESULT(
            config_load_text("t.conf", cases[i].text, strlen(cases[i].text), &config, &errors),
            CONFIG_INVALID);
        CU_ASSERT_EQUAL(errors.count, 1);
        EXPECT(strcmp(errors.messages[0], cases[i].message) == 0, "got: %s", errors.messages[0]);
        config_errors_deinit(&errors);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what a class leaves out is that of limits", what_a_class_leaves_out_is_that_of_limits},
        {"what a class says is what counts", what_a_class_says_is_what_counts},
        {"mistakes are named", mistakes_are_named},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config classes", tests);
}
