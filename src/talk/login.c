/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/login.h"

#include "account/account.h"
#include "talk/command.h"
#include "talk/job.h"
#include "talk/telnet.h"

#include <paceline/session.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

/* What is asked for; it lives from the command to the last line that it wants. */
struct talk_login {
    void (*take)(struct talk_person *person, struct chat_text secret);
    bool hidden; /* a telnet client was told not to show what is typed */
    char *first; /* a new password, which is to be typed again; NULL: not yet */
    char name[ACCOUNT_NAME_MAX + 1];
    char email[ACCOUNT_EMAIL_MAX + 1];
};

/* -- Questions ------------------------------------------------------------------------------------ */

bool talk_login_asks(const struct talk_person *person)
{
    return person->login != NULL;
}

static void show_echo(struct talk_person *person, bool hidden)
{
    if (person->login->hidden == hidden)
        return;
    person->login->hidden = hidden;
    (void)pl_session_send(person->session, hidden ? TELNET_WILL_ECHO : TELNET_WONT_ECHO,
                          TELNET_NEGOTIATION);
}

/* Asks for the next line: the question has been sent. */
static void hide_next(struct talk_person *person)
{
    if (person->telnet.negotiates)
        show_echo(person, true);
}

static void forget_first(struct talk_login *login)
{
    if (login->first)
        OPENSSL_cleanse(login->first, strlen(login->first));
    free(login->first);
    login->first = NULL;
}

void talk_login_forget(struct talk_person *person)
{
    if (!person->login)
        return;
    show_echo(person, false);
    forget_first(person->login);
    free(person->login);
    person->login = NULL;
}

/* A question that is waiting for TAKE. Returns NULL without memory, and tells. */
static struct talk_login *ask(struct talk_person *person,
                              void (*take)(struct talk_person *person, struct chat_text secret))
{
    struct talk_login *login = calloc(1, sizeof *login);

    if (!login) {
        talk_explain(person, -ENOMEM, CHAT_NO_TEXT);
        return NULL;
    }
    login->take = take;
    person->login = login;
    return login;
}

void talk_login_take(struct talk_person *person, struct chat_text line)
{
    pl_session_wipe_line(person->session);
    if (line.length > 0) {
        person->login->take(person, line);
        return;
    }
    talk_login_forget(person);
    talk_reply(person, "Nothing was done.");
}

void talk_login_give_up(struct talk_person *person)
{
    talk_login_forget(person);
    talk_reply(person, "That line is too long for a password; nothing was done.");
}

/* -- Whether it makes sense to ask ------------------------------------------------------------------ */

static void explain(struct talk_person *person, int outcome)
{
    talk_reply(person, "%s.", account_words(outcome));
}

/* There are accounts, and they can be had now. */
static bool are_there(struct talk_person *person)
{
    struct accounts *accounts = talk_accounts(person->talk);

    if (!accounts || !accounts_are_kept(accounts)) {
        talk_reply(person, "There are no accounts here.");
        return false;
    }
    if (accounts_state(accounts) != 0) {
        explain(person, ACCOUNT_AWAY);
        return false;
    }
    return true;
}

/* And nobody else would hear the password. */
static bool may_be_said(struct talk_person *person)
{
    struct account_settings settings;

    if (!are_there(person))
        return false;
    accounts_settings(talk_accounts(person->talk), &settings);
    if (settings.plain_text || pl_session_is_tls(person->session) ||
        pl_session_is_local(person->session))
        return true;
    explain(person, ACCOUNT_NEED_PRIVACY);
    return false;
}

struct own_names {
    struct chat_text account, nick;
    char memory[2][CHAT_NAME_MAX];
};

static struct chat_text keep_name(struct chat_text name, char memory[CHAT_NAME_MAX])
{
    size_t length = name.length < CHAT_NAME_MAX ? name.length : CHAT_NAME_MAX;

    if (length > 0)
        memcpy(memory, name.data, length);
    return (struct chat_text){memory, length};
}

