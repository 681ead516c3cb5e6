#!/usr/bin/env bash
# Limits of the system that end a run: each is named in one line, and it is the true one.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv

chmod 755 "$TEST_TMP"
install -m 755 "$SFEMU" "$TEST_TMP/sfemu"
mkdir -m 777 "$TEST_TMP/results"
readable_scenarios
export SFEMU_GUEST_KERNEL=${SFEMU_GUEST_KERNEL:-$("$SOURCE/tools/guest-kernel/build.sh" --print-path)}
run=("$TEST_TMP/sfemu" run --quiet --clock virtual --set topology.premises=1 --set workload.jobs=1 --set "results=$TEST_TMP/results" "$scenarios/iiot.yaml")
says() { # words, shell code before the run, more options
	local status=0
	bash -c "$2"' exec "$@"' - "${run[@]}" "${@:3}" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 1 ] || [ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "$2: status $status"; }
	[ "$(grep -vc 'the results so far are in' "$TEST_TMP/log")" -eq 1 ] || { cat "$TEST_TMP/log"; fail "$2: not one line"; }
	expect "$TEST_TMP/log" "$1"
}
says 'ulimit -f: files of 1000 kB are allowed here' 'ulimit -f 1000;'
says 'ulimit -s: a stack of 64 kB is allowed here' 'ulimit -s 64;'
says 'ulimit -n: 8 open files are allowed here' 'ulimit -n 8;'
says 'the limit of processes of this user (ulimit -u 5) allows' 'ulimit -u 5; set -- setpriv --reuid 4322 --regid 4322 --clear-groups env HOME=/tmp "$@";'
# A soft limit that may be raised is raised.
bash -c 'ulimit -S -s 64; ulimit -S -n 8; ulimit -S -f 1000; exec "$@"' - "${run[@]}" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "soft limits"; }

group() { # controller file value: a control group of that; its folder in $group
	local root
	root=$(awk -v c="$1" '$3 == "cgroup" && $4 ~ "(^|,)" c "(,|$)" { print $2; exit }' /proc/self/mounts)
	[ -n "$root" ] || root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	group=$root/sfe-test-$$
	mkdir "$group" 2>/dev/null && echo "$3" 2>/dev/null >"$group/$2"
}
end_group() { rmdir "$group" 2>/dev/null || { sleep 1; rmdir "$group" 2>/dev/null || true; }; }
if group pids pids.max 5; then
	says 'the control group (pids.max 5) allows' "echo \$\$ >$group/cgroup.procs;"
else
	echo "SKIPPED: pids.max: this system lets no control group of pids be made"
fi
end_group
file=memory.max
grep -q ' cgroup .*memory' /proc/self/mounts && file=memory.limit_in_bytes
if group memory $file 60000000; then
	[ $file != memory.max ] || echo 0 >"$group/memory.swap.max" || true
	says 'its control group ran out of the 57 MB that it may use, and the kernel killed it' "echo \$\$ >$group/cgroup.procs;" \
		--set topology.premises=5 --set workload.jobs=60
else
	echo "SKIPPED: memory: this system lets no control group of memory be made"
fi
end_group
