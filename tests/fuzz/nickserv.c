/* SPDX-License-Identifier: MIT */
/*
 * What people say to NickServ: the first byte says who they are (bit 0: logged in, 1: may register others,
 * 2: accounts are kept) and the second what becomes of what they ask for; then come lines. Each has an
 * answer in whole lines, in which nothing comes back that may be a password, and a line that has one in it
 * is known as such. The accounts are of this file: what asks for them is all that is tested.
 */
#include "config.h"

#include "account/nickserv.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(condition) ((condition) ? (void)0 : abort())

#define SECRET      "hunter2" /* if it is said at all */
#define ACCOUNT     "Alice"
#define FINGERPRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct accounts {
    int outcome; /* of all that is asked */
    bool kept;
    const char *line; /* that is being carried out */
};

static void must_be_secret(struct accounts *accounts, const char *secret)
{
    MUST(*secret && nickserv_is_secret(accounts->line, strlen(accounts->line)));
}

static int answer_name(const struct accounts *accounts, char *name)
{
    if (accounts->outcome == 0 || accounts->outcome == ACCOUNT_UNVERIFIED)
        snprintf(name, ACCOUNT_NAME_MAX + 1, "%s", ACCOUNT);
    return accounts->outcome;
}

/* -- Accounts --------------------------------------------------------------------------------- */

bool accounts_are_kept(struct accounts *accounts)
{
    return accounts->kept;
}

int accounts_state(struct accounts *accounts)
{
    return accounts->outcome == ACCOUNT_AWAY ? -EBUSY : 0;
}

int account_register(struct accounts *accounts, const struct account_who *who, const char *name,
                     const char *email, const char *password, bool forced,
                     char name_out[static ACCOUNT_NAME_MAX + 1])
{
    MUST(who && *name && *email && forced == (strcmp(name, "*") != 0));
    must_be_secret(accounts, password);
    return answer_name(accounts, name_out);
}

int account_verify(struct accounts *accounts, const struct account_who *who, const char *name,
                   const char *code, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    MUST(who && *name);
    must_be_secret(accounts, code);
    return accounts->outcome == ACCOUNT_UNVERIFIED ? ACCOUNT_BAD_CODE
                                                   : answer_name(accounts, name_out);
}

int account_login(struct accounts *accounts, const struct account_who *who, const char *name,
                  const char *password, char name_out[static ACCOUNT_NAME_MAX + 1])
{
    MUST(who && *name);
    must_be_secret(accounts, password);
    return answer_name(accounts, name_out);
}

int account_set_password(struct accounts *accounts, const struct account_who *who, const char *name,
                         const char *password)
{
    MUST(who && strcmp(name, ACCOUNT) == 0);
    must_be_secret(accounts, password);
    return accounts->outcome;
}

int account_set_email(struct accounts *accounts, const char *name, const char *email)
{
    MUST(strcmp(name, ACCOUNT) == 0 && *email);
    return accounts->outcome;
}

int account_set_protection(struct accounts *accounts, const char *name, bool protects)
{
    MUST(strcmp(name, ACCOUNT) == 0);
    (void)protects;
    return accounts->outcome;
}

int account_set_history(struct accounts *accounts, const char *name, bool keeps)
{
    MUST(strcmp(name, ACCOUNT) == 0);
    (void)keeps;
    return accounts->outcome;
}

int account_set_wish(struct accounts *accounts, const char *name, enum account_wish wish, int value)
{
    MUST(strcmp(name, ACCOUNT) == 0 && wish < ACCOUNT_WISHES && value >= -1 && value <= 1);
    return accounts->outcome;
}

unsigned accounts_policy(struct accounts *accounts, const char *name, size_t length)
{
    MUST(length == strlen(ACCOUNT) && memcmp(name, ACCOUNT, length) == 0);
    return accounts->outcome == 0 ? ACCOUNT_SHARES : 0;
}

int account_drop(struct accounts *accounts, const char *name)
{
    MUST(strcmp(name, ACCOUNT) == 0);
    return accounts->outcome;
}

