/* SPDX-License-Identifier: MIT */
/*
 * NickServ: how people who type manage their accounts. It takes a line, as it was said to it by
 * whatever protocol, and answers with lines and what is to be done in the chat.
 */
#ifndef ACCOUNT_NICKSERV_H
#define ACCOUNT_NICKSERV_H

#include "account/account.h"

#define NICKSERV_NAME "NickServ"

struct nickserv_request {
    struct account_who who;
    const char *account; /* that they are logged in to; "": none */
    bool may_force;      /* an operator who may register others (SAREGISTER) */
    const char *line;    /* UTF-8 without control characters */
};

enum nickserv_action {
    NICKSERV_NOTHING, /* but that there is ACCOUNT now, unless that is "" */
    NICKSERV_LOGIN,   /* they are logged in to ACCOUNT now */
    NICKSERV_LOGOUT, /* all who are logged in to ACCOUNT are so no longer if DROPPED, else only they */
    NICKSERV_GHOST,      /* whoever bears NICK loses it; the answer is left to who does that */
    NICKSERV_REGAIN,     /* and then they bear it, likewise */
    NICKSERV_CLIENTS,    /* they want to know their clients; the answer is left to who knows */
    NICKSERV_END_CLIENT, /* the one with NUMBER is to go, likewise */
};

struct nickserv_answer {
    char *lines; /* with "\n" behind each; NULL: none, or no memory */
    enum nickserv_action action;
    bool dropped;
    unsigned number;
    char account[ACCOUNT_NAME_MAX + 1];
    char nick[ACCOUNT_NAME_MAX + 1];
};

/* Does what the line says (helper). Returns 0 or -ENOMEM. */
int nickserv_run(struct accounts *accounts, const struct nickserv_request *request,
                 struct nickserv_answer *answer);
void nickserv_answer_deinit(struct nickserv_answer *answer);

/* Whether the line has a secret in it, or may have: it is not to be repeated anywhere. */
bool nickserv_is_secret(const char *line, size_t length);

#endif
