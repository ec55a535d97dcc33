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

for program in "$@"; do
    case $program in
    *node)
        "$here/in_to_out.sh" "$program" in_to_out
        "$here/in_to_out.sh" "$program" in_to_out_armed
        ;;
    *replay) [ ! -e "$recording" ] || "$program" "$recording" ;;
    *) "$program" ;;
    esac
done
