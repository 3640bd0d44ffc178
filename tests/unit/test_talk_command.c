/* SPDX-License-Identifier: MIT */
/* What each command shows, to whom. */
#include "config.h"

#include "talk/command.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/talk_people.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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

/* alice types LINE and sees the one text, bob the other. */
#define TYPE(line, by_alice, by_bob)                                                               \
    do {                                                                                           \
        talker_types(&alice, line);                                                                \
        TALKER_SEES(&alice, by_alice);                                                             \
        TALKER_SEES(&bob, by_bob);                                                                 \
    } while (0)

static void join_enters_a_room_and_shows_it(void)
{
    begin();
    TYPE("/join #dev", "[HH:MM] * you have joined #dev\n1 person in #dev: alice\n", "");
    talker_types(&alice, "/topic code");
    talker_reads(&alice);
    talker_types(&bob, "/JOIN #DEV");
    TALKER_SEES(&bob, "[HH:MM] * you have joined #dev\n"
                      "Topic of #dev: code (set by alice)\n"
                      "2 people in #dev: alice bob\n");
    TALKER_SEES(&alice, "[HH:MM] * bob has joined #dev\n");
    end();
}

static void join_goes_back_to_a_room_one_is_in(void)
{
    begin();
    talker_types(&alice, "/join #dev");
    talker_reads(&alice);
    TYPE("/join #LOBBY", "You talk in #lobby now.\n", "");
    TYPE("back", "", "[HH:MM] <alice> back\n");
    end();
}

static void join_refuses_what_is_no_room(void)
{
    static const char bad[] =
        "That is no room: its name begins with # and goes on without spaces and commas.\n";

    begin();
    TYPE("/join", "Usage: /join #room [key]\n", "");
    TYPE("/join dev", bad, "");
    TYPE("/join #", bad, "");
    TYPE("/join #a,#b", bad, "");
    TYPE("/join #234567890123", "That name is too long for a room: at most 12 bytes.\n", "");
    talker_types(&alice, "/join #a");
    talker_types(&alice, "/join #b");
    talker_reads(&alice);
    TYPE("/join #c", "You are in too many rooms; leave one first.\n", "");
    end();
}

static void leave_goes_to_the_room_joined_before(void)
{
    begin();
    talker_types(&alice, "/join #dev");
    talker_reads(&alice);
    TYPE("/leave", "[HH:MM] * you have left #dev\nYou talk in #lobby now.\n", "");
    TYPE("/leave #dev", "There is no room #dev.\n", "");
    talker_types(&bob, "/join #bobs");
    talker_reads(&bob);
    TYPE("/leave #bobs", "You are not in #bobs.\n", "");
    TYPE("/leave #lobby",
         "[HH:MM] * you have left #lobby\nYou talk in no room; /join #room takes you to one.\n",
         "[HH:MM] * alice has left #lobby\n");
    TYPE("/leave", "You talk in no room; /join #room takes you to one.\n", "");
    end();
}

static void leave_of_another_room_stays_in_this_one(void)
{
    begin();
    talker_types(&alice, "/join #dev");
    talker_reads(&alice);
    TYPE("/leave #lobby", "[HH:MM] * you have left #lobby\n", "[HH:MM] * alice has left #lobby\n");
    end();
}

static void msg_tells_one_person(void)
{
    struct talker carol;

    begin();
    talker_come(&carol, "carol");
    talker_reads(&alice);
    talker_reads(&bob);
    TYPE("/msg BOB  two  words", "[HH:MM] you tell bob: two  words\n",
         "[HH:MM] alice tells you: two  words\n");
    TALKER_SEES(&carol, "");
    TYPE("/msg alice note", "[HH:MM] you tell alice: note\n", "");
    TYPE("/msg dave hi", "Nobody here is called dave.\n", "");
    TYPE("/msg", "Usage: /msg nick text\n", "");
    TYPE("/msg bob", "Usage: /msg nick text\n", "");
    talker_goes(&carol);
    end();
}

static void msg_reaches_another_room_of_ones_own(void)
{
    begin();
    talker_types(&alice, "/join #dev");
    talker_reads(&alice);
    TYPE("/msg #lobby hi", "[HH:MM] #lobby <alice> hi\n", "[HH:MM] <alice> hi\n");
    TYPE("/msg #none hi", "There is no room #none.\n", "");
    talker_types(&bob, "/join #bobs");
    talker_reads(&bob);
    TYPE("/msg #bobs hi", "You are not in #bobs.\n", "");
    end();
}

