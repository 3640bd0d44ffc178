/* SPDX-License-Identifier: MIT */
/*
 * The inside of the accounts, for the files of this room.
 *
 * What is known in memory is a picture of the store's accounts: their names, and whose a nickname
 * is. It follows the store's own changes (store_observe()), so that it is true whoever has made
 * them, in whatever order. Keys are read from the store each time and are in memory no longer
 * than they are used.
 */
#ifndef ACCOUNT_INSIDE_H
#define ACCOUNT_INSIDE_H

#include "account/account.h"
#include "account/throttle.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/lock.h"
#include "store/store.h"

#include <stdatomic.h>

#define ACCOUNT_SECRET 32 /* bytes */

/* What the store keeps of an account in its flags; the numbers stand in files. */
enum {
    ACCOUNT_FLAG_UNVERIFIED = 1u << 0,  /* a code was sent and has not come back */
    ACCOUNT_FLAG_UNPROTECTED = 1u << 1, /* others may have its name as their nickname */
    ACCOUNT_FLAG_WISHES = 1u << 2,      /* the first of two for each enum account_wish: yes, no */
    ACCOUNT_FLAG_UNKEPT = 1u << 8,      /* what it says is not to be in the history */
};

#define ACCOUNT_FLAG_YES(wish) (ACCOUNT_FLAG_WISHES << 2 * (unsigned)(wish))
#define ACCOUNT_FLAG_NO(wish)  (ACCOUNT_FLAG_YES(wish) << 1)

/* Those by which somebody outside decides something. */
#define ACCOUNT_FLAGS_TOLD                                                                         \
    (ACCOUNT_FLAG_UNPROTECTED | ACCOUNT_FLAG_UNKEPT |                                              \
     (ACCOUNT_FLAG_YES(ACCOUNT_WISHES) - ACCOUNT_FLAG_WISHES))

/* Settings as they were at some time, with their texts. Counted. */
struct account_rules {
    atomic_uint references;
    struct account_settings settings;
    char texts[];
};

/* An account in memory. */
struct account_entry {
    struct pli_hash_node node; /* in accounts.names; the key is the folded name */
    struct pli_list link; /* in accounts.coming, then in accounts.waiting if it is unverified */
    uint64_t created;
    uint64_t flags;
    uint64_t sent;
    size_t length;
    char text[]; /* the name and a NUL, then the same folded */
};

struct accounts {
    struct pli_mutex lock;                 /* PLI_RANK_ACCOUNT */
    struct account_rules *rules;           /* (lock) */
    struct pli_hash names;                 /* (lock) of struct account_entry */
    struct pli_list coming;                /* (lock) entries of accounts that are being added */
    uint64_t created;                      /* (lock) account_time(), the last */
    unsigned char secret[ACCOUNT_SECRET];  /* (lock) for keys of accounts that there are not */
    struct pli_list waiting;               /* (lock) entries of the unverified, oldest first */
    struct account_throttle failures;      /* (lock) by folded name */
    struct account_throttle failures_from; /* (lock) by address */
    struct account_throttle registrations; /* (lock) by address */
    struct account_mechanisms *mechanisms; /* const after new */
    _Atomic(struct store *) store;         /* NULL: none yet */
    void (*changed)(const char *name, bool gone,
                    void *argument); /* const once they are kept; or NULL */
    void *changed_argument;          /* likewise */
    atomic_ulong derivations;        /* of keys from passwords, ever */
    uint64_t (*now)(void);           /* const after new: nanoseconds, monotonic */
    uint64_t (*wall)(void);          /* const after new: milliseconds since 1970 */
};

/* The settings in force, with a reference of the caller's. */
struct account_rules *account_rules_get(struct accounts *accounts);

/*
 * The time for an account that is made now, in milliseconds since 1970: no other one that is made
 * here has the same, so that it says which one of a name is meant.
 */
uint64_t account_time(struct accounts *accounts);

