/* SPDX-License-Identifier: MIT */
/* What people do with registered channels: see registration.h. */
#include "config.h"

#include "chat/registration_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/store.h"

#include <errno.h>

/* A registered channel in which the session's user has access as LEAST, or more: 0 or why not. */
static int find(struct chat_world *world, const struct chat_session *session, struct chat_text name,
                unsigned least, struct chat_channel **channel)
{
    unsigned authority;
    int rc = session->user ? chat_find_meant(world, session, name, channel) : CHAT_NOT_REGISTERED;

    if (rc != 0)
        return rc;
    authority = chat_authority(session, *channel);
    if (authority == 0 && !chat_channel_is_there(session, *channel))
        return CHAT_NO_SUCH_CHANNEL;
    if (!(*channel)->registration)
        return CHAT_NOT_OWNED;
    return authority >= least ? 0 : CHAT_NO_ACCESS;
}

static bool can_keep(const struct chat_world *world)
{
    return world->store && store_state(world->store) == 0;
}

static bool runs_channels(const struct chat_session *session)
{
    return chat_check_right(session, CHAT_RIGHT_CHANNELS) == 0;
}

static struct chat_text account_of(const struct chat_session *session)
{
    return chat_string_text(session->user->account);
}

/* Whether the account may have one more channel. */
static bool has_room(const struct chat_world *world, struct chat_text account)
{
    size_t most = world->settings.channels_per_account;
    struct pli_hash_node *node = NULL;
    size_t count = 0;

    if (most == 0)
        return true;
    while ((node = pli_hash_next(&world->registrations, node))) {
        const struct chat_registration *registration =
            pli_container_of(node, struct chat_registration, by_id);

        count += registration->channel &&
                 chat_text_same(chat_string_text(registration->founder), account);
    }
    return count < most;
}

/* -- Whose it is ---------------------------------------------------------------------------------- */

/* What keeps somebody from registering who does not run the server. */
static int refusal(const struct chat_world *world, const struct chat_session *session,
                   const struct chat_channel *channel)
{
    const struct chat_member *member = chat_find_member(session->user, channel);

    if (!world->settings.channel_registration)
        return CHAT_KEEPS_NONE;
    if (chat_text_same(chat_name_text(channel->name), chat_text(world->settings.fixed_channel)))
        return CHAT_NAME_FIXED;
    if (member->prefix < CHAT_OP)
        return CHAT_NOT_OPERATOR;
    return has_room(world, account_of(session)) ? 0 : CHAT_TOO_MANY_KEPT;
}

static int register_locked(struct chat_world *world, struct chat_session *session,
                           struct chat_text name)
{
    struct chat_registration *registration;
    struct chat_channel *channel;
    int rc = session->user ? chat_find_joined(world, session, name, &channel) : CHAT_NOT_REGISTERED;

    if (rc != 0)
        return rc;
    if (channel->registration)
        return CHAT_OWNED;
    if (!session->user->account)
        return CHAT_NEED_ACCOUNT;
    if (!runs_channels(session) && (rc = refusal(world, session, channel)) != 0)
        return rc;
    if (!can_keep(world))
        return CHAT_STORE_AWAY;
    registration = chat_registration_new(world, 0, account_of(session), pli_clock_wall_ms());
    if (!registration)
        return -ENOMEM;
    registration->flags = CHAT_KEEP_TOPIC;
    registration->dirty = true;
    chat_registration_attach(registration, channel);
    chat_greet_member(world, channel, session->user);
    chat_keep_channel(channel);
    pli_log(PL_LOG_INFO, "%.*s has registered the channel %.*s", CHAT_SHOWN(account_of(session)),
            CHAT_SHOWN(chat_name_text(channel->name)));
    return 0;
}

static int unregister_locked(struct chat_world *world, struct chat_session *session,
                             struct chat_text name)
{
    struct chat_channel *channel;
    int rc = find(world, session, name, CHAT_OWNER, &channel);

    if (rc != 0)
        return rc;
    if (!can_keep(world))
        return CHAT_STORE_AWAY;
    pli_log(PL_LOG_INFO, "the registration of the channel %.*s is dropped by %.*s",
            CHAT_SHOWN(chat_name_text(channel->name)),
            CHAT_SHOWN(chat_name_text(session->user->name)));
    chat_registration_end(channel);
    return 0;
}

/* Everybody who is there and logged in to the account gets what it has. */
static void greet_account(struct chat_world *world, struct chat_channel *channel,
                          struct chat_text account)
{
    pli_list_for_each (link, &channel->members) {
        struct chat_user *user = chat_member_of_channel(link)->user;

        if (chat_text_same(chat_string_text(user->account), account))
            chat_greet_member(world, channel, user);
    }
}

