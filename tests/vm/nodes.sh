#!/usr/bin/env bash
# What nodes give to invocations (`nodes:`): cores, memory, concurrency, cold starts. Six invocations of 100 M operations on one
# server, five of which arrive together; starts.csv and invocations.csv have what follows from the keys.
. "$(dirname "$0")/../lib.sh"

cat >"$TEST_TMP/base.yaml" <<'EOF'
topology: {generate: iiot, premises: 1}
functions:
  work: {ops: 1e8, output: 1kB}
workflows:
  - name: w
    clients: rpi3_0
    at: [0s, 0s, 0s, 0s, 0s, 20s]
    argument: 10kB
    states: {s: {size: 10kB}}
    steps:
      - {name: a, function: work, update: s}
placement: {rule: ProcNet, pin: [{step: a, node: server_0}]}
strategies: [StateLocal]
EOF

# run NAME NODES: its results are $TEST_TMP/NAME
run() {
	"$SFEMU" run --quiet --into "$TEST_TMP/$1" --set "nodes=$2" "$TEST_TMP/base.yaml" >"$TEST_TMP/$1.log" 2>&1 ||
		fail "$1: $(cat "$TEST_TMP/$1.log")"
}

# column NAME COLUMN FILE: its values, in rows
column() {
	awk -F, -v c="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) n = i; next } { print $n }' "$TEST_TMP/$1/$3"
}

run cold '[{node: "server_*", cold_start: 300ms, keep_alive: 10s, concurrency: 2}]'
[ "$(column cold cold_start_s starts.csv | xargs)" = "0.300000000 0.300000000 0.000000000 0.000000000 0.000000000 0.300000000" ] ||
	fail "two instances start cold, and one again after 20 s: $(column cold cold_start_s starts.csv | xargs)"
column cold queued_s starts.csv | awk '
	NR <= 2 || NR == 6 ? $1 != 0 : $1 < 0.3 || $1 > 0.4 { bad = 1 } END { exit bad || NR != 6 }' ||
	fail "three wait for an instance: $(column cold queued_s starts.csv | xargs)"

# Both are the node's time, not the network's. The last job is alone in the network in both runs.
run free '[]'
paste <(column cold net_delay_s jobs.csv) <(column free net_delay_s jobs.csv) <(column cold processing_s jobs.csv) |
	awk '$1 > 0.1 || $3 < 0.3 || NR == 6 && ($1 - $2 > 0.001 || $2 - $1 > 0.001) { print; bad = 1 } END { exit bad || NR != 6 }' ||
	fail "the node's queue and cold starts are no network delay"

# The wait is in starts.csv, and jobs.csv has it apart; the fetch of the state begins after it. The parts of the difference are the
# difference, and none of them is the wait.
python3 - "$TEST_TMP/cold" <<'PY' || fail "the wait is not apart from the transfers"
import csv, sys
rows = lambda name: list(csv.DictReader(open(sys.argv[1] + "/" + name)))
starts = {r["job"]: r for r in rows("starts.csv")}
jobs = {r["job"]: r for r in rows("jobs.csv")}
fetches = [r for r in rows("transfers.csv") if r["kind"] == "fetch"]
assert len(fetches) == 6, fetches
f = lambda r, k: float(r[k])
for r in fetches:
    s, j = starts[r["job"]], jobs[r["job"]]
    wait = f(s, "queued_s") + f(s, "cold_start_s")
    assert wait > 0.29 and abs(f(j, "starting_s") - wait) < 1e-6 and f(j, "processing_s") >= wait, (s, j)
    assert f(r, "start_s") >= f(s, "request_s") + wait - 1e-6 and f(r, "done_s") - f(r, "start_s") < 0.2, (r, s)
    parts = ("other_paths_s", "propagation_s", "pipelining_s", "queueing_s", "tcp_start_s", "headers_s", "retries_s", "link_changes_s", "retransmissions_s", "window_s", "queue_waits_s", "unexplained_s")
    assert abs(f(j, "net_delay_s") - f(j, "predicted_net_delay_s") - sum(f(j, p) for p in parts)) < 1e-6, j
    assert all(abs(f(j, p)) < 0.25 for p in parts), j
PY
"$SFEMU" report "$TEST_TMP/cold" >/dev/null
grep -q "is waiting in nodes' queues and for cold starts" "$TEST_TMP/cold/report.html" || fail "the report calls the wait computing"

# The server has 88 G operations/s; one core of 88 has 1 G: 0.1 s whether alone or not.
run cores '[{model: server, cores: 88}]'
speed=$(column cores processing_s invocations.csv | sort -u)
run whole '[{model: server, concurrency: 1}]'
alone=$(column whole processing_s invocations.csv | sort -u)
[ "$(wc -l <<<"$speed")" = 1 ] && awk -v a="$speed" -v b="$alone" 'BEGIN { exit !(a / b > 87.99 && a / b < 88.01) }' ||
	fail "an invocation gets one core of 88: $speed s, and alone $alone s"

# Argument, output and state take 21 kB: one at a time.
run memory '[{node: server_0, memory: 30kB}]'
column memory queued_s starts.csv | awk 'NR > 1 && NR < 6 && $1 <= last { bad = 1 } { last = $1 } END { exit bad }' ||
	fail "each waits for the one before: $(column memory queued_s starts.csv | xargs)"

# 20 kB are too few for any.
"$SFEMU" run --quiet --into "$TEST_TMP/small" --set 'nodes=[{node: server_0, memory: 20kB}]' --set jobs_may_fail=true \
	"$TEST_TMP/base.yaml" >"$TEST_TMP/small.log" 2>&1 || true
grep -q 'needs 21000 bytes for argument, output and states; server_0 has a memory of 20000' "$TEST_TMP/small/jobs.csv" ||
	fail "what never fits fails with the reason: $(cat "$TEST_TMP/small.log")"

"$SFEMU" run --quiet --into "$TEST_TMP/none" "$TEST_TMP/base.yaml" >/dev/null
[ ! -e "$TEST_TMP/none/starts.csv" ] || fail "starts.csv in a run without nodes"
