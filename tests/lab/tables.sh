#!/usr/bin/env bash
# What writes docs/paper.md, docs/prototype.md, docs/performance.md and docs/optimisations-table.md: statistics against known values, words that follow the figures,
# and pages that are what their tools write from the figures beside them. tests/vm/paper.sh runs cells again.
. "$(dirname "$0")/../lib.sh"
need python3
python3 "$SOURCE/tests/lab/tables.py" "$SOURCE"
cp -r "$SOURCE/tools" "$SOURCE/docs" "$SOURCE/README.md" "$TEST_TMP"
for page in paper prototype performance optimisations; do
	document=$page
	[ $page != optimisations ] || document=optimisations-table
	: >"$TEST_TMP/docs/$document.md"
	"$TEST_TMP/tools/$page-table" --page
done
diff -r "$SOURCE/docs" "$TEST_TMP/docs" || fail "a page is not what its tool writes with --page"
cp -r "$SOURCE/scenarios" "$TEST_TMP"
rm "$TEST_TMP"/scenarios/prototype/40?.yaml
"$TEST_TMP/tools/prototype-table" --scenarios
diff -r "$SOURCE/scenarios/prototype" "$TEST_TMP/scenarios/prototype" || fail "scenarios/prototype is not what tools/prototype-table --scenarios writes"
"$SFEMU" workload spar --hours 1 --seed 1 --stateful-only -o "$TEST_TMP/hour.csv" >/dev/null
cmp "$TEST_TMP/hour.csv" "$SOURCE/scenarios/workloads/paper.csv" || fail "workloads/paper.csv is not what scenarios/workloads/README.md says"
for options in '--only nothing' '--seeds a..b' '-j 0' '--share 0' '--page --check'; do
	status=0
	"$TEST_TMP/tools/paper-table" $options >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "paper-table $options: status $status"; }
done
# A cell that has a row is not run again, and its row stays, whatever is in the results folder.
sed -i '$d' "$TEST_TMP/docs/paper-cells.csv"
cp "$TEST_TMP/docs/paper-cells.csv" "$TEST_TMP/rows"
PAPER_RESULTS=$TEST_TMP/results "$TEST_TMP/tools/paper-table" --minutes 0 2>"$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "paper-table --minutes 0"; }
rows=$(($(wc -l <"$TEST_TMP/rows") - 1))
grep -E "^the whole grid: [0-9]+ cells, $rows recorded" "$TEST_TMP/log" >/dev/null || { cat "$TEST_TMP/log"; fail "not $rows cells are taken for recorded"; }
cmp "$TEST_TMP/rows" "$TEST_TMP/docs/paper-cells.csv" || fail "rows of cells that did not run are not those of before"
PAPER_RESULTS=$TEST_TMP/results "$TEST_TMP/tools/paper-table" --list >"$TEST_TMP/log"
grep -E "^all .* cells, $rows recorded" "$TEST_TMP/log" >/dev/null || { cat "$TEST_TMP/log"; fail "--list"; }

# docs/performance.md: --check says what --page would write, and a figure that is none is named with its line.
performance=$TEST_TMP/tools/performance-table
"$performance" --check || fail "performance-table --check, of its own page"
echo more >>"$TEST_TMP/docs/performance.md"
status=0
"$performance" --check 2>"$TEST_TMP/log" || status=$?
[ $status -eq 1 ] || fail "performance-table --check of another page: status $status"
grep -F 'docs/performance.md is not what tools/performance-table --page writes' "$TEST_TMP/log" >/dev/null || { cat "$TEST_TMP/log"; fail "--check does not say why"; }
"$performance" --page
"$performance" --check || fail "performance-table --check after --page"
sed -i '/^## How fast/,/^## Read/s/ times/0 times/' "$TEST_TMP/README.md"
status=0
"$performance" --check 2>"$TEST_TMP/log" || status=$?
[ $status -eq 1 ] && grep -F 'README.md is not what' "$TEST_TMP/log" >/dev/null || { cat "$TEST_TMP/log"; fail "another figure in README.md: status $status"; }
sed -i '$s/[^,]*$/fast/' "$TEST_TMP/docs/performance-cells.csv"
status=0
"$performance" --page 2>"$TEST_TMP/log" || status=$?
[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "performance-table --page with a word for a figure: status $status"; }
grep -E '^performance-table: docs/performance-cells.csv:[0-9]+: .* not a number' "$TEST_TMP/log" >/dev/null ||
	{ cat "$TEST_TMP/log"; fail "a word for a figure is not named"; }
for options in '--only nothing' '--rounds 0' '--nodes 30' '--page --check'; do
	status=0
	"$performance" $options >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "performance-table $options: status $status"; }
done
