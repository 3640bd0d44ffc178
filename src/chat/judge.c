/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/judge.h"

#include "base/clock.h"
#include "base/log.h"
#include "chat/ban.h"
#include "chat/deliver.h"
#include "chat/world.h"

#include <assert.h>
#include <stdio.h>

/* Room for "nick!user@address realname", and for whom it is about. */
#define PERSON_MAX (CHAT_NAME_MAX + CHAT_USERNAME_MAX + CHAT_HOST_MAX + CHAT_REALNAME_MAX + 8)

struct judgement {
    struct chat_world *world;
    struct chat_session *session;         /* or NULL, with */
    const struct chat_identity *identity; /* who comes */
    struct chat_text place;
    const struct chat_filter *filter; /* that decides; NULL: none */
    bool described;
    bool exempt;          /* an operator */
    char who[PERSON_MAX]; /* nick!user@host [address] */
    char address[CHAT_HOST_MAX + 1];
};

struct chat_filters *chat_world_filters(struct chat_world *world)
{
    return &world->filters;
}

static void write_who(struct judgement *judgement, const struct chat_identity *identity)
{
    snprintf(judgement->who, sizeof judgement->who, "%.*s!%.*s@%.*s [%.*s]",
             CHAT_SHOWN(identity->nick), CHAT_SHOWN(identity->username), CHAT_SHOWN(identity->host),
             CHAT_SHOWN(identity->address));
    snprintf(judgement->address, sizeof judgement->address, "%.*s", CHAT_SHOWN(identity->address));
}

/* What is known of a user, as if they came. */
static struct chat_identity identity_of(const struct chat_user *user)
{
    return (struct chat_identity){
        .nick = chat_name_text(user->name),
        .username = chat_string_text(user->username),
        .host = chat_string_text(user->host),
        .address = chat_string_text(user->address),
        .realname = chat_string_text(user->realname),
        .modes = user->modes,
    };
}

/* Finds out about who it is, once something is caught. Who is gone is as good as exempt. */
static void describe(struct judgement *judgement)
{
    struct chat_identity identity;

    judgement->described = true;
    if (judgement->identity) {
        write_who(judgement, judgement->identity);
        return;
    }
    pli_read_lock(&judgement->world->lock);
    judgement->exempt = true;
    if (judgement->session->user) {
        identity = identity_of(judgement->session->user);
        judgement->exempt = identity.modes & CHAT_USER_OPERATOR;
        write_who(judgement, &identity);
    }
    pli_read_unlock(&judgement->world->lock);
}

static void tell(const struct judgement *judgement, const struct chat_filter_view *view,
                 unsigned missed)
{
    struct chat_text place = judgement->place;
    const char *in = place.length > 0 ? " in " : "";
    char more[40] = "";

    if (missed > 0)
        snprintf(more, sizeof more, ", and %u more", missed);
    pli_log(PL_LOG_INFO, "filter %u (%s) has caught %s%s%.*s%s: %.*s", view->number,
            chat_filter_action_name(view->rule.action), judgement->who, in, CHAT_SHOWN(place), more,
            CHAT_SHOWN(view->rule.pattern));
    chat_notify(judgement->world, CHAT_NOTICE_FILTER, "Filter %u (%s) has caught %s%s%.*s%s: %.*s",
                view->number, chat_filter_action_name(view->rule.action), judgement->who, in,
                CHAT_SHOWN(place), more, CHAT_SHOWN(view->rule.pattern));
}

static bool caught(struct chat_filter *filter, void *argument)
{
    struct judgement *judgement = argument;
    struct chat_filter_view view = chat_filter_view_of(filter);
    unsigned missed;

    if (!judgement->described)
        describe(judgement);
    if (judgement->exempt)
        return false;
    if (chat_filter_hit(filter, &missed))
        tell(judgement, &view, missed);
    if (view.rule.action == CHAT_FILTER_WARN)
        return true;
    judgement->filter = filter;
    return false;
}

static void exhausted(struct chat_filter *filter, void *argument)
{
    struct judgement *judgement = argument;
    struct chat_filter_view view = chat_filter_view_of(filter);

    pli_log(PL_LOG_WARNING, "filter %u takes too long over some texts, which pass: %.*s",
            view.number, CHAT_SHOWN(view.rule.pattern));
    chat_notify(judgement->world, CHAT_NOTICE_FILTER,
                "Filter %u takes too long over some texts, which pass: %.*s", view.number,
                CHAT_SHOWN(view.rule.pattern));
}

