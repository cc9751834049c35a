#!/usr/bin/env bash
# Kills, stops or pauses leaders of a running cluster under load, again and again, and judges by a full read what that cost.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'U'
usage: failover-drill.sh [--mode kill|stop|pause] [--trials N] [--dir DIR] [--partitions P] [--rate R] [--replicas N]
                         [--pause-seconds S] [--settle-seconds S] [--keep] [-o table|json]

  --mode MODE      kill: SIGKILL (default); stop: SIGTERM; pause: SIGSTOP, then SIGCONT
  --trials N       how often (default 3)
  --dir DIR        the directory given to start-cluster.sh (default ./data in the project)
  --partitions P   partitions of the drill's topic (default 3)
  --rate R         records a second, over all partitions (default 1000)
  --replicas N     replicas of each partition (default 3, or one a broker where there are fewer)
  --pause-seconds S  how long a paused broker stands still (default 10)
  --settle-seconds S  how long the load runs on a healthy cluster before each trial (default 20)
  --keep           keep the drill's topic
  -o json          a last line {mode, trials, gap_ms_p50, gap_ms_max, acked, lost, duplicated, reordered}

Each trial kills, stops or pauses the broker that leads a partition, measures for each partition it led the longest time without an
acknowledgement (GAP; ALL BACK: from the signal until all of them had acknowledged something under their next leaders), starts the
broker anew where it ended, and waits until the cluster is healthy. The verdict (lost, duplicated, reordered) comes from reading
everything back. Needs a cluster that start-cluster.sh started. Exit code: 0 nothing lost, duplicated or
reordered; 1 something was, or the drill failed; 2 usage.
U
}

DIR="$GQ_ROOT/data" options=()
while [ $# -gt 0 ]; do
  case $1 in
    --mode | --pause-seconds | --settle-seconds | --trials | --dir | --partitions | --rate | --replicas | -o | --output) [ $# -ge 2 ] || usage_error "$1: no value" ;;
  esac
  case $1 in
    --dir) DIR=$2; shift 2 ;;
    --mode)
      case $2 in kill | stop | pause) ;; *) usage_error "--mode: $2 (expected: kill, stop or pause)" ;; esac
      options+=("$1" "$2")
      shift 2
      ;;
    --settle-seconds) whole_number "$1" "$2" 0 3600; options+=("$1" "$2"); shift 2 ;;
    --trials | --partitions | --rate | --replicas | --pause-seconds) whole_number "$1" "$2" 1 1000000; options+=("$1" "$2"); shift 2 ;;
    -o | --output) options+=(--output "$2"); shift 2 ;;
    --keep) options+=(--keep); shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage_error "$1: unknown option" ;;
  esac
done

attach

set -- --dir "$DIR" --bootstrap "$GQ_BOOTSTRAP" ${options[@]+"${options[@]}"} \
  -- "$GQ_ROOT/scripts/start-cluster.sh" --nodes "$NODES" --port-offset "$OFFSET" --dir "$DIR" --timeout 300
home=$GQ_ROOT main=io.gq.cli.drill.FailoverDrill
. "$GQ_ROOT/bin/launch.sh"
