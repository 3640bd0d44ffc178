/* SPDX-License-Identifier: MIT */
/*
 * The configuration as one immutable snapshot of every setting, defaults included. It is made
 * whole by config_load() or config_defaults(), never changed afterwards, shared by counted
 * references and freed at the last. A reload makes another one and compares (diff.h).
 *
 * Names here begin with config_, as libconfig's do, and none is one of libconfig's: neither header
 * is in the other's way. Only reader.c includes libconfig's.
 */
#ifndef CONFIG_SNAPSHOT_H
#define CONFIG_SNAPSHOT_H

#include "config/errors.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct config_key;

/* What the calls below return beside 0 and -ENOMEM: the errors say why. */
enum { CONFIG_INVALID = 1 };

struct config_server {
    const char *name;
    const char *network;
    const char *description;
    const char *contact;   /* of who runs it; "": none */
    const char *icon;      /* a URL; "": none */
    const char *motd;      /* a file's path; "": none */
    const char *password;  /* of irc; "": none */
    const char *user;      /* "": stay who we are */
    const char *state_dir; /* "": see config_state_dir() */
    const char *control;   /* see config_control_path() */
};

struct config_pool {
    const char *model;
    uint32_t threads; /* 0: as many as there are CPUs */
    uint32_t spare_threads;
    uint32_t batch;
    uint32_t queue;
    uint32_t connection_threads; /* 0: no limit */
    uint32_t helper_threads;
    uint32_t helper_queue;
};

struct config_listener {
    struct config_place place; /* first, as in every element of a list */
    const char *service;
    const char *address; /* canonical, without brackets, or "*"; "" for a Unix socket */
    uint32_t port;       /* 0: one that is free */
    const char *path;    /* "": not a Unix socket */
    uint32_t mode;       /* of the Unix socket */
    uint32_t backlog;
    uint32_t max_line; /* as given, 0: see config_listener_line() */
    uint32_t proxy_protocol;
    uint32_t tls;
};

struct config_tls {
    const char *certificate; /* a file's path */
    const char *key;         /* likewise; "": in the same file */
    const char *min_version;
    const char *ciphers;      /* of TLS 1.2; "": the library's */
    uint32_t ticket_lifetime; /* 0: there are no tickets */
};

/* A certificate beside that of struct config_tls, for clients that name its host. */
struct config_certificate {
    struct config_place place;
    const char *certificate;
    const char *key;
};

/* Who may name another client's address. */
struct config_gateway {
    struct config_place place;
    const char *from; /* as pl_network_parse() reads it */
    uint32_t proxy_protocol;
    const char *webirc_password; /* "": none; a word, or as base/password.h has it */
};

/* People who come from certain addresses, and what holds for them; complete, with what LIMITS say. */
struct config_client_class {
    struct config_place place;
    const char *name;
    const char *from;     /* addresses and prefixes, with spaces between them */
    const char *password; /* of irc; "": none */
    uint32_t connections; /* 0: no limit */
    uint32_t per_address; /* as in config_limits, like all that follow */
    uint32_t recvq;
    uint32_t sendq;
    uint32_t channels_per_user;
    uint32_t registration_timeout;
    uint32_t ping_interval;
    uint32_t flood_rate;
    uint32_t flood_burst;
};

/* What operators of one kind may do. */
struct config_class {
    struct config_place place;
    const char *name;
    const char *rights; /* names, with spaces between them */
};

struct config_dns {
    uint32_t resolve;  /* 1: hosts are shown by their names */
    uint32_t timeout;  /* seconds */
    uint32_t remember; /* seconds */
    uint32_t threads;
    const char *server; /* an IPv4 address; "": those of the system */
    uint32_t port;      /* of it */
};

#define CONFIG_REPLIES_MAX 16u

/* A list of bad addresses. */
struct config_blocklist {
    struct config_place place;
    const char *name;
    const char *replies; /* addresses and prefixes of IPv4, with spaces between them; "": any */
    const char *action;  /* "refuse" or "mark" */
    const char *reason;  /* "": one that names the list */
};

