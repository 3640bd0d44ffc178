/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lookup/name.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define LABEL_MAX 63

bool lookup_address_read(const char *text, struct lookup_address *address)
{
    *address = (struct lookup_address){.family = AF_INET};
    if (inet_pton(AF_INET, text, address->bytes) == 1)
        return true;
    address->family = AF_INET6;
    return inet_pton(AF_INET6, text, address->bytes) == 1;
}

size_t lookup_address_size(const struct lookup_address *address)
{
    return address->family == AF_INET ? 4 : 16;
}

bool lookup_name_of(const struct lookup_address *address, const char *zone,
                    char name[LOOKUP_NAME_MAX + 1])
{
    bool ipv4 = address->family == AF_INET;
    size_t used = 0;
    int length;

    for (size_t i = lookup_address_size(address); i-- > 0;) {
        unsigned byte = address->bytes[i];

        if (ipv4)
            length = snprintf(name + used, LOOKUP_NAME_MAX + 1 - used, "%u.", byte);
        else
            length =
                snprintf(name + used, LOOKUP_NAME_MAX + 1 - used, "%x.%x.", byte & 15, byte >> 4);
        used += (size_t)length; /* there is room for all of an address */
    }
    if (!zone)
        zone = ipv4 ? "in-addr.arpa" : "ip6.arpa";
    length = snprintf(name + used, LOOKUP_NAME_MAX + 1 - used, "%s", zone);
    return (size_t)length <= LOOKUP_NAME_MAX - used;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool label_is_good(const char *label, size_t length)
{
    if (length == 0 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_alphanumeric(label[i]) && label[i] != '-')
            return false;
    return true;
}

bool lookup_name_is_showable(const char *name, size_t most)
{
    const char *last = name;
    size_t labels = 0;
    size_t length;

    if (strlen(name) > most)
        return false;
    for (const char *at = name;; at += length + 1) {
        length = strcspn(at, ".");
        if (!label_is_good(at, length))
            return false;
        last = at;
        labels++;
        if (!at[length])
            break;
    }
    /* Hidden addresses end with .ip (chat/cloak.h). */
    return labels > 1 && strspn(last, "0123456789") < strlen(last) && strcasecmp(last, "ip") != 0;
}
