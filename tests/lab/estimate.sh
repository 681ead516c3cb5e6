#!/usr/bin/env bash
# `sfemu estimate` as a command: the published simulator's bytes, the same on any number of threads, and bad input.
. "$(dirname "$0")/../lib.sh"

reference=${SFE_REFERENCE:-$SOURCE/../shared/reference}
mine=$SOURCE/tests/unit/published/updown
inputs=(--nodes "$mine.nodes" --links "$mine.links" --edges "$mine.edges")

published() { # network
	local network=$reference/network/$1.0
	"$SFEMU" estimate --compat statesim --nodes "$network.nodes" --links "$network.links" --edges "$network.edges" \
		--tasks "$reference/tasks/batch_task.csv" --jobs 50 --replications 5 --outdir "$TEST_TMP/published/$1"
	diff -r "$TEST_TMP/published/$1" "$reference/golden/$1" || fail "$1 differs from what the published simulator prints"
	[ "$(find "$TEST_TMP/published/$1" -type f | wc -l)" -eq 30 ] || fail "$1: not 30 files"
}
if [ -d "$reference/golden" ]; then
	published iiot
	published urban_sensing
else
	echo "SKIPPED: the published simulator's files: $reference is absent"
fi

# The cloud is the scenario's, where the command line says nothing of it.
cloud=("$SFEMU" estimate --jobs 5 --replications 3 --strategies UnchainedExternal --csv "$SOURCE/scenarios/iiot.yaml")
"${cloud[@]}" --set cloud.rate=20Mbit --set cloud.delay=30ms >"$TEST_TMP/cloud.set"
"${cloud[@]}" --cloud-rate 20 --cloud-latency 0.03 >"$TEST_TMP/cloud.flags"
"${cloud[@]}" >"$TEST_TMP/cloud.preset"
cmp "$TEST_TMP/cloud.set" "$TEST_TMP/cloud.flags" || fail "the cloud of a scenario is not that of the options"
! cmp -s "$TEST_TMP/cloud.set" "$TEST_TMP/cloud.preset" || fail "the cloud makes no difference"

# Files, table and CSV are the same on any number of threads.
for threads in 1 2 7; do
	run=("$SFEMU" estimate "${inputs[@]}" --tasks "$mine.tasks" --jobs 4 --replications 60 --strategies all
		--placements all --threads $threads)
	"${run[@]}" --outdir "$TEST_TMP/threads.$threads/files"
	"${run[@]}" --by chain >"$TEST_TMP/threads.$threads/table"
	"${run[@]}" --by chain --csv >"$TEST_TMP/threads.$threads/csv"
	diff -r "$TEST_TMP/threads.1" "$TEST_TMP/threads.$threads" || fail "$threads threads give other results than one"
done
[ "$(ls "$TEST_TMP/threads.1/files" | wc -l)" -eq $((60 * 7 * 3 * 2)) ] || fail "files are missing"
[ "$(awk -F, '{ print NF }' "$TEST_TMP/threads.1/csv" | sort -u)" = 29 ] || fail "the CSV's rows have not 29 fields"

# A scenario's values, and those of the command line instead.
cat >"$TEST_TMP/small.yaml" <<YAML
topology: {generate: iiot, premises: 1}
workload: {tasks: $mine.tasks, jobs: 3}
strategies: [StateLocal]
seed: 5
YAML
"$SFEMU" estimate --replications 2 --csv "$TEST_TMP/small.yaml" >"$TEST_TMP/a"
"$SFEMU" estimate --replications 2 --csv --set workload.jobs=9 --jobs 3 --seed 5 --set seed=9 "$TEST_TMP/small.yaml" >"$TEST_TMP/b"
cmp "$TEST_TMP/a" "$TEST_TMP/b" || fail "the command line does not win over the scenario"
[ "$(wc -l <"$TEST_TMP/a")" -eq 2 ] || fail "not one row for one strategy"
far=(--replications 2 --csv --jobs all --placements ProcOnly "$TEST_TMP/small.yaml")
"$SFEMU" estimate "${far[@]}" >"$TEST_TMP/a"
"$SFEMU" estimate --set link.shared.rate=10Mbit "${far[@]}" >"$TEST_TMP/b"
! cmp -s "$TEST_TMP/a" "$TEST_TMP/b" || fail "the scenario's rate of a link changes nothing"

