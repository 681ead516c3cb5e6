#!/usr/bin/env bash
# States that outlive jobs: a global counter which many jobs update at once, under all strategies, with and without faults.
# What shared_states.csv says of the order is enough to leave the same bytes again without a network.
. "$(dirname "$0")/../lib.sh"
need python3 cc

cd "$TEST_TMP"
PATH=/usr/bin:$PATH # Debian's Python
mkdir tmp
export TMPDIR=$TEST_TMP/tmp
cat >count.c <<'C'
#include <sfemu/function.h>
#include <string.h>

static int count(struct sfe_call *call)
{
	uint32_t i = sfe_state_find(call, "counter");
	uint64_t n, *at = i < call->n_states ? sfe_state_change(call, i, 0, sizeof(n)) : NULL;

	if (!at)
		return sfe_refuse(call, "no counter");
	memcpy(&n, at, sizeof(n));
	n++;
	memcpy(at, &n, sizeof(n));
	return 0;
}
SFE_FUNCTION(count)
C
cat >count.py <<'PY'
import os, struct
assert os.environ["SFEMU_UPDATE"].split() == ["own", "counter"]
n, = struct.unpack("<Q", open("counter", "rb").read())
open("counter", "wb").write(struct.pack("<Q", n + 1))
PY
cc -O2 -Wall -shared -fPIC -I"$SOURCE/emu/include" -o count.so count.c
head -c 8 /dev/zero >zero
seven='[PureFaaS, StatePropagate, StateLocal, UnchainedInFunction, UnchainedInClient, UnchainedExternal, UnchainedInEdge]'
top='topology: {compose: {cells: [{node: rpi4, to: sw, count: 3}, {node: server, to: sw, count: 3}], backbone: []}}'
cat >counter.yaml <<YAML
name: counter
$top
functions: {count: {plugin: count.so, ops: 2e6}}
workflows:
  - name: count
    jobs: 30
    arrivals: poisson 2000
    states: {counter: {file: zero, scope: global}}
    steps: [{name: add, function: count, update: counter}]
strategies: $seven
YAML
sed 's/scope: global/scope: global, consistency: last-write/' counter.yaml >last.yaml
cat >chaos.yaml <<YAML
name: chaos
topology: {compose: {cells: [{node: rpi4, to: sw1, count: 4}, {node: server, to: sw2, count: 3}], backbone: [[sw1, sw2]]}}
functions: {count: {plugin: count.so, ops: 2e8}, begin: {ops: 1e6, output: 1kB}}
workflows:
  - name: count
    jobs: 40
    arrivals: poisson 0.5
    argument: 10kB
    states: {own: {size: 3kB}, counter: {file: zero, scope: global}}
    steps:
      - {name: begin, function: begin, update: own}
      - {name: add, function: count, after: begin, update: counter}
schedule: [{chaos: {faults: 20, over: 80s, lasts: 5s..15s}}]
invocation: {deadline: 5s, retries: 4, backoff: 200ms}
replicas: 1
job_timeout: 60s
jobs_may_fail: true
strategies: $seven
YAML
# All kinds of functions, and the other scopes: two functions, several clients, two workflows with one global state.
cat >kinds.yaml <<YAML
name: kinds
$top
functions: {count: {plugin: count.so}, also: {exec: [python3, count.py], timeout: 60s}, mix: {ops: 1e6, output: 10B}}
workflows:
  - name: one
    jobs: 5
    arrivals: poisson 50
    states: {own: {size: 50B}, counter: {file: zero, scope: function}, note: {size: 4kB, scope: client, consistency: last-write}, sum: {size: 1kB, scope: global}}
    steps:
      - {name: plugin, function: count, update: counter}
      - {name: program, function: also, update: [own, counter]}
      - {name: again, function: count, after: [plugin, program], update: counter}
      - {name: mix, function: mix, after: again, update: own, write: note, read: sum}
  - name: two
    jobs: 3
    arrivals: poisson 50
    states: {sum: {size: 1kB, scope: global}}
    steps: [{name: mix, function: mix, update: sum}]
strategies: [PureFaaS, StateLocal, UnchainedInEdge]
YAML

for s in counter last kinds; do
	more=(--verify-repeat 2)
	[ $s != kinds ] || more=(--capture all --set keep=states)
	"$SFEMU" run --vm --quiet "${more[@]}" --set results="$PWD/$s" "$s.yaml" >"log.$s" 2>&1 || { cat "log.$s"; fail "$s"; }
	ln -s "$(results_of "log.$s")" "of-$s"
