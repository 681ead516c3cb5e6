#!/usr/bin/env bash
# The link model held to its words in a guest with the virtual clock: rates from 10 kbit/s to 10 Gbit/s and delays to 500 ms,
# every law of delay, every model of loss, duplicates, corruption, reordering, slots, cells, MTU, media of both kinds.
. "$(dirname "$0")/../lib.sh"

verify() { # name options…; prints verify.csv, fails if not all is as asked
	local name=$1 status=0
	shift
	"$SFEMU" verify --vm --clock virtual --quiet "$TEST_TMP/$name.yaml" "$@" >"$TEST_TMP/$name.txt" || status=$?
	cat "$TEST_TMP/$name.txt"
	return $status
}

# A star: node nN with its access link lN at one switch.
star() { # name count
	local i
	: >"$TEST_TMP/$1.nodes" >"$TEST_TMP/$1.links" >"$TEST_TMP/$1.edges"
	for i in $(seq 0 $(($2 - 1))); do
		echo "$i;n$i;1073741824;4000;arm32;sbc;rpi3b+" >>"$TEST_TMP/$1.nodes"
		echo "$i;1000;l$i;node" >>"$TEST_TMP/$1.links"
		printf 'n%d l%d\nl%d n%d\nl%d switch\nswitch l%d\n' $i $i $i $i $i $i >>"$TEST_TMP/$1.edges"
	done
	cat >"$TEST_TMP/$1.yaml" <<-YAML
		topology: {nodes: $1.nodes, links: $1.links, edges: $1.edges}
		workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv}
		results: $TEST_TMP/results
		links:
	YAML
}

star rates 8
i=0
for delay in 0 500ms; do
	for rate in 10kbit 1Mbit 100Mbit 10Gbit; do
		queue=100ms
		[ $rate != 10kbit ] || queue=30kB
		[ $rate != 1Mbit ] || queue=100kB
		echo "  - {link: l$i, rate: $rate, delay: $delay, queue: $queue}" >>"$TEST_TMP/rates.yaml"
		i=$((i + 1))
	done
done
# Many probes: each of them, and not the most, is as late as its link makes it.
verify rates --probes 1000 || fail "rates, constant delays, queues"

star chance 16
sed -i 's/^links:/link: {node: {rate: 100Mbit, delay: 1ms}}\nlinks:/' "$TEST_TMP/chance.yaml"
printf '%s\n' 1ms 2ms 3ms 5ms 8ms 9ms | tee "$TEST_TMP/samples" >/dev/null
cat >>"$TEST_TMP/chance.yaml" <<'YAML'
  - {link: l0, delay: normal 10ms 2ms}
  - {link: l1, delay: uniform 1ms 5ms, overhead: 22 cell 48 5}
  - {link: l2, delay: pareto 1ms 3, queue: 30 packets}
  - {link: l3, delay: lognormal 0.635 1.18ms 3.27ms, delay_correlation: 50%}
  - {link: l4, delay: table samples, overhead: 38}
  - {link: l5, loss: 1%, mtu: 1400}
  - {link: l6, loss: 5% 50%}
  - {link: l7, loss: gilbert 1% 30%}
  - {link: l8, loss: markov 1% 20% 5% 0.5% 10%}
  - {link: l9, duplicate: 2%, corrupt: 3%}
  - {link: l10, reorder: 10%}
  - {link: l11, slots: 1ms 2ms packets 3}
  - {link: l12, delay: lognormal 0.87 5.95ms 1.21ms, queue: 20ms}
  - {link: l13, reorder: 25% gap 5}
  - {link: l14, corrupt: 3%}
  - {link: l15, duplicate: 2% 30%, rate: 12345678bit}
