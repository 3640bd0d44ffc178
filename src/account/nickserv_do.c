/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "account/nickserv_inside.h"

#include "chat/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool is_same_name(const char *one, const char *other)
{
    char room_one[CHAT_NAME_MAX], room_other[CHAT_NAME_MAX];
    struct chat_text text = chat_fold(chat_text(one), room_one);

    return text.data && chat_text_equal(text, chat_fold(chat_text(other), room_other));
}

static void act(struct nickserv *serv, enum nickserv_action action, const char *account,
                const char *nick)
{
    serv->answer->action = action;
    snprintf(serv->answer->account, sizeof serv->answer->account, "%s", account);
    snprintf(serv->answer->nick, sizeof serv->answer->nick, "%s", nick);
}

/* -- Coming and going --------------------------------------------------------------------------- */

int nickserv_register(struct nickserv *serv)
{
    const char *email = serv->words[1] ? serv->words[1] : "*";
    char name[ACCOUNT_NAME_MAX + 1];
    int rc;

    if (*serv->request->account) {
        nickserv_say(serv, "You are logged in to an account already.");
        return 0;
    }
    rc = account_register(serv->accounts, &serv->request->who, "*", email, serv->words[0], false,
                          name);
    if (rc == ACCOUNT_UNVERIFIED) {
        nickserv_say(serv, "Account created: %s. A code was sent to your address;", name);
        nickserv_say(serv, "say VERIFY %s CODE when you have it, and the account is yours.", name);
        return 0;
    }
    if (rc == ACCOUNT_TAKEN) {
        nickserv_say(serv, "There is an account of your nickname already.");
        return 0;
    }
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "Account created: %s. You are logged in to it.", name);
    act(serv, NICKSERV_LOGIN, name, "");
    return 0;
}

int nickserv_verify(struct nickserv *serv)
{
    char name[ACCOUNT_NAME_MAX + 1];
    int rc =
        account_verify(serv->accounts, &serv->request->who, serv->words[0], serv->words[1], name);

    if (rc == ACCOUNT_MISSING) {
        nickserv_say(serv, "That account waits for no code.");
        return 0;
    }
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "The account %s is verified. You are logged in to it.", name);
    act(serv, NICKSERV_LOGIN, name, "");
    return 0;
}

int nickserv_identify(struct nickserv *serv)
{
    bool named = serv->words[1] != NULL;
    const char *account = named ? serv->words[0] : serv->request->who.nick;
    const char *password = serv->words[named ? 1 : 0];
    char name[ACCOUNT_NAME_MAX + 1];
    int rc = account_login(serv->accounts, &serv->request->who, account, password, name);

    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "You are logged in as %s.", name);
    act(serv, NICKSERV_LOGIN, name, "");
    return 0;
}

int nickserv_logout(struct nickserv *serv)
{
    nickserv_say(serv, "You are logged out.");
    act(serv, NICKSERV_LOGOUT, serv->request->account, "");
    return 0;
}

int nickserv_drop(struct nickserv *serv)
{
    const char *account = serv->request->account;
    char name[ACCOUNT_NAME_MAX + 1];
    int rc = account_login(serv->accounts, &serv->request->who, account, serv->words[0], name);

    if (rc == 0)
        rc = account_drop(serv->accounts, account);
    if (rc == ACCOUNT_MISSING) { /* somebody else has dropped it, meanwhile */
        nickserv_say(serv, "There is no account %s.", account);
        return 0;
    }
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "The account %s is dropped.", account);
    act(serv, NICKSERV_LOGOUT, account, "");
    serv->answer->dropped = true;
    return 0;
}

int nickserv_saregister(struct nickserv *serv)
{
    const char *email = serv->words[2] ? serv->words[2] : "*";
    char name[ACCOUNT_NAME_MAX + 1];
    int rc;

    if (strcmp(serv->words[0], "*") == 0)
        return nickserv_refuse(serv, ACCOUNT_BAD_NAME);
    rc = account_register(serv->accounts, &serv->request->who, serv->words[0], email,
                          serv->words[1], true, name);
    if (rc == ACCOUNT_TAKEN) {
        nickserv_say(serv, "There is an account of that name already.");
        return 0;
    }
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "Account created: %s.", name);
    act(serv, NICKSERV_NOTHING, name, "");
    return 0;
}

/* -- Nicknames ---------------------------------------------------------------------------------- */

