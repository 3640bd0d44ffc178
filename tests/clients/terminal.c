/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/clients/terminal.h"

#include "tests/clients/program.h"
#include "tests/clients/watch.h"
#include "tests/lib/command.h"
#include "tests/lib/folder.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Wide enough for a client not to break its lines by itself. */
#define COLUMNS "250"
#define ROWS    "60"

struct terminal {
    char *socket;
    struct program *tmux; /* the server, no daemon */
};

/* A tmux that asks the server, and never starts one. */
#define TMUX(terminal, ...)                                                                        \
    COMMAND_RUN(NULL, "/usr/bin/env", "tmux", "-N", "-S", (terminal)->socket, __VA_ARGS__)

static void tmux_expect(const struct terminal *terminal, const char *command, const char *option,
                        const char *argument)
{
    struct command_result result = TMUX(terminal, command, option, argument);

    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
}

struct terminal *terminal_open(struct place place, const char *folder, const char *command)
{
    struct terminal *terminal = calloc(1, sizeof(*terminal));
    uint64_t deadline = expect_deadline();
    struct command_result result;
    int status;

    EXPECT(terminal && (terminal->socket = folder_path(folder, "tmux")), "no memory");
    terminal->tmux = PROGRAM_START(folder, "tmux", "-S", terminal->socket, "-f", "/dev/null", "-D");
    do { /* until the server has its socket */
        result = TMUX(terminal, "new-session", "-d", "-x", COLUMNS, "-y", ROWS, command);
        status = result.status;
        command_clear(&result);
        if (status != 0)
            poll(NULL, 0, 20);
    } while (status != 0 && expect_remaining(deadline) > 0);
    if (status != 0)
        expect_fail(place, "tmux does not start");
    return terminal;
}

void terminal_type(struct terminal *terminal, const char *text)
{
    tmux_expect(terminal, "send-keys", "-l", text);
    tmux_expect(terminal, "send-keys", "--", "Enter");
}

static char *screen(void *argument)
{
    const struct terminal *terminal = argument;
    struct command_result result = TMUX(terminal, "capture-pane", "-p", "-J");
    char *text = result.out;

    COMMAND_EXPECT(&result, 0);
    free(result.err);
    return text;
}

void terminal_expect(struct place place, struct terminal *terminal, const char *pattern)
{
    watch_for(place, screen, terminal, pattern);
}

static char *sessions(void *argument)
{
    const struct terminal *terminal = argument;
    struct command_result result = TMUX(terminal, "list-sessions");
    char *text = strdup(result.out[0] ? "runs" : "ended");

    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    return text;
}

void terminal_expect_end(struct place place, struct terminal *terminal)
{
    watch_for(place, sessions, terminal, "ended");
}

void terminal_close(struct terminal *terminal)
{
    if (!terminal)
        return;
    program_stop(terminal->tmux);
    free(terminal->socket);
    free(terminal);
}
