/* SPDX-License-Identifier: MIT */
/* FILTER: operators of the server say what may not be said. */
#include "config.h"

#include "irc/command.h"

#include "chat/ban.h"
#include "irc/people.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static void notice(struct irc_client *client, const char *text)
{
    struct irc_line line;

    irc_begin(client, &line, "NOTICE ");
    irc_line_puts(&line, client->nick);
    irc_line_puts(&line, " :");
    irc_line_puts(&line, text);
    irc_emit(client, &line);
}

static void fail(struct irc_client *client, const char *code, struct chat_text context,
                 const char *text)
{
    irc_fail(client, chat_text("FILTER"), code, context, text);
}

/* -- LIST ------------------------------------------------------------------------------------------ */

/* An underscore stands for a space, so that what is listed can be given to ADD again. */
static void put_reason(struct irc_line *line, struct chat_text reason)
{
    for (size_t i = 0; i < reason.length; i++)
        irc_line_put(line, reason.data[i] == ' ' ? chat_text("_")
                                                 : (struct chat_text){reason.data + i, 1});
}

static void show(const struct chat_filter_view *view, void *argument)
{
    char letters[sizeof CHAT_FILTER_LETTERS];
    const struct chat_filter_rule *rule = &view->rule;
    struct irc_client *client = argument;
    struct irc_line line;

    irc_begin(client, &line, "NOTICE ");
    irc_line_puts(&line, client->nick);
    irc_line_puts(&line, " :");
    irc_line_number(&line, view->number);
    irc_line_puts(&line, " ");
    irc_line_put(&line, rule->by);
    irc_line_puts(&line, " ");
    irc_line_number(&line, view->hits);
    irc_line_puts(&line, " ");
    irc_line_number(&line, view->exhausted);
    irc_line_puts(&line, " ");
    irc_line_puts(&line, chat_filter_letters(rule->targets, letters));
    irc_line_puts(&line, " ");
    irc_line_puts(&line, chat_filter_action_name(rule->action));
    if (rule->action == CHAT_FILTER_BAN) {
        irc_line_puts(&line, ":");
        irc_line_number(&line, rule->duration);
        irc_line_puts(&line, "s");
    }
    irc_line_puts(&line, " ");
    put_reason(&line, rule->reason);
    irc_line_puts(&line, " :");
    irc_line_put(&line, rule->pattern);
    irc_emit(client, &line);
}

static void list(struct irc_client *client, const struct irc_message *message)
{
    (void)message;
    chat_filters_each(chat_world_filters(client->world), show, client);
    notice(client, "End of filters");
}

/* -- ADD ------------------------------------------------------------------------------------------- */

/* "block", or "ban:duration"; false: neither. */
static bool read_action(struct chat_text text, struct chat_filter_rule *rule)
{
    const char *colon = memchr(text.data, ':', text.length);
    struct chat_text name = {text.data, colon ? (size_t)(colon - text.data) : text.length};
    uint64_t seconds;

    rule->action = chat_filter_action_find(name);
    rule->duration = CHAT_FILTER_DURATION;
    if (!colon)
        return rule->action != CHAT_FILTER_ACTIONS;
    text.data += name.length + 1;
    text.length -= name.length + 1;
    if (rule->action != CHAT_FILTER_BAN || !chat_duration_parse(text, &seconds) || seconds == 0)
        return false;
    rule->duration = (unsigned)seconds;
    return true;
}

/* The reason with its spaces, if it is one. */
static bool read_reason(struct chat_text text, char *out, struct chat_text *reason)
{
    if (text.length > CHAT_FILTER_REASON_MAX)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] < ' ')
            return false;
        out[i] = text.data[i];
        if (out[i] == '_')
            out[i] = ' ';
    }
    *reason = (struct chat_text){out, text.length};
    return true;
}

static bool has_control(struct chat_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 127)
            return true;
    return false;
}

static void refuse_pattern(struct irc_client *client, int rc,
                           const struct chat_pattern_error *error)
{
    if (rc == -ENOMEM)
        irc_explain(client, rc, "FILTER", CHAT_NO_TEXT);
    else if (rc == -ENOSYS)
        fail(client, "UNSUPPORTED", CHAT_NO_TEXT, error->text);
    else
        fail(client, "INVALID_PATTERN", IRC_NUMBER(error->offset), error->text);
}

