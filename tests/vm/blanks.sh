#!/usr/bin/env bash
# Blanks, quotes, commas, other characters of a shell and letters beyond ASCII in every path that sfemu is given, with all
# verbs; a tab or a line end in the path of an input is refused, and in no other path does any harm (issue 13, point 14).
. "$(dirname "$0")/../lib.sh"

where="$TEST_TMP/a b  'c\" d,e;f=g&h(\$i) #j%20[k]*ü"
mkdir "$where"
cd "$where"
cp "$SFEMU" "./the program"
program="$where/the program"
cp "$SOURCE/scenarios/workloads/quickstart.csv" "the, tasks.csv"
"$SFEMU" topology iiot --premises 1 -o "a, network" >/dev/null
for part in nodes links edges; do
	[ -s "a, network.$part" ] || fail "topology -o with a blank writes no $part"
done
printf 'time_s,rate_bps,delay_s\n0,50000000,0.002\n1,20000000,0.002\n' >"a trace, ü.csv"
cat >"the scenario.yaml" <<-'YAML'
	topology: {nodes: 'a, network.nodes', links: "a, network.links", edges: 'a, network.edges'}
	workload: {tasks: 'the, tasks.csv', jobs: 12}
	strategies: [StateLocal]
	results: the results
	links: [{link: link_0, queue: 1000 packets}]
	schedule:
	  - {at: 0s, link: link_0, trace: {file: 'a trace, ü.csv'}}
YAML
printf '#!/bin/sh\necho "said by $0"\n' >"say it.sh"
chmod +x "say it.sh"

runs() { # words that the output has, command…
	local words=$1
	shift
	"$@" >out 2>err || { cat err; fail "it fails: $*"; }
	grep -qF -- "$words" out || { cat out err; fail "no '$words' by: $*"; }
}
quoted=$(printf '%s' "$where/say it.sh" | sed "s/'/'\\\\''/g")
runs 'StateLocal' "$program" run --capture all --exec "nuc_0: '$quoted'" "the scenario.yaml"
expect out '^nuc_0: said by '
results=$(results_of out)
[ -s "$results/jobs.csv" ] && [ -s "$results/report.html" ] || fail "no results in $results"
runs 'StateLocal' "$program" run --into "$where/own results" --set "results=$where/x y" "$where/the scenario.yaml"
[ -s "own results/report.html" ] || fail "--into a folder with a blank"
cmp "own results/jobs.csv" "$results/jobs.csv" || fail "other jobs in another folder"
runs 'the same' "$program" diff "$results" "$results"
status=0
"$program" diff "$results" "own results" >out || status=$?
[ $status -le 1 ] || fail "diff: status $status"
runs 'report.html' "$program" report "$where/own results"
runs 'link_0' "$program" links "$results"
runs 'link_0' "$program" analyze "$results"
capture=$(find "$results/captures" -name '*.pcap' -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-) # many links are silent
cp "$capture" "a capture.pcap"
runs 'packets' "$program" analyze "a capture.pcap"
runs 'link_0' "$program" verify --link link_0 --probes 20 "the scenario.yaml"
runs 'StateLocal' "$program" estimate "the scenario.yaml"
runs 'link_0' "$program" schedule "the scenario.yaml"
runs 'junctions' "$program" topology show "the scenario.yaml"
runs 'jobs' "$program" workload show "the, tasks.csv"
"$program" workload spar --jobs 5 -o "new, tasks.csv" >out 2>err && [ -s "new, tasks.csv" ] || fail "workload spar -o"

printf "base: 'the scenario.yaml'\nseeds: [1, 2]\nresults: 'of the sweep'\n" >"the sweep.yaml"
runs '2 run, 0 done before, 0 failed' "$program" sweep "the sweep.yaml"
[ "$(wc -l <"of the sweep/sweep-the-sweep/sweep.csv")" -ge 3 ] || fail "no rows of the sweep"
runs '0 run, 2 done before' "$program" sweep "the sweep.yaml"
runs '2 run, 0 done before' "$program" sweep --output "another, sweep" "the sweep.yaml"
"$program" check >out 2>err || [ $? -eq 1 ] || fail "check"

# The guest kernel by a path with a blank; the tools, the home and the caches too. Linux itself cannot be built in such a cache.
kernel=$("$SOURCE/tools/guest-kernel/build.sh" --print-path) || fail "no guest kernel"
mkdir "a kernel"
cp "$kernel" "$kernel.sha256" "a kernel/"
SFEMU_GUEST_KERNEL="$where/a kernel/linux" runs 'StateLocal' "$program" run --into "by own kernel" "the scenario.yaml"
cp -r "$SOURCE/tools" "the tools"
SFEMU_TOOLS="$where/the tools" runs 'StateLocal' "$program" run --into "by own tools" "the scenario.yaml"
SFEMU_TOOLS="$where/the tools" runs 'linux' "$program" guest list
HOME=$where XDG_CACHE_HOME="$where/a cache" XDG_RUNTIME_DIR="$where/run" TMPDIR="$where" \
	runs 'StateLocal' "$program" run --into "with own folders" "the scenario.yaml"
status=0
SFEMU_CACHE="$where/a cache" "the tools/guest-kernel/build.sh" --force >out 2>err || status=$?
[ $status -eq 1 ] && [ ! -e "a cache/guest-kernel" ] || { cat err; fail "status $status: a build of Linux in a folder with a blank"; }
expect err 'whose path has a blank or a colon: set SFEMU_CACHE to another folder'

# Control characters: of an input they are refused in one line; other paths may have them.
for bad in $'tab\there' $'line\nend'; do
	mkdir "$where/$bad"
	cp ./*.yaml ./*.csv ./*.nodes ./*.links ./*.edges "$where/$bad"
	status=0
	"$program" run --into "refused" "$where/$bad/the scenario.yaml" >out 2>err || status=$?
	[ $status -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] || { cat err; fail "status $status: an input in a folder with a control character"; }
	expect err 'has a control character'
	[ ! -e refused ] || fail "something was built"
	status=0
	"$program" run --into "$where/$bad/results" "the scenario.yaml" >out 2>err || status=$?
	case $status in
	0) [ -s "$where/$bad/results/jobs.csv" ] || fail "no results in a folder with a control character" ;;
	2) [ "$(wc -l <err)" -eq 1 ] || { cat err; fail "more than one line"; } ;;
	*) cat err; fail "status $status: results in a folder with a control character" ;;
	esac
done
