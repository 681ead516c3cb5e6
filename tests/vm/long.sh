#!/usr/bin/env bash
# long: a minute or two
# Ten times the jobs cost at most 13 times the CPU time, and a job takes few KB of memory, in the guest and outside. The jobs
# are small: what is measured is what sfemu keeps of a job (docs/running.md, "How fast"). All of them end, in order.
. "$(dirname "$0")/../lib.sh"
alone "$@" # the only processes that the test sees are its own

GUEST_BYTES=${GUEST_BYTES:-6200} HOST_BYTES=${HOST_BYTES:-7000} # a job

# Jobs of two invocations and one state of a few KB, 20 a second.
jobs_file() {
	awk -v n="$1" 'BEGIN { for (j = 1; j <= n; j++) for (i = 1; i <= 3; i++)
		printf "%d,j_%d,T%d%s,1,100,%.4f,1\n", j / 20, j, i, i == 3 ? "_1_2" : "", 0.001 + (7 * j + 3 * i) % 50 / 1e4 }'
}

# The most memory in KB that the processes of each name had, while there are any of the run: "guest host".
peaks() {
	local guest=0 host=0 now
	while kill -0 "$1" 2>/dev/null; do
		now=$({ cat /proc/[0-9]*/status 2>/dev/null || true; } | awk -v host="$(basename "$SFEMU" | cut -c1-15)" '/^Name:/ { name = $2 }
			/^VmHWM:/ && $2 > most[name] { most[name] = $2 } END { print most["linux"] + 0, most[host] + 0 }')
		[ "${now% *}" -le "$guest" ] || guest=${now% *}
		[ "${now#* }" -le "$host" ] || host=${now#* }
		sleep 0.1
	done
	echo "$guest $host"
}

# Sets cpu_s, guest_kb and host_kb.
run() { # how many jobs
	local TIMEFORMAT='%U %S' user system status=0 folder=$TEST_TMP/$1
	jobs_file "$1" >"$TEST_TMP/jobs.csv"
	{ time "$SFEMU" run --quiet --vm --clock virtual --into "$folder" --set workload.tasks="$TEST_TMP/jobs.csv" \
		--set workload.jobs=all --set strategies=StateLocal "$SOURCE/scenarios/iiot.yaml" \
		>"$TEST_TMP/log" 2>&1; } 2>"$TEST_TMP/time" &
	peaks $! >"$TEST_TMP/peaks"
	wait $! || status=$?
	[ $status -eq 0 ] || fail "$1 jobs: $(cat "$TEST_TMP/log")"
	read -r guest_kb host_kb <"$TEST_TMP/peaks"
	read -r user system <"$TEST_TMP/time"
	cpu_s=$(awk "BEGIN { print $user + $system }")
	echo "$1 jobs: $cpu_s s of CPU time, $((guest_kb / 1024)) MB in the guest, $((host_kb / 1024)) MB outside"
	awk -F, -v n="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["job"] != NR - 1 || $at["status"] != "done" { print "jobs.csv: " $0; bad = 1; exit }
		END { exit bad || NR != n + 1 }' "$folder/jobs.csv" || fail "$1 jobs: not all of them are in jobs.csv, in order and done"
	[ "$(stat -c %s "$folder/report.html")" -lt 5000000 ] || fail "$1 jobs: the report has more than 5 MB"
	python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$folder/trace.json" || fail "$1 jobs: trace.json is not JSON"
	rm -r "$folder"
}

need python3
run 1000
few_s=$cpu_s few_guest=$guest_kb few_host=$host_kb
# Processes of other names would be none of them, and nothing would grow.
[ "$few_guest" -gt 10000 ] && [ "$few_host" -gt 1000 ] || fail "no process of the guest or of the orchestrator was measured"
awk "BEGIN { exit !($few_s > 0.1) }" || fail "no CPU time was measured"
run 11000
awk "BEGIN { exit !($cpu_s <= 1.1 * 13 * $few_s) }" || fail "11 times as many jobs cost more than 14.3 times the CPU time: $few_s s and $cpu_s s"
guest=$(((guest_kb - few_guest) * 1024 / 10000)) host=$(((host_kb - few_host) * 1024 / 10000))
echo "a job takes $guest bytes in the guest, $host bytes outside"
[ $guest -le "$GUEST_BYTES" ] || fail "a job takes $guest bytes of the guest's memory, more than $GUEST_BYTES"
[ $host -le "$HOST_BYTES" ] || fail "a job takes $host bytes of the orchestrator's memory, more than $HOST_BYTES"
