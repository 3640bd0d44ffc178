/* SPDX-License-Identifier: MIT */
/* IRC: what is kept of an account over a restart, and shared by all who are logged in to it. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_home.h"

#include <stdio.h>

#define QUICK                                                                                      \
    "limits: { flood_rate = 0; metadata_rate = 0; };\n"                                            \
    "accounts: { iterations = 4096; };\n"
#define STAMP "timestamp=2019-01-04T14:33:26.123Z"
#define KEPT(kind, key, value, number)                                                             \
    "\"account\":\"alice\",\"key\":\"" key "\",\"value\":\"" value "\",\"kind\":\"" kind           \
    "\",\"number\":" number

static void restart_with_markers(bool killed)
{
    struct peer *alice;
    struct home home;

    home_begin(&home, QUICK);
    alice = home_come(&home, "alice", "draft/read-marker");
    IRC_ASK(alice, "MARKREAD #A " STAMP, "MARKREAD #A " STAMP);
    IRC_ASK(alice, "MARKREAD bob timestamp=2019-01-04T14:33:26.001Z",
            "MARKREAD bob timestamp=2019-01-04T14:33:26.001Z");
    IRC_ASK(alice, "MARKREAD bob " STAMP, "MARKREAD bob " STAMP);
    if (killed) {
        HOME_WAIT_KEPT(&home, KEPT("marker", "#a", "", "1546612406123"));
        HOME_WAIT_KEPT(&home, KEPT("marker", "bob", "", "1546612406123"));
    }
    home_restart(&home, killed);
    peer_close(alice);
    alice = home_come(&home, "alice", "draft/read-marker");
    IRC_ASK(alice, "MARKREAD #a", "MARKREAD #a " STAMP);
    IRC_ASK(alice, "MARKREAD bob", "MARKREAD bob " STAMP);
    irc_send(alice, "JOIN #a");
    PEER_SKIP_TO(alice, ".* JOIN #a");
    PEER_EXPECT_LINE(alice, ":test.example MARKREAD #a " STAMP);
    peer_close(alice);
    home_end(&home);
}

static void markers_outlive_a_restart(void)
{
    restart_with_markers(false);
}

static void markers_outlive_the_server_being_killed(void)
{
    restart_with_markers(true);
}

/* What alice's client has set as a stranger is the account's as soon as it logs in. */
static void markers_are_shared_by_all_who_are_logged_in(void)
{
    struct peer *alice, *other;
    struct home home;

    home_begin(&home, QUICK);
    alice = home_come(&home, "alice", "draft/read-marker");
    other = irc_join(home.daemon, "other", "draft/read-marker");
    IRC_ASK(alice, "MARKREAD #b " STAMP, "MARKREAD #b " STAMP);
    IRC_ASK(other, "MARKREAD #a " STAMP, "MARKREAD #a " STAMP);
    irc_send(other, "NS IDENTIFY alice :" HOME_PASSWORD);
    PEER_SKIP_TO(other, ":test\\.example 900 other .*");
    PEER_SKIP_TO(other, ":NickServ!.*");
    IRC_ASK(other, "MARKREAD #b", "MARKREAD #b " STAMP);
    IRC_ASK(alice, "MARKREAD #a", "MARKREAD #a " STAMP);
    irc_send(alice, "MARKREAD #a timestamp=2020-02-29T00:00:00.000Z");
    PEER_EXPECT_LINE(other, ":test.example MARKREAD #a timestamp=2020-02-29T00:00:00.000Z");
    irc_send(other, "NS LOGOUT");
    PEER_SKIP_TO(other, ":test\\.example 901 other .*");
    PEER_SKIP_TO(other, ":NickServ!.*");
    IRC_ASK(other, "MARKREAD #a", "MARKREAD #a *");
    peer_close(other);
    peer_close(alice);
    home_end(&home);
}

