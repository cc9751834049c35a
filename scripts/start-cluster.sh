#!/usr/bin/env bash
# Starts a cluster on this machine and returns when all of it is ready.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'U'
usage: start-cluster.sh [--nodes N] [--dir DIR] [--clean] [--port-offset P] [--timeout S]

  --nodes N         brokers, 1 to 9 (default 3)
  --dir DIR         where data, logs and pid files go (default ./data in the project)
  --clean           delete what an earlier cluster stored in DIR
  --port-offset P   added to every port: node n listens on 9091+n (gRPC), 8000+n, 8100+n and 8200+n (Raft),
                    8080+n (HTTP)
  --timeout S       seconds until it gives up (default 90)

Brokers that run already are left as they are. What is not built is built. The first start after a build prepares the brokers' classes,
which takes some seconds once. Settings: GQ_... variables (see configs/broker.yaml),
GQ_HEAP for the heap, JAVA_HOME for the JDK.
U
}

NODES=3 DIR="$GQ_ROOT/data" CLEAN=false OFFSET=0 TIMEOUT=90
while [ $# -gt 0 ]; do
  case $1 in
    --nodes | --dir | --port-offset | --timeout) [ $# -ge 2 ] || usage_error "$1: no value" ;;
  esac
  case $1 in
    --nodes) NODES=$2; shift 2 ;;
    --dir) DIR=$2; shift 2 ;;
    --clean) CLEAN=true; shift ;;
    --port-offset) OFFSET=$2; shift 2 ;;
    --timeout) TIMEOUT=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage_error "$1: unknown option" ;;
  esac
done
whole_number --nodes "$NODES" 1 9
whole_number --port-offset "$OFFSET" 0 56000
whole_number --timeout "$TIMEOUT" 1 86400
DIR=$(absolute "$DIR")
mkdir -p "$DIR/run" "$DIR/logs"

running=""
for node in $(known_nodes); do
  if pid_of "$node" > /dev/null; then running="$running $node"; fi
done
if [ -n "$running" ] && [ -r "$DIR/run/cluster" ] && [ "$(cat "$DIR/run/cluster")" != "$NODES $OFFSET" ]; then
  fail "running in $DIR: brokers$running, started with nodes and port offset $(cat "$DIR/run/cluster") (expected: $NODES $OFFSET, or stop-cluster.sh first)"
fi

if $CLEAN; then
  [ -z "$running" ] || fail "--clean: brokers$running are running in $DIR (expected: stopped; see stop-cluster.sh)"
  for path in "$DIR"/broker[1-9] "$DIR"/logs/broker[1-9].log "$DIR"/run/broker[1-9].pid; do
    [ -e "$path" ] || continue
    if [ -d "$path" ] && [ ! -e "$path/gq.meta" ] && [ -n "$(ls -A "$path")" ]; then
      fail "--clean: $path (expected: a data directory of gq, with gq.meta)"
    fi
    rm -rf "$path"
  done
fi

build_missing
[ -n "$running" ] || archive_broker

pids=()
controllers="" voters=$((NODES < 3 ? NODES : 3))
for node in $(seq 1 "$voters"); do
  controllers="$controllers${controllers:+,}$node@127.0.0.1:$(grpc_port "$node")"
done

start_node() {
  local node=$1 flags=(--node-id "$1" --data-dir "$DIR/broker$1")
  if [ "$NODES" -eq 3 ] && [ "$OFFSET" -eq 0 ]; then
    flags+=(--config "$GQ_ROOT/configs/broker$node.yaml")
  else
    flags+=(
      --set "controllers=$controllers"
      --set "listeners.grpc.bind=127.0.0.1:$(grpc_port "$node")"
      --set "listeners.raft.bind=127.0.0.1:$(raft_port "$node")"
      --set "listeners.raft_replicated.bind=127.0.0.1:$(replicated_port "$node")"
      --set "listeners.controller.bind=127.0.0.1:$(controller_port "$node")"
      --set "listeners.http.bind=127.0.0.1:$(http_port "$node")"
      --set "topics.replicas=$voters"
    )
  fi
  # its own session where that is possible: a Ctrl-C meant for this script does not reach the broker
  local detach=()
  if command -v setsid > /dev/null; then detach=(setsid); fi
  nohup ${detach[@]+"${detach[@]}"} "$GQ_ROOT/bin/gq-broker" "${flags[@]}" >> "$DIR/logs/broker$node.log" 2>&1 < /dev/null &
  local pid=$! started
  started=$(start_time "$pid")
  echo "$pid ${started:-gone}" > "$DIR/run/broker$node.pid"
  pids[$node]=$pid
}

for node in $(seq 1 "$NODES"); do
  if pid_of "$node" > /dev/null; then continue; fi
  for port in "$(grpc_port "$node")" "$(raft_port "$node")" "$(replicated_port "$node")" "$(controller_port "$node")" "$(http_port "$node")"; do
    port_free "$port" || fail "port $port of broker$node: taken by another process (expected: free; see --port-offset)"
  done
done

begin=$SECONDS
echo "$NODES $OFFSET" > "$DIR/run/cluster"
mine=""
for node in $(seq 1 "$NODES"); do
  if pid=$(pid_of "$node"); then
    say "broker$node runs already (pid $pid)"
    pids[$node]=$pid
    continue
  fi
  start_node "$node"
  mine="$mine $node"
done

tell_waiting() {
  local node reason
  for node in $waiting; do
    reason=$(ready "$node") || say "  broker$node: $reason"
  done
}

give_up() {
  # shellcheck disable=SC2086  # a list of numbers
  [ -z "$mine" ] || stop_nodes 10 $mine
  fail "$1"
}

# Brokers share the machine with this script: it asks little, and forks less.
unready=$(seq -s ' ' 1 "$NODES") told=$SECONDS
while :; do
  waiting=""
  for node in $unready; do
    if ! kill -0 "${pids[$node]}" 2> /dev/null; then
      show_log "$node"
      give_up "broker$node ended while it was starting (expected: running); its log is above"
    fi
    http_get "$(http_port "$node")" /health/ready > /dev/null 2>&1 || waiting="$waiting $node"
  done
  if [ -z "$waiting" ]; then
    # one that was ready early may no longer be
    [ "$unready" != "$(seq -s ' ' 1 "$NODES")" ] || break
    unready=$(seq -s ' ' 1 "$NODES")
    continue
  fi
  unready=$waiting
  if [ $((SECONDS - begin)) -ge "$TIMEOUT" ]; then
    for node in $waiting; do show_log "$node"; done
    say "not ready:"
    tell_waiting
    give_up "brokers$waiting were not ready within $TIMEOUT s"
  fi
  if [ $((SECONDS - told)) -ge 10 ]; then
    told=$SECONDS
    say "waiting for ($((SECONDS - begin)) s):"
    tell_waiting
  fi
  sleep 0.25
done

bootstrap=""
for node in $(seq 1 "$NODES"); do
  bootstrap="$bootstrap${bootstrap:+,}127.0.0.1:$(grpc_port "$node")"
  printf 'broker%s  gRPC 127.0.0.1:%s  HTTP http://127.0.0.1:%s/health/ready  log %s\n' \
    "$node" "$(grpc_port "$node")" "$(http_port "$node")" "$DIR/logs/broker$node.log"
done
archive_classes "$bootstrap"
printf 'ready after %s s; bootstrap %s\n' "$((SECONDS - begin))" "$bootstrap"