/* Somebody who may become an operator. */
struct config_oper {
    struct config_place place;
    const char *name;
    const char *password; /* as base/password.h has it */
    const char *class;    /* of struct config_class; "": all rights */
    const char *from;     /* where they may come from, with spaces between; "": anywhere */
};

/* Restrictions of the levels of defence: names with spaces between them. */
struct config_defcon {
    const char *level_4;
    const char *level_3;
    const char *level_2;
    const char *level_1;
    const char *message; /* to who is turned away */
    const char *notice;  /* to everybody; "": none */
};

/* What may not be said. */
struct config_filter {
    struct config_place place;
    const char *pattern;
    const char *targets; /* letters */
    const char *action;
    uint32_t duration;  /* seconds, of a ban */
    const char *reason; /* "": the usual one */
};

struct config_limits {
    uint32_t connections;  /* 0: as many as descriptors allow */
    uint32_t per_address;  /* 0: no limit */
    uint32_t connect_rate; /* a minute; 0: no limit */
    uint32_t connect_burst;
    uint32_t prefix_ipv4; /* bits of an address that say whose it is */
    uint32_t prefix_ipv6;
    uint32_t line;
    uint32_t recvq;
    uint32_t sendq;
    uint32_t high_water;
    uint32_t nick_length;
    uint32_t channel_length;
    uint32_t topic_length;
    uint32_t masks_per_list;
    uint32_t bans; /* 0: no limit */
    uint32_t watched_nicks;
    uint32_t redact_messages;      /* 0: nothing can be taken back */
    uint32_t redact_window;        /* seconds; 0: no limit */
    uint32_t channels_per_user;    /* 0: no limit */
    uint32_t registration_timeout; /* seconds, like all that follow; 0: none */
    uint32_t ping_interval;        /* 0: nobody is pinged */
    uint32_t write_timeout;        /* 0: none */
    uint32_t idle_timeout;         /* 0: none */
    uint32_t proxy_timeout;        /* 0: none */
    uint32_t tls_timeout;          /* 0: none */
    uint32_t drain_timeout;        /* 0: do not wait */
    uint32_t flood_rate;           /* lines a second; 0: no flood control */
    uint32_t flood_burst;
    uint32_t metadata_rate; /* changes a minute; 0: no limit */
    uint32_t metadata_burst;
};

struct config_talk {
    const char *lobby;
};

struct config_irc {
    const char *capabilities_off; /* names with spaces between them */
    uint32_t batch_timeout;       /* seconds; 0: none */
    uint32_t sts_port;            /* 0: clients are not told */
    uint32_t sts_duration;        /* seconds */
};

/* Where what outlives a restart is kept. */
struct config_store {
    const char *backend; /* "auto": the best that there is */
    const char *path;    /* of a file, from the state folder */
    uint32_t queue;
    uint32_t busy_timeout; /* seconds */
};

/* What has been said. Truth values are 1 or 0. */
struct config_history {
    uint32_t enabled;
    const char *path; /* of a file, from the state folder */
    uint32_t lines;   /* of a channel or conversation; 0: no limit */
    uint32_t days;    /* 0: no limit */
    uint32_t events;
    uint32_t page;            /* lines that are given at once */
    uint32_t missed;          /* lines for who comes back and cannot ask for them; 0: none */
    uint32_t playback;        /* lines for who joins and cannot ask for them; 0: none */
    uint32_t commit_interval; /* milliseconds */
    uint32_t queue;           /* lines */
    uint32_t queue_bytes;
};

/* Names that are somebody's. Truth values are 1 or 0. */
struct config_accounts {
    uint32_t registration;
    uint32_t before_connect;
    uint32_t custom_account_name;
    uint32_t email_required;
    const char *mail_command; /* a program and its arguments, with spaces between them; "": none */
    uint32_t verify_time;     /* seconds */
    uint32_t min_password;    /* bytes */
    uint32_t plain_text;
    uint32_t iterations;
    uint32_t nick_grace;             /* seconds; 0: nobody is renamed */
    uint32_t registrations_per_hour; /* of an address; 0: no limit */
    uint32_t login_failures;         /* 0: no limit */
    uint32_t login_failure_time;     /* seconds */
    uint32_t certificates;           /* of an account */
    uint32_t multiclient;
    uint32_t sessions;         /* of a user; 0: no limit */
    const char *always_on;     /* "disabled", "opt-in", "opt-out", "mandatory" */
    uint32_t always_on_expiry; /* days; 0: never */
};

