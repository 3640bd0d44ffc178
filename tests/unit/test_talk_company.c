/* SPDX-License-Identifier: MIT */
/* How people who talk see, and obey, what those of other protocols do. */
#include "config.h"

#include "chat/chat.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/talk_people.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct talker alice, bob;
static struct pl_session *session;
static struct chat_session eve; /* of another protocol; she has made #x, and bob is in it */

static int tell_nobody(const struct chat_session *to, const struct chat_event *event)
{
    (void)to;
    (void)event;
    return CHAT_UNTOLD;
}

static int render_nothing(const struct chat_event *event, int variant, struct pl_message **message)
{
    (void)event;
    (void)variant;
    (void)message;
    return -ENOMEM;
}

static const struct chat_face other_face = {"other", tell_nobody, render_nothing};

static void begin(void)
{
    talk_begin();
    session = fake_new(NULL);
    chat_session_init(&eve, session, &other_face);
    CU_ASSERT_EQUAL_FATAL(chat_user_register(talk_world, &eve, chat_text("eve")), 0);
    CU_ASSERT_EQUAL_FATAL(chat_channel_join(talk_world, &eve, chat_text("#x")), 0);
    talker_come(&alice, "alice");
    talker_come(&bob, "bob");
    talker_types(&bob, "/join #x");
    talker_reads(&alice);
    talker_reads(&bob);
}

static void end(void)
{
    talker_goes(&alice);
    talker_goes(&bob);
    CU_ASSERT_EQUAL(chat_quit(talk_world, &eve, CHAT_NO_TEXT), 0);
    fake_free(session);
    talk_end();
}

static void set(enum chat_mode mode, const char *argument)
{
    struct chat_change change = {.set = true, .mode = mode, .argument = chat_text(argument)};

    CU_ASSERT_EQUAL(chat_channel_mode(talk_world, &eve, chat_text("#x"), &change, 1), 0);
    CU_ASSERT_EQUAL(change.outcome, 0);
}

static void kick_bob(void)
{
    CU_ASSERT_EQUAL(
        chat_channel_kick(talk_world, &eve, chat_text("#x"), chat_text("bob"), chat_text("out")),
        0);
}

static void who_is_away_is_seen(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_away(talk_world, &eve, chat_text("lunch")), 0);
    CU_ASSERT_EQUAL(chat_user_away(talk_world, &eve, CHAT_NO_TEXT), 0);
    CU_ASSERT_EQUAL(chat_user_realname(talk_world, &eve, chat_text("Eve")), 0);
    TALKER_SEES(&bob, "[HH:MM] * eve is away (lunch)\n[HH:MM] * eve is back\n");
    TALKER_SEES(&alice, "");
    end();
}

static void changes_of_modes_are_seen(void)
{
    begin();
    set(CHAT_MODE_MODERATED, "");
    set(CHAT_MODE_BAN, "mallory\xC2\x9B");
    set(CHAT_MODE_OP, "bob");
    TALKER_SEES(&bob, "[HH:MM] * eve has changed the modes of #x: +m\n"
                      "[HH:MM] * eve has changed the modes of #x: +b mallory!*@*\n"
                      "[HH:MM] * eve has changed the modes of #x: +o bob\n");
    end();
}

static void who_is_kicked_out_is_told(void)
{
    begin();
    talker_types(&alice, "/join #x");
    talker_reads(&alice);
    talker_reads(&bob);
    kick_bob();
    TALKER_SEES(&bob, "[HH:MM] * eve has kicked you out of #x (out)\n");
    TALKER_SEES(&alice, "[HH:MM] * eve has kicked bob out of #x (out)\n");
    talker_types(&bob, "hello"); /* meant for #x, and so not said anywhere */
    TALKER_SEES(&bob, "You talk in no room; /join #room takes you to one.\n");
    TALKER_SEES(&alice, "");
    talker_types(&bob, "/join #lobby");
    TALKER_SEES(&bob, "You talk in #lobby now.\n");
    talker_types(&bob, "hello");
    TALKER_SEES(&alice, "[HH:MM] #lobby <bob> hello\n");
    end();
}

static void modes_are_obeyed(void)
{
    begin();
    set(CHAT_MODE_MODERATED, "");
    talker_reads(&bob);
    talker_types(&bob, "hello");
    TALKER_SEES(&bob, "You may not speak there.\n");
    talker_types(&bob, "/topic cats");
    TALKER_SEES(&bob, "Only operators of the room may do that.\n");
    talker_types(&bob, "/leave");
    set(CHAT_MODE_BAN, "m:bob");
    set(CHAT_MODE_KEY, "sesame");
    talker_reads(&bob);
    talker_types(&bob, "/join #x");
    TALKER_SEES(&bob, "#x has a key: /join #room key\n");
    talker_types(&bob, "/join #x sesame");
    TALKER_SEES(&bob, "[HH:MM] * you have joined #x\n2 people in #x: eve bob\n");
    end();
}

static void who_is_not_let_in_is_told_why(void)
{
    begin();
    set(CHAT_MODE_LIMIT, "2");
    talker_types(&alice, "/join #x");
    TALKER_SEES(&alice, "#x is full.\n");
    set(CHAT_MODE_INVITE_ONLY, "");
    talker_types(&alice, "/join #x");
    TALKER_SEES(&alice, "Only who is invited enters #x.\n");
    set(CHAT_MODE_BAN, "alice");
    talker_types(&alice, "/join #x");
    TALKER_SEES(&alice, "You are banned from #x.\n");
    end();
}

