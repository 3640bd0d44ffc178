/* SPDX-License-Identifier: MIT */
/*
 * The talk service. A person comes without a name (asked for it, with a time limit), is registered
 * with the chat by the first good line, and then stands in the lobby. Everything that happens in
 * the chat reaches them through talk_face (render.h), what only concerns them through talk_reply().
 */
#include "config.h"

#include "talk/talk.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/colour.h"
#include "chat/name.h"
#include "talk/arrival.h"
#include "talk/clean.h"
#include "talk/command.h"
#include "talk/input.h"
#include "talk/login.h"
#include "talk/render.h"

#include <paceline/session.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct talk {
    struct chat_world *world;  /* const */
    struct accounts *accounts; /* const once there are sessions; NULL: there are none */
    struct lookups *lookups;   /* const once there are sessions; NULL: nobody is asked about */
    bool has_key;              /* const once there are sessions, as is the key */
    struct chat_cloak_key key;
    struct pli_mutex lock;                    /* for taking a reference to, or replacing */
    _Atomic(struct talk_snapshot *) settings; /* the current ones, a reference */
};

int talk_new(struct chat_world *world, const struct talk_settings *settings, struct talk **out)
{
    struct talk_snapshot *snapshot = NULL;
    struct talk *talk;
    int rc = talk_snapshot_new(settings, &snapshot);

    if (rc < 0)
        return rc;
    talk = malloc(sizeof *talk);
    if (!talk) {
        talk_snapshot_unref(snapshot);
        return -ENOMEM;
    }
    talk->world = world;
    talk->has_key = false;
    talk->accounts = NULL;
    talk->lookups = NULL;
    pli_mutex_init(&talk->lock, PLI_RANK_CONFIG);
    atomic_init(&talk->settings, snapshot);
    tzset(); /* reads files; localtime_r() then does not */
    *out = talk;
    return 0;
}

void talk_put_key(struct talk *talk, const struct chat_cloak_key *key)
{
    talk->key = *key;
    talk->has_key = true;
}

void talk_set_lookups(struct talk *talk, struct lookups *lookups)
{
    talk->lookups = lookups;
}

void talk_set_accounts(struct talk *talk, struct accounts *accounts)
{
    talk->accounts = accounts;
}

struct accounts *talk_accounts(const struct talk *talk)
{
    return talk->accounts;
}

void talk_free(struct talk *talk)
{
    if (!talk)
        return;
    talk_snapshot_unref(atomic_load(&talk->settings));
    pli_mutex_deinit(&talk->lock);
    free(talk);
}

int talk_set_settings(struct talk *talk, const struct talk_settings *settings)
{
    struct talk_snapshot *snapshot = NULL;
    int rc = talk_snapshot_new(settings, &snapshot);

    if (rc < 0)
        return rc;
    pli_lock(&talk->lock);
    snapshot = atomic_exchange_explicit(&talk->settings, snapshot, memory_order_acq_rel);
    pli_unlock(&talk->lock);
    talk_snapshot_unref(snapshot);
    return 0;
}

/*
 * Makes sure that the person has the current settings. A pointer that is the same is the same
 * snapshot, as the person's reference keeps its memory from being used again.
 */
static void renew_settings(struct talk_person *person)
{
    struct talk *talk = person->talk;
    struct talk_snapshot *old = person->settings;

    if (atomic_load_explicit(&talk->settings, memory_order_relaxed) == old)
        return;
    pli_lock(&talk->lock);
    person->settings =
        talk_snapshot_ref(atomic_load_explicit(&talk->settings, memory_order_relaxed));
    pli_unlock(&talk->lock);
    talk_snapshot_unref(old);
    person->class = talk_snapshot_class(person->settings, pl_session_class(person->session));
    chat_session_limit_channels(&person->chat, person->class != &person->settings->plain,
                                person->class->channels_per_user);
}

void talk_give_up(struct talk_person *person)
{
    atomic_store_explicit(&person->chat.starved, true, memory_order_relaxed);
    pl_session_close(person->session);
}

static void send_clean(struct talk_person *person, struct chat_text text)
{
    char *clean = malloc(talk_clean_room(text) + 2);

    if (!clean) {
        talk_give_up(person);
        return;
    }
    text.length = talk_clean(text, clean);
    memcpy(clean + text.length, "\r\n", 2);
    (void)pl_session_send(person->session, clean, text.length + 2);
    free(clean);
}

void talk_reply(struct talk_person *person, const char *format, ...)
{
    struct chat_text said;
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        talk_give_up(person);
        return;
    }
    said = (struct chat_text){text, (size_t)length};
    if (chat_colour_is_in(said)) /* of a topic, say */
        said.length = chat_colour_strip(said, text);
    send_clean(person, said);
    free(text);
}

