#!/usr/bin/env bash
# long: a minute or two
# Strategies in a guest each: how many run at a time changes no byte, nor does one guest for all; a guest that dies names its
# strategy; memory holds guests back; repeats and sweeps alike.
. "$(dirname "$0")/../lib.sh"

scenario=$SOURCE/scenarios/iiot.yaml
small=(--quiet --set topology.premises=2 --set workload.jobs=20 --set "strategies=PureFaaS,StatePropagate,StateLocal")
run() { # name options...
	"$SFEMU" run --into "$TEST_TMP/$1" "${small[@]}" "${@:2}" "$scenario" >"$TEST_TMP/$1.log" 2>&1
}
strategies_in() { # file
	tail -n +2 "$1" | cut -d, -f1 | uniq | paste -sd' '
}

# ---- the same bytes, one and four at a time: losses, captures, kept states
all=(--capture all --set keep=states --set link.shared.loss=1%)
run one -j 1 "${all[@]}" || fail "one at a time: $(tail -n 3 "$TEST_TMP/one.log")"
run four -j 4 "${all[@]}" || fail "four at a time: $(tail -n 3 "$TEST_TMP/four.log")"
"$SFEMU" diff "$TEST_TMP/one" "$TEST_TMP/four" >"$TEST_TMP/log" || fail "-j 1 and -j 4 differ: $(cat "$TEST_TMP/log")"
for f in jobs.csv summary.csv trace.json states.csv captures.csv captures/link_0.pcap; do
	cmp "$TEST_TMP/one/$f" "$TEST_TMP/four/$f" || fail "$f differs"
done
[ "$(strategies_in "$TEST_TMP/four/jobs.csv")" = "PureFaaS StatePropagate StateLocal" ] || fail "not in the order of strategies"
[ -z "$(find "$TEST_TMP/one" "$TEST_TMP/four" -name '.*' ! -name one ! -name four)" ] || fail "folders of guests are left"
"$SFEMU" analyze "$TEST_TMP/four" | grep '^captures and records agree in all' >/dev/null || fail "captures and records do not agree"
# A value that an earlier strategy has left, too, has one file, which is that of the digest.
tail -n +2 "$TEST_TMP/four/states.csv" | cut -d, -f10 | sort -u >"$TEST_TMP/named"
(cd "$TEST_TMP/four" && find states -type f | sort) >"$TEST_TMP/there"
cmp "$TEST_TMP/named" "$TEST_TMP/there" || fail "states.csv and states/ do not fit"
"$SFEMU" job --strategy StateLocal "$TEST_TMP/four" "$(sed -n '2s/^[^,]*,\([0-9]*\),.*/\1/p' "$TEST_TMP/four/states.csv")" >"$TEST_TMP/log"
grep -q 'as recorded' "$TEST_TMP/log" && ! grep -q 'not as' "$TEST_TMP/log" || fail "kept states are not those of the run"
echo "the same bytes with -j 1 and -j 4"

# A ring of captures: the newest files, whichever guest came last.
ring=(--set 'capture={of: [switch_lan_0], file_size: 70kB, files: 3}')
run ring1 -j 1 "${ring[@]}" || fail "a ring: $(tail -n 3 "$TEST_TMP/ring1.log")"
run ring4 -j 4 "${ring[@]}" || fail "a ring: $(tail -n 3 "$TEST_TMP/ring4.log")"
diff -r "$TEST_TMP/ring1/captures" "$TEST_TMP/ring4/captures" || fail "rings differ"
[ "$(find "$TEST_TMP/ring4/captures" -name 'switch_lan_0.*.pcap' | wc -l)" -eq 3 ] || fail "not 3 files: $(ls "$TEST_TMP/ring4/captures")"

# ---- one guest for all, as commands make it: the same tables, but for dates
run shared --set link.shared.loss=1% --exec 'rpi3_0: true' || fail "one guest for all: $(tail -n 3 "$TEST_TMP/shared.log")"
for f in jobs.csv invocations.csv transfers.csv attempts.csv links.csv trace.json hosts; do
	cmp "$TEST_TMP/shared/$f" "$TEST_TMP/four/$f" || fail "one guest for all leaves another $f"
done
python3 - "$TEST_TMP/shared/summary.csv" "$TEST_TMP/four/summary.csv" <<'PYTHON' || fail "one guest for all leaves another summary.csv"
import csv, sys
rows = [list(csv.DictReader(open(f))) for f in sys.argv[1:]]
for a, b in zip(*rows, strict=True):
    # From the start: how long a guest waits before it depends on its boot.
    assert int(a["end_unix_ns"]) - int(a["start_unix_ns"]) == int(b["end_unix_ns"]) - int(b["start_unix_ns"])
    for at in ("start_unix_ns", "begin_unix_ns", "end_unix_ns"):
        a[at] = b[at] = ""
    assert a == b, (a, b)
