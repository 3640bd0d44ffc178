/* SPDX-License-Identifier: MIT */
/*
 * Commands about channels. What is shown of one is sent from within the visit, under the world's
 * lock, so that it is what the channel was like at one moment.
 */
#include "config.h"

#include "irc/command.h"

#include "chat/name.h"
#include "irc/cap.h"
#include "irc/history.h"
#include "irc/metadata.h"
#include "irc/moved.h"
#include "irc/names.h"

#include <errno.h>
#include <stdlib.h>

static bool has_cap(const struct irc_client *client, unsigned cap)
{
    return atomic_load_explicit(&client->caps, memory_order_relaxed) & cap;
}

static bool is_one(struct chat_text list)
{
    return list.length > 0 && !memchr(list.data, ',', list.length);
}

/* -- NAMES ------------------------------------------------------------------------------------ */

/* Says who is in a channel, if anybody is who may be named. */
static void show_names(struct irc_client *client, struct chat_text name)
{
    struct irc_names names = {.client = client};

    if (chat_channel_look(client->world, &client->chat, name, &irc_names_visitor, &names) == 0 &&
        names.count > 0)
        irc_emit(client, &names.line);
}

void irc_do_names(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text list = irc_param(message, 0);
    struct chat_text name;

    while (irc_list_next(&list, &name))
        show_names(client, name);
    irc_reply(client, IRC_RPL_ENDOFNAMES, message->count > 0 ? message->params[0] : chat_text("*"));
}

/* -- TOPIC ------------------------------------------------------------------------------------ */

void irc_show_topic(const struct chat_channel_view *view, void *argument)
{
    struct irc_client *client = argument;

    if (view->topic.length == 0)
        return;
    irc_reply(client, IRC_RPL_TOPIC, view->name, view->topic);
    irc_reply(client, IRC_RPL_TOPICWHOTIME, view->name, view->topic_by,
              IRC_NUMBER(view->topic_time / 1000));
}

static void show_topic_or_none(const struct chat_channel_view *view, void *argument)
{
    if (view->topic.length == 0)
        irc_reply(argument, IRC_RPL_NOTOPIC, view->name);
    else
        irc_show_topic(view, argument);
}

void irc_do_topic(struct irc_client *client, const struct irc_message *message)
{
    static const struct chat_channel_visitor visitor = {show_topic_or_none, NULL};
    struct chat_text name = message->params[0];
    int rc;

    if (message->count > 1) {
        irc_answer_single(client);
        rc = chat_channel_topic(client->world, &client->chat, name, message->params[1]);
    } else {
        rc = chat_channel_look(client->world, &client->chat, name, &visitor, client);
    }
    if (rc != 0)
        irc_explain(client, rc, "TOPIC", name);
}

/* Whether a list has nothing at all, which is as good as not to be given; then that is said. */
static bool is_empty(struct irc_client *client, struct chat_text list, const char *command)
{
    struct chat_text element;

    if (irc_list_next(&list, &element))
        return false;
    irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text(command));
    return true;
}

/* -- JOIN and PART ----------------------------------------------------------------------------- */

/* What is told of a channel, CHAT_NO_TEXT for the one at hand, to who is in it now. */
static int show_joined(struct irc_client *client, struct chat_text name)
{
    static const struct chat_channel_visitor visitor = {irc_show_topic, NULL};
    struct irc_names names = {.client = client};
    int rc = chat_channel_look(client->world, &client->chat, name, &visitor, client);

    if (rc != 0 || has_cap(client, IRC_CAP_NO_IMPLICIT_NAMES))
        return rc;
    rc = chat_channel_look(client->world, &client->chat, name, &irc_names_visitor, &names);
    if (rc == 0) {
        irc_emit(client, &names.line);
        irc_names_end(&names);
    }
    return rc;
}

/* Where a former name of a channel leads, for who knows of such a thing. */
struct redirect {
    struct irc_client *client;
    struct chat_text from;
};

static void tell_redirect(struct chat_text now, void *argument)
{
    struct redirect *redirect = argument;

    irc_fail_on(redirect->client, "JOIN", "CHANNEL_RENAMED", "The channel has been renamed",
                redirect->from, now);
}

static bool is_redirected(struct irc_client *client, struct chat_text name)
{
    struct redirect redirect = {.client = client, .from = name};

    return has_cap(client, IRC_CAP_CHANNEL_RENAME) &&
           chat_channel_former(client->world, name, tell_redirect, &redirect) == 0;
}

/* Should the ban be over just now, it is said without a reason. */
static void explain_closed(struct irc_client *client, struct chat_text name)
{
    char reason[CHAT_BAN_REASON_MAX + 1] = "";

    (void)chat_channel_closed(client->world, name, reason);
    irc_reply(client, IRC_ERR_BADCHANNEL, name, chat_text(reason));
}

/* The channel that was joined may be another one, to which that one leads: it is at hand now. */
static void join_one(struct irc_client *client, struct chat_text name, struct chat_text key)
{
    int rc;

    if (is_redirected(client, name))
        return;
    rc = chat_channel_enter(client->world, &client->chat, name, key);
    if (rc == CHAT_ON_CHANNEL)
        return;
    if (rc == 0)
        rc = show_joined(client, CHAT_NO_TEXT);
    if (rc == 0)
        irc_metadata_joined(client);
    else if (rc == CHAT_CLOSED)
        explain_closed(client, name);
    else if (rc != CHAT_NO_FOCUS) /* one has been taken out again */
        irc_explain(client, rc, "JOIN", name);
}