/* Channels that are somebody's. */
struct config_channels {
    uint32_t registration; /* 1 or 0 */
    uint32_t per_account;  /* 0: no limit */
    uint32_t access;       /* accounts that have access to one; 0: no limit */
};

struct config_log {
    const char *level;
    const char *target;
};

struct config {
    struct config_server server;
    struct config_pool pool;
    struct config_tls tls;
    struct config_limits limits;
    struct config_talk talk;
    struct config_irc irc;
    struct config_defcon defcon;
    struct config_dns dns;
    struct config_store store;
    struct config_history history;
    struct config_accounts accounts;
    struct config_channels channels;
    struct config_log log;
    struct config_listener *listeners;
    size_t listener_count;
    struct config_certificate *certificates; /* NULL: none */
    size_t certificate_count;
    struct config_gateway *gateways; /* NULL: none */
    size_t gateway_count;
    struct config_client_class *client_classes; /* NULL: none */
    size_t client_class_count;
    struct config_class *classes; /* NULL: none */
    size_t class_count;
    struct config_blocklist *blocklists; /* NULL: none */
    size_t blocklist_count;
    struct config_oper *opers; /* NULL: none */
    size_t oper_count;
    struct config_filter *filters; /* NULL: none */
    size_t filter_count;

    /* Private. */
    struct config_place *places; /* of each row of config_keys; not of rows of lists */
    char **files;                /* names that places point to */
    size_t file_count;
    atomic_size_t references;
};

/*
 * Reads a file and everything it includes. On success *OUT is a snapshot with one reference, the
 * caller's. CONFIG_INVALID: ERRORS, which the caller has initialised, has all that is wrong, at
 * least one message. -ENOMEM: ERRORS may lack some. *OUT is NULL unless 0 is returned.
 */
int config_load(const char *path, struct config **out, struct config_errors *errors);

/*
 * The same of SIZE bytes at TEXT; NAME stands for the file in errors. It may include no file.
 */
int config_load_text(const char *name, const char *text, size_t size, struct config **out,
                     struct config_errors *errors);

/* The snapshot of an empty file. 0 or -ENOMEM. */
int config_defaults(struct config **out);

/* Any thread that has a reference. config_ref() returns its argument; NULL may be unref'd. */
struct config *config_ref(struct config *config);
void config_unref(struct config *config);

/*
 * Writes every setting in force as a configuration file that reads back to the same snapshot, but
 * for gateways and opers that have a password: their entries are comments, without it.
 * Returns 0 or the negative errno of the write that failed.
 */
int config_dump(const struct config *config, FILE *file);

/* Where a setting stands, for errors that come up when it is put to use. */
struct config_place config_place_of(const struct config *config, const char *group,
                                    const char *name);

/* The longest line that a listener takes, in bytes with its end. */
uint32_t config_listener_line(const struct config *config, const struct config_listener *listener);

/*
 * The folder that relative paths in the file start from: server.state_dir or, if that is "", the
 * first of $STATE_DIRECTORY, for root $localstatedir/lib/paceline, for others
 * $XDG_STATE_HOME/paceline or $HOME/.local/state/paceline. Ask before privileges are dropped, and
 * keep the answer: it depends on who asks. *OUT is the caller's to free(). 0, -ENOMEM, or -ENOENT
 * when nothing in the environment says where. The folder may not exist yet.
 */
int config_state_dir(const struct config *config, char **out);

/*
 * A path of the file, taken from STATE_DIR when it is relative. *OUT is the caller's to free().
 * 0, -ENOMEM, or -EINVAL when PATH is "".
 */
int config_path(const char *state_dir, const char *path, char **out);

/*
 * The path of the control socket: server.control, by default control.sock in STATE_DIR. *OUT is
 * NULL when it is "none", else the caller's to free(). 0 or -ENOMEM.
 */
int config_control_path(const struct config *config, const char *state_dir, char **out);

#endif
