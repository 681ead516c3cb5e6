#!/usr/bin/env bash
# Functions of a user in guests: the same bytes under every strategy, the same run again from the results, and what fails with
# which reason.
# serial: limits of real time
. "$(dirname "$0")/../lib.sh"
need cc python3

cd "$TEST_TMP"
cat >grow.c <<'C'
#include <sfemu/function.h>
#include <string.h>

/* Every state grows, and is changed at its start; the output has another size than the workload says. */
static int grow(struct sfe_call *call)
{
	uint64_t bytes = call->argument_bytes / 2 + 8, number = sfe_random(call, "noise");
	char *out = sfe_output(call, bytes);

	if (!out)
		return -1;
	memcpy(out, &number, 8);
	for (uint32_t i = 0; i < call->n_states; i++) {
		char *tail = sfe_state_append(call, i, 100);
		char *head = sfe_state_change(call, i, 0, 1);
		if (!tail || !head)
			return -1;
		memset(tail, 'a' + (int)call->step_number, 100);
		head[0] += out[0];
	}
	sfe_compute(call, 1000000);
	return 0;
}
SFE_FUNCTION(grow)
C
cc -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o grow.so grow.c
cat >cut.sh <<'SHELL'
#!/bin/sh
for s in $SFEMU_UPDATE; do printf 'step %s\n' "$SFEMU_STEP" >$s; done
wc -c
case $1 in
exit) echo 'no model' >&2; exit 3 ;;
other) touch other ;;
sleep) sleep 50 ;;
esac
SHELL
chmod +x cut.sh
"$SFEMU" workload spar --jobs 25 --seed 3 -o tasks.csv 2>/dev/null
scenario() { # what cut.sh gets
	cat <<YAML
$two_nodes
workload: {tasks: tasks.csv, functions: 3, arg_factor: 1e4, state_factor: 1e4}
functions:
  f0: {ops: 1e6 + 40 * argument, output: argument / 2}
  f1: {exec: [./cut.sh$1], ops: 1e6, timeout: 2s}
  f2: {plugin: grow.so}
results: $TEST_TMP/results
YAML
}
scenario '' >s.yaml
run=("$SFEMU" run --vm --quiet)
all=PureFaaS,StatePropagate,StateLocal,UnchainedExternal,UnchainedInEdge,UnchainedInFunction,UnchainedInClient
"${run[@]}" --clock virtual --set strategies=$all --into r s.yaml >log 2>&1 || fail "$(tail -n 3 log)"
"${run[@]}" --clock virtual --into again r/scenario.yaml >log 2>&1 || fail "again: $(tail -n 3 log)"
"$SFEMU" diff r again >log || fail "$(head -n 3 log)"
python3 - <<'PY' || fail "wrong records"
import csv
rows = list(csv.DictReader(open("r/invocations.csv")))
grown = [r for r in rows if r["function"] == "f2"]
assert grown and all(int(r["output_bytes"]) == int(r["argument_bytes"]) // 2 + 8 and int(r["operations"]) == 1000000
                     for r in grown), grown[:2]
laws = [r for r in rows if r["function"] == "f0"]
assert laws and all(int(r["operations"]) == 1000000 + 40 * int(r["argument_bytes"]) for r in laws)
# A program takes the modelled time and no other.
programs = [r for r in rows if r["function"] == "f1"]
assert programs and all(int(r["operations"]) == 1000000 for r in programs)
PY

# What no output: or ops: says of user code is in no prediction: comparison, report and estimate say so. With laws there is nothing to
# say, and the closed form counts them; what the functions give is what travels.
lacks='no output: is said for f1, f2 (they count as the trace has them), and no ops: is said for f2 (computing takes no time)'
"${run[@]}" --clock virtual --set strategies=PureFaaS --into unsaid s.yaml >log 2>&1 || fail "$(tail -n 3 log)"
for where in log unsaid/report.html unsaid/manifest.json; do
	grep -qF "$lacks" "$where" || fail "$where does not say what no prediction knows: $(tail -n 5 log)"
done
"$SFEMU" estimate --replications 2 s.yaml >estimate 2>&1 || fail "estimate: $(tail -n 3 estimate)"
grep -qF "$lacks" estimate || fail "estimate: $(tail -n 3 estimate)"
"$SFEMU" estimate --replications 2 --csv s.yaml 2>estimate >rows || fail "estimate --csv: $(cat estimate)"
if ! grep -qF "$lacks" estimate || grep -qF "$lacks" rows; then fail "estimate --csv: $(cat estimate)"; fi
sed 's/\(exec:.*\)ops: 1e6/\1ops: 1e6, output: argument \/ 1000/; s/grow.so/&, ops: 1e6, output: 8B + argument \/ 2/' s.yaml >said.yaml
"${run[@]}" --clock virtual --set strategies=PureFaaS --into said said.yaml >log 2>&1 || fail "$(tail -n 3 log)"
if grep -qF 'is said for' log said/report.html said/manifest.json; then fail "with laws: $(tail -n 5 log)"; fi
python3 - <<'PY' || fail "laws beside exec and plugin are not what is predicted"
import csv
def rows(folder, table):
    return list(csv.DictReader(open(folder + "/" + table)))
