#!/usr/bin/env bash
# Refuses an #include that src/FLOORS does not grant, a file outside any room, and a table that would
# let a lower floor see a higher one. Run from the top of a tree.
set -eu
find src -name '*.[ch]' | sort | xargs awk '
function refuse(message) { print message; failed = 1 }
function trim(text) { gsub(/^ +| +$/, "", text); return text }
function is_granted(header, list,    i, n, grants, prefix) {
    n = split(list, grants, " ")
    for (i = 1; i <= n; i++) {
        if (grants[i] == header)
            return 1
        if (grants[i] ~ /\*\.h$/) {
            prefix = substr(grants[i], 1, length(grants[i]) - 3)
            if (index(header, prefix) == 1)
                return 1
        }
    }
    return 0
}
function learn_room(line,    cell, i, n, lower) {
    split(line, cell, "|")
    for (i = 1; i <= 5; i++)
        cell[i] = trim(cell[i])
    if (cell[1] ~ /^all /) {
        common[substr(cell[1], 5)] = cell[4]
        return
    }
    if (cell[2] != "think" && cell[2] != "touch")
        refuse("src/FLOORS: " cell[1] " neither thinks nor touches")
    kind[cell[1]] = cell[2]
    rooms[cell[1]] = cell[3]
    outside[cell[1]] = cell[4]
    n = split(cell[3], lower, " ")
    for (i = 1; i <= n; i++) {
        if (!(lower[i] in kind))
            refuse("src/FLOORS: " cell[1] " may include " lower[i] ", which is not below it")
        else if (cell[2] == "think" && kind[lower[i]] == "touch")
            refuse("src/FLOORS: " cell[1] " thinks, " lower[i] " touches the world")
    }
}
BEGIN {
    while ((getline line <"src/FLOORS") > 0)
        if (line !~ /^#/ && line !~ /^ *$/)
            learn_room(line)
}
FNR == 1 {
    split(FILENAME, path, "/")
    room = path[2]
    files++
    if (!(room in kind))
        refuse(FILENAME ": stands in no room of src/FLOORS")
}
/^[ \t]*(#|%:|\?\?=)[ \t]*(include|import|embed)/ {
    includes++
    where = FILENAME ":" FNR ": "
    if (match($0, /^#include "[a-z0-9_\/]+\.h"/)) {
        header = substr($0, 11, RLENGTH - 11)
        slash = index(header, "/")
        target = slash ? substr(header, 1, slash - 1) : ""
        if (target == "")
            refuse(where "an include is a path from src/, not " header)
        else if (target != room && index(" " rooms[room] " ", " " target " ") == 0)
            refuse(where room " may not include " header)
        else if (split(header, part, "/") == 3 && room "/" path[3] != part[1] "/" part[2] \
                 && part[3] != part[2] ".h")
            refuse(where header " is inside of " part[1] "/" part[2] ", which stands behind one header")
    } else if (match($0, /^#include <[A-Za-z0-9_\/.-]+>/)) {
        header = substr($0, 11, RLENGTH - 11)
        if (!is_granted(header, common[kind[room]] " " outside[room]))
            refuse(where room " may not include <" header ">")
    } else {
        refuse(where "an include that is not read: " $0)
    }
}
END {
    if (!failed)
        printf "%d includes of %d files, all granted\n", includes, files
    exit failed
}'