done
expect log.counter '2 runs left the same bytes'
expect log.last '2 runs left the same bytes'
"$SFEMU" analyze --quiet of-kinds >analysis || { tail -n 30 analysis; fail "captures and records disagree"; }
"$SFEMU" run --vm --quiet --into of-chaos --set keep=states chaos.yaml >log.chaos 2>&1 || { cat log.chaos; fail "faults"; }
expect log.counter '30 jobs read states that jobs change'
expect log.counter 'PureFaaS .*30 changes, *[1-9][0-9]* conflicts, *0 overwritten; in vain'
expect log.last 'PureFaaS .*30 changes, *0 conflicts, *[1-9][0-9]* overwritten$'
expect log.chaos 'begun anew after a crash'
expect log.chaos 'states lost and [1-9][0-9]* that outlive jobs'

cat >check.py <<'PY'
import csv, ctypes, subprocess, sys
from collections import Counter, defaultdict
sfemu = sys.argv[1]
xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits.restype = ctypes.c_uint64
def digest(value):
    b = value.to_bytes(8, "little")
    return xxh.XXH3_64bits(b, ctypes.c_size_t(8))
def table(run, name):
    out = defaultdict(list)
    for r in csv.DictReader(open(f"of-{run}/{name}.csv", newline="")):
        out[r["strategy"]].append(r)
    return out
def written(rows):
    return [r for r in rows if r["outcome"] == "written"]

# The counter ends at the number of jobs; with last-write, less those that others have overwritten.
conflicts, overwritten = Counter(), Counter()
for run in "counter", "last":
    for s, rows in table(run, "shared_states").items():
        made = written(rows)
        last = made[-1]
        assert [int(r["version_made"]) for r in made] == list(range(1, 31)) and len({r["job"] for r in made}) == 30, s
        overwritten[run, s] = 30 - int(last["kept"])
        conflicts[run, s] = sum(r["outcome"] == "conflict" for r in rows)
        assert int(last["digest"], 16) == digest(30 - overwritten[run, s]), (run, s)
        assert (conflicts if run == "counter" else overwritten)[run, s] > 0, (run, s)
        assert (overwritten if run == "counter" else conflicts)[run, s] == 0, (run, s)
        assert sum(int(r["vain_operations"]) for r in rows) == 2000000 * conflicts[run, s], (run, s)

# What travels for them is what the homes say, to the byte.
for s, rows in table("counter", "shared_states").items():
    at = {r["job"]: r["node"] for r in table("counter", "invocations")[s]}
    moved = Counter()
    for r in table("counter", "transfers")[s]:
        moved[r["kind"]] += int(r["payload_bytes"])
    away = [r for r in rows if at[r["job"]] != r["home"]]
    assert moved["fetch"] == 8 * sum(r["outcome"] == "read" for r in away), s
    assert moved["store"] == 8 * sum(r["outcome"] != "read" for r in away), s
homes = {s: {r["home"] for r in rows} for s, rows in table("counter", "shared_states").items()}
first = {s: next(r["node"] for r in rows if r["job"] == "1") for s, rows in table("counter", "invocations").items()}
for s in "PureFaaS", "StatePropagate", "UnchainedInClient", "UnchainedExternal":
    assert homes[s] == {"cloud"}, homes
for s in "StateLocal", "UnchainedInFunction":
    assert homes[s] == {first[s]}, (homes, first)

# Without conflicts the closed form counts the same bytes and links; the cloud's links are not those of its model.
for s, jobs in table("last", "jobs").items():
    if s in ("StateLocal", "UnchainedInFunction", "UnchainedInEdge"):
        assert all(r["payload_bytes_hops"] == r["predicted_payload_bytes_hops"] for r in jobs), s
        assert any(int(r["payload_bytes_hops"]) == 2 * 2 * 8 for r in jobs), s

# The recorded order again, without a network.
for run in "counter", "last":
    rows = written(table(run, "shared_states")["UnchainedExternal"])
    versions = {"0": bytes(8)}
    for r in rows:
        open("state", "wb").write(versions[r["version_read"]])
        open("empty", "wb")
        subprocess.run([sfemu, "call", "--argument", "empty", "-o", "out", "--job", r["job"], "--state", "counter=state", "count", f"{run}.yaml"],
                       check=True, stderr=subprocess.DEVNULL)
        versions[r["version_made"]] = open("state", "rb").read()
        assert digest(int.from_bytes(versions[r["version_made"]], "little")) == int(r["digest"], 16), r

