/* SPDX-License-Identifier: MIT */
/* pacelinectl hash-password, from a pipe and from a terminal. No daemon runs, of whatever model. */
#include "config.h"

#include "base/password.h"
#include "tests/lib/command.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PACELINECTL command_program("PACELINECTL")

static void use_input(void *argument)
{
    if (dup2(*(const int *)argument, STDIN_FILENO) < 0)
        _exit(126);
}

/* Runs it with SIZE bytes on its standard input. */
static struct command_result hash(const char *input, size_t size)
{
    struct command command = {.prepare = use_input};
    struct command_result result;
    int pipes[2];

    EXPECT(pipe2(pipes, O_CLOEXEC) == 0 && write(pipes[1], input, size) == (ssize_t)size,
           "pipe: %s", strerror(errno));
    close(pipes[1]);
    command.argument = &pipes[0];
    result = COMMAND_RUN(&command, PACELINECTL, "hash-password");
    close(pipes[0]);
    return result;
}

/* What was written is one line, and stands for PLAIN. */
static void expect_hash(const struct command_result *result, const char *plain)
{
    struct pli_password password;
    char *end = strchr(result->out, '\n');

    COMMAND_EXPECT(result, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    CU_ASSERT_STRING_EQUAL(end, "\n");
    *end = '\0';
    CU_ASSERT_FATAL(pli_password_parse(result->out, &password));
    CU_ASSERT_EQUAL(password.iterations, PLI_PASSWORD_ITERATIONS);
    CU_ASSERT_EQUAL(pli_password_verify(&password, plain, strlen(plain)), 1);
}

static void what_stands_on_the_first_line_is_hashed(void)
{
    static const char *const inputs[] = {"correct horse\n", "correct horse", "correct horse\nx\n"};

    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        struct command_result result = hash(inputs[i], strlen(inputs[i]));

        expect_hash(&result, "correct horse");
        CU_ASSERT_STRING_EQUAL(result.err, "");
        command_clear(&result);
    }
}

static void what_could_not_be_given_is_refused(void)
{
    static char long_line[257];
    static const struct {
        const char *input;
        size_t size;
        const char *says;
    } cases[] = {
        {"", 0, "pacelinectl: no password was given\n"},
        {"\n", 1, "pacelinectl: the password is empty\n"},
        {"a\0b\n", 4, "pacelinectl: the password has a control character\n"},
        {"a\tb\n", 4, "pacelinectl: the password has a control character\n"},
        {"a\xff\n", 3, "pacelinectl: the password is not UTF-8\n"},
        {long_line, sizeof long_line, "pacelinectl: the password is longer than 256 bytes\n"},
    };

    memset(long_line, 'x', sizeof long_line);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct command_result result = hash(cases[i].input, cases[i].size);

        COMMAND_EXPECT(&result, 1);
        CU_ASSERT_STRING_EQUAL(result.err, cases[i].says);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        command_clear(&result);
    }
}

/* A terminal at which somebody answers each prompt with the next of two lines. */
struct terminal {
    int master;
    int slave;
    const char *answers[2];
};

static void use_terminal(void *argument)
{
    const struct terminal *terminal = argument;

    if (dup2(terminal->slave, STDIN_FILENO) < 0 || dup2(terminal->slave, STDERR_FILENO) < 0)
        _exit(126);
}

/* What the terminal shows, up to TEXT, must not have HIDDEN in it. */
static void expect_shown(int master, const char *text, const char *hidden)
{
    char shown[1024] = "";
    size_t length = 0;

    while (!strstr(shown, text)) {
        struct pollfd poller = {.fd = master, .events = POLLIN};
        ssize_t got;

        EXPECT(poll(&poller, 1, 20000) == 1, "\"%s\" is not asked, but: %s", text, shown);
        got = read(master, shown + length, sizeof shown - 1 - length);
        EXPECT(got > 0, "the terminal shows only: %s", shown);
        length += (size_t)got;
        shown[length] = '\0';
    }
    EXPECT(!strstr(shown, hidden), "the password is shown: %s", shown);
}

/* The one who types is a process of its own. */
static pid_t type(const struct terminal *terminal)
{
    static const char *const prompts[] = {"Password: ", "Again: "};
    pid_t pid = fork();

    EXPECT(pid >= 0, "fork: %s", strerror(errno));
    if (pid > 0)
        return pid;
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(terminal->answers[i]);

        expect_shown(terminal->master, prompts[i], "horse");
        if (write(terminal->master, terminal->answers[i], length) != (ssize_t)length)
            _exit(1);
    }
    expect_shown(terminal->master, "\n", "horse");
    _exit(0);
}

static struct command_result hash_on_terminal(const char *first, const char *second)
{
    struct terminal terminal = {.answers = {first, second}};
    struct command command = {.prepare = use_terminal, .argument = &terminal};
    struct command_result result;
    int status;
    pid_t pid;

    terminal.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT(terminal.master >= 0 && grantpt(terminal.master) == 0 && unlockpt(terminal.master) == 0,
           "no terminal: %s", strerror(errno));
    terminal.slave = open(ptsname(terminal.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT(terminal.slave >= 0, "no terminal: %s", strerror(errno));
    pid = type(&terminal);
    result = COMMAND_RUN(&command, PACELINECTL, "hash-password");
    EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the one who types failed");
    close(terminal.slave);
    close(terminal.master);
    return result;
}

static void on_a_terminal_it_is_asked_for_twice_and_not_shown(void)
{
    struct command_result result = hash_on_terminal("correct horse\n", "correct horse\n");

    expect_hash(&result, "correct horse");
    command_clear(&result);
    result = hash_on_terminal("correct horse\n", "correct horses\n");
    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    command_clear(&result);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what stands on the first line is hashed", what_stands_on_the_first_line_is_hashed},
        {"what could not be given is refused", what_could_not_be_given_is_refused},
        {"on a terminal it is asked for twice and not shown",
         on_a_terminal_it_is_asked_for_twice_and_not_shown},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "hash password", tests);
}
