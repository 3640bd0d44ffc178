/* SPDX-License-Identifier: MIT */
/* Logging in while one talks: what is asked, what comes of it, and that no secret is ever shown. */
#include "config.h"

#include "tests/lib/failmalloc.h"
#include "tests/lib/fake_accounts.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"
#include "tests/unit/talk_people.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ASKS   "The password of Alice, please, as your next line:\n"
#define WRONG  account_words(ACCOUNT_WRONG)
#define BOB_IN "[HH:MM] * alice is logged in as Alice\n"

static struct accounts accounts;
static struct talker alice, bob;

static void begin(void)
{
    CU_ASSERT_EQUAL_FATAL(fake_accounts_init(&accounts), 0);
    talk_begin();
    talk_set_accounts(talk, &accounts);
    talker_come(&alice, "alice");
    fake_speak_tls(alice.session);
    talker_come(&bob, "bob");
    talker_reads(&alice);
}

static void end(void)
{
    talker_goes(&alice);
    talker_goes(&bob);
    talk_end();
    fake_accounts_deinit(&accounts);
}

/* alice types LINE and sees the one text, bob the other. */
#define TYPE(line, by_alice, by_bob)                                                               \
    do {                                                                                           \
        talker_types(&alice, line);                                                                \
        TALKER_SEES(&alice, by_alice);                                                             \
        TALKER_SEES(&bob, by_bob);                                                                 \
    } while (0)

/* The same, where a helper has something to do first. */
#define HAVE_DONE(line, by_alice, by_bob)                                                          \
    do {                                                                                           \
        TYPE(line, "", "");                                                                        \
        CU_ASSERT_FATAL(fake_works(alice.session));                                                \
        fake_work(alice.session, true);                                                            \
        TALKER_SEES(&alice, by_alice);                                                             \
        TALKER_SEES(&bob, by_bob);                                                                 \
    } while (0)

/* An outcome as it is told. Valid until the next call. */
static const char *told(int outcome)
{
    static char text[512];

    (void)snprintf(text, sizeof text, "%s.\n", account_words(outcome));
    return text;
}

static void log_in(void)
{
    TYPE("/login Alice", ASKS, "");
    HAVE_DONE(FAKE_PASSWORD, "You are logged in as Alice.\n", BOB_IN);
}

static void what_has_a_secret_is_wiped(void)
{
    begin();
    TYPE("/login Alice", ASKS, "");
    CU_ASSERT(!fake_wiped(alice.session));
    HAVE_DONE(FAKE_PASSWORD, "You are logged in as Alice.\n", BOB_IN);
    CU_ASSERT(fake_wiped(alice.session));
    TYPE("hello", "", "[HH:MM] <alice> hello\n");
    CU_ASSERT(!fake_wiped(alice.session));
    talker_types(&alice, "/msg NickServ IDENTIFY x");
    CU_ASSERT(fake_wiped(alice.session));
    fake_work(alice.session, true);
    end();
}

static void login_asks_for_the_password_and_shows_it_to_nobody(void)
{
    begin();
    log_in();
    TYPE("hello", "", "[HH:MM] <alice> hello\n");
    end();
}

static void who_shows_who_is_logged_in(void)
{
    begin();
    log_in();
    TYPE("/who", "2 people in #lobby: alice (Alice) bob\n", "");
    TYPE("/logout", "You are logged out.\n", "[HH:MM] * alice is logged out\n");
    TYPE("/who", "2 people in #lobby: alice bob\n", "");
    end();
}

static void nothing(void *argument)
{
    (void)argument;
}

static void nothing_more(struct pl_session *session, bool open, void *argument)
{
    (void)session;
    (void)open;
    (void)argument;
}

/* Each of them needs a helper, and there is none to be had: that ends it, and the person talks on. */
static void without_a_helper_one_is_told_to_try_again(void)
{
    static const char busy[] = "Too many are doing that just now; try again later.\n";

    begin();
    CU_ASSERT_EQUAL_FATAL(pl_session_work(alice.session, nothing, nothing_more, NULL), 0);
    TYPE("/login Alice", ASKS, "");
    TYPE(FAKE_PASSWORD, busy, "");
    TYPE("hello", "", "[HH:MM] <alice> hello\n");
    TYPE("/register", "A password for the account alice, please, as your next line:\n", "");
    TYPE("one", "The same again:\n", "");
    TYPE("one", busy, "");
    TYPE("hello", "", "[HH:MM] <alice> hello\n");
    TYPE("/msg NickServ IDENTIFY x", busy, "");
    CU_ASSERT_STRING_EQUAL(accounts.done, "");
    fake_work(alice.session, true);
    log_in();
    end();
}

