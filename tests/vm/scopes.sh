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
	[ $s != kinds ] || more=(--capture all)
	"$SFEMU" run --vm --quiet "${more[@]}" --set results="$PWD/$s" "$s.yaml" >"log.$s" 2>&1 || { cat "log.$s"; fail "$s"; }
	ln -s "$(results_of "log.$s")" "of-$s"
done
expect log.counter '2 runs left the same bytes'
expect log.last '2 runs left the same bytes'
"$SFEMU" analyze --quiet of-kinds >analysis || { tail -n 30 analysis; fail "captures and records disagree"; }
"$SFEMU" run --vm --quiet --into of-chaos chaos.yaml >log.chaos 2>&1 || { cat log.chaos; fail "faults"; }
expect log.counter '30 jobs read states that jobs change'
expect log.counter 'PureFaaS .*30 changes, *[1-9][0-9]* conflicts, *0 overwritten; in vain'
expect log.last 'PureFaaS .*30 changes, *0 conflicts, *[1-9][0-9]* overwritten$'
expect log.chaos 'begun anew after a crash'

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

# With faults: each epoch counts its changes, and each job that is done has counted.
anew = 0
for s, rows in table("chaos", "shared_states").items():
    of_epoch = Counter()
    for r in written(rows):
        of_epoch[r["epoch"]] += 1
        assert r["version_made"] == r["kept"] == str(of_epoch[r["epoch"]]) and int(r["digest"], 16) == digest(of_epoch[r["epoch"]]), (s, r)
    anew += sum(r["outcome"] == "begun anew" for r in rows)
    jobs = [r["job"] for r in table("chaos", "jobs")[s] if r["status"] == "done"]
    assert len(jobs) > 20 and set(jobs) <= {r["job"] for r in written(rows)}, s
assert anew > 0

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
"$SFEMU" run --vm --quiet --into none counter.yaml --set 'workflows=[{name: w, steps: [{name: x, function: count}]}]' >log 2>&1 && fail "the function needs a counter"
expect log 'no counter'
[ ! -e none/shared_states.csv ] || fail "shared_states.csv in a run without such states"
