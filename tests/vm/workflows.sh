#!/usr/bin/env bash
# A workflow that is a graph, pinned: its tables have names, its digests are those of every strategy, and a run that is
# placed from its results has the same clients, nodes and times, whatever its rule.
. "$(dirname "$0")/../lib.sh"
run() { # name options…
	local name=$1
	shift
	"$SFEMU" run --quiet --clock virtual --into "$TEST_TMP/$name" "$@" "$SOURCE/scenarios/camera.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "$name failed"; }
}
column() { # file name: that column
	awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }' "$1"
}

run first
a=$TEST_TMP/first
[ "$(column "$a/jobs.csv" status | sort | uniq -c | xargs)" = "30 done" ] || fail "not all jobs are done"
[ "$(paste -d, <(column "$a/jobs.csv" job) <(column "$a/jobs.csv" digest) | sort -u | wc -l)" -eq 10 ] ||
	fail "digests differ between strategies"
[ "$(column "$a/jobs.csv" workflow | sort -u)" = camera ] || fail "jobs do not name their workflow"
[ "$(column "$a/invocations.csv" step_name | sort | uniq -c | xargs)" = "30 audio 30 decide 30 start 30 video" ] ||
	fail "invocations do not name their steps"
paste -d, <(column "$a/invocations.csv" step_name) <(column "$a/invocations.csv" node) | grep '^video,' |
	grep -v ',server_' && fail "a step is not where it is pinned"
column "$a/jobs.csv" client | grep -v '^rpi3_' && fail "a job starts at another client"

run again --set "placement={rule: ProcOnly, from: $a}"
for table in jobs invocations transfers links summary; do
	cmp "$a/$table.csv" "$TEST_TMP/again/$table.csv" || fail "$table.csv differs where all is placed as before"
done
grep -q '^placement: {rule: ProcOnly, from: .inputs/placed.}$' "$TEST_TMP/again/scenario.yaml" || fail "does not say where from"

# Content of files: sizes, and a copy among the inputs.
printf 'abc\0def' >"$TEST_TMP/state.bin"
sed -e "s|track: {size: 100kB}|track: {file: $TEST_TMP/state.bin}|" -e 's/jobs: 10/jobs: 1/;s/    arrivals: .*/    at: 250ms/' \
	"$SOURCE/scenarios/camera.yaml" >"$TEST_TMP/file.yaml"
"$SFEMU" run --quiet --clock virtual --into "$TEST_TMP/file" "$TEST_TMP/file.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "a state from a file fails"; }
cmp "$TEST_TMP/state.bin" "$TEST_TMP/file/inputs/camera+track" || fail "the file is not among the inputs"
[ "$(column "$TEST_TMP/file/jobs.csv" state_bytes | sort -u)" = 300007 ] || fail "the state has not the size of its file"
[ "$(column "$TEST_TMP/file/jobs.csv" digest | sort -u | wc -l)" -eq 1 ] || fail "digests differ between strategies with a file"
before=$(column "$TEST_TMP/file/jobs.csv" digest | sort -u)
printf 'abc\0deg' >"$TEST_TMP/state.bin" # one byte differs, and so must what comes out
"$SFEMU" run --quiet --clock virtual --into "$TEST_TMP/other" "$TEST_TMP/file.yaml" >"$TEST_TMP/log" 2>&1 || fail "another state"
[ "$(column "$TEST_TMP/other/jobs.csv" digest | sort -u)" != "$before" ] || fail "what is in the file does not matter"
[ "$(column "$TEST_TMP/file/jobs.csv" arrival_s | sort -u)" = 0.250000000 ] || fail "the job does not start when it should"
