/* SPDX-License-Identifier: MIT */
/*
 * Questions to the system's resolver, resolv.conf(5), with a time for each: the calls wait, so they
 * are for threads that may. One resolver is for one thread at a time.
 */
#ifndef LOOKUP_QUERY_H
#define LOOKUP_QUERY_H

#include <netinet/in.h>
#include <resolv.h>

#include "lookup/answer.h"

struct lookup_resolver {
    struct __res_state state;
};

/*
 * SERVER, if not NULL, is asked instead of those of the system. SECONDS is how long one that does
 * not answer is waited for. Returns 0 or -EIO.
 */
int lookup_resolver_init(struct lookup_resolver *resolver, const struct sockaddr_in *server,
                         unsigned seconds);
void lookup_resolver_deinit(struct lookup_resolver *resolver);

/* What the calls below return. */
enum {
    LOOKUP_FOUND = 0,
    LOOKUP_NONE = 1,   /* there is no such name, or nothing of that kind */
    LOOKUP_FAILED = 2, /* nobody has answered, or with an error */
};

/* The name of an address. */
int lookup_query_name(struct lookup_resolver *resolver, const struct lookup_address *address,
                      char name[LOOKUP_NAME_MAX + 1]);

/* The addresses of a name. */
int lookup_query_addresses(struct lookup_resolver *resolver, const char *name, int family,
                           struct lookup_address addresses[LOOKUP_ADDRESSES_MAX], size_t *count);

#endif
