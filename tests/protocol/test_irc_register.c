/* SPDX-License-Identifier: MIT */
/* REGISTER and VERIFY (IRCv3 draft/account-registration). */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/lib/unit.h"
#include "tests/protocol/irc_peers.h"
#include "tests/protocol/irc_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FREE_OF_FLOODS "limits: { flood_rate = 0; };\n"
#define ACCOUNTS(more) FREE_OF_FLOODS "accounts: { iterations = 4096; " more " };\n"

/* REGISTER has succeeded for NICK. */
#define EXPECT_SUCCESS(peer, command, nick, account, text)                                         \
    do {                                                                                           \
        PEER_EXPECT_LINE(peer, ":test.example " command " SUCCESS " account " :" text);            \
        PEER_EXPECT_MATCH(peer, ":test\\.example 900 " nick " " nick "!~" nick "@[^ ]* " account   \
                                " :You are now logged in as " account);                            \
    } while (0)

static void the_capability_says_how(void)
{
    static const char *const settings[][2] = {
        {ACCOUNTS(""), "draft/account-registration=before-connect,custom-account-name"},
        {ACCOUNTS("before_connect = false; custom_account_name = false;"),
         "draft/account-registration"},
        {ACCOUNTS("email_required = true; mail_command = \"/bin/true\";"),
         "draft/account-registration=before-connect,email-required,custom-account-name"},
    };

    for (size_t i = 0; i < 3; i++) {
        struct daemon *daemon;
        struct peer *peer;
        char configuration[1000];
        char expected[200];

        snprintf(configuration, sizeof(configuration), "%s%s", IRC_ONLY, settings[i][0]);
        daemon = DAEMON_START(configuration, 1);
        peer = IRC_CONNECT(daemon);
        snprintf(expected, sizeof(expected), ":test\\.example CAP \\* LS .*:.*%s( .*)?",
                 settings[i][1]);
        irc_send(peer, "CAP LS 302");
        PEER_EXPECT_MATCH(peer, expected);
        peer_close(peer);
        DAEMON_STOP(daemon);
    }
}

static void an_account_is_made_before_the_registration_and_after_it(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS(""));
    struct peer *alice = IRC_CONNECT(daemon);
    struct peer *bob = irc_join(daemon, "bob", "account-notify extended-join account-tag");

    irc_send(alice, "CAP REQ draft/account-registration");
    PEER_EXPECT_LINE(alice, ":test.example CAP * ACK :draft/account-registration");
    IRC_ASK(alice, "REGISTER * * secret", "FAIL REGISTER NEED_NICK * :Choose a nickname first");
    irc_send(alice, "NICK alice\r\nUSER alice 0 * :Alice\r\nREGISTER * * :secret of mine");
    EXPECT_SUCCESS(alice, "REGISTER", "alice", "alice", "Account created");
    irc_send(alice, "CAP END");
    PEER_SKIP_TO(alice, ":test\\.example 422 .*");
    irc_send(bob, "JOIN #a");
    PEER_SKIP_TO(bob, ":test\\.example 366 .*");
    irc_send(alice, "JOIN #a");
    PEER_EXPECT_MATCH(bob, "@account=alice :alice!.* JOIN #a alice :Alice");
    irc_send(bob, "REGISTER b0b * :secret");
    PEER_EXPECT_LINE(bob, ":test.example REGISTER SUCCESS b0b :Account created");
    IRC_EXPECT_FROM(bob, "bob", "ACCOUNT b0b");
    PEER_EXPECT_MATCH(bob, ":test\\.example 900 bob bob!~bob@[^ ]* b0b :You are now logged in as "
                           "b0b");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

#define ASK_FAIL(peer, sent, answer) IRC_ASK(peer, sent, "FAIL " answer)

