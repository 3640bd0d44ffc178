/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/unit/chat_check.h"

#include "chat/world.h"

#include <CUnit/CUnit.h>

/* A list's links lead forth and back. */
static size_t count_list(struct pli_list *list)
{
    size_t count = 0;

    CU_ASSERT_PTR_EQUAL_FATAL(list->next->prev, list);
    pli_list_for_each (link, list) {
        CU_ASSERT_PTR_EQUAL_FATAL(link->next->prev, link);
        count++;
    }
    return count;
}

static bool is_linked(const struct pli_list *list, const struct pli_list *wanted)
{
    pli_list_for_each (link, list)
        if (link == wanted)
            return true;
    return false;
}

/* What is remembered of whether masks silence somebody is what they say now. */
static void check_verdict(struct chat_member *member)
{
    char verdict = atomic_load(&member->verdict);

    if (verdict == CHAT_UNKNOWN)
        return;
    atomic_store(&member->verdict, CHAT_UNKNOWN);
    CU_ASSERT_EQUAL(chat_is_kept_silent(member->channel, member->user, member),
                    verdict == CHAT_KEPT);
}

static void check_memberships(struct chat_user *user)
{
    CU_ASSERT_EQUAL(count_list(&user->channels), user->channel_count);
    pli_list_for_each (link, &user->channels) {
        struct chat_member *member = chat_member_of_user(link);

        CU_ASSERT_PTR_EQUAL(member->user, user);
        CU_ASSERT_PTR_EQUAL(chat_find_member(user, member->channel), member);
        CU_ASSERT(is_linked(&member->channel->members, &member->in_channel));
        CU_ASSERT(member->prefix < CHAT_OWNER << 1);
        check_verdict(member);
    }
}

/* Nobody is invited to where they are, or twice. */
static void check_invitations(struct chat_user *user)
{
    CU_ASSERT_EQUAL(count_list(&user->invitations), user->invitation_count);
    pli_list_for_each (link, &user->invitations) {
        struct chat_invitation *invitation =
            pli_container_of(link, struct chat_invitation, in_user);

        CU_ASSERT_PTR_EQUAL(invitation->user, user);
        CU_ASSERT_PTR_EQUAL(chat_find_invitation(user, invitation->channel), invitation);
        CU_ASSERT_PTR_NULL(chat_find_member(user, invitation->channel));
        CU_ASSERT(is_linked(&invitation->channel->invitations, &invitation->in_channel));
    }
}

static void check_accepts(struct chat_user *user)
{
    CU_ASSERT_EQUAL(count_list(&user->accepts), user->accept_count);
    pli_list_for_each (link, &user->accepts) {
        struct chat_accepted *accepted = pli_container_of(link, struct chat_accepted, in_user);

        CU_ASSERT_PTR_EQUAL(accepted->user, user);
        CU_ASSERT(is_linked(&accepted->other->accepted_by, &accepted->in_other));
    }
    pli_list_for_each (link, &user->accepted_by) {
        struct chat_accepted *accepted = pli_container_of(link, struct chat_accepted, in_other);

        CU_ASSERT_PTR_EQUAL(accepted->other, user);
        CU_ASSERT(is_linked(&accepted->user->accepts, &accepted->in_user));
    }
}

/* Who is somewhere has something at hand, where they are. */
static void check_sessions(struct chat_world *world, struct chat_user *user)
{
    CU_ASSERT(count_list(&user->sessions) > 0);
    pli_list_for_each (link, &user->sessions) {
        const struct chat_session *session = chat_session_of(link);
        struct chat_channel *focus = chat_find_channel(world, session->focus);

        CU_ASSERT_PTR_EQUAL(session->user, user);
        CU_ASSERT((focus != NULL) == (session->focus.time != 0));
        CU_ASSERT(!focus || chat_find_member(user, focus));
    }
}

static void check_user(struct chat_world *world, struct chat_user *user,
                       const struct chat_settings *settings)
{
    CU_ASSERT_PTR_EQUAL(chat_find_nick(world, chat_name_text(user->name)), user);
    CU_ASSERT_PTR_EQUAL(chat_find_user(world, user->id), user);
    CU_ASSERT(settings->channels_per_user == 0 ||
              user->channel_count <= settings->channels_per_user);
    CU_ASSERT(user->mark <= world->mark);
    CU_ASSERT_EQUAL(user->modes & CHAT_USER_OPERATOR ? 1 : 0, user->oper ? 1 : 0);
    check_memberships(user);
    check_invitations(user);
    check_accepts(user);
    check_sessions(world, user);
}

static void check_channel(struct chat_world *world, struct chat_channel *channel,
                          const struct chat_settings *settings)
{
    CU_ASSERT_PTR_EQUAL(chat_find_name(world, chat_name_text(channel->name)), channel);
    CU_ASSERT_PTR_EQUAL(chat_find_channel(world, channel->id), channel);
    CU_ASSERT(channel->member_count > 0);
    CU_ASSERT_EQUAL(count_list(&channel->members), channel->member_count);
    pli_list_for_each (link, &channel->members) {
        struct chat_member *member = chat_member_of_channel(link);

        CU_ASSERT_PTR_EQUAL(member->channel, channel);
        CU_ASSERT(is_linked(&member->user->channels, &member->in_user));
    }
    pli_list_for_each (link, &channel->invitations)
        CU_ASSERT_PTR_EQUAL(pli_container_of(link, struct chat_invitation, in_channel)->channel,
                            channel);
    for (size_t i = 0; i < CHAT_LISTS; i++) {
        CU_ASSERT_EQUAL(count_list(&channel->lists[i].masks), channel->lists[i].count);
        CU_ASSERT(settings->masks_per_list == 0 ||
                  channel->lists[i].count <= settings->masks_per_list);
    }
}

