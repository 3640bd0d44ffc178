/* SPDX-License-Identifier: MIT */
/*
 * REDACT (IRCv3 message-redaction): what has been said is taken back. The chat knows of the latest
 * messages; one that is older is looked for in the history, by a helper.
 */
#include "config.h"

#include "irc/command.h"

#include "irc/cap.h"
#include "irc/history.h"
#include "irc/msgid.h"

#include <errno.h>
#include <stdlib.h>

static void complain_of_redaction(struct irc_client *client, int outcome, struct chat_text target,
                                  struct chat_text msgid)
{
    struct chat_settings settings;

    switch (outcome) {
    case CHAT_NO_SUCH_CHANNEL:
    case CHAT_NOT_ON_CHANNEL:
    case CHAT_NO_SUCH_NICK:
        irc_fail_on(client, "REDACT", "INVALID_TARGET", "You cannot delete messages from there",
                    target);
        break;
    case CHAT_NO_SUCH_MESSAGE:
        irc_fail_on(client, "REDACT", "UNKNOWN_MSGID", "This message does not exist or is too old",
                    target, msgid);
        break;
    case CHAT_NOT_YOURS:
        irc_fail_on(client, "REDACT", "REDACT_FORBIDDEN",
                    "You are not authorised to delete this message", target, msgid);
        break;
    case CHAT_TOO_LATE:
        chat_world_settings(client->world, &settings);
        irc_fail_on(client, "REDACT", "REDACT_WINDOW_EXPIRED",
                    "You can no longer edit this message", target, msgid,
                    IRC_NUMBER(settings.redact_window));
        break;
    default:
        irc_explain(client, outcome, "REDACT", target);
        break;
    }
}

/* -- In the history ------------------------------------------------------------------------------- */

struct redaction {
    struct irc_reading reading;
    struct chat_id id;
    struct chat_text target, msgid, why; /* stand in TEXT */
    char text[];
};

static void run(struct irc_work *work)
{
    struct redaction *redaction = (struct redaction *)work;
    struct irc_reading *reading = &redaction->reading;
    struct chat_range range = {
        .after = redaction->id.time - 1,
        .before = redaction->id.time + 1,
        .most = 1,
        .events = true, /* as messages of nothing but tags are */
    };

    reading->rc =
        chat_history_read(reading->history, &reading->places[0], &range, &reading->findings);
}

static bool is_message(const struct chat_event *event)
{
    return event->kind >= CHAT_TAGS;
}

static void done(struct irc_client *client, struct irc_work *work)
{
    const struct redaction *redaction = (struct redaction *)work;
    const struct chat_findings *findings = &redaction->reading.findings;
    const struct chat_found *found = findings->count > 0 ? findings->found[0] : NULL;
    struct chat_kept kept;
    int rc = redaction->reading.rc;

    if (rc == 0)
        rc = CHAT_NO_SUCH_MESSAGE;
    if (found && chat_kept_read(&found->line, &redaction->reading.places[0], &kept) &&
        is_message(&kept.event) && chat_id_equal(kept.event.id, redaction->id))
        rc = chat_redact_kept(client->world, &client->chat, redaction->target, &kept.event,
                              found->line.least, redaction->why);
    if (rc != 0)
        complain_of_redaction(client, rc, redaction->target, redaction->msgid);
}

static struct chat_text copy(struct chat_text text, char **at)
{
    struct chat_text copied = {*at, text.length};

    if (text.length > 0)
        memcpy(*at, text.data, text.length);
    *at += text.length;
    return copied;
}

static struct redaction *redaction_new(struct irc_client *client, const struct irc_message *message,
                                       struct chat_id id)
{
    struct chat_text why = irc_param(message, 2);
    struct redaction *redaction = (struct redaction *)irc_reading_new(
        client,
        sizeof *redaction + message->params[0].length + message->params[1].length + why.length, 1);
    char *at;

    if (!redaction)
        return NULL;
    at = redaction->text;
    redaction->id = id;
    redaction->target = copy(message->params[0], &at);
    redaction->msgid = copy(message->params[1], &at);
    redaction->why = copy(why, &at);
    redaction->reading.count = 1;
    redaction->reading.work.run = run;
    redaction->reading.work.done = done;
    return redaction;
}

/* Returns 0 if it goes on later, or why it does not. */
static int look_in_history(struct irc_client *client, const struct irc_message *message,
                           struct chat_id id)
{
    struct redaction *redaction = redaction_new(client, message, id);
    int rc;

    if (!redaction)
        return -ENOMEM;
    rc = chat_place_find(client->world, &client->chat, redaction->target,
                         &redaction->reading.places[0]);
    if (rc == CHAT_NEED_ACCOUNT)
        rc = CHAT_NO_SUCH_MESSAGE;
    if (rc == 0)
        rc = irc_work_begin(client, &redaction->reading.work);
    if (rc != 0)
        irc_reading_free(&redaction->reading.work);
    return rc;
}

/* REDACT target msgid [:reason]. Only who has negotiated it knows the command. */
void irc_do_redact(struct irc_client *client, const struct irc_message *message)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    struct chat_text target = message->params[0];
    struct chat_id id = CHAT_NO_ID;
    int rc = CHAT_NO_SUCH_MESSAGE;

    if (!(caps & IRC_CAP_MESSAGE_REDACTION)) {
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
        return;
    }
    irc_answer_single(client);
    if (irc_msgid_read(message->params[1], &id))
        rc = chat_redact(client->world, &client->chat, target, id, irc_param(message, 2));
    if (rc == CHAT_NO_SUCH_MESSAGE && id.time != 0 && chat_world_history(client->world))
        rc = look_in_history(client, message, id);
    if (rc != 0)
        complain_of_redaction(client, rc, target, message->params[1]);
}
