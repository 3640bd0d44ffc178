/* SPDX-License-Identifier: MIT */
/*
 * Events as lines. A rendering is told by the capabilities that change its bytes, which for most
 * events are those that add tags.
 *
 * What a session has caused itself is an answer to the command that it runs, and may need the
 * command's label: the thread that delivers it is the one that runs the command, so it is put
 * where the session's other answers go, right here and not as a message that others share.
 */
#include "config.h"

#include "irc/face.h"

#include "irc/cap.h"
#include "irc/mode.h"
#include "irc/reply.h"

#include <paceline/session.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define CTCP_END "\001"

/* The capabilities that change the bytes of any event. */
#define TAGGING (IRC_CAP_MESSAGE_TAGS | IRC_CAP_SERVER_TIME)

/* How each kind is written: the command, and where it goes. */
enum shape {
    UNTOLD,
    TO_CHANNEL, /* COMMAND #channel */
    WITH_TEXT,  /* COMMAND #channel :text, if there is one */
    TOPIC,      /* COMMAND #channel :text, also without */
    BARE,       /* COMMAND :text */
    MAYBE,      /* COMMAND :text, if there is one */
    HOST,       /* COMMAND more text */
    USER_MODE,  /* COMMAND nick :+set-cleared */
    KICK,       /* COMMAND #channel nick :text */
    MODES,      /* COMMAND #channel changes */
    INVITE,     /* COMMAND nick #channel */
    KILL,       /* COMMAND nick :text, and then an ERROR */
    FORWARD,    /* a numeric, to oneself only */
    SPEECH,     /* COMMAND target :text */
};

static const struct {
    const char *command;
    enum shape shape;
    unsigned caps;  /* that change the bytes */
    unsigned needs; /* the capability without which nobody is told; 0: none */
} kinds[] = {
    [CHAT_REGISTER] = {NULL, UNTOLD, 0, 0},
    [CHAT_RENAME] = {"NICK", BARE, TAGGING, 0},
    [CHAT_AWAY] = {"AWAY", MAYBE, TAGGING, IRC_CAP_AWAY_NOTIFY},
    [CHAT_REALNAME] = {"SETNAME", BARE, TAGGING, IRC_CAP_SETNAME},
    [CHAT_HOST] = {"CHGHOST", HOST, TAGGING, IRC_CAP_CHGHOST},
    [CHAT_USER_MODE] = {"MODE", USER_MODE, TAGGING, 0},
    [CHAT_JOIN] = {"JOIN", TO_CHANNEL, TAGGING, 0},
    [CHAT_PART] = {"PART", WITH_TEXT, TAGGING, 0},
    [CHAT_QUIT] = {"QUIT", BARE, TAGGING, 0},
    [CHAT_TOPIC] = {"TOPIC", TOPIC, TAGGING, 0},
    [CHAT_KICK] = {"KICK", KICK, TAGGING, 0},
    [CHAT_MODE] = {"MODE", MODES, TAGGING, 0},
    [CHAT_INVITE] = {"INVITE", INVITE, TAGGING, 0},
    [CHAT_FORWARD] = {NULL, FORWARD, 0, 0},
    [CHAT_KILL] = {"KILL", KILL, TAGGING, 0},
    [CHAT_WALLOPS] = {"WALLOPS", BARE, TAGGING, 0},
    [CHAT_MESSAGE] = {"PRIVMSG", SPEECH, TAGGING, 0},
    [CHAT_ACTION] = {"PRIVMSG", SPEECH, TAGGING, 0},
    [CHAT_NOTICE] = {"NOTICE", SPEECH, TAGGING, 0},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

struct chat_text irc_msgid(struct chat_id id, char text[IRC_MSGID_LENGTH + 1])
{
    snprintf(text, IRC_MSGID_LENGTH + 1, "%016" PRIx64 "%016" PRIx64, id.time, id.origin);
    return (struct chat_text){text, IRC_MSGID_LENGTH};
}

static void put_time(struct irc_line *line, uint64_t milliseconds)
{
    time_t seconds = (time_t)(milliseconds / 1000);
    char text[40];
    struct tm utc;
    size_t length;

    if (!gmtime_r(&seconds, &utc))
        return;
    length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, sizeof text - length, ".%03uZ", (unsigned)(milliseconds % 1000));
    irc_line_tag(line, "time", chat_text(text));
}

