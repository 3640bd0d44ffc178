/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/address.h"

#include "base/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pli_address_take(struct pli_address *address, int family, const uint8_t *bytes, unsigned port)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (family == AF_INET6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        family = AF_INET;
        bytes += sizeof(mapped);
    }
    *address = (struct pli_address){.family = (uint8_t)family, .port = (uint16_t)port};
    memcpy(address->bytes, bytes, family == AF_INET ? 4 : 16);
}

void pli_address_set(struct pli_address *address, const struct sockaddr_storage *from,
                     socklen_t length)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

    *address = (struct pli_address){.family = AF_UNIX};
    if (length >= sizeof(*in) && from->ss_family == AF_INET)
        pli_address_take(address, AF_INET, (const uint8_t *)&in->sin_addr, ntohs(in->sin_port));
    else if (length >= sizeof(*in6) && from->ss_family == AF_INET6)
        pli_address_take(address, AF_INET6, in6->sin6_addr.s6_addr, ntohs(in6->sin6_port));
}

int pli_address_read(const char *text, unsigned port, struct pli_address *address)
{
    uint8_t bytes[16];

    if (port > 65535)
        return -EINVAL;
    if (inet_pton(AF_INET, text, bytes) == 1)
        pli_address_take(address, AF_INET, bytes, port);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        pli_address_take(address, AF_INET6, bytes, port);
    else
        return -EINVAL;
    return 0;
}

const char *pli_address_text(const struct pli_address *address, char *text, size_t size)
{
    char whole[INET6_ADDRSTRLEN] = "unix";

    if (address->family != AF_UNIX)
        inet_ntop(address->family, address->bytes, whole, sizeof(whole));
    snprintf(text, size, "%s", whole);
    return text;
}

bool pli_address_same(const struct pli_address *one, const struct pli_address *other)
{
    return one->family == other->family &&
           memcmp(one->bytes, other->bytes, sizeof(one->bytes)) == 0;
}

bool pli_address_is_local(const struct pli_address *address)
{
    static const uint8_t loopback[16] = {[15] = 1};

    switch (address->family) {
    case AF_INET:
        return address->bytes[0] == 127;
    case AF_INET6:
        return memcmp(address->bytes, loopback, sizeof(loopback)) == 0;
    default:
        return true;
    }
}

static int parse_ipv6(const char *text, struct in6_addr *address)
{
    char plain[INET6_ADDRSTRLEN];
    size_t length = strlen(text);

    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length >= sizeof(plain))
        return -EINVAL;
    memcpy(plain, text, length);
    plain[length] = '\0';
    return inet_pton(AF_INET6, plain, address) == 1 ? 0 : -EINVAL;
}

int pli_address_parse(const char *text, unsigned port, struct sockaddr_storage *address,
                      socklen_t *length, bool *dual)
{
    struct sockaddr_in *in = (struct sockaddr_in *)address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

    if (port > 65535)
        return -EINVAL;
    memset(address, 0, sizeof(*address));
    *dual = strcmp(text, "*") == 0;
    if (!*dual && inet_pton(AF_INET, text, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)port);
        *length = sizeof(*in);
        return 0;
    }
    if (!*dual && parse_ipv6(text, &in6->sin6_addr) < 0)
        return -EINVAL;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons((uint16_t)port);
    *length = sizeof(*in6);
    return 0;
}

struct address_entry {
    uint8_t key[18]; /* family, bits, then the bytes */
    unsigned sessions;
};

struct pli_address pli_address_group(const struct pli_address *address, unsigned bits)
{
    struct pli_address group = {.family = address->family, .bits = (uint8_t)bits};

    memcpy(group.bytes, address->bytes, sizeof(group.bytes));
    pli_bits_cut(group.bytes, bits);
    return group;
}

static void make_key(struct address_entry *entry, const struct pli_address *group)
{
    entry->key[0] = group->family;
    entry->key[1] = group->bits;
    memcpy(entry->key + 2, group->bytes, sizeof(group->bytes));
}

static int compare(const void *a, const void *b)
{
    const struct address_entry *left = a;
    const struct address_entry *right = b;

    return memcmp(left->key, right->key, sizeof(left->key));
}

int pli_address_count(struct pli_address_counts *counts, const struct pli_address *group,
                      unsigned limit)
{
    struct address_entry *entry = calloc(1, sizeof(*entry));
    struct address_entry **found;

    if (!entry)
        return -ENOMEM;
    make_key(entry, group);
    found = tsearch(entry, &counts->tree, compare);
    if (!found) {
        free(entry);
        return -ENOMEM;
    }
    if (*found != entry) {
        free(entry);
        entry = *found;
    }
    if (limit && entry->sessions >= limit)
        return -EUSERS;
    entry->sessions++;
    return 0;
}

void pli_address_uncount(struct pli_address_counts *counts, const struct pli_address *group)
{
    struct address_entry key = {.sessions = 0};
    struct address_entry **found;
    struct address_entry *entry;

    make_key(&key, group);
    found = tfind(&key, &counts->tree, compare);
    if (!found)
        return;
    entry = *found;
    if (--entry->sessions > 0)
        return;
    tdelete(entry, &counts->tree, compare);
    free(entry);
}
