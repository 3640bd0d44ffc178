/* SPDX-License-Identifier: MIT */
/*
 * What a helper does for somebody with their account, as it takes long: the session is parked, and goes on
 * with what has come of it. A job has copies of everything, and outlives the person where it must.
 */
#ifndef TALK_JOB_H
#define TALK_JOB_H

#include "account/chanserv.h"
#include "account/nickserv.h"
#include "chat/name.h"
#include "talk/person.h"

struct talk_job {
    /* In the helper, who has nothing but the job. */
    void (*run)(struct talk_job *job);
    /* In a call of the session, if it is still open; the person may begin another job. */
    void (*done)(struct talk_person *person, const struct talk_job *job);

    struct accounts *accounts;
    struct account_who who; /* its texts are the next ones */
    char address[PL_ADDRESS_TEXT];
    char nick[CHAT_NAME_MAX + 1];
    char fingerprint[PL_FINGERPRINT_TEXT];
    char account[CHAT_NAME_MAX + 1]; /* they are logged in to; "": none */

    char name[ACCOUNT_NAME_MAX + 1]; /* of the account it is about */
    char email[ACCOUNT_EMAIL_MAX + 1];
    char *secret; /* a password, a code, or a line with something like it */

    int outcome;
    char name_out[ACCOUNT_NAME_MAX + 1];
    struct nickserv_answer answer;
    struct chanserv_answer channel_answer;
};

/* Makes one for the person, with a copy of SECRET. NULL: no memory, and they are told. */
struct talk_job *talk_job_new(struct talk_person *person, struct chat_text secret);

/* Has it done, or tells the person why not. It is freed in any case. */
void talk_job_begin(struct talk_person *person, struct talk_job *job);

#endif
