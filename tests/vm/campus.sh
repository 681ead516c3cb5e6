#!/usr/bin/env bash
# The worked example of a composition runs, in a network with a cycle of regions.
. "$(dirname "$0")/../lib.sh"
"$SFEMU" run --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --set workload.jobs=8 --set strategies=StateLocal \
	"$SOURCE/scenarios/campus.yaml" --exec 'camera_0: ping -c 1 vm_0' | tee "$TEST_TMP/log"
# Both ways: hall to Frankfurt, 46.165 ms to Virginia (and not 12.895 + 37.505 by Dublin), and the laws' parts.
rtt=$(sed -n 's|.*rtt min.*= \([0-9.]*\)/.*|\1|p' "$TEST_TMP/log")
awk -v v="$rtt" 'BEGIN { exit !(v > 2 * (46.165 + 5.95 + 1.18) && v < 200) }' || fail "round trip to Virginia: $rtt ms"
grep -Eq '^StateLocal +([0-9]+)/\1 ' "$TEST_TMP/log" || fail "not all jobs are done"
