/* SPDX-License-Identifier: MIT */
/* What can be done to records, and when one hears of it. */
#include "config.h"

#include "store/lines.h"
#include "tests/unit/store_house.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct house house;

#define APPLY(change, expected)                                                                    \
    do {                                                                                           \
        struct store_change applied = (change);                                                    \
        EXPECT_RESULT(store_apply(house.store, &applied), expected);                               \
    } while (0)

/* A record as one line. */
static int print(const struct store_record *record, void *argument)
{
    FILE *file = argument;
    const struct store_account *account = &record->account;
    const struct store_certificate *certificate = &record->certificate;
    const struct store_ban *ban = &record->ban;

    if (record->kind == STORE_ACCOUNT)
        fprintf(file, "account %s %s %s <%s> %llu %llu\n", account->folded, account->name,
                account->keys, account->email, (unsigned long long)account->created,
                (unsigned long long)account->flags);
    else if (record->kind == STORE_CERTIFICATE)
        fprintf(file, "certificate %s %s %llu\n", certificate->fingerprint, certificate->account,
                (unsigned long long)certificate->added);
    else if (record->kind == STORE_KEPT)
        fprintf(file, "%s %s %s <%s> %llu\n", store_kept_kind_name(record->kept.kind),
                record->kept.account, record->kept.key, record->kept.value,
                (unsigned long long)record->kept.number);
    else if (record->kind > STORE_BAN)
        EXPECT_RESULT(store_line_write(record, file), 0);
    else
        fprintf(file, "ban %s %s <%s> %s %llu %llu\n", store_ban_kind_name(ban->kind), ban->mask,
                ban->reason, ban->by, (unsigned long long)ban->set,
                (unsigned long long)ban->expires);
    return 0;
}

static void expect_records(struct place place, enum store_query query, const char *key,
                           const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    int rc = store_read(house.store, query, key, print, file);

    fclose(file);
    if (rc < 0)
        expect_fail(place, "cannot read: %d", rc);
    if (strcmp(text, expected) != 0)
        expect_fail(place, "expected:\n%sgot:\n%s", expected, text);
    free(text);
}
#define EXPECT_RECORDS(query, key, text) expect_records(HERE, query, key, text)

static void accounts_are_added_changed_and_dropped(void)
{
    struct store_change change = {
        .operation = STORE_CHANGE,
        .record = {.kind = STORE_ACCOUNT, .account = {.folded = "ann", .keys = "new", .flags = 2}},
        .flag_mask = 3,
    };

    house_begin(&house);
    APPLY(add_account("ann"), 0);
    APPLY(add_account("ann"), STORE_TAKEN);
    APPLY(add_account("bob"), 0);
    EXPECT_RECORDS(STORE_ACCOUNT_NAMED, "ann", "account ann ann keys <> 1 5\n");
    APPLY(change, 0);
    EXPECT_RECORDS(STORE_ACCOUNT_NAMED, "ann", "account ann ann new <> 1 6\n");
    change.record.account = (struct store_account){.folded = "ann", .email = "a@b", .name = "Ann"};
    change.flag_mask = 0;
    APPLY(change, 0);
    EXPECT_RECORDS(STORE_ALL_ACCOUNTS, NULL,
                   "account ann Ann new <a@b> 1 6\naccount bob bob keys <> 1 5\n");
    change.record.account.folded = "eve";
    APPLY(change, STORE_MISSING);
    APPLY(dropped(add_account("ann")), 0);
    APPLY(dropped(add_account("ann")), STORE_MISSING);
    EXPECT_RECORDS(STORE_ALL_ACCOUNTS, NULL, "account bob bob keys <> 1 5\n");
    EXPECT_RECORDS(STORE_ACCOUNT_NAMED, "ann", "");
    house_end(&house);
}

static int take_code(const struct store_record *record, void *argument)
{
    snprintf(argument, 40, "%s %llu", record->account.code,
             (unsigned long long)record->account.sent);
    return 0;
}