static void note_names(const struct chat_user_view *view, void *argument)
{
    struct own_names *names = argument;

    names->account = keep_name(view->account, names->memory[0]);
    names->nick = keep_name(view->nick, names->memory[1]);
}

static void look_at_oneself(struct talk_person *person, struct own_names *names)
{
    names->account = names->nick = CHAT_NO_TEXT;
    (void)chat_user_look(person->world, &person->chat, note_names, names);
}

static bool put_name(struct talk_login *login, struct chat_text name)
{
    if (name.length > ACCOUNT_NAME_MAX)
        return false;
    memcpy(login->name, name.data, name.length);
    login->name[name.length] = '\0';
    return true;
}

/* -- What is done --------------------------------------------------------------------------------- */

/* Whether the account has gone since the login was found to be right, when nobody knew of it. */
static bool is_gone(const struct talk_person *person, struct chat_text account)
{
    char name[ACCOUNT_NAME_MAX + 1];

    snprintf(name, sizeof name, "%.*s", TALK_TEXT(account));
    return !accounts_has(talk_accounts(person->talk), name);
}

/* Whether there was somebody with the account whose session it is now; or too many are. */
static bool be_somebody(struct talk_person *person, struct chat_text account)
{
    int rc = account.length > 0 ? chat_presence_join(person->world, &person->chat, account)
                                : CHAT_NO_SUCH_USER;

    if (rc == CHAT_NO_SUCH_USER)
        return false;
    chat_limit_hit_for(person->world, rc);
    if (rc == CHAT_TOO_MANY_SESSIONS)
        talk_reply(person, "There are as many clients of that account as there may be.");
    else if (rc != 0)
        talk_explain(person, rc, account);
    if (rc != 0)
        return true;
    talk_reply(person, "You are logged in as %.*s, who is here already.", TALK_TEXT(account));
    talk_settle(person, chat_text(person->settings->lobby));
    return true;
}

void talk_be_account(struct talk_person *person, struct chat_text account)
{
    int rc;

    if (be_somebody(person, account))
        return;
    rc = chat_user_account(person->world, &person->chat, account);
    if (rc == 0 && account.length > 0 && is_gone(person, account)) {
        account = CHAT_NO_TEXT;
        rc = chat_user_account(person->world, &person->chat, account);
    }
    if (rc != 0)
        talk_explain(person, rc, account);
    else if (account.length > 0)
        talk_reply(person, "You are logged in as %.*s.", TALK_TEXT(account));
    else
        talk_reply(person, "You are logged out.");
}

static void logged_in(struct talk_person *person, const struct talk_job *job)
{
    if (job->outcome != 0)
        explain(person, job->outcome);
    else
        talk_be_account(person, chat_text(job->name_out));
}

static void log_in(struct talk_job *job)
{
    job->outcome = account_login(job->accounts, &job->who, job->name, job->secret, job->name_out);
}

static void registered(struct talk_person *person, const struct talk_job *job)
{
    if (job->outcome == ACCOUNT_UNVERIFIED)
        talk_reply(person, "A code was sent to %s: /verify and the code make the account %s yours.",
                   job->email, job->name_out);
    else if (job->outcome == 0)
        talk_reply(person, "The account %s is yours now.", job->name_out);
    if (job->outcome != ACCOUNT_UNVERIFIED)
        logged_in(person, job);
}

static void register_it(struct talk_job *job)
{
    job->outcome = account_register(job->accounts, &job->who, "*", job->email, job->secret, false,
                                    job->name_out);
}

static void verify_it(struct talk_job *job)
{
    job->outcome = account_verify(job->accounts, &job->who, job->nick, job->secret, job->name_out);
}

static void changed(struct talk_person *person, const struct talk_job *job)
{
    if (job->outcome != 0)
        explain(person, job->outcome);
    else
        talk_reply(person, "You have a new password.");
}

static void change_it(struct talk_job *job)
{
    job->outcome = account_set_password(job->accounts, &job->who, job->name, job->secret);
}

