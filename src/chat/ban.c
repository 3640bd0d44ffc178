/* SPDX-License-Identifier: MIT */
/* Banning, and what comes of it for those who are there. */
#include "config.h"

#include "chat/world.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "chat/deliver.h"
#include "chat/keep.h"

#include <paceline/session.h>

#include <errno.h>
#include <stdio.h>

/* So many people are hit without force. */
#define HIT_MAX 25

/* So many letters a mask has that is no pattern for nearly everybody, and a prefix bits. */
#define LETTERS_MIN      4
#define NAME_LETTERS_MIN 3
#define BITS_MIN         16
#define BITS_MIN_V6      32

#define MS_PER_SECOND UINT64_C(1000)

static const struct {
    enum chat_right right;
    const char *what;
} kinds[CHAT_BAN_KINDS] = {
    [CHAT_BAN_USER] = {CHAT_RIGHT_KLINE, "K line"},
    [CHAT_BAN_ADDRESS] = {CHAT_RIGHT_DLINE, "D line"},
    [CHAT_BAN_CHANNEL] = {CHAT_RIGHT_CHANBAN, "channel ban"},
};

const char *chat_ban_what(enum chat_ban_kind kind)
{
    return kinds[kind].what;
}

/* -- Masks ------------------------------------------------------------------------------------ */

static bool is_clean(struct chat_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 127 || text.data[i] == ',')
            return false;
    return text.length > 0 && text.data[0] != ':';
}

/* The mask of a host, of which a prefix is written in one way only. */
static int print_host(struct chat_text username, struct chat_text host,
                      char mask[static CHAT_BAN_MASK_MAX + 1])
{
    struct pli_prefix prefix;
    char text[PLI_PREFIX_TEXT];

    if (host.length == 0 || memchr(host.data, '@', host.length))
        return -1;
    if (pli_prefix_parse(host.data, host.length, &prefix))
        host = chat_text(pli_prefix_text(&prefix, text));
    return snprintf(mask, CHAT_BAN_MASK_MAX + 1, "%.*s@%.*s", CHAT_SHOWN(username),
                    CHAT_SHOWN(host));
}

/* Somebody's nickname means their address or, if that is none, their host. */
static int normal_user(const struct chat_world *world, struct chat_text given,
                       char mask[static CHAT_BAN_MASK_MAX + 1])
{
    const struct chat_user *user = chat_find_person(world, given);
    struct chat_text username, host;
    struct pli_prefix prefix;

    chat_ban_split(given, &username, &host);
    if (user) {
        username = CHAT_NO_TEXT;
        host = chat_string_text(user->address);
        if (!pli_prefix_parse(host.data, host.length, &prefix))
            host = chat_string_text(user->host);
    } else if (username.length == 0 && host.length == given.length && !strpbrk(mask, ".:*")) {
        return -1; /* MASK has a copy: it is no host */
    }
    return print_host(username.length > 0 ? username : chat_text("*"), host, mask);
}

static int normal_address(const struct chat_world *world, struct chat_text given,
                          char mask[static CHAT_BAN_MASK_MAX + 1])
{
    const struct chat_user *user = chat_find_person(world, given);
    struct chat_text text = user ? chat_string_text(user->address) : given;
    struct pli_prefix prefix;

    if (!pli_prefix_parse(text.data, text.length, &prefix))
        return -1;
    return snprintf(mask, CHAT_BAN_MASK_MAX + 1, "%s",
                    pli_prefix_text(&prefix, (char[PLI_PREFIX_TEXT]){0}));
}

/* 0 or CHAT_MASK_BAD. */
static int normalise(const struct chat_world *world, enum chat_ban_kind kind,
                     struct chat_text given, char mask[static CHAT_BAN_MASK_MAX + 1],
                     struct chat_text *normal)
{
    int length;

    if (!is_clean(given) || given.length > CHAT_BAN_MASK_MAX)
        return CHAT_MASK_BAD;
    length = snprintf(mask, CHAT_BAN_MASK_MAX + 1, "%.*s", CHAT_SHOWN(given));
    if (kind == CHAT_BAN_USER)
        length = normal_user(world, given, mask);
    else if (kind == CHAT_BAN_ADDRESS)
        length = normal_address(world, given, mask);
    else if (given.data[0] != '#')
        return CHAT_MASK_BAD;
    if (length <= 0 || length > CHAT_BAN_MASK_MAX)
        return CHAT_MASK_BAD;
    *normal = (struct chat_text){mask, (size_t)length};
    return 0;
}

