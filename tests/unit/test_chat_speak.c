/* SPDX-License-Identifier: MIT */
/* Words that are more than text: for some members only, with tags, questions, colours. */
#include "config.h"

#include "chat/colour.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

static struct chat_world *world;
static struct person alice, bob, carol;

static void quiet(void)
{
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    fake_take(carol.session, NULL);
}

/* alice, who has made #a, bob and carol are there. */
static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    quiet();
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    person_go(&carol, world);
    chat_world_free(world);
}

static void set(const char *mode, const char *argument)
{
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", mode, argument), 0);
    quiet();
}

static int speak(struct person *person, struct chat_words words)
{
    if (words.kind == 0)
        words.kind = CHAT_MESSAGE;
    if (!words.target.data)
        words.target = chat_text("#a");
    if (!words.text.data && words.kind != CHAT_TAGS)
        words.text = chat_text("hi");
    return chat_speak(world, &person->chat, &words);
}

static void who_has_the_prefix_hears_what_is_for_them(void)
{
    begin();
    set("+v", "carol");
    CU_ASSERT_EQUAL(speak(&bob, (struct chat_words){.least = CHAT_OP}), 0);
    PERSON_HEARS(&alice, "SAY bob #a hi\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.least = CHAT_VOICE}), 0);
    PERSON_HEARS(&carol, "SAY alice #a hi\n");
    PERSON_HEARS(&bob, "");
    set("-n", NULL);
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(speak(&bob, (struct chat_words){.least = CHAT_OP}), CHAT_NOT_ON_CHANNEL);
    end();
}

static void tags_are_handed_on(void)
{
    begin();
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.tags = chat_text("+a=b")}), 0);
    CU_ASSERT_EQUAL(
        speak(&alice, (struct chat_words){.kind = CHAT_TAGS, .tags = chat_text("+typing")}), 0);
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.kind = CHAT_TAGS,
                                                      .target = chat_text("carol"),
                                                      .tags = chat_text("+x")}),
                    0);
    PERSON_HEARS(&bob, "SAY alice #a +a=b hi\nTAGS alice #a +typing\n");
    PERSON_HEARS(&carol, "SAY alice #a +a=b hi\nTAGS alice #a +typing\nTAGS alice carol +x\n");
    set("+m", NULL);
    CU_ASSERT_EQUAL(speak(&bob, (struct chat_words){.kind = CHAT_TAGS}), CHAT_MODERATED);
    end();
}

static void questions_are_refused_where_nobody_wants_them(void)
{
    begin();
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.ctcp = true}), 0);
    set("+C", NULL);
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.ctcp = true}), CHAT_CTCP_REFUSED);
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.ctcp = false}), 0);
    CU_ASSERT_EQUAL(chat_user_modes(world, &bob.chat, CHAT_USER_NO_CTCP, 0), 0);
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.target = chat_text("bob"), .ctcp = true}),
                    CHAT_CTCP_REFUSED);
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.target = chat_text("bob")}), 0);
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.target = chat_text("carol"), .ctcp = true}),
                    0);
    end();
}

static void colours_are_lost_where_nobody_wants_them(void)
{
    struct chat_words words = {.text = chat_text("\0034red"), .plain = chat_text("red")};

    begin();
    CU_ASSERT_EQUAL(speak(&alice, words), 0);
    PERSON_HEARS(&bob, "SAY alice #a \0034red\n");
    set("+c", NULL);
    CU_ASSERT_EQUAL(speak(&alice, words), 0);
    PERSON_HEARS(&bob, "SAY alice #a red\n");
    words = (struct chat_words){.text = chat_text("\0034"), .plain = chat_text("")};
    CU_ASSERT_EQUAL(speak(&alice, words), CHAT_NOTHING_SAID);
    PERSON_HEARS(&bob, "");
    CU_ASSERT_EQUAL(speak(&alice, (struct chat_words){.least = 0}), 0);
    PERSON_HEARS(&bob, "SAY alice #a hi\n");
    end();
}

static const char *stripped(const char *text)
{
    static char out[100];

    out[chat_colour_strip(chat_text(text), out)] = '\0';
    CU_ASSERT_EQUAL(chat_colour_is_in(chat_text(text)), strcmp(out, text) != 0);
    return out;
}

static void colours_and_styles_are_stripped_with_their_numbers(void)
{
    CU_ASSERT_STRING_EQUAL(stripped("plain, 12"), "plain, 12");
    CU_ASSERT_STRING_EQUAL(stripped("\002bold\017 \035it\037u\036s\021f\026r"), "bold itusfr");
    CU_ASSERT_STRING_EQUAL(stripped("\00304red\003"), "red");
    CU_ASSERT_STRING_EQUAL(stripped("\0034,12both"), "both");
    CU_ASSERT_STRING_EQUAL(stripped("\003123"), "3");
    CU_ASSERT_STRING_EQUAL(stripped("\0034,x"), ",x");
    CU_ASSERT_STRING_EQUAL(stripped("\003,4"), ",4");
    CU_ASSERT_STRING_EQUAL(stripped("\004ff00FFx\004ff00FF,000000y"), "xy");
    CU_ASSERT_STRING_EQUAL(stripped("\004ff0"), "ff0");
    CU_ASSERT_STRING_EQUAL(stripped("\xC3\xA9\002"), "\xC3\xA9");
    CU_ASSERT_STRING_EQUAL(stripped(""), "");
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who has the prefix hears what is for them", who_has_the_prefix_hears_what_is_for_them},
        {"tags are handed on", tags_are_handed_on},
        {"questions are refused where nobody wants them",
         questions_are_refused_where_nobody_wants_them},
        {"colours are lost where nobody wants them", colours_are_lost_where_nobody_wants_them},
        {"colours and styles are stripped with their numbers",
         colours_and_styles_are_stripped_with_their_numbers},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat words", tests);
}
