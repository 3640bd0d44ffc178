/* SPDX-License-Identifier: MIT */
/*
 * A session of the control socket: commands come as lines, an answer is any number of lines, of
 * which the last is "ok" or "error: REASON". A reload takes a while: its session is parked, and the
 * answer belongs to a wait that the session and the request hold together, since either may end
 * first.
 */
#include "config.h"

#include "daemon/control.h"

#include "base/log.h"
#include "daemon/classes.h"
#include "daemon/control_accounts.h"
#include "daemon/daemon.h"
#include "daemon/serve.h"
#include "daemon/status.h"
#include "daemon/transfer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An answer that is on its way. */
struct wait {
    struct pl_session *session; /* the request's reference */
    atomic_uint holders;
    char *answer; /* written by the request before it resumes the session */
};

static void wait_drop(struct wait *wait)
{
    if (atomic_fetch_sub(&wait->holders, 1) > 1)
        return;
    free(wait->answer);
    free(wait);
}

/* -- Commands ------------------------------------------------------------------------------- */

/* Answers with the lines that PRINT writes. */
static void answer(struct pl_session *session, struct daemon *daemon,
                   void (*print)(struct daemon *daemon, FILE *file))
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    if (file)
        print(daemon, file);
    if (!file || fclose(file) != 0)
        pl_session_printf(session, "error: out of memory\n");
    else
        pl_session_printf(session, "%sok\n", text);
    free(text);
}

static void command_status(struct pl_session *session, struct daemon *daemon)
{
    answer(session, daemon, status_print);
}

static void command_classes(struct pl_session *session, struct daemon *daemon)
{
    answer(session, daemon, classes_print);
}

static void command_bans(struct pl_session *session, struct daemon *daemon)
{
    answer(session, daemon, status_print_bans);
}

static void command_limits(struct pl_session *session, struct daemon *daemon)
{
    answer(session, daemon, status_print_limits);
}

/* The answer to a reload: what was found, a line each, and the verdict. NULL without memory. */
static char *format_answer(int result, const struct config_errors *messages)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    size_t i;

    if (!file)
        return NULL;
    for (i = 0; i < messages->count; i++)
        fprintf(file, "message: %s\n", messages->messages[i]);
    if (result == 0)
        fputs("ok\n", file);
    else if (result == CONFIG_INVALID)
        fputs("error: the configuration stays as it was\n", file);
    else
        fprintf(file, "error: the configuration stays as it was: %s\n", strerror(-result));
    if (fclose(file) == 0)
        return text;
    free(text);
    return NULL;
}

static void on_reloaded(int result, const struct config_errors *messages, void *argument)
{
    struct wait *wait = argument;

    wait->answer = format_answer(result, messages);
    pl_session_resume(wait->session);
    pl_session_unref(wait->session);
    wait_drop(wait);
}

static void command_reload(struct pl_session *session, struct daemon *daemon)
{
    static const struct config_errors none;
    struct wait *wait = calloc(1, sizeof(*wait));
    int rc;

    if (!wait) {
        pl_session_printf(session, "error: out of memory\n");
        return;
    }
    wait->session = pl_session_ref(session);
    atomic_init(&wait->holders, 2);
    pl_session_set_data(session, wait);
    pl_session_park(session);
    rc = reload_request(daemon, on_reloaded, wait);
    if (rc < 0)
        on_reloaded(rc, &none, wait);
}

static void command_drain(struct pl_session *session, struct daemon *daemon)
{
    pl_session_printf(session, "ok\n");
    pli_log(PL_LOG_INFO, "asked to stop on the control socket");
    serve_drain(daemon);
}

static void command_defcon(struct pl_session *session, struct daemon *daemon)
{
    struct chat_defcon_view view;

    chat_defcon_look(daemon->services.world, &view);
    pl_session_printf(session, "defcon: %u\nrestrictions: %s\nok\n", view.level,
                      *view.restrictions ? view.restrictions : "none");
}

static void command_transfer(struct pl_session *session, struct daemon *daemon)
{
    (void)daemon;
    pl_session_printf(session, "error: an absolute path expected\n");
}

static void command_accounts(struct pl_session *session, struct daemon *daemon)
{
    (void)daemon;
    pl_session_printf(session, "error: list, add, password or drop expected\n");
}

static void command_help(struct pl_session *session, struct daemon *daemon);

