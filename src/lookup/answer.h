/* SPDX-License-Identifier: MIT */
/* What an answer of the domain name system has in it. Answers come from anybody. */
#ifndef LOOKUP_ANSWER_H
#define LOOKUP_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "lookup/name.h"

/* The first name that a PTR record of the answer tells; false: there is none. */
bool lookup_answer_name(const unsigned char *answer, size_t length, char name[LOOKUP_NAME_MAX + 1]);

/* So many addresses of an answer are looked at. */
#define LOOKUP_ADDRESSES_MAX 64

/*
 * The addresses of FAMILY, by A or AAAA records, that the answer tells, LOOKUP_ADDRESSES_MAX at most.
 * Returns how many.
 */
size_t lookup_answer_addresses(const unsigned char *answer, size_t length, int family,
                               struct lookup_address addresses[LOOKUP_ADDRESSES_MAX]);

#endif
