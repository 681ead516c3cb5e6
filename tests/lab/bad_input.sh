#!/usr/bin/env bash
# Bad input: one line "file:line: what, why; what to do", exit status 2, nothing built.
. "$(dirname "$0")/../lib.sh"

good=$TEST_TMP/good.yaml
cat >"$good" <<YAML
name: good
topology: {generate: iiot, premises: 1}
workload:
  tasks: $SOURCE/scenarios/workloads/quickstart.csv
results: $TEST_TMP/results
YAML

refuse() { # expected-pattern command…
	local pattern=$1 status=0
	shift
	"$@" >"$TEST_TMP/out" 2>"$TEST_TMP/err" || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/err"; fail "status $status and not 2: $*"; }
	[ "$(wc -l <"$TEST_TMP/err")" -eq 1 ] || { cat "$TEST_TMP/err"; fail "not one line: $*"; }
	grep -qE "$pattern" "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "does not say '$pattern': $*"; }
	[ ! -e "$TEST_TMP/results" ] || fail "something was built: $*"
}

with() { # sed-expression: the good scenario with a change
	sed "$1" "$good" >"$TEST_TMP/bad.yaml"
	echo "$TEST_TMP/bad.yaml"
}

refuse 'bad.yaml:2: .*colour' "$SFEMU" run "$(with '2i colour: red')"
refuse 'bad.yaml:2: .*rate' "$SFEMU" run "$(with '2i link: {shared: {rate: 300Mbyte}}')"
refuse 'bad.yaml:2: .*delay' "$SFEMU" run "$(with '2i link: {shared: {delay: 5}}')"
refuse 'set link.shared.rate=0' "$SFEMU" run --set link.shared.rate=0 "$good"
refuse 'nothing.yaml' "$SFEMU" run "$TEST_TMP/nothing.yaml"
refuse 'strateg' "$SFEMU" run --set strategies=PureFass "$good"
for verb in run verify; do
	refuse "tcp.congestion: the guest's kernel has no congestion control 'moon'; use one of: reno cubic bbr vegas dctcp" \
		"$SFEMU" $verb --set tcp.congestion=moon "$good"
done

# Changes in time: all that can be known before anything is built.
refuse 'bad.yaml:2: .*no link matches this element' "$SFEMU" run "$(with '2i schedule: [{at: 1s, down: nowhere}]')"
refuse 'bad.yaml:2: .*queue: holds' "$SFEMU" run "$(with "2i schedule: [{at: 1s, link: '*', set: {rate: 10kbit}}]")"
refuse 'bad.yaml:2: .*no node moon' "$SFEMU" run "$(with '2i schedule: [{at: 1s, partition: [moon]}]')"
printf 'time_s,rate_bps,delay_s\n0,1000000,0\n0,fast,0\n' >"$TEST_TMP/trace.csv"
refuse 'trace.csv:3: .*rate_bps' "$SFEMU" run "$(with '2i schedule: [{at: 0s, kind: shared, trace: {file: trace.csv}}]')"

# Workloads.
workload() { # rows
	printf '%b' "$1" >"$TEST_TMP/tasks.csv"
	with "s|tasks: .*|tasks: $TEST_TMP/tasks.csv|"
}
refuse 'tasks.csv:2: ' "$SFEMU" run "$(workload '0,j_1,T1,1,100,0.2,1\n0,j_1,T2_1,many,100,0.2,1\n')"
refuse 'tasks.csv:2: .*no task writes' "$SFEMU" run "$(workload '0,j_1,T1,1,100,0.2,1\n0,j_1,T2_1_7,1,100,0.2,1\n')"
refuse 'tasks.csv.*' "$SFEMU" run "$(workload '')"
# Numbers: a state of 2^63 bytes (memory x 1e6), not a number, too large, a task that depends on itself.
state='0,j_1,T1,1,1,1,1\n0,j_1,T2,1,1,%s,1\n0,j_1,T3_1_2,1,1,1,1\n'
refuse 'tasks.csv:2: .*state' "$SFEMU" run "$(workload "${state/\%s/9223372036854.775808}")"
refuse 'tasks.csv:2: .*not a number' "$SFEMU" run "$(workload "${state/\%s/nan}")"
refuse 'tasks.csv:2: .*overflows' "$SFEMU" run "$(workload "${state/\%s/1e999}")"
refuse 'tasks.csv:2: .*depends on itself' "$SFEMU" run "$(workload '0,j_1,T1,1,1,1,1\n0,j_1,T2_2,1,1,1,1\n')"
for option in '--hours 0' '--hours nan' '--load-factor 0' '--load-factor 1e99' '--heterogeneity -1' '--jobs 1e3'; do
	# shellcheck disable=SC2086
	refuse "sfemu: ${option% *} needs" "$SFEMU" workload spar $option -o "$TEST_TMP/none.csv"
