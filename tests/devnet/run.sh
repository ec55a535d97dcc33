#!/usr/bin/env bash
# The devnet's door: finds node, brings in what the scripts need from npm (once, into build/devnet), and
# runs one. usage: run.sh up|down|crash|judge|backrun|record|kill|chaos|differential|plants [option…]   (README.md says what each does)
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

# the protocols' own packages, without those that they were once built with
fetch() # folder, package, what of it
{
    local folder=$home/$1 package=$2
    [ ! -d "$folder" ] || return 0
    shift 2
    echo "devnet: fetching $package" >&2
    rm -rf "$folder.new" && mkdir -p "$folder.new"
    (cd "$folder.new" && npm pack --loglevel=error "$package" >/dev/null &&
        tar xzf ./*.tgz --strip-components=1 --wildcards --exclude='*.dbg.json' "$@" && rm -f ./*.tgz)
    mv "$folder.new" "$folder"
}
fetch aave-core-v3-1.19.3 @aave/core-v3@1.19.3 'package/artifacts/contracts/*'

command=${1-up}
shift || true
script=tests/devnet/$command.mjs
case $command in differential | plants)
    # Aave V3.6 comes as Solidity, with what it includes
    fetch aave-v3-origin-3.6.0 @aave-dao/aave-v3-origin@3.6.0 'package/src/contracts/*'
    fetch solidity-utils-1.1.2 @bgd-labs/solidity-utils@1.1.2 'package/src/*'
    fetch openzeppelin-5.3.0 @openzeppelin/contracts@5.3.0 'package/*.sol'
    fetch openzeppelin-upgradeable-5.3.0 @openzeppelin/contracts-upgradeable@5.3.0 'package/*.sol'
    script=tests/differential/$command.mjs ;;
esac
[ "$command" != kill ] || script=tests/crash/crash.mjs
[ "$command" != chaos ] || script=tests/chaos/chaos.mjs
[ -f "$script" ] || { echo "devnet: no command $command" >&2 && exit 2; }
exec node "$script" "$@"
