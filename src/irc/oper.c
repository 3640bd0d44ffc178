/* SPDX-License-Identifier: MIT */
/*
 * Operators of the server: OPER, and what takes one. Whether a password is right is found out by a
 * helper. Who tries a name that is not known waits as long as for one that is, and gets the same
 * answer.
 */
#include "config.h"

#include "irc/command.h"

#include "base/log.h"
#include "chat/name.h"
#include "irc/face.h"
#include "irc/people.h"
#include "irc/work.h"

#include <paceline/session.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

/* What a failure costs beside the command itself: as much as many lines. */
#define COST_OF_FAILURE 40

#define NAME_SHOWN 64 /* bytes of a name in the log */

/* -- OPER ----------------------------------------------------------------------------------------- */

struct attempt {
    struct irc_work work;
    struct pli_password password; /* that of the name or, if it is not known, somebody's */
    bool known;
    unsigned most; /* the most iterations that any operator's password takes */
    int verdict;   /* pli_password_verify() */
    size_t length; /* of what was given as the password */
    const char *name;
    char given[]; /* and the name behind it */
};

/* The one of that name, letter by letter. */
static const struct irc_oper *find_oper(const struct irc_settings *settings, struct chat_text name)
{
    for (size_t i = 0; i < settings->oper_count; i++)
        if (chat_text_equal(chat_text(settings->opers[i].name), name))
            return &settings->opers[i];
    return NULL;
}

static void free_attempt(struct irc_work *work)
{
    struct attempt *attempt = (struct attempt *)(void *)work;

    OPENSSL_cleanse(attempt->given, attempt->length);
    free(attempt);
}

/* All attempts take as long as the longest. */
static void run_attempt(struct irc_work *work)
{
    struct attempt *attempt = (struct attempt *)(void *)work;
    struct pli_password rest = attempt->password;

    attempt->verdict = pli_password_verify(&attempt->password, attempt->given, attempt->length);
    rest.iterations = attempt->most - attempt->password.iterations;
    if (rest.iterations > 0)
        (void)pli_password_derive(&rest, attempt->given, attempt->length);
}

/* A name for the log, without what terminals might take for a command. */
static const char *clean_name(struct chat_text name, char text[NAME_SHOWN + 1])
{
    size_t length = name.length < NAME_SHOWN ? name.length : NAME_SHOWN;

    for (size_t i = 0; i < length; i++)
        text[i] = (unsigned char)name.data[i] < 0x20 || name.data[i] == 0x7f ? '?' : name.data[i];
    text[length] = '\0';
    return text;
}

/* Whether somebody with the entry's password may be operator from where the client is. */
static bool is_accepted(const struct irc_client *client, const struct irc_oper *oper)
{
    struct chat_text from = chat_text(oper->from);
    char address[PL_ADDRESS_TEXT];
    struct chat_text pattern;

    if (from.length == 0)
        return true;
    (void)pl_session_peer(client->session, address, sizeof address);
    while (irc_word_next(&from, &pattern))
        if (chat_host_match(pattern, chat_text(client->host), chat_text(address)))
            return true;
    return false;
}

static bool is_any_accepted(const struct irc_client *client)
{
    const struct irc_settings *settings = irc_settings_of(client);

    for (size_t i = 0; i < settings->oper_count; i++)
        if (is_accepted(client, &settings->opers[i]))
            return true;
    return false;
}

static void fail(struct irc_client *client, struct chat_text name, enum irc_numeric_index numeric)
{
    char username[CHAT_USERNAME_MAX + 1];
    char address[PL_ADDRESS_TEXT];
    char text[NAME_SHOWN + 1];

    pli_log(PL_LOG_WARNING, "%s from %s has failed to become operator \"%s\"", client->nick,
            pl_session_peer(client->session, address, sizeof address), clean_name(name, text));
    chat_notify(client->world, CHAT_NOTICE_OPER, "%s (%s@%s) [%s] has failed to become operator",
                client->nick, irc_username(client, username), client->host, address);
    irc_reply_texts(client, numeric, &(const struct chat_text){NULL, 0});
    irc_client_charge(client, COST_OF_FAILURE);
}

