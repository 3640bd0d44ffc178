/* SPDX-License-Identifier: MIT */
/* The IRC service: the chat for IRC clients. paceline-irc(7) tells what it speaks. */
#ifndef IRC_IRC_H
#define IRC_IRC_H

#include "chat/chat.h"
#include "base/password.h"
#include "chat/cloak.h"

#include <paceline/service.h>

/* Somebody who may become an operator of the server. */
struct irc_oper {
    const char *name;
    struct pli_password password;
};

/* Texts are UTF-8 and are copied. */
struct irc_settings {
    const char *server;      /* the host name by which the server calls itself */
    const char *network;     /* one word */
    const char *description; /* one line */
    const char *contact;     /* where who runs the server is reached; "": nowhere */
    const char *password;    /* that everybody must give who comes; "": none */
    const char *motd;        /* the lines of the message of the day; "": none */
    unsigned caps_off;       /* capabilities that are not offered (irc/cap.h) */
    size_t line;             /* bytes that a line may have without its tags, its end included */
    unsigned registration_timeout; /* seconds in which one must have registered; 0: no limit */
    unsigned ping_interval;        /* seconds of silence after which one is pinged; 0: never */
    unsigned flood_rate;           /* cost of commands a second; 0: no flood control */
    unsigned flood_burst;          /* cost at once */
    const struct irc_oper *opers;  /* NULL: none */
    size_t oper_count;
};

/* What the service asks of the program that it is part of. */
struct irc_host {
    /*
     * Reads the configuration again and waits until it is in force or has been turned down. Called
     * by a helper thread. Returns 0 or what is wrong, a negative errno if it is that; *MESSAGES are
     * lines about it, to be freed, or NULL.
     */
    int (*reload)(void *context, char **messages);
    void *context;
    const char *file; /* what the configuration is called */
};

struct irc;
struct irc_snapshot;

/*
 * Makes the context for irc_service: several listeners may share it. WORLD must live as long. Hosts
 * are hidden with KEY. Returns 0 or -ENOMEM.
 */
int irc_new(struct chat_world *world, const struct irc_settings *settings,
            const struct chat_cloak_key *key, struct irc **irc);

/* Hides hosts with another key; before there are sessions. */
void irc_put_key(struct irc *irc, const struct chat_cloak_key *key);

/* Says who can be asked; before there are sessions. HOST is copied, its FILE must live as long. */
void irc_set_host(struct irc *irc, const struct irc_host *host);

/* Frees it once all sessions have ended. NULL is allowed. */
void irc_free(struct irc *irc);

/*
 * Replaces the settings: from their next line on for those who are there. SNAPSHOT is one of
 * irc/settings.h, whose reference is taken over. Any thread.
 */
void irc_put_settings(struct irc *irc, struct irc_snapshot *snapshot);

extern const struct pl_service irc_service;

#endif
