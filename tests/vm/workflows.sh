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

# A file of the authors' prototype leaves the bytes that the same graph leaves when the scenario has it.
cat >"$TEST_TMP/dag.json" <<'JSON'
{ "successors": [[1, 2, 3], [4], [4], [4]], "functionNames": ["decode", "detect", "detect", "listen", "decide"],
  "dependencies": {"s0": ["decode", "decide"], "s1": ["decide"], "s2": null},
  "state-sizes": {"s0": 10000, "s1": 20000, "s2": 30000} }
JSON
scenario() { # what the workflow has besides its name
	sed '/^workflows:/,/^placement:/d;/rule:/,/pin/d;/{step/d' "$SOURCE/scenarios/camera.yaml"
	printf 'workflows: [{name: dag, at: [0s, 500ms], argument: 40kB, %s}]\n' "$1"
}
scenario 'file: dag.json' >"$TEST_TMP/json.yaml"
scenario 'states: {s0: {size: 10kB}, s1: {size: 20kB}, s2: {size: 30kB}}, steps: [{name: decode, function: decode, update: s0},
    {name: detect.1, function: detect, after: decode}, {name: detect.2, function: detect, after: decode},
    {name: listen, function: listen, after: decode},
    {name: decide, function: decide, after: [detect.1, detect.2, listen], update: [s0, s1]}]' >"$TEST_TMP/yaml.yaml"
for form in json yaml; do
	"$SFEMU" run --quiet --clock virtual --into "$TEST_TMP/$form" "$TEST_TMP/$form.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "the graph as $form fails"; }
done
for table in jobs invocations transfers links summary; do
	cmp "$TEST_TMP/json/$table.csv" "$TEST_TMP/yaml/$table.csv" || fail "$table.csv differs between JSON and YAML"
done
rm "$TEST_TMP/dag.json" # what a run was made from is in its results
"$SFEMU" run --quiet --into "$TEST_TMP/repeated" "$TEST_TMP/json/scenario.yaml" >"$TEST_TMP/log" 2>&1 || fail "the results' scenario does not run"
cmp "$TEST_TMP/json/jobs.csv" "$TEST_TMP/repeated/jobs.csv" || fail "the results' scenario leaves other jobs"
