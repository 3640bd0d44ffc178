/* SPDX-License-Identifier: MIT */
/* What a server needs to know of its timers. */
#ifndef PLI_TRANSPORT_EVENTS_H
#define PLI_TRANSPORT_EVENTS_H

struct pli_handle;

/* Gives the program's reference back, if the handle is a timer and the program has one. */
void pli_events_let_go(struct pli_handle *handle);

#endif
