/* SPDX-License-Identifier: MIT */
/* What modes and masks allow: joining, speaking, kicking, inviting, being seen. */
#include "config.h"

#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/chat_people.h"

#include <stdio.h>

static struct chat_world *world;
static struct person alice, bob, carol;

static void quiet(void)
{
    fake_take(alice.session, NULL);
    fake_take(bob.session, NULL);
    fake_take(carol.session, NULL);
}

/* alice, who has made #a, and bob are there; carol is nowhere. */
static void begin(void)
{
    world = people_world();
    person_come(&alice, world, "alice");
    person_come(&bob, world, "bob");
    person_come(&carol, world, "carol");
    CU_ASSERT_EQUAL(person_join(&alice, world, "#a"), 0);
    CU_ASSERT_EQUAL(person_join(&bob, world, "#a"), 0);
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

static int enter(const char *key)
{
    return chat_channel_enter(world, &carol.chat, chat_text("#a"), chat_text(key));
}

static int speak(struct person *person)
{
    return person_say(person, world, "#a", "hi");
}

static void a_banned_user_does_not_join(void)
{
    begin();
    set("+b", "carol");
    CU_ASSERT_EQUAL(enter(""), CHAT_BANNED);
    set("+e", "*!user@*");
    CU_ASSERT_EQUAL(enter(""), 0);
    end();
}

static void a_muted_user_joins(void)
{
    begin();
    set("+b", "m:carol");
    CU_ASSERT_EQUAL(enter(""), 0);
    CU_ASSERT_EQUAL(speak(&carol), CHAT_MUTED);
    end();
}

static void where_one_must_be_invited_one_joins_once(void)
{
    begin();
    set("+i", NULL);
    CU_ASSERT_EQUAL(enter(""), CHAT_INVITE_ONLY);
    CU_ASSERT_EQUAL(person_invite(&alice, world, "#a", "carol"), 0);
    CU_ASSERT_EQUAL(enter(""), 0);
    CU_ASSERT_EQUAL(person_part(&carol, world, "#a"), 0);
    CU_ASSERT_EQUAL(enter(""), CHAT_INVITE_ONLY);
    set("+I", "carol!*@*");
    CU_ASSERT_EQUAL(enter(""), 0);
    end();
}

static void an_invitation_passes_everything(void)
{
    begin();
    set("+i", NULL);
    set("+k", "key");
    set("+l", "1");
    set("+b", "carol");
    set("+j", "1:1000");
    CU_ASSERT_EQUAL(enter(""), CHAT_BANNED);
    CU_ASSERT_EQUAL(person_invite(&alice, world, "#a", "carol"), 0);
    CU_ASSERT_EQUAL(enter(""), 0);
    end();
}

static void a_key_must_be_known(void)
{
    begin();
    set("+k", "Key");
    CU_ASSERT_EQUAL(person_join(&carol, world, "#a"), CHAT_BAD_KEY);
    CU_ASSERT_EQUAL(enter("key"), CHAT_BAD_KEY);
    CU_ASSERT_EQUAL(enter("Key"), 0);
    end();
}

static void a_full_channel_takes_nobody(void)
{
    begin();
    set("+l", "2");
    CU_ASSERT_EQUAL(enter(""), CHAT_FULL);
    set("+l", "3");
    CU_ASSERT_EQUAL(enter(""), 0);
    end();
}

static void joins_are_throttled(void)
{
    begin();
    set("+j", "2:1000");
    CU_ASSERT_EQUAL(enter(""), 0);
    CU_ASSERT_EQUAL(person_part(&carol, world, "#a"), 0);
    CU_ASSERT_EQUAL(enter(""), 0);
    CU_ASSERT_EQUAL(person_part(&carol, world, "#a"), 0);
    CU_ASSERT_EQUAL(enter(""), CHAT_THROTTLED);
    set("-j", NULL);
    CU_ASSERT_EQUAL(enter(""), 0);
    end();
}

static void accounts_are_asked_for_once_there_are_any(void)
{
    struct chat_settings settings = people_settings;

    begin();
    set("+M", NULL);
    set("+R", NULL);
    CU_ASSERT_EQUAL(enter(""), 0);
    CU_ASSERT_EQUAL(speak(&carol), 0);
    CU_ASSERT_EQUAL(person_part(&carol, world, "#a"), 0);
    settings.accounts = true;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    CU_ASSERT_EQUAL(enter(""), CHAT_NEED_ACCOUNT);
    CU_ASSERT_EQUAL(speak(&bob), CHAT_NEED_ACCOUNT);
    CU_ASSERT_EQUAL(speak(&alice), 0);
    end();
}

static void who_is_refused_is_forwarded(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    set("+i", NULL);
    set("+f", "#b");
    CU_ASSERT_EQUAL(enter(""), 0);
    PERSON_HEARS(&carol, "+FORWARD carol #a #b\n+JOIN carol #b\n");
    PERSON_HEARS(&bob, "");
    PERSON_HEARS(&alice, "JOIN carol #b\n");
    CU_ASSERT_EQUAL(enter(""), CHAT_INVITE_ONLY);
    CU_ASSERT_EQUAL(person_part(&carol, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#b", "+i", NULL), 0);
    CU_ASSERT_EQUAL(enter(""), CHAT_INVITE_ONLY);
    CU_ASSERT_EQUAL(person_part(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(enter(""), CHAT_INVITE_ONLY);
    end();
}

static void strangers_speak_only_where_they_may(void)
{
    begin();
    CU_ASSERT_EQUAL(speak(&carol), CHAT_NOT_ON_CHANNEL);
    set("-n", NULL);
    CU_ASSERT_EQUAL(speak(&carol), 0);
    PERSON_HEARS(&bob, "SAY carol #a hi\n");
    set("+b", "carol");
    CU_ASSERT_EQUAL(speak(&carol), CHAT_MUTED);
    set("+m", NULL);
    CU_ASSERT_EQUAL(speak(&carol), CHAT_MODERATED);
    end();
}

static void where_it_is_moderated_a_prefix_speaks(void)
{
    begin();
    set("+m", NULL);
    CU_ASSERT_EQUAL(speak(&alice), 0);
    CU_ASSERT_EQUAL(speak(&bob), CHAT_MODERATED);
    set("+v", "bob");
    CU_ASSERT_EQUAL(speak(&bob), 0);
    end();
}

static void masks_keep_members_silent(void)
{
    begin();
    CU_ASSERT_EQUAL(speak(&bob), 0);
    set("+b", "bob");
    CU_ASSERT_EQUAL(speak(&bob), CHAT_MUTED);
    set("+e", "m:b*");
    CU_ASSERT_EQUAL(speak(&bob), 0);
    set("-e", "m:b*");
    CU_ASSERT_EQUAL(speak(&bob), CHAT_MUTED);
    set("+v", "bob");
    CU_ASSERT_EQUAL(speak(&bob), 0);
    set("-v", "bob");
    CU_ASSERT_EQUAL(speak(&bob), CHAT_MUTED);
    set("-b", "bob");
    CU_ASSERT_EQUAL(speak(&bob), 0);
    end();
}

static void a_new_name_or_host_is_judged_anew(void)
{
    begin();
    set("+b", "m:bob");
    CU_ASSERT_EQUAL(speak(&bob), CHAT_MUTED);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "rob"), 0);
    CU_ASSERT_EQUAL(speak(&bob), 0);
    CU_ASSERT_EQUAL(person_rename(&bob, world, "bob"), 0);
    CU_ASSERT_EQUAL(speak(&bob), CHAT_MUTED);
    set("-b", "m:bob");
    set("+b", "m:*@bad");
    CU_ASSERT_EQUAL(speak(&bob), 0);
    CU_ASSERT_EQUAL(chat_user_host(world, &bob.chat, chat_text("u"), chat_text("bad")), 0);
    CU_ASSERT_EQUAL(speak(&bob), CHAT_MUTED);
    end();
}

static void what_is_forbidden_is_said_to_operators_where_that_is_set(void)
{
    begin();
    CU_ASSERT_EQUAL(enter(""), 0);
    set("+m", NULL);
    set("+U", NULL);
    CU_ASSERT_EQUAL(speak(&bob), 0);
    PERSON_HEARS(&alice, "SAY bob #a hi\n");
    PERSON_HEARS(&carol, "");
    CU_ASSERT_EQUAL(speak(&alice), 0);
    PERSON_HEARS(&carol, "SAY alice #a hi\n");
    end();
}

static void the_topic_is_the_operators_unless_it_is_free(void)
{
    begin();
    CU_ASSERT_EQUAL(person_topic(&bob, world, "#a", "x"), CHAT_NOT_OPERATOR);
    set("+v", "bob");
    CU_ASSERT_EQUAL(person_topic(&bob, world, "#a", "x"), CHAT_NOT_OPERATOR);
    set("+h", "bob");
    CU_ASSERT_EQUAL(person_topic(&bob, world, "#a", "x"), 0);
    set("-h", "bob");
    set("-t", NULL);
    CU_ASSERT_EQUAL(person_topic(&bob, world, "#a", "y"), 0);
    end();
}

static void operators_kick(void)
{
    begin();
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "alice"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_kick(&alice, world, "#a", "dave"), CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(person_kick(&alice, world, "#a", "carol"), CHAT_NOT_THERE);
    CU_ASSERT_EQUAL(person_kick(&alice, world, "#none", "bob"), CHAT_NO_SUCH_CHANNEL);
    CU_ASSERT_EQUAL(person_kick(&carol, world, "#a", "bob"), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(
        chat_channel_kick(world, &alice.chat, chat_text("#A"), chat_text("BOB"), chat_text("out")),
        0);
    PERSON_HEARS(&alice, "+KICK alice #a bob out\n");
    PERSON_HEARS(&bob, "KICK alice #a bob out\n");
    CU_ASSERT_EQUAL(speak(&bob), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_say(&bob, world, NULL, "x"), CHAT_NO_FOCUS);
    CU_ASSERT_EQUAL(person_kick(&alice, world, "#a", "alice"), 0);
    CU_ASSERT_EQUAL(speak(&alice), CHAT_NO_SUCH_CHANNEL);
    end();
}

static void nobody_kicks_those_above(void)
{
    begin();
    CU_ASSERT_EQUAL(enter(""), 0);
    set("+h", "bob");
    set("+h", "carol");
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "alice"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "carol"), CHAT_NOT_OPERATOR);
    set("-h", "carol");
    set("+v", "carol");
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "carol"), 0);
    set("+o", "bob");
    CU_ASSERT_EQUAL(person_kick(&bob, world, "#a", "alice"), 0);
    end();
}

