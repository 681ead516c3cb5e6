#!/usr/bin/env bash
# Packets a second of sfemu analyze, beside tshark's for the same figures of the same capture.
#
# The capture: iperf3 between two namespaces of its own over an unshaped cable, one packet a frame, at least a million
# packets (arguments: how many megabytes are sent; default 1500). Needs root.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need tshark iperf3 tcpdump ip ethtool
[ "$(id -u)" -eq 0 ] || skip "needs root, for namespaces and a packet socket"
megabytes=${1:-1500}

for n in a b; do
	ip netns add "sfe-b$n-$$"
done
trap 'for n in a b; do ip netns del "sfe-b$n-$$"; done; rm -rf "$BENCH_TMP"' EXIT
ip -n "sfe-ba-$$" link add eth0 type veth peer name eth0 netns "sfe-bb-$$"
for n in a b; do
	ip -n "sfe-b$n-$$" link set eth0 up gso_max_segs 1
	ip netns exec "sfe-b$n-$$" ethtool -K eth0 tso off gso off gro off >/dev/null
done
ip -n "sfe-ba-$$" addr add 10.9.3.1/24 dev eth0
ip -n "sfe-bb-$$" addr add 10.9.3.2/24 dev eth0

capture=$BENCH_TMP/bulk.pcap
ip netns exec "sfe-bb-$$" tcpdump -Z root -B 400000 -s 128 -i eth0 -w "$capture" tcp 2>"$BENCH_TMP/tcpdump" &
dump=$!
sleep 1
ip netns exec "sfe-bb-$$" timeout 300 iperf3 -s -1 >/dev/null &
sleep 0.5
ip netns exec "sfe-ba-$$" timeout 280 iperf3 -c 10.9.3.2 -n "${megabytes}M" -P 4 -b 500M >/dev/null || fail "iperf3"
sleep 2
kill -TERM $dump
wait
packets=$(sed -n 's/^\([0-9]*\) packets captured.*/\1/p' "$BENCH_TMP/tcpdump")
echo "capture: $packets packets, $(($(stat -c %s "$capture") / 1000000)) MB"

measure_median 3 "$SFEMU" analyze --quiet --by connection --csv "$capture"
ours=$wall_s ours_cpu=$cpu_s ours_kb=$rss_kb
cp "$BENCH_TMP/out" "$BENCH_TMP/ours"
# The same figures: per connection and direction packets, bytes, segments sent again.
measure tshark -r "$capture" -T fields -E separator=';' -e tcp.stream -e ip.src -e frame.len -e tcp.len \
	-e tcp.analysis.retransmission -e tcp.analysis.out_of_order -e tcp.analysis.duplicate_ack
theirs=$wall_s theirs_cpu=$cpu_s theirs_kb=$rss_kb
awk -F';' '{ n[$1 ";" $2]++; b[$1 ";" $2] += $3 } END { for (k in n) print n[k], b[k] }' "$BENCH_TMP/out" | sort >"$BENCH_TMP/x"
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["packets"], $c["wire_bytes"] }' "$BENCH_TMP/ours" |
	sort >"$BENCH_TMP/y"
cmp -s "$BENCH_TMP/x" "$BENCH_TMP/y" || fail "sfemu and tshark do not count the same packets and bytes"

printf '%-14s %10s %10s %14s %10s\n' '' 'wall s' 'CPU s' 'packets/s' 'MB held'
printf '%-14s %10s %10s %14.0f %10.0f\n' 'sfemu analyze' "$ours" "$ours_cpu" "$(calc "$packets / $ours")" "$(calc "$ours_kb / 1000")" \
	tshark "$theirs" "$theirs_cpu" "$(calc "$packets / $theirs")" "$(calc "$theirs_kb / 1000")"
echo "ratio: $(calc "$theirs / $ours") of wall time, $(calc "$theirs_cpu / $ours_cpu") of CPU time; same packets and bytes"
