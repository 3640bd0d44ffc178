/* SPDX-License-Identifier: MIT */
/*
 * What was read up to when, between the sessions of a user (IRCv3 read-marker). That another
 * session has read something is told with the event (face.c), as is where one is in a channel that
 * one joins.
 */
#include "config.h"

#include "irc/markread.h"

#include "chat/marker.h"
#include "irc/command.h"
#include "irc/face.h"

#include <stdio.h>
#include <time.h>

#define STAMP "timestamp="

/* What stands in a time: digits where there is a 0. */
static const char pattern[] = "0000-00-00T00:00:00.000Z";

static unsigned digits(const char *text, size_t from, size_t count)
{
    unsigned number = 0;

    for (size_t i = from; i < from + count; i++)
        number = 10 * number + (unsigned)(text[i] - '0');
    return number;
}

static bool has_pattern(struct chat_text text)
{
    if (text.length != strlen(pattern))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        bool good = pattern[i] == '0' ? text.data[i] >= '0' && text.data[i] <= '9'
                                      : text.data[i] == pattern[i];

        if (!good)
            return false;
    }
    return true;
}

/* A time that there is comes back as it went in: the 30th of February does not. */
bool irc_time_parse(struct chat_text text, uint64_t *milliseconds)
{
    struct tm given;
    struct tm utc;
    time_t seconds;

    if (!has_pattern(text))
        return false;
    given = (struct tm){
        .tm_year = (int)digits(text.data, 0, 4) - 1900,
        .tm_mon = (int)digits(text.data, 5, 2) - 1,
        .tm_mday = (int)digits(text.data, 8, 2),
        .tm_hour = (int)digits(text.data, 11, 2),
        .tm_min = (int)digits(text.data, 14, 2),
        .tm_sec = (int)digits(text.data, 17, 2),
    };
    utc = given;
    seconds = timegm(&utc);
    if (seconds < 0 || utc.tm_mon != given.tm_mon || utc.tm_mday != given.tm_mday ||
        utc.tm_hour != given.tm_hour || utc.tm_min != given.tm_min || utc.tm_sec != given.tm_sec)
        return false;
    *milliseconds = (uint64_t)seconds * 1000 + digits(text.data, 20, 3);
    return true;
}

void irc_put_markread(struct irc *irc, struct irc_line *line, struct chat_text target,
                      uint64_t until)
{
    char server[IRC_SERVER_MAX + 1];
    char time[IRC_TIME_LENGTH + 1];

    irc_line_begin(line);
    irc_line_puts(line, ":");
    irc_line_puts(line, irc_server_name(irc, server));
    irc_line_puts(line, " MARKREAD ");
    irc_line_put(line, target);
    if (until > 0 && irc_time_text(until, time)) {
        irc_line_puts(line, " " STAMP);
        irc_line_puts(line, time);
    } else {
        irc_line_puts(line, " *");
    }
}

static bool can_be_target(struct irc_client *client, struct chat_text target)
{
    struct chat_settings settings;

    chat_world_settings(client->world, &settings);
    return target.length > 0 && target.data[0] == '#'
               ? chat_channel_check(target, settings.channel_length) == 0
               : chat_nick_check(target, settings.nick_length) == 0;
}

static bool read_stamp(struct chat_text text, uint64_t *until)
{
    size_t length = strlen(STAMP);

    return text.length > length && memcmp(text.data, STAMP, length) == 0 &&
           irc_time_parse((struct chat_text){text.data + length, text.length - length}, until);
}

static void fail(struct irc_client *client, const char *code, struct chat_text context,
                 const char *text)
{
    irc_fail(client, chat_text("MARKREAD"), code, context, text);
}

/* MARKREAD target [timestamp=YYYY-MM-DDThh:mm:ss.sssZ] */
void irc_do_markread(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text target = irc_param(message, 0);
    struct irc_line line;
    uint64_t until = 0;
    int rc;

    irc_answer_single(client);
    if (target.length == 0) {
        fail(client, "NEED_MORE_PARAMS", CHAT_NO_TEXT, "Missing parameters");
        return;
    }
    if (!can_be_target(client, target) ||
        (message->count > 1 && !read_stamp(message->params[1], &until))) {
        fail(client, "INVALID_PARAMS", can_be_target(client, target) ? message->params[1] : target,
             "Invalid parameters");
        return;
    }
    rc = message->count > 1 ? chat_mark_read(client->world, &client->chat, target, until, &until)
                            : chat_marker_look(client->world, &client->chat, target, &until);
    if (rc != 0) {
        fail(client, "INTERNAL_ERROR", target,
             rc == CHAT_LIST_FULL ? "You have as many read markers as there may be"
                                  : "The read timestamp could not be set");
        return;
    }
    irc_put_markread(client->irc, &line, target, until);
    irc_emit(client, &line);
}
