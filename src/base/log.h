/* SPDX-License-Identifier: MIT */
/*
 * The log: lines with a level, handed to one sink that the program sets (pl_set_log()). Without a
 * sink nothing is formatted. The sink is called by any thread and does its own locking.
 */
#ifndef PLI_BASE_LOG_H
#define PLI_BASE_LOG_H

#include <paceline/server.h>

/* Logs one line (cut at 1,000 bytes). The text of messages, passwords and keys are never logged. */
void pli_log(enum pl_log_level level, const char *format, ...) PL_PRINTF(2, 3);

#endif
