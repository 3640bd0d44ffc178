/* SPDX-License-Identifier: MIT */
/* The IRC service: the chat for IRC clients. paceline-irc(7) tells what it speaks. */
#ifndef IRC_IRC_H
#define IRC_IRC_H

#include "chat/chat.h"
#include "chat/class.h"
#include "base/password.h"
#include "chat/cloak.h"

#include <paceline/network.h>
#include <paceline/service.h>

/* Somebody who may become an operator of the server. */
struct irc_oper {
    const char *name;
    const char *class; /* "": none */
    const char
        *from;       /* where they may come from: patterns of hosts, spaces between; "": anywhere */
    unsigned rights; /* enum chat_right */
    struct pli_password password;
};

/* A network from which gateways bring clients by WEBIRC. */
struct irc_gateway {
    struct pl_network network;
    const char *password; /* NULL: HASH is its hash */
    struct pli_password hash;
};

/* Texts are UTF-8 and are copied. */
struct irc_settings {
    const char *server;      /* the host name by which the server calls itself */
    const char *network;     /* one word */
    const char *description; /* one line */
    const char *contact;     /* where who runs the server is reached; "": nowhere */
    const char *icon;        /* the URL of the network's picture; "": none */
    const char *password;    /* that everybody must give who comes; "": none */
    const char *motd;        /* the lines of the message of the day; "": none */
    unsigned caps_off;       /* capabilities that are not offered (irc/cap.h) */
    size_t line;             /* bytes that a line may have without its tags, its end included */
    unsigned registration_timeout;    /* seconds in which one must have registered; 0: no limit */
    unsigned ping_interval;           /* seconds of silence after which one is pinged; 0: never */
    unsigned sts_port;                /* where TLS is spoken (irc/cap.c); 0: that is not told */
    unsigned sts_duration;            /* seconds for which a client is to remember that */
    unsigned batch_timeout;           /* seconds that a batch may be open; 0: no limit */
    unsigned history_page;            /* lines of the history that are given at once */
    unsigned history_missed;          /* the same for who comes back */
    unsigned history_playback;        /* for who joins, and cannot ask for them; 0: none */
    unsigned flood_rate;              /* cost of commands a second; 0: no flood control */
    unsigned flood_burst;             /* cost at once */
    unsigned metadata_rate;           /* changes a minute; 0: no limit */
    unsigned metadata_burst;          /* changes at once */
    const struct chat_class *classes; /* what differs for those who are in them; NULL: none */
    size_t class_count;
    const struct irc_oper *opers; /* NULL: none */
    size_t oper_count;
    const struct irc_gateway *gateways; /* NULL: none; the first that fits counts */
    size_t gateway_count;
};

enum irc_report {
    IRC_REPORT_PORTS,   /* what is listened on */
    IRC_REPORT_TRAFFIC, /* what has come and gone */
    IRC_REPORT_MEMORY,
};

/* What the service asks of the program that it is part of. */
struct irc_host {
    /*
     * Reads the configuration again and waits until it is in force or has been turned down. Called
     * by a helper thread. Returns 0 or what is wrong, a negative errno if it is that; *MESSAGES are
     * lines about it, to be freed, or NULL.
     */
    int (*reload)(void *context, char **messages);
    /* Stops the server in good order, and starts it again then if AGAIN. By a thread of the pool. */
    void (*stop)(void *context, bool again);
    /* Whether it can be started again; *WHY_NOT is a sentence, static. */
    bool (*may_restart)(void *context, const char **why_not);
    /* Writes what there is to say, lines, to be freed: NULL without memory. Does not wait. */
    char *(*report)(void *context, enum irc_report report);
    void *context;
    const char *file; /* what the configuration is called */
};

struct accounts;
struct irc;
struct irc_snapshot;
struct lookups;

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

/* Whom to ask about those who come; before there are sessions. NULL, as at first: nobody. */
void irc_set_lookups(struct irc *irc, struct lookups *lookups);

/* Which accounts people can have; before there are sessions. NULL, as at first: none. */
void irc_set_accounts(struct irc *irc, struct accounts *accounts);

/* Frees it once all sessions have ended. NULL is allowed. */
void irc_free(struct irc *irc);

/*
 * Replaces the settings: from their next line on for those who are there. SNAPSHOT is one of
 * irc/settings.h, whose reference is taken over. Any thread.
 */
void irc_put_settings(struct irc *irc, struct irc_snapshot *snapshot);

extern const struct pl_service irc_service;

#endif
