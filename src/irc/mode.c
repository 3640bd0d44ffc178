/* SPDX-License-Identifier: MIT */
/* MODE: of oneself, and of channels. */
#include "config.h"

#include "irc/mode.h"

#include "base/utf8.h"
#include "irc/command.h"
#include "irc/people.h"

#include <assert.h>

const struct irc_user_mode irc_user_modes[] = {
    {'B', CHAT_USER_BOT},      {'R', CHAT_USER_REGISTERED_ONLY},
    {'T', CHAT_USER_NO_CTCP},  {'i', CHAT_USER_INVISIBLE},
    {'o', CHAT_USER_OPERATOR}, {'s', CHAT_USER_NOTICES},
    {'w', CHAT_USER_WALLOPS},  {0, 0},
};

const struct irc_notice_letter irc_notice_letters[] = {
    {'F', CHAT_NOTICE_FILTER}, {'c', CHAT_NOTICE_CONNECT}, {'d', CHAT_NOTICE_DEFENCE},
    {'f', CHAT_NOTICE_FLOOD},  {'k', CHAT_NOTICE_KILL},    {'n', CHAT_NOTICE_NICK},
    {'o', CHAT_NOTICE_OPER},   {'q', CHAT_NOTICE_QUIT},    {'r', CHAT_NOTICE_REJECT},
    {'s', CHAT_NOTICE_SERVER}, {'x', CHAT_NOTICE_BAN},     {0, 0},
};

const char irc_channel_modes[] = CHAT_MODE_LETTERS;

static_assert(sizeof irc_channel_modes - 1 == CHAT_MODE_OWNER + 1, "a letter for each mode");

/* From the greatest down. */
static const struct {
    char sign;
    unsigned bit;
} prefixes[] = {
    {'~', CHAT_OWNER}, {'&', CHAT_ADMIN}, {'@', CHAT_OP}, {'%', CHAT_HALFOP}, {'+', CHAT_VOICE},
};

unsigned irc_prefix_of(char sign)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (prefixes[i].sign == sign)
            return prefixes[i].bit;
    return 0;
}

void irc_put_prefix(struct irc_line *line, unsigned prefix, bool all)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (!(prefix & prefixes[i].bit))
            continue;
        irc_line_put(line, (struct chat_text){&prefixes[i].sign, 1});
        if (!all)
            return;
    }
}

void irc_put_changes(struct irc_line *line, const struct chat_change *changes, size_t count)
{
    bool any = false, set = false;

    for (size_t i = 0; i < count; i++) {
        if (!any || set != changes[i].set)
            irc_line_puts(line, changes[i].set ? "+" : "-");
        any = true;
        set = changes[i].set;
        irc_line_put(line, (struct chat_text){&irc_channel_modes[changes[i].mode], 1});
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].argument.length == 0)
            continue;
        irc_line_puts(line, " ");
        irc_line_put(line, changes[i].argument);
    }
}

void irc_put_user_modes(struct irc_line *line, char sign, unsigned modes)
{
    bool signed_already = false;

    for (const struct irc_user_mode *mode = irc_user_modes; mode->letter; mode++) {
        char text[2] = {sign, mode->letter};

        if (!(modes & mode->bit))
            continue;
        irc_line_put(line,
                     (struct chat_text){signed_already ? text + 1 : text, signed_already ? 1 : 2});
        signed_already = true;
    }
}

static unsigned find_bit(char letter)
{
    const struct irc_user_mode *mode = irc_user_modes;

    while (mode->letter && mode->letter != letter)
        mode++;
    return mode->bit;
}

/* -- Of users ---------------------------------------------------------------------------------- */

static void show_notices(const struct chat_user_view *view, void *argument)
{
    struct irc_line letters;

    irc_line_begin(&letters);
    irc_line_puts(&letters, "+");
    for (const struct irc_notice_letter *notice = irc_notice_letters; notice->letter; notice++)
        if (view->notices & notice->bit)
            irc_line_put(&letters, (struct chat_text){&notice->letter, 1});
    irc_reply(argument, IRC_RPL_SNOMASK, (struct chat_text){letters.data, letters.length});
}

static void show_own(const struct chat_user_view *view, void *argument)
{
    struct irc_line modes;

    irc_line_begin(&modes);
    irc_put_user_modes(&modes, '+', view->modes);
    if (modes.length == 0)
        irc_line_puts(&modes, "+");
    irc_reply(argument, IRC_RPL_UMODEIS, (struct chat_text){modes.data, modes.length});
    if (view->notices)
        show_notices(view, argument);
}

