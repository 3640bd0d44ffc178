/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/cap.h"

#include "chat/history.h"
#include "irc/account.h"
#include "irc/command.h"
#include "irc/metadata.h"
#include "irc/multiline.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

const struct irc_cap irc_caps[] = {
    {"account-notify", NULL, IRC_CAP_ACCOUNT_NOTIFY, NULL},
    {"account-tag", NULL, IRC_CAP_ACCOUNT_TAG, NULL},
    {"away-notify", NULL, IRC_CAP_AWAY_NOTIFY, NULL},
    {"batch", NULL, IRC_CAP_BATCH, NULL},
    {"cap-notify", NULL, IRC_CAP_CAP_NOTIFY, NULL},
    {"chghost", NULL, IRC_CAP_CHGHOST, NULL},
    {"draft/account-registration", NULL, IRC_CAP_ACCOUNT_REGISTRATION, irc_signup_value},
    {"draft/channel-rename", NULL, IRC_CAP_CHANNEL_RENAME, NULL},
    {"draft/chathistory", NULL, IRC_CAP_CHATHISTORY, NULL},
    {"draft/event-playback", NULL, IRC_CAP_EVENT_PLAYBACK, NULL},
    {"draft/extended-isupport", NULL, IRC_CAP_EXTENDED_ISUPPORT, NULL},
    {"draft/message-redaction", NULL, IRC_CAP_MESSAGE_REDACTION, NULL},
    {"draft/metadata-3", IRC_METADATA_VALUE, IRC_CAP_METADATA, NULL},
    {"draft/multiline", IRC_MULTILINE_VALUE, IRC_CAP_MULTILINE, NULL},
    {"draft/pre-away", NULL, IRC_CAP_PRE_AWAY, NULL},
    {"draft/read-marker", NULL, IRC_CAP_READ_MARKER, NULL},
    {"echo-message", NULL, IRC_CAP_ECHO_MESSAGE, NULL},
    {"extended-join", NULL, IRC_CAP_EXTENDED_JOIN, NULL},
    {"extended-monitor", NULL, IRC_CAP_EXTENDED_MONITOR, NULL},
    {"invite-notify", NULL, IRC_CAP_INVITE_NOTIFY, NULL},
    {"labeled-response", NULL, IRC_CAP_LABELED_RESPONSE, NULL},
    {"message-tags", NULL, IRC_CAP_MESSAGE_TAGS, NULL},
    {"multi-prefix", NULL, IRC_CAP_MULTI_PREFIX, NULL},
    {"no-implicit-names", NULL, IRC_CAP_NO_IMPLICIT_NAMES, NULL},
    {"sasl", NULL, IRC_CAP_SASL, irc_sasl_list},
    {"server-time", NULL, IRC_CAP_SERVER_TIME, NULL},
    {"setname", NULL, IRC_CAP_SETNAME, NULL},
    {"soju.im/search", NULL, IRC_CAP_SEARCH, NULL},
    {"standard-replies", NULL, IRC_CAP_STANDARD_REPLIES, NULL},
    {"userhost-in-names", NULL, IRC_CAP_USERHOST_IN_NAMES, NULL},
};

const size_t irc_cap_count = sizeof irc_caps / sizeof irc_caps[0];

#define VERSION_302 302

/* Words on as many lines as they need; all but the last have a star, for those who know it. */
struct roll {
    struct irc_client *client;
    struct irc_line line;
    const char *command;
    size_t words; /* on the line */
    bool starred;
};

/* What begins a line, of which all but the last have the star. */
static void begin_line(struct roll *roll, bool more)
{
    irc_begin(roll->client, &roll->line, "CAP ");
    irc_line_puts(&roll->line, roll->client->nick ? roll->client->nick : "*");
    irc_line_puts(&roll->line, " ");
    irc_line_puts(&roll->line, roll->command);
    irc_line_puts(&roll->line, more ? " * :" : " :");
    roll->words = 0;
}

/* A line that turns out not to be the last one is made again, with the star. */
static void break_line(struct roll *roll)
{
    struct irc_line full = roll->line;
    const char *words = strstr(full.data, " :");
    size_t at = (size_t)(words - full.data) + 2;

    begin_line(roll, roll->starred);
    irc_line_put(&roll->line, (struct chat_text){full.data + at, full.length - at});
    irc_emit(roll->client, &roll->line);
    begin_line(roll, false);
}

