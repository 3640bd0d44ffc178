# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What run prints: what is to be reached, then a table of each case, a row for each server. run
# sources this after cases.sh, whose tables say which columns there are.
# What it takes from there:
columns=${columns:?} targets=${targets:?} cases_table=${cases_table:?} markdown=${markdown:?}
tmp=${tmp-}

# Rows of cells with tabs between them, the first of which are headings.
table()
{
    awk -F'\t' -v markdown="$markdown" '
        {
            for (i = 1; i <= NF; i++) {
                cells[NR, i] = $i
                if (length($i) > width[i])
                    width[i] = length($i)
            }
        }
        function plain(r,    i, line) {
            for (i = 1; i <= NF; i++)
                line = line sprintf("%-*s", width[i] + 2, cells[r, i])
            sub(/ +$/, "", line)
            print line
        }
        function marked(r,    i, line, rule) {
            for (i = 1; i <= NF; i++) {
                line = line "| " cells[r, i] " "
                rule = rule "| --- "
            }
            print line "|"
            if (r == 1)
                print rule "|"
        }
        END {
            for (r = 1; r <= NR; r++) {
                if (markdown == "true")
                    marked(r)
                else
                    plain(r)
            }
        }'
}

# Those that have figures in a case, in the order in which they came.
measured() # CASE
{
    awk -v wanted="$1" '$1 == wanted && !seen[$3]++ { print $3 }' "$tmp/results"
}

# -- Cases -------------------------------------------------------------------
heading_row() # CASE
{
    local row_case heading
    printf 'server'
    while IFS='|' read -r row_case _ _ _ heading; do
        [ "$row_case" != "$1" ] || printf '\t%s' "$heading"
    done <<<"$columns"
    printf '\n'
}

server_row() # CASE SERVER
{
    local row_case metric base unit
    printf '%s' "$2"
    while IFS='|' read -r row_case metric base unit _; do
        [ "$row_case" != "$1" ] ||
            printf '\t%s' "$(cell "$(summary "$1" "$metric" "$2" "$base")" "$unit")"
    done <<<"$columns"
    printf '\n'
}

case_rows() # CASE SERVER...
{
    local server
    heading_row "$1"
    for server in "${@:2}"; do
        server_row "$1" "$server"
    done
}

# -- Targets -----------------------------------------------------------------
# Of a server's ratios to others that were measured too, the summary with the largest median
# (FIELD 1) or the largest least (2), and behind it to whom.
worst() # FIELD CASE METRIC SERVER OTHER...
{
    local other ratio
    for other in "${@:5}"; do
        ratio=$(summary "$2" "$3" "$4" "$other")
        [ "$other" = "$4" ] || [ -z "$ratio" ] || echo "$ratio $other"
    done | sort -g -k "$1,$1" | tail -n 1
}

# What is compared with what is to be reached: "median least most", or that and whom it is against.
target_figures() # CASE METRIC BASE SERVER TO-REACH
{
    local others
    case $5 in
    below*)
        read -r -a others <<<"${5#below }"
        worst 1 "$1" "$2" "$4" "${others[@]}" ;;
    'no worse')
        mapfile -t others < <(measured "$1")
        worst 2 "$1" "$2" "$4" "${others[@]}" ;;
    *) summary "$1" "$2" "$4" "$3" ;;
    esac
}

is_reached() # FIGURES TO-REACH
{
    awk -v wanted="$2" '{
        split(wanted, w, " ")
        if (w[1] == "below")
            exit !($1 < 1)
        if (w[1] == "no")
            exit !($2 <= 1)
        exit !(w[1] == "<=" ? $1 <= w[2] + 0 : $1 >= w[2] + 0)
    }' <<<"$1"
}

target_row() # CASE METRIC BASE SERVER TO-REACH TEXT
{
    local figures met=no against
    figures=$(target_figures "$1" "$2" "$3" "$4" "$5")
    [ -n "$figures" ] || return 0
    ! is_reached "$figures" "$5" || met=yes
    read -r _ _ _ against <<<"$figures"
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$4" "$6" "$5" \
        "$(cell "$figures" '')${against:+ of $against}" "$met" "bench/run --case $1"
}

target_rows()
{
    local row_case metric base server limit text name
    printf 'server\tcase\tto reach\tfigure\tmet\tmeasured by\n'
    while IFS='|' read -r row_case metric base server limit text; do
        for name in $(measured "$row_case"); do
            # shellcheck disable=SC2053 # a pattern
            [[ $name != $server ]] ||
                target_row "$row_case" "$metric" "$base" "$name" "$limit" "$text"
        done
    done <<<"$targets"
}

# -- All of it ---------------------------------------------------------------
title() # CASE TITLE
{
    printf '\n%s (bench/run --case %s):\n\n' "$2" "$1"
}

print_tables()
{
    local name text list
    target_rows >"$tmp/targets"
    [ "$(wc -l <"$tmp/targets")" -eq 1 ] || table <"$tmp/targets"
    while IFS='|' read -r name _ _ text; do
        mapfile -t list < <(measured "$name")
        if [ ${#list[@]} -gt 0 ]; then
            title "$name" "$text"
            case_rows "$name" "${list[@]}" | table
        elif [ -f "$tmp/$name.table" ]; then
            title "$name" "$text"
            cat "$tmp/$name.table"
        fi
    done <<<"$cases_table"
}
