#!/usr/bin/env bash
# serial: what it asks comes while the network is built, at most a minute long
# `sfemu links` and `sfemu link` on a network of this kernel: live counters, what is refused, several who ask at once, and one who
# does not wait for the answer. (Links that shape are changed in tests/vm/live.sh.)
. "$(dirname "$0")/../lib.sh"
need_root
need python3 ping

"$BUILD/lab_unshaped" "$SOURCE/scenarios/iiot.yaml" --hold "results=$TEST_TMP/results" strategies=StateLocal workload.jobs=5 \
	workload.arrivals=sequential >"$TEST_TMP/log" 2>&1 &
pid=$!
ending='kill -KILL $pid 2>/dev/null || true'
# Asked before the network is there: it waits.
for i in $(seq 100); do
	timeout 120 "$SFEMU" links --run $pid >"$TEST_TMP/early" 2>"$TEST_TMP/no" && break
	expect "$TEST_TMP/no" 'no experiment of yours'
	sleep 0.05
done
expect "$TEST_TMP/early" '^link_rpi3_0 '
for i in $(seq 600); do
	grep -q 'stays up' "$TEST_TMP/log" && break
	kill -0 $pid || { cat "$TEST_TMP/log"; fail "the run died"; }
	sleep 0.1
done

json() { timeout 120 "$SFEMU" links --run $pid --json >"$TEST_TMP/$1"; }
json one
"$SFEMU" exec --run $pid rpi3_0 -- ping -q -c 7 -i 0.01 -s 972 server_0 >/dev/null || fail "ping"
json two
python3 - "$TEST_TMP" "$SOURCE" "$SFEMU" <<'PYTHON' || fail "the counters are not what was sent"
import json, subprocess, sys
tmp, source, sfemu = sys.argv[1:]
one, two = (json.load(open(f"{tmp}/{n}")) for n in ("one", "two"))
key = lambda r: (r["link"], r["direction"], r["from"])
assert [key(r) for r in one] == [key(r) for r in two]
listed = json.loads(subprocess.run([sfemu, "links", "--json", f"{source}/scenarios/iiot.yaml"], stdout=subprocess.PIPE).stdout)
assert [key(r) for r in listed] == [key(r) for r in one]  # the same rows as of the scenario
more = {key(b): (b["packets"] - a["packets"], b["wire_bytes"] - a["wire_bytes"]) for a, b in zip(one, two)}
assert more["link_rpi3_0", "up", "rpi3_0"] == (7, 7 * 1014), more["link_rpi3_0", "up", "rpi3_0"]
assert more["link_server_0", "down", two[[key(r)[:2] for r in two].index(("link_server_0", "down"))]["from"]] == (7, 7 * 1014)
assert all(not r["down"] and r["backlog_packets"] == 0 for r in two)
PYTHON

refused() { # status, words, arguments
	local status=0
	timeout 120 "$SFEMU" "${@:3}" >"$TEST_TMP/refused" 2>&1 || status=$?
	[ $status -eq "$1" ] || { cat "$TEST_TMP/refused" >&2; fail "'${*:3}' ends with $status and not $1"; }
	expect "$TEST_TMP/refused" "$2"
}
refused 2 'sfemu link: link_rpi3_0: a link that shapes nothing cannot change; give it a rate' \
	link --run $pid link_rpi3_0 set rate=1Mbit queue=1s
refused 2 'sfemu link: no link matches' link --run $pid 'nothing_*' down
refused 2 "sfemu link: rate: '1' " link --run $pid link_rpi3_0 set rate=1
refused 2 'name the link and the change' link --run $pid link_rpi3_0
refused 2 'the request is too long' link --run $pid link_rpi3_0 set "rate=$(head -c 20000 /dev/zero | tr '\0' 1)"
refused 2 'nothing for the running experiment' links --run $pid "$SOURCE/scenarios/iiot.yaml"
refused 1 'cannot reach the experiment of process' links --run $$
refused 2 'needs a whole number' links --run none

# Many at once; and who hangs up harms nobody.
for i in $(seq 8); do
	json many.$i &
	asks[i]=$!
done
{ timeout -s KILL 0.003 "$SFEMU" links --run $pid >/dev/null 2>&1; } 2>/dev/null || true
for i in $(seq 8); do
	wait "${asks[i]}" || fail "question $i has no answer"
	cmp "$TEST_TMP/many.$i" "$TEST_TMP/two" || fail "question $i has another answer"
done
"$SFEMU" down --run $pid
wait $pid || { cat "$TEST_TMP/log"; fail "a run that was held and ended is not a success"; }
ending=
expect_mine_gone "requests to a lab"
grep -q '"manual_changes": *0' "$(results_of "$TEST_TMP/log")/manifest.json" || fail "a refused change is counted"
