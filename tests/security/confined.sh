#!/usr/bin/env bash
# A guest's kernel that somebody has taken over (build/probe in its place) changes nothing outside of the results folder: as root, by
# sudo, as a user; and where this system has no mount namespaces, with Landlock alone. Where it has neither, a run says so.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv

uid=4321
chmod 755 "$TEST_TMP"
readable_scenarios
export SFEMU_GUEST_KERNEL=$TEST_TMP/bin/probe
mkdir -m 755 "$TEST_TMP/bin"
install -m 755 "$BUILD/probe" "$BUILD/without" "$SFEMU" "$TEST_TMP/bin/"
sfemu=$TEST_TMP/bin/sfemu
mkdir -m 700 "$TEST_TMP/secret"
echo hidden >"$TEST_TMP/secret/file"
export HIDDEN=$TEST_TMP/secret/file

# What must stay as it is; everybody may write it, so that only the confinement stands in between.
bait() {
	rm -rf "$TEST_TMP/bait"
	mkdir -m 777 "$TEST_TMP/bait"
	echo precious >"$TEST_TMP/bait/file"
	mkfifo "$TEST_TMP/bait/fifo"
	chmod 666 "$TEST_TMP/bait/file" "$TEST_TMP/bait/fifo"
	chown -R "$1" "$TEST_TMP/bait"
}
state() { find "$TEST_TMP/bait" "$TEST_TMP/bin" -printf '%p %m %U %G %s %T@ %n\n' | sort; cat "$TEST_TMP/bait/file"; }

# try NAME OWNER ALLOWED COMMAND…: ALLOWED is a pattern of attempts that may succeed there.
try() {
	local name=$1 owner=$2 allowed=$3 more=${MORE:-}
	shift 3
	bait "$owner"
	# Somebody has the FIFO open: writing to it would work.
	exec 8<>"$TEST_TMP/bait/fifo"
	mkdir -p "$TEST_TMP/$name"
	chown "$owner" "$TEST_TMP/$name"
	state >"$TEST_TMP/before"
	BAIT=$TEST_TMP/bait ORCHESTRATOR=$$ "$@" run --quiet $more --clock virtual --set workload.jobs=1 --set strategies=PureFaaS --into "$TEST_TMP/$name" \
		"$scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || true
	exec 8>&-
	[ -s "$TEST_TMP/$name/probe.txt" ] || { cat "$TEST_TMP/log"; fail "$name: the probe did not run"; }
	state >"$TEST_TMP/after"
	diff "$TEST_TMP/before" "$TEST_TMP/after" || fail "$name: the bait was changed"
	grep -q '^end uid' "$TEST_TMP/$name/probe.txt" || fail "$name: the probe did not come to its end: $(tail -n 1 "$TEST_TMP/$name/probe.txt")"
	if grep SUCCEEDED "$TEST_TMP/$name/probe.txt" | grep -vE "^($allowed) SUCCEEDED"; then
		fail "$name: the lines above"
	fi
	[ ! -e "$TEST_TMP/sfemu-made-by-guest" ] && [ ! -e /tmp/sfemu-renamed ] || fail "$name: it made a file beside the results"
	echo "$name: $(grep -c refused "$TEST_TMP/$name/probe.txt") attempts refused, $(tail -n 1 "$TEST_TMP/$name/probe.txt")"
}
as_user() { setpriv --reuid $uid --regid $uid --clear-groups env HOME="$TEST_TMP" "$@"; }
ends() { expect "$TEST_TMP/$1/probe.txt" "^end uid $2 "; }

# Root owns what only root can read, also without capabilities; docs/security.md says so.
SEPARATE=1 try root 0:0 'read what root alone can' "$sfemu"
ends root 0
SEPARATE=1 SUDO=1 SUDO_UID=$uid SUDO_GID=$uid try sudo $uid:$uid none "$sfemu"
ends sudo $uid
SEPARATE=1 SUDO=1 try user $uid:$uid none as_user "$sfemu"
ends user $uid
# What another user may bring about after the namespaces were made ends the run: no guest starts with less around it.
ends_there() { # name owner words command…
	local name=$1 owner=$2 words=$3 status=0
	shift 3
	mkdir -p "$TEST_TMP/$name"
	chown "$owner" "$TEST_TMP/$name"
	BAIT=/ "$@" run --quiet --clock virtual --set workload.jobs=1 --set strategies=PureFaaS --into "$TEST_TMP/$name" "$scenarios/iiot.yaml" \
		>"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "$name: status $status"; }
	expect "$TEST_TMP/log" "$words"
	[ ! -e "$TEST_TMP/$name/probe.txt" ] || fail "$name: the guest was started all the same"
	! grep -q 'namespaces are not allowed here' "$TEST_TMP/log" || fail "$name: an untrue note"
}
ends_there covered-root 0:0 'open_tree: Permission denied' "$TEST_TMP/bin/without" results-mount -- "$sfemu"
SUDO_UID=$uid SUDO_GID=$uid ends_there covered-sudo $uid 'open_tree: Permission denied' "$TEST_TMP/bin/without" results-mount -- "$sfemu"
ends_there covered-user $uid 'open_tree: Permission denied' as_user "$TEST_TMP/bin/without" results-mount -- "$sfemu"
ends_there root-lacks 0:0 'this system allows root no PID and mount namespaces.*--unconfined' "$TEST_TMP/bin/without" namespaces -- "$sfemu"
# What it says does not fill the orchestrator's memory, which is about 12 MB without that.
FLOOD=1 try flood 0:0 'read what root alone can' /usr/bin/time -f 'peak %M' "$sfemu"
peak=$(sed -n 's/^peak //p' "$TEST_TMP/log")
[ "$peak" -lt 60000 ] || fail "the orchestrator took $peak kB"
# Without mounts there are the host's processes and folders to see, but nothing to change.
if "$SFEMU" check | grep 'guests write results only.*Landlock' >/dev/null; then
	export LANDLOCK=1
	MORE=--unconfined try landlock-root 0:0 'read what root alone can' "$TEST_TMP/bin/without" namespaces -- "$sfemu"
	SUDO=1 try landlock-user $uid:$uid none as_user "$TEST_TMP/bin/without" namespaces -- "$sfemu"
else
	echo "SKIPPED: without mount namespaces: this kernel has no Landlock"
fi
mkdir -p "$TEST_TMP/none"
chown $uid "$TEST_TMP/none"
status=0
BAIT=/ as_user "$TEST_TMP/bin/without" namespaces landlock -- "$sfemu" run --quiet --into "$TEST_TMP/none" --set workload.jobs=1 \
	"$scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "with neither: status $status"
expect "$TEST_TMP/log" 'commands in the guest could write whatever you can.*--unconfined'
[ ! -e "$TEST_TMP/none/probe.txt" ] || fail "with neither the guest was started all the same"
