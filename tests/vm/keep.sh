#!/usr/bin/env bash
# long: a minute or two
# keep: states. The kept bytes are those of direct calls of the same functions; every other file of the results is the same
# with and without it, also under faults; repeats are the same; the limit of results holds.
. "$(dirname "$0")/../lib.sh"
need python3

cd "$TEST_TMP"
PATH=/usr/bin:$PATH # Debian's Python
ln -s "$SOURCE/scenarios" scenarios
ln -s "$BUILD" build
all=PureFaaS,StatePropagate,StateLocal,UnchainedExternal,UnchainedInEdge,UnchainedInFunction,UnchainedInClient

# Each file has the bytes that its rows record, no file is without a row, and the digest of each job follows from them as
# docs/results.md defines it: return value, then the states that a step uses, in order. Prints how many rows of each condition.
cat >check.py <<'PY'
import collections, csv, ctypes, os, sys
results = sys.argv[1]
xxh = ctypes.CDLL("libxxhash.so.0")
for f in (xxh.XXH3_64bits, xxh.XXH3_64bits_withSeed):
    f.restype = ctypes.c_uint64
def digest(data, seed=None):
    size = ctypes.c_size_t(len(data))
    return xxh.XXH3_64bits(data, size) if seed is None else xxh.XXH3_64bits_withSeed(data, size, ctypes.c_uint64(seed))
values, named, conditions = collections.defaultdict(list), set(), collections.Counter()
with open(f"{results}/states.csv") as table:
    for r in csv.DictReader(table):
        data = open(f"{results}/{r['file']}", "rb").read()
        if len(data) != int(r["size_bytes"]) or digest(data) != int(r["digest"], 16):
            sys.exit(f"{r['file']} has not the bytes of {r}")
        named.add(r["file"])
        conditions[r["condition"]] += 1
        values[r["strategy"], r["job"]].append((r["what"], data))
found = {os.path.relpath(os.path.join(d, f), results) for d, _, files in os.walk(f"{results}/states") for f in files}
if found != named:
    sys.exit(f"files without a row: {sorted(found - named)[:3]}")
n = 0
with open(f"{results}/jobs.csv") as table:
    for r in csv.DictReader(table):
        kept = values.pop((r["strategy"], r["job"]), None)
        if (r["status"] == "done") != bool(kept):
            sys.exit(f"{r['strategy']}, job {r['job']}: {r['status']}, and kept: {bool(kept)}")
        if not kept:
            continue
        n += 1
        returned = [d for what, d in kept if what == "return"]
        states = b"".join(digest(d).to_bytes(8, "little") for what, d in kept if what == "state")
        if len(returned) != 1 or digest(states, digest(returned[0])) != int(r["digest"], 16):
            sys.exit(f"{r['strategy']}, job {r['job']}: not the digest of jobs.csv")
if values or not n:
    sys.exit("rows of jobs that are not there")
print(*sorted(f"{k}={v}" for k, v in conditions.items()))
PY

run() { # results, options…
	"$SFEMU" run --vm --quiet --into "$@" >log 2>&1 || fail "$1: $(tail -n 3 log)"
}

# The files of two runs are the same but for what is kept, and for the key.
same_but_kept() { # without, with
	"$SFEMU" diff "$1" "$2" >differ || true
	if grep -vE '^(states.csv|states/[^:]*): is in .* only$|^scenario.yaml: |^not compared' differ; then
		fail "keep changes other files of $2"
	fi
	diff <(grep -v '^keep: ' "$2/scenario.yaml") "$1/scenario.yaml" | grep -vE '^[<>] results: |^[0-9,]+c|^---' && fail "scenario.yaml"
	grep -qx 'keep: states' "$2/scenario.yaml" || fail "the resolved scenario does not keep"
}

# Chains of a trace and workflows with functions, under all strategies.
for scenario in iiot words camera; do
	run $scenario-0 --set strategies=$all scenarios/$scenario.yaml
	[ ! -e $scenario-0/states ] && [ ! -e $scenario-0/states.csv ] || fail "states are kept without being asked for"
	run $scenario-1 --set strategies=$all --set keep=states scenarios/$scenario.yaml
	same_but_kept $scenario-0 $scenario-1
	python3 check.py $scenario-1 >conditions || fail "$scenario"
	[ "$(ls $scenario-1/states)" = PureFaaS ] || fail "$scenario: the same bytes are there more than once"
