/* SPDX-License-Identifier: MIT */
/*
 * Accounts: names that are somebody's, who proves it with a password or a certificate. The store
 * (store/store.h) keeps them; whose a nickname is, is asked all the time and known in memory as well.
 * Nothing here knows a protocol or the chat.
 *
 * Calls marked "helper" wait: for the store, for hashes that take long on purpose, for a program.
 * A service has them made by a helper (pl_session_work()). All others may be made by any thread, under
 * the chat's world lock but not under a channel's, and wait for nothing.
 *
 * Passwords are 1 to ACCOUNT_PASSWORD_MAX bytes of UTF-8 without NUL; they are prepared by SASLprep
 * (RFC 4013) where that is possible and taken as they are where it is not, so that whoever proves to
 * know one by SCRAM (RFC 5802) and whoever sends it mean the same. Only the keys of SCRAM are kept.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "base/password.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCOUNT_NAME_MAX     64  /* bytes: that of a nickname */
#define ACCOUNT_PASSWORD_MAX 592 /* bytes */
#define ACCOUNT_EMAIL_MAX    320
#define ACCOUNT_CODE_MAX     32

struct accounts;
struct account_rules;
struct store;

/* Whether an account stays in the chat while none of its clients is there. */
enum account_always_on {
    ACCOUNT_NEVER_STAYS,
    ACCOUNT_STAYS_IF_WISHED,
    ACCOUNT_STAYS_UNLESS_NOT_WISHED,
    ACCOUNT_STAYS,
};

/* The texts stand as long as the call that takes the settings, which copies them. */
struct account_settings {
    const char *server;       /* its name, for mails */
    const char *network;      /* likewise */
    bool registration;        /* people may register */
    bool before_connect;      /* also before they take part in the chat */
    bool custom_names;        /* also under another name than their nickname */
    bool email_required;      /* they must give an address, and the code that is sent there */
    const char *mail_command; /* that sends it; "": none, and addresses are not verified */
    unsigned min_password;    /* bytes */
    unsigned iterations;      /* of the keys that are made */
    bool plain_text;          /* passwords in clear are taken from other machines */
    unsigned nick_grace;    /* seconds before who bears somebody's name is renamed; 0: nobody is */
    unsigned verify_time;   /* seconds that a code holds; then the name is free again */
    unsigned registrations; /* of an address within an hour; 0: no limit */
    unsigned failures;      /* logins of an account, or from an address, that may fail within
                                   FAILURE_TIME; 0: no limit */
    unsigned failure_time;  /* seconds */
    unsigned certificates;  /* of an account */
    bool multiclient;       /* several clients of an account are one, unless its owner says no */
    enum account_always_on always_on;
};

/* What an owner may wish, or leave as the settings have it. */
enum account_wish {
    ACCOUNT_WISH_MULTICLIENT,
    ACCOUNT_WISH_ALWAYS_ON,
    ACCOUNT_WISH_AUTO_AWAY,
    ACCOUNT_WISHES
};

/* What holds for an account, by the settings and such wishes. */
enum account_policy {
    ACCOUNT_SHARES = 1u << 0,    /* several clients are one */
    ACCOUNT_ALWAYS_ON = 1u << 1, /* it stays while there is none */
    ACCOUNT_AUTO_AWAY = 1u << 2, /* and is away then */
};

/* Why it was not done; calls return 0, one of these, or a negative errno (-ENOMEM, -EIO). */
enum account_outcome {
    ACCOUNT_UNVERIFIED = 1,  /* registered, but the code that was sent is still to come */
    ACCOUNT_TAKEN,           /* there is an account of that name */
    ACCOUNT_MISSING,         /* there is none; nothing to verify; no such certificate */
    ACCOUNT_BAD_NAME,        /* not a name */
    ACCOUNT_NAME_NOT_NICK,   /* it must be the nickname */
    ACCOUNT_WEAK_PASSWORD,   /* too short */
    ACCOUNT_BAD_PASSWORD,    /* too long, or no text */
    ACCOUNT_BAD_EMAIL,       /* not an address, or one that cannot be mailed to */
    ACCOUNT_NEED_EMAIL,      /* an address must be given */
    ACCOUNT_BAD_CODE,        /* that is not the code */
    ACCOUNT_WRONG,           /* not the account's password, proof or certificate; or there is no
                                  such account: nobody is told which */
    ACCOUNT_NEED_PRIVACY,    /* passwords are not taken in clear from there */
    ACCOUNT_CLOSED,          /* people may not register (yet) */
    ACCOUNT_TOO_MANY,        /* too many registrations from there, or certificates of the account */
    ACCOUNT_TOO_OFTEN,       /* too many logins have failed */
    ACCOUNT_BAD_FINGERPRINT, /* not the SHA-256 of a certificate */
    ACCOUNT_AWAY,            /* the store cannot be written or read now; accounts_state() has why */
};

