/* SPDX-License-Identifier: MIT */
/* Channels that are given another name, and where their former names lead. */
#include "config.h"

#include "chat/world.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

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
    CU_ASSERT_EQUAL(world->former_names.count, 0);
    CU_ASSERT(pli_list_is_empty(&world->forwarding));
    chat_world_free(world);
}

/* alice renames it, however short a time ago somebody did. */
static int name(const char *channel, const char *to)
{
    struct chat_channel *found = chat_find_name(world, chat_text(channel));

    if (found)
        found->renamed = 0;
    return person_name(&alice, world, channel, to);
}

static void is_called(struct chat_text now, void *argument)
{
    snprintf(argument, 20, "%.*s", (int)now.length, now.data);
}

/* Where a former name leads, or "". */
static const char *leads_to(const char *former, char text[20])
{
    *text = '\0';
    (void)chat_channel_former(world, chat_text(former), is_called, text);
    return text;
}

static void all_members_are_told(void)
{
    begin();
    CU_ASSERT_EQUAL(name("#a", "#b"), 0);
    PERSON_HEARS(&alice, "+NAME alice #a #b why\n");
    PERSON_HEARS(&bob, "NAME alice #a #b why\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_EQUAL(person_say(&bob, world, "#b", "x"), 0);
    CU_ASSERT_EQUAL(person_say(&bob, world, "#a", "x"), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT_EQUAL(person_say(&bob, world, NULL, "x"), 0); /* it still is at hand */
    end();
}

static void not_everybody_may_and_not_any_name(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&carol, world, "#c"), 0);
    CU_ASSERT_EQUAL(person_name(&carol, world, "#a", "#b"), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_name(&carol, world, "#none", "#b"), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT_EQUAL(person_name(&bob, world, "#a", "#b"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(name("#a", "#C"), CHAT_NAME_TAKEN);
    CU_ASSERT_EQUAL(name("#A", "#a"), CHAT_NAME_SAME);
    CU_ASSERT_EQUAL(name("#a", "b"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(name("#a", "#b c"), CHAT_CHANNEL_BAD);
    CU_ASSERT_EQUAL(name("#a", "#A"), 0);
    CU_ASSERT_EQUAL(person_name(&alice, world, "#a", "#b"), CHAT_RENAMED);
    snprintf(world->settings.fixed_channel, sizeof world->settings.fixed_channel, "#a");
    CU_ASSERT_EQUAL(name("#a", "#b"), CHAT_NAME_FIXED);
    end();
}

static void a_former_name_leads_there_until_it_is_taken_back(void)
{
    char text[20];

    begin();
    CU_ASSERT_EQUAL(name("#a", "#b"), 0);
    CU_ASSERT_STRING_EQUAL(leads_to("#A", text), "#b");
    CU_ASSERT_STRING_EQUAL(leads_to("#b", text), "");
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    PERSON_HEARS(&carol, "+REDIRECT carol #a #b\n+JOIN carol #b\n");
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), CHAT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#x"), 0);
    CU_ASSERT_EQUAL(chat_channel_focus(world, &carol.chat, chat_text("#a")), 0);
    CU_ASSERT_EQUAL(person_name(&carol, world, "#x", "#a"), CHAT_NAME_TAKEN);
    CU_ASSERT_EQUAL(name("#b", "#a"), 0);
    CU_ASSERT_STRING_EQUAL(leads_to("#a", text), "");
    CU_ASSERT_STRING_EQUAL(leads_to("#b", text), "#a");
    CU_ASSERT_EQUAL(world->former_names.count, 1);
    end();
}

static void a_former_name_is_no_way_around_a_ban(void)
{
    begin();
    CU_ASSERT_EQUAL(name("#a", "#b"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#b", "+b", "carol"), 0);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), CHAT_BANNED);
    PERSON_HEARS(&carol, "");
    CU_ASSERT_EQUAL(chat_channel_focus(world, &carol.chat, chat_text("#a")), CHAT_NOT_ON_CHANNEL);
    end();
}

static void a_hidden_channel_leaves_no_trace(void)
{
    char text[20];

    begin();
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+s", NULL), 0);
    CU_ASSERT_EQUAL(name("#a", "#b"), 0);
    CU_ASSERT_STRING_EQUAL(leads_to("#a", text), "");
    CU_ASSERT_EQUAL(person_change(&alice, world, "#b", "-s", NULL), 0);
    CU_ASSERT_EQUAL(name("#b", "#c"), 0);
    CU_ASSERT_STRING_EQUAL(leads_to("#b", text), "#c");
    CU_ASSERT_EQUAL(person_change(&alice, world, "#c", "+p", NULL), 0);
    CU_ASSERT_STRING_EQUAL(leads_to("#b", text), "");
    /* So the name is free for another channel, which then stands before it. */
    CU_ASSERT_EQUAL(person_join(&carol, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#c", "-p", NULL), 0);
    CU_ASSERT_STRING_EQUAL(leads_to("#b", text), "");
    CU_ASSERT_EQUAL(person_name(&carol, world, "#b", "#d"), 0);
    CU_ASSERT_STRING_EQUAL(leads_to("#b", text), "#d");
    end();
}

static void the_newest_names_are_kept(void)
{
    char from[20] = "#a";
    char to[20];
    char text[20];

    begin();
    for (int i = 0; i <= CHAT_FORMERS_MAX; i++) {
        snprintf(to, sizeof to, "#%d", i);
        CU_ASSERT_EQUAL(name(from, to), 0);
        snprintf(from, sizeof from, "%s", to);
    }
    CU_ASSERT_EQUAL(world->former_names.count, CHAT_FORMERS_MAX);
    CU_ASSERT_STRING_EQUAL(leads_to("#a", text), "");
    CU_ASSERT_STRING_EQUAL(leads_to("#0", text), "#8");
    end();
}

static void the_channels_own_forward_goes_with_it(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+f", "#b"), 0);
    CU_ASSERT_EQUAL(name("#b", "#c"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "+i", NULL), 0);
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), 0);
    PERSON_HEARS(&carol, "+FORWARD carol #a #c\n+JOIN carol #c\n");
    CU_ASSERT_EQUAL(person_change(&alice, world, "#a", "-f", NULL), 0);
    CU_ASSERT(pli_list_is_empty(&world->forwarding));
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"all members are told", all_members_are_told},
        {"not everybody may, and not any name", not_everybody_may_and_not_any_name},
        {"a former name leads there until it is taken back",
         a_former_name_leads_there_until_it_is_taken_back},
        {"a former name is no way around a ban", a_former_name_is_no_way_around_a_ban},
        {"a hidden channel leaves no trace", a_hidden_channel_leaves_no_trace},
        {"the newest names are kept", the_newest_names_are_kept},
        {"the channel's own forward goes with it", the_channels_own_forward_goes_with_it},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat rename", tests);
}