static size_t letters(struct chat_text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += !strchr("*?.:@~#", text.data[i]);
    return count;
}

/* Whether the mask by itself means too many. */
static bool is_wide(enum chat_ban_kind kind, struct chat_text mask)
{
    struct chat_text username, host;
    struct pli_prefix prefix;

    if (kind == CHAT_BAN_CHANNEL)
        return letters(mask) < NAME_LETTERS_MIN && strpbrk(mask.data, "*?");
    chat_ban_split(mask, &username, &host);
    if (pli_prefix_parse(host.data, host.length, &prefix))
        return prefix.bits < (prefix.v6 ? BITS_MIN_V6 : BITS_MIN) &&
               letters(username) < LETTERS_MIN;
    return letters(username) + letters(host) < LETTERS_MIN;
}

/* -- Those who are there ----------------------------------------------------------------------- */

static struct chat_subject subject_of(const struct chat_user *user)
{
    return (struct chat_subject){
        .nick = chat_name_text(user->name),
        .username = chat_string_text(user->username),
        .host = chat_string_text(user->host),
        .address = chat_string_text(user->address),
    };
}

static void expel(struct chat_world *world, struct chat_user *user, struct chat_text reason)
{
    struct chat_event event = {.kind = CHAT_EXPEL, .target = user->id, .text = reason};
    char text[CHAT_BAN_REASON_MAX + 20];
    int length = snprintf(text, sizeof text, "Banned (%.*s)", CHAT_SHOWN(reason));

    event.target_nick = chat_name_text(user->name);
    event.more = chat_string_text(user->host);
    chat_event_stamp(world, &event);
    chat_tell_users(&event, user, NULL);
    pli_list_for_each (link, &user->sessions)
        pl_session_close(chat_session_of(link)->session);
    chat_user_end(world, user, (struct chat_text){text, (size_t)length});
}

/* Where any of their sessions comes from, they do. */
static bool is_hit(const struct chat_ban *ban, const struct chat_user *user)
{
    struct chat_subject subject = subject_of(user);

    if (chat_ban_means(ban, &subject))
        return true;
    pli_list_for_each (link, &user->sessions) {
        subject.address = chat_session_address(chat_session_of(link));
        if (chat_ban_means(ban, &subject))
            return true;
    }
    return false;
}

static size_t count_hit(const struct chat_world *world, const struct chat_ban *ban,
                        const struct chat_user *self, bool *hits_self)
{
    struct pli_hash_node *node = NULL;
    size_t count = 0;

    *hits_self = false;
    while ((node = pli_hash_next(&world->users, node))) {
        const struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        if (!is_hit(ban, user))
            continue;
        count++;
        *hits_self = *hits_self || user == self;
    }
    return count;
}

static size_t expel_all(struct chat_world *world, const struct chat_ban *ban)
{
    struct pli_hash_node *node = pli_hash_next(&world->users, NULL);
    struct pli_hash_node *next;
    size_t count = 0;

    for (; node; node = next) {
        struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        next = pli_hash_next(&world->users, node);
        if (!is_hit(ban, user))
            continue;
        expel(world, user, chat_string_text(ban->reason));
        count++;
    }
    return count;
}

/* All are taken out, so that none need be told of the others. */
static size_t clear_channel(struct chat_world *world, const struct chat_event *kick,
                            struct chat_channel *channel)
{
    struct chat_event event = *kick;
    size_t count = channel->member_count;

    event.channel = channel->id;
    event.channel_name = chat_name_text(channel->name);
    for (size_t left = count; left > 0; left--) { /* with the last one the channel goes */
        struct chat_member *member = chat_member_of_channel(channel->members.next);

        event.target = member->user->id;
        event.target_nick = chat_name_text(member->user->name);
        chat_event_stamp(world, &event);
        chat_tell_users(&event, member->user, NULL);
        chat_drop_focus(member->user, channel);
        chat_member_remove(world, member);
    }
    return count;
}

static size_t close_channels(struct chat_world *world, const struct chat_event *kick,
                             const struct chat_ban *ban)
{
    struct pli_hash_node *node = pli_hash_next(&world->channels, NULL);
    struct pli_hash_node *next;
    size_t count = 0;

    for (; node; node = next) {
        struct chat_channel *channel = pli_container_of(node, struct chat_channel, by_id);

        next = pli_hash_next(&world->channels, node);
        if (chat_glob_match(chat_string_text(ban->mask), chat_name_text(channel->name)))
            count += clear_channel(world, kick, channel);
    }
    return count;
}

