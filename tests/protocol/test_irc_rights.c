/* SPDX-License-Identifier: MIT */
/* IRC: what operators of a class may do, and what operators are told (mode s). */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"

#define LISTENERS                                                                                  \
    DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n"         \
                  "limits: { flood_rate = 0; };\n"

/* The password is "sesame". */
#define OPER(name, more)                                                                           \
    "{ name = \"" name "\"; password = \"SCRAM-SHA-256$4096:c2FsdA==$"                             \
    "2V0jJ1FNgOtgY2z/"                                                                             \
    "yPm1u1C+iJf8pObzIFevFRkvom0=:CXfSwB1+2FsJZaz0uhRg2fsnNSrJZfy+Kv77jUurHnE=\"; " more "}"

#define CLASSES(rights)                                                                            \
    "oper_classes = ( { name = \"helper\"; rights = ( " rights " ); } );\n"                        \
    "opers = ( " OPER("root", "") ", " OPER("help", "class = \"helper\"; ") ", " OPER(             \
        "far", "from = ( \"192.0.2.0/24\", \"*.example.org\" "                                     \
               "); ") ", " OPER("near", "from = \"127.0.0.0/8\"; ") " )"                           \
                                                                    ";"                            \
                                                                    "\n"

static void become(struct peer *peer, const char *nick, const char *entry)
{
    char expected[100];

    irc_send(peer, "OPER %s sesame", entry);
    snprintf(expected, sizeof expected, "MODE %s :+o", nick);
    IRC_EXPECT_FROM(peer, nick, expected);
    snprintf(expected, sizeof expected, ":test.example 381 %s :You are now an IRC operator", nick);
    PEER_EXPECT_LINE(peer, expected);
}

static void operators_of_a_class_may_do_what_it_says(void)
{
    struct daemon *daemon = DAEMON_START(LISTENERS CLASSES("\"kill\""), 2);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    become(alice, "alice", "help");
    irc_send(alice, "WHOIS alice");
    PEER_SKIP_TO(alice, ":test\\.example 313 alice alice :is an IRC operator \\(helper\\)");
    PEER_SKIP_TO(alice, ".* 318 .*");
    irc_send(alice, "WALLOPS :hello");
    PEER_EXPECT_LINE(alice, ":test.example 723 alice wallops :Insufficient oper privileges");
    irc_send(alice, "REHASH");
    PEER_EXPECT_LINE(alice, ":test.example 723 alice rehash :Insufficient oper privileges");
    irc_send(alice, "MODE alice +s");
    PEER_EXPECT_LINE(alice, ":test.example 723 alice notices :Insufficient oper privileges");
    irc_send(bob, "MODE bob +s");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :Permission Denied- You're not an IRC operator");
    irc_send(alice, "KILL bob :bye");
    IRC_EXPECT_FROM(bob, "alice", "KILL bob :bye");
    DAEMON_EXPECT_LOG(daemon, "alice (help) has killed bob");
    IRC_EXPECT_NOTHING(alice);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void operators_come_from_where_their_entry_says(void)
{
    struct daemon *daemon = DAEMON_START(LISTENERS CLASSES("\"kill\""), 2);
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "OPER far sesame");
    PEER_EXPECT_LINE(alice, ":test.example 464 alice :Password incorrect");
    become(alice, "alice", "near");
    irc_send(alice, "WHOIS alice");
    PEER_SKIP_TO(alice, ":test\\.example 313 alice alice :is an IRC operator");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void where_no_entry_is_for_nobody_becomes_operator(void)
{
    struct daemon *daemon =
        DAEMON_START(LISTENERS "opers = ( " OPER("far", "from = \"192.0.2.0/24\"; ") " );\n", 2);
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "OPER far sesame");
    PEER_EXPECT_LINE(alice, ":test.example 491 alice :No operators are allowed from your host");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_reload_changes_what_operators_may_do(void)
{
    struct daemon *daemon = DAEMON_START(LISTENERS CLASSES("\"kill\", \"notices\""), 2);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);

    become(alice, "alice", "help");
    become(bob, "bob", "near");
    irc_send(alice, "MODE alice +s +k");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+s");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +k :Server notice mask");
    daemon_configure(daemon, LISTENERS
                     "oper_classes = ( { name = \"other\"; rights = ( \"wallops\" ); } );\n"
                     "opers = ( " OPER("help", "class = \"other\"; ") " );\n");
    daemon_signal(daemon, SIGHUP);
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-s");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :-o");
    DAEMON_EXPECT_LOG(daemon, "bob (near) is no longer an operator of the server");
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    irc_send(alice, "KILL bob");
    PEER_EXPECT_LINE(alice, ":test.example 723 alice kill :Insufficient oper privileges");
    irc_send(alice, "WALLOPS :hello");
    irc_send(alice, "WHOIS alice");
    PEER_SKIP_TO(alice, ":test\\.example 313 alice alice :is an IRC operator \\(other\\)");
    irc_send(bob, "KILL alice");
    PEER_EXPECT_LINE(bob, ":test.example 481 bob :Permission Denied- You're not an IRC operator");
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

