#!/usr/bin/env bash
# long: three minutes
# 80 captures of links that lose, reorder and duplicate, from a fixed list of seeds: `sfemu analyze` says of every segment
# what tshark says. Also keep-alives and closed windows. tests/long/segments.sh has 200 captures.
. "$(dirname "$0")/../lib.sh"
need tshark python3
export SFEMU

cat >"$TEST_TMP/s.yaml" <<YAML
name: segments
topology: {generate: iiot, premises: 2}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 3, arrivals: poisson 0.5, state_factor: 3e4}
jobs_may_fail: true
placement: ProcOnly
strategies: [PureFaaS]
YAML
cp "$SOURCE/tests/vm/segment_traffic.py" "$TEST_TMP/"
chmod 755 "$TEST_TMP"

# Each line: seed, and loss, reordering and duplicates of all links.
list='3 3% 3% 2%
4 6% 10% 5%
6 2% 20% 0'
[ -z "${ALL_SEGMENTS:-}" ] || list+='
1 1% 0 0
2 0 4% 1%
5 0.3% 1% 0.5%
7 4% 0 10%'
captures=()
while read -r seed loss reorder duplicate; do
	"$SFEMU" run --vm --clock virtual --quiet --capture all --into "$TEST_TMP/$seed" --set "seed=$seed" \
		--set "links=[{link: '*', loss: $loss, reorder: $reorder, duplicate: $duplicate, delay: ${seed}ms, queue: 40ms}]" \
		--during "server_0: python3 $TEST_TMP/segment_traffic.py serve" --during "rpi3_0: python3 $TEST_TMP/segment_traffic.py server_0" \
		"$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 </dev/null || { cat "$TEST_TMP/log"; fail "the run of seed $seed"; }
	for f in "$TEST_TMP/$seed"/captures/*.pcap; do
		[ "$(stat -c %s "$f")" -le 24 ] || captures+=("$f") # a link that nobody used
	done
done <<<"$list"
least=80
[ -z "${ALL_SEGMENTS:-}" ] || least=200
[ ${#captures[@]} -ge $least ] || fail "only ${#captures[@]} captures"
python3 "$SOURCE/tests/classes.py" --least retransmission=500 --least fast_retransmission=500 --least spurious_retransmission=50 \
	--least out_of_order=500 --least lost_segment=500 --least duplicate_ack=5000 --least keep_alive=20 --least keep_alive_ack=20 \
	--least zero_window=20 --least window_full=20 --least window_update=500 "${captures[@]}"
