#!/usr/bin/env bash
# Hurts a cluster of its own by a seeded schedule and judges what its clients were told. See docs/reliability.md.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$GQ_ROOT/bin/java-home.sh"

usage() {
  cat <<'U'
usage: chaos.sh [--duration S] [--faults KIND,...] [--once] [--seed N] [--dir DIR] [--rate R] [--partitions P] [--port-offset P]
                [--loopback] [--no-fsync] [--keep] [-o text|json]
       chaos.sh --matrix short|long --out DIR [--only CELL,...] [--cell-seconds S] [...]
       chaos.sh --list

Starts three brokers in network namespaces with a small file system each (as root; else on loopback, and says so), writes and reads
all the time, injects the faults, heals everything, reads every replica and judges. --matrix runs cell by cell, leaves out cells that
have a file in DIR, and prints a table. -o json: a last line
{seed, faults, ok, failed, unknown, lost, duplicated, reordered, divergent, longest_gap_ms, ...}. --dir defaults to target/chaos in the
project. chaos.sh --help-all says all of it.

Exit code: 0 nothing lost, duplicated, reordered or told in two ways; 1 something was; 2 usage; 3 the run proves nothing; 4 the
program itself failed.
U
}

arguments=() dir=$GQ_ROOT/target/chaos
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --help-all) arguments+=(--help); shift ;;
    --dir) [ $# -ge 2 ] || usage_error "$1: no value"; dir=$2; shift 2 ;;
    *) arguments+=("$1"); shift ;;
  esac
done

built=$GQ_ROOT/tests/chaos/target
newest() { find "$GQ_ROOT"/*/src/main "$GQ_ROOT"/tests/chaos/src/main "$GQ_ROOT"/tests/cluster/src/main -type f -newer "$1" 2> /dev/null | head -n 1; }
mark=$built/built
if [ ! -d "$built/lib" ] || [ ! -e "$mark" ] || [ -n "$(newest "$mark")" ]; then
  command -v mvn > /dev/null || fail "mvn: not found (expected: Maven on the PATH, to build tests/chaos)"
  say "building tests/chaos ..."
  (cd "$GQ_ROOT" && mvn -q -B -DskipTests -Dquick -Djacoco.skip ${GQ_MVN_OPTS:-} -pl tests/chaos -am package) >&2 || { say "the build failed"; exit 4; }
  touch "$mark"
fi
unset GQ_MVN_OPTS # brokers take GQ_… for settings of theirs
gq_find_java
options=(-Dlogback.configurationFile=io/gq/chaos/logback.xml -Xmx1g -XX:TieredStopAtLevel=1 -XX:+UseSerialGC)
if [ "$JAVA_MAJOR" -ge 24 ]; then
  options+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
fi
exec "$JAVA" "${options[@]}" -cp "$built/*:$built/lib/*" io.gq.chaos.ChaosCommand --dir "$dir" ${arguments[@]+"${arguments[@]}"}
