/* SPDX-License-Identifier: MIT */
/*
 * The header of the PROXY protocol, with which a proxy names the client that it speaks for: the
 * text of version 1 and the binary form of version 2. Bytes go in and an outcome comes out; nothing
 * is kept in between, so a header that is not yet whole is shown again with what follows.
 *
 * https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
 */
#ifndef PLI_TRANSPORT_PROXY_HEADER_H
#define PLI_TRANSPORT_PROXY_HEADER_H

#include <stddef.h>

#include "transport/address.h"

#define PLI_PROXY_V1_MAX  107   /* bytes of a header of version 1 (section 2.1) */
#define PLI_PROXY_V2_HEAD 16    /* bytes with which one of version 2 begins (section 2.2) */
#define PLI_PROXY_V2_MAX  16384 /* bytes that it may have after them */

enum pli_proxy_outcome {
    PLI_PROXY_MORE,    /* so far it is a header, but there must be more of it */
    PLI_PROXY_NAMED,   /* a client's address */
    PLI_PROXY_UNKNOWN, /* a client whose address cannot be named: the connection's own stands */
    PLI_PROXY_LOCAL,   /* the proxy speaks for itself: likewise */
    PLI_PROXY_BAD,
};

struct pli_proxy_header {
    size_t size;             /* of the header; with MORE: that it has at least */
    struct pli_address peer; /* with NAMED */
    const char *wrong;       /* with BAD: static */
};

/*
 * Reads the header that the LENGTH bytes of DATA begin with. If it wants MORE and gets SIZE bytes,
 * none of these stands behind the header.
 */
enum pli_proxy_outcome pli_proxy_header_read(const char *data, size_t length,
                                             struct pli_proxy_header *header);

#endif
