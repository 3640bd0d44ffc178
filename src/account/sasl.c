/* SPDX-License-Identifier: MIT */
/*
 * An exchange is a session of GNU SASL's, which splits and makes the messages and asks, by a callback,
 * what only we know: whether a password or a certificate is right, and the keys of an account. What
 * the callback has found out stands in account_sasl.outcome, as the library has but one word for
 * whatever is wrong.
 *
 *     FIRST    the client's first message is awaited; PLAIN and EXTERNAL have no other
 *     PROOF    SCRAM: salt and iterations are sent, and the proof is awaited
 *     CONFIRM  SCRAM: the server's signature is sent, which the client says it has seen by an empty
 *              message
 *     OVER     nothing more is taken
 *
 * Nothing in SCRAM tells whether there is such an account: for one that is not there the keys are some
 * that nobody has the password of, and the exchange fails where it does with a wrong password.
 *
 * An exchange is used by one thread at a time; what they share is only read (account/mechanisms.h).
 */
#include "config.h"

#include "account/sasl.h"

#include "account/mechanisms.h"
#include "base/text.h"

#include <errno.h>
#include <gsasl.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum state { FIRST, PROOF, CONFIRM, OVER };

struct account_mechanisms {
    Gsasl *library;
};

struct mechanism {
    const char *name;
    bool (*is_for)(struct accounts *accounts, const struct account_who *who);
    int (*step)(struct account_sasl *sasl, const char *message, size_t length, void **answer,
                size_t *answer_length);
};

struct account_sasl {
    struct accounts *accounts;
    struct account_who who; /* its texts are in TEXTS */
    char *texts;
    const struct mechanism *mechanism;
    Gsasl_session *session;
    enum state state;
    int outcome; /* of what the library has asked for, within one step */
    int code;    /* of the library's, for the last step */
    bool known;  /* the keys are those of an account */
    char name[ACCOUNT_NAME_MAX + 1];
};

/* -- What the library asks for -------------------------------------------------------------------- */

static const char *property(struct account_sasl *sasl, Gsasl_property which)
{
    const char *text = gsasl_property_fast(sasl->session, which);

    return text ? text : "";
}

/*
 * Nobody acts for somebody else: whom they want to act as must be nobody in particular, or who they are.
 * That is known before anything is looked up, so that it tells nothing.
 */
static bool acts_for_itself(struct account_sasl *sasl)
{
    const char *wanted = property(sasl, GSASL_AUTHZID);
    const char *is = property(sasl, GSASL_AUTHID);

    return *wanted == '\0' || strcasecmp(wanted, is) == 0;
}

static int judge_password(struct account_sasl *sasl, const char *password)
{
    if (!acts_for_itself(sasl))
        return ACCOUNT_WRONG;
    return account_login(sasl->accounts, &sasl->who, property(sasl, GSASL_AUTHID), password,
                         sasl->name);
}

static int judge_certificate(struct account_sasl *sasl)
{
    return account_login_certificate(sasl->accounts, &sasl->who, property(sasl, GSASL_AUTHZID),
                                     sasl->name);
}

static int put_base64(struct account_sasl *sasl, Gsasl_property which, const void *bytes,
                      size_t length)
{
    char *text = NULL;
    size_t text_length = 0;
    int rc = gsasl_base64_to(bytes, length, &text, &text_length);

    if (rc == GSASL_OK)
        rc = gsasl_property_set(sasl->session, which, text);
    if (text)
        OPENSSL_cleanse(text, text_length);
    gsasl_free(text);
    return rc == GSASL_OK ? 0 : -ENOMEM;
}

