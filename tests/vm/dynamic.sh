#!/usr/bin/env bash
# Functions that call others while they run: a call fans out to other nodes, a cast does not hold the job up, and the run waits
# for it; the same bytes under every strategy and in each repetition; captures and books agree; crashes of the callee's node;
# what is refused, with which reason.
. "$(dirname "$0")/../lib.sh"
need cc python3

cd "$TEST_TMP"
cat >fan.c <<'C'
#include <sfemu/function.h>
#include <stdlib.h>
#include <string.h>

/* Calls `part` for each third of its argument, casts `slow` and, later, `late`; the state `log` gets the answers. */
static int fan(struct sfe_call *call)
{
	uint64_t third = call->argument_bytes / 3, total = 0, bytes;
	const char *in = call->argument;
	char *mine = malloc(3 * 4000);
	const void *out;
	int r = mine ? 0 : -1;

	for (int i = 0; i < 3 && !r; i++) {
		sfe_compute(call, 20000000);
		r = sfe_call_function(call, "part", in + i * third, third, &out, &bytes);
		if (!r && bytes > 4000)
			r = sfe_refuse(call, "too much");
		if (!r)
			memcpy(mine + total, out, bytes);
		total += r ? 0 : bytes;
	}
	r = r ? r : sfe_cast(call, "slow", in, 1000);
	r = r ? r : sfe_cast_later(call, "late", in, 100, 2000000000);
	char *end = r ? 0 : sfe_state_append(call, 0, total);
	char *answer = end ? sfe_output(call, total) : 0;
	if (answer) {
		memcpy(end, mine, total);
		memcpy(answer, mine, total);
	}
	free(mine);
	return answer ? r : -1;
}
SFE_FUNCTION(fan)
C
cat >part.c <<'C'
#include <sfemu/function.h>
#include <string.h>

/* Says who called it, and the answer of `deep`, which it calls in turn, with noise of its own. */
static int part(struct sfe_call *call)
{
	uint64_t noise = sfe_random(call, "noise"), bytes;
	const void *out;

	if (sfe_call_function(call, "deep", &noise, sizeof(noise), &out, &bytes))
		return -1;
	char *answer = sfe_output(call, bytes + sizeof(noise) + strlen(call->step));
	if (!answer)
		return -1;
	memcpy(answer, out, bytes);
	memcpy(answer + bytes, &noise, sizeof(noise));
	memcpy(answer + bytes + sizeof(noise), call->step, strlen(call->step));
	return 0;
}
SFE_FUNCTION(part)
C
for f in fan part; do
	cc -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o $f.so $f.c
done
all='[PureFaaS, StatePropagate, StateLocal, UnchainedInFunction, UnchainedInClient, UnchainedExternal, UnchainedInEdge]'
cat >s.yaml <<YAML
topology: {compose: {cells: [{node: rpi4, to: sw, count: 2}, {node: server, to: sw, count: 3}], backbone: []}}
functions:
  fan: {plugin: fan.so, ops: 1e6}
  part: {plugin: part.so, ops: 1e8}
  deep: {exec: [sh, -c, 'wc -c'], ops: 1e8}
  slow: {ops: 1e12, output: 5kB}
  late: {ops: 1e6, output: 0B}
placement: {pin: [{function: fan, node: "rpi4_*"}, {function: part, node: "server_*"}, {function: deep, node: "server_*"}]}
workflows:
  - name: w
    jobs: 4
    arrivals: poisson 1
    argument: 60kB
    states: {log: {size: 1kB}}
    steps: [{name: one, function: fan, update: [log]}, {name: two, function: fan, after: one, update: [log]}]