/*
 * An entry for an account that its caller is about to add, so that it is known as soon as it is there,
 * whatever memory there is then; NULL without memory. It is ended when the store has answered.
 */
struct account_entry *account_coming_add(struct accounts *accounts,
                                         const struct store_account *account);
void account_coming_end(struct accounts *accounts, struct account_entry *entry, bool added);

/* The one of that folded name, not longer than that; NULL: there is none. With the lock. */
struct account_entry *account_find_locked(struct accounts *accounts, const char *folded,
                                          size_t length);

/* What is known in memory of a folded name; *CREATED is set unless it is unknown. */
enum account_known {
    ACCOUNT_IS_UNKNOWN,
    ACCOUNT_IS_KNOWN,
    ACCOUNT_IS_OVER, /* account_is_over(): the name is free */
};
enum account_known account_known(struct accounts *accounts, const struct account_settings *settings,
                                 const char *folded, uint64_t *created);

/* Has one dropped that is over, if there is one, without waiting for it. */
void account_sweep(struct accounts *accounts, const struct account_settings *settings);

/* A name as it is compared; false if it is not a name. */
bool account_fold(const char *name, char folded[static ACCOUNT_NAME_MAX + 1]);

/* An account as the store has it. */
struct account_record {
    bool found;
    char folded[ACCOUNT_NAME_MAX + 1];
    struct account_view view;
    struct pli_password keys;
    bool has_keys;                 /* that can be read */
    char code[STORE_CODE_MAX + 1]; /* account_code_digest() */
    uint64_t flags;
    uint64_t sent;
};

/*
 * Reads the account of a folded name, or the one that has a certificate. Returns 0, ACCOUNT_MISSING,
 * ACCOUNT_AWAY or -ENOMEM. What an account_record holds is to be cleansed by its deinit, always.
 */
int account_read(struct accounts *accounts, enum store_query query, const char *key,
                 struct account_record *record);
void account_record_deinit(struct account_record *record);

/* Whether it waits for a code that comes too late by now: then it is as if it were not there. */
bool account_is_over(const struct accounts *accounts, const struct account_settings *settings,
                     uint64_t flags, uint64_t sent);

/* store_apply(), whose errors become outcomes: ACCOUNT_AWAY but for -ENOMEM. */
int account_apply(struct accounts *accounts, const struct store_change *change);
int account_outcome_of(int error);

/* Whether the store can be used: 0 or ACCOUNT_AWAY. */
int account_can_write(struct accounts *accounts);

/* Whether a password can be set, and the keys of one, with a salt of its own. */
int account_password_check(const char *password, unsigned least);
int account_make_keys(struct accounts *accounts, const struct account_settings *settings,
                      const char *password, char text[static PLI_PASSWORD_TEXT]);

/*
 * Whether it is the password: 1, 0, or -ENOMEM. One derivation, always, of the keys' iterations.
 */
int account_try_password(struct accounts *accounts, const struct pli_password *keys,
                         const char *password);

/* Whether it is an address to which mail can be sent; not more than how it is written. */
bool account_email_is_good(const char *email);
/* "*" and "" are none. */
const char *account_email_given(const char *email);

/* The code that is sent, and what is kept of it. */
#define ACCOUNT_CODE_LENGTH 16
#define ACCOUNT_CODE_KEPT   65
int account_code_make(char code[static ACCOUNT_CODE_LENGTH + 1]);
int account_code_digest(const char *folded, const char *code, char text[static ACCOUNT_CODE_KEPT]);

/* What an address counts as: itself, of IPv6 its network. False: it is not counted, as this machine's. */
struct account_origin {
    unsigned char bytes[17];
};
bool account_origin(const char *address, struct account_origin *origin);

/* What holds for an account with those flags: enum account_policy. */
unsigned account_policy_of(const struct account_settings *settings, uint64_t flags);

void account_view_of(const struct store_account *account, struct account_view *view);

#endif
