#!/usr/bin/env bash
# `make check`: its parts one after the other, each as a target of its own, and one line that sums them
# up. A part's own "N passed, N failed" is taken; one that has none counts as one. What each said stays
# in build/check/PART.log.
set -u
mkdir -p build/check
total_passed=0 total_failed=0 total_skipped=0 broken=()

# the last count in a log: our own words, or Criterion's
count()
{
    awk '
    /^[0-9]+ passed, [0-9]+ failed/ { passed = $1; failed = $3; skipped = /skipped/ ? $5 : 0; known = 1 }
    /Synthesis: Tested:/ {
        for (i = 1; i < NF; i++)
            number[$i] = $(i + 1)
        passed = number["Passing:"]; failed = number["Failing:"] + number["Crashing:"]; known = 1
        skipped = skips
    }
    /\[SKIP\]/ { skips++ }
    END { if (known) print passed + 0, failed + 0, skipped + 0 }' "$1"
}

for part in "$@"; do
    start=$SECONDS
    echo "== $part"
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make "$part" >build/check/"$part".log 2>&1
    status=$?
    cat build/check/"$part".log
    read -r passed failed skipped <<<"$(count build/check/"$part".log)"
    if [ -z "${passed:-}" ]; then
        passed=0 failed=0 skipped=0
        [ $status -eq 0 ] && passed=1
    fi
    # a part that ends badly has failed, whatever it counted
    [ $status -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
    [ "$failed" -eq 0 ] || broken+=("$part")
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + ${skipped:-0}))
    echo "== $part: $passed passed, $failed failed, $((SECONDS - start)) s"
    echo
    # nothing below can say more than the compiler did
    [ "$part" != all ] || [ $status -eq 0 ] || break
done
[ ${#broken[@]} -eq 0 ] || echo "failed: ${broken[*]}"
if [ $total_skipped -gt 0 ]; then
    echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
else
    echo "$total_passed passed, $total_failed failed"
fi
[ $total_failed -eq 0 ]
