/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/endpoint.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "transport/address.h"

int pli_endpoint_parse(const char *host, unsigned port, struct pli_endpoint *endpoint)
{
    bool every;
    int rc = pli_address_parse(host, port, &endpoint->address, &endpoint->length, &every);

    return rc == 0 && every ? -EINVAL : rc;
}

int pli_endpoint_unix(const char *path, struct pli_endpoint *endpoint)
{
    struct sockaddr_un *address = (struct sockaddr_un *)&endpoint->address;

    if (!*path)
        return -EINVAL; /* connect would take it for a name without a file (unix(7), abstract) */
    if (strlen(path) >= sizeof(address->sun_path))
        return -ENAMETOOLONG;
    *endpoint = (struct pli_endpoint){.length = sizeof(*address)};
    address->sun_family = AF_UNIX;
    strcpy(address->sun_path, path);
    return 0;
}

/* The first from FROM on that is not of FAMILY; COUNT if there is none. */
static size_t find_other(const struct pli_endpoints *endpoints, size_t from, sa_family_t family)
{
    while (from < endpoints->count && endpoints->list[from].address.ss_family == family)
        from++;
    return from;
}

void pli_endpoints_interleave(struct pli_endpoints *endpoints)
{
    struct pli_endpoint *list = endpoints->list;

    for (size_t i = 1; i < endpoints->count; i++) {
        size_t other = find_other(endpoints, i, list[i - 1].address.ss_family);
        struct pli_endpoint moved;

        if (other == endpoints->count)
            return; /* of one family, all the rest */
        moved = list[other];
        memmove(&list[i + 1], &list[i], (other - i) * sizeof(*list));
        list[i] = moved;
    }
}

static int resolver_error(int rc, int error)
{
    switch (rc) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        return -ENOENT;
    case EAI_AGAIN:
        return -EAGAIN;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_SYSTEM:
        return error > 0 ? -error : -EIO;
    default:
        return -EIO;
    }
}

static bool usable(const struct addrinfo *info)
{
    return info->ai_addrlen <= sizeof(struct sockaddr_storage) &&
           (info->ai_family == AF_INET || info->ai_family == AF_INET6);
}

static void set(struct pli_endpoint *endpoint, const struct addrinfo *info, unsigned port)
{
    *endpoint = (struct pli_endpoint){.length = info->ai_addrlen};
    memcpy(&endpoint->address, info->ai_addr, info->ai_addrlen);
    if (info->ai_family == AF_INET)
        ((struct sockaddr_in *)&endpoint->address)->sin_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in6 *)&endpoint->address)->sin6_port = htons((uint16_t)port);
}

static int copy(const struct addrinfo *infos, unsigned port, struct pli_endpoints *endpoints)
{
    size_t count = 0;

    for (const struct addrinfo *info = infos; info; info = info->ai_next)
        count += usable(info);
    if (count == 0)
        return -ENOENT;
    endpoints->list = calloc(count, sizeof(*endpoints->list));
    if (!endpoints->list)
        return -ENOMEM;
    endpoints->count = 0;
    for (const struct addrinfo *info = infos; info; info = info->ai_next)
        if (usable(info))
            set(&endpoints->list[endpoints->count++], info, port);
    return 0;
}

int pli_endpoints_resolve(const char *host, unsigned port, struct pli_endpoints *endpoints)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *infos;
    int rc = getaddrinfo(host, NULL, &hints, &infos);

    if (rc != 0)
        return resolver_error(rc, errno);
    rc = copy(infos, port, endpoints);
    freeaddrinfo(infos);
    if (rc == 0)
        pli_endpoints_interleave(endpoints);
    return rc;
}
