/* SPDX-License-Identifier: MIT */
/* TLS in the configuration. */
#include "config.h"

#include "config/diff.h"
#include "config/snapshot.h"
#include "tests/lib/expect.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>

static void listeners_speak_it_if_they_say_so(void)
{
    struct config *config =
        settings_load("listeners = ( { service = \"irc\"; port = 1; tls = true; },"
                      " { service = \"irc\"; port = 2; } );");
    char *dump = settings_dump(config);

    CU_ASSERT_EQUAL_FATAL(config->listener_count, 2);
    CU_ASSERT_EQUAL(config->listeners[0].tls, 1);
    CU_ASSERT_EQUAL(config->listeners[1].tls, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(dump, "        tls = true;\n"));
    CU_ASSERT_STRING_EQUAL(config->tls.certificate, "tls-cert.pem");
    CU_ASSERT_STRING_EQUAL(config->tls.key, "tls-key.pem");
    CU_ASSERT_STRING_EQUAL(config->tls.min_version, "1.2");
    CU_ASSERT_STRING_EQUAL(config->tls.ciphers, "");
    CU_ASSERT_EQUAL(config->tls.ticket_lifetime, 7200);
    free(dump);
    config_unref(config);
}

static void listener_that_begins_to_speak_it_is_opened_again(void)
{
    struct config *before = settings_load("listeners = ( { service = \"irc\"; port = 1; } );");
    struct config *after =
        settings_load("listeners = ( { service = \"irc\"; port = 1; tls = true; } );");
    struct config_diff diff;

    EXPECT_RESULT(config_diff_init(&diff, before, after), 0);
    CU_ASSERT_EQUAL_FATAL(diff.listener_count, 1);
    CU_ASSERT_EQUAL(diff.listeners[0].fate, CONFIG_CHANGED);
    config_diff_deinit(&diff);
    config_unref(before);
    config_unref(after);
}

static void what_is_wrong_is_named(void)
{
    static const struct {
        const char *text;
        const char *complaints;
    } wrong[] = {
        {"certificates = (\n{ key = \"a\"; } );",
         "t.conf:2: certificates[0].certificate: missing\n"},
        {"tls: { certificate = \"\"; };",
         "t.conf:1: tls.certificate: the path of a file expected, got \"\"\n"},
        {"tls: { min_version = \"1.1\"; };",
         "t.conf:1: tls.min_version: \"1.2\" or \"1.3\" expected, got \"1.1\"\n"},
        {"listeners = ( { service = \"irc\"; port = 1; tls = 1; } );",
         "t.conf:1: listeners[0].tls: true or false expected, got 1\n"},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char *complaints = settings_complaints(wrong[i].text);

        CU_ASSERT_STRING_EQUAL(complaints, wrong[i].complaints);
        free(complaints);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"listeners speak it if they say so", listeners_speak_it_if_they_say_so},
        {"listener that begins to speak it is opened again",
         listener_that_begins_to_speak_it_is_opened_again},
        {"what is wrong is named", what_is_wrong_is_named},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "TLS in the configuration", tests);
}
