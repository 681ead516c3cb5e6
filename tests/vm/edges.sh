#!/usr/bin/env bash
# What users do to a command: background children in --exec, a full stdout, closed descriptors.
. "$(dirname "$0")/../lib.sh"
alone "$@"

run=("$SFEMU" run --vm --clock virtual --quiet --watchdog 30 --set "results=$TEST_TMP/results" --set topology.premises=1
	--set strategies=StateLocal)
scenario=$SOURCE/scenarios/iiot.yaml
snapshot >"$TEST_TMP/before"

# A child that keeps a command's output open does not hold the run, and a command that fails is said, quiet or not.
"${run[@]}" --ignore-commands --exec 'rpi3_0: tail -f /dev/null & echo hello' --exec 'rpi3_0: exit 3' \
	--during 'rpi3_0: tail -f /dev/null & echo during' "$scenario" >"$TEST_TMP/log" 2>&1 || fail "the run fails"
for words in 'rpi3_0: hello' 'rpi3_0: during' 'exit 3. ended with status 3' '^StateLocal .* 60/60'; do
	grep -q "$words" "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "no '$words'"; }
done

# A table that cannot be written is a failure.
status=0
"${run[@]}" "$scenario" >/dev/full 2>"$TEST_TMP/err" || status=$?
[ $status -eq 1 ] || fail "status $status and not 1 with a full stdout"
grep -q 'summary.csv' "$TEST_TMP/err" || fail "does not say where the table is"

# The program's own path may hold what a kernel's command line would split.
mkdir "$TEST_TMP/a folder"
cp "$SFEMU" "$TEST_TMP/a folder/it's sfemu"
"$TEST_TMP/a folder/it's sfemu" "${run[@]:1}" "$scenario" >"$TEST_TMP/log" || fail "fails from a folder with blanks in its path"

# Without descriptors 0 to 2 a run still runs.
"${run[@]}" "$scenario" <&- >&- 2>&- || fail "fails without stdin, stdout and stderr"
expect_clean "$TEST_TMP/before" "all that"
