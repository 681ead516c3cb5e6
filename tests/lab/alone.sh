#!/usr/bin/env bash
# A test that runs alone() does not see what others do beside it: here a network namespace that is there when it begins, and removed
# while it runs.
. "$(dirname "$0")/../lib.sh"
need_root
if [ -z "${TEST_ALONE:-}" ]; then
	ip netns add "sfe-other-$$"
	(sleep 2; ip netns del "sfe-other-$$") &
fi
alone "$@"

snapshot >"$TEST_TMP/before"
sleep 4
snapshot >"$TEST_TMP/after"
diff "$TEST_TMP/before" "$TEST_TMP/after" || fail "what another removed is missing"
