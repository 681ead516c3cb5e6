#!/usr/bin/env bash
# An ordinary user, without any right, runs a scenario in a guest, and kill -9 leaves nothing of it.
. "$(dirname "$0")/../lib.sh"
need_root
alone "$@"

mkdir "$TEST_TMP/home"
chown 65534:65534 "$TEST_TMP/home"
chmod a+rx "$TEST_TMP"
# The build may be where an ordinary user cannot go.
install -m 755 "$SFEMU" "$TEST_TMP/sfemu"
cp -r "$SOURCE/scenarios" "$SOURCE/tools" "$TEST_TMP/"
chmod -R a+rX "$TEST_TMP/scenarios" "$TEST_TMP/tools"
kernel=$("$SOURCE/tools/guest-kernel/build.sh" --print-path)
install -m 755 "$kernel" "$TEST_TMP/linux"
as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups env "HOME=$TEST_TMP/home" "SFEMU_GUEST_KERNEL=$TEST_TMP/linux"
	"SFEMU_TOOLS=$TEST_TMP/tools")
run=("${as_user[@]}" "$TEST_TMP/sfemu" run --set "results=$TEST_TMP/home/results" --set strategies=StateLocal
	"$TEST_TMP/scenarios/iiot.yaml")
snapshot >"$TEST_TMP/before"
"${run[@]}" | tee "$TEST_TMP/log"
grep -q StateLocal "$TEST_TMP/log" || fail "no table"
results=$(results_of "$TEST_TMP/log")
[ "$(stat -c %u "$results/jobs.csv")" -eq 65534 ] || fail "the results are not the user's"
expect_clean "$TEST_TMP/before" "a run of an ordinary user"
kill_often 5 2000 "${run[@]}"
# Natively it may not, and says so.
status=0
"${as_user[@]}" "$TEST_TMP/sfemu" run --native "$TEST_TMP/scenarios/iiot.yaml" 2>"$TEST_TMP/err" || status=$?
[ $status -eq 2 ] || fail "status $status"
grep -q 'substrate: native' "$TEST_TMP/err" || fail "does not say why it cannot"
