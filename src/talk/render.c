/* SPDX-License-Identifier: MIT */
/*
 * How events look to people:
 *
 *     [12:34] <alice> hello               said in the room at hand
 *     [12:34] #dev <alice> hello          said in another room
 *     [12:34] * alice waves               and the same with a room's name before the star
 *     [12:34] -bot- beep                  a notice
 *     [12:34] alice tells you: hello      and "you tell bob: hello" to who said it,
 *     [12:34] you tell bob: hello (away: lunch)
 *     [12:34] * alice is away (lunch)     and "alice is back"
 *     [12:34] * alice is logged in as al  and "is logged out": whose account she has
 *     [12:34] * alice tells all: hello    what an operator of the server has to say
 *     [12:34] * alice has joined #lobby   and "you have joined #lobby", and so on
 *
 * The time is local. Everything that somebody has chosen goes through talk_clean().
 */
#include "config.h"

#include "talk/render.h"

#include "base/message.h"
#include "chat/colour.h"
#include "chat/mode.h"
#include "chat/user.h"
#include "talk/clean.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum variant {
    AT_HAND,   /* for others, in the room at hand or in none */
    ELSEWHERE, /* said in another room */
    OWN,       /* about oneself */
    DONE,      /* done to oneself by somebody else */
};

/* Questions to a program, and its answers (CTCP): nobody here is one. */
static bool is_for_programs(const struct chat_event *event)
{
    return event->text.length > 0 && event->text.data[0] == '\x01';
}

/* Who was not told of it need not know that it is taken back. */
static int variant_of_redaction(const struct chat_session *session, const struct chat_event *event)
{
    if (event->redacted_kind == CHAT_TAGS)
        return CHAT_UNTOLD;
    return chat_session_owns(session, event) ? OWN : AT_HAND;
}

static int variant_of_speech(const struct chat_session *session, const struct chat_event *event)
{
    if (is_for_programs(event))
        return CHAT_UNTOLD;
    if (event->target.time != 0)
        return chat_session_owns(session, event) ? OWN : AT_HAND;
    if (!chat_session_faces(session, event))
        return ELSEWHERE;
    return chat_session_sent(session, event) ? CHAT_UNTOLD : AT_HAND;
}

/* Who has just logged in here has been told so. */
static int variant_of_account(const struct chat_session *session, const struct chat_event *event)
{
    if (chat_session_sent(session, event))
        return CHAT_UNTOLD;
    return chat_session_owns(session, event) ? OWN : AT_HAND;
}

/*
 * One sees what one types, so what one says in the room at hand is not repeated; said elsewhere, it
 * is, to tell where it went.
 */
static int variant(const struct chat_session *session, const struct chat_event *event)
{
    switch (event->kind) {
    case CHAT_MESSAGE:
    case CHAT_ACTION:
    case CHAT_NOTICE:
        return variant_of_speech(session, event);
    case CHAT_REDACT:
        return variant_of_redaction(session, event);
    case CHAT_QUIT:
        return chat_session_owns(session, event) ? CHAT_UNTOLD : AT_HAND;
    case CHAT_ACCOUNT:
        return variant_of_account(session, event);
    case CHAT_REALNAME:
    case CHAT_HOST:
    case CHAT_USER_MODE:
    case CHAT_ONLINE:
    case CHAT_OFFLINE:
    case CHAT_METADATA:
    case CHAT_READ:
    case CHAT_TAGS:
        return CHAT_UNTOLD;
    case CHAT_KILL:
        return DONE;
    case CHAT_KICK:
    case CHAT_INVITE:
        if (!chat_session_owns(session, event) && chat_session_meant(session, event))
            return DONE;
        break;
    case CHAT_REGISTER:
    case CHAT_RENAME:
    case CHAT_AWAY:
    case CHAT_JOIN:
    case CHAT_PART:
    case CHAT_TOPIC:
    case CHAT_NEW_NAME:
    case CHAT_MODE:
    case CHAT_KNOCK:
    case CHAT_FORWARD:
    case CHAT_REDIRECT:
    case CHAT_SERVER_NOTICE:
    case CHAT_EXPEL:
    case CHAT_WALLOPS:
        break;
    }
    return chat_session_owns(session, event) ? OWN : AT_HAND;
}

