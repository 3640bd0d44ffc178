#!/bin/sh
# SPDX-License-Identifier: MIT
#
# claim.pml, one hand on a connection.
# shellcheck source=tests/model/run.sh
. "$(dirname "$0")/run.sh"

# Lines and replies, ends and hang-ups, one connection after the other.
check -DACCEPTS=2 -DLINES=2 -DENDS=1 -DHANGUPS=1
# Output from others, closes, a descriptor and a slot used again.
check -DACCEPTS=2 -DLINES=0 -DSENDS=1 -DCLOSES=1 -DHANGUPS=1
check -DLINES=0 -DSENDS=1 -DOUTSIDE_CLOSES=1
check -DLINES=0 -DSENDS=1 -DOUTSIDE_SENDS=1 -DHAND_OVERS=1
# Parking; the last line; output that is blocked meanwhile.
check -DLINES=2 -DENDS=1 -DPARKS=2
check -DLINES=0 -DENDS=1 -DRESTS=1 -DPARKS=1 -DSENDS=1
check -DLINES=2 -DENDS=1 -DPARKS=1 -DWORK=1
check -DLINES=1 -DHANGUPS=1 -DPARKS=1 -DWORK=1

check_long -DLINES=2 -DENDS=1 -DSENDS=1 -DCLOSES=1
check_long -DLINES=1 -DCLOSES=1 -DHANGUPS=1 -DPARKS=1 -DWORK=1
check_long -DACCEPTS=2 -DLINES=1 -DSENDS=1 -DCLOSES=1 -DHANGUPS=1
check_long -DLINES=0 -DSENDS=1 -DOUTSIDE_SENDS=1 -DOUTSIDE_CLOSES=1 -DHANGUPS=1 -DHAND_OVERS=1
check_long -DLINES=0 -DENDS=1 -DRESTS=1 -DPARKS=1 -DSENDS=2 -DHIGH=1
check_long -DLINES=2 -DENDS=1 -DSENDS=1 -DOUTSIDE_SENDS=1 -DROOM=2
check_long -DWORKERS=3 -DLINES=1 -DENDS=1 -DSENDS=1

find NOTES_THEN_CLAIM note_lost
find ARM_AFTER_RELEASE closed_descriptor -DHANGUPS=1 -DSENDS=1
find ARMED_STAYS deaf
find KICK_BEFORE_APPEND output_left -DLINES=0 -DOUTSIDE_SENDS=1
find BARE_POINTER used_after_free -DLINES=0 -DSENDS=1 -DHANGUPS=1
find HELD_FORGOTTEN input_left -DLINES=2
find CHECK_THEN_REFERENCE used_after_free -DSENDS=1 -DHANGUPS=1
find BORN_UNCLAIMED incomplete -DLINES=0 -DCLOSES=1
find CLAIM_RELEASED_AT_DEATH used_after_free -DLINES=0 -DSENDS=1 -DHANGUPS=1
find QUEUE_STAYS_OPEN miscounted -DLINES=0 -DSENDS=1 -DHANGUPS=1
find OWED_CLEARED_AFTER output_left -DLINES=0 -DSENDS=2
find POSTED_CLEARED_AFTER note_lost -DLINES=0 -DOUTSIDE_SENDS=2
find END_CLOSES_AT_ONCE input_lost -DLINES=0 -DENDS=1 -DRESTS=1
find END_FORGOTTEN undead -DLINES=0 -DENDS=1 -DRESTS=1 -DPARKS=1 -DSENDS=1

finish
