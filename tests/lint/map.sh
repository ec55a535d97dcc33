#!/usr/bin/env bash
# The architecture as the sources tell it: src/FLOORS from the top down, and under each room the comment
# that opens its main header (the one that begins with the room's name).
set -eu
grep -E '^[a-z]+ +\|' src/FLOORS | tac | while IFS='|' read -r room kind lower outside _; do
    room=${room// /}
    [ -d "src/$room" ] || continue
    printf '%s  (%s; %d files, %d lines)\n' "$room" "${kind// /}" \
        "$(find "src/$room" -name '*.[ch]' | wc -l)" \
        "$(find "src/$room" -name '*.[ch]' -exec cat {} + | wc -l)"
    opening=$(grep -lE "^( \*|/\*) $room: " -r "src/$room" --include='*.h' | sort | head -n 1 || true)
    [ -z "$opening" ] || awk '
        /^#/ { exit }
        /This file:/ { exit }
        { gsub(/^\/?\*+ ?|^ \*+\/?/, ""); sub(/\*\/$/, ""); sub(/^ /, "") }
        NF { print "    " $0 }' "$opening"
    lower=$(xargs <<<"$lower") outside=$(xargs <<<"$outside")
    echo "    includes: ${lower:-nothing}${outside:+; outside: $outside}"
    echo
done
