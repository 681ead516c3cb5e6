#!/usr/bin/env bash
# What `-o` and `--outdir` name: no link that another user put there is followed, and what is made by sudo belongs to who called it.
. "$(dirname "$0")/../lib.sh"
need_root

me=4321 other=4322
chmod 755 "$TEST_TMP"
mkdir -m 755 "$TEST_TMP/out"
chown $me "$TEST_TMP/out"
by_sudo() { SUDO_UID=$me SUDO_GID=$me "$SFEMU" "$@" >"$TEST_TMP/log" 2>&1; }
tasks=$SOURCE/scenarios/workloads/quickstart.csv
"$SFEMU" topology iiot --premises 1 -o "$TEST_TMP/t" >"$TEST_TMP/log"
estimate=(estimate --replications 1 --jobs 2 --outdir)
mine() { [ "$(stat -c '%u %g' "$1")" = "$me $me" ] || fail "$1 belongs to $(stat -c '%u %g' "$1")"; }

by_sudo workload spar --jobs 2 -o "$TEST_TMP/out/jobs.csv" || { cat "$TEST_TMP/log"; fail "a workload"; }
mine "$TEST_TMP/out/jobs.csv"
by_sudo workload spar --jobs 2 -o "$TEST_TMP/out/jobs.csv" || fail "a workload in the place of an old one"
by_sudo topology iiot --premises 1 -o "$TEST_TMP/out/net" || { cat "$TEST_TMP/log"; fail "a topology"; }
for end in nodes links edges; do
	mine "$TEST_TMP/out/net.$end"
done
by_sudo "${estimate[@]}" "$TEST_TMP/out/published" "$SOURCE/scenarios/iiot.yaml" || { cat "$TEST_TMP/log"; fail "an estimate"; }
mine "$TEST_TMP/out/published"
files=("$TEST_TMP"/out/published/*)
[ ${#files[@]} -gt 1 ] || fail "nothing was published"
for file in "${files[@]}"; do
	mine "$file"
done

# Links that lead to what root can write.
if [ "$(cat /proc/sys/fs/protected_symlinks 2>/dev/null)" = 1 ] && echo 0 >/proc/sys/fs/protected_symlinks 2>/dev/null; then
	ending='echo 1 >/proc/sys/fs/protected_symlinks'
fi
mkdir -m 1777 "$TEST_TMP/sticky"
mkdir -m 777 "$TEST_TMP/sticky/published"
plant() {
	echo precious >"$TEST_TMP/precious"
	ln -sfn "$TEST_TMP/precious" "$1"
	chown -h $other "$1"
}
kept() { [ "$(cat "$TEST_TMP/precious")" = precious ] || fail "$1 followed a planted link"; }
refused() { # what command…
	local what=$1 status=0
	shift
	"$@" >"$TEST_TMP/log" 2>&1 || status=$?
	kept "$what"
	[ $status -ne 0 ] || fail "$what: no word about the link"
	expect "$TEST_TMP/log" 'is a link and no regular file'
}
plant "$TEST_TMP/sticky/jobs.csv"
refused workload "$SFEMU" workload spar --jobs 2 -o "$TEST_TMP/sticky/jobs.csv"
for end in nodes links edges; do
	rm -f "$TEST_TMP"/sticky/net.*
	plant "$TEST_TMP/sticky/net.$end"
	refused "topology, $end" "$SFEMU" topology iiot --premises 1 -o "$TEST_TMP/sticky/net"
	[ "$(find "$TEST_TMP/sticky" -name '*net*' | wc -l)" -eq 1 ] || fail "parts of a topology are left"
done
for file in "${files[@]}"; do
	plant "$TEST_TMP/sticky/published/${file##*/}"
done
"$SFEMU" "${estimate[@]}" "$TEST_TMP/sticky/published" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "an estimate"; }
kept estimate
[ -f "${files[0]}" ] && ! find "$TEST_TMP/sticky/published" -type l | grep . || fail "links are left where files belong"
# What `call` writes: its output and the states that the function changes. A link in their place is not followed, by root or sudo.
cat >"$TEST_TMP/call.yaml" <<YAML
$two_nodes
workload: {tasks: $tasks, jobs: 1}
functions: {copy: {exec: [cat]}}
YAML
echo argument >"$TEST_TMP/argument"
call() { "$SFEMU" call --argument "$TEST_TMP/argument" "$@" copy "$TEST_TMP/call.yaml"; }
by_sudo call --argument "$TEST_TMP/argument" -o "$TEST_TMP/out/called" copy "$TEST_TMP/call.yaml" || { cat "$TEST_TMP/log"; fail "a call"; }
cmp "$TEST_TMP/argument" "$TEST_TMP/out/called" || fail "another output"
mine "$TEST_TMP/out/called"
for option in '-o ' '--write log=' '--state log='; do
	plant "$TEST_TMP/sticky/called"
	chmod 666 "$TEST_TMP/precious"
	refused "call $option" call $option"$TEST_TMP/sticky/called"
	refused "call $option with sudo" env SUDO_UID=$me SUDO_GID=$me "$SFEMU" call --argument "$TEST_TMP/argument" \
		$option"$TEST_TMP/sticky/called" copy "$TEST_TMP/call.yaml"
	[ -L "$TEST_TMP/sticky/called" ] || fail "call $option replaced the link"
done
# With sudo it writes what that user may write, and no more.
mkdir -m 755 "$TEST_TMP/roots"
! by_sudo call --argument "$TEST_TMP/argument" -o "$TEST_TMP/roots/called" copy "$TEST_TMP/call.yaml" || fail "call wrote with root's rights"
[ -z "$(ls -A "$TEST_TMP/roots")" ] || fail "call left something"

# A device is not replaced by a file.
mknod "$TEST_TMP/out/null" c 1 3
! "$SFEMU" workload spar --jobs 2 -o "$TEST_TMP/out/null" >"$TEST_TMP/log" 2>&1 || fail "a device was written as a file"
[ -c "$TEST_TMP/out/null" ] || fail "a device was replaced"
echo "no link followed, all belongs to who called sudo"
