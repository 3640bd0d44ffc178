/* SPDX-License-Identifier: MIT */
/* IRC: several clients of one account are one user. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_sasl.h"

#include <stdio.h>

#define PASSWORD "correct-horse"
#define TIME     "[-0-9]{10}T[:0-9]{8}\\.[0-9]{3}Z"

#define ALICE                         ":alice![^ ]*@[^ ]* "
#define EXPECT_FROM_ALICE(peer, rest) PEER_EXPECT_MATCH(peer, ALICE rest)

/* Logs in as alice and asks for NICK; nothing is read after the login. */
static struct peer *log_in(struct daemon *daemon, const char *nick, const char *caps)
{
    struct peer *peer = IRC_CONNECT(daemon);

    irc_send(peer, "CAP REQ :sasl %s\r\nNICK %s\r\nUSER %s 0 * :%s\r\nAUTHENTICATE PLAIN", caps,
             nick, nick, nick);
    PEER_SKIP_TO(peer, "AUTHENTICATE \\+");
    irc_send_plain(peer, "alice", PASSWORD);
    PEER_SKIP_TO(peer, ":test\\.example 903 .*");
    irc_send(peer, "CAP END");
    return peer;
}

/* The same up to the end of the welcome. */
static struct peer *come(struct daemon *daemon, const char *nick, const char *caps)
{
    struct peer *peer = log_in(daemon, nick, caps);

    PEER_SKIP_TO(peer, ":test\\.example 422 .*");
    return peer;
}

static void in_channel(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
}

/* alice is in #a, which has a topic, and #b; she has read some of #a. */
static struct daemon *start(struct peer **alice, const char *caps)
{
    struct daemon *daemon = irc_start_for(PASSWORD);

    *alice = come(daemon, "alice", caps);
    in_channel(*alice, "#a");
    in_channel(*alice, "#b");
    irc_send(*alice, "TOPIC #a :news\r\nMARKREAD #a timestamp=2019-01-04T14:33:26.123Z\r\nPING x");
    PEER_SKIP_TO(*alice, ".* PONG .*");
    return daemon;
}

