/* SPDX-License-Identifier: MIT */
/*
 * What is said to channels and people. A notice is never answered, not even by an error. That
 * somebody is away, and what comes back to who says something, is told with the event (face.c).
 */
#include "config.h"

#include "irc/say.h"

#include "chat/colour.h"
#include "irc/cap.h"
#include "irc/command.h"
#include "irc/isupport.h"
#include "irc/mode.h"
#include "irc/msgid.h"
#include "irc/people.h"
#include "irc/service.h"
#include "irc/tags.h"

#include <errno.h>
#include <stdlib.h>

#define CTCP        '\001'
#define CTCP_ACTION "\001ACTION"

bool irc_is_action(struct chat_text text)
{
    size_t length = strlen(CTCP_ACTION);

    if (text.length < length || memcmp(text.data, CTCP_ACTION, length) != 0)
        return false;
    return text.length == length || text.data[length] == ' ' || text.data[length] == CTCP;
}

bool irc_is_ctcp(struct chat_text text)
{
    return text.length > 0 && text.data[0] == CTCP && !irc_is_action(text);
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

/* That one is too fast, by which mode, and for how long: with the words of 404. */
static void complain_of_pace(struct irc_client *client, int outcome, struct chat_text target,
                             unsigned wait)
{
    struct irc_line line;

    irc_begin_numeric(client, &line, IRC_ERR_CANNOTSENDTOCHAN);
    irc_line_middle(&line, target);
    irc_line_puts(&line, " :Cannot send to channel (+");
    irc_line_puts(&line, outcome == CHAT_TOO_SOON         ? "W"
                         : outcome == CHAT_TOO_MANY_LINES ? "L"
                                                          : "E");
    irc_line_puts(&line, ", wait ");
    irc_line_number(&line, wait);
    irc_line_puts(&line, wait == 1 ? " second)" : " seconds)");
    irc_emit(client, &line);
}

/* That a filter does not let it pass, and why. */
static void complain_of_filter(struct irc_client *client, struct chat_text target, bool to_channel)
{
    struct irc_line line;

    irc_begin_numeric(client, &line,
                      to_channel ? IRC_ERR_CANNOTSENDTOCHAN : IRC_ERR_CANTSENDTOUSER);
    irc_line_middle(&line, target);
    irc_line_puts(&line, to_channel ? " :Cannot send to channel (" : " :Cannot send to user (");
    irc_line_puts(&line, chat_judged_reason(client->world));
    irc_line_puts(&line, ")");
    irc_emit(client, &line);
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

/*
 * "$$mask", or "$mask": everybody on the servers whose names the mask means. It says whether the
 * target is such a one.
 */
static bool say_to_servers(struct irc_client *client, const char *command,
                           const struct chat_words *words, bool quiet)
{
    struct chat_text mask = words->target;
    int rc;

    if (mask.length < 2 || mask.data[0] != '$')
        return false;
    mask.data += mask.data[1] == '$' ? 2 : 1;
    mask.length -= (size_t)(mask.data - words->target.data);
    if (quiet ? !irc_client_has_right(client, CHAT_RIGHT_GLOBAL)
              : !irc_client_may(client, CHAT_RIGHT_GLOBAL))
        return true;
    if (!chat_glob_match(mask, chat_text(irc_settings_of(client)->server))) {
        if (!quiet)
            irc_reply(client, IRC_ERR_NOSUCHSERVER, words->target);
        return true;
    }
    rc = chat_speak_to_all(client->world, &client->chat, words);
    if (rc != 0 && !quiet)
        irc_explain(client, rc, command, words->target);
    return true;
}

void irc_say_to(struct irc_client *client, const char *command, const struct chat_words *words,
                struct chat_text target, bool quiet)
{
    unsigned wait = 0;
    struct chat_words said = *words;
    int rc;

    said.target = target;
    said.wait = &wait;
    if (say_to_servers(client, command, &said, quiet))
        return;
    said.least = take_signs(&said.target);
    rc = chat_speak(client->world, &client->chat, &said);
    if (rc == 0 || rc == CHAT_TAKEN_OUT || quiet ||
        (rc == CHAT_SERVICE && words->kind == CHAT_TAGS)) /* that one types, say */
        return;
    if (rc == CHAT_TOO_SOON || rc == CHAT_TOO_MANY_LINES || rc == CHAT_REPEATED)
        complain_of_pace(client, rc, target, wait);
    else if (rc == CHAT_FILTERED)
        complain_of_filter(client, target, said.target.data[0] == '#');
    else
        complain(client, rc, command, target, said.target.data[0] == '#');
}

/* Says it to each. */
static void say(struct irc_client *client, const char *command, const struct chat_words *words,
                struct chat_text targets, bool quiet)
{
    struct chat_text target;
    unsigned count = 0;

    if (!memchr(targets.data, ',', targets.length))
        irc_answer_single(client);
    while (irc_list_next(&targets, &target)) {
        if (count++ == IRC_TARGETS_MAX) {
            chat_limit_hit(client->world, CHAT_LIMIT_TARGETS);
            if (!quiet)
                irc_reply(client, IRC_ERR_TOOMANYTARGETS, target);
            return;
        }
        irc_say_to(client, command, words, target, quiet);
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
    if (chat_is_service(client->world, message->params[0])) {
        irc_service_hear(client, message);
        return;
    }
    words.ctcp = irc_is_ctcp(words.text);
    if (irc_is_action(words.text) && unwrap_action(&words.text))
        words.kind = CHAT_ACTION;
    say_words(client, message, "PRIVMSG", &words, false);
}

void irc_do_notice(struct irc_client *client, const struct irc_message *message)
{
    struct chat_words words = {.kind = CHAT_NOTICE, .text = irc_param(message, 1)};

    words.ctcp = irc_is_ctcp(words.text);
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
