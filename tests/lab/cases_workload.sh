#!/usr/bin/env bash
# Task files of other people on which sfemu once failed, with the right values: ../shared/cases/alibaba-*.
. "$(dirname "$0")/../lib.sh"
cases=$SOURCE/../shared/cases
[ -d "$cases/alibaba-cycle" ] || skip "the cases are not here: $cases"

"$SFEMU" workload show "$cases/alibaba-cycle/cut.csv" >"$TEST_TMP/log" || fail "cut.csv: status $?"
expect "$TEST_TMP/log" ': 1 jobs with state'
expect "$TEST_TMP/log" '1 with a name cut at 50 characters'
figures() { "$SFEMU" workload show --json "$cases/alibaba-sorted-by-time/$1" | grep -v '"file"'; }
figures trunc.csv >"$TEST_TMP/trunc"
figures trunc_ok.csv | diff "$TEST_TMP/trunc" - || fail "rows of a job that are not together make other jobs"
expect "$TEST_TMP/trunc" '"jobs_not_finished": *0'
figures sorted.csv >"$TEST_TMP/sorted"
figures together.csv | diff "$TEST_TMP/sorted" - || fail "rows in the order of their starts make other jobs"
