#!/usr/bin/env bash
# Losses by packet number: just those packets, each counted once, from 1 again in each strategy, over changes, downs and other
# lists; on an access link, after a managed queue and in a medium. Judges: ping, a stream of numbered packets. Virtual clock.
. "$(dirname "$0")/../lib.sh"
need ping python3 tc

printf '%s\n' '# of each 20' 3 5-7 '10 # and ten' 'every 20' >"$TEST_TMP/list"
printf '%s\n' 1 4-5 40 >"$TEST_TMP/once"
seq 2 3 50000 >"$TEST_TMP/many"
cat >"$TEST_TMP/p.yaml" <<YAML
name: packets
topology: {compose: {cells: [{lan: [{node: rpi3}, {node: nuc}]}]}}
link: {node: {delay: 2ms, rate: 100Mbit, queue: 1s}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 4, arrivals: poisson 0.25, state_factor: 1e3, arg_factor: 1e3}
strategies: [StateLocal, PureFaaS]
links:
  - {link: link_nuc_0, direction: down, loss: packets list}
  - {link: link_nuc_0, direction: up, loss: packets many, discipline: codel}
  - {link: link_rpi3_0, direction: up, loss: packets once}
results: $TEST_TMP/results
YAML
"$SFEMU" run --vm --clock virtual --quiet --verify-repeat 2 --parallel 2 "$TEST_TMP/p.yaml" \
	--exec 'rpi3_0: ping -i 0.1 -c 90 nuc_0 >$SFEMU_RESULTS/ping' \
	--exec 'switch_lan_0: tc filter show dev nuc_0 egress >$SFEMU_RESULTS/tc' >"$TEST_TMP/log" ||
	{ cat "$TEST_TMP/log"; fail "two runs are not the same"; }
results=$(results_of "$TEST_TMP/log")
grep -q 'pref 1 bpf .* sfe_list_loss direct-action' "$results/tc" || { cat "$results/tc"; fail "tc does not see the program before the policer"; }
python3 -c "import json, sys; print([f['path'] for f in json.load(open(sys.argv[1]))['inputs']['files'] if len(f['xxh3']) == 16])" \
	"$results/manifest.json" | grep "'$TEST_TMP/list'.*" >/dev/null || fail "the manifest does not name the list with its digest"
"$SFEMU" links "$results" | grep "loss packets $TEST_TMP/list" || fail "sfemu links does not show the list"

python3 - "$results" <<'PYTHON'
import csv, re, sys
folder = sys.argv[1]
def in_list(n): return (n - 1) % 20 + 1 in {3, 5, 6, 7, 10}
def in_many(n): return n % 3 == 2 and n <= 50000
def in_once(n): return n in {1, 4, 5, 40}
# The links are as at the start when the commands run: request k is packet k of the sender's link, what is left of them of the
# receiver's, and what is left of those of the way back.
expected, asked, answered = [], 0, 0
for seq in range(1, 91):
    if in_once(seq):
        continue
    asked += 1
    if in_list(asked):
        continue
    answered += 1
    if not in_many(answered):
        expected.append(seq)
got = [int(n) for n in re.findall(r"icmp_seq=(\d+)", open(folder + "/ping").read())]
assert got == expected, (got, expected)
# Each strategy's first packet is number 1, and each packet that was handed to the link either came through or is counted as lost.
rows = list(csv.DictReader(open(folder + "/links.csv")))
members = {("link_nuc_0", "nuc_0"): in_many, ("link_nuc_0", "switch_lan_0"): in_list, ("link_rpi3_0", "rpi3_0"): in_once}
seen = 0
for row in rows:
    member = members.get((row["link"], row["from"]))
    lost, through = int(row["losses"]), int(row["packets"])
    assert row["drops"] == "0", row
    assert lost == (sum(member(n) for n in range(1, through + lost + 1)) if member else 0), row
    seen += lost > 0
assert seen == 6, seen
PYTHON

# In a running network. The stream's packets come every millisecond, on links that nothing else uses while it is looked at.
cat >"$TEST_TMP/changes.yaml" <<YAML
name: changes
topology: {compose: {cells: [{lan: [{node: rpi3}, {node: nuc}]}]}}
link: {node: {delay: 2ms, rate: 100Mbit, queue: 1s}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 4, arrivals: poisson 0.25, state_factor: 1e3, arg_factor: 1e3}
strategies: [StateLocal]
schedule:
  - {at: 1000.5ms, link: link_rpi3_0, direction: up, set: {loss: packets list}}    # begins with its next packet
  - {at: 1100.5ms, link: link_rpi3_0, direction: up, set: {rate: 90Mbit}}          # counts on
  - {at: 1200.5ms, down: link_rpi3_0, direction: up}                               # and on
  - {at: 1233.5ms, up: link_rpi3_0, direction: up}
  - {at: 1300.5ms, link: link_rpi3_0, direction: up, set: {loss: packets once}}    # another one begins
  - {at: 1400.5ms, link: link_rpi3_0, direction: up, set: {loss: 0}}
  - {at: 1500.5ms, link: link_rpi3_0, direction: up, set: {loss: packets once}}
results: $TEST_TMP/results
YAML
"$SFEMU" run --vm --clock virtual --quiet "$TEST_TMP/changes.yaml" \
	--during "nuc_0: python3 $SOURCE/tests/vm/stream.py serve 7000 2000 \$SFEMU_RESULTS/stream" \
	--during "rpi3_0: python3 $SOURCE/tests/vm/stream.py send nuc_0 7000 2000 1000 16.384" >"$TEST_TMP/log" ||
	{ cat "$TEST_TMP/log"; fail "the run failed"; }