void talk_ask(struct talk_person *person)
{
    talk_reply(person, "What is your nickname?");
}

/*
 * For those who see such things: who talks has told no name but the nickname. They all hear what
 * operators tell those who listen, as they have no way to ask for it.
 */
static int enter(struct talk_person *person, struct chat_text nick,
                 char why[static CHAT_BAN_REASON_MAX + 1])
{
    char address[PL_ADDRESS_TEXT];
    char username[CHAT_USERNAME_MADE];
    char host[CHAT_CLOAK_MAX + 1] = "";
    struct chat_identity identity = {
        .nick = nick,
        .username = chat_username_make(nick, username),
        .address = chat_text(pl_session_peer(person->session, address, sizeof address)),
        .realname = nick,
        .mark = talk_arrival_mark(person),
        .modes = CHAT_USER_WALLOPS |
                 (pl_session_is_tls(person->session) ? (unsigned)CHAT_USER_SECURE : 0),
        .why = why,
    };

    if (person->talk->has_key)
        chat_cloak(&person->talk->key, address, host);
    identity.host = talk_arrival_host(person);
    if (identity.host.length == 0)
        identity.host = chat_text(host);
    return chat_user_enter(person->world, &person->chat, &identity);
}

static void show_lock(struct talk_person *person)
{
    struct chat_defcon_view view;

    chat_defcon_look(person->world, &view);
    talk_reply(person, "%s", view.message);
}

static void give_nickname(struct talk_person *person, struct chat_text nick)
{
    char why[CHAT_BAN_REASON_MAX + 1];
    int rc;

    if (!talk_arrival_is_over(person, person->talk->lookups, nick))
        return;
    rc = enter(person, nick, why);
    if (rc == CHAT_BARRED) {
        talk_reply(person, "Goodbye: you are banned from this server (%s).", why);
        pl_session_close(person->session);
        return;
    }
    if (rc != 0) {
        if (rc == CHAT_LOCKED_DOWN)
            show_lock(person);
        else
            talk_explain(person, rc, nick);
        if (rc == CHAT_FILTERED || rc == CHAT_LOCKED_DOWN)
            pl_session_close(person->session);
        else
            talk_ask(person);
        return;
    }
    person->registered = true;
    talk_arrival_free(person->arrival);
    person->arrival = NULL;
    pl_session_set_timer(person->session, 0);
    (void)pl_session_send(person->session, person->settings->motd, strlen(person->settings->motd));
    talk_reply(person, "What you type is said in the room; /help lists the commands.");
    talk_enter(person, chat_text(person->settings->lobby));
    chat_hold_tell(person->world, &person->chat);
}

/* Spaces are kept at the beginning of what is said. */
static struct chat_text trim(struct chat_text text, bool both_ends)
{
    while (text.length > 0 && text.data[text.length - 1] == ' ')
        text.length--;
    while (both_ends && text.length > 0 && text.data[0] == ' ') {
        text.data++;
        text.length--;
    }
    return text;
}

void talk_take_line(struct talk_person *person, struct chat_text line)
{
    if (talk_login_asks(person)) {
        talk_login_take(person, line);
        return;
    }
    line = trim(line, !person->registered);
    if (!person->registered && line.length == 0) {
        talk_ask(person);
    } else if (!person->registered) {
        give_nickname(person, line);
    } else if (line.length == 0) {
        return;
    } else if (line.data[0] != '/') {
        talk_say(person, CHAT_MESSAGE, CHAT_NO_TEXT, line);
    } else if (line.length > 1 && line.data[1] == '/') {
        talk_say(person, CHAT_MESSAGE, CHAT_NO_TEXT,
                 (struct chat_text){line.data + 1, line.length - 1});
    } else {
        talk_command(person, line);
    }
}

static void free_person(struct talk_person *person)
{
    talk_input_reset(person);
    talk_arrival_free(person->arrival);
    talk_login_forget(person);
    talk_snapshot_unref(person->settings);
    free(person);
}

static int talk_open(struct pl_session *session, void *context)
{
    struct talk *talk = context;
    struct talk_person *person = calloc(1, sizeof *person);

    if (!person)
        return -ENOMEM;
    chat_session_init(&person->chat, session, &talk_face);
    person->session = session;
    person->talk = talk;
    person->world = talk->world;
    renew_settings(person);
    pl_session_set_data(session, person);
    pl_session_set_timer(session, person->class->registration_timeout * 1000);
    talk_reply(person, "Welcome to %s.", person->settings->network);
    talk_ask(person);
    return 0;
}