# With faults: each epoch counts its changes, and each job that is done has counted. Where there are copies, a state comes from
# the newest of them: the next changes follow its version.
anew, restored = 0, Counter()
for s, rows in table("chaos", "shared_states").items():
    of_epoch = Counter()
    for r in rows:
        if r["outcome"] == "restored":
            assert s == "StateLocal" and int(r["digest"], 16) == digest(int(r["version_made"])) and r["version_made"] != "0", r
            of_epoch[r["epoch"]] = int(r["version_made"])
            restored[s] += 1
        if r["outcome"] != "written":
            continue
        of_epoch[r["epoch"]] += 1
        assert r["version_made"] == r["kept"] == str(of_epoch[r["epoch"]]) and int(r["digest"], 16) == digest(of_epoch[r["epoch"]]), (s, r)
    anew += sum(r["outcome"] == "begun anew" for r in rows)
    jobs = [r["job"] for r in table("chaos", "jobs")[s] if r["status"] == "done"]
    assert len(jobs) > 20 and set(jobs) <= {r["job"] for r in written(rows)}, s
assert anew > 0
for s in csv.DictReader(open("of-chaos/summary.csv", newline="")):
    assert int(s["shared_restored"]) == restored[s["strategy"]], s

# What is kept is the last version of each state, also of one that a crash has destroyed.
lost = 0
for run in "kinds", "chaos":
    last = {}
    for s, rows in table(run, "shared_states").items():
        for r in rows:
            key = s, r["state"], r["instance"], "" if r["scope"] == "global" else r["workflow"]
            if r["outcome"] in ("written", "begun anew", "restored") or key not in last:
                last[key] = r["epoch"], r["version_made"], r["digest"]
    kept = {}
    for s, rows in table(run, "states").items():
        for r in rows:
            data = open(f"of-{run}/" + r["file"], "rb").read()
            assert len(data) == int(r["size_bytes"]), r
            assert xxh.XXH3_64bits(data, ctypes.c_size_t(len(data))) == int(r["digest"], 16), r
            if r["what"] == "shared":
                kept[s, r["state"], r["instance"], r["workflow"]] = r["epoch"], r["version"], r["digest"]
                assert r["job"] == "0" and r["condition"] in ("held", "lost"), r
                lost += r["condition"] == "lost"
    assert kept == last, (kept, last)
# A crash of a home says what was lost.
for s in csv.DictReader(open("of-chaos/summary.csv", newline="")):
    anew = [r for r in table("chaos", "shared_states")[s["strategy"]] if r["outcome"] == "begun anew"]
    assert int(s["shared_begun_anew"]) == len(anew) and int(s["shared_lost"]) >= sum(r["version_read"] != "0" for r in anew), s

# Each client and each function has its own; a global state is one.
digests = {}
for s, rows in table("kinds", "shared_states").items():
    clients = {r["job"]: r["client"] for r in table("kinds", "jobs")[s]}
    of = {(r["state"], r["instance"]) for r in rows}
    assert of == {("counter", "count"), ("counter", "also"), ("sum", "")} | {("note", clients[str(j)]) for j in range(1, 6)}, (s, of)
    last = {(r["state"], r["instance"]): r for r in written(rows)}
    assert last["counter", "count"]["version_made"] == "10" and int(last["counter", "count"]["digest"], 16) == digest(10), s
    assert last["counter", "also"]["version_made"] == "5" and int(last["counter", "also"]["digest"], 16) == digest(5), s
    assert last["sum", ""]["version_made"] == "3", s
    if s in ("PureFaaS", "StatePropagate", "UnchainedInClient"): # where states travel with messages, the client is their home
        assert all(r["home"] == r["instance"] for r in rows if r["scope"] == "client"), s
PY
python3 check.py "$SFEMU" || fail "shared_states.csv"

