#!/bin/sh
# SPDX-License-Identifier: MIT
#
# replay.sh TARGET: run the inputs of tests/fuzz/corpus/NAME through NAME.fuzz, once each.
set -eu
name=$(basename "$1" .fuzz)
corpus=$(dirname "$0")/corpus/$name

set -- "$1" "$corpus"/*
if [ ! -f "$2" ]; then
    echo "$corpus: no inputs" >&2
    exit 1
fi
exec "$@"