/* What is told to who asks for notices and does not say which: not what happens all the time. */
#define USUAL_NOTICES                                                                              \
    (CHAT_NOTICES_ALL & ~(unsigned)(CHAT_NOTICE_CONNECT | CHAT_NOTICE_QUIT | CHAT_NOTICE_NICK))

static unsigned find_notice(char letter)
{
    const struct irc_notice_letter *notice = irc_notice_letters;

    while (notice->letter && notice->letter != letter)
        notice++;
    return letter == '*' ? CHAT_NOTICES_ALL : notice->bit;
}

/* MODE nick +s [letters], or -s [letters]: signs among the letters count for those behind them. */
static void change_notices(struct irc_client *client, bool add, struct chat_text letters)
{
    unsigned set = 0, cleared = 0;
    bool unknown = false;
    int rc;

    if (!irc_client_may(client, CHAT_RIGHT_NOTICES))
        return;
    if (letters.length == 0)
        *(add ? &set : &cleared) = add ? USUAL_NOTICES : CHAT_NOTICES_ALL;
    for (size_t i = 0; i < letters.length; i++) {
        char letter = letters.data[i];
        unsigned bit = find_notice(letter);

        if (letter == '+' || letter == '-') {
            add = letter == '+';
            continue;
        }
        unknown = unknown || bit == 0;
        set = add ? set | bit : set & ~bit;
        cleared = add ? cleared & ~bit : cleared | bit;
    }
    rc = chat_user_notices(client->world, &client->chat, set, cleared);
    if (rc != 0)
        irc_explain(client, rc, "MODE", letters);
    else
        (void)chat_user_look(client->world, &client->chat, show_notices, client);
    if (unknown)
        irc_reply(client, IRC_ERR_UMODEUNKNOWNFLAG);
}

/* The last word on a mode counts. What is unknown is said once. */
static void change_own(struct irc_client *client, struct chat_text changes, struct chat_text mask)
{
    unsigned set = 0, cleared = 0;
    bool add = true, unknown = false;
    int rc;

    for (size_t i = 0; i < changes.length; i++) {
        char letter = changes.data[i];
        unsigned bit = find_bit(letter);

        if (letter == '+' || letter == '-') {
            add = letter == '+';
            continue;
        }
        unknown = unknown || bit == 0;
        set = add ? set | bit : set & ~bit;
        cleared = add ? cleared & ~bit : cleared | bit;
    }
    if (!unknown && !((set | cleared) & CHAT_USER_NOTICES))
        irc_answer_single(client);
    rc = chat_user_modes(client->world, &client->chat, set, cleared & ~(unsigned)CHAT_USER_NOTICES);
    if (rc != 0)
        irc_explain(client, rc, "MODE", changes);
    if ((set | cleared) & CHAT_USER_NOTICES)
        change_notices(client, set & CHAT_USER_NOTICES, mask);
    if (unknown)
        irc_reply(client, IRC_ERR_UMODEUNKNOWNFLAG);
}

static void look_self(const struct chat_user_view *view, void *argument)
{
    *(bool *)argument = view->self;
}

static void user_mode(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = message->params[0];
    bool self = false;

    if (chat_nick_look(client->world, &client->chat, nick, look_self, &self) != 0)
        irc_reply(client, IRC_ERR_NOSUCHNICK, nick);
    else if (!self)
        irc_reply(client, IRC_ERR_USERSDONTMATCH);
    else if (message->count > 1)
        change_own(client, message->params[1], irc_param(message, 2));
    else
        (void)chat_user_look(client->world, &client->chat, show_own, client);
}

/* -- Of channels --------------------------------------------------------------------------------- */

/* Modes whose values are shown. */
static void put_values(struct irc_line *line, const struct chat_channel_view *view)
{
    if (view->key.length > 0) { /* a letter needs a value, also for who may not know it */
        irc_line_puts(line, " ");
        irc_line_put(line, view->joined ? view->key : chat_text("*"));
    }
    if (view->limit > 0) {
        irc_line_puts(line, " ");
        irc_line_number(line, view->limit);
    }
    if (view->forward.length > 0) {
        irc_line_puts(line, " ");
        irc_line_put(line, view->forward);
    }
    if (view->throttle_joins > 0) {
        irc_line_puts(line, " ");
        irc_line_number(line, view->throttle_joins);
        irc_line_puts(line, ":");
        irc_line_number(line, view->throttle_seconds);
    }
    for (size_t i = 0; i < CHAT_RATES; i++) {
        char text[CHAT_RATE_TEXT];

        if (view->rates[i].count == 0)
            continue;
        irc_line_puts(line, " ");
        irc_line_put(line, chat_rate_text(CHAT_MODE_SLOW + i, &view->rates[i], text));
    }
}