/* -- Setting and lifting ------------------------------------------------------------------------ */

void chat_bans_expire(struct chat_world *world)
{
    struct chat_bans *bans = &world->bans;
    uint64_t now;

    if (bans->next == 0 || bans->next > (now = pli_clock_wall_ms()))
        return;
    bans->next = 0;
    for (size_t i = 0; i < CHAT_BAN_KINDS; i++) {
        pli_list_for_each_safe (link, after, &bans->all[i]) {
            struct chat_ban *ban = pli_container_of(link, struct chat_ban, link);
            struct chat_text mask = chat_string_text(ban->mask);

            if (ban->expires && ban->expires <= now) {
                pli_log(PL_LOG_INFO, "the %s on %.*s is over", kinds[i].what, CHAT_SHOWN(mask));
                chat_notify_locked(world, CHAT_NOTICE_BAN, "The %s on %.*s is over", kinds[i].what,
                                   CHAT_SHOWN(mask));
                chat_forget_ban_locked(world, ban, false);
                chat_bans_remove(bans, ban);
            } else if (ban->expires && (bans->next == 0 || ban->expires < bans->next)) {
                bans->next = ban->expires;
            }
        }
    }
}

/* Why there can be no ban of that mask, or 0. */
static int refusal(struct chat_world *world, enum chat_ban_kind kind, struct chat_text mask)
{
    size_t most = world->settings.bans;

    chat_bans_expire(world);
    if (chat_bans_find(&world->bans, kind, mask))
        return CHAT_MODE_SAME;
    return most > 0 && world->bans.count >= most ? CHAT_LIST_FULL : 0;
}

/* Sets it, unless it hits too many; SESSION: whose ban it is, NULL: nobody's. */
static int set_locked(struct chat_world *world, const struct chat_session *session,
                      const struct chat_ban_view *view, bool force, struct chat_ban **out)
{
    int rc = refusal(world, view->kind, view->mask);
    bool hits_self;

    if (rc == 0 && !force && is_wide(view->kind, view->mask))
        rc = CHAT_TOO_WIDE;
    if (rc != 0)
        return rc;
    *out = chat_bans_add(&world->bans, view);
    if (!*out)
        return -ENOMEM;
    if (!force && view->kind != CHAT_BAN_CHANNEL &&
        (count_hit(world, *out, session ? session->user : NULL, &hits_self) > HIT_MAX ||
         hits_self)) {
        chat_bans_remove(&world->bans, *out);
        return CHAT_TOO_WIDE;
    }
    chat_keep_ban_locked(world, *out);
    return 0;
}

static int ban_locked(struct chat_world *world, struct chat_session *session,
                      const struct chat_ban_request *request, struct chat_text mask, size_t *hit)
{
    struct chat_text reason = request->reason.length > 0 ? request->reason : chat_text("No reason");
    struct chat_ban_view view = {.kind = request->kind, .mask = mask};
    struct chat_event kick = chat_event_of(session, CHAT_KICK);
    char how_long[40] = "ever";
    struct chat_ban *ban;
    int rc;

    reason.length = pli_utf8_cut(reason.data, reason.length, CHAT_BAN_REASON_MAX);
    view.reason = kick.text = reason;
    view.by = chat_name_text(session->user->name);
    view.set = pli_clock_wall_ms();
    view.expires = request->seconds ? view.set + request->seconds * MS_PER_SECOND : 0;
    rc = set_locked(world, session, &view, request->force, &ban);
    if (rc != 0)
        return rc;
    if (request->seconds)
        snprintf(how_long, sizeof how_long, "%llu seconds", (unsigned long long)request->seconds);
    chat_act_locked(world, session->user, CHAT_NOTICE_BAN, "has set a %s on %.*s for %s: %.*s",
                    kinds[view.kind].what, CHAT_SHOWN(mask), how_long, CHAT_SHOWN(reason));
    kick.session = 0;
    *hit =
        view.kind == CHAT_BAN_CHANNEL ? close_channels(world, &kick, ban) : expel_all(world, ban);
    return 0;
}

int chat_ban(struct chat_world *world, struct chat_session *session,
             const struct chat_ban_request *request, char mask[static CHAT_BAN_MASK_MAX],
             size_t *length, size_t *hit)
{
    char text[CHAT_BAN_MASK_MAX + 1];
    struct chat_text normal;
    int rc;

    *hit = 0;
    pli_write_lock(&world->lock);
    rc = chat_check_right(session, kinds[request->kind].right);
    if (rc == 0)
        rc = normalise(world, request->kind, request->mask, text, &normal);
    if (rc == 0)
        rc = ban_locked(world, session, request, normal, hit);
    pli_write_unlock(&world->lock);
    if (rc != 0)
        return rc;
    memcpy(mask, normal.data, normal.length);
    *length = normal.length;
    return 0;
}

