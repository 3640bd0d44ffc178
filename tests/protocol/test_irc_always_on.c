/* SPDX-License-Identifier: MIT */
/* IRC: an account that stays in the chat while no client of it is there. */
#include "config.h"

#include "base/clock.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_home.h"

#include <stdio.h>

#define LIMITS      "limits: { flood_rate = 0; };\n"
#define QUICK       LIMITS "accounts: { iterations = 4096; };\n"
#define ALWAYS(how) LIMITS "accounts: { iterations = 4096; always_on = \"" how "\"; };\n"

#define ALICE ":alice![^ ]*@[^ ]* "

static void wish(struct peer *alice, const char *what, const char *answer)
{
    char text[200];

    irc_send(alice, "NS SET %s", what);
    snprintf(text, sizeof text, ":NickServ!.* NOTICE alice :%s\\.", answer);
    PEER_SKIP_TO(alice, text);
}

static void stay(struct peer *alice)
{
    wish(alice, "ALWAYS-ON on", "Staying without a client: on");
}

static void in_channel(struct peer *peer, const char *channel)
{
    irc_send(peer, "JOIN %s", channel);
    PEER_SKIP_TO(peer, ".* 366 .*");
}

static void hang_up(struct peer *peer)
{
    irc_send(peer, "QUIT :gone");
    PEER_SKIP_TO(peer, "ERROR .*");
    PEER_DRAIN(peer);
    peer_close(peer);
}

/* bob is told who is away, and is in #a, where alice, who wants to stay, is an operator. */
static void begin(struct home *home, const char *settings, struct peer **alice, struct peer **bob)
{
    home_begin(home, settings);
    *alice = home_come(home, "alice", "");
    stay(*alice);
    in_channel(*alice, "#a");
    in_channel(*alice, "#b");
    *bob = irc_join(home->daemon, "bob", "away-notify");
    in_channel(*bob, "#a");
    PEER_SKIP_TO(*alice, ".*bob.* JOIN #a");
}

static void who_wants_to_stay_does(void)
{
    struct peer *alice, *bob;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    irc_send(alice, "MODE alice +i");
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    irc_send(bob, "NAMES #a\r\nPRIVMSG alice :are you there?");
    PEER_EXPECT_MATCH(bob, ":test\\.example 353 bob = #a :@alice bob");
    PEER_EXPECT_MATCH(bob, ":test\\.example 366 .*");
    PEER_EXPECT_LINE(bob, ":test.example 301 bob alice :Not connected");
    /* And again, whatever it is called: then it is no longer away. */
    alice = home_log_in(&home, "phone", "");
    PEER_SKIP_TO(alice, ":test\\.example 001 alice :.*");
    PEER_SKIP_TO(alice, ":test\\.example 422 .*");
    PEER_EXPECT_MATCH(alice, ALICE "MODE alice :\\+i");
    PEER_EXPECT_MATCH(alice, ALICE "JOIN #a");
    PEER_EXPECT_MATCH(alice, ALICE "JOIN #b");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #a :@alice bob");
    PEER_EXPECT_MATCH(alice, ":test\\.example 366 alice #a .*");
    PEER_EXPECT_MATCH(bob, ALICE "AWAY");
    irc_send(alice, "PRIVMSG bob :yes");
    PEER_EXPECT_MATCH(bob, ALICE "PRIVMSG bob :yes");
    peer_close(bob);
    peer_close(alice);
    home_end(&home);
}

static void who_does_not_want_to_quits(void)
{
    struct peer *alice, *bob;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    wish(alice, "ALWAYS-ON off", "Staying without a client: off");
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "QUIT :Quit: gone");
    peer_close(bob);
    home_end(&home);
}

static void who_says_so_is_away_for_a_reason_of_their_own(void)
{
    struct peer *alice, *bob;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    irc_send(alice, "AWAY :on holiday");
    PEER_SKIP_TO(bob, ALICE "AWAY :on holiday");
    hang_up(alice);
    alice = home_log_in(&home, "alice", "");
    PEER_SKIP_TO(alice, ":test\\.example 306 alice .*");
    irc_send(bob, "PRIVMSG alice :hello");
    PEER_EXPECT_LINE(bob, ":test.example 301 bob alice :on holiday");
    irc_send(alice, "AWAY");
    PEER_SKIP_TO(alice, ":test\\.example 305 .*");
    PEER_EXPECT_MATCH(bob, ALICE "AWAY");
    wish(alice, "AUTOAWAY off", "Being away without a client: off");
    hang_up(alice);
    irc_send(bob, "PRIVMSG alice :hello\r\nPING x");
    PEER_EXPECT_LINE(bob, ":test.example PONG test.example :x");
    peer_close(bob);
    home_end(&home);
}

