#!/usr/bin/env bash
# Looks for inputs that a decoder does not take as it should. See docs/reliability.md.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$GQ_ROOT/bin/java-home.sh"

usage() {
  cat <<'U'
usage: fuzz.sh TARGET|all [--duration S]
       fuzz.sh --list

Runs a fuzz target of tests/fuzz, or one after the other, for S seconds each (default 60). TARGET is Class#method as --list prints it.
What it learns is kept in tests/fuzz/.cifuzz-corpus for the next time. An input that fails is stored among the inputs of its target in
tests/fuzz/src/test/resources, where `mvn test` replays it from then on.

Exit code: 0 nothing found; 1 something was, or the build failed; 2 usage.
U
}

targets() {
  cd "$GQ_ROOT/tests/fuzz/src/test/java"
  grep -rl --include='*FuzzTest.java' '@FuzzTest' . | sort | while read -r file; do
    name=${file#./}
    name=${name%.java}
    grep -A1 '@FuzzTest' "$file" | sed -n 's/^ *void \([A-Za-z]*\)(.*/\1/p' | sed "s|^|${name//\//.}#|"
  done
}

wanted='' seconds=60
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --list) targets | sed 's/.*\.//'; exit 0 ;;
    --duration) [ $# -ge 2 ] || usage_error "$1: no value"; whole_number "$1" "$2" 1 86400; seconds=$2; shift 2 ;;
    -*) usage_error "$1: unknown" ;;
    *) [ -z "$wanted" ] || usage_error "$1: one target is enough"; wanted=$1; shift ;;
  esac
done
[ -n "$wanted" ] || usage_error "TARGET: missing (expected: one of --list, or all)"
chosen=$(targets)
if [ "$wanted" != all ]; then
  chosen=$(grep -E "(^|\.)$wanted\$" <<< "$chosen") || usage_error "$wanted: unknown (expected: one of --list, or all)"
fi

command -v mvn > /dev/null || fail "mvn: not found (expected: Maven on the PATH, to build tests/fuzz)"
say "building tests/fuzz ..."
paths=$GQ_ROOT/tests/fuzz/target/fuzz.classpath
(cd "$GQ_ROOT" && mvn -q -B -Dquick -Djacoco.skip ${GQ_MVN_OPTS:-} -pl tests/fuzz -am test-compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath -Dmdep.outputFile="$paths" -Dmdep.includeScope=test) >&2 ||
  fail "the build failed"
gq_find_java
options=(-Xmx1g -XX:+UseSerialGC)
[ -d /dev/shm ] && options+=(-Djava.io.tmpdir=/dev/shm)
[ "$JAVA_MAJOR" -ge 21 ] && options+=(-XX:+EnableDynamicAgentLoading)
status=0
cd "$GQ_ROOT/tests/fuzz"
for target in $chosen; do
  say "== $target, $seconds s"
  "$JAVA" "${options[@]}" -cp "target/test-classes:target/classes:$(cat "$paths")" com.code_intelligence.jazzer.Jazzer \
    --target_class="${target%#*}" --target_method="${target#*#}" --instrumentation_includes='io.gq.**' \
    -max_total_time="$seconds" -print_final_stats=1 >&2 || { say "FOUND something: $target"; status=1; }
done
exit "$status"
