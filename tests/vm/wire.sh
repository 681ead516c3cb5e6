#!/usr/bin/env bash
# The bytes on the wire that links.csv gives are those that tcpdump sees on the same link, within 2 %.
. "$(dirname "$0")/../lib.sh"
need tcpdump tshark

run() { # more options; prints the results folder
	"$SFEMU" run --vm --clock virtual --set "results=$TEST_TMP/results" --set strategies=StatePropagate "$@" \
		"$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" || { cat "$TEST_TMP/log" >&2; fail "run"; }
	results_of "$TEST_TMP/log"
}

# The busiest directions of links, by a first run.
first=$(run)
mapfile -t busy < <(awk -F, 'NR > 1 && $5 != "" { print $8 "," $2 "," $4 "," $5 }' "$first/links.csv" | sort -rn | sed -n 1,4p)
options=()
for row in "${busy[@]}"; do
	IFS=, read -r bytes link from to <<<"$row"
	# At the receiving end, the interface is called like the host at the other end; a node's is eth0.
	case $to in
	rpi3_* | server_* | nuc_* | tx2_*) interface=eth0 ;;
	*) interface=${from: -15} && [ ${#from} -gt 15 ] || interface=$from ;;
	esac
	options+=(--during "$to: exec tcpdump -Z root -B 65536 -Q in -i $interface -w \$SFEMU_RESULTS/$link.$from.pcap")
done
results=$(run "${options[@]}")
for row in "${busy[@]}"; do
	IFS=, read -r _ link from to <<<"$row"
	counted=$(awk -F, -v l="$link" -v f="$from" '$2 == l && $4 == f { print $8 }' "$results/links.csv")
	seen=$(tshark -r "$results/$link.$from.pcap" -T fields -e frame.len 2>/dev/null | awk '{ s += $1 } END { print s + 0 }')
	largest=$(tshark -r "$results/$link.$from.pcap" -T fields -e frame.len 2>/dev/null | sort -n | tail -n 1)
	echo "$link from $from: counters $counted, tshark $seen bytes, largest frame $largest"
	awk -v a="$counted" -v b="$seen" 'BEGIN { d = a / b - 1; exit !(b > 100000 && d < 0.02 && d > -0.02) }' ||
		fail "$link: counters and capture differ"
	[ "$largest" -le 1514 ] || fail "$link carries frames larger than its MTU"
done
# Wireshark's own dissector reads the protocol, and finds in each request what its bytes belong to.
IFS=, read -r _ link from _ <<<"${busy[0]}"
tshark -r "$results/$link.$from.pcap" -d tcp.port==8080,http -Y 'http.request.uri == "/invoke"' -T fields \
	-e http.request.line >"$TEST_TMP/requests" 2>/dev/null
requests=$(wc -l <"$TEST_TMP/requests")
[ "$requests" -gt 0 ] || fail "tshark finds no invocation in the capture"
for header in traceparent sfemu-job sfemu-step 'sfemu-strategy: StatePropagate' sfemu-parts; do
	[ "$(grep -c "$header" "$TEST_TMP/requests")" -eq "$requests" ] || fail "an invocation without $header"
done
echo "tshark reads $requests invocations"
