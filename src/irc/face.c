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

#include "irc/account.h"
#include "irc/apart.h"
#include "irc/cap.h"
#include "irc/markread.h"
#include "irc/mode.h"
#include "irc/monitor.h"
#include "irc/moved.h"
#include "irc/msgid.h"
#include "irc/multiline.h"
#include "irc/people.h"
#include "irc/reply.h"
#include "irc/tags.h"

#include <paceline/session.h>

#include <errno.h>

#define CTCP_END "\001"

/* The capabilities that change the bytes of any event. */
#define TAGGING (IRC_CAP_MESSAGE_TAGS | IRC_CAP_SERVER_TIME | IRC_CAP_ACCOUNT_TAG)

/* Those that change what a JOIN says, and whether and how an AWAY follows it. */
#define JOINING (IRC_CAP_EXTENDED_JOIN | IRC_CAP_AWAY_NOTIFY | IRC_CAP_PRE_AWAY)

/* How each kind is written: the command, and where it goes. */
enum shape {
    UNTOLD,
    JOIN,          /* COMMAND #channel, and perhaps the account and :real name */
    WITH_TEXT,     /* COMMAND #channel :text, if there is one */
    TOPIC,         /* COMMAND #channel :text, also without */
    BARE,          /* COMMAND :text */
    AWAY,          /* COMMAND :text, if there is one */
    ACCOUNT,       /* COMMAND text, or * for none */
    HOST,          /* COMMAND more text */
    USER_MODE,     /* COMMAND nick :+set-cleared */
    MOVE,          /* COMMAND #channel more :text */
    KICK,          /* COMMAND #channel nick :text */
    MODES,         /* COMMAND #channel changes */
    INVITE,        /* COMMAND nick #channel */
    KNOCK,         /* a numeric, to each by itself */
    KILL,          /* COMMAND nick :text, and then an ERROR */
    FORWARD,       /* a numeric, to oneself only */
    SERVER_NOTICE, /* to each by itself */
    SPEECH,        /* COMMAND target :text */
    TAGS,          /* COMMAND target */
    REDACT,        /* COMMAND target redacted :text, if there is one */
};

