#!/usr/bin/env bash
# Who is asked by `sfemu exec`, `down`, `link` and `links`: another user's process that poses as an experiment is not believed, and
# names that others take stand in nobody's way. A user's own run and root's are reached by their own.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv
alone "$@" # what others run here would be found too

python=$(PATH=/usr/bin command -v python3) || fail "no python3 of the system"
uid=4321
as_user() { setpriv --reuid $uid --regid $uid --clear-groups env HOME="$TEST_TMP/home" "$@"; }
chmod 755 "$TEST_TMP"
readable_scenarios
mkdir -m 755 "$TEST_TMP/home" "$TEST_TMP/fake"
chown $uid "$TEST_TMP/home" "$TEST_TMP/fake"
cp "$(dirname "$0")/fake_run.py" "$TEST_TMP/"
chmod 644 "$TEST_TMP/fake_run.py"
install -m 755 "$SFEMU" "$TEST_TMP/sfemu"

# exec: the process itself is the job that the trap ends, and not a shell around it.
(exec setpriv --reuid $uid --regid $uid --clear-groups env HOME="$TEST_TMP/home" "$python" "$TEST_TMP/fake_run.py" "$TEST_TMP/fake") >"$TEST_TMP/fake.log" 2>&1 &
ending='kill -KILL $(jobs -p) 2>/dev/null || true'
for i in $(seq 100); do
	grep -q '^up' "$TEST_TMP/fake.log" && break
	sleep 0.1
done
fake=$(sed -n 's/^up //p' "$TEST_TMP/fake.log")
[ -n "$fake" ] || { cat "$TEST_TMP/fake.log"; fail "the fake experiment does not start"; }
refused() { # words command…
	local words=$1 status=0
	shift
	"$@" >"$TEST_TMP/out" 2>&1 || status=$?
	[ $status -ne 0 ] || { cat "$TEST_TMP/out"; fail "status $status: $*"; }
	expect "$TEST_TMP/out" "$words"
	[ "$(grep -vc 'the results so far are in' "$TEST_TMP/out")" -eq 1 ] || { cat "$TEST_TMP/out"; fail "more than one line: $*"; }
}
refused 'no experiment of yours is running' "$SFEMU" exec rpi3_0 -- id
refused "process $fake is of uid $uid, whose answers are not trusted" "$SFEMU" exec --run "$fake" rpi3_0 -- id
refused "process $fake is of uid $uid" "$SFEMU" down --run "$fake"
refused "process $fake is of uid $uid" "$SFEMU" links --run "$fake"
refused "process $fake is of uid $uid" "$SFEMU" link --run "$fake" link_rpi3_0 set rate=1Mbit
[ ! -e "$TEST_TMP/fake/root_was_here" ] || fail "root ran: $(cat "$TEST_TMP/fake/root_was_here")"
! grep -q asked "$TEST_TMP/fake.log" || fail "the fake experiment was asked before its uid was looked at"

# A run of root's, while the fake is there: found without --run, out of reach for the user.
"$BUILD/lab_unshaped" "$scenarios/iiot.yaml" --hold "results=$TEST_TMP/results" strategies=StateLocal workload.jobs=1 >"$TEST_TMP/log" 2>&1 &
pid=$!
for i in $(seq 300); do
	grep -q 'stays up' "$TEST_TMP/log" && break
	sleep 0.1
done
[ "$("$SFEMU" exec rpi3_0 -- id -u)" = 0 ] || fail "root does not reach its own run"
! ls /run/sfemu 2>/dev/null || fail "a socket has a name that stays"
# A set-user-ID program that the user starts belongs to root, and holds the user's socket: it is no second run, and root does not
# wait for it, though its backlog is full.
cat >"$TEST_TMP/decoy.py" <<'PY'
import os, socket, sys
folder = sys.argv[1] + "/sfemu-x"
os.makedirs(folder, exist_ok=True)
name = f"{folder}/run-{os.getpid()}"
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(name)
s.listen(0)
own = []
while len(own) < 100:
    own.append(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    own[-1].setblocking(False)
    try:
        own[-1].connect(name)
    except BlockingIOError:
        break
else:
    sys.exit("the backlog is never full")
door = os.open(name, os.O_PATH)
os.unlink(name)
for fd in (s.fileno(), door, *(c.fileno() for c in own)):
    os.set_inheritable(fd, True)
os.execv("/usr/bin/su", ["su", "root"])
PY
chmod 644 "$TEST_TMP/decoy.py"
mkfifo "$TEST_TMP/input"
sleep 60 >"$TEST_TMP/input" &
(exec setpriv --reuid $uid --regid $uid --clear-groups "$python" "$TEST_TMP/decoy.py" "$TEST_TMP/fake") <"$TEST_TMP/input" >"$TEST_TMP/su.log" 2>&1 &
decoy=$!
for i in $(seq 50); do
	[ "$(cat /proc/$decoy/comm 2>/dev/null)" != su ] || break
	sleep 0.1
done
if [ "$(stat -c %u /proc/$decoy 2>/dev/null)" = 0 ]; then
	[ "$(timeout 20 "$SFEMU" exec rpi3_0 -- id -u)" = 0 ] || fail "a decoy hinders root"
	refused 'cannot reach the experiment of process' timeout 20 "$SFEMU" exec --run $decoy rpi3_0 -- true
	kill -KILL "$decoy"
	wait "$decoy" 2>/dev/null || true # or bash would say that it was killed into what is looked at next
else
	cat "$TEST_TMP/su.log"
	echo "SKIPPED: a decoy of root's: su does not run here"
fi
kill -KILL "$fake"
wait "$fake" 2>/dev/null || true
refused 'no experiment of yours is running' as_user "$TEST_TMP/sfemu" exec rpi3_0 -- true
refused 'cannot reach the experiment' as_user "$TEST_TMP/sfemu" exec --run $pid rpi3_0 -- true
"$SFEMU" down
wait $pid

# A folder for sockets that others prepared is not used.
mkdir -m 700 "$TEST_TMP/xdg"
chown $uid "$TEST_TMP/xdg"
mkdir -m 777 "$TEST_TMP/xdg/sfemu"
refused 'is not a folder of yours alone' as_user env "XDG_RUNTIME_DIR=$TEST_TMP/xdg" "SFEMU_GUEST_KERNEL=/bin/true" "$TEST_TMP/sfemu" run \
	--quiet --set "results=$TEST_TMP/home/r" --set topology.premises=1 "$scenarios/iiot.yaml"