strategies: $all
results: $TEST_TMP/results
YAML
# The second step gets what the first one said: less than 1000 bytes.
sed -i 's/in, 1000)/in, call->argument_bytes \/ 2)/; s/in, 100, 2000000000/in, call->argument_bytes \/ 4, 2000000000/' fan.c
cc -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o fan.so fan.c
run=("$SFEMU" run --vm --quiet --clock virtual)
"${run[@]}" --verify-repeat 2 --parallel 2 s.yaml >log 2>&1 || { tail -n 30 log; fail "the run"; }
expect log '2 runs left the same bytes'
"${run[@]}" --capture all --into kept s.yaml >log 2>&1 || { tail -n 30 log; fail "the run with captures"; }
expect log '48 calls and 16 casts, 0 failed'
"$SFEMU" analyze --quiet kept >said || { tail -n 20 said; fail "captures and books differ"; }
"$SFEMU" analyze --quiet --by step --csv kept >steps
grep -q ",dynamic," steps || fail "no packets are of dynamic calls"
python3 - <<'PY' || fail "other calls than were made"
import csv
read = lambda name: list(csv.DictReader(open("kept/" + name)))
calls, jobs = read("dynamic_calls.csv"), read("jobs.csv")
assert len(calls) == 7 * 4 * 2 * 8, len(calls)
assert all(c["status"] == "done" and c["reason"] == "" for c in calls)
end = {(j["strategy"], j["job"]): float(j["start_s"]) + float(j["response_s"]) for j in jobs}
wait = {}
for c in calls:
    key = c["strategy"], c["job"]
    begin, done = float(c["begin_s"]), float(c["end_s"])
    if c["kind"] == "call":
        assert c["function"] == ("deep" if "." in c["call"] else "part") and c["to"].startswith("server_"), c
        assert done <= end[key], (c, end[key])
        if "." not in c["call"]:
            wait[key] = wait.get(key, 0) + done - begin
    else:
        assert int(c["output_bytes"]) == 0
        assert done > end[key] or (c["step"], c["function"]) == ("0", "late"), (c, end[key])
    if c["function"] == "late":
        assert float(c["ready_s"]) > begin + 1.999999
    assert (c["requests"] == "0") == (c["from"] == c["to"]), c
    assert float(c["processing_s"]) <= float(c["finish_s"]) - float(c["ready_s"]) + 1e-9
for j in jobs:
    assert abs(float(j["dynamic_s"]) - wait[j["strategy"], j["job"]]) < 1e-8, j
    parts = float(j["processing_s"]) + float(j["net_delay_s"]) + float(j["dynamic_s"])
    assert abs(parts - float(j["response_s"])) < 1e-8
    assert abs(float(j["unexplained_s"])) < (0.3 if j["strategy"] == "UnchainedExternal" else 2e-3), j
    assert int(j["dynamic_bytes"]) > 60000
assert len({c["to"] for c in calls if c["function"] == "part"}) > 1, "all on one node"
moved = sum(int(t["payload_bytes"]) for t in read("transfers.csv") if t["kind"].startswith("dynamic"))
assert moved == sum(int(j["dynamic_bytes"]) for j in jobs)
late = read("summary.csv")
assert all(float(s["dynamic_mean_s"]) > 0 and s["dynamic_calls"] == "48" and s["dynamic_casts"] == "16" for s in late)
PY

# Directly, in one process: the same bytes as far as they do not depend on the run.
head -c 60000 /dev/zero >argument
: >log.bin
"$SFEMU" call --argument argument --state log=log.bin -o direct --step 0 fan s.yaml 2>said || fail "sfemu call: $(cat said)"
cmp direct log.bin && python3 -c 'd = open("direct", "rb").read(); assert len(d) == 33 and d[0:33:11] == b"888" and d[10:33:11] == b"000", d' ||
	fail "sfemu call: other bytes"

# The callee's node crashes: another one runs the call, or the same when it is up again.
sed 's/jobs: 4/jobs: 1/; s/arrivals: poisson 1/at: 0s/; s/part: {plugin: part.so, ops: 1e8}/part: {plugin: part.so, ops: 3e10}/' s.yaml >c.yaml
cat >>c.yaml <<'YAML'
invocation: {deadline: 3s, retries: 3, backoff: 50ms}
YAML
"${run[@]}" --into calm c.yaml >log 2>&1 || { tail -n 30 log; fail "before the crash"; }
victim=$(awk -F, '$1 == "StateLocal" && $7 == "part" { print $9; exit }' calm/dynamic_calls.csv)
crashed() { # name, the schedule's end
	{ cat c.yaml; printf 'schedule: [{at: 200ms, crash: %s}, {at: %s, restart: %s}]\n' "$victim" "$2" "$victim"; } >"$1.yaml"
	"${run[@]}" --into "$1" "$1.yaml" >log 2>&1 || { tail -n 30 log; fail "a crash of $victim: $1"; }
	python3 - "$1" "$victim" "$3" <<'PY' || fail "a crash of $victim: $1: other calls"
import csv, sys
folder, victim, again = sys.argv[1:]
read = lambda f, name: list(csv.DictReader(open(f + "/" + name)))
digest = {j["digest"] for f in ("calm", folder) for j in read(f, "jobs.csv")}
assert len(digest) == 1 and all(j["status"] == "done" for j in read(folder, "jobs.csv")), digest
moved = [c for c in read(folder, "dynamic_calls.csv") if c["function"] == "part" and int(c["requests"]) > 1]
assert moved and all(c["status"] == "done" and (c["to"] == victim) == (again == "same") for c in moved), moved
assert any(a["kind"].startswith("dynamic") and a["to"] == victim for a in read(folder, "attempts.csv"))
PY
}
crashed other 30s other
crashed same 210ms same

# A step that a state refuses calls again, and its callees draw the random numbers of its first run: the same bytes as directly.
cat >draw.c <<'C'
#include <sfemu/function.h>
#include <string.h>