/* A line in the making. Its message has room for all that is put there. */
static void put(struct pl_message *line, const char *string)
{
    size_t length = strlen(string);

    memcpy(line->data + line->length, string, length);
    line->length += (uint32_t)length;
}

/* Colours are more than control characters: their numbers have to go, too. */
static void put_text(struct pl_message *line, struct chat_text text)
{
    char *out = line->data + line->length;

    if (chat_colour_is_in(text))
        text = (struct chat_text){out, chat_colour_strip(text, out)};
    line->length += (uint32_t)talk_clean(text, out);
}

static void put_clock(struct pl_message *line, uint64_t milliseconds)
{
    time_t seconds = (time_t)(milliseconds / 1000);
    char text[16];
    struct tm local;

    if (!localtime_r(&seconds, &local) || strftime(text, sizeof text, "%H:%M", &local) == 0)
        put(line, "--:--");
    else
        put(line, text);
}

static void put_time(struct pl_message *line, uint64_t milliseconds)
{
    put(line, "[");
    put_clock(line, milliseconds);
    put(line, "] ");
}

/* Why somebody is away, if there is a reason that is told. */
static struct chat_text reason_to_be_away(struct chat_text reason)
{
    return chat_text_equal(reason, chat_text(CHAT_AWAY_UNTOLD)) ? CHAT_NO_TEXT : reason;
}

static void put_reason(struct pl_message *line, struct chat_text reason)
{
    if (reason.length == 0)
        return;
    put(line, " (");
    put_text(line, reason);
    put(line, ")");
}

/* "* alice has ", or "* you have " to oneself. */
static void put_subject(struct pl_message *line, const struct chat_event *event, bool own,
                        const char *theirs, const char *yours)
{
    put(line, "* ");
    if (own)
        put(line, "you");
    else
        put_text(line, event->nick);
    put(line, own ? yours : theirs);
}

static void put_topic(struct pl_message *line, const struct chat_event *event, bool own)
{
    put_subject(line, event, own, " has ", " have ");
    put(line, event->text.length > 0 ? "set" : "cleared");
    put(line, " the topic of ");
    put_text(line, event->channel_name);
    if (event->text.length == 0)
        return;
    put(line, ": ");
    put_text(line, event->text);
}

static void put_away(struct pl_message *line, const struct chat_event *event, bool own)
{
    const char *state = event->text.length > 0 ? "away" : "back";

    put_subject(line, event, own, " is ", " are ");
    put(line, state);
    put_reason(line, reason_to_be_away(event->text));
}

static void put_account(struct pl_message *line, const struct chat_event *event, bool own)
{
    put_subject(line, event, own, " is ", " are ");
    if (event->text.length == 0) {
        put(line, "logged out");
        return;
    }
    put(line, "logged in as ");
    put_text(line, event->text);
}

/* Who something is done to: NAME, or "you" where oneself is. */
static void put_object(struct pl_message *line, const struct chat_event *event, int which)
{
    if (which == DONE)
        put(line, "you");
    else
        put_text(line, event->target_nick);
}

static void put_kick(struct pl_message *line, const struct chat_event *event, int which)
{
    put_subject(line, event, which == OWN, " has kicked ", " have kicked ");
    put_object(line, event, which);
    put(line, " out of ");
    put_text(line, event->channel_name);
    put_reason(line, event->text);
}

static void put_channel_rename(struct pl_message *line, const struct chat_event *event, bool own)
{
    put_subject(line, event, own, " has given ", " have given ");
    put_text(line, event->channel_name);
    put(line, " the name ");
    put_text(line, event->more);
    put_reason(line, event->text);
}

static void put_invitation(struct pl_message *line, const struct chat_event *event, int which)
{
    put_subject(line, event, which == OWN, " invites ", " invite ");
    put_object(line, event, which);
    put(line, " to ");
    put_text(line, event->channel_name);
}

/* By the letters that IRC has for the modes, in the order of enum chat_mode. */
static void put_modes(struct pl_message *line, const struct chat_event *event, bool own)
{
    static const char letters[] = CHAT_MODE_LETTERS;

    put_subject(line, event, own, " has changed the modes of ", " have changed the modes of ");
    put_text(line, event->channel_name);
    for (size_t i = 0; i < event->change_count; i++) {
        const struct chat_change *change = &event->changes[i];
        const char word[] = {change->set ? '+' : '-', letters[change->mode], '\0'};

        put(line, i == 0 ? ": " : ", ");
        put(line, word);
        if (change->argument.length == 0)
            continue;
        put(line, " ");
        put_text(line, change->argument);
    }
}

