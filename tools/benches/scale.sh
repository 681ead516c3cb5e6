#!/usr/bin/env bash
# how a run grows with nodes and jobs: time of each part, memory and files; fails where growth is superlinear
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
declare -A took # part, nodes, jobs: seconds of CPU time, which other programs change least; bytes of files

"$SFEMU" workload spar --jobs 12000 --seed 1 -o "$BENCH_TMP/tasks" >/dev/null

# Fails if what takes b instead of a has grown by more than $most times the growth from m to n. What is below the least says
# nothing.
check() { # what m n a b least
	awk "BEGIN { exit !($5 < $6 || $5 <= $most * $4 * $3 / $2) }" && return
	echo "superlinear: $1 takes $4 with $2 and $5 with $3"
	superlinear=1
}

scenario() { # nodes jobs
	settings=(--set "topology.premises=$(($1 / 20))" --set "workload.tasks=$BENCH_TMP/tasks" --set "workload.jobs=$2"
		--set strategies=StateLocal "$SOURCE/scenarios/iiot.yaml")
}

# Measures a command under the name of a part.
part() { # part command…
	local name=$1
	shift
	measure "$@"
	took[$name,$n,$j]=$cpu_s
}

parts=(place run ready captured links listed verify report)
files=(tables trace page)
sizes() { # folder
	took[tables,$n,$j]=$(cat "$1"/*.csv "$1"/manifest.json | wc -c)
	took[trace,$n,$j]=$(wc -c <"$1/trace.json")
	took[page,$n,$j]=$(wc -c <"$1/report.html")
}

one() {
	local run=$BENCH_TMP/run made wall_all
	scenario "$n" "$j"
	# Topology, placement, routing and closed form, without a network.
	part place "$SFEMU" estimate --quiet --replications 1 --threads 1 --strategies StateLocal "${settings[@]}"
	part run "$SFEMU" run --quiet --vm --clock virtual --into "$run" "${settings[@]}"
	read -r made wall_all <<<"$(jq -r '[.boot_s + .build_s, .wall_s] | @tsv' "$run/manifest.json")"
	took[ready,$n,$j]=$made
	mem_mb=$((rss_kb / 1024))
	row=$(printf '%8d %8d %9.2f %9.2f %9.2f %8d' "$n" "$j" "$made" "$(calc "$wall_all - $made")" "$cpu_s" "$mem_mb")
	sizes "$run"
	part links "$SFEMU" links "${settings[@]}"
	part listed "$SFEMU" links "$run"
	part report "$SFEMU" report "$run" -o "$BENCH_TMP/page.html"
	rm -r "$run"
	part captured "$SFEMU" run --quiet --vm --clock virtual --into "$run" --capture up_lan_0,server_1 "${settings[@]}"
	rm -r "$run"
	part verify env -C "$BENCH_TMP" "$SFEMU" verify --quiet --vm --clock virtual --sample 20 "${settings[@]}"
	rm -r "$BENCH_TMP/results"
	printf '%s %8.2f %9.2f %8.2f %8.2f %8.2f %8.2f %8.1f %8.1f %8.1f\n' "$row" "${took[place,$n,$j]}" "${took[captured,$n,$j]}" \
		"${took[verify,$n,$j]}" "${took[links,$n,$j]}" "${took[listed,$n,$j]}" "${took[report,$n,$j]}" \
		"$(calc "${took[tables,$n,$j]} / 1e6")" "$(calc "${took[trace,$n,$j]} / 1e6")" "$(calc "${took[page,$n,$j]} / 1e6")"
}

echo "StateLocal on IIoT; wall seconds until workers can start, and of the rest; then seconds of CPU time, MB of memory and files"
echo "(nproc: $(nproc), load $(cut -d' ' -f1 /proc/loadavg))"
printf '%8s %8s %9s %9s %9s %8s %8s %9s %8s %8s %8s %8s %8s %8s %8s\n' nodes jobs 'ready s' 'rest s' run 'most MB' place captured \
	verify links 'links of' report 'tables' trace page
for j in "${jobs[@]}"; do
	for n in "${nodes[@]}"; do
		one
	done
done

for j in "${jobs[@]}"; do
	for ((i = 1; i < ${#nodes[@]}; i++)); do
		m=${nodes[i - 1]} n=${nodes[i]}
		for p in "${parts[@]}"; do
			check "$p of $j jobs, in s by nodes," "$m" "$n" "${took[$p,$m,$j]}" "${took[$p,$n,$j]}" 0.5
		done
		for p in "${files[@]}"; do
			check "$p of $j jobs, in bytes by nodes," "$m" "$n" "${took[$p,$m,$j]}" "${took[$p,$n,$j]}" 100000
		done
		awk "BEGIN { exit !(${took[page,$n,$j]} < 5e6) }" || {
			echo "the report of $n nodes and $j jobs has ${took[page,$n,$j]} bytes"
			superlinear=1
		}
	done
done
for n in "${nodes[@]}"; do
	for ((i = 1; i < ${#jobs[@]}; i++)); do
		m=${jobs[i - 1]} j=${jobs[i]}
		for p in "${parts[@]}"; do
			check "$p on $n nodes, in s by jobs," "$m" "$j" "${took[$p,$n,$m]}" "${took[$p,$n,$j]}" 0.5
		done
		for p in "${files[@]}"; do
			check "$p on $n nodes, in bytes by jobs," "$m" "$j" "${took[$p,$n,$m]}" "${took[$p,$n,$j]}" 100000
		done
	done
done
exit $superlinear
