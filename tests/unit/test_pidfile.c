/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/pidfile.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static long read_id(const char *path)
{
    FILE *file = fopen(path, "r");
    long id = -1;

    CU_ASSERT_FATAL(file != NULL);
    CU_ASSERT(fscanf(file, "%ld", &id) == 1);
    fclose(file);
    return id;
}

static char *folder;
static char *path;

static void begin(void)
{
    folder = folder_new();
    CU_ASSERT_FATAL(folder != NULL);
    path = folder_path(folder, "paceline.pid");
    CU_ASSERT_FATAL(path != NULL);
}

static void end(void)
{
    free(path);
    folder_remove(folder);
}

static void it_holds_the_id_and_goes_at_the_end(void)
{
    struct pidfile pidfile;
    mode_t umask_before;
    struct stat st;

    begin();
    umask_before = umask(0077);
    CU_ASSERT_FATAL(pidfile_create(&pidfile, path) == 0);
    umask(umask_before);
    CU_ASSERT(read_id(path) == (long)getpid());
    CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0644);
    CU_ASSERT(pidfile_remove(&pidfile) == 0);
    CU_ASSERT(access(path, F_OK) < 0 && errno == ENOENT);
    CU_ASSERT(pidfile_remove(&pidfile) == 0);
    end();
}

static void one_that_is_held_is_refused(void)
{
    struct pidfile pidfile;
    struct pidfile second;

    begin();
    CU_ASSERT_FATAL(pidfile_create(&pidfile, path) == 0);
    CU_ASSERT(pidfile_create(&second, path) == -EEXIST);
    CU_ASSERT(second.fd == -1);
    CU_ASSERT(read_id(path) == (long)getpid());
    CU_ASSERT(pidfile_remove(&pidfile) == 0);
    end();
}

/* A child that ends without removing its file. */
static void leave_file(void)
{
    struct pidfile pidfile;
    pid_t child = fork();
    int status;

    CU_ASSERT_FATAL(child >= 0);
    if (child == 0)
        _exit(pidfile_create(&pidfile, path) == 0 ? 0 : 1);
    CU_ASSERT_FATAL(waitpid(child, &status, 0) == child);
    CU_ASSERT_FATAL(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CU_ASSERT_FATAL(read_id(path) == (long)child);
}

static void one_that_a_dead_process_has_left_is_taken_over(void)
{
    struct pidfile pidfile;

    begin();
    leave_file();
    CU_ASSERT_FATAL(pidfile_create(&pidfile, path) == 0);
    CU_ASSERT(read_id(path) == (long)getpid());
    CU_ASSERT(pidfile_remove(&pidfile) == 0);
    end();
}

static void somebody_elses_file_is_not_removed(void)
{
    struct pidfile pidfile;
    int fd;

    begin();
    CU_ASSERT_FATAL(pidfile_create(&pidfile, path) == 0);
    CU_ASSERT_FATAL(unlink(path) == 0);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    CU_ASSERT(pidfile_remove(&pidfile) == 0);
    CU_ASSERT(access(path, F_OK) == 0);
    end();
}

static void a_symbolic_link_is_not_followed(void)
{
    struct pidfile pidfile;
    char *other;

    begin();
    other = folder_path(folder, "other");
    CU_ASSERT_FATAL(other != NULL && symlink(other, path) == 0);
    CU_ASSERT(pidfile_create(&pidfile, path) == -ELOOP);
    CU_ASSERT(access(other, F_OK) < 0);
    free(other);
    end();
}

static void a_folder_that_is_missing_is_an_error(void)
{
    struct pidfile pidfile;

    CU_ASSERT(pidfile_create(&pidfile, "/nonexistent/paceline.pid") == -ENOENT);
    CU_ASSERT(pidfile.fd == -1);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"it holds the id and goes at the end", it_holds_the_id_and_goes_at_the_end},
        {"one that is held is refused", one_that_is_held_is_refused},
        {"one that a dead process has left is taken over",
         one_that_a_dead_process_has_left_is_taken_over},
        {"somebody else's file is not removed", somebody_elses_file_is_not_removed},
        {"a symbolic link is not followed", a_symbolic_link_is_not_followed},
        {"a folder that is missing is an error", a_folder_that_is_missing_is_an_error},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "pidfile", tests);
}