done
[ ! -e "$TEST_TMP/none.csv" ] || fail "a workload was written"

# What nodes give to invocations.
refuse 'bad.yaml:2: .*neither node nor model' "$SFEMU" run "$(with '2i nodes: [{cores: 4}]')"
refuse 'bad.yaml:2: .*says nothing' "$SFEMU" run "$(with '2i nodes: [{node: "*"}]')"
refuse "bad.yaml:2: .*no node matches 'moon'.* and others" "$SFEMU" run "$(with '2i nodes: [{node: moon, cores: 4}]')"
refuse "bad.yaml:2: .*'0' is not 1 to 65536" "$SFEMU" run "$(with '2i nodes: [{model: server, cores: 0}]')"
refuse 'bad.yaml:2: .*memory: is 0' "$SFEMU" run "$(with '2i nodes: [{model: server, memory: 0B}]')"
# Workflows and placement: what is in the scenario, and what its topology has to have.
camera=$SOURCE/scenarios/camera.yaml
workflow() { # sed-expression: the camera's workflow with a change
	sed "s|^seed: 1|results: $TEST_TMP/results|;$1" "$camera" >"$TEST_TMP/bad.yaml"
	echo "$TEST_TMP/bad.yaml"
}
refuse 'bad.yaml:24: .*no function lisden; .*: decide, decode, detect, listen; the nearest is listen' "$SFEMU" run "$(workflow 's/function: listen/function: lisden/')"
refuse 'bad.yaml:26: .*no step vidoe; .*: start, audio, video, decide; the nearest is video' "$SFEMU" run "$(workflow 's/audio, video/audio, vidoe/')"
refuse 'bad.yaml:26: .*no state trak; .*: model, track; the nearest is track' "$SFEMU" run "$(workflow 's/update: track/update: trak/')"
refuse 'bad.yaml:2[36]: .*start and decide are in a cycle|decide and start' \
	"$SFEMU" run "$(workflow 's/function: decode}/function: decode, after: decide}/;s/after: start/after: []/;s/\[audio, video\]/start/')"
refuse 'bad.yaml:25: .*audio changes the state model, which the step video uses' \
	"$SFEMU" run "$(workflow '/name: audio/s/read/update/')"
refuse 'bad.yaml:15: .*no client matches moon; .*: rpi3_0, rpi3_1, rpi3_2, tx2_0' "$SFEMU" run "$(workflow 's/"rpi3_\*"/moon/')"
refuse 'bad.yaml:31: .*no node matches moon' "$SFEMU" run "$(workflow 's/node: "server_\*"/node: moon/')"
refuse 'bad.yaml:31: .*no step matches vidoe; .*: start, audio, video, decide; the nearest is video' "$SFEMU" run "$(workflow 's/step: video/step: vidoe/')"
refuse 'bad.yaml:31: .*no workflow matches kamera; .*: camera; the nearest is camera' "$SFEMU" run "$(workflow 's/step: video/workflow: kamera/')"
refuse 'bad.yaml:31: .*no function matches detekt; .*: decode, listen, detect, decide; the nearest is detect' \
	"$SFEMU" run "$(workflow 's/step: video/function: detekt/')"
refuse 'bad.yaml:31: .*no client matches rpi3_x; .*; the nearest is rpi3_0' "$SFEMU" run "$(workflow 's/step: video/client: rpi3_x/')"
refuse 'bad.yaml:32: .*no node is left for step video' \
	"$SFEMU" run "$(workflow '/step: video/a\    - {function: detect, node: server_x}' | xargs sed -i 's/server_x/nuc_0/' && echo "$TEST_TMP/bad.yaml")"
refuse 'bad.yaml:8: functions.decode.affinity: no node is a moon' \
	"$SFEMU" run "$(workflow 's|output: argument / 4|&, affinity: moon|')"
refuse 'bad.yaml:31: .*have the affinity of the function' "$SFEMU" run "$(workflow 's/output: 40kB/&, affinity: GPU/')"
graph() { # JSON of the authors' prototype
	printf '%b' "$1" >"$TEST_TMP/graph.json"
	workflow '/^    argument/a\    file: graph.json' >/dev/null
	sed -i '/^    states:/,/^placement/{/^placement/!d}' "$TEST_TMP/bad.yaml"
	echo "$TEST_TMP/bad.yaml"
}
refuse 'graph.json:2: unknown key .delay.' "$SFEMU" run "$(graph '{"functions": ["decode"],\n"delay": 3}')"
refuse 'graph.json:2: .*no function lisden' "$SFEMU" run "$(graph '{"functions": ["decode",\n"lisden"]}')"
refuse 'graph.json:3: .*s depends on lisden.*: decode' "$SFEMU" run \
	"$(graph '{"functions": ["decode"],\n"dependencies":\n{"s": ["lisden"]}, "state-sizes": {"s": 1}}')"
