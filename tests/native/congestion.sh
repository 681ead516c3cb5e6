#!/usr/bin/env bash
# tcp.congestion is asked of this kernel before anything is built: one that is a module is loaded, an unknown one is bad input.
. "$(dirname "$0")/../lib.sh"
need_native

star congestion 2
echo 'link: {node: {rate: 10Mbit, delay: 5ms, queue: 1s}}' >>"$TEST_TMP/congestion.yaml"
status=0
"$SFEMU" run --native --set tcp.congestion=moon "$TEST_TMP/congestion.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
cat "$TEST_TMP/log"
[ $status -eq 2 ] || fail "status $status and not 2"
expect "$TEST_TMP/log" "tcp.congestion: this kernel has no congestion control 'moon'; use one of: .*cubic"
[ ! -e "$TEST_TMP/results" ] || fail "something was built"
"$SFEMU" run --native --quiet --set tcp.congestion=bbr --exec 'n0: ip route' "$TEST_TMP/congestion.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "bbr"; }
expect "$TEST_TMP/log" 'n0: default .*congctl bbr'