/* A random number, and those of what it calls, if that is said. */
static int draw(struct sfe_call *call)
{
	uint64_t number = sfe_random(call, "draw"), bytes;
	const void *deeper = NULL;

	if (call->argument_bytes && (sfe_call_function(call, "draw", "", 0, &deeper, &bytes) || bytes != 8))
		return -1;
	char *out = sfe_output(call, deeper ? 16 : 8);
	if (!out)
		return -1;
	memcpy(out, &number, 8);
	if (deeper)
		memcpy(out + 8, deeper, 8);
	return 0;
}
SFE_FUNCTION(draw)
C
cat >ask.c <<'C'
#include <sfemu/function.h>
#include <string.h>

static int ask(struct sfe_call *call)
{
	unsigned char *count = sfe_state_change(call, sfe_state_find(call, "count"), 0, 1);
	const void *out;
	uint64_t bytes;

	for (int i = 0; i < 2; i++) {
		if (sfe_call_function(call, "draw", "x", 1, &out, &bytes) || bytes != 16)
			return -1;
		void *end = sfe_state_append(call, sfe_state_find(call, "drawn"), 16);
		if (!end)
			return -1;
		memcpy(end, out, 16);
	}
	if (!count)
		return -1;
	++*count;
	return 0;
}
SFE_FUNCTION(ask)
C
for f in draw ask; do cc -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o $f.so $f.c; done
cat >again.yaml <<'YAML'
name: again
topology: {compose: {cells: [{node: rpi4, to: sw, count: 1}, {node: server, to: sw, count: 2}], backbone: []}}
functions: {ask: {plugin: ask.so, ops: 1e8}, draw: {plugin: draw.so, ops: 1e8}}
workflows:
  - name: w
    at: [0s, 1ms, 2ms]
    argument: 10B
    states: {drawn: {size: 0B}, count: {size: 8B, scope: global}}
    steps: [{name: one, function: ask, update: [drawn, count]}]
placement: {rule: ProcNet, pin: [{function: ask, node: server_0}, {function: draw, node: server_1}]}
strategies: [StateLocal, PureFaaS]
keep: states
YAML
"${run[@]}" --into again again.yaml >log 2>&1 || { tail -n 30 log; fail "a step that runs again"; }
expect log 'StateLocal .* 3 conflicts'
head -c 10 /dev/zero >argument
head -c 8 /dev/zero >count
for job in 1 2 3; do
	: >drawn
	"$SFEMU" call --job $job --step 0 --argument argument --state drawn=drawn --state count=count ask again.yaml 2>said || fail "sfemu call: $(cat said)"
	cmp drawn again/states/StateLocal/job-$job/drawn || fail "the callees of job $job drew other random numbers when it ran again"
done
[ "$(ls again/states)" = StateLocal ] || fail "the callees drew other random numbers under another strategy"

# Callees and runs in vain are in trace.json, on their nodes, within the time of their rows.
python3 - <<'PY' || fail "trace.json"
import csv, json
read = lambda name: list(csv.DictReader(open("again/" + name)))
events = json.load(open("again/trace.json"))["traceEvents"]
slices = [e for e in events if e.get("ph") == "X"]
calls = read("dynamic_calls.csv")
names = sorted(e["name"] for e in slices if " call " in e["name"])
assert names == sorted(f"{c['function']}, job {c['job']} step {c['step']} call {c['call']}" for c in calls), names[:4]
for c in calls:
    own = [e for e in slices if e["name"] == f"draw, job {c['job']} step {c['step']} call {c['call']}"]
    assert any(abs(e["dur"] / 1e6 - (float(c["finish_s"]) - float(c["request_s"]))) < 1e-6 for e in own), (c, own)
vain = [r for r in read("shared_states.csv") if r["outcome"] == "conflict"]
assert len([e for e in slices if e["name"] == "computing in vain"]) == len(vain) > 0
PY

# A cast that lasts longer than its request is repeated is done when it is: on another node, and on the caller's own.
cat >casts.c <<'C'
#include <sfemu/function.h>

static int casts(struct sfe_call *call)
{
	return sfe_cast(call, "long", "", 0);
}
SFE_FUNCTION(casts)
C
cc -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o casts.so casts.c
for node in server_0 server_1; do
	cat >casts.yaml <<YAML
name: casts
topology: {compose: {cells: [{node: rpi4, to: sw, count: 1}, {node: server, to: sw, count: 2}], backbone: []}}
functions: {casts: {plugin: casts.so}, long: {ops: 1.2e12, output: 0B}, end: {ops: 1e6, output: 0B}}
workflows:
  - {name: w, at: 0s, argument: 10B, steps: [{name: one, function: casts}]}
  - {name: later, at: 40s, argument: 10B, steps: [{name: end, function: end}]}
