#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The library's manual pages and its headers say the same: prototypes, names, members, constants.
# Each function is found by its name, and the examples are C that compiles.
set -eu

tests=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$tests/../.." && pwd)
links=man/links # in the build folder, where tests run
headers="connect message network server service session tls version"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

interface() # WHAT FILE...
{
    what=$1
    shift
    awk -v "what=$what" -f "$tests/interface.awk" "$@"
}

complain()
{
    echo "$*"
    : >"$folder/failed" # a variable would be lost in a pipeline's subshell
}

# Two lists have the same lines, in whatever order.
same() # TITLE LIST1 LIST2
{
    sort "$2" >"$folder/left"
    sort "$3" >"$folder/right"
    diff "$folder/left" "$folder/right" >"$folder/diff" ||
        complain "$1: $(cat "$folder/diff")"
}

# The page of a header and the header itself (in TREE/include/paceline and TREE/man).
compare() # TREE HEADER
{
    file=$1/include/paceline/$2.h
    page=$1/man/pl_$2.3
    interface prototypes "$file" >"$folder/declared"
    interface synopsis "$page" >"$folder/described"
    same "$page: SYNOPSIS and header differ" "$folder/declared" "$folder/described"
    sed 's/(.*//; s/.*[ *]//' "$folder/declared" >"$folder/functions"
    interface names "$page" | grep -vx "pl_service" >"$folder/names"
    same "$page: NAME and header differ" "$folder/functions" "$folder/names"
    interface words "$file" | while read -r macro word; do
        grep -Eq "^\.(It )?$macro (.* )?$word( |\$)" "$page" ||
            complain "$page: $word is missing"
    done
}

# No page speaks of functions that are not there.
check_mentions() # TREE
{
    for header in $headers; do
        interface prototypes "$1/include/paceline/$header.h"
    done | sed 's/(.*//; s/.*[ *]//' | sort >"$folder/all"
    printf 'pl_service\n' | sort -o "$folder/all" - "$folder/all"
    interface mentions "$1"/man/*.[1-8] | sort -u | comm -23 - "$folder/all" >"$folder/unknown"
    [ ! -s "$folder/unknown" ] || complain "no such function: $(cat "$folder/unknown")"
}

# `man pl_session_send` shows the page that describes it.
check_links()
{
    for header in $headers; do
        interface names "$source/man/pl_$header.3" | while read -r name; do
            [ "$name" != "pl_$header" ] || continue
            wanted=".so man3/pl_$header.3"
            [ "$(cat "$links/$name.3")" = "$wanted" ] || complain "$links/$name.3 is wrong"
        done
    done
    for link in "$links"/*.3; do
        name=${link##*/}
        grep -qx "${name%.3}" "$folder/all" || complain "$link leads nowhere"
    done
}

# The literal displays of a page that have functions in them, each in a file of its own.
cut_examples() # PAGE
{
    rm -f "$folder"/example.*.c
    awk -v "prefix=$folder/example." '
        /^\.Sh/ { in_examples = $2 == "EXAMPLES" }
        /^\.Ed/ && display { printf "%s", text >(prefix number ".c"); display = 0 }
        display { gsub(/\\e/, "\\"); text = text $0 "\n" }
        /^\.Bd -literal/ && in_examples { display = 1; number++; text = "" }' "$1"
}

# What examples take for granted.
cat >"$folder/around.h" <<'END'
#include <paceline.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
void find_answer(const char *name, char *answer);
size_t ask_elsewhere(const char *text, size_t length, char *answer, size_t size);
END

check_examples() # PAGE
{
    cut_examples "$1"
    for example in "$folder"/example.*.c; do
        grep -q '^{' "$example" || grep -q ' = {$' "$example" || continue
        around=$folder/around.h
        ! grep -q '^#include <paceline.h>' "$example" || around=/dev/null
        # shellcheck disable=SC2086 # CC may have options
        ${CC:-cc} -std=gnu17 -fsyntax-only -Wall -Wextra -Wno-unused-function \
            -Wno-unused-const-variable -Werror -I"$source/include" -include "$around" \
            "$example" >"$folder/compiler" 2>&1 ||
            complain "$1: an example does not compile: $(cat "$folder/compiler")"
        : >"$folder/compiled"
    done
}

for header in $headers; do
    compare "$source" "$header"
    rm -f "$folder/compiled"
    check_examples "$source/man/pl_$header.3"
    [ -e "$folder/compiled" ] || complain "pl_$header.3 has no example"
done
rm -f "$folder/compiled"
check_examples "$source/man/libpaceline.3"
[ -e "$folder/compiled" ] || complain "libpaceline.3 has no example"
check_mentions "$source"
check_links
[ ! -e "$folder/failed" ] || exit 1

# All that could be wrong is noticed.
changed() # TITLE FILE SED-SCRIPT FUNCTION ARGUMENT...
{
    title=$1
    rm -rf "$folder/tree"
    mkdir -p "$folder/tree/include" "$folder/tree/man"
    cp -R "$source/include/paceline" "$folder/tree/include"
    cp "$source"/man/*.[1-8] "$folder/tree/man"
    chmod -R u+w "$folder/tree"
    sed "$3" "$source/$2" >"$folder/tree/$2"
    ! cmp -s "$source/$2" "$folder/tree/$2" || { echo "nothing changed: $title"; exit 1; }
    shift 3
    ("$@") >"$folder/noticed"
    [ -e "$folder/failed" ] || { echo "not noticed: $title"; exit 1; }
    rm -f "$folder/failed"
}
tree=$folder/tree
changed "a function without a page" include/paceline/session.h \
    's/^PL_EXPORT void pl_session_park/PL_EXPORT int pl_new(void);\n&/' compare "$tree" session
changed "another type" include/paceline/message.h 's/size_t length/long length/' \
    compare "$tree" message
changed "a function that is gone" include/paceline/server.h '/pl_listener_port(const/d' \
    compare "$tree" server
changed "a new member" include/paceline/server.h 's/    unsigned batch;/    bool fast;\n&/' \
    compare "$tree" server
changed "a new reason" include/paceline/service.h 's/    PL_REASON_FULL,/    PL_REASON_NEW,\n&/' \
    compare "$tree" service
changed "a name that NAME lacks" man/pl_message.3 '/^\.Nm pl_message_ref/d' \
    compare "$tree" message
changed "a mention of nothing" man/paceline-tuning.7 's/pl_session_park/pl_session_pork/' \
    check_mentions "$tree"
changed "an example that is wrong" man/libpaceline.3 's/line->size/line->sise/' \
    check_examples "$tree/man/libpaceline.3"
