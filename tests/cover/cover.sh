#!/usr/bin/env bash
# Lines and branches that the suite takes, per room, from gcov's summaries of build/cover's objects.
set -u
find build/cover -name '*.gcda' -delete
build/cover/run >build/cover/run.out 2>&1
tail -n 1 build/cover/run.out
find build/cover/src -name '*.gcda' | sort | while read -r data; do
    room=${data#build/cover/src/} && room=${room%%/*}
    gcov -b -n "$data" 2>/dev/null | awk -v room="$room" '
        /^File / { own = index($0, "src/" room "/") && index($0, ".c") }
        own && /^(Lines executed|Taken at least once)/ {
            split($0, part, /:|%| of /)
            print room, /^Lines/ ? "lines" : "branches", part[2], part[4]
        }'
done | awk '
    { hit[$1, $2] += $3 * $4 / 100; all[$1, $2] += $4; rooms[$1] }
    function share(room, what) {
        return all[room, what] ? 100 * hit[room, what] / all[room, what] : 0
    }
    END {
        for (room in rooms)
            printf "%-10s %5.1f %% of %5d lines, %5.1f %% of %5d branches\n", room,
                share(room, "lines"), all[room, "lines"], share(room, "branches"), all[room, "branches"]
    }' | sort
