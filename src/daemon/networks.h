/* SPDX-License-Identifier: MIT */
/* Lists of networks that the configuration has. */
#ifndef DAEMON_NETWORKS_H
#define DAEMON_NETWORKS_H

#include <paceline/network.h>

#include <stddef.h>

/*
 * Reads WORDS, networks with spaces between them, each of which the configuration has checked, to
 * NETWORKS, up to MOST. Returns how many they are.
 */
size_t networks_read(const char *words, struct pl_network *networks, size_t most);

#endif
