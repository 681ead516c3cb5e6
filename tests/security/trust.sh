#!/usr/bin/env bash
# What root executes, believes and copies: access control lists count; a cache that somebody else makes in between is not used; of
# inputs that not everybody may read, nobody else reads what is in the results.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv python3

uid=4321
as_user() { setpriv --reuid $uid --regid $uid --clear-groups "$@"; }
chmod 755 "$TEST_TMP"
mkdir -m 755 "$TEST_TMP/bin"
# An access control list that lets the user write: of a folder, or of the file itself.
allow() {
	python3 - "$@" <<'PY' || skip "no access control lists in $TEST_TMP"
import os, struct, sys
entry = lambda tag, perm, who=0xFFFFFFFF: struct.pack("<HHI", tag, perm, who)
acl = struct.pack("<I", 2) + entry(1, 7) + entry(2, 7, 4321) + entry(4, 5) + entry(0x10, 7) + entry(0x20, 5)
for path in sys.argv[1:]:
    os.setxattr(path, "system.posix_acl_access", acl)
PY
}
small() { "$SFEMU" run --quiet --set topology.premises=1 --set workload.jobs=1 --set strategies=StateLocal "$@"; }

cp -r "$SOURCE/tools" "$TEST_TMP/tools"
chmod -R go-w "$TEST_TMP/tools"
SFEMU_TOOLS=$TEST_TMP/tools small --into "$TEST_TMP/before" "$SOURCE/scenarios/iiot.yaml" >/dev/null
for what in "$TEST_TMP/tools/guest-kernel/build.sh" "$TEST_TMP/tools/guest-kernel"; do
	mode=$(stat -c %a "$what")
	allow "$what"
	status=0
	SFEMU_TOOLS=$TEST_TMP/tools small --into "$TEST_TMP/r" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -ne 0 ] || fail "root executes what a user may write by an access control list: $what"
	expect "$TEST_TMP/log" 'access control list'
	python3 -c 'import os, sys; os.removexattr(sys.argv[1], "system.posix_acl_access")' "$what"
	chmod "$mode" "$what"
	rm -rf "$TEST_TMP/r"
done
mkdir "$TEST_TMP/cache"
allow "$TEST_TMP/cache"
status=0
SFEMU_CACHE=$TEST_TMP/cache "$SOURCE/tools/guest-kernel/build.sh" --print-path >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "a cache that a user may write by an access control list: status $status"
expect "$TEST_TMP/log" 'access control list'

# A cache that the user makes after it was looked at: here while the version of the source is asked for.
mkdir -m 1777 "$TEST_TMP/sticky"
cat >"$TEST_TMP/bin/dpkg-query" <<SH
#!/bin/sh
setpriv --reuid $uid --regid $uid --clear-groups mkdir -p "$TEST_TMP/sticky/cache/guest-kernel" >&2
exec /usr/bin/dpkg-query "\$@"
SH
chmod 755 "$TEST_TMP/bin/dpkg-query"
cp -r "$SOURCE/tools/guest-kernel" "$TEST_TMP/other"
rm -f "$TEST_TMP/other/packaged"
echo '# another kernel' >>"$TEST_TMP/other/config"
status=0
PATH=$TEST_TMP/bin:$PATH SFEMU_CACHE=$TEST_TMP/sticky/cache timeout 60 "$TEST_TMP/other/build.sh" >"$TEST_TMP/log" 2>&1 || status=$?
[ -d "$TEST_TMP/sticky/cache" ] || fail "the cache was not made in between"
[ $status -eq 1 ] || { tail -n 5 "$TEST_TMP/log"; fail "root builds in a cache of another user: status $status"; }
expect "$TEST_TMP/log" "belongs to uid $uid, so root does not use it"
# A link of the user's to a folder of root's.
mkdir "$TEST_TMP/roots"
as_user ln -s "$TEST_TMP/roots" "$TEST_TMP/sticky/link"
status=0
SFEMU_CACHE=$TEST_TMP/sticky/link "$SOURCE/tools/guest-kernel/build.sh" --print-path >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "a link of another user's: status $status"
expect "$TEST_TMP/log" "the link .* belongs to uid $uid"

# Inputs that others may not read.
mkdir "$TEST_TMP/private"
cp "$SOURCE/scenarios/iiot.yaml" "$TEST_TMP/private/"
cp "$SOURCE/scenarios/workloads/quickstart.csv" "$TEST_TMP/private/tasks.csv"
chmod 644 "$TEST_TMP/private/"*
hidden() { # file, expected
	chmod 644 "$TEST_TMP/private/"*
	[ -z "$1" ] || chmod "$2" "$TEST_TMP/private/$1"
	rm -rf "$TEST_TMP/results"
	small --set "workload.tasks=$TEST_TMP/private/tasks.csv" --into "$TEST_TMP/results" "$TEST_TMP/private/iiot.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "a run with private inputs"; }
	as_user cat "$TEST_TMP/results/$3" >"$TEST_TMP/out" 2>&1
}
hidden '' '' inputs/batch_task.csv || fail "others do not read results of what they may read"
for what in 'tasks.csv 600' 'tasks.csv 640' 'iiot.yaml 600'; do
	for file in inputs/batch_task.csv scenario.yaml jobs.csv; do
		! hidden ${what% *} ${what#* } $file || fail "with $what others read $file"
	done
done
# A sweep is made of its base.
sed 's|workloads/quickstart.csv|tasks.csv|' "$TEST_TMP/private/iiot.yaml" >"$TEST_TMP/private/base.yaml"
cat >"$TEST_TMP/private/sweep.yaml" <<YAML
base: base.yaml
set: {topology.premises: 1, workload.jobs: 1}
strategies: [StateLocal]
seeds: [1]
YAML
for file in '' sweep.yaml base.yaml; do
	chmod 644 "$TEST_TMP/private/"*
	[ -z "$file" ] || chmod 600 "$TEST_TMP/private/$file"
	rm -rf "$TEST_TMP/swept"
	"$SFEMU" sweep --quiet --output "$TEST_TMP/swept" "$TEST_TMP/private/sweep.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a sweep"; }
	status=0
	as_user cat "$TEST_TMP/swept/sweep.csv" >"$TEST_TMP/out" 2>&1 || status=$?
	[ $((status == 0)) -eq $((${#file} == 0)) ] || fail "with ${file:-nothing} private: others reading sweep.csv have status $status"
done
