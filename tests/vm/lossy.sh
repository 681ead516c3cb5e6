#!/usr/bin/env bash
# docs/lossy.md is of this program: the row of 1 % loss, ten seeds under two strategies, comes out digit for digit.
. "$(dirname "$0")/../lib.sh"

sed "s|^base: |base: $SOURCE/scenarios/|; s|link.shared.loss: .*|link.shared.loss: [1%]|" "$SOURCE/scenarios/lossy-sweep.yaml" \
	>"$TEST_TMP/small.yaml"
sweep one --quiet >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the sweep fails"; }
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
$at["seeds"] == 10 && $at["done"] == $at["jobs"] {
	printf "| %s | %s | %.0f ± %.0f | %.0f | %.0f |\n", $1, $2, 1000 * $at["response_mean_s"],
		1000 * $at["ci95_response_mean_s"], 1000 * $at["response_p95_s"], 1000 * $at["response_p99_s"]
}' "$TEST_TMP/one/sweep.csv" >"$TEST_TMP/rows"
[ "$(wc -l <"$TEST_TMP/rows")" -eq 2 ] || { cat "$TEST_TMP/one/sweep.csv"; fail "not two rows with all jobs done"; }
while read -r row; do
	grep -qF "$row" "$SOURCE/docs/lossy.md" || fail "docs/lossy.md is stale (tools/lossy-table writes it): it has no $row"
done <"$TEST_TMP/rows"
