# To be sourced by run.sh and drill.sh: builds and gathers what is missing. Sets home, JAVA, target, jars, kafka_version, options, jar, and dir,
# where the arguments name none.
compare=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
home=$(cd "$compare/../.." && pwd)
. "$home/bin/java-home.sh"
gq_find_java

target="$compare/target"
kafka_version=$(sed -n 's/.*<kafka.version>\(.*\)<\/kafka.version>.*/\1/p' "$home/pom.xml")

missing=""
for path in "$home"/broker/target/lib "$home"/cli/target/lib "$home"/bench/load/target/lib "$target/lib"; do
  [ -d "$path" ] || missing="$missing ${path#"$home"/}"
done
compgen -G "$target/lib/gq-cli-*.jar" > /dev/null || missing="$missing bench/compare/target/lib/gq-cli-*.jar"
if [ -n "$missing" ]; then
  echo "building (missing:$missing) ..." >&2
  (cd "$home" && mvn -q -B -DskipTests -Dquick -pl broker,cli,bench/compare -am package) >&2
fi

newer=$(find "$home"/*/src/main "$home"/bench/*/src/main -type f -newer "$(ls -d "$home"/broker/target/gq-broker-*.jar | head -n 1)" \
  -newer "$home/broker/target/lib" 2> /dev/null | head -n 1 || true)
if [ -n "$newer" ]; then
  echo "note: ${newer#"$home"/} is newer than the build that is measured; mvn -q -DskipTests package builds anew" >&2
fi

jars="$target/kafka-$kafka_version"
if [ ! -e "$jars/.complete" ]; then
  echo "gathering Kafka $kafka_version ..." >&2
  mvn -q -B -f "$compare/kafka-server.xml" "-Dkafka.version=$kafka_version" dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$jars" >&2
  touch "$jars/.complete"
fi

broker_jar=$(ls -d "$home"/broker/target/gq-broker-*.jar | head -n 1)
if [ "$JAVA_MAJOR" -ge 25 ] && [ ! "$home/broker/target/gq-broker.aot" -nt "$broker_jar" ]; then
  "$home/scripts/train-broker.sh" >&2
fi

options=(-Xms1g -Xmx1g -XX:+UseG1GC)
if [ "$JAVA_MAJOR" -ge 24 ]; then
  options+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
fi
shopt -s nullglob
jar=("$target"/gq-bench-compare-*.jar)

dir=(--dir "$target/run")
for argument in "$@"; do
  case $argument in --dir | --dir=*) dir=() ;; esac
done