/* What was there: nickname, host, real name, modes, channels with prefixes, why it is away. */
static void restart(bool killed)
{
    struct peer *alice, *bob;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    irc_send(alice, "NICK ann\r\nMODE ann +w\r\nAWAY :on holiday\r\nPART #b\r\nJOIN #c\r\n"
                    "MODE #a +v bob\r\nPING x");
    PEER_SKIP_TO(alice, ".* PONG .*");
    if (killed) {
        HOME_WAIT_KEPT(&home, "\"key\":\"nick\",\"value\":\"ann\"");
        HOME_WAIT_KEPT(&home, "\"key\":\"away\",\"value\":\"on holiday\"");
        HOME_WAIT_KEPT(&home,
                       "\"key\":\"modes\",\"value\":\"\",\"kind\":\"presence\",\"number\":4");
        HOME_WAIT_KEPT(&home, "\"key\":\"#c\",\"value\":\"#c\",\"kind\":\"channel\"");
        HOME_WAIT_GONE(&home, "\"key\":\"#b\"");
    }
    home_restart(&home, killed);
    peer_close(alice);
    peer_close(bob);
    bob = irc_join(home.daemon, "bob", "");
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ":test\\.example 353 bob = #a :@ann bob");
    irc_send(bob, "WHOIS ann\r\nWHO ann");
    PEER_SKIP_TO(bob, ":test\\.example 311 bob ann ~alice [^ ]+ \\* :alice");
    PEER_SKIP_TO(bob, ":test\\.example 301 bob ann :on holiday");
    PEER_SKIP_TO(bob, ":test\\.example 330 bob ann alice .*");
    PEER_SKIP_TO(bob, ":test\\.example 352 bob .* ann G.*");
    alice = home_log_in(&home, "alice", "");
    PEER_SKIP_TO(alice, ":test\\.example 001 ann :.*");
    PEER_SKIP_TO(alice, ":test\\.example 422 .*");
    PEER_EXPECT_MATCH(alice, ":ann!.* MODE ann :\\+w");
    PEER_EXPECT_MATCH(alice, ":ann!.* JOIN #[ac]");
    PEER_EXPECT_MATCH(alice, ":ann!.* JOIN #[ac]");
    PEER_EXPECT_LINE(alice, ":test.example 306 ann :You have been marked as being away");
    irc_send(alice, "MODE #a +m");
    PEER_SKIP_TO(bob, ":ann!.* MODE #a :?\\+m");
    peer_close(bob);
    peer_close(alice);
    home_end(&home);
}

static void it_outlives_a_restart(void)
{
    restart(false);
}

static void it_outlives_the_server_being_killed(void)
{
    restart(true);
}

/* bob says so in #a, and carol, who has an account, to alice. */
static void say_meanwhile(struct peer *bob, struct peer *carol, const char *what)
{
    irc_send(bob, "PRIVMSG #a :%s 1\r\nPRIVMSG #a :%s 2\r\nPING %s", what, what, what);
    PEER_SKIP_TO(bob, ":test\\.example PONG .*");
    irc_send(carol, "PRIVMSG alice :%s 3\r\nPING %s", what, what);
    PEER_SKIP_TO(carol, ":test\\.example PONG .*");
}

/* It was said when alice was not there: the time stands before it. */
#define EXPECT_MISSED(peer, source, number)                                                        \
    PEER_EXPECT_MATCH(peer, source " :\\[20[^]]*\\] missed " number)

static void await_next_millisecond(void)
{
    uint64_t now = pli_clock_wall_ms();

    while (pli_clock_wall_ms() == now)
        continue;
}

