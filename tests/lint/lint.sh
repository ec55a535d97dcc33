#!/usr/bin/env bash
# Everything that can be refused without running the program. Run from the top of the tree, after the
# release objects are built. usage: lint.sh "FLAGS" FILE…   (flags of the compiler, sources for tools)
set -u
flags=$1 && shift
here=tests/lint
passed=0 failed=0

try()
{
    local name=$1 output status
    shift
    output=$("$@" 2>&1)
    status=$?
    if [ $status -eq 0 ]; then
        passed=$((passed + 1)) && echo "ok   $name${output:+: $(tail -n 1 <<<"$output" | cut -c 1-100)}"
    else
        failed=$((failed + 1)) && echo "FAIL $name" && head -n 60 <<<"$output" | sed 's/^/     /'
    fi
}

run_format()
{
    find src tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
}

# what is not initialised the analyzer of clang-tidy sees better: cppcheck does not follow out-parameters
run_cppcheck()
{
    cppcheck -j "$(nproc)" --quiet --error-exitcode=1 --std=c11 --inline-suppr -Isrc \
        --enable=warning,performance,portability --suppress=missingIncludeSystem \
        --suppress=toomanyconfigs --suppress=uninitvar "$@"
}

# A file that passed is not asked again until it, a header or the checks change.
run_tidy()
{
    local file stamp todo=()
    local newest
    newest=$(find src .clang-tidy -name '*.h' -o -name .clang-tidy | xargs ls -t | head -n 1)
    for file in "$@"; do
        stamp=build/lint/$file.ok
        { [ "$stamp" -nt "$file" ] && [ "$stamp" -nt "$newest" ]; } || todo+=("$file")
    done
    [ ${#todo[@]} -gt 0 ] || { echo "${#@} files, none changed" && return 0; }
    printf '%s\n' "${todo[@]}" | xargs -P "$(nproc)" -I {} bash -c '
        file=$1 && shift
        if said=$(clang-tidy --quiet "$file" -- "$@" 2>/dev/null); then
            mkdir -p "build/lint/${file%/*}" && touch "build/lint/$file.ok"
        else
            echo "$said" && exit 1
        fi' tidy {} $flags || return 1
    echo "${#@} files, ${#todo[@]} read"
}

try 'format' run_format
try 'floors: includes' $here/floors.sh
try 'floors: objects' $here/objects.sh build/release/src
try 'headers alone and twice' $here/headers.sh $flags
try 'text: caps, banned calls' $here/text.sh
try 'cppcheck' run_cppcheck "$@"
try 'clang-tidy' run_tidy "$@"
try 'each check sees its sin' $here/test_lint.sh "$flags"
try 'each ending of the suite is told' tests/setup/test_criterion.sh
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
