/* SPDX-License-Identifier: MIT */
/* A line is cut into words at spaces; the first is a command of the table, the second a channel. */
#include "config.h"

#include "account/chanserv.h"

#include "account/chanserv_inside.h"
#include "base/text.h"
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

static int help(struct chanserv *serv);

#define STATUS(name, mode, set, usage, help)                                                       \
    {                                                                                              \
        name, chanserv_status, 1, 2, usage, help, mode, set                                        \
    }

static const struct chanserv_command commands[] = {
    {"REGISTER", chanserv_register, 1, 1, "#channel",
     "Makes a channel that you operate yours: it stays although nobody is there, with its topic,\n"
     "modes and masks, and you are its founder whenever you come. It takes an account.\n",
     0, false},
    {"INFO", chanserv_info, 1, 1, "#channel", "Tells whose a channel is, and how it is set up.\n",
     0, false},
    {"ACCESS", chanserv_access, 2, 4, "#channel ADD account level | DEL account | LIST",
     "Who has a place in the channel, by account: admin, op, halfop or voice, which they get when\n"
     "they join or log in. Operators give what is below their own level; the founder gives all.\n"
     "Everybody may give up their own.\n",
     0, false},
    {"SET", chanserv_set, 2, 1000, "#channel setting value",
     "KEEPTOPIC on|off: whether the topic is kept when the server restarts.\n"
     "TOPICLOCK on|off: whether only who has access as halfop or more sets the topic.\n"
     "MLOCK modes: modes that nobody changes, as \"+nt-i\" or \"+k key\"; without any, none.\n"
     "PRIVATE on|off: whether INFO tells others no more than that the channel is registered.\n"
     "SUCCESSOR account: whose the channel is when your account is dropped; without one it is\n"
     "nobody's then. For the founder.\n"
     "DESCRIPTION text, URL address: what INFO tells about the channel.\n",
     0, false},
    {"TRANSFER", chanserv_transfer, 2, 2, "#channel account",
     "Gives the channel to another account, at once. You keep nothing of it.\n", 0, false},
    {"DROP", chanserv_drop, 1, 2, "#channel [#channel]",
     "Gives the channel up: it is nobody's then, and goes when the last one leaves. So that it "
     "does\n"
     "not happen by mistake, its name is to be said twice.\n",
     0, false},
    STATUS("OWNER", CHAT_MODE_OWNER, true, "#channel [nickname]",
           "Gives you, or another one, +q.\n"),
    STATUS("DEOWNER", CHAT_MODE_OWNER, false, "#channel [nickname]", "Takes it.\n"),
    STATUS("ADMIN", CHAT_MODE_ADMIN, true, "#channel [nickname]",
           "Gives you, or another one, +a.\n"),
    STATUS("DEADMIN", CHAT_MODE_ADMIN, false, "#channel [nickname]", "Takes it.\n"),
    STATUS("OP", CHAT_MODE_OP, true, "#channel [nickname]", "Gives you, or another one, +o.\n"),
    STATUS("DEOP", CHAT_MODE_OP, false, "#channel [nickname]", "Takes it.\n"),
    STATUS("HALFOP", CHAT_MODE_HALFOP, true, "#channel [nickname]",
           "Gives you, or another one, +h.\n"),
    STATUS("DEHALFOP", CHAT_MODE_HALFOP, false, "#channel [nickname]", "Takes it.\n"),
    STATUS("VOICE", CHAT_MODE_VOICE, true, "#channel [nickname]",
           "Gives you, or another one, +v.\n"),
    STATUS("DEVOICE", CHAT_MODE_VOICE, false, "#channel [nickname]", "Takes it.\n"),
    {"INVITE", chanserv_invite, 1, 2, "#channel [nickname]",
     "Invites you, if you have access; or another one, if you have it as halfop or more.\n", 0,
     false},
    {"UNBAN", chanserv_unban, 1, 2, "#channel [nickname | mask]",
     "Takes bans away: those that mean you, or another one, or one mask. It takes access as "
     "halfop\n"
     "or more.\n",
     0, false},
    {"GETKEY", chanserv_getkey, 1, 1, "#channel", "Tells the channel's key to who has access.\n", 0,
     false},
    {"HELP", help, 0, 1, "[command]", "Tells about the commands, or one of them.\n", 0, false},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

/* -- Answers ------------------------------------------------------------------------------------ */

void chanserv_say(struct chanserv *serv, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(serv->out, format, arguments);
    va_end(arguments);
    putc('\n', serv->out);
}

int chanserv_usage(struct chanserv *serv)
{
    chanserv_say(serv, "It is written: %s %s", serv->command->name, serv->command->usage);
    return 0;
}

bool chanserv_is(struct chat_text word, const char *name)
{
    return chat_text_same(word, chat_text(name));
}

void chanserv_day(uint64_t milliseconds, char text[static 24])
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || strftime(text, 24, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        snprintf(text, 24, "some time ago");
}

/* What is the same whoever has asked for what; NULL: it is not among that. */
static const char *words_for(int outcome)
{
    static const struct {
        int outcome;
        const char *words;
    } known[] = {
        {CHAT_NO_SUCH_CHANNEL, "There is no such channel."},
        {CHAT_NOT_ON_CHANNEL, "You are not in that channel."},
        {CHAT_NOT_OWNED, "That channel is not registered."},
        {CHAT_OWNED, "That channel is registered already."},
        {CHAT_NEED_ACCOUNT, "You are not logged in. Log in to your account first."},
        {CHAT_NOT_OPERATOR, "You are no operator of that channel."},
        {CHAT_NO_ACCESS, "You have not the access that it takes."},
        {CHAT_NO_SUCH_ACCOUNT, "There is no such account, or it has no access."},
        {CHAT_TOO_MANY_KEPT, "That account has as many channels as it may have."},
        {CHAT_KEEPS_NONE, "Channels cannot be registered here."},
        {CHAT_NAME_FIXED, "That channel is the server's."},
        {CHAT_NO_SUCH_NICK, "Nobody is called so."},
        {CHAT_NOT_THERE, "They are not in that channel."},
        {CHAT_IS_THERE, "They are in that channel already."},
        {CHAT_LIST_FULL, "There is room for no more."},
        {CHAT_MODE_SAME, "That is so already."},
        {CHAT_BAD_ARGUMENT, "That cannot be set."},
        {CHAT_MASK_BAD, "That is no mask."},
        {CHAT_NOT_REGISTERED, "You take no part in the chat."},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].outcome == outcome)
            return known[i].words;
    return NULL;
}

