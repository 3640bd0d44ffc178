/* SPDX-License-Identifier: MIT */
/* What the files of NickServ share. */
#ifndef ACCOUNT_NICKSERV_INSIDE_H
#define ACCOUNT_NICKSERV_INSIDE_H

#include "account/nickserv.h"

#include <stdio.h>

#define NICKSERV_WORDS_MAX 5 /* more than any command takes */

/* A line that is being carried out. */
struct nickserv {
    struct accounts *accounts;
    const struct nickserv_request *request;
    struct nickserv_answer *answer;
    const struct nickserv_command *command;
    FILE *out;                       /* the answer's lines */
    char *words[NICKSERV_WORDS_MAX]; /* behind the command; NULL: there is none */
};

enum {
    NICKSERV_LOGGED_IN = 1u << 0, /* for who is logged in */
    NICKSERV_FORCE = 1u << 1,     /* for operators who may */
    NICKSERV_SECRET = 1u << 2,    /* there is a secret in it */
};

struct nickserv_command {
    const char *name;
    int (*run)(struct nickserv *serv); /* 0 or -ENOMEM */
    unsigned least;                    /* words */
    unsigned most;
    unsigned flags;
    const char *usage; /* what stands behind the name */
    const char *help;  /* lines, each with "\n" behind it */
};

/* A line of the answer. */
void nickserv_say(struct nickserv *serv, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says why not. OUTCOME is not 0. Returns -ENOMEM if it is that, else 0. */
int nickserv_refuse(struct nickserv *serv, int outcome);

/* How the command is written. */
int nickserv_usage(struct nickserv *serv);

/* Case does not count. */
bool nickserv_is(const char *word, const char *name);

int nickserv_register(struct nickserv *serv);
int nickserv_verify(struct nickserv *serv);
int nickserv_identify(struct nickserv *serv);
int nickserv_logout(struct nickserv *serv);
int nickserv_passwd(struct nickserv *serv);
int nickserv_info(struct nickserv *serv);
int nickserv_drop(struct nickserv *serv);
int nickserv_cert(struct nickserv *serv);
int nickserv_ghost(struct nickserv *serv);
int nickserv_regain(struct nickserv *serv);
int nickserv_set(struct nickserv *serv);
int nickserv_clients(struct nickserv *serv);
int nickserv_saregister(struct nickserv *serv);

#endif