static void a_code_is_kept_with_the_time_when_it_was_sent(void)
{
    struct store_change change = add_account("ann");
    char found[40];

    house_begin(&house);
    change.record.account.code = "c0de";
    change.record.account.sent = 77;
    APPLY(change, 0);
    EXPECT_RESULT(store_read(house.store, STORE_ACCOUNT_NAMED, "ann", take_code, found), 0);
    CU_ASSERT_STRING_EQUAL(found, "c0de 77");
    change.operation = STORE_CHANGE;
    change.record.account = (struct store_account){.folded = "ann", .sent = 99};
    APPLY(change, 0);
    EXPECT_RESULT(store_read(house.store, STORE_ACCOUNT_NAMED, "ann", take_code, found), 0);
    CU_ASSERT_STRING_EQUAL(found, "c0de 77");
    change.record.account.code = "";
    APPLY(change, 0);
    EXPECT_RESULT(store_read(house.store, STORE_ACCOUNT_NAMED, "ann", take_code, found), 0);
    CU_ASSERT_STRING_EQUAL(found, " 99");
    house_end(&house);
}

static void an_account_that_was_made_since_is_let_alone(void)
{
    struct store_change change = {
        .operation = STORE_CHANGE,
        .record = {.kind = STORE_ACCOUNT, .account = {.folded = "ann", .keys = "new"}},
        .if_created = 2,
    };

    house_begin(&house);
    APPLY(add_account("ann"), 0); /* created at 1 */
    APPLY(change, STORE_MISSING);
    APPLY(dropped(change), STORE_MISSING);
    EXPECT_RECORDS(STORE_ALL_ACCOUNTS, NULL, "account ann ann keys <> 1 5\n");
    change.if_created = 1;
    APPLY(change, 0);
    EXPECT_RECORDS(STORE_ALL_ACCOUNTS, NULL, "account ann ann new <> 1 5\n");
    APPLY(dropped(change), 0);
    EXPECT_RECORDS(STORE_ALL_ACCOUNTS, NULL, "");
    house_end(&house);
}

static void see(const struct store_change *change, int outcome, void *argument)
{
    char *seen = argument;
    size_t used = strlen(seen);

    snprintf(seen + used, 80 - used, "%d%s%d ", (int)change->operation,
             change->record.account.folded, outcome);
}

static void whoever_observes_sees_what_was_done_in_its_order(void)
{
    char seen[80] = "";

    house_begin(&house);
    store_observe(house.store, see, seen);
    APPLY(add_account("ann"), 0);
    APPLY(add_account("ann"), STORE_TAKEN);
    APPLY(add_account("bob"), 0);
    APPLY(dropped(add_account("ann")), 0);
    APPLY(dropped(add_account("ann")), STORE_MISSING);
    EXPECT_RESULT(store_flush(house.store), 0);
    CU_ASSERT_STRING_EQUAL(seen, "0ann0 0bob0 3ann0 ");
    house_end(&house);
}

static void certificates_belong_to_one_account(void)
{
    house_begin(&house);
    APPLY(add_certificate("f1", "ann"), STORE_MISSING);
    APPLY(add_account("ann"), 0);
    APPLY(add_account("bob"), 0);
    APPLY(add_certificate("f1", "ann"), 0);
    APPLY(add_certificate("f2", "ann"), 0);
    APPLY(add_certificate("f3", "bob"), 0);
    APPLY(add_certificate("f1", "bob"), STORE_TAKEN);
    EXPECT_RECORDS(STORE_ACCOUNT_OF, "f2", "account ann ann keys <> 1 5\n");
    EXPECT_RECORDS(STORE_CERTIFICATES_OF, "ann", "certificate f1 ann 2\ncertificate f2 ann 2\n");
    APPLY(dropped(add_certificate("f2", "bob")), STORE_MISSING);
    APPLY(dropped(add_certificate("f2", "ann")), 0);
    APPLY(dropped(add_certificate("f3", NULL)), 0);
    EXPECT_RECORDS(STORE_ALL_CERTIFICATES, NULL, "certificate f1 ann 2\n");
    APPLY(dropped(add_account("ann")), 0);
    EXPECT_RECORDS(STORE_ALL_CERTIFICATES, NULL, "");
    house_end(&house);
}

