/* SPDX-License-Identifier: MIT */
/*
 * REGISTER and VERIFY (IRCv3 draft/account-registration). Who succeeds is logged in. Where everybody must
 * give the server's password nobody registers an account before they have.
 */
#include "config.h"

#include "irc/account.h"

#include "chat/chat.h"
#include "irc/command.h"
#include "irc/work.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

/* Whether one registers before one takes part in the chat. */
static bool is_early(const struct irc_client *client, const struct account_settings *settings)
{
    return settings->before_connect && !*client->class->password;
}

static void add_key(char value[static IRC_CAP_VALUE_MAX], const char *key)
{
    size_t used = strlen(value);

    snprintf(value + used, IRC_CAP_VALUE_MAX - used, "%s%s", used > 0 ? "," : "", key);
}

void irc_signup_value(const struct irc_client *client, char value[static IRC_CAP_VALUE_MAX])
{
    struct account_settings settings;

    value[0] = '\0';
    if (!client->irc->accounts)
        return;
    accounts_settings(client->irc->accounts, &settings);
    if (is_early(client, &settings))
        add_key(value, "before-connect");
    if (settings.email_required)
        add_key(value, "email-required");
    if (settings.custom_names)
        add_key(value, "custom-account-name");
}

/* -- What a helper does --------------------------------------------------------------------------- */

struct signup {
    struct irc_work work;
    struct accounts *accounts;
    struct irc_asker asker;
    bool verifies;
    int outcome;
    char named[ACCOUNT_NAME_MAX + 1]; /* the account, as it is called */
    const char *name;                 /* as it was given; in TEXTS, with NULs behind them, as */
    const char *email;
    const char *secret; /* the password or code */
    size_t length;
    char texts[];
};

static struct signup *signup_of(struct irc_work *work)
{
    return (struct signup *)(void *)work;
}

static void free_signup(struct irc_work *work)
{
    struct signup *signup = signup_of(work);

    OPENSSL_cleanse(signup->texts, signup->length);
    free(signup);
}

static void run_signup(struct irc_work *work)
{
    struct signup *signup = signup_of(work);

    signup->outcome = signup->verifies
                          ? account_verify(signup->accounts, &signup->asker.who, signup->name,
                                           signup->secret, signup->named)
                          : account_register(signup->accounts, &signup->asker.who, signup->name,
                                             signup->email, signup->secret, false, signup->named);
}

/* -- What comes of it ----------------------------------------------------------------------------- */

static const struct {
    int outcome;
    const char *code;
} codes[] = {
    {ACCOUNT_TAKEN, "ACCOUNT_EXISTS"},
    {ACCOUNT_BAD_NAME, "BAD_ACCOUNT_NAME"},
    {ACCOUNT_NAME_NOT_NICK, "ACCOUNT_NAME_MUST_BE_NICK"},
    {ACCOUNT_WEAK_PASSWORD, "WEAK_PASSWORD"},
    {ACCOUNT_BAD_PASSWORD, "UNACCEPTABLE_PASSWORD"},
    {ACCOUNT_BAD_EMAIL, "INVALID_EMAIL"},
    {ACCOUNT_NEED_EMAIL, "INVALID_EMAIL"},
    {ACCOUNT_BAD_CODE, "INVALID_CODE"},
    {ACCOUNT_MISSING, "INVALID_CODE"},
    {ACCOUNT_NEED_PRIVACY, "DISALLOWED"},
    {ACCOUNT_CLOSED, "DISALLOWED"},
};

static void fail(struct irc_client *client, const char *command, const char *code,
                 struct chat_text name, const char *text)
{
    irc_fail(client, chat_text(command), code, name.length > 0 ? name : chat_text("*"), text);
}

static void explain(struct irc_client *client, const char *command, int outcome,
                    struct chat_text name)
{
    const char *code = "TEMPORARILY_UNAVAILABLE";

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].outcome == outcome)
            code = codes[i].code;
    fail(client, command, code, name,
         outcome == -EAGAIN ? "Too busy, try again later" : account_words(outcome));
    if (outcome == ACCOUNT_BAD_CODE)
        irc_client_charge(client, IRC_COST_OF_FAILURE);
}

/* REGISTER SUCCESS account :text, and its like. */
static void succeed(struct irc_client *client, const char *command, const char *what,
                    const char *name, const char *text)
{
    struct irc_line line;

    irc_begin(client, &line, command);
    irc_line_puts(&line, " ");
    irc_line_puts(&line, what);
    irc_line_puts(&line, " ");
    irc_line_puts(&line, name);
    irc_line_puts(&line, " :");
    irc_line_puts(&line, text);
    irc_emit(client, &line);
}

