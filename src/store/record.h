/* SPDX-License-Identifier: MIT */
/*
 * What the store keeps, and what can be done to it. Texts are UTF-8 without CR and LF, and end with a
 * NUL; an empty one stands for none.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of texts, at most. */
#define STORE_NAME_MAX        256
#define STORE_KEYS_MAX        1023
#define STORE_EMAIL_MAX       320 /* RFC 5321, 4.5.3.1 */
#define STORE_CODE_MAX        128
#define STORE_FINGERPRINT_MAX 128
#define STORE_MASK_MAX        255
#define STORE_REASON_MAX      511
#define STORE_VALUE_MAX       1023
#define STORE_TOPIC_MAX       4096
#define STORE_MODES_MAX       511
#define STORE_ABOUT_MAX       511

struct store_account {
    const char *folded; /* the name where case does not count: this is what is unique */
    const char *name;   /* as its owner writes it */
    const char *keys;   /* of SCRAM; never logged */
    const char *email;
    const char *code; /* what stands for one that was sent there; never logged */
    uint64_t created; /* milliseconds since 1970 */
    uint64_t flags;
    uint64_t sent; /* when the code was; milliseconds since 1970 */
};

/* Whoever comes with a certificate of that fingerprint may use the account. One has one account. */
struct store_certificate {
    const char *fingerprint;
    const char *account; /* folded */
    uint64_t added;      /* milliseconds since 1970 */
};

/* The numbers stand in files. */
enum store_ban_kind {
    STORE_BAN_USER = 0,
    STORE_BAN_ADDRESS = 1,
    STORE_BAN_CHANNEL = 2,
    STORE_BAN_KINDS
};

/* There is one of a kind and a mask, in which the case of ASCII letters does not count. */
struct store_ban {
    enum store_ban_kind kind;
    const char *mask;
    const char *reason;
    const char *by;   /* who has set it */
    uint64_t set;     /* milliseconds since 1970 */
    uint64_t expires; /* the same; 0: never */
};

/* The numbers stand in files. */
enum store_kept_kind {
    STORE_KEPT_MARKER = 0,   /* up to when it has read what is said under the name KEY: NUMBER */
    STORE_KEPT_METADATA = 1, /* of its owner, who has VALUE under KEY */
    STORE_KEPT_CHANNEL = 2,  /* that its user is in VALUE, folded KEY, with the prefix NUMBER */
    STORE_KEPT_PRESENCE = 3, /* what that user is: VALUE or NUMBER */
    STORE_KEPT_KINDS
};

/* What the chat keeps of an account: VALUE and NUMBER under KEY. There is one of a kind and a key. */
struct store_kept {
    enum store_kept_kind kind;
    const char *account; /* folded */
    const char *key;
    const char *value;
    uint64_t number;
};

/*
 * A channel that is somebody's. What it is found by is a number that no other one has, wherever it was
 * registered, so that it can be given another name; no two have the same name, but a store does not
 * see to that.
 */
struct store_channel {
    uint64_t id; /* not 0 */
    const char *name;
    const char *founder;   /* an account, folded */
    const char *successor; /* likewise: who has it when that account is dropped */
    const char *topic;
    const char *topic_by;
    const char *modes; /* as the chat writes them */
    const char *lock;  /* likewise: those that stay as they are */
    const char *about;
    const char *url;
    uint64_t created;    /* milliseconds since 1970, like those that follow */
    uint64_t registered; /* since when it is somebody's */
    uint64_t topic_set;
    uint64_t flags;
    uint64_t history,
        origin; /* the id under which the chat keeps what is said there; 0: none yet */
};

/* Who has a place in a channel, by their account. There is one of a channel and an account. */
struct store_access {
    uint64_t channel;    /* its number */
    const char *account; /* folded */
    const char *by;      /* who has given it */
    uint64_t level;
    uint64_t added; /* milliseconds since 1970 */
};