static void bans_are_put_and_dropped_whatever_the_case(void)
{
    struct store_change ban = put_ban(STORE_BAN_USER, "*@EVIL.example");

    house_begin(&house);
    APPLY(put_ban(STORE_BAN_CHANNEL, "#*@evil.example"), 0);
    APPLY(put_ban(STORE_BAN_USER, "*@evil.example"), 0);
    APPLY(put_ban(STORE_BAN_ADDRESS, "192.0.2.0/24"), 0);
    ban.record.ban.reason = "other";
    ban.record.ban.expires = 9;
    APPLY(ban, 0);
    ban.operation = STORE_ADD;
    APPLY(ban, STORE_TAKEN);
    EXPECT_RECORDS(STORE_ALL_BANS, NULL,
                   "ban channel #*@evil.example <why> root 3 0\n"
                   "ban user *@EVIL.example <other> root 3 9\n"
                   "ban address 192.0.2.0/24 <why> root 3 0\n");
    APPLY(dropped(put_ban(STORE_BAN_ADDRESS, "*@evil.example")), STORE_MISSING);
    APPLY(dropped(put_ban(STORE_BAN_USER, "*@evil.example")), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_BANS, NULL), 2);
    house_end(&house);
}

static void what_is_kept_of_an_account_goes_with_it(void)
{
    struct store_change marker = put_kept(STORE_KEPT_MARKER, "ann", "#a");

    house_begin(&house);
    APPLY(marker, STORE_MISSING);
    APPLY(add_account("ann"), 0);
    APPLY(add_account("bob"), 0);
    APPLY(marker, 0);
    APPLY(put_kept(STORE_KEPT_METADATA, "ann", "#a"), 0);
    APPLY(put_kept(STORE_KEPT_MARKER, "bob", "#a"), 0);
    marker.record.kept.number = 5;
    marker.record.kept.value = "w";
    APPLY(marker, 0);
    marker.operation = STORE_ADD;
    APPLY(marker, STORE_TAKEN);
    EXPECT_RECORDS(STORE_ALL_KEPT, NULL,
                   "marker ann #a <w> 5\nmetadata ann #a <v> 4\nmarker bob #a <v> 4\n");
    APPLY(dropped(put_kept(STORE_KEPT_METADATA, "ann", "#a")), 0);
    APPLY(dropped(put_kept(STORE_KEPT_METADATA, "ann", "#a")), STORE_MISSING);
    APPLY(dropped(put_kept(STORE_KEPT_MARKER, "ann", "#A")), STORE_MISSING);
    APPLY(dropped(add_account("ann")), 0);
    EXPECT_RECORDS(STORE_ALL_KEPT, NULL, "marker bob #a <v> 4\n");
    house_end(&house);
}

static void everything_is_read_as_of_one_moment(void)
{
    house_begin(&house);
    APPLY(put_ban(STORE_BAN_CHANNEL, "#x"), 0);
    APPLY(add_account("ann"), 0);
    APPLY(put_kept(STORE_KEPT_MARKER, "ann", "bob"), 0);
    APPLY(add_certificate("f1", "ann"), 0);
    APPLY(put_channel(7, "#a"), 0);
    EXPECT_RECORDS(
        STORE_EVERYTHING, NULL,
        "account ann ann keys <> 1 5\ncertificate f1 ann 2\n"
        "ban channel #x <why> root 3 0\nmarker ann bob <v> 4\n" HOUSE_CHANNEL("#a", "7"));
    house_end(&house);
}

static int stop_at_once(const struct store_record *record, void *argument)
{
    unsigned *times = argument;

    (void)record;
    ++*times;
    return 77;
}

static void a_visitor_ends_the_reading(void)
{
    unsigned times = 0;

    house_begin(&house);
    APPLY(add_account("ann"), 0);
    APPLY(add_account("bob"), 0);
    EXPECT_RESULT(store_read(house.store, STORE_EVERYTHING, NULL, stop_at_once, &times), 77);
    EXPECT_RESULT(times, 1);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 2);
    house_end(&house);
}

static void what_does_not_fit_is_no_change(void)
{
    char longest[STORE_NAME_MAX + 2];
    struct store_change change = add_account("ann");

    house_begin(&house);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    APPLY(add_account(longest), -EINVAL);
    CU_ASSERT_STRING_EQUAL(store_change_fault(&change) ? "fault" : "none", "none");
    change.record.account.keys = NULL;
    CU_ASSERT_STRING_EQUAL(store_change_fault(&change), "keys");
    APPLY(change, -EINVAL);
    APPLY(add_account(""), -EINVAL);
    APPLY(add_account("a\nb"), -EINVAL);
    APPLY(add_account("\xff"), -EINVAL);
    change = put_ban(STORE_BAN_KINDS, "#x");
    CU_ASSERT_STRING_EQUAL(store_change_fault(&change), "kind");
    change = put_ban(STORE_BAN_USER, "*@x");
    change.record.ban.expires = UINT64_MAX;
    CU_ASSERT_STRING_EQUAL(store_change_fault(&change), "expires");
    change.operation = STORE_CHANGE;
    CU_ASSERT_STRING_EQUAL(store_change_fault(&change), "operation");
    longest[STORE_NAME_MAX] = '\0';
    APPLY(add_account(longest), 0);
    house_end(&house);
}