static void answer_signup(struct irc_client *client, struct irc_work *work)
{
    const struct signup *signup = signup_of(work);
    const char *command = signup->verifies ? "VERIFY" : "REGISTER";

    if (signup->outcome == ACCOUNT_UNVERIFIED && !signup->verifies) {
        succeed(client, command, "VERIFICATION_REQUIRED", signup->named,
                "Account created; it is yours once you give the code that was sent to you");
        return;
    }
    if (signup->outcome != 0) {
        explain(client, command, signup->outcome, chat_text(signup->name));
        return;
    }
    succeed(client, command, "SUCCESS", signup->named,
            signup->verifies ? "Account verified" : "Account created");
    irc_account_login(client, signup->named);
    chat_nick_review(client->world, chat_text(signup->named));
}

/* -- What is asked for ---------------------------------------------------------------------------- */

static char *copy(const char **text, char *at, struct chat_text from)
{
    *text = at;
    if (from.length > 0)
        memcpy(at, from.data, from.length);
    at[from.length] = '\0';
    return at + from.length + 1;
}

static void begin(struct irc_client *client, bool verifies, struct chat_text name,
                  struct chat_text email, struct chat_text secret)
{
    size_t length = name.length + email.length + secret.length + 3;
    struct signup *signup = malloc(sizeof *signup + length);
    char *at;
    int rc = -ENOMEM;

    if (signup) {
        *signup = (struct signup){
            .work = {.run = run_signup, .done = answer_signup, .free = free_signup},
            .accounts = client->irc->accounts,
            .verifies = verifies,
            .length = length,
        };
        irc_asker_init(&signup->asker, client);
        at = copy(&signup->name, signup->texts, name);
        at = copy(&signup->email, at, email);
        (void)copy(&signup->secret, at, secret);
        rc = irc_work_begin(client, &signup->work);
    }
    if (rc == 0)
        return;
    if (signup)
        free_signup(&signup->work);
    explain(client, verifies ? "VERIFY" : "REGISTER", rc, name);
}

static void note_self(const struct chat_user_view *view, void *argument)
{
    *(bool *)argument = view->self;
}

/* Whether somebody else bears the name, who must not lose it by that. */
static bool is_borne(struct irc_client *client, struct chat_text name)
{
    bool is_own;

    return chat_nick_look(client->world, &client->chat, name, note_self, &is_own) == 0 && !is_own;
}

/* Whether accounts can be registered now by who asks for that; if not, that has been said. */
static bool is_possible(struct irc_client *client, const char *command, struct chat_text name)
{
    struct account_settings settings = {.registration = false};
    char account[ACCOUNT_NAME_MAX + 1];

    irc_account_of(client, account);
    if (client->irc->accounts)
        accounts_settings(client->irc->accounts, &settings);
    if (*account)
        fail(client, command, "ALREADY_AUTHENTICATED", name, "You are logged in already");
    else if (irc_accounts_state(client->irc) != 0)
        explain(client, command, ACCOUNT_AWAY, name);
    else if (client->caps_off & IRC_CAP_ACCOUNT_REGISTRATION || !settings.registration)
        explain(client, command, ACCOUNT_CLOSED, name);
    else if (!client->registered && !is_early(client, &settings))
        irc_fail(client, chat_text(command), "COMPLETE_CONNECTION_REQUIRED", CHAT_NO_TEXT,
                 "Take part in the chat first");
    else
        return true;
    return false;
}

/* REGISTER account email password */
void irc_do_register(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text name = message->params[0];
    struct chat_text wanted;

    if (!is_possible(client, "REGISTER", name))
        return;
    if (!client->nick) {
        fail(client, "REGISTER", "NEED_NICK", CHAT_NO_TEXT, "Choose a nickname first");
        return;
    }
    wanted = chat_text_equal(name, chat_text("*")) ? chat_text(client->nick) : name;
    if (is_borne(client, wanted))
        fail(client, "REGISTER", "BAD_ACCOUNT_NAME", name, "Somebody else is called so now");
    else
        begin(client, false, name, message->params[1], message->params[2]);
}

/* VERIFY account code */
void irc_do_verify(struct irc_client *client, const struct irc_message *message)
{
    if (is_possible(client, "VERIFY", message->params[0]))
        begin(client, true, message->params[0], CHAT_NO_TEXT, message->params[1]);
}
