# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What run measures: tables of the cases, of their columns and of what is to be reached, and the
# functions that the cases name. run sources this after common.sh.
#
# shellcheck disable=SC2034,SC2154 # what is set here and used there, and the other way round
#
# These are set by run's options: how long a measurement takes, how many rounds there are of what
# hardly scatters; and while measuring: options for lf_server, connections that are silent.
timing=() window=() window_ms=0 steady=1 extra=() crowd=0

models='leader-followers half-sync-half-reactive simulated-proactor loop-per-thread'
models="$models proactor thread-per-connection"
peers='uv_echo event_echo asio_echo ace_tp ace_dev_poll'
io='io_blocking io_polling io_select io_poll io_epoll_level io_epoll_edge io_sigio io_aio io_uring'

# -- The tables --------------------------------------------------------------
# One case a line: name | servers | a function and its arguments, called for each of them | title.
# @paceline and @lf_server stand for these under every model, @peers and @io for those lists.
cases_table='loaded|@paceline raw_epoll @peers|both 2 --connections 50|50 connections, 1 line in flight, 2 threads
proactor|paceline:proactor raw_uring|both 2 --connections 50|the same, against a raw loop of io_uring
queue|paceline:half-sync-half-reactive queue_echo|figures 2 --connections 50|the same, against the textbook reactor and queue
single|@paceline raw_epoll ace_dev_poll|figures 1 --connections 50|50 connections, 1 line in flight, 1 thread
alone|@paceline raw_epoll ace_dev_poll|calls 4 --connections 1 --threads 1|1 connection, 4 threads
pipelined|@paceline raw_epoll ace_dev_poll|calls 2 --connections 50 --flight 16|50 connections, 16 lines in flight, 2 threads
fair|@paceline raw_epoll ace_dev_poll|figures 4 --connections 30|30 connections, 4 threads
mixed|@lf_server|slow_lines|open loop, 20,000 lines a second, 1 in 100 blocks 5 ms in a bracket, 2 threads
unbracketed|@lf_server|slow_lines --no-bracket|the same without the bracket
idle|@paceline raw_epoll ace_dev_poll|idle|10,000 idle connections, with thread-per-connection 2,000
churn|@paceline raw_epoll ace_dev_poll|churn|20,000 connections opened and closed in turn
io50|@io|both 1 --connections 50|the I/O models, 50 connections, 1 line in flight
io1000|@io|both 1 --connections 1000|the I/O models, 1000 connections, 1 line in flight
iofew|@io|both_among 990 1 --connections 10|the I/O models, 1000 connections of which 10 are busy
generator|paceline-bench min_client|generator|what a generator can drive: raw_epoll, 50 connections, 2 threads
scaling||scaling|every model by connections (2 threads) and by threads (10 connections)
chat||chat|the chat'

# One column a line: case | metric | base, whose figure of the round divides | unit | heading.
columns='loaded|cpu||us|CPU per line
loaded|cpu|raw_epoll||CPU against raw_epoll
loaded|calls|||system calls per line
loaded|rate||/s|throughput
loaded|p99||us|p99
proactor|cpu||us|CPU per line
proactor|cpu|raw_uring||CPU against raw_uring
proactor|calls|||system calls per line
queue|cpu||us|CPU per line
queue|cpu|queue_echo||CPU against queue_echo
single|cpu||us|CPU per line
single|cpu|raw_epoll||CPU against raw_epoll
alone|calls|||system calls per line
pipelined|calls|||system calls per line
fair|spread|||most served over least
mixed|p99_without||us|p99 without slow lines
mixed|p99_with||us|p99 of the short lines
mixed|stall|||the ratio
mixed|late_with||us|p99 of the lateness of the load
unbracketed|p99_without||us|p99 without slow lines
unbracketed|p99_with||us|p99 of the short lines
unbracketed|stall|||the ratio
unbracketed|late_with||us|p99 of the lateness of the load
idle|bytes||bytes|resident per connection
idle|silent||bytes|before it has spoken
churn|descriptors|||leaked descriptors
churn|bytes|||leaked bytes
churn|threads|||leaked threads
io50|cpu||us|CPU per line
io50|cpu|io_epoll_level||CPU against io_epoll_level
io50|calls|||system calls per line
io1000|cpu||us|CPU per line
io1000|cpu|io_epoll_level||CPU against io_epoll_level
io1000|calls|||system calls per line
iofew|cpu||us|CPU per line
iofew|cpu|io_epoll_level||CPU against io_epoll_level
iofew|calls|||system calls per line
generator|rate||/s|lines a second
generator|rate|min_client||against min_client'

