#!/usr/bin/env bash
# Captures of every link agree with the run's own records to the byte, and change nothing; filters, cut packets and rings.
. "$(dirname "$0")/../lib.sh"
need tshark
scenario=(--vm --clock virtual --quiet --set workload.jobs=12 "$SOURCE/scenarios/iiot.yaml")

"$SFEMU" run "${scenario[@]}" --into "$TEST_TMP/plain" >/dev/null
"$SFEMU" run "${scenario[@]}" --into "$TEST_TMP/kept" --capture all >/dev/null
for f in jobs invocations links summary; do
	cmp "$TEST_TMP/plain/$f.csv" "$TEST_TMP/kept/$f.csv" || fail "capturing changed $f.csv"
done
"$SFEMU" analyze --quiet "$TEST_TMP/kept" >"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "captures and records differ"; }
grep -q 'agree in all 306 figures' "$TEST_TMP/said" || fail "not all figures were compared"
# Every packet is of a job: no strategy's row has an empty name.
"$SFEMU" analyze --quiet --by strategy --csv "$TEST_TMP/kept" >"$TEST_TMP/strategies"
[ "$(tail -n +2 "$TEST_TMP/strategies" | cut -d, -f1 | sort | tr '\n' ' ')" = 'PureFaaS StateLocal StatePropagate ' ] ||
	fail "packets that are of no job"
# A job's timeline: its parts make up its response time.
"$SFEMU" analyze --quiet --json --job StateLocal:2 "$TEST_TMP/kept" >"$TEST_TMP/timeline"
python3 - "$TEST_TMP/timeline" <<'PY' || fail "a timeline that does not add up"
import json, sys
tables = json.load(open(sys.argv[1]))
events = next(v for k, v in tables.items() if k.startswith("job "))
time = next(v for k, v in tables.items() if k.startswith("response time"))[0]
computing = sum(e["took_s"] for e in events if "computes" in e["what"])
assert abs(computing - time["processing_s"]) < 1e-8, (computing, time)
assert abs(time["response_s"] - time["processing_s"] - time["arriving_s"] - time["under_way_s"]) < 1e-8
assert time["response_s"] > 0.01 and time["arriving_s"] > 0 and time["under_way_s"] > 0, time
assert all(0 <= e["begin_s"] <= e["end_s"] <= time["response_s"] + 1e-6 for e in events), events
assert any(e["what"].endswith(": arg") and e["from"] and e["to"] for e in events)
PY
# A wrong record is noticed.
cp -r "$TEST_TMP/kept" "$TEST_TMP/wrong"
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "payload_bytes") c = i } NR == 2 { $c++ } 1' \
	"$TEST_TMP/kept/jobs.csv" >"$TEST_TMP/wrong/jobs.csv"
"$SFEMU" analyze --quiet "$TEST_TMP/wrong" >/dev/null 2>&1 && fail "a wrong jobs.csv is not noticed"

"$SFEMU" run "${scenario[@]}" --into "$TEST_TMP/ring" --set strategies=PureFaaS \
	--set 'capture={of: [server_0, link_0, down_cloudlet_0], filter: tcp port 8080, snap_length: 96B, file_size: 64KiB, files: 2}' >/dev/null
ls "$TEST_TMP/ring/captures" >"$TEST_TMP/files"
[ -z "$(ls -A "$TEST_TMP/ring/captures" | grep '^\.')" ] || fail "pieces are left"
[ "$(grep -c '^down_cloudlet_0\.' "$TEST_TMP/files")" -le 2 ] || fail "the ring keeps too many files"
for f in "$TEST_TMP/ring/captures"/*.pcap; do
	[ "$(stat -c %s "$f")" -le 65536 ] || fail "$f is larger than asked for"
	tshark -r "$f" -T fields -e frame.cap_len -e tcp.port 2>/dev/null |
		awk '$1 > 96 || $2 !~ /8080/ { exit 1 }' || fail "$f: snap length or filter do not hold"
done
# The newest are kept.
newest=$(ls -t "$TEST_TMP/ring/captures"/down_cloudlet_0.* | sort -V | tail -n 1)
[ "${newest##*/}" != down_cloudlet_0.1.pcap ] || fail "the ring did not turn"

# Behind a filter only the payload can be compared, and no more is claimed.
"$SFEMU" run "${scenario[@]}" --into "$TEST_TMP/filtered" --set strategies=PureFaaS \
	--set 'capture={of: all, filter: tcp port 8080}' >/dev/null
"$SFEMU" analyze --quiet "$TEST_TMP/filtered" >"$TEST_TMP/said"
grep -q 'agree in all 2 figures' "$TEST_TMP/said" || { tail -n 2 "$TEST_TMP/said"; fail "figures that cannot be compared are said to agree"; }
