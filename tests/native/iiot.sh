#!/usr/bin/env bash
# iiot natively, with few jobs: done, and each job ends with the same states and return values as in a guest with the virtual clock.
. "$(dirname "$0")/../lib.sh"
need_native
need python3

few=(--set workload.jobs=16 --set 'workload.arrivals=poisson 2' --set topology.premises=1 "$SOURCE/scenarios/iiot.yaml")
"$SFEMU" run --native --into "$TEST_TMP/native" "${few[@]}" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "iiot natively"; }
cat "$TEST_TMP/log"
expect "$TEST_TMP/log" 'native, on the real clock'
"$SFEMU" run --vm --clock virtual --into "$TEST_TMP/virtual" "${few[@]}" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "iiot in a guest"; }
python3 - "$TEST_TMP" <<'PYTHON' || fail "natively it is another experiment"
import csv, json, sys

def rows(substrate, name):
    with open(f"{sys.argv[1]}/{substrate}/{name}.csv", newline="") as f:
        return list(csv.DictReader(f))

manifest = json.load(open(f"{sys.argv[1]}/native/manifest.json"))
assert manifest["state"] == "done" and manifest["substrate"] == "native" and manifest["clock"] == "real", manifest
assert manifest["fidelity"] == "ok" or manifest["fidelity"].startswith("degraded: "), manifest["fidelity"]
native, virtual = rows("native", "jobs"), rows("virtual", "jobs")
assert len(native) == len(virtual) >= 48, (len(native), len(virtual))
same = 0
for n, v in zip(native, virtual):
    for column in ("strategy", "job", "client", "digest", "payload_bytes", "payload_bytes_hops", "status"):
        assert n[column] == v[column], (column, n, v)
    assert float(n["response_s"]) > 0.9 * float(v["response_s"]), (n, v)  # slower by any machine, faster by none
    same += 1
print(same, "of", len(virtual), "jobs have the same digests and payloads")
# The same bytes cross the same links, but for acknowledgements, which time decides on.
total = {s: sum(int(r["wire_bytes"]) for r in rows(s, "links")) for s in ("native", "virtual")}
print(total)
assert abs(total["native"] / total["virtual"] - 1) < 0.05, total
for r in rows("native", "fidelity"):
    assert r["reordered"] == "0", r
PYTHON
