#!/usr/bin/env bash
# tests/run.sh: how a test ended is there as a whole or not at all, as reports look for it while tests run.
. "$(dirname "$0")/../lib.sh"
source <(sed -n '/^execute() {/,/^}/p' "$SOURCE/tests/run.sh")
work=$TEST_TMP
echo() { # as slow as a busy machine can make it, between opening a file and writing to it
	sleep 0.3
	builtin echo "$@"
}
(set +e && execute "$TEST_TMP/one" false) & # as tests/run.sh calls it
for ((i = 0; i < 1000; i++)); do
	[ ! -e "$TEST_TMP/one.end" ] || break
	sleep 0.01
done
[ -e "$TEST_TMP/one.end" ] || fail "nothing says how the test ended"
read -r status seconds <"$TEST_TMP/one.end" || true
[ "$status" = 1 ] && [ -n "$seconds" ] || fail "it says '$status' and '$seconds'"
wait
