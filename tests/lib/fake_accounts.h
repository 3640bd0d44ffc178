/* SPDX-License-Identifier: MIT */
/*
 * Accounts for who logs in, without a store and without waiting: there is one, FAKE_ACCOUNT, with its
 * password and its certificate. What is there of account.h and nickserv.h is what src/account/sasl.c,
 * src/account/chanserv.c, src/irc and src/talk call, and no more; a program that has this has not the real ones.
 */
#ifndef TESTS_LIB_FAKE_ACCOUNTS_H
#define TESTS_LIB_FAKE_ACCOUNTS_H

#include "account/nickserv.h"

#include <pthread.h>
#include <stdatomic.h>

#define FAKE_ACCOUNT     "Alice"
#define FAKE_PASSWORD    "pencil \xc3\xa4"
#define FAKE_ODD         "key \xf0\x9f\x94\x91" /* its other one: with a character SASLprep does not know */
#define FAKE_FINGERPRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define FAKE_CODE    "1234"
#define FAKE_PRIVATE "hunter2" /* part of any password that is to be seen nowhere */

/*
 * Others can be registered and verified, and passwords changed, by anybody, but none of it is kept: what
 * was asked for last stands in DONE. NickServ answers what it was told, in two lines; if the first word
 * is LOGIN, LOGOUT, DROP, GHOST or REGAIN it wants that done with the second one.
 */
struct accounts {
    struct account_mechanisms *mechanisms;
    bool kept;
    bool plain_text;
    int state;
    int refusal; /* of every login, and of keys; 0: they are judged */
    int verdict; /* of those that are judged elsewhere; 0: as they were */
    struct pli_password keys;
    char done[512];
    atomic_uint right; /* how often somebody has been judged so, wherever */
    atomic_uint wrong;
    pthread_mutex_t lock;
    char name[ACCOUNT_NAME_MAX + 1]; /* (lock) that was judged last */
};

/* Makes the account. Returns 0 or a negative errno. */
int fake_accounts_init(struct accounts *accounts);
void fake_accounts_deinit(struct accounts *accounts);

#endif