static void a_right_that_is_not_there_is_an_error(void)
{
    struct daemon *daemon = DAEMON_START(LISTENERS CLASSES("\"kill\""), 2);

    daemon_configure(daemon, LISTENERS CLASSES("\"kill\", \"fly\""));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "oper_classes[\"helper\"].rights: there is no right \"fly\"");
    DAEMON_EXPECT_LOG(daemon, "the configuration stays as it was");
    DAEMON_STOP(daemon);
}

/* Alice is told of tom's coming, no longer asks who goes, and hears nothing of that. */
static void who_leaves_unasked_for_is_not_told(struct daemon *daemon, struct peer *alice,
                                               struct peer *root)
{
    struct peer *talker = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    PEER_SEND_TEXT(talker, "tom\n");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :\\*\\*\\* Client connecting: tom "
                             "\\(~tom@" HOST "\\) \\[127\\.0\\.0\\.1\\] \\{talk\\} \\[tom\\]");
    irc_send(alice, "MODE alice -s cq");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +Fdfknors :Server notice mask");
    irc_send(root, "MONITOR + tom");
    PEER_EXPECT_MATCH(root, ":test\\.example 730 root :tom!~tom@" HOST);
    peer_close(talker);
    PEER_EXPECT_LINE(root, ":test.example 731 root :tom"); /* and alice is not told */
}

static void operators_are_told_what_they_ask_for(void)
{
    struct daemon *daemon = DAEMON_START(LISTENERS CLASSES("\"all\""), 2);
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *root = irc_join(daemon, "root", NULL);
    struct peer *bob;

    become(alice, "alice", "help");
    become(root, "root", "root");
    irc_send(alice, "MODE alice +s");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+s");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +Fdfkorsx :Server notice mask");
    irc_send(alice, "MODE alice +s +cqn-x");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +Fcdfknoqrs :Server notice mask");
    irc_send(alice, "MODE alice");
    PEER_EXPECT_LINE(alice, ":test.example 221 alice +os");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +Fcdfknoqrs :Server notice mask");
    irc_send(alice, "MODE alice +s Z");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +Fcdfknoqrs :Server notice mask");
    PEER_EXPECT_LINE(alice, ":test.example 501 alice :Unknown MODE flag");

    bob = irc_join(daemon, "bob", NULL);
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :\\*\\*\\* Client connecting: bob "
                             "\\(~bob@" HOST "\\) \\[127\\.0\\.0\\.1\\] \\{irc\\} \\[Real bob\\]");
    irc_send(bob, "NICK robert");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :\\*\\*\\* Nick change: from bob to "
                             "robert \\[~bob@" HOST "\\]");
    irc_send(bob, "OPER root wrong");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :\\*\\*\\* robert \\(~bob@" HOST
                             "\\) \\[127\\.0\\.0\\.1\\] has failed to become operator");
    irc_send(root, "KILL robert :spam");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :\\*\\*\\* root \\(root\\) has killed "
                             "robert \\(~bob@" HOST "\\): spam");
    PEER_EXPECT_MATCH(alice, ":test\\.example NOTICE alice :\\*\\*\\* Client exiting: robert "
                             "\\(~bob@" HOST "\\) \\[Killed \\(root \\(spam\\)\\)\\]");
    irc_send(root, "REHASH");
    PEER_EXPECT_LINE(alice, ":test.example NOTICE alice :*** root (root) has the configuration "
                            "read again");
    PEER_EXPECT_LINE(root, ":test.example 382 root paceline.conf :Rehashing");
    who_leaves_unasked_for_is_not_told(daemon, alice, root);
    irc_send(alice, "MODE alice -s");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-s");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice + :Server notice mask");
    irc_send(root, "NICK other");
    IRC_EXPECT_FROM(root, "root", "NICK :other");
    IRC_EXPECT_NOTHING(alice);
    irc_send(alice, "MODE alice +s *");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+s");
    PEER_EXPECT_LINE(alice, ":test.example 008 alice +Fcdfknoqrsx :Server notice mask");
    irc_send(alice, "MODE alice -o");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :-os");
    IRC_EXPECT_NOTHING(root);
    peer_close(bob);
    peer_close(root);
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
        TEST(operators_of_a_class_may_do_what_it_says),
        TEST(operators_come_from_where_their_entry_says),
        TEST(where_no_entry_is_for_nobody_becomes_operator),
        TEST(a_reload_changes_what_operators_may_do),
        TEST(a_right_that_is_not_there_is_an_error),
        TEST(operators_are_told_what_they_ask_for),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_rights", tests);
}
