#!/usr/bin/env bash
# tests/vm/graphs.sh with 300 other graphs.
. "$(dirname "$0")/../lib.sh"

for seed in $(seq 101 115); do
	mkdir "$TEST_TMP/$seed"
	GRAPHS="$seed 20" TEST_TMP=$TEST_TMP/$seed bash "$SOURCE/tests/vm/graphs.sh" || fail "GRAPHS='$seed 20' tests/run.sh vm/graphs"
	rm -r "${TEST_TMP:?}/$seed"
done
