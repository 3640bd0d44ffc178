/* SPDX-License-Identifier: MIT */
/* Who may name another client's address, as it is read and printed. */
#include "config.h"

#include "config/snapshot.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>

#define GATEWAYS                                                                                   \
    "gateways = (\n  { from = \"10.0.0.0/8\"; proxy_protocol = true; },\n"                         \
    "  { from = \"2001:db8::7\"; webirc_password = \"pencil\"; } );\n"

static void gateways_are_read_in_their_order(void)
{
    struct config *config = settings_load(GATEWAYS);
    struct config *none = settings_load("");

    CU_ASSERT_EQUAL_FATAL(config->gateway_count, 2);
    CU_ASSERT_STRING_EQUAL(config->gateways[0].from, "10.0.0.0/8");
    CU_ASSERT_EQUAL(config->gateways[0].proxy_protocol, 1);
    CU_ASSERT_STRING_EQUAL(config->gateways[0].webirc_password, "");
    CU_ASSERT_EQUAL(config->gateways[0].place.line, 2);
    CU_ASSERT_STRING_EQUAL(config->gateways[1].from, "2001:db8::7");
    CU_ASSERT_EQUAL(config->gateways[1].proxy_protocol, 0);
    CU_ASSERT_STRING_EQUAL(config->gateways[1].webirc_password, "pencil");
    CU_ASSERT_EQUAL(none->gateway_count, 0);
    config_unref(none);
    config_unref(config);
}

static void a_dump_has_the_gateways_but_no_password(void)
{
    struct config *config = settings_load(
        GATEWAYS "listeners = ( { service = \"irc\"; port = 1; proxy_protocol = true; },"
                 "{ service = \"irc\"; port = 2; } );");
    char *dump = settings_dump(config);
    static const char expected[] = "gateways = (\n"
                                   "    {\n"
                                   "        from = \"10.0.0.0/8\";\n"
                                   "        proxy_protocol = true;\n"
                                   "    }\n"
                                   "#   {\n"
                                   "#       from = \"2001:db8::7\";\n"
                                   "#       proxy_protocol = false;\n"
                                   "#       webirc_password = \"...\";\n"
                                   "#   }\n"
                                   ");\n";

    CU_ASSERT_PTR_NOT_NULL(strstr(dump, expected));
    CU_ASSERT_PTR_NULL(strstr(dump, "pencil"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(dump, "        proxy_protocol = true;\n        tls = false;\n    },"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(dump, "        proxy_protocol = false;\n        tls = false;\n    }\n"));
    free(dump);
    config_unref(config);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"gateways are read in their order", gateways_are_read_in_their_order},
        {"a dump has the gateways but no password", a_dump_has_the_gateways_but_no_password},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config's gateways", tests);
}
