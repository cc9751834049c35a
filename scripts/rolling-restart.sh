#!/usr/bin/env bash
# Restarts the brokers of a running cluster one by one; the cluster serves all the time.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'U'
usage: rolling-restart.sh [--dir DIR] [--timeout S]

  --dir DIR     the directory given to start-cluster.sh (default ./data in the project)
  --timeout S   seconds for each step of each broker: its graceful stop, its start, the health of the cluster (default 90)

Each broker hands its leaders over, stops, and starts anew; the next one follows when the cluster is healthy and the leaders are back
where they belong. Stops at the first broker that does not come back. Needs a cluster of three brokers or more that
start-cluster.sh started, all running.
U
}

DIR="$GQ_ROOT/data" TIMEOUT=90
while [ $# -gt 0 ]; do
  case $1 in
    --dir | --timeout) [ $# -ge 2 ] || usage_error "$1: no value" ;;
  esac
  case $1 in
    --dir) DIR=$2; shift 2 ;;
    --timeout) TIMEOUT=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage_error "$1: unknown option" ;;
  esac
done
whole_number --timeout "$TIMEOUT" 1 86400
attach
[ "$NODES" -ge 3 ] || fail "brokers: $NODES (expected: at least 3; with fewer no majority is left while one restarts)"

all_running

# await_ok <what> <command ...>: repeats the command until it succeeds.
await_ok() {
  local what=$1 begin=$SECONDS
  shift
  until "$@" > /dev/null 2>&1; do
    [ $((SECONDS - begin)) -lt "$TIMEOUT" ] || fail "$what: not within $TIMEOUT s"
    sleep 0.5
  done
}

await_ok "cluster healthy before the first restart" "$GQ_ROOT/bin/gq-admin" describe-cluster
for node in $(seq 1 "$NODES"); do
  begin=$SECONDS
  stop_nodes "$TIMEOUT" "$node"
  stopped=$((SECONDS - begin))
  "$GQ_ROOT/scripts/start-cluster.sh" --nodes "$NODES" --port-offset "$OFFSET" --dir "$DIR" --timeout "$TIMEOUT" > /dev/null 2>&1 ||
    fail "broker$node: did not come back (expected: ready within $TIMEOUT s; see $DIR/logs/broker$node.log)"
  await_ok "cluster healthy after broker$node" "$GQ_ROOT/bin/gq-admin" describe-cluster
  await_ok "leaders balanced after broker$node" "$GQ_ROOT/bin/gq-admin" balance-leaders
  echo "broker$node restarted: stopped after $stopped s, back in balance after $((SECONDS - begin)) s"
done
