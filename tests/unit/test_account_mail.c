/* SPDX-License-Identifier: MIT */
/* Addresses that are made sure of: the mail, the program that sends it, and the code that comes back. */
#include "config.h"

#include "account/inside.h"
#include "account/mail.h"
#include "base/clock.h"
#include "tests/lib/expect.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"
#include "tests/unit/account_house.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct account_house house;
static char *script; /* the program that sends mail */
static char *sent;   /* what it writes its standard input to */
static char command[600];
static char text[8192];

/* Makes the program, a script of /bin/sh with that in it, in which $sent is a file. */
static void write_script(const char *body)
{
    FILE *file = fopen(script, "w");

    EXPECT(file, "cannot write %s", script);
    fprintf(file, "#!/bin/sh\nsent='%s'\n%s\n", sent, body);
    EXPECT_RESULT(fclose(file), 0);
    EXPECT_RESULT(chmod(script, 0700), 0);
}

static void begin(const char *body)
{
    account_house_begin(&house);
    script = folder_path(house.house.folder, "send");
    sent = folder_path(house.house.folder, "sent");
    write_script(body);
    snprintf(command, sizeof command, "%s  -t  'a ", script);
    house.settings.mail_command = command;
    account_house_configure(&house);
}

static void end(void)
{
    free(script);
    free(sent);
    account_house_end(&house);
}

static const char *read_sent(void)
{
    FILE *file = fopen(sent, "r");
    size_t got;

    EXPECT(file, "nothing was sent");
    got = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[got] = '\0';
    return text;
}

static int enlist(const char *name, const char *email)
{
    memset(house.name, 0, sizeof house.name);
    return account_register(house.accounts, &house.who, name, email, "x", false, house.name);
}

static int verify(const char *name, const char *code)
{
    memset(house.name, 0, sizeof house.name);
    return account_verify(house.accounts, &house.who, name, code, house.name);
}

/* The code that was sent. */
static void read_code(const char *name, char code[static 40])
{
    char before[100];
    const char *at;

    snprintf(before, sizeof before, "VERIFY %s ", name);
    at = strstr(read_sent(), before);
    EXPECT(at, "no code in:\n%s", text);
    snprintf(code, 40, "%.*s", (int)strcspn(at + strlen(before), "\n"), at + strlen(before));
}

static bool is_owned(const char *nick)
{
    char owner[ACCOUNT_NAME_MAX + 1];

    return accounts_owner(house.accounts, nick, strlen(nick), owner);
}

/* -- Codes -------------------------------------------------------------------------------------- */

static void the_code_that_was_mailed_makes_the_account_good(void)
{
    struct pli_password keys;
    char code[40];
    bool known;

    begin("cat >$sent");
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_UNVERIFIED);
    CU_ASSERT_STRING_EQUAL(house.name, "Ann");
    CU_ASSERT(!is_owned("Ann"));
    EXPECT_RESULT(account_house_login(&house, "Ann", "x"), ACCOUNT_UNVERIFIED);
    EXPECT_RESULT(account_house_login(&house, "Ann", "y"), ACCOUNT_WRONG);
    EXPECT_RESULT(account_keys(house.accounts, &house.who, "Ann", &keys, &known, house.name), 0);
    CU_ASSERT(!known);
    CU_ASSERT_EQUAL(pli_password_verify(&keys, "x", 1), 0);
    account_house_restart(&house);
    read_code("Ann", code);
    CU_ASSERT_EQUAL(strlen(code), ACCOUNT_CODE_LENGTH);
    EXPECT_RESULT(verify("Ann", "wrong"), ACCOUNT_BAD_CODE);
    EXPECT_RESULT(verify("Ann", ""), ACCOUNT_BAD_CODE);
    EXPECT_RESULT(verify("Bob", code), ACCOUNT_MISSING);
    EXPECT_RESULT(verify("b b", code), ACCOUNT_MISSING);
    code[0] = (char)(code[0] >= 'a' ? code[0] - 'a' + 'A' : code[0]);
    EXPECT_RESULT(verify("aNN", code), 0);
    CU_ASSERT_STRING_EQUAL(house.name, "Ann");
    EXPECT_RESULT(verify("Ann", code), ACCOUNT_MISSING);
    CU_ASSERT(is_owned("Ann"));
    EXPECT_RESULT(account_house_login(&house, "Ann", "x"), 0);
    end();
}

static void a_code_does_not_hold_for_ever_and_then_the_name_is_free(void)
{
    struct account_view view;
    char code[40];

    begin("cat >$sent");
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_UNVERIFIED);
    read_code("Ann", code);
    EXPECT_RESULT(enlist("Ann", "eve@example.org"), ACCOUNT_TAKEN);
    account_house_pass(3599);
    EXPECT_RESULT(enlist("Ann", "eve@example.org"), ACCOUNT_TAKEN);
    EXPECT_RESULT(account_look(house.accounts, "Ann", &view), 0);
    CU_ASSERT(!view.verified);
    account_house_pass(1);
    EXPECT_RESULT(verify("Ann", code), ACCOUNT_MISSING);
    EXPECT_RESULT(account_look(house.accounts, "Ann", &view), ACCOUNT_MISSING);
    EXPECT_RESULT(account_house_login(&house, "Ann", "x"), ACCOUNT_WRONG);
    EXPECT_RESULT(enlist("ann", "eve@example.org"), ACCOUNT_UNVERIFIED);
    EXPECT_RESULT(verify("Ann", code), ACCOUNT_BAD_CODE);
    read_code("ann", code);
    EXPECT_RESULT(verify("Ann", code), 0);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 1);
    end();
}

