/* SPDX-License-Identifier: MIT */
/*
 * AUTHENTICATE (IRCv3 sasl-3.1 and sasl-3.2): SASL's messages in base64, in chunks of 400 bytes, of
 * which one that is shorter, or + for none at all, is the last. Who is logged in may log in anew.
 *
 * The exchange is the client's while the next message comes in, and that of the work (irc/work.h) while
 * a helper takes it: the session is parked, so there is nobody else who would want it.
 */
#include "config.h"

#include "irc/account.h"

#include "account/sasl.h"
#include "base/base64.h"
#include "irc/command.h"
#include "irc/work.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK    400
#define TEXT_MAX PLI_BASE64_LENGTH(ACCOUNT_SASL_MESSAGE)

static_assert(IRC_CAP_VALUE_MAX >= ACCOUNT_SASL_MECHANISMS, "the value is the list");

struct irc_sasl {
    struct account_sasl *exchange;
    size_t length;
    char text[TEXT_MAX + 1]; /* of the message that comes in */
};

void irc_sasl_list(const struct irc_client *client, char value[static IRC_CAP_VALUE_MAX])
{
    struct irc_asker asker;

    value[0] = '\0';
    if (irc_accounts_state(client->irc) != 0)
        return;
    irc_asker_init(&asker, client);
    account_sasl_list(client->irc->accounts, &asker.who, value);
}

void irc_sasl_free(struct irc_sasl *sasl)
{
    if (!sasl)
        return;
    account_sasl_free(sasl->exchange);
    OPENSSL_cleanse(sasl, sizeof *sasl);
    free(sasl);
}

static void end_exchange(struct irc_client *client)
{
    irc_sasl_free(client->sasl);
    client->sasl = NULL;
}

void irc_sasl_abort(struct irc_client *client)
{
    if (!client->sasl)
        return;
    end_exchange(client);
    irc_reply(client, IRC_ERR_SASLABORTED);
}

static void fail(struct irc_client *client, enum irc_numeric_index numeric)
{
    irc_reply_texts(client, numeric, &(const struct chat_text){NULL, 0});
    irc_client_charge(client, IRC_COST_OF_FAILURE);
}

/* -- One step ------------------------------------------------------------------------------------- */

struct step {
    struct irc_work work;
    struct irc_sasl *sasl;
    int outcome; /* account_sasl_step() */
    void *answer;
    size_t answer_length;
    size_t length;
    unsigned char message[ACCOUNT_SASL_MESSAGE];
};

static struct step *step_of(struct irc_work *work)
{
    return (struct step *)(void *)work;
}

static void free_step(struct irc_work *work)
{
    struct step *step = step_of(work);

    irc_sasl_free(step->sasl);
    OPENSSL_cleanse(step->message, sizeof step->message);
    free(step->answer);
    free(step);
}

static void run_step(struct irc_work *work)
{
    struct step *step = step_of(work);

    step->outcome = account_sasl_step(step->sasl->exchange, step->message, step->length,
                                      &step->answer, &step->answer_length);
}

static void send_chunk(struct irc_client *client, struct chat_text chunk)
{
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, "AUTHENTICATE ");
    irc_line_put(&line, chunk);
    irc_emit(client, &line);
}

/* Returns 0 or -ENOMEM. */
static int send_message(struct irc_client *client, const void *message, size_t length)
{
    size_t left = PLI_BASE64_LENGTH(length);
    char *text = malloc(left + 1);
    char *at = text;

    if (!text)
        return -ENOMEM;
    (void)pli_base64_encode(message, length, text);
    while (left >= CHUNK) {
        send_chunk(client, (struct chat_text){at, CHUNK});
        at += CHUNK;
        left -= CHUNK;
    }
    send_chunk(client, left > 0 ? (struct chat_text){at, left} : chat_text("+"));
    free(text);
    return 0;
}

