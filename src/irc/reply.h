/* SPDX-License-Identifier: MIT */
/*
 * What is said to one client. Lines go out at once, in the order they are made, unless they answer
 * a command that has a label (IRCv3 labeled-response): then the first one waits, until it is known
 * whether it is the only one, which carries the label itself, or the first of a batch that does. No
 * line at all is an ACK.
 *
 * What has its place in the order of events, of a channel's or of what two people tell each other,
 * must not wait: before such a line the batch is opened, unless the command has said that there
 * will be just this line.
 *
 * A send that fails ends the session in the library, whose close comes later, so nothing is
 * returned.
 */
#ifndef IRC_REPLY_H
#define IRC_REPLY_H

#include "irc/client.h"
#include "irc/line.h"
#include "irc/numeric.h"

#define IRC_LABEL_MAX 64

enum irc_answer_state {
    IRC_UNANSWERED,
    IRC_HELD,     /* one line, which waits */
    IRC_BATCH,    /* a batch is open */
    IRC_ANSWERED, /* by one line with the label */
};

/* How a command with a label is answered; lives as long as the command runs. */
struct irc_answer {
    enum irc_answer_state state;
    bool single; /* there will be one line at most */
    size_t label_length;
    char label[IRC_LABEL_MAX]; /* escaped, as it came */
    struct irc_line held;
};

/* Begins and ends the answer to a command. */
void irc_answer_begin(struct irc_client *client, struct irc_answer *answer, struct chat_text label);
void irc_answer_end(struct irc_client *client);

/* Leaves a batch open, if there is a label, for an answer that goes on with a later call. */
void irc_answer_suspend(struct irc_client *client);
void irc_answer_resume(struct irc_client *client, struct irc_answer *answer);

/* The running command makes one line at most, and need not wait with it; or may make more. */
void irc_answer_single(struct irc_client *client);
void irc_answer_several(struct irc_client *client);

/*
 * Puts the lines until irc_batch_end() into a batch of TYPE (IRCv3 batch), which the client knows:
 * within that of a labelled answer, if there is one. It has a PARAMETER unless that is CHAT_NO_TEXT.
 * An answer in parts suspends it between them.
 */
void irc_batch_begin(struct irc_client *client, const char *type, struct chat_text parameter);
void irc_batch_end(struct irc_client *client);
void irc_batch_suspend(struct irc_client *client);
void irc_batch_resume(struct irc_client *client);

/* Sends a line; its end is put here. */
void irc_emit(struct irc_client *client, struct irc_line *line);

/* The same for a line that has a place in the order of events. */
void irc_emit_in_order(struct irc_client *client, struct irc_line *line);

/* The same for a line that is no part of the answer to the running command. */
void irc_emit_aside(struct irc_client *client, struct irc_line *line);

/* Begins a line from the server: ":server COMMAND". */
void irc_begin(struct irc_client *client, struct irc_line *line, const char *command);

/* NOTICE nick :TEXT, from the server. */
void irc_notice(struct irc_client *client, struct chat_text text);

/* Begins a numeric: ":server 123 nick ". */
void irc_begin_numeric(struct irc_client *client, struct irc_line *line,
                       enum irc_numeric_index numeric);

/* Sends a numeric with its arguments, which are struct chat_text. */
#define irc_reply(client, numeric, ...)                                                            \
    irc_reply_texts(client, numeric, (const struct chat_text[]){{NULL, 0}, ##__VA_ARGS__})
void irc_reply_texts(struct irc_client *client, enum irc_numeric_index numeric,
                     const struct chat_text *arguments);

/* A number as an argument: its text stands until the end of the block. */
#define IRC_NUMBER(number) irc_decimal(number, (char[24]){0})
struct chat_text irc_decimal(uint64_t number, char text[24]);

/* FAIL COMMAND CODE [CONTEXT] :TEXT (IRCv3 standard replies). CONTEXT may be CHAT_NO_TEXT. */
void irc_fail(struct irc_client *client, struct chat_text command, const char *code,
              struct chat_text context, const char *text);

/* The same with any number of contexts, which are struct chat_text. */
#define irc_fail_on(client, command, code, text, ...)                                              \
    irc_standard(client, "FAIL", chat_text(command), code, text,                                   \
                 (const struct chat_text[]){__VA_ARGS__, CHAT_NO_TEXT})

/* The same with any KIND: FAIL, WARN or NOTE. CONTEXTS end with CHAT_NO_TEXT. */
void irc_standard(struct irc_client *client, const char *kind, struct chat_text command,
                  const char *code, const char *text, const struct chat_text *contexts);

/*
 * Says why the chat did not do what COMMAND asked for with NAME: OUTCOME is one of chat/outcome.h
 * or a negative errno.
 */
void irc_explain(struct irc_client *client, int outcome, const char *command,
                 struct chat_text name);

#endif
