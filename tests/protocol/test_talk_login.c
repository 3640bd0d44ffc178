/* SPDX-License-Identifier: MIT */
/* People who talk and log in, with real accounts in a real file. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/served.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME   "\\[[0-2][0-9]:[0-5][0-9]\\] "
#define SECRET "hunter2 \xf0\x9f\x94\x91"

/* ITERATIONS make a login as cheap as they may be, or take as long as is wanted. */
#define SETTINGS(iterations)                                                                       \
    "server: { name = \"test.example\"; state_dir = \"@DIR@\"; control = \"@DIR@/control\"; };\n"  \
    "listeners = ( { service = \"talk\"; port = 0; } );\n"                                         \
    "limits: { flood_rate = 0; };\n"                                                               \
    "accounts: { iterations = " iterations "; login_failures = 3; };\n"
#define QUICK SETTINGS("4096")
#define SLOW  SETTINGS("3000000")
#define HASTY SETTINGS("4096; nick_grace = 1")

static struct peer *arrive(struct daemon *daemon, const char *nick)
{
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    char text[100];

    snprintf(text, sizeof(text), "%s\n", nick);
    PEER_SEND_TEXT(peer, text);
    snprintf(text, sizeof(text), "[0-9]+ (person|people) in #lobby: .*%s.*", nick);
    PEER_SKIP_TO(peer, text);
    return peer;
}

/* PEER, who is called NICK, makes an account of that name. */
static void make_account(struct peer *peer, const char *nick)
{
    char text[100];

    PEER_SEND_TEXT(peer, "/register\n");
    snprintf(text, sizeof(text), "A password for the account %s, please, as your next line:", nick);
    PEER_EXPECT_LINE(peer, text);
    PEER_SEND_TEXT(peer, SECRET "\n");
    PEER_EXPECT_LINE(peer, "The same again:");
    PEER_SEND_TEXT(peer, SECRET "\n");
    snprintf(text, sizeof(text), "The account %s is yours now.", nick);
    PEER_EXPECT_LINE(peer, text);
    snprintf(text, sizeof(text), "You are logged in as %s.", nick);
    PEER_EXPECT_LINE(peer, text);
}

/* Nothing of a password is in the log. */
static void stop(struct daemon *daemon)
{
    EXPECT(!strstr(daemon_log(daemon), "hunter2"), "the log has a password: %s",
           daemon_log(daemon));
    DAEMON_STOP(daemon);
}

static void who_registers_logs_in_again_later(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");
    struct peer *bob = arrive(daemon, "bob");

    PEER_EXPECT_MATCH(ann, TIME "\\* bob has joined #lobby");
    make_account(ann, "ann");
    PEER_EXPECT_MATCH(bob, TIME "\\* ann is logged in as ann");
    PEER_SEND_TEXT(ann, "/logout\n");
    PEER_SKIP_TO(ann, "You are logged out\\.");
    PEER_EXPECT_MATCH(bob, TIME "\\* ann is logged out");
    PEER_SEND_TEXT(bob, "/login ANN\n" SECRET "\nhello\n");
    PEER_EXPECT_LINE(bob, "The password of ANN, please, as your next line:");
    PEER_EXPECT_LINE(bob, "You are logged in as ann.");
    PEER_SKIP_TO(ann, TIME "\\* bob is logged in as ann");
    PEER_EXPECT_MATCH(ann, TIME "<bob> hello");
    PEER_SEND_TEXT(bob, "/logout\n");
    PEER_EXPECT_LINE(bob, "You are logged out.");
    PEER_EXPECT_MATCH(ann, TIME "\\* bob is logged out");
    peer_close(ann);
    peer_close(bob);
    stop(daemon);
}

