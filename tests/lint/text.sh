#!/usr/bin/env bash
# What a look at the text finds: files over their cap, lines over 100 columns, calls that nobody may
# make, definitions that the house refuses. Run from the top of a tree.
set -u
failed=0

refuse()
{
    echo "$1" && failed=1
}

for file in $(find src tests -name '*.c' -o -name '*.h' | sort); do
    lines=$(wc -l <"$file")
    cap=400
    [ "${file##*.}" = c ] || cap=200
    [ "$lines" -le "$cap" ] || refuse "$file: $lines lines, the cap is $cap"
done

wide=$(find src tests -name '*.[ch]' -print0 | LC_ALL=C.UTF-8 xargs -0r grep -nE '^.{101,}' | cut -c 1-80)
[ -z "$wide" ] || refuse "over 100 columns:
$wide"

# comments are not calls: the compiler takes them out and leaves everything else as written
banned='strcpy|stpcpy|strcat|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof'
banned="$banned|system|popen|alloca|rand|srand|random|srandom|drand48|tmpnam|mktemp|longjmp|setjmp"
banned="$banned|gethostbyname|asctime|ctime|gmtime|localtime|putenv|setenv|assert"
for file in $(find src -name '*.[ch]' | sort); do
    plain=$(gcc -fpreprocessed -dD -E -P -x c "$file" 2>/dev/null)
    calls=$(grep -oE "\b($banned) *\(" <<<"$plain" | sort -u | tr -d '\n')
    [ -z "$calls" ] || refuse "$file: calls ${calls//(/ }"
    # a function's type may have a name; data is plain struct and enum
    types=$(grep -E "^ *typedef " <<<"$plain" | grep -vE "\);$" | head -n 1)
    [ -z "$types" ] || refuse "$file: $types"
    [ "$file" = src/base/must.c ] || ! grep -qE '\babort *\(' <<<"$plain" ||
        refuse "$file: aborts, which is MUST's to do"
done

for file in $(find src -name '*.h' | sort); do
    guard=$(sed 's|^src/||; s|[/.]|_|g' <<<"$file" | tr a-z A-Z)
    grep -qx "#ifndef $guard" "$file" && grep -qx "#define $guard" "$file" ||
        refuse "$file: its guard is not $guard"
done
exit $failed
