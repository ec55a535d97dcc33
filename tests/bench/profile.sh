#!/usr/bin/env bash
# Where the time of a tick goes, by instructions: a calm one, and a crash with what it calls for.
# usage: profile.sh BENCH_TICK
set -eu
out=build/bench/callgrind.out

profile()
{
    local title=$1 function=$2 argument=$3
    valgrind --tool=callgrind --callgrind-out-file=$out --toggle-collect="$function" \
        "$program" "$argument" >/dev/null 2>&1
    echo "== $title"
    callgrind_annotate --threshold=90 $out 2>/dev/null | grep -E '^ *[0-9,]+ \([ 0-9.]+%\)' |
        sed 's/ \[.*//' | head -n 24 | grep . || { echo "nothing was counted in $function" >&2 && return 1; }
}

program=$1
# the compiler may have made a copy of a function under a longer name: hence the stars
profile "a calm tick, 100,000 positions" 'tick_counted*' instructions
profile "a crash, 20,000 positions: watch, exact health, plans" 'crash_once*' 20000
