/* SPDX-License-Identifier: MIT */
/*
 * pacelinectl(1): asks the daemon on its control socket for one thing, and says what came of it; or
 * makes a password for the configuration, for which there need be no daemon.
 */
#include "config.h"

#include "base/clock.h"
#include "config/default.h"
#include "config/snapshot.h"
#include "tools/ctl_connection.h"
#include "tools/ctl_json.h"
#include "tools/ctl_password.h"

#include <paceline/version.h>

#include <errno.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Exit statuses. */
enum {
    CTL_DONE = 0,
    CTL_FAILED = 1,      /* the daemon said no, or did not get ready in time */
    CTL_USAGE = 2,       /* the command line makes no sense */
    CTL_CONFIG = 3,      /* the configuration does not say where the socket is */
    CTL_UNREACHABLE = 4, /* no daemon answers there */
};

#define SECOND        UINT64_C(1000000000)
#define HASH_PASSWORD "hash-password"
#define LIST          "accounts list"
#define PASSWORD_MAX  592 /* bytes, of an account */

struct request {
    const char *socket; /* -s, or NULL */
    const char *config; /* -c, or NULL */
    const char *command;
    unsigned seconds;
    bool json;
    bool wants_password; /* from standard input, behind the text */
    char text[4600];     /* what the daemon is asked, where that is more than the command */
};

enum { ONLY_LONG = 256, JSON };

static const struct option long_options[] = {
    {"socket", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"timeout", required_argument, NULL, 't'},
    {"json", no_argument, NULL, JSON},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void print_help(void)
{
    fputs("usage: pacelinectl [-c FILE | -s SOCKET] [-t SECONDS] COMMAND\n"
          "\n"
          "  status [--json]     what the daemon is doing\n"
          "  classes             the classes of connections, and how many are in each\n"
          "  bans                who and what is banned\n"
          "  limits [--json]     how often each limit was run into\n"
          "  defcon [LEVEL]      show the level of defence, or set it: 5 (normal) to 1\n"
          "  reload              read the configuration again and put it in force\n"
          "  drain               stop in good order, and wait for the end\n"
          "  backup FILE         write a copy of what the server keeps to a new file\n"
          "  export FILE         the same, as lines of JSON\n"
          "  import FILE         take such lines that are not there yet\n"
          "  accounts list       write which accounts there are\n"
          "  accounts add NAME   make one, whose password is read from standard input\n"
          "  accounts password NAME\n"
          "                      give one another password, likewise\n"
          "  accounts drop NAME  remove one\n"
          "  hash-password       read a password from standard input, and write what\n"
          "                      stands for it in the configuration; no daemon is asked\n"
          "\n"
          "  -s, --socket SOCKET the daemon's control socket\n"
          "  -c, --config FILE   the configuration that says where that is,\n"
          "                      not " CONFIG_DEFAULT_FILE "\n"
          "  -t, --timeout SECONDS\n"
          "                      how long to wait (60)\n"
          "  -V, --version       write the version, and end\n"
          "  -h, --help          write this, and end\n"
          "\n"
          "Exit status: 0 done, 1 the daemon failed or said no, 2 usage, 3 configuration,\n"
          "4 no daemon answers.\n",
          stdout);
}

/* -- Command line --------------------------------------------------------------------------- */

static int usage_error(const char *text, const char *what)
{
    fprintf(stderr, "pacelinectl: %s%s\nTry 'pacelinectl --help'.\n", text, what);
    return CTL_USAGE;
}

static int take_seconds(struct request *request, const char *text)
{
    unsigned long seconds;
    char *end;

    errno = 0;
    seconds = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || seconds == 0 || seconds > 86400)
        return usage_error("1..86400 seconds expected, got ", text);
    request->seconds = (unsigned)seconds;
    return CTL_DONE;
}

/* Whether what the daemon answers is what was asked for. */
static bool has_output(const char *command)
{
    return strcmp(command, "status") == 0 || strcmp(command, "limits") == 0 ||
           strcmp(command, "classes") == 0 || strcmp(command, "bans") == 0 ||
           strcmp(command, "defcon") == 0 || strcmp(command, LIST) == 0;
}

/* Whether that is a pair of key and value a line, each key once. */
static bool has_pairs(const char *command)
{
    return strcmp(command, "status") == 0 || strcmp(command, "limits") == 0;
}

static int take_level(struct request *request, const char *text)
{
    if (request->socket && request->config)
        return usage_error("only one of -c and -s is possible", "");
    if (request->json)
        return usage_error("--json goes with status", "");
    if (*text < '1' || *text > '5' || text[1])
        return usage_error("1..5 expected, got ", text);
    snprintf(request->text, sizeof(request->text), "defcon %s", text);
    request->command = "defcon";
    return CTL_DONE;
}

static const char *const with_file[] = {"backup", "export", "import"};

