/* SPDX-License-Identifier: MIT */
/* NickServ: what it answers to a line, and what it wants done. */
#include "config.h"

#include "account/nickserv.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tests/unit/account_house.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct account_house house;
static struct nickserv_request request;
static struct nickserv_answer answer;

static void begin(void)
{
    account_house_begin(&house);
    request = (struct nickserv_request){.who = house.who, .account = ""};
}

static void end(void)
{
    nickserv_answer_deinit(&answer);
    account_house_end(&house);
}

/* Says LINE, and fails unless the answer has EXPECTED ("": it has no lines) and wants ACTION. */
static void say(struct place place, const char *line, const char *expected,
                enum nickserv_action action)
{
    const char *lines;

    nickserv_answer_deinit(&answer);
    request.line = line;
    EXPECT_RESULT(nickserv_run(house.accounts, &request, &answer), 0);
    lines = answer.lines ? answer.lines : "";
    if (*expected ? !strstr(lines, expected) : *lines != '\0')
        expect_fail(place, "%s: expected \"%s\", got \"%s\"", line, expected, lines);
    if (*lines && lines[strlen(lines) - 1] != '\n')
        expect_fail(place, "%s: the last line does not end: %s", line, lines);
    if (answer.action != action)
        expect_fail(place, "%s: action %d expected, got %d", line, (int)action, (int)answer.action);
}
#define SAY(line, expected)         say(HERE, line, expected, NICKSERV_NOTHING)
#define ACT(line, expected, action) say(HERE, line, expected, NICKSERV_##action)

static void an_account_is_registered_and_identified_with(void)
{
    begin();
    SAY("REGISTER", "It is written: REGISTER password [e-mail]");
    SAY("REGISTER pw not-an-address", "not an e-mail address");
    ACT("register pw nick@example.org", "Account created", LOGIN);
    CU_ASSERT_STRING_EQUAL(answer.account, "Nick");
    SAY("REGISTER other", "account of your nickname already");
    ACT("Identify pw", "logged in as Nick", LOGIN);
    SAY("IDENTIFY wrong", "Wrong name or password");
    SAY("IDENTIFY nobody pw", "Wrong name or password");
    request.who.nick = "Other";
    SAY("IDENTIFY pw", "Wrong name or password");
    ACT("  identify   nick   pw  ", "logged in as Nick", LOGIN);
    request.account = "Nick";
    SAY("REGISTER pw", "logged in to an account already");
    ACT("LOGOUT", "logged out", LOGOUT);
    CU_ASSERT(!answer.dropped);
    end();
}

static void what_needs_a_login_says_so(void)
{
    static const char *const lines[] = {"LOGOUT",     "PASSWD x",    "DROP x",      "CERT LIST",
                                        "GHOST Nick", "REGAIN Nick", "SET EMAIL *", NULL};

    begin();
    for (size_t i = 0; lines[i]; i++)
        SAY(lines[i], "You are not logged in");
    end();
}

static void passwords_change(void)
{
    begin();
    ACT("REGISTER one", "Account created", LOGIN);
    request.account = "Nick";
    SAY("PASSWD two", "The password is changed");
    SAY("IDENTIFY one", "Wrong");
    ACT("IDENTIFY two", "logged in", LOGIN);
    SAY("SET PASSWORD three", "The password is changed");
    ACT("IDENTIFY three", "logged in", LOGIN);
    SAY("PASSWD a b", "It is written: PASSWD new-password");
    SAY("SET PASSWORD", "It is written: SET");
    request.who.is_private = false;
    SAY("PASSWD four", "over TLS only");
    end();
}

static void who_drops_an_account_knows_its_password(void)
{
    begin();
    ACT("REGISTER pw", "Account created", LOGIN);
    request.account = "Nick";
    SAY("DROP other", "Wrong name or password");
    SAY("DROP", "It is written: DROP password");
    ACT("DROP pw", "The account Nick is dropped", LOGOUT);
    CU_ASSERT(answer.dropped);
    CU_ASSERT_STRING_EQUAL(answer.account, "Nick");
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 0);
    end();
}

