#!/usr/bin/env bash
# long: a minute or two
# report.html: its numbers are those of the CSV files, the same folder gives the same bytes, and a browser draws all of
# it; also of several folders, of damaged ones and of one without a job done.
. "$(dirname "$0")/../lib.sh"
need chromium chromedriver python3

run() { # folder, options
	local into=$1
	shift
	timeout 300 "$SFEMU" run --quiet --vm --clock virtual --into "$TEST_TMP/$into" --set topology.premises=2 \
		--set workload.jobs=12 "$@" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/$into.log" 2>&1
}
run whole --capture link_0 --set strategies=PureFaaS,StateLocal,UnchainedInFunction || { cat "$TEST_TMP/whole.log"; fail "the run fails"; }
expect "$TEST_TMP/whole.log" "^report: $TEST_TMP/whole/report.html$"
run one --set strategies=StateLocal --set link.shared.delay=5ms \
	--set 'schedule=[{at: 1s, down: "*", kind: uplink}, {at: 1500ms, up: "*", kind: uplink}]' || fail "the run of one strategy fails"
run faults --set strategies=PureFaaS,StatePropagate,StateLocal,Adaptive,Oracle --set jobs_may_fail=true --set invocation.deadline=1s --set invocation.retries=2 --set replicas=1 \
	--set 'schedule=[{chaos: {faults: 30, over: 60s, lasts: 5s..20s, spare: "server_*"}}]' || { cat "$TEST_TMP/faults.log"; fail "the run with faults fails"; }

# The same bytes, wherever the folder is.
cp -r "$TEST_TMP/whole" "$TEST_TMP/elsewhere"
rm "$TEST_TMP/elsewhere/report.html"
"$SFEMU" report "$TEST_TMP/elsewhere" >/dev/null || fail "sfemu report fails"
cmp "$TEST_TMP/whole/report.html" "$TEST_TMP/elsewhere/report.html" || fail "the same folder gives another report"

# What it shows is what the files say.
python3 - "$TEST_TMP/whole" <<'PYTHON' || fail "the report's numbers are not those of the files"
import csv, json, re, statistics, sys
folder = sys.argv[1]
page = open(f"{folder}/report.html", encoding="utf-8").read()
data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))[0]

def rows(name):
    columns = [c[0] for c in data[name]["columns"]]
    return [dict(zip(columns, r)) for r in data[name]["rows"]]

def read(name):
    return list(csv.DictReader(open(f"{folder}/{name}.csv")))

for name in "jobs", "summary", "links", "captures":
    shown, there = rows(name), read(name)
    assert len(shown) == len(there) > 0, name
    for s, t in zip(shown, there):
        for column, value in t.items():
            assert value == "" and s[column] in (None, "") or str(s[column]) == value or float(value) == float(s[column]), (name, column, value, s[column])
jobs = [j for j in read("jobs") if j["status"] == "done"]
summary = {s["strategy"]: s for s in read("summary")}
for s in rows("strategies"):
    own = [float(j["response_s"]) for j in jobs if j["strategy"] == s["strategy"]]
    assert s["done"] == len(own) and abs(s["response_mean_s"] - statistics.mean(own)) < 2e-9
    assert abs(s["response_mean_s"] - float(summary[s["strategy"]]["response_mean_s"])) < 2e-9
    assert abs(s["response_p95_s"] - float(summary[s["strategy"]]["response_p95_s"])) < 2e-9
    parts = sum(s[p] for p in ("sending_s", "propagation_s", "queueing_s", "tcp_start_s", "headers_s", "starting_s", "retries_s", "link_changes_s", "retransmissions_s", "window_s", "queue_waits_s", "processing_s", "unexplained_s"))
    assert abs(parts - s["compared_mean_s"]) < 1e-7, (parts, s["compared_mean_s"])
done_by = {}
for j in jobs:
    done_by.setdefault(j["job"], set()).add(j["strategy"])
common = [j for j in jobs if len(done_by[j["job"]]) == len(summary)]
for s in rows("strategies"):
    own = sorted(float(j["response_s"]) for j in common if j["strategy"] == s["strategy"])
    assert s["compared_jobs"] == len(own) and abs(s["compared_p50_s"] - statistics.median(own)) < 2e-9, s
