#!/usr/bin/env bash
# kill -9 of any process of an experiment, or of all of them at once, 200 times natively and 200 times in a guest: the run
# ends by itself and nothing is left. Who is killed and when is drawn; the seed is fixed. About 15 minutes.
. "$(dirname "$0")/../lib.sh"
need_root
alone "$@"

# Each fourth time the whole tree, else one process of it, which may be the orchestrator.
kill_tree() { # name count max_ms command…
	local name=$1 count=$2 max_ms=$3 i ms pid victims all what whole=0 first=0 late=0 good=0 status
	shift 3
	RANDOM=20261128
	snapshot >"$TEST_TMP/before"
	for i in $(seq "$count"); do
		ms=$((RANDOM * max_ms / 32768))
		"$@" >"$TEST_TMP/killed.log" 2>&1 &
		pid=$!
		sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
		mapfile -t all < <(tree "$pid")
		[ ${#all[@]} -gt 0 ] || late=$((late + 1))
		if [ $((i % 4)) -eq 0 ]; then
			victims=("${all[@]}")
			what="all ${#all[@]} processes"
			whole=$((whole + 1))
		else
			victims=("${all[@]:$((RANDOM % (${#all[@]} + !${#all[@]}))):1}")
			what="${victims[0]:-nobody} ($(cat "/proc/${victims[0]:-0}/comm" 2>/dev/null || true)) of ${#all[@]} processes"
			[ "${victims[0]:-}" != "$pid" ] || first=$((first + 1))
		fi
		[ ${#victims[@]} -eq 0 ] || kill -KILL "${victims[@]}" 2>/dev/null || true
		ends_within 90 "$pid"
		[ $status -ne 0 ] || good=$((good + 1))
		expect_clean "$TEST_TMP/before" "kill $i, after $ms ms, of $what, of: $*"
		rm -rf "$TEST_TMP/results"
	done
	echo "$name: $count kills within $max_ms ms left nothing behind: $whole of the whole tree, $first of the orchestrator," \
		"$((count - whole - first)) of another process; $good runs ended well all the same, $late had ended before"
	[ $((late * 4)) -lt "$count" ] || fail "$name: too many had ended before"
}

count=${KILLS:-200}
for kind in "${@:-both}"; do
	# On the real clock the trace's arrivals take half a minute under each strategy, which a run that goes on would
	# wait for.
	[ $kind = guest ] || kill_tree native "$count" 2500 "$BUILD/lab_unshaped" "$SOURCE/scenarios/iiot.yaml" \
		"results=$TEST_TMP/results" workload.arrivals=sequential
	[ $kind = native ] || kill_tree guest "$count" 2500 "$SFEMU" run --vm --clock virtual --quiet \
		--set "results=$TEST_TMP/results" "$SOURCE/scenarios/iiot.yaml"
done
