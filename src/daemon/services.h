/* SPDX-License-Identifier: MIT */
/* The protocols that listeners can serve, and the world that they share. */
#ifndef DAEMON_SERVICES_H
#define DAEMON_SERVICES_H

#include "account/account.h"
#include "chat/chat.h"
#include "chat/history.h"
#include "config/snapshot.h"
#include "daemon/filters.h"
#include "irc/irc.h"
#include "lookup/lookup.h"
#include "talk/talk.h"

struct pl_server;
struct pl_service;
struct history;
struct pl_timer;
struct store;

struct services {
    struct chat_world *world;
    struct talk *talk;
    struct irc *irc;
    struct lookups *lookups;
    struct accounts *accounts;
    struct pl_timer *holds;    /* for who bears another one's nickname; NULL: nobody is renamed */
    struct pl_timer *channels; /* for what could not be kept of them; NULL: it is not tried again */
    struct pl_timer *kept;     /* likewise, of accounts */
};

/* What a snapshot says about them; its strings are the snapshot's. */
struct services_settings {
    struct chat_settings chat;
    struct talk_settings talk;
    struct irc_settings irc;
    char *motd; /* the text of the message of the day */
    struct irc_oper *opers;
    struct irc_gateway *gateways;
    struct chat_class *classes;
    struct filters_settings filters;
    struct chat_defcon_settings defcon;
    struct lookup_settings lookup;
    struct lookup_list *lists;
    unsigned lookup_threads;
    struct account_settings accounts;
};

/*
 * Puts together what CONFIG says, and reads the file that it names (relative paths from STATE_DIR,
 * which may be NULL). Returns 0, CONFIG_INVALID when ERRORS says why not, or -ENOMEM; SETTINGS need
 * no deinit then. It may wait for the disk.
 */
int services_read(struct services_settings *settings, const struct config *config,
                  const char *state_dir, struct config_errors *errors);
void services_settings_deinit(struct services_settings *settings);

/* Makes the world and what stands in it. Returns 0 or a negative errno. */
int services_init(struct services *services, const struct services_settings *settings,
                  const struct chat_cloak_key *key);

/*
 * Has nicknames go back to their owners, and channels kept that could not be before, while SERVER runs;
 * before it does. Returns 0 or -ENOMEM.
 */
int services_time(struct services *services, struct pl_server *server);

/* Has hosts hidden with another key; before there are sessions but for echo. Returns 0 or -ENOMEM. */
int services_put_key(struct services *services, const struct chat_cloak_key *key);

/*
 * Has bans, accounts and channels kept by STORE; KEPT says how many there were. Once it has succeeded, never again. Returns 0 or a negative errno,
 * and then nobody knows of it. While there are no sessions of people. Waits for the disk.
 */
struct services_kept {
    size_t bans;
    size_t channels;
};
int services_keep(struct services *services, struct store *store, struct services_kept *kept);

/* Has what is said kept by HISTORY, whose latest id is NEWEST; likewise. Returns 0 or -ENOMEM. */
int services_put_history(struct services *services, struct history *history, uint64_t newest);

/*
 * Ends what works for them, and has written what is kept, when the server does not run any more but
 * before it is freed.
 */
void services_stop(struct services *services);

/* When no session is left. */
void services_deinit(struct services *services);

/* Puts other settings in force, all or none. Returns 0 or a negative errno. Any thread. */
int services_apply(struct services *services, const struct services_settings *settings);

/* The service that a listener of the configuration names, and its context. */
const struct pl_service *services_find(const struct services *services, const char *name,
                                       void **context);

#endif
