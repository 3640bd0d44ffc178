/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static bool is_any(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

    if (address->ss_family == AF_INET)
        return v4->sin_addr.s_addr == htonl(INADDR_ANY);
    return address->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

static bool same_host(const struct sockaddr_storage *one, const struct addrinfo *other)
{
    const struct sockaddr_in6 *one6 = (const struct sockaddr_in6 *)one;
    const struct sockaddr_in6 *other6 = (const struct sockaddr_in6 *)other->ai_addr;
    const struct sockaddr_in *one4 = (const struct sockaddr_in *)one;
    const struct sockaddr_in *other4 = (const struct sockaddr_in *)other->ai_addr;

    if (one->ss_family != other->ai_family)
        return false;
    if (one->ss_family == AF_INET)
        return one4->sin_addr.s_addr == other4->sin_addr.s_addr;
    return memcmp(&one6->sin6_addr, &other6->sin6_addr, sizeof(one6->sin6_addr)) == 0 &&
           one6->sin6_scope_id == other6->sin6_scope_id;
}

static unsigned port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return 0;
}

bool address_is(const struct sockaddr_storage *address, const char *text, unsigned port)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    bool same;

    if (port == 0 || port_of(address) != port)
        return false;
    if (strcmp(text, "*") == 0)
        return is_any(address);
    if (getaddrinfo(text, NULL, &hints, &found) != 0)
        return false;
    same = same_host(address, found);
    freeaddrinfo(found);
    return same;
}

const char *address_text(const struct sockaddr_storage *address, char buffer[static ADDRESS_TEXT])
{
    const struct sockaddr_un *unix_address = (const struct sockaddr_un *)address;
    char host[INET6_ADDRSTRLEN] = "?";

    if (address->ss_family == AF_UNIX) {
        snprintf(buffer, ADDRESS_TEXT, "%.*s", (int)sizeof(unix_address->sun_path),
                 unix_address->sun_path[0] ? unix_address->sun_path : "(abstract)");
    } else if (address->ss_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, host, sizeof(host));
        snprintf(buffer, ADDRESS_TEXT, "%s port %u", host, port_of(address));
    } else if (address->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, host, sizeof(host));
        snprintf(buffer, ADDRESS_TEXT, "[%s] port %u", host, port_of(address));
    } else {
        snprintf(buffer, ADDRESS_TEXT, "address family %d", address->ss_family);
    }
    return buffer;
}
