#!/usr/bin/env bash
# The units as systemd reads them: nothing that it does not know, and as tight as they claim. A copy
# names the binary that was just built, since an ExecStart must exist.
set -u
copy=build/systemd
rm -rf "$copy" && mkdir -p "$copy"
for unit in systemd/*.service; do
    sed "s|/usr/bin/plimsoll|$PWD/build/plimsoll|" "$unit" >"$copy/${unit##*/}"
done
passed=0 failed=0

try()
{
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then
        passed=$((passed + 1)) && echo "ok   $name"
    else
        failed=$((failed + 1)) && echo "FAIL $name" && sed 's/^/     /' <<<"$said" | tail -n 30
    fi
}

# verify exits with 0 after mere warnings; what it says about our units is a failure too. The daemon is
# verified beside its signer, which it wants.
is_clean()
{
    local said
    said=$(SYSTEMD_UNIT_PATH="$PWD/$copy:" systemd-analyze verify --man=no "$@" 2>&1) &&
        ! grep -qF plimsoll <<<"$said" && return 0
    echo "$said" && return 1
}

# in tenths, as --threshold wants them
is_tight()
{
    local said
    said=$(systemd-analyze security --offline=true --no-pager --threshold="$2" "$1" 2>&1) &&
        ! grep -E 'Unknown|ignoring' <<<"$said" && return 0
    echo "$said" && return 1
}

for unit in "$copy"/*.service; do
    try "verify ${unit##*/}" is_clean "$unit"
done
try 'security of the daemon is 1.5 or better' is_tight "$copy/plimsoll@.service" 15
try 'security of the signer is 0.5 or better' is_tight "$copy/plimsoll-sign@.service" 5

# both checks can fail
sed 's/^WatchdogSec=.*/WatchdogSek=60/' "$copy/plimsoll@.service" >"$copy/typo@.service"
refuses() { ! "$@"; }
cd "$copy" && mkdir sin && mv typo@.service sin/plimsoll@.service && cd - >/dev/null || exit 1
try 'a misspelt key is seen' refuses is_clean "$copy/sin/plimsoll@.service"
sed -i '/^PrivateNetwork=/d' "$copy/sin/plimsoll@.service"
sed '/^PrivateNetwork=/d; /^Capability/d' "$copy/plimsoll-sign@.service" >"$copy/sin/plimsoll-sign@.service"
try 'a signer with a network is seen' refuses is_tight "$copy/sin/plimsoll-sign@.service" 5
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
