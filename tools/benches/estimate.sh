#!/usr/bin/env bash
# the closed form: wall time, CPU time and memory of the paper's comparison, where they go, and how they grow
. "$(dirname "$0")/lib.sh"

[ $# -eq 0 ] || [ $# -eq 4 ] || fail "usage: tools/bench estimate [NODES LINKS EDGES TASKS]: the inputs of the first part"
"$SFEMU" workload spar --jobs 20000 --seed 1 -o "$BENCH_TMP/tasks" >/dev/null
for premises in 1 2 4 8 16 32; do
	"$SFEMU" topology iiot --premises $premises -o "$BENCH_TMP/$premises" >/dev/null
done
if [ $# -eq 4 ]; then
	inputs=(--nodes "$1" --links "$2" --edges "$3" --tasks "$4")
else
	"$SFEMU" workload spar --jobs 4500 --seed 1 -o "$BENCH_TMP/paper" >/dev/null
	inputs=(--nodes "$BENCH_TMP/4.nodes" --links "$BENCH_TMP/4.links" --edges "$BENCH_TMP/4.edges" --tasks "$BENCH_TMP/paper")
fi
comparison=("$SFEMU" estimate "${inputs[@]}" --jobs 300 --replications 200 --compat statesim)

echo "200 replications x 300 jobs x 3 strategies, 80 nodes (the published simulator: 12.5 s, 146 MB); median of 9 runs"
printf '%8s %10s %10s %10s\n' threads 'wall s' 'CPU s' 'most kB'
for threads in 1 "$(nproc)"; do
	measure_median 9 "${comparison[@]}" --threads "$threads"
	printf '%8d %10s %10s %10s\n' "$threads" "$wall_s" "$cpu_s" "$rss_kb"
done
measure_median 9 "${comparison[@]}" --outdir "$BENCH_TMP/published"
printf '%8s %10s %10s %10s  with the 1200 published files\n' "$(nproc)" "$wall_s" "$cpu_s" "$rss_kb"

echo
if perf record -q -F 20000 -o "$BENCH_TMP/perf" "${comparison[@]}" --threads 1 >/dev/null 2>&1; then
	echo "where a thread's time goes"
	perf report -q --stdio --percent-limit 2 -F overhead,symbol -i "$BENCH_TMP/perf" 2>/dev/null | sed '/^$/d;s/ *$//'
else
	echo "where the time goes is not shown: perf cannot record here"
fi

# The rest is CPU time of one thread, of which the start (reading, all ways) is what one replication of one job takes.
row() { # premises jobs replications
	local start_s steps # jobs x nodes x replications
	local run=("$SFEMU" estimate --nodes "$BENCH_TMP/$1.nodes" --links "$BENCH_TMP/$1.links" --edges "$BENCH_TMP/$1.edges"
		--tasks "$BENCH_TMP/tasks" --threads 1)
	measure_median 3 "${run[@]}" --jobs 10 --replications 1
	start_s=$cpu_s
	measure_median 3 "${run[@]}" --jobs "$2" --replications "$3"
	steps=$(calc "20 * $1 * $2 * $3")
	printf '%8d %8d %8d %10s %10s %14.3f\n' $((20 * $1)) "$2" "$3" "$start_s" "$cpu_s" "$(calc "1e9 * ($cpu_s - $start_s) / $steps")"
}
echo
echo "how it grows: 3 strategies, a pool of $("$SFEMU" workload show "$BENCH_TMP/tasks" | sed -n "1s/.*: \([0-9]*\) jobs.*/\1/p") jobs, one thread"
printf '%8s %8s %8s %10s %10s %14s\n' nodes jobs runs 'start s' 'CPU s' 'ns/job/node'
for premises in 1 2 4 8 16 32; do row $premises 300 200; done
for jobs in 150 600 1200 2400; do row 4 $jobs 200; done
for replications in 50 100 400 800; do row 4 300 $replications; done
