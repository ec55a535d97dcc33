#!/usr/bin/env bash
# Headers leak declarations, so purity is proved on what the compiler made of the sources:
#   - a thinking room needs no symbol from outside that src/FLOORS does not grant (no clock, file,
#     socket, environment, randomness, printf) and none of a room that it may not include;
#   - no object but the shell's main has anything in .data or .bss: no mutable state at file scope.
# usage: objects.sh FOLDER   objects of src/, neither sanitized nor link-time optimised
set -eu
objects=$1

list_symbols()
{
    find "$objects" -name '*.o' | sort | while read -r object; do
        # protected from being read as another line: room, d(efined) or u(ndefined), symbol, object
        name=${object#"$objects"/}
        nm -g --defined-only "$object" | awk -v o="$name" 'NF == 3 { print "d", $3, o }'
        nm -u "$object" | awk -v o="$name" '{ print "u", $NF, o }'
    done
}

list_symbols | awk '
function trim(text) { gsub(/^ +| +$/, "", text); return text }
function is_granted(symbol, list,    i, n, grants) {
    n = split(list, grants, " ")
    for (i = 1; i <= n; i++) {
        if (grants[i] == symbol)
            return 1
        if (grants[i] ~ /\*$/ && index(symbol, substr(grants[i], 1, length(grants[i]) - 1)) == 1)
            return 1
    }
    return 0
}
BEGIN {
    while ((getline line <"src/FLOORS") > 0) {
        if (line ~ /^#/ || line ~ /^ *$/)
            continue
        split(line, cell, "|")
        for (i = 1; i <= 5; i++)
            cell[i] = trim(cell[i])
        if (cell[1] == "all think")
            common = cell[5]
        kind[cell[1]] = cell[2]
        rooms[cell[1]] = cell[1] " " cell[3]
        symbols[cell[1]] = cell[5]
    }
}
{
    split($3, path, "/")
    if ($1 == "d") {
        owner[$2] = path[1]
    } else if (kind[path[1]] == "think") {
        needs[++count] = $2
        by[count] = $3
        room[count] = path[1]
    }
}
END {
    for (i = 1; i <= count; i++) {
        symbol = needs[i]
        if (symbol in owner) {
            if (index(" " rooms[room[i]] " ", " " owner[symbol] " "))
                continue
            print by[i] ": reaches " symbol " of " owner[symbol] ", which " room[i] " may not include"
        } else {
            if (is_granted(symbol, common " " symbols[room[i]]))
                continue
            print by[i] ": needs " symbol ", which src/FLOORS does not grant to " room[i]
        }
        failed = 1
    }
    if (!failed)
        printf "%d symbols that thinking rooms need, all granted\n", count
    exit failed
}'

find "$objects" -name '*.o' -not -path "$objects/keeper/main.o" | sort | xargs size -A | awk '
/:$/ { object = $1 }
($1 ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0) {
    print object " " $2 " bytes of mutable state in " $1
    failed = 1
}
END { exit failed }'