placement: {rule: ProcNet, pin: [{function: casts, node: server_0}, {function: long, node: $node}]}
invocation: {deadline: 1s, retries: 1, backoff: 100ms}
strategies: [StateLocal]
YAML
	rm -rf casts
	"${run[@]}" --into casts casts.yaml >log 2>&1 || { tail -n 30 log; fail "a long cast on $node"; }
	python3 - <<'PY' || fail "a long cast on $node"
import csv
c, = csv.DictReader(open("casts/dynamic_calls.csv"))
assert float(c["processing_s"]) > 4, c
assert (c["status"], c["reason"], c["end_s"]) == ("done", "", c["finish_s"]), c
assert next(csv.DictReader(open("casts/summary.csv")))["dynamic_failed"] == "0"
PY
done

# What is refused, while it runs: the job fails with the reason.
refused() { # the body of a function, the reason
	printf '#include <sfemu/function.h>\nstatic int f(struct sfe_call *call)\n{\n\tconst void *out;\n\tuint64_t bytes;\n%s\n}\nSFE_FUNCTION(f)\n' "$1" >f.c
	cc -Wall -Wextra -Werror -Wno-unused-variable -shared -fPIC -I "$SOURCE/emu/include" -o f.so f.c
	cat >f.yaml <<YAML
$two_nodes
functions: {f: {plugin: f.so}, quick: {ops: 1, output: 0B}, bad: {exec: [sh, -c, 'echo no model >&2; exit 3']}}
workflows: [{name: w, argument: 10B, steps: [{name: one, function: f}]}]
strategies: [StateLocal]
jobs_may_fail: true
YAML
	rm -rf refused
	"${run[@]}" --into refused f.yaml >log 2>&1 || { tail -n 30 log; fail "$1"; }
	python3 - "$2" <<'PY' || fail "not refused: $1"
import csv, sys
job, = csv.DictReader(open("refused/jobs.csv"))
if job["status"] != "failed" or sys.argv[1] not in job["reason"]:
    sys.exit("%s: %s" % (job["status"], job["reason"]))
PY
}
refused 'return sfe_call_function(call, "g", "", 0, &out, &bytes);' 'it calls g: functions: of the scenario has no such function'
refused 'return sfe_cast(call, "g", "", 0) ? 0 : 0;' 'it calls g: functions: of the scenario has no such function'
refused 'return sfe_call_function(call, "f", "", 0, &out, &bytes);' 'a depth of more than 4 calls'
refused 'return sfe_call_function(call, "bad", "", 0, &out, &bytes) && 0;' 'function bad: it ended with status 3: no model'
refused 'for (int i = 0; i < 1001; i++) { sfe_cast(call, "quick", "", 0); } return 0;' 'it calls more than 1000 functions'
refused 'return sfe_cast_later(call, "bad", "", 0, 3600000000001);' 'with a delay of more than an hour'
# A cast that fails is no failure of the job: its row says why.
sed -i 's/static int f/static int other(struct sfe_call *call) { return sfe_cast(call, "bad", "", 0); }\nstatic int __attribute__((unused)) f/; s/SFE_FUNCTION(f)/SFE_FUNCTION(other)/' f.c
cc -Wall -Wextra -Wno-unused-variable -shared -fPIC -I "$SOURCE/emu/include" -o f.so f.c
rm -rf refused
"${run[@]}" --into refused f.yaml >log 2>&1 || { tail -n 30 log; fail "a cast that fails"; }
expect log '0 calls and 1 casts, 1 failed'
grep -q 'cast,bad,.*,failed,function bad: it ended with status 3: no model,' refused/dynamic_calls.csv || fail "no row of the failed cast"
grep -q ',done,' refused/jobs.csv || fail "a cast that fails has failed its job"

# A function that uses more than its stack ends the run, and the run says so.
cat >deep.c <<'C'
#include <sfemu/function.h>

static int down(volatile char *above, int depth)
{
	volatile char here[400];

	here[0] = above[0];
	return depth ? down(here, depth - 1) + here[0] : 0;
}

static int deep(struct sfe_call *call)
{
	volatile char top[1] = {0};

	return sfe_output(call, 1) ? down(top, 1 << 20) : -1;
}
SFE_FUNCTION(deep)
C
cc -O0 -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o deep.so deep.c
sed 's/f: {plugin: f.so}/f: {plugin: deep.so}/' f.yaml >deep.yaml
rm -rf refused
! "${run[@]}" --into refused deep.yaml >log 2>&1 || fail "an overflow of the stack is not noticed"
expect log 'function f (job 1, step .*) on .* uses more than its stack of 1 MiB; it ends the run'
