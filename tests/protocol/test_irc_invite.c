/* SPDX-License-Identifier: MIT */
/* IRC: invitations and knocks. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

static void quiet(struct peer *peer)
{
    irc_send(peer, "PING quiet");
    PEER_SKIP_TO(peer, ".*PONG test\\.example :quiet");
}

static void go_into(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
}

static void change_mode(struct peer *peer, const char *change)
{
    irc_send(peer, "MODE #a %s", change);
    PEER_SKIP_TO(peer, ":alice[^ ]* MODE #a .*");
}

static void who_is_invited_may_join_once(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    change_mode(alice, "+ilkb 1 key bob");
    irc_send(bob, "JOIN #a");
    PEER_EXPECT_LINE(bob, ":test.example 474 bob #a :Cannot join channel (+b)");
    irc_send(alice, "INVITE BOB #A");
    PEER_EXPECT_LINE(alice, ":test.example 341 alice bob #a");
    IRC_EXPECT_FROM(bob, "alice", "INVITE bob #a");
    IRC_EXPECT_NOTHING(alice);
    irc_send(bob, "INVITE");
    PEER_EXPECT_LINE(bob, ":test.example 336 bob #a");
    PEER_EXPECT_LINE(bob, ":test.example 337 bob :End of /INVITE list");
    go_into(bob, "#a");
    irc_send(bob, "INVITE");
    PEER_EXPECT_LINE(bob, ":test.example 337 bob :End of /INVITE list");
    irc_send(bob, "PART #a");
    IRC_EXPECT_FROM(bob, "bob", "PART #a");
    irc_send(bob, "JOIN #a");
    PEER_EXPECT_LINE(bob, ":test.example 474 bob #a :Cannot join channel (+b)");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void not_everybody_may_invite(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join(daemon, "carol", NULL);

    irc_send(carol, "INVITE bob");
    PEER_EXPECT_LINE(carol, ":test.example 461 carol INVITE :Not enough parameters");
    irc_send(carol, "INVITE nobody #a");
    PEER_EXPECT_LINE(carol, ":test.example 401 carol nobody :No such nick/channel");
    irc_send(carol, "INVITE bob #none");
    PEER_EXPECT_LINE(carol, ":test.example 403 carol #none :No such channel");
    irc_send(carol, "INVITE carol #a");
    PEER_EXPECT_LINE(carol, ":test.example 442 carol #a :You're not on that channel");
    irc_send(bob, "INVITE alice #a");
    PEER_EXPECT_LINE(bob, ":test.example 443 bob alice #a :is already on channel");
    irc_send(bob, "INVITE carol #a");
    PEER_EXPECT_LINE(bob, ":test.example 341 bob carol #a");
    IRC_EXPECT_FROM(carol, "bob", "INVITE carol #a");
    change_mode(alice, "+i");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +i");
    irc_send(bob, "INVITE carol #a");
    PEER_EXPECT_LINE(bob, ":test.example 482 bob #a :You're not a channel operator");
    IRC_EXPECT_NOTHING(carol);
    IRC_EXPECT_NOTHING(alice);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void who_is_invited_may_be_away(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "batch labeled-response");
    struct peer *bob = irc_join(daemon, "bob", NULL);

    go_into(alice, "#a");
    irc_send(alice, "@label=1 INVITE bob #a");
    PEER_EXPECT_LINE(alice, "@label=1 :test.example 341 alice bob #a");
    irc_send(bob, "AWAY :asleep");
    PEER_SKIP_TO(bob, ".* 306 .*");
    irc_send(alice, "INVITE bob #a");
    PEER_EXPECT_LINE(alice, ":test.example 341 alice bob #a");
    PEER_EXPECT_LINE(alice, ":test.example 301 alice bob :asleep");
    irc_send(alice, "@label=2 INVITE bob #a");
    PEER_EXPECT_LINE(alice, "@label=2 :test.example BATCH +1 labeled-response");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 341 alice bob #a");
    PEER_EXPECT_LINE(alice, "@batch=1 :test.example 301 alice bob :asleep");
    PEER_EXPECT_LINE(alice, ":test.example BATCH -1");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_hear_of_invitations_if_they_want_to(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "invite-notify");
    struct peer *bob = irc_join(daemon, "bob", "invite-notify");
    struct peer *carol = irc_join(daemon, "carol", "invite-notify");
    struct peer *dave = irc_join(daemon, "dave", NULL);
    struct peer *eve = irc_join(daemon, "eve", NULL);

    go_into(alice, "#a");
    go_into(bob, "#a");
    go_into(carol, "#a");
    go_into(dave, "#a");
    quiet(alice);
    change_mode(alice, "+oo bob dave");
    PEER_SKIP_TO(carol, ".* MODE #a \\+oo bob dave");
    PEER_SKIP_TO(dave, ".* MODE #a \\+oo bob dave");
    PEER_SKIP_TO(bob, ".* MODE #a \\+oo bob dave");
    irc_send(bob, "INVITE eve #a");
    PEER_EXPECT_LINE(bob, ":test.example 341 bob eve #a");
    IRC_EXPECT_FROM(alice, "bob", "INVITE eve #a");
    IRC_EXPECT_FROM(eve, "bob", "INVITE eve #a");
    IRC_EXPECT_NOTHING(alice);
    IRC_EXPECT_NOTHING(bob);
    IRC_EXPECT_NOTHING(carol);
    IRC_EXPECT_NOTHING(dave);
    peer_close(eve);
    peer_close(dave);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_knock_reaches_the_operators(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join_channel(daemon, "alice", "#a");
    struct peer *bob = irc_join_channel(daemon, "bob", "#a");
    struct peer *carol = irc_join(daemon, "carol", NULL);
    struct peer *dave = irc_join(daemon, "dave", NULL);

    quiet(alice);
    irc_send(carol, "KNOCK #a");
    PEER_EXPECT_LINE(carol, ":test.example 713 carol #a :Channel is open");
    change_mode(alice, "+i");
    IRC_EXPECT_FROM(bob, "alice", "MODE #a +i");
    irc_send(carol, "KNOCK #A :let me in");
    PEER_EXPECT_LINE(carol, ":test.example 711 carol #A :Your KNOCK has been delivered");
    PEER_EXPECT_MATCH(alice, ":test\\.example 710 #a #a carol!~carol@[^ ]+ "
                             ":has asked for an invite: let me in");
    IRC_EXPECT_NOTHING(bob);
    irc_send(carol, "KNOCK #a");
    PEER_EXPECT_LINE(carol, ":test.example 712 carol #a :Too many KNOCKs (user)");
    irc_send(dave, "KNOCK #a");
    PEER_EXPECT_LINE(dave, ":test.example 712 dave #a :Too many KNOCKs (channel)");
    IRC_EXPECT_NOTHING(alice);
    irc_send(bob, "KNOCK #a");
    PEER_EXPECT_LINE(bob, ":test.example 714 bob #a :You are already on that channel");
    irc_send(dave, "KNOCK #none");
    PEER_EXPECT_LINE(dave, ":test.example 403 dave #none :No such channel");
    irc_send(dave, "KNOCK");
    PEER_EXPECT_LINE(dave, ":test.example 461 dave KNOCK :Not enough parameters");
    change_mode(alice, "+b dave");
    irc_send(dave, "KNOCK #a");
    PEER_EXPECT_LINE(dave, ":test.example 404 dave #a :Cannot send to channel");
    peer_close(dave);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_knock_has_the_tags_that_one_takes(void)
{
    struct daemon *daemon = IRC_START("");
    struct peer *alice = irc_join(daemon, "alice", "message-tags server-time");
    struct peer *carol = irc_join(daemon, "carol", NULL);

    go_into(alice, "#a");
    irc_send(alice, "MODE #a +i");
    PEER_SKIP_TO(alice, ".* MODE #a \\+i");
    irc_send(carol, "KNOCK #a");
    PEER_EXPECT_LINE(carol, ":test.example 711 carol #a :Your KNOCK has been delivered");
    PEER_EXPECT_MATCH(alice, "@msgid=[0-9a-f]{32};time=[^ ;]*Z :test\\.example 710 #a #a "
                             "carol!~carol@[^ ]+ :has asked for an invite");
    peer_close(carol);
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
        TEST(who_is_invited_may_join_once),
        TEST(not_everybody_may_invite),
        TEST(who_is_invited_may_be_away),
        TEST(operators_hear_of_invitations_if_they_want_to),
        TEST(a_knock_reaches_the_operators),
        TEST(a_knock_has_the_tags_that_one_takes),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_invite", tests);
}