/* He is in another room besides, which ann, whom he becomes, is not. */
static void who_logs_in_where_the_account_is_here_becomes_the_same_person(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");
    struct peer *eve = arrive(daemon, "eve");
    struct peer *bob;

    PEER_EXPECT_MATCH(ann, TIME "\\* eve has joined #lobby");
    make_account(ann, "ann");
    PEER_SEND_TEXT(ann, "/join #den\n/join #lobby\n");
    PEER_SKIP_TO(ann, "You talk in #lobby now\\.");
    bob = arrive(daemon, "bob");
    PEER_SEND_TEXT(bob, "/login ann\n" SECRET "\n");
    PEER_EXPECT_LINE(bob, "The password of ann, please, as your next line:");
    PEER_EXPECT_MATCH(bob, TIME "\\* you are now called ann");
    PEER_EXPECT_MATCH(bob, TIME "\\* you have joined #lobby");
    PEER_EXPECT_MATCH(bob, TIME "\\* you have joined #den");
    PEER_EXPECT_LINE(bob, "You are logged in as ann, who is here already.");
    PEER_EXPECT_LINE(bob, "You talk in #lobby now.");
    PEER_EXPECT_LINE(bob, "2 people in #lobby: ann (ann) eve");
    PEER_SKIP_TO(eve, TIME "\\* bob has quit \\(Goes on as somebody else\\)");
    PEER_SKIP_TO(ann, TIME "\\* bob has quit .*");
    /* What one says, the other hears; and so it is with what both are told. */
    PEER_SEND_TEXT(bob, "hello\n/msg eve psst\n");
    PEER_EXPECT_MATCH(bob, TIME "you tell eve: psst");
    PEER_EXPECT_MATCH(ann, TIME "<ann> hello");
    PEER_EXPECT_MATCH(ann, TIME "you tell eve: psst");
    PEER_EXPECT_MATCH(eve, TIME "<ann> hello");
    PEER_EXPECT_MATCH(eve, TIME "ann tells you: psst");
    PEER_SEND_TEXT(eve, "/msg ann yes?\n");
    PEER_EXPECT_MATCH(ann, TIME "eve tells you: yes\\?");
    PEER_EXPECT_MATCH(bob, TIME "eve tells you: yes\\?");
    /* The first goes, which nobody is told; the person goes with the second. */
    PEER_SEND_TEXT(ann, "/quit\n");
    PEER_DRAIN(ann);
    peer_close(ann);
    PEER_SEND_TEXT(bob, "still here\n/quit bye\n");
    PEER_SKIP_TO(eve, TIME "<ann> still here");
    PEER_EXPECT_MATCH(eve, TIME "\\* ann has quit \\(bye\\)");
    peer_close(bob);
    peer_close(eve);
    stop(daemon);
}

static void a_new_password_takes_the_place_of_the_old_one(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");

    make_account(ann, "ann");
    PEER_SEND_TEXT(ann, "/password\nnew one\nnew one\n/login ann\n" SECRET "\n");
    PEER_SKIP_TO(ann, "You have a new password\\.");
    PEER_EXPECT_LINE(ann, "The password of ann, please, as your next line:");
    PEER_EXPECT_MATCH(ann, ".*\\.");
    PEER_SEND_TEXT(ann, "/login ann\nnew one\n");
    PEER_EXPECT_LINE(ann, "The password of ann, please, as your next line:");
    PEER_EXPECT_LINE(ann, "You are logged in as ann.");
    peer_close(ann);
    stop(daemon);
}

/* The first to come as ann makes the account, goes, and another one comes under her name. */
static struct peer *come_as_somebody_else(struct daemon *daemon)
{
    struct peer *ann = arrive(daemon, "ann");

    make_account(ann, "ann");
    PEER_SEND_TEXT(ann, "/quit\n");
    PEER_DRAIN(ann);
    peer_close(ann);
    ann = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));
    PEER_SEND_TEXT(ann, "ann\n");
    PEER_SKIP_TO(ann, TIME "NickServ tells you: The nickname ann is registered\\..*");
    return ann;
}

static void who_bears_another_ones_name_is_told_and_given_another(void)
{
    struct daemon *daemon = DAEMON_START(HASTY, 1);
    struct peer *mallory = come_as_somebody_else(daemon);

    PEER_SKIP_TO(mallory, TIME "\\* you are now called Guest[0-9]+");
    peer_close(mallory);
    stop(daemon);
}