static void what_is_wrong_is_told(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS("min_password = 6;"));
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    char password[700];

    ASK_FAIL(alice, "REGISTER * * short", "REGISTER WEAK_PASSWORD * :That password is too short");
    ASK_FAIL(alice, "REGISTER a!b * secret",
             "REGISTER BAD_ACCOUNT_NAME a!b :That cannot be the name of an account");
    ASK_FAIL(alice, "REGISTER NickServ * secret",
             "REGISTER BAD_ACCOUNT_NAME NickServ :Somebody else is called so now");
    ASK_FAIL(alice, "REGISTER bob * secret",
             "REGISTER BAD_ACCOUNT_NAME bob :Somebody else is called so now");
    ASK_FAIL(alice, "REGISTER * nonsense secret",
             "REGISTER INVALID_EMAIL * :That is not an e-mail address that can be used here");
    ASK_FAIL(alice, "VERIFY carol 123", "VERIFY INVALID_CODE carol :There is no such thing");
    IRC_ASK(alice, "REGISTER alice *", "461 alice REGISTER :Not enough parameters");
    memset(password, 'x', sizeof(password));
    password[sizeof(password) - 1] = '\0';
    irc_send(alice, "REGISTER * * %s", password);
    PEER_EXPECT_LINE(alice, ":test.example 417 alice :Input line was too long");
    irc_send(alice, "REGISTER * * secret");
    EXPECT_SUCCESS(alice, "REGISTER", "alice", "alice", "Account created");
    ASK_FAIL(alice, "REGISTER other * secret",
             "REGISTER ALREADY_AUTHENTICATED other :You are logged in already");
    ASK_FAIL(alice, "VERIFY other 123",
             "VERIFY ALREADY_AUTHENTICATED other :You are logged in already");
    irc_send(alice, "NICK al");
    IRC_EXPECT_FROM(alice, "alice", "NICK :al");
    ASK_FAIL(bob, "REGISTER ALICE * secret",
             "REGISTER ACCOUNT_EXISTS ALICE :That is taken already");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void the_settings_say_who_may(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS("before_connect = false; "
                                               "custom_account_name = false;"));
    struct peer *alice = IRC_CONNECT(daemon);

    irc_send(alice, "NICK alice");
    ASK_FAIL(alice, "REGISTER * * secret",
             "REGISTER COMPLETE_CONNECTION_REQUIRED :Take part in the chat first");
    ASK_FAIL(alice, "VERIFY alice 1",
             "VERIFY COMPLETE_CONNECTION_REQUIRED :Take part in the chat first");
    irc_send(alice, "USER alice 0 * :Alice");
    PEER_SKIP_TO(alice, ":test\\.example 422 .*");
    ASK_FAIL(alice, "REGISTER al * secret",
             "REGISTER ACCOUNT_NAME_MUST_BE_NICK al :The account must have the name that you bear "
             "as your nickname");
    irc_send(alice, "REGISTER Alice * secret");
    PEER_EXPECT_MATCH(alice, ":test\\.example REGISTER SUCCESS [Aa]lice :Account created");
    peer_close(alice);
    DAEMON_STOP(daemon);
    daemon = IRC_START(ACCOUNTS("registration = false;"));
    alice = irc_join(daemon, "alice", NULL);
    ASK_FAIL(alice, "REGISTER * * secret",
             "REGISTER DISALLOWED * :Accounts cannot be registered here now");
    IRC_ASK(alice, "CAP REQ draft/account-registration",
            "CAP alice NAK :draft/account-registration");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* Or the one would be a way around the other. */
