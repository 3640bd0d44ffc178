/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LIB_NETWORK_H
#define TESTS_LIB_NETWORK_H

/* An address that is this machine's and not a loopback address, once network_enter() was there. */
#define NETWORK_ADDRESS       "198.51.100.1"
#define NETWORK_OTHER_ADDRESS "198.51.100.2"

/*
 * Moves the calling process into a network of its own that has the loopback addresses and the two
 * above. Before any thread is started. Returns 0, or a negative errno where that is not allowed.
 */
int network_enter(void);

/*
 * Gives that network one more address, of IPv6. Returns 0, or a negative errno where there is no IPv6.
 */
int network_add_ipv6(const char *text);

#endif
