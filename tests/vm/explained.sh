#!/usr/bin/env bash
# The closed form beside the measurement: jobs that run one after the other through an idle network take what the closed form
# says and what the named parts add to it; traffic is the closed form's to the byte; rates of the scenario count.
. "$(dirname "$0")/../lib.sh"
need python3

run() { # more options; prints the results folder
	"$SFEMU" run --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --set workload.arrivals=sequential \
		--set workload.jobs=15 "$@" >"$TEST_TMP/log" || { cat "$TEST_TMP/log" >&2; fail "run"; }
	grep -q '^closed form' "$TEST_TMP/log" || fail "the closed form is not shown"
	results_of "$TEST_TMP/log"
}

check() { # results folder, largest unexplained share of all network delay
	python3 - "$@" <<'PYTHON' || fail "the parts do not add up to the difference"
import csv, sys
folder, bound = sys.argv[1], float(sys.argv[2])
parts = ("other_paths_s", "propagation_s", "pipelining_s", "queueing_s", "tcp_start_s", "headers_s", "unexplained_s")

def read(name):
    return [{k: float(v) if k.endswith("_s") or k.endswith("_hops") else v for k, v in row.items()}
            for row in csv.DictReader(open(f"{folder}/{name}", newline=""))]

jobs, transfers, summary = read("jobs.csv"), read("transfers.csv"), read("summary.csv")
for j in jobs:
    assert j["payload_bytes_hops"] == j["predicted_payload_bytes_hops"], j
    assert abs(j["net_delay_s"] - j["predicted_net_delay_s"] - sum(j[p] for p in parts)) < 1e-8, j
    mine = [t for t in transfers if (t["strategy"], t["job"]) == (j["strategy"], j["job"])]
    # Single precision of the published model.
    assert abs(sum(t["predicted_s"] for t in mine) - j["predicted_net_delay_s"]) < 1e-6 * len(mine) + 1e-9, j
    # Nothing happens in a job but its transfers and its processing.
    assert abs(sum(t["done_s"] - t["start_s"] for t in mine) - j["net_delay_s"]) < 3e-6 * int(j["steps"]), j
    assert j["queueing_s"] == 0, j
for t in transfers:
    assert abs(t["done_s"] - t["start_s"] - t["predicted_s"] - sum(t[p] for p in parts[1:])) < 1e-8, t
for s in summary:
    print(s["strategy"], *(f"{p}={1e3 * s[p]:.3f} ms" for p in ("net_delay_mean_s", "predicted_net_delay_mean_s") + parts))
    assert abs(s["unexplained_s"]) < bound * s["net_delay_mean_s"], s
    assert abs(s["net_delay_mean_s"] - s["predicted_net_delay_mean_s"] - sum(s[p] for p in parts)) < 1e-8, s
PYTHON
}

# Rates are the scenario's. Media so fast that acknowledgements never wait in them for long: all is explained.
plain=$(run --set link.shared.rate=1Gbit --set link.shared.delay=0 "$SOURCE/scenarios/iiot.yaml")
check "$plain" 0.005
# Every strategy: the same digests (or the run fails), and the closed form's traffic to the byte; where the states are in a
# store, each step gets what it needs from there and brings it back.
all=$(run --set workload.jobs=8 --set cloud.rate=50Mbit \
	--set strategies=PureFaaS,StatePropagate,StateLocal,UnchainedExternal,UnchainedInEdge,UnchainedInFunction,UnchainedInClient \
	"$SOURCE/scenarios/iiot.yaml")
python3 - "$all" <<'PYTHON' || fail "the strategies do not move what they should"
import csv, sys
read = lambda name: list(csv.DictReader(open(f"{sys.argv[1]}/{name}", newline="")))
jobs, invocations, transfers = read("jobs.csv"), read("invocations.csv"), read("transfers.csv")
digests = {}
for j in jobs:
    assert j["status"] == "done" and digests.setdefault(j["job"], j["digest"]) == j["digest"], j
    if j["strategy"] not in ("UnchainedExternal", "UnchainedInEdge"):
        assert j["payload_bytes_hops"] == j["predicted_payload_bytes_hops"], j
assert len({j["strategy"] for j in jobs}) == 7
for strategy in ("UnchainedExternal", "UnchainedInEdge"):
    moved = [t for t in transfers if t["strategy"] == strategy and t["kind"] in ("fetch", "store")]
    stores = {t["from"] if t["kind"] == "fetch" else t["to"] for t in moved}
    assert len(stores) == 1, stores
    assert strategy == "UnchainedInEdge" or stores == {"cloud"}, stores
    for i in invocations:
        if i["strategy"] == strategy:
            need = 0 if i["node"] in stores else int(i["used_state_bytes"])
            for kind in ("fetch", "store"):
                assert need == sum(int(t["payload_bytes"]) for t in moved
                                   if (t["job"], t["step"], t["kind"]) == (i["job"], i["step"], kind)), (i, kind)
PYTHON

# As it is: half-duplex media delay acknowledgements behind the data that they clock.
check "$(run --set workload.jobs=30 --set strategies=StatePropagate,StateLocal "$SOURCE/scenarios/iiot.yaml")" 0.04
