#!/usr/bin/env bash
# Root runs a scenario of somebody else. What an input's path leads to after it was read is neither copied nor hashed; no device,
# FIFO or hole is read as an input; a copy is not more readable than its input; the file does not choose where root writes; and a
# capture filter asks no name server.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv python3 unshare

uid=4321
python=$(PATH=/usr/bin command -v python3) || fail "no python3 of the system"
chmod 755 "$TEST_TMP"
kept=$(cat /proc/sys/fs/protected_symlinks)
[ "$kept" = 0 ] || { echo 0 >/proc/sys/fs/protected_symlinks && ending="echo $kept >/proc/sys/fs/protected_symlinks"; } 2>/dev/null || true
mkdir -m 700 "$TEST_TMP/root"
echo TOP-SECRET-OF-ROOT >"$TEST_TMP/root/secret"
tasks=$SOURCE/scenarios/workloads/quickstart.csv
mkdir -m 777 "$TEST_TMP/alice"
scenario() { # tasks, more lines
	printf 'name: hers\ntopology: {generate: iiot, premises: 1}\nstrategies: [StateLocal]\nclock: virtual\nworkload: {tasks: %s, jobs: 1}\n%b' "$1" "${2:-}" >"$TEST_TMP/alice/hers.yaml"
	chown -hR $uid:$uid "$TEST_TMP/alice"
}
run() { timeout -k 1 60 "$SFEMU" run --quiet "$@" "$TEST_TMP/alice/hers.yaml"; }

# The owner of the tasks swaps them for a link to the secret, right after each time that somebody has read and closed them.
cat >"$TEST_TMP/swap.py" <<'PY'
import ctypes, os, select, sys
folder, secret = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.inotify_init()
libc.inotify_add_watch(fd, (folder + "/tasks.csv").encode(), 0x10)  # IN_CLOSE_NOWRITE
print("ready", flush=True)
if select.select([fd], [], [], 60)[0]:
    os.symlink(secret, folder + "/link")
    os.rename(folder + "/link", folder + "/tasks.csv")
    print("swapped", flush=True)
PY
for i in 1 2 3; do
	rm -rf "$TEST_TMP/alice/tasks.csv" "$TEST_TMP/results" "$TEST_TMP/swap.log"
	cp "$tasks" "$TEST_TMP/alice/tasks.csv"
	scenario tasks.csv
	setpriv --reuid $uid --regid $uid --clear-groups "$python" "$TEST_TMP/swap.py" "$TEST_TMP/alice" "$TEST_TMP/root/secret" >"$TEST_TMP/swap.log" &
	swapper=$!
	until grep -qs ready "$TEST_TMP/swap.log"; do sleep 0.05; done
	run --into "$TEST_TMP/results" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a run whose tasks are swapped"; }
	wait $swapper
	expect "$TEST_TMP/swap.log" swapped
	! grep -rq TOP-SECRET "$TEST_TMP/results" || fail "root's secret is in the results"
	cmp "$tasks" "$TEST_TMP/results/inputs/batch_task.csv" || fail "the copy is not what was read"
done

# What is no text of a limited length.
refused() { # what words
	local status=0
	rm -rf "$TEST_TMP/results"
	run --into "$TEST_TMP/results" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "$1: status $status"; }
	expect "$TEST_TMP/log" "$2"
}
rm -f "$TEST_TMP/alice/tasks.csv"
mkfifo "$TEST_TMP/alice/tasks.csv"
scenario tasks.csv
refused "a FIFO" 'not a regular file'
scenario /dev/zero
refused "a device" 'not a regular file'
rm -f "$TEST_TMP/alice/tasks.csv"
cp "$tasks" "$TEST_TMP/alice/tasks.csv"
truncate -s 1G "$TEST_TMP/alice/tasks.csv"
scenario tasks.csv
refused "a sparse file" 'byte 0'
rm -f "$TEST_TMP/alice/tasks.csv"
cp "$tasks" "$TEST_TMP/alice/tasks.csv"

# An input that only root reads.
install -m 600 "$tasks" "$TEST_TMP/root/tasks.csv"
scenario "$TEST_TMP/root/tasks.csv"
rm -rf "$TEST_TMP/results"
run --into "$TEST_TMP/results" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "tasks of root's own"; }
[ "$(stat -c %a "$TEST_TMP/results/inputs/batch_task.csv")" = 600 ] || fail "the copy may be read by others"

# The file does not choose where root writes; who calls does.
for folder in "$TEST_TMP/alice/results" "$TEST_TMP/alice/deep/er/results"; do
	scenario tasks.csv "results: $folder\n"
	status=0
	run >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "a file that chooses its own folder for root's results: status $status"; }
	expect "$TEST_TMP/log" '--set results=FOLDER'
	[ ! -e "$folder" ] || fail "a folder was made where the file says"
