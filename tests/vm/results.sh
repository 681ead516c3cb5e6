#!/usr/bin/env bash
# What a results folder holds, read with others' tools: the CSV files with Python's csv, trace.json with its json, against
# the rules of the trace event format.
. "$(dirname "$0")/../lib.sh"
need python3

"$SFEMU" run --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --set workload.jobs=10 \
	"$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "run"; }
results=$(results_of "$TEST_TMP/log")

python3 - "$results" <<'PYTHON' || fail "the CSV files are not as they must be"
import csv, math, sys

def read(name):
    with open(f"{sys.argv[1]}/{name}", newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, strict=True))
    assert rows, f"{name} has no rows"
    for row in rows:
        assert None not in row and None not in row.values(), f"{name}: a row of another length: {row}"
        for column, value in row.items():
            if value and column.rsplit("_", 1)[-1] in ("s", "bytes", "bps", "hops"):
                assert math.isfinite(float(value)), f"{name}: {column}={value}"
    return rows

jobs, invocations, links, summary = map(read, ("jobs.csv", "invocations.csv", "links.csv", "summary.csv"))
for s in summary:
    mine = [j for j in jobs if j["strategy"] == s["strategy"]]
    assert len(mine) == int(s["jobs"]) == int(s["done"]), s
    mean = sum(float(j["response_s"]) for j in mine) / len(mine)
    assert abs(mean - float(s["response_mean_s"])) < 2e-9, (mean, s)
    assert sum(int(j["payload_bytes_hops"]) for j in mine) == int(s["payload_bytes_hops"])
    assert sum(int(l["wire_bytes"]) for l in links if l["strategy"] == s["strategy"]) == int(s["wire_bytes"])
    for j in mine:
        steps = [i for i in invocations if (i["strategy"], i["job"]) == (s["strategy"], j["job"])]
        assert [int(i["step"]) for i in steps] == list(range(int(j["steps"])))
        assert abs(sum(float(i["processing_s"]) for i in steps) - float(j["processing_s"])) < 1e-8
PYTHON

python3 - "$results" <<'PYTHON' || fail "trace.json is not as it must be"
import collections, csv, json, sys
from decimal import Decimal

with open(f"{sys.argv[1]}/trace.json", encoding="utf-8") as f:
    trace = json.load(f, parse_float=Decimal)
read = lambda name: list(csv.DictReader(open(f"{sys.argv[1]}/{name}", newline="")))
events = trace["traceEvents"]
names, slices, arrows = {}, collections.defaultdict(list), collections.defaultdict(dict)
last = collections.defaultdict(Decimal)
for e in events:
    assert e["ph"] in "MXsf", e
    assert type(e["pid"]) is int and type(e["tid"]) is int and isinstance(e["name"], str), e
    if e["ph"] == "M":
        assert e["name"] in ("process_name", "thread_name", "process_sort_index", "thread_sort_index"), e
        if e["name"] == "process_name":
            assert e["pid"] not in names, e
            names[e["pid"]] = e["args"]["name"]
        continue
    assert isinstance(e["ts"], Decimal) and e["ts"] >= 0, e
    strategy = names[e["pid"]].split()[0]  # a process is named before its events
    assert e["ts"] >= last[strategy], f"not in order: {e}"
    last[strategy] = e["ts"]
    if e["ph"] == "X":
        # What has a place of its own may take no time; a part that takes none is left out.
        assert e["dur"] > 0 or (e["dur"] == 0 and not e["name"].startswith(("waiting", "computing"))), e
        slices[e["pid"], e["tid"]].append((e["ts"], e["ts"] + e["dur"], e))
    else:
        assert isinstance(e["id"], str) and (e["ph"] == "s" or e["bp"] == "e"), e
        assert e["ph"] not in arrows[e["id"]], e
        arrows[e["id"]][e["ph"]] = e
for thread in slices.values():  # slices of a thread contain each other or lie apart
    open_ends = []
    for begin, end, e in thread:
        while open_ends and open_ends[-1] <= begin:
            open_ends.pop()
        assert not open_ends or end <= open_ends[-1], e
        open_ends.append(end)
for id, ends in arrows.items():
    assert set(ends) == {"s", "f"}, ends
    assert ends["s"]["ts"] <= ends["f"]["ts"], ends
    for e in ends.values():
        assert any(begin == e["ts"] for begin, _, _ in slices[e["pid"], e["tid"]]), e
    assert names[ends["s"]["pid"]].split()[0] == names[ends["f"]["pid"]].split()[0]
transfers, invocations, jobs = read("transfers.csv"), read("invocations.csv"), read("jobs.csv")
assert len(arrows) == len(transfers) > 0
of = lambda cat: [e for thread in slices.values() for _, _, e in thread if e["cat"] == cat]
assert len(of("jobs")) == len(jobs)
parts = collections.defaultdict(Decimal)
for e in of("invocations"):
    parts["computing" if e["name"] == "computing" else "waiting" if e["name"].startswith("waiting") else "whole"] += e["dur"]
assert len([e for e in of("invocations") if " step " in e["name"]]) == len(invocations)
assert parts["whole"] == parts["waiting"] + parts["computing"], parts
# To the nanosecond what the CSV files say.
assert sorted(e["dur"] for e in of("jobs")) == sorted(Decimal(j["response_s"]) * 1000000 for j in jobs)
assert sorted(e["ts"] for e in of("sending")) == sorted(Decimal(t["start_s"]) * 1000000 for t in transfers)
PYTHON
