/* SPDX-License-Identifier: MIT */
/* What becomes of files that are missing, damaged, somebody else's, of another version, locked or full. */
#include "config.h"

#include "tests/unit/store_house.h"

#include "tests/lib/expect.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct house house;

/* -- Files as they are found -------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 20);

    EXPECT(file && bytes, "%s cannot be read", path);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static void write_at(long offset, const char *bytes, size_t size)
{
    FILE *file = fopen(house.path, "r+b");

    EXPECT(file && fseek(file, offset, SEEK_SET) == 0, "cannot seek to %ld", offset);
    EXPECT_RESULT(fwrite(bytes, 1, size, file), size);
    EXPECT_RESULT(fclose(file), 0);
}

/* A good store, with a few hundred accounts, that is closed. */
static void make_good_file(void)
{
    house_begin(&house);
    for (unsigned i = 0; i < 300; i++) {
        char name[32];

        snprintf(name, sizeof(name), "account-%u", i);
        EXPECT_RESULT(house_submit(&house, add_account(name)), 0);
    }
    house_close(&house);
}

/* Opening it fails so, says so, and leaves every byte as it was. */
static void expect_refused(struct place place, int error, const char *why)
{
    size_t before_size, after_size;
    char *before = read_file(house.path, &before_size);
    int rc = house_open(&house);
    char *after = read_file(house.path, &after_size);
    bool same = before_size == after_size && memcmp(before, after, after_size) == 0;

    free(before);
    free(after);
    if (rc != error || !strstr(house.why, why))
        expect_fail(place, "%d (%s), expected %d (%s)", rc, house.why, error, why);
    if (!same)
        expect_fail(place, "the file has changed");
}

static void a_missing_file_is_made_for_its_owner_alone(void)
{
    struct stat status;

    house_begin(&house);
    EXPECT_RESULT(stat(house.path, &status), 0);
    EXPECT_RESULT(status.st_mode & 0777, 0600);
    EXPECT_RESULT(house_count(&house, STORE_EVERYTHING, NULL), 0);
    house_end(&house);
}

static void a_missing_folder_is_an_error(void)
{
    house_init(&house);
    house.options.path = "/nonexistent/folder/test.db";
    EXPECT_RESULT(house_open(&house), -ENOENT);
    CU_ASSERT_STRING_EQUAL(house.why, "No such file or directory");
    house_deinit(&house);
}

static void a_store_is_closed_and_opened_again_with_what_was_in_it(void)
{
    make_good_file();
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 300);
    house_end(&house);
}

static void what_is_no_database_is_refused(void)
{
    house_init(&house);
    EXPECT_RESULT(close(open(house.path, O_CREAT | O_WRONLY, 0600)), 0);
    write_at(0,
             "This is a text, and longer than the head of a database would be: "
             "it has more than a hundred bytes in it, as one sees.\n",
             118);
    expect_refused(HERE, -EBADMSG, "the file is damaged");
    house_deinit(&house);
}

static void a_damaged_head_is_refused(void)
{
    make_good_file();
    write_at(0, "XXXXXXXX", 8);
    expect_refused(HERE, -EBADMSG, "the file is damaged");
    house_deinit(&house);
}

/* Every page in turn, but for the first. */
static void a_damaged_page_is_refused(void)
{
    static const char junk[200];
    struct stat status;

    make_good_file();
    EXPECT_RESULT(stat(house.path, &status), 0);
    for (long page = 4096; page < status.st_size; page += 4096) {
        size_t size;
        char *bytes = read_file(house.path, &size);

        write_at(page, junk, sizeof(junk));
        expect_refused(HERE, -EBADMSG, "the file is damaged");
        write_at(0, bytes, size);
        free(bytes);
    }
    EXPECT_RESULT(house_open(&house), 0);
    house_end(&house);
}

static void a_file_that_was_cut_is_refused(void)
{
    make_good_file();
    EXPECT_RESULT(truncate(house.path, 8192), 0);
    expect_refused(HERE, -EBADMSG, "the file is damaged");
    house_deinit(&house);
}

static void a_table_that_is_gone_is_damage(void)
{
    make_good_file();
    change_file(&house, "DROP TABLE certificates");
    EXPECT_RESULT(house_open(&house), -EBADMSG);
    house_deinit(&house);
}

static void another_programs_database_is_refused(void)
{
    house_init(&house);
    change_file(&house, "CREATE TABLE t (x)");
    expect_refused(HERE, -EBADMSG, "a database, but not paceline's");
    house_deinit(&house);
    make_good_file();
    change_file(&house, "PRAGMA application_id = 7");
    expect_refused(HERE, -EBADMSG, "a database, but not paceline's");
    house_deinit(&house);
}

