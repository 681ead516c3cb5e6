#!/usr/bin/env bash
# sfemu job on folders of native runs, which keep states too, and on folders that somebody has made to do harm.
. "$(dirname "$0")/../lib.sh"
need_root
alone "$@"
need python3

cd "$TEST_TMP"
run() { # scenario, more keys
	"$BUILD/lab_unshaped" "$SOURCE/scenarios/$1.yaml" results="$TEST_TMP/$1" keep=states "${@:2}" >log 2>&1 || { cat log; fail "$1"; }
	mv "$1"/*/* "$1"
}
run words
run iiot topology.premises=1 workload.arrivals=sequential

# Every job of both, as tables and as JSON, whose rows are those of the CSV.
python3 - "$SFEMU" words iiot <<'PYTHON' || fail "sfemu job --json is not what the CSV files say"
import csv, json, subprocess, sys
sfemu, *folders = sys.argv[1:]
files = {"steps": "invocations", "transfers": "transfers", "attempts": "attempts", "states": "states"}
for folder in folders:
    rows = {f: list(csv.DictReader(open(f"{folder}/{f}.csv"))) for f in ["jobs", *files.values()]}
    for number in {r["job"] for r in rows["jobs"]}:
        out = subprocess.run([sfemu, "job", "--json", folder, number], check=True, capture_output=True, text=True)
        assert not out.stderr, out.stderr
        job = json.loads(out.stdout)
        assert job["job"] == int(number) and not job["notes"] and job["accesses"]
        assert [s["outcome"]["strategy"] for s in job["strategies"]] == [r["strategy"] for r in rows["jobs"] if r["job"] == number]
        for s in job["strategies"]:
            mine = lambda file: [r for r in rows[file] if (r["strategy"], r["job"]) == (s["outcome"]["strategy"], number)]
            assert list(s["outcome"]) == list(rows["jobs"][0]) and s["outcome"]["status"] == "done"
            for key, file in files.items():
                assert len(s[key]) == len(mine(file)), (key, number)
                assert all(set(r) >= set(rows[file][0]) for r in s[key])
            assert all(r["bytes_are"] == "as recorded" for r in s["states"]) and s["states"][-1]["what"] == "return"
            # A step waited for at least the call, unless it ran where it was called; and for one of them last.
            for r in s["steps"]:
                waited = [t["waited_for"] for t in s["transfers"] if t["step"] == r["step"] and t["to"] == r["node"]]
                assert waited.count("last") <= 1 and ("yes" not in waited or "last" in waited), (number, r)
            # What the steps use is what the states were changed by.
            last = {a["state"]: a["version_left"] for a in job["accesses"] if a["version_left"] is not None}
            assert all(last.get(r["state"], 0) == r["version"] for r in s["states"] if r["what"] == "state")
PYTHON
"$SFEMU" job words 2 >table || fail "job 2 of words"
for words in 'job 2 of the workflow words: 5 steps' '^count_evening  *counts  *update  *1  *2' '^StateLocal: done after' '^top  *fetch  *.*last'; do
	expect table "$words"
done
"$SFEMU" job --strategy StateLocal words 2 >one
[ "$(grep -c ': done after' one)" -eq 1 ] || fail "--strategy: not one strategy"

refuse() { # expected words, arguments…
	local words=$1 status=0
	shift
	timeout 20 "$SFEMU" job "$@" >out 2>err || status=$?
	[ $status -eq 2 ] || { cat out err; fail "status $status and not 2: job $*"; }
	[ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] || { cat out err; fail "not one line of error: job $*"; }
	expect err "$words"
}
refuse 'there is no job 9; the jobs of this run are 1-4' words 9
refuse 'no strategy StateLocl of job 2; those of this run are PureFaaS, StatePropagate, StateLocal' --strategy StateLocl words 2
refuse 'number' words two
refuse 'number' words 4294967296
refuse 'name a results folder and the number of a job' words
refuse 'name a folder that `sfemu run` has made' nowhere 1
refuse 'name a folder that `sfemu run` has made' table 1
mkdir empty
refuse 'name a folder that `sfemu run` has made' empty 1
status=0
"$SFEMU" job words 2 >/dev/full 2>err || status=$?
[ $status -eq 1 ] || fail "status $status where the output cannot be written"

# Hostile folders: no file outside is read, nothing waits, nothing reaches the terminal as it is, and what is left is shown.
echo 'hidden text' >secret
hostile() { # command with the folder as its working folder
	rm -rf bad
	cp -r words bad
	(cd bad && eval "$1")
}
still() { # what a note must say, exit status
	local status=0
	timeout 20 "$SFEMU" job bad 2 >out 2>err || status=$?
	[ $status -eq "${2:-0}" ] || { cat out err; fail "status $status: $1"; }
	expect err "$1"
	expect out '^StateLocal: done after'
	! grep -qE 'hidden|root:|nobody' out err || fail "a file outside of the folder was read"
	! grep -q $'\033' out err || fail "control characters"
}
hostile 'ln -sf ../secret jobs.csv'
refuse 'jobs.csv' bad 2
hostile 'rm jobs.csv; mkfifo jobs.csv'
refuse 'jobs.csv' bad 2
hostile 'truncate -s 600M jobs.csv'
refuse 'jobs.csv' bad 2
hostile 'for t in transfers invocations attempts; do ln -sf ../secret $t.csv; done'
still 'transfers.csv: '
hostile 'rm invocations.csv; mkfifo invocations.csv'
still 'invocations.csv: '
hostile 'sed -i "9s/,.*//" transfers.csv'
still 'transfers.csv: .* rows before it are used'
hostile 'ln -sf /etc/passwd scenario.yaml'
still 'how its steps use states is not known'
hostile 'sed -i "s/name: words/name: other/" scenario.yaml'
still 'how its steps use states is not known: scenario.yaml: has no workflow words'
hostile 'printf "strategies: [/etc/passwd, %s]\n" "$PWD/x.so" >scenario.yaml'
still 'how its steps use states is not known'
hostile 'sed -i "s,states/PureFaaS/job-2/counts,../secret," states.csv'
still 'kept files are not as recorded' 1
hostile 'rm states/PureFaaS/job-2/counts; ln -s /etc/passwd states/PureFaaS/job-2/counts'
still 'kept files are not as recorded' 1
hostile 'rm states/PureFaaS/job-2/return; mkfifo states/PureFaaS/job-2/return'
still 'kept files are not as recorded' 1
hostile 'sed -i "s/,count,/,$(printf "\033[31mred"),/" invocations.csv; sed -i "s/,held,/,$(printf "\033c"),/" states.csv; printf x >attempts.csv'
still 'attempts.csv: '
# A number of rows that no run has.
hostile 'python3 - <<PY
row = [l for l in open("transfers.csv") if l.startswith("StateLocal,2,")][0]
open("transfers.csv", "a").write(row * 400000)
PY'
still 'transfers.csv: .*more memory than they may'