static void an_invitation_and_a_knock_are_seen(void)
{
    begin();
    set(CHAT_MODE_INVITE_ONLY, "");
    set(CHAT_MODE_OP, "bob");
    talker_reads(&bob);
    CU_ASSERT_EQUAL(chat_channel_invite(talk_world, &eve, chat_text("#x"), chat_text("alice")), 0);
    TALKER_SEES(&alice, "[HH:MM] * eve invites you to #x\n");
    TALKER_SEES(&bob, "[HH:MM] * eve invites alice to #x\n");
    CU_ASSERT_EQUAL(chat_channel_part(talk_world, &eve, chat_text("#x"), CHAT_NO_TEXT), 0);
    talker_reads(&bob);
    CU_ASSERT_EQUAL(chat_channel_knock(talk_world, &eve, chat_text("#x"), chat_text("hi")), 0);
    TALKER_SEES(&bob, "[HH:MM] * eve asks to be invited to #x (hi)\n");
    end();
}

static void who_is_led_to_another_room_is_shown_that(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_channel_join(talk_world, &eve, chat_text("#y")), 0);
    set(CHAT_MODE_INVITE_ONLY, "");
    set(CHAT_MODE_FORWARD, "#y");
    talker_types(&alice, "/join #x");
    TALKER_SEES(&alice, "[HH:MM] * #x does not let you in, but #y does\n"
                        "[HH:MM] * you have joined #y\n2 people in #y: eve alice\n");
    end();
}

static void what_is_for_some_members_only_is_marked(void)
{
    struct chat_words words = {.kind = CHAT_MESSAGE,
                               .target = chat_text("#x"),
                               .least = CHAT_OP,
                               .text = chat_text("psst")};

    begin();
    set(CHAT_MODE_OP, "bob");
    talker_reads(&bob);
    CU_ASSERT_EQUAL(chat_speak(talk_world, &eve, &words), 0);
    words.kind = CHAT_TAGS;
    CU_ASSERT_EQUAL(chat_speak(talk_world, &eve, &words), 0);
    TALKER_SEES(&bob, "[HH:MM] @#x <eve> psst\n");
    end();
}

static void what_operators_of_the_server_tell_all_is_seen(void)
{
    begin();
    CU_ASSERT_EQUAL(chat_user_oper(talk_world, &eve, chat_text("root")), 0);
    CU_ASSERT_EQUAL(chat_wallops(talk_world, &eve, chat_text("we\xC2\x9B restart")), 0);
    TALKER_SEES(&alice, "[HH:MM] * eve tells all: we restart\n");
    TALKER_SEES(&bob, "[HH:MM] * eve tells all: we restart\n");
    end();
}

static void whose_session_is_ended_is_told_by_whom_and_why(void)
{
    begin();
    talker_types(&alice, "/join #x");
    talker_reads(&alice);
    talker_reads(&bob);
    CU_ASSERT_EQUAL(chat_user_oper(talk_world, &eve, chat_text("root")), 0);
    CU_ASSERT_EQUAL(chat_kill(talk_world, &eve, chat_text("bob"), chat_text("spam"),
                              chat_text("killed for spam")),
                    0);
    TALKER_SEES(&bob, "[HH:MM] * eve has ended your session (spam)\n");
    CU_ASSERT_EQUAL(fake_ended(bob.session), -ENOTCONN);
    TALKER_SEES(&alice, "[HH:MM] * bob has quit (killed for spam)\n");
    end();
}

static void look(const struct chat_user_view *view, void *argument)
{
    snprintf(argument, 200, "%.*s@%.*s %.*s", (int)view->username.length, view->username.data,
             (int)view->host.length, view->host.data, (int)view->realname.length,
             view->realname.data);
}

static void others_see_a_user_name_and_a_hidden_host(void)
{
    static const struct chat_cloak_key key = {"a key"};
    struct talker carol;
    char address[PL_ADDRESS_TEXT];
    char host[CHAT_CLOAK_MAX + 1];
    char seen[200] = "";
    char expected[200];

    begin();
    CU_ASSERT_EQUAL(chat_nick_look(talk_world, &eve, chat_text("bob"), look, seen), 0);
    CU_ASSERT_STRING_EQUAL(seen, "~bob@unknown bob");
    talk_put_key(talk, &key);
    talker_come(&carol, "[carol]-7");
    chat_cloak(&key, pl_session_peer(carol.session, address, sizeof address), host);
    CU_ASSERT_STRING_NOT_EQUAL(host, address);
    snprintf(expected, sizeof expected, "~carol-7@%s [carol]-7", host);
    CU_ASSERT_EQUAL(chat_nick_look(talk_world, &eve, chat_text("[carol]-7"), look, seen), 0);
    CU_ASSERT_STRING_EQUAL(seen, expected);
    talker_goes(&carol);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who is away is seen", who_is_away_is_seen},
        {"changes of modes are seen", changes_of_modes_are_seen},
        {"who is kicked out is told", who_is_kicked_out_is_told},
        {"modes are obeyed", modes_are_obeyed},
        {"who is not let in is told why", who_is_not_let_in_is_told_why},
        {"an invitation and a knock are seen", an_invitation_and_a_knock_are_seen},
        {"who is led to another room is shown that", who_is_led_to_another_room_is_shown_that},
        {"what is for some members only is marked", what_is_for_some_members_only_is_marked},
        {"what operators of the server tell all is seen",
         what_operators_of_the_server_tell_all_is_seen},
        {"whose session is ended is told by whom and why",
         whose_session_is_ended_is_told_by_whom_and_why},
        {"others see a user name and a hidden host", others_see_a_user_name_and_a_hidden_host},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "talk and other protocols", tests);
}
