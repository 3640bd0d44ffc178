/* SPDX-License-Identifier: MIT */
/* Parts of a line that all events have: tags, whom it comes from, and whom it is for. */
#include "config.h"

#include "irc/face.h"

#include "irc/cap.h"
#include "irc/mode.h"
#include "irc/msgid.h"
#include "irc/tags.h"

#include <stdio.h>
#include <time.h>

bool irc_time_text(uint64_t milliseconds, char text[static IRC_TIME_LENGTH + 1])
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm utc;
    size_t length;

    if (!gmtime_r(&seconds, &utc))
        return false;
    length = strftime(text, IRC_TIME_LENGTH + 1, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, IRC_TIME_LENGTH + 1 - length, ".%03uZ",
             (unsigned)(milliseconds % 1000));
    return true;
}

static void put_time(struct irc_line *line, uint64_t milliseconds)
{
    char text[IRC_TIME_LENGTH + 1];

    if (irc_time_text(milliseconds, text))
        irc_line_tag(line, "time", chat_text(text));
}

/* The server's own tags, then those of who says it. An event without an id gets no msgid. */
void irc_put_tags(struct irc_line *line, const struct chat_event *event, unsigned caps)
{
    struct chat_text tags = event->tags;
    char msgid[IRC_MSGID_LENGTH + 1];
    struct irc_tag tag;

    if (caps & IRC_CAP_MESSAGE_TAGS && event->id.time != 0)
        irc_line_tag(line, "msgid", irc_msgid(event->id, msgid));
    if (caps & IRC_CAP_SERVER_TIME)
        put_time(line, event->time);
    if (caps & IRC_CAP_ACCOUNT_TAG && event->account.length > 0)
        irc_line_tag(line, "account", event->account);
    if (!(caps & IRC_CAP_MESSAGE_TAGS))
        return;
    if (event->modes & CHAT_USER_BOT)
        irc_line_tag(line, "bot", CHAT_NO_TEXT);
    while (irc_tag_next(&tags, &tag))
        irc_line_raw_tag(line, &tag);
}

void irc_put_mask(struct irc_line *line, const struct chat_event *event)
{
    irc_line_put(line, event->nick);
    if (event->user.time == 0) /* the server */
        return;
    irc_line_puts(line, "!");
    irc_line_put(line, event->username);
    irc_line_puts(line, "@");
    irc_line_put(line, event->host);
}

/* Whom it comes from. */
void irc_put_source(struct irc_line *line, const struct chat_event *event)
{
    irc_line_puts(line, ":");
    irc_put_mask(line, event);
    irc_line_puts(line, " ");
}

/* Whom something is said to: of a channel perhaps only those with a prefix. */
void irc_put_target(struct irc_line *line, const struct chat_event *event)
{
    irc_line_puts(line, " ");
    if (event->target.time != 0) {
        irc_line_put(line, event->target_nick);
        return;
    }
    irc_put_prefix(line, event->status, false);
    irc_line_put(line, event->channel_name);
}
