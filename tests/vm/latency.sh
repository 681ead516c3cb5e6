#!/usr/bin/env bash
# Latencies of a topology, of its links and of cables between junctions, judged by ping and iperf3. Virtual clock.
. "$(dirname "$0")/../lib.sh"
need ping iperf3 python3

scenario() { # latency of the backbone
	cat <<YAML
name: latency
topology:
  compose:
    cells:
      - {lan: [{node: rpi3, latency: 2}], to: west}
      - {lan: [{node: nuc, latency: 0}], to: east}
      - {lan: [{node: nuc}], to: east}
    backbone:
      - {join: [west, east], latency: $1}
link: {node: {delay: 3ms}}
workload:
  tasks: $SOURCE/scenarios/workloads/quickstart.csv
  arrivals: sequential
  jobs: 5
  state_factor: 1e4
  arg_factor: 1e4
strategies: [StateLocal]
results: $TEST_TMP/results
YAML
}

between() { # value low high what
	awk -v v="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(v != "" && v >= l && v <= h) }' || fail "$4: $1 is not between $2 and $3"
}
round_trip() { # which: its mean in ms
	grep 'rtt min' "$TEST_TMP/log" | sed -n "$1p" | sed 's|.*= [0-9.]*/\([0-9.]*\)/.*|\1|'
}

scenario 20 >"$TEST_TMP/constant.yaml"
"$SFEMU" run --vm --clock virtual --quiet "$TEST_TMP/constant.yaml" \
	--exec 'rpi3_0: ping -c 3 nuc_0' \
	--exec 'rpi3_0: ping -c 3 nuc_1' | tee "$TEST_TMP/log"
# 2 + 20 + 0 ms each way (0 is a latency too), and 98 bytes four times at 1 Gbit/s; nuc_1 says nothing, so its link has 3 ms.
between "$(round_trip 1)" 44.002 44.006 "round trip to nuc_0 (ms)"
between "$(round_trip 2)" 50.002 50.006 "round trip to nuc_1 (ms)"

# A job's bare cables are part of its propagation, which leaves next to nothing unexplained.
folder=$(results_of "$TEST_TMP/log")
python3 - "$folder/jobs.csv" <<'PYTHON'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
rest = [float(r["unexplained_s"]) for r in rows]
assert rows and all(abs(x) < 0.001 for x in rest), f"unexplained: {rest}"
PYTHON

# A law: its mean, and no packet overtakes another.
scenario 'lognormal 0.635 1.18ms 3.27ms' >"$TEST_TMP/law.yaml"
run() {
	"$SFEMU" run --vm --clock virtual --quiet "$TEST_TMP/law.yaml" \
		--exec 'rpi3_0: ping -c 2000 -i 0.1 -q nuc_0' \
		--exec 'nuc_0: iperf3 -s -1 -D; sleep 1' \
		--exec 'rpi3_0: iperf3 -u -c nuc_0 -b 50M -t 2 --get-server-output' >"$TEST_TMP/log"
	cat "$TEST_TMP/log"
}
run
# Twice 1.18 + 3.27 exp(0.635² / 2) ms and 2 ms are 14.36; 2000 draws of a deviation of 4 ms.
between "$(round_trip 1)" 14.1 14.7 "mean round trip to nuc_0 (ms)"
grep -q '0/[0-9]* (0%).*receiver' "$TEST_TMP/log" || fail "packets were lost"
! grep -i 'out.of.order' "$TEST_TMP/log" || fail "packets overtook each other"
grep 'rtt min' "$TEST_TMP/log" >"$TEST_TMP/first"
run >/dev/null
grep 'rtt min' "$TEST_TMP/log" | cmp - "$TEST_TMP/first" || fail "the same seed draws other latencies"
