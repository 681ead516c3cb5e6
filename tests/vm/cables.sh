#!/usr/bin/env bash
# Two cables between the same two junctions (issue 13, ../shared/cases/parallel-cables): refused if they are the same pair with
# another latency, in files and in a scenario, in both orders; two paths with a junction each are two cables.
. "$(dirname "$0")/../lib.sh"
need ping
cd "$TEST_TMP"

star two 2
sed -i '/switch/d' two.edges
cat >>two.edges <<-'EDGES'
	l0 n0 s
	s l0
	l1 n1 t
	t l1
EDGES
grep -q '^n0 l0$' two.edges || fail "the edges of the star are others now"
scenario() { # name, rows of its edges
	cp two.nodes "$1.nodes"
	cp two.links "$1.links"
	{ cat two.edges; printf '%b' "$2"; } >"$1.edges"
	sed "s/two/$1/g" two.yaml >"$1.yaml"
	echo 'link: {node: {delay: 0}}' >>"$1.yaml"
}
refused() { # file with the line, words
	local status=0
	"$SFEMU" run --into "$1.results" "${1%:*}.yaml" >out 2>err || status=$?
	[ $status -eq 2 ] || { cat err; fail "$1: status $status and not 2"; }
	expect err "${1%:*}.edges:${1#*:}: $2"
	[ ! -e "$1.results" ] || fail "$1: something was built"
}
round_trip() { # scenario, ms
	"$SFEMU" run --into "$1.results" --exec 'n0: ping -qc 1 n1' "$1.yaml" >out 2>err || { cat err; fail "$1 does not run"; }
	grep -Eq "^n0: rtt min/avg/max/mdev = $2[.]0[0-9]*/" out || { cat out; fail "$1: not a round trip of $2 ms"; }
}

twice='is there twice: with latency'
scenario later 's t;5\nt s;5\ns t\n'
refused later:11 "the edge from s to t $twice 5 at line 9, and here with none"
scenario first 's t\nt s;5\ns t;5\n'
refused first:11 "the edge from s to t $twice none at line 9, and here with 5"
scenario back 's t;5\nt s;5\nt s;6\n'
refused back:11 "the edge from t to s $twice 5 at line 10, and here with 6"
scenario one_way 's t;5\nt m\nm s\n'
status=0
"$SFEMU" run one_way.yaml >out 2>err || status=$?
[ $status -eq 2 ] || fail "one_way: status $status and not 2"
expect err 'an edge comes from s, and none goes back'
cat >compose.yaml <<-YAML
	topology:
	  compose:
	    cells: [{node: rpi4, to: s}, {node: vm, to: t}]
	    backbone:
	      - {join: [s, t], latency: 5}
	      - [t, s]
	workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1}
YAML
status=0
"$SFEMU" run --into compose.results compose.yaml >out 2>err || status=$?
[ $status -eq 2 ] || fail "compose: status $status and not 2"
expect err "compose.yaml:6: the edge from s to t $twice 5 at line 5, and here with none"
[ ! -e compose.results ] || fail "compose: something was built"

# The same pair with the same latency is one cable; each direction may have its own latency.
scenario same 's t;5\nt s;5\ns t;5\n'
round_trip same 10
scenario each 's t;5\nt s;2\n'
round_trip each 7

# Two paths with a junction each: packets take the one with the higher rates, both are in links.csv, and verify measures both.
scenario paths 's p0\np0 s m\nm p0\nm t;5\nt m;5\ns p1\np1 s k\nk p1\nk t;1\nt k;1\n'
printf '2;100;p0;node\n3;10;p1;node\n' >>paths.links
round_trip paths 10
for link in p0 p1; do
	[ "$(grep -c ",$link," paths.results/links.csv)" -eq 2 ] || fail "links.csv does not have $link in both directions"
done
awk -F, '$2 == "p0" && $8 > 1000 { used++ } $2 == "p1" && $8 > 0 { other++ } END { exit used != 2 || other }' paths.results/links.csv ||
	{ cat paths.results/links.csv; fail "packets did not take the faster path"; }
"$SFEMU" verify --link 'p?' paths.yaml >out 2>err || { cat out err; fail "verify of two paths"; }
for link in p0 p1; do
	expect out "$link"
done
