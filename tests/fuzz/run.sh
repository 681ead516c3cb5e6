#!/usr/bin/env bash
# Builds the fuzz targets (clang, libFuzzer, sanitizers) and runs each over its seeds and what it makes of them.
#
#   tests/fuzz/run.sh [--seconds S | --runs N] [--keep DIR] [TARGET…]
#
# S (default 60) and N are for all targets together, each gets its share. Seeds are corpus/TARGET, files that sfemu
# itself generates, and ../shared/reference where it is present. --keep: a folder in which what was learnt stays from run
# to run. A finding ends the run: exit status 1, with the input's path and how to repeat it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

limit=-max_total_time amount=60 keep= targets=()
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) limit=-max_total_time amount=$2; shift 2 ;;
	--runs) limit=-runs amount=$2; shift 2 ;;
	--keep) keep=$2; shift 2 ;;
	-h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
	-*) echo "run.sh: unknown: $1; try --help" >&2; exit 2 ;;
	*) targets+=("$1"); shift ;;
	esac
done
[[ $amount =~ ^[1-9][0-9]*$ ]] || { echo "run.sh: --seconds and --runs need a whole number, not '$amount'" >&2; exit 2; }
all=$(ls tests/fuzz/fuzz_*.c tests/fuzz/binary/fuzz_*.c | sed 's|.*/fuzz_||; s|\.c$||' | sort)
[ ${#targets[@]} -gt 0 ] || mapfile -t targets <<<"$all"
for t in "${targets[@]}"; do
	grep -qx -- "$t" <<<"$all" || { echo "run.sh: no target '$t'; there are:" $all >&2; exit 2; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "building the fuzz targets in build-fuzz/" >&2
CC=clang cmake -B build-fuzz -DSFE_FUZZ=ON -DSFE_WERROR=ON >"$work/log" 2>&1 &&
	cmake --build build-fuzz -j"$(nproc)" --target fuzz >>"$work/log" 2>&1 ||
	{ tail -n 30 "$work/log" >&2; echo "run.sh: the build fails" >&2; exit 1; }

# Real files as seeds, beside the small ones of corpus/.
real=$work/real sfemu=build-fuzz/sfemu reference=../shared/reference
mkdir -p "$real"/{compose,topology,tasks,scenario,strategy_file,sweep,yaml_tree,spar_tables}
join() { # nodes links edges: one input of three parts
	cat "$1"; echo "%%"; cat "$2"; echo "%%"; cat "$3"
}
for network in 'iiot --premises 1' 'urban --cells 1'; do
	# shellcheck disable=SC2086
	"$sfemu" topology $network -o "$work/t" >/dev/null
	join "$work"/t.{nodes,links,edges} >"$real/topology/${network%% *}"
done
for network in iiot urban cloud; do
	"$sfemu" topology compose "$network" --latency >"$real/compose/$network"
done
"$sfemu" workload spar --jobs 5 --seed 1 -o "$real/tasks/spar" >/dev/null
awk -F, '{ print $3 "," $7 "," $2 ",1,Terminated," $1 "," $1 + $4 "," $5 "," $6 }' "$real/tasks/spar" >"$real/tasks/alibaba"
cp scenarios/*.yaml "$real/scenario"
sed "s/^base: .*/base: 900/" scenarios/sweep.yaml >"$real/sweep/sweep.yaml"
for f in scenarios/*.yaml; do { printf '\0'; cat "$f"; } >"$real/yaml_tree/$(basename "$f")"; done
# Small enough for -max_len.
clang -std=c17 -shared -fPIC -nostdlib -s -Wl,-z,noseparate-code,-z,norelro,--build-id=none -Iemu/include \
	-o "$real/strategy_file/state_at_first" scenarios/plugins/state_at_first.c
if [ -d "$reference" ]; then
	for n in iiot urban_sensing; do
		join "$reference/network/$n".0.{nodes,links,edges} >"$real/topology/reference-$n"
	done
	head -n 20 "$reference/tasks/batch_task.csv" >"$real/tasks/reference"
	i=0
	for table in cpl level task_num task_duration task_cpu task_mem instance_num job_interval; do
		# shellcheck disable=SC2059
		{ printf "\\x$i"; head -n 200 "$reference/spar/$table.csv"; } >"$real/spar_tables/$table"
		i=$((i + 1))
	done
fi

share=$(((amount + ${#targets[@]} - 1) / ${#targets[@]}))
fuzz() { # target: its log and status
	local t=$1 dict=tests/fuzz/$1.dict learnt=${keep:-$work}/learnt/$1 status=0
	mkdir -p "$learnt" "$real/$t" "tests/fuzz/corpus/$t" results/fuzz
	nice -n 19 "build-fuzz/fuzz_$t" "$limit=$share" -timeout=10 -rss_limit_mb=1024 -max_len=8192 -reload=0 \
		-print_final_stats=1 -artifact_prefix="results/fuzz/$t-" ${FUZZ_SEED:+-seed=$FUZZ_SEED} \
		$([ ! -e "$dict" ] || echo "-dict=$dict") \
		"$learnt" "tests/fuzz/corpus/$t" "$real/$t" >"$work/$t.log" 2>&1 || status=$?
	echo $status >"$work/$t.status"
}
for t in "${targets[@]}"; do # as many at once as there are cores
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
	fuzz "$t" &
done
wait

total=0 skipped=0
for t in "${targets[@]}"; do
	log=$work/$t.log
	status=$(cat "$work/$t.status")
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ "$status" -eq 77 ]; then # the machine does not allow what the target needs; it has said what
		printf '%-12s SKIPPED: %s\n' "$t" "$(sed -n 's/^SKIPPED: //p' "$log")"
		skipped=$((skipped + 1))
		continue
	fi
	if [ "$status" -ne 0 ]; then
		grep -vE '^#[0-9]' "$log" | tail -n 60
		echo "run.sh: a finding in fuzz_$t; repeat it with: build-fuzz/fuzz_$t $(sed -n 's/.*written to //p' "$log" | tail -n 1)"
		exit 1
	fi
	printf '%-12s %10d runs, %6d a second, coverage %d\n' "$t" "$runs" \
		"$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")" \
		"$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1)"
	total=$((total + runs))
done
echo "$total runs in $((${#targets[@]} - skipped)) targets, no finding; $skipped skipped"