static const char *find_with_file(const char *name)
{
    for (size_t i = 0; i < sizeof(with_file) / sizeof(with_file[0]); i++)
        if (strcmp(name, with_file[i]) == 0)
            return with_file[i];
    return NULL;
}

/* The daemon has another folder: it is told the whole path. */
static int take_file(struct request *request, const char *command, const char *path)
{
    char folder[PATH_MAX] = "";
    int length;

    if (request->socket && request->config)
        return usage_error("only one of -c and -s is possible", "");
    if (request->json)
        return usage_error("--json goes with status and limits", "");
    if (*path != '/' && !getcwd(folder, sizeof(folder))) {
        fprintf(stderr, "pacelinectl: the working folder: %s\n", strerror(errno));
        return CTL_FAILED;
    }
    length = snprintf(request->text, sizeof(request->text), "%s %s%s%s", command, folder,
                      *folder ? "/" : "", path);
    if (!*path || length >= (int)sizeof(request->text) || strpbrk(request->text, "\r\n"))
        return usage_error("no path that can be told: ", path);
    request->command = command;
    return CTL_DONE;
}

/* "list", or another one with a name behind it. The password comes later. */
static int take_accounts(struct request *request, int count, char **words)
{
    static const char *const with_name[] = {"add", "password", "drop"};
    const char *what = count > 0 ? words[0] : "";

    if (request->socket && request->config)
        return usage_error("only one of -c and -s is possible", "");
    if (request->json)
        return usage_error("--json goes with status and limits", "");
    request->command = "accounts";
    if (count == 1 && strcmp(what, "list") == 0) {
        request->command = LIST;
        return CTL_DONE;
    }
    for (size_t i = 0; i < sizeof(with_name) / sizeof(with_name[0]); i++) {
        if (count != 2 || strcmp(what, with_name[i]) != 0)
            continue;
        if (!*words[1] || strlen(words[1]) > 1000 || strpbrk(words[1], " \r\n"))
            return usage_error("no name of an account: ", words[1]);
        snprintf(request->text, sizeof(request->text), "accounts %s %s", what, words[1]);
        request->wants_password = strcmp(what, "drop") != 0;
        return CTL_DONE;
    }
    return usage_error("list, add NAME, password NAME or drop NAME expected behind accounts", "");
}

static int check_command(struct request *request, int argc, char **argv)
{
    static const char *const commands[] = {"status", "classes", "bans",  "defcon",
                                           "limits", "reload",  "drain", HASH_PASSWORD};
    size_t i;

    if (optind >= argc)
        return usage_error("a command is missing", "");
    if (optind + 2 == argc && strcmp(argv[optind], "defcon") == 0)
        return take_level(request, argv[optind + 1]);
    if (optind + 2 == argc && find_with_file(argv[optind]))
        return take_file(request, find_with_file(argv[optind]), argv[optind + 1]);
    if (strcmp(argv[optind], "accounts") == 0)
        return take_accounts(request, argc - optind - 1, argv + optind + 1);
    if (optind + 1 < argc)
        return usage_error("unexpected argument: ", argv[optind + 1]);
    if (request->socket && request->config)
        return usage_error("only one of -c and -s is possible", "");
    if (find_with_file(argv[optind]))
        return usage_error("a file is missing: ", argv[optind]);
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(argv[optind], commands[i]) == 0)
            request->command = commands[i];
    if (!request->command)
        return usage_error("no such command: ", argv[optind]);
    if (request->json && !has_pairs(request->command))
        return usage_error("--json goes with status and limits", "");
    return CTL_DONE;
}

/* Whether all that was written to standard output has arrived. */
static int finish_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "pacelinectl: standard output: %s\n", strerror(errno));
    return CTL_FAILED;
}

/* 0, or the exit status when there is nothing more to do; *OVER says so. */
static int parse(struct request *request, int argc, char **argv, bool *over)
{
    int status = CTL_DONE;
    int option;

    *over = false;
    while (status == CTL_DONE &&
           (option = getopt_long(argc, argv, "s:c:t:Vh", long_options, NULL)) >= 0) {
        switch (option) {
        case 's':
            request->socket = optarg;
            break;
        case 'c':
            request->config = optarg;
            break;
        case 't':
            status = take_seconds(request, optarg);
            break;
        case JSON:
            request->json = true;
            break;
        case 'V':
            *over = true;
            printf("pacelinectl %s\n", pl_version());
            return finish_output(CTL_DONE);
        case 'h':
            *over = true;
            print_help();
            return finish_output(CTL_DONE);
        default: /* getopt_long() has said it */
            fputs("Try 'pacelinectl --help'.\n", stderr);
            status = CTL_USAGE;
        }
    }
    return status == CTL_DONE ? check_command(request, argc, argv) : status;
}

/* -- Where the socket is -------------------------------------------------------------------- */