/* Of an account's name alone. */
static int take_nick(struct nickserv *serv, enum nickserv_action action)
{
    const char *account = serv->request->account;
    const char *nick = serv->words[0];

    if (!is_same_name(nick, account)) {
        nickserv_say(serv, "That nickname is not your account's.");
        return 0;
    }
    if (is_same_name(nick, serv->request->who.nick)) {
        nickserv_say(serv, "You bear it yourself.");
        return 0;
    }
    act(serv, action, account, nick);
    return 0;
}

int nickserv_ghost(struct nickserv *serv)
{
    return take_nick(serv, NICKSERV_GHOST);
}

int nickserv_regain(struct nickserv *serv)
{
    return take_nick(serv, NICKSERV_REGAIN);
}

/* -- What an account is like -------------------------------------------------------------------- */

static void print_day(uint64_t milliseconds, char text[static 24])
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || strftime(text, 24, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        snprintf(text, 24, "some time ago");
}

static void show(struct nickserv *serv, const struct account_view *view)
{
    bool is_own = is_same_name(view->name, serv->request->account);
    char day[24];

    print_day(view->created, day);
    nickserv_say(serv, "Account %s, registered on %s.", view->name, day);
    if (!view->verified)
        nickserv_say(serv, "It waits for the code that was sent to its address.");
    nickserv_say(serv, "Its name as a nickname is %s.",
                 view->protects ? "kept for it" : "anybody's");
    if (is_own && !view->keeps)
        nickserv_say(serv, "What it says is not kept in the history.");
    if (is_own || serv->request->may_force)
        nickserv_say(serv, "E-mail: %s", *view->email ? view->email : "none");
}

int nickserv_info(struct nickserv *serv)
{
    const char *account = serv->words[0]            ? serv->words[0]
                          : *serv->request->account ? serv->request->account
                                                    : serv->request->who.nick;
    struct account_view view;
    int rc = account_look(serv->accounts, account, &view);

    if (rc == ACCOUNT_MISSING) {
        nickserv_say(serv, "There is no such account.");
        return 0;
    }
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    show(serv, &view);
    return 0;
}

int nickserv_passwd(struct nickserv *serv)
{
    const char *password =
        serv->words[serv->words[1] ? 1 : 0]; /* SET PASSWORD new, or PASSWD new */
    int rc =
        account_set_password(serv->accounts, &serv->request->who, serv->request->account, password);

    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "The password is changed.");
    return 0;
}

static int set_email(struct nickserv *serv)
{
    int rc = account_set_email(serv->accounts, serv->request->account, serv->words[1]);

    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "The address is changed.");
    return 0;
}

static int set_protection(struct nickserv *serv)
{
    bool on = nickserv_is(serv->words[1], "ON");
    int rc;

    if (!on && !nickserv_is(serv->words[1], "OFF"))
        return nickserv_usage(serv);
    rc = account_set_protection(serv->accounts, serv->request->account, on);
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, on ? "The nickname is kept for your account."
                          : "Anybody may bear your account's name.");
    return 0;
}

/* Whether a wish holds. */
static bool holds(const struct nickserv *serv, enum account_wish wish)
{
    static const unsigned policies[ACCOUNT_WISHES] = {
        [ACCOUNT_WISH_MULTICLIENT] = ACCOUNT_SHARES,
        [ACCOUNT_WISH_ALWAYS_ON] = ACCOUNT_ALWAYS_ON,
        [ACCOUNT_WISH_AUTO_AWAY] = ACCOUNT_AUTO_AWAY,
    };
    const char *account = serv->request->account;

    return accounts_policy(serv->accounts, account, strlen(account)) & policies[wish];
}

/* What is wished by ON, OFF, or DEFAULT. */
static int set_wish(struct nickserv *serv, enum account_wish wish, const char *what)
{
    bool on = nickserv_is(serv->words[1], "ON");
    bool off = nickserv_is(serv->words[1], "OFF");
    int rc;

    if (!on && !off && !nickserv_is(serv->words[1], "DEFAULT"))
        return nickserv_usage(serv);
    rc = account_set_wish(serv->accounts, serv->request->account, wish, on ? 1 : off ? 0 : -1);
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "%s: %s.", what, on ? "on" : off ? "off" : "as the server has it");
    if (on && !holds(serv, wish))
        nickserv_say(serv, "But that does not hold: the server, or another wish, does not let it.");
    return 0;
}