static int transfer_locked(struct chat_world *world, struct chat_session *session,
                           struct chat_text name, struct chat_text account)
{
    char written[CHAT_NAME_MAX + 1];
    struct chat_registration *registration;
    struct chat_channel *channel;
    struct chat_access *access;
    int rc = find(world, session, name, CHAT_OWNER, &channel);

    if (rc != 0)
        return rc;
    registration = channel->registration;
    if (!can_keep(world))
        return CHAT_STORE_AWAY;
    if (!chat_account_exists(world, account, written))
        return CHAT_NO_SUCH_ACCOUNT;
    if (chat_text_same(chat_string_text(registration->founder), account))
        return CHAT_MODE_SAME;
    if (!runs_channels(session) && !has_room(world, account))
        return CHAT_TOO_MANY_KEPT;
    if (chat_string_set(&registration->founder, chat_text(written)) < 0)
        return -ENOMEM;
    access = chat_access_find(registration, account);
    if (access)
        chat_access_remove(registration, access);
    if (chat_text_same(chat_string_text(registration->successor), account))
        (void)chat_string_set(&registration->successor, CHAT_NO_TEXT); /* takes no memory */
    chat_note_change(channel);
    greet_account(world, channel, account);
    chat_keep_channel(channel);
    pli_log(PL_LOG_INFO, "%.*s is the channel of %s now", CHAT_SHOWN(chat_name_text(channel->name)),
            written);
    return 0;
}

/* -- Access --------------------------------------------------------------------------------------- */

static int add_access(struct chat_world *world, const struct chat_session *session,
                      struct chat_registration *registration, struct chat_text account,
                      unsigned level)
{
    struct chat_access *access = chat_access_find(registration, account);
    size_t most = world->settings.access_per_channel;
    char written[CHAT_NAME_MAX + 1];
    struct chat_access *added;

    if (access && access->level == level)
        return CHAT_MODE_SAME;
    if (!chat_account_exists(world, account, written))
        return CHAT_NO_SUCH_ACCOUNT;
    if (!access && most > 0 && registration->access_count >= most)
        return CHAT_LIST_FULL;
    added = chat_access_add(registration, chat_text(written), account_of(session), level,
                            pli_clock_wall_ms());
    if (!added)
        return -ENOMEM;
    if (access) /* which would be dropped after the new one has been put: that replaces it */
        access->kept = false;
    if (access)
        chat_access_remove(registration, access);
    return 0;
}

static int access_locked(struct chat_world *world, struct chat_session *session,
                         struct chat_text name, struct chat_text account, unsigned level)
{
    struct chat_channel *channel;
    int rc = find(world, session, name, CHAT_VOICE, &channel);
    bool own = rc == 0 && level == 0 && chat_text_same(account_of(session), account);
    unsigned authority, has;

    if (rc != 0)
        return rc;
    authority = chat_authority(session, channel);
    has = chat_access_of(channel, account);
    if (has == CHAT_OWNER)
        return CHAT_MODE_SAME;
    if (!own && (authority < CHAT_OP || authority <= level || authority <= has))
        return CHAT_NO_ACCESS;
    if (level == 0 && has == 0)
        return CHAT_NO_SUCH_ACCOUNT;
    if (level == 0)
        chat_access_remove(channel->registration, chat_access_find(channel->registration, account));
    else
        rc = add_access(world, session, channel->registration, account, level);
    if (rc != 0)
        return rc;
    greet_account(world, channel, account);
    chat_keep_channel(channel);
    return 0;
}

int chat_channel_access_each(struct chat_world *world, struct chat_session *session,
                             struct chat_text name,
                             void (*visit)(const struct chat_access_view *view, void *argument),
                             void *argument)
{
    struct chat_channel *channel;
    int rc;

    pli_read_lock(&world->lock);
    rc = find(world, session, name, CHAT_VOICE, &channel);
    if (rc == 0) {
        pli_list_for_each (link, &channel->registration->access) {
            const struct chat_access *access = pli_container_of(link, struct chat_access, link);
            struct chat_access_view view = {.account = chat_string_text(access->account),
                                            .by = chat_string_text(access->by),
                                            .level = access->level,
                                            .added = access->added};

            visit(&view, argument);
        }
    }
    pli_read_unlock(&world->lock);
    return rc;
}

/* -- Settings ------------------------------------------------------------------------------------- */

static int set_successor(const struct chat_world *world, struct chat_registration *registration,
                         struct chat_text account)
{
    char written[CHAT_NAME_MAX + 1] = "";