/* Out of the configuration, as the daemon does it. *PATH is the caller's to free(). */
static int path_of(const struct config *config, const char *source, char **path)
{
    char *state_dir = NULL;
    int rc = config_state_dir(config, &state_dir);

    if (rc == 0 || rc == -ENOENT)
        rc = config_control_path(config, state_dir ? state_dir : "", path);
    free(state_dir);
    if (rc == 0 && *path && **path == '/')
        return CTL_DONE;
    if (rc == 0 && !*path)
        fprintf(stderr, "pacelinectl: %s: server.control is \"none\"\n", source);
    else if (rc == 0)
        fprintf(stderr, "pacelinectl: %s: server.state_dir is needed to find the socket\n", source);
    else
        fprintf(stderr, "pacelinectl: %s: %s\n", source, strerror(-rc));
    return CTL_CONFIG;
}

static int find_path(const struct request *request, char **path)
{
    struct config_errors errors;
    struct config *config = NULL;
    const char *source;
    int status = CTL_CONFIG;
    int rc;

    *path = NULL;
    if (request->socket) {
        *path = strdup(request->socket);
        return *path ? CTL_DONE : CTL_FAILED;
    }
    config_errors_init(&errors);
    rc = config_load_default(request->config, &config, &source, &errors);
    config_errors_print(&errors, stderr);
    config_errors_deinit(&errors);
    if (rc < 0)
        fprintf(stderr, "pacelinectl: %s: %s\n", source, strerror(-rc));
    if (rc == 0)
        status = path_of(config, source, path);
    config_unref(config);
    return status;
}

/* -- Asking --------------------------------------------------------------------------------- */

/* The last line, where the answer's verdict stands. */
static char *last_line(struct ctl_connection *connection)
{
    char *line;

    connection->answer[connection->length - 1] = '\0';
    line = strrchr(connection->answer, '\n');
    return line ? line + 1 : connection->answer;
}

/* What the daemon has to say beside its verdict goes to standard error, one line each. */
static void print_messages(const char *answer)
{
    static const char label[] = "message: ";
    const char *line;

    for (line = answer; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, label, sizeof(label) - 1) == 0)
            fprintf(stderr, "%.*s\n", (int)strcspn(line, "\n") - (int)(sizeof(label) - 1),
                    line + sizeof(label) - 1);
    }
}

static int report(const struct request *request, struct ctl_connection *connection)
{
    char *verdict = last_line(connection);

    if (strcmp(verdict, "ok") != 0) {
        print_messages(connection->answer);
        fprintf(stderr, "pacelinectl: %s\n", verdict + strlen("error: "));
        return CTL_FAILED;
    }
    *verdict = '\0';
    if (request->json)
        ctl_json(connection->answer, strcmp(request->command, "status") == 0, stdout);
    else if (has_output(request->command))
        fputs(connection->answer, stdout);
    else
        print_messages(connection->answer);
    return finish_output(CTL_DONE);
}

static int fail(const char *what, int error)
{
    fprintf(stderr, "pacelinectl: %s: %s\n", what,
            error == -EPROTO ? "the daemon hung up" : strerror(-error));
    return CTL_FAILED;
}

static int ask(const struct request *request, const char *path)
{
    uint64_t deadline = pli_clock_now() + request->seconds * SECOND;
    struct ctl_connection connection;
    int status = CTL_UNREACHABLE;
    int rc = ctl_open(&connection, path);

    if (rc < 0) {
        fprintf(stderr, "pacelinectl: no daemon answers at %s: %s\n", path, strerror(-rc));
        return status;
    }
    rc = ctl_ask(&connection, *request->text ? request->text : request->command, deadline);
    status = rc < 0 ? fail(request->command, rc) : report(request, &connection);
    if (status == CTL_DONE && strcmp(request->command, "drain") == 0) {
        rc = ctl_wait_end(&connection, deadline);
        if (rc < 0)
            status = fail("the daemon has not ended", rc);
    }
    ctl_close(&connection);
    return status;
}

/* Puts the password behind the text. */
static int add_password(struct request *request)
{
    size_t used = strlen(request->text);
    char *text;
    size_t size;
    ssize_t length = ctl_read_password(PASSWORD_MAX, &text, &size);

    if (length >= 0)
        snprintf(request->text + used, sizeof(request->text) - used, " %.*s", (int)length, text);
    ctl_wipe(text, size);
    return length < 0 ? CTL_FAILED : CTL_DONE;
}

int main(int argc, char **argv)
{
    struct request request = {.seconds = 60};
    char *path = NULL;
    bool over;
    int status = parse(&request, argc, argv, &over);

    if (over || status != CTL_DONE)
        return status;
    if (strcmp(request.command, HASH_PASSWORD) == 0)
        return ctl_hash_password() == 0 ? CTL_DONE : CTL_FAILED;
    status = find_path(&request, &path);
    if (status == CTL_DONE && request.wants_password)
        status = add_password(&request);
    if (status == CTL_DONE)
        status = ask(&request, path);
    OPENSSL_cleanse(request.text, sizeof(request.text));
    free(path);
    return status;
}
