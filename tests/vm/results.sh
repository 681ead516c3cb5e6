#!/usr/bin/env bash
# What a results folder holds, read with others' tools: the CSV files with Python's csv.
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