static void who_comes_again_is_shown_where_one_is(void)
{
    struct peer *alice, *phone;
    struct daemon *daemon = start(&alice, "draft/read-marker");

    irc_send(alice, "MODE alice +i\r\nAWAY :lunch\r\nPING y");
    PEER_SKIP_TO(alice, ".* PONG .*");
    phone = log_in(daemon, "alice", "draft/read-marker");
    PEER_EXPECT_MATCH(phone, ":test\\.example 001 alice :.* alice!~alice@.*");
    PEER_SKIP_TO(phone, ":test\\.example 422 alice .*");
    EXPECT_FROM_ALICE(phone, "MODE alice :\\+i");
    EXPECT_FROM_ALICE(phone, "JOIN #a");
    PEER_EXPECT_LINE(phone, ":test.example MARKREAD #a timestamp=2019-01-04T14:33:26.123Z");
    EXPECT_FROM_ALICE(phone, "JOIN #b");
    PEER_EXPECT_LINE(phone, ":test.example MARKREAD #b *");
    PEER_EXPECT_LINE(phone, ":test.example 306 alice :You have been marked as being away");
    PEER_EXPECT_LINE(phone, ":test.example 332 alice #a :news");
    PEER_EXPECT_MATCH(phone, ":test\\.example 333 alice #a alice [0-9]+");
    PEER_EXPECT_LINE(phone, ":test.example 353 alice = #a :@alice");
    PEER_EXPECT_MATCH(phone, ":test\\.example 366 alice #a :.*");
    PEER_EXPECT_LINE(phone, ":test.example 353 alice = #b :@alice");
    PEER_EXPECT_MATCH(phone, ":test\\.example 366 alice #b :.*");
    IRC_EXPECT_NOTHING(phone);
    IRC_EXPECT_NOTHING(alice);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* All of what "start" and a new one are shown has been read. */
static struct peer *come_along(struct daemon *daemon, const char *caps)
{
    struct peer *phone = log_in(daemon, "alice", caps);

    PEER_SKIP_TO(phone, ":test\\.example 366 alice #b :.*");
    return phone;
}

static void what_one_sends_the_others_see(void)
{
    struct peer *alice, *phone, *bob;
    struct daemon *daemon = start(&alice, "echo-message message-tags");

    phone = come_along(daemon, "message-tags");
    bob = irc_join(daemon, "bob", "message-tags");
    in_channel(bob, "#a");
    PEER_SKIP_TO(alice, ".*bob.* JOIN #a");
    PEER_SKIP_TO(phone, ".*bob.* JOIN #a");
    irc_send(phone, "PRIVMSG #a :hello\r\nNOTICE bob :psst\r\n@+typing=active TAGMSG bob");
    PEER_EXPECT_MATCH(alice, "@msgid=[^ ]+ " ALICE "PRIVMSG #a :hello");
    PEER_EXPECT_MATCH(alice, "@msgid=[^ ]+ " ALICE "NOTICE bob :psst");
    PEER_EXPECT_MATCH(alice, "@.*\\+typing=active.* " ALICE "TAGMSG bob");
    PEER_EXPECT_MATCH(bob, "@msgid=[^ ]+ " ALICE "PRIVMSG #a :hello");
    PEER_EXPECT_MATCH(bob, "@msgid=[^ ]+ " ALICE "NOTICE bob :psst");
    PEER_EXPECT_MATCH(bob, "@.*\\+typing=active.* " ALICE "TAGMSG bob");
    IRC_EXPECT_NOTHING(phone);
    /* The one with echoes has its own, as ever. */
    irc_send(alice, "PRIVMSG bob :yes");
    PEER_EXPECT_MATCH(alice, "@msgid=[^ ]+ " ALICE "PRIVMSG bob :yes");
    PEER_EXPECT_MATCH(phone, "@msgid=[^ ]+ " ALICE "PRIVMSG bob :yes");
    irc_send(bob, "PRIVMSG alice :no");
    PEER_SKIP_TO(alice, ".*bob.* PRIVMSG alice :no");
    PEER_EXPECT_MATCH(phone, ".*bob.* PRIVMSG alice :no");
    peer_close(bob);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_one_does_the_others_see(void)
{
    struct peer *alice, *phone;
    struct daemon *daemon = start(&alice, "draft/read-marker");

    phone = come_along(daemon, "draft/read-marker");
    irc_send(phone, "JOIN #c\r\nTOPIC #b :more\r\nMODE #b +m\r\nMODE alice +w\r\nPART #b :bored");
    EXPECT_FROM_ALICE(alice, "JOIN #c");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD #c *");
    /* Topic and names of what one has been made to join come when there is time. */
    PEER_SKIP_TO(alice, ALICE "PART #b :bored");
    PEER_SKIP_TO(phone, ALICE "PART #b :bored");
    irc_send(phone, "AWAY :lunch");
    PEER_EXPECT_LINE(phone, ":test.example 306 alice :You have been marked as being away");
    PEER_SKIP_TO(alice, ":test\\.example 306 alice :You have been marked as being away");
    irc_send(alice, "AWAY");
    PEER_EXPECT_LINE(alice, ":test.example 305 alice :You are no longer marked as being away");
    PEER_EXPECT_LINE(phone, ":test.example 305 alice :You are no longer marked as being away");
    irc_send(alice, "MARKREAD #a timestamp=2020-02-29T00:00:00.000Z");
    PEER_EXPECT_LINE(phone, ":test.example MARKREAD #a timestamp=2020-02-29T00:00:00.000Z");
    irc_send(phone, "NICK ann");
    EXPECT_FROM_ALICE(phone, "NICK :ann");
    PEER_SKIP_TO(alice, ALICE "NICK :ann");
    IRC_ASK(alice, "MODE ann", "221 ann +w");
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void names_and_topic_of_what_another_one_joins_are_told(void)
{
    struct peer *alice, *phone, *bob;
    struct daemon *daemon = start(&alice, "");

    bob = irc_join(daemon, "bob", NULL);
    in_channel(bob, "#c");
    irc_send(bob, "TOPIC #c :old");
    phone = come_along(daemon, "");
    irc_send(phone, "JOIN #c");
    EXPECT_FROM_ALICE(alice, "JOIN #c");
    PEER_EXPECT_LINE(alice, ":test.example 332 alice #c :old");
    PEER_EXPECT_MATCH(alice, ":test\\.example 333 alice #c bob [0-9]+");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #c :@bob alice");
    PEER_EXPECT_MATCH(alice, ":test\\.example 366 alice #c :.*");
    peer_close(bob);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_user_quits_with_the_last_one(void)
{
    struct peer *alice, *phone, *bob;
    struct daemon *daemon = start(&alice, "");

    phone = come_along(daemon, "");
    bob = irc_join(daemon, "bob", NULL);
    in_channel(bob, "#a");
    irc_send(alice, "QUIT :bye");
    PEER_SKIP_TO(alice, "ERROR .*");
    PEER_DRAIN(alice);
    IRC_EXPECT_NOTHING(bob);
    irc_send(phone, "PRIVMSG bob :still here\r\nQUIT :good bye");
    PEER_SKIP_TO(bob, ALICE "PRIVMSG bob :still here");
    EXPECT_FROM_ALICE(bob, "QUIT :Quit: good bye");
    peer_close(bob);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_nickname_of_who_is_called_otherwise_is_had(void)
{
    struct peer *alice, *phone;
    struct daemon *daemon = start(&alice, "");

    irc_send(alice, "NICK ann");
    PEER_SKIP_TO(alice, ".* NICK :ann");
    phone = log_in(daemon, "alice", "");
    PEER_SKIP_TO(phone, ":test\\.example 001 ann :.*");
    PEER_SKIP_TO(phone, ":ann![^ ]* JOIN #a");
    peer_close(phone);
    phone = log_in(daemon, "ANN", "");
    PEER_SKIP_TO(phone, ":test\\.example 001 ann :.*");
    PEER_SKIP_TO(phone, ":ann![^ ]* JOIN #a");
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void another_nickname_makes_another_user(void)
{
    struct peer *alice, *phone;
    struct daemon *daemon = start(&alice, "");

    phone = come(daemon, "phone", "");
    IRC_EXPECT_NOTHING(phone);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Until the registration ends a nickname may yet be one's own. */
static void who_does_not_log_in_is_refused_the_nickname_in_the_end(void)
{
    struct peer *alice, *eve;
    struct daemon *daemon = start(&alice, "");

    eve = IRC_CONNECT(daemon);
    irc_send(eve, "NICK alice");
    PEER_EXPECT_MATCH(eve, ":test\\.example 433 \\* alice :.*");
    irc_send(eve, "CAP LS\r\nNICK alice\r\nUSER eve 0 * :eve");
    PEER_EXPECT_MATCH(eve, ":test\\.example CAP .*");
    IRC_EXPECT_NOTHING(eve);
    irc_send(eve, "CAP END");
    PEER_EXPECT_MATCH(eve, ":test\\.example 433 \\* alice :.*");
    irc_send(eve, "NICK eve");
    PEER_SKIP_TO(eve, ":test\\.example 001 eve .*");
    peer_close(eve);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_owner_may_not_want_it(void)
{
    struct peer *alice, *phone;
    struct daemon *daemon = start(&alice, "");

    irc_send(alice, "NS SET MULTICLIENT off");
    PEER_SKIP_TO(alice, ":NickServ!.* NOTICE alice :Several clients as one: off\\.");
    phone = log_in(daemon, "alice", "");
    PEER_SKIP_TO(phone, ":test\\.example 433 \\* alice :.*");
    peer_close(phone);
    irc_send(alice, "NS SET MULTICLIENT maybe\r\nNS SET MULTICLIENT default");
    PEER_SKIP_TO(alice, ":NickServ!.* NOTICE alice :It is written: SET .*");
    PEER_SKIP_TO(alice,
                 ":NickServ!.* NOTICE alice :Several clients as one: as the server has it\\.");
    phone = come_along(daemon, "");
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void there_are_so_many_clients_and_no_more(void)
{
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n"
                                      "accounts: { iterations = 4096; sessions = 2; };\n");
    struct peer *alice = IRC_CONNECT(daemon);
    struct peer *phone, *third;

    irc_send(alice, "NICK alice\r\nUSER alice 0 * :alice\r\nREGISTER * * :%s", PASSWORD);
    PEER_SKIP_TO(alice, ":test\\.example 900 .*");
    phone = come(daemon, "alice", "");
    third = log_in(daemon, "alice", "");
    PEER_SKIP_TO(third, "ERROR :Closing link: .* \\(Too many clients of your account\\)");
    peer_close(third);
    irc_send(phone, "QUIT");
    PEER_SKIP_TO(phone, "ERROR .*");
    PEER_DRAIN(phone);
    peer_close(phone);
    third = come(daemon, "alice", "");
    peer_close(third);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_owner_sees_and_ends_their_clients(void)
{
    struct peer *alice, *phone;
    struct daemon *daemon = start(&alice, "");

    phone = come_along(daemon, "");
    irc_send(phone, "NS CLIENTS LIST");
    PEER_EXPECT_MATCH(phone, ":NickServ!.* NOTICE alice :1: irc, from 127\\.0\\.0\\.1");
    PEER_EXPECT_MATCH(phone, ":NickServ!.* NOTICE alice :2: irc, from 127\\.0\\.0\\.1, this one");
    irc_send(phone, "NS CLIENTS LOGOUT 3");
    PEER_EXPECT_MATCH(phone, ":NickServ!.* NOTICE alice :You have no such client\\.");
    irc_send(phone, "NS CLIENTS LOGOUT 2");
    PEER_EXPECT_MATCH(phone, ":NickServ!.* NOTICE alice :That is this client; say QUIT\\.");
    irc_send(phone, "NS CLIENTS LOGOUT x");
    PEER_EXPECT_MATCH(phone, ":NickServ!.* NOTICE alice :It is written: CLIENTS .*");
    irc_send(phone, "NS CLIENTS LOGOUT 1");
    PEER_EXPECT_MATCH(phone, ":NickServ!.* NOTICE alice :That client is logged out\\.");
    PEER_EXPECT_MATCH(alice, ":[^ ]+ KILL alice :Logged out by another client");
    PEER_SKIP_TO(alice, "ERROR .*");
    PEER_DRAIN(alice);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_server_may_not_want_it(void)
{
    struct daemon *daemon = IRC_START("accounts: { iterations = 4096; multiclient = false; };\n");
    struct peer *alice = IRC_CONNECT(daemon);
    struct peer *phone;

    irc_send(alice, "NICK alice\r\nUSER alice 0 * :alice\r\nREGISTER * * :%s", PASSWORD);
    PEER_SKIP_TO(alice, ":test\\.example 900 .*");
    irc_send(alice, "NS SET MULTICLIENT on");
    PEER_SKIP_TO(alice, ":NickServ!.* NOTICE alice :Several clients as one: on\\.");
    phone = log_in(daemon, "alice", "");
    PEER_SKIP_TO(phone, ":test\\.example 433 \\* alice :.*");
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_logs_in_later_stays_who_they_are(void)
{
    struct peer *alice, *phone;
    struct daemon *daemon = start(&alice, "");

    phone = irc_join(daemon, "phone", NULL);
    irc_send(phone, "NS IDENTIFY alice :%s", PASSWORD);
    PEER_SKIP_TO(phone, ":test\\.example 900 phone .*");
    PEER_SKIP_TO(phone, ":NickServ!.*");
    IRC_EXPECT_NOTHING(phone);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_is_killed_goes_with_all_clients(void)
{
    struct peer *alice, *phone, *root;
    struct daemon *daemon = IRC_START("limits: { flood_rate = 0; };\n"
                                      "accounts: { iterations = 4096; };\n" IRC_OPERS);

    alice = IRC_CONNECT(daemon);
    irc_send(alice, "NICK alice\r\nUSER alice 0 * :alice\r\nREGISTER * * :%s", PASSWORD);
    PEER_SKIP_TO(alice, ":test\\.example 900 .*");
    phone = come(daemon, "alice", "");
    root = irc_join(daemon, "root", NULL);
    IRC_BECOME_OPERATOR(root, "root");
    irc_send(root, "KILL alice :enough");
    PEER_SKIP_TO(alice, "ERROR :.*enough.*");
    PEER_SKIP_TO(phone, "ERROR :.*enough.*");
    PEER_DRAIN(alice);
    PEER_DRAIN(phone);
    peer_close(root);
    peer_close(phone);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who comes again is shown where one is", who_comes_again_is_shown_where_one_is},
        {"what one sends the others see", what_one_sends_the_others_see},
        {"what one does the others see", what_one_does_the_others_see},
        {"names and topic of what another one joins are told",
         names_and_topic_of_what_another_one_joins_are_told},
        {"the user quits with the last one", the_user_quits_with_the_last_one},
        {"the nickname of who is called otherwise is had",
         the_nickname_of_who_is_called_otherwise_is_had},
        {"another nickname makes another user", another_nickname_makes_another_user},
        {"who does not log in is refused the nickname in the end",
         who_does_not_log_in_is_refused_the_nickname_in_the_end},
        {"an owner may not want it", an_owner_may_not_want_it},
        {"there are so many clients and no more", there_are_so_many_clients_and_no_more},
        {"an owner sees and ends their clients", an_owner_sees_and_ends_their_clients},
        {"the server may not want it", the_server_may_not_want_it},
        {"who logs in later stays who they are", who_logs_in_later_stays_who_they_are},
        {"who is killed goes with all clients", who_is_killed_goes_with_all_clients},
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc: several clients", tests);
}
