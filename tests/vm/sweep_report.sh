#!/usr/bin/env bash
# long: a minute or two
# The report of a sweep: its figures are those of the cells' files, computed again in Python; a sweep that is interrupted
# or killed has valid tables of what is done; missing cells are said; a browser draws all of it.
. "$(dirname "$0")/../lib.sh"
need chromium chromedriver python3
export TEST_TMP

cat >"$TEST_TMP/small.yaml" <<YAML
name: small
base: $SOURCE/scenarios/iiot.yaml
set: {workload.jobs: 20, topology.premises: 1, placement: ProcOnly}
grid: {link.shared.rate: [10Mbit, 100Mbit]}
strategies: [StatePropagate, StateLocal]
seeds: 1..3
YAML
python() { python3 "$SOURCE/tests/vm/sweep_report.py" "$TEST_TMP/$1" "$TEST_TMP/$1.json"; }

python3 "$SOURCE/tests/in_terminal.py" 80 "$SFEMU" sweep --quiet --output "$TEST_TMP/whole" "$TEST_TMP/small.yaml" >"$TEST_TMP/log" ||
	{ cat "$TEST_TMP/log"; fail "the sweep fails"; }
expect "$TEST_TMP/log" '^10Mbit StateLocal .* s '
expect "$TEST_TMP/log" '^95 % intervals over 3 seeds: +- of a mean, '
expect "$TEST_TMP/log" '12 cells: 12 run, 0 done before, 0 failed'
expect "$TEST_TMP/log" "^report: $TEST_TMP/whole/report.html"
sed "\|$TEST_TMP|d" "$TEST_TMP/log" | awk 'length > 80 { print; bad = 1 } END { exit bad }' || fail "wider than the terminal"
"$SFEMU" report --json "$TEST_TMP/whole" >"$TEST_TMP/whole.json"
python whole || fail "the figures are not those of the cells"

# The question of a stranger has an answer for each rate, on the page and in the terminal.
for rate in 10Mbit 100Mbit; do
	grep -E "link.shared.rate=$rate: <strong>State[A-Za-z]+ beats State[A-Za-z]+ (from [0-9]+&#160;steps on|at every number of steps|over all)|link.shared.rate=$rate: there is no number of steps" \
		"$TEST_TMP/whole/report.html" >/dev/null || fail "no answer for $rate"
done
tr '\n' ' ' <"$TEST_TMP/log" | grep -E 'link.shared.rate=10Mbit: State[A-Za-z]+ beats' >/dev/null || { cat "$TEST_TMP/log"; fail "no answer in the terminal"; }

# The same bytes again, wherever the folder is, and into another file.
cp -r "$TEST_TMP/whole" "$TEST_TMP/moved"
rm "$TEST_TMP/moved/report.html"
"$SFEMU" report "$TEST_TMP/moved" >"$TEST_TMP/log"
expect "$TEST_TMP/log" "^report: $TEST_TMP/moved/report.html"
cmp "$TEST_TMP/whole/report.html" "$TEST_TMP/moved/report.html" || fail "the same folder gives another report"
"$SFEMU" report -o "$TEST_TMP/other.html" "$TEST_TMP/moved" >/dev/null
cmp "$TEST_TMP/whole/report.html" "$TEST_TMP/other.html" || fail "-o gives another report"
for bad in "--json $TEST_TMP/whole $TEST_TMP/whole" "--json -o x $TEST_TMP/whole" "$TEST_TMP/whole $TEST_TMP/moved" "--json $TEST_TMP/whole/cells/link.shared.rate=10Mbit+StateLocal+seed=1"; do
	status=0
	# shellcheck disable=SC2086
	"$SFEMU" report $bad >/dev/null 2>"$TEST_TMP/err" || status=$?
	[ $status -eq 2 ] && [ "$(wc -l <"$TEST_TMP/err")" -eq 1 ] || { cat "$TEST_TMP/err"; fail "sfemu report $bad: status $status"; }
done

# What is there while a sweep is at work, and stays when it ends: rows of done cells only, in their order, all of each.
tables() { # folder, least number of cells
	python3 - "$TEST_TMP/$1" "$2" <<'PYTHON' || fail "the tables of $1"
import csv, os, sys
folder, least = sys.argv[1], int(sys.argv[2])
cells = list(csv.DictReader(open(f"{folder}/cells.csv")))
rows = list(csv.DictReader(open(f"{folder}/sweep.csv")))
key = lambda r: (r["link.shared.rate"], r["strategy"], r["seed"])
done = [key(c) for c in cells if c["state"] == "done"]
assert len(cells) == 120 and least <= len(done) < 120, len(done)
assert list(dict.fromkeys(map(key, rows))) == done
for c in cells:
    if c["state"] == "done":
        own = list(csv.DictReader(open(f"{folder}/{c['folder']}/jobs.csv")))
        assert [r["response_s"] for r in rows if key(r) == key(c)] == [j["response_s"] for j in own] != []
print(f"{len(done)} cells in the tables, {len(os.listdir(folder + '/cells'))} folders")
PYTHON
}
sed -i 's/seeds: .*/seeds: 1..30/; s/jobs: 20/jobs: 5/' "$TEST_TMP/small.yaml"
cells_of() { compgen -G "$TEST_TMP/$1/cells/*[0-9]/cell.json" | wc -l; }
for signal in INT KILL; do
	EXEC=exec sweep $signal -j 2 --quiet >"$TEST_TMP/log" 2>&1 &
	pid=$!
	for wait in $(seq 3000); do
		[ "$(cells_of $signal)" -ge 5 ] && break
		sleep 0.01
	done
	before=$(cells_of $signal)
	kill -$signal $pid
	status=0
	wait $pid || status=$?
	expect_mine_gone "SIG$signal of a sweep"
	[ $signal = KILL ] || [ $status -eq 130 ] || fail "status $status after SIGINT"
	# A cell that was just done when SIGKILL came may be missing from the table.
	[ $signal = KILL ] && before=$((before - 2))
	tables $signal $before
