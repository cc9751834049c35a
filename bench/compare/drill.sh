#!/usr/bin/env bash
# The failover drill on gq and on Kafka, by one driver; drill.sh --help says how. Needs Maven, and the network the first time: Kafka's
# server comes from Maven Central.
#   JAVA_HOME   the JDK of brokers and clients (else the newest one found)
set -euo pipefail

. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/prepare.sh"

exec "$JAVA" "${options[@]}" -cp "${jar[0]}:$target/lib/*" io.gq.bench.compare.CompareDrill \
  --home "$home" --kafka-jars "$jars" --kafka-version "$kafka_version" ${dir[@]+"${dir[@]}"} "$@"
