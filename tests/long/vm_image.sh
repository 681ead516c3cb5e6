#!/usr/bin/env bash
# tools/vm/run.sh: a scenario in a VM leaves the same bytes as here; statuses, limits and time limits hold; nothing that a VM leaves can
# be more than files of the caller's; Ctrl-C and kill -9 leave nothing. Under TCG each boot is a minute or two.
. "$(dirname "$0")/../lib.sh"
need qemu-system-x86_64 qemu-img
run=$SOURCE/tools/vm/run.sh
image=$("$SOURCE/tests/native/image") || fail "no image"

# Bad input, before anything is started.
refused() { # status, words, arguments
	local status=0
	"$run" --image "$image" "${@:3}" >"$TEST_TMP/refused" 2>&1 || status=$?
	[ $status -eq "$1" ] || { cat "$TEST_TMP/refused"; fail "'${*:3}' ends with $status and not $1"; }
	expect "$TEST_TMP/refused" "$2"
}
refused 2 'usage\|SCENARIO' --nothing
refused 2 'no whole number' --cpus 0 -- true
refused 2 'no size' --results-limit many -- true
refused 2 'no size' --memory lots -- true
refused 125 'there is no image' --image "$TEST_TMP/none" -- true
refused 125 'there is no scenario' "$TEST_TMP/none.yaml"
refused 125 'there is no ' --with "$TEST_TMP/none" -- true

# What is kept open of this run, and what lies about: nothing more after it.
left() {
	{ find /tmp /var/tmp "$TEST_TMP" -maxdepth 1 -user "$(id -un)" -newer "$TEST_TMP/start" ! -path "$TEST_TMP*" \( -name 'tmp.*' -o -name 'vl.*' \) 2>/dev/null || true; } | sort
}

digest=$(sha256sum <"$image")
touch "$TEST_TMP/start"
# The same scenario here and there. SFEMU of the image is what its packages were made of: it may be older, so what is built now is brought.
DESTDIR=$TEST_TMP/stage cmake --install "$BUILD" --prefix /usr --component sfemu >/dev/null
cp "$SOURCE"/scenarios/lossy.yaml "$TEST_TMP"
cp -r "$SOURCE/scenarios/workloads" "$SOURCE/scenarios/topologies" "$TEST_TMP"
"$SFEMU" run --quiet --into "$TEST_TMP/here" "$TEST_TMP/lossy.yaml" >/dev/null || fail "lossy here"
"$run" --image "$image" --output "$TEST_TMP/there" --with "$TEST_TMP/stage/usr" --with "$TEST_TMP/lossy.yaml" --with "$TEST_TMP/workloads" \
	--with "$TEST_TMP/topologies" --timeout 1200 -- sh -c '
		cp -a usr/. /usr/ && sfemu run --quiet --into /job/lossy lossy.yaml && mv /job/lossy "$OUT/lossy"
		echo a >"$OUT/set-uid" && chmod 6755 "$OUT/set-uid"
		ln -s /etc/shadow "$OUT/link"
		exit 7' >"$TEST_TMP/log" 2>&1 && fail "the status of the command is lost" || status=$?
cat "$TEST_TMP/log"
[ $status -eq 7 ] || fail "status $status and not 7"
"$SFEMU" diff "$TEST_TMP/here" "$TEST_TMP/there/lossy" || fail "a VM gives other bytes"
[ "$(stat -c '%a %u' "$TEST_TMP/there/set-uid")" = "755 $(id -u)" ] || fail "set-uid, or another owner: $(stat -c '%a %u' "$TEST_TMP/there/set-uid")"

# Ended by its time limit, with what it had left; its output came as it was printed.
status=0
"$run" --image "$image" --output "$TEST_TMP/timeout" --timeout 5 -- sh -c 'echo begun | tee "$OUT/file"; sleep 1000' >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 124 ] && [ "$(cat "$TEST_TMP/timeout/file")" = begun ] && grep -qx begun "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "a time limit: status $status"; }
status=0
"$run" --image "$image" --output "$TEST_TMP/device" -- sh -c 'mknod "$OUT/disk" b 254 0' >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 125 ] && [ ! -e "$TEST_TMP/device" ] || fail "a device is brought back: status $status"
status=0
"$run" --image "$image" --output "$TEST_TMP/much" --results-limit 4M -- sh -c 'head -c 9000000 /dev/urandom >"$OUT/much"' >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 125 ] && grep -q 'more than --results-limit' "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "too much: status $status"; }

# Ended from outside: at once, and all of it.
for signal in INT TERM KILL; do
	# A shell starts what is in the background with SIGINT ignored.
	env --default-signal=INT "$run" --image "$image" --output "$TEST_TMP/ended" -- sleep 1000 >"$TEST_TMP/log" 2>&1 &
	pid=$!
	ending='kill -KILL $pid 2>/dev/null || true'
	sleep 15
	pgrep -P "$pid" >"$TEST_TMP/children"
	grep -qxf "$TEST_TMP/children" <(pgrep -f "qemu-system-x86_64.*${image##*/}") || fail "there is no qemu"
	kill -$signal "$pid"
	ends_within 5 "$pid"
	for i in $(seq 50); do # a zombie is no longer there, whoever has to take note of it
		alive=$(xargs -I{} grep -l '^State:.[^Z]' /proc/{}/status <"$TEST_TMP/children" 2>/dev/null || true)
		[ -n "$alive" ] || break
		sleep 0.1
	done
	[ -z "$alive" ] || fail "SIG$signal: qemu, or what watches it, is still there: $alive"
done
[ ! -e "$TEST_TMP/ended" ] || fail "an ended run leaves an output folder"
[ -z "$(left)" ] || { left; fail "files are left"; }
[ "$digest" = "$(sha256sum <"$image")" ] || fail "the image has changed"
