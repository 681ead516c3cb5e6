#!/usr/bin/env bash
# Workflows that are random graphs: the same bytes under every strategy and one that is a plugin, without faults, with faults of
# all kinds, and with crashes only. Each step runs once, after those that it waits for; a run repeats to the byte.
# GRAPHS="SEED COUNT" chooses others; tests/long/graphs.sh does, often.
. "$(dirname "$0")/../lib.sh"
need python3
read -r seed count <<<"${GRAPHS:-1 20}"
graphs=$SOURCE/tests/random_graphs.py
export STRATEGY=$BUILD/plugins/state_at_first.so

run() { # name, more options
	local name=$1
	shift
	"$SFEMU" run --vm --clock virtual --quiet "$@" "$TEST_TMP/$name.yaml" >"$TEST_TMP/$name.log" 2>&1 ||
		{ tail -n 40 "$TEST_TMP/$name.log"; fail "seed $seed, $count graphs: the run $name"; }
}

for name in calm any crashes; do
	faults=()
	[ $name != any ] || faults=(20)
	[ $name != crashes ] || faults=(crashes)
	python3 "$graphs" draw "$seed" "$count" "${faults[@]}" >"$TEST_TMP/$name.yaml"
	run $name --into "$TEST_TMP/$name"
	grep ' jobs done,' "$TEST_TMP/$name.log" || [ $name = calm ] || fail "no word of faults"
done
python3 "$graphs" judge "$seed" "$count" "$TEST_TMP/calm" "$TEST_TMP/any" || fail "seed $seed, $count graphs: faults of all kinds"
python3 "$graphs" judge "$seed" "$count" "$TEST_TMP/calm" "$TEST_TMP/crashes" || fail "seed $seed, $count graphs: crashes"
# Two of them twice.
strategies=(PureFaaS StatePropagate StateLocal UnchainedInFunction)
run crashes --set strategies="${strategies[seed % 4]},UnchainedExternal" --set results="$TEST_TMP/results" --verify-repeat 2 --parallel 2
expect "$TEST_TMP/crashes.log" '2 runs left the same bytes'
