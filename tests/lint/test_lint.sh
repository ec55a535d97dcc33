#!/usr/bin/env bash
# A check that cannot fail proves nothing: each one here meets a planted sin in a copy of the tree and
# must refuse it, naming what it saw. usage: test_lint.sh "FLAGS"
set -u
flags=$1
top=$PWD
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r src "$copy/src"
mkdir -p "$copy/objects" "$copy/tests"
cp .clang-format .clang-tidy "$copy"
cd "$copy" || exit 1
bad=0 seen=0

# sin NAME, WORDS that the refusal must hold, the check; the sin lies in the copy already
refuses()
{
    local name=$1 words=$2 output
    shift 2
    seen=$((seen + 1))
    if output=$("$@" 2>&1); then
        echo "not seen: $name" && bad=1
    elif ! grep -qF -- "$words" <<<"$output"; then
        echo "refused, but not for its sin: $name" && tail -n 3 <<<"$output" && bad=1
    fi
}

# write FILE TEXT…: a planted file, one line an argument
write()
{
    local file=$1
    shift
    mkdir -p "${file%/*}"
    printf '%s\n' "$@" >"$file"
}

compile()
{
    mkdir -p "objects/${1%/*}"
    gcc $flags -w -O2 -fPIE -c -o "objects/${1%.c}.o" "src/$1"
}

floors() { "$top/tests/lint/floors.sh"; }
objects() { "$top/tests/lint/objects.sh" objects; }
headers() { "$top/tests/lint/headers.sh" $flags; }
text() { "$top/tests/lint/text.sh"; }
tidy() { clang-tidy --quiet "$1" -- $flags; }

# includes
for sin in '#include "plan/plan.h"' '#include <time.h>' '#include <sys/socket.h>' '#include "u256.h"' \
    '# include <time.h>' '#include MACRO' '#include "../plan/plan.h"'; do
    write src/eth/sin.c "$sin"
    refuses "eth says $sin" src/eth/sin.c floors
done
rm src/eth/sin.c
write src/feed/sin.c '#include "protocol/aave_v3/inside.h"'
refuses 'feed looks into a protocol' 'which stands behind one header' floors
rm src/feed/sin.c
write src/stray/sin.c ''
refuses 'a file in no room' 'stands in no room' floors
rm -r src/stray
cp src/FLOORS FLOORS.kept
sed -i 's/^eth  *| think | base /&plan /' src/FLOORS
refuses 'a grant that looks upwards' 'not below it' floors
cp FLOORS.kept src/FLOORS

# objects
while IFS='|' read -r code words; do
    write src/risk/sin.c "$code"
    compile risk/sin.c
    refuses "risk with $code" "$words" objects
done <<'SINS'
long time(long *); long sin_now(void) { return time(0); }|needs time
int clock_gettime(int, void *); int sin_now(void *t) { return clock_gettime(0, t); }|needs clock_gettime
void *fopen(const char *, const char *); void *sin_open(void) { return fopen("x", "r"); }|needs fopen
int socket(int, int, int); int sin_socket(void) { return socket(1, 1, 0); }|needs socket
char *getenv(const char *); char *sin_env(void) { return getenv("HOME"); }|needs getenv
int printf(const char *, ...); int sin_say(int i) { return printf("%d", i); }|needs printf
long random(void); long sin_random(void) { return random(); }|needs random
_Noreturn void abort(void); void sin_abort(void) { abort(); }|needs abort
int sin_count; int sin_next(void) { return ++sin_count; }|mutable state in .bss
static int count = 7; int sin_next(void) { return ++count; }|mutable state in .data
int sin_next(void) { static int count; return ++count; }|mutable state in .bss
static _Thread_local int count; int sin_next(void) { return ++count; }|mutable state in .tbss
static const char *names[] = {"a", "b"}; const char **sin_names(void) { return names; }|mutable state in .data
SINS
write src/plan/sin.c 'int sin_of_plan(void) { return 1; }'
write src/risk/sin.c 'int sin_of_plan(void); int sin_reach(void) { return sin_of_plan(); }'
compile plan/sin.c && compile risk/sin.c
refuses 'risk reaches into plan by a declaration of its own' 'reaches sin_of_plan of plan' objects
write src/journal/sin.c 'static int count; int sin_next(void) { return ++count; }'
rm -r objects/plan objects/risk
compile journal/sin.c
refuses 'mutable state in a room that touches the world' 'mutable state in .bss' objects
rm src/plan/sin.c src/risk/sin.c src/journal/sin.c

# headers
write src/eth/sin.h '#ifndef ETH_SIN_H' '#define ETH_SIN_H' 'struct sin { struct bytes bytes; };' '#endif'
refuses 'a header that does not bring what it needs' 'src/eth/sin.h does not compile' headers
write src/eth/sin.h 'struct sin { int of; };'
refuses 'a header without a guard' 'src/eth/sin.h does not compile' headers
refuses 'a guard of another name' 'its guard is not ETH_SIN_H' text
rm src/eth/sin.h

# text
write src/eth/sin.c "$(yes '/* long */' | head -n 401)"
refuses 'a file of 401 lines' '401 lines' text
write src/eth/sin.c "/* $(yes x | head -n 100 | tr -d '\n') */"
refuses 'a line of over 100 columns' 'over 100 columns' text
while read -r call; do
    write src/eth/sin.c "void sin(char *a, char *b) { $call; }"
    refuses "a call of $call" 'src/eth/sin.c' text
done <<'SINS'
strcpy(a, b)
strcat(a, b)
sprintf (a, b)
strtok(a, b)
atoi(a)
system(a)
alloca(4)
rand()
assert(a)
abort()
SINS
write src/eth/sin.c 'typedef struct sin { int of; } sin_t;'
refuses 'a typedef' 'typedef' text
write src/eth/sin.c 'int  sin( void ){return 1;}'
refuses 'another format' 'clang-format' clang-format --dry-run -Werror src/eth/sin.c

# tools
write src/eth/sin.c 'int sin_of(int a, int b, int c, int d, int e, int f);' \
    'int sin_of(int a, int b, int c, int d, int e, int f) { return a + b + c + d + e + f; }'
refuses 'six parameters' 'parameters' tidy src/eth/sin.c
write src/eth/sin.c 'int sin_of(int a);' "int sin_of(int a) { $(yes 'a += a;' | head -n 61)" ' return a; }'
refuses 'a function of over 60 lines' 'function-size' tidy src/eth/sin.c
write src/eth/sin.c 'int sin_of(int a);' \
    'int sin_of(int a) { if (a) { if (a > 1) { if (a > 2) { if (a > 3) { return 1; } } } } return 0; }'
refuses 'nesting of four' 'nesting' tidy src/eth/sin.c
write src/eth/sin.c 'int sin_of(int *a);' 'int sin_of(int *a) { if (a) { return 0; } return *a; }'
refuses 'a null pointer that is followed' 'null' tidy src/eth/sin.c
rm src/eth/sin.c

[ $bad -eq 0 ] && echo "$seen planted, all seen"
exit $bad