/* The names of one's channels. */
struct joined {
    size_t count;
    size_t room;
    struct joined_name {
        size_t length;
        char text[CHAT_NAME_MAX];
    } * names;
    bool failed;
};

static bool note_joined(const struct chat_channel_view *view, void *argument)
{
    struct joined *joined = argument;
    struct joined_name *name;

    if (!view->joined)
        return true;
    if (joined->count == joined->room) {
        size_t room = joined->room > 0 ? 2 * joined->room : 8;
        struct joined_name *names = reallocarray(joined->names, room, sizeof *names);

        if (!names) {
            joined->failed = true;
            return false;
        }
        joined->names = names;
        joined->room = room;
    }
    name = &joined->names[joined->count++];
    name->length = view->name.length;
    memcpy(name->text, view->name.data, name->length);
    return true;
}

static void part_all(struct irc_client *client)
{
    struct joined joined = {.count = 0};
    int rc = 0;

    chat_channel_each(client->world, &client->chat, note_joined, &joined);
    for (size_t i = 0; i < joined.count && rc >= 0; i++)
        rc = chat_channel_part(client->world, &client->chat,
                               (struct chat_text){joined.names[i].text, joined.names[i].length},
                               CHAT_NO_TEXT);
    if (rc >= 0 && joined.failed)
        rc = -ENOMEM;
    if (rc < 0) /* to be no member any more is what was wanted */
        irc_explain(client, rc, "JOIN", chat_text("0"));
    free(joined.names);
}

/* The same element of another list, which may be empty, or the list shorter. */
static struct chat_text take_element(struct chat_text *list)
{
    const char *comma = list->length > 0 ? memchr(list->data, ',', list->length) : NULL;
    struct chat_text element = {list->data, comma ? (size_t)(comma - list->data) : list->length};
    size_t used = element.length + (comma ? 1 : 0);

    *list = used > 0 ? (struct chat_text){list->data + used, list->length - used} : CHAT_NO_TEXT;
    return element;
}

void irc_do_join(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text list = message->params[0];
    struct chat_text keys = irc_param(message, 1);
    struct chat_text name;

    if (is_empty(client, list, "JOIN"))
        return;
    if (chat_text_equal(list, chat_text("0"))) {
        part_all(client);
        return;
    }
    while (irc_list_next(&list, &name))
        join_one(client, name, take_element(&keys));
    irc_playback(client, message->params[0]);
}

static void kick_one(struct irc_client *client, struct chat_text name, struct chat_text nick,
                     struct chat_text reason)
{
    int rc = chat_channel_kick(client->world, &client->chat, name, nick, reason);

    if (rc == CHAT_NOT_THERE)
        irc_reply(client, IRC_ERR_USERNOTINCHANNEL, nick, name);
    else if (rc != 0)
        irc_explain(client, rc, "KICK", rc == CHAT_NO_SUCH_NICK ? nick : name);
}

/*
 * KICK #channel{,#channel} nick{,nick} [:reason]: all from one channel, or the first one from the
 * first channel, and so on.
 */
void irc_do_kick(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text channels = message->params[0];
    struct chat_text list = message->params[1];
    struct chat_text reason = irc_param(message, 2);
    struct chat_text nick;
    bool one = !memchr(channels.data, ',', channels.length);

    if (is_empty(client, list, "KICK"))
        return;
    if (is_one(list))
        irc_answer_single(client);
    if (reason.length == 0)
        reason = chat_text(client->nick);
    while (irc_list_next(&list, &nick)) {
        struct chat_text name = one ? channels : take_element(&channels);

        if (name.length == 0) {
            irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("KICK"));
            return;
        }
        kick_one(client, name, nick, reason);
    }
}

void irc_do_part(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text list = message->params[0];
    struct chat_text name;

    if (is_empty(client, list, "PART"))
        return;
    if (is_one(list))
        irc_answer_single(client);
    while (irc_list_next(&list, &name)) {
        int rc = chat_channel_part(client->world, &client->chat, name, irc_param(message, 1));

        if (rc != 0)
            irc_explain(client, rc, "PART", name);
    }
}

/* -- RENAME ------------------------------------------------------------------------------------ */

/* Why a channel keeps its name, if that is so; or NULL. */
static const char *kept_because(int outcome)
{
    switch (outcome) {
    case CHAT_NAME_SAME:
        return "The channel has that name already";
    case CHAT_NAME_FIXED:
        return "This channel keeps its name";
    case CHAT_RENAMED:
        return "This channel has been renamed recently";
    case CHAT_CHANNEL_BAD:
        return "No channel can have that name";
    case CHAT_CLOSED:
        return "Channels of that name are closed";
    case CHAT_CHANNEL_LONG:
        return "That name is too long";
    default:
        return NULL;
    }
}

/* RENAME #channel #name [:reason]. Who does not know of it is told what others are, see moved.h. */
void irc_do_rename(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text name = message->params[0];
    struct chat_text to = message->params[1];
    bool knows = has_cap(client, IRC_CAP_CHANNEL_RENAME);
    int rc;

    if (knows)
        irc_answer_single(client);
    rc = chat_channel_rename(client->world, &client->chat, name, to, irc_param(message, 2));
    if (rc == 0 && !knows && !chat_text_same(name, to))
        (void)show_joined(client, to); /* if one is still there */
    else if (rc == CHAT_NAME_TAKEN)
        irc_fail_on(client, "RENAME", "CHANNEL_NAME_IN_USE", "The channel name is already taken",
                    name, to);
    else if (kept_because(rc))
        irc_fail_on(client, "RENAME", "CANNOT_RENAME", kept_because(rc), name, to);
    else if (rc != 0)
        irc_explain(client, rc, "RENAME", name);
}
