#!/usr/bin/env bash
# Brings published test vectors into build/vectors (or $PLIMSOLL_VECTORS), one JSON file each; none is
# kept in the tree. What is fetched is held to the digest below, so that the suite judges the same
# rows everywhere. A folder that is complete is left alone.
set -eu
folder=${PLIMSOLL_VECTORS:-build/vectors}
package=@ethersproject/testcases@5.8.0
digest=68ef073bd48e9af008a62c0ed09fc8a510489a498f41ef4dd7eec39156da4686
wanted=(accounts contract-interface contract-signatures eip712 hashes rlp-coder transactions
    typed-transactions wallets)

is_complete()
{
    for name in "${wanted[@]}"; do
        [ -s "$folder/$name.json" ] || return 1
    done
}

if is_complete; then
    echo "${#wanted[@]} files of $package are there"
    exit 0
fi
PATH="$PWD/build/node/bin:$PATH"
command -v npm >/dev/null || tests/setup/install.sh node
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
npm pack --silent --pack-destination "$scratch" "$package" >/dev/null || {
    echo "vectors: npm could not fetch $package: is there a network?" >&2
    exit 1
}
echo "$digest  $(echo "$scratch"/*.tgz)" | sha256sum --check --status || {
    echo "vectors: $package is not what it was when its digest was written down" >&2
    exit 1
}
tar -xzf "$scratch"/*.tgz -C "$scratch"
mkdir -p "$folder"
for name in "${wanted[@]}"; do
    gzip -dc "$scratch/package/testcases/$name.json.gz" >"$folder/$name.json.part"
    mv "$folder/$name.json.part" "$folder/$name.json"
done
echo "${#wanted[@]} files of $package in $folder"
