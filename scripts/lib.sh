# Shared by the cluster scripts; to be sourced. Needs bash and the usual tools, nothing else.
#
# Files below the cluster's directory ($DIR):
#   broker<n>/           data of node n
#   logs/broker<n>.log   its output
#   run/broker<n>.pid    "<pid> <start time>": only a process that still has both is ours
#   run/cluster          "<nodes> <port offset>" of the last start

GQ_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
GQ_LINES=40
ARCHIVING_OFFSET=900

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "${0##*/}: $*"
  exit 1
}

# usage_error <text>: says it with the way to ask for help, exits with 2.
usage_error() {
  say "${0##*/}: $*"
  say "try: ${0##*/} --help"
  exit 2
}

# whole_number <name> <value> <min> <max>
whole_number() {
  case $2 in '' | *[!0-9]*) usage_error "$1: ${2:-''} (expected: a whole number from $3 to $4)" ;; esac
  if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
    usage_error "$1: $2 (expected: $3 to $4)"
  fi
}

absolute() { mkdir -p "$1" && (cd "$1" && pwd); }

grpc_port() { echo $((9091 + $1 + OFFSET)); }
raft_port() { echo $((8000 + $1 + OFFSET)); }
replicated_port() { echo $((8200 + $1 + OFFSET)); }
controller_port() { echo $((8100 + $1 + OFFSET)); }
http_port() { echo $((8080 + $1 + OFFSET)); }

port_free() { ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# What stays the same for a process as long as it lives, so that a pid given anew to another one is told apart.
start_time() {
  if [ -r "/proc/$1/stat" ]; then
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' '_'
  fi
}

# pid_of <node>: prints the pid of the broker this cluster's scripts started, where it still runs.
pid_of() {
  local file="$DIR/run/broker$1.pid" pid="" started=""
  [ -r "$file" ] || return 1
  read -r pid started < "$file" || return 1
  [ -n "$pid" ] && [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] || return 1
  # a process that ended and was not waited for still has its start time
  case $(ps -o stat= -p "$pid" 2>/dev/null) in '' | Z*) return 1 ;; esac
  echo "$pid"
}

# attach: to the cluster at $DIR; sets NODES and OFFSET, makes DIR absolute, exports GQ_BOOTSTRAP.
attach() {
  local node
  [ -r "$DIR/run/cluster" ] || fail "$DIR: no cluster (expected: one started by start-cluster.sh --dir $DIR)"
  DIR=$(absolute "$DIR")
  read -r NODES OFFSET < "$DIR/run/cluster"
  GQ_BOOTSTRAP=""
  for node in $(seq 1 "$NODES"); do
    GQ_BOOTSTRAP="$GQ_BOOTSTRAP${GQ_BOOTSTRAP:+,}127.0.0.1:$(grpc_port "$node")"
  done
  export GQ_BOOTSTRAP
}

# all_running: of the attached cluster, or it fails.
all_running() {
  local node
  for node in $(seq 1 "$NODES"); do
    pid_of "$node" > /dev/null || fail "broker$node: not running (expected: all $NODES brokers; see start-cluster.sh)"
  done
}