/* How many there are, counted. */
struct sums {
    size_t invisible, operators, memberships, invitations;
};

static void check_users(struct chat_world *world, const struct chat_settings *settings,
                        struct sums *sums)
{
    struct pli_hash_node *node = NULL;

    while ((node = pli_hash_next(&world->users, node))) {
        struct chat_user *user = pli_container_of(node, struct chat_user, by_id);

        check_user(world, user, settings);
        sums->invisible += user->modes & CHAT_USER_INVISIBLE ? 1 : 0;
        sums->operators += user->modes & CHAT_USER_OPERATOR ? 1 : 0;
        sums->memberships += user->channel_count;
        sums->invitations += user->invitation_count;
    }
}

void world_check(struct chat_world *world, const struct chat_settings *settings)
{
    struct sums sums = {0, 0, 0, 0};
    struct pli_hash_node *node = NULL;

    CU_ASSERT_EQUAL(world->nicks.count, world->users.count);
    CU_ASSERT_EQUAL(world->channel_names.count, world->channels.count);
    CU_ASSERT(world->most_users >= world->users.count);
    check_users(world, settings, &sums);
    CU_ASSERT_EQUAL(sums.invisible, world->invisible);
    CU_ASSERT_EQUAL(sums.operators, world->operators);
    while ((node = pli_hash_next(&world->channels, node))) {
        struct chat_channel *channel = pli_container_of(node, struct chat_channel, by_id);

        check_channel(world, channel, settings);
        sums.memberships -= channel->member_count;
        sums.invitations -= count_list(&channel->invitations);
    }
    CU_ASSERT_EQUAL(sums.memberships, 0);
    CU_ASSERT_EQUAL(sums.invitations, 0);
}

size_t world_lines_next(struct world_lines *lines)
{
    CU_ASSERT_FATAL(lines->count < sizeof lines->text / sizeof lines->text[0]);
    return lines->count++;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

void world_lines_sort(struct world_lines *lines)
{
    qsort(lines->text, lines->count, sizeof lines->text[0], by_text);
}

#define NAME(name) (int)chat_name_text(name).length, chat_name_text(name).data

static void describe_text(struct world_lines *lines, const struct chat_channel *channel,
                          const char *word, struct chat_text text)
{
    if (text.length > 0)
        WORLD_LINE(lines, "%.*s %s %.*s", NAME(channel->name), word, (int)text.length, text.data);
}

static void describe_channel(const struct chat_channel *channel, struct world_lines *lines)
{
    const struct chat_topic *topic = channel->topic;
    int place = 0;

    pli_list_for_each (link, &channel->members) {
        const struct chat_member *member = chat_member_of_channel(link);

        WORLD_LINE(lines, "%.*s %d %.*s %u", NAME(channel->name), place++, NAME(member->user->name),
                   member->prefix);
    }
    WORLD_LINE(lines, "%.*s flags %u limit %u throttle %u after %u", NAME(channel->name),
               channel->flags, channel->limit, channel->throttle_joins,
               channel->throttle_joins ? channel->throttle_count : 0);
    describe_text(lines, channel, "key", chat_string_text(channel->key));
    describe_text(lines, channel, "forward", chat_string_text(channel->forward));
    if (topic)
        describe_text(lines, channel, "topic", (struct chat_text){topic->text, topic->length});
    for (unsigned i = 0; i < CHAT_LISTS; i++)
        pli_list_for_each (link, &channel->lists[i].masks) {
            const struct chat_mask *mask = pli_container_of(link, struct chat_mask, link);

            WORLD_LINE(lines, "%.*s mask %u %.*s", NAME(channel->name), i, (int)mask->length,
                       mask->text);
        }
    pli_list_for_each (link, &channel->invitations)
        describe_text(
            lines, channel, "invited",
            chat_name_text(pli_container_of(link, struct chat_invitation, in_channel)->user->name));
}

static void describe_user(const struct chat_user *user, struct world_lines *lines)
{
    struct chat_text host = chat_string_text(user->host);
    struct chat_text away = chat_string_text(user->away);

    WORLD_LINE(lines, "%.*s %.*s modes %u away %.*s", NAME(user->name), (int)host.length, host.data,
               user->modes, (int)away.length, away.length > 0 ? away.data : "");
}

void world_describe(struct chat_world *world, struct world_lines *lines)
{
    struct pli_hash_node *node = NULL;

    lines->count = 0;
    while ((node = pli_hash_next(&world->users, node)))
        describe_user(pli_container_of(node, struct chat_user, by_id), lines);
    while ((node = pli_hash_next(&world->channels, node)))
        describe_channel(pli_container_of(node, struct chat_channel, by_id), lines);
    world_lines_sort(lines);
}
