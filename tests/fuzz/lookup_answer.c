/* SPDX-License-Identifier: MIT */
/*
 * Answers of the domain name system, as they come: a name that is found in one has an end, and one
 * that may be shown is made of what may be shown; addresses are no more than there is room for.
 */
#include "config.h"

#include "lookup/answer.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int truth)
{
    if (!truth)
        abort();
}

static void check_name(const uint8_t *data, size_t size)
{
    char name[LOOKUP_NAME_MAX + 1];

    memset(name, 'x', sizeof(name));
    if (!lookup_answer_name(data, size, name))
        return;
    must(memchr(name, '\0', sizeof(name)) != NULL);
    if (lookup_name_is_showable(name, 63))
        must(strlen(name) <= 63 &&
             strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789-.") == strlen(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lookup_address addresses[LOOKUP_ADDRESSES_MAX];
    size_t count;

    check_name(data, size);
    count = lookup_answer_addresses(data, size, AF_INET, addresses);
    must(count <= LOOKUP_ADDRESSES_MAX);
    count = lookup_answer_addresses(data, size, AF_INET6, addresses);
    must(count <= LOOKUP_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++)
        must(addresses[i].family == AF_INET6);
    return 0;
}