# One target a line: case | metric | base | server | to reach | what is compared. A limit, or
# "below" and servers: the median of the ratios within a round to each of them is less than 1; or
# "no worse": nobody else of the case had the better figure in every round. These two show the ratio
# to the one who came nearest. paceline:* is any model.
targets='loaded|cpu|raw_epoll|paceline:leader-followers|<= 1.15|CPU per line against raw_epoll
loaded|cpu|raw_epoll|paceline:loop-per-thread|<= 1.05|CPU per line against raw_epoll
loaded|cpu||paceline:leader-followers|below event_echo asio_echo ace_tp ace_dev_poll|CPU per line
loaded|p99||paceline:leader-followers|below uv_echo event_echo asio_echo ace_tp ace_dev_poll|p99
loaded|calls||paceline:leader-followers|<= 3.4|system calls per line
proactor|cpu|raw_uring|paceline:proactor|<= 1.10|CPU per line against raw_uring
proactor|calls||paceline:proactor|<= 0.9|system calls per line
queue|cpu|queue_echo|paceline:half-sync-half-reactive|<= 0.8|CPU per line against queue_echo
single|cpu|raw_epoll|paceline:leader-followers|<= 1.12|1 thread: CPU per line against raw_epoll
alone|calls||paceline:leader-followers|<= 7.5|1 connection: system calls per line
pipelined|calls||paceline:leader-followers|<= 0.27|16 in flight: system calls per line
fair|spread||paceline:leader-followers|<= 1.05|most served over least
fair|spread||paceline:half-sync-half-reactive|<= 1.05|most served over least
fair|spread||paceline:simulated-proactor|<= 1.05|most served over least
mixed|p99_with||lf_server:leader-followers|no worse|slow lines: p99 of the others against the other models
mixed|stall||lf_server:leader-followers|<= 2|slow lines: p99 of the others against the same without
idle|bytes||paceline:leader-followers|<= 512|resident bytes per connection
churn|descriptors||paceline:*|<= 0|leaked descriptors
churn|bytes||paceline:*|<= 0|leaked bytes
churn|threads||paceline:*|<= 0|leaked threads
generator|rate|min_client|paceline-bench|>= 0.95|lines a second against min_client'

expand() # SERVERS: the lists that @ names, spelt out; without a model, the default
{
    local word model
    for word in $1; do
        case $word in
        @paceline | @lf_server) for model in $models; do echo "${word#@}:$model"; done ;;
        @peers) tr ' ' '\n' <<<"$peers" ;;
        @io) tr ' ' '\n' <<<"$io" ;;
        paceline | lf_server) echo "$word:leader-followers" ;;
        *) echo "$word" ;;
        esac
    done
}

# -- Measuring ---------------------------------------------------------------
# What a case is going to take is told by the same functions: with planning set, they add up the
# milliseconds and measure nothing.
planning=false planned=0

will_take() # MILLISECONDS: true if that is all that is wanted
{
    $planning || return 1
    planned=$((planned + $1))
}

# The silent connections, if there are to be any, are held by a second generator. With --pid that
# would wait until the server is at rest, which one that polls never is; so its descriptors are
# counted here.
gather_crowd()
{
    local tries
    [ "$crowd" -gt 0 ] || return 0
    "$tool" idle --connections "$crowd" --seconds 600 "127.0.0.1:$server_port" \
        >"$tmp/crowd.out" 2>"$tmp/crowd.log" &
    crowd_pid=$!
    for ((tries = 0; tries < 200; tries++)); do
        [ "$(find "/proc/$server_pid/fd" -mindepth 1 | wc -l)" -lt "$crowd" ] || return 0
        sleep 0.05
    done
    cat "$tmp/crowd.log" >&2
    die "$crowd connections do not come to be"
}

release_crowd()
{
    [ "$crowd" -gt 0 ] || return 0
    end_process "$crowd_pid"
    wait "$crowd_pid" || [ $? -eq 143 ] || { cat "$tmp/crowd.log" >&2; die "the crowd is gone"; }
}

# Figures that the load itself prints.
measure() # SERVER THREADS "METRIC=KEY..." COMMAND OPTION...
{
    local server=$1 threads=$2 keys=$3
    shift 3
    start_server "$server" "$threads"
    gather_crowd
    load "$@"
    release_crowd
    # shellcheck disable=SC2086 # a list
    record_keys "$server" $keys
    stop_server "$server"
}

echo_keys='cpu=server_cpu_us_per_line rate=lines_per_second p99=normal_p99_us
spread=most_over_least'