static void what_is_over_goes_with_each_that_comes(void)
{
    begin("cat >$sent");
    EXPECT_RESULT(enlist("a", "a@example.org"), ACCOUNT_UNVERIFIED);
    EXPECT_RESULT(enlist("b", "a@example.org"), ACCOUNT_UNVERIFIED);
    EXPECT_RESULT(enlist("c", ""), 0);
    account_house_restart(&house);
    account_house_pass(1800);
    EXPECT_RESULT(enlist("d", "a@example.org"), ACCOUNT_UNVERIFIED);
    account_house_pass(1800);
    EXPECT_RESULT(enlist("e", ""), 0);
    EXPECT_RESULT(store_flush(house.house.store), 0);
    EXPECT_RESULT(house_count(&house.house, STORE_ALL_ACCOUNTS, NULL), 4);
    EXPECT_RESULT(enlist("f", ""), 0);
    EXPECT_RESULT(enlist("g", ""), 0);
    EXPECT_RESULT(store_flush(house.house.store), 0);
    EXPECT_RESULT(house_count(&house.house, STORE_ALL_ACCOUNTS, NULL), 5); /* c to g */
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 5);
    EXPECT_RESULT(enlist("d", ""), ACCOUNT_TAKEN);
    end();
}

static void without_an_address_there_is_nothing_to_be_made_sure_of(void)
{
    begin("cat >$sent");
    EXPECT_RESULT(enlist("Ann", "*"), 0);
    EXPECT_RESULT(enlist("Bob", ""), 0);
    EXPECT_RESULT(account_register(house.accounts, &house.who, "Eve", "eve@example.org", "x", true,
                                   house.name),
                  0); /* operators know what they do */
    CU_ASSERT(access(sent, F_OK) < 0);
    end();
}

/* -- The mail ----------------------------------------------------------------------------------- */

static void the_mail_is_a_whole_message(void)
{
    const char *mail;

    begin("cat >$sent");
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_UNVERIFIED);
    mail = read_sent();
    CU_ASSERT(strncmp(mail, "From: NickServ <nickserv@irc.example.org>\n", 42) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, "\nTo: ann@example.org\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, "\nSubject: Your account Ann\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, "\nDate: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, " 2023 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, ":20 +0000\nMessage-ID: <"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, "@irc.example.org>\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, "\n\nSomebody"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, "on Example"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mail, "holds for 1 hour."));
    CU_ASSERT_PTR_NULL(strchr(mail, '\r'));
    end();
}

static void what_is_no_address_makes_no_mail(void)
{
    static const char *const bad[] = {"a",
                                      "@",
                                      "a@",
                                      "@b",
                                      "a@b@c",
                                      "a b@c",
                                      "a@b c",
                                      "a@b,c@d",
                                      "a\nb@c",
                                      "a@b\nBcc: c@d",
                                      "a\r@b",
                                      ".a@b",
                                      "a.@b",
                                      "a..b@c",
                                      "a@b..c",
                                      "a@.b",
                                      "a@b.",
                                      "a@-b",
                                      "a@b-",
                                      "a@b-.c",
                                      "\"a\"@b",
                                      "<a@b>",
                                      "a@[192.0.2.1]",
                                      "-f@b",
                                      "a@b;c",
                                      "a:b@c",
                                      "a(b)@c",
                                      "a@\xc3\xa4",
                                      "\xc3\xa4@b",
                                      NULL};
    static const char *const good[] = {"a@b", "a.b+c_d-@example.org", "1@2.example", NULL};
    char address[300];

    begin("cat >$sent");
    for (size_t i = 0; bad[i]; i++)
        EXPECT(enlist("Ann", bad[i]) == ACCOUNT_BAD_EMAIL, "%s passes", bad[i]);
    memset(address, 'a', sizeof address);
    memcpy(address + 65, "@b", 3);
    EXPECT_RESULT(enlist("Ann", address), ACCOUNT_BAD_EMAIL);
    memset(address, 'a', sizeof address);
    address[1] = '@';
    address[255] = '\0';
    EXPECT_RESULT(enlist("Ann", address), ACCOUNT_BAD_EMAIL);
    CU_ASSERT(access(sent, F_OK) < 0);
    for (size_t i = 0; good[i]; i++)
        CU_ASSERT(account_email_is_good(good[i]));
    end();
}

/* -- The program -------------------------------------------------------------------------------- */

static void no_shell_sees_the_words_of_the_command(void)
{
    begin("for word in \"$@\"; do echo \"<$word>\"; done >$sent");
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_UNVERIFIED);
    CU_ASSERT_STRING_EQUAL(read_sent(), "<-t>\n<'a>\n");
    end();
}