/* Bytes that the star needs. */
#define STAR_ROOM 2

static void roll_word(struct roll *roll, struct chat_text word, const char *value)
{
    size_t room = word.length + 1 + (value ? strlen(value) + 1 : 0) + STAR_ROOM;

    if (roll->words > 0 && irc_line_room(&roll->line) < room)
        break_line(roll);
    if (roll->words++ > 0)
        irc_line_puts(&roll->line, " ");
    irc_line_put(&roll->line, word);
    if (value) {
        irc_line_puts(&roll->line, "=");
        irc_line_puts(&roll->line, value);
    }
}

static void roll_cap(struct roll *roll, const struct irc_cap *cap, bool values)
{
    char value[IRC_CAP_VALUE_MAX] = "";

    if (values && cap->write)
        cap->write(roll->client, value);
    else if (values && cap->value)
        snprintf(value, sizeof value, "%s", cap->value);
    roll_word(roll, chat_text(cap->name), *value ? value : NULL);
}

/*
 * Strict transport security (ircv3.net/specs/extensions/sts): who speaks plain text is told where
 * TLS is spoken, and who does for how long to speak nothing else. It cannot be asked for.
 */
static const char *sts_of(const struct irc_client *client, const struct irc_settings *settings,
                          char value[static IRC_CAP_VALUE_MAX])
{
    if (settings->sts_port == 0)
        *value = '\0';
    else if (pl_session_is_tls(client->session))
        snprintf(value, IRC_CAP_VALUE_MAX, "duration=%u", settings->sts_duration);
    else
        snprintf(value, IRC_CAP_VALUE_MAX, "port=%u", settings->sts_port);
    return value;
}

static void roll_sts(struct roll *roll)
{
    char value[IRC_CAP_VALUE_MAX];

    if (*sts_of(roll->client, irc_settings_of(roll->client), value))
        roll_word(roll, chat_text("sts"), value);
}

/* MODERN: as version 302 has it, with stars and, if they are wanted, VALUES. POLICY: sts as well. */
static void list_caps(struct irc_client *client, const char *command, unsigned caps, bool modern,
                      bool values, bool policy)
{
    struct roll roll = {.client = client, .command = command, .starred = modern};

    begin_line(&roll, false);
    for (size_t i = 0; i < irc_cap_count; i++)
        if (caps & irc_caps[i].bit)
            roll_cap(&roll, &irc_caps[i], values);
    if (policy)
        roll_sts(&roll);
    irc_emit(client, &roll.line);
}

static const struct irc_cap *find_cap(struct chat_text name)
{
    for (size_t i = 0; i < irc_cap_count; i++)
        if (chat_text_equal(name, chat_text(irc_caps[i].name)))
            return &irc_caps[i];
    return NULL;
}

bool irc_caps_read(const char *names, unsigned *caps, struct chat_text *wrong)
{
    struct chat_text rest = chat_text(names);

    *caps = 0;
    while (irc_word_next(&rest, wrong)) {
        const struct irc_cap *cap = find_cap(*wrong);

        if (!cap || cap->bit == IRC_CAP_CAP_NOTIFY)
            return false;
        *caps |= cap->bit;
    }
    return true;
}

/* Who has lost one has not got it any more, whether it can be told so or not. */
void irc_caps_renew(struct irc_client *client, bool first)
{
    unsigned off = irc_settings_of(client)->caps_off | irc_account_caps_off(client);
    unsigned gone, come, caps;

    if (!chat_world_history(client->world))
        off |= IRC_CAPS_HISTORY;
    gone = off & ~client->caps_off;
    come = client->caps_off & ~off;
    caps = atomic_fetch_and_explicit(&client->caps, ~gone, memory_order_relaxed);

    client->caps_off = off;
    if (first)
        return;
    irc_metadata_caps_changed(client, caps);
    if (!(caps & IRC_CAP_CAP_NOTIFY))
        return;
    if (gone)
        list_caps(client, "DEL", gone, false, false, false);
    if (come)
        list_caps(client, "NEW", come, false, client->cap_version >= VERSION_302, false);
}

