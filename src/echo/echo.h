/* SPDX-License-Identifier: MIT */
/* The echo service: every line comes back byte for byte, ended as it was sent. It has no context. */
#ifndef ECHO_ECHO_H
#define ECHO_ECHO_H

#include <paceline/service.h>

extern const struct pl_service echo_service;

#endif
