#!/usr/bin/env bash
# The urban scenario as it is: all jobs, all digests, traffic in the paper's order.
. "$(dirname "$0")/../lib.sh"

"$SFEMU" run --vm --clock virtual --set "results=$TEST_TMP/results" "$SOURCE/scenarios/urban.yaml" | tee "$TEST_TMP/log"
awk -F, 'NR > 1 { wire[$1] = $11; if ($2 != $3 || $2 < 50) bad = 1 }
END { exit bad || !(wire["PureFaaS"] > wire["StatePropagate"] && wire["StatePropagate"] > wire["StateLocal"]) }' \
	"$(results_of "$TEST_TMP/log")/summary.csv" || fail "jobs are missing, or traffic is in another order"
