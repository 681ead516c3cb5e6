#!/usr/bin/env bash
# strategies side by side: each alone, one after the other, and as many guests at a time as there are cores
. "$(dirname "$0")/lib.sh"

[ $# -eq 0 ] || fail "usage: tools/bench parallel"
"$SOURCE/tools/guest-kernel/build.sh" --print-path >/dev/null || fail "no guest kernel: tools/guest-kernel/build.sh builds it"

strategies=(PureFaaS StatePropagate)
all=$(IFS=, && echo "${strategies[*]}")

row() { # words, strategies, options…
	measure_median 5 "$SFEMU" run --quiet --clock virtual --set workload.jobs=300 --set "strategies=$2" --set "results=$BENCH_TMP/results" \
		"${@:3}" "$SOURCE/scenarios/iiot.yaml"
	rm -r "$BENCH_TMP/results"
	printf '%-40s %8.2f\n' "$1" "$wall_s"
}

echo "scenarios/iiot.yaml, 300 jobs; median of 5 runs (nproc: $(nproc), load $(cut -d' ' -f1 /proc/loadavg))"
printf '%-40s %8s\n' '' 'wall s'
longest_s=0
for strategy in "${strategies[@]}"; do
	row "$strategy alone" "$strategy"
	longest_s=$(calc "($wall_s > $longest_s) ? $wall_s : $longest_s")
done
row "${#strategies[@]} strategies, -j 1" "$all" -j 1
one_s=$wall_s
row "${#strategies[@]} strategies, -j ${#strategies[@]}" "$all" -j ${#strategies[@]}
printf 'side by side: %.2f of one after the other, %.2f of the longest alone\n' "$(calc "$wall_s / $one_s")" "$(calc "$wall_s / $longest_s")"