done
[ -f "$TEST_TMP/INT/report.html" ] || fail "no report after SIGINT"
expect "$TEST_TMP/INT/report.html" 'of 120 cells are missing'
"$SFEMU" report "$TEST_TMP/KILL" >/dev/null || fail "no report of a killed sweep"
"$SFEMU" report --json "$TEST_TMP/KILL" >"$TEST_TMP/KILL.json"
python KILL || fail "the figures of a killed sweep are not those of the cells that are done"

# Cells that failed, whose folder is gone, or is damaged: named, with the reason as a text, and left out of all figures.
cp -r "$TEST_TMP/whole" "$TEST_TMP/harmed"
cd "$TEST_TMP/harmed"
sed -i '2s|done,\(.*\),$|failed,\1.part,"<script>alert(1)</script> \&amp; ""more"""|' cells.csv
rm -r "cells/link.shared.rate=10Mbit+StateLocal+seed=2"
head -c 3000 "cells/link.shared.rate=100Mbit+StateLocal+seed=3/jobs.csv" >cut && mv cut "cells/link.shared.rate=100Mbit+StateLocal+seed=3/jobs.csv"
cd - >/dev/null
"$SFEMU" report "$TEST_TMP/harmed" >/dev/null || fail "no report of a harmed sweep"
expect "$TEST_TMP/harmed/report.html" '3 of 12 cells are missing'
expect "$TEST_TMP/harmed/report.html" '&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &quot;more&quot;'
expect "$TEST_TMP/harmed/report.html" 'its folder cannot be opened: No such file'
! grep -q 'alert(1)</script>' "$TEST_TMP/harmed/report.html" || fail "a reason is not escaped"
"$SFEMU" report --json "$TEST_TMP/harmed" >"$TEST_TMP/harmed.json"
python3 - "$TEST_TMP/harmed.json" <<'PYTHON' || fail "the JSON of a harmed sweep"
import json, sys
d = json.load(open(sys.argv[1]))
assert d["cells"] == {"all": 12, "done": 9, "failed": 1, "not_run": 0, "unreadable": 2, "not_valid": 0}, d["cells"]
assert [m["state"] for m in d["missing"]] == ["failed", "unreadable", "unreadable"]
points = {(p["combination"], p["strategy"]): p["seeds"] for p in d["points"] if p["by"] == "sweep"}
assert points == {(0, "StatePropagate"): 2, (0, "StateLocal"): 2, (1, "StatePropagate"): 3, (1, "StateLocal"): 2}, points
assert [p["seeds"] for p in d["pairs"] if p["by"] == "sweep"] == [1, 2]
PYTHON

# Names that mean something to HTML, JSON and a script; one strategy, one seed; no cell at all.
sed -e '1s/^[^,]*/a<i>b/' -e 's/^10Mbit/"<b>\&""\x27<\/script>"/' "$TEST_TMP/whole/cells.csv" >"$TEST_TMP/moved/cells.csv"
# And a job that was not done: its share has a figure then.
sed -i '2s/,done,/,failed,/' "$TEST_TMP/moved/cells/link.shared.rate=100Mbit+StateLocal+seed=2/jobs.csv"
"$SFEMU" report "$TEST_TMP/moved" >/dev/null || fail "no report of a sweep with odd names"
! grep -q "<b>&\"'</script>" "$TEST_TMP/moved/report.html" || fail "a name is not escaped"
mkdir "$TEST_TMP/one" "$TEST_TMP/none"
cp -r "$TEST_TMP/whole/cells" "$TEST_TMP/one"
grep -E '^link|10Mbit,StateLocal,1' "$TEST_TMP/whole/cells.csv" >"$TEST_TMP/one/cells.csv"
sed 's/,done,/,waiting,/' "$TEST_TMP/whole/cells.csv" >"$TEST_TMP/none/cells.csv"
for folder in one none; do
	"$SFEMU" report "$TEST_TMP/$folder" >/dev/null || fail "no report of $folder"
done
expect "$TEST_TMP/one/report.html" 'this sweep cannot say from how many steps on a strategy is faster: it has one strategy only'
expect "$TEST_TMP/one/report.html" 'There is one seed'
expect "$TEST_TMP/none/report.html" '12 of 12 cells are missing'
timeout 250 "$SOURCE/tools/report_browser.py" check "$TEST_TMP"/{whole,moved,one,none}/report.html || fail "the browser finds fault"
