/* SPDX-License-Identifier: MIT */
/*
 * Runs of the daemon that end by themselves: options, configuration errors, exit statuses. None of
 * them gets as far as serving anybody, so one model will do.
 */
#include "config.h"

#include "tests/lib/command.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACELINE command_program("PACELINE")

/* A configuration in a folder of its own, which is the state folder too. */
struct setup {
    char *folder;
    char *file;
};

static struct setup configure(const char *text)
{
    struct setup setup = {.folder = folder_new()};
    FILE *file;

    EXPECT(setup.folder, "no folder");
    setup.file = folder_path(setup.folder, "test.conf");
    file = fopen(setup.file, "w");
    EXPECT(file, "%s: %s", setup.file, strerror(errno));
    fprintf(file, "server: { state_dir = \"%s\"; };\n%s", setup.folder, text);
    EXPECT(fclose(file) == 0, "%s: %s", setup.file, strerror(errno));
    return setup;
}

static void forget(struct setup *setup)
{
    free(setup->file);
    folder_remove(setup->folder);
}

static unsigned count_lines(const char *text)
{
    unsigned count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

/* Fails unless TEXT has the line "FILE:LINE: REST" (FILE only, for line 0), REST being its start. */
static void expect_error(const char *text, const char *file, unsigned line, const char *rest)
{
    char expected[600];
    char number[16] = "";

    if (line)
        snprintf(number, sizeof(number), ":%u", line);
    snprintf(expected, sizeof(expected), "%s%s: %s", file, number, rest);
    EXPECT(strstr(text, expected), "\"%s\" expected in: %s", expected, text);
}

/* A port of 127.0.0.1 that is taken as long as *FD is open. */
static unsigned take_port(int *fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(*fd >= 0, "socket: %s", strerror(errno));
    EXPECT(bind(*fd, (struct sockaddr *)&address, length) == 0, "bind: %s", strerror(errno));
    EXPECT(listen(*fd, 1) == 0, "listen: %s", strerror(errno));
    EXPECT(getsockname(*fd, (struct sockaddr *)&address, &length) == 0, "getsockname");
    return ntohs(address.sin_port);
}

static void fill_stdout(void *argument)
{
    int fd = open("/dev/full", O_WRONLY);

    (void)argument;
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
        _exit(125);
}

static void version_and_help_go_to_standard_output(void)
{
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "--version");

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_STRING_EQUAL(result.out, "paceline " PACKAGE_VERSION "\n");
    CU_ASSERT_STRING_EQUAL(result.err, "");
    command_clear(&result);
    result = COMMAND_RUN(NULL, PACELINE, "--help");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(strncmp(result.out, "usage: paceline ", 16) == 0);
    CU_ASSERT_STRING_EQUAL(result.err, "");
    command_clear(&result);
}

static void a_wrong_command_line_ends_with_2(void)
{
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "--no-such-option");

    COMMAND_EXPECT(&result, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(strstr(result.err, "--no-such-option") != NULL);
    command_clear(&result);
    result = COMMAND_RUN(NULL, PACELINE, "--check", "--dump-config");
    COMMAND_EXPECT(&result, 2);
    command_clear(&result);
    result = COMMAND_RUN(NULL, PACELINE, "now");
    COMMAND_EXPECT(&result, 2);
    command_clear(&result);
}

static void output_that_cannot_be_written_ends_with_1(void)
{
    const struct command full = {.prepare = fill_stdout};
    struct setup setup = configure("listeners = ( { service = \"echo\"; port = 0; } );\n");
    struct command_result result;

    result = COMMAND_RUN(&full, PACELINE, "--help");
    COMMAND_EXPECT(&result, 1);
    CU_ASSERT(strstr(result.err, "No space left") != NULL);
    command_clear(&result);
    result = COMMAND_RUN(&full, PACELINE, "-c", setup.file, "--dump-config");
    COMMAND_EXPECT(&result, 1);
    command_clear(&result);
    result = COMMAND_RUN(&full, PACELINE, "-c", setup.file, "--print-ports");
    COMMAND_EXPECT(&result, 1);
    command_clear(&result);
    forget(&setup);
}

static void check_says_whether_the_configuration_is_good(void)
{
    struct setup setup = configure("pool: { threads = 2; };\n");
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", setup.file, "--check");

    COMMAND_EXPECT(&result, 0);
    CU_ASSERT(strstr(result.out, "good") != NULL);
    CU_ASSERT_STRING_EQUAL(result.err, "");
    command_clear(&result);
    forget(&setup);

    setup = configure("pool: {\n threads = -3;\n};\nlimits: { lines = 5; };\n");
    result = COMMAND_RUN(NULL, PACELINE, "--check", "-c", setup.file);
    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    expect_error(result.err, setup.file, 3, "pool.threads: ");
    expect_error(result.err, setup.file, 5, "limits.lines: ");
    CU_ASSERT_EQUAL(count_lines(result.err), 2);
    command_clear(&result);
    forget(&setup);
}

static void a_wrong_configuration_keeps_it_from_serving(void)
{
    struct setup setup = configure("log: { level = \"loud\"; };\n");
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", setup.file, "--print-ports");

    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    expect_error(result.err, setup.file, 2, "log.level: ");
    command_clear(&result);
    forget(&setup);
}