done
run --set "results=$TEST_TMP/alice/results" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "--set results"; }
scenario tasks.csv "results: $TEST_TMP/root/results\n"
run >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a file that names a folder of root's own"; }
# A clone of the user's own, by sudo.
chmod 755 "$TEST_TMP/alice"
scenario tasks.csv "results: $TEST_TMP/alice/mine\n"
SUDO_UID=$uid SUDO_GID=$uid run >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the user's own folder, by sudo"; }

# A name in a filter is not asked for in the network: a name server here would hear of it.
cat >"$TEST_TMP/server.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
print("ready", flush=True)
while True:
    q, who = s.recvfrom(4096)
    print("asked", q[12:], flush=True)
    s.sendto(q[:2] + b"\x81\x83" + q[4:], who)  # no such name
PY
cat >"$TEST_TMP/names.sh" <<'SH'
ip link set lo up
echo "nameserver 127.0.0.1" >"$TEST_TMP/resolv.conf"
printf 'hosts: files dns\nnetworks: files dns\n' >"$TEST_TMP/nsswitch.conf"
mount --bind "$TEST_TMP/resolv.conf" "$(realpath /etc/resolv.conf)"
mount --bind "$TEST_TMP/nsswitch.conf" /etc/nsswitch.conf
"$python" "$TEST_TMP/server.py" >"$TEST_TMP/server.log" &
until grep -qs ready "$TEST_TMP/server.log"; do sleep 0.05; done
getent hosts heard.example || true
for filter in "host leak-one.example" "net leak-two.example" "ether host leak-three.example" "tcp port leak-four" "ip proto leak-five" "gateway leak-six"; do
	status=0
	timeout -k 1 20 "$SFEMU" run --quiet --into "$TEST_TMP/names" --capture link_nuc_0 --set "capture={of: all, filter: '$filter'}" "$TEST_TMP/alice/hers.yaml" || status=$?
	[ $status -eq 2 ] || echo "NOT REFUSED: $filter: status $status"
done
kill %1
SH
scenario tasks.csv
export TEST_TMP SFEMU python
unshare --net --mount bash "$TEST_TMP/names.sh" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the name server's test itself"; }
expect "$TEST_TMP/server.log" heard
! grep leak "$TEST_TMP/server.log" || fail "a name server was asked"
! grep 'NOT REFUSED' "$TEST_TMP/log" || fail "a name that is none"
# Real filters are as good as before.
for filter in 'tcp' 'port 8080' 'host 10.0.0.1' 'net 10.0.0.0/8' 'tcp[tcpflags] & tcp-syn != 0' 'greater 100' 'vlan' 'ip6' 'icmp[icmptype] == icmp-echo' 'port domain' 'tcp port http' \
	'ether proto \arp' 'host localhost' 'tcp portrange 80-90 and not src net 10.1 or less 60' 'ether[0] & 1 = 0' 'ip6 host fe80::1' 'ether host 02:00:00:00:00:01'; do
	rm -rf "$TEST_TMP/results"
	run --into "$TEST_TMP/results" --set "capture={of: link_nuc_0, filter: '$filter'}" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the filter $filter"; }
done

# With sudo the orchestrator reads as root, before it gives its rights up. What only root may read does not reach the functions of a
# stranger's scenario, nor its results.
chmod 755 "$TEST_TMP/alice"
files() { # what runs, the state
	cat >"$TEST_TMP/alice/files.yaml" <<-YAML
		topology: {generate: iiot, premises: 1}
		strategies: [StateLocal]
		clock: virtual
		functions: {work: {$1}}
		workflows: [{name: w, argument: 1kB, states: {s: {$2}}, steps: [{name: a, function: work, read: s}]}]
	YAML
	SUDO_UID=$uid SUDO_GID=$uid timeout -k 1 60 "$SFEMU" run --quiet --into "$TEST_TMP/sudo" "$TEST_TMP/alice/files.yaml" >"$TEST_TMP/log" 2>&1
}
if files 'ops: 1e6, output: 1kB' "file: $TEST_TMP/root/secret"; then fail "with sudo, a state is a file that only root may read"; fi
expect "$TEST_TMP/log" 'root/secret: uid 4321, who used sudo, may not read it'
if files "exec: [cat, $TEST_TMP/root/secret]" 'size: 1kB'; then fail "with sudo, a program gets a file that only root may read"; fi
expect "$TEST_TMP/log" 'root/secret: uid 4321, who used sudo, may not read it\|belongs to'
if grep -rqs TOP-SECRET "$TEST_TMP/sudo"; then fail "the results have what only root may read"; fi
cp "$TEST_TMP/root/secret" "$TEST_TMP/alice/open"
rm -rf "$TEST_TMP/sudo"
files 'ops: 1e6, output: 1kB' 'file: open' || { cat "$TEST_TMP/log"; fail "with sudo, a state is a file that the user may read"; }