# Nodes that have a pid file, in order.
known_nodes() {
  local file
  for file in "$DIR"/run/broker*.pid; do
    [ -e "$file" ] || continue
    file=${file##*/broker}
    echo "${file%.pid}"
  done | sort -n
}

# http_get <port> <path>: prints the body; the status is the answer's: 0 for 200, 22 for another, 7 where nobody listens.
http_get() {
  local status line
  exec 3<> "/dev/tcp/127.0.0.1/$1" || return 7
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
  IFS=' ' read -r -t 5 _ status _ <&3 || { exec 3>&-; return 7; }
  while read -r -t 5 line <&3 && [ -n "${line%$'\r'}" ]; do :; done
  while read -r -t 5 line <&3 || [ -n "$line" ]; do
    printf '%s\n' "$line"
    line=""
  done
  exec 3>&-
  [ "$status" = 200 ] || return 22
}

# ready <node>: true where it is; else prints why not.
ready() {
  local body
  if body=$( { http_get "$(http_port "$1")" /health/ready; } 2>/dev/null); then
    return 0
  fi
  if [ -z "$body" ]; then
    echo "does not answer on port $(http_port "$1") yet"
  else
    printf '%s\n' "$body" | sed -e 's/.*"reasons":\[\(.*\)\].*/\1/' -e 's/","/; /g' -e 's/"//g' -e 's/^\(.\{200\}\).*/\1 .../'
  fi
  return 1
}

show_log() {
  local log="$DIR/logs/broker$1.log"
  if [ -s "$log" ]; then
    say "--- last lines of $log"
    tail -n "$GQ_LINES" "$log" >&2
    say "---"
  fi
}

# Builds what the launchers need, where it is missing.
build_missing() {
  local wanted=("$GQ_ROOT"/broker/target/gq-broker-*.jar "$GQ_ROOT"/broker/target/lib
    "$GQ_ROOT"/cli/target/gq-cli-*.jar "$GQ_ROOT"/cli/target/lib
    "$GQ_ROOT"/bench/load/target/gq-bench-load-*.jar "$GQ_ROOT"/bench/load/target/lib)
  local path newer
  for path in "${wanted[@]}"; do
    if [ ! -e "$path" ]; then
      command -v mvn > /dev/null || fail "mvn: not found (expected: Maven on the PATH, to build ${path#"$GQ_ROOT"/})"
      say "building (${path#"$GQ_ROOT"/} is missing) ..."
      (cd "$GQ_ROOT" && mvn -q -B -DskipTests -Dquick -pl broker,cli,bench/load -am package) || fail "the build failed"
      return
    fi
  done
  newer=$(find "$GQ_ROOT"/*/src/main -type f -newer "${wanted[0]}" -newer "$GQ_ROOT/broker/target/lib" 2>/dev/null | head -n 1 || true)
  if [ -n "$newer" ]; then
    say "note: ${newer#"$GQ_ROOT"/} is newer than the build; mvn -q -DskipTests package builds anew"
  fi
}

# archive_classes <bootstrap>: lets a command of the CLI leave its classes as the JVM wants them (JEP 350), which halves the time the next ones take to start.
# Its failure is no failure of the cluster.
archive_classes() {
  local archive new
  . "$GQ_ROOT/bin/java-home.sh"
  gq_find_java || return 0
  archive="$GQ_ROOT/cli/target/gq-cli-$JAVA_MAJOR.jsa"
  if ! gq_of_this_build "$archive" "$GQ_ROOT/cli/target"; then
    rm -f "$archive"
    new="$archive.$$"
    if GQ_JAVA_OPTS="-XX:ArchiveClassesAtExit=$new" GQ_BOOTSTRAP=$1 "$GQ_ROOT/bin/gq-admin" describe-cluster > /dev/null 2>&1 && [ -e "$new" ]; then
      mv "$new" "$archive"
    else
      rm -f "$new"
    fi
  fi
}

# archive_broker: lets a broker of its own, with a little load, leave its classes as the JVM wants them (JEP 350): brokers take two
# thirds of a second less to start. Once for each build, also where it fails; needless where train-broker.sh has learned more. Its
# failure is no failure of the cluster.
archive_broker() {
  local target="$GQ_ROOT/broker/target" archive
  case ${ARCHIVING_BROKER:-}${GQ_JAVA_OPTS:-} in
    1* | *-XX:AOT* | *ArchiveFile* | *ArchiveClassesAtExit* | *-Xshare*) return 0 ;;
  esac
  . "$GQ_ROOT/bin/java-home.sh"
  gq_find_java || return 0
  archive="$target/gq-broker-$JAVA_MAJOR.jsa"
  if gq_of_this_build "$archive" "$target" || gq_of_this_build "$archive.failed" "$target" ||
    { [ "$JAVA_MAJOR" -ge 25 ] && gq_of_this_build "$target/gq-broker.aot" "$target"; }; then
    return 0
  fi
  say "preparing the brokers' classes, once for this build (some seconds) ..."
  (archive_to "$archive") || { say "note: that failed; brokers start without"; touch "$archive.failed" 2> /dev/null || true; }
}

# In a shell of its own, whose end ends the broker too.
archive_to() {
  work=$(mktemp -d) || return 1
  new="$1.$$"
  rm -f "$1" "$1.failed" || return 1
  # shellcheck disable=SC2154  # set above
  trap '"$GQ_ROOT/scripts/stop-cluster.sh" --dir "$work/cluster" > /dev/null 2>&1; rm -rf "$work" "$new"' EXIT
  trap 'exit 1' INT TERM HUP
  ARCHIVING_BROKER=1 GQ_JAVA_OPTS="${GQ_JAVA_OPTS:-} -XX:ArchiveClassesAtExit=$new" \
    "$GQ_ROOT/scripts/start-cluster.sh" --nodes 1 --dir "$work/cluster" --port-offset "$ARCHIVING_OFFSET" --timeout 60 > /dev/null 2>&1 || return 1
  GQ_JAVA_OPTS='' "$GQ_ROOT/bin/gq" bench produce --bootstrap "127.0.0.1:$((9092 + ARCHIVING_OFFSET))" --partitions 3 --rate 500 --size 100B \
    --warm-up 0s --time 1s > /dev/null 2>&1 || true
  "$GQ_ROOT/scripts/stop-cluster.sh" --dir "$work/cluster" > /dev/null 2> "$work/stopping" || return 1
  # one that was killed has not written all of it
  ! grep -q killed "$work/stopping" && [ -s "$new" ] && mv "$new" "$1"
}

# stop_nodes <seconds> <node> ...: SIGTERM to all, then SIGKILL to what is left. Only to processes that are ours.
stop_nodes() {
  local patience=$1 node pid waited=0 left
  shift
  for node in "$@"; do
    if pid=$(pid_of "$node"); then
      kill -TERM "$pid" 2>/dev/null || true
    fi
  done
  while :; do
    left=""
    for node in "$@"; do
      if pid_of "$node" > /dev/null; then left="$left $node"; fi
    done
    [ -n "$left" ] || break
    if [ "$waited" -ge $((patience * 5)) ]; then
      for node in $left; do
        if pid=$(pid_of "$node"); then
          say "broker$node (pid $pid) did not stop within $patience s: killed"
          kill -KILL "$pid" 2>/dev/null || true
        fi
      done
      patience=$((patience + 10))
    fi
    sleep 0.2
    waited=$((waited + 1))
  done
  for node in "$@"; do rm -f "$DIR/run/broker$node.pid"; done
}