static void why_a_login_failed_is_told(void)
{
    static const int refusals[] = {ACCOUNT_UNVERIFIED, ACCOUNT_TOO_OFTEN, ACCOUNT_NEED_PRIVACY,
                                   ACCOUNT_AWAY, -ENOMEM};

    begin();
    TYPE("/login Alice", ASKS, "");
    HAVE_DONE("wrong", told(ACCOUNT_WRONG), "");
    TYPE("/login nobody", "The password of nobody, please, as your next line:\n", "");
    HAVE_DONE(FAKE_PASSWORD, told(ACCOUNT_WRONG), "");
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        accounts.refusal = refusals[i];
        TYPE("/login Alice", ASKS, "");
        HAVE_DONE(FAKE_PASSWORD, told(refusals[i]), "");
    }
    end();
}

static void a_password_is_taken_as_it_is_typed(void)
{
    begin();
    TYPE("/register", "A password for the account alice, please, as your next line:\n", "");
    TYPE(" /quit  ", "The same again:\n", "");
    TYPE(" /quit  ", "", "");
    fake_work(alice.session, true);
    CU_ASSERT_STRING_EQUAL(accounts.done, "register * for alice (),  /quit  ");
    end();
}

static void an_empty_line_is_no_password(void)
{
    begin();
    TYPE("/login Alice", ASKS, "");
    TYPE("", "Nothing was done.\n", "");
    TYPE("hello", "", "[HH:MM] <alice> hello\n");
    end();
}

static void a_line_that_is_too_long_is_no_password(void)
{
    static const struct pl_line head = {.text = FAKE_PRIVATE, .length = 7, .size = 7};

    begin();
    TYPE("/login Alice", ASKS, "");
    talk_service.fault(alice.session, PL_FAULT_TOO_LONG, &head);
    TALKER_SEES(&alice, "That line is too long for a password; nothing was done.\n");
    TYPE("hello", "", "[HH:MM] <alice> hello\n");
    end();
}

/* What alice is sent, byte by byte. */
static void expect_bytes(const char *bytes)
{
    CU_ASSERT_STRING_EQUAL(fake_take(alice.session, NULL), bytes);
}

static void a_telnet_client_is_told_not_to_show_it(void)
{
    static const char negotiation[] = "\xff\xfd\x03/login Alice\r\n";

    begin();
    talker_sends(&alice, negotiation, sizeof negotiation - 1, 2);
    expect_bytes("The password of Alice, please, as your next line:\r\n\xff\xfb\x01");
    talker_types(&alice, FAKE_PASSWORD);
    expect_bytes("\xff\xfc\x01");
    fake_work(alice.session, true);
    expect_bytes("You are logged in as Alice.\r\n");
    talker_types(&alice, "/password");
    expect_bytes("The new password of Alice, please, as your next line:\r\n\xff\xfb\x01");
    talker_types(&alice, "one");
    expect_bytes("The same again:\r\n");
    talker_types(&alice, "");
    expect_bytes("\xff\xfc\x01Nothing was done.\r\n");
    end();
}

static void passwords_are_not_asked_for_where_others_listen(void)
{
    begin();
    talker_types(&bob, "/login Alice");
    TALKER_SEES(&bob, told(ACCOUNT_NEED_PRIVACY));
    talker_types(&bob, "/register");
    TALKER_SEES(&bob, told(ACCOUNT_NEED_PRIVACY));
    talker_types(&bob, "/password");
    TALKER_SEES(&bob, told(ACCOUNT_NEED_PRIVACY));
    accounts.plain_text = true;
    talker_types(&bob, "/login Alice");
    TALKER_SEES(&bob, ASKS);
    end();
}