# Copies: the home tells a replica of each version before it answers, and comes from there after a crash, with what it remembers
# of changes. A replica that has crashed itself gets all of it with the next version.
cat >copies.yaml <<YAML
name: copies
topology: {compose: {cells: [{node: rpi4, to: sw1, count: 2}, {node: server, to: sw2, count: 3}, {node: rpi3, to: sw3, count: 1}], backbone: [[sw1, sw2], [sw2, sw3]]}}
functions: {count: {plugin: count.so, ops: 1e8}, add: {plugin: count.so, ops: 1e8}}
workflows:
  - {name: first, at: 0s, clients: rpi4_0, states: {counter: {file: zero, scope: global}}, steps: [{name: one, function: count, update: counter}]}
  - {name: more, jobs: 40, arrivals: poisson 4, clients: rpi3_0, states: {counter: {file: zero, scope: global}}, steps: [{name: add, function: add, update: counter}]}
placement: {rule: ProcNet, pin: [{function: count, node: server_0}, {function: add, node: server_1}]}
invocation: {deadline: 1s, retries: 6, backoff: 100ms}
strategies: [StateLocal]
YAML
copies() { # results, more of the scenario
	{ cat copies.yaml; echo "$2"; } >"$1.yaml"
	"$SFEMU" run --vm --quiet --capture all --into "$1" "$1.yaml" >"log.$1" 2>&1 || { tail -n 30 "log.$1"; fail "$1"; }
	"$SFEMU" analyze --quiet "$1" >analysis || { tail -n 30 analysis; fail "$1: captures and records disagree"; }
}
copies calm 'replicas: 1'
replica=$(awk -F, '$4 == "replica" && $5 == "server_0" { print $6; exit }' calm/transfers.csv)
[ -n "$replica" ] || fail "no copy of the state"
copies back "$(printf 'replicas: 1\nschedule: [{at: 3s, crash: server_0}, {at: 4s, restart: server_0}, {at: 6s, crash: %s}, {at: 6.5s, restart: %s}, {at: 9s, crash: server_0}, {at: 10s, restart: server_0}]' "$replica" "$replica")"
copies anew 'schedule: [{at: 3s, crash: server_0}, {at: 4s, restart: server_0}]'
expect log.back '2 restored from a copy'
python3 - "$replica" <<'PY' || fail "copies"
import csv, ctypes, sys
xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits.restype = ctypes.c_uint64
digest = lambda n: xxh.XXH3_64bits(int(n).to_bytes(8, "little"), ctypes.c_size_t(8))
read = lambda f, name: list(csv.DictReader(open(f"{f}/{name}.csv", newline="")))
for folder, lost in ("calm", 0), ("back", 0), ("anew", 1):
    rows, moved, summary = read(folder, "shared_states"), read(folder, "transfers"), read(folder, "summary")[0]
    written = [r for r in rows if r["outcome"] == "written"]
    assert all(j["status"] == "done" for j in read(folder, "jobs")), folder
    again = [r for r in rows if r["outcome"] in ("restored", "begun anew")]
    assert [r["outcome"] for r in again] == {"calm": [], "back": ["restored"] * 2, "anew": ["begun anew"]}[folder], again
    assert (int(summary["shared_lost"]), int(summary["shared_restored"])) == (lost, len(again) - lost), summary
    copies = [t for t in moved if t["kind"] == "replica"]
    if folder == "anew":
        assert not copies
        continue
    # No change is lost, and none counts twice.
    assert int(written[-1]["digest"], 16) == digest(41) and written[-1]["kept"] == "41", written[-1]
    assert {t["from"] for t in copies} == {"server_0"} and {t["to"] for t in copies} == {sys.argv[1]}
    whole = [t for t in copies if t["payload_bytes"] != "8"]
    if folder == "calm":
        assert len(copies) == 41 and not whole
        continue
    for t in whole: # with all changes that there were: 32 bytes each
        assert (int(t["payload_bytes"]) - 8) % 32 == 0 and int(t["payload_bytes"]) > 8 + 32, t
    assert len(whole) >= 3, whole # after each restart
    for r in again:
        assert int(r["version_made"]) == int(r["version_read"]) > 0 and int(r["digest"], 16) == digest(r["version_made"]), r
        fetched = [t for t in moved if t["kind"] == "fetch" and t["to"] == "server_0" and t["from"] == sys.argv[1]]
        assert sorted(int(t["payload_bytes"]) for t in fetched) == sorted(8 + 32 * int(x["version_made"]) for x in again), fetched
PY

