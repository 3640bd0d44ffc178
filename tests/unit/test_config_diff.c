/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/diff.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <string.h>

/* Two snapshots and how they differ. */
struct pair {
    struct config *before;
    struct config *after;
    struct config_diff diff;
};

static struct pair compare(const char *before, const char *after)
{
    struct pair pair = {.before = settings_load(before), .after = settings_load(after)};

    CU_ASSERT_EQUAL_FATAL(config_diff_init(&pair.diff, pair.before, pair.after), 0);
    return pair;
}

static void done(struct pair *pair)
{
    config_diff_deinit(&pair->diff);
    config_unref(pair->before);
    config_unref(pair->after);
}

/* Listener BEFORE of the one became AFTER of the other; -1: there is none. */
static void check_listener(const struct pair *pair, size_t index, enum config_fate fate, int before,
                           int after)
{
    const struct config_listener_diff *diff = &pair->diff.listeners[index];

    CU_ASSERT_FATAL(index < pair->diff.listener_count);
    CU_ASSERT_EQUAL(diff->fate, fate);
    CU_ASSERT_PTR_EQUAL(diff->before, before < 0 ? NULL : &pair->before->listeners[before]);
    CU_ASSERT_PTR_EQUAL(diff->after, after < 0 ? NULL : &pair->after->listeners[after]);
}

static void changed_settings_are_listed_with_what_a_reload_does(void)
{
    struct pair pair = compare("pool: { threads = 2; }; log: { level = \"info\"; };",
                               "pool: { threads = 3; }; log: { level = \"debug\"; };"
                               "server: { name = \"x\"; };");

    CU_ASSERT_EQUAL_FATAL(pair.diff.key_count, 3);
    CU_ASSERT_STRING_EQUAL(pair.diff.keys[0]->name, "name");
    CU_ASSERT(!pair.diff.keys[0]->reload);
    CU_ASSERT_STRING_EQUAL(pair.diff.keys[1]->name, "threads");
    CU_ASSERT(!pair.diff.keys[1]->reload);
    CU_ASSERT_STRING_EQUAL(pair.diff.keys[2]->name, "level");
    CU_ASSERT(pair.diff.keys[2]->reload);
    done(&pair);
}

static void a_default_that_is_written_down_is_no_change(void)
{
    struct pair pair =
        compare("", "server: { name = \"localhost\"; }; limits: { line = 512; };"
                    "listeners = ( { service = \"irc\"; port = 6667; },"
                    " { service = \"talk\"; port = 7000; },"
                    " { service = \"echo\"; address = \"127.0.0.1\"; port = 7007; } );");

    CU_ASSERT_EQUAL(pair.diff.key_count, 0);
    CU_ASSERT_EQUAL(pair.diff.listener_count, 3);
    check_listener(&pair, 0, CONFIG_KEPT, 0, 0);
    check_listener(&pair, 1, CONFIG_KEPT, 1, 1);
    check_listener(&pair, 2, CONFIG_KEPT, 2, 2);
    done(&pair);
}

static void listeners_come_and_go(void)
{
    struct pair pair = compare("listeners = ( { service = \"talk\"; port = 1; },"
                               " { service = \"talk\"; path = \"a\"; },"
                               " { service = \"echo\"; port = 2; } );",
                               "listeners = ( { service = \"talk\"; path = \"b\"; },"
                               " { service = \"echo\"; port = 2; },"
                               " { service = \"talk\"; address = \"::1\"; port = 1; } );");

    CU_ASSERT_EQUAL(pair.diff.listener_count, 5);
    check_listener(&pair, 0, CONFIG_REMOVED, 0, -1);
    check_listener(&pair, 1, CONFIG_REMOVED, 1, -1);
    check_listener(&pair, 2, CONFIG_KEPT, 2, 1);
    check_listener(&pair, 3, CONFIG_ADDED, -1, 0);
    check_listener(&pair, 4, CONFIG_ADDED, -1, 2);
    done(&pair);
}

static void listeners_that_must_be_opened_again_are_told_from_those_kept(void)
{
    struct pair pair = compare("listeners = ( { service = \"talk\"; port = 1; },"
                               " { service = \"talk\"; port = 2; },"
                               " { service = \"talk\"; port = 3; },"
                               " { service = \"talk\"; path = \"a\"; },"
                               " { service = \"talk\"; port = 4; } );",
                               "listeners = ( { service = \"talk\"; port = 1; max_line = 100; },"
                               " { service = \"echo\"; port = 2; },"
                               " { service = \"talk\"; port = 3; backlog = 5; },"
                               " { service = \"talk\"; path = \"a\"; mode = \"0600\"; },"
                               " { service = \"talk\"; port = 4; proxy_protocol = true; } );"
                               "gateways = ( { from = \"::1\"; proxy_protocol = true; } );");

    CU_ASSERT_EQUAL(pair.diff.listener_count, 5);
    check_listener(&pair, 0, CONFIG_KEPT, 0, 0);
    check_listener(&pair, 1, CONFIG_CHANGED, 1, 1);
    check_listener(&pair, 2, CONFIG_CHANGED, 2, 2);
    check_listener(&pair, 3, CONFIG_CHANGED, 3, 3);
    check_listener(&pair, 4, CONFIG_CHANGED, 4, 4);
    done(&pair);
}

static void listeners_on_any_port_correspond_by_service_and_order(void)
{
    struct pair pair = compare("listeners = ( { service = \"talk\"; port = 0; },"
                               " { service = \"talk\"; port = 0; },"
                               " { service = \"echo\"; port = 0; } );",
                               "listeners = ( { service = \"echo\"; port = 0; },"
                               " { service = \"talk\"; port = 0; backlog = 3; },"
                               " { service = \"talk\"; address = \"*\"; port = 0; } );");

    CU_ASSERT_EQUAL(pair.diff.listener_count, 4);
    check_listener(&pair, 0, CONFIG_CHANGED, 0, 1);
    check_listener(&pair, 1, CONFIG_REMOVED, 1, -1);
    check_listener(&pair, 2, CONFIG_KEPT, 2, 0);
    check_listener(&pair, 3, CONFIG_ADDED, -1, 2);
    done(&pair);
}

static void without_memory_nothing_is_compared(void)
{
    struct config *config = settings_load("");
    struct config_diff diff;
    long n = 0;

    do {
        failmalloc_after(++n);
        CU_ASSERT_EQUAL(config_diff_init(&diff, config, config), failmalloc_fired() ? -ENOMEM : 0);
        failmalloc_off();
    } while (failmalloc_fired() && n < 100);
    CU_ASSERT_EQUAL(n, 3);
    config_diff_deinit(&diff);
    config_unref(config);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"changed settings are listed with what a reload does",
         changed_settings_are_listed_with_what_a_reload_does},
        {"a default that is written down is no change",
         a_default_that_is_written_down_is_no_change},
        {"listeners come and go", listeners_come_and_go},
        {"listeners that must be opened again are told from those kept",
         listeners_that_must_be_opened_again_are_told_from_those_kept},
        {"listeners on any port correspond by service and order",
         listeners_on_any_port_correspond_by_service_and_order},
        {"without memory nothing is compared", without_memory_nothing_is_compared},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config diff", tests);
}
