// SPDX-License-Identifier: MIT
//
// The peer in the pattern: ACE_Dev_Poll_Reactor, N threads in its event loop, which is
// leader/followers over epoll with EPOLLONESHOT.
//
//     ace_dev_poll [--threads N] [--port P]
//
// Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.

#include "ace_echo.hpp"

#include <ace/Dev_Poll_Reactor.h>

int main(int argc, char **argv)
{
    return ace_echo::serve<ACE_Dev_Poll_Reactor>(argc, argv);
}