static void the_servers_password_comes_first(void)
{
    struct daemon *daemon =
        DAEMON_START("server: { name = \"test.example\"; state_dir = \"@DIR@\"; password = \"x\"; "
                     "};\nlisteners = ( " IRC_LISTENER " );\n" FREE_OF_FLOODS,
                     1);
    struct peer *alice = IRC_CONNECT(daemon);

    irc_send(alice, "CAP LS 302");
    PEER_EXPECT_MATCH(alice, ":test\\.example CAP \\* LS .*:.*draft/account-registration="
                             "custom-account-name .*");
    irc_send(alice, "NICK alice");
    PEER_SKIP_TO(alice, ":test\\.example CAP \\* LS :.*");
    ASK_FAIL(alice, "REGISTER * * secret",
             "REGISTER COMPLETE_CONNECTION_REQUIRED :Take part in the chat first");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* -- Mail ----------------------------------------------------------------------------------------- */

/* The code in the mail, which the daemon's mail command has put into its folder. */
static void read_code(struct daemon *daemon, char code[static 64])
{
    FILE *file = fopen(daemon_path(daemon, "mail"), "r");
    char line[1000];
    bool found = false;

    EXPECT(file, "no mail");
    while (!found && fgets(line, sizeof(line), file))
        found = sscanf(line, " /msg NickServ VERIFY alice %63s", code) == 1;
    fclose(file);
    EXPECT(found, "no code in the mail");
}

static void a_code_is_sent_and_taken(void)
{
    struct daemon *daemon =
        IRC_START(ACCOUNTS("email_required = true; mail_command = \"/usr/bin/tee @DIR@/mail\";"));
    struct peer *alice = irc_join(daemon, "alice", NULL);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    char code[64];

    ASK_FAIL(alice, "REGISTER * * secret", "REGISTER INVALID_EMAIL * :An e-mail address is needed");
    IRC_ASK(alice, "REGISTER * alice@example.org secret",
            "REGISTER VERIFICATION_REQUIRED alice :Account created; it is yours once you give the "
            "code that was sent to you");
    read_code(daemon, code);
    ASK_FAIL(alice, "VERIFY alice wrong",
             "VERIFY INVALID_CODE alice :That is not the code that was sent");
    ASK_FAIL(bob, "REGISTER other nobody secret",
             "REGISTER INVALID_EMAIL other :That is not an e-mail address that can be used here");
    irc_send(alice, "WHOIS alice");
    PEER_SKIP_TO(alice, ":test\\.example 312 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example 338 .*"); /* and no 330 */
    PEER_SKIP_TO(alice, ":test\\.example 318 .*");
    irc_send(alice, "VERIFY alice %s", code);
    EXPECT_SUCCESS(alice, "VERIFY", "alice", "alice", "Account verified");
    EXPECT(!strstr(daemon_log(daemon), code), "the log has the code");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

/* -- The store ------------------------------------------------------------------------------------ */

static void nobody_registers_while_the_store_is_away(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS("") IRC_STORE);
    struct peer *alice = IRC_CONNECT(daemon);
    struct peer *bob = irc_join(daemon, "bob", NULL);
    struct sqlite3 *db;

    irc_send(alice, "CAP LS 302\r\nNICK alice\r\nUSER alice 0 * :Alice\r\nCAP END");
    PEER_SKIP_TO(alice, ":test\\.example 422 .*");
    db = irc_store_lock(daemon);
    irc_send(bob, "REGISTER * * secret");
    PEER_EXPECT_MATCH(bob, ":test\\.example FAIL REGISTER TEMPORARILY_UNAVAILABLE \\* :.*");
    ASK_FAIL(bob, "VERIFY bob 1",
             "VERIFY TEMPORARILY_UNAVAILABLE bob :Accounts cannot be used just now; try again "
             "later");
    irc_send(alice, "PING 1");
    PEER_EXPECT_MATCH(alice, ":test\\.example CAP alice DEL :draft/account-registration( sasl)?");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :1");
    IRC_ASK(alice, "CAP REQ :draft/account-registration",
            "CAP alice NAK :draft/account-registration");
    irc_store_unlock(daemon, db);
    irc_send(alice, "PING 2");
    PEER_EXPECT_MATCH(alice, ":test\\.example CAP alice NEW :draft/account-registration="
                             "before-connect,custom-account-name( sasl=.*)?");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :2");
    irc_send(bob, "REGISTER * * secret");
    EXPECT_SUCCESS(bob, "REGISTER", "bob", "bob", "Account created");
    peer_close(alice);
    peer_close(bob);
    DAEMON_STOP(daemon);
}

static void answers_have_their_label(void)
{
    struct daemon *daemon = IRC_START(ACCOUNTS(""));
    struct peer *alice = irc_join(daemon, "alice", "labeled-response batch");

    irc_send(alice, "@label=1 REGISTER a!b * secret\r\n@label=2 REGISTER * * secret\r\nPING 3");
    PEER_EXPECT_MATCH(alice, "@label=1 :test\\.example FAIL REGISTER BAD_ACCOUNT_NAME a!b :.*");
    PEER_EXPECT_MATCH(alice, "@label=2 :test\\.example BATCH \\+[^ ]* labeled-response");
    PEER_EXPECT_MATCH(alice, "@batch=[^ ]* :test\\.example REGISTER SUCCESS alice :.*");
    PEER_EXPECT_MATCH(alice, "@batch=[^ ]* :test\\.example 900 .*");
    PEER_EXPECT_MATCH(alice, ":test\\.example BATCH -[^ ]*");
    PEER_EXPECT_LINE(alice, ":test.example PONG test.example :3");
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* The helper's work is not the peer's who has gone. */
static void one_may_go_meanwhile(void)
{
    struct daemon *daemon = IRC_START(FREE_OF_FLOODS "accounts: { iterations = 200000; };\n");
    struct peer *alice = irc_join(daemon, "alice", NULL);

    irc_send(alice, "REGISTER * * secret");
    peer_reset(alice);
    alice = irc_join(daemon, "bob", NULL);
    IRC_EXPECT_NOTHING(alice);
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
        TEST(the_capability_says_how),
        TEST(an_account_is_made_before_the_registration_and_after_it),
        TEST(what_is_wrong_is_told),
        TEST(the_settings_say_who_may),
        TEST(the_servers_password_comes_first),
        TEST(a_code_is_sent_and_taken),
        TEST(nobody_registers_while_the_store_is_away),
        TEST(answers_have_their_label),
        TEST(one_may_go_meanwhile),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_register", tests);
}
