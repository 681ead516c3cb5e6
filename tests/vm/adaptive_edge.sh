#!/usr/bin/env bash
# Adaptive(by=edge): the edges that carry are those of choices.csv, and take as long as was predicted; it beats what is chosen for whole
# jobs where edges differ, and loses where queues are not predicted; a copy that is lost is fetched from the owner; the digests are those
# of the other strategies on chains and graphs, with other options, under faults, and twice the same.
. "$(dirname "$0")/../lib.sh"
need python3
export TMPDIR=$TEST_TMP
run() { "$SFEMU" run --quiet --vm --clock virtual "$@"; }

# What it gains, on an idle network.
run --into "$TEST_TMP/edge" "$SOURCE/scenarios/adaptive-edge.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "adaptive-edge"; }
expect "$TEST_TMP/log" '^Adaptive(by=edge): jobs follow edges 20; regret, .*: -[0-9.]* ms (mean of 20 jobs)'
"$SFEMU" estimate --gain --csv "$SOURCE/scenarios/adaptive-edge.yaml" >"$TEST_TMP/gain" || fail "estimate --gain"
python3 - "$TEST_TMP/edge" "$TEST_TMP/gain" <<'PY' || fail "adaptive-edge: messages, choices or gain"
import csv, sys
read = lambda name: list(csv.DictReader(open(f"{sys.argv[1]}/{name}.csv")))
jobs = read("jobs")
mean = lambda s: sum(float(j["response_s"]) for j in jobs if j["strategy"] == s) / 20
edge = mean("Adaptive(by=edge)")
assert edge < 0.6 * min(mean("StatePropagate"), mean("StateLocal"), mean("Adaptive")), edge
(row,) = csv.DictReader(open(sys.argv[2]))
assert row["strategy"] == "Adaptive(by=edge)", row
gain = mean("Adaptive") - edge
assert abs(gain - float(row["gain_s"])) < 0.1 * gain, (gain, row)
moved = [t for t in read("transfers") if t["strategy"] == "Adaptive(by=edge)"]
for c in (c for c in read("choices") if c["strategy"] == "Adaptive(by=edge)"):
    assert (c["candidate"] == "edges") == (c["followed"] == "1") == (c["along"] == "client>0"), c
    if c["followed"] != "1":
        continue
    mine = sorted((t["kind"], int(t["step"]), t["from"], int(t["payload_bytes"])) for t in moved if t["job"] == c["job"])
    # The first call brings settings, limits and labels. The second step fetches what it reads from the first one's node; the third one
    # runs where the rest is, and the picture.
    assert mine == [("call", 0, "rpi4_0", 223000), ("call", 1, "server_0", 1000), ("call", 2, "server_1", 1000),
                    ("fetch", 1, "server_0", 1000), ("fetch", 1, "server_0", 2000), ("return", 2, "server_0", 1000)], mine
for j in jobs:
    assert j["strategy"] == "StatePropagate" or abs(float(j["unexplained_s"])) < 0.05 * float(j["response_s"]), j
for s in read("summary"): # the rules of the closed form know the edges
    if s["strategy"] == "Adaptive(by=edge)":
        assert s["payload_bytes_hops"] == s["predicted_payload_bytes_hops"], s
PY
run --capture all --into "$TEST_TMP/captured" --set 'strategies=Adaptive(by=edge)' "$SOURCE/scenarios/adaptive-edge.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "captured"; }
"$SFEMU" analyze --quiet "$TEST_TMP/captured" >"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "adaptive-edge: captures and records differ"; }
"$SFEMU" analyze --quiet --job Adaptive+by=edge:2 "$TEST_TMP/captured" >"$TEST_TMP/job" || fail "analyze --job"
"$SFEMU" job --strategy 'Adaptive(by=edge)' "$TEST_TMP/edge" 2 >"$TEST_TMP/job" || fail "sfemu job"
expect "$TEST_TMP/job" '^follows edges, along client>0; predicted: PureFaaS .*, StateLocal .*, edges '