YAML
star mass 9
cat >>"$TEST_TMP/mass.yaml" <<'YAML'
  - {link: l0, rate: 1Gbit, delay: normal 5ms 10ms}
  - {link: l1, rate: 10Mbit, delay: normal 0 3ms, delay_correlation: 30%}
  - {link: l2, delay: normal 1ms 400ms}
  - {link: l3, delay: normal 5ms 10ms, corrupt: 20%, duplicate: 40%}
  - {link: l4, delay: 5ms, corrupt: 30% 50%, duplicate: 50%}
  - {link: l5, delay: 5ms, reorder: 20%, duplicate: 50%}
  - {link: l6, delay: 5ms, reorder: 30% 40% gap 3, duplicate: 30% 20%, corrupt: 10%}
  - {link: l7, rate: 1Mbit, delay: 2ms, corrupt: 100%, duplicate: 100%}
  - {link: l8, delay: 1ms, corrupt: 5% 80%}
YAML
verify chance --probes 3000 || fail "laws and losses"
# Laws with mass at 0; copies are corrupted and reordered each for itself.
verify mass --probes 3000 || fail "mass at 0, corrupted and reordered copies"
# A queue shorter than the longest delays: the line is idle until as much is under way as these need, TCP and UDP see it.
awk '$1 == "l12" { n += $4 ~ /^(99|100)/ && $5 ~ /^(99|100)/ } END { exit n != 2 }' "$TEST_TMP/chance.txt" || fail "a rate beside delays that vary"
# What is asked for happens, and nothing else: the judge of that is not ourselves alone.
awk '$1 == "l10" && $13 == 0 { exit 1 }' "$TEST_TMP/chance.txt" || fail "no packet was reordered where it was asked for"

# 25 MB under way: as much as TCP needs where a rate is high and a way long.
verify rates --link l6 --set 'links=[{link: l6, rate: 1Gbit, delay: 100ms, queue: 20ms}]' --tcp-window 40MB --probes 20 ||
	fail "TCP with a large window"
awk '$1 == "l6" { n += $5 ~ /^(99|100)/ } END { exit n != 2 }' "$TEST_TMP/rates.txt" || fail "TCP was not measured with a large window"
status=0
verify rates --tcp-window 2GB >/dev/null 2>"$TEST_TMP/err" || status=$?
[ $status -eq 2 ] || fail "a window that TCP cannot have gives status $status and not 2"
expect "$TEST_TMP/err" 'from 64kB to 1GB'

"$SFEMU" verify --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --set topology.premises=1 \
	--set link.shared.duplex=full --set 'links=[{kind: shared, direction: down, delay: 7ms, rate: 50Mbit}]' --link 'link_0' \
	"$SOURCE/scenarios/iiot.yaml" || fail "a medium of full duplex"
"$SFEMU" verify --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --set topology.premises=1 \
	"$SOURCE/scenarios/iiot.yaml" --link '*_0' || fail "iiot"

# Where the machine is too slow it says that, and not what comes of it: no guest sends 10 Gbit/s of single packets on the real clock.
status=0
"$SFEMU" verify --vm --clock real --quiet "$TEST_TMP/rates.yaml" --link l3 --probes 20 >"$TEST_TMP/real.txt" || status=$?
cat "$TEST_TMP/real.txt"
[ $status -eq 1 ] || fail "status $status and not 1 for a link that is too fast for the machine"
grep -q 'the machine was too slow: .*packets were sent at [0-9.]* Mbit/s where the link has 10000 Mbit/s' "$TEST_TMP/real.txt" ||
	fail "does not say that the machine was too slow"
! grep -q 'rate is off\|TCP goodput is' "$TEST_TMP/real.txt" || fail "takes the machine for the link"
grep -q '^fidelity: the machine was too slow in 2 of 2 directions' "$TEST_TMP/real.txt" || fail "no fidelity"
status=0
"$SFEMU" verify --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --link 'nothing*' "$SOURCE/scenarios/iiot.yaml" \
	>/dev/null 2>"$TEST_TMP/err" || status=$?
[ $status -eq 2 ] || fail "a pattern that no link has gives status $status and not 2"
