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
[ "$kept" = 0 ] || { echo 0 >/proc/sys/fs/protected_symlinks && trap 'echo '"$kept"' >/proc/sys/fs/protected_symlinks' EXIT; } 2>/dev/null || true
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