static const struct {
    const char *name;
    void (*run)(struct pl_session *session, struct daemon *daemon);
    const char *help;
} commands[] = {
    {"defcon", command_defcon, "the level of defence; with 1 to 5 behind it, sets it"},
    {"status", command_status, "what the daemon is doing, as key: value lines"},
    {"classes", command_classes, "the classes of connections, and how many are in each"},
    {"bans", command_bans, "people, addresses and channels that are banned"},
    {"limits", command_limits, "how often each limit was run into, as key: value lines"},
    {"reload", command_reload, "read the configuration again and put it in force"},
    {"backup", command_transfer, "with a file's path behind it, writes a copy of the store"},
    {"export", command_transfer, "the same, writes what the store has as lines of JSON"},
    {"import", command_transfer, "the same, takes such lines that are not in the store yet"},
    {"accounts", command_accounts, "with list, add, password or drop behind it, sees to them"},
    {"drain", command_drain, "stop in good order"},
    {"help", command_help, "this list"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void command_help(struct pl_session *session, struct daemon *daemon)
{
    size_t i;

    (void)daemon;
    for (i = 0; i < COMMANDS; i++)
        pl_session_printf(session, "%s: %s\n", commands[i].name, commands[i].help);
    pl_session_printf(session, "ok\n");
}

/* "defcon N" sets the level, and shows it as the command alone does. */
static bool set_defcon(struct pl_session *session, const struct pl_line *line)
{
    struct daemon *daemon = pl_session_context(session);
    static const char name[] = "defcon ";
    size_t length = sizeof(name) - 1;

    if (line->length != length + 1 || memcmp(line->text, name, length) != 0 ||
        line->text[length] < '1' || line->text[length] > '5')
        return false;
    (void)chat_defcon_set(daemon->services.world, NULL, "the control socket",
                          (unsigned)(line->text[length] - '0'));
    command_defcon(session, daemon);
    return true;
}

/* -- The service ---------------------------------------------------------------------------- */

static int on_open(struct pl_session *session, void *context)
{
    uint32_t uid;
    uint32_t gid;
    int rc = pl_session_credentials(session, &uid, &gid);

    (void)context;
    if (rc == 0 && uid != 0 && uid != geteuid())
        rc = -EACCES;
    if (rc == 0)
        return 0;
    if (rc == -EACCES)
        pli_log(PL_LOG_WARNING, "user %lu was turned away from the control socket",
                (unsigned long)uid);
    pl_session_printf(session, "error: %s\n", strerror(-rc));
    return rc;
}

static void on_line(struct pl_session *session, const struct pl_line *line)
{
    size_t i;

    for (i = 0; i < COMMANDS; i++) {
        if (strlen(commands[i].name) != line->length ||
            memcmp(commands[i].name, line->text, line->length) != 0)
            continue;
        commands[i].run(session, pl_session_context(session));
        return;
    }
    if (!set_defcon(session, line) && !transfer_command(session, line) &&
        !control_accounts(session, line))
        pl_session_printf(session, "error: no such command, try help\n");
}

static void on_fault(struct pl_session *session, enum pl_fault fault, const struct pl_line *head)
{
    (void)fault;
    (void)head;
    pl_session_printf(session, "error: no such command, try help\n");
}

static void on_resume(struct pl_session *session)
{
    struct wait *wait = pl_session_data(session);

    pl_session_set_data(session, NULL);
    if (wait->answer)
        pl_session_printf(session, "%s", wait->answer);
    else
        pl_session_printf(session, "error: out of memory\n");
    wait_drop(wait);
}

static void on_close(struct pl_session *session, enum pl_reason reason)
{
    struct wait *wait = pl_session_data(session);

    (void)reason;
    if (wait)
        wait_drop(wait);
}

static const struct pl_service service = {
    .name = "control",
    .flags = PL_SERVICE_REFUSE_NUL,
    .open = on_open,
    .line = on_line,
    .fault = on_fault,
    .resume = on_resume,
    .close = on_close,
};

/* -- The socket ----------------------------------------------------------------------------- */

static int listen_at(struct daemon *daemon, const char *path)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.address = NULL;
    options.path = path;
    options.path_mode = 0666; /* on_open() looks who it is, and says so */
    options.backlog = 16;
    options.max_line = TRANSFER_LINE_MAX;
    options.exempt = true;
    return pl_server_listen(daemon->server, &service, daemon, &options, NULL);
}

/* The path, and the state folder if the socket is to be there. */
static int find_path(struct daemon *daemon, const struct config *config, char **path,
                     struct config_errors *errors)
{
    const char *control = config->server.control;
    int rc = 0;

    *path = NULL;
    if (strcmp(control, "none") != 0 && control[0] != '/')
        rc = state_open(&daemon->state, config, &daemon->privileges, errors);
    if (rc == 0)
        rc = config_control_path(config, daemon->state.path ? daemon->state.path : "/", path);
    return rc;
}

int control_open(struct daemon *daemon, const struct config *config, struct config_errors *errors)
{
    char *path;
    int rc = find_path(daemon, config, &path, errors);

    if (rc != 0 || !path)
        return rc;
    rc = listen_at(daemon, path);
    if (rc < 0 && rc != -ENOMEM)
        config_errors_add(errors, config_place_of(config, "server", "control"), "server.control",
                          "%s: %s", path,
                          rc == -EADDRINUSE ? "a daemon that runs answers there" : strerror(-rc));
    free(path);
    return rc == 0 || rc == -ENOMEM ? rc : CONFIG_INVALID;
}
