#!/usr/bin/env bash
# docs/paper.md is of this program: a drawn cell of the paper's placement, and one of a swept rate, leave the bytes that
# docs/paper-cells.csv has, and so does one of the prototype's chains. And the check finds a figure that is not so, and a page that was changed.
. "$(dirname "$0")/../lib.sh"
need python3
check() { "$1/tools/$2-table" --check --share 0.01 "${@:3}" >"$TEST_TMP/log" 2>&1; } # tree, page, more options

for section in 'paper procnet' 'prototype 400' 'optimisations none'; do
	read -r page only <<<"$section"
	check "$SOURCE" "$page" --only "$only" || { cat "$TEST_TMP/log"; fail "a cell is not what docs/$page-cells.csv has, or the page"; }
	expect "$TEST_TMP/log" 'the same bytes'
	expect "$TEST_TMP/log" '^1 of .* cells, drawn with --draw'
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
if check "$tree" paper --only rates; then cat "$TEST_TMP/log"; fail "another figure is not noticed"; fi
expect "$TEST_TMP/log" '^rates iiot 100Mbit StateLocal 1: differs: net$'
expect "$TEST_TMP/log" 'docs/paper.md is not what tools/paper-table --page writes'
