/* SPDX-License-Identifier: MIT */
/*
 * What is said to channels and people. A notice is never answered, not even by an error. That
 * somebody is away, and what comes back to who says something, is told with the event (face.c).
 */
#include "config.h"

#include "irc/command.h"

#include "chat/colour.h"
#include "irc/cap.h"
#include "irc/isupport.h"
#include "irc/mode.h"
#include "irc/tags.h"

#include <errno.h>
#include <stdlib.h>

#define CTCP        '\001'
#define CTCP_ACTION "\001ACTION"

static bool is_ctcp(struct chat_text text)
{
    return text.length > 0 && text.data[0] == CTCP;
}

/* Whether the CTCP message is an action, which every program shows, and never answers. */
static bool is_action(struct chat_text text)
{
    size_t length = strlen(CTCP_ACTION);

    if (text.length < length || memcmp(text.data, CTCP_ACTION, length) != 0)
        return false;
    return text.length == length || text.data[length] == ' ' || text.data[length] == CTCP;
}

/* Takes CTCP's frame off an action; false: it is one of nothing. */
static bool unwrap_action(struct chat_text *text)
{
    size_t begin = strlen(CTCP_ACTION) + 1;

    if (text->length <= begin || text->data[begin - 1] != ' ')
        return false;
    text->data += begin;
    text->length -= begin;
    if (text->data[text->length - 1] == CTCP)
        text->length--;
    return true;
}

static void complain(struct irc_client *client, int outcome, const char *command,
                     struct chat_text target, bool to_channel)
{
    if (outcome == CHAT_NOT_ON_CHANNEL || (outcome == CHAT_NEED_ACCOUNT && to_channel))
        irc_reply(client, IRC_ERR_CANNOTSENDTOCHAN, target);
    else if (outcome == CHAT_CTCP_REFUSED && !to_channel)
        irc_reply(client, IRC_ERR_CANTSENDTOUSER, target);
    else if (outcome == CHAT_NOTHING_SAID)
        irc_reply(client, IRC_ERR_NOTEXTTOSEND);
    else
        irc_explain(client, outcome, command, target);
}

/*
 * Takes the signs off a target like "@#chan", which means only those members of the channel who
 * have that prefix; of several signs the least counts.
 */
static unsigned take_signs(struct chat_text *target)
{
    struct chat_text rest = *target;
    unsigned least = 0;

    while (rest.length > 0 && irc_prefix_of(rest.data[0])) {
        unsigned prefix = irc_prefix_of(rest.data[0]);

        least = least == 0 || prefix < least ? prefix : least;
        rest = (struct chat_text){rest.data + 1, rest.length - 1};
    }
    if (rest.length == 0 || rest.data[0] != '#')
        return 0;
    *target = rest;
    return least;
}

/* Says it to one; QUIET: errors are kept to ourselves. */
static void say_to(struct irc_client *client, const char *command, struct chat_words *words,
                   struct chat_text target, bool quiet)
{
    int rc;

    words->target = target;
    words->least = take_signs(&words->target);
    rc = chat_speak(client->world, &client->chat, words);
    if (rc != 0 && !quiet)
        complain(client, rc, command, target, words->target.data[0] == '#');
}

/* Says it to each. */
static void say(struct irc_client *client, const char *command, struct chat_words *words,
                struct chat_text targets, bool quiet)
{
    struct chat_text target;
    unsigned count = 0;

    if (!memchr(targets.data, ',', targets.length))
        irc_answer_single(client);
    while (irc_list_next(&targets, &target)) {
        if (count++ == IRC_TARGETS_MAX) {
            if (!quiet)
                irc_reply(client, IRC_ERR_TOOMANYTARGETS, target);
            return;
        }
        say_to(client, command, words, target, quiet);
    }
    if (count == 0 && !quiet)
        irc_reply(client, IRC_ERR_NORECIPIENT, chat_text(command));
}

/* The same with the tags of the message and without the colours of the text. */
static void say_words(struct irc_client *client, const struct irc_message *message,
                      const char *command, struct chat_words *words, bool quiet)
{
    char tags[IRC_OWN_TAGS_MAX];
    char *plain = NULL;

    if (chat_colour_is_in(words->text)) {
        plain = malloc(words->text.length);
        if (!plain && !quiet)
            irc_explain(client, -ENOMEM, command, message->params[0]);
        if (!plain)
            return;
        words->plain.length = chat_colour_strip(words->text, plain);
        words->plain.data = plain;
    }
    words->tags = irc_client_tags(client, message, tags);
    say(client, command, words, message->params[0], quiet);
    free(plain);
}

void irc_do_privmsg(struct irc_client *client, const struct irc_message *message)
{
    struct chat_words words = {.kind = CHAT_MESSAGE, .text = irc_param(message, 1)};

    if (irc_param(message, 0).length == 0) {
        irc_reply(client, IRC_ERR_NORECIPIENT, chat_text("PRIVMSG"));
        return;
    }
    if (words.text.length == 0) {
        irc_reply(client, IRC_ERR_NOTEXTTOSEND);
        return;
    }
    words.ctcp = is_ctcp(words.text) && !is_action(words.text);
    if (is_action(words.text) && unwrap_action(&words.text))
        words.kind = CHAT_ACTION;
    say_words(client, message, "PRIVMSG", &words, false);
}

void irc_do_notice(struct irc_client *client, const struct irc_message *message)
{
    struct chat_words words = {.kind = CHAT_NOTICE, .text = irc_param(message, 1)};

    words.ctcp = is_ctcp(words.text) && !is_action(words.text);
    if (irc_param(message, 0).length > 0 && words.text.length > 0)
        say_words(client, message, "NOTICE", &words, true);
}

/* Only who has negotiated tags knows the command. */
void irc_do_tagmsg(struct irc_client *client, const struct irc_message *message)
{
    struct chat_words words = {.kind = CHAT_TAGS};
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    if (!(caps & IRC_CAP_MESSAGE_TAGS))
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
    else if (irc_param(message, 0).length == 0)
        irc_reply(client, IRC_ERR_NORECIPIENT, chat_text("TAGMSG"));
    else
        say_words(client, message, "TAGMSG", &words, false);
}