done

# Kept bytes and direct calls: the text of job 3, counted, and what is returned.
step() { # number, function, options of call
	"$SFEMU" call --job 3 --step "$1" -o "out.$1" "${@:3}" "$2" scenarios/words.yaml 2>said || fail "$(cat said)"
}
step 0 collect
step 1 collect
step 2 count --argument out.0 --write counts=counts
cat out.1 out.2 >argument
step 3 count --argument argument --state counts=counts
step 4 top --argument out.3 --read counts=counts
cmp counts words-1/states/PureFaaS/job-3/counts || fail "the kept state is not that of direct calls"
cmp out.4 words-1/states/PureFaaS/job-3/return || fail "the kept return value is not that of direct calls"

# What runs twice leaves the same, kept states included; a run from its results too.
"$SFEMU" run --vm --quiet --verify-repeat 2 --into twice --set keep=states scenarios/words.yaml >log 2>&1 || fail "$(tail -n 3 log)"
expect log '^2 runs left the same bytes in every file'
run again words-1/scenario.yaml
diff -r again/states words-1/states || fail "a run from its results keeps other states"

# Faults: copies, lost holders, failed jobs, and no other file changes.
run chaos-0 --set strategies=StateLocal scenarios/chaos.yaml
run chaos-1 --set strategies=StateLocal --set keep=states scenarios/chaos.yaml
same_but_kept chaos-0 chaos-1
conditions=$(python3 check.py chaos-1) || fail chaos
[[ $conditions =~ copy=.*held=.*lost= ]] || fail "chaos: only $conditions"
grep -q ',failed,' chaos-1/jobs.csv || fail "no job of chaos fails"

# sfemu job reads all of it: of a job that was retried, of one that failed, and it notices other bytes.
retried=$(awk -F, '{ print $2 }' chaos-1/attempts.csv | sed 1d | sort | uniq -c | sort -n | tail -n 1 | awk '{ print $2 }')
"$SFEMU" job chaos-1 "$retried" >job || fail "job $retried of chaos"
expect job '^Requests without an answer'
failed=$(awk -F, '$5 == "failed" { print $2; exit }' chaos-1/jobs.csv)
"$SFEMU" job chaos-1 "$failed" >job || fail "job $failed of chaos"
expect job ': failed: '
"$SFEMU" job words-1 3 >job || fail "job 3"
[ "$(grep -c 'as recorded' job)" -eq 14 ] || fail "not all of the kept files are as recorded"
printf x | dd of=words-1/states/PureFaaS/job-3/counts conv=notrunc status=none
status=0
"$SFEMU" job words-1 3 >job 2>said || status=$?
[ $status -eq 1 ] && grep -q ' others ' job || fail "status $status of a state with other bytes"
expect said '7 of the kept files are not as recorded'

# In a terminal of 80 columns.
number=$(awk -F, 'NR == 2 { print $2 }' camera-1/jobs.csv)
python3 "$SOURCE/tests/in_terminal.py" 80 "$SFEMU" job camera-1 "$number" >80
[ "$(awk '{ if (length > n) n = length } END { print n }' 80)" -le 80 ] || { cat 80; fail "wider than the terminal"; }
expect 80 'more columns: --wide, or --json'
python3 "$SOURCE/tests/in_terminal.py" 80 "$SFEMU" job --wide camera-1 "$number" >wide
"$SFEMU" job camera-1 "$number" | diff - wide || fail "--wide: not all that there is"

# The limit of results holds for what is kept.
status=0
"$SFEMU" run --vm --quiet --results-limit 20MB --set keep=states --into limited scenarios/iiot.yaml >log 2>&1 || status=$?
[ $status -eq 1 ] && grep -q 'results-limit' log || fail "status $status of more states than the limit allows: $(tail -n 2 log)"