static void put_tags(struct irc_line *line, const struct chat_event *event, unsigned caps)
{
    char msgid[IRC_MSGID_LENGTH + 1];

    if (caps & IRC_CAP_MESSAGE_TAGS)
        irc_line_tag(line, "msgid", irc_msgid(event->id, msgid));
    if (caps & IRC_CAP_SERVER_TIME)
        put_time(line, event->time);
}

/* Whom it comes from. */
static void put_source(struct irc_line *line, const struct chat_event *event)
{
    irc_line_puts(line, ":");
    irc_line_put(line, event->nick);
    irc_line_puts(line, "!");
    irc_line_put(line, event->username);
    irc_line_puts(line, "@");
    irc_line_put(line, event->host);
    irc_line_puts(line, " ");
}

static void put_text(struct irc_line *line, struct chat_text text)
{
    irc_line_puts(line, " :");
    irc_line_put(line, text);
}

/* An action is a message in CTCP's frame, whose end is not cut off with the text. */
static void put_speech(struct irc_line *line, const struct chat_event *event)
{
    bool to_user = event->target.time != 0;

    irc_line_puts(line, " ");
    irc_line_put(line, to_user ? event->target_nick : event->channel_name);
    if (event->kind != CHAT_ACTION) {
        put_text(line, event->text);
        return;
    }
    irc_line_puts(line, " :\001ACTION ");
    irc_line_reserve(line, strlen(CTCP_END));
    irc_line_put(line, event->text);
    irc_line_release(line, strlen(CTCP_END));
    irc_line_puts(line, CTCP_END);
}

static void put_word(struct irc_line *line, struct chat_text word)
{
    irc_line_puts(line, " ");
    irc_line_put(line, word);
}

/* What follows the command of an event that is about a channel. */
static void put_in_channel(struct irc_line *line, const struct chat_event *event, enum shape shape)
{
    if (shape == INVITE)
        put_word(line, event->target_nick);
    put_word(line, event->channel_name);
    if (shape == KICK)
        put_word(line, event->target_nick);
    if (shape == MODES) {
        irc_line_puts(line, " ");
        irc_put_changes(line, event->changes, event->change_count);
    } else if (shape == KICK || shape == TOPIC || (shape == WITH_TEXT && event->text.length > 0)) {
        put_text(line, event->text);
    }
}

void irc_put_kill(struct irc_line *line, struct chat_text by, struct chat_text reason)
{
    irc_line_puts(line, "Killed (");
    irc_line_put(line, by);
    irc_line_puts(line, " (");
    irc_line_reserve(line, strlen("))"));
    irc_line_put(line, reason);
    irc_line_release(line, strlen("))"));
    irc_line_puts(line, "))");
}

/* What comes behind a KILL. */
static void render_error(struct irc_line *line, const struct chat_event *event)
{
    irc_line_begin(line);
    irc_line_puts(line, "ERROR :Closing link: ");
    irc_line_put(line, event->more);
    irc_line_puts(line, " (");
    irc_line_reserve(line, strlen(")"));
    irc_put_kill(line, event->nick, event->text);
    irc_line_release(line, strlen(")"));
    irc_line_puts(line, ")");
}

/* What follows the command of an event that is about a user. */
static void put_of_user(struct irc_line *line, const struct chat_event *event, enum shape shape)
{
    if (shape == HOST) {
        put_word(line, event->more);
        put_word(line, event->text);
    } else if (shape == USER_MODE) {
        put_word(line, event->nick);
        irc_line_puts(line, " :");
        irc_put_user_modes(line, '+', event->set);
        irc_put_user_modes(line, '-', event->cleared);
    } else if (shape == KILL) {
        put_word(line, event->target_nick);
        put_text(line, event->text);
    } else if (shape == BARE || event->text.length > 0) {
        put_text(line, event->text);
    }
}