/* All that comes while the file is held is one group; and of it, what is taken fails alone. */
static void a_group_is_committed_together_and_each_change_has_its_own_outcome(void)
{
    struct store_stats before, after;
    sqlite3 *other;

    house_begin(&house);
    other = other_program(&house, "BEGIN IMMEDIATE");
    EXPECT_RESULT(house_submit(&house, add_account("first")), 0);
    do /* the writer has taken it, and waits for the file */
        store_stats(house.store, &before);
    while (before.waiting > 0);
    EXPECT_RESULT(house_submit(&house, add_account("ann")), 0);
    EXPECT_RESULT(house_submit(&house, add_account("ann")), 0);
    EXPECT_RESULT(house_submit(&house, add_certificate("f", "nobody")), 0);
    EXPECT_RESULT(house_submit(&house, add_account("bob")), 0);
    CU_ASSERT_EQUAL(house.count, 0);
    other_program_ends(other);
    house_wait(&house, 5);
    EXPECT_RESULT(house.outcomes[0], 0);
    EXPECT_RESULT(house.outcomes[1], 0);
    EXPECT_RESULT(house.outcomes[2], STORE_TAKEN);
    EXPECT_RESULT(house.outcomes[3], STORE_MISSING);
    EXPECT_RESULT(house.outcomes[4], 0);
    CU_ASSERT_STRING_EQUAL(house.keys[4], "bob");
    store_stats(house.store, &after);
    EXPECT_RESULT(after.commits - before.commits, 2);
    EXPECT_RESULT(after.changes - before.changes, 5);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 3);
    house_end(&house);
}

/* Whoever is told of a change finds it with a connection that has nothing to do with the store. */
struct look {
    char *path;
    int rows;
};

static void look(const struct store_change *change, int outcome, void *argument)
{
    struct look *looked = argument;
    sqlite3_stmt *statement;
    sqlite3 *db;

    (void)change;
    (void)outcome;
    sqlite3_open(looked->path, &db);
    sqlite3_prepare_v2(db, "SELECT count(*) FROM accounts", -1, &statement, NULL);
    sqlite3_step(statement);
    looked->rows = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void an_outcome_comes_after_the_commit(void)
{
    struct store_change change = add_account("ann");
    struct look looked = {.rows = -1};

    house_begin(&house);
    looked.path = house.path;
    EXPECT_RESULT(store_submit(house.store, &change, look, &looked), 0);
    house_close(&house);
    EXPECT_RESULT(looked.rows, 1);
    house_deinit(&house);
}

static void the_queue_is_bounded_and_says_so(void)
{
    struct store_stats stats;
    sqlite3 *other;

    house_init(&house);
    house.options.queue = 2;
    house.options.busy = 60000;
    EXPECT_RESULT(house_open(&house), 0);
    other = other_program(&house, "BEGIN IMMEDIATE");
    EXPECT_RESULT(house_submit(&house, add_account("one")), 0);
    do
        store_stats(house.store, &stats);
    while (stats.waiting > 0);
    EXPECT_RESULT(house_submit(&house, add_account("two")), 0);
    EXPECT_RESULT(house_submit(&house, add_account("three")), 0);
    EXPECT_RESULT(house_submit(&house, add_account("four")), -EAGAIN);
    EXPECT_RESULT(store_state(house.store), 0);
    other_program_ends(other);
    house_wait(&house, 3);
    EXPECT_RESULT(house_submit(&house, add_account("four")), 0);
    house_wait(&house, 4);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 4);
    house_end(&house);
}

#define CALLERS   8u
#define EACH_MANY 40u

static void *apply_many(void *argument)
{
    unsigned *number = argument;
    char name[32];

    for (unsigned i = 0; i < EACH_MANY; i++) {
        struct store_change change = add_account(name);

        snprintf(name, sizeof(name), "a%u-%u", *number, i);
        if (store_apply(house.store, &change) != 0)
            return argument;
    }
    return NULL;
}