static size_t modes_room(const struct chat_event *event)
{
    size_t room = 0;

    for (size_t i = 0; i < event->change_count; i++)
        room += 5 + talk_clean_room(event->changes[i].argument);
    return room;
}

/* "* alice takes back what bob has said in #lobby at 12:34", or what "alice has told you". */
static void put_redaction(struct pl_message *line, const struct chat_event *event, bool own)
{
    put_subject(line, event, own, " takes back what ", " take back what ");
    if (event->more.length > 0)
        put_text(line, event->more);
    else
        put(line, "somebody");
    put(line, event->target.time == 0 ? " has said in " : " has told ");
    if (event->target.time == 0)
        put_text(line, event->channel_name);
    else if (own)
        put_text(line, event->target_nick);
    else
        put(line, "you");
    put(line, " at ");
    put_clock(line, chat_id_ms(event->redacted));
    put_reason(line, event->text);
}

static void put_forward(struct pl_message *line, const struct chat_event *event)
{
    put(line, "* ");
    put_text(line, event->channel_name);
    put(line, " does not let you in, but ");
    put_text(line, event->text);
    put(line, " does");
}

static void put_absence(struct pl_message *line, struct chat_text reason)
{
    put(line, reason.length > 0 ? " (away: " : " (away");
    put_text(line, reason);
    put(line, ")");
}

static void put_direct(struct pl_message *line, const struct chat_event *event, bool own)
{
    if (own) {
        put(line, "you tell ");
        put_text(line, event->target_nick);
    } else {
        put_text(line, event->nick);
        put(line, " tells you");
    }
    put(line, ": ");
    if (event->kind == CHAT_ACTION) {
        put(line, "* ");
        put_text(line, event->nick);
        put(line, " ");
    }
    put_text(line, event->text);
    if (own && event->away.length > 0)
        put_absence(line, reason_to_be_away(event->away));
}

static void put_speech(struct pl_message *line, const struct chat_event *event)
{
    const char *before = event->kind == CHAT_MESSAGE  ? "<"
                         : event->kind == CHAT_NOTICE ? "-"
                                                      : "* ";
    const char *after = event->kind == CHAT_MESSAGE  ? "> "
                        : event->kind == CHAT_NOTICE ? "- "
                                                     : " ";

    put(line, before);
    put_text(line, event->nick);
    put(line, after);
    put_text(line, event->text);
}

/* That not all members are told: the sign, as IRC has it, of the least prefix of those who are. */
static const char *only_for(unsigned least)
{
    return least == 0             ? ""
           : least >= CHAT_OWNER  ? "~"
           : least >= CHAT_ADMIN  ? "&"
           : least >= CHAT_OP     ? "@"
           : least >= CHAT_HALFOP ? "%"
                                  : "+";
}

/* What somebody says, does or lets know. */
static void put_said(struct pl_message *line, const struct chat_event *event, int which)
{
    if (event->target.time != 0) {
        put_direct(line, event, which == OWN);
        return;
    }
    if (which == ELSEWHERE || event->status > 0) {
        put(line, only_for(event->status));
        put_text(line, event->channel_name);
        put(line, " ");
    }
    put_speech(line, event);
}

