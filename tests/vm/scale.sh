#!/usr/bin/env bash
# A network of 2000 nodes is built, used and gone, and costs at most 15 times what one of 200 nodes does: by CPU time, which
# other programs on the machine change least.
. "$(dirname "$0")/../lib.sh"
alone "$@"

need jq
# Sets cpu_s and folder.
run() { # premises of 20 nodes each
	local TIMEFORMAT='%U %S' user system
	folder=$TEST_TMP/$1
	{ time "$SFEMU" run --quiet --vm --clock virtual --into "$folder" --set "topology.premises=$1" --set workload.jobs=10 \
		--set strategies=StateLocal "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1; } 2>"$TEST_TMP/time" ||
		fail "$((20 * $1)) nodes: $(cat "$TEST_TMP/log")"
	read -r user system <"$TEST_TMP/time"
	cpu_s=$(awk "BEGIN { print $user + $system }")
	echo "$((20 * $1)) nodes: $cpu_s s of CPU time; building took $(jq .build_s "$folder/manifest.json") s"
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 && ($at["jobs"] < 5 || $at["done"] != $at["jobs"]) { print "jobs: " $0; bad = 1 } END { exit bad || NR != 2 }' "$folder/summary.csv" ||
		fail "$((20 * $1)) nodes: not all jobs ended"
}

snapshot >"$TEST_TMP/before"
run 10
few_s=$cpu_s
run 100
expect_clean "$TEST_TMP/before" "a run of 2000 nodes"
# A sample of the links is measured, spread over all of them: both directions of each.
(cd "$TEST_TMP" && "$SFEMU" verify --quiet --csv --sample 3 --vm --clock virtual --set topology.premises=10 \
	"$SOURCE/scenarios/iiot.yaml") >"$TEST_TMP/verify.csv" 2>"$TEST_TMP/log" || fail "verify of a sample: $(cat "$TEST_TMP/log")"
links=$(tail -n +2 "$TEST_TMP/verify.csv" | cut -d, -f1 | sort -u | wc -l)
[ "$links" -eq 3 ] || fail "$links links were measured instead of 3: $(cat "$TEST_TMP/verify.csv")"
awk "BEGIN { exit !($cpu_s <= 15 * $few_s) }" || fail "10 times as many nodes cost more than 15 times the CPU time: $few_s s and $cpu_s s"
