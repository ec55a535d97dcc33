#!/usr/bin/env bash
# Each header compiles alone, and twice: it brings what it needs, and its guard works.
# usage: headers.sh FLAG…   the compiler's flags
set -u
find src -name '*.h' | sed 's|^src/||' | sort | xargs -P "$(nproc)" -I {} bash -c '
    header=$1; shift
    printf "#include \"%s\"\n#include \"%s\"\n" "$header" "$header" |
        gcc "$@" -fsyntax-only -x c - || { echo "src/$header does not compile alone and twice"; exit 1; }
' headers {} "$@"
