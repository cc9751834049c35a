#!/usr/bin/env bash
# Records how a broker runs under load, so that brokers started later know from their first second what is worth compiling.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$GQ_ROOT/bin/java-home.sh"

usage() {
  cat <<'U'
usage: train-broker.sh [--seconds S] [--port-offset P]

  --seconds S       how long each of the two loads runs (default 12)
  --port-offset P   added to every port of the brokers it starts (default 700)

Starts three brokers of its own, with data in a temporary directory, puts a load on them, kills one of them, and keeps what another
learned in broker/target/gq-broker.aot (about 90 MB; JEP 514 and 515: loaded classes, and the profiles of methods).
bin/gq-broker uses that file where it is there. Needs a JDK from 25 on; takes about S * 2 + 90 seconds. To be run anew after a build.
U
}

SECONDS_EACH=12 OFFSET=700
while [ $# -gt 0 ]; do
  case $1 in
    --seconds | --port-offset) [ $# -ge 2 ] || usage_error "$1: no value" ;;
  esac
  case $1 in
    --seconds) SECONDS_EACH=$2; shift 2 ;;
    --port-offset) OFFSET=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage_error "$1: unknown option" ;;
  esac
done
whole_number --seconds "$SECONDS_EACH" 1 3600
whole_number --port-offset "$OFFSET" 0 56000
gq_find_java
if [ "$JAVA_MAJOR" -lt 25 ]; then
  fail "java: $JAVA, version $JAVA_MAJOR (expected: a JDK from 25 on; set JAVA_HOME)"
fi
build_missing

work=$(mktemp -d)
DIR="$work/cluster"
end() {
  "$GQ_ROOT/scripts/stop-cluster.sh" --dir "$DIR" > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap end EXIT

bootstrap=""
for node in 1 2 3; do bootstrap="$bootstrap${bootstrap:+,}127.0.0.1:$(grpc_port "$node")"; done
export GQ_BOOTSTRAP=$bootstrap

cache="$GQ_ROOT/broker/target/gq-broker.aot"
rm -f "$cache"
say "starting three brokers (port offset $OFFSET) ..."
ARCHIVING_BROKER=1 GQ_JAVA_OPTS="${GQ_JAVA_OPTS:-} -XX:AOTCacheOutput=$work/%p.aot" \
  "$GQ_ROOT/scripts/start-cluster.sh" --dir "$DIR" --port-offset "$OFFSET" > /dev/null
say "load of many small records, ${SECONDS_EACH} s ..."
"$GQ_ROOT/bin/gq" bench e2e --rate 1000 --warm-up 1s --time "${SECONDS_EACH}s" > /dev/null 2>&1
say "load of large batches, ${SECONDS_EACH} s ..."
"$GQ_ROOT/bin/gq" bench produce --warm-up 1s --time "${SECONDS_EACH}s" > /dev/null 2>&1

say "death of a broker, and its return ..."
declare -A first
for node in 1 2 3; do first[$node]=$(pid_of "$node"); done
"$GQ_ROOT/scripts/failover-drill.sh" --dir "$DIR" --trials 1 --partitions 30 --rate 200 --settle-seconds 5 > "$work/drill.log" 2>&1 ||
  { tail -n "$GQ_LINES" "$work/drill.log" >&2; fail "the drill failed (above)"; }

survivor=""
for node in 1 2 3; do [ "$(pid_of "$node" || true)" != "${first[$node]}" ] || survivor=$node; done
[ -n "$survivor" ] || fail "no broker lived through the load (expected: one that was not killed)"
say "stopping broker $survivor, and waiting for the file ..."
kill -TERM "${first[$survivor]}"
made="$work/pid${first[$survivor]}.aot"
for _ in $(seq 1 120); do
  # written by a process that the broker started at its end: whole when its size no longer changes
  if [ -s "$made" ] && [ ! -e "$made.config" ] && [ -z "$(find "$made" -newermt '-2 seconds')" ]; then
    mv "$made" "$cache"
    say "made $cache ($(du -m "$cache" | cut -f1) MB)"
    exit 0
  fi
  sleep 1
done
fail "no file was made (expected: one within 120 s of the brokers' end); was the JVM given other options with GQ_JAVA_OPTS?"
