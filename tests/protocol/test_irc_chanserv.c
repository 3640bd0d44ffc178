/* SPDX-License-Identifier: MIT */
/* ChanServ on IRC: who it is, how one speaks to it, and what comes of that. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/chanserv_peers.h"

#include <string.h>

#define ASK(peer, sent, nick, answer) CHANSERV_ASK(peer, sent, nick, answer)
#define NOTICE(nick, text)            CHANSERV_NOTICE(nick, text)
#define NO_ACCESS                     "You have not the access that it takes."
#define NO_SUCH_COMMAND               "There is no such command. Say HELP for those that there are."

static void it_is_there_and_is_nobody(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS IRC_OPERS);
    struct peer *alice = irc_join(daemon, "alice", NULL);

    IRC_ASK(alice, "WHOIS chanserv",
            "311 alice ChanServ ChanServ test.example * :Channels that stay");
    PEER_SKIP_TO(alice, ":test\\.example 318 .*");
    IRC_ASK(alice, "LUSERS", "251 alice :There are 1 users and 0 invisible on 1 server");
    PEER_SKIP_TO(alice, ":test\\.example 266 .*");
    IRC_ASK(alice, "NICK CHANSERV", "433 alice CHANSERV :Nickname is already in use");
    IRC_BECOME_OPERATOR(alice, "alice");
    IRC_ASK(alice, "KILL ChanServ :why", "400 alice KILL :That is a service of the server");
    IRC_ASK(alice, "SAJOIN ChanServ #a", "400 alice SAJOIN :That is a service of the server");
    IRC_EXPECT_NOTHING(alice);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void it_answers_whichever_way_it_is_spoken_to(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = irc_join(daemon, "alice", "echo-message");

    irc_send(alice, "PRIVMSG chanserv :nonsense");
    PEER_EXPECT_MATCH(alice, ":alice!.* PRIVMSG ChanServ :nonsense");
    PEER_EXPECT_LINE(alice, NOTICE("alice", NO_SUCH_COMMAND));
    irc_send(alice, "SQUERY ChanServ :nonsense");
    PEER_EXPECT_MATCH(alice, ":alice!.* PRIVMSG ChanServ :nonsense");
    PEER_EXPECT_LINE(alice, NOTICE("alice", NO_SUCH_COMMAND));
    ASK(alice, "CS nonsense", "alice", NO_SUCH_COMMAND);
    ASK(alice, "cs :nonsense of many words", "alice", NO_SUCH_COMMAND);
    ASK(alice, "ChanServ INFO #none", "alice", "There is no such channel.");
    ASK(alice, "CS \002info\002 #none", "alice", "There is no such channel.");
    ASK(alice, "CS INFO", "alice", "It is written: INFO #channel");
    ASK(alice, "CS INFO bob", "alice", "It is written: INFO #channel");
    ASK(alice, "CS", "alice",
        "Channels that are registered stay. Commands, of which HELP tells more:");
    PEER_SKIP_TO(alice, NOTICE("alice", "  HELP \\[command\\]"));
    ASK(alice, "CS HELP getkey", "alice", "GETKEY #channel");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Tells the channel's key to who has access."));
    irc_send(alice, "NOTICE ChanServ :INFO #none");
    IRC_EXPECT_NOTHING(alice);
    IRC_ASK(alice, "PRIVMSG ChanServ :\001VERSION\001", "531 alice ChanServ :Cannot send to user");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void an_operator_of_a_channel_registers_it(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS "channels: { per_account = 2; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = chanserv_make(daemon, "bob");

    ASK(alice, "CS REGISTER #a", "alice", "You are not logged in. Log in to your account first.");
    irc_send(alice, "NS REGISTER secret");
    PEER_SKIP_TO(alice, ":NickServ!.* NOTICE alice :Account created.*");
    chanserv_join(bob, "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    ASK(bob, "CS REGISTER #a", "bob", "You are no operator of that channel.");
    ASK(bob, "CS REGISTER #b", "bob", "There is no such channel.");
    ASK(bob, "CS INFO #a", "bob", "That channel is not registered.");
    irc_send(alice, "CS REGISTER #A");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +q alice");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "#A is your channel now."));
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a +q alice");
    ASK(alice, "CS REGISTER #a", "alice", "That channel is registered already.");
    CHANSERV_REGISTER(alice, "alice", "#b");
    chanserv_join(alice, "#c");
    ASK(alice, "CS REGISTER #c", "alice", "That account has as many channels as it may have.");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void nobody_registers_where_that_is_for_operators(void)
{
    struct daemon *daemon =
        IRC_START(CHANSERV_SETTINGS IRC_OPERS "channels: { registration = false; };\n");
    struct peer *alice = chanserv_make(daemon, "alice");

    chanserv_join(alice, "#a");
    ASK(alice, "CS REGISTER #a", "alice", "Channels cannot be registered here.");
    chanserv_join(alice, "#lobby");
    ASK(alice, "CS REGISTER #lobby", "alice", "Channels cannot be registered here.");
    IRC_BECOME_OPERATOR(alice, "alice");
    irc_send(alice, "CS REGISTER #lobby");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #lobby +q alice");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "#lobby is your channel now."));
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void the_lobby_is_the_servers(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");

    chanserv_join(alice, "#lobby");
    ASK(alice, "CS REGISTER #Lobby", "alice", "That channel is the server's.");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void without_a_store_there_is_nothing_to_register(void)
{
    struct daemon *daemon = IRC_START("store: { backend = \"none\"; };\n");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");

    ASK(alice, "CS REGISTER #a", "alice",
        "No channel can be registered here: the server keeps nothing.");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

#define DAY "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC"

static void a_channel_stays_and_makes_nobody_its_operator(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    CHANSERV_REGISTER(alice, "alice", "#a");
    irc_send(alice, "TOPIC #a :what it is about");
    IRC_EXPECT_FROM(alice, "alice", "TOPIC #a :what it is about");
    irc_send(alice, "PART #a");
    IRC_EXPECT_FROM(alice, "alice", "PART #a");
    irc_send(bob, "LIST");
    PEER_EXPECT_MATCH(bob, ":test\\.example 321 .*");
    PEER_EXPECT_MATCH(bob, ":test\\.example 323 .*");
    irc_send(bob, "JOIN #a");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #a");
    PEER_EXPECT_LINE(bob, ":test.example 332 bob #a :what it is about");
    PEER_EXPECT_MATCH(bob, ":test\\.example 333 bob #a alice [0-9]+");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #a :bob");
    PEER_EXPECT_LINE(bob, ":test.example 366 bob #a :End of /NAMES list");
    irc_send(alice, "JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #a");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +q alice");
    PEER_EXPECT_LINE(alice, ":test.example 332 alice #a :what it is about");
    PEER_EXPECT_MATCH(alice, ":test\\.example 333 .*");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #a :bob ~alice");
    PEER_SKIP_TO(alice, ":test\\.example 366 .*");
    IRC_EXPECT_FROM(bob, "alice", "JOIN #a");
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a +q alice");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void info_tells_whose_it_is(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "Alice");
    struct peer *bob = chanserv_make(daemon, "bob");

    CHANSERV_REGISTER(alice, "Alice", "#a");
    ASK(alice, "PRIVMSG ChanServ :SET #a DESCRIPTION all  about a ", "Alice",
        "DESCRIPTION of #a is all  about a now.");
    ASK(alice, "CS SET #a url https://a.example", "Alice", "URL of #a is https://a.example now.");
    ASK(alice, "CS SET #a SUCCESSOR BOB", "Alice", "SUCCESSOR of #a is BOB now.");
    ASK(alice, "CS SET #a SUCCESSOR eve", "Alice",
        "There is no such account, or it has no access.");
    irc_send(bob, "CS INFO #a");
    PEER_EXPECT_MATCH(bob, NOTICE("bob", "#a is the channel of Alice, registered on " DAY "\\."));
    PEER_EXPECT_MATCH(bob, NOTICE("bob", "It was made on " DAY "\\."));
    PEER_EXPECT_LINE(bob, NOTICE("bob", "Description: all  about a"));
    PEER_EXPECT_LINE(bob, NOTICE("bob", "URL: https://a.example"));
    PEER_EXPECT_LINE(bob, NOTICE("bob", "Settings: KEEPTOPIC "));
    irc_send(alice, "CS INFO #a");
    PEER_SKIP_TO(alice, NOTICE("Alice", "Settings: .*"));
    PEER_EXPECT_LINE(alice, NOTICE("Alice", "Successor: bob"));
    PEER_EXPECT_LINE(alice, NOTICE("Alice", "Accounts with access beside the founder's: 0"));
    ASK(alice, "CS SET #a PRIVATE on", "Alice", "PRIVATE is on for #a now.");
    ASK(bob, "CS INFO #a", "bob", "#a is registered, and private.");
    irc_send(alice, "MODE #a +s");
    IRC_EXPECT_FROM(alice, "Alice", "MODE #a +s");
    ASK(bob, "CS INFO #a", "bob", "There is no such channel.");
    ASK(bob, "CS SET #a PRIVATE off", "bob", "There is no such channel.");
    ASK(alice, "CS SET #a PRIVATE perhaps", "Alice", "It is written: SET #channel setting value");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void who_has_access_gets_it_by_joining_and_logging_in(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = chanserv_make(daemon, "bob");

    CHANSERV_REGISTER(alice, "alice", "#a");
    ASK(alice, "CS ACCESS #a ADD eve op", "alice",
        "There is no such account, or it has no access.");
    ASK(alice, "CS ACCESS #a ADD bob king", "alice",
        "It is written: ACCESS #channel ADD account level | DEL account | LIST");
    ASK(alice, "CS ACCESS #a ADD BOB op", "alice", "BOB has access to #a as op now.");
    ASK(alice, "CS ACCESS #a ADD bob op", "alice", "That is so already.");
    ASK(alice, "CS ACCESS #a ADD alice op", "alice", "That is so already.");
    irc_send(bob, "JOIN #a");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #a");
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a +o bob");
    PEER_SKIP_TO(bob, ":test\\.example 353 bob = #a :~alice @bob");
    PEER_SKIP_TO(bob, ":test\\.example 366 .*");
    irc_send(bob, "NS LOGOUT");
    PEER_SKIP_TO(bob, ":test\\.example 901 .*");
    PEER_SKIP_TO(bob, ":NickServ!.* NOTICE bob :You are logged out.*");
    irc_send(bob, "MODE #a -o bob");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a -o bob");
    irc_send(bob, "NS IDENTIFY secret");
    PEER_SKIP_TO(bob, ":ChanServ!ChanServ@test\\.example MODE #a \\+o bob");
    PEER_SKIP_TO(bob, ":NickServ!.* NOTICE bob :You are logged in as bob\\.");
    PEER_SKIP_TO(alice, ":ChanServ!.* MODE #a \\+o bob");
    PEER_SKIP_TO(alice, ":ChanServ!.* MODE #a \\+o bob");
    ASK(bob, "CS ACCESS #a ADD bob admin", "bob", NO_ACCESS);
    irc_send(alice, "CS ACCESS #a ADD bob admin");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +a bob");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "bob has access to #a as admin now."));
    irc_send(alice, "CS ACCESS #a LIST");
    PEER_EXPECT_MATCH(alice, NOTICE("alice", "bob: admin, by alice on " DAY));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Accounts with access beside the founder's: 1"));
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a +a bob");
    ASK(bob, "CS ACCESS #a DEL bob", "bob", "bob has no access to #a any more.");
    ASK(bob, "CS ACCESS #a LIST", "bob", NO_ACCESS);
    ASK(alice, "CS ACCESS #a DEL bob", "alice", "There is no such account, or it has no access.");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void access_is_limited_and_given_from_above(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS "channels: { access = 2; };\n");
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = chanserv_make(daemon, "bob");
    struct peer *carol = chanserv_make(daemon, "carol");
    struct peer *dave = chanserv_make(daemon, "dave");

    CHANSERV_REGISTER(alice, "alice", "#a");
    ASK(alice, "CS ACCESS #a ADD bob op", "alice", "bob has access to #a as op now.");
    ASK(bob, "CS ACCESS #a ADD carol op", "bob", NO_ACCESS);
    ASK(bob, "CS ACCESS #a ADD carol voice", "bob", "carol has access to #a as voice now.");
    ASK(carol, "CS ACCESS #a ADD dave voice", "carol", NO_ACCESS);
    ASK(carol, "CS ACCESS #a DEL bob", "carol", NO_ACCESS);
    ASK(bob, "CS ACCESS #a ADD dave voice", "bob", "There is room for no more.");
    ASK(bob, "CS ACCESS #a ADD carol halfop", "bob", "carol has access to #a as halfop now.");
    ASK(bob, "CS SET #a PRIVATE on", "bob", NO_ACCESS);
    ASK(bob, "CS DROP #a #a", "bob", NO_ACCESS);
    ASK(bob, "CS TRANSFER #a bob", "bob", NO_ACCESS);
    ASK(dave, "CS ACCESS #a LIST", "dave", NO_ACCESS);
    ASK(alice, "CS ACCESS #a DEL carol", "alice", "carol has no access to #a any more.");
    peer_close(alice);
    peer_close(bob);
    peer_close(carol);
    peer_close(dave);
    DAEMON_STOP(daemon);
}

static void prefixes_are_given_to_who_may_have_them(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    CHANSERV_REGISTER(alice, "alice", "#a");
    chanserv_join(bob, "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "MODE #a -qo alice alice");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a -qo alice alice");
    IRC_ASK(alice, "MODE #a +o alice", "482 alice #a :You're not a channel operator");
    irc_send(alice, "CS OP #a");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +o alice");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Done."));
    ASK(alice, "CS op #a alice", "alice", "That is so already.");
    irc_send(alice, "CS VOICE #a bob");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +v bob");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Done."));
    PEER_SKIP_TO(bob, ":ChanServ!.* MODE #a \\+v bob");
    irc_send(alice, "CS DEVOICE #a BOB");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a -v bob");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Done."));
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a -v bob");
    ASK(bob, "CS OP #a", "bob", NO_ACCESS);
    ASK(bob, "CS DEOP #a alice", "bob", NO_ACCESS);
    ASK(alice, "CS OP #a eve", "alice", "Nobody is called so.");
    ASK(alice, "CS OP #a ChanServ", "alice", "They are not in that channel.");
    irc_send(alice, "CS OWNER #a");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +q alice");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Done."));
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void who_has_access_gets_in_whatever_modes_say(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    CHANSERV_REGISTER(alice, "alice", "#a");
    irc_send(alice, "MODE #a +ikb secret *!*@*");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +ikb secret *!*@*");
    irc_send(alice, "MODE #a +bb bob!*@* m:bob!*@*");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +bb bob!*@* m:bob!*@*");
    irc_send(alice, "PART #a");
    IRC_EXPECT_FROM(alice, "alice", "PART #a");
    IRC_ASK(alice, "JOIN #a", "474 alice #a :Cannot join channel (+b)");
    ASK(bob, "CS INVITE #a", "bob", NO_ACCESS);
    ASK(bob, "CS GETKEY #a", "bob", NO_ACCESS);
    ASK(bob, "CS UNBAN #a", "bob", NO_ACCESS);
    ASK(alice, "CS GETKEY #a", "alice", "The key of #a is secret");
    irc_send(alice, "CS INVITE #a");
    PEER_EXPECT_LINE(alice, CHANSERV "INVITE alice #a");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "alice is invited to #a."));
    chanserv_join(alice, "#a");
    ASK(alice, "CS INVITE #a", "alice", "They are in that channel already.");
    irc_send(alice, "CS UNBAN #a bob");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a -bbb *!*@* bob!*@* m:bob!*@*");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Bans taken away: 3"));
    ASK(alice, "CS UNBAN #a", "alice", "Bans taken away: 0");
    ASK(alice, "CS UNBAN #a x!*@*", "alice", "Bans taken away: 0");
    irc_send(alice, "CS INVITE #a bob");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "bob is invited to #a."));
    PEER_EXPECT_LINE(bob, CHANSERV "INVITE bob #a");
    chanserv_join(bob, "#a");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void modes_and_topics_that_are_locked_stay(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS IRC_OPERS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    CHANSERV_REGISTER(alice, "alice", "#a");
    chanserv_join(bob, "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "MODE #a +io bob");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +io bob");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +io bob");
    ASK(alice, "CS SET #a MLOCK +b", "alice", "That cannot be set.");
    ASK(alice, "CS SET #a MLOCK +P", "alice", "That cannot be set.");
    ASK(alice, "CS SET #a MLOCK +k", "alice", "That cannot be set.");
    ASK(alice, "CS SET #a MLOCK +l x", "alice", "That cannot be set.");
    irc_send(alice, "CS SET #a MLOCK +ntkl-i word 30");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +kl-i word 30");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "The modes of #a that stay are set."));
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a +kl-i word 30");
    IRC_ASK(bob, "MODE #a +i",
            "742 bob #a i +ntkl-i :MODE cannot be set due to channel having an active MLOCK "
            "restriction policy");
    IRC_ASK(bob, "MODE #a -k word",
            "742 bob #a k +ntkl-i :MODE cannot be set due to channel having an active MLOCK "
            "restriction policy");
    irc_send(bob, "MODE #a +m-i+n");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a +m");
    IRC_EXPECT_FROM(alice, "bob", "MODE #a +m");
    ASK(alice, "CS SET #a TOPICLOCK on", "alice", "TOPICLOCK is on for #a now.");
    IRC_ASK(bob, "TOPIC #a :mine", "482 bob #a :You're not a channel operator");
    irc_send(alice, "TOPIC #a :hers");
    PEER_SKIP_TO(alice, ":alice!.* TOPIC #a :hers");
    irc_send(alice, "CS INFO #a");
    PEER_SKIP_TO(alice, NOTICE("alice", "Modes that stay: \\+ntkl-i"));
    PEER_EXPECT_LINE(alice, NOTICE("alice", "Settings: KEEPTOPIC TOPICLOCK "));
    PEER_SKIP_TO(alice, NOTICE("alice", "Accounts.*"));
    ASK(alice, "CS SET #a MLOCK", "alice", "The modes of #a that stay are set.");
    irc_send(alice, "MODE #a -k word");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a -k *");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void a_channel_is_transferred_and_dropped(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS "channels: { per_account = 1; };\n");
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = chanserv_make(daemon, "bob");

    CHANSERV_REGISTER(alice, "alice", "#a");
    CHANSERV_REGISTER(bob, "bob", "#b");
    ASK(alice, "CS TRANSFER #a bob", "alice", "That account has as many channels as it may have.");
    ASK(alice, "CS TRANSFER #a eve", "alice", "There is no such account, or it has no access.");
    ASK(bob, "CS DROP #b", "bob", "To give the channel up for good, say: DROP #b #b");
    ASK(bob, "CS DROP #b #a", "bob", "To give the channel up for good, say: DROP #b #b");
    ASK(bob, "CS DROP #b #B", "bob", "#b is nobody's channel any more.");
    ASK(bob, "CS DROP #b #B", "bob", "That channel is not registered.");
    irc_send(bob, "PART #b");
    IRC_EXPECT_FROM(bob, "bob", "PART #b");
    irc_send(bob, "JOIN #b");
    IRC_EXPECT_FROM(bob, "bob", "JOIN #b");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob = #b :@bob");
    PEER_SKIP_TO(bob, ":test\\.example 366 .*");
    chanserv_join(bob, "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "CS TRANSFER #a bob");
    PEER_EXPECT_LINE(alice, CHANSERV "MODE #a +q bob");
    PEER_EXPECT_LINE(alice, NOTICE("alice", "#a is the channel of bob now."));
    PEER_EXPECT_LINE(bob, CHANSERV "MODE #a +q bob");
    ASK(alice, "CS DROP #a #a", "alice", NO_ACCESS);
    irc_send(bob, "CS INFO #a");
    PEER_EXPECT_MATCH(bob, NOTICE("bob", "#a is the channel of bob, registered on .*"));
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void a_dropped_channel_goes_when_it_is_empty(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");

    CHANSERV_REGISTER(alice, "alice", "#a");
    irc_send(alice, "PART #a");
    IRC_EXPECT_FROM(alice, "alice", "PART #a");
    ASK(alice, "CS DROP #a #a", "alice", "#a is nobody's channel any more.");
    IRC_ASK(alice, "MODE #a", "403 alice #a :No such channel");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void what_a_dropped_account_had_goes_to_its_successor_or_nobody(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = chanserv_make(daemon, "bob");

    CHANSERV_REGISTER(alice, "alice", "#a");
    CHANSERV_REGISTER(alice, "alice", "#b");
    CHANSERV_REGISTER(bob, "bob", "#c");
    ASK(alice, "CS SET #a SUCCESSOR bob", "alice", "SUCCESSOR of #a is bob now.");
    ASK(bob, "CS ACCESS #c ADD alice op", "bob", "alice has access to #c as op now.");
    irc_send(alice, "NS DROP secret");
    PEER_SKIP_TO(alice, ":NickServ!.* NOTICE alice :The account alice is dropped\\.");
    irc_send(bob, "CS INFO #a");
    PEER_EXPECT_MATCH(bob, NOTICE("bob", "#a is the channel of bob, registered on .*"));
    PEER_SKIP_TO(bob, NOTICE("bob", "Accounts.*"));
    ASK(bob, "CS INFO #b", "bob", "That channel is not registered.");
    ASK(bob, "CS ACCESS #c LIST", "bob", "Accounts with access beside the founder's: 0");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void operators_of_the_server_may_do_what_founders_may(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS IRC_OPERS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *root = chanserv_make(daemon, "root");

    CHANSERV_REGISTER(alice, "alice", "#a");
    ASK(root, "CS TRANSFER #a root", "root", NO_ACCESS);
    IRC_BECOME_OPERATOR(root, "root");
    ASK(root, "CS TRANSFER #a root", "root", "#a is the channel of root now.");
    ASK(root, "CS DROP #a #a", "root", "#a is nobody's channel any more.");
    chanserv_join(root, "#a");
    irc_send(root, "CS REGISTER #a");
    PEER_EXPECT_LINE(root, CHANSERV "MODE #a +q root");
    PEER_EXPECT_LINE(root, NOTICE("root", "#a is your channel now."));
    peer_close(alice);
    peer_close(root);
    DAEMON_STOP(daemon);
}

static void a_permanent_channel_stays_without_being_anybodys(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS IRC_OPERS);
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");

    IRC_ASK(alice, "MODE #a +P", "723 alice #a :Insufficient oper privileges");
    IRC_BECOME_OPERATOR(alice, "alice");
    irc_send(alice, "MODE #a +P");
    IRC_EXPECT_FROM(alice, "alice", "MODE #a +P");
    irc_send(alice, "PART #a");
    IRC_EXPECT_FROM(alice, "alice", "PART #a");
    IRC_ASK(alice, "MODE #a", "324 alice #a +ntP");
    PEER_SKIP_TO(alice, ":test\\.example 329 .*");
    irc_send(alice, "LIST");
    PEER_EXPECT_MATCH(alice, ":test\\.example 321 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 322 alice #a 0 :.*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 323 .*");
    irc_send(alice, "JOIN #a");
    IRC_EXPECT_FROM(alice, "alice", "JOIN #a");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #a :alice");
    PEER_SKIP_TO(alice, ":test\\.example 366 .*");
    irc_send(alice, "PART #a");
    IRC_EXPECT_FROM(alice, "alice", "PART #a");
    irc_send(alice, "SAMODE #a -P");
    IRC_ASK(alice, "MODE #a", "403 alice #a :No such channel");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_registered_channel_that_is_renamed_stays_registered(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *bob = irc_join(daemon, "bob", "draft/channel-rename");

    CHANSERV_REGISTER(alice, "alice", "#a");
    chanserv_join(bob, "#a");
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
    irc_send(alice, "MODE #a +o bob");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +o bob");
    IRC_ASK(bob, "RENAME #a #b", "482 bob #a :You're not a channel operator");
    irc_send(alice, "RENAME #a #b");
    IRC_EXPECT_FROM(bob, "alice", "RENAME #a #b :");
    irc_send(bob, "CS INFO #b");
    PEER_EXPECT_MATCH(bob, NOTICE("bob", "#b is the channel of alice, registered on .*"));
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void closing_a_registered_channel_leaves_it_registered(void)
{
    struct daemon *daemon = IRC_START(CHANSERV_SETTINGS IRC_OPERS);
    struct peer *alice = chanserv_make(daemon, "alice");
    struct peer *root = irc_join(daemon, "root", NULL);

    CHANSERV_REGISTER(alice, "alice", "#a");
    IRC_BECOME_OPERATOR(root, "root");
    irc_send(root, "CBAN #a :why");
    PEER_SKIP_TO(alice, ":.* KICK #a alice :.*");
    irc_send(root, "CS INFO #a");
    PEER_SKIP_TO(root, NOTICE("root", "#a is the channel of alice, registered on .*"));
    peer_close(alice);
    peer_close(root);
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(it_is_there_and_is_nobody),
        TEST(it_answers_whichever_way_it_is_spoken_to),
        TEST(an_operator_of_a_channel_registers_it),
        TEST(nobody_registers_where_that_is_for_operators),
        TEST(the_lobby_is_the_servers),
        TEST(without_a_store_there_is_nothing_to_register),
        TEST(a_channel_stays_and_makes_nobody_its_operator),
        TEST(info_tells_whose_it_is),
        TEST(who_has_access_gets_it_by_joining_and_logging_in),
        TEST(access_is_limited_and_given_from_above),
        TEST(prefixes_are_given_to_who_may_have_them),
        TEST(who_has_access_gets_in_whatever_modes_say),
        TEST(modes_and_topics_that_are_locked_stay),
        TEST(a_channel_is_transferred_and_dropped),
        TEST(a_dropped_channel_goes_when_it_is_empty),
        TEST(what_a_dropped_account_had_goes_to_its_successor_or_nobody),
        TEST(operators_of_the_server_may_do_what_founders_may),
        TEST(a_permanent_channel_stays_without_being_anybodys),
        TEST(a_registered_channel_that_is_renamed_stays_registered),
        TEST(closing_a_registered_channel_leaves_it_registered),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_chanserv", tests);
}