# Of what was changed in part the ranges travel, to the home and to its replica, also when other changes came in between: with
# last-write each leaves what it had read and its own 3000 bytes.
cat >ranges.yaml <<YAML
name: ranges
topology: {compose: {cells: [{node: rpi4, to: sw, count: 3}, {node: server, to: sw, count: 3}], backbone: []}}
functions: {first: {plugin: $BUILD/functions/append_bytes.so, ops: 1e6}, more: {plugin: $BUILD/functions/append_bytes.so, ops: 1e8}}
workflows:
  - {name: first, at: 0s, states: {log: {size: 50000B, scope: global, consistency: last-write}}, steps: [{name: one, function: first, update: log}]}
  - {name: more, jobs: 20, arrivals: poisson 200, states: {log: {size: 50000B, scope: global, consistency: last-write}}, steps: [{name: add, function: more, update: log}]}
placement: {pin: [{function: first, node: server_0}, {function: more, node: "server_[12]"}]}
replicas: 1
keep: states
strategies: [StateLocal]
YAML
"$SFEMU" run --vm --quiet --capture all --into ranges ranges.yaml >log.ranges 2>&1 || { tail -n 30 log.ranges; fail "ranges"; }
"$SFEMU" analyze --quiet ranges >analysis || { tail -n 30 analysis; fail "ranges: captures and records disagree"; }
python3 - <<'PY' || fail "ranges"
import csv, ctypes
xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits.restype = ctypes.c_uint64
read = lambda name: list(csv.DictReader(open(f"ranges/{name}.csv", newline="")))
written = [r for r in read("shared_states") if r["outcome"] == "written"]
assert len(written) == 21 and sum(int(r["unseen"]) for r in written) > 0, written
size = {"0": 50000}
for r in written:
    size[r["version_made"]] = size[r["version_read"]] + 3000
    assert int(r["state_bytes"]) == size[r["version_made"]], r
moved = read("transfers")
assert [t["payload_bytes"] for t in moved if t["kind"] == "store"] == ["3000"] * 20
copies = [t for t in moved if t["kind"] == "replica"]
late = {r["version_made"] for r in written if r["unseen"] != "0"} | {"1"}
assert len(copies) == 21 and sum(t["payload_bytes"] == "3000" for t in copies) <= 21 - len(late), copies
assert any(t["payload_bytes"] == "3000" for t in copies), copies
kept, = [r for r in read("states") if r["what"] == "shared"]
data = open("ranges/" + kept["file"], "rb").read()
assert len(data) == size["21"] and xxh.XXH3_64bits(data, ctypes.c_size_t(len(data))) == int(kept["digest"], 16) == int(written[-1]["digest"], 16), kept
assert data[50000:] == b"0" * (len(data) - 50000)
PY

# One job: what it read and made of them, its conflicts, how long they took.
job=$(awk -F, '$1 == "PureFaaS" && $13 == "conflict" { print $8; exit }' of-counter/shared_states.csv)
"$SFEMU" job --strategy PureFaaS of-counter "$job" >shown || fail "sfemu job"
expect shown '^conflicts: [1-9][0-9]*; runs in vain took .* of the network'
expect shown '^States that outlive jobs: what their homes answered$'
SFEMU=$SFEMU python3 - "$job" <<'PY' || fail "sfemu job --json"
import csv, json, subprocess, os, sys
shown = json.loads(subprocess.run([os.environ["SFEMU"], "job", "--json", "of-counter", sys.argv[1]], check=True, capture_output=True).stdout)
rows = [r for r in csv.DictReader(open("of-counter/shared_states.csv", newline="")) if r["job"] == sys.argv[1]]
for s in shown["strategies"]:
    own = [r for r in rows if r["strategy"] == s["outcome"]["strategy"]]
    assert [(r["outcome"], str(r["version_read"]), str(r["version_made"]), str(r["vain_operations"])) for r in s["shared_states"]] == \
        [(r["outcome"], r["version_read"], r["version_made"], r["vain_operations"]) for r in own]
PY

# The report's data: sums by state and strategy, runs in vain in the view of a job, their part of the time.
python3 - <<'PY' || fail "report.html"
import csv, json, re
page = open("of-counter/report.html", encoding="utf-8").read()
run, = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])
def table(name):
    names = [c[0] for c in run[name]["columns"]]
    return [dict(zip(names, r)) for r in run[name]["rows"]]
