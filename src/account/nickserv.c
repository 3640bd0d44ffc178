/* SPDX-License-Identifier: MIT */
/*
 * A line is cut into words at spaces; the first is a command of the table. What somebody types wrong
 * may be a password, so no word of theirs comes back but names that they have asked about.
 */
#include "config.h"

#include "account/nickserv.h"

#include "account/nickserv_inside.h"
#include "store/store.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int help(struct nickserv *serv);

static const struct nickserv_command commands[] = {
    {"REGISTER", nickserv_register, 1, 2, NICKSERV_SECRET, "password [e-mail]",
     "Makes an account of your nickname.\n"
     "Where an e-mail address is made sure of, a code is sent there; VERIFY takes it.\n"},
    {"VERIFY", nickserv_verify, 2, 2, NICKSERV_SECRET, "account code",
     "Takes the code that was sent to your e-mail address.\n"},
    {"IDENTIFY", nickserv_identify, 1, 2, NICKSERV_SECRET, "[account] password",
     "Logs you in, to the account of your nickname unless you name another.\n"},
    {"LOGOUT", nickserv_logout, 0, 0, NICKSERV_LOGGED_IN, "", "Logs you out.\n"},
    {"PASSWD", nickserv_passwd, 1, 1, NICKSERV_LOGGED_IN | NICKSERV_SECRET, "new-password",
     "Changes the password of your account. Who is logged in stays so.\n"},
    {"INFO", nickserv_info, 0, 1, 0, "[account]", "Tells about your account, or another one.\n"},
    {"DROP", nickserv_drop, 1, 1, NICKSERV_LOGGED_IN | NICKSERV_SECRET, "password",
     "Gives your account up, for good: its name is free then.\n"},
    {"CERT", nickserv_cert, 1, 2, NICKSERV_LOGGED_IN, "ADD [fingerprint] | DEL fingerprint | LIST",
     "Certificates by which your client logs in without a password.\n"
     "ADD without a fingerprint takes the one that your client has shown.\n"
     "A fingerprint is that of SHA-256, 64 hexadecimal digits, with or without colons.\n"},
    {"GHOST", nickserv_ghost, 1, 1, NICKSERV_LOGGED_IN, "nickname",
     "Takes your account's nickname from whoever bears it.\n"},
    {"REGAIN", nickserv_regain, 1, 1, NICKSERV_LOGGED_IN, "nickname",
     "The same, and gives it to you.\n"},
    {"SET", nickserv_set, 2, 2, NICKSERV_LOGGED_IN,
     "EMAIL address | PROTECT on|off | HISTORY on|off | PASSWORD new | MULTICLIENT, ALWAYS-ON or "
     "AUTOAWAY on|off|default",
     "EMAIL changes the address of your account; * takes it away.\n"
     "HISTORY: whether what you say, and what you are told, may be kept.\n"
     "PROTECT: whether others may bear your account's name as their nickname.\n"
     "PASSWORD is the same as PASSWD.\n"
     "MULTICLIENT: whether clients of yours that log in while one is there are one with it.\n"
     "ALWAYS-ON: whether you stay, where you are, while no client of yours is there.\n"
     "AUTOAWAY: whether you are away then.\n"},
    {"CLIENTS", nickserv_clients, 1, 2, NICKSERV_LOGGED_IN, "LIST | LOGOUT number",
     "LIST tells which clients of yours are one with you, LOGOUT ends one of them.\n"},
    {"SAREGISTER", nickserv_saregister, 2, 3, NICKSERV_FORCE | NICKSERV_SECRET,
     "account password [e-mail]", "Makes an account for somebody else. For operators.\n"},
    {"HELP", help, 0, 1, 0, "[command]", "Tells about the commands, or one of them.\n"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

/* -- Answers ------------------------------------------------------------------------------------ */

void nickserv_say(struct nickserv *serv, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(serv->out, format, arguments);
    va_end(arguments);
    putc('\n', serv->out);
}

int nickserv_refuse(struct nickserv *serv, int outcome)
{
    int state = accounts_state(serv->accounts);

    if (outcome == -ENOMEM)
        return outcome;
    if (outcome == ACCOUNT_AWAY && state < 0)
        nickserv_say(serv, "Accounts cannot be changed just now: %s.", store_problem(state));
    else
        nickserv_say(serv, "%s.", account_words(outcome));
    return 0;
}

int nickserv_usage(struct nickserv *serv)
{
    nickserv_say(serv, "It is written: %s %s", serv->command->name, serv->command->usage);
    return 0;
}

bool nickserv_is(const char *word, const char *name)
{
    return strcasecmp(word, name) == 0;
}

/* -- Commands ----------------------------------------------------------------------------------- */

static const struct nickserv_command *find(const char *word)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (nickserv_is(word, commands[i].name))
            return &commands[i];
    return NULL;
}

static bool is_for(const struct nickserv *serv, const struct nickserv_command *command)
{
    return !(command->flags & NICKSERV_FORCE) || serv->request->may_force;
}

static void list(struct nickserv *serv)
{
    nickserv_say(serv, "Accounts keep a name yours. Commands, of which HELP tells more:");
    for (size_t i = 0; i < COMMANDS; i++)
        if (is_for(serv, &commands[i]))
            nickserv_say(serv, "  %s %s", commands[i].name, commands[i].usage);
}

static int unknown(struct nickserv *serv)
{
    nickserv_say(serv, "There is no such command. Say HELP for those that there are.");
    return 0;
}

static int help(struct nickserv *serv)
{
    const struct nickserv_command *command = serv->words[0] ? find(serv->words[0]) : NULL;

    if (!serv->words[0]) {
        list(serv);
        return 0;
    }
    if (!command || !is_for(serv, command))
        return unknown(serv);
    nickserv_say(serv, "%s %s", command->name, command->usage);
    fputs(command->help, serv->out);
    return 0;
}

static int run(struct nickserv *serv, size_t count)
{
    const struct nickserv_command *command = serv->command;

    if (!command)
        return unknown(serv);
    if (!is_for(serv, command)) {
        nickserv_say(serv, "That is for operators of the server who may.");
        return 0;
    }
    if (!accounts_are_kept(serv->accounts) && command->run != help) {
        nickserv_say(serv, "There are no accounts here: the server keeps nothing.");
        return 0;
    }
    if ((command->flags & NICKSERV_LOGGED_IN) && !*serv->request->account) {
        nickserv_say(serv, "You are not logged in. Say IDENTIFY [account] password first.");
        return 0;
    }
    if (count < command->least || count > command->most)
        return nickserv_usage(serv);
    return command->run(serv);
}

/* Cuts LINE into words, in place; returns how many there are behind the first one. */
static size_t cut(struct nickserv *serv, char *line)
{
    char *rest = line;
    char *word = strtok_r(rest, " ", &rest);
    size_t count = 0;

    serv->command = word ? find(word) : NULL;
    while ((word = strtok_r(rest, " ", &rest)) && count < NICKSERV_WORDS_MAX)
        serv->words[count++] = word;
    return count;
}

int nickserv_run(struct accounts *accounts, const struct nickserv_request *request,
                 struct nickserv_answer *answer)
{
    struct nickserv serv = {.accounts = accounts, .request = request, .answer = answer};
    size_t size = 0;
    char *line = strdup(request->line);
    int rc = line ? 0 : -ENOMEM;

    *answer = (struct nickserv_answer){.action = NICKSERV_NOTHING};
    serv.out = line ? open_memstream(&answer->lines, &size) : NULL;
    if (serv.out) {
        rc = run(&serv, cut(&serv, line));
        if (fclose(serv.out) != 0 && rc == 0)
            rc = -ENOMEM;
    } else {
        rc = -ENOMEM;
    }
    if (line)
        OPENSSL_cleanse(line, strlen(request->line));
    free(line);
    if (rc < 0 || size == 0)
        nickserv_answer_deinit(answer);
    return rc;
}

void nickserv_answer_deinit(struct nickserv_answer *answer)
{
    free(answer->lines);
    answer->lines = NULL;
}

/* -- Secrets ------------------------------------------------------------------------------------ */

/* The next word of the text; false: there is none that fits. */
static bool take_word(const char **text, size_t *length, char word[static 16])
{
    size_t used = 0;

    while (*length > 0 && **text == ' ') {
        ++*text;
        --*length;
    }
    while (*length > 0 && **text != ' ' && used < 15) {
        word[used++] = **text;
        ++*text;
        --*length;
    }
    word[used] = '\0';
    return used > 0 && (*length == 0 || **text == ' ');
}

/* What is no command may be a password that has lost its command. */
bool nickserv_is_secret(const char *line, size_t length)
{
    const struct nickserv_command *command;
    char word[16];

    if (!take_word(&line, &length, word))
        return *word != '\0';
    command = find(word);
    if (!command)
        return true;
    if (command->run != nickserv_set)
        return command->flags & NICKSERV_SECRET;
    if (!take_word(&line, &length, word))
        return *word != '\0';
    return !nickserv_is(word, "EMAIL") && !nickserv_is(word, "PROTECT");
}