static void invitations_are_told_to_who_may_know(void)
{
    begin();
    CU_ASSERT_EQUAL(person_invite(&carol, world, "#a", "bob"), CHAT_NOT_ON_CHANNEL);
    CU_ASSERT_EQUAL(person_invite(&bob, world, "#a", "alice"), CHAT_IS_THERE);
    CU_ASSERT_EQUAL(person_invite(&bob, world, "#a", "dave"), CHAT_NO_SUCH_NICK);
    CU_ASSERT_EQUAL(person_invite(&bob, world, "#a", "carol"), 0);
    PERSON_HEARS(&carol, "INVITE bob #a carol\n");
    PERSON_HEARS(&bob, "+INVITE bob #a carol\n");
    PERSON_HEARS(&alice, "INVITE bob #a carol\n");
    set("+i", NULL);
    CU_ASSERT_EQUAL(person_invite(&bob, world, "#a", "carol"), CHAT_NOT_OPERATOR);
    CU_ASSERT_EQUAL(person_invite(&alice, world, "#a", "carol"), 0);
    PERSON_HEARS(&bob, "");
    end();
}

static void add_name(struct chat_text channel, void *argument)
{
    strncat(argument, channel.data, channel.length);
}

static const char *invitations(void)
{
    static char text[2000];

    text[0] = '\0';
    CU_ASSERT_EQUAL(chat_invitations(world, &carol.chat, add_name, text), 0);
    return text;
}