/* What was said before they went is not repeated, and what is said later is said as ever. */
static void who_comes_back_is_shown_what_was_missed(void)
{
    struct peer *alice, *bob, *carol, *phone;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    carol = irc_join(home.daemon, "carol", NULL);
    irc_send(carol, "NS REGISTER " HOME_PASSWORD);
    PEER_SKIP_TO(carol, ".* NOTICE carol :Account created.*");
    say_meanwhile(bob, carol, "before");
    PEER_SKIP_TO(alice, ":carol!.* PRIVMSG alice :before 3");
    await_next_millisecond(); /* what is said in that in which she goes might be repeated */
    hang_up(alice);
    PEER_SKIP_TO(bob, ALICE "AWAY :Not connected");
    say_meanwhile(bob, carol, "missed");
    alice = home_log_in(&home, "alice", "");
    PEER_SKIP_TO(alice, ":test\\.example 366 alice #a .*");
    PEER_SKIP_TO(alice, ":test\\.example 366 alice #b .*");
    EXPECT_MISSED(alice, ":bob!.* PRIVMSG #a", "1");
    EXPECT_MISSED(alice, ":bob!.* PRIVMSG #a", "2");
    EXPECT_MISSED(alice, ":carol!.* PRIVMSG alice", "3");
    phone = home_log_in(&home, "alice", ""); /* it has missed nothing: another one was there */
    PEER_SKIP_TO(phone, ":test\\.example 366 alice #b .*");
    irc_send(bob, "PRIVMSG #a :later");
    PEER_EXPECT_MATCH(alice, ":bob!.* PRIVMSG #a :later");
    PEER_EXPECT_MATCH(phone, ":bob!.* PRIVMSG #a :later");
    peer_close(phone);
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    home_end(&home);
}

/* Who asks for it by themselves is shown nothing. */
static void who_can_ask_for_what_was_missed_does(void)
{
    struct peer *alice, *bob, *carol;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    carol = irc_join(home.daemon, "carol", NULL);
    hang_up(alice);
    PEER_SKIP_TO(bob, ALICE "AWAY :Not connected");
    say_meanwhile(bob, carol, "missed");
    alice = home_log_in(&home, "alice", "draft/chathistory");
    PEER_SKIP_TO(alice, ":test\\.example 366 alice #b .*");
    irc_send(alice, "CHATHISTORY LATEST #a * 1");
    PEER_EXPECT_MATCH(alice, ":bob!.* PRIVMSG #a :missed 2");
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    home_end(&home);
}

static void it_ends_when_the_user_is_ended(void)
{
    struct peer *alice, *bob, *root;
    struct home home;

    begin(&home, QUICK IRC_OPERS, &alice, &bob);
    root = irc_join(home.daemon, "root", NULL);
    IRC_BECOME_OPERATOR(root, "root");
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    irc_send(root, "KILL alice :enough");
    PEER_EXPECT_MATCH(bob, ALICE "QUIT :.*enough.*");
    HOME_WAIT_GONE(&home, "\"nick\"");
    HOME_WAIT_GONE(&home, "\"#a\"");
    home_restart(&home, false);
    peer_close(root);
    peer_close(bob);
    bob = irc_join(home.daemon, "bob", NULL);
    IRC_ASK(bob, "ISON alice", "303 bob :");
    peer_close(bob);
    home_end(&home);
}

static void it_ends_when_others_may_not_stay(void)
{
    struct peer *alice, *bob;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    home.settings = ALWAYS("disabled");
    home_restart(&home, false);
    peer_close(bob);
    bob = irc_join(home.daemon, "bob", NULL);
    IRC_ASK(bob, "ISON alice", "303 bob :");
    HOME_WAIT_GONE(&home, "\"nick\"");
    peer_close(bob);
    home_end(&home);
}

static void it_ends_with_the_account(void)
{
    struct peer *alice, *bob, *other;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    other = irc_join(home.daemon, "other", NULL);
    irc_send(other, "NS IDENTIFY alice :" HOME_PASSWORD);
    PEER_SKIP_TO(other, ":test\\.example 900 .*");
    irc_send(other, "NS DROP :" HOME_PASSWORD);
    PEER_EXPECT_MATCH(bob, ALICE "QUIT :There is no such account any more");
    peer_close(other);
    peer_close(bob);
    home_end(&home);
}

static void who_would_stay_may_be_ended_by_their_owner(void)
{
    struct peer *alice, *bob, *other;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    other = irc_join(home.daemon, "other", NULL);
    irc_send(other, "NS IDENTIFY alice :" HOME_PASSWORD);
    PEER_SKIP_TO(other, ":test\\.example 900 .*");
    irc_send(other, "NS REGAIN alice");
    PEER_EXPECT_MATCH(bob, ALICE "QUIT :.*");
    PEER_SKIP_TO(other, ":other!.* NICK :alice");
    peer_close(other);
    peer_close(bob);
    home_end(&home);
}

