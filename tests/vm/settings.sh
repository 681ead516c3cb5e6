#!/usr/bin/env bash
# The kernel's settings are those of the scenario in every namespace of a guest, though only those are written that a new namespace
# does not begin with.
. "$(dirname "$0")/../lib.sh"
need nsenter

cat >"$TEST_TMP/read" <<'SH'
for fd in /proc/1/fd/*; do
	case $(readlink "$fd") in net:*) ;; *) continue ;; esac
	nsenter --net="$fd" sh -c 'cd /proc/sys/net/ipv4 && echo $(cat ip_forward) \
		$(cat conf/all/rp_filter conf/default/rp_filter conf/all/send_redirects conf/default/send_redirects) \
		$(cat tcp_slow_start_after_idle tcp_sack tcp_timestamps tcp_no_metrics_save tcp_rmem tcp_wmem)'
done | sort | uniq -c
SH
# words of the settings of TCP, options…
check() {
	local tcp=$1 nodes
	shift
	rm -rf "$TEST_TMP/r"
	"$SFEMU" run --vm --clock virtual --quiet --into "$TEST_TMP/r" --set topology.premises=1 --set workload.jobs=1 \
		--set strategies=StateLocal "$@" --during "server_0: sh $TEST_TMP/read" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "the run failed"; }
	sed 's/^ *//' "$TEST_TMP/r"/commands/during-1-StateLocal.txt >"$TEST_TMP/seen"
	nodes=$(wc -l <"$TEST_TMP/r/topology/nodes")
	# One more is the orchestrator's, which is as it began.
	grep -qx "$nodes 0 . . . . $tcp" "$TEST_TMP/seen" || { cat "$TEST_TMP/seen"; fail "not all $nodes nodes have the settings '$tcp'"; }
	[ "$(grep -c ' 1 0 0 0 0 ' "$TEST_TMP/seen")" -eq 1 ] || { cat "$TEST_TMP/seen"; fail "switches do not all forward alike"; }
	[ "$(wc -l <"$TEST_TMP/seen")" -eq 3 ] || { cat "$TEST_TMP/seen"; fail "there are namespaces of other settings"; }
}
check '1 1 1 1 4096 131072 6000000 4096 16384 4000000'
check '0 0 0 1 4096 65536 65536 4096 8192 8192' --set tcp.slow_start_after_idle=false --set tcp.sack=false --set tcp.timestamps=false \
	--set tcp.rmem_max=65536B --set tcp.wmem_max=8192B
