# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What run and run-chat share: they source this. Starting and stopping processes, recording figures,
# and what is made of them. These are set by options and while measuring:
here=${here:?} rounds=5 round=0 current='' servers=() markdown=false tool='' have_calls=true

die() { printf '%s: %s\n' "bench/${0##*/}" "$*" >&2; exit 1; }
say() { printf '%s\n' "$*" >&2; }

# -- Starting and stopping ---------------------------------------------------
# What was started runs in the background, as a job of this shell, and however the script ends, the
# jobs end before it.
server_pid='' server_port='' tmp=''

end_process() # PID: TERM, and KILL if it has not ended 20 seconds later
{
    local tries
    kill -TERM "$1" 2>/dev/null || return 0
    for ((tries = 0; tries < 400; tries++)); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$1" 2>/dev/null || return 0
}

clean_up()
{
    local pid
    for pid in $(jobs -p); do
        end_process "$pid"
    done
    if [ -n "$tmp" ]; then
        rm -rf "$tmp"
    fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

stop_server() # NAME [STATUS]: which it ends with when told to, 0 by default
{
    local pid=$server_pid status=0
    end_process "$pid"
    wait "$pid" || status=$?
    server_pid=''
    exec 3<&-
    [ "$status" -eq "${2:-0}" ] || { cat "$tmp/$1.log" >&2; die "$1 ended with status $status"; }
}

# Have paceline-bench load the server that runs; what it prints goes to $tmp/out. In the background, so that
# a signal to the script is handled at once. Idle and churn end with 1, too, when a server leaks,
# which is a figure like any other.
load() # COMMAND OPTION...
{
    local status=0
    "$tool" "$1" --json --pid "$server_pid" "${@:2}" "127.0.0.1:$server_port" \
        >"$tmp/out" 2>"$tmp/load.log" &
    wait "$!" || status=$?
    if [ "$status" -ne 0 ] && [ -z "$(value leaked_descriptors)" ]; then
        cat "$tmp/load.log" >&2
        die "the load failed with status $status: $*"
    fi
    if grep -q 'without system calls' "$tmp/load.log"; then
        [ "$have_calls" = false ] || cat "$tmp/load.log" >&2
        have_calls=false
    fi
}

value() # KEY: from what the load printed, a member of JSON a line
{
    sed -n 's/^ *"'"$1"'": \([^,]*\),*$/\1/p' "$tmp/out"
}

# -- Figures ------------------------------------------------------------------
record() # METRIC SERVER VALUE
{
    printf '%s %s %s %s %s\n' "$current" "$1" "$2" "$round" "$3" >>"$tmp/results"
    say "$current $round/$rounds: $2 $1 $3"
}

record_keys() # SERVER METRIC=KEY...
{
    local server=$1 pair
    shift
    for pair in "$@"; do
        record "${pair%%=*}" "$server" "$(value "${pair#*=}")"
    done
}

per_server() # FUNCTION ARGUMENT...: for each server, its name after the function's
{
    local function=$1 server
    shift
    for server in "${servers[@]}"; do
        "$function" "$server" "$@"
    done
}

# "median min max" of a metric, or nothing. With a base, of its ratios to that server's figure of
# the same round.
summary() # CASE METRIC SERVER [BASE]
{
    awk -v wanted="$1" -v metric="$2" -v server="$3" -v base="${4:-}" '
        $1 != wanted || $2 != metric { next }
        $3 == server { figure[$4] = $5 }
        $3 == base { under[$4] = $5 }
        END {
            for (round in figure) {
                if (base == "")
                    print figure[round]
                else if (round in under)
                    print figure[round] / under[round]
            }
        }' "$tmp/results" | sort -g | awk '
        { v[NR] = $1 }
        END {
            if (NR > 0)
                print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[1], v[NR]
        }'
}

# Figures as one reads them: whole ones whole, small ones with more digits.
cell() # "MEDIAN MIN MAX" UNIT
{
    [ -n "$1" ] || { printf -- '-'; return; }
    awk -v unit="$2" '
        function show(x) {
            return sprintf(x == int(x) ? "%d" : x < 10 ? "%.3f" : x < 1000 ? "%.1f" : "%.0f", x)
        }
        { printf "%s%s (%s to %s)", show($1), unit == "" ? "" : " " unit, show($2), show($3) }
    ' <<<"$1"
}

# Sets tool and the folder of the other programs: ./bench of a build folder, or the script's own.
find_programs()
{
    if [ -z "$bin" ]; then
        bin=$here
        [ ! -d ./src/tools/bench ] || bin=./bench
    fi
    bin=$(cd "$bin" && pwd)
    [ -n "$tool" ] || tool=$bin/../src/tools/bench/paceline-bench
    [ -x "$tool" ] || die "no $tool: run make all bench, or say --bin DIR"
}

print_row() # CELL...
{
    if $markdown; then
        printf '|'
        printf ' %s |' "$@"
        printf '\n'
    else
        printf '%s\n    %-9s %-5s' "$1" "$2" "$3"
        printf ' %-26s' "${@:4}"
        printf '\n'
    fi
}
