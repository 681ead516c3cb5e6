#!/usr/bin/env bash
# how a run grows with nodes and jobs: wall time by stage, CPU time and memory; fails where growth is superlinear
. "$(dirname "$0")/lib.sh"

nodes=(100 1000 10000)
jobs=(300 10000)
[ $# -eq 0 ] || read -ra nodes <<<"$1"
[ $# -lt 2 ] || read -ra jobs <<<"$2"
[ $# -le 2 ] || fail "usage: tools/bench scale ['NODES…' ['JOBS…']]: multiples of 20 nodes, ascending"
need jq
# Ten times as many may cost 15 times as much.
most=1.5
superlinear=0

"$SFEMU" workload spar --jobs 12000 --seed 1 -o "$BENCH_TMP/tasks" >/dev/null

# Fails if what takes b instead of a has grown by more than $most times the growth from m to n. Times below 0.5 s say nothing.
check() { # what m n a b
	awk "BEGIN { exit !($5 < 0.5 || $5 <= $most * $4 * $3 / $2) }" && return
	echo "superlinear: $1 takes $4 s with $2 and $5 s with $3"
	superlinear=1
}

echo "wall seconds by stage, StateLocal on IIoT (nproc: $(nproc), load $(cut -d' ' -f1 /proc/loadavg))"
printf '%8s %8s %10s %10s %10s %10s %10s\n' nodes jobs 'ready s' 'replay s' 'wall s' 'CPU s' 'most MB'
declare -A ready replay
for j in "${jobs[@]}"; do
	for n in "${nodes[@]}"; do
		measure "$SFEMU" run --quiet --vm --clock virtual --into "$BENCH_TMP/run" --set topology.premises=$((n / 20)) \
			--set "workload.tasks=$BENCH_TMP/tasks" --set workload.jobs="$j" --set strategies=StateLocal "$SOURCE/scenarios/iiot.yaml"
		read -r made_s all_s <<<"$(jq -r '[.boot_s + .build_s, .wall_s] | @tsv' "$BENCH_TMP/run/manifest.json")"
		rm -r "$BENCH_TMP/run"
		ready[$n,$j]=$made_s
		replay[$n,$j]=$(calc "$all_s - $made_s")
		printf '%8d %8d %10.2f %10.2f %10.2f %10.2f %10d\n' "$n" "$j" "$made_s" "${replay[$n,$j]}" "$wall_s" "$cpu_s" $((rss_kb / 1024))
	done
done
for j in "${jobs[@]}"; do
	for ((i = 1; i < ${#nodes[@]}; i++)); do
		check "making the network, $j jobs," "${nodes[i - 1]}" "${nodes[i]}" "${ready[${nodes[i - 1]},$j]}" "${ready[${nodes[i]},$j]}"
		check "the replay of $j jobs" "${nodes[i - 1]}" "${nodes[i]}" "${replay[${nodes[i - 1]},$j]}" "${replay[${nodes[i]},$j]}"
	done
done
for n in "${nodes[@]}"; do
	for ((i = 1; i < ${#jobs[@]}; i++)); do
		check "the replay on $n nodes" "${jobs[i - 1]}" "${jobs[i]}" "${replay[$n,${jobs[i - 1]}]}" "${replay[$n,${jobs[i]}]}"
	done
done
exit $superlinear
