#!/usr/bin/env bash
# Runs the JMH benchmarks; the arguments are JMH's: a pattern of names, -f forks, -wi and -i iterations, -p parameter=value, -h for all.
#   bench/jmh/run.sh CodecBenchmark -f 1 -p batches=16
set -euo pipefail
jmh=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
home=$(cd "$jmh/../.." && pwd)
. "$home/bin/java-home.sh"
gq_find_java
if [ ! -d "$jmh/target/lib" ]; then
  (cd "$home" && mvn -q -B -DskipTests -Dquick -pl bench/jmh -am package) >&2
fi
shopt -s nullglob
jar=("$jmh"/target/gq-bench-jmh-*.jar)
cd "$jmh/target"
exec "$JAVA" -cp "${jar[0]}:$jmh/target/lib/*" org.openjdk.jmh.Main "$@"
