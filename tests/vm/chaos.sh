#!/usr/bin/env bash
# Random faults while jobs run, in a small form: every job ends and says why, what is done is done right (the same bytes as
# without faults, under every strategy, nothing twice), captures agree, all repeats by seed, and nothing is left behind.
. "$(dirname "$0")/../lib.sh"
need python3

mkdir "$TEST_TMP/tmp"
export TMPDIR=$TEST_TMP/tmp
mild=(--set results="$TEST_TMP/results" --set workload.jobs=40)
small=("${mild[@]}" --set 'schedule=[{chaos: {faults: 40, over: 70s, lasts: 5s..40s, spare: [server_0]}}]')
run=("$SFEMU" run --vm --clock virtual --quiet "$SOURCE/scenarios/chaos.yaml")

"${run[@]}" "${small[@]}" --verify-repeat 2 --parallel 1 >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the run with faults"; }
expect "$TEST_TMP/log" '2 runs left the same bytes'
expect "$TEST_TMP/log" 'StateLocal: [0-9]* of [0-9]* jobs done, [0-9]* failed, [0-9]* timed out ([0-9]* x .*); [0-9]* requests not answered, [0-9]* crashes,'
chaos=$(results_of "$TEST_TMP/log")
"${run[@]}" "${mild[@]}" --set schedule= --set invocation.deadline=none --set invocation.retries=0 >"$TEST_TMP/log.calm" 2>&1 || { cat "$TEST_TMP/log.calm"; fail "the run without faults"; }
calm=$(results_of "$TEST_TMP/log.calm")
"${run[@]}" "${small[@]}" --set seed=2 --set strategies=StatePropagate,StateLocal --capture all >"$TEST_TMP/log.other" 2>&1 || { cat "$TEST_TMP/log.other"; fail "the run with seed 2"; }
other=$(results_of "$TEST_TMP/log.other")
"$SFEMU" schedule --csv "$SOURCE/scenarios/chaos.yaml" "${small[@]}" >"$TEST_TMP/schedule.csv"
"$SFEMU" schedule --csv "$SOURCE/scenarios/chaos.yaml" "${small[@]}" --set seed=2 >"$TEST_TMP/schedule.other.csv"

python3 - "$chaos" "$calm" "$other" "$TEST_TMP" <<'PYTHON'
import csv, sys
from collections import Counter, defaultdict
chaos, calm, other, tmp = sys.argv[1:]
RETRIES = 4

def rows(folder, name):
    return list(csv.DictReader(open(f"{folder}/{name}", newline="")))
def by_strategy(folder, name):
    out = defaultdict(list)
    for r in rows(folder, name):
        out[r["strategy"]].append(r)
    return out

digests = {}
for r in rows(calm, "jobs.csv"):
    assert r["status"] == "done" and not r["reason"] and r["attempts"] == "1" and r["states_lost"] == "0", r
    assert digests.setdefault(r["job"], r["digest"]) == r["digest"], r
assert not rows(calm, "attempts.csv")

