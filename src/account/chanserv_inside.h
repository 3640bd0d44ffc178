/* SPDX-License-Identifier: MIT */
/* What the files of ChanServ share. */
#ifndef ACCOUNT_CHANSERV_INSIDE_H
#define ACCOUNT_CHANSERV_INSIDE_H

#include "account/chanserv.h"

#include <stdio.h>

#define CHANSERV_WORDS_MAX 5 /* more than any command takes */

/* A line that is being carried out. */
struct chanserv {
    const struct chanserv_request *request;
    struct chanserv_answer *answer;
    const struct chanserv_command *command;
    FILE *out;                                  /* the answer's lines */
    struct chat_text words[CHANSERV_WORDS_MAX]; /* behind the command; the first is the channel */
    struct chat_text rest; /* from the third word on to the end of the line, with its spaces */
    size_t count;          /* of words */
};

struct chanserv_command {
    const char *name;
    int (*run)(
        struct chanserv *serv); /* an outcome of the chat's, said if it is not 0; or -ENOMEM */
    unsigned least;             /* words */
    unsigned most;
    const char *usage;   /* what stands behind the name */
    const char *help;    /* lines, each with "\n" behind it */
    enum chat_mode mode; /* of those that give a prefix, or take it */
    bool set;
};

/* A line of the answer. */
void chanserv_say(struct chanserv *serv, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For its formats. */
#define CHANSERV_TEXT(text) (int)(text).length, (text).length > 0 ? (text).data : ""

/* How the command is written. */
int chanserv_usage(struct chanserv *serv);

/* Case does not count. */
bool chanserv_is(struct chat_text word, const char *name);

/* A time, for people. */
void chanserv_day(uint64_t milliseconds, char text[static 24]);

int chanserv_access(struct chanserv *serv);
int chanserv_drop(struct chanserv *serv);
int chanserv_getkey(struct chanserv *serv);
int chanserv_info(struct chanserv *serv);
int chanserv_invite(struct chanserv *serv);
int chanserv_register(struct chanserv *serv);
int chanserv_set(struct chanserv *serv);
int chanserv_status(struct chanserv *serv);
int chanserv_transfer(struct chanserv *serv);
int chanserv_unban(struct chanserv *serv);

#endif