static void show_channel(const struct chat_channel_view *view, void *argument)
{
    struct irc_line modes;

    irc_line_begin(&modes);
    irc_line_puts(&modes, "+");
    for (size_t i = 0; i < CHAT_MODE_FLAGS; i++)
        if (view->flags & chat_mode_flag(i))
            irc_line_put(&modes, (struct chat_text){&irc_channel_modes[i], 1});
    irc_line_puts(&modes, view->key.length > 0 ? "k" : "");
    irc_line_puts(&modes, view->limit > 0 ? "l" : "");
    irc_line_puts(&modes, view->forward.length > 0 ? "f" : "");
    irc_line_puts(&modes, view->throttle_joins > 0 ? "j" : "");
    for (size_t i = 0; i < CHAT_RATES; i++)
        if (view->rates[i].count > 0)
            irc_line_put(&modes, (struct chat_text){&irc_channel_modes[CHAT_MODE_SLOW + i], 1});
    put_values(&modes, view);
    irc_reply(argument, IRC_RPL_CHANNELMODEIS, view->name,
              (struct chat_text){modes.data, modes.length});
    irc_reply(argument, IRC_RPL_CREATIONTIME, view->name, IRC_NUMBER(view->created / 1000));
}

/* A MODE for a channel that runs. */
struct change {
    struct irc_client *client;
    struct chat_text channel;
    const struct irc_message *message;
    size_t next;     /* the next argument */
    unsigned listed; /* lists that have been shown: each is but once */
    bool forced;     /* SAMODE */
    size_t count;
    struct chat_change changes[CHAT_CHANGES_MAX];
};

static bool is_list(enum chat_mode mode)
{
    return mode >= CHAT_MODE_BAN && mode <= CHAT_MODE_INVITE_EXCEPTION;
}

/* The numerics of the lists, in the order of the modes. */
static const struct {
    enum irc_numeric_index entry;
    enum irc_numeric_index end;
} lists[CHAT_LISTS] = {
    {IRC_RPL_BANLIST, IRC_RPL_ENDOFBANLIST},
    {IRC_RPL_EXCEPTLIST, IRC_RPL_ENDOFEXCEPTLIST},
    {IRC_RPL_INVEXLIST, IRC_RPL_ENDOFINVEXLIST},
};

struct listing {
    struct irc_client *client;
    struct chat_text channel;
    enum irc_numeric_index numeric;
};

static void show_mask(const struct chat_mask_view *view, void *argument)
{
    struct listing *listing = argument;

    irc_reply(listing->client, listing->numeric, listing->channel, view->mask, view->by,
              IRC_NUMBER(view->time / 1000));
}

static void show_list(struct change *change, enum chat_mode mode)
{
    struct irc_client *client = change->client;
    struct chat_text channel = change->channel;
    struct listing listing = {client, channel, lists[mode - CHAT_MODE_BAN].entry};
    unsigned bit = 1u << (mode - CHAT_MODE_BAN);
    int rc;

    if (change->listed & bit)
        return;
    change->listed |= bit;
    rc = chat_channel_masks(client->world, &client->chat, channel, mode, show_mask, &listing);
    if (rc != 0)
        irc_explain(client, rc, "MODE", channel);
    else
        irc_reply(client, lists[mode - CHAT_MODE_BAN].end, channel);
}

/* What takes an argument: values that are set, keys also when they are taken back. */
static bool takes_argument(enum chat_mode mode, bool set)
{
    if (mode < CHAT_MODE_FLAGS)
        return false;
    return set || mode == CHAT_MODE_KEY || mode >= CHAT_MODE_BAN;
}

/* LETTER is a character, which may have several bytes: then it is no mode. */
static void take_letter(struct change *change, struct chat_text letter, bool set)
{
    const char *at = letter.length == 1 ? strchr(irc_channel_modes, letter.data[0]) : NULL;
    enum chat_mode mode = at ? (enum chat_mode)(at - irc_channel_modes) : CHAT_MODE_FLAGS;
    struct chat_text argument = CHAT_NO_TEXT;

    if (!at) {
        irc_reply(change->client, IRC_ERR_UNKNOWNMODE, letter);
        return;
    }
    if (takes_argument(mode, set)) {
        argument = irc_param(change->message, change->next++);
        if (argument.length == 0 && is_list(mode)) {
            show_list(change, mode);
            return;
        }
        if (argument.length == 0 && mode >= CHAT_MODE_VOICE) {
            irc_reply(change->client, IRC_ERR_NEEDMOREPARAMS, chat_text("MODE"));
            return;
        }
    }
    if (change->count < CHAT_CHANGES_MAX)
        change->changes[change->count++] =
            (struct chat_change){.set = set, .mode = mode, .argument = argument};
}

