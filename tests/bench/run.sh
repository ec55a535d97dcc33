#!/usr/bin/env bash
# Runs the benchmark programs given; a line of JSON per figure. The first line says on what: figures
# of two machines do not compare. usage: run.sh PROGRAM...
set -eu
here=$(dirname "$0")
recording=tests/replay/crash.rec.zst

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf '{"figure":"machine","processor":"%s","cores":%s,"compiler":"%s","commit":"%s"}\n' \
    "${processor:-unknown}" "$(nproc)" "$(${CC:-cc} --version | head -n 1)" \
    "$(git describe --tags --always --dirty 2>/dev/null || echo unversioned)"

# Instructions of a tick do not drift with the machine. usage: count_instructions PROGRAM
count_instructions()
{
    local collected
    command -v valgrind >/dev/null || return 0
    collected=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=tick_counted \
        "$1" instructions 2>&1 | sed -n 's/.*Collected : *//p')
    printf '{"figure":"tick_instructions","value":%s,"unit":"instructions","positions":100000}\n' \
        $((collected / 200))
}

for program in "$@"; do
    case $program in
    *tick) "$program" && count_instructions "$program" ;;
    *node)
        "$here/in_to_out.sh" "$program" in_to_out
        "$here/in_to_out.sh" "$program" in_to_out_armed
        "$here/in_to_out.sh" "$program" replay_quiet
        ;;
    *replay) [ ! -e "$recording" ] || "$program" "$recording" ;;
    *) "$program" ;;
    esac
done
