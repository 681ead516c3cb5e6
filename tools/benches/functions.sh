#!/usr/bin/env bash
# a call beyond its work: of a C function natively, and of a program in the guest, as a static C program and in Python
. "$(dirname "$0")/lib.sh"

[ $# -eq 0 ] || fail "usage: tools/bench functions"
"$SOURCE/tools/guest-kernel/build.sh" --print-path >/dev/null || fail "no guest kernel: tools/guest-kernel/build.sh builds it"
need cc python3

more=100 # calls that one of two runs has more
cd "$BENCH_TMP"
cat >program.c <<'C'
#include <stdio.h>

int main(void)
{
	unsigned long n = 0;
	FILE *state = fopen("s", "r+b");

	while (getchar() != EOF)
		n++;
	if (!state || fwrite("abcd", 1, 4, state) != 4 || fclose(state))
		return 1;
	printf("%08lu", n);
	return 0;
}
C
cat >program.py <<'PYTHON'
import sys

n = len(sys.stdin.buffer.read())
with open("s", "r+b") as state:
    state.write(b"abcd")
sys.stdout.write("%08u" % n)
PYTHON
cc -O2 -static -o program program.c

scenario() { # name, function
	cat >"$1.yaml" <<-YAML
		topology: {compose: {cells: [{node: rpi4, to: switch}, {node: server, to: switch}], backbone: []}}
		functions: {f: {$2, ops: 1e6, output: 8B}}
		workflows:
		  - {name: w, jobs: 1, arrivals: poisson 2, argument: 1kB, states: {s: {size: 4kB}}, steps: [{name: one, function: f, update: s}]}
		placement: {pin: [{function: f, node: "server*"}]}
		strategies: [StateLocal]
	YAML
	sed "s/jobs: 1,/jobs: $((more + 1)),/" "$1.yaml" >"$1-more.yaml"
}
# Sets wall and cpu, the ms that a further job takes.
job_takes() { # name
	local wall_0 cpu_0
	measure_median 3 "$SFEMU" run --quiet --clock virtual --set "results=$BENCH_TMP/results" "$1.yaml"
	wall_0=$wall_s cpu_0=$cpu_s
	measure_median 3 "$SFEMU" run --quiet --clock virtual --set "results=$BENCH_TMP/results" "$1-more.yaml"
	wall=$(calc "($wall_s - $wall_0) * 1000 / $more") cpu=$(calc "($cpu_s - $cpu_0) * 1000 / $more")
	rm -r results
}

echo "medians of 3 runs (nproc: $(nproc), load $(cut -d' ' -f1 /proc/loadavg))"
"$BUILD/function_bench" | sed 's/^/C function: /'
scenario sample ''
sed -i 's/{, /{/' sample.yaml sample-more.yaml
scenario static 'exec: [program]'
scenario python "exec: [python3, program.py]"
job_takes sample
base_wall=$wall base_cpu=$cpu
for name in static python; do
	job_takes $name
	printf '%s program: %.1f ms of wall time, %.1f ms of CPU time a call, more than the sample function\n' "$name" \
		"$(calc "$wall - $base_wall")" "$(calc "$cpu - $base_cpu")"
done
echo "load at the end: $(cut -d' ' -f1 /proc/loadavg)"
