/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/names.h"

#include "irc/cap.h"
#include "irc/mode.h"

static bool has_cap(const struct irc_names *names, unsigned cap)
{
    return atomic_load_explicit(&names->client->caps, memory_order_relaxed) & cap;
}

static void begin(struct irc_names *names)
{
    irc_begin_numeric(names->client, &names->line, IRC_RPL_NAMREPLY);
    irc_line_puts(&names->line, names->symbol);
    irc_line_put(&names->line, (struct chat_text){names->name, names->name_length});
    irc_line_puts(&names->line, " :");
    names->count = 0;
}

static void show_channel(const struct chat_channel_view *view, void *argument)
{
    struct irc_names *names = argument;

    names->shown = view->shown;
    names->joined = view->joined;
    names->symbol = view->flags & chat_mode_flag(CHAT_MODE_SECRET)    ? "@ "
                    : view->flags & chat_mode_flag(CHAT_MODE_PRIVATE) ? "* "
                                                                      : "= ";
    names->name_length = view->name.length;
    memcpy(names->name, view->name.data, view->name.length);
    begin(names);
}

/* All the prefixes that a member may have. */
#define PREFIX_ROOM 5

static void show_member(const struct chat_user_view *view, void *argument)
{
    struct irc_names *names = argument;

    bool whole = has_cap(names, IRC_CAP_USERHOST_IN_NAMES);
    size_t length = PREFIX_ROOM + view->nick.length;

    if (!names->shown)
        return;
    if (whole)
        length += 2 + view->username.length + view->host.length;
    if (names->count > 0 && irc_line_room(&names->line) < 1 + length) {
        irc_emit(names->client, &names->line);
        begin(names);
    }
    if (names->count++ > 0)
        irc_line_puts(&names->line, " ");
    irc_put_prefix(&names->line, view->prefix, has_cap(names, IRC_CAP_MULTI_PREFIX));
    irc_line_put(&names->line, view->nick);
    if (!whole)
        return;
    irc_line_puts(&names->line, "!");
    irc_line_put(&names->line, view->username);
    irc_line_puts(&names->line, "@");
    irc_line_put(&names->line, view->host);
}

const struct chat_channel_visitor irc_names_visitor = {show_channel, show_member};

void irc_names_end(struct irc_names *names)
{
    irc_reply(names->client, IRC_RPL_ENDOFNAMES,
              (struct chat_text){names->name, names->name_length});
}