/* The numbers stand in files. */
enum store_mask_kind {
    STORE_MASK_BAN = 0,
    STORE_MASK_EXCEPTION = 1,
    STORE_MASK_INVITE = 2,
    STORE_MASK_KINDS
};

/* A mask of a channel's lists; there is one of a channel, a kind and a mask, the case of which does not
 * count. */
struct store_mask {
    uint64_t channel; /* its number */
    enum store_mask_kind kind;
    const char *mask;
    const char *by;
    uint64_t set; /* milliseconds since 1970 */
};

enum store_kind {
    STORE_ACCOUNT,
    STORE_CERTIFICATE,
    STORE_BAN,
    STORE_KEPT,
    STORE_CHANNEL,
    STORE_ACCESS,
    STORE_MASK,
    STORE_KINDS
};

struct store_record {
    enum store_kind kind;
    union {
        struct store_account account;
        struct store_certificate certificate;
        struct store_ban ban;
        struct store_kept kept;
        struct store_channel channel;
        struct store_access access;
        struct store_mask mask;
    };
};

/* What is done to a record; an outcome that is not 0 leaves everything as it was. */
enum store_operation {
    STORE_ADD,    /* STORE_TAKEN: there is one. What it is of, an account or a channel, may be
                     STORE_MISSING */
    STORE_PUT,    /* not of accounts and certificates: adds it, or replaces the one that there is */
    STORE_CHANGE, /* of accounts only, see below. STORE_MISSING */
    STORE_DROP, /* of an account with its certificates and what is kept of it, of a channel with all it
                     has. STORE_MISSING */
};

/*
 * To change an account is to replace name, keys, e-mail and code, where they are not NULL, with a code
 * also when it was sent, and those of its flags that FLAG_MASK has. It is changed or dropped only if
 * it was created at IF_CREATED, unless that is 0: another one may have its name since. To drop a record takes only what it is found by: the folded name, the
 * fingerprint, kind and mask, kind, account and key, the channel's number, and with it the account, or
 * kind and mask; the other texts may be NULL. A certificate is dropped only if it is
 * the account's, unless that is NULL.
 */
struct store_change {
    enum store_operation operation;
    struct store_record record;
    uint64_t flag_mask;
    uint64_t if_created;
};

/* What comes of a change that could be tried; and of asking for one record. */
enum { STORE_TAKEN = 1, STORE_MISSING = 2 };

/*
 * Whether it is a change at all, with texts that fit. Returns NULL, or the name of the field with
 * which something is wrong.
 */
const char *store_change_fault(const struct store_change *change);

/* A copy of the change, with its texts, in one piece that is to be freed; NULL without memory. */
struct store_change *store_change_copy(const struct store_change *change);

/*
 * "account", "certificate", "ban", "kept", "channel", "access", "mask"; "user", "address", "channel";
 * "marker" and so on; "ban", "exception", "invite".
 */
const char *store_kind_name(enum store_kind kind);
const char *store_ban_kind_name(enum store_ban_kind kind);
const char *store_kept_kind_name(enum store_kept_kind kind);
const char *store_mask_kind_name(enum store_mask_kind kind);

/* The texts of a record, for those who go through all of them. Returns how many there are. */
#define STORE_FIELDS_MAX 9
struct store_field {
    const char *name;
    const char **text;
    size_t most;    /* bytes */
    bool is_key;    /* what a record is found by */
    bool is_filled; /* it is never empty */
};
size_t store_record_fields(struct store_record *record,
                           struct store_field fields[static STORE_FIELDS_MAX]);

/* The same of its numbers, but for kinds of bans and masks. */
#define STORE_NUMBERS_MAX 7
struct store_number {
    const char *name;
    uint64_t *value;
    bool is_key; /* what a record is found by: not 0 */
};
size_t store_record_numbers(struct store_record *record,
                            struct store_number numbers[static STORE_NUMBERS_MAX]);

#endif
