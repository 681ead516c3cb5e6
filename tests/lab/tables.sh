#!/usr/bin/env bash
# What writes docs/paper.md and docs/prototype.md: statistics against known values, words that follow the figures, and pages that are
# what their tools write from the figures beside them. tests/vm/paper.sh runs cells again.
. "$(dirname "$0")/../lib.sh"
need python3
python3 "$SOURCE/tests/lab/tables.py" "$SOURCE"
cp -r "$SOURCE/tools" "$SOURCE/docs" "$TEST_TMP"
for page in paper prototype; do
	: >"$TEST_TMP/docs/$page.md"
	"$TEST_TMP/tools/$page-table" --page
done
diff -r "$SOURCE/docs" "$TEST_TMP/docs" || fail "a page is not what tools/paper-table --page or tools/prototype-table --page writes"
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
