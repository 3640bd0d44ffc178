/* SPDX-License-Identifier: MIT */
/*
 * Commands about channels. What is shown of one is sent from within the visit, under the world's
 * lock, so that it is what the channel was like at one moment.
 */
#include "config.h"

#include "irc/command.h"

#include "chat/name.h"
#include "irc/cap.h"
#include "irc/mode.h"

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

/* A RPL_NAMREPLY in the making. */
struct names {
    struct irc_client *client;
    bool shown;
    size_t count; /* on the line */
    struct irc_line line;
    const char *symbol;
    size_t name_length;
    char name[CHAT_NAME_MAX];
};

static void begin_names(struct names *names)
{
    irc_begin_numeric(names->client, &names->line, IRC_RPL_NAMREPLY);
    irc_line_puts(&names->line, names->symbol);
    irc_line_put(&names->line, (struct chat_text){names->name, names->name_length});
    irc_line_puts(&names->line, " :");
    names->count = 0;
}

static void names_channel(const struct chat_channel_view *view, void *argument)
{
    struct names *names = argument;

    names->shown = view->shown;
    names->symbol = view->flags & chat_mode_flag(CHAT_MODE_SECRET)    ? "@ "
                    : view->flags & chat_mode_flag(CHAT_MODE_PRIVATE) ? "* "
                                                                      : "= ";
    names->name_length = view->name.length;
    memcpy(names->name, view->name.data, view->name.length);
    begin_names(names);
}

/* All the prefixes that a member may have. */
#define PREFIX_ROOM 5

static void names_member(const struct chat_user_view *view, void *argument)
{
    struct names *names = argument;

    bool whole = has_cap(names->client, IRC_CAP_USERHOST_IN_NAMES);
    size_t length = PREFIX_ROOM + view->nick.length;

    if (!names->shown)
        return;
    if (whole)
        length += 2 + view->username.length + view->host.length;
    if (names->count > 0 && irc_line_room(&names->line) < 1 + length) {
        irc_emit(names->client, &names->line);
        begin_names(names);
    }
    if (names->count++ > 0)
        irc_line_puts(&names->line, " ");
    irc_put_prefix(&names->line, view->prefix, has_cap(names->client, IRC_CAP_MULTI_PREFIX));
    irc_line_put(&names->line, view->nick);
    if (!whole)
        return;
    irc_line_puts(&names->line, "!");
    irc_line_put(&names->line, view->username);
    irc_line_puts(&names->line, "@");
    irc_line_put(&names->line, view->host);
}

static const struct chat_channel_visitor names_visitor = {names_channel, names_member};

/* Says who is in a channel, if anybody is who may be named. */
static void show_names(struct irc_client *client, struct chat_text name)
{
    struct names names = {.client = client};

    if (chat_channel_look(client->world, &client->chat, name, &names_visitor, &names) == 0 &&
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

static void show_topic(const struct chat_channel_view *view, void *argument)
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
        show_topic(view, argument);
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

/* The channel that was joined may be another one, to which that one forwards: it is at hand now. */
static void join_one(struct irc_client *client, struct chat_text name, struct chat_text key)
{
    static const struct chat_channel_visitor visitor = {show_topic, NULL};
    struct names names = {.client = client};
    int rc = chat_channel_enter(client->world, &client->chat, name, key);

    if (rc == CHAT_ON_CHANNEL)
        return;
    if (rc == 0)
        rc = chat_channel_look(client->world, &client->chat, CHAT_NO_TEXT, &visitor, client);
    if (rc == 0 && !has_cap(client, IRC_CAP_NO_IMPLICIT_NAMES))
        rc = chat_channel_look(client->world, &client->chat, CHAT_NO_TEXT, &names_visitor, &names);
    if (rc == CHAT_NO_FOCUS) /* one has been taken out again */
        return;
    if (rc != 0) {
        irc_explain(client, rc, "JOIN", name);
        return;
    }
    if (has_cap(client, IRC_CAP_NO_IMPLICIT_NAMES))
        return;
    irc_emit(client, &names.line);
    irc_reply(client, IRC_RPL_ENDOFNAMES, (struct chat_text){names.name, names.name_length});
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