static void put_in_force(struct irc_client *client, struct chat_filter *filter)
{
    char letters[sizeof CHAT_FILTER_LETTERS];
    struct chat_filter_view view;
    char text[60];
    int rc = chat_filters_add(chat_world_filters(client->world), filter);

    if (rc == CHAT_MODE_SAME) {
        fail(client, "ALREADY_THERE", CHAT_NO_TEXT, "There is a filter with that pattern");
    } else if (rc == CHAT_LIST_FULL) {
        fail(client, "TOO_MANY_FILTERS", CHAT_NO_TEXT, "There are too many filters");
    } else if (rc != 0) {
        irc_explain(client, rc, "FILTER", CHAT_NO_TEXT);
    } else {
        view = chat_filter_view_of(filter);
        chat_act(client->world, &client->chat, CHAT_NOTICE_FILTER,
                 "has added filter %u (%s, %s): %s", view.number,
                 chat_filter_letters(view.rule.targets, letters),
                 chat_filter_action_name(view.rule.action), view.rule.pattern.data);
        snprintf(text, sizeof text, "Filter %u is in force", view.number);
        notice(client, text);
    }
}

/* FILTER ADD targets action[:duration] reason :pattern */
static void add(struct irc_client *client, const struct irc_message *message)
{
    struct chat_filter_rule rule = {
        .targets = chat_filter_targets(irc_param(message, 1)),
        .pattern = irc_param(message, 4),
        .by = chat_text(client->nick),
    };
    char reason[CHAT_FILTER_REASON_MAX];
    struct chat_pattern_error error;
    struct chat_filter *filter;
    int rc;

    if (message->count < 5) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("FILTER"));
    } else if (rule.targets == 0) {
        fail(client, "INVALID_TARGETS", irc_param(message, 1),
             "Targets are letters of " CHAT_FILTER_LETTERS);
    } else if (!read_action(irc_param(message, 2), &rule)) {
        fail(client, "INVALID_ACTION", irc_param(message, 2),
             "Actions are warn, block, kill and ban[:duration]");
    } else if (!read_reason(irc_param(message, 3), reason, &rule.reason)) {
        fail(client, "INVALID_REASON", CHAT_NO_TEXT, "The reason is too long, or no text");
    } else if (has_control(rule.pattern)) {
        fail(client, "INVALID_PATTERN", chat_text("0"), "it has control characters");
    } else if ((rc = chat_filter_new(&rule, &filter, &error)) != 0) {
        refuse_pattern(client, rc, &error);
    } else {
        put_in_force(client, filter);
        chat_filter_unref(filter);
    }
}

/* -- DEL ------------------------------------------------------------------------------------------- */

/* FILTER DEL number */
static void del(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = irc_param(message, 1);
    struct chat_filter *filter = NULL;
    unsigned number = 0;
    char answer[60];
    int rc;

    if (text.length == 0) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("FILTER"));
        return;
    }
    for (size_t i = 0; i < text.length && i < 9; i++)
        number = text.data[i] >= '0' && text.data[i] <= '9'
                     ? number * 10 + (unsigned)(text.data[i] - '0')
                     : 0;
    rc = chat_filters_remove(chat_world_filters(client->world), text.length > 9 ? 0 : number,
                             &filter);
    if (rc == CHAT_NOT_THERE) {
        fail(client, "NO_SUCH_FILTER", text, "There is no such filter");
    } else if (rc == CHAT_BAD_ARGUMENT) {
        fail(client, "CONFIGURED", text, "The configuration has that filter");
    } else if (rc != 0) {
        irc_explain(client, rc, "FILTER", CHAT_NO_TEXT);
    } else {
        chat_act(client->world, &client->chat, CHAT_NOTICE_FILTER, "has removed filter %u: %s",
                 number, chat_filter_view_of(filter).rule.pattern.data);
        snprintf(answer, sizeof answer, "Filter %u is gone", number);
        notice(client, answer);
    }
    chat_filter_unref(filter);
}

void irc_do_filter(struct irc_client *client, const struct irc_message *message)
{
    static const struct {
        const char *name;
        void (*run)(struct irc_client *client, const struct irc_message *message);
    } subcommands[] = {{"ADD", add}, {"DEL", del}, {"LIST", list}};
    struct chat_text name = message->params[0];

    if (!irc_client_may(client, CHAT_RIGHT_FILTER))
        return;
    for (size_t i = 0; i < sizeof subcommands / sizeof subcommands[0]; i++) {
        if (chat_text_same(name, chat_text(subcommands[i].name))) {
            subcommands[i].run(client, message);
            return;
        }
    }
    fail(client, "UNKNOWN_SUBCOMMAND", name, "There are ADD, DEL and LIST");
}