PYTHON
echo "the same tables as from one guest"

# ---- a strategy that fails ends the run as if one came after the other
for j in 1 4; do
	status=0
	run "failed$j" -j $j --set job_timeout=50ms || status=$?
	[ $status -eq 1 ] || fail "status $status and not 1 where jobs time out"
	grep -q '"state": "failed"' "$TEST_TMP/failed$j/manifest.json" || fail "not failed"
	grep -q '^sfemu: PureFaaS: .* jobs failed' "$TEST_TMP/failed$j.log" || fail "does not name it: $(cat "$TEST_TMP/failed$j.log")"
	[ "$(strategies_in "$TEST_TMP/failed$j/jobs.csv")" = PureFaaS ] || fail "others than the first that failed are there"
done
cmp "$TEST_TMP/failed1/jobs.csv" "$TEST_TMP/failed4/jobs.csv" || fail "what a failed run leaves depends on -j"

# ---- a guest that is killed
# The processes that look after strategies, in their order.
children() {
	local c
	c=$(ps -o pid= --ppid "$1" | sort -n)
	echo $c
}
# The process that confines a guest, once the guest's kernel is there; before, there is one that looks for the kernel.
guest_of() {
	local c
	for c in $(children "$1"); do
		! ps -o comm= --ppid "$c" | grep -x linux >/dev/null || echo "$c"
	done
}
"$SFEMU" run --into "$TEST_TMP/killed" "${small[@]}" --set workload.jobs=60 --set topology.premises=40 -j 2 "$scenario" >"$TEST_TMP/killed.log" 2>&1 &
pid=$!
second=
for _ in $(seq 500); do
	read -r _ second _ <<<"$(children $pid) - -"
	[ "$second" = - ] || guest=$(guest_of "$second")
	[ "$second" != - ] && [ -n "$guest" ] && break
	sleep 0.02
done
kill -KILL "$guest"
status=0
wait $pid || status=$?
[ $status -eq 1 ] || fail "status $status and not 1 after a guest was killed"
grep -q '^sfemu: StatePropagate: ' "$TEST_TMP/killed.log" || fail "does not name the strategy: $(cat "$TEST_TMP/killed.log")"
grep -q '"why": "StatePropagate: ' "$TEST_TMP/killed/manifest.json" || fail "the manifest does not name the strategy"
! grep 'not taken' "$TEST_TMP/killed.log" || fail "a strategy that was not done is said to be left out"
[ "$(strategies_in "$TEST_TMP/killed/jobs.csv")" = PureFaaS ] || fail "the strategy before it was not finished"
[ ! -e "$TEST_TMP/killed/.s1" ] || fail "the folder of the killed guest is left"
echo "a guest that is killed names its strategy"

# The guest of the first one dies when the second one is done: the run ends with the first.
small_two=("${small[@]:0:5}" --set strategies=PureFaaS,StateLocal --set workload.jobs=60 --set topology.premises=40)
"$SFEMU" run --into "$TEST_TMP/late" "${small_two[@]}" -j 2 "$scenario" >"$TEST_TMP/late.log" 2>&1 &
pid=$!
first=-
for _ in $(seq 1000); do
	read -r first second _ <<<"$(children $pid) - -"
	# Both have a guest: none is a process that looks for the kernel, and has ended by now.
	[ "$second" = - ] || [ -z "$(guest_of "$first")" ] || [ -z "$(guest_of "$second")" ] || break
	second=-
	sleep 0.02
done
[ "$second" != - ] || fail "two strategies do not run side by side: $(cat "$TEST_TMP/late.log")"
kill -STOP "$first"
ending='kill -KILL $first 2>/dev/null || true'
for _ in $(seq 3000); do
	[ -n "$(ps -o pid= -p "$second")" ] || break
	sleep 0.02
done
kill -KILL "$first"
ending=
status=0
wait $pid || status=$?
[ $status -eq 1 ] || fail "status $status and not 1 after the first guest was killed"
expect "$TEST_TMP/late.log" 'note: StateLocal was done, but its results are not taken: the run ends with PureFaaS'
case $(strategies_in "$TEST_TMP/late/jobs.csv" 2>/dev/null || true) in
*StateLocal*) fail "results of a strategy after the one that failed" ;;
esac