static void answer_step(struct irc_client *client, struct irc_work *work)
{
    struct step *step = step_of(work);

    if (step->outcome == 0) {
        irc_account_login(client, account_sasl_name(step->sasl->exchange));
        if (!client->gone)
            irc_reply(client, IRC_RPL_SASLSUCCESS);
    } else if (step->outcome != ACCOUNT_SASL_MORE) {
        fail(client, step->outcome == ACCOUNT_UNVERIFIED ? IRC_ERR_NICKLOCKED : IRC_ERR_SASLFAIL);
    } else if (send_message(client, step->answer, step->answer_length) < 0) {
        fail(client, IRC_ERR_SASLFAIL);
    } else {
        client->sasl = step->sasl;
        OPENSSL_cleanse(client->sasl->text, client->sasl->length);
        client->sasl->length = 0;
        client->sasl->text[0] = '\0';
        step->sasl = NULL;
    }
}

/* Reads the message; false: it is not base64. */
static bool decode(const struct irc_sasl *sasl, struct step *step)
{
    const char *at = sasl->text;

    if (strlen(sasl->text) != sasl->length)
        return false;
    step->length = pli_base64_decode(&at, step->message, sizeof step->message);
    return *at == '\0';
}

static void take_step(struct irc_client *client)
{
    struct step *step = calloc(1, sizeof *step);

    if (!step || !decode(client->sasl, step)) {
        if (step)
            free_step(&step->work);
        end_exchange(client);
        fail(client, IRC_ERR_SASLFAIL);
        return;
    }
    step->work = (struct irc_work){.run = run_step, .done = answer_step, .free = free_step};
    step->sasl = client->sasl;
    client->sasl = NULL;
    if (irc_work_begin(client, &step->work) == 0)
        return;
    free_step(&step->work);
    fail(client, IRC_ERR_SASLFAIL);
}

/* -- AUTHENTICATE --------------------------------------------------------------------------------- */

static void begin_exchange(struct irc_client *client, struct chat_text mechanism)
{
    char known[IRC_CAP_VALUE_MAX] = "";
    char name[24];
    struct irc_asker asker;
    int rc = ACCOUNT_AWAY;

    snprintf(name, sizeof name, "%.*s",
             (int)(mechanism.length < sizeof name ? mechanism.length : 0), mechanism.data);
    if (!(client->caps_off & IRC_CAP_SASL))
        irc_sasl_list(client, known);
    irc_asker_init(&asker, client);
    client->sasl = *known ? calloc(1, sizeof *client->sasl) : NULL;
    if (client->sasl)
        rc = account_sasl_new(client->irc->accounts, &asker.who, name, &client->sasl->exchange);
    if (rc == 0) {
        send_chunk(client, chat_text("+"));
        return;
    }
    end_exchange(client);
    if (rc == ACCOUNT_MISSING)
        irc_reply(client, IRC_RPL_SASLMECHS, chat_text(known));
    irc_reply(client, IRC_ERR_SASLFAIL);
}

/* A part of a message; the last one is shorter, or + if nothing is left for it. */
static void take_chunk(struct irc_client *client, struct chat_text chunk)
{
    struct irc_sasl *sasl = client->sasl;
    bool is_empty = chat_text_equal(chunk, chat_text("+"));

    if (chunk.length > CHUNK || chunk.length > TEXT_MAX - sasl->length) {
        end_exchange(client);
        fail(client, IRC_ERR_SASLTOOLONG);
        return;
    }
    if (!is_empty) {
        memcpy(sasl->text + sasl->length, chunk.data, chunk.length);
        sasl->length += chunk.length;
        sasl->text[sasl->length] = '\0';
    }
    if (chunk.length < CHUNK)
        take_step(client);
}

/* AUTHENTICATE mechanism | message | * */
void irc_do_authenticate(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text given = message->params[0];

    if (chat_text_equal(given, chat_text("*"))) {
        end_exchange(client);
        irc_reply(client, IRC_ERR_SASLABORTED);
    } else if (client->sasl) {
        take_chunk(client, given);
    } else {
        begin_exchange(client, given);
    }
}
