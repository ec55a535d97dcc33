#!/usr/bin/env bash
# Reruns what the fuzzers ever found, under ASan and UBSan. usage: corpus.sh NAME…
set -u
passed=0 failed=0
for name in "$@"; do
    folder=tests/fuzz/corpus/$name
    [ -d "$folder" ] || continue
    if said=$(build/corpus/"$name" "$folder" 2>&1); then
        passed=$((passed + $(find "$folder" -type f | wc -l)))
    else
        failed=$((failed + 1)) && echo "FAIL $name" && tail -n 30 <<<"$said"
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
