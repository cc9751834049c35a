#!/usr/bin/env bash
# The quick start, checked from end to end on a cluster of its own: what consume prints equals what was produced, byte for byte, for
# every file and codec, also after a restart. Ends with 0 only where everything held.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'U'
usage: test-cluster.sh [--nodes N] [--keep] [FILE ...]

  --nodes N   brokers (default 3)
  --keep      leave the cluster's directory behind
  FILE        text files to send, a record a line (default: the sample logs beside the project where they are, and generated ones)
U
}

NODES=3 KEEP=false files=()
while [ $# -gt 0 ]; do
  case $1 in
    --nodes) [ $# -ge 2 ] || usage_error "$1: no value"; NODES=$2; shift 2 ;;
    --keep) KEEP=true; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage_error "$1: unknown option" ;;
    *) files+=("$1"); shift ;;
  esac
done
whole_number --nodes "$NODES" 1 9

WORK=$(mktemp -d "${TMPDIR:-/tmp}/gq-test-cluster.XXXXXX")
DIR="$WORK/cluster"

# An offset at which none of the cluster's ports is taken.
free_offset() {
  local try node
  for try in $(seq 1 50); do
    OFFSET=$((10000 + (RANDOM % 400) * 100))
    for node in $(seq 1 "$NODES"); do
      for port in "$(grpc_port "$node")" "$(raft_port "$node")" "$(controller_port "$node")" "$(http_port "$node")"; do
        port_free "$port" || continue 3
      done
    done
    return
  done
  fail "ports: none free in $try tries"
}

# shellcheck disable=SC2317  # called by the trap
cleanup() {
  local status=$?
  if [ -d "$DIR/run" ]; then "$GQ_ROOT/scripts/stop-cluster.sh" --dir "$DIR" > /dev/null 2>&1 || true; fi
  if [ "$status" -ne 0 ]; then
    say "FAILED; logs and data are left in $WORK"
  elif $KEEP; then
    say "left in $WORK"
  else
    rm -rf "$WORK"
  fi
  exit "$status"
}
trap cleanup EXIT

generate() {
  # empty lines, blanks, tabs, carriage returns, UTF-8, quotes, long lines
  awk 'BEGIN {
    for (i = 0; i < 2000; i++) {
      if (i % 97 == 0) { print ""; continue }
      line = "line " i "\twith a tab, \"quotes\", %p %v and a back\\slash " (i * 7919) % 10007
      if (i % 13 == 0) line = line "  "
      if (i % 17 == 0) line = line " Zürich 東京 \360\237\232\200"
      if (i % 29 == 0) line = line "\r"
      if (i % 500 == 0) { long = line; for (k = 0; k < 10; k++) long = long long; line = long }
      print line
    }
  }' > "$WORK/generated.txt"
  printf 'only one line, and no end of line' > "$WORK/one-line.txt"
}

if [ ${#files[@]} -eq 0 ]; then
  generate
  files=("$WORK/generated.txt" "$WORK/one-line.txt")
  for file in "$GQ_ROOT"/../shared/data/*.log; do
    if [ -f "$file" ]; then files+=("$file"); fi
  done
fi
for file in "${files[@]}"; do
  [ -r "$file" ] || fail "$file: not readable (expected: a text file)"
done

free_offset
BOOTSTRAP=""
for node in $(seq 1 "$NODES"); do
  BOOTSTRAP="$BOOTSTRAP${BOOTSTRAP:+,}127.0.0.1:$(grpc_port "$node")"
done
export GQ_BOOTSTRAP=$BOOTSTRAP
start() { "$GQ_ROOT/scripts/start-cluster.sh" --nodes "$NODES" --dir "$DIR" --port-offset "$OFFSET" > "$WORK/start.out"; }
sorted() { LC_ALL=C sort "$1"; }

# same <file> <topic>: what the topic holds, sorted, equals the file, sorted (a last line without its end gets one).
same() {
  "$GQ_ROOT/bin/gq" consume "$2" --from-beginning --exit-at-end > "$WORK/consumed" 2> "$WORK/consume.err" \
    || { cat "$WORK/consume.err" >&2; fail "consume $2 failed"; }
  { cat "$1"; if [ -n "$(tail -c 1 "$1")" ]; then echo; fi; } > "$WORK/expected"
  if ! cmp -s <(sorted "$WORK/expected") <(sorted "$WORK/consumed"); then
    diff -a <(sorted "$WORK/expected") <(sorted "$WORK/consumed") | head -n 10 >&2 || true
    fail "topic $2 differs from $1: $(wc -l < "$WORK/consumed") lines (expected: $(wc -l < "$WORK/expected"), equal when sorted)"
  fi
}

say "starting $NODES brokers in $DIR"
start
sed 's/^/  /' "$WORK/start.out" >&2
replicas=$((NODES < 3 ? NODES : 3))

topics=() checked=0
for file in "${files[@]}"; do
  for codec in none gzip snappy lz4 zstd; do
    topic="t${#topics[@]}-$codec"
    "$GQ_ROOT/bin/gq-admin" create-topic "$topic" --partitions 3 --replicas "$replicas" > "$WORK/out" 2>&1 \
      || { cat "$WORK/out" >&2; fail "create-topic $topic failed"; }
    "$GQ_ROOT/bin/gq" produce "$topic" --file "$file" --compression "$codec" > "$WORK/out" 2>&1 \
      || { cat "$WORK/out" >&2; fail "produce $topic failed"; }
    same "$file" "$topic"
    topics+=("$topic")
    checked=$((checked + 1))
  done
  say "ok: ${file##*/}, all codecs"
done

say "restarting"
"$GQ_ROOT/scripts/stop-cluster.sh" --dir "$DIR" > /dev/null
for node in $(seq 1 "$NODES"); do
  for port in "$(grpc_port "$node")" "$(http_port "$node")"; do
    port_free "$port" || fail "port $port: still taken after stop-cluster.sh (expected: free)"
  done
done
start
index=0
for file in "${files[@]}"; do
  for _ in none gzip snappy lz4 zstd; do
    same "$file" "${topics[$index]}"
    index=$((index + 1))
  done
done
"$GQ_ROOT/scripts/stop-cluster.sh" --dir "$DIR" > /dev/null
echo "passed: $checked topics equal to their files, before and after a restart"