# ---- Ctrl-C
"$SFEMU" run --into "$TEST_TMP/stopped" "${small[@]}" --set workload.jobs=60 --set topology.premises=4 -j 3 "$scenario" >"$TEST_TMP/stopped.log" 2>&1 &
pid=$!
# Before it listens, a shell's background process ignores the signal.
for _ in $(seq 1000); do
	[ ! -e "$TEST_TMP/stopped/.s0" ] || break
	sleep 0.02
done
sleep 0.3
kill -INT $pid
status=0
wait $pid || status=$?
[ $status -eq 130 ] || fail "status $status and not 130 after Ctrl-C: $(cat "$TEST_TMP/stopped.log")"
grep -q '"state": "interrupted"' "$TEST_TMP/stopped/manifest.json" || fail "the manifest does not say interrupted"
[ -z "$(find "$TEST_TMP/stopped" -name '.s*')" ] || fail "folders of guests are left after Ctrl-C"

# ---- memory
# The most folders of what runs that are there at a time: a guest's, or a cell's.
most_at_a_time() { # pattern command...
	local most=0 now
	"${@:2}" >"$TEST_TMP/most.log" 2>&1 &
	pid=$!
	while [ -n "$(jobs -r -p)" ]; do
		now=$(compgen -G "$1" | wc -l) || true
		[ "$now" -le $most ] || most=$now
		sleep 0.02
	done
	wait $pid || fail "${*:2} fails: $(tail -n 3 "$TEST_TMP/most.log")"
	echo $most
}
"$SFEMU" run --into "$TEST_TMP/narrow" "${small[@]:1}" "${all[@]}" --set guest_memory_mb=512 -j 4 --memory 1GiB "$scenario" >"$TEST_TMP/log" 2>&1
expect "$TEST_TMP/log" '3 strategies in a guest each, 2 at a time for lack of memory'
most=$(most_at_a_time "$TEST_TMP/narrower/.s*" "$SFEMU" run --into "$TEST_TMP/narrower" "${small[@]}" --set guest_memory_mb=512 -j 4 --memory 100MB \
	"$scenario")
[ "$most" -eq 1 ] || fail "$most guests of 512 MB at a time in 100 MB"
"$SFEMU" run --into "$TEST_TMP/wide" "${small[@]}" "${all[@]}" --set guest_memory_mb=512 -j 4 --memory 10GiB "$scenario" >"$TEST_TMP/log" 2>&1
"$SFEMU" diff "$TEST_TMP/narrow" "$TEST_TMP/wide" >"$TEST_TMP/log" || fail "the memory for guests changes results: $(cat "$TEST_TMP/log")"
echo "memory holds guests back"

# ---- repeats and sweeps
for j in 1 4; do
	"$SFEMU" run --into "$TEST_TMP/repeats$j" "${small[@]}" --capture all --verify-repeat 2 -j $j "$scenario" >"$TEST_TMP/log" 2>&1 ||
		fail "repeats with -j $j: $(tail -n 5 "$TEST_TMP/log")"
	grep -q '^2 runs left the same bytes' "$TEST_TMP/log" || fail "repeats do not say that they are the same"
done
diff -r "$TEST_TMP/repeats1/repeat-01/captures" "$TEST_TMP/repeats4/repeat-01/captures" || fail "repeats with -j 1 and -j 4 differ"

cat >"$TEST_TMP/grid.yaml" <<YAML
base: $scenario
set: {workload.jobs: 8, topology.premises: 1, guest_memory_mb: 512}
grid: {link.shared.rate: [20Mbit, 200Mbit]}
strategies: [PureFaaS, StateLocal]
YAML
grid() { # name options...
	"$SFEMU" sweep --output "$TEST_TMP/sweep-$1" "${@:2}" "$TEST_TMP/grid.yaml"
}
grid one -j 1 >"$TEST_TMP/log" 2>&1 || fail "the sweep fails: $(tail -n 3 "$TEST_TMP/log")"
most=$(most_at_a_time "$TEST_TMP/sweep-narrow/cells/*.part" "$SFEMU" sweep --output "$TEST_TMP/sweep-narrow" -j 4 --memory 600MB "$TEST_TMP/grid.yaml")
[ "$most" -eq 1 ] || fail "$most cells of 512 MB at a time in 600 MB"
most=$(most_at_a_time "$TEST_TMP/sweep-four/cells/*.part" "$SFEMU" sweep --output "$TEST_TMP/sweep-four" -j 4 --memory 8GiB "$TEST_TMP/grid.yaml")
[ "$most" -ge 2 ] || fail "no two cells at a time in 8 GiB"
for name in narrow four; do
	cmp "$TEST_TMP/sweep-one/sweep.csv" "$TEST_TMP/sweep-$name/sweep.csv" || fail "sweep $name: another table"
done
echo "repeats and sweeps: the same"