static void invitations_last_as_long_as_the_channel(void)
{
    begin();
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_invite(&alice, world, "#a", "carol"), 0);
    CU_ASSERT_EQUAL(person_invite(&alice, world, "#b", "carol"), 0);
    CU_ASSERT_EQUAL(person_invite(&alice, world, "#a", "carol"), 0);
    CU_ASSERT_STRING_EQUAL(invitations(), "#a#b");
    CU_ASSERT_EQUAL(person_part(&alice, world, "#b"), 0);
    CU_ASSERT_STRING_EQUAL(invitations(), "#a");
    CU_ASSERT_EQUAL(enter(""), 0);
    CU_ASSERT_STRING_EQUAL(invitations(), "");
    end();
}

static void the_oldest_of_too_many_invitations_goes(void)
{
    struct chat_settings settings = people_settings;
    char name[20];

    begin();
    settings.channels_per_user = 0;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &settings), 0);
    for (int i = 0; i < 65; i++) {
        snprintf(name, sizeof name, "#%d", i);
        CU_ASSERT_EQUAL(person_join(&alice, world, name), 0);
        CU_ASSERT_EQUAL(person_invite(&alice, world, name, "carol"), 0);
    }
    CU_ASSERT_EQUAL(strncmp(invitations(), "#1#2#3", 6), 0);
    end();
}

