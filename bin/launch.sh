# To be sourced by gq and gq-admin, which set "main" and "home" and pass their arguments on: runs a command.
#   JAVA_HOME     the JDK to use (else the newest one found)
#   GQ_JAVA_OPTS  further options for the JVM

. "$home/bin/java-home.sh"
gq_find_java || exit 1

case $main in
  io.gq.cli.*)
    module=cli
    options="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto" # made for a short life: quick to start, small
    ;;
  io.gq.broker.*)
    module=broker
    options="-Xmx1g -XX:+UseSerialGC -Xshare:auto"
    ;;
  *)
    module=bench/load
    options="-Xms1g -Xmx1g -XX:+UseG1GC" # measures: made for speed
    ;;
esac
built=$home/$module/target
jar=
for found in "$built"/gq-*.jar; do
  case $found in
    *-tests.jar | *-sources.jar | *-javadoc.jar | *'*'*) ;;
    *) jar=$found ;;
  esac
done
if [ -z "$jar" ] || [ ! -d "$built/lib" ]; then
  echo "${0##*/}: not built (expected: $module/target/lib; run mvn -q -DskipTests package in $home)" >&2
  exit 1
fi

if [ "$JAVA_MAJOR" -ge 24 ]; then
  options="$options --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
fi
# classes made ready by start-cluster.sh; of another build they would only be complained about
archive=$home/cli/target/gq-cli-$JAVA_MAJOR.jsa
if [ "$module" = cli ] && gq_of_this_build "$archive" "$built"; then
  options="$options -XX:SharedArchiveFile=$archive -Xlog:disable"
fi
if [ -t 2 ]; then
  options="$options -Dgq.stderr.tty=true"
fi
if [ -t 0 ]; then
  options="$options -Dgq.stdin.tty=true"
fi

# shellcheck disable=SC2086  # meant to be split at blanks
exec "$JAVA" $options ${GQ_JAVA_OPTS:-} -cp "$jar:$built/lib/*" "$main" "$@"