static void me_shows_what_one_does(void)
{
    begin();
    TYPE("/me waves to all", "", "[HH:MM] * alice waves to all\n");
    TYPE("/me", "Usage: /me text\n", "");
    end();
}

static void nick_changes_the_name(void)
{
    begin();
    TYPE("/nick zoe", "[HH:MM] * you are now called zoe\n", "[HH:MM] * alice is now called zoe\n");
    TYPE("hello", "", "[HH:MM] <zoe> hello\n");
    TYPE("/nick bob", "The nickname bob is taken.\n", "");
    TYPE("/nick zoe", "You are called zoe already.\n", "");
    TYPE("/nick toolongname", "That nickname is too long: at most 9 characters.\n", "");
    TYPE("/nick a b",
         "That is no nickname: letters, digits and -_[]\\`^{}| make one, but neither a digit nor "
         "- comes first.\n",
         "");
    TYPE("/nick", "Usage: /nick name\n", "");
    end();
}

static void who_lists_people(void)
{
    begin();
    TYPE("/who", "2 people in #lobby: alice bob\n", "");
    talker_types(&bob, "/join #dev");
    talker_reads(&bob);
    TYPE("/who #Dev", "1 person in #dev: bob\n", "");
    TYPE("/who #none", "There is no room #none.\n", "");
    talker_types(&alice, "/leave");
    talker_reads(&alice);
    talker_reads(&bob);
    TYPE("/who", "You talk in no room; /join #room takes you to one.\n", "");
    end();
}

/* Lines are at most 76 columns wide, and names stay whole. */
static void who_folds_long_lists(void)
{
    struct talker crowd[20];
    char nick[10];

    begin();
    for (int i = 0; i < 20; i++) {
        snprintf(nick, sizeof nick, "number%d", i);
        talker_come(&crowd[i], nick);
    }
    talker_reads(&alice);
    talker_reads(&bob);
    TYPE("/who",
         "22 people in #lobby: alice bob number0 number1 number2 number3 number4\n"
         "  number5 number6 number7 number8 number9 number10 number11 number12\n"
         "  number13 number14 number15 number16 number17 number18 number19\n",
         "");
    for (int i = 0; i < 20; i++)
        talker_goes(&crowd[i]);
    end();
}

static void who_counts_what_would_be_too_many(void)
{
    static struct talker crowd[510];
    const char *seen;
    char nick[10];

    begin();
    for (int i = 0; i < 510; i++) {
        snprintf(nick, sizeof nick, "n%d", i);
        talker_connect(&crowd[i]);
        talker_types(&crowd[i], nick);
    }
    talker_reads(&alice);
    talker_types(&alice, "/who");
    seen = talker_reads(&alice);
    CU_ASSERT_PTR_EQUAL(strstr(seen, "512 people in #lobby: alice bob n0"), seen);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, " n497\n  and 12 more\n"));
    for (int i = 0; i < 510; i++)
        talker_goes(&crowd[i]);
    end();
}

static void rooms_lists_rooms_with_the_fullest_first(void)
{
    begin();
    talker_types(&bob, "/join #zoo");
    talker_types(&bob, "/join #dev");
    talker_types(&bob, "/topic code");
    talker_types(&alice, "/join #abc");
    talker_reads(&alice);
    talker_reads(&bob);
    TYPE("/rooms", "4 rooms:\n+ #lobby (2)\n* #abc (1)\n  #dev (1): code\n  #zoo (1)\n", "");
    end();
}

static void rooms_says_when_there_is_only_one(void)
{
    begin();
    TYPE("/rooms", "1 room:\n* #lobby (2)\n", "");
    end();
}

static void rooms_shows_the_beginning_of_a_long_topic(void)
{
    char line[300] = "/topic ";
    char expected[300] = "1 room:\n* #lobby (2): ";

    begin();
    memset(line + 7, 'x', 199);
    memcpy(line + 206, "\xC3\xA9", 3);
    talker_types(&alice, line);
    talker_reads(&alice);
    talker_reads(&bob);
    memset(expected + 22, 'x', 199);
    memcpy(expected + 221, "...\n", 5);
    TYPE("/rooms", expected, "");
    end();
}

