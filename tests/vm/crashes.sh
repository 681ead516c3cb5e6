#!/usr/bin/env bash
# docs/crashes.md is of this program: the rows of ten crashes without copies, five seeds, come out digit for digit.
. "$(dirname "$0")/../lib.sh"

sed "s|^base: |base: $SOURCE/scenarios/|; /faults: [^1]/d; /faults: 160/d; /- \[\]$/d; s|replicas: .*|replicas: [0]|
	s|strategies: .*|strategies: [StatePropagate, StateLocal]|" "$SOURCE/scenarios/crashes-sweep.yaml" >"$TEST_TMP/small.yaml"
sweep one --quiet >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the sweep fails"; }
python3 - "$TEST_TMP/one/sweep.csv" >"$TEST_TMP/rows" <<'PYTHON'
import csv, sys
for row in csv.DictReader(open(sys.argv[1])):
    number = lambda key, factor=1: factor * float(row[key])
    print("| 10 | %s | %s | %.1f %% | %.0f ± %.0f | %.0f | %.0f | %.1f | %.1f |" % (
        row["strategy"], "0" if row["strategy"] == "StateLocal" else "-", 100 * number("done") / number("jobs"),
        number("response_mean_s", 1e3), number("ci95_response_mean_s", 1e3), number("response_p95_s", 1e3),
        number("wire_bytes", 1e-6), number("failed_attempts"), number("states_lost")))
PYTHON
[ "$(wc -l <"$TEST_TMP/rows")" -eq 2 ] || { cat "$TEST_TMP/small.yaml" "$TEST_TMP/one/sweep.csv"; fail "not two rows"; }
while read -r row; do
	grep -qF "$row" "$SOURCE/docs/crashes.md" || fail "docs/crashes.md is stale (tools/crashes-table writes it): it has no $row"
done <"$TEST_TMP/rows"
