#!/usr/bin/env bash
# sfemu workload: what it writes and where, the same bytes for the same seed, and the summary on a terminal and in a pipe.
. "$(dirname "$0")/../lib.sh"
cd "$TEST_TMP"

"$SFEMU" workload spar --hours 0.02 --seed 5 >out
grep -qE '^batch_task.csv: [0-9]+ jobs, [0-9]+ tasks' out || fail "does not say what it wrote: $(cat out)"
"$SFEMU" workload spar --hours 0.02 --seed 5 -o - 2>err | cmp - batch_task.csv || fail "the same seed gives other bytes"
[ ! -s err ] || fail "says something unasked: $(cat err)"
"$SFEMU" workload spar --hours 0.02 --seed 6 -o - | cmp -s - batch_task.csv && fail "another seed gives the same bytes"

"$SFEMU" workload spar --hours 0.02 --as-published -o biased.csv >out 2>err
grep -q 'bias of the published generator' err || fail "--as-published does not say so on stderr"
awk -F, '$6 == 1 { ones++ } END { exit !(ones > 0.99 * NR) }' biased.csv || fail "--as-published: most memories are not 1"

# Nothing that looks like a workload stays behind where none could be made.
status=0
"$SFEMU" workload spar --jobs 5 --min-chain 900 -o none.csv >out 2>err || status=$?
[ $status -eq 2 ] && [ ! -e none.csv ] || fail "status $status, or half a file"
for words in 'show --seed 3 batch_task.csv' 'spar --json' 'spar batch_task.csv' 'show' 'paint'; do
	status=0
	# shellcheck disable=SC2086
	"$SFEMU" workload $words >out 2>err || status=$?
	[ $status -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] || fail "status $status: workload $words: $(cat err)"
done

"$SFEMU" workload show batch_task.csv >plain
grep -q '####' plain || fail "no histogram"
LC_ALL=C grep -nP '[^\x20-\x7e]' plain && fail "not plain text in a pipe"
awk 'length > 80' plain | grep . && fail "wider than 80 columns"
LC_ALL=C.UTF-8 script -qec "$SFEMU workload show batch_task.csv" /dev/null >terminal </dev/null
grep -q '██' terminal || fail "no bars on a terminal"
LC_ALL=C script -qec "$SFEMU workload show batch_task.csv" /dev/null >terminal </dev/null
grep -q '####' terminal || fail "no plain bars on a terminal without UTF-8"
"$SFEMU" workload show --json batch_task.csv | grep '"chain_histogram"' >/dev/null || fail "no JSON"
"$SFEMU" workload show batch_task.csv >/dev/full 2>err && fail "a full disk is no success"
grep -q 'cannot write' err || fail "does not say that it cannot write"
