#!/usr/bin/env bash
# Every text file that sfemu reads may begin with a UTF-8 byte order mark; UTF-16 is refused by its name (issue 13,
# ../shared/cases/csv-bom).
. "$(dirname "$0")/../lib.sh"
need iconv
cd "$TEST_TMP"

# Runs the command with the file as it is, with a mark, with a mark and CR LF, and in UTF-16 of three kinds.
try() { # file command…
	local file=$1 kind status
	shift
	cp "$file" kept
	"$@" >plain 2>err || { cat err; fail "$*: fails for the plain file $file"; }
	[ -s plain ] || fail "$*: prints nothing, so nothing is compared"
	for kind in mark crlf; do
		{ printf '\357\273\277'; cat kept; } >"$file"
		[ $kind = mark ] || sed -i 's/$/\r/' "$file"
		"$@" >marked 2>err || { cat err; fail "$*: fails for $file with a byte order mark ($kind)"; }
		cmp plain marked || fail "$*: a byte order mark in $file changes what it prints ($kind)"
	done
	for kind in UTF-16 UTF-16BE UTF-16LE; do
		iconv -f UTF-8 -t $kind kept >"$file"
		status=0
		"$@" >out 2>err || status=$?
		[ $status -eq 2 ] || { cat err; fail "$*: status $status and not 2 for $file in $kind"; }
		grep -q "$file: .*UTF-16 and not UTF-8; save it as UTF-8" err || { cat err; fail "$*: UTF-16 of $file is not named ($kind)"; }
	done
	cp kept "$file"
	echo "$file: ok"
}

# Topologies, tasks, scenarios.
star star 2
try star.nodes "$SFEMU" topology show star.nodes star.links star.edges
try star.links "$SFEMU" topology show star.nodes star.links star.edges
try star.edges "$SFEMU" topology show star.nodes star.links star.edges
cp "$SOURCE/scenarios/workloads/quickstart.csv" tasks.csv
try tasks.csv "$SFEMU" workload show --json tasks.csv
printf 'M1,1,j_1,1,Terminated,97,110,50.0,0.3\nM2,4,j_1,1,Terminated,97,120,100,0.2\nR3_1_2,4,j_1,1,Terminated,149,159,350,0.4\n' >alibaba.csv
try alibaba.csv "$SFEMU" workload show --json alibaba.csv
sed -i 's/tasks: [^,]*/tasks: tasks.csv/' star.yaml
try star.yaml "$SFEMU" topology show star.yaml
try star.nodes "$SFEMU" topology show star.yaml
try tasks.csv "$SFEMU" estimate --json star.yaml
try star.links "$SFEMU" estimate --json star.yaml

# Recorded links, samples of delays, lists of packets.
printf 'time_s,rate_bps,delay_s\n0,1000000,0.05\n1,2000000,0.04\n' >trace.csv
seq 0 10 2000 >packets.mahi
printf '1ms\n2ms\n' >samples
printf '3\n10-12\nevery 100\n' >list
cp star.yaml linked.yaml
cat >>linked.yaml <<-'YAML'
	links:
	  - {link: l0, delay: table samples, queue: 1000 packets}
	  - {link: l1, loss: packets list, queue: 1000 packets}
	schedule:
	  - {at: 0s, link: l0, direction: up, trace: {file: trace.csv}}
	  - {at: 0s, link: l0, direction: down, trace: {file: packets.mahi, format: mahimahi}}
YAML
for file in trace.csv packets.mahi samples list linked.yaml star.edges; do
	try $file "$SFEMU" schedule linked.yaml
done

# Sweeps, and their base.
printf 'base: star.yaml\nseeds: [1, 2]\n' >sweep.yaml
try sweep.yaml "$SFEMU" sweep --list sweep.yaml
try star.yaml "$SFEMU" sweep --list sweep.yaml

# Spår's tables.
mkdir tables
for table in task_num task_duration task_cpu task_mem instance_num job_interval; do
	printf 'p,value\n0,2\n1,4\n' >tables/$table.csv
done
for table in cpl level; do
	printf 'key,p,value\n2,0,2\n2,1,2\n4,0,2\n4,1,3\n' >tables/$table.csv
done
for table in tables/*.csv; do
	try "$table" "$SFEMU" workload spar --tables tables --jobs 5 -o -
done