# What it costs where many jobs do the same.
sed 's/jobs: 400/jobs: 200/; s/^strategies:.*/strategies: [Adaptive, Adaptive(by=edge)]/' "$SOURCE/scenarios/adaptive-edge-queues.yaml" >"$TEST_TMP/queues.yaml"
run --into "$TEST_TMP/queues" "$TEST_TMP/queues.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "adaptive-edge-queues"; }
mean() { awk -F, -v s="$2" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["strategy"] == s { n++; sum += $c["response_s"] } END { print sum / n }' "$1/jobs.csv"; }
awk "BEGIN { exit !($(mean "$TEST_TMP/queues" 'Adaptive(by=edge)') > 1.5 * $(mean "$TEST_TMP/queues" Adaptive)) }" || fail "queues do not hurt"

# The paper's networks: at least as fast as StateLocal, the best fixed strategy there, and as Adaptive; nothing but by=edge adds a column.
for scenario in iiot urban; do
	run --into "$TEST_TMP/$scenario" --set 'strategies=StateLocal,Adaptive,Adaptive(by=edge)' "$SOURCE/scenarios/$scenario.yaml" \
		>"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "$scenario"; }
	for other in StateLocal Adaptive; do
		awk "BEGIN { exit !($(mean "$TEST_TMP/$scenario" 'Adaptive(by=edge)') <= $(mean "$TEST_TMP/$scenario" $other)) }" || fail "$scenario: slower than $other"
	done
done
run --into "$TEST_TMP/plain" --set 'strategies=Adaptive' "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "Adaptive"; }
[ "$(head -n 1 "$TEST_TMP/plain/choices.csv")" = strategy,job,candidate,predicted_s,followed ] || fail "choices.csv of Adaptive has another head"

# A copy is lost with its node, while the second step computes: the third one asks the owner, the client.
cat >"$TEST_TMP/lost.yaml" <<'Y'
topology: {compose: {cells: [{node: rpi4, to: site, count: 1}, {node: server, to: edge, count: 3}], backbone: [{join: [site, edge], latency: 30}]}}
link: {node: {rate: 100Mbit, delay: 500us}}
functions: {small: {ops: 1e6, output: 1kB}, long: {ops: 1e11, output: 1kB}}
workflows:
  - {name: w, clients: "rpi4_0", jobs: 1, argument: 1kB, states: {a: {size: 50kB}, b: {size: 4MB}},
     steps: [{name: one, function: small}, {name: two, function: long, after: one, write: [b]}, {name: three, function: small, after: two, read: [a]}, {name: four, function: small, after: three, read: [b]}]}
placement: {rule: ProcNet, pin: [{step: one, node: server_0}, {step: two, node: server_1}, {step: three, node: server_2}, {step: four, node: server_1}]}
invocation: {deadline: 5s, retries: 3, backoff: 100ms}
strategies: [StateLocal, Adaptive(by=edge)]
Y
run --into "$TEST_TMP/kept" "$TEST_TMP/lost.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a copy"; }
expect "$TEST_TMP/kept/choices.csv" '^Adaptive(by=edge),1,edges,.*,1,client>0$'
run --into "$TEST_TMP/again" "$TEST_TMP/kept/scenario.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "from its results"; }
for table in jobs choices regret; do cmp "$TEST_TMP/kept/$table.csv" "$TEST_TMP/again/$table.csv" || fail "$table.csv does not repeat from its results"; done
grep -q '^Adaptive(by=edge),1,2,fetch,.*server_0,server_2,' "$TEST_TMP/kept/transfers.csv" || { grep fetch "$TEST_TMP/kept/transfers.csv"; fail "no fetch of a copy"; }
# lost READER CHANGES: the third step runs on READER, whose own copy may be the lost one.
lost() {
	sed "s/step: three, node: server_2/step: three, node: $1/; s/StateLocal, Adaptive/Adaptive/" "$TEST_TMP/lost.yaml" >"$TEST_TMP/lost-$1.yaml"
	run --into "$TEST_TMP/lost-$1" --set "schedule=$2" "$TEST_TMP/lost-$1.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a lost copy"; }
	grep -q "^Adaptive(by=edge),1,2,fetch,.*rpi4_0,$1," "$TEST_TMP/lost-$1/transfers.csv" || { grep fetch "$TEST_TMP/lost-$1/transfers.csv"; fail "a lost copy is not fetched from its owner"; }
}
lost server_2 '[{at: 300ms, crash: server_0}]'
lost server_0 '[{at: 300ms, crash: server_0}, {at: 400ms, restart: server_0}]'

# Graphs, with other options; under faults; twice the same.
run --verify-repeat 2 --into "$TEST_TMP/chaos" --set workload.jobs=40 --set 'schedule=[{chaos: {faults: 20, over: 70s, lasts: 5s..40s, spare: [server_0]}}]' \
	--set 'strategies=StateLocal,Adaptive(by=edge+cache=on+fetch=parallel+prefetch=1+warm=on)' "$SOURCE/scenarios/chaos.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "under faults"; }
grep -q ',edges,.*,1,' "$TEST_TMP/chaos/repeat-01/choices.csv" || fail "under faults no job follows its edges"
run --into "$TEST_TMP/dag" --set workload.shape=dag --set workload.jobs=15 --set placement=ProcOnly \
	--set 'strategies=StateLocal,Adaptive(by=edge),Adaptive(by=edge+cache=on+fetch=parallel+prefetch=1+warm=on)' "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "graphs"; }
grep -q ',edges,.*,1,' "$TEST_TMP/dag/choices.csv" || fail "no graph follows its edges"

refused() { # strategy, words of the error
	local status=0
	"$SFEMU" check --set "strategies=$1" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/err" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/err"; fail "$1: status $status"; }
	expect "$TEST_TMP/err" "$2"
}
refused 'StateLocal(by=edge)' 'StateLocal has no use for the option by: it chooses nothing; omit it, or name Adaptive'
refused 'Adaptive(by=edge+inline=auto)' 'Adaptive has no use for the option inline beside by=edge, which decides for each call what goes along'
refused 'Adaptive(by=edge+push=20ms)' 'Adaptive has no use for the option push beside by=edge'
refused 'Adaptive(by=step)' "'by=step': the option by has no such value; write any of by=job, by=edge"
refused 'PureFaaS,StateLocal,Oracle(by=edge)' 'Oracle has no use for the option by'
