/* SPDX-License-Identifier: MIT */
/* Modes as text: what is read, and what is refused. */
#include "config.h"

#include "chat/world.h"
#include "tests/lib/expect.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <stdio.h>
#include <string.h>

/* What is read of TEXT, as changes: "+n +k:key -i ". */
static const char *read_modes(const char *text)
{
    static char out[400];
    struct chat_change changes[CHAT_CHANGES_MAX];
    size_t count, used = 0;

    if (chat_modes_read(chat_text(text), changes, &count) != 0)
        return "bad";
    *out = '\0';
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(out + used, sizeof(out) - used, "%c%c", changes[i].set ? '+' : '-',
                                 CHAT_MODE_LETTERS[changes[i].mode]);
        if (changes[i].argument.length > 0)
            used += (size_t)snprintf(out + used, sizeof(out) - used, ":%.*s",
                                     (int)changes[i].argument.length, changes[i].argument.data);
        used += (size_t)snprintf(out + used, sizeof(out) - used, " ");
    }
    return out;
}

static void letters_are_read_with_their_values(void)
{
    CU_ASSERT_STRING_EQUAL(read_modes(""), "");
    CU_ASSERT_STRING_EQUAL(read_modes("   "), "");
    CU_ASSERT_STRING_EQUAL(read_modes("nt"), "+n +t ");
    CU_ASSERT_STRING_EQUAL(read_modes("+nt-i+m"), "+n +t -i +m ");
    CU_ASSERT_STRING_EQUAL(read_modes("ntkl key 30"), "+n +t +k:key +l:30 ");
    CU_ASSERT_STRING_EQUAL(read_modes("-kl+f  #b "), "-k -l +f:#b ");
    CU_ASSERT_STRING_EQUAL(read_modes("jWLEF 5:10 3 *4:60 ~2:5 6:7"),
                           "+j:5:10 +W:3 +L:*4:60 +E:~2:5 +F:6:7 ");
    CU_ASSERT_STRING_EQUAL(read_modes("+"), "");
}

static void what_is_no_mode_or_no_value_is_refused(void)
{
    static const char *const bad[] = {
        "n?",
        "b",
        "o",
        "k",
        "kl key",
        "l 0",
        "l x",
        "l 1234567890",
        "j 5",
        "W x",
        "f b",
        "n extra",
        "k a,b",
        "F *6:7",
        "\x80",
        "nk key more",
        "-n x",
        "kk a b c",
        "+v alice",
        "I x!*@*",
        "k 123456789012345678901234567890123",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (strcmp(read_modes(bad[i]), "bad") != 0)
            EXPECT(false, "\"%s\" is taken: %s", bad[i], read_modes(bad[i]));
}

static void more_changes_than_fit_are_refused(void)
{
    char text[CHAT_CHANGES_MAX + 2];

    memset(text, 'n', sizeof text);
    text[CHAT_CHANGES_MAX] = '\0';
    CU_ASSERT_STRING_NOT_EQUAL(read_modes(text), "bad");
    text[CHAT_CHANGES_MAX] = 'n';
    text[CHAT_CHANGES_MAX + 1] = '\0';
    CU_ASSERT_STRING_EQUAL(read_modes(text), "bad");
}

/* All that can be set is written, and is read again as it is. */
static void what_is_written_is_read_again(void)
{
    static const char *const steps[][2] = {
        {"+i", NULL},        {"+m", NULL},   {"+s", NULL},   {"+k", "key"},
        {"+l", "999999999"}, {"+f", "#b"},   {"+j", "5:10"}, {"+W", "3"},
        {"+L", "*4:9"},      {"+E", "~2:8"}, {"+F", "6:7"},
    };
    struct chat_world *world = people_world();
    struct person alice;
    char text[CHAT_MODES_TEXT];
    struct chat_text written;
    char copy[CHAT_MODES_TEXT + 1];

    person_come(&alice, world, "alice");
    person_join(&alice, world, "#b");
    person_join(&alice, world, "#a");
    written = chat_modes_write(chat_find_name(world, chat_text("#a")), text);
    CU_ASSERT_TRUE(chat_text_equal(written, chat_text("nt")));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        CU_ASSERT_EQUAL(person_change(&alice, world, "#a", steps[i][0], steps[i][1]), 0);
    written = chat_modes_write(chat_find_name(world, chat_text("#a")), text);
    snprintf(copy, sizeof copy, "%.*s", (int)written.length, written.data);
    CU_ASSERT_STRING_EQUAL(copy, "imnstklfjWLEF key 999999999 #b 5:10 3 *4:9 ~2:8 6:7");
    CU_ASSERT_STRING_EQUAL(read_modes(copy), "+i +m +n +s +t +k:key +l:999999999 +f:#b +j:5:10 "
                                             "+W:3 +L:*4:9 +E:~2:8 +F:6:7 ");
    person_go(&alice, world);
    chat_world_free(world);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"letters are read with their values", letters_are_read_with_their_values},
        {"what is no mode or no value is refused", what_is_no_mode_or_no_value_is_refused},
        {"more changes than fit are refused", more_changes_than_fit_are_refused},
        {"what is written is read again", what_is_written_is_read_again},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat_mode_text", tests);
}
