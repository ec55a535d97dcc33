#!/usr/bin/env bash
# What makes a run of the suite fail, held against runners that are played: each line is what the
# runner leaves behind, how it ends, and what must come of it.
set -u
top=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
seen=0 bad=0

good='[====] Synthesis: Tested: 3 | Passing: 3 | Failing: 0 | Crashing: 0 '
worse='[====] Synthesis: Tested: 3 | Passing: 2 | Failing: 1 | Crashing: 0 '
leak='==7==ERROR: LeakSanitizer: detected memory leaks
    #0 0x7f in __interceptor_calloc asan_malloc_linux.cpp:77
    #1 0x7f  (/lib/x86_64-linux-gnu/libcriterion.so.3+0x1a332)'
ours='==7==ERROR: LeakSanitizer: detected memory leaks
    #0 0x7f in __interceptor_calloc asan_malloc_linux.cpp:77
    #1 0x55 in book_new src/mirror/book.c:40
    #2 0x7f  (/lib/x86_64-linux-gnu/libcriterion.so.3+0x1a332)'

# ends WITH, NAME, what it prints, its exit, what each sanitizer's file holds
ends()
{
    local wanted=$1 name=$2 printed=$3 code=$4 files=() got
    shift 4
    for report in "$@"; do
        files+=("$report")
    done
    {
        echo '#!/usr/bin/env bash'
        printf 'printf "%%s\\n" %q\n' "$printed"
        local i=0
        for report in ${files[@]+"${files[@]}"}; do
            i=$((i + 1))
            printf 'printf "%%s\\n" %q >build/san/san.%d\n' "$report" $i
        done
        echo "exit $code"
    } >runner
    chmod +x runner
    "$top/tests/setup/criterion.sh" ./runner >said 2>&1
    got=$?
    seen=$((seen + 1))
    [ $((got != 0)) -eq "$wanted" ] || { echo "$name: ended with $got" && cat said && bad=1; }
}

ends 0 'all is well' "$good" 0
ends 0 "the runner's own leak, which makes it end with 1" "$good" 1 "$leak"
ends 1 'a leak of ours' "$good" 0 "$ours"
ends 1 'a leak of ours beside the runner'"'"'s' "$good" 1 "$leak" "$ours"
ends 1 'a test that failed, and the runner'"'"'s leak' "$worse" 1 "$leak"
ends 1 'a test that failed' "$worse" 1
ends 1 'a runner that ends badly for no reason that is known' "$good" 1
ends 1 'a runner that did not finish' 'killed' 0
ends 1 'a runner that did not finish, and its leak' 'killed' 1 "$leak"
[ $bad -eq 0 ] && echo "$seen endings of the suite told right"
exit $bad