assert {int(j["job"]) for j in jobs} == {t["job"] for t in rows("timelines")}, "a job has no timeline"
for by in "chain", "states":
    assert sum(g["jobs"] for g in rows("groups") if g["by"] == by) == len(common), by
assert sum(n["invocations"] for n in rows("nodes")) == len(read("invocations"))
# Bytes over time add up to what was sent: over a link that is the sum of what crossed it.
links = [l for l in rows("load") if l["what"] == "link"]
assert links and all(0 < l["load"] <= 1.0001 for l in links), max(l["load"] for l in links)
counted = {}
for l in read("links"):
    counted[l["strategy"], l["link"]] = counted.get((l["strategy"], l["link"]), 0) + int(l["wire_bytes"])
sent = {}
for l in links:
    name = (l["strategy"], l["name"].split(" ")[0])
    sent[name] = sent.get(name, 0) + l["mean_bps"] * (l["end_s"] - l["start_s"]) / 8
assert all(n < 1.001 * counted[k] for k, n in sent.items()), "more was sent over a link than it counted"
for c in rows("cables"):
    if c["link"] and c["kind"] != "shared":
        assert c["wire_bytes"] == counted[c["strategy"], c["link"]], c
worst = max(jobs, key=lambda j: float(j["response_s"]))
spans = [t for t in rows("timelines") if t["job"] == int(worst["job"]) and t["strategy"] == worst["strategy"]]
assert abs(max(t["end_s"] for t in spans) - float(worst["response_s"])) < 1e-6
assert "http://" not in re.sub(r"<script>.*?</script>", "", page, flags=re.S)
PYTHON

# The changes of links are there, and the words say whose doing the rest may be.
rows=$(($(wc -l <"$TEST_TMP/one/events.csv") - 1))
[ "$rows" -gt 0 ] || fail "the schedule changed nothing"
[ "$(grep -cE '^\["StateLocal", 1\.[05]00000000, ' "$TEST_TMP/one/report.html")" -eq "$rows" ] || fail "not all changes are in the report"

# Of a folder that is damaged, of another version or without a job done: what there is, and what there is not.
cp -r "$TEST_TMP/one" "$TEST_TMP/damaged"
cd "$TEST_TMP/damaged"
head -c 2000 jobs.csv >cut && mv cut jobs.csv
cut -d, -f1-11 links.csv | sed '1s/losses/other/' >cut && mv cut links.csv
rm transfers.csv
"$SFEMU" report . >/dev/null || fail "a damaged folder gives no report"
expect report.html 'There is no transfers.csv'
expect report.html 'rows before it are used'
cd - >/dev/null
cp -r "$TEST_TMP/one" "$TEST_TMP/none"
sed -i '2,$s/,done,/,failed,/' "$TEST_TMP/none/jobs.csv"
sed -i 's/"state": "done"/"state": "failed"/' "$TEST_TMP/none/manifest.json"
"$SFEMU" report "$TEST_TMP/none" >/dev/null || fail "a folder without a job done gives no report"
expect "$TEST_TMP/none/report.html" 'No job was done'
expect "$TEST_TMP/none/report.html" 'This run did not end well'

for bad in "" /nowhere "$TEST_TMP" "$TEST_TMP/one $TEST_TMP/one" "--colour $TEST_TMP/one"; do
	status=0
	# shellcheck disable=SC2086
	"$SFEMU" report $bad >/dev/null 2>"$TEST_TMP/err" || status=$?
	[ "$status" -eq 2 ] || fail "sfemu report $bad: status $status"
done

# As a reader sees it.
"$SFEMU" report -o "$TEST_TMP/both.html" "$TEST_TMP/whole" "$TEST_TMP/one" >/dev/null || fail "two folders give no report"
expect "$TEST_TMP/both.html" '<th scope="row">link.shared.delay</th><td class="text">[^<]*</td><td class="text">5ms</td>'
if grep -c '<th scope="row">seed</th>' "$TEST_TMP/both.html" >/dev/null; then fail "a key that does not differ is told"; fi
expect "$TEST_TMP/faults/report.html" '"reasons"'
timeout 150 "$SOURCE/tools/report_browser.py" check "$TEST_TMP/whole/report.html" "$TEST_TMP/faults/report.html" "$TEST_TMP/both.html" \
	"$TEST_TMP/damaged/report.html" "$TEST_TMP/none/report.html" || fail "the browser finds fault"