/*
 * By the settings that are in force when this has been done: a reload in between has passed over
 * who was not yet an operator.
 */
static int grant(struct irc_client *client, struct chat_text name)
{
    const struct irc_snapshot *by;
    int rc;

    do {
        const struct irc_oper *oper = find_oper(irc_settings_of(client), name);
        struct chat_grant grant = {.name = name};

        by = client->snapshot;
        if (!oper || !is_accepted(client, oper)) {
            (void)chat_user_modes(client->world, &client->chat, 0, CHAT_USER_OPERATOR);
            return CHAT_NOT_OPERATOR;
        }
        grant.class = chat_text(oper->class);
        grant.rights = oper->rights;
        rc = chat_user_grant(client->world, &client->chat, &grant);
        irc_client_renew(client);
    } while (rc == 0 && client->snapshot != by);
    return rc;
}

static void succeed(struct irc_client *client, struct chat_text name)
{
    char address[PL_ADDRESS_TEXT];
    int rc = grant(client, name);

    if (rc == CHAT_NOT_OPERATOR)
        fail(client, name, IRC_ERR_PASSWDMISMATCH);
    else if (rc != 0)
        irc_explain(client, rc, "OPER", name);
    if (rc != 0)
        return;
    pli_log(PL_LOG_INFO, "%s from %s is now operator \"%.*s\"", client->nick,
            pl_session_peer(client->session, address, sizeof address), (int)name.length, name.data);
    irc_reply(client, IRC_RPL_YOUREOPER);
}

static void answer_attempt(struct irc_client *client, struct irc_work *work)
{
    const struct attempt *attempt = (const struct attempt *)(const void *)work;
    struct chat_text name = chat_text(attempt->name);

    if (attempt->verdict < 0)
        irc_explain(client, attempt->verdict, "OPER", name);
    else if (attempt->verdict == 1 && attempt->known)
        succeed(client, name);
    else
        fail(client, name, IRC_ERR_PASSWDMISMATCH);
}

static struct attempt *make_attempt(const struct irc_client *client, struct chat_text name,
                                    struct chat_text given)
{
    const struct irc_settings *settings = irc_settings_of(client);
    const struct irc_oper *oper = find_oper(settings, name);
    struct attempt *attempt = malloc(sizeof *attempt + given.length + name.length + 1);

    if (!attempt)
        return NULL;
    *attempt = (struct attempt){
        .work = {.run = run_attempt, .done = answer_attempt, .free = free_attempt},
        .password = oper ? oper->password : settings->opers[0].password,
        .known = oper && is_accepted(client, oper),
        .length = given.length,
        .name = attempt->given + given.length,
    };
    for (size_t i = 0; i < settings->oper_count; i++)
        if (attempt->most < settings->opers[i].password.iterations)
            attempt->most = settings->opers[i].password.iterations;
    memcpy(attempt->given, given.data, given.length);
    memcpy(attempt->given + given.length, name.data, name.length);
    attempt->given[given.length + name.length] = '\0';
    return attempt;
}

static void begin_attempt(struct irc_client *client, struct chat_text name, struct chat_text given)
{
    struct attempt *attempt = make_attempt(client, name, given);
    int rc = attempt ? irc_work_begin(client, &attempt->work) : -ENOMEM;

    if (rc == 0)
        return;
    if (attempt)
        free_attempt(&attempt->work);
    irc_explain(client, rc, "OPER", name);
}

/* OPER name password */
void irc_do_oper(struct irc_client *client, const struct irc_message *message)
{
    if (irc_client_is_operator(client))
        irc_reply(client, IRC_RPL_YOUREOPER);
    else if (!is_any_accepted(client))
        fail(client, message->params[0], IRC_ERR_NOOPERHOST);
    else
        begin_attempt(client, message->params[0], message->params[1]);
}

