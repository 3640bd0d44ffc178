/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/sasl_client.h"

#include <errno.h>
#include <gsasl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int callback(Gsasl *library, Gsasl_session *session, Gsasl_property which)
{
    const struct sasl_client *client = gsasl_session_hook_get(session);
    const char *text = NULL;

    (void)library;
    if (!client)
        return GSASL_NO_CALLBACK;
    if (which == GSASL_AUTHID)
        text = client->name;
    else if (which == GSASL_AUTHZID)
        text = client->authzid;
    else if (which == GSASL_PASSWORD)
        text = client->password;
    return text ? gsasl_property_set(session, which, text) : GSASL_NO_CALLBACK;
}

static void note_offer(struct sasl_end *end, const void *answer, size_t length)
{
    if (end->steps == 1)
        (void)snprintf(end->offer, sizeof end->offer, "%.*s", (int)length,
                       answer ? (const char *)answer : "");
}

/* Says what the client has to say until one of them has enough of it; SAID is GNU SASL's last word. */
static int run(struct account_sasl *sasl, Gsasl_session *session, struct sasl_end *end, int *said)
{
    char *message = NULL;
    size_t length = 0;
    int rc = ACCOUNT_SASL_MORE;

    *said = gsasl_step(session, NULL, 0, &message, &length);
    while (rc == ACCOUNT_SASL_MORE && (*said == GSASL_OK || *said == GSASL_NEEDS_MORE)) {
        size_t answer_length;
        void *answer;

        rc = account_sasl_step(sasl, message, length, &answer, &answer_length);
        gsasl_free(message);
        message = NULL;
        length = 0;
        end->steps++;
        note_offer(end, answer, answer_length);
        if (rc == ACCOUNT_SASL_MORE)
            *said = gsasl_step(session, answer, answer_length, &message, &length);
        free(answer);
    }
    gsasl_free(message);
    return rc;
}

/* What a client of PLAIN or EXTERNAL thinks of it nobody knows: it has said all it had to. */
static bool is_content(const struct sasl_client *client, int said)
{
    return said == GSASL_OK && strncmp(client->mechanism, "SCRAM", 5) == 0;
}

static int converse(Gsasl *library, struct account_sasl *sasl, const struct sasl_client *client,
                    struct sasl_end *end)
{
    Gsasl_session *session;
    int rc, said;

    if (gsasl_client_start(library, client->mechanism, &session) != GSASL_OK)
        return -EPROTO;
    gsasl_session_hook_set(session, (void *)(uintptr_t)client);
    rc = run(sasl, session, end, &said);
    gsasl_finish(session);
    if (rc != 0 && is_content(client, said))
        return -EPROTO;
    (void)snprintf(end->name, sizeof end->name, "%s", rc == 0 ? account_sasl_name(sasl) : "");
    return rc == 0 && said != GSASL_OK ? -EPROTO : rc;
}

int sasl_converse(struct accounts *accounts, const struct account_who *who,
                  const struct sasl_client *client, struct sasl_end *end)
{
    struct account_sasl *sasl;
    Gsasl *library;
    int rc = account_sasl_new(accounts, who, client->mechanism, &sasl);

    *end = (struct sasl_end){0};
    if (rc != 0)
        return rc;
    if (gsasl_init(&library) == GSASL_OK) {
        gsasl_callback_set(library, callback);
        rc = converse(library, sasl, client, end);
        gsasl_done(library);
    } else {
        rc = -EPROTO;
    }
    account_sasl_free(sasl);
    return rc;
}