static void a_program_that_fails_takes_the_registration_back(void)
{
    begin("cat >$sent; exit 3");
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_AWAY);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 0);
    write_script("kill -9 $$");
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_AWAY);
    EXPECT_RESULT(unlink(script), 0);
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_AWAY);
    CU_ASSERT_EQUAL(accounts_count(house.accounts), 0);
    house.settings.mail_command = "";
    account_house_configure(&house);
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), 0);
    end();
}

static void a_program_that_does_not_read_is_no_harm(void)
{
    begin("exit 0");
    EXPECT_RESULT(enlist("Ann", "ann@example.org"), ACCOUNT_UNVERIFIED);
    end();
}

static const struct account_mail mail = {.server = "irc.example.org",
                                         .network = "Example",
                                         .to = "ann@example.org",
                                         .account = "Ann",
                                         .code = "code",
                                         .time = 1};

static void wait_until_gone(pid_t pid)
{
    uint64_t deadline = expect_deadline();

    while (kill(pid, 0) == 0) {
        char path[40], state[200] = "";
        FILE *file;

        EXPECT(pli_clock_now() < deadline, "the process %d stays", (int)pid);
        snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        file = fopen(path, "r"); /* nobody may be there to reap it */
        if (file && fgets(state, sizeof state, file) && strstr(state, ") Z ")) {
            fclose(file);
            return;
        }
        if (file)
            fclose(file);
        usleep(1000);
    }
}

static void a_program_that_hangs_is_killed_with_what_it_has_started(void)
{
    uint64_t before = pli_clock_now();
    long pid;

    begin("sleep 1000 & echo $! >$sent; wait");
    EXPECT_RESULT(account_mail_send_within(script, &mail, 1000), -ETIMEDOUT);
    CU_ASSERT(pli_clock_now() - before >= UINT64_C(1000000000));
    pid = strtol(read_sent(), NULL, 10);
    EXPECT(pid > 1, "no process: %s", text);
    wait_until_gone((pid_t)pid);
    end();
}

static void a_message_that_does_not_fit_is_not_sent(void)
{
    struct account_mail large = mail;
    char name[4097];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    large.network = name;
    begin("cat >$sent");
    EXPECT_RESULT(account_mail_send_within(script, &large, 10000), -EMSGSIZE);
    EXPECT_RESULT(account_mail_send_within("   ", &mail, 10000), -EINVAL);
    CU_ASSERT(access(sent, F_OK) < 0);
    end();
}

/*
 * What would be inherited: a descriptor, a signal that is blocked, and one that is ignored. Only the
 * first 28 signals are looked at, as the C library has some of its own behind them.
 */
static void the_program_inherits_nothing(void)
{
    sigset_t set, old;
    int fd;

    begin("one=$(readlink /proc/$$/fd/1); two=$(readlink /proc/$$/fd/2)\n"
          "for fd in 3 4 5 6 7 8 9 77; do [ -e /proc/$$/fd/$fd ] && found=\"$found $fd\"; done\n"
          "{ echo $one $two; echo $found; sed -n '/^Sig[BI][lg]/s/[0-9a-f]*\\(.......\\)$/\\1/p' "
          "/proc/self/status; } >$sent");
    fd = dup2(STDERR_FILENO, 77);
    EXPECT_RESULT(fd, 77);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    EXPECT_RESULT(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
    EXPECT(signal(SIGPIPE, SIG_IGN) != SIG_ERR, "cannot ignore SIGPIPE");
    EXPECT_RESULT(account_mail_send_within(script, &mail, 30000), 0);
    EXPECT(signal(SIGPIPE, SIG_DFL) != SIG_ERR, "cannot take SIGPIPE");
    EXPECT_RESULT(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
    close(fd);
    CU_ASSERT_STRING_EQUAL(read_sent(), "/dev/null /dev/null\n\nSigBlk:\t0000000\n"
                                        "SigIgn:\t0000000\n");
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the code that was mailed makes the account good",
         the_code_that_was_mailed_makes_the_account_good},
        {"a code does not hold for ever and then the name is free",
         a_code_does_not_hold_for_ever_and_then_the_name_is_free},
        {"what is over goes with each that comes", what_is_over_goes_with_each_that_comes},
        {"without an address there is nothing to be made sure of",
         without_an_address_there_is_nothing_to_be_made_sure_of},
        {"the mail is a whole message", the_mail_is_a_whole_message},
        {"what is no address makes no mail", what_is_no_address_makes_no_mail},
        {"no shell sees the words of the command", no_shell_sees_the_words_of_the_command},
        {"a program that fails takes the registration back",
         a_program_that_fails_takes_the_registration_back},
        {"a program that does not read is no harm", a_program_that_does_not_read_is_no_harm},
        {"a program that hangs is killed with what it has started",
         a_program_that_hangs_is_killed_with_what_it_has_started},
        {"a message that does not fit is not sent", a_message_that_does_not_fit_is_not_sent},
        {"the program inherits nothing", the_program_inherits_nothing},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "accounts' mail", tests);
}
