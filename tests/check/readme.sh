#!/usr/bin/env bash
# A README that names a command, option, limit, target, metric, reason or file that is not there costs
# whoever follows it an hour. usage: readme.sh [README [TESTS-README]]   (from the top of the tree, after the build)
# Without an argument it also plants a sin of each kind in a copy, and must find it there.
set -u
readme=${1:-README.md}
tests=${2:-tests/README.md}
plimsoll=build/plimsoll
passed=0 failed=0

# what is in one list and not in the other: each list a line an item
say()
{
    local what=$1 wrong=$2
    if [ -z "$wrong" ]; then
        passed=$((passed + 1)) && echo "ok   $what"
    else
        failed=$((failed + 1)) && echo "FAIL $what:" $wrong
    fi
}
missing() { comm -23 <(sort -u <<<"$1") <(sort -u <<<"$2") | grep -v '^$'; }

# what stands in backticks, an item a line
ticked() { grep -oE '`[^`]+`' "$readme" | tr -d '`'; }
# the rows of the table of commands: what stands in the first pair of backticks
rows() { sed -n '/^## Commands/,/^## /p' "$readme" | sed -nE 's/^\| `([^`]+)` \|.*/\1/p'; }
options() { grep -oE -- '--[a-z-]+' | sort -u; }

helped=$($plimsoll help | sed -nE 's/^  ([a-z]+) .*/\1/p')
tabled=$(rows | sed 's/[^a-z].*//')
say 'every command of `plimsoll help` has its row' "$(missing "$helped" "$tabled")"
say 'every row is a command' "$(missing "$tabled" "$helped")"

wrong=
while read -r row; do
    name=${row%% *}
    usage=$($plimsoll help "$name" | sed '/^$/q')
    for option in $(comm -3 <(options <<<"$row") <(options <<<"$usage") | tr -d '\t'); do
        wrong+="$name:$option "
    done
done < <(rows)
say 'every row has the options of its usage' "$wrong"

named=$( (ticked; grep -E '^    ' "$readme") | sed -nE 's/^( *build\/)?plimsoll +([a-z]+).*/\2/p')
say 'every command that is named is one' "$(missing "$named" "$helped")"

listed=$(sed -n '/^Exit codes:/,/^$/p' "$readme" | tr '\n' ' ' | grep -oE '(: |· )[0-9]+ ' | tr -dc '0-9\n')
known=$($plimsoll help exit | sed -nE 's/^  ([0-9]+) .*/\1/p')
say 'exit codes' "$(missing "$listed" "$known")$(missing "$known" "$listed")"

keys=$(awk '/^[a-z]+:/ { section = $1; sub(":", "", section) }
    /^(  |  # |    |  - )[a-z_]+:/ { key = $0; sub(/^[ #-]+/, "", key); sub(/:.*/, "", key); print section "." key }' \
    config/plimsoll.example.yaml)
say 'every key of the config' \
    "$(missing "$(ticked | grep -E '^(chain|markets|keeper|signer|limits|journal|report)\.[a-z_]+$')" "$keys")"

targets=$(sed -n 's/^## //p' Makefile | sed -E 's/^make  .*/make all/' | grep -oE '^make [a-z-]+( / make [a-z-]+)?' | grep -oE 'make [a-z-]+')
say 'every target' "$(missing "$(grep -oE '(^ +|`)make [a-z-]+' "$readme" | grep -oE 'make [a-z-]+')" "$targets" |
    sed 's/ /-/')"

metrics=$(grep -oE '(GAUGE|COUNTER|HISTOGRAM)\("[a-z_]+' src/report/metrics_table.c | sed 's/.*"/plimsoll_/')
say 'every metric' "$(missing "$(grep -oE 'plimsoll_[a-z_]+' "$readme")" "$metrics")"

reasons=$($plimsoll help reasons | sed -nE 's/^  ([a-z_]+) .*/\1/p')
say 'every reason' "$(missing "$(grep -oE 'reason `[a-z_]+`' "$readme" | cut -d '`' -f 2)" "$reasons")"

wrong=
for path in $( (ticked; grep -oE '(^| )(tests|config)/[a-zA-Z0-9_./-]+' "$readme") |
    grep -oE '^ *(src|config|systemd|tests)/[a-zA-Z0-9_./-]*$'); do
    [ -e "$path" ] || wrong+="$path "
done
say 'every file' "$wrong"

cases=$(cat tests/*/test_*.c | tr '\n' ' ' | grep -oE 'Test\([a-z_0-9]+, *[a-z_0-9]+' | sed -E 's/Test\(//; s/, */./' | sort -u)
say 'every test' "$(missing "$(grep -oE '`[a-z_]+\.[a-z_0-9]+`' "$tests" | tr -d '`')" "$cases")"

# sin NAME SED-COMMAND: a copy that says so must be refused for just that reason
sin()
{
    local copy said
    copy=$(mktemp) && sed -E "$2" README.md >"$copy"
    said=$("$0" "$copy" | grep '^FAIL' | cut -c 6- | sed 's/:.*//')
    say "refuses a sin: $1" "$([ "$said" = "$1" ] || echo "${said:-nothing said}")"
    rm -f "$copy"
}
if [ $# -eq 0 ]; then
    sin 'every command of `plimsoll help` has its row' '/^\| `status/d'
    sin 'every row is a command' 's/^\| `status/| `halp` | |\n&/'
    sin 'every row has the options of its usage' 's/^(\| `run .*)--record PATH/\1--tape PATH/'
    sin 'every command that is named is one' 's/`plimsoll check -c FILE`/`plimsoll prove -c FILE`/'
    sin 'exit codes' 's/ · 4 the journal/ · 5 the journal/'
    sin 'every key of the config' 's/`limits.profit_min`/`limits.profit_least`/'
    sin 'every target' 's/`make bench`/`make haste`/'
    sin 'every metric' 's/`plimsoll_ready`/`plimsoll_steady`/'
    sin 'every reason' 's/reason `limit`/reason `limits`/'
    copy=$(mktemp) && sed 's/`replacement\.of_what_is_stuck/`replacement.of_what_was_stuck/' "$tests" >"$copy"
    said=$("$0" README.md "$copy" | grep '^FAIL' | cut -c 6- | sed 's/:.*//')
    say 'refuses a sin: every test' "$([ "$said" = 'every test' ] || echo "${said:-nothing said}")"
    rm -f "$copy"
    sin 'every file' 's/`src\/DECISIONS.md`/`src\/WHIMS.md`/'
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