static void a_later_version_is_refused(void)
{
    make_good_file();
    change_file(&house, "PRAGMA user_version = 999");
    expect_refused(HERE, -EPROTONOSUPPORT,
                   "it was written by a later paceline (version 999; known are 1 to ");
    house_deinit(&house);
}

/* What the steps after the first one have made, but for bans. */
#define DROP_LATER                                                                                 \
    "DROP TABLE kept; DROP TABLE channel_masks; DROP TABLE channel_access; DROP TABLE channels; "

static void an_earlier_version_is_brought_up_to_date(void)
{
    make_good_file();
    change_file(&house, DROP_LATER "DROP TABLE bans; PRAGMA user_version = 1");
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 300);
    EXPECT_RESULT(house_submit(&house, put_ban(STORE_BAN_CHANNEL, "#x")), 0);
    house_wait(&house, 301);
    EXPECT_RESULT(house_count(&house, STORE_ALL_BANS, NULL), 1);
    house_end(&house);
}

/* A step that fails leaves the version before it, whole. */
static void a_step_that_fails_changes_nothing(void)
{
    make_good_file();
    change_file(&house, DROP_LATER
                "DROP TABLE bans; CREATE VIEW bans AS SELECT 1; PRAGMA user_version = 1");
    expect_refused(HERE, -EIO, "");
    change_file(&house, "DROP VIEW bans");
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 300);
    house_end(&house);
}

/* As after a kill between the file's making and its first step. */
static void a_start_that_has_ended_early_is_made_up_for(void)
{
    house_init(&house);
    change_file(&house, "PRAGMA journal_mode = WAL");
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_EVERYTHING, NULL), 0);
    house_end(&house);
}

/* Root writes to what nobody may: the file is made one that nobody can change. */
static int open_read_only(void *argument)
{
    (void)argument;
    if (geteuid() == 0 && (setegid(65534) < 0 || seteuid(65534) < 0))
        return 1;
    return house_open(&house) == -EROFS && strcmp(house.why, "the file cannot be written") == 0 ? 0
                                                                                                : 2;
}

static int in_child(int (*body)(void *), void *argument)
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(body(argument));
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid, "no child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void a_file_that_cannot_be_written_is_refused(void)
{
    make_good_file();
    EXPECT_RESULT(chmod(house.folder, 0777), 0);
    EXPECT_RESULT(chmod(house.path, 0444), 0);
    EXPECT_RESULT(in_child(open_read_only, NULL), 0);
    EXPECT_RESULT(chmod(house.path, 0600), 0);
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 300);
    house_end(&house);
}

/* -- While it runs ------------------------------------------------------------------------------ */

static void a_locked_file_refuses_changes_until_it_is_free(void)
{
    sqlite3 *other;

    house_init(&house);
    house.options.busy = 20;
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_submit(&house, add_account("before")), 0);
    house_wait(&house, 1);
    other = other_program(&house, "BEGIN IMMEDIATE");
    EXPECT_RESULT(house_submit(&house, add_account("lost")), 0);
    house_wait(&house, 2);
    EXPECT_RESULT(house.outcomes[1], -EBUSY);
    EXPECT_RESULT(store_state(house.store), -EBUSY);
    CU_ASSERT_STRING_EQUAL(store_problem(-EBUSY), "another program has locked the file");
    EXPECT_RESULT(house_submit(&house, add_account("refused")), -EBUSY);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 1); /* reading goes on */
    other_program_ends(other);
    house_wait_state(&house, 0);
    EXPECT_RESULT(house_submit(&house, add_account("after")), 0);
    house_wait(&house, 3);
    EXPECT_RESULT(house.outcomes[2], 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 2);
    house_end(&house);
}

