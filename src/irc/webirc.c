/* SPDX-License-Identifier: MIT */
/*
 * WEBIRC: a gateway says whose connection it brings (ircv3.net/specs/extensions/webirc). Who says
 * so, where nobody believes it, is sent away. A password that is kept as a hash is checked by a
 * helper.
 */
#include "config.h"

#include "irc/command.h"

#include "config/checks.h"
#include "irc/work.h"

#include <paceline/session.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

/* What is claimed of the client: texts that may be anything, cut where they are too long to be it. */
struct claim {
    char host[CHAT_CLOAK_MAX + 2];
    char address[PL_ADDRESS_TEXT];
    unsigned port;
    bool secure; /* the client speaks TLS with the gateway */
};

static const struct irc_gateway *find_gateway(const struct irc_client *client)
{
    const struct irc_settings *settings = irc_settings_of(client);

    for (size_t i = 0; i < settings->gateway_count; i++)
        if (pl_session_is_from(client->session, &settings->gateways[i].network))
            return &settings->gateways[i];
    return NULL;
}

static void refuse(struct irc_client *client, const char *reason)
{
    char address[PL_ADDRESS_TEXT];

    pli_log_limited(&client->irc->turned_away, PL_LOG_WARNING, "WEBIRC from %s is refused: %s",
                    pl_session_peer(client->session, address, sizeof address), reason);
    irc_client_end(client, chat_text(reason));
}

/* -- What is claimed ------------------------------------------------------------------------------ */

static void copy(char *to, size_t size, struct chat_text text)
{
    size_t length = text.length < size ? text.length : size - 1;

    memcpy(to, text.data, length);
    to[length] = '\0';
}

/* Reads "name=value", as of tags; the value of another name, or none, is left alone. */
static bool read_port(struct chat_text option, unsigned *port)
{
    static const char name[] = "remote-port=";
    unsigned number = 0;

    if (option.length <= sizeof name - 1 || option.length > sizeof name - 1 + 5 ||
        memcmp(option.data, name, sizeof name - 1) != 0)
        return false;
    for (size_t i = sizeof name - 1; i < option.length; i++) {
        if (option.data[i] < '0' || option.data[i] > '9')
            return false;
        number = number * 10 + (unsigned)(option.data[i] - '0');
    }
    if (number > 65535)
        return false;
    *port = number;
    return true;
}

static void read_claim(const struct irc_message *message, struct claim *claim)
{
    struct chat_text options = irc_param(message, 4);
    struct chat_text option;

    copy(claim->host, sizeof claim->host, message->params[2]);
    copy(claim->address, sizeof claim->address, message->params[3]);
    claim->port = 0;
    claim->secure = false;
    while (irc_word_next(&options, &option)) {
        (void)read_port(option, &claim->port);
        if (chat_text_equal(option, chat_text("secure")))
            claim->secure = true;
    }
}

/*
 * A name, neither an address nor what looks like a host that hides one: nobody can call himself as
 * somebody else is called here.
 */
static bool is_host_name(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *last = dot ? dot + 1 : host;

    if (strlen(host) > CHAT_CLOAK_MAX || !config_valid_host(host))
        return false;
    return strspn(last, "0123456789") != strlen(last) && strcasecmp(last, "ip") != 0;
}

/* A client is as secure as the way from its gateway is, too. */
static void accept_claim(struct irc_client *client, const struct claim *claim)
{
    bool secure = claim->secure &&
                  (pl_session_is_tls(client->session) || pl_session_is_local(client->session));
    int rc = pl_session_set_peer(client->session, claim->address, claim->port);

    if (rc < 0) {
        refuse(client, "Invalid WEBIRC address");
        return;
    }
    if (rc > 0) {
        irc_client_end(client, chat_text(irc_reason_text((enum pl_reason)rc)));
        return;
    }
    client->named = true;
    client->secure = secure;
    irc_client_classify(client);
    if (is_host_name(claim->host))
        strcpy(client->host, claim->host);
    else
        irc_client_hide(client);
}

/* -- Whether it is believed ----------------------------------------------------------------------- */

struct attempt {
    struct irc_work work;
    struct pli_password password;
    struct claim claim;
    int verdict;   /* pli_password_verify() */
    size_t length; /* of what was given as the password */
    char given[];
};

static void free_attempt(struct irc_work *work)
{
    struct attempt *attempt = (struct attempt *)(void *)work;

    OPENSSL_cleanse(attempt->given, attempt->length);
    free(attempt);
}

static void run_attempt(struct irc_work *work)
{
    struct attempt *attempt = (struct attempt *)(void *)work;

    attempt->verdict = pli_password_verify(&attempt->password, attempt->given, attempt->length);
}

static void decide(struct irc_client *client, int verdict, const struct claim *claim)
{
    if (verdict < 0)
        irc_client_end(client, chat_text("Out of memory"));
    else if (verdict == 0)
        refuse(client, "Invalid WEBIRC password");
    else
        accept_claim(client, claim);
}

static void answer_attempt(struct irc_client *client, struct irc_work *work)
{
    const struct attempt *attempt = (const struct attempt *)(const void *)work;

    decide(client, attempt->verdict, &attempt->claim);
}

static void begin_attempt(struct irc_client *client, const struct irc_gateway *gateway,
                          struct chat_text given, const struct claim *claim)
{
    struct attempt *attempt = malloc(sizeof *attempt + given.length);
    int rc = -ENOMEM;

    if (attempt) {
        *attempt = (struct attempt){
            .work = {.run = run_attempt, .done = answer_attempt, .free = free_attempt},
            .password = gateway->hash,
            .claim = *claim,
            .length = given.length,
        };
        memcpy(attempt->given, given.data, given.length);
        rc = irc_work_begin(client, &attempt->work);
    }
    if (rc == 0)
        return;
    if (attempt)
        free_attempt(&attempt->work);
    irc_client_end(client, chat_text(rc == -EAGAIN ? "Server is busy" : "Out of memory"));
}

/* Takes as long for any password of that length. */
static int check_plain(const char *right, struct chat_text given)
{
    return strlen(right) == given.length && CRYPTO_memcmp(given.data, right, given.length) == 0;
}

/* Whether the client has begun to say who it is, or what it can do. */
static bool has_spoken(const struct irc_client *client)
{
    return client->named || client->nick || client->coming->user || client->coming->password ||
           client->cap_open || client->cap_version > 0;
}

/* WEBIRC password gateway hostname address [:options] */
void irc_do_webirc(struct irc_client *client, const struct irc_message *message)
{
    const struct irc_gateway *gateway;
    struct claim claim;

    if (client->registered) {
        irc_reply(client, IRC_ERR_ALREADYREGISTERED);
        return;
    }
    if (has_spoken(client)) {
        refuse(client, "WEBIRC must come first");
        return;
    }
    gateway = find_gateway(client);
    if (!gateway) {
        refuse(client, "Not a WEBIRC gateway");
        return;
    }
    read_claim(message, &claim);
    if (gateway->password)
        decide(client, check_plain(gateway->password, message->params[0]), &claim);
    else
        begin_attempt(client, gateway, message->params[0], &claim);
}