static void only_owners_and_operators_see_the_address(void)
{
    begin();
    ACT("REGISTER pw a@b.example", "Account created", LOGIN);
    SAY("INFO", "Account Nick, registered on 20");
    CU_ASSERT_PTR_NULL(strstr(answer.lines, "a@b.example"));
    request.account = "nick";
    SAY("INFO", "E-mail: a@b.example");
    request.account = "other";
    SAY("INFO nick", "Account Nick");
    CU_ASSERT_PTR_NULL(strstr(answer.lines, "a@b.example"));
    request.may_force = true;
    SAY("INFO nick", "E-mail: a@b.example");
    SAY("INFO nobody", "There is no such account");
    end();
}

static void settings_change(void)
{
    begin();
    ACT("REGISTER pw", "Account created", LOGIN);
    request.account = "Nick";
    SAY("SET EMAIL a@b.example", "The address is changed");
    SAY("INFO", "E-mail: a@b.example");
    SAY("SET email *", "The address is changed");
    SAY("INFO", "E-mail: none");
    SAY("SET PROTECT off", "Anybody may bear");
    SAY("INFO", "anybody's");
    SAY("set protect ON", "kept for your account");
    SAY("INFO", "kept for it");
    SAY("SET PROTECT maybe", "It is written: SET");
    SAY("SET HISTORY off", "Nothing that you say is kept");
    SAY("INFO", "What it says is not kept in the history.");
    SAY("set history ON", "may be kept");
    SAY("SET HISTORY maybe", "It is written: SET");
    SAY("SET COLOUR red", "It is written: SET");
    end();
}

static void certificates_are_added_listed_and_taken_away(void)
{
    begin();
    ACT("REGISTER pw", "Account created", LOGIN);
    request.account = "Nick";
    SAY("CERT LIST", "Certificates: 0");
    SAY("CERT ADD", "has shown no certificate");
    request.who.fingerprint = PRINT;
    SAY("CERT ADD", "The certificate is added");
    SAY("CERT ADD", "some account's already");
    SAY("CERT LIST", PRINT ", added on 20");
    SAY("CERT LIST", "Certificates: 1");
    SAY("CERT ADD abc", "not the SHA-256 fingerprint");
    SAY("CERT DEL", "It is written: CERT");
    SAY("CERT DEL " PRINT, "is taken away");
    SAY("CERT DEL " PRINT, "no certificate of your account");
    SAY("CERT FROB", "It is written: CERT");
    end();
}

static void a_nickname_is_taken_back_by_its_account_alone(void)
{
    begin();
    ACT("REGISTER pw", "Account created", LOGIN);
    request.account = "Nick";
    SAY("GHOST Nick", "You bear it yourself");
    request.who.nick = "Nick2";
    ACT("GHOST nick", "", GHOST);
    CU_ASSERT_STRING_EQUAL(answer.nick, "nick");
    ACT("REGAIN NICK", "", REGAIN);
    CU_ASSERT_STRING_EQUAL(answer.nick, "NICK");
    SAY("GHOST other", "not your account's");
    SAY("REGAIN", "It is written: REGAIN nickname");
    end();
}

static void operators_register_others(void)
{
    begin();
    house.settings.registration = false;
    account_house_configure(&house);
    SAY("SAREGISTER Bob pw", "for operators");
    SAY("HELP SAREGISTER", "no such command");
    request.may_force = true;
    SAY("SAREGISTER Bob pw bob@example.org", "Account created: Bob");
    SAY("SAREGISTER bob pw", "account of that name already");
    SAY("SAREGISTER * pw", "cannot be the name");
    SAY("SAREGISTER b@b pw", "cannot be the name");
    SAY("HELP SAREGISTER", "For operators");
    ACT("IDENTIFY Bob pw", "logged in as Bob", LOGIN);
    end();
}