static const struct {
    const char *command;
    enum shape shape;
    unsigned caps;  /* that change the bytes */
    unsigned needs; /* the capability without which nobody is told; 0: none */
} kinds[] = {
    [CHAT_REGISTER] = {NULL, UNTOLD, 0, 0},
    [CHAT_RENAME] = {"NICK", BARE, TAGGING, 0},
    [CHAT_AWAY] = {"AWAY", AWAY, TAGGING | IRC_CAP_PRE_AWAY, IRC_CAP_AWAY_NOTIFY},
    [CHAT_REALNAME] = {"SETNAME", BARE, TAGGING, IRC_CAP_SETNAME},
    [CHAT_ACCOUNT] = {"ACCOUNT", ACCOUNT, TAGGING, IRC_CAP_ACCOUNT_NOTIFY},
    [CHAT_HOST] = {"CHGHOST", HOST, TAGGING, IRC_CAP_CHGHOST},
    [CHAT_USER_MODE] = {"MODE", USER_MODE, TAGGING, 0},
    [CHAT_JOIN] = {"JOIN", JOIN, TAGGING | JOINING, 0},
    [CHAT_PART] = {"PART", WITH_TEXT, TAGGING, 0},
    [CHAT_QUIT] = {"QUIT", BARE, TAGGING, 0},
    [CHAT_TOPIC] = {"TOPIC", TOPIC, TAGGING, 0},
    [CHAT_NEW_NAME] = {"RENAME", MOVE, TAGGING, 0},
    [CHAT_KICK] = {"KICK", KICK, TAGGING, 0},
    [CHAT_MODE] = {"MODE", MODES, TAGGING, 0},
    [CHAT_INVITE] = {"INVITE", INVITE, TAGGING, 0},
    [CHAT_KNOCK] = {NULL, KNOCK, 0, 0},
    [CHAT_FORWARD] = {NULL, FORWARD, 0, 0},
    [CHAT_REDIRECT] = {NULL, FORWARD, 0, 0},
    [CHAT_KILL] = {"KILL", KILL, TAGGING, 0},
    [CHAT_SERVER_NOTICE] = {NULL, SERVER_NOTICE, 0, 0},
    [CHAT_EXPEL] = {NULL, SERVER_NOTICE, 0, 0},
    [CHAT_WALLOPS] = {"WALLOPS", BARE, TAGGING, 0},
    [CHAT_REDACT] = {"REDACT", REDACT, TAGGING, IRC_CAP_MESSAGE_REDACTION},
    [CHAT_METADATA] = {NULL, UNTOLD, 0, 0},
    [CHAT_READ] = {NULL, UNTOLD, 0, 0},
    [CHAT_TAGS] = {"TAGMSG", TAGS, TAGGING, IRC_CAP_MESSAGE_TAGS},
    [CHAT_MESSAGE] = {"PRIVMSG", SPEECH, TAGGING, 0},
    [CHAT_ACTION] = {"PRIVMSG", SPEECH, TAGGING, 0},
    [CHAT_NOTICE] = {"NOTICE", SPEECH, TAGGING, 0},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static void put_text(struct irc_line *line, struct chat_text text)
{
    irc_line_puts(line, " :");
    irc_line_put(line, text);
}

/* The channel is named as such even if not all its members have heard the message. */
static void put_redaction(struct irc_line *line, const struct chat_event *event)
{
    char msgid[IRC_MSGID_LENGTH + 1];

    irc_line_puts(line, " ");
    irc_line_put(line, event->target.time != 0 ? event->target_nick : event->channel_name);
    irc_line_puts(line, " ");
    irc_line_put(line, irc_msgid(event->redacted, msgid));
    if (event->text.length > 0) {
        irc_line_puts(line, " :");
        irc_line_put(line, event->text);
    }
}

/* An action is a message in CTCP's frame, whose end is not cut off with the text. */
static void put_speech(struct irc_line *line, const struct chat_event *event)
{
    irc_put_target(line, event);
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

/* An account, or a star for none. */
static void put_account(struct irc_line *line, struct chat_text account)
{
    put_word(line, account.length > 0 ? account : chat_text("*"));
}

/* What follows the command of an event that is about a channel. */
static void put_in_channel(struct irc_line *line, const struct chat_event *event, enum shape shape)
{
    if (shape == INVITE)
        put_word(line, event->target_nick);
    put_word(line, event->channel_name);
    if (shape == KICK)
        put_word(line, event->target_nick);
    if (shape == MOVE)
        put_word(line, event->more);
    if (shape == MODES) {
        irc_line_puts(line, " ");
        irc_put_changes(line, event->changes, event->change_count);
    } else if (shape == KICK || shape == TOPIC || shape == MOVE ||
               (shape == WITH_TEXT && event->text.length > 0)) {
        put_text(line, event->text);
    }
}

static void put_join(struct irc_line *line, const struct chat_event *event, unsigned caps)
{
    put_word(line, event->channel_name);
    if (!(caps & IRC_CAP_EXTENDED_JOIN))
        return;
    put_account(line, event->account);
    put_text(line, event->realname);
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
    if (shape == ACCOUNT) {
        put_account(line, event->text);
    } else if (shape == HOST) {
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
    } else {
        put_text(line, event->text);
    }
}

const char *irc_command_of(enum chat_kind kind)
{
    return kinds[kind].command;
}

void irc_render(struct irc_line *line, const struct chat_event *event, unsigned caps)
{
    enum shape shape = kinds[event->kind].shape;

    irc_line_begin(line);
    irc_put_tags(line, event, caps);
    irc_put_source(line, event);
    irc_line_puts(line, kinds[event->kind].command);
    switch (shape) {
    case UNTOLD:
    case FORWARD:
    case KNOCK:
    case SERVER_NOTICE:
        break;
    case BARE:
    case ACCOUNT:
    case HOST:
    case USER_MODE:
    case KILL:
        put_of_user(line, event, shape);
        break;
    case AWAY:
        if (event->text.length > 0)
            put_text(line, irc_away_reason(event->text, caps));
        break;
    case SPEECH:
        put_speech(line, event);
        break;
    case TAGS:
        irc_put_target(line, event);
        break;
    case REDACT:
        put_redaction(line, event);
        break;
    case JOIN:
        put_join(line, event, caps);
        break;
    case WITH_TEXT:
    case TOPIC:
    case MOVE:
    case KICK:
    case MODES:
    case INVITE:
        put_in_channel(line, event, shape);
        break;
    }
}

/* Whether the event tells of somebody who is away for a reason that is not told. */
static bool has_untold_reason(const struct chat_event *event)
{
    return chat_text_equal(event->kind == CHAT_AWAY ? event->text : event->away,
                           chat_text(CHAT_AWAY_UNTOLD));
}

unsigned irc_changing(const struct chat_event *event, unsigned caps)
{
    unsigned counted = kinds[event->kind].caps;

    if (event->account.length == 0)
        counted &= ~(unsigned)IRC_CAP_ACCOUNT_TAG;
    if (event->away.length == 0)
        counted &= ~(unsigned)IRC_CAP_AWAY_NOTIFY;
    if (caps & counted & IRC_CAP_PRE_AWAY && !has_untold_reason(event))
        counted &= ~(unsigned)IRC_CAP_PRE_AWAY;
    if (event->line_count > 0 && (caps & IRC_CAPS_MULTILINE) == IRC_CAPS_MULTILINE)
        counted |= IRC_CAP_MULTILINE;
    return caps & counted;
}

/* What one has said, back to oneself. */
static void echo(struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    struct irc_line line;

    if (event->line_count > 0) {
        irc_multiline_answer(client, event, irc_changing(event, caps), false);
        return;
    }
    irc_render(&line, event, caps);
    irc_emit_in_order(client, &line);
}

/* The same, as anybody else would get it. */
static void hear_oneself(struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    struct irc_line line;

    if (event->line_count > 0) {
        irc_multiline_answer(client, event, irc_changing(event, caps), true);
        return;
    }
    irc_render(&line, event, caps);
    irc_emit_aside(client, &line);
}

/*
 * What one says to oneself comes twice to who wants echoes: as an echo, which answers the command,
 * and as a message like any other, which does not.
 */
static void answer_speech(struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    if (event->away.length > 0 && caps & IRC_CAP_ECHO_MESSAGE)
        irc_answer_several(client);
    if (caps & IRC_CAP_ECHO_MESSAGE)
        echo(client, event, caps);
    if (chat_id_equal(event->target, event->user))
        hear_oneself(client, event, caps);
    if (event->away.length > 0)
        irc_reply_away(client, event->target_nick, event->away);
}

/* The one who invites sees a numeric instead. */
static void answer_invitation(struct irc_client *client, const struct chat_event *event)
{
    irc_reply(client, IRC_RPL_INVITING, event->target_nick, event->channel_name);
    if (event->away.length > 0)
        irc_reply_away(client, event->target_nick, event->away);
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

/* One learns what one has read there. */
static void answer_join(struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    struct irc_line line;

    irc_render(&line, event, caps);
    irc_emit_in_order(client, &line);
    if (!(caps & IRC_CAP_READ_MARKER))
        return;
    irc_put_markread(client->irc, &line, event->channel_name, event->until);
    irc_emit_in_order(client, &line);
}

/* An event that the session's own command has caused: see above. */
static void answer_with(struct irc_client *client, const struct chat_event *event, unsigned caps)
{
    struct irc_line line;

    switch (event->kind) {
    case CHAT_FORWARD:
        irc_reply(client, IRC_ERR_LINKCHANNEL, event->channel_name, event->text,
                  chat_text("Forwarding to another channel"));
        break;
    case CHAT_REDIRECT:
        irc_reply(client, IRC_ERR_LINKCHANNEL, event->channel_name, event->text,
                  chat_text("The channel has been renamed"));
        break;
    case CHAT_INVITE:
        answer_invitation(client, event);
        break;
    case CHAT_QUIT:
    case CHAT_AWAY:
        break;
    case CHAT_REDACT:
    case CHAT_TAGS:
    case CHAT_MESSAGE:
    case CHAT_ACTION:
    case CHAT_NOTICE:
        if (chat_session_owns(&client->chat, event)) {
            answer_speech(client, event, caps);
            break;
        }
        irc_render(&line, event, caps); /* a service answers */
        irc_emit_in_order(client, &line);
        break;
    case CHAT_KILL:
        irc_render(&line, event, caps);
        end_with(client, event, &line);
        break;
    case CHAT_JOIN:
        answer_join(client, event, caps);
        break;
    default:
        irc_render(&line, event, caps);
        irc_emit_in_order(client, &line);
        break;
    }
}

/* Whether the session is told, by what the event is and which capabilities it has. */
static bool is_told(const struct chat_session *session, const struct chat_event *event,
                    unsigned caps)
{
    unsigned needs = kinds[event->kind].needs;

    if (kinds[event->kind].shape == UNTOLD || (needs && !(caps & needs)))
        return false;
    return event->kind != CHAT_INVITE || caps & IRC_CAP_INVITE_NOTIFY ||
           chat_session_meant(session, event) || chat_session_sent(session, event);
}

/*
 * Whom another session, or the server, has renamed, or who has another host: it learns its name
 * before its next line.
 */
static void note_own(const struct chat_session *session, const struct chat_event *event)
{
    struct irc_client *own = (struct irc_client *)(uintptr_t)session;

    if ((event->kind == CHAT_HOST ||
         (event->kind == CHAT_RENAME && !chat_session_sent(session, event))) &&
        chat_session_owns(session, event))
        atomic_store_explicit(&own->renamed, true, memory_order_release);
    if (event->kind == CHAT_JOIN && !chat_session_sent(session, event) &&
        chat_session_owns(session, event))
        irc_moved_note(own, event->channel_name); /* by another session, or an operator */
}

/*
 * Who is behind is not told what is true for a moment only: that somebody types. So there is more
 * room in the queue for what is said.
 */
static bool leave_out(const struct irc_client *client, const struct chat_event *event)
{
    struct irc_tag tag;

    if (!pl_session_is_behind(client->chat.session) ||
        !irc_tag_find(event->tags, chat_text("+typing"), &tag))
        return false;
    chat_limit_hit(client->world, CHAT_LIMIT_CHATTER);
    return true;
}

static int variant(const struct chat_session *session, const struct chat_event *event)
{
    const struct irc_client *client = (const struct irc_client *)(const void *)session;
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    if (event->kind == CHAT_ONLINE || event->kind == CHAT_OFFLINE) {
        irc_monitor_tell(client, event); /* it names who is told, so nobody else gets the same */
        return CHAT_UNTOLD;
    }
    if (event->watched && !(caps & IRC_CAP_EXTENDED_MONITOR) && event->kind != CHAT_METADATA)
        return CHAT_UNTOLD;
    note_own(session, event);
    if (event->kind == CHAT_ACCOUNT && chat_session_owns(session, event) &&
        !chat_session_sent(session, event))
        irc_account_tell(client, event);
    if (event->kind == CHAT_AWAY && chat_session_owns(session, event) &&
        !chat_session_sent(session, event)) {
        irc_tell_absence(client, event);
        return CHAT_UNTOLD;
    }
    if ((size_t)event->kind >= KINDS || !is_told(session, event, caps)) {
        irc_tell_apart(client, event, caps);
        return CHAT_UNTOLD;
    }
    if (event->kind == CHAT_NEW_NAME && !(caps & IRC_CAP_CHANNEL_RENAME)) {
        irc_move(session, event, caps);
        return CHAT_UNTOLD;
    }
    if (chat_session_sent(session, event)) {
        answer_with(pl_session_data(session->session), event, caps);
        return CHAT_UNTOLD;
    }
    if (event->kind == CHAT_SERVER_NOTICE) {
        irc_tell_notice(client, event, caps);
        return CHAT_UNTOLD;
    }
    if (event->kind == CHAT_EXPEL) {
        irc_tell_expelled(client, event);
        return CHAT_UNTOLD;
    }
    if (event->kind == CHAT_TAGS && leave_out(client, event))
        return CHAT_UNTOLD;
    if (event->kind == CHAT_KNOCK) {
        irc_tell_knock(client, event, caps);
        return CHAT_UNTOLD;
    }
    if (event->kind == CHAT_JOIN && caps & IRC_CAPS_JOINED && chat_session_owns(session, event)) {
        irc_tell_joined(client, event, caps);
        return CHAT_UNTOLD;
    }
    return (int)irc_changing(event, caps);
}

/* Who joins while being away is seen to join, and then to be away. */
static int render_both(const struct chat_event *event, unsigned caps, const struct irc_line *join,
                       struct pl_message **message)
{
    char lines[2 * sizeof join->data];
    struct chat_event absence = *event;
    struct irc_line line;

    absence.kind = CHAT_AWAY;
    absence.text = event->away;
    irc_render(&line, &absence, caps);
    irc_line_end(&line);
    memcpy(lines, join->data, join->length);
    memcpy(lines + join->length, line.data, line.length);
    return pl_message_new(lines, join->length + line.length, message);
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

    if (event->line_count > 0)
        return irc_multiline_render(event, (unsigned)which, message);
    irc_render(&line, event, (unsigned)which);
    irc_line_end(&line);
    if (event->kind == CHAT_JOIN && (unsigned)which & IRC_CAP_AWAY_NOTIFY)
        return render_both(event, (unsigned)which, &line, message);
    if (event->kind == CHAT_KILL)
        return render_kill(event, &line, message);
    return pl_message_new(line.data, line.length, message);
}

const struct chat_face irc_face = {.name = "irc", .variant = variant, .render = render};