int chat_ban_put(struct chat_world *world, const struct chat_ban_view *view, size_t *hit)
{
    char text[CHAT_BAN_MASK_MAX + 1];
    struct chat_ban_view normal = *view;
    struct chat_ban *ban;
    int rc;

    *hit = 0;
    pli_write_lock(&world->lock);
    rc = normalise(world, view->kind, view->mask, text, &normal.mask);
    if (rc == 0)
        rc = set_locked(world, NULL, &normal, true, &ban);
    if (rc == 0 && view->kind != CHAT_BAN_CHANNEL)
        *hit = expel_all(world, ban);
    pli_write_unlock(&world->lock);
    return rc;
}

static int unban_locked(struct chat_world *world, const struct chat_session *session,
                        enum chat_ban_kind kind, struct chat_text given)
{
    char text[CHAT_BAN_MASK_MAX + 1];
    struct chat_text mask;
    struct chat_ban *ban;
    int rc = chat_check_right(session, kinds[kind].right);

    if (rc == 0)
        rc = normalise(world, kind, given, text, &mask);
    if (rc != 0)
        return rc;
    chat_bans_expire(world);
    ban = chat_bans_find(&world->bans, kind, mask);
    if (!ban)
        return CHAT_NO_SUCH_BAN;
    chat_forget_ban_locked(world, ban, true);
    chat_bans_remove(&world->bans, ban);
    chat_act_locked(world, session->user, CHAT_NOTICE_BAN, "has lifted the %s on %.*s",
                    kinds[kind].what, CHAT_SHOWN(mask));
    return 0;
}

int chat_unban(struct chat_world *world, struct chat_session *session, enum chat_ban_kind kind,
               struct chat_text mask)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = unban_locked(world, session, kind, mask);
    pli_write_unlock(&world->lock);
    return rc;
}

/* -- Asking ------------------------------------------------------------------------------------- */

void chat_bans(struct chat_world *world, enum chat_ban_kind kind,
               void (*visit)(const struct chat_ban_view *view, void *argument), void *argument)
{
    pli_write_lock(&world->lock);
    chat_bans_expire(world);
    pli_list_for_each (link, &world->bans.all[kind]) {
        struct chat_ban_view view = chat_ban_view_of(pli_container_of(link, struct chat_ban, link));

        visit(&view, argument);
    }
    pli_write_unlock(&world->lock);
}

int chat_check_banned(struct chat_world *world, const struct chat_event *arrival, char *why)
{
    struct chat_subject subject = {
        .nick = arrival->nick,
        .username = arrival->username,
        .host = arrival->host,
        .address = arrival->address,
    };
    const struct chat_ban *ban;
    struct chat_text mask;

    chat_bans_expire(world);
    ban = chat_bans_on_person(&world->bans, &subject, pli_clock_wall_ms());
    if (!ban)
        return 0;
    mask = chat_string_text(ban->mask);
    chat_notify_locked(world, CHAT_NOTICE_REJECT, "Not let in: %.*s (%.*s@%.*s) [%.*s], %s on %.*s",
                       CHAT_SHOWN(subject.nick), CHAT_SHOWN(subject.username),
                       CHAT_SHOWN(subject.host), CHAT_SHOWN(subject.address), kinds[ban->kind].what,
                       CHAT_SHOWN(mask));
    if (why)
        snprintf(why, CHAT_BAN_REASON_MAX + 1, "%.*s", CHAT_SHOWN(chat_string_text(ban->reason)));
    return CHAT_BARRED;
}

bool chat_channel_closed(struct chat_world *world, struct chat_text name,
                         char reason[static CHAT_BAN_REASON_MAX + 1])
{
    const struct chat_ban *ban;

    pli_read_lock(&world->lock);
    ban = chat_bans_on_channel(&world->bans, name, pli_clock_wall_ms());
    if (ban)
        snprintf(reason, CHAT_BAN_REASON_MAX + 1, "%.*s",
                 CHAT_SHOWN(chat_string_text(ban->reason)));
    pli_read_unlock(&world->lock);
    return ban;
}

bool chat_denies(struct chat_world *world, const uint8_t *bytes, size_t size)
{
    return chat_bans_deny(&world->bans, bytes, size);
}