refuse 'graph.json:1: .*in a cycle' "$SFEMU" run \
	"$(graph '{"functionNames": ["decode", "detect", "listen", "decide"], "successors": [[1], [2], [1, 3]]}')"
refuse 'graph.json:2: .*s is not a number from 0' "$SFEMU" run \
	"$(graph '{"functions": ["decode"], "dependencies": {"s": null}, "state-sizes":\n{"s": 1e4}}')"
mkdir "$TEST_TMP/from"
refuse 'from/jobs.csv: .*cannot open' "$SFEMU" run --set "placement={from: $TEST_TMP/from}" "$(workflow '')"
printf 'job,client\n1,rpi3_0\n' >"$TEST_TMP/from/jobs.csv"
printf 'job,step,function,node\n1,0,decode,rpi3_0\n' >"$TEST_TMP/from/invocations.csv"
refuse 'from/invocations.csv: .*no row for step 1 of job 1' \
	"$SFEMU" run --set "placement={from: $TEST_TMP/from}" "$(workflow '')"

# Topologies: a link without an end, a node that no path reaches.
"$SFEMU" topology iiot --premises 1 -o "$TEST_TMP/t"
topology() {
	with "s|topology: .*|topology: {nodes: $TEST_TMP/t.nodes, links: $TEST_TMP/t.links, edges: $TEST_TMP/bad.edges}|"
}
grep -v 'up_lan_0 internet' "$TEST_TMP/t.edges" >"$TEST_TMP/bad.edges"
refuse 'up_lan_0' "$SFEMU" run "$(topology)"
grep -vE '^nuc_0 |nuc_0 switch|link_nuc_0' "$TEST_TMP/t.edges" >"$TEST_TMP/bad.edges"
refuse 'nuc_0' "$SFEMU" run "$(topology)"

# Names that would be more than names in a table, a shell or the kernel: of a node, a link, a junction, a scenario.
named() { # old new: the topology with another name
	local kind
	for kind in nodes links edges; do
		sed -E "s/(^|[ ;])$1($|[ ;])/\\1$2\\2/g" "$TEST_TMP/t.$kind" >"$TEST_TMP/named.$kind"
	done
	with "s|topology: .*|topology: {nodes: $TEST_TMP/named.nodes, links: $TEST_TMP/named.links, edges: $TEST_TMP/named.edges}|"
}
refuse 'named.nodes:1: the name all is reserved: it means' "$SFEMU" run "$(named nuc_0 all)"
refuse 'named.nodes:1: the name @SUM\(1\) has a character' "$SFEMU" run "$(named nuc_0 '@SUM(1)')"
refuse 'named.nodes:1: the name %s%n has a character' "$SFEMU" run "$(named nuc_0 '%s%n')"
refuse "named.links:1: the name -rf begins with '-'" "$SFEMU" run "$(named link_nuc_0 -rf)"
refuse 'named.edges:[0-9]+: the name localhost is reserved' "$SFEMU" run "$(named switch_lan_0 localhost)"
refuse 'named.edges:[0-9]+: the name 0x10 reads as a number' "$SFEMU" topology show "$(named switch_lan_0 0x10)"
refuse "bad.yaml:1: name: the name -x begins with '-'" "$SFEMU" run "$(with 's/^name: .*/name: -x/')"
"$SFEMU" topology show "$(named nuc_0 5g.cell-A_0)" >/dev/null || fail "a good name is refused"
names=$SOURCE/../shared/cases/names
if [ -d "$names" ]; then
	refuse 'all.nodes:6: the name all is reserved' "$SFEMU" run --set "results=$TEST_TMP/results" "$names/all.yaml"
	refuse 'at.nodes:6: the name @SUM\(1\)' "$SFEMU" run --set "results=$TEST_TMP/results" "$names/at.yaml"
	refuse 'percent.nodes:6: the name %s%n' "$SFEMU" run --set "results=$TEST_TMP/results" "$names/percent.yaml"
else
	echo "SKIPPED: the three cases of names, $names is absent"
fi

