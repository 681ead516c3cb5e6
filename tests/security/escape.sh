#!/usr/bin/env bash
# Commands in a guest, as its root, try to write the host: by sfemu of root, by sudo and as a user. Nothing outside of the results
# folder changes, and what they leave in it does not make the orchestrator write elsewhere.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv python3

uid=4321
python=$(PATH=/usr/bin command -v python3) || fail "no python3 of the system"
chmod 755 "$TEST_TMP"
mkdir -m 755 "$TEST_TMP/bin"
cat >"$TEST_TMP/bin/escape.py" <<'PY'
# In the guest. Says each thing that worked and should not have.
import ctypes, os, sys
bait, results = sys.argv[1], os.environ["SFEMU_RESULTS"]
libc = ctypes.CDLL(None, use_errno=True)
def mount(source, at, kind, flags, data=None):
    return libc.mount(source.encode(), at.encode(), kind and kind.encode(), flags, data and data.encode()) == 0
def write(path):
    try:
        with open(path, "r+b", buffering=0) as f:
            f.write(b"x")
        return True
    except OSError:
        return False
def make(path):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))
        return True
    except OSError:
        return False
def say(what, worked):
    if worked:
        print("ESCAPED:", what)
REMOUNT, BIND = 32, 4096
assert os.getuid() == 0
print("remounts:", mount("none", "/", None, REMOUNT))
say("a remount of the root", write(f"{bait}/file") or make(f"{bait}/new"))
n = 0
for folder in ("/", "/tmp", "/dev/shm", "/var/tmp", bait, os.path.dirname(results), "/proc/self/fd/9/..", "/proc/self/fd/9/../.."):
    at = f"/run/tmp/m{n}"
    n += 1
    os.mkdir(at)
    if not mount("none", at, "hostfs", 0, folder):
        continue
    say(f"a second hostfs of {folder}", make(f"{at}/sfemu-made-by-guest"))
    if folder == bait:
        say("a second hostfs of the bait", write(f"{at}/file"))
os.mkdir("/run/tmp/proc")
if mount("none", "/run/tmp/proc", "hostfs", 0, "/proc"):
    say("processes of the host", any(p.isdigit() for p in os.listdir("/run/tmp/proc")))
    say("/proc/sys of the host", write("/run/tmp/proc/sys/kernel/hostname"))
    say("the kernel's memory", write("/run/tmp/proc/self/mem"))
for kind, number in ((0o60000, (254, 0)), (0o60000, (8, 0)), (0o20000, (1, 1))):
    path = f"{results}/device-{number[0]}"
    try:
        os.mknod(path, kind | 0o666, os.makedev(*number))
    except OSError:
        continue
    say(f"device {number}", os.path.exists(path) and write(path) and number != (1, 1))
for name in ("report.html", "report.html.part", "manifest.json", "manifest.json.part", "summary.csv", "captures.csv", "events.csv"):
    path = f"{results}/{name}"
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(f"{bait}/file", path)
say("a link", write(f"{results}/report.html"))
try:
    os.link(f"{bait}/file", f"{results}/linked")
    say("a hard link", True)
except OSError:
    pass
with open(f"{results}/program", "w") as f:
    f.write("#!/bin/sh\n")
try:
    os.chmod(f"{results}/program", 0o6755)
    say("a set-user-ID program", os.stat(f"{results}/program").st_mode & 0o6000)
except OSError:
    pass
print("\033]0;title\007")
print("tried all")
PY
chmod 644 "$TEST_TMP/bin/escape.py"

bait() {
	rm -rf "$TEST_TMP/bait"
	mkdir -m 777 "$TEST_TMP/bait"
	echo precious >"$TEST_TMP/bait/file"
	chmod 666 "$TEST_TMP/bait/file"
	chown -R "$1" "$TEST_TMP/bait"
}
state() {
	find "$TEST_TMP/bait" "$TEST_TMP/bin" -printf '%p %m %U %G %s %T@ %n %l\n' | sort
	cat "$TEST_TMP/bait/file"
	find / /tmp /dev/shm /var/tmp "$TEST_TMP" -maxdepth 1 -name 'sfemu-made-by-guest'
	hostname
}
try() { # name owner command…
	local name=$1 owner=$2 status=0
	shift 2
	bait "$owner"
	mkdir "$TEST_TMP/$name"
	chown "$owner" "$TEST_TMP/$name"
	state >"$TEST_TMP/before"
	"$@" run --quiet --clock virtual --set topology.premises=1 --set workload.jobs=1 --set strategies=StateLocal --into "$TEST_TMP/$name" \
		--exec "server_0: $python $TEST_TMP/bin/escape.py $TEST_TMP/bait" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
	expect "$TEST_TMP/log" 'server_0: tried all'
	! grep -q $'\033' "$TEST_TMP/log" || fail "$name: it gave the terminal commands"
	expect "$TEST_TMP/log" '?\]0;title?'
	! grep ESCAPED "$TEST_TMP/log" || fail "$name: the lines above"
	state >"$TEST_TMP/after"
	diff "$TEST_TMP/before" "$TEST_TMP/after" | sed -n 1,20p && cmp -s "$TEST_TMP/before" "$TEST_TMP/after" || fail "$name: something outside of the results was changed"
	[ -f "$TEST_TMP/$name/manifest.json" ] && [ ! -L "$TEST_TMP/$name/manifest.json" ] || fail "$name: the manifest is a link"
	! find "$TEST_TMP/$name" -perm /6000 | grep . || fail "$name: a set-user-ID file"
	! find "$TEST_TMP/$name" \( -type b -o -type c \) | grep . || fail "$name: a device"
	! find "$TEST_TMP/$name" ! -uid "${owner%:*}" | grep . || fail "$name: not all of it belongs to $owner"
	echo "$name: nothing escaped; $(grep -o 'remounts: .*' "$TEST_TMP/log"), status $status"
}
try root 0:0 "$SFEMU"
SUDO_UID=$uid SUDO_GID=$uid try sudo $uid:$uid "$SFEMU"
install -m 755 "$SFEMU" "$TEST_TMP/bin/sfemu"
kernel=${SFEMU_GUEST_KERNEL:-$("$SOURCE/tools/guest-kernel/build.sh" --print-path)}
cp -r "$SOURCE/scenarios" "$TEST_TMP/bin/"
chmod -R a+rX "$TEST_TMP/bin"
SOURCE=$TEST_TMP/bin try user $uid:$uid setpriv --reuid $uid --regid $uid --clear-groups env HOME="$TEST_TMP" SFEMU_GUEST_KERNEL="$kernel" "$TEST_TMP/bin/sfemu"