static void there_may_be_no_accounts(void)
{
    static const char *const commands[] = {"/login Alice", "/register", "/password", "/verify x"};

    begin();
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        accounts.state = -EROFS;
        TYPE(commands[i], told(ACCOUNT_AWAY), "");
        accounts.kept = false;
        TYPE(commands[i], "There are no accounts here.\n", "");
        accounts.state = 0;
        accounts.kept = true;
    }
    talk_set_accounts(talk, NULL);
    TYPE("/login Alice", "There are no accounts here.\n", "");
    TYPE("/msg NickServ help", "Nobody here is called NickServ.\n", "");
    end();
}

static void logout_ends_it(void)
{
    begin();
    TYPE("/logout", "You are not logged in.\n", "");
    log_in();
    TYPE("/logout", "You are logged out.\n", "[HH:MM] * alice is logged out\n");
    TYPE("/logout", "You are not logged in.\n", "");
    end();
}

static void who_registers_types_the_password_twice_and_is_logged_in(void)
{
    begin();
    TYPE("/nick zoe", "[HH:MM] * you are now called zoe\n", "[HH:MM] * alice is now called zoe\n");
    TYPE("/register", "A password for the account zoe, please, as your next line:\n", "");
    TYPE(FAKE_PRIVATE, "The same again:\n", "");
    HAVE_DONE(FAKE_PRIVATE, "The account zoe is yours now.\nYou are logged in as zoe.\n",
              "[HH:MM] * zoe is logged in as zoe\n");
    CU_ASSERT_STRING_EQUAL(accounts.done, "register * for zoe (), " FAKE_PRIVATE);
    end();
}

static void two_different_passwords_register_nothing(void)
{
    begin();
    TYPE("/register", "A password for the account alice, please, as your next line:\n", "");
    TYPE("one", "The same again:\n", "");
    TYPE("other", "Those were two different ones; nothing was done.\n", "");
    CU_ASSERT(!fake_works(alice.session));
    TYPE("/register", "A password for the account alice, please, as your next line:\n", "");
    TYPE("one", "The same again:\n", "");
    HAVE_DONE("one", told(ACCOUNT_TAKEN), "");
    end();
}

static void a_code_that_was_sent_is_said(void)
{
    begin();
    TYPE("/nick zoe", "[HH:MM] * you are now called zoe\n", "[HH:MM] * alice is now called zoe\n");
    TYPE("/register z@example.net", "A password for the account zoe, please, as your next line:\n",
         "");
    TYPE("one", "The same again:\n", "");
    HAVE_DONE("one",
              "A code was sent to z@example.net: /verify and the code make the account zoe "
              "yours.\n",
              "");
    HAVE_DONE("/verify 1", told(ACCOUNT_BAD_CODE), "");
    HAVE_DONE("/verify " FAKE_CODE, "The account zoe is yours now.\nYou are logged in as zoe.\n",
              "[HH:MM] * zoe is logged in as zoe\n");
    end();
}

static void password_changes_that_of_the_account_one_is_logged_in_to(void)
{
    begin();
    TYPE("/password", "You are not logged in.\n", "");
    log_in();
    TYPE("/password", "The new password of Alice, please, as your next line:\n", "");
    TYPE("new", "The same again:\n", "");
    HAVE_DONE("new", "You have a new password.\n", "");
    CU_ASSERT_STRING_EQUAL(accounts.done, "password of Alice, new");
    accounts.refusal = ACCOUNT_WEAK_PASSWORD;
    TYPE("/password", "The new password of Alice, please, as your next line:\n", "");
    TYPE("new", "The same again:\n", "");
    HAVE_DONE("new", told(ACCOUNT_WEAK_PASSWORD), "");
    end();
}

#define ANSWER(word) "NickServ tells you: You say " word "\nNickServ tells you: and no more.\n"

static void nickserv_is_asked_and_answers(void)
{
    begin();
    HAVE_DONE("/msg nickserv HELP  me", ANSWER("HELP"), "");
    CU_ASSERT_STRING_EQUAL(accounts.done, "alice (): HELP  me");
    HAVE_DONE("/msg NickServ IDENTIFY " FAKE_PRIVATE, ANSWER("IDENTIFY"), "");
    HAVE_DONE("/msg NickServ LOGIN Alice", ANSWER("LOGIN") "You are logged in as Alice.\n", BOB_IN);
    HAVE_DONE("/msg NickServ INFO", ANSWER("INFO"), "");
    CU_ASSERT_STRING_EQUAL(accounts.done, "alice (Alice): INFO");
    HAVE_DONE("/msg NickServ LOGOUT", ANSWER("LOGOUT") "You are logged out.\n",
              "[HH:MM] * alice is logged out\n");
    end();
}

