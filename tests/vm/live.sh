#!/usr/bin/env bash
# Manual changes of links while jobs run, in a guest with the real clock; judged by tc and ping inside of it. What is set stays:
# what the schedule sets later is something else, the next strategy begins with it; what cannot be is refused and changes nothing.
# serial: the real clock
. "$(dirname "$0")/../lib.sh"
need python3 tc ping
[ -x /usr/bin/linux.uml ] || fail "user-mode-linux is missing: tools/bootstrap.sh installs it"

cat >"$TEST_TMP/s.yaml" <<YAML
name: live
topology: {compose: {cells: [{lan: [{node: rpi3}, {node: nuc}]}]}}
link: {node: {delay: 20ms, rate: 100Mbit, queue: 1s}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 6, arrivals: poisson 1, state_factor: 1e3, arg_factor: 1e3}
strategies: [StateLocal, PureFaaS]
schedule: [{at: 3s, link: link_rpi3_0, set: {delay: 30ms}}]
results: $TEST_TMP/results
YAML

waits() { # words that a log is to have, the log
	for i in $(seq 300); do
		grep -q -- "$1" "$2" && return 0
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	cat "$2" >&2
	fail "no '$1' within 30 s"
}

begun() { # strategy: its jobs run from a moment after its workers were started
	waits "$1: starting" "$TEST_TMP/log"
	sleep 1
}

manual() { timeout 120 "$SFEMU" link --run $pid "$@"; }

refused() { # words of the reason, arguments
	local status=0
	manual "${@:2}" >"$TEST_TMP/refused" 2>&1 || status=$?
	expect "$TEST_TMP/refused" "$1"
	[ $status -eq 2 ] || fail "'link ${*:2}' ends with $status and not 2"
}

"$SFEMU" run --vm --clock real --hold "$TEST_TMP/s.yaml" \
	--during 'rpi3_0: while sleep 0.3; do tc qdisc show dev eth0 root; done' --during 'rpi3_0: ping -i 0.3 nuc_0' \
	--exec 'rpi3_0: tc -s -j qdisc show dev eth0 root' >"$TEST_TMP/log" 2>&1 &
pid=$!
ending='kill -KILL $pid 2>/dev/null || true'
begun StateLocal
waits 'rpi3_0: qdisc netem .* delay 20ms rate 100Mbit' "$TEST_TMP/log"

# Before the schedule's change.
manual 'link_rpi3_*:up' set rate=1Mbit loss=5% >"$TEST_TMP/said"
expect "$TEST_TMP/said" '^link_rpi3_0 up: rate 1Mbit, loss 5%$'
[ "$(wc -l <"$TEST_TMP/said")" -eq 1 ] || fail "more was changed than was named"
waits 'rpi3_0: qdisc netem .* delay 20ms loss 5% rate 1Mbit' "$TEST_TMP/log"
refused 'holds 100 bytes, less than one packet' --kind node set queue=100B
refused 'no link matches' link_none down
# The longest that goes in, several at once.
long=$(head -c 3700 /dev/zero | tr '\0' x)
for i in 1 2 3 4; do
	manual "$long" down 2>"$TEST_TMP/long.$i" &
	asks[i]=$!
done
for i in 1 2 3 4; do
	wait "${asks[i]}" && fail "a link of 3700 letters is there"
	expect "$TEST_TMP/long.$i" 'a pattern of names has more than 128 bytes'
done
refused 'the request is too long' "$long$long" down
refused 'mtu does not change' link_rpi3_0 set mtu=1400
refused "in this kernel's netem" link_rpi3_0 set 'delay=normal 20ms 2ms' delay_correlation=10%
# The schedule sets the delay, and nothing else.
waits 'rpi3_0: qdisc netem .* delay 30ms loss 5% rate 1Mbit' "$TEST_TMP/log"

# Samples of a file: as it is now, also when it was read before. A refused change leaves them.
cd "$TEST_TMP"
printf '40ms\n60ms\n' >samples
manual link_rpi3_0:up set 'delay=table samples' >/dev/null
waits 'rpi3_0: qdisc netem .* delay 50ms .* loss 5% rate 1Mbit' "$TEST_TMP/log"
printf '40ms\n80ms\n' >samples
refused 'holds 100 bytes' link_rpi3_0:up set 'delay=table samples' queue=100B
manual link_rpi3_0:up set 'delay=table samples' >/dev/null
waits 'rpi3_0: qdisc netem .* delay 60ms .* loss 5% rate 1Mbit' "$TEST_TMP/log"
cd - >/dev/null

# The next strategy begins with what was set manually. Both ways 100 ms more; then nothing gets through, and again.
begun PureFaaS
manual link_rpi3_0 set delay=120ms loss=0 rate=100Mbit >/dev/null
manual link_nuc_0:down down >"$TEST_TMP/said"
expect "$TEST_TMP/said" '^link_nuc_0 down: down$'
timeout 120 "$SFEMU" links --run $pid >"$TEST_TMP/links"
expect "$TEST_TMP/links" '^link_nuc_0 .* down .* DOWN$'
sleep 1
manual --kind node --direction down link_nuc_0 up >/dev/null
waits 'stays up' "$TEST_TMP/log"
timeout 120 "$SFEMU" links --run $pid --json >"$TEST_TMP/links.json"
manual link_nuc_0 set loss=1% >/dev/null
"$SFEMU" down --run $pid
wait $pid || { cat "$TEST_TMP/log"; fail "a run that was held and ended is not a success"; }
ending=

