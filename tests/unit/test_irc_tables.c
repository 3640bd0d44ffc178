/* SPDX-License-Identifier: MIT */
/* The const tables of the IRC service, and its cloaks. */
#include "config.h"

#include "irc/cap.h"
#include "chat/cloak.h"
#include "irc/command.h"
#include "irc/isupport.h"
#include "irc/numeric.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void numerics_are_sorted_and_have_their_numbers_once(void)
{
    for (size_t i = 0; i < IRC_NUMERICS; i++) {
        CU_ASSERT(irc_numerics[i].number >= 1 && irc_numerics[i].number <= 999);
        CU_ASSERT(i == 0 || irc_numerics[i - 1].number < irc_numerics[i].number);
    }
}

static void commands_are_sorted_and_found_in_any_case(void)
{
    for (size_t i = 0; i < irc_command_count; i++) {
        CU_ASSERT(i == 0 || strcmp(irc_commands[i - 1].name, irc_commands[i].name) < 0);
        CU_ASSERT_PTR_EQUAL(irc_command_find(chat_text(irc_commands[i].name)), &irc_commands[i]);
    }
    CU_ASSERT_PTR_EQUAL(irc_command_find(chat_text("pRivmsG")),
                        irc_command_find(chat_text("PRIVMSG")));
    CU_ASSERT_PTR_NULL(irc_command_find(chat_text("PRIV")));
    CU_ASSERT_PTR_NULL(irc_command_find(chat_text("")));
}

static void capabilities_and_tokens_are_sorted(void)
{
    unsigned seen = 0;

    for (size_t i = 0; i < irc_cap_count; i++) {
        CU_ASSERT(i == 0 || strcmp(irc_caps[i - 1].name, irc_caps[i].name) < 0);
        CU_ASSERT((seen & irc_caps[i].bit) == 0);
        seen |= irc_caps[i].bit;
    }
    for (size_t i = 1; i < irc_token_count; i++)
        CU_ASSERT(strcmp(irc_tokens[i - 1].name, irc_tokens[i].name) < 0);
}

/* How many of the hosts' parts, from the widest, are the same. */
static unsigned common(const struct chat_cloak_key *key, const char *one, const char *other)
{
    char a[CHAT_CLOAK_MAX + 1];
    char b[CHAT_CLOAK_MAX + 1];
    unsigned parts = 0;

    chat_cloak(key, one, a);
    chat_cloak(key, other, b);
    CU_ASSERT_EQUAL_FATAL(strlen(a), 29);
    CU_ASSERT_EQUAL_FATAL(strlen(b), 29);
    while (parts < 3 && strcmp(a + 18 - 9 * parts, b + 18 - 9 * parts) == 0)
        parts++;
    return parts;
}

static void cloaks_tell_networks_and_no_addresses(void)
{
    struct chat_cloak_key key = {"some key"};
    struct chat_cloak_key other = {"other key"};
    char one[CHAT_CLOAK_MAX + 1];
    char two[CHAT_CLOAK_MAX + 1];

    CU_ASSERT_EQUAL(common(&key, "192.0.2.1", "192.0.2.1"), 3);
    CU_ASSERT_EQUAL(common(&key, "192.0.2.1", "192.0.2.2"), 2);
    CU_ASSERT_EQUAL(common(&key, "192.0.2.1", "192.0.3.1"), 1);
    CU_ASSERT_EQUAL(common(&key, "192.0.2.1", "192.1.2.1"), 0);
    CU_ASSERT_EQUAL(common(&key, "2001:db8::1", "2001:db8::2"), 3);
    CU_ASSERT_EQUAL(common(&key, "2001:db8::1", "2001:db8:0:1::1"), 2);
    CU_ASSERT_EQUAL(common(&key, "2001:db8::1", "2001:db8:1::1"), 1);
    CU_ASSERT_EQUAL(common(&key, "2001:db8::1", "2001:db9::1"), 0);
    chat_cloak(&key, "192.0.2.1", one);
    chat_cloak(&other, "192.0.2.1", two);
    CU_ASSERT(strcmp(one, two) != 0);
    chat_cloak(&key, "unix", one);
    CU_ASSERT_STRING_EQUAL(one, "localhost");
}

static void a_key_is_made_once_and_a_bad_one_is_refused(void)
{
    char folder[] = "/tmp/irc-key-XXXXXX";
    char path[64];
    struct chat_cloak_key one, two;
    struct stat st;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/key", folder);
    CU_ASSERT_EQUAL(chat_cloak_key_load(path, &one), 0);
    CU_ASSERT_EQUAL(chat_cloak_key_load(path, &two), 0);
    CU_ASSERT_EQUAL(memcmp(&one, &two, sizeof(one)), 0);
    CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
    CU_ASSERT_EQUAL(truncate(path, 31), 0);
    CU_ASSERT_EQUAL(chat_cloak_key_load(path, &two), -EINVAL);
    CU_ASSERT_EQUAL(truncate(path, 33), 0);
    CU_ASSERT_EQUAL(chat_cloak_key_load(path, &two), -EINVAL);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
    CU_ASSERT_EQUAL(chat_cloak_key_load(path, &two), -ENOENT);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(numerics_are_sorted_and_have_their_numbers_once),
        TEST(commands_are_sorted_and_found_in_any_case),
        TEST(capabilities_and_tokens_are_sorted),
        TEST(cloaks_tell_networks_and_no_addresses),
        TEST(a_key_is_made_once_and_a_bad_one_is_refused),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "irc_tables", tests);
}
