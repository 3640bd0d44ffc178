/* SPDX-License-Identifier: MIT */
/* What users change about themselves, but for their names. */
#include "config.h"

#include "chat/world.h"

#include "base/utf8.h"
#include "chat/deliver.h"
#include "chat/history_keep.h"

#include <errno.h>
#include <stdlib.h>

/* Begins the event, gives it its id and applies it. */
static int change(struct chat_world *world, struct chat_session *session,
                  const struct chat_event *values)
{
    struct chat_event event = chat_event_of(session, values->kind);

    event.text = values->text;
    event.more = values->more;
    event.set = values->set;
    event.cleared = values->cleared;
    chat_event_stamp(world, &event);
    return chat_apply(world, &event);
}

static int change_registered(struct chat_world *world, struct chat_session *session,
                             const struct chat_event *values)
{
    int rc;

    pli_write_lock(&world->lock);
    rc = session->user ? change(world, session, values) : CHAT_NOT_REGISTERED;
    pli_write_unlock(&world->lock);
    return rc;
}

static struct chat_text cut(struct chat_text text, size_t most)
{
    text.length = pli_utf8_cut(text.data, text.length, most);
    return text;
}

/* Who is away for that reason, or here, already is: nobody need be told. */
int chat_user_away(struct chat_world *world, struct chat_session *session, struct chat_text reason)
{
    struct chat_event event = {.kind = CHAT_AWAY, .text = cut(reason, CHAT_AWAY_MAX)};
    int rc = chat_judge(world, session, CHAT_FILTER_AWAY, event.text, CHAT_NO_TEXT);

    if (rc != 0)
        return rc;
    rc = CHAT_NOT_REGISTERED;
    pli_write_lock(&world->lock);
    if (session->user)
        rc = chat_text_equal(chat_string_text(session->user->away), event.text)
                 ? 0
                 : change(world, session, &event);
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_user_realname(struct chat_world *world, struct chat_session *session,
                       struct chat_text realname)
{
    struct chat_event event = {.kind = CHAT_REALNAME, .text = cut(realname, CHAT_REALNAME_MAX)};
    int rc = chat_judge_name(world, session, CHAT_NO_TEXT, event.text);

    return rc != 0 ? rc : change_registered(world, session, &event);
}

int chat_user_account(struct chat_world *world, struct chat_session *session,
                      struct chat_text account)
{
    struct chat_event event = {.kind = CHAT_ACCOUNT, .text = cut(account, CHAT_NAME_MAX)};
    int rc = CHAT_NOT_REGISTERED;

    pli_write_lock(&world->lock);
    if (session->user)
        rc = chat_text_equal(chat_string_text(session->user->account), event.text)
                 ? 0
                 : change(world, session, &event);
    if (rc == 0)
        chat_greet_everywhere(world, session->user);
    pli_write_unlock(&world->lock);
    return rc;
}

/* Who was there for the sake of the account only goes with it. */
static void end_account_of(struct chat_world *world, struct chat_user *user)
{
    struct chat_event event = chat_event_of_user(user, CHAT_ACCOUNT);

    chat_event_stamp(world, &event);
    (void)chat_apply(world, &event);
    if (user->session_count == 0)
        chat_user_end(world, user, chat_text("There is no such account any more"));
}

/* Nothing is made, so nothing can fail. */
void chat_account_end(struct chat_world *world, struct chat_text account)
{
    struct chat_presence *presence;

    pli_write_lock(&world->lock);
    while ((presence = chat_find_presence(world, account)) && !pli_list_is_empty(&presence->users))
        end_account_of(world,
                       pli_container_of(presence->users.next, struct chat_user, in_presence));
    chat_presence_end(world, account);
    chat_registrations_end_account(world, account);
    pli_write_unlock(&world->lock);
}

int chat_user_host(struct chat_world *world, struct chat_session *session,
                   struct chat_text username, struct chat_text host)
{
    struct chat_event event = {
        .kind = CHAT_HOST,
        .text = cut(host, CHAT_HOST_MAX),
        .more = cut(username, CHAT_USERNAME_MAX),
    };

    return change_registered(world, session, &event);
}

/* Modes that nobody sets by themselves. */
#define GIVEN                                                                                      \
    (unsigned)(CHAT_USER_OPERATOR | CHAT_USER_SECURE | CHAT_USER_NOTICES | CHAT_USER_SERVICE)

int chat_user_modes(struct chat_world *world, struct chat_session *session, unsigned set,
                    unsigned cleared)
{
    struct chat_event event = {.kind = CHAT_USER_MODE};
    unsigned modes;
    int rc = CHAT_NOT_REGISTERED;

    pli_write_lock(&world->lock);
    if (session->user) {
        modes = session->user->modes;
        event.set = set & ~cleared & ~modes & ~GIVEN;
        if (cleared & CHAT_USER_OPERATOR)
            cleared |= CHAT_USER_NOTICES;
        event.cleared = cleared & modes & ~(unsigned)CHAT_USER_SECURE;
        rc = event.set || event.cleared ? change(world, session, &event) : 0;
    }
    pli_write_unlock(&world->lock);
    return rc;
}

int chat_apply_away(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    int rc;

    if (!user)
        return CHAT_NO_SUCH_USER;
    rc = chat_string_set(&user->away, event->text);
    if (rc != 0)
        return rc;
    chat_presence_note(world, user, CHAT_FIELD_AWAY);
    chat_tell_known(world, event, user);
    return 0;
}

/*
 * The event may have been made of what is replaced here, so that is kept until everybody has been
 * told.
 */
int chat_apply_realname(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_string *realname = NULL;

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (chat_string_set(&realname, event->text) < 0)
        return -ENOMEM;
    chat_tell_known(world, event, user);
    free(user->realname);
    user->realname = realname;
    chat_presence_note(world, user, CHAT_FIELD_REALNAME);
    return 0;
}

/* What the event says of the user is how it was: so is the account that it names. */
int chat_apply_account(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_string *account = NULL;
    struct chat_presence *presence = NULL;
    struct chat_metadata *merged = NULL;

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (chat_string_set(&account, event->text) < 0)
        return -ENOMEM;
    if (chat_presence_get(world, event->text, &presence) < 0 ||
        (presence && chat_metadata_merge(presence->metadata, user->metadata, &merged) < 0)) {
        chat_presence_tidy(world, presence);
        free(account);
        return -ENOMEM;
    }
    chat_tell_known(world, event, user);
    free(user->account);
    user->account = account;
    chat_presence_put(world, user, presence, merged);
    if (presence)
        chat_presence_review_locked(world, presence);
    chat_history_renew(world, user);
    chat_forget_verdicts_on(user);
    chat_hold_renew(world, user);
    return 0;
}

int chat_apply_host(struct chat_world *world, const struct chat_event *event)
{
    struct chat_user *user = chat_find_user(world, event->user);
    struct chat_string *username = NULL;
    struct chat_string *host = NULL;

    if (!user)
        return CHAT_NO_SUCH_USER;
    if (chat_string_set(&username, event->more) < 0)
        return -ENOMEM;
    if (chat_string_set(&host, event->text) < 0) {
        free(username);
        return -ENOMEM;
    }
    chat_tell_known(world, event, user);
    free(user->username);
    free(user->host);
    user->username = username;
    user->host = host;
    chat_presence_note(world, user, CHAT_FIELD_USERNAME);
    chat_presence_note(world, user, CHAT_FIELD_HOST);
    chat_forget_verdicts_on(user);
    return 0;
}