figures() # SERVER THREADS OPTION...
{
    ! will_take $((window_ms + 250)) || return 0
    measure "$1" "$2" "$echo_keys" echo "${window[@]}" "${@:3}"
}

# System calls per line. A call that is counted is a slower one, so this is a run of its own, in
# which no CPU is measured.
calls() # SERVER THREADS OPTION...
{
    $have_calls && is_due || return 0
    ! will_take $((window_ms + 250)) || return 0
    start_server "$1" "$2"
    gather_crowd
    load echo "${window[@]}" --syscalls "${@:3}"
    release_crowd
    ! $have_calls || record calls "$1" "$(value server_calls_per_line)"
    stop_server "$1"
}

is_due() # Is this a round in which to measure what hardly scatters?
{
    [ "$round" -le "$steady" ]
}

both() # SERVER THREADS OPTION...
{
    figures "$@"
    calls "$@"
}

# The same beside connections that are silent.
both_among() # SERVER SILENT THREADS OPTION...
{
    local crowd=$2
    both "$1" "${@:3}"
}

complain_if_late() # SERVER: does the load's own lateness make up more than half of the latencies?
{
    if awk -v late="$(value late_p99_us)" -v all="$(value normal_p99_us)" \
        'BEGIN { exit !(late > all / 2) }'; then
        say "$current $1: the machine is too busy for this case, the load itself comes late"
    fi
}

# On 400 connections each is asked every 20 ms: no line comes to stand behind a slow one of its own
# connection, where the order of answers would make it wait in any server.
slow_lines() # SERVER [OPTION of lf_server]
{
    local without server=$1
    ! will_take $((2 * window_ms + 500)) || return 0
    extra=("${@:2}")
    measure "$server" 2 "p99_without=normal_p99_us late_without=late_p99_us" \
        mixed "${window[@]}" --slow 0
    without=$(value normal_p99_us)
    complain_if_late "$server"
    measure "$server" 2 "p99_with=normal_p99_us late_with=late_p99_us" mixed "${window[@]}"
    complain_if_late "$server"
    record stall "$server" "$(awk -v a="$(value normal_p99_us)" -v b="$without" \
        'BEGIN { printf "%.4f", a / b }')"
    extra=()
}

idle() # SERVER
{
    local count=10000
    is_due || return 0
    ! will_take 3000 || return 0
    [ "${1#*:}" != thread-per-connection ] || count=2000
    measure "$1" 2 "bytes=bytes_per_connection silent=bytes_per_silent" idle --connections "$count"
}

churn() # SERVER
{
    is_due || return 0
    ! will_take 4000 || return 0
    measure "$1" 2 "descriptors=leaked_descriptors bytes=leaked_bytes threads=leaked_threads" churn
}

# The servers here are generators; both load raw_epoll.
generator() # GENERATOR
{
    ! will_take $((window_ms + 250)) || return 0
    start_server raw_epoll 2
    if [ "$1" = min_client ]; then
        "$bin/min_client" --port "$server_port" --connections 50 --threads "$load_threads" \
            --seconds "$seconds" >"$tmp/out" &
        wait "$!" || die "min_client failed"
        record rate "$1" "$(sed -n 's/^lines_per_second=//p' "$tmp/out")"
    else
        load echo "${window[@]}" --connections 50
        record rate "$1" "$(value lines_per_second)"
    fi
    stop_server raw_epoll
}

# -- What others measure -----------------------------------------------------
# All rounds at once; what they print follows the tables.
scaling()
{
    local options=() threads='{threads}'
    # Six points of seven servers.
    ! will_take $((6 * 7 * rounds * (window_ms + 350))) || return 0
    [ -z "$plot" ] || options=(--plot "$plot")
    "$tool" compare --daemon "$daemon" --connections 1,10,100,1000 --threads 1,2,4 \
        --rounds "$rounds" "${timing[@]}" --server "raw_epoll=$bin/raw_epoll --threads $threads" \
        "${options[@]}" >"$tmp/scaling.table" &
    wait "$!" || die "paceline-bench compare failed"
}

chat()
{
    local options=()
    ! will_take $((rounds * (32 * (window_ms + 400) + 20000))) || return 0
    ! $markdown || options=(--markdown)
    "$here/run-chat" --rounds "$rounds" --seconds "$seconds" --warmup "$warmup" --bin "$bin" \
        --daemon "$daemon" "${options[@]}" >"$tmp/chat.table" &
    wait "$!" || die "run-chat failed"
}
