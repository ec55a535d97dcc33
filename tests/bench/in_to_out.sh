#!/usr/bin/env bash
# The node of the benchmark, and the real daemon against it: live, with its signer and its journal.
# usage: in_to_out.sh BENCH_NODE FIGURE, which is in_to_out, in_to_out_armed, or replay_quiet: what the daemon
# records of quiet blocks is replayed by the bench_replay beside BENCH_NODE
# STRACE=FILE: the daemon's calls go there, to see which of them lie between the two times
set -eu
figure=$2
case $figure in
in_to_out) armed=0 simulate=never ;;
in_to_out_armed) armed=4 simulate=unaudited ;;
replay_quiet) armed=0 simulate=never ;;
*) exit 2 ;;
esac
plimsoll=$PWD/build/plimsoll
folder=$(mktemp -d)
node=
daemon=

finish()
{
    [ -z "$daemon" ] || kill -TERM "$daemon" 2>/dev/null || true
    [ -z "$node" ] || kill -TERM "$node" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap finish EXIT
trap "exit 1" TERM INT

echo bench >"$folder/password"
chmod 600 "$folder/password"
printf '%064x\n' 4242 | "$plimsoll" key import "$folder/keeper.json" --password-file "$folder/password" >/dev/null
account=$("$plimsoll" key address "$folder/keeper.json" | grep -oE '0x[0-9a-fA-F]{40}' | head -n 1)

"$1" "$account" "$folder/port" "$figure" "$simulate" &
node=$!
until [ -s "$folder/port" ]; do sleep 0.05; done

cat >"$folder/bench.yaml" <<END
chain:
  id: 31337
  native: "0xbe7c010000000000000000000000000000000000"
  endpoints:
    - url: http://127.0.0.1:$(cat "$folder/port")
  poll_ms: 20
markets:
  - name: bench
    protocol: aave-v3
    address: "0xbe7c090000000000000000000000000000000001"
    from_block: 0
keeper:
  mode: live
  account: "$account"
  simulate: $simulate
  armed: $armed
signer:
  keystore: keeper.json
  password_file: password
limits:
  fee_per_gas_max: 300 gwei
  profit_min: 0 ether
  gas_per_day_max: 100 ether
  loss_per_day_max: 10 ether
  in_flight_max: 8
journal: { path: journal.db }
report: { listen: 127.0.0.1:0, log: warning }
END

trace=()
[ -z "${STRACE:-}" ] || trace=(strace -f -ttt -s 96 -o "$STRACE")
record=()
[ "$figure" != replay_quiet ] || record=(--record "$folder/quiet.rec")
"${trace[@]}" "$plimsoll" run -c "$folder/bench.yaml" "${record[@]}" 2>"$folder/log" &
daemon=$!
wait "$node" || { tail -n 20 "$folder/log" >&2 && exit 1; }
node=
[ "$figure" = replay_quiet ] || exit 0
kill -TERM "$daemon"
wait "$daemon"
daemon=
"$(dirname "$1")/bench_replay" "$folder/quiet.rec" replay_quiet