static void metadata_outlives_a_restart(void)
{
    struct peer *alice, *bob;
    struct home home;

    home_begin(&home, QUICK);
    alice = home_come(&home, "alice", "batch draft/metadata-3");
    irc_send(alice, "METADATA * SET url :one\r\nMETADATA * SET url :two three\r\n"
                    "METADATA * SET color :red\r\nMETADATA * SET color");
    PEER_SKIP_TO(alice, ".* 766 .* color .*");
    HOME_WAIT_KEPT(&home, KEPT("metadata", "url", "two three", "0"));
    HOME_WAIT_GONE(&home, "\"color\"");
    home_restart(&home, true);
    peer_close(alice);
    bob = irc_join(home.daemon, "bob", "batch draft/metadata-3");
    IRC_ASK(bob, "METADATA * SUB url", "770 bob url");
    irc_send(bob, "MONITOR + alice");
    PEER_SKIP_TO(bob, ":test\\.example 731 bob :alice");
    alice = home_come(&home, "alice", "");
    PEER_SKIP_TO(bob, ":test\\.example 730 bob :alice!.*");
    PEER_EXPECT_LINE(bob, ":test.example 774 bob alice 0 :Try again later");
    irc_send(bob, "METADATA alice GET url");
    PEER_SKIP_TO(bob, "@batch=[0-9]+ :test\\.example 761 bob alice url \\* :two three");
    peer_close(alice);
    peer_close(bob);
    home_end(&home);
}

static void metadata_is_seen_to_come_and_go_with_the_account(void)
{
    struct peer *alice, *bob, *other;
    struct home home;

    home_begin(&home, QUICK);
    alice = home_come(&home, "alice", "batch draft/metadata-3");
    irc_send(alice, "METADATA * SET url :mine");
    PEER_SKIP_TO(alice, ".* 761 .*");
    bob = irc_join(home.daemon, "bob", "batch draft/metadata-3");
    irc_send(bob, "METADATA * SUB url color\r\nJOIN #a\r\nMONITOR + alice");
    PEER_SKIP_TO(bob, ":test\\.example 730 .*");
    other = irc_join(home.daemon, "other", "batch draft/metadata-3");
    irc_send(other, "JOIN #a\r\nMETADATA * SET color :blue\r\nMETADATA * SET url :old");
    PEER_SKIP_TO(bob, ":test\\.example 761 bob other url \\* :old");
    irc_send(other, "NS IDENTIFY alice :" HOME_PASSWORD);
    PEER_SKIP_TO(bob, ":test\\.example 761 bob alice color \\* :blue");
    PEER_EXPECT_LINE(bob, ":test.example 761 bob other url * :mine");
    irc_send(other, "NS LOGOUT");
    PEER_SKIP_TO(bob, ":test\\.example 766 bob other url :Key not set");
    peer_close(other);
    peer_close(bob);
    peer_close(alice);
    home_end(&home);
}

static void all_of_it_goes_with_the_account(void)
{
    struct peer *alice;
    struct home home;

    home_begin(&home, QUICK);
    alice = home_come(&home, "alice", "draft/read-marker");
    IRC_ASK(alice, "MARKREAD #a " STAMP, "MARKREAD #a " STAMP);
    HOME_WAIT_KEPT(&home, "\"#a\"");
    irc_send(alice, "NS DROP :" HOME_PASSWORD);
    PEER_SKIP_TO(alice, ":test\\.example 901 .*");
    HOME_WAIT_GONE(&home, "\"#a\"");
    irc_send(alice, "REGISTER * * :" HOME_PASSWORD);
    PEER_SKIP_TO(alice, ":test\\.example 900 .*");
    IRC_ASK(alice, "MARKREAD #a", "MARKREAD #a *");
    peer_close(alice);
    home_end(&home);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"markers outlive a restart", markers_outlive_a_restart},
        {"markers outlive the server being killed", markers_outlive_the_server_being_killed},
        {"markers are shared by all who are logged in",
         markers_are_shared_by_all_who_are_logged_in},
        {"metadata outlives a restart", metadata_outlives_a_restart},
        {"metadata is seen to come and go with the account",
         metadata_is_seen_to_come_and_go_with_the_account},
        {"all of it goes with the account", all_of_it_goes_with_the_account},
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc: what is kept of accounts", tests);
}