void irc_sts_renew(struct irc_client *client, const struct irc_settings *before)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    struct roll roll = {.client = client, .command = "NEW"};
    char former[IRC_CAP_VALUE_MAX], value[IRC_CAP_VALUE_MAX];

    sts_of(client, before, former);
    sts_of(client, irc_settings_of(client), value);
    if (!(caps & IRC_CAP_CAP_NOTIFY) || client->cap_version < VERSION_302 ||
        strcmp(former, value) == 0)
        return;
    if (!*value && pl_session_is_tls(client->session))
        snprintf(value, sizeof value, "duration=0");
    if (!*value)
        return;
    begin_line(&roll, false);
    roll_word(&roll, chat_text("sts"), value);
    irc_emit(client, &roll.line);
}

/* Makes one change to CAPS; false: it cannot be made. */
static bool change(const struct irc_client *client, struct chat_text word, unsigned *caps)
{
    bool drop = word.data[0] == '-';
    const struct irc_cap *cap;

    if (drop)
        word = (struct chat_text){word.data + 1, word.length - 1};
    cap = find_cap(word);
    if (!cap || client->caps_off & cap->bit ||
        (drop && cap->bit == IRC_CAP_CAP_NOTIFY && client->cap_version >= VERSION_302))
        return false;
    *caps = drop ? *caps & ~cap->bit : *caps | cap->bit;
    return true;
}

/* The words come back as they are, as far as there is room. */
static void refuse(struct roll *roll, struct chat_text words)
{
    roll->command = "NAK";
    begin_line(roll, false);
    irc_line_put(&roll->line, words);
    irc_emit(roll->client, &roll->line);
}

/* All of it or nothing. */
static void request(struct irc_client *client, struct chat_text words)
{
    unsigned before = atomic_load_explicit(&client->caps, memory_order_relaxed);
    unsigned caps = before;
    struct roll roll = {.client = client, .command = "ACK"};
    struct chat_text rest = words;
    struct chat_text word;

    while (irc_word_next(&rest, &word)) {
        if (!change(client, word, &caps)) {
            refuse(&roll, words);
            return;
        }
    }
    begin_line(&roll, false);
    while (irc_word_next(&words, &word))
        roll_word(&roll, word, NULL);
    irc_emit(client, &roll.line);
    atomic_store_explicit(&client->caps, caps, memory_order_relaxed);
    irc_metadata_caps_changed(client, before);
}

/* 0: that is no version. */
static unsigned read_version(struct chat_text text)
{
    char digits[8] = "";
    long number;

    memcpy(digits, text.data, text.length < sizeof digits - 1 ? text.length : 0);
    number = strtol(digits, NULL, 10);
    return number > 0 ? (unsigned)number : 0;
}

/* The highest version ever given is kept; this answer is as this version has it. */
static void list_known(struct irc_client *client, struct chat_text text)
{
    unsigned version = read_version(text);
    bool modern = version >= VERSION_302;

    if (version > client->cap_version)
        client->cap_version = version;
    if (modern)
        atomic_fetch_or_explicit(&client->caps, IRC_CAP_CAP_NOTIFY, memory_order_relaxed);
    list_caps(client, "LS", ~client->caps_off, modern, modern, modern);
}

static bool is_named(struct chat_text text, const char *name)
{
    return text.length == strlen(name) && strncasecmp(text.data, name, text.length) == 0;
}

void irc_do_cap(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text what = message->params[0];

    if (is_named(what, "LS")) {
        client->cap_open = !client->registered;
        list_known(client, irc_param(message, 1));
    } else if (is_named(what, "LIST")) {
        list_caps(client, "LIST", atomic_load_explicit(&client->caps, memory_order_relaxed),
                  client->cap_version >= VERSION_302, false, false);
    } else if (is_named(what, "REQ")) {
        client->cap_open = !client->registered;
        request(client, irc_param(message, 1));
    } else if (is_named(what, "END")) {
        client->cap_open = false;
        irc_client_try(client);
    } else {
        irc_reply(client, IRC_ERR_INVALIDCAPCMD, what);
    }
}
