/* SPDX-License-Identifier: MIT */
/*
 * Bans of the server: KLINE of people, DLINE of addresses, CBAN of channels, and their opposites.
 * What is set, for how long and by whom is told to operators and logged by the chat.
 */
#include "config.h"

#include "irc/command.h"

#include "irc/people.h"

#include <ctype.h>

/* The commands by what they ban. */
static const struct {
    const char *set;
    const char *lift;
    enum chat_right right;
    const char *what;
} kinds[CHAT_BAN_KINDS] = {
    [CHAT_BAN_USER] = {"KLINE", "UNKLINE", CHAT_RIGHT_KLINE, "K line"},
    [CHAT_BAN_ADDRESS] = {"DLINE", "UNDLINE", CHAT_RIGHT_DLINE, "D line"},
    [CHAT_BAN_CHANNEL] = {"CBAN", "UNCBAN", CHAT_RIGHT_CHANBAN, "channel ban"},
};

static void complain(struct irc_client *client, int outcome, const char *command,
                     struct chat_text mask)
{
    const char *why = outcome == CHAT_MODE_SAME   ? "There is such a ban already"
                      : outcome == CHAT_LIST_FULL ? "There are as many bans as there may be"
                      : outcome == CHAT_TOO_WIDE  ? "That means too many, or yourself; with FORCE "
                                                    "before the mask it is done all the same"
                      : outcome == CHAT_NO_SUCH_BAN ? "There is no such ban"
                                                    : NULL;

    if (outcome == CHAT_MASK_BAD)
        irc_reply(client, IRC_ERR_BADMASK, mask);
    else if (why)
        irc_reply(client, IRC_ERR_UNKNOWNERROR, chat_text(command), chat_text(why));
    else
        irc_explain(client, outcome, command, mask);
}

/* Whether the parameter can only be meant as a duration. */
static bool is_duration(struct chat_text param)
{
    for (size_t i = 0; i < param.length; i++)
        if (!isalnum((unsigned char)param.data[i]))
            return false;
    return param.length > 0 && isdigit((unsigned char)param.data[0]);
}

static void tell_set(struct irc_client *client, enum chat_ban_kind kind, struct chat_text mask,
                     uint64_t seconds, size_t hit)
{
    struct irc_line text;

    irc_line_begin(&text);
    irc_line_puts(&text, "The ");
    irc_line_puts(&text, kinds[kind].what);
    irc_line_puts(&text, " on ");
    irc_line_put(&text, mask);
    irc_line_puts(&text, " is set for ");
    if (seconds > 0) {
        irc_line_number(&text, seconds);
        irc_line_puts(&text, " seconds");
    } else {
        irc_line_puts(&text, "ever");
    }
    irc_line_puts(&text, "; hit: ");
    irc_line_number(&text, hit);
    irc_notice(client, (struct chat_text){text.data, text.length});
}

/* COMMAND [FORCE] [duration] mask [:reason] */
static void set(struct irc_client *client, const struct irc_message *message,
                enum chat_ban_kind kind)
{
    struct chat_ban_request request = {.kind = kind};
    const char *command = kinds[kind].set;
    char mask[CHAT_BAN_MASK_MAX];
    size_t length, hit, next = 0;
    int rc;

    if (!irc_client_may(client, kinds[kind].right))
        return;
    if (chat_text_same(irc_param(message, next), chat_text("FORCE"))) {
        request.force = true;
        next++;
    }
    if (is_duration(irc_param(message, next)) &&
        !chat_duration_parse(irc_param(message, next++), &request.seconds)) {
        irc_reply(client, IRC_ERR_UNKNOWNERROR, chat_text(command),
                  chat_text("That is no duration, such as 10, 1h30m or 7d, of at most ten years"));
        return;
    }
    request.mask = irc_param(message, next);
    request.reason = irc_param(message, next + 1);
    if (request.mask.length == 0) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text(command));
        return;
    }
    rc = chat_ban(client->world, &client->chat, &request, mask, &length, &hit);
    if (rc != 0)
        complain(client, rc, command, request.mask);
    else
        tell_set(client, kind, (struct chat_text){mask, length}, request.seconds, hit);
}

static void lift(struct irc_client *client, const struct irc_message *message,
                 enum chat_ban_kind kind)
{
    struct chat_text mask = message->params[0];
    struct irc_line text;
    int rc;

    if (!irc_client_may(client, kinds[kind].right))
        return;
    rc = chat_unban(client->world, &client->chat, kind, mask);
    if (rc != 0) {
        complain(client, rc, kinds[kind].lift, mask);
        return;
    }
    irc_line_begin(&text);
    irc_line_puts(&text, "The ");
    irc_line_puts(&text, kinds[kind].what);
    irc_line_puts(&text, " on ");
    irc_line_put(&text, mask);
    irc_line_puts(&text, " is lifted");
    irc_notice(client, (struct chat_text){text.data, text.length});
}

void irc_do_kline(struct irc_client *client, const struct irc_message *message)
{
    set(client, message, CHAT_BAN_USER);
}

void irc_do_unkline(struct irc_client *client, const struct irc_message *message)
{
    lift(client, message, CHAT_BAN_USER);
}

void irc_do_dline(struct irc_client *client, const struct irc_message *message)
{
    set(client, message, CHAT_BAN_ADDRESS);
}

void irc_do_undline(struct irc_client *client, const struct irc_message *message)
{
    lift(client, message, CHAT_BAN_ADDRESS);
}

void irc_do_cban(struct irc_client *client, const struct irc_message *message)
{
    set(client, message, CHAT_BAN_CHANNEL);
}

void irc_do_uncban(struct irc_client *client, const struct irc_message *message)
{
    lift(client, message, CHAT_BAN_CHANNEL);
}
