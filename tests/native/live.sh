#!/usr/bin/env bash
# A network of this kernel that is held: exec, links and link while it is up, judged by tc and ping; down ends it, and nothing is left.
. "$(dirname "$0")/../lib.sh"
need_native
alone "$@"
need tc ping python3

star live 3
echo 'link: {node: {rate: 10Mbit, delay: 20ms, queue: 1s}}' >>"$TEST_TMP/live.yaml"
snapshot >"$TEST_TMP/before"
hold "$TEST_TMP/live.yaml"
head -n 3 "$TEST_TMP/held.log"
expect "$TEST_TMP/held.log" 'native, on the real clock'

# n0 to n1: only what leaves a node is delayed by its link, and what comes back by that of the other.
rtt() { # low (ms): no machine is faster than its links
	node n0 -- ping -q -c 5 -i 0.3 -W 10 n1 >"$TEST_TMP/ping" || { cat "$TEST_TMP/ping"; fail "ping"; }
	sed -n 's|.*rtt .* = \([0-9.]*\)/.*|\1|p' "$TEST_TMP/ping" | awk -v low="$1" '{ n++; if ($1 < low) exit 1 } END { exit !n }' ||
		{ cat "$TEST_TMP/ping"; fail "packets are earlier than $1 ms"; }
}
rtt 80
"$SFEMU" links --run $pid --json >"$TEST_TMP/one"
node n0 -- ping -q -c 7 -i 0.05 -s 972 -W 10 n2 >/dev/null || fail "ping"
"$SFEMU" links --run $pid --json >"$TEST_TMP/two"
python3 - "$TEST_TMP" <<'PYTHON' || fail "the counters are not what was sent"
import json, sys
one, two = (json.load(open(f"{sys.argv[1]}/{n}")) for n in ("one", "two"))
more = {(b["link"], b["direction"]): (b["packets"] - a["packets"], b["wire_bytes"] - a["wire_bytes"]) for a, b in zip(one, two)}
assert more["l0", "up"] == more["l2", "down"] == more["l2", "up"] == more["l0", "down"] == (7, 7 * 1014), more
assert more["l1", "up"] == more["l1", "down"] == (0, 0), more
PYTHON
"$SFEMU" link --run $pid l0:up set delay=200ms loss=0 >"$TEST_TMP/said"
expect "$TEST_TMP/said" '^l0 up: delay 200ms'
node n0 -- tc qdisc show dev eth0 root >"$TEST_TMP/tc"
expect "$TEST_TMP/tc" 'delay 200ms'
rtt 260
"$SFEMU" link --run $pid l1:down down
! node n0 -- ping -q -c 2 -i 0.2 -W 1 n1 >/dev/null || fail "a link that is down carries packets"
node n0 -- ping -q -c 1 -W 10 n2 >/dev/null || fail "another link is down too"
"$SFEMU" links --run $pid >"$TEST_TMP/links"
expect "$TEST_TMP/links" '^l1 .* DOWN$'
"$SFEMU" link --run $pid l1:down up
rtt 260
status=0
node n0 -- sh -c 'exit 7' || status=$?
[ $status -eq 7 ] || fail "exec does not pass the status on"
status=0
"$SFEMU" link --run $pid l0 set mtu=1400 2>"$TEST_TMP/no" || status=$?
[ $status -eq 2 ] || fail "an MTU that cannot change gives status $status and not 2"
# exec: the command's own words, output to the byte, statuses of what is killed or not found; Ctrl-C is the command's.
[ "$(node n0 -- printf '%s|' 'a b' "c'd" '$HOME' é)" = "a b|c'd|\$HOME|é|" ] || fail "the command has other words"
head -c 3000000 /dev/urandom >"$TEST_TMP/bytes"
node n0 -- cat "$TEST_TMP/bytes" | cmp - "$TEST_TMP/bytes" || fail "3 MB come back as other bytes"
for want in 'sh -c kill${IFS}-9${IFS}$$:137' 'nosuch:127'; do
	status=0
	node n0 -- ${want%:*} >"$TEST_TMP/no" 2>&1 || status=$?
	[ $status -eq "${want##*:}" ] || { cat "$TEST_TMP/no"; fail "status $status and not $want"; }
done
expect "$TEST_TMP/no" 'cannot start nosuch'
status=0
node nosuch -- true 2>"$TEST_TMP/no" || status=$?
[ $status -eq 1 ] || fail "a node that is not there gives status $status"
expect "$TEST_TMP/no" 'no node, junction or shared link nosuch'
setsid env --default-signal=INT "$SFEMU" exec --run $pid n0 -- ping -i 0.2 n2 >"$TEST_TMP/ping" 2>&1 &
ping=$!
timeout 60 sh -c "until grep -q icmp_seq=3 '$TEST_TMP/ping'; do sleep 0.1; done" || { cat "$TEST_TMP/ping"; fail "no output while the command runs"; }
kill -INT -- -$ping
ends_within 20 $ping
[ $status -eq 0 ] || fail "status $status of a ping that was interrupted"
expect "$TEST_TMP/ping" 'packets transmitted'
# Without --run they name the run that they took, with it they do not.
for verb in links 'exec n0 -- true'; do
	"$SFEMU" $verb 2>"$TEST_TMP/said" >/dev/null || { cat "$TEST_TMP/said"; fail "$verb"; }
	[ "$(wc -l <"$TEST_TMP/said")" -eq 1 ] && expect "$TEST_TMP/said" "^sfemu: .*process $pid"
	"$SFEMU" ${verb%% *} --run $pid ${verb#"${verb%% *}"} 2>"$TEST_TMP/said" >/dev/null || fail "$verb --run"
	[ ! -s "$TEST_TMP/said" ] || { cat "$TEST_TMP/said"; fail "$verb --run says what was asked for"; }
done
node n0 -- sleep 1000 &
sleep 0.5
"$SFEMU" down 2>"$TEST_TMP/said" || fail "down"
expect "$TEST_TMP/said" "^sfemu: .*process $pid"
wait $pid || { cat "$TEST_TMP/held.log"; fail "a run that was held and ended is not a success"; }
ending=
wait || true
expect_clean "$TEST_TMP/before" "sfemu down"