static void a_locked_file_cannot_be_opened(void)
{
    sqlite3 *other;

    make_good_file();
    house.options.busy = 20;
    other = other_program(&house, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    EXPECT_RESULT(house_open(&house), -EBUSY);
    CU_ASSERT_STRING_EQUAL(house.why, "another program has locked the file");
    other_program_ends(other);
    EXPECT_RESULT(house_open(&house), 0);
    house_end(&house);
}

static void a_stop_does_not_wait_for_a_file_that_cannot_be_written(void)
{
    sqlite3 *other;

    house_init(&house);
    house.options.busy = 1;
    house.options.retry = 3600 * 1000;
    EXPECT_RESULT(house_open(&house), 0);
    other = other_program(&house, "BEGIN IMMEDIATE");
    EXPECT_RESULT(house_submit(&house, add_account("lost")), 0);
    house_wait(&house, 1);
    EXPECT_RESULT(store_state(house.store), -EBUSY);
    house_close(&house);
    other_program_ends(other);
    house_deinit(&house);
}

/* -- A full disk -------------------------------------------------------------------------------- */

/* Changes until one is refused; how many were not, in *KEPT. */
static int fill(unsigned *kept)
{
    char keys[STORE_KEYS_MAX + 1];
    int rc = 0;

    memset(keys, 'k', sizeof(keys) - 1);
    keys[sizeof(keys) - 1] = '\0';
    for (*kept = 0; rc == 0 && *kept < 100000; *kept += rc == 0) {
        char name[32];
        struct store_change change = add_account(name);

        snprintf(name, sizeof(name), "account-%u", *kept);
        change.record.account.keys = keys;
        rc = store_apply(house.store, &change);
    }
    return rc;
}

/*
 * Fills the disk, makes room again by ROOM, and finds all that was acknowledged. Returns 0, or the
 * number of the step that has gone wrong.
 */
static int full_and_free_again(int (*room)(void *argument), void *argument)
{
    struct store_change change = add_account("late");
    unsigned kept, late = 0;
    int rc;

    if (house_open(&house) != 0)
        return 10;
    rc = fill(&kept);
    if (rc != -ENOSPC || kept == 0) {
        fprintf(stderr, "outcome %d after %u\n", rc, kept);
        return 11;
    }
    if (store_apply(house.store, &change) != -ENOSPC || store_state(house.store) != -ENOSPC)
        return 12;
    if (strcmp(store_problem(-ENOSPC), "the disk is full") != 0)
        return 13;
    if (house_count(&house, STORE_ALL_ACCOUNTS, NULL) != kept)
        return 14;
    if (room(argument) != 0)
        return 15;
    while (store_state(house.store) != 0)
        usleep(1000); /* the test's own time ends it */
    if (store_apply(house.store, &change) != 0)
        return 16;
    house_close(&house);
    if (house_open(&house) != 0)
        return 17;
    late = house_count(&house, STORE_ALL_ACCOUNTS, NULL);
    house_close(&house);
    return late == kept + 1 ? 0 : 18;
}

static int lift_limit(void *argument)
{
    struct rlimit limit;

    (void)argument;
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
        return 1;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_FSIZE, &limit) < 0;
}

/* Files that cannot grow: what anybody can have in place of a full disk. */
static int with_a_limit(void *argument)
{
    struct rlimit limit;

    (void)argument;
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || getrlimit(RLIMIT_FSIZE, &limit) < 0)
        return 1;
    limit.rlim_cur = 300000;
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return 2;
    return full_and_free_again(lift_limit, NULL);
}

static void files_that_cannot_grow_refuse_changes_until_they_can(void)
{
    house_init(&house);
    EXPECT_RESULT(in_child(with_a_limit, NULL), 0);
    house_deinit(&house);
}

static int make_room(void *argument)
{
    char *path = folder_path(house.folder, "big");

    (void)argument;
    return unlink(path) < 0;
}

#define NO_DISK 99

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    ssize_t wrote = write(fd, text, strlen(text));

    close(fd);
    return wrote < 0 ? -1 : 0;
}

/* Where mounts are this process's own; who is not root is root of a name space of theirs. */
static int have_mounts(void)
{
    char users[64], groups[64];

    if (geteuid() == 0)
        return unshare(CLONE_NEWNS);
    snprintf(users, sizeof(users), "0 %u 1\n", (unsigned)geteuid());
    snprintf(groups, sizeof(groups), "0 %u 1\n", (unsigned)getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || write_text("/proc/self/uid_map", users) < 0 ||
        write_text("/proc/self/setgroups", "deny") < 0)
        return -1;
    return write_text("/proc/self/gid_map", groups);
}

static int mount_small_disk(void)
{
    if (have_mounts() < 0)
        return -1;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -1;
    return mount("tmpfs", house.folder, "tmpfs", 0, "size=1m,mode=0700");
}

/* A disk of a megabyte, on which something else takes most of the room. */
static int with_a_small_disk(void *argument)
{
    static const char block[4096];
    FILE *file;

    (void)argument;
    if (mount_small_disk() < 0)
        return NO_DISK;
    file = fopen(folder_path(house.folder, "big"), "wb");
    for (unsigned i = 0; i < 100; i++)
        if (!file || fwrite(block, sizeof(block), 1, file) != 1)
            return 1;
    if (fclose(file) != 0)
        return 2;
    return full_and_free_again(make_room, NULL);
}