static void whoever_is_lost_is_helped(void)
{
    begin();
    SAY("HELP", "REGISTER password [e-mail]");
    SAY("help identify", "Logs you in");
    SAY("HELP nonsense", "There is no such command");
    SAY("hunter2", "Say HELP for those that there are");
    CU_ASSERT_PTR_NULL(strstr(answer.lines, "hunter2"));
    SAY("", "Say HELP");
    SAY("   ", "Say HELP");
    SAY("REGISTER a b c d e f g h i j k", "It is written");
    end();
}

static void where_nothing_is_kept_it_says_so(void)
{
    struct accounts *kept;

    begin();
    kept = house.accounts;
    EXPECT_RESULT(accounts_new(&house.settings, &house.accounts), 0);
    SAY("REGISTER pw", "There are no accounts here");
    SAY("HELP", "REGISTER");
    accounts_free(house.accounts);
    house.accounts = kept;
    end();
}

static void while_the_store_is_away_it_says_why(void)
{
    sqlite3 *other;

    begin();
    house.house.options.busy = 0;
    account_house_restart(&house);
    ACT("REGISTER pw", "Account created", LOGIN);
    other = other_program(&house.house, "BEGIN IMMEDIATE");
    request.who.nick = "Other";
    SAY("REGISTER pw", "ccounts cannot be");
    house_wait_state(&house.house, -EBUSY);
    SAY("REGISTER pw", "Accounts cannot be changed just now: another program has locked the file");
    ACT("IDENTIFY Nick pw", "logged in as Nick", LOGIN);
    other_program_ends(other);
    house_wait_state(&house.house, 0);
    ACT("REGISTER pw", "Account created", LOGIN);
    end();
}

static bool is_secret(const char *line)
{
    return nickserv_is_secret(line, strlen(line));
}

static void secrets_are_known_as_such(void)
{
    CU_ASSERT(is_secret("REGISTER x"));
    CU_ASSERT(is_secret("  identify x"));
    CU_ASSERT(is_secret("IDENTIFYx y"));
    CU_ASSERT(is_secret("hunter2"));
    CU_ASSERT(is_secret("a-password-longer-than-any-command"));
    CU_ASSERT(is_secret("SET PASSWORD x"));
    CU_ASSERT(is_secret("SET PASSWROD x"));
    CU_ASSERT(is_secret("SET a-password-longer-than-any-word"));
    CU_ASSERT(is_secret("VERIFY a code"));
    CU_ASSERT(is_secret("DROP pw"));
    CU_ASSERT(!is_secret("set email a@b"));
    CU_ASSERT(!is_secret("SET"));
    CU_ASSERT(!is_secret("HELP"));
    CU_ASSERT(!is_secret("info nick"));
    CU_ASSERT(!is_secret(""));
    CU_ASSERT(!is_secret("  "));
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"an account is registered and identified with",
         an_account_is_registered_and_identified_with},
        {"what needs a login says so", what_needs_a_login_says_so},
        {"passwords change", passwords_change},
        {"who drops an account knows its password", who_drops_an_account_knows_its_password},
        {"only owners and operators see the address", only_owners_and_operators_see_the_address},
        {"settings change", settings_change},
        {"certificates are added, listed and taken away",
         certificates_are_added_listed_and_taken_away},
        {"a nickname is taken back by its account alone",
         a_nickname_is_taken_back_by_its_account_alone},
        {"operators register others", operators_register_others},
        {"whoever is lost is helped", whoever_is_lost_is_helped},
        {"where nothing is kept it says so", where_nothing_is_kept_it_says_so},
        {"while the store is away it says why", while_the_store_is_away_it_says_why},
        {"secrets are known as such", secrets_are_known_as_such},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "NickServ", tests);
}
