#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The lint rules catch what they are for, and let pass what is right.
set -eu

rules=$(cd "$(dirname "$0")/../../build-aux" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"
mkdir -p src/base src/engine src/talk src/attic include/paceline tests

# Write the standard input to FILE; lint it with RULES; expect PATTERN, or nothing without one.
expect() # TEXT RULES FILE [PATTERN]
{
    cat >"$3"
    out=$(awk -f "$rules/lint-$2.awk" "$3")
    if [ -n "${4:-}" ]; then
        printf '%s\n' "$out" | grep -q -e "^$3:[0-9]*: .*$4" && return
    elif [ -z "$out" ]; then
        return
    fi
    echo "FAILED: $1; lint said: $out"
    : >failed # a variable would be lost in a pipeline's subshell
}

function_of() # LINES
{
    printf 'int f(void)\n{\n'
    yes '    g();' | head -n $(($1 - 2))
    printf '}\n'
}

expect "a room may know the rooms below" includes src/engine/a.c <<'END'
#include "config.h"
#include "engine/a.h"
#include "base/lock.h"
#include "paceline.h"
#include "paceline/message.h"
#include <stdio.h>
END
expect "a room may not know one above" includes src/base/a.c "base may not know engine" <<'END'
#include "config.h"
#include "engine/a.h"
END
expect "angle brackets hide nothing" includes src/base/b.c "base may not know engine" <<'END'
#include "config.h"
#  include <engine/a.h>
END
expect "a service may not know the engine" includes src/talk/a.c "talk may not know engine" <<'END'
#include "config.h"
#include "engine/a.h"
END
expect "a public header knows no room" includes include/paceline/a.h "know nothing of" <<'END'
#include "base/lock.h"
END
expect "a name carries its folder" includes src/base/c.c "carries no folder" <<'END'
#include "config.h"
#include "c.h"
END
expect "config.h comes first" includes src/base/d.c "config.h comes first" <<'END'
#include <stdio.h>
#include "config.h"
END
expect "config.h is not left out" includes src/base/e.c "config.h comes first" <<'END'
#include <stdio.h>
END
expect "no .c file is included" includes tests/a.c "compiled, not included" <<'END'
#include "config.h"
#include "base/clock.c"
END
expect "the server knows nothing of its tests" includes src/base/f.c "may not know tests" <<'END'
#include "config.h"
#include "tests/lib/unit.h"
END
expect "every room has a place" includes src/attic/a.c "has no place" <<'END'
#include "config.h"
END

function_of 100 | expect "a function of 100 lines passes" sizes src/base/g.c
function_of 101 | expect "one of 101 does not" sizes src/base/h.c "function has 101 lines"
yes ';' | head -n 600 | expect "a file of 600 lines passes" sizes src/base/i.c
yes ';' | head -n 601 | expect "one of 601 does not" sizes src/base/j.c "file has 601 lines"

[ ! -e failed ]
