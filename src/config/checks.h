/* SPDX-License-Identifier: MIT */
/*
 * What the value of one string must be like, beyond its size, which the table of keys bounds. What
 * hangs on several settings is in rules.h.
 */
#ifndef CONFIG_CHECKS_H
#define CONFIG_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

bool config_valid_host(const char *value);     /* letters, digits, dots, dashes */
bool config_valid_word(const char *value);     /* UTF-8, no space, no control character */
bool config_valid_text(const char *value);     /* UTF-8, no control character */
bool config_valid_url(const char *value);      /* "" or http, https, and a host */
bool config_valid_path(const char *value);     /* any bytes but control characters */
bool config_valid_absolute(const char *value); /* the same, and "" or from the root */
bool config_valid_user(const char *value);     /* "" or a name as useradd(8) takes it */
bool config_valid_address(const char *value);  /* "*", IPv4, or IPv6 with or without brackets */
bool config_valid_server(const char *value);   /* "" or IPv4 */
bool config_valid_room(const char *value);     /* "#" and more, no space, comma, control */
bool config_valid_oper(const char *value);     /* a word that is no last parameter of IRC */
bool config_valid_password(const char *value); /* what base/password.h reads */
bool config_valid_network(const char *value);  /* what pl_network_parse() reads */
bool config_valid_webirc(const char *value);   /* an inner parameter of IRC, or a hash */
bool config_valid_targets(const char *value);  /* letters of what filters are for */
bool config_valid_target(const char *value);   /* stderr, syslog, journal or a path */

/*
 * Writes the canonical text of a valid address: without brackets, IPv6 as RFC 5952 has it, its zone
 * as it was.
 */
#define CONFIG_ADDRESS_SIZE 128
void config_canonical_address(const char *value, char buffer[static CONFIG_ADDRESS_SIZE]);

#endif