python3 - "$(results_of "$TEST_TMP/log")" <<'PYTHON'
import csv, sys
folder = sys.argv[1]
got = {int(line.split()[0]) for line in open(folder + "/stream")}
lost = [n for n in range(900, 1700) if n not in got]
once = {1, 4, 5, 40}
listed = {1000 + n for n in range(1, 301) if (n - 1) % 20 + 1 in {3, 5, 6, 7, 10}}
expected = sorted(listed | set(range(1201, 1234)) | {1300 + n for n in once} | {1500 + n for n in once})
assert lost == expected, (lost, expected)
row = [r for r in csv.DictReader(open(folder + "/links.csv")) if r["from"] == "rpi3_0"][0]
assert int(row["losses"]) == len(expected), row
PYTHON

# By hand, in a guest with the real clock: from the next packet on, and from the file as it is then. Only ping uses that link.
cat >"$TEST_TMP/hand.yaml" <<YAML
name: hand
topology: {compose: {cells: [{lan: [{node: rpi3}, {node: nuc}, {node: tx2}]}]}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1, state_factor: 1e3, arg_factor: 1e3}
strategies: [StateLocal]
results: $TEST_TMP/results
YAML
printf '%s\n' 2-3 'every 5' >"$TEST_TMP/hand"
"$SFEMU" run --vm --clock real --quiet --hold --into "$TEST_TMP/held" "$TEST_TMP/hand.yaml" \
	--exec 'nuc_0: setsid -f ping -i 0.1 -c 40 tx2_0 >$SFEMU_RESULTS/ping 2>&1 </dev/null' >"$TEST_TMP/log" 2>&1 &
pid=$!
ending='kill -KILL $pid 2>/dev/null || true'
waits() { # words in what ping says
	timeout 180 sh -c "until grep -q '$1' '$TEST_TMP/held/ping'; do sleep 0.1; done" 2>/dev/null || { cat "$TEST_TMP/log"; fail "no $1"; }
}
by_hand() { (cd "$TEST_TMP" && timeout 120 "$SFEMU" link --run $pid link_tx2_0:down set 'loss=packets hand') >/dev/null; }
waits 'icmp_seq=3 '
by_hand
waits 'icmp_seq=20 \|icmp_seq=21 \|icmp_seq=22 '
timeout 120 "$SFEMU" links --run $pid --json >"$TEST_TMP/links"
echo 1 >"$TEST_TMP/hand"
by_hand
waits 'rtt min'
"$SFEMU" down --run $pid
wait $pid || { cat "$TEST_TMP/log"; fail "the run failed"; }
ending=
python3 - "$TEST_TMP" <<'PYTHON'
import json, re, sys
tmp = sys.argv[1]
got = {int(n) for n in re.findall(r"icmp_seq=(\d+) ttl", open(tmp + "/held/ping").read())}
lost = [n for n in range(1, 41) if n not in got]
first, last = lost[0] - 1, lost[-1]  # packet 1 of each list
assert last - first > 10 and lost == [n for n in range(first, last) if (n - first) % 5 in (1, 2)] + [last], lost
row = [r for r in json.load(open(tmp + "/links")) if r["link"] == "link_tx2_0" and r["direction"] == "down"][0]
assert row["loss"] == "packets " + tmp + "/hand", row
assert 6 <= row["losses"] <= len(lost), (row, lost)
PYTHON

# A medium counts what all its stations send, and verify knows what is to be lost.
cat >"$TEST_TMP/medium.yaml" <<YAML
name: medium
topology: {generate: iiot, premises: 1}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1}
strategies: [StateLocal]
links: [{link: link_0, loss: packets list}]
results: $TEST_TMP/results
YAML
for discipline in droptail fq_codel; do
	"$SFEMU" run --vm --clock virtual --quiet --set "link.shared.discipline=$discipline" "$TEST_TMP/medium.yaml" \
		--exec 'rpi3_0: ping -i 0.1 -c 40 rpi3_1' >"$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "medium"; }
	# A request is a packet of the medium, and so is each answer.
	python3 - "$TEST_TMP/log" <<'PYTHON' || fail "medium: $discipline"
import re, sys
got = [int(n) for n in re.findall(r"icmp_seq=(\d+)", open(sys.argv[1]).read())]
lost = lambda n: (n - 1) % 20 + 1 in {3, 5, 6, 7, 10}
expected, n = [], 0
for seq in range(1, 41):
    n += 1
    if not lost(n):
        n += 1
        if not lost(n):
            expected.append(seq)
assert got == expected, (got, expected)
PYTHON
done
"$SFEMU" verify --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --link link_0 --probes 200 "$TEST_TMP/medium.yaml" ||
	fail "sfemu verify takes the losses for others"

refused() { # words option…
	local words=$1 status=0
	shift
	"$SFEMU" run --vm --clock virtual --quiet --set "results=$TEST_TMP/results" "$@" >/dev/null 2>"$TEST_TMP/err" || status=$?
	[ $status -eq 2 ] && grep -q "$words" "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "status $status for $*"; }
}
echo x >>"$TEST_TMP/once"
refused "p.yaml:9: loss: $TEST_TMP/once:4: 'x' is not a packet" "$TEST_TMP/p.yaml"
echo 'links: [{kind: node, loss: packets list}, {kind: shared, duplex: full}]' | cat "$TEST_TMP/medium.yaml" - |
	sed '/^links: .*link_0/d' >"$TEST_TMP/out.yaml"
refused 'out of a medium of full duplex .* its packets are not counted' "$TEST_TMP/out.yaml"
sed "s/^links: .*/schedule: [{at: 1s, kind: node, set: {loss: packets list}}]/" "$TEST_TMP/out.yaml" >"$TEST_TMP/later.yaml"
refused 'later.yaml:6: schedule: loss: out of a medium' --set link.shared.duplex=full "$TEST_TMP/later.yaml"
