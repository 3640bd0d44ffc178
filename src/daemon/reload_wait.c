/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/reload.h"

#include <stdlib.h>
#include <string.h>

/* Stands on the stack of who waits. */
struct wait {
    struct pli_mutex lock;
    struct pli_cond changed;
    bool over;      /* (lock) */
    int result;     /* (lock) */
    char *messages; /* (lock) */
};

/* NULL for none, and without memory. */
static char *join(const struct config_errors *messages)
{
    size_t room = 1;
    char *text;
    char *at;

    for (size_t i = 0; i < messages->count; i++)
        room += strlen(messages->messages[i]) + 1;
    text = at = messages->count > 0 ? malloc(room) : NULL;
    for (size_t i = 0; text && i < messages->count; i++) {
        at = stpcpy(at, messages->messages[i]);
        at = stpcpy(at, "\n");
    }
    return text;
}

static void on_reloaded(int result, const struct config_errors *messages, void *argument)
{
    struct wait *wait = argument;

    pli_lock(&wait->lock);
    wait->over = true;
    wait->result = result;
    wait->messages = join(messages);
    pli_cond_signal(&wait->changed); /* before the unlock: afterwards it may be gone */
    pli_unlock(&wait->lock);
}

int reload_wait(struct daemon *daemon, char **messages)
{
    struct wait wait = {0};
    int rc;

    pli_mutex_init(&wait.lock, PLI_RANK_CONFIG);
    pli_cond_init(&wait.changed);
    rc = reload_request(daemon, on_reloaded, &wait);
    if (rc == 0) {
        pli_lock(&wait.lock);
        while (!wait.over)
            pli_cond_wait(&wait.changed, &wait.lock);
        rc = wait.result;
        pli_unlock(&wait.lock);
    }
    pli_cond_deinit(&wait.changed);
    pli_mutex_deinit(&wait.lock);
    *messages = wait.messages;
    return rc;
}