def predicted(folder):
    return {r["job"]: r["predicted_payload_bytes_hops"] for r in rows(folder, "jobs.csv") if int(r["payload_bytes_hops"])}
def given(folder):
    return [(r["job"], r["step"], r["argument_bytes"], r["output_bytes"]) for r in rows(folder, "invocations.csv")]
before, now = predicted("unsaid"), predicted("said")
used = {r["job"] for r in rows("unsaid", "invocations.csv") if r["function"] in ("f1", "f2")} & set(before)
assert used and all(now[j] != before[j] for j in used), (used, before, now)
assert sorted(given("unsaid")) == sorted(given("said"))
PY

for how in 'exit:it ended with status 3: no model' 'other:it leaves the file other, which is no state' \
	'sleep:it did not end within its timeout of 2 s'; do
	scenario ", ${how%%:*}" >s.yaml
	"${run[@]}" --clock virtual --set strategies=StateLocal --set workload.jobs=5 s.yaml >log 2>&1 && fail "$how: it succeeds"
	grep -q "function f1: ${how#*:}" log || fail "$how: $(tail -n 3 log)"
done

# What programs write to standard error is kept: the end of it, of 100 invocations a node, the same in each run.
cat >talk.yaml <<YAML
$two_nodes
functions: {talk: {exec: [sh, -c, 'echo "step \$SFEMU_STEP" >&2; [ \$SFEMU_STEP = b ] && seq 1000 >&2; true']}}
workflows: [{name: w, jobs: 60, at: [0s], steps: [{name: a, function: talk}, {name: b, function: talk, after: a}, {name: c, function: talk, after: b}]}]
placement: {rule: ProcNet, pin: [{step: a, node: server_0}, {step: b, node: rpi4_0}, {step: c, node: server_0}]}
YAML
sed -i "s/at: \[0s\]/arrivals: poisson 100/" talk.yaml
for i in 1 2; do "${run[@]}" --clock virtual --set strategies=StateLocal --into talk$i talk.yaml >log 2>&1 || fail "talk: $(tail -n 3 log)"; done
cmp talk1/stderr.StateLocal.txt talk2/stderr.StateLocal.txt || fail "standard error differs in a second run"
[ "$(sed -n 1,4p talk1/stderr.StateLocal.txt)" = "== job 1, step a, attempt 1, function talk on server_0: 7 bytes
step a
== job 1, step b, attempt 1, function talk on rpi4_0: 3900 bytes, of which these are the last 2048
89" ] || fail "standard error of programs: $(sed -n 1,4p talk1/stderr.StateLocal.txt)"
[ "$(grep -c '^== job' talk1/stderr.StateLocal.txt)" = 160 ] &&
	grep -qx '== 20 later invocations on server_0 wrote some, too: a run keeps that of 100 a node' talk1/stderr.StateLocal.txt ||
	fail "how much is kept: $(tail -n 2 talk1/stderr.StateLocal.txt)"
[ ! -e r/stderr.StateLocal.txt ] || fail "a file of standard error where there was none"

# A C function that crashes is named, with the place where it ran: all workers of a guest are one process. Code that is not the same
# each time is told what the rule is.
crash() { # body, what is said
	printf '#include <sfemu/function.h>\n#include <stdlib.h>\n#include <signal.h>\n#include <unistd.h>\nstatic int f(struct sfe_call *call) { %s return 0; }\nSFE_FUNCTION(f)\n' \
		"$1" >crash.c
	cc -shared -fPIC -I "$SOURCE/emu/include" -o crash.so crash.c
	"${run[@]}" --clock virtual --set strategies=PureFaaS,StateLocal crash.yaml >log 2>&1 && fail "$1: it succeeds"
	grep -q "$2" log || fail "$1: $(tail -n 3 log)"
}
cat >crash.yaml <<YAML
$two_nodes
functions: {crash: {plugin: crash.so}}
workflows: [{name: w, argument: 100B, steps: [{name: wrong, function: crash}]}]
placement: {rule: ProcNet, pin: [{step: wrong, node: server_0}]}
YAML
crash '*(volatile int *)(call->time_ns & 0) = 1;' 'function crash (job 1, step wrong) on server_0 uses memory that it does not have (SIGSEGV); it ends the run'
crash 'abort();' 'function crash (job 1, step wrong) on server_0 aborts (SIGABRT)'
for how in '[exit(3);]=exit status 3' '[_exit(4);]=exit status 4' '[quick_exit(5);]=exit status 5' '[kill(getpid(), SIGKILL);]=signal 9'; do
	call=${how%%]=*}
	crash "${call#?}" "function crash (job 1, step wrong) on server_0 ends its worker by exit, _exit or a signal (${how#*]=}); it ends the run; let it return"