static void a_file_that_cannot_be_read_ends_with_3(void)
{
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", "/nonexistent/x.conf");

    COMMAND_EXPECT(&result, 3);
    expect_error(result.err, "/nonexistent/x.conf", 0, "");
    CU_ASSERT(strstr(result.err, strerror(ENOENT)) != NULL);
    command_clear(&result);
    result = COMMAND_RUN(NULL, PACELINE, "--check", "-c", "/");
    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_EQUAL(count_lines(result.err), 1);
    command_clear(&result);
}

static void a_dump_reads_back_to_the_same(void)
{
    struct setup setup = configure("pool: { threads = 3; batch = 7; };\n"
                                   "listeners = ( { service = \"echo\"; path = \"e.sock\"; } );\n");
    struct command_result first = COMMAND_RUN(NULL, PACELINE, "--dump-config", "-c", setup.file);
    struct command_result second;
    FILE *file;

    COMMAND_EXPECT(&first, 0);
    CU_ASSERT(strstr(first.out, "batch = 7;") != NULL);
    file = fopen(setup.file, "w");
    EXPECT(file && fputs(first.out, file) >= 0 && fclose(file) == 0, "%s", setup.file);
    second = COMMAND_RUN(NULL, PACELINE, "--dump-config", "-c", setup.file);
    COMMAND_EXPECT(&second, 0);
    CU_ASSERT_STRING_EQUAL(first.out, second.out);
    command_clear(&first);
    command_clear(&second);
    forget(&setup);
}

static void every_port_in_use_is_named_with_its_listener(void)
{
    char text[512];
    char expected[128];
    int fds[2];
    unsigned ports[2] = {take_port(&fds[0]), take_port(&fds[1])};
    struct command_result result;
    struct setup setup;

    snprintf(text, sizeof(text),
             "listeners = (\n"
             "  { service = \"echo\"; port = 0; },\n"
             "  { service = \"echo\"; port = %u; },\n"
             "  { service = \"echo\"; port = %u; } );\n",
             ports[0], ports[1]);
    setup = configure(text);
    result = COMMAND_RUN(NULL, PACELINE, "-c", setup.file, "--print-ports");
    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    snprintf(expected, sizeof(expected),
             "listeners[1].port: cannot listen on address 127.0.0.1, "
             "port %u: Address already in use",
             ports[0]);
    expect_error(result.err, setup.file, 4, expected);
    snprintf(expected, sizeof(expected),
             "listeners[2].port: cannot listen on address 127.0.0.1, "
             "port %u: ",
             ports[1]);
    expect_error(result.err, setup.file, 5, expected);
    command_clear(&result);
    forget(&setup);
    close(fds[0]);
    close(fds[1]);
}

static void what_cannot_be_put_into_force_is_named(void)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *error;
    } cases[] = {
        {"listeners = ( { service = \"echo\"; address = \"192.0.2.77\"; port = 0; } );\n", 2,
         "listeners[0].address: "},
        {"listeners = ( { service = \"echo\"; path = \"no/such/folder\"; } );\n", 2,
         "listeners[0].path: "},
        {"log: { target = \"no/such/file\"; };\n"
         "listeners = ( { service = \"echo\"; port = 0; } );\n",
         2, "log.target: "},
        {"server: { user = \"no-such-user-here\"; };\n", 1, "server.user: "},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool own_server = strncmp(cases[i].text, "server", 6) == 0;
        struct setup setup = configure(own_server ? "" : cases[i].text);
        struct command_result result;
        FILE *file = own_server ? fopen(setup.file, "w") : NULL;

        if (file)
            EXPECT(fputs(cases[i].text, file) >= 0 && fclose(file) == 0, "%s", setup.file);
        result = COMMAND_RUN(NULL, PACELINE, "-c", setup.file, "--print-ports");
        COMMAND_EXPECT(&result, 3);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        expect_error(result.err, setup.file, cases[i].line, cases[i].error);
        command_clear(&result);
        forget(&setup);
    }
}

static void a_pid_file_that_cannot_be_written_ends_with_1(void)
{
    struct setup setup = configure("listeners = ( { service = \"echo\"; port = 0; } );\n");
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", setup.file, "--pidfile",
                                               "/nonexistent/pid", "--print-ports");

    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(strstr(result.err, "/nonexistent/pid: ") != NULL);
    command_clear(&result);
    result =
        COMMAND_RUN(NULL, PACELINE, "-c", setup.file, "--pidfile", "/nonexistent/pid", "--daemon");
    COMMAND_EXPECT(&result, 1);
    command_clear(&result);
    forget(&setup);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"version and help go to standard output", version_and_help_go_to_standard_output},
        {"a wrong command line ends with 2", a_wrong_command_line_ends_with_2},
        {"output that cannot be written ends with 1", output_that_cannot_be_written_ends_with_1},
        {"check says whether the configuration is good",
         check_says_whether_the_configuration_is_good},
        {"a wrong configuration keeps it from serving",
         a_wrong_configuration_keeps_it_from_serving},
        {"a file that cannot be read ends with 3", a_file_that_cannot_be_read_ends_with_3},
        {"a dump reads back to the same", a_dump_reads_back_to_the_same},
        {"every port in use is named with its listener",
         every_port_in_use_is_named_with_its_listener},
        {"what cannot be put into force is named", what_cannot_be_put_into_force_is_named},
        {"a pid file that cannot be written ends with 1",
         a_pid_file_that_cannot_be_written_ends_with_1},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "command line", tests);
}
