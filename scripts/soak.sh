#!/usr/bin/env bash
# Keeps a running cluster under load for long and watches whether its brokers grow.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'U'
usage: soak.sh [--dir DIR] [--minutes M] [--mb-per-s R] [--idle-clients N] [--partitions P] [-o text|json]

  --dir DIR          the directory given to start-cluster.sh (default ./data in the project)
  --minutes M        how long the load lasts (default 30)
  --mb-per-s R       bytes written a second, in records of 1 KB (default 50; 0: as much as goes)
  --idle-clients N   clients that are connected all the time and do nothing (default 1000; 0: none)
  --partitions P     of the topic that is written (default 6); each keeps 256 MB
  -o json            a last line {minutes, mb_per_s, idle_clients, cpu_busy_percent, elections, brokers: [{node, live_heap_mb_first, live_heap_mb_last,
                     rss_mb_first, rss_mb_last, threads_last, disk_mb_max}], verdict}

Looks at each broker every 10 s: the live heap as the last full look of its garbage collector found it, the memory of the process, its
threads, its data on disk. The first tenth of the time does not count; then the means of the first and the last quarter are compared.

Exit code: 0 the load went through and no broker's live heap grew by more than a quarter and 32 MB; 1 it grew or could not be told, or a client failed; 2 usage.
U
}

DIR="$GQ_ROOT/data" MINUTES=30 RATE=50 IDLE=1000 PARTITIONS=6 OUTPUT=text
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --dir | --minutes | --mb-per-s | --idle-clients | --partitions | -o) [ $# -ge 2 ] || usage_error "$1: no value" ;;
    *) usage_error "$1: unknown option" ;;
  esac
  case $1 in
    --dir) DIR=$2 ;;
    --minutes) MINUTES=$2 ;;
    --mb-per-s) RATE=$2 ;;
    --idle-clients) IDLE=$2 ;;
    --partitions) PARTITIONS=$2 ;;
    -o) OUTPUT=$2 ;;
  esac
  shift 2
done
whole_number --minutes "$MINUTES" 1 10080
whole_number --mb-per-s "$RATE" 0 10000
whole_number --idle-clients "$IDLE" 0 100000
whole_number --partitions "$PARTITIONS" 1 1000
case $OUTPUT in text | json) ;; *) usage_error "-o: $OUTPUT (expected: text or json)" ;; esac
attach
all_running

WORK=$(mktemp -d "${TMPDIR:-/tmp}/gq-soak.XXXXXX")
clients=()
leave() {
  local pid
  for pid in ${clients[@]+"${clients[@]}"}; do kill "$pid" 2> /dev/null || true; done
  wait
  rm -rf "$WORK"
}
trap leave EXIT

seconds=$((MINUTES * 60))
"$GQ_ROOT/bin/gq" bench produce --partitions "$PARTITIONS" --rate $((RATE * 1000000 / 1024)) --warm-up 10s --time "${seconds}s" \
  --config retention_bytes=268435456 --config segment_bytes=16777216 -o json > "$WORK/produce.json" 2> "$WORK/produce.err" &
clients+=($!)
if [ "$IDLE" -gt 0 ]; then
  "$GQ_ROOT/bin/gq" bench idle --partitions 1 --clients "$IDLE" --time "${seconds}s" -o json > "$WORK/idle.json" 2> "$WORK/idle.err" &
  clients+=($!)
fi

# metric <file> <name>: the sum of its values.
metric() { awk -v name="$2" 'index($1, name) == 1 { sum += $2 } END { printf "%.0f", sum }' "$1"; }

# look <seconds>: one line for each broker: time, node, live heap, rss, threads, disk (MB), elections
look() {
  local node pid
  for node in $(seq 1 "$NODES"); do
    pid=$(pid_of "$node") || fail "broker$node: died (see $DIR/logs/broker$node.log)"
    http_get "$(http_port "$node")" /metrics > "$WORK/metrics" || continue
    echo "$1 $node $(($(metric "$WORK/metrics" jvm_gc_live_data_size_bytes) / 1000000)) $(($(awk '/VmRSS/ { print $2 }' "/proc/$pid/status") / 1000))" \
      "$(metric "$WORK/metrics" jvm_threads_live_threads) $(du -sm "$DIR/broker$node" 2> /dev/null | cut -f 1)" \
      "$(metric "$WORK/metrics" gq_mesh_elections_total)"
  done
}

# cpu: what all cores have done so far, and of that idle, in ticks.
cpu() { [ ! -r /proc/stat ] || awk '/^cpu / { for (i = 2; i <= 9; i++) sum += $i; printf "%.0f %.0f\n", sum, $5 + $6 }' /proc/stat; }

