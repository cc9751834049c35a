# Sourced by gq and gq-admin, which set "main" and pass their arguments: starts the newest JDK (17 or newer) there is.
# JAVA_HOME wins. GQ_JAVA_OPTS adds flags of the JVM.

gq_home=$(dirname "$(dirname "$(readlink -f "$0")")")
gq_lib=$gq_home/cli/target/lib

if [ ! -d "$gq_lib" ] || ! ls "$gq_home"/cli/target/gq-cli-*.jar >/dev/null 2>&1; then
  echo "${0##*/}: not built yet (expected: $gq_home/cli/target/gq-cli-*.jar)" >&2
  echo "hint: mvn -q -Dquick -DskipTests -f $gq_home/pom.xml -pl cli -am package" >&2
  exit 1
fi

# Major version of the JDK in $1, from its release file, or 0.
gq_major() {
  sed -n 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' "$1/release" 2>/dev/null | grep . || echo 0
}

gq_java=
gq_version=0
if [ -n "${JAVA_HOME:-}" ]; then
  gq_java=$JAVA_HOME/bin/java
  gq_version=$(gq_major "$JAVA_HOME")
else
  for gq_jdk in /usr/lib/jvm/*; do
    if [ -x "$gq_jdk/bin/java" ]; then
      gq_found=$(gq_major "$gq_jdk")
      if [ "$gq_found" -gt "$gq_version" ]; then
        gq_version=$gq_found
        gq_java=$gq_jdk/bin/java
      fi
    fi
  done
  if [ "$gq_version" -lt 17 ] && command -v java >/dev/null 2>&1; then
    gq_java=$(command -v java)
    gq_version=$(gq_major "$(dirname "$(dirname "$(readlink -f "$gq_java")")")")
  fi
fi
if [ -z "$gq_java" ] || [ ! -x "$gq_java" ]; then
  echo "${0##*/}: no Java found (expected: a JDK, 17 or newer)" >&2
  echo "hint: install one, or set JAVA_HOME" >&2
  exit 1
fi
if [ "$gq_version" -gt 0 ] && [ "$gq_version" -lt 17 ]; then
  echo "${0##*/}: $gq_java is Java $gq_version (expected: 17 or newer)" >&2
  echo "hint: install a newer JDK, or set JAVA_HOME" >&2
  exit 1
fi

gq_flags="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
if [ "$gq_version" -ge 24 ]; then
  gq_flags="$gq_flags --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
fi
if [ -t 2 ]; then
  gq_flags="$gq_flags -Dgq.stderr.tty=true"
fi
gq_jar=$(ls "$gq_home"/cli/target/gq-cli-*.jar | grep -v -e '-tests\.jar$' -e '-sources\.jar$' | head -n 1)

# shellcheck disable=SC2086
exec "$gq_java" $gq_flags ${GQ_JAVA_OPTS:-} -cp "$gq_jar:$gq_lib/*" "$main" "$@"