int account_look(struct accounts *accounts, const char *name, struct account_view *view)
{
    MUST(*name);
    if (accounts->outcome == 0)
        *view = (struct account_view){.name = ACCOUNT, .email = "a@b.example", .created = 1};
    return accounts->outcome;
}

int account_certificate_add(struct accounts *accounts, const char *name, const char *fingerprint)
{
    MUST(strcmp(name, ACCOUNT) == 0 && *fingerprint);
    return accounts->outcome;
}

int account_certificate_drop(struct accounts *accounts, const char *name, const char *fingerprint)
{
    MUST(strcmp(name, ACCOUNT) == 0 && *fingerprint);
    return accounts->outcome;
}

int account_certificates(struct accounts *accounts, const char *name,
                         void (*visit)(const char *fingerprint, uint64_t added, void *argument),
                         void *argument)
{
    MUST(strcmp(name, ACCOUNT) == 0);
    visit(FINGERPRINT, 1, argument);
    visit(FINGERPRINT, UINT64_MAX, argument);
    return accounts->outcome;
}

/* -- Lines ------------------------------------------------------------------------------------ */

/* Whole lines, of text, and none empty. */
static void judge_lines(const char *lines)
{
    char last = '\n';

    MUST(*lines != '\0');
    for (; *lines; lines++) {
        MUST(*lines == '\n' ? last != '\n' : (unsigned char)*lines >= ' ');
        last = *lines;
    }
    MUST(last == '\n');
}

static void judge(const struct accounts *accounts, const struct nickserv_answer *answer, int rc)
{
    MUST(rc == 0 || (rc == -ENOMEM && accounts->outcome == -ENOMEM && !answer->lines));
    MUST(memchr(answer->account, '\0', sizeof answer->account));
    MUST(memchr(answer->nick, '\0', sizeof answer->nick));
    MUST(!answer->dropped || answer->action == NICKSERV_LOGOUT);
    MUST(strcmp(answer->account, ACCOUNT) == 0 || !*answer->account);
    if (answer->action == NICKSERV_GHOST || answer->action == NICKSERV_REGAIN)
        MUST(*answer->nick && !answer->lines);
    else if (answer->action == NICKSERV_CLIENTS || answer->action == NICKSERV_END_CLIENT)
        MUST(!answer->lines);
    else if (rc == 0)
        judge_lines(answer->lines);
    if (answer->lines)
        MUST(!strstr(answer->lines, SECRET));
}

static void say(struct accounts *accounts, struct nickserv_request *request, const char *line)
{
    struct nickserv_answer answer;
    int rc;

    request->line = accounts->line = line;
    rc = nickserv_run(accounts, request, &answer);
    judge(accounts, &answer, rc);
    nickserv_answer_deinit(&answer);
}

/* A line as a protocol hands it on, in a block of its size; NULL: it does not. */
static char *line_of(const uint8_t *data, size_t length)
{
    char *line = malloc(length + 1);

    MUST(line != NULL);
    for (size_t i = 0; i < length; i++)
        line[i] = data[i] < ' ' || data[i] == 0x7f ? ' ' : (char)data[i];
    line[length] = '\0';
    if (pli_utf8_is_valid(line, length))
        return line;
    free(line);
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct accounts accounts;
    struct nickserv_request request;

    if (size < 2)
        return 0;
    accounts = (struct accounts){.kept = data[0] & 4, .outcome = data[1] % (ACCOUNT_AWAY + 2)};
    if (accounts.outcome > ACCOUNT_AWAY)
        accounts.outcome = -ENOMEM;
    request = (struct nickserv_request){
        .who = {.address = "192.0.2.1",
                .nick = data[0] & 8 ? "Bob" : ACCOUNT,
                .fingerprint = data[0] & 16 ? FINGERPRINT : "",
                .is_private = true,
                .takes_part = true},
        .account = data[0] & 1 ? ACCOUNT : "",
        .may_force = data[0] & 2,
    };
    data += 2;
    size -= 2;
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end ? (size_t)(end - data) : size;
        size_t used = end ? length + 1 : length;
        char *line = line_of(data, length);

        if (line)
            say(&accounts, &request, line);
        free(line);
        data += used;
        size -= used;
    }
    return 0;
}
