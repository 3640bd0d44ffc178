/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lookup/query.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#define ANSWER_MAX 4096 /* bytes; of a longer one the beginning is looked at */

int lookup_resolver_init(struct lookup_resolver *resolver, const struct sockaddr_in *server,
                         unsigned seconds)
{
    memset(resolver, 0, sizeof(*resolver));
    if (res_ninit(&resolver->state) < 0)
        return -EIO;
    resolver->state.retrans = (int)seconds;
    resolver->state.retry = 1;
    if (server) {
        resolver->state.nscount = 1;
        resolver->state.nsaddr_list[0] = *server;
    }
    return 0;
}

void lookup_resolver_deinit(struct lookup_resolver *resolver)
{
    res_nclose(&resolver->state);
}

/* The length of the answer, or what is returned for there being none. */
static int ask(struct lookup_resolver *resolver, const char *name, int type,
               unsigned char answer[ANSWER_MAX], size_t *length)
{
    int rc = res_nquery(&resolver->state, name, ns_c_in, type, answer, ANSWER_MAX);

    if (rc >= 0) {
        *length = rc < ANSWER_MAX ? (size_t)rc : ANSWER_MAX;
        return LOOKUP_FOUND;
    }
    return resolver->state.res_h_errno == HOST_NOT_FOUND || resolver->state.res_h_errno == NO_DATA
               ? LOOKUP_NONE
               : LOOKUP_FAILED;
}

int lookup_query_name(struct lookup_resolver *resolver, const struct lookup_address *address,
                      char name[LOOKUP_NAME_MAX + 1])
{
    unsigned char answer[ANSWER_MAX];
    char question[LOOKUP_NAME_MAX + 1];
    size_t length;
    int rc;

    if (!lookup_name_of(address, NULL, question))
        return LOOKUP_NONE;
    rc = ask(resolver, question, ns_t_ptr, answer, &length);
    if (rc != LOOKUP_FOUND)
        return rc;
    return lookup_answer_name(answer, length, name) ? LOOKUP_FOUND : LOOKUP_NONE;
}

int lookup_query_addresses(struct lookup_resolver *resolver, const char *name, int family,
                           struct lookup_address addresses[LOOKUP_ADDRESSES_MAX], size_t *count)
{
    unsigned char answer[ANSWER_MAX];
    size_t length;
    int rc = ask(resolver, name, family == AF_INET ? ns_t_a : ns_t_aaaa, answer, &length);

    *count = 0;
    if (rc != LOOKUP_FOUND)
        return rc;
    *count = lookup_answer_addresses(answer, length, family, addresses);
    return *count > 0 ? LOOKUP_FOUND : LOOKUP_NONE;
}