static void rooms_counts_what_would_be_too_many(void)
{
    static struct talker crowd[120];
    char text[20];
    const char *seen;

    begin();
    for (int i = 0; i < 120; i++) {
        snprintf(text, sizeof text, "n%d", i);
        talker_connect(&crowd[i]);
        talker_types(&crowd[i], text);
        snprintf(text, sizeof text, "/join #r%03d", i);
        talker_types(&crowd[i], text);
    }
    talker_types(&crowd[0], "/join #r119");
    talker_reads(&alice);
    talker_types(&alice, "/rooms");
    seen = talker_reads(&alice);
    CU_ASSERT_PTR_EQUAL(
        strstr(seen, "121 rooms:\n* #lobby (122)\n  #r119 (2)\n  #r000 (1)\n  #r001 (1)\n"), seen);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "  #r097 (1)\n  and 21 more\n"));
    for (int i = 0; i < 120; i++)
        talker_goes(&crowd[i]);
    end();
}

static void topic_is_shown_set_and_cleared(void)
{
    begin();
    TYPE("/topic", "#lobby has no topic.\n", "");
    TYPE("/topic all about  cats", "[HH:MM] * you have set the topic of #lobby: all about  cats\n",
         "[HH:MM] * alice has set the topic of #lobby: all about  cats\n");
    TYPE("/topic", "Topic of #lobby: all about  cats (set by alice)\n", "");
    TYPE("/topic -", "[HH:MM] * you have cleared the topic of #lobby\n",
         "[HH:MM] * alice has cleared the topic of #lobby\n");
    TYPE("/topic", "#lobby has no topic.\n", "");
    talker_types(&alice, "/leave");
    talker_reads(&alice);
    talker_reads(&bob);
    TYPE("/topic", "You talk in no room; /join #room takes you to one.\n", "");
    TYPE("/topic x", "You talk in no room; /join #room takes you to one.\n", "");
    end();
}

static void quit_says_goodbye_to_both_sides(void)
{
    begin();
    TYPE("/quit see you", "Goodbye.\n", "[HH:MM] * alice has quit (see you)\n");
    CU_ASSERT_EQUAL(fake_ended(alice.session), -ENOTCONN);
    end();
}

static void help_lists_all_commands(void)
{
    begin();
    TYPE("/help",
         "What you type is said in the room you talk in. Commands:\n"
         "  /join     #room [key]  enter a room (with its key, if any), or go back to one\n"
         "  /leave    [#room]      leave the room, or another one\n"
         "  /rooms                 list the rooms; * is the one you talk in, + another one of "
         "yours\n"
         "  /who      [#room]      list the people in the room, or in another one\n"
         "  /topic    [text | -]   show the topic of the room, set it, or clear it\n"
         "  /history  [lines]      show what was said last in the room\n"
         "  /search   words        show what was said in the room with all these words\n"
         "  /msg      nick text    tell somebody something, or say it in another room\n"
         "  /me       text         do something: /me waves\n"
         "  /nick     name         change your nickname\n"
         "  /login    account      log in; the password is asked for, and not shown\n"
         "  /logout                be logged in no more\n"
         "  /register [e-mail]     make the account of your nickname\n"
         "  /verify   code         say the code that came by e-mail\n"
         "  /password              change the password of your account\n"
         "  /cs       [command]    have ChanServ do something for a room that stays: /cs help\n"
         "  /help                  show this\n"
         "  /quit     [reason]     leave all rooms and hang up\n"
         "  //text                 say /text\n",
         "");
    end();
}

static void an_unknown_command_names_the_nearest(void)
{
    begin();
    TYPE("/jion #dev", "There is no command /jion. Did you mean /join? /help lists all.\n", "");
    TYPE("/topics", "There is no command /topics. Did you mean /topic? /help lists all.\n", "");
    TYPE("/roms", "There is no command /roms. Did you mean /rooms? /help lists all.\n", "");
    TYPE("/MGS bob hi", "There is no command /MGS. Did you mean /msg? /help lists all.\n", "");
    TYPE("/exit", "There is no command /exit. Did you mean /quit? /help lists all.\n", "");
    TYPE("/", "There is no command /. /help lists all, // says a slash.\n", "");
    TYPE("/etc/passwd", "There is no command /etc/passwd. /help lists all, // says a slash.\n", "");
    TYPE("/xyzzy", "There is no command /xyzzy. /help lists all, // says a slash.\n", "");
    TYPE("/abcdefghijklmnopqrstuvwxyz0123456789",
         "There is no command /abcdefghijklmnopqrstuvwxyz01234. /help lists all, // says a "
         "slash.\n",
         "");
    end();
}