/* Who asks. The texts stand as long as the call. */
struct account_who {
    const char *address;     /* of the peer, as text */
    const char *nick;        /* "": none yet */
    const char *fingerprint; /* of their certificate, hexadecimal in lower case; "": none */
    bool is_private;         /* TLS, or from this machine: nobody listens in */
    bool takes_part;         /* in the chat already */
};

/* What is known of an account. */
struct account_view {
    char name[ACCOUNT_NAME_MAX + 1]; /* as its owner writes it */
    char email[ACCOUNT_EMAIL_MAX + 1];
    uint64_t created; /* milliseconds since 1970 */
    bool verified;
    bool protects; /* its name as a nickname, too */
    bool keeps;    /* what it says may be in the history */
};

/* -- Life --------------------------------------------------------------------------------------- */

/* Makes a room of no accounts. Returns 0 or a negative errno. */
int accounts_new(const struct account_settings *settings, struct accounts **out);
void accounts_free(struct accounts *accounts); /* NULL is allowed */

/* Has them kept by STORE and reads which there are; once. Returns 0 or a negative errno. Waits. */
int accounts_keep(struct accounts *accounts, struct store *store);

/* Takes that back: none are kept. Nobody uses them meanwhile, and the store has nothing to do. */
void accounts_let_go(struct accounts *accounts);

/* Other settings from now on. Returns 0 or -ENOMEM. */
int accounts_configure(struct accounts *accounts, const struct account_settings *settings);

/* The same in two steps, of which only the first, without memory (NULL), can fail. */
struct account_rules *account_rules_new(const struct account_settings *settings);
void account_rules_unref(struct account_rules *rules); /* unless they are put; NULL is allowed */
void accounts_put_rules(struct accounts *accounts, struct account_rules *rules);

/* The texts in it are not set. */
void accounts_settings(struct accounts *accounts, struct account_settings *settings);

/* Whether people can have one at all (the store keeps things), and whether it can be used now: 0 or a
 * negative errno, which store_problem() has words for. */
bool accounts_are_kept(struct accounts *accounts);
int accounts_state(struct accounts *accounts);
size_t accounts_count(struct accounts *accounts);

/*
 * Keys of accounts that there are not (account_keys()) come from a secret, so that they stay the same:
 * from KEY, of LENGTH bytes, which outlives a restart. Without it they do not. 0 or -ENOMEM.
 */
int accounts_put_secret(struct accounts *accounts, const void *key, size_t length);

/* The account that has NICK for its name and protects it, as its owner writes it, or false. LENGTH
 * bytes. */
bool accounts_owner(struct accounts *accounts, const char *nick, size_t length,
                    char owner[static ACCOUNT_NAME_MAX + 1]);

/* What holds for the account of that name, of LENGTH bytes (enum account_policy); 0: there is none. */
unsigned accounts_policy(struct accounts *accounts, const char *name, size_t length);

/* Whether there is an account of that name that one can be logged in to. */
bool accounts_has(struct accounts *accounts, const char *name);

/* When the account of that name was made, in milliseconds since 1970, and whether what it says may be
 * kept; false: there is none that one can be logged in to. LENGTH bytes. */
bool accounts_facts(struct accounts *accounts, const char *name, size_t length, uint64_t *created,
                    bool *keeps);

/* The same, with its name as its owner writes it. LENGTH bytes. */
bool accounts_written(struct accounts *accounts, const char *name, size_t length,
                      char written[static ACCOUNT_NAME_MAX + 1]);

/* Waits until all is kept that was to be (helper). Returns 0 or, as accounts_state(), why it is not. */
int accounts_flush(struct accounts *accounts);

/*
 * Has CHANGED called with the name of an account that is GONE, or whose name is kept as a nickname now
 * and was not before, or the other way round; or whose owner has other wishes, or other words that
 * may be kept. By a thread that holds no lock and waits for nothing, before
 * whoever has changed it hears of it. There is one who watches, before accounts_keep().
 */
