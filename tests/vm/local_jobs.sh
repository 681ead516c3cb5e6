#!/usr/bin/env bash
# A run whose jobs never use the network says so, and which keys change that; every run says how many jobs did. No figure
# is "nan" or "inf", whatever is zero.
. "$(dirname "$0")/../lib.sh"

cat >"$TEST_TMP/s.yaml" <<YAML
name: local
topology: {compose: {cells: [{node: rpi4, to: sw}]}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 5}
YAML
no_number='(^|[^[:alnum:]_])(nan|inf(inity)?)([^[:alnum:]_]|$)'
printf '%s\n' 'a,nan,5' 'x -inf' '{"a": NaN}' '<td>nan</td>' 'Infinity s' >"$TEST_TMP/bad"
[ "$(grep -ciE "$no_number" "$TEST_TMP/bad")" -eq 5 ] || fail "what is no number is not found"
run() { # folder options…
	"$SFEMU" run --vm --clock virtual --quiet --wide --into "$TEST_TMP/$1" "${@:2}" "$TEST_TMP/s.yaml" >"$TEST_TMP/$1.log" 2>&1 ||
		{ cat "$TEST_TMP/$1.log"; fail "$1: the run failed"; }
	# The libraries and the page's script are not data.
	sed '/<script>/,/<\/script>/d' "$TEST_TMP/$1/report.html" >"$TEST_TMP/$1.html"
	! grep -niE "$no_number" "$TEST_TMP/$1.log" "$TEST_TMP/$1.html" "$TEST_TMP/$1"/*.csv "$TEST_TMP/$1"/*.json ||
		fail "$1: a figure is no number"
}
says() { # folder words
	grep -Eq "$2" "$TEST_TMP/$1.log" || { cat "$TEST_TMP/$1.log"; fail "$1: the table does not say '$2'"; }
	grep -Eq "$2" "$TEST_TMP/$1.html" || fail "$1: the report does not say '$2'"
}

# One node: all is local.
run all
says all "no job used the network: ([0-9]+) of \\1 invocations ran on the job's own client"
says all 'placement, workload.ops_factor, workload.arg_factor and workload.state_factor'
grep -q '^StatePropagate .* 1.000 *- *-$' "$TEST_TMP/all.log" || { cat "$TEST_TMP/all.log"; fail "the ratios are wrong"; }
# Nothing takes any time; and states of no bytes still are fetched from the cloud.
run nothing --set workload.ops_factor=0 --set workload.arg_factor=0 --set workload.state_factor=0 \
	--set strategies=StateLocal,PureFaaS,UnchainedExternal
says nothing 'StateLocal: no job used the network'
says nothing 'UnchainedExternal: ([0-9]+) of \1 jobs used the network'
run one --set workload.ops_factor=0 --set strategies=StateLocal
says one "no job used the network"

# Elsewhere the counts are those of the files.
"$SFEMU" run --vm --clock virtual --quiet --into "$TEST_TMP/iiot" --set workload.jobs=20 --set strategies=StateLocal,PureFaaS \
	"$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/iiot.log" || fail "iiot"
python3 - "$TEST_TMP/iiot" "$TEST_TMP/iiot.log" <<'PY' || fail "other counts than those of the files"
import csv, sys
def table(name):
    return [r for r in csv.DictReader(open(f"{sys.argv[1]}/{name}.csv")) if r["strategy"] == "PureFaaS"]
client = {j["job"]: j["client"] for j in table("jobs")}
ran = [(v["job"], v["node"] == client[v["job"]]) for v in table("invocations")]
used = {j for j, own in ran if not own} | {t["job"] for t in table("transfers")}
assert 0 < len(used) < len(client), used
line = (f"under each strategy {len(used)} of {len(client)} jobs used the network; "
        f"{sum(own for _, own in ran)} of {len(ran)} invocations ran on the job's own client\n")
assert line in open(sys.argv[2]).readlines(), line
PY
