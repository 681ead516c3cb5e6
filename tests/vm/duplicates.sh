#!/usr/bin/env bash
# Losses and duplicates on one link: what was asked for is lost, and of the rest so much comes twice; in all models of loss, with
# correlation, behind a managed queue, in media of both kinds. ping is the judge.
. "$(dirname "$0")/../lib.sh"
need ping

# Runs ping over the link; leaves how many were sent, lost and doubled.
asks() { # words of the link, name
	cat >"$TEST_TMP/s.yaml" <<YAML
$two_nodes
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1}
strategies: [StateLocal]
links:
  - {link: link_rpi4_0, direction: up, $1}
YAML
	"$SFEMU" run --quiet --clock virtual --set jobs_may_fail=true --into "$TEST_TMP/$2" --ignore-commands --exec "rpi4_0: ping -q -i 0.05 -c 5000 server_0" "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "$1 does not run"; }
	rates
}
rates() {
	line=$(grep -o '[0-9]* packets transmitted, .*' "$TEST_TMP/log")
	sent=${line%% *}
	received=$(sed 's/.*transmitted, \([0-9]*\) received.*/\1/' <<<"$line")
	doubled=$(sed -n 's/.* +\([0-9]*\) duplicates.*/\1/p' <<<"$line")
	echo "$sent sent, $received received, ${doubled:-0} doubled"
}
# A share is within 4 standard deviations of what was asked for, times what bursts add to it.
near() { # what, count, of, share, burstiness
	awk -v c="$2" -v n="$3" -v p="$4" -v b="${5:-1}" 'BEGIN { d = 4 * b * sqrt(n * p * (1 - p)) + 1; x = c - n * p; exit !(x < d && x > -d) }' ||
		fail "$1: $2 of $3 are not $4"
}
both() { # name, words, loss, duplicate, burstiness
	asks "$2" "$1"
	near "$1: lost" $((sent - received)) "$sent" "$3" "${5:-1}"
	near "$1: doubled" "${doubled:-0}" "$received" "$4" "${5:-1}"
}
both alone 'loss: 30%, duplicate: 50%' 0.3 0.5
both rare 'loss: 2%, duplicate: 10%' 0.02 0.1
both all 'loss: 20%, duplicate: 100%' 0.2 1
both correlated 'loss: 30% 25%, duplicate: 50% 25%' 0.3 0.5 2
both bursts 'loss: gilbert 10% 40%, duplicate: 50%' 0.2 0.5 2
both managed 'loss: 30%, duplicate: 50%, rate: 10Mbit, discipline: codel, queue: 100 packets' 0.3 0.5

# A medium, whose other direction is measured too where it has one queue for both.
medium() { # name, words of the medium
	"$SFEMU" run --quiet --clock virtual --set topology.premises=1 --set workload.jobs=1 --set strategies=StateLocal --set jobs_may_fail=true \
		--into "$TEST_TMP/$1" --ignore-commands --exec "rpi3_0: ping -q -i 0.05 -c 5000 nuc_0" "$TEST_TMP/$1.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "$1 does not run"; }
	rates
}
{ sed 's|tasks: |tasks: '"$SOURCE"'/scenarios/|' "$SOURCE/scenarios/iiot.yaml"; } >"$TEST_TMP/base.yaml"
{ cat "$TEST_TMP/base.yaml"; printf 'links:\n  - {link: link_0, duplex: full}\n  - {link: link_0, direction: up, loss: 30%%, duplicate: 50%%}\n'; } >"$TEST_TMP/full.yaml"
medium full
near "full duplex: lost" $((sent - received)) "$sent" 0.3
near "full duplex: doubled" "${doubled:-0}" "$received" 0.5
{ cat "$TEST_TMP/base.yaml"; printf 'links:\n  - {link: link_0, loss: 10%%, duplicate: 50%%}\n'; } >"$TEST_TMP/half.yaml"
medium half
# 0.9 of the requests come, half of them twice; 0.9 of each answer.
near "half duplex: answered" "$received" "$sent" 0.8505
# Where netem cannot do both, it is said before anything is built.
sed 's/^links:/clock: real\nlinks:/' "$TEST_TMP/s.yaml" >"$TEST_TMP/real.yaml"
status=0
"$SFEMU" run --into "$TEST_TMP/real" "$TEST_TMP/real.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "loss with duplicate on the real clock: status $status"; }
expect "$TEST_TMP/log" 'only the guest kernel of the virtual clock loses what was asked for'
# Every change of a schedule that would make a link have both is found too; a link that is down and a packet list are none.
printf 'time_s,loss\n0,0\n1,0.1\n' >"$TEST_TMP/loss.csv"
echo 3 >"$TEST_TMP/list"
real() { # name, attributes of the link, element of the schedule; leaves the exit status
	cat >"$TEST_TMP/$1.yaml" <<YAML
$two_nodes
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1}
strategies: [StateLocal]
clock: real
jobs_may_fail: true
job_timeout: 3s
links:
  - {link: link_rpi4_0, direction: up, $2}
schedule:
  - $3
YAML
	status=0
	"$SFEMU" run --quiet --into "$TEST_TMP/$1" --ignore-commands --exec "rpi4_0: ping -q -i 0.02 -c 20 server_0" "$TEST_TMP/$1.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
}
refused() {
	real "$@"
	[ $status -eq 2 ] && [ ! -e "$TEST_TMP/$1/jobs.csv" ] || { cat "$TEST_TMP/log"; fail "$1 on the real clock: status $status"; }
	expect "$TEST_TMP/log" 'only the guest kernel of the virtual clock loses what was asked for'
}
refused set 'loss: 5%' '{at: 1s, link: link_rpi4_0, direction: up, set: {duplicate: 10%}}'
refused ramp 'duplicate: 5%' '{at: 1s, link: link_rpi4_0, direction: up, ramp: {to: {loss: 10%}, over: 1s, steps: 2}}'
refused trace 'duplicate: 5%' "{at: 0s, link: link_rpi4_0, direction: up, trace: {file: $TEST_TMP/loss.csv}}"
refused chaos 'duplicate: 5%' '{chaos: {faults: 3, over: 10s, kinds: [loss], links: [link_rpi4_0]}}'
real down 'loss: 100%, duplicate: 50%' '{at: 1h, direction: up, down: link_rpi4_0}'
[ $status -eq 0 ] || { cat "$TEST_TMP/log"; fail "a link that loses all: status $status"; }
[ "$(grep -o '[0-9]* received' "$TEST_TMP/log")" = '0 received' ] || { cat "$TEST_TMP/log"; fail "what is lost arrives, since it is duplicated"; }
real listed "duplicate: 100%, loss: packets $TEST_TMP/list" '{at: 1h, link: link_rpi4_0, set: {rate: 1Gbit}}'
[ $status -eq 0 ] || { cat "$TEST_TMP/log"; fail "a packet list with duplicates on the real clock: status $status"; }
