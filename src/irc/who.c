/* SPDX-License-Identifier: MIT */
/*
 * WHO, and with fields (WHOX): WHO mask [o][%fields[,token]]. The mask is a channel, a nickname, or
 * a pattern for one of nickname, user name, host, server, real name or "nick!user@host". Whoever
 * names somebody finds them; with patterns the invisible are found by their company only. Where many
 * may be found, the answer comes in parts.
 */
#include "config.h"

#include "irc/command.h"

#include "chat/mask.h"
#include "irc/cap.h"
#include "irc/mode.h"
#include "irc/parts.h"
#include "irc/people.h"

#include <errno.h>
#include <stdlib.h>

#define TOKEN_MAX 3

/* The fields of WHOX, in the order in which they are sent. */
static const char field_letters[] = "tcuihsnfdlaor";

/* What stands for an address that is not shown. */
#define NO_ADDRESS "255.255.255.255"

/* A WHO that runs. */
struct who {
    struct irc_parts parts; /* first */
    struct irc_client *client;
    uint64_t cursor;
    struct chat_text asked; /* the mask as it was given; these texts stand behind the struct */
    struct chat_text mask;
    struct chat_text channel; /* the one that is asked for; empty: another mask */
    struct chat_text fields;  /* of WHOX, as they were asked for */
    struct chat_text token;
    bool operators; /* only those */
    bool extended;  /* WHOX */
    bool whole;     /* the mask is one for nick!user@host */
    bool hidden;    /* the channel is not shown */
};

/* -- The replies ------------------------------------------------------------------------------- */

static void put_flags(struct irc_line *line, const struct who *who,
                      const struct chat_user_view *view)
{
    unsigned caps = atomic_load_explicit(&who->client->caps, memory_order_relaxed);

    irc_line_puts(line, view->away.length > 0 ? "G" : "H");
    irc_line_puts(line, irc_is_operator(view) ? "*" : "");
    irc_put_prefix(line, view->prefix, caps & IRC_CAP_MULTI_PREFIX);
    irc_line_puts(line, view->modes & CHAT_USER_BOT ? "B" : "");
}

static struct chat_text channel_of(const struct who *who, const struct chat_user_view *view)
{
    if (who->channel.length > 0)
        return who->channel;
    return view->channel.length > 0 ? view->channel : chat_text("*");
}

static void reply_plain(const struct who *who, const struct chat_user_view *view)
{
    struct irc_line flags;

    irc_line_begin(&flags);
    put_flags(&flags, who, view);
    irc_reply(who->client, IRC_RPL_WHOREPLY, channel_of(who, view), view->username, view->host,
              chat_text(irc_settings_of(who->client)->server), view->nick,
              (struct chat_text){flags.data, flags.length}, view->realname);
}

static void put_field(struct irc_line *line, char field, const struct who *who,
                      const struct chat_user_view *view)
{
    switch (field) {
    case 't':
        irc_line_middle(line, who->token);
        break;
    case 'c':
        irc_line_middle(line, channel_of(who, view));
        break;
    case 'u':
        irc_line_middle(line, view->username);
        break;
    case 'i':
        irc_put_address(line, irc_has_address(view) ? view->address : chat_text(NO_ADDRESS));
        break;
    case 'h':
        irc_line_middle(line, view->host);
        break;
    case 's':
        irc_line_puts(line, irc_settings_of(who->client)->server);
        break;
    case 'n':
        irc_line_middle(line, view->nick);
        break;
    case 'f':
        put_flags(line, who, view);
        break;
    case 'd':
        irc_line_puts(line, "0");
        break;
    case 'l':
        irc_line_number(line, irc_idle(view));
        break;
    case 'a':
        irc_line_middle(line, view->account.length > 0 ? view->account : chat_text("0"));
        break;
    case 'o':
        irc_line_puts(line, "n/a");
        break;
    case 'r':
        irc_line_puts(line, ":");
        irc_line_put(line, view->realname);
        break;
    }
}

static void reply_extended(const struct who *who, const struct chat_user_view *view)
{
    struct irc_line line;
    bool any = false;

    irc_begin_numeric(who->client, &line, IRC_RPL_WHOSPCRPL);
    for (const char *field = field_letters; *field; field++) {
        if (!memchr(who->fields.data, *field, who->fields.length))
            continue;
        irc_line_puts(&line, any ? " " : "");
        put_field(&line, *field, who, view);
        any = true;
    }
    if (any)
        irc_emit(who->client, &line);
}

static void show(const struct chat_user_view *view, void *argument)
{
    const struct who *who = argument;

    if (who->hidden || (who->operators && !irc_is_operator(view)))
        return;
    if (who->extended)
        reply_extended(who, view);
    else
        reply_plain(who, view);
}

/* -- Whom the mask means ------------------------------------------------------------------------ */

