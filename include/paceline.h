/* SPDX-License-Identifier: MIT */
/*
 * libpaceline: line servers on a leader/followers thread pool.
 *
 * A program describes its protocol as a pl_service (paceline/service.h), makes a pl_server
 * (paceline/server.h), lets it listen and runs it. The library accepts connections, cuts their
 * input into lines, calls the service from any of the pool's threads, at most one thread at a time
 * for one session, and delivers what the service sends (paceline/session.h). A server may be a
 * client as well: it connects to others with the same services (paceline/connect.h). Listeners may
 * speak TLS (paceline/tls.h).
 *
 * Every call returns 0 or a positive result on success and a negative errno on failure, unless its
 * description says otherwise.
 */
#ifndef PACELINE_H
#define PACELINE_H

#include <paceline/connect.h>
#include <paceline/message.h>
#include <paceline/network.h>
#include <paceline/server.h>
#include <paceline/service.h>
#include <paceline/session.h>
#include <paceline/tls.h>
#include <paceline/version.h>

#endif
