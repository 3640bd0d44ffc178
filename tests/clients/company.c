/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/clients/company.h"

#include "tests/clients/program.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CONFIGURATION                                                                              \
    DAEMON_SERVER "listeners = ( { service = \"irc\"; port = 0; }, { service = \"talk\"; port = "  \
                  "0; } );\n"

/*
 * irssi as it comes, but for two settings: it does not keep what is typed, or what it asks by
 * itself, back for seconds.
 */
static const char irssi_config[] = "settings = { \"irc/core\" = { cmd_queue_speed = \"1msec\"; "
                                   "cmds_max_at_once = \"1000\"; }; };\n";

static struct terminal *start_irssi(struct daemon *daemon)
{
    char folder[256], path[300], command[600];
    FILE *file;

    snprintf(folder, sizeof(folder), "%s", daemon_path(daemon, "irssi"));
    snprintf(path, sizeof(path), "%s/config", folder);
    EXPECT(mkdir(folder, 0700) == 0, "%s: %s", folder, strerror(errno));
    file = fopen(path, "w");
    EXPECT(file && fputs(irssi_config, file) >= 0 && fclose(file) == 0, "%s: %s", path,
           strerror(errno));
    snprintf(command, sizeof(command), "exec irssi --home='%s' -c 127.0.0.1 -p %u -n iris", folder,
             DAEMON_PORT(daemon, "irc", 0));
    return TERMINAL_OPEN(folder, command);
}

static struct weechat *start_weechat(struct daemon *daemon)
{
    const char *folder = daemon_path(daemon, "weechat");

    EXPECT(mkdir(folder, 0700) == 0, "%s: %s", folder, strerror(errno));
    return WEECHAT_OPEN(folder, DAEMON_PORT(daemon, "irc", 0), "wei");
}

struct company company_open(void)
{
    struct company company = {.daemon = DAEMON_START(CONFIGURATION, 2)};

    company.iris = start_irssi(company.daemon);
    company.wei = start_weechat(company.daemon);
    company.tom = PEER_CONNECT(DAEMON_PORT(company.daemon, "talk", 0));
    PEER_SEND_TEXT(company.tom, "tom\n");
    PEER_SKIP_TO(company.tom, "1 person in #lobby: tom");
    IRIS_EXPECT(&company, "-!- Mode change \\[\\+i\\] for user iris");
    WEECHAT_EXPECT(company.wei, "server", "--\tMOTD File is missing");
    return company;
}

struct company company_meet(void)
{
    struct company company = company_open();

    terminal_type(company.iris, "/join #dev");
    IRIS_EXPECT(&company, "-!- Irssi: Join to #dev was synced in .*");
    weechat_type(company.wei, "server", "/join #dev");
    WEECHAT_EXPECT(company.wei, "#dev", "--\tChannel #dev: 2 nicks \\(1 op, .*");
    IRIS_EXPECT(&company, "-!- wei \\[.*\\] has joined #dev");
    PEER_SEND_TEXT(company.tom, "/join #dev\n");
    TOM_EXPECT(&company, "\\* you have joined #dev");
    PEER_EXPECT_LINE(company.tom, "3 people in #dev: iris wei tom");
    IRIS_EXPECT(&company, "-!- tom \\[.*\\] has joined #dev");
    WEECHAT_EXPECT(company.wei, "#dev", "-->\ttom \\(.*\\) has joined #dev");
    return company;
}

void company_close(struct company *company)
{
    peer_close(company->tom);
    weechat_close(company->wei);
    terminal_close(company->iris);
    DAEMON_STOP(company->daemon);
}

/* It comes apart from the program. */
static bool has_plugin(void)
{
    glob_t found = {0};
    bool there = glob("/usr/lib/weechat/plugins/fifo.so", 0, NULL, &found) == 0 ||
                 glob("/usr/lib/*/weechat/plugins/fifo.so", 0, NULL, &found) == 0;

    globfree(&found);
    return there;
}

int company_main(int argc, char **argv, const char *name, const struct unit_test *tests)
{
    static const char *const programs[] = {"tmux", "irssi", "weechat-headless"};
    const char *lacking = program_lacking(programs, 3);

    if (!lacking && !has_plugin())
        lacking = "WeeChat's plugin fifo";
    return lacking ? program_missing(lacking) : unit_main(argc, argv, name, tests);
}