static bool matches_whole(struct chat_text mask, const struct chat_user_view *view)
{
    struct irc_line name;

    irc_line_begin(&name);
    irc_line_put(&name, view->nick);
    irc_line_puts(&name, "!");
    irc_line_put(&name, view->username);
    irc_line_puts(&name, "@");
    irc_line_put(&name, view->host);
    return chat_glob_match(mask, (struct chat_text){name.data, name.length});
}

static bool wants(const struct chat_user_view *view, void *argument)
{
    const struct who *who = argument;

    if (who->operators && !irc_is_operator(view))
        return false;
    if (who->whole)
        return matches_whole(who->mask, view);
    return chat_glob_match(who->mask, view->nick) || chat_glob_match(who->mask, view->username) ||
           chat_glob_match(who->mask, view->host) || chat_glob_match(who->mask, view->realname) ||
           chat_glob_match(who->mask, chat_text(irc_settings_of(who->client)->server)) ||
           (irc_has_address(view) && chat_glob_match(who->mask, view->address));
}

static void show_channel(const struct chat_channel_view *view, void *argument)
{
    struct who *who = argument;

    who->channel = view->name;
    who->hidden = !view->shown;
}

/* Users whom the pattern means; false: there are no more. */
static bool show_matches(struct who *who)
{
    static const struct chat_user_visitor visitor = {wants, show};

    return chat_user_each(who->client->world, &who->client->chat, &who->cursor, IRC_PART, &visitor,
                          who);
}

/* The members of the channel; false: there are no more. */
static bool show_members(struct who *who)
{
    static const struct chat_channel_visitor visitor = {show_channel, show};
    int rc = chat_channel_look_on(who->client->world, &who->client->chat, who->mask, &who->cursor,
                                  IRC_PART, &visitor, who);

    return rc == 0 && who->cursor > 0;
}

static bool make_part(struct irc_client *client, struct irc_parts *parts)
{
    struct who *who = (struct who *)(void *)parts;

    if (who->mask.data[0] == '#' ? show_members(who) : show_matches(who))
        return true;
    irc_reply(client, IRC_RPL_ENDOFWHO, who->asked);
    return false;
}

static bool is_pattern(struct chat_text mask)
{
    return memchr(mask.data, '*', mask.length) || memchr(mask.data, '?', mask.length);
}

/* Shows whoever has that nickname; false: the mask means others. */
static bool show_named(struct who *who)
{
    static const struct chat_nick_visitor user = {.user = show};

    if (who->mask.length == 0)
        return true;
    return who->mask.data[0] != '#' && !is_pattern(who->mask) &&
           chat_nick_look_around(who->client->world, &who->client->chat, who->mask, &user, who) ==
               0;
}

/* -- The command -------------------------------------------------------------------------------- */

static bool is_token(struct chat_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.length > 0 && text.length <= TOKEN_MAX;
}

/* The part of TEXT before BYTE, and in REST what is behind it; false: there is no such byte. */
static bool split(struct chat_text text, char byte, struct chat_text *before,
                  struct chat_text *rest)
{
    const char *at = text.length > 0 ? memchr(text.data, byte, text.length) : NULL;

    *before = text;
    *rest = chat_text("");
    if (!at)
        return false;
    before->length = (size_t)(at - text.data);
    *rest = (struct chat_text){at + 1, text.length - before->length - 1};
    return true;
}

static void read_options(struct who *who, struct chat_text options)
{
    struct chat_text flags, rest, token;

    who->extended = split(options, '%', &flags, &rest);
    who->operators = flags.length > 0 && memchr(flags.data, 'o', flags.length);
    split(rest, ',', &who->fields, &token);
    who->token = is_token(token) ? token : chat_text("0");
}

/* Makes one with copies of the texts. */
static struct who *who_new(struct irc_client *client, struct chat_text mask,
                           struct chat_text options)
{
    struct who *who = calloc(1, sizeof *who + mask.length + options.length);
    char *text;

    if (!who)
        return NULL;
    text = (char *)(who + 1);
    memcpy(text, mask.data, mask.length);
    memcpy(text + mask.length, options.data, options.length);
    who->parts.make = make_part;
    who->client = client;
    who->asked = (struct chat_text){text, mask.length};
    who->mask = chat_text_equal(mask, chat_text("0")) ? chat_text("*") : who->asked;
    who->channel = chat_text("");
    who->whole = memchr(mask.data, '!', mask.length) || memchr(mask.data, '@', mask.length);
    read_options(who, (struct chat_text){text + mask.length, options.length});
    return who;
}

void irc_do_who(struct irc_client *client, const struct irc_message *message)
{
    struct who *who = who_new(client, message->params[0], irc_param(message, 1));

    if (!who) {
        irc_explain(client, -ENOMEM, "WHO", CHAT_NO_TEXT);
        return;
    }
    if (!show_named(who)) {
        irc_answer_in_parts(client, &who->parts);
        return;
    }
    irc_reply(client, IRC_RPL_ENDOFWHO, who->asked);
    free(who);
}
