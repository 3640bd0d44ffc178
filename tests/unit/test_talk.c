/* SPDX-License-Identifier: MIT */
/* Coming, being there and going. */
#include "config.h"

#include "base/message.h"
#include "talk/render.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/talk_people.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct talker alice, bob;

static void begin(void)
{
    talk_begin();
    talker_come(&alice, "alice");
    talker_come(&bob, "bob");
    talker_reads(&alice);
}

static void end(void)
{
    talker_goes(&alice);
    talker_goes(&bob);
    talk_end();
}

static void a_nickname_is_asked_for_and_leads_to_the_lobby(void)
{
    talk_begin();
    talker_connect(&alice);
    TALKER_SEES(&alice, "Welcome to Testnet.\nWhat is your nickname?\n");
    talker_types(&alice, "  alice ");
    TALKER_SEES(&alice, "[HH:MM] * you are alice\n"
                        "What you type is said in the room; /help lists the commands.\n"
                        "[HH:MM] * you have joined #lobby\n"
                        "1 person in #lobby: alice\n");
    talker_connect(&bob);
    talker_types(&bob, "bob");
    TALKER_SEES(&alice, "[HH:MM] * bob has joined #lobby\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(talker_reads(&bob), "2 people in #lobby: alice bob\n"));
    end();
}

static void a_nickname_is_asked_for_again_with_the_reason(void)
{
    talk_begin();
    talker_come(&bob, "bob");
    talker_connect(&alice);
    talker_reads(&alice);
    talker_types(&alice, "");
    TALKER_SEES(&alice, "What is your nickname?\n");
    talker_types(&alice, "4lice");
    TALKER_SEES(&alice, "That is no nickname: letters, digits and -_[]\\`^{}| make one, but "
                        "neither a digit nor - comes first.\nWhat is your nickname?\n");
    talker_types(&alice, "alice in wonderland");
    CU_ASSERT_PTR_NOT_NULL(strstr(talker_reads(&alice), "That is no nickname"));
    talker_types(&alice, "alicealice");
    TALKER_SEES(&alice, "That nickname is too long: at most 9 characters.\n"
                        "What is your nickname?\n");
    talker_types(&alice, "BOB");
    TALKER_SEES(&alice, "The nickname BOB is taken.\nWhat is your nickname?\n");
    TALKER_SEES(&bob, "");
    talker_types(&alice, "alice");
    TALKER_SEES(&bob, "[HH:MM] * alice has joined #lobby\n");
    end();
}

static void who_has_no_nickname_takes_no_part(void)
{
    struct talker nobody;

    begin();
    talker_connect(&nobody);
    talker_types(&alice, "hello");
    TALKER_SEES(&nobody, "Welcome to Testnet.\nWhat is your nickname?\n");
    talker_types(&nobody, "/quit");
    CU_ASSERT_PTR_NOT_NULL(strstr(talker_reads(&nobody), "That is no nickname"));
    talker_ends(&nobody, PL_REASON_EOF, false);
    TALKER_SEES(&alice, "");
    talker_goes(&nobody);
    end();
}

static void a_nickname_must_be_given_in_time(void)
{
    talk_begin();
    talker_connect(&alice);
    CU_ASSERT_EQUAL(fake_timer(alice.session), 60000);
    talker_reads(&alice);
    talk_service.timer(alice.session);
    TALKER_SEES(&alice, "Goodbye: no nickname was given in time.\n");
    CU_ASSERT_EQUAL(fake_ended(alice.session), -ENOTCONN);
    talker_come(&bob, "bob");
    CU_ASSERT_EQUAL(fake_timer(bob.session), 0);
    talk_service.timer(bob.session);
    CU_ASSERT_EQUAL(fake_ended(bob.session), 0);
    end();
}

static void a_line_is_said_to_everybody_else_in_the_room(void)
{
    begin();
    talker_types(&alice, "hello there");
    talker_types(&alice, "  indented, trailing   ");
    talker_types(&alice, "");
    talker_types(&alice, "   ");
    TALKER_SEES(&bob, "[HH:MM] <alice> hello there\n[HH:MM] <alice>   indented, trailing\n");
    TALKER_SEES(&alice, "");
    end();
}

static void two_slashes_say_one(void)
{
    begin();
    talker_types(&alice, "//help is a command");
    talker_types(&alice, "//");
    TALKER_SEES(&bob, "[HH:MM] <alice> /help is a command\n[HH:MM] <alice> /\n");
    TALKER_SEES(&alice, "");
    end();
}

static void what_other_rooms_say_carries_their_name(void)
{
    begin();
    talker_types(&alice, "/join #dev");
    talker_types(&bob, "/join #dev");
    talker_types(&bob, "/join #lobby");
    talker_reads(&alice);
    talker_reads(&bob);
    talker_types(&alice, "in dev");
    TALKER_SEES(&bob, "[HH:MM] #dev <alice> in dev\n");
    talker_types(&alice, "/me waves");
    TALKER_SEES(&bob, "[HH:MM] #dev * alice waves\n");
    talker_types(&bob, "in the lobby");
    TALKER_SEES(&alice, "[HH:MM] #lobby <bob> in the lobby\n");
    end();
}

static void who_is_in_no_room_is_told_so(void)
{
    begin();
    talker_types(&alice, "/leave");
    TALKER_SEES(&alice, "[HH:MM] * you have left #lobby\n"
                        "You talk in no room; /join #room takes you to one.\n");
    TALKER_SEES(&bob, "[HH:MM] * alice has left #lobby\n");
    talker_types(&alice, "anybody?");
    TALKER_SEES(&alice, "You talk in no room; /join #room takes you to one.\n");
    TALKER_SEES(&bob, "");
    end();
}

/* Ends a session for REASON; bob sees it. */
static void expect_quit(enum pl_reason reason, const char *farewell, const char *seen)
{
    begin();
    if (farewell)
        talk_service.farewell(alice.session, reason);
    TALKER_SEES(&alice, farewell ? farewell : "");
    talker_ends(&alice, reason, false);
    TALKER_SEES(&bob, seen);
    end();
}

static void an_end_that_was_not_asked_for_shows_its_reason(void)
{
    expect_quit(PL_REASON_EOF, NULL, "[HH:MM] * alice has quit (connection closed)\n");
    expect_quit(PL_REASON_RESET, NULL, "[HH:MM] * alice has quit (connection broken)\n");
    expect_quit(PL_REASON_CLOSED, NULL, "[HH:MM] * alice has quit (closed by the server)\n");
    expect_quit(PL_REASON_WRITE_TIMEOUT, NULL,
                "[HH:MM] * alice has quit (nothing was read for too long)\n");
    expect_quit(PL_REASON_SENDQ, "Goodbye: too much unread output.\n",
                "[HH:MM] * alice has quit (too much unread output)\n");
    expect_quit(PL_REASON_RECVQ, "Goodbye: too much input at once.\n",
                "[HH:MM] * alice has quit (too much input at once)\n");
    expect_quit(PL_REASON_IDLE, "Goodbye: nothing was typed for too long.\n",
                "[HH:MM] * alice has quit (nothing was typed for too long)\n");
    expect_quit(PL_REASON_NO_MEMORY, "Goodbye: out of memory.\n",
                "[HH:MM] * alice has quit (out of memory)\n");
}

static void nobody_sees_quits_when_the_server_stops(void)
{
    expect_quit(PL_REASON_STOPPING, "Goodbye: the server is stopping.\n", "");
}

static void the_end_of_input_has_no_last_word(void)
{
    begin();
    talk_service.farewell(alice.session, PL_REASON_EOF);
    TALKER_SEES(&alice, "");
    end();
}

static void who_was_quit_before_the_end_quits_once(void)
{
    begin();
    talker_types(&alice, "/quit");
    talker_types(&alice, "after");
    talker_ends(&alice, PL_REASON_CLOSED, false);
    TALKER_SEES(&bob, "[HH:MM] * alice has quit\n");
    end();
}

static void a_recipient_without_room_quits_with_the_reason(void)
{
    begin();
    fake_limit(bob.session, 0);
    talker_types(&alice, "hello");
    CU_ASSERT_EQUAL(fake_ended(bob.session), -ENOBUFS);
    talker_ends(&bob, PL_REASON_SENDQ, true);
    TALKER_SEES(&alice, "[HH:MM] * bob has quit (too much unread output)\n");
    end();
}

static void too_long_a_line_is_not_sent(void)
{
    const struct pl_line head = {.text = "xxx", .length = 3, .size = 3};
    struct talker nobody;

    begin();
    talk_service.fault(alice.session, PL_FAULT_TOO_LONG, &head);
    TALKER_SEES(&alice, "That line is too long; it was not sent.\n");
    talker_types(&alice, "short");
    TALKER_SEES(&bob, "[HH:MM] <alice> short\n");
    talker_connect(&nobody);
    talker_reads(&nobody);
    talk_service.fault(nobody.session, PL_FAULT_TOO_LONG, &head);
    TALKER_SEES(&nobody, "That line is too long; it was not sent.\nWhat is your nickname?\n");
    talker_goes(&nobody);
    end();
}

static void refuse(enum pl_reason reason, const char *expected)
{
    char text[100];
    size_t length = talk_service.refuse(reason, text, sizeof text, talk);

    CU_ASSERT_EQUAL_FATAL(length, strlen(expected));
    CU_ASSERT(memcmp(text, expected, length) == 0);
    CU_ASSERT_EQUAL(talk_service.refuse(reason, text, 5, talk), 0);
}

static void who_is_turned_away_is_told_why(void)
{
    talk_begin();
    refuse(PL_REASON_FULL, "Sorry, the server is full. Please try again later.\r\n");
    refuse(PL_REASON_PER_ADDRESS,
           "Sorry, too many connections from your address. Please try again later.\r\n");
    refuse(PL_REASON_CONNECT_RATE,
           "Sorry, your address connects too often. Please try again later.\r\n");
    refuse(PL_REASON_STOPPING, "Sorry, the server is stopping. Please try again later.\r\n");
    talk_end();
}

static void the_message_of_the_day_is_shown_clean(void)
{
    struct talk_settings settings = talk_test_settings;

    talk_begin();
    settings.motd = "Be nice.\n\n\033[31mred\033[0m \xFF\r\nlast";
    CU_ASSERT_EQUAL(talk_set_settings(talk, &settings), 0);
    talker_connect(&alice);
    talker_connect(&bob);
    talker_reads(&alice);
    talker_types(&alice, "alice");
    TALKER_SEES(&alice, "[HH:MM] * you are alice\n"
                        "Be nice.\n\n[31mred[0m \xEF\xBF\xBD\nlast\n"
                        "What you type is said in the room; /help lists the commands.\n"
                        "[HH:MM] * you have joined #lobby\n"
                        "1 person in #lobby: alice\n");
    end();
}

static void settings_are_replaced_while_people_talk(void)
{
    struct talk_settings settings = talk_test_settings;
    struct talker carol;

    begin();
    settings.network = "Elsewhere";
    settings.lobby = "#hall";
    settings.registration_timeout = 0;
    settings.flood_rate = 10;
    settings.flood_burst = 1;
    CU_ASSERT_EQUAL(talk_set_settings(talk, &settings), 0);
    talker_connect(&carol);
    TALKER_SEES(&carol, "Welcome to Elsewhere.\nWhat is your nickname?\n");
    CU_ASSERT_EQUAL(fake_timer(carol.session), 0);
    talker_types(&carol, "carol");
    CU_ASSERT_PTR_NOT_NULL(strstr(talker_reads(&carol), "you have joined #hall"));
    talker_types(&alice, "hello");
    CU_ASSERT(fake_slowed(alice.session) > 0);
    settings.lobby = "hall";
    CU_ASSERT_EQUAL(talk_set_settings(talk, &settings), -EINVAL);
    talker_goes(&carol);
    end();
}

static void who_floods_is_slowed(void)
{
    struct talk_settings settings = talk_test_settings;

    talk_begin();
    settings.flood_rate = 1;
    settings.flood_burst = 5;
    CU_ASSERT_EQUAL(talk_set_settings(talk, &settings), 0);
    talker_come(&alice, "alice");
    talker_come(&bob, "bob");
    for (int i = 0; i < 3; i++)
        talker_types(&alice, "flood");
    CU_ASSERT_EQUAL(fake_slowed(alice.session), 0);
    talker_types(&alice, "flood");
    CU_ASSERT(fake_slowed(alice.session) > 0);
    CU_ASSERT_EQUAL(fake_slowed(bob.session), 0);
    end();
}

static void faults_count_as_lines_of_a_flood(void)
{
    const struct pl_line head = {.text = "xxx", .length = 3, .size = 3};
    struct talk_settings settings = talk_test_settings;

    talk_begin();
    settings.flood_rate = 1;
    settings.flood_burst = 2;
    CU_ASSERT_EQUAL(talk_set_settings(talk, &settings), 0);
    talker_connect(&alice);
    talk_service.fault(alice.session, PL_FAULT_TOO_LONG, &head);
    CU_ASSERT_EQUAL(fake_slowed(alice.session), 0);
    talk_service.fault(alice.session, PL_FAULT_TOO_LONG, &head);
    CU_ASSERT(fake_slowed(alice.session) > 0);
    talker_goes(&alice);
    talk_end();
}

static void a_lobby_must_be_a_room(void)
{
    struct talk_settings settings = talk_test_settings;
    struct talk *none = NULL;

    talk_begin();
    settings.lobby = "lobby";
    CU_ASSERT_EQUAL(talk_new(talk_world, &settings, &none), -EINVAL);
    settings.lobby = "#a b";
    CU_ASSERT_EQUAL(talk_new(talk_world, &settings, &none), -EINVAL);
    CU_ASSERT_PTR_NULL(none);
    talk_free(none);
    talk_end();
}

/* A lobby longer than the limit of today is no reason to turn people away. */
static void who_cannot_enter_the_lobby_is_there_all_the_same(void)
{
    struct talk_settings settings = talk_test_settings;

    talk_begin();
    settings.lobby = "#much_too_long";
    CU_ASSERT_EQUAL(talk_set_settings(talk, &settings), 0);
    talker_connect(&alice);
    talker_reads(&alice);
    talker_types(&alice, "alice");
    TALKER_SEES(&alice, "[HH:MM] * you are alice\n"
                        "What you type is said in the room; /help lists the commands.\n"
                        "That name is too long for a room: at most 12 bytes.\n");
    talker_types(&alice, "/join #a");
    CU_ASSERT_PTR_NOT_NULL(strstr(talker_reads(&alice), "you have joined #a"));
    talker_goes(&alice);
    talk_end();
}

static void the_time_shown_is_local(void)
{
    struct chat_event event = {.kind = CHAT_MESSAGE,
                               .time = UINT64_C(1700000000000), /* 22:13:20 UTC */
                               .nick = chat_text("alice"),
                               .channel = {1, 1},
                               .channel_name = chat_text("#a"),
                               .text = chat_text("hi")};
    struct pl_message *message;

    CU_ASSERT_EQUAL_FATAL(setenv("TZ", "XYZ-5:30", 1), 0);
    tzset();
    CU_ASSERT_EQUAL_FATAL(talk_face.render(&event, 0, &message), 0);
    CU_ASSERT_EQUAL(pl_message_length(message), strlen("[03:43] <alice> hi\r\n"));
    CU_ASSERT(memcmp(pl_message_data(message), "[03:43] <alice> hi\r\n",
                     pl_message_length(message)) == 0);
    CU_ASSERT_EQUAL(message->capacity, message->length); /* no queue may append to it */
    pl_message_unref(message);
    unsetenv("TZ");
    tzset();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a nickname is asked for and leads to the lobby",
         a_nickname_is_asked_for_and_leads_to_the_lobby},
        {"a nickname is asked for again with the reason",
         a_nickname_is_asked_for_again_with_the_reason},
        {"who has no nickname takes no part", who_has_no_nickname_takes_no_part},
        {"a nickname must be given in time", a_nickname_must_be_given_in_time},
        {"a line is said to everybody else in the room",
         a_line_is_said_to_everybody_else_in_the_room},
        {"two slashes say one", two_slashes_say_one},
        {"what other rooms say carries their name", what_other_rooms_say_carries_their_name},
        {"who is in no room is told so", who_is_in_no_room_is_told_so},
        {"an end that was not asked for shows its reason",
         an_end_that_was_not_asked_for_shows_its_reason},
        {"nobody sees quits when the server stops", nobody_sees_quits_when_the_server_stops},
        {"the end of input has no last word", the_end_of_input_has_no_last_word},
        {"who was quit before the end quits once", who_was_quit_before_the_end_quits_once},
        {"a recipient without room quits with the reason",
         a_recipient_without_room_quits_with_the_reason},
        {"too long a line is not sent", too_long_a_line_is_not_sent},
        {"who is turned away is told why", who_is_turned_away_is_told_why},
        {"the message of the day is shown clean", the_message_of_the_day_is_shown_clean},
        {"settings are replaced while people talk", settings_are_replaced_while_people_talk},
        {"who floods is slowed", who_floods_is_slowed},
        {"faults count as lines of a flood", faults_count_as_lines_of_a_flood},
        {"a lobby must be a room", a_lobby_must_be_a_room},
        {"who cannot enter the lobby is there all the same",
         who_cannot_enter_the_lobby_is_there_all_the_same},
        {"the time shown is local", the_time_shown_is_local},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "talk", tests);
}
