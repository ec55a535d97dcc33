#!/usr/bin/env bash
# Runs the benchmark programs given and the replay; a line of JSON per figure. The first line says on
# what: figures of two machines do not compare. usage: run.sh PROGRAM...
set -eu
here=$(dirname "$0")
recording=tests/replay/crash.rec.zst

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf '{"figure":"machine","processor":"%s","cores":%s,"compiler":"%s","commit":"%s"}\n' \
    "${processor:-unknown}" "$(nproc)" "$(${CC:-cc} --version | head -n 1)" \
    "$(git describe --tags --always --dirty 2>/dev/null || echo unversioned)"

for program in "$@"; do
    # the node drives the real daemon, so it needs a config and an end
    case $program in
    *node*) "$here/in_to_out.sh" "$program" ;;
    *) "$program" ;;
    esac
done

# Heads of the recording over the time that the engine takes for all of it, start included.
if [ -e "$recording" ]; then
    begin=$(date +%s%N)
    heads=$(build/plimsoll replay "$recording" --json | grep -c '"event":"head"' || true)
    end=$(date +%s%N)
    awk -v heads="$heads" -v ns="$((end - begin))" 'BEGIN {
        printf "{\"figure\":\"replay\",\"value\":%.1f,\"unit\":\"blocks_per_s\",\"blocks\":%d}\n",
            heads / (ns / 1e9), heads
    }'
fi
