#!/usr/bin/env bash
# Where sweeps and repeats work: only in a folder that nobody else could have prepared or can write, for root and for ordinary users
# alike. What another user planted is not followed, reused or executed, and a lock is out of their reach.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv flock

me=4321 other=4322
chmod 755 "$TEST_TMP"
mkdir -m 755 "$TEST_TMP/bin" "$TEST_TMP/home" "$TEST_TMP/bin/scenarios"
mkdir -m 1777 "$TEST_TMP/sticky"
mkdir -m 777 "$TEST_TMP/shared"
install -m 755 "$SFEMU" "$TEST_TMP/bin/sfemu"
cp -r "$SOURCE/scenarios" "$TEST_TMP/bin/"
chmod -R go+rX "$TEST_TMP/bin"
export SFEMU_GUEST_KERNEL=${SFEMU_GUEST_KERNEL:-$("$SOURCE/tools/guest-kernel/build.sh" --print-path)}
install -m 755 "$SFEMU_GUEST_KERNEL" "$TEST_TMP/bin/linux"
[ ! -e "$SFEMU_GUEST_KERNEL.sha256" ] || install -m 644 "$SFEMU_GUEST_KERNEL.sha256" "$TEST_TMP/bin/linux.sha256"
SFEMU_GUEST_KERNEL=$TEST_TMP/bin/linux
chown $me "$TEST_TMP/home"
cat >"$TEST_TMP/bin/s.yaml" <<YAML
name: squat
base: scenarios/iiot.yaml
set: {topology.premises: 1, workload.jobs: 1}
strategies: [StateLocal]
seeds: [1]
YAML
as() { # uid command…
	local uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups env HOME="$TEST_TMP/home" "$@"
}
sfemu=$TEST_TMP/bin/sfemu
refused() { # words command…
	local words=$1 status=0
	shift
	"$@" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "status $status: $*"; }
	expect "$TEST_TMP/log" "$words"
	[ "$(wc -l <"$TEST_TMP/log")" -eq 1 ] || { cat "$TEST_TMP/log"; fail "more than one line: $*"; }
}

# A folder that another user made first, in one where everybody may make some (sticky, and root's).
echo precious >"$TEST_TMP/home/precious"
chown $me "$TEST_TMP/home/precious"
as $other mkdir -p "$TEST_TMP/sticky/results/sweep-squat/cells"
as $other ln -s "$TEST_TMP/home/precious" "$TEST_TMP/sticky/results/sweep-squat/cells.csv.new"
as $other chmod -R 777 "$TEST_TMP/sticky/results"
words="belongs to uid $other.*choose a folder with --output"
for engine in local slurm; do
	refused "$words" as $me env -C "$TEST_TMP/sticky" "$sfemu" sweep --quiet --engine $engine "$TEST_TMP/bin/s.yaml"
done
refused "$words" as $me env -C "$TEST_TMP/sticky" "$sfemu" sweep --list "$TEST_TMP/bin/s.yaml"
refused "$words" as $me env -C "$TEST_TMP/sticky" "$sfemu" sweep --cell 0 "$TEST_TMP/bin/s.yaml"
refused "$words" env -C "$TEST_TMP/sticky" "$sfemu" sweep --quiet "$TEST_TMP/bin/s.yaml"
refused "belongs to uid $other" as $me "$sfemu" sweep --quiet --output "$TEST_TMP/sticky/results/own" "$TEST_TMP/bin/s.yaml"
repeat() { "$@" run --quiet --set workload.jobs=1 --set topology.premises=1 --verify-repeat 2 "$TEST_TMP/bin/scenarios/iiot.yaml"; }
refused "belongs to uid $other.*choose one with --into" repeat as $me env -C "$TEST_TMP/sticky" "$sfemu"
# One that is writable by everybody.
refused 'may be written by everybody.*choose a folder with --output' as $me "$sfemu" sweep --quiet --output "$TEST_TMP/shared/sweep" "$TEST_TMP/bin/s.yaml"
refused 'may be written by everybody.*choose one with --into' repeat as $me env -C "$TEST_TMP/shared" "$sfemu"
[ "$(cat "$TEST_TMP/home/precious")" = precious ] || fail "a planted link was followed"

# A folder of one's own, in root's sticky one and elsewhere. Links in it are not followed, and its lock is private.
for folder in "$TEST_TMP/sticky/mine" "$TEST_TMP/home/sweep"; do
	as $me mkdir -p "$folder"
	as $me ln -s "$TEST_TMP/home/precious" "$folder/cells.csv"
	as $me sh -c "umask 0; : >'$folder/lock'"
	as $me "$sfemu" sweep --quiet --output "$folder" "$TEST_TMP/bin/s.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a sweep in $folder"; }
	[ "$(cat "$TEST_TMP/home/precious")" = precious ] || fail "a link in $folder was followed"
	[ "$(stat -c %a "$folder/lock")" = 600 ] || fail "the lock can be taken by others: $(stat -c %a "$folder/lock")"
	! as $other flock -n "$folder/lock" true 2>/dev/null || fail "another user takes the lock"
	[ "$(wc -l <"$folder/sweep.csv")" -ge 2 ] || fail "no table"
done
# The lock of a sweep of root's, and of a kernel's build.
"$sfemu" sweep --quiet --output "$TEST_TMP/roots" "$TEST_TMP/bin/s.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a sweep of root's"; }
! as $other flock -n "$TEST_TMP/roots/lock" true 2>/dev/null || fail "another user takes the lock of root's sweep"
# The lock of a kernel's build: it is made before the source is looked for, which is not there.
mkdir -p "$TEST_TMP/cache/guest-kernel"
install -m 666 /dev/null "$TEST_TMP/cache/guest-kernel/lock"
: >"$TEST_TMP/none.tar.xz"
SFEMU_CACHE=$TEST_TMP/cache SFEMU_LINUX_SOURCE=$TEST_TMP/none.tar.xz "$SOURCE/tools/guest-kernel/build.sh" >"$TEST_TMP/log" 2>&1 && fail "a kernel of nothing"
[ "$(stat -c %a "$TEST_TMP/cache/guest-kernel/lock")" = 600 ] || { cat "$TEST_TMP/log"; fail "the lock of a build can be taken by others"; }
! as $other flock -n "$TEST_TMP/cache/guest-kernel/lock" true 2>/dev/null || fail "another user takes the lock of a build"
echo "squatted folders refused, locks private"