static int put_keys(struct account_sasl *sasl, const struct pli_password *keys)
{
    char iterations[16];
    int rc;

    (void)snprintf(iterations, sizeof iterations, "%u", keys->iterations);
    rc = gsasl_property_set(sasl->session, GSASL_SCRAM_ITER, iterations) == GSASL_OK ? 0 : -ENOMEM;
    if (rc == 0)
        rc = put_base64(sasl, GSASL_SCRAM_SALT, keys->salt, keys->salt_length);
    if (rc == 0)
        rc = put_base64(sasl, GSASL_SCRAM_STOREDKEY, keys->stored_key, PLI_PASSWORD_KEY);
    if (rc == 0)
        rc = put_base64(sasl, GSASL_SCRAM_SERVERKEY, keys->server_key, PLI_PASSWORD_KEY);
    return rc;
}

static int look_keys_up(struct account_sasl *sasl)
{
    struct pli_password keys;
    int rc;

    if (!acts_for_itself(sasl))
        return ACCOUNT_WRONG;
    rc = account_keys(sasl->accounts, &sasl->who, property(sasl, GSASL_AUTHID), &keys, &sasl->known,
                      sasl->name);
    if (rc == 0)
        rc = put_keys(sasl, &keys);
    OPENSSL_cleanse(&keys, sizeof keys);
    return rc;
}

/* The iterations are the first that SCRAM asks for, after it has learned the name; all keys are put then. */
static int callback(Gsasl *library, Gsasl_session *session, Gsasl_property which)
{
    struct account_sasl *sasl = gsasl_session_hook_get(session);

    (void)library;
    switch (which) {
    case GSASL_VALIDATE_SIMPLE:
        sasl->outcome = judge_password(sasl, property(sasl, GSASL_PASSWORD));
        break;
    case GSASL_VALIDATE_EXTERNAL:
        sasl->outcome = judge_certificate(sasl);
        break;
    case GSASL_SCRAM_ITER:
        sasl->outcome = look_keys_up(sasl);
        break;
    default:
        return GSASL_NO_CALLBACK;
    }
    return sasl->outcome == 0 ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
}

/* -- Steps ---------------------------------------------------------------------------------------- */

/* What came of the last step: 0 (done), ACCOUNT_SASL_MORE, or why not. */
static int outcome_of(const struct account_sasl *sasl)
{
    if (sasl->outcome != 0)
        return sasl->outcome;
    switch (sasl->code) {
    case GSASL_OK:
        return 0;
    case GSASL_NEEDS_MORE:
        return ACCOUNT_SASL_MORE;
    case GSASL_MALLOC_ERROR:
        return -ENOMEM;
    case GSASL_CRYPTO_ERROR:
        return -EIO;
    default:
        return ACCOUNT_WRONG;
    }
}

/* Has the library take the message. */
static int hand_over(struct account_sasl *sasl, const char *message, size_t length, void **answer,
                     size_t *answer_length)
{
    char *text = NULL;
    size_t text_length = 0;
    int rc;

    sasl->outcome = 0;
    sasl->code = gsasl_step(sasl->session, message, length, &text, &text_length);
    rc = outcome_of(sasl);
    if (rc != 0 && rc != ACCOUNT_SASL_MORE) {
        gsasl_free(text);
        return rc;
    }
    *answer = text;
    *answer_length = text_length;
    return rc;
}

/*
 * The library prepares passwords and refuses those with characters that SASLprep does not know, as any
 * that are newer than Unicode 3.2; they are right to be taken as they are (account/account.h). It has
 * split the message by then.
 */
static int take_unprepared(struct account_sasl *sasl, const char *message, size_t length)
{
    const char *name = memchr(message, '\0', length);
    const char *password = strchr(name + 1, '\0') + 1;
    size_t password_length = length - (size_t)(password - message);
    char *copy = strndup(password, password_length);
    int rc;

    if (!copy)
        return -ENOMEM;
    rc = judge_password(sasl, copy);
    OPENSSL_cleanse(copy, password_length);
    free(copy);
    return rc;
}

static unsigned count_nuls(const char *message, size_t length)
{
    unsigned count = 0;

    for (size_t i = 0; i < length; i++)
        count += message[i] == '\0';
    return count;
}

