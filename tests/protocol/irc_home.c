/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/protocol/irc_home.h"

#include "base/clock.h"
#include "tests/lib/command.h"
#include "tests/lib/folder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void home_start(struct home *home)
{
    char *settings;

    EXPECT(asprintf(&settings,
                    "server: { name = \"test.example\"; state_dir = \"%s\"; control = "
                    "\"@DIR@/control\"; };\nlisteners = ( { service = \"irc\"; port = 0; }, "
                    "{ service = \"talk\"; port = 0; } );\n%s",
                    home->folder, home->settings) > 0,
           "no memory");
    home->daemon = DAEMON_START(settings, 2);
    free(settings);
}

void home_begin(struct home *home, const char *settings)
{
    struct peer *alice;

    home->folder = folder_new();
    home->settings = settings;
    home_start(home);
    alice = IRC_CONNECT(home->daemon);
    irc_send(alice, "NICK alice\r\nREGISTER * * :%s", HOME_PASSWORD);
    PEER_SKIP_TO(alice, ":test\\.example 900 .*");
    peer_close(alice);
}

void home_stop(struct home *home, bool killed)
{
    EXPECT(!strstr(daemon_log(home->daemon), HOME_PASSWORD), "the log has the password");
    if (killed)
        DAEMON_KILL(home->daemon);
    else
        DAEMON_STOP(home->daemon);
    home->daemon = NULL;
}

void home_end(struct home *home)
{
    home_stop(home, false);
    folder_remove(home->folder);
}

void home_restart(struct home *home, bool killed)
{
    home_stop(home, killed);
    home_start(home);
}

struct peer *home_log_in(struct home *home, const char *nick, const char *caps)
{
    struct peer *peer = IRC_CONNECT(home->daemon);

    irc_send(peer, "CAP REQ :sasl %s\r\nNICK %s\r\nUSER %s 0 * :%s\r\nAUTHENTICATE PLAIN", caps,
             nick, nick, nick);
    PEER_SKIP_TO(peer, "AUTHENTICATE \\+");
    irc_send_plain(peer, "alice", HOME_PASSWORD);
    PEER_SKIP_TO(peer, ":test\\.example 903 .*");
    irc_send(peer, "CAP END");
    return peer;
}

struct peer *home_come(struct home *home, const char *nick, const char *caps)
{
    struct peer *peer = home_log_in(home, nick, caps);

    PEER_SKIP_TO(peer, ":test\\.example 422 .*");
    return peer;
}

/* What the server exports now; to be freed. */
static char *export(struct home *home)
{
    char *path = folder_path(home->folder, "export.json");
    struct command_result result;
    char *text = NULL;
    size_t size = 0;
    FILE *file;

    unlink(path);
    result = COMMAND_RUN(NULL, command_program("PACELINECTL"), "-s",
                         daemon_path(home->daemon, "control"), "export", path);
    COMMAND_EXPECT(&result, 0);
    command_clear(&result);
    file = fopen(path, "r");
    EXPECT(file && getdelim(&text, &size, '\0', file) > 0, "%s cannot be read", path);
    fclose(file);
    free(path);
    return text;
}

void home_wait_kept(struct place place, struct home *home, const char *text, bool there)
{
    uint64_t deadline = expect_deadline();
    bool found;
    char *all;

    do {
        all = export(home);
        found = strstr(all, text);
        if (found != there && pli_clock_now() > deadline)
            expect_fail(place, "%s is %s in %s", text, there ? "not" : "still", all);
        free(all);
    } while (found != there);
}
