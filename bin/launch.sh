# Sourced by gq and gq-admin, which set "main" and pass their arguments: starts the tool on the JDK that
# java-home.sh finds. GQ_JAVA_OPTS adds flags of the JVM.

gq_home=$(dirname "$(dirname "$(readlink -f "$0")")")
gq_lib=$gq_home/cli/target/lib

if [ ! -d "$gq_lib" ] || ! ls "$gq_home"/cli/target/gq-cli-*.jar >/dev/null 2>&1; then
  echo "${0##*/}: not built yet (expected: $gq_home/cli/target/gq-cli-*.jar)" >&2
  echo "hint: mvn -q -Dquick -DskipTests -f $gq_home/pom.xml -pl cli -am package" >&2
  exit 1
fi

. "$gq_home/bin/java-home.sh"
gq_find_java || exit 1

gq_flags="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
if [ "$JAVA_MAJOR" -ge 24 ]; then
  gq_flags="$gq_flags --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
fi
if [ -t 2 ]; then
  gq_flags="$gq_flags -Dgq.stderr.tty=true"
fi
gq_jar=$(ls "$gq_home"/cli/target/gq-cli-*.jar | grep -v -e '-tests\.jar$' -e '-sources\.jar$' | head -n 1)

# shellcheck disable=SC2086
exec "$JAVA" $gq_flags ${GQ_JAVA_OPTS:-} -cp "$gq_jar:$gq_lib/*" "$main" "$@"
