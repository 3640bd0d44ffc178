/* SPDX-License-Identifier: MIT */
/*
 * Copies of the store, and its records as text, by commands of the control socket. They wait for the
 * disk, and so for a helper.
 */
#ifndef DAEMON_TRANSFER_H
#define DAEMON_TRANSFER_H

#include <stdbool.h>

struct pl_line;
struct pl_session;

/*
 * Answers a line that is "backup FILE", "export FILE" or "import FILE", the file an absolute path;
 * false: it is none of them. The session is parked until the answer is there. In a call.
 */
bool transfer_command(struct pl_session *session, const struct pl_line *line);

#define TRANSFER_LINE_MAX 4608 /* bytes of a command, of which a path may take 4095 */

#endif
