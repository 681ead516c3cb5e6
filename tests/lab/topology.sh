#!/usr/bin/env bash
# sfemu topology: generators, their compositions in a scenario's file, files written and read again.
. "$(dirname "$0")/../lib.sh"
cd "$TEST_TMP"

# A generator, its composition as a scenario's, and its files are one and the same network.
same() { # scenario-options… (of the generator), with the scenario first
	"$SFEMU" topology "$@" -o - >generated
	{ printf 'seed: 7\ntopology:\n  compose:\n'; "$SFEMU" topology compose "$@" | sed 's/^/    /'; } >composed.yaml
	"$SFEMU" topology composed.yaml -o - | cmp - generated || fail "the composition of $* is another network"
	"$SFEMU" topology "$@" -o files >/dev/null
	"$SFEMU" topology show files.nodes files.links files.edges >shown
	"$SFEMU" topology show composed.yaml | cmp - shown || fail "the files of $* are another network"
	"$SFEMU" topology dot files.nodes files.links files.edges | cmp - <("$SFEMU" topology dot "$@") || fail "drawn differently: $*"
}
same iiot
same iiot --premises 5 --racks 1 --servers 2 --latency
same urban --seed 7
same urban --seed 7 --cells 9 --density 'uniform 1 4' --latency
same cloud
same cloud --regions gcp --servers 1 --latency

# Latencies are there when they are asked for, and only then.
"$SFEMU" topology iiot -o - | grep lognormal >/dev/null && fail "latencies that nobody asked for"
[ "$("$SFEMU" topology iiot --latency -o - | grep -c 'lognormal 0.87 5950us 1210us')" -eq 8 ] ||
	fail "not four sites with the latencies of a business connection up and down"
"$SFEMU" topology cloud --regions us-east-1,eu-central-1 -o - | grep '^us-east-1 .*eu-central-1;46.165$' >/dev/null ||
	fail "half of 92.33 ms is not what was measured"

# By default a scenario's network is written under its own name, here.
"$SFEMU" topology "$SOURCE/scenarios/campus.yaml" >/dev/null
"$SFEMU" topology show campus.nodes campus.links campus.edges | cmp - <("$SFEMU" topology show "$SOURCE/scenarios/campus.yaml") ||
	fail "campus was not written as it is"
"$SFEMU" topology show "$SOURCE/scenarios/campus.yaml" --set seed=2 | cmp -s - <("$SFEMU" topology show "$SOURCE/scenarios/campus.yaml") &&
	fail "another seed draws the same halls"

# What there is to build from.
[ "$("$SFEMU" topology regions | wc -l)" -eq 39 ] || fail "not 39 regions"
for node in rpi3 rpi4 nuc tx2 nano nx coral rockpi server vm; do
	"$SFEMU" topology blocks | grep "^$node " >/dev/null || fail "no block $node"
done
for words in 'blocks' 'regions' 'compose iiot' 'show urban'; do
	# shellcheck disable=SC2086
	"$SFEMU" topology $words >/dev/full 2>err && fail "a full disk is not told: $words"
	grep -q 'cannot write' err || fail "a full disk is told otherwise: $words"
done

# Who names a node that is not there is told where the names are, and they are there.
printf 'topology: {generate: iiot, premises: 1}\nworkload: {tasks: %s}\nprograms: [{node: nobody, run: "true"}]\n' \
	"$SOURCE/scenarios/workloads/quickstart.csv" >missing.yaml
! "$SFEMU" run missing.yaml >log 2>&1 || fail "a program on a node that is not there"
grep -q 'name nodes of `sfemu topology dot`: .*server_0' log || fail "not told where the names are: $(cat log)"
"$SFEMU" topology dot missing.yaml | grep '"server_0"' >/dev/null || fail "topology dot does not name the nodes"