/* A mode that stays as it is, and which do. */
struct locked {
    const struct change *change;
    struct chat_text letter;
};

static void explain_lock(const struct chat_registration_view *view, void *argument)
{
    const struct locked *locked = argument;

    irc_reply(locked->change->client, IRC_ERR_MLOCKRESTRICTED, locked->change->channel,
              locked->letter, view->lock);
}

static void explain_change(struct change *change, const struct chat_change *made)
{
    struct chat_text letter = {&irc_channel_modes[made->mode], 1};
    bool is_key = made->mode == CHAT_MODE_KEY; /* which is not repeated */

    switch (made->outcome) {
    case 0:
    case CHAT_MODE_SAME:
        break;
    case CHAT_BAD_ARGUMENT:
    case CHAT_MASK_BAD:
    case CHAT_NO_SUCH_CHANNEL: /* to forward to */
        irc_reply(change->client, IRC_ERR_INVALIDMODEPARAM, change->channel, letter,
                  is_key ? CHAT_NO_TEXT : made->argument);
        break;
    case CHAT_LIST_FULL:
        chat_limit_hit(change->client->world, CHAT_LIMIT_MASKS_PER_LIST);
        irc_reply(change->client, IRC_ERR_BANLISTFULL, change->channel, made->argument);
        break;
    case CHAT_MODE_LOCKED:
        (void)chat_registration_look(change->client->world, &change->client->chat, change->channel,
                                     explain_lock, &(struct locked){change, letter});
        break;
    case CHAT_NOT_THERE:
        irc_reply(change->client, IRC_ERR_USERNOTINCHANNEL, made->argument, change->channel);
        break;
    case CHAT_NO_SUCH_NICK:
        irc_explain(change->client, made->outcome, "MODE", made->argument);
        break;
    default:
        irc_explain(change->client, made->outcome, "MODE", change->channel);
        break;
    }
}

/* A missing right is said once, however many changes lack it. */
static void make_changes(struct change *change)
{
    struct irc_client *client = change->client;
    bool refused = false;
    int rc = (change->forced ? chat_force_mode : chat_channel_mode)(
        client->world, &client->chat, change->channel, change->changes, change->count);

    if (rc != 0) {
        irc_explain(client, rc, "MODE", change->channel);
        return;
    }
    for (size_t i = 0; i < change->count; i++) {
        bool lacking = change->changes[i].outcome == CHAT_NOT_OPERATOR ||
                       change->changes[i].outcome == CHAT_NOT_ON_CHANNEL;

        if (!lacking || !refused)
            explain_change(change, &change->changes[i]);
        refused = refused || lacking;
    }
}

static void pass(const struct chat_channel_view *view, void *argument)
{
    (void)view;
    (void)argument;
}

static void channel_mode(struct irc_client *client, const struct irc_message *message, bool forced)
{
    static const struct chat_channel_visitor visitor = {show_channel, NULL};
    static const struct chat_channel_visitor silent = {pass, NULL};
    struct chat_text letters = irc_param(message, 1);
    struct change change = {.client = client,
                            .channel = message->params[0],
                            .message = message,
                            .forced = forced,
                            .next = 2};
    bool set = true;
    int rc = chat_channel_look(client->world, &client->chat, change.channel,
                               message->count > 1 ? &silent : &visitor, client);

    if (rc != 0) {
        irc_explain(client, rc, "MODE", change.channel);
        return;
    }
    for (size_t used; letters.length > 0; letters.data += used, letters.length -= used) {
        pli_utf8_decode(letters.data, letters.length, &used);
        if (letters.data[0] == '+' || letters.data[0] == '-')
            set = letters.data[0] == '+';
        else
            take_letter(&change, (struct chat_text){letters.data, used}, set);
    }
    if (change.count > 0)
        make_changes(&change);
}

void irc_do_mode(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text target = message->params[0];

    if (target.length > 0 && target.data[0] == '#')
        channel_mode(client, message, false);
    else
        user_mode(client, message);
}

/* SAMODE #channel [+-modes {argument}] */
void irc_do_samode(struct irc_client *client, const struct irc_message *message)
{
    if (irc_client_may(client, CHAT_RIGHT_OVERRIDE))
        channel_mode(client, message, true);
}
