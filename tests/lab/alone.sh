#!/usr/bin/env bash
# A test that runs alone() does not see what others do beside it: here a network namespace that is there when it begins, and removed
# while it runs.
. "$(dirname "$0")/../lib.sh"
need_root
if [ -z "${TEST_ALONE:-}" ]; then
	ip netns add "sfe-other-$$"
	(
		for _ in $(seq 600); do # the first snapshot is there, or the test has ended without it
			[ ! -e "$TEST_TMP/before" ] || break
			sleep 0.1
		done
		ip netns del "sfe-other-$$" && touch "$TEST_TMP/removed"
	) &
fi
alone "$@"

snapshot >"$TEST_TMP/first"
mv "$TEST_TMP/first" "$TEST_TMP/before"
until [ -e "$TEST_TMP/removed" ]; do sleep 0.1; done
snapshot >"$TEST_TMP/after"
diff "$TEST_TMP/before" "$TEST_TMP/after" || fail "what another removed is missing"
