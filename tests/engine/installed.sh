#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The installed library is enough: the examples build with nothing but what pkg-config tells, run,
# serve and stop: the parrot, and the relay as its client. In `make check` the build is first installed below a folder of the test's own
# (INSTALLED unset); `make installcheck` looks at what is installed under the prefix.
set -eu
: "${srcdir:?}" "${libdir:?}" "${pkgconfigdir:?}" # from the makefile

folder=$(mktemp -d)
server=
relay=
cleanup()
{
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || :
    [ -z "$relay" ] || kill -KILL "$relay" 2>/dev/null || :
    rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

fail()
{
    echo "installed.sh: $*" >&2
    exit 1
}

root=
if [ -z "${INSTALLED-}" ]; then
    root=$folder/root
    # Not as a part of the make that runs the tests: its options and jobs are not ours.
    unset MAKEFLAGS MAKELEVEL MFLAGS
    "${MAKE:-make}" install DESTDIR="$root" >"$folder/install.log" 2>&1 ||
        { cat "$folder/install.log"; fail "make install does not work"; }
    export PKG_CONFIG_SYSROOT_DIR="$root"
fi
export PKG_CONFIG_PATH="$root$pkgconfigdir"

flags=$(pkg-config --cflags --libs paceline) || fail "pkg-config does not know paceline"
for example in parrot relay; do
    # shellcheck disable=SC2086 # words, all of them
    ${CC:-cc} ${INSTRUMENT_CFLAGS-} -o "$folder/$example" "$srcdir/examples/$example.c" $flags ||
        fail "the example $example does not build with: $flags"
done

# As the dynamic linker finds it where the prefix is not one that it knows.
export LD_LIBRARY_PATH="$root$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
mkfifo "$folder/out"
"$folder/parrot" 0 >"$folder/out" &
server=$!
read -r _ _ _ port <"$folder/out" || fail "the example does not start"

printf 'polly\nquit\n' | tests/engine/converse "$port" >"$folder/answer"
printf 'the parrot says hello; quit leaves\r\nyou said: polly\r\n' | cmp - "$folder/answer" ||
    fail "the example's answer is wrong"

# Its own end is not for the relay's client to choose: an end of input would be passed on at once.
"$folder/relay" 0 127.0.0.1 "$port" >"$folder/out" &
relay=$!
read -r _ _ _ port <"$folder/out" || fail "the relay does not start"
if command -v nc >"$folder/nc"; then
    printf 'polly\nquit\n' | nc -w 60 127.0.0.1 "$port" >"$folder/answer"
    printf 'the parrot says hello; quit leaves\r\nyou said: polly\r\n' |
        cmp - "$folder/answer" || fail "the relay's answer is wrong"
fi

kill -TERM "$server"
wait "$server" || fail "the example ends with status $?"
server=
if command -v nc >"$folder/nc"; then
    printf 'polly\n' | nc -w 60 127.0.0.1 "$port" >"$folder/answer"
    printf 'no connection: Connection refused\r\n' |
        cmp - "$folder/answer" || fail "the relay does not say that nobody is there"
fi
kill -TERM "$relay"
wait "$relay" || fail "the relay ends with status $?"
relay=
echo "the examples work with: $flags"
