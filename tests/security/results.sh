#!/usr/bin/env bash
# Where results are written: only into a new or empty folder of who starts the run, through its descriptor. Planted files are neither
# executed nor followed, the owner of the folder above can swap names as often as they like, and what sudo starts belongs to its user.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv

uid=4321
chmod 755 "$TEST_TMP"
python=$(PATH=/usr/bin command -v python3) || fail "no python3 of the system"
run() { "$SFEMU" run --quiet --clock virtual --set topology.premises=1 --set workload.jobs=1 --set strategies=StateLocal "$@" "$SOURCE/scenarios/iiot.yaml"; }
mine() { setpriv --reuid $uid --regid $uid --clear-groups "$@"; }
if [ "$(cat /proc/sys/fs/protected_symlinks 2>/dev/null)" = 1 ] && echo 0 >/proc/sys/fs/protected_symlinks 2>/dev/null; then
	ending='echo 1 >/proc/sys/fs/protected_symlinks'
fi

# Another user's folders, with what they planted.
mkdir -m 777 "$TEST_TMP/alice" "$TEST_TMP/alice/planted" "$TEST_TMP/alice/empty" "$TEST_TMP/alice/links"
echo "server_0: echo PLANTED-COMMAND-RAN" >"$TEST_TMP/alice/planted/commands-after.txt"
echo precious >"$TEST_TMP/precious"
for name in scenario.yaml manifest.json inputs report.html.part summary.csv hosts; do
	ln -s "$TEST_TMP/precious" "$TEST_TMP/alice/links/$name"
done
chown -hR $uid:$uid "$TEST_TMP/alice"
refused() { # words folder
	local status=0
	run --into "$2" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "$2: status $status"; }
	expect "$TEST_TMP/log" "$1"
	! grep -q PLANTED "$TEST_TMP/log" || fail "a planted command ran"
	[ "$(cat "$TEST_TMP/precious")" = precious ] || fail "$2: a link was followed"
}
refused "belongs to uid $uid" "$TEST_TMP/alice/planted"
refused "belongs to uid $uid" "$TEST_TMP/alice/empty"
refused "belongs to uid $uid" "$TEST_TMP/alice/links"
mkdir -m 777 "$TEST_TMP/open" "$TEST_TMP/full"
refused 'may be written by everybody' "$TEST_TMP/open"
chmod 755 "$TEST_TMP/full"
echo "server_0: echo PLANTED-COMMAND-RAN" >"$TEST_TMP/full/commands-during.txt"
refused "is not empty: .*'commands-during.txt'" "$TEST_TMP/full"
chown -R root:root "$TEST_TMP/alice/links"
chmod 755 "$TEST_TMP/alice/links"
refused 'is not empty\|has the results of a run already' "$TEST_TMP/alice/links"

# The folder's owner above swaps the run's folder for one of theirs, as soon as it is there and again and again.
cat >"$TEST_TMP/race.py" <<'PY'
import glob, os, shutil, sys, time
above, precious = sys.argv[1:]
end, n = time.time() + 60, 0
while time.time() < end and not os.path.exists(above + "/stop"):
    for d in glob.glob(above + "/iiot-*"):
        if d.endswith(".aside") or os.path.islink(d) or not os.path.isdir(d):
            continue
        n += 1
        try:
            os.rename(d, f"{d}-{n}.aside")
            if n % 2:
                os.mkdir(d)
                open(d + "/commands-after.txt", "w").write("server_0: echo PLANTED-COMMAND-RAN\n")
                for name in ("manifest.json", "report.html.part", "report.html", "jobs.csv", "captures.csv"):
                    os.symlink(precious, f"{d}/{name}")
            else:
                os.symlink(os.path.dirname(precious), d)
        except OSError:
            pass
    time.sleep(0.0002)
print("swapped", n)
PY
for i in 1 2 3 4; do
	rm -f "$TEST_TMP/alice/stop"
	mine "$python" "$TEST_TMP/race.py" "$TEST_TMP/alice" "$TEST_TMP/precious" >"$TEST_TMP/race.log" 2>&1 &
	run --set "results=$TEST_TMP/alice" --capture all >"$TEST_TMP/log" 2>&1 || true
	touch "$TEST_TMP/alice/stop"
	wait
	! grep -q PLANTED "$TEST_TMP/log" || fail "a command that was swapped in ran"
	[ "$(cat "$TEST_TMP/precious")" = precious ] || fail "a run wrote where the swapped folder's links lead"
	! find "$TEST_TMP" -maxdepth 1 -newer "$TEST_TMP/race.py" -name '*.csv' | grep . || fail "a run wrote into the folder that a link leads to"
	expect "$TEST_TMP/race.log" 'swapped [1-9]'
	rm -rf "$TEST_TMP/alice"/iiot-*
done