/* What was asked for is there, or SECRET is what a command has with it: a helper takes it from here. */
static void begin(struct talk_person *person, struct chat_text secret,
                  void (*run)(struct talk_job *job),
                  void (*done)(struct talk_person *person, const struct talk_job *job))
{
    struct talk_job *job = talk_job_new(person, secret);

    if (job && person->login) {
        memcpy(job->name, person->login->name, sizeof job->name);
        memcpy(job->email, person->login->email, sizeof job->email);
    }
    talk_login_forget(person);
    if (!job)
        return;
    job->run = run;
    job->done = done;
    talk_job_begin(person, job);
}

/* -- Commands --------------------------------------------------------------------------------------- */

static void take_password(struct talk_person *person, struct chat_text secret)
{
    begin(person, secret, log_in, logged_in);
}

void talk_do_login(struct talk_person *person, struct chat_text arguments)
{
    struct chat_text name = talk_word(&arguments);
    struct talk_login *login;

    if (!may_be_said(person))
        return;
    login = ask(person, take_password);
    if (!login)
        return;
    if (!put_name(login, name)) {
        talk_login_forget(person);
        explain(person, ACCOUNT_WRONG);
        return;
    }
    talk_reply(person, "The password of %.*s, please, as your next line:", TALK_TEXT(name));
    hide_next(person);
}

void talk_do_logout(struct talk_person *person, struct chat_text arguments)
{
    struct own_names names;

    (void)arguments;
    look_at_oneself(person, &names);
    if (names.account.length == 0)
        talk_reply(person, "You are not logged in.");
    else
        talk_be_account(person, CHAT_NO_TEXT);
}

/* A new password is typed twice. Returns whether SECRET is the second time, and the same. */
static bool is_sure(struct talk_person *person, struct chat_text secret)
{
    struct talk_login *login = person->login;
    bool same;

    if (!login->first) {
        login->first = strndup(secret.data, secret.length);
        if (login->first) {
            talk_reply(person, "The same again:");
            return false;
        }
        talk_login_forget(person);
        talk_explain(person, -ENOMEM, CHAT_NO_TEXT);
        return false;
    }
    same = chat_text_equal(chat_text(login->first), secret);
    if (!same) {
        talk_login_forget(person);
        talk_reply(person, "Those were two different ones; nothing was done.");
    }
    return same;
}

static void take_first_password(struct talk_person *person, struct chat_text secret)
{
    if (is_sure(person, secret))
        begin(person, secret, register_it, registered);
}

void talk_do_register(struct talk_person *person, struct chat_text arguments)
{
    struct own_names names;
    struct talk_login *login;

    if (!may_be_said(person))
        return;
    if (arguments.length > ACCOUNT_EMAIL_MAX) {
        explain(person, ACCOUNT_BAD_EMAIL);
        return;
    }
    login = ask(person, take_first_password);
    if (!login)
        return;
    if (arguments.length > 0)
        memcpy(login->email, arguments.data, arguments.length);
    look_at_oneself(person, &names);
    talk_reply(person, "A password for the account %.*s, please, as your next line:",
               TALK_TEXT(names.nick));
    hide_next(person);
}

void talk_do_verify(struct talk_person *person, struct chat_text arguments)
{
    if (are_there(person))
        begin(person, talk_word(&arguments), verify_it, registered);
}

static void take_new_password(struct talk_person *person, struct chat_text secret)
{
    if (is_sure(person, secret))
        begin(person, secret, change_it, changed);
}

void talk_do_password(struct talk_person *person, struct chat_text arguments)
{
    struct own_names names;
    struct talk_login *login;

    (void)arguments;
    if (!may_be_said(person))
        return;
    look_at_oneself(person, &names);
    if (names.account.length == 0) {
        talk_reply(person, "You are not logged in.");
        return;
    }
    login = ask(person, take_new_password);
    if (!login)
        return;
    (void)put_name(login, names.account);
    talk_reply(person,
               "The new password of %.*s, please, as your next line:", TALK_TEXT(names.account));
    hide_next(person);
}