static void those_who_may_wait_do_when_the_queue_is_full(void)
{
    pthread_t threads[CALLERS];
    unsigned numbers[CALLERS];
    void *result;

    house_init(&house);
    house.options.queue = 1;
    EXPECT_RESULT(house_open(&house), 0);
    for (unsigned i = 0; i < CALLERS; i++) {
        numbers[i] = i;
        EXPECT_RESULT(pthread_create(&threads[i], NULL, apply_many, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < CALLERS; i++) {
        EXPECT_RESULT(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_NULL(result);
    }
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), CALLERS * EACH_MANY);
    house_end(&house);
}

static void what_was_accepted_is_committed_at_a_stop_and_nothing_after_it(void)
{
    struct store_change change = add_account("late");

    house_begin(&house);
    for (unsigned i = 0; i < 300; i++) {
        char name[32];

        snprintf(name, sizeof(name), "a%u", i);
        EXPECT_RESULT(house_submit(&house, add_account(name)), 0);
    }
    store_stop(house.store);
    CU_ASSERT_EQUAL(house.count, 300);
    EXPECT_RESULT(house_submit(&house, change), -ESHUTDOWN);
    EXPECT_RESULT(store_apply(house.store, &change), -ESHUTDOWN);
    EXPECT_RESULT(store_state(house.store), -ESHUTDOWN);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 300);
    house_close(&house);
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 300);
    house_end(&house);
}

static void none_keeps_nothing_and_says_so(void)
{
    struct store_change change = add_account("ann");
    struct store_stats stats;

    house_init(&house);
    house.options.backend = "none";
    EXPECT_RESULT(house_open(&house), 0);
    CU_ASSERT(!store_keeps(house.store));
    CU_ASSERT_STRING_EQUAL(store_backend_name(house.store), "none");
    EXPECT_RESULT(store_state(house.store), -ENOTSUP);
    EXPECT_RESULT(house_submit(&house, change), -ENOTSUP);
    EXPECT_RESULT(store_apply(house.store, &change), -ENOTSUP);
    EXPECT_RESULT(store_read(house.store, STORE_ALL_BANS, NULL, print, stderr), -ENOTSUP);
    EXPECT_RESULT(store_backup(house.store, house.path), -ENOTSUP);
    store_stats(house.store, &stats);
    EXPECT_RESULT(stats.changes, 0);
    house_end(&house);
}

static void an_unknown_backend_is_refused(void)
{
    house_init(&house);
    house.options.backend = "paper";
    EXPECT_RESULT(house_open(&house), -EINVAL);
    CU_ASSERT_STRING_EQUAL(house.why, "there is no such backend");
    house_deinit(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"accounts are added, changed and dropped", accounts_are_added_changed_and_dropped},
        {"a code is kept with the time when it was sent",
         a_code_is_kept_with_the_time_when_it_was_sent},
        {"an account that was made since is let alone",
         an_account_that_was_made_since_is_let_alone},
        {"whoever observes sees what was done in its order",
         whoever_observes_sees_what_was_done_in_its_order},
        {"certificates belong to one account", certificates_belong_to_one_account},
        {"bans are put and dropped whatever the case", bans_are_put_and_dropped_whatever_the_case},
        {"what is kept of an account goes with it", what_is_kept_of_an_account_goes_with_it},
        {"everything is read as of one moment", everything_is_read_as_of_one_moment},
        {"a visitor ends the reading", a_visitor_ends_the_reading},
        {"what does not fit is no change", what_does_not_fit_is_no_change},
        {"a group is committed together, and each change has its own outcome",
         a_group_is_committed_together_and_each_change_has_its_own_outcome},
        {"an outcome comes after the commit", an_outcome_comes_after_the_commit},
        {"the queue is bounded and says so", the_queue_is_bounded_and_says_so},
        {"those who may wait do when the queue is full",
         those_who_may_wait_do_when_the_queue_is_full},
        {"what was accepted is committed at a stop, and nothing after it",
         what_was_accepted_is_committed_at_a_stop_and_nothing_after_it},
        {"none keeps nothing and says so", none_keeps_nothing_and_says_so},
        {"an unknown backend is refused", an_unknown_backend_is_refused},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "store", tests);
}