# Who called sudo owns the results, in folders that are made on the way too.
mkdir -m 755 "$TEST_TMP/home"
chown $uid:$uid "$TEST_TMP/home"
SUDO_UID=$uid SUDO_GID=$uid run --set "results=$TEST_TMP/home/deep/results" --capture all >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a run by sudo"; }
! find "$TEST_TMP/home" \( ! -uid $uid -o ! -gid $uid \) | grep . || fail "not the user's"
[ -s "$(results_of "$TEST_TMP/log")/report.html" ] || fail "no report"
# Also where only root may make a folder.
mkdir -m 755 "$TEST_TMP/roots"
SUDO_UID=$uid SUDO_GID=$uid run --set "results=$TEST_TMP/roots" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a run by sudo into a folder of root's"; }
! find "$(results_of "$TEST_TMP/log")" \( ! -uid $uid -o ! -gid $uid \) | grep . || fail "not the user's"
# A clone of root's with umask 077, run by sudo: the guest's user reads none of it.
mkdir -m 700 "$TEST_TMP/clone"
(umask 077; cp "$SFEMU" "$TEST_TMP/clone/"; cp -r "$SOURCE/scenarios" "$TEST_TMP/clone/")
chmod -R go-rwx "$TEST_TMP/clone"
export SFEMU_GUEST_KERNEL=${SFEMU_GUEST_KERNEL:-$("$SOURCE/tools/guest-kernel/build.sh" --print-path)}
(umask 077; SUDO_UID=$uid SUDO_GID=$uid "$TEST_TMP/clone/sfemu" run --quiet --set workload.jobs=1 --set "results=$TEST_TMP/home/r2" "$TEST_TMP/clone/scenarios/iiot.yaml") >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "a clone that only root can read, run by sudo"; }
# Nothing is writable by everybody, whatever the umask.
(umask 0; run --set "results=$TEST_TMP/wide/results" --capture all) >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a run with umask 0"; }
! find "$TEST_TMP/wide" ! -type l -perm /002 | grep . || fail "writable by everybody with umask 0"
(umask 0; "$SFEMU" run --quiet --set topology.premises=1 --set workload.jobs=1 --verify-repeat 2 --set "results=$TEST_TMP/wide2" "$SOURCE/scenarios/iiot.yaml") >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "repeats with umask 0"; }
! find "$TEST_TMP/wide2" ! -type l -perm /002 | grep . || fail "writable by everybody with umask 0"
# Not more than it may.
status=0
run --results-limit 1MB --set "results=$TEST_TMP/limited" --exec 'server_0: dd if=/dev/zero of=$SFEMU_RESULTS/x bs=1M count=4000' >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "a guest that fills the disk: status $status"
expect "$TEST_TMP/log" 'more than the 1 MB that it may'
[ "$(du -sm "$TEST_TMP/limited" | cut -f1)" -lt 3900 ] || fail "it wrote all"
for command in 'for i in $(seq 20); do mkdir d; cd d; done; sleep 100000; dd if=/dev/zero of=x bs=1M count=100; sleep 100000' \
	'for i in $(seq 30); do dd if=/dev/zero of=y$i bs=1M count=1; done; chmod 300 .' \
	'for i in 1 2 3 4 5; do dd if=/dev/zero of=x$i bs=1M count=40; done; ls'; do
	status=0
	run --results-limit 20MB --set "results=$TEST_TMP/hidden" --exec "server_0: cd \$SFEMU_RESULTS; $command; while :; do dd if=/dev/zero of=/dev/null bs=1M count=500; done" \
		>"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 1 ] || fail "what a guest hides from the limit: status $status"
	expect "$TEST_TMP/log" 'cannot be read\|more than the 20 MB'
done
# What a guest says, in C1 and bidirectional control characters too.
run --set "results=$TEST_TMP/says" --exec "server_0: printf 'B\\302\\2330mC\\233D\\342\\200\\256E\\303\\251\\n'" >"$TEST_TMP/log" 2>&1 || fail "a command that prints"
expect "$TEST_TMP/log" 'B?*0mC?D?*Eé'
# Captures that a guest makes up: of a run without any, none is put together; of one with, no more than the limit.
cat >"$TEST_TMP/captures.py" <<'PY'
import os, struct, sys
os.chdir(os.environ["SFEMU_RESULTS"])
os.makedirs("captures", exist_ok=True)
if sys.argv[1] == "rows":
    with open("captures.csv", "w") as f:
        f.write("file,what,name,host,interface,direction,filter,packets,dropped_packets\n")
        f.write("captures/link_nuc_0.pcap,link,link_nuc_0,nuc_0,eth0,in,,1,0\n")
f = os.open("captures/.point-0.0", os.O_RDWR | os.O_CREAT, 0o600)
os.pwrite(f, struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1), 0)
for i in range(int(sys.argv[2])):
    os.pwrite(f, struct.pack("<IIII", 0, 0, 262144, 262144), 24 + i * (16 + 262144))
os.ftruncate(f, 24 + int(sys.argv[2]) * (16 + 262144))
PY
run --results-limit 1GB --set "results=$TEST_TMP/made-up" --exec "server_0: $python $TEST_TMP/captures.py rows 1000" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "made-up captures"; }
[ ! -e "$(results_of "$TEST_TMP/log")/captures/link_nuc_0.pcap" ] || fail "captures that nobody asked for were put together"
status=0
run --results-limit 100MB --set "results=$TEST_TMP/made-up-2" --capture link_nuc_0 --exec "server_0: $python $TEST_TMP/captures.py pieces 1000" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "captures longer than the limit: status $status"; }
expect "$TEST_TMP/log" 'more than the 100 MB'
[ "$(du -sm "$TEST_TMP/made-up-2" | cut -f1)" -lt 110 ] || fail "the orchestrator wrote more than the guest may"
# A hole of 15 TB in place of what the orchestrator hashes.
status=0
timeout -k 1 60 "$SFEMU" run --quiet --clock virtual --set topology.premises=1 --set workload.jobs=1 --set strategies=StateLocal --set "results=$TEST_TMP/hole" \
	--exec 'server_0: truncate -s 15T $SFEMU_RESULTS/inputs/batch_task.csv' "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "a hole among the inputs: status $status"; }
expect "$TEST_TMP/log" 'more than the 34359 MB that it may'