# Compositions, and latencies in a file.
compose() { # text of topology.compose
	with "s|topology: .*|topology: {compose: $1}|"
}
refuse 'bad.yaml:2: .*abacus' "$SFEMU" run "$(compose '{cells: [{lan: [abacus]}]}')"
refuse 'bad.yaml:2: .*contains itself: a -> b -> a' "$SFEMU" run "$(compose '{define: {a: [b], b: [a]}, cells: [a]}')"
refuse 'bad.yaml:2: .*more than 1000000' "$SFEMU" run "$(compose '{cells: [{lan: [{node: nuc, count: 999 * 1001}]}]}')"
refuse 'bad.yaml:2: .*rate is 0' "$SFEMU" run "$(compose '{cells: [{shared: [nuc], rate: 0Mbit}]}')"
refuse 'bad.yaml:2: .*no path' "$SFEMU" topology show "$(compose '{cells: [{lan: [nuc]}, {lan: [nuc]}]}')"
sed '3s/$/;-1/' "$TEST_TMP/t.links" >"$TEST_TMP/bad.links"
refuse 'bad.links:3: .*latency' "$SFEMU" topology show "$TEST_TMP"/{t.nodes,bad.links,t.edges}
sed '2s/$/;5/' "$TEST_TMP/t.edges" >"$TEST_TMP/bad.edges"
refuse 'bad.edges:2: .*is a link' "$SFEMU" topology show "$TEST_TMP"/{t.nodes,t.links,bad.edges}
seq 1000001 | sed 's/.*/&;n&;1;1;x;y;server/' >"$TEST_TMP/bad.nodes"
refuse 'bad.nodes:1000001: more than 1000000 vertices' timeout 120 "$SFEMU" topology show "$TEST_TMP"/{bad.nodes,t.links,t.edges}
refuse 'nothing was measured' "$SFEMU" topology cloud --regions us-east-1,us-east4
refuse 'cells is for urban' "$SFEMU" topology iiot --cells 3

# A rate that no emulated link can have: netem would take less than a byte per second for no limit.
cp "$TEST_TMP/t.edges" "$TEST_TMP/bad.edges"
sed -i 's/^2;1000;/2;0.000001;/' "$TEST_TMP/t.links"
refuse 'link_rpi3_0' "$SFEMU" run "$(topology)"

refuse 'run needs a whole number' "$SFEMU" down --run 12x

# Results that cannot be written.
: >"$TEST_TMP/file"
refuse 'results' "$SFEMU" run --vm --set "results=$TEST_TMP/file/results" "$good"
refuse 'results' "$SFEMU" run --vm --set "results=/proc/results" "$good"
refuse 'no such|there is no node' "$SFEMU" run --vm --exec 'moon: true' "$good"

# Repeats and comparisons that make no sense.
refuse 'verify-repeat: .*real clock' "$SFEMU" run --vm --clock real --verify-repeat 2 "$good"
refuse 'sfemu: -j: .*side by side: on the real clock' "$SFEMU" run --vm --clock real -j 2 "$good"
refuse 'sfemu: -j: .*side by side: commands' "$SFEMU" run --vm --parallel 2 --exec 'rpi3_0: true' "$good"
refuse 'sfemu: --memory: .*side by side: on the real clock' "$SFEMU" run --vm --clock real --memory 1GiB "$good"
refuse 'sfemu: --memory: .*side by side: there is one strategy' "$SFEMU" run --vm --set strategies=PureFaaS --memory 1GiB "$good"
refuse 'whole number from 1' "$SFEMU" run --vm -j 0 "$good"
refuse 'needs a size' "$SFEMU" run --vm --memory some "$good"
refuse 'takes two results folders' "$SFEMU" diff "$TEST_TMP"
refuse '/nowhere: ' "$SFEMU" diff "$TEST_TMP" "$TEST_TMP/nowhere"
refuse 'file and not a folder' "$SFEMU" diff "$TEST_TMP" "$TEST_TMP/file"
mkdir "$TEST_TMP/empty-a" "$TEST_TMP/empty-b"
refuse 'both folders are empty' "$SFEMU" diff "$TEST_TMP/empty-a" "$TEST_TMP/empty-b"
# Folders that differ are no bad input.
echo a >"$TEST_TMP/empty-a/x"
echo b >"$TEST_TMP/empty-b/x"
status=0
"$SFEMU" diff "$TEST_TMP/empty-a" "$TEST_TMP/empty-b" >"$TEST_TMP/out" || status=$?
[ $status -eq 1 ] || fail "status $status and not 1 for folders that differ"
grep -q "^x: line 1, byte 1 of it: 'a' and 'b'" "$TEST_TMP/out" || fail "does not say where folders differ"
"$SFEMU" diff "$TEST_TMP/empty-a" "$TEST_TMP/empty-a" >/dev/null || fail "a folder differs from itself"
