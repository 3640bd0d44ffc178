/* SPDX-License-Identifier: MIT */
/* IRC: channels, and what is said in them and to people. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <string.h>

/* -- Channels -------------------------------------------------------------------------------- */

static void who_joins_is_told_who_is_there(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    irc_send(alice, "JOIN #Dev");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #Dev");
    PEER_EXPECT_MATCH(alice, ":test\\.example 353 alice = #Dev :@alice");
    PEER_EXPECT_LINE(alice, ":test.example 366 alice #Dev :End of /NAMES list");
    irc_send(alice, "TOPIC #dev :what we do");
    IRC_EXPECT_FROM(alice, "alice", "TOPIC #Dev :what we do");
    irc_send(bob, "JOIN #dev,#DEV");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #Dev");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #Dev");
    PEER_EXPECT_LINE(bob, ":test.example 332 bob #Dev :what we do");
    PEER_EXPECT_MATCH(bob, ":test\\.example 333 bob #Dev alice[^ ]* [0-9]{10}");
    PEER_EXPECT_MATCH(bob, ":test\\.example 353 bob = #Dev :@alice bob");
    PEER_EXPECT_LINE(bob, ":test.example 366 bob #Dev :End of /NAMES list");
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_is_no_channel_cannot_be_joined(void)
{
    struct daemon *daemon = IRC_START("limits: { channels_per_user = 2; channel_length = 7; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "JOIN");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice JOIN :Not enough parameters");
    irc_send(alice, "JOIN foo,#,#1234567");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice foo :No such channel");
    PEER_EXPECT_LINE(alice, ":test.example 476 alice # :Bad channel name");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #1234567 :No such channel");
    irc_send(alice, "JOIN #a,#b,#c");
    PEER_SKIP_TO(alice, ".* 366 alice #b .*");
    PEER_EXPECT_LINE(alice, ":test.example 405 alice #c :You have joined too many channels");
    irc_send(alice, "JOIN 0");
    PEER_EXPECT_MATCH(alice, ":alice[^ ]* PART #[ab]");
    PEER_EXPECT_MATCH(alice, ":alice[^ ]* PART #[ab]");
    IRC_EXPECT_NOTHING(alice);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_list_of_nothing_is_as_none(void)
{
    static const char *const lines[] = {"JOIN :",    "JOIN ,",    "PART :",    "PART ,,",
                                        "KICK #a :", "KICK #a ,", "KICK : bob"};
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    char said[80];

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        irc_send(alice, "%s", lines[i]);
        snprintf(said, sizeof(said), ":test.example 461 alice %.4s :Not enough parameters",
                 lines[i]);
        PEER_EXPECT_LINE(alice, said);
    }
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "PART ,#a,");
    IRC_EXPECT_FROM(alice, "alice", "PART #a");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_parts_or_quits_says_why(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a,#b");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    PEER_SKIP_TO(alice, ".* 366 alice #b .*");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "PART #A,#x,#b :see you");
    IRC_EXPECT_FROM(alice, "alice", "PART #a :see you");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #x :No such channel");
    IRC_EXPECT_FROM(alice, "alice", "PART #b :see you");
    IRC_EXPECT_FROM(bob, "alice", "PART #a :see you");
    irc_send(alice, "PART #a");
    PEER_EXPECT_LINE(alice, ":test.example 442 alice #a :You're not on that channel");
    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ".* 366 .*");
    IRC_EXPECT_FROM(bob, "alice", "JOIN #a");
    irc_send(alice, "QUIT :good night");
    PEER_EXPECT_MATCH(alice, "ERROR :.*\\(Quit: good night\\)");
    PEER_EXPECT_END(alice);
    IRC_EXPECT_FROM(bob, "alice", "QUIT :Quit: good night");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void who_breaks_off_quits(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    IRC_EXPECT_FROM(alice, "bob", "JOIN #a"); /* what is left unread breaks a connection */
    peer_close(alice);
    IRC_EXPECT_FROM(bob, "alice", "QUIT :Connection closed");
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void a_topic_is_shown_set_and_cleared(void)
{
    struct daemon *daemon = IRC_START("limits: { topic_length = 5; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");

    irc_send(alice, "TOPIC #a");
    PEER_EXPECT_LINE(alice, ":test.example 331 alice #a :No topic is set");
    irc_send(alice, "TOPIC #a :abcd\xc3\xa4");
    IRC_EXPECT_FROM(alice, "alice", "TOPIC #a :abcd");
    irc_send(alice, "TOPIC #A");
    PEER_EXPECT_LINE(alice, ":test.example 332 alice #a :abcd");
    PEER_EXPECT_MATCH(alice, ":test\\.example 333 alice #a alice[^ ]* [0-9]{10}");
    irc_send(alice, "TOPIC #a :");
    IRC_EXPECT_FROM(alice, "alice", "TOPIC #a :");
    irc_send(alice, "TOPIC #a");
    PEER_EXPECT_LINE(alice, ":test.example 331 alice #a :No topic is set");
    irc_send(alice, "TOPIC #nowhere");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #nowhere :No such channel");
    irc_send(alice, "TOPIC #nowhere :x");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #nowhere :No such channel");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void names_of_several_channels_have_one_end(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");

    irc_send(alice, "JOIN #b");
    PEER_SKIP_TO(alice, ".* 366 .*");
    irc_send(alice, "NAMES #A,#no,#b");
    PEER_EXPECT_MATCH(alice, ":test\\.example 353 alice = #a :@alice");
    PEER_EXPECT_MATCH(alice, ":test\\.example 353 alice = #b :@alice");
    PEER_EXPECT_LINE(alice, ":test.example 366 alice #A,#no,#b :End of /NAMES list");
    irc_send(alice, "NAMES");
    PEER_EXPECT_LINE(alice, ":test.example 366 alice * :End of /NAMES list");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void many_names_take_several_lines(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *peers[30];
    char nick[40];
    unsigned seen = 0;
    char *line;

    for (unsigned i = 0; i < 30; i++) {
        snprintf(nick, sizeof(nick), "n%02u_%.*s", i, 26, "abcdefghijklmnopqrstuvwxyz");
        peers[i] = irc_join_channel(daemon, nick, "#a");
    }
    irc_send(peers[29], "NAMES #a");
    for (;;) {
        EXPECT_RESULT(peer_next_line(peers[29], &line), 0);
        if (strstr(line, " 366 "))
            break;
        CU_ASSERT(strstr(line, " 353 ") != NULL);
        CU_ASSERT(strlen(line) <= 510);
        for (char *at = line; (at = strstr(at, "_abcdefghijklmnopqrstuvwxyz")); at++)
            seen++;
    }
    /* The one that asks is named in the lines' beginning, too. */
    CU_ASSERT(seen > 31);
    for (unsigned i = 0; i < 30; i++)
        peer_close(peers[i]);
    DAEMON_STOP(daemon);
}

static void list_shows_channels_by_conditions(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#big");
    struct peer *bob = irc_join_channel(daemon, "bob", "#big");

    irc_send(bob, "JOIN #small");
    PEER_SKIP_TO(bob, ".* 366 bob #small .*");
    irc_send(bob, "TOPIC #small :tiny");
    PEER_SKIP_TO(bob, ".* TOPIC .*");
    irc_send(bob, "LIST >1");
    PEER_EXPECT_LINE(bob, ":test.example 321 bob Channel :Users  Name");
    PEER_EXPECT_LINE(bob, ":test.example 322 bob #big 2 :");
    PEER_EXPECT_LINE(bob, ":test.example 323 bob :End of /LIST");
    irc_send(bob, "LIST <2");
    PEER_EXPECT_LINE(bob, ":test.example 321 bob Channel :Users  Name");
    PEER_EXPECT_LINE(bob, ":test.example 322 bob #small 1 :tiny");
    PEER_EXPECT_LINE(bob, ":test.example 323 bob :End of /LIST");
    irc_send(bob, "LIST #SM*");
    PEER_EXPECT_LINE(bob, ":test.example 321 bob Channel :Users  Name");
    PEER_EXPECT_LINE(bob, ":test.example 322 bob #small 1 :tiny");
    PEER_EXPECT_LINE(bob, ":test.example 323 bob :End of /LIST");
    irc_send(bob, "LIST !#sm*");
    PEER_EXPECT_LINE(bob, ":test.example 321 bob Channel :Users  Name");
    PEER_EXPECT_LINE(bob, ":test.example 322 bob #big 2 :");
    PEER_EXPECT_LINE(bob, ":test.example 323 bob :End of /LIST");
    irc_send(bob, "LIST T<5");
    PEER_EXPECT_LINE(bob, ":test.example 321 bob Channel :Users  Name");
    PEER_EXPECT_LINE(bob, ":test.example 322 bob #small 1 :tiny");
    PEER_EXPECT_LINE(bob, ":test.example 323 bob :End of /LIST");
    irc_send(bob, "LIST C>5,<9");
    PEER_EXPECT_LINE(bob, ":test.example 321 bob Channel :Users  Name");
    PEER_EXPECT_LINE(bob, ":test.example 323 bob :End of /LIST");
    irc_send(bob, "LIST #Big,#none");
    PEER_EXPECT_LINE(bob, ":test.example 321 bob Channel :Users  Name");
    PEER_EXPECT_LINE(bob, ":test.example 322 bob #big 2 :");
    PEER_EXPECT_LINE(bob, ":test.example 323 bob :End of /LIST");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void modes_of_a_channel_are_shown_and_changed(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "MODE #A");
    PEER_EXPECT_LINE(alice, ":test.example 324 alice #a +nt");
    PEER_EXPECT_MATCH(alice, ":test\\.example 329 alice #a [0-9]{10}");
    irc_send(alice, "MODE #a +ml-n+vX\u00e9 5 bob");
    PEER_EXPECT_LINE(alice, ":test.example 472 alice X :is unknown mode char to me");
    PEER_EXPECT_LINE(alice, ":test.example 472 alice \u00e9 :is unknown mode char to me");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +ml-n+v 5 bob");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +ml-n+v 5 bob");
    irc_send(alice, "MODE #a");
    PEER_EXPECT_LINE(alice, ":test.example 324 alice #a +mtl 5");
    PEER_SKIP_TO(alice, ".* 329 .*");
    irc_send(bob, "MODE #a +i-m");
    PEER_EXPECT_LINE(bob, ":test.example 482 bob #a :You're not a channel operator");
    irc_send(bob, "MODE #a +b");
    PEER_EXPECT_LINE(bob, ":test.example 368 bob #a :End of channel ban list");
    irc_send(alice, "MODE #a +b evil");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +b evil!*@*");
    irc_send(alice, "MODE #a b");
    PEER_EXPECT_MATCH(alice, ":test\\.example 367 alice #a evil!\\*@\\* alice[^ ]* [0-9]{10}");
    PEER_EXPECT_LINE(alice, ":test.example 368 alice #a :End of channel ban list");
    irc_send(alice, "MODE #a +l x");
    PEER_EXPECT_LINE(alice, ":test.example 696 alice #a l x :Invalid mode parameter");
    irc_send(alice, "MODE #a +o nobody");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    irc_send(alice, "MODE #no +i");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #no :No such channel");
    irc_send(alice, "MODE #a +k key");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +k key");
    irc_send(bob, "PART #a");
    IRC_EXPECT_FROM(alice, "bob", "PART #a");
    PEER_SKIP_TO(bob, ".* PART #a");
    irc_send(bob, "JOIN #a");
    PEER_EXPECT_LINE(bob, ":test.example 475 bob #a :Cannot join channel (+k)");
    irc_send(bob, "JOIN #b,#a x,key");
    PEER_SKIP_TO(bob, ".* 353 bob = #a :@alice bob");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_kick(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(bob, "KICK #a alice");
    PEER_EXPECT_LINE(bob, ":test.example 482 bob #a :You're not a channel operator");
    irc_send(alice, "KICK #a bob,nobody :out");
    IRC_EXPECT_FROM(alice, "alice", "KICK #a bob :out");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    IRC_EXPECT_FROM(bob, "alice", "KICK #a bob :out");
    irc_send(alice, "KICK #a bob");
    PEER_EXPECT_LINE(alice, ":test.example 441 alice bob #a :They aren't on that channel");
    irc_send(alice, "KICK #a");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice KICK :Not enough parameters");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void no_implicit_names_leaves_them_out(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "no-implicit-names");

    irc_send(alice, "JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #a");
    IRC_EXPECT_NOTHING(alice);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Messages -------------------------------------------------------------------------------- */

static void what_is_said_reaches_the_others(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "PRIVMSG #A,BOB :hello there");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :hello there");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :hello there");
    irc_send(alice, "NOTICE #a :beep");
    IRC_EXPECT_FROM(bob, "alice", "NOTICE #a :beep");
    irc_send(alice, "PRIVMSG #a :\001ACTION waves\001");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :\001ACTION waves\001");
    irc_send(alice, "PRIVMSG bob :\001VERSION\001");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG bob :\001VERSION\001");
    irc_send(alice, "PRIVMSG alice :to myself");
    IRC_EXPECT_FROM(alice, "alice", "PRIVMSG alice :to myself");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_cannot_be_said_is_explained(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");

    irc_send(alice, "PRIVMSG");
    PEER_EXPECT_LINE(alice, ":test.example 411 alice :No recipient given (PRIVMSG)");
    irc_send(alice, "PRIVMSG bob");
    PEER_EXPECT_LINE(alice, ":test.example 412 alice :No text to send");
    irc_send(alice, "PRIVMSG bob :");
    PEER_EXPECT_LINE(alice, ":test.example 412 alice :No text to send");
    irc_send(alice, "PRIVMSG nobody,#no,#a :x");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    PEER_EXPECT_LINE(alice, ":test.example 403 alice #no :No such channel");
    PEER_EXPECT_MATCH(alice, ":test\\.example 404 alice #a :Cannot send to channel.*");
    irc_send(alice, "PRIVMSG alice,alice,alice,alice,bob :x");
    for (int i = 0; i < 4; i++)
        IRC_EXPECT_FROM(alice, "alice", "PRIVMSG alice :x");
    PEER_EXPECT_LINE(alice, ":test.example 407 alice bob :Too many targets, the rest was left out");
    irc_send(alice, "NOTICE");
    irc_send(alice, "NOTICE bob");
    irc_send(alice, "NOTICE nobody,#no,#a :x");
    IRC_EXPECT_NOTHING(alice);
    IRC_EXPECT_NOTHING(bob);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_relayed_line_is_cut_at_a_character(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    char text[512] = "";
    char *line;

    for (int i = 0; i < 247; i++)
        strcat(text, "\xc3\xa4");
    irc_send(alice, "PRIVMSG #a :%s", text);
    EXPECT_RESULT(peer_next_line(bob, &line), 0);
    CU_ASSERT(strlen(line) == 509 || strlen(line) == 510);
    CU_ASSERT(memcmp(line + strlen(line) - 2, "\xc3\xa4", 2) == 0);
    text[480] = '\0';
    irc_send(alice, "PRIVMSG #a :\001ACTION %s\001", text);
    EXPECT_RESULT(peer_next_line(bob, &line), 0);
    CU_ASSERT(strlen(line) == 509 || strlen(line) == 510);
    CU_ASSERT(memcmp(line + strlen(line) - 3, "\xc3\xa4\001", 3) == 0);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void echo_and_tags_are_for_those_who_want_them(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "echo-message message-tags server-time");
    struct peer *bob = irc_join(daemon, "bob", "server-time");

    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ".* 366 .*");
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ".* 366 .*");
    PEER_EXPECT_MATCH(alice, "@msgid=[0-9a-f]{32};time=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"
                             ":[0-9]{2}\\.[0-9]{3}Z :bob[^ ]* JOIN #a");
    irc_send(alice, "PRIVMSG #a :x");
    PEER_EXPECT_MATCH(alice, "@msgid=[0-9a-f]{32};time=[^ ]*Z :alice[^ ]* PRIVMSG #a :x");
    PEER_EXPECT_MATCH(bob, "@time=[^ ;]*Z :alice[^ ]* PRIVMSG #a :x");
    irc_send(alice, "PRIVMSG bob :y");
    PEER_EXPECT_MATCH(alice, "@msgid=[0-9a-f]{32};time=[^ ]*Z :alice[^ ]* PRIVMSG bob :y");
    PEER_EXPECT_MATCH(bob, "@time=[^ ;]*Z :alice[^ ]* PRIVMSG bob :y");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void labels_come_back_with_what_they_caused(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "batch labeled-response echo-message");
    struct peer *bob = irc_join(daemon, "bob", "batch labeled-response");

    irc_send(alice, "@label=j JOIN #a");
    PEER_EXPECT_LINE(alice, "@label=j :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice[^ ]* JOIN #a");
    PEER_EXPECT_MATCH(alice, "@batch=1 :test\\.example 353 alice = #a :@alice");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 366 alice #a :End of /NAMES list");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(alice, "@label=p PRIVMSG #a :x");
    PEER_EXPECT_MATCH(alice, "@label=p :alice[^ ]* PRIVMSG #a :x");
    irc_send(alice, "@label=q PRIVMSG bob :x");
    PEER_EXPECT_MATCH(alice, "@label=q :alice[^ ]* PRIVMSG bob :x");
    PEER_EXPECT_MATCH(bob, ":alice[^ ]* PRIVMSG bob :x");
    irc_send(alice, "@label=r PRIVMSG bob,nobody :x");
    PEER_EXPECT_LINE(alice, "@label=r :test.example BATCH +1 labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=1 :alice[^ ]* PRIVMSG bob :x");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 401 alice nobody :No such nick/channel");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    irc_send(alice, "@label=s PRIVMSG nobody :x");
    PEER_EXPECT_LINE(alice, "@label=s :test.example 401 alice nobody :No such nick/channel");
    irc_send(alice, "@label=t PART #a");
    PEER_EXPECT_MATCH(alice, "@label=t :alice[^ ]* PART #a");
    irc_send(bob, "@label=u PRIVMSG alice :y");
    PEER_SKIP_TO(bob, ":alice.*");
    PEER_EXPECT_LINE(bob, "@label=u :test.example ACK");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void talk_and_irc_stand_in_the_same_room(void)
{
    struct daemon *daemon = DAEMON_START(
        DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n", 2);
    struct peer *alice = irc_join_channel(daemon, "alice", "#lobby");
    struct peer *tom = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SEND_TEXT(tom, "tom\n");
    PEER_SKIP_TO(tom, "2 people in #lobby: alice tom");
    IRC_EXPECT_FROM(alice, "tom", "JOIN #lobby");
    PEER_SEND_TEXT(tom, "hello\n/me waves\n");
    IRC_EXPECT_FROM(alice, "tom", "PRIVMSG #lobby :hello");
    IRC_EXPECT_FROM(alice, "tom", "PRIVMSG #lobby :\001ACTION waves\001");
    irc_send(alice, "PRIVMSG #lobby :\001ACTION nods\001");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* alice nods");
    irc_send(alice, "PRIVMSG #lobby :hi");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] <alice> hi");
    irc_send(alice, "NICK al");
    PEER_EXPECT_MATCH(tom, "\\[..:..\\] \\* alice is now called al");
    IRC_EXPECT_FROM(alice, "alice", "NICK :al");
    PEER_SEND_TEXT(tom, "/msg al psst\n");
    IRC_EXPECT_FROM(alice, "tom", "PRIVMSG al :psst");
    irc_send(alice, "QUIT :bye");
    PEER_SKIP_TO(tom, ".*\\* al has quit \\(Quit: bye\\)");
    peer_close(tom);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(who_joins_is_told_who_is_there),
        TEST(what_is_no_channel_cannot_be_joined),
        TEST(a_list_of_nothing_is_as_none),
        TEST(who_parts_or_quits_says_why),
        TEST(who_breaks_off_quits),
        TEST(a_topic_is_shown_set_and_cleared),
        TEST(names_of_several_channels_have_one_end),
        TEST(many_names_take_several_lines),
        TEST(list_shows_channels_by_conditions),
        TEST(modes_of_a_channel_are_shown_and_changed),
        TEST(operators_kick),
        TEST(no_implicit_names_leaves_them_out),
        TEST(what_is_said_reaches_the_others),
        TEST(what_cannot_be_said_is_explained),
        TEST(a_relayed_line_is_cut_at_a_character),
        TEST(echo_and_tags_are_for_those_who_want_them),
        TEST(labels_come_back_with_what_they_caused),
        TEST(talk_and_irc_stand_in_the_same_room),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_channel", tests);
}
