#!/usr/bin/env bash
# long: a minute or two
# scenarios/everything.yaml: functions of three kinds, workflows and a trace, placement, nodes, programs, traffic, a plugin. Runs of it
# leave the same bytes; digests are the same under all strategies, also with faults, and where all is placed as before.
. "$(dirname "$0")/../lib.sh"
need iperf3 python3

cp -r "$SOURCE/scenarios" "$SOURCE/LICENSE" "$TEST_TMP"
ln -s "$BUILD" "$TEST_TMP/build"
run() { # name options…
	"$SFEMU" run --vm --clock virtual --quiet --into "$TEST_TMP/$1" "${@:2}" "$TEST_TMP/scenarios/everything.yaml" >"$TEST_TMP/$1.log" 2>&1 ||
		{ tail -n 30 "$TEST_TMP/$1.log"; fail "$1"; }
}
# Strategy, job, status and digest of each job.
digests() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["job"], $c["status"], $c["digest"] }' "$TEST_TMP/$1/jobs.csv"
}

run four --verify-repeat 4
grep -q '^4 runs left the same bytes' "$TEST_TMP/four.log" || { cat "$TEST_TMP/four.log"; fail "not the same bytes"; }
mv "$TEST_TMP/four/repeat-01" "$TEST_TMP/first"
digests first | sort | uniq -c >"$TEST_TMP/jobs"
[ "$(awk '$1 == 8 && $3 == "done"' "$TEST_TMP/jobs" | wc -l)" -eq 8 ] && [ "$(wc -l <"$TEST_TMP/jobs")" -eq 8 ] ||
	{ cat "$TEST_TMP/jobs"; fail "not 8 jobs with one digest each under 8 strategies"; }
cut -d, -f 1 "$TEST_TMP/first/traffic.csv" | sort -u | grep -c . | grep -x 9 >/dev/null || fail "no traffic under some strategy"
[ "$(grep -c 'iperf3 -c' "$TEST_TMP/first/commands.csv")" -eq 8 ] || fail "no iperf3 under some strategy"
# Where steps ran: pins and affinities.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$c["step_name"] == "decide" { if ($c["node"] !~ /^server_/) bad = 1; n++ }
	$c["workflow"] == "dag" && $c["function"] == "count" { if ($c["node"] != "nuc_0") bad = 1; n++ }
	$c["function"] == "detect" { if ($c["node"] !~ /^(server_|tx2_)/) bad = 1; n++ }
	$c["function"] == "blur" { if ($c["node"] ~ /^tx2_/) bad = 1; n++ }
	END { exit bad || n != 8 * (2 + 4 + 6 + 2) }' "$TEST_TMP/first/invocations.csv" || fail "a step is not where it may be"

# 20 faults, with retries: a job may fail, and one that is done leaves what it leaves without faults.
run chaos --ignore-commands --set replicas=1 --set jobs_may_fail=true \
	--set 'schedule=[{chaos: {faults: 20, over: 4s, lasts: 200ms..1s}}]'
[ "$(awk -F, '$1 == "PureFaaS"' "$TEST_TMP/chaos/events.csv" | wc -l)" -gt 10 ] || fail "no faults"
digests chaos | awk '$2 == "done"' | sort -u >"$TEST_TMP/with"
digests first | sort -u >"$TEST_TMP/without"
[ -z "$(comm -23 "$TEST_TMP/with" "$TEST_TMP/without")" ] || fail "other digests with faults"
[ "$(digests chaos | awk '$2 == "done"' | wc -l)" -ge 32 ] || fail "with faults not even half of the jobs are done"

# Placed from those results, under another rule.
run placed --set strategies=StateLocal --set "placement={rule: ProcOnly, from: $TEST_TMP/first}"
digests placed | sort | cmp - "$TEST_TMP/without" || fail "other digests where all is placed as before"
