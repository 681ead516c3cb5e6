#!/usr/bin/env bash
# A medium whose stations take turns (medium: fair): verify finds turns, what is alone arrives as on any medium, it changes while a
# network runs, and what was set is compared with what is there. Judges: tc, ping, verify. Virtual clock.
. "$(dirname "$0")/../lib.sh"
need ping tc python3

cat >"$TEST_TMP/turns.yaml" <<YAML
topology: {generate: iiot, premises: 1}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 2, arrivals: poisson 1, state_factor: 1e6, arg_factor: 1e6}
link:
  shared: {rate: 20Mbit, delay: 3ms, queue: 200ms, medium: fifo,
    duplex: half}
strategies: [StateLocal]
schedule: [{at: 10ms, link: link_0, ramp: {to: {rate: 10Mbit}, over: 100ms, steps: 4}}]
results: $TEST_TMP/results
YAML
run=("$SFEMU" run --vm --clock virtual --quiet)

# What finds nothing waiting arrives at the same time, and the rates of the ramp reach every class and queue.
for medium in fifo fair; do
	"${run[@]}" --set link.shared.medium=$medium "$TEST_TMP/turns.yaml" --into "$TEST_TMP/run.$medium" --exec 'rpi3_0: ping -c 3 server_0' \
		--exec 'link_0: tc qdisc show; tc class show dev queue5; tc filter show dev queue5 parent 1:' \
		--ignore-commands >"$TEST_TMP/$medium" || { cat "$TEST_TMP/$medium"; fail "$medium"; }
	sed -n 's|.*rtt [^=]*= ||p' "$TEST_TMP/$medium" >"$TEST_TMP/rtt.$medium"
done
[ -s "$TEST_TMP/rtt.fair" ] && cmp "$TEST_TMP/rtt.fifo" "$TEST_TMP/rtt.fair" || fail "without load a ping takes $(cat "$TEST_TMP/rtt.fair")"
python3 - "$TEST_TMP/fair" <<'PYTHON' || { cat "$TEST_TMP/fair"; fail "tc does not see a class, a queue and a filter for each station"; }
import re, sys

text = open(sys.argv[1]).read()
queues = re.findall(r"qdisc pfifo \w+: dev queue5 parent 1:(\w+) limit 331p", text)
classes = re.findall(r"class htb 1:(\w+) parent 1:1 leaf \w+: prio 0 rate 8bit ceil 19998Kbit", text)
filters = re.findall(r"flowid 1:(\w+) .*\n.*\n.*input dev (\w+)", text)
assert re.search(r"class htb 1:1 root rate 19998Kbit ceil 19998Kbit", text), "the medium's class"
assert len(classes) > 2 and sorted(classes) == sorted(queues) == sorted(c for c, _ in filters), (classes, queues, filters)
assert len({port for _, port in filters}) == len(filters), filters
PYTHON
! grep -q 'medium: fifo' "$TEST_TMP/run.fifo/scenario.yaml" || fail "a scenario as resolved has a medium that it always had"
grep -q 'medium: fair' "$TEST_TMP/run.fair/scenario.yaml" || fail "a scenario as resolved does not say that stations take turns"

# verify: two stations have equal parts of the whole rate, and who sends little waits for a turn; with fifo for the whole queue.
verified() { # medium, discipline, least and most fairness, most milliseconds beside a busy station, faults
	"$SFEMU" verify --vm --clock virtual --quiet --set link.shared.medium="$1" --set link.shared.discipline="$2" --set schedule= --csv \
		--link link_0 --probes 100 "$TEST_TMP/turns.yaml" >"$TEST_TMP/$1.csv" || { cat "$TEST_TMP/$1.csv"; fail "verify, $1 $2"; }
	python3 - "$TEST_TMP/$1.csv" "$3" "$4" "$5" <<'PYTHON' || { cat "$TEST_TMP/$1.csv"; fail "verify, $1 $2"; }
import csv, sys

row, = csv.DictReader(l for l in open(sys.argv[1]) if not l.startswith("#"))
least, most, wait = map(float, sys.argv[2:])
rate, fairness, beside = (float(row[k]) for k in ("stations_rate_bps", "fairness", "measured_beside_s"))
print(f"{rate / 1e6:.3f} Mbit/s together, fairness {fairness:.4f}, {beside * 1e3:.2f} ms beside a busy station")
assert abs(rate / 20e6 - 1) < 0.001 and least <= fairness <= most and 3e-3 < beside < wait * 1e-3, row
PYTHON
}
verified fifo droptail 0.5 0.51 120
[ "$(python3 -c 'import csv, sys; print(next(csv.DictReader(open(sys.argv[1])))["asked_beside_s"])' "$TEST_TMP/fifo.csv")" = '' ] || fail "asks fifo for turns"
verified fair droptail 0.999 1 5
verified fair fq_codel 0.999 1 5

# Who changes it behind the program's back is found: without its filter a station's packets are another's.
status=0
"${run[@]}" --set link.shared.medium=fair "$TEST_TMP/turns.yaml" --into "$TEST_TMP/broken" \
	--during 'link_0: tc filter del dev queue5 parent 1:' >"$TEST_TMP/err" 2>&1 || status=$?
[ $status -eq 1 ] || fail "status $status and not 1 where the filters are gone"
expect "$TEST_TMP/err" 'link_0: 0 of [0-9]* stations have their filter'

refused() { # words option value
	local status=0
	"${run[@]}" "$2" "$3" "$TEST_TMP/turns.yaml" >/dev/null 2>"$TEST_TMP/err" || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/err"; fail "status $status for $3"; }
	expect "$TEST_TMP/err" "$1"
}
sed 's/medium: fifo/medium: fair/; s/duplex: half/duplex: full/' "$TEST_TMP/turns.yaml" >"$TEST_TMP/pair.yaml"
status=0
"${run[@]}" "$TEST_TMP/pair.yaml" >/dev/null 2>"$TEST_TMP/err" || status=$?
[ $status -eq 2 ] || fail "status $status for turns in full duplex"
expect "$TEST_TMP/err" 'pair.yaml:4: link.shared.medium: stations take turns at one transmitter'
refused "'edca' is not a kind of medium" --set link.shared.medium=edca
refused 'links:1: link link_0: medium: stations take turns' --set 'links=[{kind: shared, medium: fair, duplex: full}]'
refused 'medium: only a shared link is a medium' --set 'links=[{kind: node, medium: fair}]'
refused 'schedule: medium does not change' --set 'schedule=[{at: 1s, link: link_0, set: {medium: fair}}]'
