/* SPDX-License-Identifier: MIT */
/* The manual page names what the tables have: all of it, and nothing else. */
#include "config.h"

#include "irc/cap.h"
#include "irc/command.h"
#include "irc/isupport.h"
#include "irc/mode.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANUAL  SOURCE_DIR "/man/paceline-irc.7"
#define TAG     "\n.It "
#define NUMBERS 1000

/* The whole of it. */
static char *manual;

static void read_manual(void)
{
    FILE *file = fopen(MANUAL, "r");
    size_t size = 0;

    EXPECT(file, "cannot read %s", MANUAL);
    EXPECT(getdelim(&manual, &size, '\0', file) > 0, "cannot read %s", MANUAL);
    fclose(file);
}

/* A copy of what the manual has under a heading. */
static char *section(const char *heading)
{
    char start[40];
    const char *from;
    const char *to;

    snprintf(start, sizeof(start), "\n.Sh %s\n", heading);
    from = strstr(manual, start);
    EXPECT(from, "no %s", heading);
    from += strlen(start) - 1;
    to = strstr(from, "\n.Sh ");
    EXPECT(to, "nothing after %s", heading);
    return strndup(from, (size_t)(to - from) + 1);
}

/* The next tag of a list behind AT, as a text of its own in TAG; NULL: there is none. */
static const char *next_tag(const char *at, char tag[static 256])
{
    size_t length;

    at = strstr(at, TAG);
    if (!at)
        return NULL;
    at += strlen(TAG);
    length = strcspn(at, "\n");
    EXPECT(length < 256, "so long a tag");
    memcpy(tag, at, length);
    tag[length] = '\0';
    return at;
}

/* Whether a tag has the word; COST receives what stands behind it in parentheses, or 1. */
static bool has_word(const char *tag, const char *word, unsigned *cost)
{
    size_t length = strlen(word);

    *cost = 1;
    for (const char *at = tag; (at = strstr(at, word)); at++) {
        if ((at > tag && at[-1] != ' ') || (at[length] != ' ' && at[length] != '\0'))
            continue;
        (void)sscanf(at + length, " Po %u Pc", cost);
        return true;
    }
    return false;
}

static bool is_tagged(const char *text, const char *word, unsigned *cost)
{
    char tag[256];

    while ((text = next_tag(text, tag)))
        if (has_word(tag, word, cost))
            return true;
    return false;
}

static void the_manual_names_all_commands_and_their_costs(void)
{
    char *text = section("COMMANDS");
    unsigned cost;

    for (size_t i = 0; i < irc_command_count; i++) {
        EXPECT(is_tagged(text, irc_commands[i].name, &cost), "no %s", irc_commands[i].name);
        EXPECT(cost == irc_commands[i].cost, "%s costs %u", irc_commands[i].name,
               irc_commands[i].cost);
    }
    free(text);
}

static void the_manual_names_no_other_commands(void)
{
    char *text = section("COMMANDS");
    char tag[256];

    for (const char *at = text; (at = next_tag(at, tag));) {
        char *rest = tag;

        for (char *word; (word = strsep(&rest, " "));)
            if (strlen(word) > 2 && isupper((unsigned char)word[0]))
                EXPECT(irc_command_find(chat_text(word)), "what is %s?", word);
    }
    free(text);
}

/* How many digits a number has that begins there; 0: none does. */
static size_t digits_at(const char *text, size_t at)
{
    bool within = at > 0 && (isdigit((unsigned char)text[at - 1]) || text[at - 1] == '.');

    return within ? 0 : strspn(text + at, "0123456789");
}

/* Notes the numerics of a text: numbers of three digits, and from one "to" another. */
static void note_numbers(const char *text, bool named[static NUMBERS])
{
    for (size_t at = 0; text[at]; at++) {
        unsigned first;
        unsigned last;

        if (digits_at(text, at) != 3)
            continue;
        if (sscanf(text + at, "%3u to %3u", &first, &last) != 2)
            last = first = (unsigned)strtoul(text + at, NULL, 10);
        for (unsigned i = first; i <= last; i++)
            named[i] = true;
    }
}