/* What every line costs, whatever is in it. */
static void charge(struct talk_person *person)
{
    unsigned wait;

    renew_settings(person);
    wait = chat_flood_take(&person->flood, 1, person->class->flood_rate, person->class->flood_burst,
                           pli_clock_now());
    if (wait == 0)
        return;
    chat_limit_hit(person->world, CHAT_LIMIT_FLOOD_BURST);
    pl_session_slow(person->session, wait);
}

static void talk_line(struct pl_session *session, const struct pl_line *line)
{
    struct talk_person *person = pl_session_data(session);

    charge(person);
    talk_input(person, line);
}

/* NULs are not refused but left out, like all control characters: telnet sends them, too. */
static void talk_fault(struct pl_session *session, enum pl_fault fault, const struct pl_line *head)
{
    struct talk_person *person = pl_session_data(session);

    (void)fault;
    (void)head;
    charge(person);
    talk_input_reset(person);
    if (talk_login_asks(person)) {
        talk_login_give_up(person);
        return;
    }
    talk_reply(person, "That line is too long; it was not sent.");
    if (!person->registered)
        talk_ask(person);
}

static void talk_timer(struct pl_session *session)
{
    struct talk_person *person = pl_session_data(session);

    if (person->registered)
        return;
    if (talk_arrival_waits(person)) {
        talk_arrival_give_up(person);
        return;
    }
    chat_limit_hit(person->world, CHAT_LIMIT_REGISTRATION_TIMEOUT);
    talk_reply(person, "Goodbye: no nickname was given in time.");
    pl_session_close(session);
}

static void talk_resume(struct pl_session *session)
{
    struct talk_person *person = pl_session_data(session);
    char *nick = talk_arrival_end(person);

    if (!nick)
        return;
    pl_session_set_timer(session, person->class->registration_timeout * 1000);
    give_nickname(person, chat_text(nick));
    free(nick);
}

/* Why people end who did not say so themselves. */
static const char *reason_of(enum pl_reason reason)
{
    switch (reason) {
    case PL_REASON_CLOSED:
        return "closed by the server";
    case PL_REASON_EOF:
        return "connection closed";
    case PL_REASON_RESET:
        return "connection broken";
    case PL_REASON_RECVQ:
        return "too much input at once";
    case PL_REASON_SENDQ:
        return "too much unread output";
    case PL_REASON_WRITE_TIMEOUT:
        return "nothing was read for too long";
    case PL_REASON_IDLE:
        return "nothing was typed for too long";
    case PL_REASON_STOPPING:
        return "the server is stopping";
    case PL_REASON_NO_MEMORY:
        return "out of memory";
    case PL_REASON_FULL:
        return "the server is full";
    case PL_REASON_PER_ADDRESS:
        return "too many connections from your address";
    case PL_REASON_CONNECT_RATE:
        return "your address connects too often";
    case PL_REASON_PROXY_HEADER: /* nobody is there to be told */
        break;
    case PL_REASON_CLASS_FULL:
        return "too many connections from your network";
    case PL_REASON_BANNED:
        return "your address is banned";
    case PL_REASON_TLS:
        return "TLS failed";
    case PL_REASON_PLAIN:
        return "this port speaks TLS, not plain text";
    }
    return "unknown reason";
}

/* Who has ended their input has said all they wanted, and gets no last word. */
static void talk_farewell(struct pl_session *session, enum pl_reason reason)
{
    struct talk_person *person = pl_session_data(session);

    talk_login_forget(person);
    if (reason != PL_REASON_EOF)
        talk_reply(person, "Goodbye: %s.", reason_of(reason));
}

/*
 * When the server stops everybody goes, and nobody is told of everybody else. Who is not registered,
 * or has quit, is not in the chat.
 */
static void talk_close(struct pl_session *session, enum pl_reason reason)
{
    struct talk_person *person = pl_session_data(session);

    if (atomic_load_explicit(&person->chat.starved, memory_order_relaxed))
        reason = PL_REASON_NO_MEMORY;
    if (reason == PL_REASON_STOPPING)
        (void)chat_quit_untold(person->world, &person->chat);
    else
        (void)chat_quit(person->world, &person->chat, chat_text(reason_of(reason)));
    pl_session_set_data(session, NULL);
    free_person(person);
}

static size_t talk_refuse(enum pl_reason reason, char *text, size_t size, void *context)
{
    int length = snprintf(text, size, "Sorry, %s. Please try again later.\r\n", reason_of(reason));

    (void)context;
    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

const struct pl_service talk_service = {
    .name = "talk",
    .open = talk_open,
    .line = talk_line,
    .fault = talk_fault,
    .timer = talk_timer,
    .resume = talk_resume,
    .farewell = talk_farewell,
    .close = talk_close,
    .refuse = talk_refuse,
};
