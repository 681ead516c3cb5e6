#!/usr/bin/env bash
# An experiment as a program: the example in scenarios/ against the installed library alone (public headers, sfemu.pc), in a
# guest whose first process is that program.
. "$(dirname "$0")/../lib.sh"
alone "$@"
need cc pkg-config

cmake --install "$BUILD" --prefix "$TEST_TMP/prefix" >/dev/null
export PKG_CONFIG_PATH=$TEST_TMP/prefix/lib/pkgconfig
read -ra flags < <(pkg-config --cflags --libs sfemu)
cc -std=gnu17 -Wall -Werror -o "$TEST_TMP/two_sites" "$SOURCE/scenarios/two_sites.c" "${flags[@]}"

snapshot >"$TEST_TMP/before"
"$TEST_TMP/two_sites" "results=$TEST_TMP/results" substrate=vm clock=virtual >"$TEST_TMP/log" 2>"$TEST_TMP/err" ||
	{ cat "$TEST_TMP/err"; fail "two_sites"; }
expect_clean "$TEST_TMP/before" "a program's experiment"
results=$(results_of "$TEST_TMP/log")
[ "$(grep -c ',done,' "$results/jobs.csv")" -eq 9 ] || fail "not 3 jobs under 3 strategies"
grep -q '^UnchainedInEdge .*job 1' "$TEST_TMP/log" || fail "no estimate"
grep -q '^and measurement' "$TEST_TMP/log" || fail "no closed form beside the measurement"

# Its folder is as any other: the command repeats the run, and finds the same.
"$SFEMU" run --vm --quiet --set "results=$TEST_TMP/again" "$results/scenario.yaml" >"$TEST_TMP/log2"
cmp "$results/jobs.csv" "$(results_of "$TEST_TMP/log2")/jobs.csv" || fail "sfemu run finds something else"

# Bad input is told before anything is built.
status=0
"$TEST_TMP/two_sites" "results=$TEST_TMP/results" link.shared.rate=3 >/dev/null 2>"$TEST_TMP/err" || status=$?
[ "$status" -eq 2 ] && grep -q 'link.shared.rate' "$TEST_TMP/err" || fail "bad input: status $status, $(cat "$TEST_TMP/err")"
