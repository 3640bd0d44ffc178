// SPDX-License-Identifier: MIT
//
// ACE_TP_Reactor, N threads in its event loop: leader/followers over select, the pattern's first
// home. It takes as many handles as select does, FD_SETSIZE, which is 1024: further connections are
// closed at once, which is said when it first happens.
//
//     ace_tp [--threads N] [--port P]
//
// Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.

#include "ace_echo.hpp"

#include <ace/TP_Reactor.h>

int main(int argc, char **argv)
{
    return ace_echo::serve<ACE_TP_Reactor>(argc, argv);
}
