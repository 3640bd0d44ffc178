#!/bin/sh
# SPDX-License-Identifier: MIT
#
# handover.pml, loop per thread: pipe and mailbox.
# shellcheck source=tests/model/run.sh
. "$(dirname "$0")/run.sh"

check -DHANDLES=3 -DPOSTS=1
check -DLOOPS=2 -DPOSTS=1
check -DLOOPS=2 -DPOSTS=0 -DSENDS=1
check -DPOSTS=1 -DSENDS=1 -DEARLY_STOP=1
check -DPOSTS=1 -DCLOSES=1

check_long -DPOSTS=2 -DCLOSES=1
check_long -DLOOPS=2 -DPOSTS=1 -DEARLY_STOP=1
check_long -DLOOPS=2 -DPOSTS=2 -DSENDS=1

find TAKE_BEFORE_DRAIN note_lost
find POSTED_CLEARED_AFTER note_lost
find NEXT_READ_AFTER miscounted
find EXCHANGE_PUSH miscounted
find EMPTY_SEEN_BEFORE note_lost
find POST_WITHOUT_REFERENCE used_after_free -DHANDLES=1 -DPOSTS=1 -DCLOSES=1
find FULL_PIPE_DROPS not_begun
find RUN_ANYWHERE two_holders -DLOOPS=2 -DPOSTS=1 -DSENDS=1
find LEFT_IN_MAILBOX miscounted -DPOSTS=1 -DCLOSES=1 -DEARLY_STOP=1
find STOP_WAKES_FIRST not_ended

finish