static int step_plain(struct account_sasl *sasl, const char *message, size_t length, void **answer,
                      size_t *answer_length)
{
    int rc;

    if (count_nuls(message, length) != 2)
        return ACCOUNT_WRONG;
    rc = hand_over(sasl, message, length, answer, answer_length);
    if (sasl->code == GSASL_SASLPREP_ERROR && gsasl_property_fast(sasl->session, GSASL_AUTHID))
        return take_unprepared(sasl, message, length);
    return rc;
}

/* A client that wants its channel bound ("p=") has not been offered that (RFC 5802, 6). */
static int first_of_scram(struct account_sasl *sasl, const char *message, size_t length,
                          void **answer, size_t *answer_length)
{
    int rc;

    if (length == 0 || message[0] == 'p')
        return ACCOUNT_WRONG;
    rc = hand_over(sasl, message, length, answer, answer_length);
    sasl->state = PROOF;
    return rc == 0 ? ACCOUNT_WRONG : rc; /* nothing is proven yet */
}

static int proof_of_scram(struct account_sasl *sasl, const char *message, size_t length,
                          void **answer, size_t *answer_length)
{
    int rc = hand_over(sasl, message, length, answer, answer_length);

    if (rc < 0)
        return rc;
    rc = account_judged(sasl->accounts, &sasl->who, property(sasl, GSASL_AUTHID),
                        rc == 0 && sasl->known);
    sasl->state = CONFIRM;
    return rc == 0 ? ACCOUNT_SASL_MORE : rc;
}

static int step_scram(struct account_sasl *sasl, const char *message, size_t length, void **answer,
                      size_t *answer_length)
{
    if (sasl->state == CONFIRM)
        return length == 0 ? 0 : ACCOUNT_WRONG;
    if (count_nuls(message, length) > 0)
        return ACCOUNT_WRONG;
    if (sasl->state == PROOF)
        return proof_of_scram(sasl, message, length, answer, answer_length);
    return first_of_scram(sasl, message, length, answer, answer_length);
}

/* -- Mechanisms ----------------------------------------------------------------------------------- */

static bool shows_certificate(struct accounts *accounts, const struct account_who *who)
{
    (void)accounts;
    return *who->fingerprint != '\0';
}

static bool may_say_password(struct accounts *accounts, const struct account_who *who)
{
    struct account_settings settings;

    if (who->is_private)
        return true;
    accounts_settings(accounts, &settings);
    return settings.plain_text;
}

static bool anybody(struct accounts *accounts, const struct account_who *who)
{
    (void)accounts;
    (void)who;
    return true;
}

static const struct mechanism mechanisms[] = {
    {"EXTERNAL", shows_certificate, hand_over},
    {"PLAIN", may_say_password, step_plain},
    {"SCRAM-SHA-256", anybody, step_scram},
};

#define MECHANISMS (sizeof mechanisms / sizeof mechanisms[0])

int account_mechanisms_new(struct account_mechanisms **out)
{
    struct account_mechanisms *made = malloc(sizeof *made);

    if (!made)
        return -ENOMEM;
    if (gsasl_init(&made->library) != GSASL_OK) {
        free(made);
        return -EIO;
    }
    gsasl_callback_set(made->library, callback);
    *out = made;
    return 0;
}

void account_mechanisms_free(struct account_mechanisms *made)
{
    if (!made)
        return;
    gsasl_done(made->library);
    free(made);
}

void account_sasl_list(struct accounts *accounts, const struct account_who *who,
                       char list[static ACCOUNT_SASL_MECHANISMS])
{
    size_t length = 0;

    *list = '\0';
    if (!accounts_are_kept(accounts) || accounts_state(accounts) != 0)
        return;
    for (size_t i = 0; i < MECHANISMS; i++)
        if (mechanisms[i].is_for(accounts, who))
            length += (size_t)snprintf(list + length, ACCOUNT_SASL_MECHANISMS - length, "%s%s",
                                       length > 0 ? "," : "", mechanisms[i].name);
}

