#!/usr/bin/env bash
# --json of run, verify and sweep: one document on the standard output, whose rows are those of the CSV; in a terminal of 80
# columns the tables of run and verify fit it; progress where there is no terminal is few lines.
. "$(dirname "$0")/../lib.sh"
need python3

small=(--set topology.premises=1 --set workload.jobs=2 --set strategies=PureFaaS,StateLocal --clock virtual)
"$SFEMU" run --json --into "$TEST_TMP/r" "${small[@]}" --exec 'rpi3_0: echo hello' "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/run.json" 2>"$TEST_TMP/err"
"$SFEMU" verify --json --quiet --clock virtual --set topology.premises=1 --set "results=$TEST_TMP/v" --link 'up_*' "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/verify.json"
cat >"$TEST_TMP/sweep.yaml" <<YAML
base: $SOURCE/scenarios/iiot.yaml
set: {topology.premises: 1, workload.jobs: 1}
strategies: [StateLocal]
grid: {link.uplink.rate: [10Mbit, 20Mbit]}
YAML
"$SFEMU" sweep --json --quiet --output "$TEST_TMP/s" "$TEST_TMP/sweep.yaml" >"$TEST_TMP/sweep.json"
python3 - "$TEST_TMP" <<'PYTHON' || fail "a JSON document is not what the CSV says"
import csv, json, sys
top = sys.argv[1]
def check(name, table, results=None):
    doc = json.load(open(f"{top}/{name}.json"))
    rows = list(csv.DictReader(open(table(doc))))
    assert len(rows) == len(doc["rows"]) > 0, name
    assert all(list(a) == list(b) for a, b in zip(doc["rows"], rows)), name
    return doc["rows"]
rows = check("run", lambda d: d["results"] + "/summary.csv")
assert [r["strategy"] for r in rows] == ["PureFaaS", "StateLocal"] and rows[0]["response_mean_s"] > 0
rows = check("verify", lambda d: d["results"] + "/verify.csv")
assert all(r["verdict"] == "ok" and r["link"].startswith("up_") for r in rows)
rows = check("sweep", lambda d: d["results"])
assert {r["link.uplink.rate"] for r in rows} == {"10Mbit", "20Mbit"}
PYTHON
expect "$TEST_TMP/err" '^rpi3_0: hello'

# The first line says where it runs; a log of a short run is a line a stage.
head -n 1 "$TEST_TMP/err" | grep 'User-Mode Linux guest, on the virtual clock: the same results on any machine' >/dev/null || { cat "$TEST_TMP/err"; fail "the first line"; }
[ "$(grep -c 'jobs' "$TEST_TMP/err")" -eq 2 ] || { cat "$TEST_TMP/err"; fail "not one line of jobs for each strategy"; }

python3 "$SOURCE/tests/in_terminal.py" 80 "$SFEMU" run --quiet --into "$TEST_TMP/r2" "${small[@]}" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/80"
[ "$(grep -E '^(strategy|closed form|PureFaaS |StateLocal )' "$TEST_TMP/80" | awk '{ if (length > n) n = length } END { print n }')" -le 80 ] ||
	{ cat "$TEST_TMP/80"; fail "wider than the terminal"; }
expect "$TEST_TMP/80" 'more columns: --wide, or summary.csv'
python3 "$SOURCE/tests/in_terminal.py" 200 "$SFEMU" run --quiet --into "$TEST_TMP/r3" "${small[@]}" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/200"
expect "$TEST_TMP/200" 'ratio to PureFaaS'
python3 "$SOURCE/tests/in_terminal.py" 80 "$SFEMU" verify --quiet --clock virtual --set topology.premises=1 --set "results=$TEST_TMP/v" --link 'up_*' \
	"$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/80v"
[ "$(grep -E '^(link|up_)' "$TEST_TMP/80v" | awk '{ if (length > n) n = length } END { print n }')" -le 80 ] || { cat "$TEST_TMP/80v"; fail "verify: wider than the terminal"; }
expect "$TEST_TMP/80v" 'verdict'

# analyze: texts name the row and come first.
"$SFEMU" run --quiet --capture all --into "$TEST_TMP/c" "${small[@]}" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log"
for view in capture strategy job step connection; do
	python3 "$SOURCE/tests/in_terminal.py" 80 "$SFEMU" analyze --quiet --by $view "$TEST_TMP/c" >"$TEST_TMP/80"
	[ "$(awk '{ if (length > n) n = length } END { print n }' "$TEST_TMP/80")" -le 80 ] || { cat "$TEST_TMP/80"; fail "analyze --by $view: wider than the terminal"; }
	expect "$TEST_TMP/80" 'more columns: --wide, or --csv'
	python3 "$SOURCE/tests/in_terminal.py" 80 "$SFEMU" analyze --quiet --wide --by $view "$TEST_TMP/c" >"$TEST_TMP/80wide"
	"$SFEMU" analyze --quiet --by $view "$TEST_TMP/c" >"$TEST_TMP/piped"
	cmp "$TEST_TMP/80wide" "$TEST_TMP/piped" || fail "analyze --wide --by $view: not all that there is"
done
expect "$TEST_TMP/80" '^capture .* from .* to '
