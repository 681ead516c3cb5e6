#!/usr/bin/env bash
# The rights of the user who called sudo: all groups of theirs and none of root's, however many there are; if they cannot be
# taken, nothing is opened or made with root's.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv unshare

uid=4321 many=1500 first=70000
chmod 755 "$TEST_TMP"
with_sudo() { env SUDO_UID=$uid SUDO_GID=$uid "$@"; }
mkdir "$TEST_TMP/own"
cat >"$TEST_TMP/own/count.sh" <<'SH'
#!/bin/sh
cat
SH
cat >"$TEST_TMP/own/s.yaml" <<YAML
$two_nodes
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1}
functions:
  count: {exec: [./count.sh]}
YAML
echo bytes >"$TEST_TMP/argument"
call() { "$@" "$SFEMU" call --argument "$TEST_TMP/argument" count "$TEST_TMP/own/s.yaml" >"$TEST_TMP/out" 2>"$TEST_TMP/log"; }
refused() { # what, words, command…
	local what=$1 words=$2 status=0
	shift 2
	"$@" || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log" >&2; fail "$what: status $status"; }
	expect "$TEST_TMP/log" "$words"
}

# Root's groups do not stay, also if there are many.
groups=$(seq -s, $first $((first + many)))
chown 0:$((first + many)) "$TEST_TMP/own/count.sh"
chmod 750 "$TEST_TMP/own/count.sh"
refused "the groups of root" "uid $uid, who used sudo, may not read it" \
	call setpriv --groups "0,$groups" env SUDO_UID=$uid SUDO_GID=$uid

# All groups of the user count: here the last of many.
echo "sfemu-many:x:$uid:$uid::/:/bin/sh" >"$TEST_TMP/passwd"
cat /etc/passwd >>"$TEST_TMP/passwd"
{
	cat /etc/group
	echo "sfemu-many:x:$uid:"
	seq $first $((first + many)) | sed 's/.*/sfemu-&:x:&:sfemu-many/'
} >"$TEST_TMP/group"
cat >"$TEST_TMP/files.sh" <<SH
mount --bind "$TEST_TMP/passwd" /etc/passwd
mount --bind "$TEST_TMP/group" /etc/group
exec "\$@"
SH
in_files() { unshare --mount sh -euc '. "$0"' "$TEST_TMP/files.sh" "$@"; }
[ "$(in_files id -G sfemu-many | wc -w)" -eq $((many + 2)) ] || fail "the test's user has other groups: $(in_files id -G sfemu-many | wc -w)"
call in_files env SUDO_UID=$uid SUDO_GID=$uid || { cat "$TEST_TMP/log" >&2; fail "a file that the last of many groups may read"; }
cmp -s "$TEST_TMP/argument" "$TEST_TMP/out" || fail "the function has another output"

# In a user namespace that forbids setgroups and has only root, the rights cannot be taken.
alone=(unshare --user --map-root-user env SUDO_UID=$uid SUDO_GID=$uid)
"${alone[@]}" true 2>"$TEST_TMP/log" || skip "no user namespaces: $(cat "$TEST_TMP/log")"
chmod 755 "$TEST_TMP/own/count.sh"
chgrp 0 "$TEST_TMP/own/count.sh"
what="cannot take the rights of uid $uid"
make_links() { "${alone[@]}" "$SFEMU" topology iiot --premises 1 -o "$TEST_TMP/own/iiot" >"$TEST_TMP/log" 2>&1; }
status=0
make_links || status=$?
[ $status -ne 0 ] || fail "files are made with root's rights"
expect "$TEST_TMP/log" "$what"
[ "$(ls "$TEST_TMP/own")" = "$(printf 'count.sh\ns.yaml')" ] || fail "something was made: $(ls "$TEST_TMP/own")"
refused "a function's file" "$what" call "${alone[@]}"
cat >"$TEST_TMP/own/sweep.yaml" <<YAML
base: s.yaml
seeds: [1]
YAML
status=0
"${alone[@]}" "$SFEMU" sweep --list --output "$TEST_TMP/own/swept" "$TEST_TMP/own/sweep.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -ne 0 ] || fail "a sweep works with root's rights"
expect "$TEST_TMP/log" "$what"