python3 - "$(results_of "$TEST_TMP/log")" "$TEST_TMP" <<'PYTHON' || { cat "$TEST_TMP/log"; fail "not as it was set"; }
import csv, json, re, sys
results, tmp = sys.argv[1:]
log = open(tmp + "/log").read()
assert "note: manual change: link_rpi3_0 up: rate 1Mbit, loss 5%" in log
assert "THIS RUN HAD MANUAL CHANGES" in log
# What tc saw, one after the other.
seen = re.findall(r"rpi3_0: qdisc netem 1: root .*? limit \d+ (delay .*)", log)
seen = [re.sub("ms  [0-9.]+ms ", "ms and more ", s) for s in seen]
kinds = [k for i, k in enumerate(seen) if not i or seen[i - 1] != k]
first = ["delay 20ms rate 100Mbit"] + [d + " loss 5% rate 1Mbit" for d in ("delay 20ms", "delay 30ms", "delay 50ms and more", "delay 60ms and more")]
assert kinds[:5] == first, kinds
assert "delay 120ms rate 100Mbit" in kinds[5:], kinds
begun = log[log.index("PureFaaS: starting"):]  # with what was set manually last, not as the schedule left it or the scenario has it
assert "qdisc netem 1: root" in begun and "delay 60ms " in re.search("qdisc netem .*", begun).group(0), kinds
# What ping saw: 80 ms, then 60 and 100 more; never less than what was set.
times = [float(t) for t in re.findall(r"time=([0-9.]+) ms", log)]
assert min(times) >= 79 and any(t >= 279 for t in times), times
numbers = [int(n) for n in re.findall(r"icmp_seq=(\d+) ttl", log)]
assert any(b - a >= 3 for a, b in zip(numbers, numbers[1:])), numbers  # while it was down

events = [(e["strategy"], e["link"], e["direction"], e["what"]) for e in csv.DictReader(open(results + "/events.csv"))]
manual = [e for e in events if "manual" in e[3]]
table = "delay table " + tmp + "/samples"
assert manual[:4] == [("StateLocal", "link_rpi3_0", "up", "manual: " + w) for w in ("rate 1Mbit, loss 5%", table, table)] + \
    [("PureFaaS", "link_rpi3_0", "up", f"manual, earlier: rate 1Mbit, {table}, loss 5%")], manual
assert manual[4:] == [("PureFaaS", "link_rpi3_0", d, "manual: delay 120ms, loss 0, rate 100Mbit") for d in ("up", "down")] + \
    [("PureFaaS", "link_nuc_0", "down", "manual: " + d) for d in ("down", "up")], manual
assert [e[3] for e in events if e not in manual] == ["delay 30ms"] * 4, events
# Those that were made when all had been written do not count.
assert json.load(open(results + "/manifest.json"))["manual_changes"] == 7

# `sfemu links` counts what tc counted just before.
rows = {(r["link"], r["direction"]): r for r in json.load(open(tmp + "/links.json"))}
tc = json.loads(re.search(r"rpi3_0: (\[\{.*\}\])", log).group(1))[0]
assert tc["options"]["delay"]["delay"] == 0.12, tc  # after the replay: as by hand, not as by the schedule
up = rows["link_rpi3_0", "up"]
assert up["packets"] == tc["packets"] and up["wire_bytes"] == tc["bytes"], (up, tc)
assert up["losses"] + up["drops"] == tc["drops"] > 0, (up, tc)
assert up["delay"] == "120ms" and up["rate"] == "100Mbit" and up["loss"] == "0" and not up["down"], up
assert rows["link_nuc_0", "down"]["losses"] >= 3, rows
PYTHON

# With a virtual clock nothing comes from outside: it says what to do instead.
"$SFEMU" run --vm --clock virtual --exec 'rpi3_0: i=0; while [ $i -lt 100000000 ]; do i=$((i + 1)); done' \
	--set strategies=StateLocal "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 &
pid=$!
ending='kill -KILL $pid 2>/dev/null || true'
waits 'running rpi3_0: i=0' "$TEST_TMP/log"
refused 'virtual clock: .* schedule: .* --clock real' link_rpi3_0 set rate=1Mbit
status=0
timeout 120 "$SFEMU" links --run $pid >"$TEST_TMP/refused" 2>&1 || status=$?
[ $status -eq 2 ] || fail "links of a virtual clock end with $status"
"$SFEMU" down --run $pid
wait $pid || true
ending=
grep -rq '"manual_changes": *0' "$TEST_TMP"/results/*/manifest.json || fail "a change is counted that was not made"
