/* SPDX-License-Identifier: MIT */
/*
 * Three who meet on one server: Iris uses irssi, Wei WeeChat, and Tom talks through a plain
 * connection as nc makes one.
 */
#ifndef TESTS_CLIENTS_COMPANY_H
#define TESTS_CLIENTS_COMPANY_H

#include "tests/clients/terminal.h"
#include "tests/clients/weechat.h"
#include "tests/lib/daemon.h"
#include "tests/lib/peer.h"
#include "tests/lib/unit.h"

struct company {
    struct daemon *daemon;
    struct terminal *iris;
    struct weechat *wei;
    struct peer *tom;
};

/* Starts the server and all three: they are registered, and Tom is in #lobby. */
struct company company_open(void);

/* They go to #dev, Iris first, as its operator, and all of them know. */
struct company company_meet(void);

/* Tom's next line is that, behind the time. */
#define TOM_EXPECT(company, pattern) PEER_EXPECT_MATCH((company)->tom, "\\[[0-9:]{5}\\] " pattern)

/* What irssi shows, behind the time. */
#define IRIS_EXPECT(company, pattern) TERMINAL_EXPECT((company)->iris, "[0-9:]{5} " pattern)

/* Closes what is still open. */
void company_close(struct company *company);

/* Runs tests if the programs are there. Returns the status for main. */
int company_main(int argc, char **argv, const char *name, const struct unit_test *tests);

#endif