static int knock(struct person *person)
{
    return chat_channel_knock(world, &person->chat, chat_text("#a"), chat_text("please"));
}

static void operators_hear_who_knocks(void)
{
    begin();
    CU_ASSERT_EQUAL(knock(&carol), CHAT_NOT_INVITE_ONLY);
    CU_ASSERT_EQUAL(knock(&bob), CHAT_ON_CHANNEL);
    set("+i", NULL);
    CU_ASSERT_EQUAL(knock(&carol), 0);
    PERSON_HEARS(&alice, "KNOCK carol #a please\n");
    PERSON_HEARS(&bob, "");
    set("+b", "carol");
    CU_ASSERT_EQUAL(knock(&carol), CHAT_BANNED);
    end();
}

static void nobody_knocks_all_the_time(void)
{
    begin();
    set("+i", NULL);
    CU_ASSERT_EQUAL(person_part(&bob, world, "#a"), 0);
    CU_ASSERT_EQUAL(knock(&carol), 0);
    CU_ASSERT_EQUAL(knock(&carol), CHAT_KNOCKED);
    CU_ASSERT_EQUAL(knock(&bob), CHAT_KNOCKED_AT);
    CU_ASSERT_EQUAL(person_join(&alice, world, "#b"), 0);
    CU_ASSERT_EQUAL(person_change(&alice, world, "#b", "+i", NULL), 0);
    CU_ASSERT_EQUAL(chat_channel_knock(world, &carol.chat, chat_text("#b"), CHAT_NO_TEXT),
                    CHAT_KNOCKED);
    CU_ASSERT_EQUAL(chat_channel_knock(world, &bob.chat, chat_text("#b"), CHAT_NO_TEXT), 0);
    end();
}

static void an_auditorium_hides_its_audience(void)
{
    begin();
    set("+u", NULL);
    CU_ASSERT_EQUAL(enter(""), 0);
    PERSON_HEARS(&alice, "JOIN carol #a\n");
    PERSON_HEARS(&carol, "+JOIN carol #a\n");
    CU_ASSERT_EQUAL(chat_user_away(world, &carol.chat, chat_text("x")), 0);
    CU_ASSERT_EQUAL(person_part(&carol, world, "#a"), 0);
    PERSON_HEARS(&bob, "");
    PERSON_HEARS(&alice, "AWAY carol x\nPART carol #a\n");
    CU_ASSERT_EQUAL(enter(""), 0);
    set("+v", "carol");
    CU_ASSERT_EQUAL(person_part(&carol, world, "#a"), 0);
    PERSON_HEARS(&bob, "PART carol #a\n");
    end();
}

static void note_channel(const struct chat_channel_view *view, void *argument)
{
    (void)view;
    *(char *)argument = '\0';
}