void irc_render(struct irc_line *line, const struct chat_event *event, unsigned caps)
{
    enum shape shape = kinds[event->kind].shape;

    irc_line_begin(line);
    put_tags(line, event, caps);
    put_source(line, event);
    irc_line_puts(line, kinds[event->kind].command);
    switch (shape) {
    case UNTOLD:
    case FORWARD:
        break;
    case BARE:
    case MAYBE:
    case HOST:
    case USER_MODE:
    case KILL:
        put_of_user(line, event, shape);
        break;
    case SPEECH:
        put_speech(line, event);
        break;
    case TO_CHANNEL:
    case WITH_TEXT:
    case TOPIC:
    case KICK:
    case MODES:
    case INVITE:
        put_in_channel(line, event, shape);
        break;
    }
}

static bool is_speech(const struct chat_event *event)
{
    return kinds[event->kind].shape == SPEECH;
}

/* One has killed oneself: the chat closes the session when this has been said. */
static void end_with(struct irc_client *client, const struct chat_event *event,
                     struct irc_line *line)
{
    irc_emit(client, line);
    render_error(line, event);
    irc_emit(client, line);
    irc_answer_end(client);
    client->gone = true;
}

/* An event that the session's own command has caused: see above. */
static void answer_with(struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    bool to_self = chat_id_equal(event->target, event->user);
    struct irc_line line;

    if (event->kind == CHAT_FORWARD) {
        irc_reply(client, IRC_ERR_LINKCHANNEL, event->channel_name, event->text);
        return;
    }
    if (event->kind == CHAT_QUIT || event->kind == CHAT_AWAY || event->kind == CHAT_INVITE ||
        (is_speech(event) && !to_self && !(caps & IRC_CAP_ECHO_MESSAGE)))
        return;
    irc_render(&line, event, caps);
    if (event->kind == CHAT_KILL)
        end_with(client, event, &line);
    else if (is_speech(event) && event->target.time != 0)
        irc_emit(client, &line);
    else
        irc_emit_in_order(client, &line);
}

static int variant(const struct chat_session *session, const struct chat_event *event)
{
    const struct irc_client *client = (const struct irc_client *)(const void *)session;
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    if ((size_t)event->kind >= KINDS || kinds[event->kind].shape == UNTOLD ||
        (kinds[event->kind].needs && !(caps & kinds[event->kind].needs)))
        return CHAT_UNTOLD;
    if (event->kind == CHAT_INVITE && !chat_session_meant(session, event))
        return CHAT_UNTOLD;
    if (chat_session_sent(session, event)) {
        answer_with(pl_session_data(session->session), event, caps);
        return CHAT_UNTOLD;
    }
    return (int)(caps & kinds[event->kind].caps);
}

/* Two lines as one message. */
static int render_kill(const struct chat_event *event, const struct irc_line *kill,
                       struct pl_message **message)
{
    char both[IRC_TAGS_MAX + 2 * IRC_LINE_MAX];
    struct irc_line error;

    render_error(&error, event);
    irc_line_end(&error);
    memcpy(both, kill->data, kill->length);
    memcpy(both + kill->length, error.data, error.length);
    return pl_message_new(both, kill->length + error.length, message);
}

static int render(const struct chat_event *event, int which, struct pl_message **message)
{
    struct irc_line line;

    irc_render(&line, event, (unsigned)which);
    irc_line_end(&line);
    if (event->kind == CHAT_KILL)
        return render_kill(event, &line, message);
    return pl_message_new(line.data, line.length, message);
}

const struct chat_face irc_face = {.name = "irc", .variant = variant, .render = render};
