#!/usr/bin/env bash
# A guest that dies, hangs or runs out of memory is reported as that, with its last words, within seconds.
# serial: limits of real time
. "$(dirname "$0")/../lib.sh"
export TEST_TMP

run() { # status, words, options…: the run must end so within 25 s and say that
	local want=$1 words=$2 status=0 start=$SECONDS
	shift 2
	timeout 60 "$SFEMU" run --vm --clock virtual --quiet --set topology.premises=1 --set strategies=StateLocal \
		--set workload.jobs=5 --set "results=$TEST_TMP/results" "$@" "$SOURCE/scenarios/iiot.yaml" \
		>"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq "$want" ] || { cat "$TEST_TMP/log"; fail "status $status and not $want: $*"; }
	expect "$TEST_TMP/log" "$words"
	[ $((SECONDS - start)) -le 25 ] || fail "it took $((SECONDS - start)) s: $*"
	grep -m 1 -- "$words" "$TEST_TMP/log"
}

# What is not a guest kernel.
SFEMU_GUEST_KERNEL=/bin/true run 1 'ended with status 0 before its first process reported anything: is /bin/true a guest kernel'
echo hello >"$TEST_TMP/text"
printf '#!/bin/sh\nexec sleep 1000\n' >"$TEST_TMP/sleeps"
chmod +x "$TEST_TMP/text" "$TEST_TMP/sleeps"
SFEMU_GUEST_KERNEL=$TEST_TMP/text run 1 'cannot start .*/text: Exec format error'
SFEMU_GUEST_KERNEL=$TEST_TMP/sleeps run 1 'sleeps has started nothing within 2 s' --watchdog 2

# Its first process loses its code, and the kernel panics.
run 1 'it died: its kernel panicked (Attempted to kill init.*its console ends with:.*Kernel panic' --exec \
	'rpi3_0: for a in $(sed -n "s/^\([0-9a-f]*\)-.* r-xp .*/\1/p" /proc/1/maps); do dd if=/dev/zero of=/proc/1/mem bs=4096 seek=$((0x$a / 4096)) count=100 conv=notrunc; done; sleep 100'

# A command that eats the memory is killed; the run goes on, and says it. A worker that is killed ends the run.
run 0 'note: the guest ran out of its 128 MB of memory and killed tail' --set guest_memory_mb=128 --ignore-commands --exec 'rpi3_0: tail /dev/zero'
run 1 'ran out of its 64 MB of memory' --set guest_memory_mb=64 --set topology.premises=4 --set workload.jobs=all \
	--set workload.arg_factor=3e6 --set workload.state_factor=3e6

# Killed and stopped from outside.
during() { # signal: sends it to the guest's kernel, the child of its keeper, the child of sfemu
	local i mine keeper guest
	for i in $(seq 300); do
		mine=$(grep -lzx "TEST_TMP=$TEST_TMP" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 | paste -sd, || true)
		keeper=$(pgrep -d, -x sfemu -P "${mine:-1}" || true)
		guest=$(pgrep -P "${keeper:-1}" || true)
		for guest in $guest; do
			[ "$(readlink "/proc/$guest/exe")" = "$kernel" ] && sleep 1 && kill -"$1" "$guest" && return 0
		done
		sleep 0.05
	done
	echo "no guest to send $1 to" >&2
}
kernel=$(readlink -f "${SFEMU_GUEST_KERNEL:-$("$SOURCE/tools/guest-kernel/build.sh" --print-path)}")
during KILL &
run 1 'it died: it was killed by signal 9' --exec 'rpi3_0: while :; do :; done'
wait
during STOP &
# A guest that is stopped says nothing more: its clock stands, or it is between two of its processes.
run 1 'no sign of life for 3 s: it hangs\|its clock stands at' --watchdog 3 --exec 'rpi3_0: while :; do sleep 1; done'
wait
expect_mine_gone "all that"