total = Counter()
for folder in (chaos, other):
    jobs, events = by_strategy(folder, "jobs.csv"), by_strategy(folder, "events.csv")
    attempts, invocations = by_strategy(folder, "attempts.csv"), by_strategy(folder, "invocations.csv")
    assert list(jobs) == ["PureFaaS", "StatePropagate", "StateLocal"][folder == other:], list(jobs)
    assert len({len(j) for j in jobs.values()}) == 1 and len(jobs["StateLocal"]) >= 25
    same = {}
    # What the schedule says beforehand is what happens, to the nanosecond, under each strategy until its last job has ended.
    said = [(r["at_s"], r["link"], r["direction"], r["node"], r["what"])
            for r in rows(tmp, "schedule.csv" if folder == chaos else "schedule.other.csv")]
    faults = {w.split()[1].rstrip(":") for *_, w in said}
    assert len(faults) == 40, len(faults)
    for s, happened in events.items():
        was = [(r["due_s"], r["link"], r["direction"], r["node"], r["what"]) for r in happened]
        assert was == said[:len(was)] and len(was) > 40, (s, len(was))
        assert all(r["due_s"] == r["done_s"] for r in happened)
    for summary in rows(folder, "summary.csv"):
        s = summary["strategy"]
        counts = Counter(r["status"] for r in jobs[s])
        assert set(counts) <= {"done", "failed", "timed out"}, counts
        assert [int(summary[k]) for k in ("jobs", "done", "failed", "timed_out")] == \
            [len(jobs[s]), counts["done"], counts["failed"], counts["timed out"]], summary
        assert int(summary["failed_attempts"]) == len(attempts[s])
        assert int(summary["states_lost"]) == sum(int(r["states_lost"]) for r in jobs[s])
        down, crashes, restarts = set(), 0, defaultdict(list)
        for r in events[s]:
            if r["what"].endswith(": crash"):
                assert r["node"] not in down, r
                down.add(r["node"])
                crashes += 1
            elif r["what"].endswith(": restart"):
                down.remove(r["node"])
                restarts[r["node"]].append(float(r["due_s"]))
        assert int(summary["crashes"]) == crashes
        for r in jobs[s]:
            done = r["status"] == "done"
            assert bool(r["reason"]) != done, r
            assert (r["digest"] == "0x0000000000000000") != done, r
            assert (r["response_s"] != "") == done, r
            assert r["status"] != "timed out" or "job_timeout" in r["reason"], r
            if done:
                assert float(r["response_s"]) <= 60
                assert same.setdefault(r["job"], r["digest"]) == r["digest"], r
                if folder == chaos:
                    assert digests[r["job"]] == r["digest"], r
            total[r["status"]] += 1
            total["begun again"] += int(r["attempts"]) > 1
        # No step is run twice in an attempt, but after a crash.
        seen = {}
        for r in sorted(invocations[s], key=lambda r: float(r["request_s"])):
            key = r["job"], r["step"], r["attempt"], r["node"]
            assert key not in seen or any(seen[key] < t <= float(r["request_s"]) for t in restarts[r["node"]]), r
            seen[key] = float(r["request_s"])
        for r in attempts[s]:
            assert float(r["begin_s"]) <= float(r["end_s"]) <= float(r["begin_s"]) + 5.000001, r
            assert 1 <= int(r["number"]) <= RETRIES + 1 and r["error"], r
            assert r["last"] == "1" or int(r["number"]) <= RETRIES, r
        total["attempts"] += len(attempts[s])
        total["crashes"] += crashes
        total["copies"] += sum(r["kind"] == "replica" for r in rows(folder, "transfers.csv"))
print(dict(total))
# Else this is no test.
assert total["failed"] > 2 and total["done"] > 0.6 * sum(total[k] for k in ("done", "failed", "timed out")), total
assert total["attempts"] > 20 and total["crashes"] > 5 and total["copies"] > 10, total
PYTHON
cmp -s "$TEST_TMP/schedule.csv" "$TEST_TMP/schedule.other.csv" && fail "another seed has the same faults"
cmp -s "$chaos/events.csv" "$other/events.csv" && fail "another seed had the same faults"
# What was sent in vain does not make captures disagree.
"$SFEMU" analyze --quiet "$other" >"$TEST_TMP/analysis" || { tail -n 30 "$TEST_TMP/analysis"; fail "captures and records disagree"; }
expect "$TEST_TMP/analysis" 'captures and records agree in all [0-9]* figures'

# Who does not study failures is told.
status=0
"${run[@]}" "${small[@]}" --set jobs_may_fail=false --set strategies=PureFaaS >"$TEST_TMP/log.strict" 2>&1 || status=$?
[ $status -eq 1 ] || fail "jobs failed, and the status is $status"
expect "$TEST_TMP/log.strict" 'jobs failed; job [0-9]*: .*jobs_may_fail: true'

# In a sweep over seeds the reasons are those of a seed that has some.
cat >"$TEST_TMP/sweep.yaml" <<YAML
base: $SOURCE/scenarios/chaos.yaml
set: {workload.jobs: 20, schedule: [{chaos: {faults: 20, over: 40s, kinds: [crash]}}]}
grid: {invocation.retries: [0, 3]}
strategies: [StateLocal]
seeds: 2..3
rows: summary
YAML
"$SFEMU" sweep --quiet --output "$TEST_TMP/sweep" "$TEST_TMP/sweep.yaml" >"$TEST_TMP/log.sweep" 2>&1 ||
	{ cat "$TEST_TMP/log.sweep"; fail "the sweep fails"; }
python3 - "$TEST_TMP/sweep" <<'PYTHON'
import csv, glob, sys
table = list(csv.DictReader(open(sys.argv[1] + "/sweep.csv")))
cells = [next(csv.DictReader(open(f))) for f in sorted(glob.glob(sys.argv[1] + "/cells/*/summary.csv"))]
assert len(table) == 2 and len(cells) == 4
assert any(not c["reasons"] for c in cells) and any(c["reasons"] for c in cells), "no difference between the seeds"
for r in table:
    assert (float(r["failed"]) + float(r["timed_out"]) > 0) == bool(r["reasons"]), r
PYTHON

expect_mine_gone "chaos"
[ -z "$(ls -A "$TMPDIR")" ] || { ls -lA "$TMPDIR" >&2; fail "files are left"; }