/* That somebody knocks is no row of the table, as it names a channel where others name a client. */
#define KNOCK 710

static bool is_numeric(unsigned number)
{
    for (size_t i = 0; i < IRC_NUMERICS; i++)
        if (irc_numerics[i].number == number)
            return true;
    return number == KNOCK;
}

static void the_manual_names_the_numerics(void)
{
    bool named[NUMBERS] = {false};
    char *text = section("NUMERICS");

    note_numbers(text, named);
    for (size_t i = 0; i < IRC_NUMERICS; i++)
        EXPECT(named[irc_numerics[i].number], "no %03u", irc_numerics[i].number);
    for (unsigned i = 0; i < NUMBERS; i++)
        EXPECT(!named[i] || is_numeric(i), "%03u is none", i);
    free(text);
}

static void the_manual_names_the_modes(void)
{
    char *of_users = section("USER MODES");
    char *of_channels = section("CHANNEL MODES");
    char letter[2] = "";
    unsigned cost;

    for (const struct irc_user_mode *mode = irc_user_modes; mode->letter; mode++) {
        letter[0] = mode->letter;
        EXPECT(is_tagged(of_users, letter, &cost), "no %s", letter);
    }
    for (const char *mode = irc_channel_modes; *mode; mode++) {
        letter[0] = *mode;
        EXPECT(is_tagged(of_channels, letter, &cost), "no %s", letter);
    }
    free(of_users);
    free(of_channels);
}

static void the_manual_names_the_tokens_and_their_values(void)
{
    char *text = section("ISUPPORT");
    char entry[200];
    char tag[256];
    size_t count = 0;

    for (size_t i = 0; i < irc_token_count; i++) {
        const char *value = irc_tokens[i].value;

        snprintf(entry, sizeof(entry), TAG "Cm %s\n%s%s", irc_tokens[i].name, value ? value : "",
                 value ? "\n" : "");
        EXPECT(strstr(text, entry), "no %s %s", irc_tokens[i].name, value ? value : "");
    }
    for (const char *at = text; (at = next_tag(at, tag));)
        count++;
    CU_ASSERT_EQUAL(count, irc_token_count);
    free(text);
}

static void the_manual_names_the_capabilities(void)
{
    char *text = section("CAPABILITIES");
    unsigned cost;
    char tag[256];
    size_t count = 0;

    for (size_t i = 0; i < irc_cap_count; i++)
        EXPECT(is_tagged(text, irc_caps[i].name, &cost), "no %s", irc_caps[i].name);
    for (const char *at = text; (at = next_tag(at, tag));)
        count++;
    CU_ASSERT_EQUAL(count, irc_cap_count);
    free(text);
}

static void the_manual_names_what_operators_may_do_and_are_told(void)
{
    char *text = section("OPERATORS");
    char letter[2] = "";
    unsigned cost;

    for (const struct chat_right_name *right = chat_right_names; right->name; right++)
        EXPECT(is_tagged(text, right->name, &cost), "no %s", right->name);
    for (const struct irc_notice_letter *notice = irc_notice_letters; notice->letter; notice++) {
        letter[0] = notice->letter;
        EXPECT(is_tagged(text, letter, &cost), "no %s", letter);
    }
    free(text);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(the_manual_names_all_commands_and_their_costs),
        TEST(the_manual_names_no_other_commands),
        TEST(the_manual_names_the_numerics),
        TEST(the_manual_names_the_modes),
        TEST(the_manual_names_the_tokens_and_their_values),
        TEST(the_manual_names_the_capabilities),
        TEST(the_manual_names_what_operators_may_do_and_are_told),
        {NULL, NULL},
    };

    read_manual();
    return unit_main(argc, argv, "irc_docs", tests);
}