    if (account.length > 0 && !chat_account_exists(world, account, written))
        return CHAT_NO_SUCH_ACCOUNT;
    if (chat_text_same(chat_string_text(registration->founder), account))
        return CHAT_MODE_SAME;
    return chat_string_set(&registration->successor, chat_text(written));
}

static int set_text_locked(struct chat_world *world, struct chat_session *session,
                           struct chat_text name, enum chat_registration_text which,
                           struct chat_text text)
{
    struct chat_channel *channel;
    int rc =
        find(world, session, name, which == CHAT_SUCCESSOR ? CHAT_OWNER : CHAT_ADMIN, &channel);

    if (rc != 0)
        return rc;
    text.length = pli_utf8_cut(text.data, text.length, CHAT_ABOUT_MAX);
    if (which == CHAT_SUCCESSOR)
        rc = set_successor(world, channel->registration, text);
    else if (which == CHAT_ABOUT)
        rc = chat_string_set(&channel->registration->about, text);
    else
        rc = chat_string_set(&channel->registration->url, text);
    if (rc == 0) {
        chat_note_change(channel);
        chat_keep_channel(channel);
    }
    return rc;
}

static int set_flag_locked(struct chat_world *world, struct chat_session *session,
                           struct chat_text name, enum chat_registration_flag flag, bool on)
{
    struct chat_channel *channel;
    int rc = find(world, session, name, CHAT_ADMIN, &channel);

    if (rc != 0)
        return rc;
    if (on)
        channel->registration->flags |= flag;
    else
        channel->registration->flags &= ~(unsigned)flag;
    chat_note_change(channel);
    chat_keep_channel(channel);
    return 0;
}

static int lock_locked(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text modes)
{
    struct chat_change changes[CHAT_CHANGES_MAX];
    struct chat_registration *registration;
    struct chat_channel *channel;
    size_t count;
    int rc = find(world, session, name, CHAT_ADMIN, &channel);

    if (rc == 0)
        rc = chat_modes_read(modes, changes, &count);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < count; i++)
        if (changes[i].mode == CHAT_MODE_PERMANENT)
            return CHAT_BAD_ARGUMENT;
    registration = channel->registration;
    registration->locked_on = registration->locked_off = 0;
    chat_note_change(channel);
    chat_modes_by_service(world, channel, session->user, changes, count);
    for (size_t i = 0; i < count; i++) {
        unsigned bit = 1u << changes[i].mode;

        if (changes[i].outcome != 0 && changes[i].outcome != CHAT_MODE_SAME) {
            rc = changes[i].outcome;
            continue;
        }
        registration->locked_on &= ~bit;
        registration->locked_off &= ~bit;
        *(changes[i].set ? &registration->locked_on : &registration->locked_off) |= bit;
    }
    chat_note_change(channel);
    chat_keep_channel(channel);
    return rc;
}

/* -- What the service does for people ------------------------------------------------------------- */

static int status_locked(struct chat_world *world, struct chat_session *session,
                         struct chat_text name, struct chat_text nick, enum chat_mode mode,
                         bool set)
{
    struct chat_change change = {.set = set, .mode = mode, .argument = nick};
    struct chat_channel *channel;
    unsigned needed = chat_mode_needs(mode);
    int rc;

    if (session->user && chat_text_same(chat_name_text(session->user->name), nick))
        needed = set ? chat_mode_prefix(mode) : CHAT_VOICE;
    rc = find(world, session, name, needed, &channel);
    if (rc != 0)
        return rc;
    chat_modes_by_service(world, channel, session->user, &change, 1);
    return change.outcome;
}