/* The session has ended, from whichever side, while a helper was busy for it. */
static void who_has_gone_meanwhile_is_told_nothing(void)
{
    begin();
    TYPE("/login Alice", ASKS, "");
    TYPE(FAKE_PASSWORD, "", "");
    talker_ends(&alice, PL_REASON_RESET, false);
    fake_work(alice.session, false);
    TALKER_SEES(&alice, "");
    TALKER_SEES(&bob, "[HH:MM] * alice has quit (connection broken)\n");
    end();
}

static void who_goes_while_asked_is_forgotten(void)
{
    begin();
    TYPE("/register", "A password for the account alice, please, as your next line:\n", "");
    TYPE(FAKE_PRIVATE, "The same again:\n", "");
    talker_ends(&alice, PL_REASON_EOF, true);
    TALKER_SEES(&bob, "[HH:MM] * alice has quit (connection closed)\n");
    end();
}

/* alice says LINES with the allocation N failing; whoever it hits may be ended. */
static bool fail_nth(const char *const *lines, long n)
{
    bool fired;

    begin();
    failmalloc_after(n);
    for (; *lines; lines++) {
        talker_sends(&alice, *lines, strlen(*lines), 1);
        if (fake_works(alice.session))
            fake_work(alice.session, !fake_ended(alice.session));
    }
    failmalloc_off();
    fired = failmalloc_fired();
    if (fake_ended(alice.session))
        talker_ends(&alice, PL_REASON_NO_MEMORY, true);
    if (fake_ended(bob.session))
        talker_ends(&bob, PL_REASON_NO_MEMORY, true);
    end();
    return fired;
}

static void each_allocation_may_fail(void)
{
    static const char *const login[] = {
        "/login Alice\n", FAKE_PASSWORD "\n", "/password\n", "new\n", "new\n", "/logout\n", NULL};
    static const char *const new_one[] = {
        "/nick zoe\n", "/register z@example.net\n", "\xff\xfb\x01one\n",
        "one\n",       "/verify " FAKE_CODE "\n",   NULL};
    static const char *const nickserv[] = {"/msg NickServ LOGIN Alice\n",
                                           "/msg NickServ REGAIN Alice\n",
                                           "/msg NickServ DROP Alice\n", NULL};
    static const char *const *const scripts[] = {login, new_one, nickserv};

    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        long n = 1;

        while (fail_nth(scripts[i], n))
            n++;
        CU_ASSERT(n > 10);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"login asks for the password and shows it to nobody",
         login_asks_for_the_password_and_shows_it_to_nobody},
        {"what has a secret is wiped", what_has_a_secret_is_wiped},
        {"who shows who is logged in", who_shows_who_is_logged_in},
        {"without a helper one is told to try again", without_a_helper_one_is_told_to_try_again},
        {"why a login failed is told", why_a_login_failed_is_told},
        {"a password is taken as it is typed", a_password_is_taken_as_it_is_typed},
        {"an empty line is no password", an_empty_line_is_no_password},
        {"a line that is too long is no password", a_line_that_is_too_long_is_no_password},
        {"a telnet client is told not to show it", a_telnet_client_is_told_not_to_show_it},
        {"passwords are not asked for where others listen",
         passwords_are_not_asked_for_where_others_listen},
        {"there may be no accounts", there_may_be_no_accounts},
        {"logout ends it", logout_ends_it},
        {"who registers types the password twice and is logged in",
         who_registers_types_the_password_twice_and_is_logged_in},
        {"two different passwords register nothing", two_different_passwords_register_nothing},
        {"a code that was sent is said", a_code_that_was_sent_is_said},
        {"password changes that of the account one is logged in to",
         password_changes_that_of_the_account_one_is_logged_in_to},
        {"NickServ is asked and answers", nickserv_is_asked_and_answers},
        {"who has gone meanwhile is told nothing", who_has_gone_meanwhile_is_told_nothing},
        {"who goes while asked is forgotten", who_goes_while_asked_is_forgotten},
        {"each allocation may fail", each_allocation_may_fail},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "talk: login", tests);
}
