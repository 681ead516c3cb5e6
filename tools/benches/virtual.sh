#!/usr/bin/env bash
# the virtual clock: emulated seconds and packet-hops per wall second, boot and building; a bulk transfer beside ns-3's
. "$(dirname "$0")/lib.sh"

[ $# -eq 0 ] || fail "usage: tools/bench virtual"
need c++ jq
"$SOURCE/tools/guest-kernel/build.sh" --print-path >/dev/null || fail "no guest kernel: tools/guest-kernel/build.sh builds it"

# Runs a scenario; sets boot_s, build_s, rest_s (wall time of the replays), virtual_s and hops (packets on all links).
run() { # scenario, options…
	local scenario=$1 folder
	shift
	measure "$SFEMU" run --quiet --vm --clock virtual --set "results=$BENCH_TMP/results" "$@" "$scenario"
	folder=$(sed -n 's/^results: //p' "$BENCH_TMP/out")
	read -r boot_s build_s rest_s virtual_s <<<"$(jq -r '[.boot_s, .build_s, .wall_s - .boot_s - .build_s, .virtual_s] | @tsv' "$folder/manifest.json")"
	hops=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "packets") column = i } NR > 1 { sum += $column } END { print sum + 0 }' \
		"$folder/links.csv")
	response_s=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "response_s") column = i } NR == 2 { print $column }' "$folder/jobs.csv")
	rm -r "$folder"
}

row() { # words, scenario, options…
	local words=$1
	shift
	run "$@"
	printf '%-34s %7.2f %7.2f %8.2f %10.1f %12.1f %10d %12.0f\n' "$words" "$boot_s" "$build_s" "$rest_s" "$virtual_s" \
		"$(calc "$virtual_s / $rest_s")" "$hops" "$(calc "$hops / $rest_s")"
}

"$SFEMU" workload spar --jobs 2000 --seed 1 -o "$BENCH_TMP/tasks" >/dev/null
# Arguments and states of the sizes of the quickstart's workload: the generator's unit is a share of a machine's memory.
trace=(--set "workload.tasks=$BENCH_TMP/tasks" --set workload.arrivals=trace)

echo "wall seconds of a guest on one core (nproc: $(nproc), load $(cut -d' ' -f1 /proc/loadavg)); hops are packets times links"
printf '%-34s %7s %7s %8s %10s %12s %10s %12s\n' '' 'boot s' 'build s' 'replay s' 'emulated s' 'emulated/s' hops 'hops/s'
for scenario in iiot urban; do
	for jobs in 50 300; do
		row "$scenario, $jobs jobs, StateLocal" "$SOURCE/scenarios/$scenario.yaml" "${trace[@]}" \
			--set workload.jobs=$jobs --set strategies=StateLocal
	done
done
row 'quickstart, 3 strategies x 60 jobs' "$SOURCE/scenarios/iiot.yaml" -j 1

echo
echo "100 MB of TCP over three links of 100 Mbit/s and 5 ms, a packet a frame; median of 3 runs"
printf '%-34s %10s %10s %12s\n' '' 'wall s' 'CPU s' 'its answer s'
for _ in 1 2 3; do
	run "$SOURCE/scenarios/bulk.yaml"
	echo "$rest_s $(calc "$cpu_s - $boot_s - $build_s")"
done | sort -g >"$BENCH_TMP/bulk"
run "$SOURCE/scenarios/bulk.yaml"
read -r bulk_s bulk_cpu_s <<<"$(sed -n 2p "$BENCH_TMP/bulk")"
printf '%-34s %10.2f %10.2f %12.6f\n' 'sfemu, boot and building apart' "$bulk_s" "$bulk_cpu_s" "$response_s"

modules=(ns3-core ns3-network ns3-internet ns3-point-to-point ns3-applications)
if ! pkg-config --exists "${modules[@]}" 2>/dev/null; then
	echo "SKIPPED: ns-3 (apt-get install libns3-dev)"
	exit 0
fi
# Debian's files name the GNU Scientific Library, which its package does not bring along and this program does not need.
read -ra flags <<<"$(pkg-config --cflags --libs "${modules[@]}" | tr ' ' '\n' | grep -v gsl | tr '\n' ' ')"
c++ -O2 -o "$BENCH_TMP/ns3_bulk" "$(dirname "$0")/ns3_bulk.cc" "${flags[@]}" 2>"$BENCH_TMP/err" ||
	{ cat "$BENCH_TMP/err" >&2; fail "ns3_bulk.cc does not compile"; }
measure_median 3 "$BENCH_TMP/ns3_bulk"
printf '%-34s %10.2f %10.2f %12.6f\n' "ns-3 $(pkg-config --modversion ns3-core)" "$wall_s" "$cpu_s" "$(cat "$BENCH_TMP/out")"
printf 'sfemu is %.1f times as fast, by CPU time %.1f times\n' "$(calc "$wall_s / $bulk_s")" "$(calc "$cpu_s / $bulk_cpu_s")"