static void everybody_stays_where_that_is_so(void)
{
    struct peer *alice, *bob;
    struct home home;

    home_begin(&home, ALWAYS("mandatory"));
    bob = irc_join(home.daemon, "bob", "away-notify");
    in_channel(bob, "#a");
    alice = home_come(&home, "alice", "");
    in_channel(alice, "#a");
    wish(alice, "ALWAYS-ON off", "Staying without a client: off");
    hang_up(alice);
    PEER_SKIP_TO(bob, ALICE "AWAY :Not connected");
    peer_close(bob);
    home_end(&home);
}

static void nobody_stays_where_that_is_not_wanted(void)
{
    struct peer *alice, *bob;
    struct home home;

    home_begin(&home, ALWAYS("disabled"));
    bob = irc_join(home.daemon, "bob", "away-notify");
    in_channel(bob, "#a");
    alice = home_come(&home, "alice", "");
    in_channel(alice, "#a");
    stay(alice);
    PEER_SKIP_TO(alice, ":NickServ!.* NOTICE alice :But that does not hold: .*");
    hang_up(alice);
    PEER_SKIP_TO(bob, ALICE "QUIT :Quit: gone");
    peer_close(bob);
    home_end(&home);
}

static void who_stays_is_no_operator(void)
{
    struct peer *alice, *bob;
    struct home home;

    begin(&home, QUICK IRC_OPERS, &alice, &bob);
    IRC_BECOME_OPERATOR(alice, "alice");
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    alice = home_come(&home, "alice", "");
    PEER_SKIP_TO(alice, ".* JOIN #b");
    irc_send(alice, "KILL bob :no");
    PEER_SKIP_TO(alice, ":test\\.example 481 alice .*");
    peer_close(bob);
    peer_close(alice);
    home_end(&home);
}

/* A person on nc comes back as the one who has stayed. */
static void who_talks_becomes_who_has_stayed(void)
{
    struct peer *alice, *bob, *nc;
    struct home home;

    begin(&home, QUICK, &alice, &bob);
    hang_up(alice);
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    nc = PEER_CONNECT(DAEMON_PORT(home.daemon, "talk", 0));
    PEER_SEND_TEXT(nc, "visitor\n/login alice\n" HOME_PASSWORD "\n");
    PEER_SKIP_TO(nc, ".* you are now called alice");
    PEER_EXPECT_MATCH(nc, ".* you have joined #a");
    PEER_EXPECT_MATCH(nc, ".* you have joined #b");
    PEER_EXPECT_LINE(nc, "You are logged in as alice, who is here already.");
    PEER_EXPECT_MATCH(bob, ALICE "AWAY");
    PEER_SEND_TEXT(nc, "/join #a\nhello\n/quit\n");
    PEER_EXPECT_MATCH(bob, ALICE "PRIVMSG #a :hello");
    PEER_EXPECT_MATCH(bob, ALICE "AWAY :Not connected");
    peer_close(nc);
    peer_close(bob);
    home_end(&home);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"who wants to stay does", who_wants_to_stay_does},
        {"who does not want to quits", who_does_not_want_to_quits},
        {"who says so is away for a reason of their own",
         who_says_so_is_away_for_a_reason_of_their_own},
        {"it outlives a restart", it_outlives_a_restart},
        {"it outlives the server being killed", it_outlives_the_server_being_killed},
        {"who comes back is shown what was missed", who_comes_back_is_shown_what_was_missed},
        {"who can ask for what was missed does", who_can_ask_for_what_was_missed_does},
        {"it ends when the user is ended", it_ends_when_the_user_is_ended},
        {"it ends when others may not stay", it_ends_when_others_may_not_stay},
        {"it ends with the account", it_ends_with_the_account},
        {"who would stay may be ended by their owner", who_would_stay_may_be_ended_by_their_owner},
        {"everybody stays where that is so", everybody_stays_where_that_is_so},
        {"nobody stays where that is not wanted", nobody_stays_where_that_is_not_wanted},
        {"who stays is no operator", who_stays_is_no_operator},
        {"who talks becomes who has stayed", who_talks_becomes_who_has_stayed},
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc: always on", tests);
}
