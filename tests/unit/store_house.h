/* SPDX-License-Identifier: MIT */
/* A store in a folder of the test's own, what becomes of changes, and another program on its file. */
#ifndef TESTS_UNIT_STORE_HOUSE_H
#define TESTS_UNIT_STORE_HOUSE_H

#include "base/lock.h"
#include "store/store.h"

#include <sqlite3.h>

#define OUTCOMES_MAX 4096

struct house {
    char *folder;
    char *path; /* of the file */
    struct store_options options;
    struct store *store;
    char why[STORE_WHY];
    struct pli_mutex lock;
    struct pli_cond ended;
    unsigned count;              /* (lock) of outcomes, in the order in which they have come */
    int outcomes[OUTCOMES_MAX];  /* (lock) */
    char keys[OUTCOMES_MAX][24]; /* (lock) what each was about */
};

/* An empty folder, and no store yet. */
void house_init(struct house *house);
void house_deinit(struct house *house);

/* store_open(), whose result is returned; and its end. */
int house_open(struct house *house);
void house_close(struct house *house);

/* Both, and a failure of the test unless it succeeds. */
void house_begin(struct house *house);
void house_end(struct house *house);

/* Changes, of which the texts that are not given are the same for all. */
struct store_change add_account(const char *folded);
struct store_change add_certificate(const char *fingerprint, const char *account);
struct store_change put_ban(enum store_ban_kind kind, const char *mask);
struct store_change put_kept(enum store_kept_kind kind, const char *account, const char *key);
struct store_change put_channel(uint64_t id, const char *name);
struct store_change dropped(struct store_change change);

/* Such a channel as a line that is written. */
#define HOUSE_CHANNEL(name, id)                                                                    \
    "{\"type\":\"channel\",\"name\":\"" name                                                       \
    "\",\"founder\":\"ann\",\"successor\":\"\",\"topic\":"                                         \
    "\"t\",\"topic_by\":\"Ann\",\"modes\":\"nt\",\"lock\":\"\",\"about\":\"\",\"url\":\"\","       \
    "\"id\":" id                                                                                   \
    ",\"created\":1,\"registered\":2,\"topic_set\":3,\"flags\":4,\"history\":5,\"origin\":6}\n"

/* Submits it, with its outcome to be noted. */
int house_submit(struct house *house, struct store_change change);

/* Waits until COUNT outcomes are there. */
void house_wait(struct house *house, unsigned count);

/* Waits until store_state() is STATE. */
void house_wait_state(struct house *house, int state);

/* How many records a query yields. */
unsigned house_count(struct house *house, enum store_query query, const char *key);

/* Another program, which holds the file for writing or altogether; and lets it go. */
sqlite3 *other_program(const struct house *house, const char *sql);
void other_program_ends(sqlite3 *db);

/* Runs SQL on the file while no store has it. */
void change_file(const struct house *house, const char *sql);

#endif
