/* SPDX-License-Identifier: MIT */
/* Changing the modes of channels and of their members. */
#include "config.h"

#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <errno.h>
#include <stdio.h>

static struct chat_world *world;
static struct person alice, bob, carol;

/* alice, who has made #a, and bob are there; carol is nowhere. */
static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
}

static void end(void)
{
    person_go(&alice, world);
    person_go(&bob, world);
    person_go(&carol, world);
    chat_world_free(world);
}

static int change(struct person *person, const char *mode, const char *argument)
{
    return person_change(person, world, "#a", mode, argument);
}

struct sheet {
    char text[300];
};

static void write_channel(const struct chat_channel_view *view, void *argument)
{
    struct sheet *sheet = argument;
    size_t used = 0;

    sheet->text[used++] = '+';
    for (int i = 0; i < CHAT_MODE_FLAGS; i++)
        if (view->flags & 1u << i)
            sheet->text[used++] = people_letters[i];
    snprintf(sheet->text + used, sizeof sheet->text - used, " %.*s/%u/%.*s/%u:%u",
             (int)view->key.length, view->key.data ? view->key.data : "", view->limit,
             (int)view->forward.length, view->forward.data ? view->forward.data : "",
             view->throttle_joins, view->throttle_seconds);
}

static void write_member(const struct chat_user_view *view, void *argument)
{
    struct sheet *sheet = argument;
    size_t used = strlen(sheet->text);

    snprintf(sheet->text + used, sizeof sheet->text - used, " %u%.*s", view->prefix,
             (int)view->nick.length, view->nick.data);
}

/* "+flags key/limit/forward/throttle" and the members with their prefixes. */
static const char *state(void)
{
    static const struct chat_channel_visitor visitor = {write_channel, write_member};
    static struct sheet sheet;

    CU_ASSERT_EQUAL_FATAL(chat_channel_look(world, &alice.chat, chat_text("#a"), &visitor, &sheet),
                          0);
    return sheet.text;
}

static void who_makes_a_channel_is_its_operator(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(state(), "+nt /0//0:0 4alice 0bob");
    end();
}

static void flags_are_set_and_cleared(void)
{
    begin();
    for (const char *flag = "imnpstCcuUMRzH"; *flag; flag++) {
        char set[] = {'+', *flag, '\0'}, clear[] = {'-', *flag, '\0'};
        bool by_default = *flag == 'n' || *flag == 't';

        CU_ASSERT_EQUAL(change(&alice, set, NULL), by_default ? CHAT_MODE_SAME : 0);
        CU_ASSERT_EQUAL(change(&alice, set, NULL), CHAT_MODE_SAME);
        CU_ASSERT_PTR_NOT_NULL(strchr(state(), *flag));
        CU_ASSERT_EQUAL(change(&alice, clear, "ignored"), 0);
        CU_ASSERT_EQUAL(change(&alice, clear, NULL), CHAT_MODE_SAME);
    }
    CU_ASSERT_STRING_EQUAL(state(), "+ /0//0:0 4alice 0bob");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(fake_take(bob.session, NULL), "MODE alice #a +i\nMODE alice #a -i\nMODE alice"));
    end();
}

static void several_changes_are_one_event_of_what_has_changed(void)
{
    struct chat_change changes[] = {
        {.set = true, .mode = CHAT_MODE_MODERATED},
        {.set = true, .mode = CHAT_MODE_TOPIC},
        {.set = true, .mode = CHAT_MODE_VOICE, .argument = chat_text("BOB")},
        {.set = true, .mode = CHAT_MODE_BAN, .argument = chat_text("x")},
        {.set = true, .mode = CHAT_MODE_LIMIT, .argument = chat_text("-1")},
        {.set = false, .mode = CHAT_MODE_BAN, .argument = chat_text("X!*@*")},
        {.set = true, .mode = CHAT_MODE_KEY, .argument = chat_text("pass")},
        {.set = false, .mode = CHAT_MODE_KEY, .argument = chat_text("wrong")},
    };
    static const int outcomes[] = {0, CHAT_MODE_SAME, 0, 0, CHAT_BAD_ARGUMENT, 0, 0, 0};

    begin();
    CU_ASSERT_EQUAL(chat_channel_mode(world, &alice.chat, chat_text("#A"), changes, 8), 0);
    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(changes[i].outcome, outcomes[i]);
    PERSON_HEARS(&bob, "MODE alice #a +m +v bob +b x!*@* -b x!*@* +k pass -k *\n");
    PERSON_HEARS(&alice, "+MODE alice #a +m +v bob +b x!*@* -b x!*@* +k pass -k *\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_STRING_EQUAL(state(), "+mnt /0//0:0 4alice 1bob");
    end();
}

static void who_is_no_operator_changes_nothing(void)
{
    begin();
    CU_ASSERT_EQUAL(change(&bob, "+m", NULL), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&bob, "+k", "x"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&bob, "+b", "x"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&bob, "+v", "bob"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&bob, "-o", "alice"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&alice, "+v", "bob"), 0);
    CU_ASSERT_EQUAL(change(&bob, "+m", NULL), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&carol, "+m", NULL), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#none", "+m", NULL), CHAT_NO_SUCH_CHANNEL);
    end();
}