static void who_logs_in_in_time_keeps_the_name(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = come_as_somebody_else(daemon);

    PEER_SEND_TEXT(ann, "/login ann\n" SECRET "\n/nick Ann\n");
    PEER_SKIP_TO(ann, "You are logged in as ann\\.");
    PEER_EXPECT_MATCH(ann, TIME "\\* you are now called Ann");
    peer_close(ann);
    stop(daemon);
}

static char *next_line(struct peer *peer)
{
    char *line;

    EXPECT_RESULT(peer_next_line(peer, &line), 0);
    return strdup(line);
}

/* The same words, whether there is such an account or not. */
static void wrong_passwords_are_refused_until_there_have_been_too_many(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");
    char *wrong, *unknown, *often;

    make_account(ann, "ann");
    PEER_SEND_TEXT(ann, "/login ann\nwrong\n");
    PEER_SKIP_TO(ann, "The password of ann, .*");
    wrong = next_line(ann);
    PEER_SEND_TEXT(ann, "/login nobody\nwrong\n");
    PEER_SKIP_TO(ann, "The password of nobody, .*");
    unknown = next_line(ann);
    EXPECT(strcmp(wrong, unknown) == 0, "%s is told to be unknown: %s", wrong, unknown);
    PEER_SEND_TEXT(ann, "/login ann\nwrong\n/login ann\nwrong\n");
    PEER_SKIP_TO(ann, "The password of ann, .*");
    PEER_SKIP_TO(ann, "The password of ann, .*");
    free(next_line(ann));
    PEER_SEND_TEXT(ann, "/login ann\n" SECRET "\n");
    PEER_SKIP_TO(ann, "The password of ann, .*");
    often = next_line(ann);
    EXPECT(strcmp(often, wrong) != 0 && !strstr(often, "logged in"), "after three failures: %s",
           often);
    free(wrong);
    free(unknown);
    free(often);
    peer_close(ann);
    stop(daemon);
}