/* -- Exchanges -------------------------------------------------------------------------------------- */

static int copy_who(struct account_sasl *sasl, const struct account_who *who)
{
    char *at;

    sasl->texts = malloc(strlen(who->address) + strlen(who->nick) + strlen(who->fingerprint) + 3);
    if (!sasl->texts)
        return -ENOMEM;
    at = sasl->texts;
    sasl->who = *who;
    sasl->who.address = pli_text_pack(who->address, &at);
    sasl->who.nick = pli_text_pack(who->nick, &at);
    sasl->who.fingerprint = pli_text_pack(who->fingerprint, &at);
    return 0;
}

static const struct mechanism *find(const char *name)
{
    for (size_t i = 0; i < MECHANISMS; i++)
        if (strcasecmp(mechanisms[i].name, name) == 0)
            return &mechanisms[i];
    return NULL;
}

static int begin(struct account_sasl *sasl)
{
    Gsasl *library = accounts_mechanisms(sasl->accounts)->library;
    int rc = gsasl_server_start(library, sasl->mechanism->name, &sasl->session);

    if (rc == GSASL_OK)
        gsasl_session_hook_set(sasl->session, sasl);
    return rc == GSASL_OK                  ? 0
           : rc == GSASL_UNKNOWN_MECHANISM ? ACCOUNT_MISSING
           : rc == GSASL_MALLOC_ERROR      ? -ENOMEM
                                           : -EIO;
}

int account_sasl_new(struct accounts *accounts, const struct account_who *who, const char *name,
                     struct account_sasl **out)
{
    const struct mechanism *mechanism = find(name);
    struct account_sasl *sasl;
    int rc;

    if (!accounts_are_kept(accounts) || !mechanism || !mechanism->is_for(accounts, who))
        return ACCOUNT_MISSING;
    if (accounts_state(accounts) != 0)
        return ACCOUNT_AWAY;
    sasl = calloc(1, sizeof *sasl);
    if (!sasl)
        return -ENOMEM;
    sasl->accounts = accounts;
    sasl->mechanism = mechanism;
    rc = copy_who(sasl, who);
    if (rc == 0)
        rc = begin(sasl);
    if (rc != 0) {
        account_sasl_free(sasl);
        return rc;
    }
    *out = sasl;
    return 0;
}

/* The library frees what it was given, but does not overwrite it. */
static void cleanse(struct account_sasl *sasl, Gsasl_property which)
{
    const char *text = gsasl_property_fast(sasl->session, which);

    if (text)
        OPENSSL_cleanse((void *)(uintptr_t)text, strlen(text));
}

static void end(struct account_sasl *sasl)
{
    if (sasl->session) {
        cleanse(sasl, GSASL_PASSWORD);
        cleanse(sasl, GSASL_SCRAM_STOREDKEY);
        cleanse(sasl, GSASL_SCRAM_SERVERKEY);
        gsasl_finish(sasl->session);
        sasl->session = NULL;
    }
    sasl->state = OVER;
}

void account_sasl_free(struct account_sasl *sasl)
{
    if (!sasl)
        return;
    end(sasl);
    free(sasl->texts);
    free(sasl);
}

int account_sasl_step(struct account_sasl *sasl, const void *message, size_t length, void **answer,
                      size_t *answer_length)
{
    int rc = ACCOUNT_WRONG;

    *answer = NULL;
    *answer_length = 0;
    if (sasl->state != OVER && length <= ACCOUNT_SASL_MESSAGE)
        rc = sasl->mechanism->step(sasl, length > 0 ? message : "", length, answer, answer_length);
    if (rc == ACCOUNT_SASL_MORE)
        return rc;
    free(*answer);
    *answer = NULL;
    *answer_length = 0;
    end(sasl);
    return rc;
}

const char *account_sasl_name(const struct account_sasl *sasl)
{
    return sasl->name;
}
