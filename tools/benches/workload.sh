#!/usr/bin/env bash
# workloads: generating and reading a million rows, in Spår's format and in Alibaba's
. "$(dirname "$0")/lib.sh"

[ $# -eq 0 ] || fail "usage: tools/bench workload"
spar=$BENCH_TMP/spar alibaba=$BENCH_TMP/alibaba jobs=310000

row() { # what rows-file command…
	local what=$1 file=$2 rows bytes
	shift 2
	measure_median 3 "$@"
	rows=$(wc -l <"$file") bytes=$(wc -c <"$file")
	printf '%-28s %9d %8s %8s %12.0f %10.1f %8.0f\n' "$what" "$rows" "$wall_s" "$cpu_s" "$(calc "$rows / $cpu_s")" \
		"$(calc "$bytes / $cpu_s / 1e6")" "$(calc "$rss_kb / 1000")"
}

printf '%-28s %9s %8s %8s %12s %10s %8s\n' '' rows 'wall s' 'CPU s' 'rows/CPU s' 'MB/CPU s' 'most MB'
"$SFEMU" workload spar --jobs $jobs -o "$spar" >/dev/null
awk -F, '{ print $3 "," $7 "," $2 ",1,Terminated," $1 "," $1 + $4 "," $5 "," $6 }' "$spar" >"$alibaba"
row 'workload spar' "$spar" "$SFEMU" workload spar --jobs $jobs -o "$BENCH_TMP/again"
row "workload show, Spår's rows" "$spar" "$SFEMU" workload show "$spar"
row "workload show, Alibaba's" "$alibaba" "$SFEMU" workload show "$alibaba"
row 'for comparison: wc' "$alibaba" wc "$alibaba"