static void a_full_disk_refuses_changes_until_there_is_room(void)
{
    int status;

    house_init(&house);
    status = in_child(with_a_small_disk, NULL);
    house_deinit(&house);
    if (status == NO_DISK)
        puts("(no file system can be mounted here: the limit of files' sizes stands for it)");
    else
        EXPECT_RESULT(status, 0);
}

/* A disk on which there is no room at all is an error at start, and what is there stays. */
static int open_on_full_disk(void *argument)
{
    static const char block[4096];
    int fd;

    (void)argument;
    if (mount_small_disk() < 0)
        return NO_DISK;
    if (house_open(&house) != 0)
        return 1;
    house_close(&house);
    fd = open(folder_path(house.folder, "big"), O_CREAT | O_WRONLY, 0600);
    while (write(fd, block, sizeof(block)) == sizeof(block))
        ;
    close(fd);
    if (house_open(&house) != -ENOSPC || strcmp(house.why, "the disk is full") != 0) {
        fprintf(stderr, "%s\n", house.why);
        return 2;
    }
    if (make_room(NULL) != 0 || house_open(&house) != 0)
        return 3;
    house_close(&house);
    return 0;
}

static void a_disk_without_any_room_is_an_error_at_start(void)
{
    int status;

    house_init(&house);
    status = in_child(open_on_full_disk, NULL);
    house_deinit(&house);
    if (status != NO_DISK)
        EXPECT_RESULT(status, 0);
}

/* -- Copies ------------------------------------------------------------------------------------- */

static void a_copy_is_a_store_and_replaces_nothing(void)
{
    char *copy;

    house_begin(&house);
    copy = folder_path(house.folder, "copy.db");
    EXPECT_RESULT(house_submit(&house, add_account("ann")), 0);
    house_wait(&house, 1);
    EXPECT_RESULT(store_backup(house.store, copy), 0);
    EXPECT_RESULT(store_backup(house.store, copy), -EEXIST);
    EXPECT_RESULT(store_backup(house.store, "/nonexistent/copy.db"), -ENOENT);
    EXPECT_RESULT(house_submit(&house, add_account("bob")), 0);
    house_wait(&house, 2);
    house_close(&house);
    house.options.path = copy;
    EXPECT_RESULT(house_open(&house), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCOUNTS, NULL), 1);
    house_end(&house);
    free(copy);
}

static void a_copy_waits_for_no_writer(void)
{
    sqlite3 *other;
    char *copy;

    house_begin(&house);
    copy = folder_path(house.folder, "copy.db");
    other = other_program(&house, "BEGIN IMMEDIATE");
    EXPECT_RESULT(store_backup(house.store, copy), 0);
    other_program_ends(other);
    free(copy);
    house_end(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a missing file is made, for its owner alone", a_missing_file_is_made_for_its_owner_alone},
        {"a missing folder is an error", a_missing_folder_is_an_error},
        {"a store is closed and opened again with what was in it",
         a_store_is_closed_and_opened_again_with_what_was_in_it},
        {"what is no database is refused", what_is_no_database_is_refused},
        {"a damaged head is refused", a_damaged_head_is_refused},
        {"a damaged page is refused", a_damaged_page_is_refused},
        {"a file that was cut is refused", a_file_that_was_cut_is_refused},
        {"a table that is gone is damage", a_table_that_is_gone_is_damage},
        {"another program's database is refused", another_programs_database_is_refused},
        {"a later version is refused", a_later_version_is_refused},
        {"an earlier version is brought up to date", an_earlier_version_is_brought_up_to_date},
        {"a step that fails changes nothing", a_step_that_fails_changes_nothing},
        {"a start that has ended early is made up for",
         a_start_that_has_ended_early_is_made_up_for},
        {"a file that cannot be written is refused", a_file_that_cannot_be_written_is_refused},
        {"a locked file refuses changes until it is free",
         a_locked_file_refuses_changes_until_it_is_free},
        {"a locked file cannot be opened", a_locked_file_cannot_be_opened},
        {"a stop does not wait for a file that cannot be written",
         a_stop_does_not_wait_for_a_file_that_cannot_be_written},
        {"files that cannot grow refuse changes until they can",
         files_that_cannot_grow_refuse_changes_until_they_can},
        {"a full disk refuses changes until there is room",
         a_full_disk_refuses_changes_until_there_is_room},
        {"a disk without any room is an error at start",
         a_disk_without_any_room_is_an_error_at_start},
        {"a copy is a store and replaces nothing", a_copy_is_a_store_and_replaces_nothing},
        {"a copy waits for no writer", a_copy_waits_for_no_writer},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "store's file", tests);
}