begin=$SECONDS said=-60 cpu_first="" cpu_last=""
while kill -0 "${clients[0]}" 2> /dev/null; do
  elapsed=$((SECONDS - begin))
  look "$elapsed" >> "$WORK/looks"
  [ "$elapsed" -lt $((seconds / 10)) ] || cpu_first=${cpu_first:-$(cpu)}
  cpu_last=$(cpu)
  if [ $((elapsed - said)) -ge 60 ]; then
    said=$elapsed
    say "$((elapsed / 60)) of $MINUTES min: $(tail -n "$NODES" "$WORK/looks" | awk '{ printf "%sbroker%s live heap %d MB, process %d MB, disk %d MB", (NR > 1 ? "; " : ""), $2, $3, $4, $6 }')"
  fi
  sleep 10
done

if [ "$IDLE" -gt 0 ] && kill -0 "${clients[1]}" 2> /dev/null; then
  say "the writer is done; waiting for the $IDLE idle clients, whose time began when all were connected"
fi
failed=""
wait "${clients[0]}" || failed="the writer failed: $(tail -n 2 "$WORK/produce.err")"
if [ "$IDLE" -gt 0 ] && ! wait "${clients[1]}"; then
  failed="${failed:+$failed; }the idle clients failed: $(tail -n 2 "$WORK/idle.err")"
fi
clients=()
written=$(sed -n 's/.*"mb_per_s":\([0-9.]*\).*/\1/p' "$WORK/produce.json")
awk -v minutes="$MINUTES" -v written="${written:-0}" -v idle="$IDLE" -v failed="$failed" -v output="$OUTPUT" \
  -v cpu="$cpu_first $cpu_last" '
  { time[NR] = $1; node[NR] = $2; live[NR] = $3; rss[NR] = $4; threads[$2] = $5; last = $1
    if ($6 > disk[$2]) disk[$2] = $6
    if (!($2 in elections0)) { elections0[$2] = $7; order[++count] = $2 }
    elections[$2] = $7 }
  END {
    busy = -1
    if (split(cpu, c, " ") == 4 && c[3] > c[1]) busy = 100 * (1 - (c[4] - c[2]) / (c[3] - c[1]))
    from = last / 10; quarter = (last - from) / 4
    for (i = 1; i <= NR; i++) {
      b = node[i]
      if (time[i] < from) continue
      if (time[i] <= from + quarter) { n1[b]++; rss1[b] += rss[i]; if (live[i] > 0) { m1[b]++; live1[b] += live[i] } }
      if (time[i] >= last - quarter) { n2[b]++; rss2[b] += rss[i]; if (live[i] > 0) { m2[b]++; live2[b] += live[i] } }
    }
    for (i = 1; i <= count; i++) {
      b = order[i]; stood += elections[b] - elections0[b]
      # 0 until a collection has looked through the old generation
      if (!m1[b] || !m2[b]) failed = failed (failed == "" ? "" : "; ") "broker" b ": live heap not known in the first and the last quarter (expected: a longer run)"
      a1 = m1[b] ? live1[b] / m1[b] : 0; a2 = m2[b] ? live2[b] / m2[b] : 0
      r1 = n1[b] ? rss1[b] / n1[b] : 0; r2 = n2[b] ? rss2[b] / n2[b] : 0
      if (m1[b] && m2[b] && a2 > a1 * 1.25 + 32) failed = failed (failed == "" ? "" : "; ") "broker" b ": live heap grew"
      if (output == "json") brokers = brokers (i > 1 ? ", " : "") sprintf("{\"node\": %d, \"live_heap_mb_first\": %d, \"live_heap_mb_last\": %d, \"rss_mb_first\": %d, \"rss_mb_last\": %d, \"threads_last\": %d, \"disk_mb_max\": %d}", b, a1, a2, r1, r2, threads[b], disk[b])
      else printf "broker%d: live heap %d -> %d MB, process %d -> %d MB, threads %d, disk at most %d MB\n", b, a1, a2, r1, r2, threads[b], disk[b]
    }
    verdict = failed == "" ? "passed" : "failed"
    if (failed != "") print failed > "/dev/stderr"
    if (output == "json") printf "{\"minutes\": %d, \"mb_per_s\": %s, \"idle_clients\": %d, \"cpu_busy_percent\": %d, \"elections\": %d, \"brokers\": [%s], \"verdict\": \"%s\"}\n", minutes, written, idle, busy, stood, brokers, verdict
    else printf "%d min, %.1f MB/s written, %d idle clients, processors %d %% busy, %d elections: %s\n", minutes, written, idle, busy, stood, verdict
    exit verdict == "passed" ? 0 : 1
  }' "$WORK/looks"
