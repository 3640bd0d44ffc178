/* SPDX-License-Identifier: MIT */
/* A job belongs to its session, which is parked, and while it runs to a helper. */
#include "config.h"

#include "daemon/control_accounts.h"

#include "base/log.h"
#include "daemon/daemon.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct daemon *daemon;
    const struct command *command;
    char *answer; /* whole lines; NULL: no memory */
    char *name;   /* in TEXT, like the password */
    char *password;
    size_t length; /* of TEXT */
    char text[];
};

struct command {
    const char *name;
    bool has_password;
    int (*run)(struct job *job, FILE *out); /* an outcome of accounts, or a negative errno */
};

/* Whoever may use the socket is on this machine, and is asked for nothing. */
static const struct account_who here = {
    .address = "", .nick = "", .fingerprint = "", .is_private = true};

static void print_one(const struct account_view *view, void *argument)
{
    FILE *out = argument;

    fprintf(out, "account: %s %" PRIu64 " %s %s %s\n", view->name, view->created / 1000,
            view->verified ? "verified" : "unverified",
            view->protects ? "protected" : "unprotected", *view->email ? view->email : "*");
}

static int run_list(struct job *job, FILE *out)
{
    return accounts_each(job->daemon->services.accounts, print_one, out);
}

static int run_add(struct job *job, FILE *out)
{
    char name[ACCOUNT_NAME_MAX + 1];
    int rc = strcmp(job->name, "*") == 0
                 ? ACCOUNT_BAD_NAME
                 : account_register(job->daemon->services.accounts, &here, job->name, "*",
                                    job->password, true, name);

    (void)out;
    if (rc == 0) {
        chat_nick_review(job->daemon->services.world, chat_text(name));
        pli_log(PL_LOG_INFO, "the account %s was added on the control socket", name);
    }
    return rc;
}

static int run_password(struct job *job, FILE *out)
{
    int rc = account_set_password(job->daemon->services.accounts, &here, job->name, job->password);

    (void)out;
    if (rc == 0)
        pli_log(PL_LOG_INFO, "the password of %s was changed on the control socket", job->name);
    return rc;
}

static int run_drop(struct job *job, FILE *out)
{
    int rc = account_drop(job->daemon->services.accounts, job->name);

    (void)out;
    if (rc == 0)
        pli_log(PL_LOG_INFO, "the account %s was dropped on the control socket", job->name);
    return rc;
}

static const struct command commands[] = {
    {"list", false, run_list},
    {"add", true, run_add},
    {"password", true, run_password},
    {"drop", false, run_drop},
};

static const char *reason(const struct job *job, int rc)
{
    int state = accounts_state(job->daemon->services.accounts);

    if (rc == ACCOUNT_AWAY && state < 0)
        return store_problem(state);
    if (rc == ACCOUNT_TAKEN)
        return "there is an account of that name already";
    if (rc == ACCOUNT_MISSING)
        return "there is no such account";
    return account_words(rc);
}

static void run_job(void *argument)
{
    struct job *job = argument;
    size_t size = 0;
    FILE *out = open_memstream(&job->answer, &size);
    int rc;

    if (!out)
        return;
    rc = job->command->run(job, out);
    if (rc == 0)
        fputs("ok\n", out);
    else
        fprintf(out, "error: %s\n", reason(job, rc));
    if (fclose(out) == 0)
        return;
    free(job->answer);
    job->answer = NULL;
}

static void free_job(struct job *job)
{
    free(job->answer);
    OPENSSL_cleanse(job->text, job->length);
    free(job);
}

static void finish_job(struct pl_session *session, bool open, void *argument)
{
    struct job *job = argument;

    if (open)
        pl_session_printf(session, "%s", job->answer ? job->answer : "error: out of memory\n");
    free_job(job);
}

/* -- The command -------------------------------------------------------------------------------- */

/* Cuts "add NAME PASSWORD", in place. */
static bool cut(struct job *job)
{
    char *space = strchr(job->text, ' ');

    if (space)
        *space++ = '\0';
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(job->text, commands[i].name) == 0)
            job->command = &commands[i];
    job->name = space;
    if (!job->command || (job->command->run == run_list) != !space)
        return false;
    if (!job->command->has_password)
        return true;
    job->password = strchr(job->name, ' ');
    if (!job->password)
        return false;
    *job->password++ = '\0';
    return true;
}

static bool is_kept(struct daemon *daemon)
{
    struct store *store;

    pli_lock(&daemon->lock);
    store = daemon->store;
    pli_unlock(&daemon->lock);
    return store && store_keeps(store);
}

static struct job *make_job(struct daemon *daemon, const char *text, size_t length)
{
    struct job *job = malloc(sizeof(*job) + length + 1);

    if (!job)
        return NULL;
    *job = (struct job){.daemon = daemon, .length = length};
    memcpy(job->text, text, length);
    job->text[length] = '\0';
    return job;
}

static void begin(struct pl_session *session, const char *text, size_t length)
{
    struct daemon *daemon = pl_session_context(session);
    struct job *job = make_job(daemon, text, length);
    const char *why = NULL;
    int rc;

    if (!job)
        why = "out of memory";
    else if (!cut(job))
        why = "list, add NAME PASSWORD, password NAME PASSWORD or drop NAME expected";
    else if (!is_kept(daemon))
        why = store_problem(-ENOTSUP);
    if (!why) {
        rc = pl_session_work(session, run_job, finish_job, job);
        if (rc == 0)
            return;
        why = store_problem(rc);
    }
    if (job)
        free_job(job);
    pl_session_printf(session, "error: %s\n", why);
}

bool control_accounts(struct pl_session *session, const struct pl_line *line)
{
    static const char name[] = "accounts ";
    size_t length = sizeof(name) - 1;

    if (line->length < length || memcmp(line->text, name, length) != 0)
        return false;
    begin(session, line->text + length, line->length - length);
    pl_session_wipe_line(session);
    return true;
}
