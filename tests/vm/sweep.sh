#!/usr/bin/env bash
# A sweep of 2 x 2 x 2 cells: the same bytes one at a time, two at a time, and killed and resumed; nothing that is done
# is done again; what is harmed or changed is; what fails is tried twice and named.
. "$(dirname "$0")/../lib.sh"
export TEST_TMP

cat >"$TEST_TMP/small.yaml" <<YAML
base: $SOURCE/scenarios/iiot.yaml
set: {workload.jobs: 8, topology.premises: 1}
grid:
  radio:
    - slow: {link.shared.rate: 20Mbit}
    - fast: {link.shared.rate: 200Mbit, link.shared.delay: 1ms}
strategies: [PureFaaS, StateLocal]
seeds: 1..2
YAML

sweep one -j 1 >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the sweep fails"; }
expect "$TEST_TMP/log" '8 cells: 8 run, 0 done before, 0 failed'
expect "$TEST_TMP/log" 's left'
table=$TEST_TMP/one/sweep.csv
[ "$(head -n 1 "$table" | cut -d, -f1-4)" = radio,strategy,seed,job ] || fail "header: $(head -n 1 "$table")"
[ "$(cut -d, -f1-3 "$table" | tail -n +2 | uniq | wc -l)" -eq 8 ] || fail "not 8 cells in order"
grep -q 'done,' "$table" && ! grep -q ',failed,' "$table" || fail "jobs failed"

# Killed in the middle, three times; what was complete by then is kept, and nothing else is left.
for i in 1 2 3; do
	EXEC=exec sweep killed -j 2 --quiet >"$TEST_TMP/log" 2>&1 &
	pid=$!
	for wait in $(seq 3000); do
		[ "$(compgen -G "$TEST_TMP/killed/cells/*[0-9]/cell.json" | wc -l)" -ge $((i + 1)) ] && break
		sleep 0.01
	done
	kill -KILL $pid
	wait $pid || true
	expect_mine_gone "kill -9 of a sweep"
done
kept=$(find "$TEST_TMP/killed/cells" -name cell.json | sort)
n=$(wc -l <<<"$kept")
[ "$n" -ge 4 ] && [ "$n" -lt 8 ] || fail "$n cells done after the kills: not in the middle"
ls --full-time $kept >"$TEST_TMP/times"
sweep killed -j 2 >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the sweep does not go on"; }
expect "$TEST_TMP/log" "8 cells: $((8 - n)) run, $n done before, 0 failed"
cmp "$TEST_TMP/times" <(ls --full-time $kept) || fail "what was done was done again"
cmp "$table" "$TEST_TMP/killed/sweep.csv" || fail "two at a time, killed and resumed: another table"
for cell in "$TEST_TMP"/one/cells/*; do
	for f in jobs.csv invocations.csv links.csv summary.csv; do
		cmp "$cell/$f" "$TEST_TMP/killed/cells/$(basename "$cell")/$f" || fail "$cell: $f differs"
	done
done
echo "the same table and cells, one and two at a time, killed three times"

# A cell that is harmed is not done; one seed more is just its cells.
echo x >>"$TEST_TMP/killed/cells/radio=slow+PureFaaS+seed=1/jobs.csv"
rm "$TEST_TMP/killed/cells/radio=fast+PureFaaS+seed=2/hosts"
sed -i 's/seeds: .*/seeds: [1, 2, 5]/' "$TEST_TMP/small.yaml"
sweep killed --summary >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the sweep does not grow"; }
expect "$TEST_TMP/log" '12 cells: 6 run, 6 done before, 0 failed'
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
{ rows++; bad = bad || $3 != 3 || !($at["ci95_wire_bytes"] > 0) || !($at["response_mean_s"] > 0) }
END { exit bad || rows != 4 }' "$TEST_TMP/killed/sweep.csv" || { cat "$TEST_TMP/killed/sweep.csv"; fail "the summary"; }

# Whoever came first has the folder.
exec 8>"$TEST_TMP/killed/lock"
flock 8
status=0
sweep killed >"$TEST_TMP/log" 2>&1 || status=$?
exec 8>&-
[ $status -eq 2 ] || fail "two sweeps in one folder: status $status"
expect "$TEST_TMP/log" 'another sweep is at work in it'

# A kernel that is none: each cell is tried twice, the reason is said, the status is 1.
status=0
sweep broken --set link.shared.rate=1Mbit >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 2 ] || fail "a key that is set twice: status $status"
expect "$TEST_TMP/log" 'small.yaml:5: link.shared.rate: set, for every cell, sets it too'
status=0
sed -i 's/seeds: .*/seeds: 1/' "$TEST_TMP/small.yaml"
SFEMU_GUEST_KERNEL=/bin/true sweep broken >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "a guest that cannot start: status $status"
[ "$(grep -c 'started once more' "$TEST_TMP/log")" -eq 4 ] || fail "not each is started once more"
expect "$TEST_TMP/log" 'failed: radio=slow PureFaaS seed=1: .*guest'
expect "$TEST_TMP/broken/cells.csv" '^slow,PureFaaS,1,failed,cells/.*guest'

# Ctrl-C: its cells end, the status is 130.
sed -i 's/seeds: .*/seeds: 1..100/' "$TEST_TMP/small.yaml"
EXEC=exec sweep stopped --quiet >"$TEST_TMP/log" 2>&1 &
pid=$!
for wait in $(seq 3000); do
	[ "$(compgen -G "$TEST_TMP/stopped/cells/*[0-9]/cell.json" | wc -l)" -ge 1 ] && break
	sleep 0.01
done
kill -INT $pid
status=0
wait $pid || status=$?
[ $status -eq 130 ] || fail "status $status after SIGINT and not 130"
expect "$TEST_TMP/log" 'the same command goes on from here'
expect_mine_gone "SIGINT"