/* -- What operators do ------------------------------------------------------------------------------ */

static void explain(struct irc_client *client, int outcome, const char *command,
                    struct chat_text name)
{
    if (outcome == CHAT_NOT_OPERATOR)
        irc_reply(client, IRC_ERR_NOPRIVILEGES);
    else if (outcome != 0)
        irc_explain(client, outcome, command, name);
}

/* KILL nickname [:reason] */
void irc_do_kill(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = message->params[0];
    struct chat_text reason = irc_param(message, 1);
    struct irc_line why;

    if (reason.length == 0)
        reason = chat_text("No reason given");
    if (!irc_client_may(client, CHAT_RIGHT_KILL))
        return;
    if (chat_text_same(nick, chat_text(irc_settings_of(client)->server))) {
        irc_reply(client, IRC_ERR_CANTKILLSERVER);
        return;
    }
    irc_line_begin(&why);
    irc_put_kill(&why, chat_text(client->nick), reason);
    explain(client,
            chat_kill(client->world, &client->chat, nick, reason,
                      (struct chat_text){why.data, why.length}),
            "KILL", nick);
}

/* WALLOPS :text */
void irc_do_wallops(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = message->params[0];

    irc_answer_single(client);
    if (text.length == 0)
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("WALLOPS"));
    else if (irc_client_may(client, CHAT_RIGHT_WALLOPS))
        explain(client, chat_wallops(client->world, &client->chat, text), "WALLOPS", CHAT_NO_TEXT);
}

/* -- REHASH ----------------------------------------------------------------------------------------- */

struct rehash {
    struct irc_work work;
    const struct irc_host *host;
    int result;
    char *messages; /* lines; NULL: none */
};

static void run_rehash(struct irc_work *work)
{
    struct rehash *rehash = (struct rehash *)(void *)work;

    rehash->result = rehash->host->reload(rehash->host->context, &rehash->messages);
}

static void free_rehash(struct irc_work *work)
{
    struct rehash *rehash = (struct rehash *)(void *)work;

    free(rehash->messages);
    free(rehash);
}

static void answer_rehash(struct irc_client *client, struct irc_work *work)
{
    const struct rehash *rehash = (const struct rehash *)(const void *)work;
    const char *text = rehash->messages ? rehash->messages : "";

    while (*text) {
        size_t length = strcspn(text, "\n");

        irc_notice(client, (struct chat_text){text, length});
        text += length + (text[length] == '\n');
    }
    if (rehash->result == 0)
        irc_reply(client, IRC_RPL_REHASHING, chat_text(rehash->host->file));
    else
        irc_reply(client, IRC_ERR_UNKNOWNERROR, chat_text("REHASH"),
                  chat_text("The configuration stays as it was"));
}

void irc_do_rehash(struct irc_client *client, const struct irc_message *message)
{
    struct rehash *rehash;
    int rc;

    (void)message;
    if (!irc_client_may(client, CHAT_RIGHT_REHASH))
        return;
    if (!client->irc->host.reload) {
        irc_explain(client, -ENOSYS, "REHASH", CHAT_NO_TEXT);
        return;
    }
    chat_act(client->world, &client->chat, CHAT_NOTICE_SERVER, "has the configuration read again");
    rehash = calloc(1, sizeof *rehash);
    if (rehash) {
        rehash->work =
            (struct irc_work){.run = run_rehash, .done = answer_rehash, .free = free_rehash};
        rehash->host = &client->irc->host;
    }
    rc = rehash ? irc_work_begin(client, &rehash->work) : -ENOMEM;
    if (rc == 0)
        return;
    free(rehash);
    irc_explain(client, rc, "REHASH", CHAT_NO_TEXT);
}
