#!/usr/bin/env bash
# The quick start, checked from end to end on a cluster of its own, on ports of its own: the commands of README's tour as they stand
# there, how long they take, and that what consume prints equals what was produced, byte for byte, for every file and codec, also
# after a restart. Ends with 0 only where everything held.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'U'
usage: test-cluster.sh [--nodes N] [--short] [--keep] [FILE ...]

  --nodes N   brokers (default 3)
  --short     only the tour, about a minute
  --keep      leave the cluster's directory behind
  FILE        text files to send, a record a line (default: the sample logs beside the project where they are, and generated ones)
U
}

START_MS_MAX=30000 CREATE_TOPIC_MS_MAX=3000
NODES=3 KEEP=false SHORT=false files=()
while [ $# -gt 0 ]; do
  case $1 in
    --nodes) [ $# -ge 2 ] || usage_error "$1: no value"; NODES=$2; shift 2 ;;
    --short) SHORT=true; shift ;;
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
      for port in "$(grpc_port "$node")" "$(raft_port "$node")" "$(replicated_port "$node")" "$(controller_port "$node")" "$(http_port "$node")"; do
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
# Fractions of a second where bash knows them.
now_ms() {
  local us=${EPOCHREALTIME:-}
  us=${us//[!0-9]/}
  if [ -n "$us" ]; then echo $((us / 1000)); else echo $((SECONDS * 1000)); fi
}

# took <what> <begin> <most>: says how long it took since then, in ms; fails where that is too long. The short form, made for builds on machines that do
# other work too, only says so.
took() {
  local ms=$(($(now_ms) - $2))
  say "$1: $ms ms (expected: <= $3)"
  [ "$ms" -le "$3" ] || $SHORT || fail "$1: $ms ms (expected: <= $3)"
}

start() { "$GQ_ROOT/scripts/start-cluster.sh" --nodes "$NODES" --dir "$DIR" --port-offset "$OFFSET" > "$WORK/start.out"; }
sorted() { LC_ALL=C sort "$1"; }

# same <file> <topic>: what the topic holds equals the file.
same() {
  "$GQ_ROOT/bin/gq" consume "$2" --from-beginning --exit-at-end > "$WORK/consumed" 2> "$WORK/consume.err" \
    || { cat "$WORK/consume.err" >&2; fail "consume $2 failed"; }
  consumed_equals "$1" "$2"
}

# consumed_equals <file> <topic>: what was consumed, sorted, equals the file, sorted (a last line without its end gets one).
consumed_equals() {
  { cat "$1"; if [ -n "$(tail -c 1 "$1")" ]; then echo; fi; } > "$WORK/expected"
  if ! cmp -s <(sorted "$WORK/expected") <(sorted "$WORK/consumed"); then
    diff -a <(sorted "$WORK/expected") <(sorted "$WORK/consumed") | head -n 10 >&2 || true
    fail "topic $2 differs from $1: $(wc -l < "$WORK/consumed") lines (expected: $(wc -l < "$WORK/expected"), equal when sorted)"
  fi
}

# The commands of README's tour, those that look around after the others, without starting and stopping.
tour_lines() {
  awk '/^## /{ tour = ($0 ~ /^## A tour/) } /^```/{ code = !code; next } tour && code && NF' "$GQ_ROOT/README.md" \
    | sed 's/[[:space:]][[:space:]]*#.*//' | grep -v -e '^scripts/start-cluster.sh' -e '^scripts/stop-cluster.sh'
}

# holds <text> <command>: what the command wrote holds the text.
holds() { grep -q -- "$1" "$WORK/consumed" || { cat "$WORK/consumed" >&2; fail "tour: $2: no '$1' in what it wrote"; }; }

# tour_command <line> <file>: runs it in the project's directory against this cluster, with the file as its real log.
tour_command() {
  local command=$1 address begin
  command=${command/some-real.log/$(printf %q "$2")}
  command=${command/--replicas 3/--replicas $replicas}
  case $command in
    scripts/failover-drill.sh*) command="scripts/failover-drill.sh --trials 1 --dir $(printf %q "$DIR")" ;;
    curl*)
      address=${command##*127.0.0.1:}
      http_get $((${address%%/*} + OFFSET)) "/${address#*/}" > "$WORK/consumed" || fail "tour: $command failed"
      return
      ;;
  esac
  begin=$(now_ms)
  (cd "$GQ_ROOT" && bash -c "$command") > "$WORK/consumed" 2> "$WORK/err" \
    || { cat "$WORK/consumed" "$WORK/err" >&2; fail "tour: $command failed"; }
  case $command in *create-topic*) took create-topic "$begin" "$CREATE_TOPIC_MS_MAX" ;; esac
}

tour() {
  local line count=0
  tour_lines > "$WORK/tour"
  while IFS= read -r line <&4; do
    tour_command "$line" "$1"
    case $line in
      *consume*--format*) [ "$(wc -l < "$WORK/consumed")" -eq "$(wc -l < "$WORK/expected")" ] || fail "tour: $line: lines missing" ;;
      *consume*) consumed_equals "$1" logs ;;
      *failover-drill*) sed 's/^/  /' "$WORK/consumed" >&2 ;;
      *describe-cluster*) holds healthy "$line" ;;
      *describe-topic*) holds LEADER "$line" ;;
      *metrics*) holds gq_partitions_led "$line" ;;
    esac
    count=$((count + 1))
  done 4< "$WORK/tour"
  [ "$count" -ge 8 ] || fail "README.md: $count commands in the tour (expected: 8 or more)"
  say "ok: the tour, $count commands"
}

build_missing
say "starting $NODES brokers in $DIR"
begin=$(now_ms)
start
took start "$begin" "$START_MS_MAX"
sed 's/^/  /' "$WORK/start.out" >&2
replicas=$((NODES < 3 ? NODES : 3))
tour "${files[0]}"
if $SHORT; then
  "$GQ_ROOT/scripts/stop-cluster.sh" --dir "$DIR" > /dev/null
  echo "passed: the tour"
  exit 0
fi

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
echo "passed: the tour, and $checked topics equal to their files, before and after a restart"
