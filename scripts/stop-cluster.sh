#!/usr/bin/env bash
# Stops the brokers that start-cluster.sh started in a directory, and only those.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'U'
usage: stop-cluster.sh [--dir DIR] [--timeout S]

  --dir DIR     the directory given to start-cluster.sh (default ./data in the project)
  --timeout S   seconds for a graceful stop before what is left is killed (default 45)
U
}

DIR="$GQ_ROOT/data" TIMEOUT=45
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
whole_number --timeout "$TIMEOUT" 0 86400
if [ ! -d "$DIR/run" ]; then
  say "nothing runs in $DIR"
  exit 0
fi
DIR=$(absolute "$DIR")

nodes=$(known_nodes | tr '\n' ' ')
running=""
for node in $nodes; do
  if pid_of "$node" > /dev/null; then running="$running $node"; fi
done
# shellcheck disable=SC2086  # a list of numbers
stop_nodes "$TIMEOUT" $nodes
if [ -n "$running" ]; then
  echo "stopped brokers$running in $DIR"
else
  say "nothing runs in $DIR"
fi
