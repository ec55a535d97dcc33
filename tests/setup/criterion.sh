#!/usr/bin/env bash
# Runs a Criterion binary so that a leak fails too: LeakSanitizer reports when a test's process ends,
# after Criterion has counted it as passed. The last line is Criterion's own count.
set -u

# Criterion's process library (BoxFort 0.1, src/timeout.c) loses requests when it cancels the time
# limit of a test that ended: bxfi_cancel_timeout walks on in the list to which it has just moved
# one. So the runner, not a test, ends with 48 bytes for each. Not by LeakSanitizer's suppressions:
# they ask for any frame of the stack, and libcriterion calls every test. Here nothing may stand
# between the allocation and libcriterion.
is_of_criterion()
{
    grep -q 'ERROR: LeakSanitizer' "$1" &&
        grep -q '^ *#1 .*libcriterion\.so' "$1" &&
        ! grep '^ *#' "$1" | grep -qvE '^ *#0 .* in __interceptor_calloc |^ *#1 .*/libcriterion\.so'
}

here=build/san
rm -rf "$here" && mkdir -p "$here"
export ASAN_OPTIONS="log_path=$PWD/$here/san:detect_stack_use_after_return=1:strict_string_checks=1"
export UBSAN_OPTIONS="print_stacktrace=1:log_path=$PWD/$here/san"
"$@" >"$here.out" 2>&1
status=$?
grep -v 'Synthesis: ' "$here.out"
excused=0 spoke=0
for file in "$here"/san*; do
    [ -e "$file" ] || continue
    if is_of_criterion "$file"; then
        excused=1
        continue
    fi
    echo "a sanitizer spoke: $file" && head -n 40 "$file"
    spoke=1
done
# LeakSanitizer makes the runner's own exit a failure as well: then Criterion's count is its word
if [ $excused -eq 1 ] && grep -q 'Synthesis: .* Failing: 0 .*Crashing: 0 ' "$here.out"; then
    status=0
fi
[ $spoke -eq 0 ] || [ $status -ne 0 ] || status=1
grep 'Synthesis: ' "$here.out" || { echo 'Criterion did not finish' && status=1; }
exit $status
