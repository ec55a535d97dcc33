#!/usr/bin/env bash
# The devnet's door: finds node, brings in what the scripts need from npm (once, into build/devnet), and
# runs one. usage: run.sh up|down|crash|judge|record|kill [option…]   (README.md says what each does)
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/build/node/bin:$PATH
home=build/devnet
mkdir -p "$home"

# the copy of the manifest says what was installed whole
if ! cmp -s tests/devnet/package.json "$home/installed.json"; then
    echo 'devnet: fetching node packages' >&2
    cp tests/devnet/package.json "$home/package.json"
    if ! npm install --prefix "$home" --ignore-scripts --no-audit --no-fund --no-package-lock \
        --loglevel=error >"$home/npm.log" 2>&1; then
        tail -n 20 "$home/npm.log" >&2
        exit 1
    fi
    cp "$home/package.json" "$home/installed.json"
fi

# the protocol's own artifacts, without the packages that they were once built with
aave=$home/aave-core-v3-1.19.3
if [ ! -d "$aave" ]; then
    echo 'devnet: fetching the contracts of Aave V3' >&2
    rm -rf "$aave.new" && mkdir -p "$aave.new"
    (cd "$aave.new" && npm pack --loglevel=error @aave/core-v3@1.19.3 >/dev/null &&
        tar xzf ./*.tgz --strip-components=1 --wildcards --exclude='*.dbg.json' 'package/artifacts/contracts/*')
    mv "$aave.new" "$aave"
fi

command=${1-up}
shift || true
script=tests/devnet/$command.mjs
[ "$command" != kill ] || script=tests/crash/crash.mjs
[ -f "$script" ] || { echo "devnet: no command $command" >&2 && exit 2; }
exec node "$script" "$@"