static int admit_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text nick)
{
    struct chat_user *user = chat_find_person(world, nick);
    struct chat_channel *channel;
    struct chat_event event;
    int rc = find(world, session, name, session->user == user ? CHAT_VOICE : CHAT_HALFOP, &channel);

    if (rc != 0)
        return rc;
    if (!user)
        return CHAT_NO_SUCH_NICK;
    if (chat_find_member(user, channel))
        return CHAT_IS_THERE;
    event = chat_event_by_service(world, CHAT_INVITE, channel);
    event.target = user->id;
    event.target_nick = chat_name_text(user->name);
    event.away = chat_string_text(user->away);
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

/* As many masks that mean the user as one call takes. */
static size_t find_masks(struct chat_channel *channel, const struct chat_user *user,
                         struct chat_change changes[static CHAT_CHANGES_MAX])
{
    struct chat_mask *mask = NULL;
    size_t count = 0;

    while (count < CHAT_CHANGES_MAX &&
           (mask = chat_mask_that_means(channel, CHAT_MODE_BAN, user, mask)))
        changes[count++] =
            (struct chat_change){.mode = CHAT_MODE_BAN, .argument = {mask->text, mask->length}};
    return count;
}

static int unban_locked(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text who, size_t *count)
{
    struct chat_change changes[CHAT_CHANGES_MAX] = {{.mode = CHAT_MODE_BAN, .argument = who}};
    bool is_mask = memchr(who.data, '!', who.length) || memchr(who.data, '@', who.length) ||
                   memchr(who.data, ':', who.length);
    struct chat_user *user = is_mask ? NULL : chat_find_person(world, who);
    struct chat_channel *channel;
    size_t found = 1, before;
    int rc = find(world, session, name, CHAT_HALFOP, &channel);

    if (rc != 0)
        return rc;
    if (!is_mask && !user)
        return CHAT_NO_SUCH_NICK;
    do {
        before = *count;
        if (user)
            found = find_masks(channel, user, changes);
        chat_modes_by_service(world, channel, session->user, changes, found);
        for (size_t i = 0; i < found; i++)
            *count += changes[i].outcome == 0;
    } while (user && found == CHAT_CHANGES_MAX && *count > before);
    return is_mask && changes[0].outcome != CHAT_MODE_SAME ? changes[0].outcome : 0;
}

/* -- Calls ---------------------------------------------------------------------------------------- */

int chat_registration_look(struct chat_world *world, struct chat_session *session,
                           struct chat_text name,
                           void (*visit)(const struct chat_registration_view *view, void *argument),
                           void *argument)
{
    const struct chat_registration *registration;
    struct chat_registration_view view;
    struct chat_channel *channel;
    char lock[CHAT_LOCK_TEXT];
    int rc;

    pli_read_lock(&world->lock);
    rc = find(world, session, name, 0, &channel);
    if (rc == 0) {
        registration = channel->registration;
        view = (struct chat_registration_view){
            .name = chat_name_text(channel->name),
            .founder = chat_string_text(registration->founder),
            .successor = chat_string_text(registration->successor),
            .about = chat_string_text(registration->about),
            .url = chat_string_text(registration->url),
            .lock = chat_lock_text(registration, lock),
            .key = chat_string_text(channel->key),
            .created = channel->created,
            .registered = registration->registered,
            .flags = registration->flags,
            .own = chat_authority(session, channel),
            .access_count = registration->access_count,
        };
        visit(&view, argument);
    }
    pli_read_unlock(&world->lock);
    return rc;
}

/* The world was held exclusive. */
static int let_go(struct chat_world *world, int outcome)
{
    pli_write_unlock(&world->lock);
    return outcome;
}

int chat_channel_register(struct chat_world *world, struct chat_session *session,
                          struct chat_text name)
{
    pli_write_lock(&world->lock);
    return let_go(world, register_locked(world, session, name));
}

int chat_channel_unregister(struct chat_world *world, struct chat_session *session,
                            struct chat_text name)
{
    pli_write_lock(&world->lock);
    return let_go(world, unregister_locked(world, session, name));
}

int chat_channel_transfer(struct chat_world *world, struct chat_session *session,
                          struct chat_text name, struct chat_text account)
{
    pli_write_lock(&world->lock);
    return let_go(world, transfer_locked(world, session, name, account));
}

int chat_channel_access(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text account, unsigned level)
{
    pli_write_lock(&world->lock);
    return let_go(world, access_locked(world, session, name, account, level));
}

int chat_channel_set_text(struct chat_world *world, struct chat_session *session,
                          struct chat_text name, enum chat_registration_text which,
                          struct chat_text text)
{
    pli_write_lock(&world->lock);
    return let_go(world, set_text_locked(world, session, name, which, text));
}

int chat_channel_set_flag(struct chat_world *world, struct chat_session *session,
                          struct chat_text name, enum chat_registration_flag flag, bool on)
{
    pli_write_lock(&world->lock);
    return let_go(world, set_flag_locked(world, session, name, flag, on));
}

int chat_channel_lock(struct chat_world *world, struct chat_session *session, struct chat_text name,
                      struct chat_text modes)
{
    pli_write_lock(&world->lock);
    return let_go(world, lock_locked(world, session, name, modes));
}

int chat_channel_status(struct chat_world *world, struct chat_session *session,
                        struct chat_text name, struct chat_text nick, enum chat_mode mode, bool set)
{
    pli_write_lock(&world->lock);
    return let_go(world, status_locked(world, session, name, nick, mode, set));
}

int chat_channel_admit(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text nick)
{
    pli_write_lock(&world->lock);
    return let_go(world, admit_locked(world, session, name, nick));
}

int chat_channel_unban(struct chat_world *world, struct chat_session *session,
                       struct chat_text name, struct chat_text who, size_t *count)
{
    *count = 0;
    pli_write_lock(&world->lock);
    return let_go(world, unban_locked(world, session, name, who, count));
}
