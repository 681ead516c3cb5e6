#!/usr/bin/env bash
# A run with the virtual clock leaves the same bytes, captures included: two at a time, on a busy machine, as root or
# not, from another place, with another environment, with a capture or without.
. "$(dirname "$0")/../lib.sh"
need tcpdump

run=(run --vm --clock virtual --quiet --set topology.premises=2 --set workload.jobs=20 --set strategies=PureFaaS,StateLocal)
capture() { # node interface
	echo "$1: exec tcpdump -B 65536 --time-stamp-precision=nano -i $2 -w - >\$SFEMU_RESULTS/$1.pcap 2>/dev/null"
}
captures=(--during "$(capture switch_lan_0 link_0)" --during "$(capture rpi3_0 eth0)")
scenario=$SOURCE/scenarios/iiot.yaml

busy=()
for _ in 1 2 3 4; do
	timeout 300 sh -c 'while :; do :; done' &
	busy+=($!)
done
ending='kill "${busy[@]}" 2>/dev/null || true'

"$SFEMU" "${run[@]}" --verify-repeat 3 --parallel 2 --set "results=$TEST_TMP/results" "${captures[@]}" "$scenario" >"$TEST_TMP/log" ||
	fail "three runs are not the same"
grep -q '^3 runs left the same bytes' "$TEST_TMP/log" || fail "does not say that they are the same"
first=$(results_of "$TEST_TMP/log")
[ "$(stat -c %s "$first/rpi3_0.pcap")" -gt 100000 ] || fail "the capture is empty"
[ "$(ls "$first/..")" = "$(printf 'repeat-01\nrepeat-01.log')" ] || fail "runs that are the same are left behind"

# Chance on every link, in both directions, is the same chance.
chance=()
for kind in node shared uplink downlink; do
	chance+=(--set "link.$kind.loss=1%" --set "link.$kind.delay=lognormal 0.635 1.18ms 3.27ms" --set "link.$kind.reorder=1%")
done
"$SFEMU" "${run[@]}" --verify-repeat 2 --parallel 2 --set "results=$TEST_TMP/results" --capture all "${chance[@]}" "$scenario" \
	>"$TEST_TMP/log" || fail "two runs with losses, jitter and reordering are not the same"
lossy=$(results_of "$TEST_TMP/log")
! cmp -s "$first/jobs.csv" "$lossy/jobs.csv" || fail "losses and jitter change nothing"

# Another place, another environment, another user where there is root.
place=$TEST_TMP/a-place-with-quite-a-long-name-that-no-checkout-has
mkdir -p "$place/home"
install -m 755 "$SFEMU" "$place/sfemu"
cp -r "$SOURCE/scenarios" "$SOURCE/tools" "$place/"
install -m 755 "${SFEMU_GUEST_KERNEL:-$("$SOURCE/tools/guest-kernel/build.sh" --print-path)}" "$place/linux"
chmod -R a+rX "$place"
as=()
if [ "$(id -u)" -eq 0 ]; then
	chown 65534:65534 "$place/home"
	chmod a+rx "$TEST_TMP" "$(dirname "$TEST_TMP")"
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
"${as[@]}" env -i PATH="$PATH" HOME="$place/home" SFEMU_TOOLS="$place/tools" SFEMU_GUEST_KERNEL="$place/linux" \
	FILLER="$(head -c 3000 /dev/zero | tr '\0' x)" "$place/sfemu" "${run[@]}" --set "results=$place/home" \
	"${captures[@]}" "$place/scenarios/iiot.yaml" >"$TEST_TMP/log"
other=$(results_of "$TEST_TMP/log")
"$SFEMU" diff "$first" "$other" || fail "another place, environment and user give another result"

# What watches changes nothing, nor does what was replayed before, chance or not.
"$SFEMU" "${run[@]}" "${chance[@]}" --set "results=$TEST_TMP/results" --set strategies=StateLocal "$scenario" >"$TEST_TMP/log"
alone=$(results_of "$TEST_TMP/log")
for f in jobs invocations links; do
	cmp <(grep -v '^PureFaaS,' "$lossy/$f.csv") "$alone/$f.csv" || fail "a capture, or what was replayed before, changes $f.csv"
done

# What does differ is found, and named: a file of the host's own time.
status=0
"$SFEMU" "${run[@]}" --verify-repeat 2 --parallel 1 --set "results=$TEST_TMP/results" --set strategies=StateLocal \
	--exec "rpi3_0: stat -c 'born %z' \$SFEMU_RESULTS >\$SFEMU_RESULTS/born" "$scenario" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "status $status and not 1 for runs that differ"; }
grep -q "^born: line 1, byte [0-9]* of it: '" "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "does not name the file and the place"; }
