/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log.h"
#include "daemon/logging.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static char *path;

static void begin(void)
{
    folder = folder_new();
    CU_ASSERT_FATAL(folder != NULL);
    path = folder_path(folder, "log");
    CU_ASSERT_FATAL(path != NULL);
}

static void end(void)
{
    free(path);
    folder_remove(folder);
}

static bool matches(const char *text, const char *pattern)
{
    regex_t regex;
    int rc;

    CU_ASSERT_FATAL(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
    rc = regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    if (rc != 0)
        printf("\n  \"%s\" does not match %s\n", text, pattern);
    return rc == 0;
}

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"

/* All that is in a file, at most what the buffer takes. */
static const char *contents(const char *name)
{
    static char text[8192];
    FILE *file = fopen(name, "r");
    size_t got;

    CU_ASSERT_FATAL(file != NULL);
    got = fread(text, 1, sizeof(text) - 1, file);
    text[got] = '\0';
    fclose(file);
    return text;
}

static int open_receiver(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    CU_ASSERT_FATAL(fd >= 0);
    strcpy(address.sun_path, path);
    CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

static const char *receive(int fd)
{
    static char text[2048];
    ssize_t got = recv(fd, text, sizeof(text) - 1, 0);

    CU_ASSERT_FATAL(got >= 0);
    text[got] = '\0';
    return text;
}

static void a_file_gets_the_time_and_the_level(void)
{
    struct log_target target;
    mode_t umask_before;
    struct stat st;

    begin();
    umask_before = umask(0077);
    CU_ASSERT_FATAL(log_target_file(&target, path) == 0);
    umask(umask_before);
    CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    CU_ASSERT(log_target_write(&target, PL_LOG_WARNING, "first") == 0);
    CU_ASSERT(log_target_write(&target, PL_LOG_ERROR, "second") == 0);
    CU_ASSERT(matches(contents(path), "^" TIME " warning: first\n" TIME " error: second\n$"));
    log_target_close(&target);
    CU_ASSERT_FATAL(log_target_file(&target, path) == 0);
    CU_ASSERT(log_target_write(&target, PL_LOG_DEBUG, "third") == 0);
    CU_ASSERT(matches(contents(path), "second\n" TIME " debug: third\n$"));
    log_target_close(&target);
    CU_ASSERT(log_target_file(&target, "/nonexistent/log") == -ENOENT);
    end();
}

static void control_characters_cannot_forge_a_line(void)
{
    struct log_target target;

    begin();
    CU_ASSERT_FATAL(log_target_file(&target, path) == 0);
    CU_ASSERT(log_target_write(&target, PL_LOG_INFO, "a\nb\rc\033[1md\x7f \xc3\xa9") == 0);
    CU_ASSERT(matches(contents(path), "^" TIME " info: a\\?b\\?c\\?\\[1md\\? \xc3\xa9\n$"));
    log_target_close(&target);
    end();
}

static void syslog_gets_priority_time_and_process(void)
{
    struct log_target target;
    int receiver;

    begin();
    receiver = open_receiver();
    CU_ASSERT_FATAL(log_target_socket(&target, LOG_TARGET_SYSLOG, path) == 0);
    CU_ASSERT(log_target_write(&target, PL_LOG_ERROR, "text") == 0);
    CU_ASSERT(matches(receive(receiver),
                      "^<27>[A-Z][a-z]{2} [ 1-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} "
                      "paceline\\[[0-9]+\\]: text$"));
    CU_ASSERT(log_target_write(&target, PL_LOG_DEBUG, "text") == 0);
    CU_ASSERT(matches(receive(receiver), "^<31>"));
    log_target_close(&target);
    close(receiver);
    end();
}

static void the_journal_gets_fields(void)
{
    struct log_target target;
    int receiver;

    begin();
    receiver = open_receiver();
    CU_ASSERT_FATAL(log_target_socket(&target, LOG_TARGET_JOURNAL, path) == 0);
    CU_ASSERT(log_target_write(&target, PL_LOG_INFO, "te\nxt") == 0);
    CU_ASSERT_STRING_EQUAL(receive(receiver),
                           "PRIORITY=6\nSYSLOG_IDENTIFIER=paceline\nMESSAGE=te?xt\n");
    log_target_close(&target);
    close(receiver);
    end();
}

static void a_log_service_that_starts_anew_is_found_again(void)
{
    struct log_target target;
    int receiver;

    begin();
    receiver = open_receiver();
    CU_ASSERT_FATAL(log_target_socket(&target, LOG_TARGET_SYSLOG, path) == 0);
    close(receiver);
    CU_ASSERT(log_target_write(&target, PL_LOG_INFO, "lost") == -ECONNREFUSED);
    CU_ASSERT_FATAL(unlink(path) == 0);
    receiver = open_receiver();
    CU_ASSERT(log_target_write(&target, PL_LOG_INFO, "found") == 0);
    CU_ASSERT(matches(receive(receiver), "found$"));
    log_target_close(&target);
    close(receiver);
    end();
}

static void a_log_service_that_is_not_there_is_an_error(void)
{
    struct log_target target;

    CU_ASSERT(log_target_socket(&target, LOG_TARGET_SYSLOG, "/nonexistent/log") == -ENOENT);
}

static void a_service_that_is_slow_loses_lines_but_nobody_waits(void)
{
    struct log_target target;
    int receiver;
    int rc = 0;
    int i;

    begin();
    receiver = open_receiver();
    CU_ASSERT_FATAL(log_target_socket(&target, LOG_TARGET_JOURNAL, path) == 0);
    for (i = 0; i < 100000 && rc == 0; i++)
        rc = log_target_write(&target, PL_LOG_INFO, "text");
    CU_ASSERT(rc == -EAGAIN);
    log_target_close(&target);
    close(receiver);
    end();
}

/* Runs BODY with standard error as FD, and puts it back. */
static void with_stderr(int fd, void (*body)(void))
{
    int saved = dup(STDERR_FILENO);

    CU_ASSERT_FATAL(saved >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    body();
    CU_ASSERT_FATAL(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
}

static void write_to_stderr(void)
{
    struct log_target target;

    log_target_stderr(&target);
    CU_ASSERT(log_target_write(&target, PL_LOG_WARNING, "text") == 0);
    log_target_close(&target);
}

static void standard_error_that_is_the_journal_gets_priorities(void)
{
    char stream[64];
    struct stat st;
    int fd;

    begin();
    fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    CU_ASSERT_FATAL(fd >= 0 && fstat(fd, &st) == 0);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
             (unsigned long long)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    with_stderr(fd, write_to_stderr);
    CU_ASSERT_STRING_EQUAL(contents(path), "<4>text\n");
    setenv("JOURNAL_STREAM", "1:2", 1);
    with_stderr(fd, write_to_stderr);
    unsetenv("JOURNAL_STREAM");
    with_stderr(fd, write_to_stderr);
    CU_ASSERT(
        matches(contents(path), "^<4>text\n" TIME " warning: text\n" TIME " warning: text\n$"));
    close(fd);
    end();
}

/* A pipe that nobody reads fills up; afterwards the number of lost lines comes first. */
static int full_pipe[2];

static void fill_pipe(void)
{
    struct logging logging;
    char drained[65536];
    unsigned lost;
    char *notice;
    int i;

    logging_init(&logging);
    for (i = 0; i < 5000; i++)
        pli_log(PL_LOG_INFO, "line %d", i);
    while (read(full_pipe[0], drained, sizeof(drained)) > 0)
        ;
    pli_log(PL_LOG_INFO, "after");
    i = (int)read(full_pipe[0], drained, sizeof(drained) - 1);
    CU_ASSERT_FATAL(i > 0);
    drained[i] = '\0';
    notice = strstr(drained, "warning: ");
    CU_ASSERT_FATAL(notice != NULL);
    CU_ASSERT(sscanf(notice, "warning: %u log lines were lost", &lost) == 1 && lost > 100);
    CU_ASSERT(matches(drained, "lost\n" TIME " info: after\n$"));
    logging_deinit(&logging);
}

static void a_pipe_that_nobody_reads_holds_nobody_up(void)
{
    CU_ASSERT_FATAL(pipe2(full_pipe, O_CLOEXEC) == 0);
    CU_ASSERT_FATAL(fcntl(full_pipe[0], F_SETFL, O_NONBLOCK) == 0);
    with_stderr(full_pipe[1], fill_pipe);
    close(full_pipe[0]);
    close(full_pipe[1]);
}

static void the_level_and_the_target_can_change(void)
{
    struct log_target target;
    struct logging logging;

    begin();
    logging_init(&logging);
    CU_ASSERT_FATAL(log_target_file(&target, path) == 0);
    logging_set(&logging, &target, logging_level("warning"));
    pli_log(PL_LOG_INFO, "too little");
    pli_log(PL_LOG_WARNING, "enough");
    CU_ASSERT_FATAL(log_target_file(&target, path) == 0);
    logging_set(&logging, &target, logging_level("debug"));
    pli_log(PL_LOG_DEBUG, "enough now");
    logging_deinit(&logging);
    pli_log(PL_LOG_ERROR, "too late");
    CU_ASSERT(matches(contents(path), "^" TIME " warning: enough\n" TIME " debug: enough now\n$"));
    end();
}

static void levels_have_names(void)
{
    CU_ASSERT(logging_level("error") == PL_LOG_ERROR);
    CU_ASSERT(logging_level("warning") == PL_LOG_WARNING);
    CU_ASSERT(logging_level("info") == PL_LOG_INFO);
    CU_ASSERT(logging_level("debug") == PL_LOG_DEBUG);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a file gets the time and the level", a_file_gets_the_time_and_the_level},
        {"control characters cannot forge a line", control_characters_cannot_forge_a_line},
        {"syslog gets priority, time and process", syslog_gets_priority_time_and_process},
        {"the journal gets fields", the_journal_gets_fields},
        {"a log service that starts anew is found again",
         a_log_service_that_starts_anew_is_found_again},
        {"a log service that is not there is an error",
         a_log_service_that_is_not_there_is_an_error},
        {"a service that is slow loses lines but nobody waits",
         a_service_that_is_slow_loses_lines_but_nobody_waits},
        {"standard error that is the journal gets priorities",
         standard_error_that_is_the_journal_gets_priorities},
        {"a pipe that nobody reads holds nobody up", a_pipe_that_nobody_reads_holds_nobody_up},
        {"the level and the target can change", the_level_and_the_target_can_change},
        {"levels have names", levels_have_names},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "log target", tests);
}