static void each_prefix_has_its_rights(void)
{
    begin();
    CU_ASSERT_EQUAL(change(&alice, "+h", "bob"), 0);
    CU_ASSERT_EQUAL(change(&bob, "+v", "alice"), 0);
    CU_ASSERT_EQUAL(change(&bob, "+m", NULL), 0);
    CU_ASSERT_EQUAL(change(&bob, "+b", "x"), 0);
    CU_ASSERT_EQUAL(change(&bob, "+h", "alice"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&bob, "+o", "bob"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&alice, "+o", "bob"), 0);
    CU_ASSERT_EQUAL(change(&bob, "-o", "alice"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+o", "alice"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&bob, "+a", "bob"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(change(&bob, "+q", "bob"), CHAT_NOT_OPERATOR);
    CU_ASSERT_STRING_EQUAL(state(), "+mnt /0//0:0 1alice 6bob");
    end();
}

static void a_prefix_can_be_given_up(void)
{
    begin();
    CU_ASSERT_EQUAL(change(&alice, "+v", "bob"), 0);
    CU_ASSERT_EQUAL(change(&bob, "-v", "bob"), 0);
    CU_ASSERT_EQUAL(change(&bob, "-v", "bob"), CHAT_MODE_SAME);
    CU_ASSERT_EQUAL(change(&alice, "-o", "alice"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+m", NULL), CHAT_NOT_OPERATOR);
    end();
}

static void a_prefix_is_given_to_members(void)
{
    begin();
    CU_ASSERT_EQUAL(change(&alice, "+o", "dave"), CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(change(&alice, "+o", "carol"), CHAT_NOT_THERE);
    CU_ASSERT_EQUAL(change(&alice, "+o", "alice"), CHAT_MODE_SAME);
    CU_ASSERT_EQUAL(change(&alice, "+o", NULL), CHAT_NO_SUCH_NICK);
    PERSON_HEARS(&bob, "");
    end();
}

static void values_are_checked(void)
{
    static const char *const bad[][2] = {
        {"+k", ""},      {"+k", "a b"},        {"+k", ",a"},
        {"+k", ":a"},    {"+l", "0"},          {"+l", "-1"},
        {"+l", "x"},     {"+l", "1x"},         {"+l", "01"},
        {"+l", ""},      {"+j", "3"},          {"+j", "3:"},
        {"+j", ":3"},    {"+j", "0:3"},        {"+j", "3:0"},
        {"+j", "3:3:3"}, {"+j", "x:3"},        {"+f", "a"},
        {"+f", ""},      {"+l", "1000000000"}, {"+k", "123456789012345678901234567890123"},
    };

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(change(&alice, bad[i][0], bad[i][1]), CHAT_BAD_ARGUMENT);
    CU_ASSERT_EQUAL(change(&alice, "+k", NULL), CHAT_BAD_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(state(), "+nt /0//0:0 4alice 0bob");
    end();
}

static void values_are_set_replaced_and_cleared(void)
{
    begin();
    CU_ASSERT_EQUAL(change(&alice, "+k", "12345678901234567890123456789012"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+k", "key"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+l", "20"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+j", "3:60"), 0);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+f", "#b"), 0);
    CU_ASSERT_STRING_EQUAL(state(), "+nt key/20/#b/3:60 4alice 0bob");
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(change(&alice, "-k", "x"), 0);
    CU_ASSERT_EQUAL(change(&alice, "-l", NULL), 0);
    CU_ASSERT_EQUAL(change(&alice, "-j", NULL), 0);
    CU_ASSERT_EQUAL(change(&alice, "-f", NULL), 0);
    CU_ASSERT_EQUAL(change(&alice, "-f", NULL), CHAT_MODE_SAME);
    PERSON_HEARS(&bob,
                 "MODE alice #a -k *\nMODE alice #a -l\nMODE alice #a -j\nMODE alice #a -f\n");
    CU_ASSERT_STRING_EQUAL(state(), "+nt /0//0:0 4alice 0bob");
    end();
}

static void one_forwards_to_a_channel_that_one_runs(void)
{
    begin();
    CU_ASSERT_EQUAL(change(&alice, "+f", "#b"), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#b"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+f", "#b"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+f", "#b"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_change(&carol, world, "#b", "+h", "alice"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+f", "#b"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+f", "#a"), CHAT_BAD_ARGUMENT);
    end();
}

static void write_mask(const struct chat_mask_view *view, void *argument)
{
    char *text = argument;

    snprintf(text + strlen(text), 60, "%.*s by %.*s\n", (int)view->mask.length, view->mask.data,
             (int)view->by.length, view->by.data);
    CU_ASSERT(view->time > 0);
}

static const char *list(enum chat_mode mode)
{
    static char text[500];

    text[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(
        chat_channel_masks(world, &bob.chat, chat_text("#a"), mode, write_mask, text), 0);
    return text;
}

static void lists_have_masks_once_and_in_order(void)
{
    begin();
    CU_ASSERT_EQUAL(change(&alice, "+b", "X"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+b", "x!*@*"), CHAT_MODE_SAME);
    CU_ASSERT_EQUAL(change(&alice, "+b", "~m:y"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+e", "z"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+I", "u@h"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+I", "m:u@h"), CHAT_MASK_BAD);
    CU_ASSERT_EQUAL(change(&alice, "+b", "a b"), CHAT_MASK_BAD);
    CU_ASSERT_EQUAL(change(&alice, "-b", "none"), CHAT_MODE_SAME);
    CU_ASSERT_STRING_EQUAL(list(CHAT_MODE_BAN), "X!*@* by alice\nm:y!*@* by alice\n");
    CU_ASSERT_STRING_EQUAL(list(CHAT_MODE_EXCEPTION), "z!*@* by alice\n");
    CU_ASSERT_STRING_EQUAL(list(CHAT_MODE_INVITE_EXCEPTION), "*!u@h by alice\n");
    fake_take(bob.session, NULL);
    CU_ASSERT_EQUAL(change(&alice, "-b", "x"), 0);
    PERSON_HEARS(&bob, "MODE alice #a -b X!*@*\n");
    CU_ASSERT_STRING_EQUAL(list(CHAT_MODE_BAN), "m:y!*@* by alice\n");
    CU_ASSERT_EQUAL(
        chat_channel_masks(world, &bob.chat, chat_text("#b"), CHAT_MODE_BAN, write_mask, NULL),
        CHAT_NO_SUCH_CHANNEL);
    end();
}

static void lists_have_a_limit(void)
{
    struct chat_settings settings = people_settings;

    begin();
    settings.masks_per_list = 2;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(change(&alice, "+b", "x"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+b", "y"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+b", "z"), CHAT_LIST_FULL);
    CU_ASSERT_EQUAL(change(&alice, "+e", "z"), 0);
    CU_ASSERT_EQUAL(change(&alice, "-b", "x"), 0);
    CU_ASSERT_EQUAL(change(&alice, "+b", "z"), 0);
    end();
}

static void too_many_changes_at_once_are_refused(void)
{
    static struct chat_change changes[CHAT_CHANGES_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(
        chat_channel_mode(world, &alice.chat, chat_text("#a"), changes, CHAT_CHANGES_MAX + 1),
        -EINVAL);
    CU_ASSERT_EQUAL(
        chat_channel_mode(world, &alice.chat, chat_text("#a"), changes, CHAT_CHANGES_MAX), 0);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who makes a channel is its operator", who_makes_a_channel_is_its_operator},
        {"flags are set and cleared", flags_are_set_and_cleared},
        {"several changes are one event of what has changed",
         several_changes_are_one_event_of_what_has_changed},
        {"who is no operator changes nothing", who_is_no_operator_changes_nothing},
        {"each prefix has its rights", each_prefix_has_its_rights},
        {"a prefix can be given up", a_prefix_can_be_given_up},
        {"a prefix is given to members", a_prefix_is_given_to_members},
        {"values are checked", values_are_checked},
        {"values are set, replaced and cleared", values_are_set_replaced_and_cleared},
        {"one forwards to a channel that one runs", one_forwards_to_a_channel_that_one_runs},
        {"lists have masks once and in order", lists_have_masks_once_and_in_order},
        {"lists have a limit", lists_have_a_limit},
        {"too many changes at once are refused", too_many_changes_at_once_are_refused},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat modes", tests);
}