static void explain(struct chanserv *serv, int outcome)
{
    const char *words = words_for(outcome);
    int state = accounts_state(serv->request->accounts);

    if (outcome == CHAT_STORE_AWAY)
        chanserv_say(serv, "Channels cannot be kept just now: %s.",
                     state < 0 ? store_problem(state) : "try again");
    else
        chanserv_say(serv, "%s", words ? words : "That cannot be done.");
}

/* -- Commands ----------------------------------------------------------------------------------- */

static const struct chanserv_command *find(struct chat_text word)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (chanserv_is(word, commands[i].name))
            return &commands[i];
    return NULL;
}

static int unknown(struct chanserv *serv)
{
    chanserv_say(serv, "There is no such command. Say HELP for those that there are.");
    return 0;
}

static void list(struct chanserv *serv)
{
    chanserv_say(serv, "Channels that are registered stay. Commands, of which HELP tells more:");
    for (size_t i = 0; i < COMMANDS; i++)
        chanserv_say(serv, "  %s %s", commands[i].name, commands[i].usage);
}

static int help(struct chanserv *serv)
{
    const struct chanserv_command *command = serv->count > 0 ? find(serv->words[0]) : NULL;

    if (serv->count == 0)
        list(serv);
    else if (!command)
        return unknown(serv);
    else
        fprintf(serv->out, "%s %s\n%s", command->name, command->usage, command->help);
    return 0;
}

static int run(struct chanserv *serv)
{
    const struct chanserv_command *command = serv->command;
    int rc;

    if (!command)
        return unknown(serv);
    if (!accounts_are_kept(serv->request->accounts) && command->run != help) {
        chanserv_say(serv, "No channel can be registered here: the server keeps nothing.");
        return 0;
    }
    if (serv->count < command->least || serv->count > command->most)
        return chanserv_usage(serv);
    if (command->run != help && serv->words[0].data[0] != '#')
        return chanserv_usage(serv);
    rc = command->run(serv);
    if (rc > 0)
        explain(serv, rc);
    return rc < 0 ? rc : 0;
}

/* The words of the line, all of which are counted, though not all are kept. */
static void cut(struct chanserv *serv, struct chat_text line)
{
    struct chat_text word;

    if (chat_text_next(&line, ' ', &word))
        serv->command = find(word);
    while (chat_text_next(&line, ' ', &word)) {
        if (serv->count == 2)
            serv->rest =
                (struct chat_text){word.data, (size_t)(line.data - word.data) + line.length};
        if (serv->count < CHANSERV_WORDS_MAX)
            serv->words[serv->count] = word;
        serv->count++;
    }
    while (serv->rest.length > 0 && serv->rest.data[serv->rest.length - 1] == ' ')
        serv->rest.length--;
}

int chanserv_run(const struct chanserv_request *request, struct chanserv_answer *answer)
{
    struct chanserv serv = {.request = request, .answer = answer};
    size_t size = 0;
    int rc;

    *answer = (struct chanserv_answer){.changed = false};
    serv.out = open_memstream(&answer->lines, &size);
    if (!serv.out)
        return -ENOMEM;
    cut(&serv, chat_text(request->line));
    rc = run(&serv);
    if (fclose(serv.out) != 0 && rc == 0)
        rc = -ENOMEM;
    if (rc < 0 || size == 0)
        chanserv_answer_deinit(answer);
    return rc;
}

void chanserv_answer_deinit(struct chanserv_answer *answer)
{
    free(answer->lines);
    answer->lines = NULL;
}

int chanserv_settle(struct accounts *accounts, struct chanserv_answer *answer)
{
    int rc = accounts_flush(accounts);
    char *lines = NULL;

    if (rc == 0 || !answer->lines)
        return rc == -ENOMEM ? rc : 0;
    if (asprintf(&lines, "%sIt cannot be kept just now, a restart would lose it: %s.\n",
                 answer->lines, store_problem(rc)) < 0)
        return -ENOMEM;
    free(answer->lines);
    answer->lines = lines;
    return 0;
}
