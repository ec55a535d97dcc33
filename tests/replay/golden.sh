#!/usr/bin/env bash
# Golden recordings: each tests/replay/NAME.rec.zst, replayed, must print tests/replay/NAME.golden byte
# for byte, twice. `golden.sh --bless` rewrites the goldens; their diff is reviewed like code.
set -u
here=tests/replay
passed=0 failed=0
mkdir -p build/replay
for recording in "$here"/*.rec "$here"/*.rec.zst; do
    [ -e "$recording" ] || continue
    name=$(basename "$recording" .zst) && name=${name%.rec}
    said=build/replay/$name.said
    if ! build/plimsoll replay "$recording" --json >"$said" 2>"$said.error"; then
        echo "FAIL $name: replay ends with an error" && tail -n 5 "$said.error"
        failed=$((failed + 1))
    elif ! build/plimsoll replay "$recording" --json 2>/dev/null | cmp -s - "$said"; then
        echo "FAIL $name: two replays differ"
        failed=$((failed + 1))
    elif [ "${1-}" = --bless ]; then
        cp "$said" "$here/$name.golden" && echo "blessed $name: $(wc -l <"$said") lines"
        passed=$((passed + 1))
    elif ! cmp -s "$said" "$here/$name.golden"; then
        echo "FAIL $name: differs from its golden; the first lines:"
        diff "$here/$name.golden" "$said" | cut -c 1-300 | head -n 6
        failed=$((failed + 1))
    else
        echo "ok   $name: $(wc -l <"$said") lines"
        passed=$((passed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