summary = {r["strategy"]: r for r in csv.DictReader(open("of-counter/summary.csv", newline=""))}
shared = table("shared")
assert [r["strategy"] for r in shared] == sorted(summary) and all(r["state"] == "counter" and r["instances"] == 1 for r in shared)
for r in shared:
    s = summary[r["strategy"]]
    assert [r["changes"], r["conflicts"], r["overwritten"], r["vain_operations"], r["vain_bytes"]] == \
        [int(s[k]) for k in ("shared_changes", "shared_conflicts", "shared_overwritten", "vain_operations", "vain_bytes")], (r, s)
assert sum(r["what"] == "vain" for r in table("timelines")) > 0
for r in table("strategies"):
    parts = ("sending_s", "propagation_s", "queueing_s", "tcp_start_s", "headers_s", "retries_s", "link_changes_s", "retransmissions_s", "window_s", "queue_waits_s", "processing_s", "unexplained_s", "vain_s")
    assert r["vain_s"] > 0 and abs(sum(r[p] for p in parts) - r["compared_mean_s"]) < 1e-6, r
PY

# A sweep has the same figures.
cat >sweep.yaml <<YAML
name: sweep
base: counter.yaml
strategies: [StateLocal, PureFaaS]
seeds: 1..2
YAML
"$SFEMU" sweep --quiet --output swept sweep.yaml >log.sweep 2>&1 || { cat log.sweep; fail "sweep"; }
expect log.sweep 'runs in vain'
"$SFEMU" report --json swept >swept.json
python3 - <<'PY' || fail "the figures of a sweep"
import csv, glob, json, statistics
points = {p["strategy"]: p for p in json.load(open("swept.json"))["points"] if p["by"] == "sweep"}
for s, p in points.items():
    cells = [next(csv.DictReader(open(f, newline=""))) for f in glob.glob(f"swept/cells/*{s}*/summary.csv")]
    assert len(cells) == 2
    for figure, column in ("runs_in_vain", "runs_in_vain"), ("vain_operations", "vain_operations"), ("shared_overwritten", "shared_overwritten"):
        assert abs(p[figure] - statistics.fmean(int(c[column]) / 30 for c in cells)) < 1e-6 * (1 + p[figure]), (p, cells)
    assert p["runs_in_vain"] > 0
PY
head -n 1 swept/sweep.csv | grep ',vain_s' >/dev/null || fail "sweep.csv has no runs in vain"

"$SFEMU" run --vm --quiet --into none counter.yaml --set 'workflows=[{name: w, steps: [{name: x, function: count}]}]' >log 2>&1 && fail "the function needs a counter"
expect log 'no counter'
[ ! -e none/shared_states.csv ] || fail "shared_states.csv in a run without such states"

# An older copy: the link of the replica is down while the second job changes the counter, then the home crashes. That change
# is lost, and counts as overwritten.
cat >older.yaml <<YAML
topology: {compose: {cells: [{node: rpi4, to: sw, count: 3}, {node: server, to: sw}], backbone: []}}
functions: {count: {plugin: count.so, ops: 2e6}}
placement: {pin: [{function: count, node: server_0}]}
workflows:
  - name: first
    clients: rpi4_0
    states: {counter: {file: zero, scope: global}}
    steps: [{name: add, function: count, update: counter}]
  - name: later
    clients: rpi4_2
    at: [2s, 12s]
    states: {counter: {file: zero, scope: global}}
    steps: [{name: add, function: count, update: counter}]
schedule:
  - {at: 1s, down: link_rpi4_1}
  - {at: 8s, crash: server_0}
  - {at: 9s, restart: server_0}
  - {at: 9500ms, up: link_rpi4_1}
invocation: {deadline: 1s, retries: 3, backoff: 100ms}
replicas: 1
strategies: [StateLocal]
YAML
"$SFEMU" run --vm --quiet --clock virtual --into older older.yaml >log 2>&1 || { tail -n 30 log; fail "an older copy"; }
expect log 'StateLocal .*3 changes, *0 conflicts, *1 overwritten; 1 restored from a copy'
versions=$(awk -F, '$13 == "written" || $13 == "restored" { printf "%s %s-%s, ", $13, $14, $15 }' older/shared_states.csv)
[ "$versions" = 'written 0-1, written 1-2, restored 2-1, written 1-2, ' ] || fail "an older copy: $versions"
