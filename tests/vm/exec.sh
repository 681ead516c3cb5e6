#!/usr/bin/env bash
# `sfemu exec` in a held guest on the real clock: output as it comes, status, Ctrl-C, limits; refused on the virtual clock.
# `down`, `exec` and `links` without --run name the run that they took.
# serial: the real clock
. "$(dirname "$0")/../lib.sh"
need pgrep script python3
alone "$@"

cat >"$TEST_TMP/s.yaml" <<YAML
name: held
topology: {compose: {cells: [{lan: [{node: rpi3}, {node: nuc}]}]}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1, state_factor: 1e3, arg_factor: 1e3}
strategies: [StateLocal]
YAML
snapshot >"$TEST_TMP/before"
"$SFEMU" run --vm --clock real --quiet --hold --into "$TEST_TMP/held" "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 &
pid=$!
ending='kill -KILL $pid 2>/dev/null || true'
up() { timeout 60 sh -c "until '$SFEMU' links --run $1 >'$TEST_TMP/links' 2>&1 && [ -s '$TEST_TMP/$2/summary.csv' ]; do sleep 0.2; done" || { cat "$TEST_TMP/log"; fail "the network is not up"; }; }
up $pid held
run_exec() { timeout 60 "$SFEMU" exec "$@"; }

# Output, in order, to the byte; the command's own words; both streams; the status.
[ "$(run_exec --run $pid rpi3_0 -- printf '%s|' 'a b' "c'd" '$HOME' é)" = "a b|c'd|\$HOME|é|" ] || fail "the command has other words"
run_exec --run $pid rpi3_0 -- ping -c 2 -i 0.2 nuc_0 >"$TEST_TMP/ping" || fail "ping fails: $(cat "$TEST_TMP/ping")"
grep -q '2 packets transmitted, 2 received' "$TEST_TMP/ping" || { cat "$TEST_TMP/ping"; fail "no answer to ping"; }
run_exec --run $pid switch_lan_0 -- ip link >"$TEST_TMP/ip" 2>&1 || { cat "$TEST_TMP/ip"; fail "ip fails in a switch"; }
for end in rpi3_0 nuc_0; do # an interface has the name of the host at its other end
	grep -q "^[0-9]*: [a-z0-9_]*$end[@:]" "$TEST_TMP/ip" || { cat "$TEST_TMP/ip"; fail "no interface to $end in the switch"; }
done
for status in 0 3 255; do
	got=0
	run_exec --run $pid nuc_0 -- sh -c "exit $status" || got=$?
	[ $got -eq $status ] || fail "status $got and not $status"
done
got=0
run_exec --run $pid nuc_0 -- sh -c 'kill -9 $$' || got=$?
[ $got -eq 137 ] || fail "status $got of a killed command"
got=0
run_exec --run $pid nuc_0 -- nosuch >"$TEST_TMP/out" 2>&1 || got=$?
[ $got -eq 127 ] && grep -q 'cannot start nosuch' "$TEST_TMP/out" || { cat "$TEST_TMP/out"; fail "status $got of what is not found"; }
head -c 3000000 /dev/urandom >"$TEST_TMP/bytes"
chmod 644 "$TEST_TMP/bytes"
run_exec --run $pid nuc_0 -- cat "$TEST_TMP/bytes" >"$TEST_TMP/bytes.out" || fail "cat fails"
cmp "$TEST_TMP/bytes" "$TEST_TMP/bytes.out" || fail "3 MB come back as other bytes"
(cd "$TEST_TMP" && [ "$(run_exec --run $pid nuc_0 -- pwd)" = "$TEST_TMP" ]) || fail "another folder"
got=0
run_exec --run $pid nosuch -- true 2>"$TEST_TMP/err" || got=$?
[ $got -ne 0 ] && grep -q 'no node, junction or shared link nosuch' "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "a node that is not there"; }

# What is printed comes at once, also beside other commands; links and exec are answered meanwhile; Ctrl-C reaches the command.
"$SFEMU" exec --run $pid rpi3_0 -- ping -i 0.2 nuc_0 >"$TEST_TMP/long" 2>&1 &
long=$!
timeout 20 sh -c "until grep -q icmp_seq=3 '$TEST_TMP/long'; do sleep 0.1; done" || fail "no output while the command runs"
[ "$(run_exec --run $pid nuc_0 -- echo beside)" = beside ] || fail "one at a time only"
timeout 20 "$SFEMU" links --run $pid >/dev/null || fail "links is not answered meanwhile"
kill -INT $long
got=0
wait $long || got=$?
grep -q 'packets transmitted' "$TEST_TMP/long" || { cat "$TEST_TMP/long"; fail "ping was not interrupted (status $got)"; }
# Who is killed takes the command along.
"$SFEMU" exec --run $pid rpi3_0 -- sh -c 'trap "" INT; echo here; sleep 7777' >"$TEST_TMP/killed" &
long=$!
timeout 20 sh -c "until grep -q here '$TEST_TMP/killed'; do sleep 0.1; done" || fail "does not start"
sleeps() { run_exec --run $pid nuc_0 -- pgrep -f 'sleep [7]777' >/dev/null; }
is_gone() { # what happened
	local i
	for i in $(seq 50); do
		sleeps || return 0
		sleep 0.2
	done
	fail "the command goes on after $1"
}
sleeps || fail "pgrep does not find the command"
kill -KILL $long
wait $long 2>/dev/null || true
is_gone "its client was killed"
# The first Ctrl-C is the command's to obey, and the second ends it.
"$SFEMU" exec --run $pid rpi3_0 -- sh -c 'trap "echo not yet" INT; echo here; sleep 7777; sleep 7777' >"$TEST_TMP/twice" &
long=$!
timeout 20 sh -c "until grep -q here '$TEST_TMP/twice'; do sleep 0.1; done" || fail "does not start"
sleeps || fail "pgrep does not find the command"
kill -INT $long
timeout 20 sh -c "until grep -q 'not yet' '$TEST_TMP/twice'; do sleep 0.1; done" || fail "the command does not get SIGINT"
sleeps || fail "a command that goes on after SIGINT is ended"
kill -INT $long
ends_within 20 $long
[ $status -eq 130 ] || fail "status $status after the second Ctrl-C"
is_gone "the second Ctrl-C"

# A command ends when its process does, whatever it leaves in the background to print.
timeout 20 "$SFEMU" exec --run $pid nuc_0 -- sh -c 'echo first; yes &' >"$TEST_TMP/left" || fail "does not end with its command: status $?"
[ "$(head -n 1 "$TEST_TMP/left")" = first ] || fail "what it printed before is lost"

# Lines of commands that print all the time come between answers, and not into them. Clients that read slowly keep the
# guest's terminal full, so that each writer waits for its turn.
slow='import os, time
while os.read(0, 4096):
    time.sleep(0.02)'
long=
for i in $(seq 6); do
	"$SFEMU" exec --run $pid nuc_0 -- yes "a line of a command" > >(python3 -c "$slow") &
	long+=" $!"
done
for i in $(seq 30); do
	timeout 20 "$SFEMU" links --run $pid >"$TEST_TMP/beside" 2>&1 || { cat "$TEST_TMP/beside"; fail "links is not answered beside output, at the $i. time"; }
done
for p in $long; do kill -0 $p || fail "yes has ended"; done
kill -KILL $long
wait $long 2>/dev/null || true

# Only the results folder can be written, whatever a command does, and a terminal gets no control characters.
run_exec --run $pid nuc_0 -- sh -c 'echo ok >$SFEMU_RESULTS/mine; ! touch /usr/x /etc/x 2>/dev/null' || fail "writes elsewhere, or not into its results"
[ "$(cat "$TEST_TMP/held/mine")" = ok ] || fail "no file in the results"
script -qec "timeout 20 '$SFEMU' exec --run $pid nuc_0 -- printf 'a\\033[31mb\\302\\2330c\\n'" /dev/null </dev/null >"$TEST_TMP/tty" 2>&1 || true
grep -q 'a?\[31mb' "$TEST_TMP/tty" || { od -c "$TEST_TMP/tty" | head; fail "control characters reach a terminal"; }
# Nor is anything lost there: what follows a NUL, or a character that comes in two parts (SFE_EXEC_PART).
script -qec "timeout 20 '$SFEMU' exec --run $pid nuc_0 -- printf 'n\000%01021dé,\303'" /dev/null </dev/null >"$TEST_TMP/tty" 2>&1 || true
grep -Eq '^n\?0{1021}é,\?$' "$TEST_TMP/tty" || { od -c "$TEST_TMP/tty" | head; fail "other text on a terminal"; }

# Without --run they name the run that they took.
for verb in 'links' 'exec nuc_0 -- true'; do
	timeout 20 "$SFEMU" $verb >/dev/null 2>"$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "$verb"; }
	grep -q "^sfemu: .*process $pid" "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "$verb does not name the run"; }
	[ "$(wc -l <"$TEST_TMP/err")" -eq 1 ] || { cat "$TEST_TMP/err"; fail "$verb names it more than once"; }
	timeout 20 "$SFEMU" ${verb%% *} --run $pid ${verb#"${verb%% *}"} >/dev/null 2>"$TEST_TMP/err" || fail "$verb --run"
	[ ! -s "$TEST_TMP/err" ] || { cat "$TEST_TMP/err"; fail "$verb --run says what was asked for"; }
done
timeout 20 "$SFEMU" down 2>"$TEST_TMP/err" || fail "down"
grep -q "^sfemu: .*process $pid" "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "down does not name the run"; }
wait $pid || { cat "$TEST_TMP/log"; fail "the run failed"; }
ending=

# On the virtual clock: refused, with the reason.
"$SFEMU" run --vm --clock virtual --quiet --into "$TEST_TMP/virtual" \
	--exec 'rpi3_0: i=0; while [ $i -lt 3000000 ]; do i=$((i + 1)); done' "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 &
pid=$!
for i in $(seq 100); do # until it listens
	got=0
	timeout 20 "$SFEMU" exec --run $pid nuc_0 -- true 2>"$TEST_TMP/err" || got=$?
	grep -Eq 'cannot reach|no experiment' "$TEST_TMP/err" || break
	sleep 0.1
done
[ $got -eq 1 ] && grep -q 'virtual clock' "$TEST_TMP/err" && grep -q -- '--clock real' "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "status $got on the virtual clock"; }
"$SFEMU" down --run $pid
wait $pid || true
expect_clean "$TEST_TMP/before" "exec"