static int set_history(struct nickserv *serv)
{
    bool on = nickserv_is(serv->words[1], "ON");
    int rc;

    if (!on && !nickserv_is(serv->words[1], "OFF"))
        return nickserv_usage(serv);
    rc = account_set_history(serv->accounts, serv->request->account, on);
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, on ? "What you say may be kept in the history."
                          : "Nothing that you say is kept in the history from now on.");
    return 0;
}

int nickserv_set(struct nickserv *serv)
{
    if (nickserv_is(serv->words[0], "MULTICLIENT"))
        return set_wish(serv, ACCOUNT_WISH_MULTICLIENT, "Several clients as one");
    if (nickserv_is(serv->words[0], "ALWAYS-ON"))
        return set_wish(serv, ACCOUNT_WISH_ALWAYS_ON, "Staying without a client");
    if (nickserv_is(serv->words[0], "AUTOAWAY"))
        return set_wish(serv, ACCOUNT_WISH_AUTO_AWAY, "Being away without a client");
    if (nickserv_is(serv->words[0], "EMAIL"))
        return set_email(serv);
    if (nickserv_is(serv->words[0], "PROTECT"))
        return set_protection(serv);
    if (nickserv_is(serv->words[0], "HISTORY"))
        return set_history(serv);
    if (nickserv_is(serv->words[0], "PASSWORD"))
        return nickserv_passwd(serv);
    return nickserv_usage(serv);
}

/* -- Clients ------------------------------------------------------------------------------------ */

/* Those are known to the chat alone. */
int nickserv_clients(struct nickserv *serv)
{
    const char *number = serv->words[1];

    if (nickserv_is(serv->words[0], "LIST") && !number) {
        serv->answer->action = NICKSERV_CLIENTS;
        return 0;
    }
    if (!nickserv_is(serv->words[0], "LOGOUT") || !number || strspn(number, "0123456789") == 0 ||
        number[strspn(number, "0123456789")] || strlen(number) > 9)
        return nickserv_usage(serv);
    serv->answer->action = NICKSERV_END_CLIENT;
    serv->answer->number = (unsigned)strtoul(number, NULL, 10);
    return 0;
}

/* -- Certificates ------------------------------------------------------------------------------- */

static int add_certificate(struct nickserv *serv)
{
    const char *fingerprint = serv->words[1] ? serv->words[1] : serv->request->who.fingerprint;
    int rc;

    if (!*fingerprint) {
        nickserv_say(serv, "Your client has shown no certificate; name a fingerprint.");
        return 0;
    }
    rc = account_certificate_add(serv->accounts, serv->request->account, fingerprint);
    if (rc == ACCOUNT_TAKEN) {
        nickserv_say(serv, "That certificate is some account's already.");
        return 0;
    }
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "The certificate is added.");
    return 0;
}

static int drop_certificate(struct nickserv *serv)
{
    int rc;

    if (!serv->words[1])
        return nickserv_usage(serv);
    rc = account_certificate_drop(serv->accounts, serv->request->account, serv->words[1]);
    if (rc == ACCOUNT_MISSING) {
        nickserv_say(serv, "That is no certificate of your account.");
        return 0;
    }
    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "The certificate is taken away.");
    return 0;
}

struct listing {
    struct nickserv *serv;
    unsigned count;
};

static void list_one(const char *fingerprint, uint64_t added, void *argument)
{
    struct listing *listing = argument;
    char day[24];

    print_day(added, day);
    nickserv_say(listing->serv, "%s, added on %s", fingerprint, day);
    listing->count++;
}

static int list_certificates(struct nickserv *serv)
{
    struct listing listing = {.serv = serv};
    int rc = account_certificates(serv->accounts, serv->request->account, list_one, &listing);

    if (rc != 0)
        return nickserv_refuse(serv, rc);
    nickserv_say(serv, "Certificates: %u", listing.count);
    return 0;
}

int nickserv_cert(struct nickserv *serv)
{
    if (nickserv_is(serv->words[0], "ADD"))
        return add_certificate(serv);
    if (nickserv_is(serv->words[0], "DEL"))
        return drop_certificate(serv);
    if (nickserv_is(serv->words[0], "LIST") && !serv->words[1])
        return list_certificates(serv);
    return nickserv_usage(serv);
}