void accounts_watch(struct accounts *accounts,
                    void (*changed)(const char *name, bool gone, void *argument), void *argument);

/* -- Registration (helper) ---------------------------------------------------------------------- */

/*
 * NAME "*" is the nickname, EMAIL "*" or "" none. ACCOUNT_UNVERIFIED: the code was sent. FORCED: by an
 * operator, who may do it whatever the settings say, and the account is verified. NAME_OUT has the
 * account's name if the outcome is 0 or ACCOUNT_UNVERIFIED.
 */
int account_register(struct accounts *accounts, const struct account_who *who, const char *name,
                     const char *email, const char *password, bool forced,
                     char name_out[static ACCOUNT_NAME_MAX + 1]);

/* The code that was sent has come. */
int account_verify(struct accounts *accounts, const struct account_who *who, const char *name,
                   const char *code, char name_out[static ACCOUNT_NAME_MAX + 1]);

/* -- Login (helper) ----------------------------------------------------------------------------- */

/*
 * Takes as long whether there is such an account or not, and whatever is wrong, but for accounts whose
 * password was set when the settings had other iterations. NAME_OUT as above.
 * ACCOUNT_WRONG, ACCOUNT_UNVERIFIED, ACCOUNT_TOO_OFTEN, ACCOUNT_NEED_PRIVACY, ACCOUNT_AWAY.
 */
int account_login(struct accounts *accounts, const struct account_who *who, const char *name,
                  const char *password, char name_out[static ACCOUNT_NAME_MAX + 1]);

/*
 * The same by the certificate, of which only one account can be had; NAME "" means whichever has it. Nobody
 * can guess one, so none of these counts as a login that failed, and none is too often.
 */
int account_login_certificate(struct accounts *accounts, const struct account_who *who,
                              const char *name, char name_out[static ACCOUNT_NAME_MAX + 1]);

/*
 * For SCRAM: the keys of an account or, if there is none (or it is not verified), some that nobody has the
 * password of, the same ones each time for that name, with salt and iterations as accounts have them.
 * *KNOWN says which; NAME_OUT is "" then. ACCOUNT_WRONG (NAME is not a name), ACCOUNT_TOO_OFTEN,
 * ACCOUNT_AWAY.
 */
int account_keys(struct accounts *accounts, const struct account_who *who, const char *name,
                 struct pli_password *keys, bool *known,
                 char name_out[static ACCOUNT_NAME_MAX + 1]);

/*
 * What came of a login that somebody else has judged: it counts as one that failed, or ends the count of
 * the account. Returns 0, ACCOUNT_WRONG if it is not right, or ACCOUNT_TOO_OFTEN: so many have failed
 * since account_keys() that this one does not count even if it is right (nobody tries many passwords
 * at once so). -ENOMEM: it is not to be taken for right.
 */
int account_judged(struct accounts *accounts, const struct account_who *who, const char *name,
                   bool right);

/* SASLprep of a password, where that can be; otherwise a copy. NULL without memory. To be cleansed and
 * freed by account_password_free(). */
char *account_password_prepare(const char *password);
void account_password_free(char *password);

/* -- What an owner changes (helper) ---------------------------------------------------------------- */

int account_set_password(struct accounts *accounts, const struct account_who *who, const char *name,
                         const char *password);
int account_set_email(struct accounts *accounts, const char *name, const char *email);
int account_set_protection(struct accounts *accounts, const char *name, bool protects);
int account_set_wish(struct accounts *accounts, const char *name, enum account_wish wish,
                     int value); /* 1: yes, 0: no, -1: as the settings have it */
int account_set_history(struct accounts *accounts, const char *name, bool keeps);
int account_drop(struct accounts *accounts, const char *name);
int account_look(struct accounts *accounts, const char *name, struct account_view *view);

/* FINGERPRINT: of SHA-256, colons and case do not count. */
int account_certificate_add(struct accounts *accounts, const char *name, const char *fingerprint);
int account_certificate_drop(struct accounts *accounts, const char *name, const char *fingerprint);
int account_certificates(struct accounts *accounts, const char *name,
                         void (*visit)(const char *fingerprint, uint64_t added, void *argument),
                         void *argument);

/* All of them, for those who run the server. Visit in no order. */
int accounts_each(struct accounts *accounts,
                  void (*visit)(const struct account_view *view, void *argument), void *argument);

/* An outcome or errno as a sentence, without its stop; static. */
const char *account_words(int outcome);

#endif