static int tell_nobody(const struct chat_session *session, const struct chat_event *event)
{
    (void)session;
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

/* Whoever comes by another protocol may put control characters into everything but nicknames. */
static void what_comes_from_other_protocols_is_shown_clean(void)
{
    static const struct chat_face face = {"other", tell_nobody, render_nothing};
    struct pl_session *session = fake_new(NULL);
    struct chat_session other;

    begin();
    chat_session_init(&other, session, &face);
    CU_ASSERT_EQUAL(chat_user_register(talk_world, &other, chat_text("eve")), 0);
    CU_ASSERT_EQUAL(chat_channel_join(talk_world, &other, chat_text("#c\xC2\x9B")), 0);
    CU_ASSERT_EQUAL(
        chat_channel_topic(talk_world, &other, CHAT_NO_TEXT, chat_text("\033[2J\007to\tpic")), 0);
    CU_ASSERT_EQUAL(chat_channel_join(talk_world, &other, chat_text("#lobby")), 0);
    talker_reads(&bob);
    TYPE("/rooms",
         "[HH:MM] * eve has joined #lobby\n2 rooms:\n* #lobby (3)\n"
         "  #c (1): [2Jto pic\n",
         "");
    CU_ASSERT_EQUAL(chat_say(talk_world, &other, CHAT_NOTICE, chat_text("#lobby"),
                             chat_text("\002bold\017 \xC2\x85\x7F!")),
                    0);
    TALKER_SEES(&bob, "[HH:MM] -eve- bold !\n");
    CU_ASSERT_EQUAL(chat_say(talk_world, &other, CHAT_ACTION, chat_text("bob"), chat_text("nods")),
                    0);
    TALKER_SEES(&bob, "[HH:MM] eve tells you: * eve nods\n");
    CU_ASSERT_EQUAL(chat_channel_part(talk_world, &other, chat_text("#lobby"), chat_text("\033c")),
                    0);
    TALKER_SEES(&bob, "[HH:MM] * eve has left #lobby (c)\n");
    CU_ASSERT_EQUAL(chat_quit(talk_world, &other, chat_text("")), 0);
    fake_free(session);
    end();
}

static void the_manual_page_has_every_command_and_no_other(void)
{
    FILE *page = fopen(SOURCE_DIR "/man/paceline-talk.7", "r");
    size_t documented = 0;
    size_t known = 0;
    size_t count = 0;
    char line[200];

    CU_ASSERT_PTR_NOT_NULL_FATAL(page);
    while (talk_commands[count].name)
        count++;
    while (fgets(line, sizeof line, page)) {
        char name[20];

        if (sscanf(line, ".It Ic %19s", name) != 1 || strcmp(name, "//") == 0)
            continue;
        documented++;
        for (size_t i = 0; i < count; i++)
            known += strcmp(talk_commands[i].name, name) == 0;
    }
    CU_ASSERT_EQUAL(fclose(page), 0);
    CU_ASSERT_EQUAL(documented, count);
    CU_ASSERT_EQUAL(known, count);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"join enters a room and shows it", join_enters_a_room_and_shows_it},
        {"join goes back to a room one is in", join_goes_back_to_a_room_one_is_in},
        {"join refuses what is no room", join_refuses_what_is_no_room},
        {"leave goes to the room joined before", leave_goes_to_the_room_joined_before},
        {"leave of another room stays in this one", leave_of_another_room_stays_in_this_one},
        {"msg tells one person", msg_tells_one_person},
        {"msg reaches another room of ones own", msg_reaches_another_room_of_ones_own},
        {"me shows what one does", me_shows_what_one_does},
        {"nick changes the name", nick_changes_the_name},
        {"who lists people", who_lists_people},
        {"who folds long lists", who_folds_long_lists},
        {"who counts what would be too many", who_counts_what_would_be_too_many},
        {"rooms lists rooms with the fullest first", rooms_lists_rooms_with_the_fullest_first},
        {"rooms says when there is only one", rooms_says_when_there_is_only_one},
        {"rooms shows the beginning of a long topic", rooms_shows_the_beginning_of_a_long_topic},
        {"rooms counts what would be too many", rooms_counts_what_would_be_too_many},
        {"topic is shown set and cleared", topic_is_shown_set_and_cleared},
        {"quit says goodbye to both sides", quit_says_goodbye_to_both_sides},
        {"help lists all commands", help_lists_all_commands},
        {"an unknown command names the nearest", an_unknown_command_names_the_nearest},
        {"what comes from other protocols is shown clean",
         what_comes_from_other_protocols_is_shown_clean},
        {"the manual page has every command and no other",
         the_manual_page_has_every_command_and_no_other},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "talk commands", tests);
}