/* Another one's hold on the file: nothing can be written. */
static void no_account_can_be_made_while_the_store_is_away(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");
    sqlite3 *db;

    EXPECT_RESULT(sqlite3_open(daemon_path(daemon, "paceline.db"), &db), SQLITE_OK);
    EXPECT_RESULT(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    PEER_SEND_TEXT(ann, "/register\n" SECRET "\n" SECRET "\nstill here\n");
    PEER_SKIP_TO(ann, "The same again:");
    PEER_EXPECT_MATCH(ann, ".*\\.");
    EXPECT_RESULT(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    PEER_SEND_TEXT(ann, "/me waits\n/nick zoe\n");
    PEER_EXPECT_MATCH(ann, TIME "\\* you are now called zoe");
    peer_close(ann);
    stop(daemon);
}

static void the_end_of_input_is_no_password(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");
    struct peer *bob = arrive(daemon, "bob");

    PEER_SEND_TEXT(ann, "/login ann\n");
    PEER_SKIP_TO(ann, "The password of ann, .*");
    PEER_HALF_CLOSE(ann);
    PEER_EXPECT_END(ann);
    peer_close(ann);
    PEER_SKIP_TO(bob, TIME "\\* ann has quit \\(connection closed\\)");
    peer_close(bob);
    stop(daemon);
}

/* The answer to a last line without its end comes, too, before the connection ends. */
static void a_password_may_be_the_last_thing_that_is_said(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");
    struct peer *bob = arrive(daemon, "bob");

    make_account(bob, "bob");
    PEER_SEND_TEXT(ann, "/login bob\n" SECRET);
    PEER_HALF_CLOSE(ann);
    PEER_SKIP_TO(ann, "The password of bob, .*");
    PEER_SKIP_TO(ann, "You are logged in as bob, who is here already\\.");
    PEER_SKIP_TO(ann, "1 person in #lobby: bob \\(bob\\)");
    PEER_EXPECT_END(ann);
    peer_close(ann);
    peer_close(bob);
    stop(daemon);
}

/* Others are served meanwhile; and a helper that is busy keeps nobody from stopping. */
static void the_server_stops_while_somebody_logs_in(void)
{
    struct daemon *daemon = DAEMON_START(SLOW, 1);
    struct peer *ann = arrive(daemon, "ann");
    struct peer *bob = arrive(daemon, "bob");

    PEER_SEND_TEXT(ann, "/login bob\n" SECRET "\n");
    PEER_SKIP_TO(ann, "The password of bob, .*");
    PEER_SEND_TEXT(bob, "/nick zoe\n");
    PEER_SKIP_TO(ann, TIME "\\* bob is now called zoe");
    daemon_signal(daemon, SIGTERM);
    PEER_DRAIN(ann);
    PEER_DRAIN(bob);
    DAEMON_EXPECT_EXIT(daemon, 0);
    peer_close(ann);
    peer_close(bob);
    daemon_free(daemon);
}

static void nickserv_answers(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");

    PEER_SEND_TEXT(ann, "/msg NickServ REGISTER hunter2\n");
    PEER_EXPECT_MATCH(ann, "NickServ tells you: .*");
    PEER_SKIP_TO(ann, "You are logged in as ann\\.");
    PEER_SEND_TEXT(ann, "/msg nickserv LOGOUT\n");
    PEER_SKIP_TO(ann, "You are logged out\\.");
    peer_close(ann);
    stop(daemon);
}

static void chanserv_keeps_a_room(void)
{
    struct daemon *daemon = DAEMON_START(QUICK, 1);
    struct peer *ann = arrive(daemon, "ann");

    PEER_SEND_TEXT(ann, "/join #den\n");
    PEER_SKIP_TO(ann, "1 person in #den: .*");
    PEER_SEND_TEXT(ann, "/cs register #den\n");
    PEER_EXPECT_LINE(ann,
                     "ChanServ tells you: You are not logged in. Log in to your account first.");
    make_account(ann, "ann");
    PEER_SEND_TEXT(ann, "/CS register #den\n");
    PEER_EXPECT_MATCH(ann, TIME "\\* ChanServ has changed the modes of #den: \\+q ann");
    PEER_EXPECT_LINE(ann, "ChanServ tells you: #den is your channel now.");
    PEER_SEND_TEXT(ann, "/leave #den\n");
    PEER_SKIP_TO(ann, TIME "\\* you have left #den");
    PEER_SEND_TEXT(ann, "/msg chanserv INFO #den\n");
    PEER_SKIP_TO(ann, "ChanServ tells you: #den is the channel of ann, registered on .*");
    PEER_SKIP_TO(ann, "ChanServ tells you: Accounts with access .*");
    PEER_SEND_TEXT(ann, "/cs\n");
    PEER_EXPECT_LINE(ann, "ChanServ tells you: Channels that are registered stay. Commands, of "
                          "which HELP tells more:");
    PEER_SKIP_TO(ann, "ChanServ tells you:   HELP \\[command\\]");
    PEER_SEND_TEXT(ann, "/join #den\n");
    PEER_EXPECT_MATCH(ann, TIME "\\* you have joined #den");
    PEER_EXPECT_MATCH(ann, TIME "\\* ChanServ has changed the modes of #den: \\+q ann");
    peer_close(ann);
    stop(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who registers logs in again later", who_registers_logs_in_again_later},
        {"who logs in where the account is here becomes the same person",
         who_logs_in_where_the_account_is_here_becomes_the_same_person},
        {"a new password takes the place of the old one",
         a_new_password_takes_the_place_of_the_old_one},
        {"who bears another one's name is told and given another",
         who_bears_another_ones_name_is_told_and_given_another},
        {"who logs in in time keeps the name", who_logs_in_in_time_keeps_the_name},
        {"wrong passwords are refused until there have been too many",
         wrong_passwords_are_refused_until_there_have_been_too_many},
        {"no account can be made while the store is away",
         no_account_can_be_made_while_the_store_is_away},
        {"the end of input is no password", the_end_of_input_is_no_password},
        {"a password may be the last thing that is said",
         a_password_may_be_the_last_thing_that_is_said},
        {"the server stops while somebody logs in", the_server_stops_while_somebody_logs_in},
        {"NickServ answers", nickserv_answers},
        {"ChanServ keeps a room", chanserv_keeps_a_room},
        {NULL, NULL},
    };

    return models_main(argc, argv, "talk: login", tests);
}