static void put_event(struct pl_message *line, const struct chat_event *event, int which)
{
    bool own = which == OWN;

    switch (event->kind) {
    case CHAT_REGISTER:
        put(line, "* you are "); /* nobody else is told */
        put_text(line, event->nick);
        break;
    case CHAT_RENAME:
        put_subject(line, event, own, " is now called ", " are now called ");
        put_text(line, event->text);
        break;
    case CHAT_AWAY:
        put_away(line, event, own);
        break;
    case CHAT_ACCOUNT:
        put_account(line, event, own);
        break;
    case CHAT_REALNAME:
    case CHAT_HOST:
    case CHAT_USER_MODE:
    case CHAT_ONLINE:
    case CHAT_OFFLINE:
    case CHAT_METADATA:
    case CHAT_READ:
    case CHAT_TAGS:
        break; /* nobody is told */
    case CHAT_JOIN:
        put_subject(line, event, own, " has joined ", " have joined ");
        put_text(line, event->channel_name);
        break;
    case CHAT_PART:
        put_subject(line, event, own, " has left ", " have left ");
        put_text(line, event->channel_name);
        put_reason(line, event->text);
        break;
    case CHAT_QUIT:
        put_subject(line, event, own, " has quit", " have quit");
        put_reason(line, event->text);
        break;
    case CHAT_TOPIC:
        put_topic(line, event, own);
        break;
    case CHAT_NEW_NAME:
        put_channel_rename(line, event, own);
        break;
    case CHAT_KICK:
        put_kick(line, event, which);
        break;
    case CHAT_MODE:
        put_modes(line, event, own);
        break;
    case CHAT_INVITE:
        put_invitation(line, event, which);
        break;
    case CHAT_REDACT:
        put_redaction(line, event, own);
        break;
    case CHAT_KNOCK:
        put_subject(line, event, own, " asks to be invited to ", " ask to be invited to ");
        put_text(line, event->channel_name);
        put_reason(line, event->text);
        break;
    case CHAT_FORWARD:
        put_forward(line, event);
        break;
    case CHAT_REDIRECT:
        put(line, "* ");
        put_text(line, event->channel_name);
        put(line, " is called ");
        put_text(line, event->text);
        put(line, " now");
        break;
    case CHAT_KILL:
        put_subject(line, event, false, " has ended your session", "");
        put_reason(line, event->text);
        break;
    case CHAT_EXPEL:
        put(line, "* you are banned from this server");
        put_reason(line, event->text);
        break;
    case CHAT_SERVER_NOTICE:
        put(line, "*** ");
        put_text(line, event->text);
        break;
    case CHAT_WALLOPS:
        put_subject(line, event, own, " tells all: ", " tell all: ");
        put_text(line, event->text);
        break;
    case CHAT_MESSAGE:
    case CHAT_ACTION:
    case CHAT_NOTICE:
        put_said(line, event, which);
        break;
    }
}

/* What is put beside names and text: the time, and a few words. */
#define WORDS 100

/* Room for a line of the event, but for its text. A nick can appear twice (put_direct()). */
static size_t line_room(const struct chat_event *event)
{
    return WORDS + 2 * talk_clean_room(event->nick) + talk_clean_room(event->channel_name) +
           talk_clean_room(event->target_nick) + talk_clean_room(event->away) + modes_room(event);
}

static void put_line(struct pl_message *line, const struct chat_event *event, int which)
{
    put_time(line, event->time);
    put_event(line, event, which);
    put(line, "\r\n");
}

/* What is said on several lines: each as if it were said by itself, but for blank ones. */
static void put_lines(struct pl_message *line, const struct chat_event *event, int which)
{
    struct chat_event single = *event;
    struct chat_text rest = event->text;

    single.away = CHAT_NO_TEXT;
    while (rest.length > 0 && rest.data[rest.length - 1] == '\n')
        rest.length--;
    while (rest.length > 0) {
        const char *end = memchr(rest.data, '\n', rest.length);
        size_t length = end ? (size_t)(end - rest.data) : rest.length;
        size_t used = length + (end ? 1 : 0);

        single.text = (struct chat_text){rest.data, length};
        rest = (struct chat_text){rest.data + used, rest.length - used};
        if (rest.length == 0)
            single.away = event->away;
        if (length > 0)
            put_line(line, &single, which);
    }
}

static int render(const struct chat_event *event, int which, struct pl_message **message)
{
    size_t lines = event->line_count > 0 ? event->line_count : 1;
    size_t room = lines * line_room(event) + talk_clean_room(event->text);
    struct pl_message *line = room <= PL_MESSAGE_MAX ? pli_message_reserve((uint32_t)room) : NULL;

    if (!line)
        return -ENOMEM;
    if (event->line_count > 0)
        put_lines(line, event, which);
    else
        put_line(line, event, which);
    pli_message_seal(line);
    *message = line;
    return 0;
}

const struct chat_face talk_face = {.name = "talk", .variant = variant, .render = render};