/* Keeps who has that address away, and ends them; not who comes over a Unix socket, as all others. */
static void ban(const struct judgement *judgement, const struct chat_filter_view *view)
{
    uint64_t now = pli_clock_wall_ms();
    char mask[CHAT_HOST_MAX + 8];
    char by[40];
    struct chat_ban_view put = {.kind = CHAT_BAN_USER,
                                .reason = view->rule.reason,
                                .set = now,
                                .expires = now + view->rule.duration * UINT64_C(1000)};
    size_t hit;
    int rc;

    if (!strpbrk(judgement->address, ".:"))
        return;
    snprintf(mask, sizeof mask, "*@%s", judgement->address);
    snprintf(by, sizeof by, "filter %u", view->number);
    put.mask = chat_text(mask);
    put.by = chat_text(by);
    rc = chat_ban_put(judgement->world, &put, &hit);
    if (rc != 0 && rc != CHAT_MODE_SAME)
        pli_log(PL_LOG_WARNING, "filter %u cannot ban %s", view->number, mask);
}

/* What the filter says is to be done about a user who is there. */
static int punish(struct judgement *judgement, const struct chat_filter_view *view)
{
    struct chat_world *world = judgement->world;

    if (view->rule.action == CHAT_FILTER_BLOCK)
        return CHAT_FILTERED;
    if (view->rule.action == CHAT_FILTER_BAN)
        ban(judgement, view);
    pli_write_lock(&world->lock);
    if (judgement->session->user)
        chat_user_strike(world, judgement->session->user, view->rule.reason);
    pli_write_unlock(&world->lock);
    return CHAT_TAKEN_OUT;
}

static int decide(struct judgement *judgement, enum chat_filter_target target,
                  struct chat_text text)
{
    static const struct chat_filter_asker asker = {caught, exhausted};
    struct chat_filters *filters = &judgement->world->filters;
    struct chat_filter_view view;
    int rc = chat_filters_ask(filters, target, text, &asker, judgement);

    if (rc < 0 || !judgement->filter)
        return rc;
    chat_filters_note(filters, judgement->filter);
    view = chat_filter_view_of(judgement->filter);
    if (judgement->session)
        return punish(judgement, &view);
    if (view.rule.action == CHAT_FILTER_BAN)
        ban(judgement, &view);
    return CHAT_FILTERED;
}

int chat_judge(struct chat_world *world, struct chat_session *session,
               enum chat_filter_target target, struct chat_text text, struct chat_text place)
{
    struct judgement judgement;

    if (chat_filters_is_empty(&world->filters) || text.length == 0)
        return 0;
    judgement = (struct judgement){.world = world, .session = session, .place = place};
    return decide(&judgement, target, text);
}

int chat_judge_words(struct chat_world *world, struct chat_session *session,
                     const struct chat_words *words)
{
    bool to_channel = words->target.length == 0 || words->target.data[0] == '#';
    struct chat_text text = words->plain.data ? words->plain : words->text;
    enum chat_filter_target target;

    if (words->kind == CHAT_NOTICE)
        target = to_channel ? CHAT_FILTER_CHANNEL_NOTICE : CHAT_FILTER_NOTICE;
    else
        target = to_channel ? CHAT_FILTER_CHANNEL : CHAT_FILTER_PRIVATE;
    return chat_judge(world, session, target, text, to_channel ? words->target : CHAT_NO_TEXT);
}

/* What filters for people look at. */
static struct chat_text person(const struct chat_identity *identity, char text[static PERSON_MAX])
{
    int length = snprintf(text, PERSON_MAX, "%.*s!%.*s@%.*s %.*s", CHAT_SHOWN(identity->nick),
                          CHAT_SHOWN(identity->username), CHAT_SHOWN(identity->address),
                          CHAT_SHOWN(identity->realname));

    return (struct chat_text){text, length < PERSON_MAX ? (size_t)length : PERSON_MAX - 1};
}

int chat_judge_identity(struct chat_world *world, const struct chat_identity *identity)
{
    struct judgement judgement;
    char text[PERSON_MAX];

    if (chat_filters_is_empty(&world->filters))
        return 0;
    judgement = (struct judgement){.world = world, .identity = identity};
    return decide(&judgement, CHAT_FILTER_USER, person(identity, text));
}

int chat_judge_name(struct chat_world *world, struct chat_session *session, struct chat_text nick,
                    struct chat_text realname)
{
    struct chat_identity identity;
    char text[PERSON_MAX];
    struct chat_text whole = CHAT_NO_TEXT;

    if (chat_filters_is_empty(&world->filters))
        return 0;
    pli_read_lock(&world->lock);
    if (session->user) {
        identity = identity_of(session->user);
        identity.nick = nick.data ? nick : identity.nick;
        identity.realname = realname.data ? realname : identity.realname;
        whole = person(&identity, text);
    }
    pli_read_unlock(&world->lock);
    return chat_judge(world, session, CHAT_FILTER_USER, whole, CHAT_NO_TEXT);
}

const char *chat_judged_reason(struct chat_world *world)
{
    return chat_filters_reason(&world->filters);
}