refuse() { # expected-pattern arguments…
	local pattern=$1 status=0
	shift
	timeout 300 "$SFEMU" estimate "$@" >"$TEST_TMP/out" 2>"$TEST_TMP/err" || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/err"; fail "status $status and not 2: $*"; }
	[ "$(wc -l <"$TEST_TMP/err")" -eq 1 ] || { cat "$TEST_TMP/err"; fail "not one line: $*"; }
	grep -qE -- "$pattern" "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "does not say '$pattern': $*"; }
	[ ! -s "$TEST_TMP/out" ] || fail "printed something: $*"
}
good=("${inputs[@]}" --tasks "$mine.tasks")
refuse 'name a scenario file, or'
refuse 'belong together' --nodes "$mine.nodes" --tasks "$mine.tasks"
refuse 'strategies .Magic' "${good[@]}" --strategies PureFaaS,Magic
refuse 'StateLocal.*twice' "${good[@]}" --strategies StateLocal,StateLocal
refuse 'the list is empty' "${good[@]}" --strategies ,
refuse 'placements .ProcLess' "${good[@]}" --placements ProcLess
refuse 'replications .*not .0' "${good[@]}" --replications 0
refuse 'seed .*not .-1' "${good[@]}" --seed -1
refuse 'seed 4294967295 and 199 more' "${good[@]}" --seed 4294967295
refuse 'threads .*not .0' "${good[@]}" --threads 0
refuse 'jobs .*not .0' "${good[@]}" --jobs 0
refuse 'functions .*not .0' "${good[@]}" --functions 0
for factor in --ops-factor --arg-factor --state-factor; do
	refuse "$factor .*not .nan" "${good[@]}" $factor nan
	refuse "$factor .*not .inf" "${good[@]}" $factor inf
	refuse "$factor .*not .-1" "${good[@]}" $factor -1
done
refuse 'cloud-latency .*not .nan' "${good[@]}" --cloud-latency nan
refuse 'rate of more than 0' "${good[@]}" --cloud-rate 0 --strategies UnchainedExternal
refuse 'compat .ns3' "${good[@]}" --compat ns3
refuse 'by .node' "${good[@]}" --by node
refuse 'exclude each other' "${good[@]}" --csv --outdir "$TEST_TMP/x"
refuse 'set needs a scenario' "${good[@]}" --set seed=1
refuse 'GB of memory' "${inputs[@]}" --tasks "$SOURCE/scenarios/workloads/quickstart.csv" --replications 1000000 --strategies all --placements all

# What stands in files, with its line.
tasks() { # rows
	printf '%b' "$1" >"$TEST_TMP/tasks.csv"
	refuse "$2" "${inputs[@]}" --tasks "$TEST_TMP/tasks.csv"
}
tasks '0,j_1,T1,1,100,0.2,1\n0,j_1,T2,1,100,9223372036854.775808,1\n0,j_1,T3_1_2,1,100,0.2,1\n' 'tasks.csv:2: .*state in bytes'
tasks '0,j_1,T1,1,100,0.2,1\n0,j_1,T2_2,1,100,1,1\n' 'tasks.csv:2: .*depends on itself'
tasks '0,j_1,T1,1,100,0.2,1\n0,j_1,T2_1,1,nan,1,1\n' 'tasks.csv:2: .*not a number'
tasks '0,j_1,T1,1,100,0.2,1\n0,j_1,T2_1,1,1e999,1,1\n' 'tasks.csv:2: .*overflows'
sed '2s/^\([0-9]*\);[^;]*;/\1;0;/' "$mine.links" >"$TEST_TMP/zero.links"
refuse 'zero.links:[0-9]+: .*more than 0' --nodes "$mine.nodes" --links "$TEST_TMP/zero.links" --edges "$mine.edges" --tasks "$mine.tasks"
refuse 'nothing.nodes: cannot open' --nodes "$TEST_TMP/nothing.nodes" --links "$mine.links" --edges "$mine.edges" --tasks "$mine.tasks"
: >"$TEST_TMP/file"
refuse 'file/x: cannot make it' "${good[@]}" --outdir "$TEST_TMP/file/x"

# A million nodes: refused, soon and in little memory.
awk 'BEGIN { for (i = 0; i < 1000001; i++) printf "%d;n%d;1;1000;x;y;server\n", i, i }' >"$TEST_TMP/many.nodes"
(ulimit -v 1000000 && refuse 'many.nodes:1000001: more than 1000000 vertices' --nodes "$TEST_TMP/many.nodes" --links "$mine.links" \
	--edges "$mine.edges" --tasks "$mine.tasks")
"$SFEMU" topology iiot --premises 1000 -o "$TEST_TMP/big" >/dev/null
(ulimit -v 1000000 && refuse '20000 nodes have too many pairs' --nodes "$TEST_TMP/big.nodes" --links "$TEST_TMP/big.links" \
	--edges "$TEST_TMP/big.edges" --tasks "$mine.tasks")