static void note_member(const struct chat_user_view *view, void *argument)
{
    strncat(argument, view->nick.data, view->nick.length);
}

static const char *seen_by(struct person *person)
{
    static const struct chat_channel_visitor visitor = {note_channel, note_member};
    static char text[100];
    int rc = chat_channel_look(world, &person->chat, chat_text("#a"), &visitor, text);

    return rc == 0 ? text : rc == CHAT_NO_SUCH_CHANNEL ? "none" : "?";
}

static bool count_channel(const struct chat_channel_view *view, void *argument)
{
    (void)view;
    ++*(int *)argument;
    return true;
}

static int listed_for(struct person *person)
{
    int count = 0;

    chat_channel_each(world, &person->chat, count_channel, &count);
    return count;
}

static void who_is_there_is_seen_by_whom_it_concerns(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(seen_by(&carol), "alicebob");
    set("+u", NULL);
    CU_ASSERT_STRING_EQUAL(seen_by(&carol), "alice");
    CU_ASSERT_STRING_EQUAL(seen_by(&bob), "alicebob");
    set("-u", NULL);
    CU_ASSERT_EQUAL(chat_user_modes(world, &bob.chat, CHAT_USER_INVISIBLE, 0), 0);
    CU_ASSERT_STRING_EQUAL(seen_by(&carol), "alice");
    CU_ASSERT_STRING_EQUAL(seen_by(&alice), "alicebob");
    CU_ASSERT_EQUAL(listed_for(&carol), 1);
    set("+p", NULL);
    CU_ASSERT_EQUAL(listed_for(&carol), 0);
    CU_ASSERT_EQUAL(listed_for(&bob), 1);
    CU_ASSERT_STRING_EQUAL(seen_by(&carol), "alice");
    set("+s", NULL);
    CU_ASSERT_STRING_EQUAL(seen_by(&carol), "none");
    CU_ASSERT_STRING_EQUAL(seen_by(&bob), "alicebob");
    CU_ASSERT_EQUAL(chat_user_oper(world, &carol.chat, chat_text("x")), 0);
    CU_ASSERT_STRING_EQUAL(seen_by(&carol), "alicebob");
    CU_ASSERT_EQUAL(listed_for(&carol), 1);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a banned user does not join", a_banned_user_does_not_join},
        {"a muted user joins", a_muted_user_joins},
        {"where one must be invited one joins once", where_one_must_be_invited_one_joins_once},
        {"an invitation passes everything", an_invitation_passes_everything},
        {"a key must be known", a_key_must_be_known},
        {"a full channel takes nobody", a_full_channel_takes_nobody},
        {"joins are throttled", joins_are_throttled},
        {"accounts are asked for once there are any", accounts_are_asked_for_once_there_are_any},
        {"who is refused is forwarded", who_is_refused_is_forwarded},
        {"strangers speak only where they may", strangers_speak_only_where_they_may},
        {"where it is moderated a prefix speaks", where_it_is_moderated_a_prefix_speaks},
        {"masks keep members silent", masks_keep_members_silent},
        {"a new name or host is judged anew", a_new_name_or_host_is_judged_anew},
        {"what is forbidden is said to operators where that is set",
         what_is_forbidden_is_said_to_operators_where_that_is_set},
        {"the topic is the operators' unless it is free",
         the_topic_is_the_operators_unless_it_is_free},
        {"operators kick", operators_kick},
        {"nobody kicks those above", nobody_kicks_those_above},
        {"invitations are told to who may know", invitations_are_told_to_who_may_know},
        {"invitations last as long as the channel", invitations_last_as_long_as_the_channel},
        {"the oldest of too many invitations goes", the_oldest_of_too_many_invitations_goes},
        {"operators hear who knocks", operators_hear_who_knocks},
        {"nobody knocks all the time", nobody_knocks_all_the_time},
        {"an auditorium hides its audience", an_auditorium_hides_its_audience},
        {"who is there is seen by whom it concerns", who_is_there_is_seen_by_whom_it_concerns},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat rules", tests);
}
