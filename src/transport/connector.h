/* SPDX-License-Identifier: MIT */
/*
 * A connector is an outgoing connection until it is there: a handle that looks a name up, tries one
 * address after the other, and in the end makes a session or says why not.
 *
 * Life, all of it in connector_run() by whoever holds the claim (engine/handle.h):
 *
 *     resolving   a helper thread looks the name up and resumes the handle; nobody else touches
 *                 ANSWER meanwhile
 *     connecting  the handle's descriptor is that of the present attempt, or there is none and
 *                 RETRY_DUE is set
 *     over        the session is made, or failed() has been called: exactly one of them. The handle
 *                 ends; if a helper thread still has it, when that is done
 *
 * An event of a former attempt's descriptor may still come. So whatever the notes are, the
 * descriptor itself is asked what has become of it.
 */
#ifndef PLI_TRANSPORT_CONNECTOR_H
#define PLI_TRANSPORT_CONNECTOR_H

#include <paceline/connect.h>

#include "transport/endpoint.h"

/* pl_connect() to these addresses in this order; the options' host, port and path are ignored. */
int pli_connect_to(struct pl_server *server, const struct pl_service *service, void *context,
                   const struct pl_connect_options *options, const struct pli_endpoint *endpoints,
                   size_t count, uint64_t *id);

#endif