done
crash '*(pid_t *)sfe_output(call, 4) = getpid();' 'must follow from argument, states, job, step and sfe_random'

# Several plugins in one process are each what its file says.
for word in first second third; do
	cat >$word.c <<C
#include <sfemu/function.h>
static int say(struct sfe_call *call)
{
	char *out = sfe_output(call, sizeof("$word") - 1);
	if (!out)
		return -1;
	for (unsigned i = 0; i < sizeof("$word") - 1; i++)
		out[i] = "$word"[i];
	return 0;
}
SFE_FUNCTION(say)
C
	cc -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o $word.so $word.c
done
cat >several.yaml <<YAML
$two_nodes
functions: {a: {plugin: first.so}, b: {plugin: second.so}, c: {plugin: third.so}, d: {exec: [sh, -c, '[ "\$(cat)" = firstsecondthird ]']}}
workflows:
  - name: several
    steps: [{name: a, function: a}, {name: b, function: b}, {name: c, function: c}, {name: d, function: d, after: [a, b, c]}]
YAML
"${run[@]}" --clock virtual --set strategies=StateLocal several.yaml >log 2>&1 || fail "several plugins: $(tail -n 3 log)"

# Steps and states of a workflow have names, and their access is what the workflow says.
cat >begin.c <<'C'
#include <sfemu/function.h>
#include <string.h>

static int begin(struct sfe_call *call)
{
	uint32_t track = sfe_state_find(call, "track");
	char *out = sfe_output(call, 10), *new = track < call->n_states ? sfe_state_append(call, track, 3) : 0;

	if (!out || !new || strcmp(call->step, "start") || call->states[track].access != SFE_STATE_WRITTEN ||
		call->states[track].bytes != 3)
		return sfe_refuse(call, "other names or access");
	memcpy(new, "new", 3);
	return 0;
}
SFE_FUNCTION(begin)
C
cc -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o begin.so begin.c
cat >end.sh <<'SHELL'
[ "$SFEMU_STEP $SFEMU_READ $SFEMU_UPDATE" = 'decide model track' ] && [ "$(cat track) $(wc -c)" = 'new 10' ] || exit 1
wc -c <model
SHELL
cat >w.yaml <<YAML
$two_nodes
functions: {begin: {plugin: begin.so}, end: {exec: [sh, end.sh]}}
workflows:
  - name: camera
    argument: 20kB
    states: {track: {size: 1kB}, model: {size: 5kB}}
    steps:
      - {name: start, function: begin, write: [track]}
      - {name: decide, function: end, after: start, read: [model], update: [track]}
YAML
"${run[@]}" --clock virtual --set strategies=$all --into w w.yaml >log 2>&1 || fail "workflow: $(tail -n 3 log)"

# On the real clock each worker gives its rights up before it loads a function.
cat >rights.sh <<'SHELL'
cat >/dev/null
for line in 'CapPrm:	0*' 'CapEff:	0*' 'CapBnd:	0*' 'NoNewPrivs:	1'; do
	grep -qx "$line" /proc/self/status || { echo "not $line" >&2; exit 1; }
done
touch "$TMPDIR/any" || exit 1
SHELL
scenario '' | sed 's|\./cut.sh|sh, rights.sh|' >s.yaml
"${run[@]}" --clock real --set strategies=PureFaaS --set workload.jobs=2 s.yaml >log 2>&1 || fail "real: $(tail -n 3 log)"

# Argument and state of a workflow are the bytes of files, also when the run is repeated from its results.
printf 'a\0b\377%.0s' {1..5000} >argument.bin
printf 'words \0%.0s' {1..999} >words.bin
cat >compare.sh <<'SHELL'
#!/bin/sh
cmp - "$1" >&2 && cmp "$SFEMU_READ" "$2" >&2
SHELL
chmod +x compare.sh
cat >files.yaml <<YAML
$two_nodes
functions: {compare: {exec: [./compare.sh, argument.bin, words.bin]}}
placement: {pin: [{function: compare, node: server_0}]}
workflows:
  - name: files
    argument: {file: argument.bin}
    states: {words: {file: words.bin}}
    steps: [{name: one, function: compare, read: words}, {name: two, function: compare, read: words}]
strategies: [PureFaaS, StateLocal]
YAML
"${run[@]}" --clock virtual --into "$TEST_TMP/files" files.yaml >log 2>&1 || { cat log; fail "argument and state are not the files' bytes"; }
rm argument.bin words.bin
"${run[@]}" --clock virtual --into "$TEST_TMP/repeated" "$TEST_TMP/files/scenario.yaml" >log 2>&1 || { cat log; fail "not again from the results"; }
