#!/usr/bin/env bash
# A medium for which 802.11 stations contend (medium: dcf): 1, 2, 5 and 20 saturated stations get what Bianchi's formula says, a frame
# that is alone takes what the standard's times add up to, a seed gives the same bytes, what was set is compared with what is there, and
# kernels without the qdisc refuse it. Judges: verify, ping, tc, and the formula a second time (python3). Virtual clock.
. "$(dirname "$0")/../lib.sh"
need ping tc python3

cell() { # stations besides the access point
	cat >"$TEST_TMP/cell.yaml" <<YAML
topology: {compose: {cells: [{lan: [{shared: [{node: rpi3, count: $1}], rate: 50Mbit}], to: switch}, {node: server, to: switch}]}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 4, state_factor: 1e5}
link:
  node: {rate: 1Gbit, delay: 100us}
  shared: {delay: 2ms, queue: 50ms, medium: dcf,
    duplex: half}
strategies: [StateLocal]
results: $TEST_TMP/results
YAML
}

verified() { # stations besides the access point
	cell "$1"
	"$SFEMU" verify --vm --clock virtual --quiet --csv --link link_0 --probes 100 "$TEST_TMP/cell.yaml" >"$TEST_TMP/$1.csv" ||
		{ cat "$TEST_TMP/$1.csv"; fail "verify, $1 stations and the access point"; }
	python3 - "$TEST_TMP/$1.csv" "$(($1 + 1))" <<'PYTHON' || { cat "$TEST_TMP/$1.csv"; fail "verify, $1 stations and the access point"; }
import csv, sys

row, = csv.DictReader(l for l in open(sys.argv[1]) if not l.startswith("#"))
n = int(sys.argv[2])
mpdu = (1514 + 28) * 8 / 50
frames = int(5484 // mpdu)
busy = 36 + frames * mpdu + 16 + 32 + 34


def bianchi(n, low=0.0, high=1.0):
    for _ in range(60):
        p = (low + high) / 2
        tau = 2 / (17 + p * 16 * sum((2 * p) ** i for i in range(6)))
        low, high = (p, high) if 1 - (1 - tau) ** (n - 1) > p else (low, p)
    idle, one = (1 - tau) ** n, n * tau * (1 - tau) ** (n - 1)
    return one * frames * 1514 * 8 / (idle * 9 + (1 - idle) * busy) * 1e6


alone, saturated, asked = (float(row[k]) for k in ("udp_rate_bps", "saturation_bps", "asked_saturation_bps"))
print(f"1 station {alone / 1e6:.2f} Mbit/s ({alone / bianchi(1):.3f}), {n} stations {saturated / 1e6:.2f} Mbit/s ({saturated / bianchi(n):.3f})")
assert row["verdict"] == "ok" and int(row["contending"]) == n, row
assert abs(asked / bianchi(n) - 1) < 1e-6 and abs(saturated / bianchi(n) - 1) < 0.05 and abs(alone / bianchi(1) - 1) < 0.05
# A frame of 100 bytes: 2 ms, a preamble and 128 bytes at 50 Mbit/s, and the access link of the other side.
rest = float(row["measured_p50_s"]) - 2e-3 - 36e-6 - 128 * 8 / 50e6
assert 0 <= rest < 101e-6, (rest, row)
PYTHON
}
verified 1
verified 4
verified 19

# The same seed leaves the same bytes, and the rates of a ramp reach the qdisc, which tc sees as well.
cell 4
run=("$SFEMU" run --vm --clock virtual --quiet)
ramp=(--set 'schedule=[{at: 10ms, link: link_0, ramp: {to: {rate: 20Mbit}, over: 100ms, steps: 4}}]')
"${run[@]}" "${ramp[@]}" "$TEST_TMP/cell.yaml" --into "$TEST_TMP/twice" --verify-repeat 2 >"$TEST_TMP/out" 2>&1 || { cat "$TEST_TMP/out"; fail "runs differ"; }
expect "$TEST_TMP/out" '2 runs left the same bytes in every file'
"${run[@]}" "${ramp[@]}" "$TEST_TMP/cell.yaml" --into "$TEST_TMP/run" --ignore-commands --exec 'rpi3_0: ping -c 3 -i 0.3 rpi3_1' \
	--exec 'link_0: tc -s qdisc show dev queue5' >"$TEST_TMP/out" 2>&1 || { cat "$TEST_TMP/out"; fail "a run with a ramp"; }
expect "$TEST_TMP/out" 'qdisc dcf 1: root'
# Two crossings of 2 ms and 2 x 0.1 ms, and each a preamble, 126 bytes at 50 Mbit/s, at which links begin again for commands, and 98 twice at 1 Gbit/s.
expect "$TEST_TMP/out" 'min/avg/max/mdev = 4.515/4.515/4.51'

# Who changes it behind the program's back is found.
status=0
"${run[@]}" "$TEST_TMP/cell.yaml" --into "$TEST_TMP/broken" --during 'link_0: tc qdisc replace dev queue5 root pfifo' >"$TEST_TMP/err" 2>&1 || status=$?
[ $status -eq 1 ] || fail "status $status and not 1 where the stations' queues are gone"
expect "$TEST_TMP/err" 'link_0: its queue is pfifo and not dcf'

refused() { # words, options
	local status=0 words=$1
	shift
	"$SFEMU" run --quiet "$@" "$TEST_TMP/cell.yaml" >/dev/null 2>"$TEST_TMP/err" || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/err"; fail "status $status for $*"; }
	expect "$TEST_TMP/err" "$words"
}
refused 'cell.yaml:5: link.shared.medium: stations contend for one channel' --set link.shared.duplex=full
refused 'discipline: a station that contends has a queue of its own' --set link.shared.discipline=fq_codel
refused 'overhead: frames of 802.11 are not cut into cells' --set 'link.shared.overhead=0 cell 48 5'
refused 'medium: dcf: this kernel has no qdisc by which stations contend' --vm --clock real
refused 'schedule: medium does not change' --set 'schedule=[{at: 1s, link: link_0, set: {medium: fifo}}]'
refused 'substrate: native\|medium: dcf: this kernel has no qdisc' --native
