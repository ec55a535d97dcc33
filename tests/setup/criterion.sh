#!/usr/bin/env bash
# Runs a Criterion binary so that a leak fails too: LeakSanitizer reports when a test's process ends,
# after Criterion has counted it as passed. The last line is Criterion's own count.
set -u
here=build/san
rm -rf "$here" && mkdir -p "$here"
export ASAN_OPTIONS="log_path=$PWD/$here/san:detect_stack_use_after_return=1:strict_string_checks=1"
export UBSAN_OPTIONS="print_stacktrace=1:log_path=$PWD/$here/san"
"$@" >"$here.out" 2>&1
status=$?
grep -v 'Synthesis: ' "$here.out"
for file in "$here"/san*; do
    [ -e "$file" ] || continue
    echo "a sanitizer spoke: $file" && head -n 40 "$file"
    [ $status -ne 0 ] || status=1
done
grep 'Synthesis: ' "$here.out" || { echo 'Criterion did not finish' && status=1; }
exit $status
