#!/usr/bin/env bash
# long: a hundredth of the grids
# docs/paper.md, docs/prototype.md and docs/optimisations-table.md are of this program: a drawn hundredth of the cells of the first two,
# and a cell of the third, leave the bytes that their rows have. And the check finds a figure that is not so, and a page that was changed.
. "$(dirname "$0")/../lib.sh"
need python3
check() { "$1/tools/$2-table" --check "${@:3}" >"$TEST_TMP/log" 2>&1; } # tree, page, more options

for part in 'paper 1' 'prototype 1' 'optimisations 0.01'; do
	read -r page share <<<"$part"
	check "$SOURCE" "$page" --share "$share" || { cat "$TEST_TMP/log"; fail "a cell is not what docs/$page-cells.csv has, or the page"; }
	drawn=$(sed -n 's/^\([0-9]*\) of .* cells, drawn with --draw .*/\1/p' "$TEST_TMP/log")
	[ "$drawn" -ge 1 ] && [ "$(grep -c 'the same bytes' "$TEST_TMP/log")" -eq "$drawn" ] || { cat "$TEST_TMP/log"; fail "not all of $drawn cells ran"; }
	cat "$TEST_TMP/log"
done

tree=$TEST_TMP/tree
mkdir "$tree"
cp -r "$SOURCE/tools" "$SOURCE/docs" "$SOURCE/scenarios" "$tree"
export SFEMU
# One short cell is left, of a frozen placement, with one figure that is another.
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
$1 == "rates" && $at["case"] == "iiot" && $at["strategy"] == "StateLocal" && $at["value"] == "100Mbit" && $at["seed"] == 1 {
	$at["net"] += 1; print }' "$SOURCE/docs/paper-cells.csv" >"$tree/docs/paper-cells.csv"
[ "$(wc -l <"$tree/docs/paper-cells.csv")" -eq 2 ] || fail "there is no such cell in docs/paper-cells.csv"
if check "$tree" paper --share 1 --only rates; then cat "$TEST_TMP/log"; fail "another figure is not noticed"; fi
expect "$TEST_TMP/log" '^rates iiot 100Mbit StateLocal 1: differs: net$'
expect "$TEST_TMP/log" 'docs/paper.md is not what tools/paper-table --page writes'
