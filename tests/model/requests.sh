#!/bin/sh
# SPDX-License-Identifier: MIT
#
# requests.pml, the request queue of half-sync/half-reactive.
# shellcheck source=tests/model/run.sh
. "$(dirname "$0")/run.sh"

# Two workers and a ring of one slot; handlers that block, wake-ups from nowhere, posts.
check -DSLOW=1 -DPOSTS=1 -DSPURIOUS=1
# Stop at any moment, before the start too; posts from handlers.
check -DEVENTS=2 -DPOSTS=1 -DOWN_POSTS=1 -DSPURIOUS=1 -DEARLY_STOP=1
# A longer ring, which is full at times and half full at others.
check -DQUEUE=2 -DBATCH=3 -DEVENTS=4 -DSLOW=1 -DEARLY_STOP=1
# Brackets, spare threads that come and go, threads that cannot be started.
check -DLIMIT=1 -DSPARES=2 -DBRACKETS=2 -DEXPIRIES=1 -DFAILURES=1 -DPOSTS=1
check -DLIMIT=2 -DSPARES=1 -DBRACKETS=2 -DFAILURES=1 -DEARLY_STOP=1
# Three workers; one, and no other.
check -DLIMIT=3 -DSLOW=1
check -DLIMIT=1 -DQUEUE=3 -DBATCH=4 -DEVENTS=5 -DPOSTS=1 -DOWN_POSTS=1 -DSPURIOUS=1 -DEARLY_STOP=1

check_long -DLIMIT=3 -DQUEUE=2 -DBATCH=3 -DEVENTS=4 -DSLOW=1 -DSPURIOUS=1 -DEARLY_STOP=1
check_long -DSPARES=1 -DQUEUE=2 -DPOSTS=1 -DBRACKETS=2 -DSLOW=1 -DFAILURES=1 -DEARLY_STOP=1
check_long -DLIMIT=1 -DSPARES=2 -DQUEUE=2 -DEVENTS=4 -DPOSTS=1 -DOWN_POSTS=1 -DBRACKETS=3 -DEXPIRIES=1 -DEARLY_STOP=1

find WAKE_LEFT_SET request_left
find WAIT_WITHOUT_PREDICATE request_left -DLIMIT=1 -DSPARES=1 -DEVENTS=1 -DBRACKETS=1 -DSPURIOUS=1
find LOOK_AT_NOTHING request_left
find PROMOTE_AFTER request_left -DQUEUE=2 -DSLOW=1
find ONLY_PUT_WAKES request_left -DQUEUE=2 -DSLOW=1
find PROMOTE_BEFORE_START limit_exceeded -DLIMIT=1 -DSPARES=1 -DPOSTS=1
find BRACKET_WAKES_NOBODY request_left -DLIMIT=1 -DSPARES=1 -DQUEUE=2 -DBRACKETS=1
find FULL_WAKES_NOBODY request_left
find FULL_NOTED_LATER reactor_stuck
find ROOM_WITHOUT_PREDICATE written_over -DSPURIOUS=1
find DROP_WHEN_FULL request_lost
find POSTS_WAIT_FOR_ROOM thread_stuck -DLIMIT=1 -DOWN_POSTS=1
find STOP_LEAVES_EPOLL not_ended
find STOP_LEAVES_ROOM not_ended -DEARLY_STOP=1
find STOP_SIGNALS_FIRST not_ended -DSLOW=1 -DEARLY_STOP=1
find STOP_WAKES_LATER used_after_free -DEARLY_STOP=1
find REST_OF_HARVEST_STAYS miscounted -DEARLY_STOP=1
find RING_IS_FORGOTTEN miscounted -DEARLY_STOP=1

finish
