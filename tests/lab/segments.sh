#!/usr/bin/env bash
# The class of every segment is tshark's: in made-up captures of every kind (tests/lab/random_captures.py), and in the cases of
# ../shared where they are.
. "$(dirname "$0")/../lib.sh"
need tshark python3
export SFEMU

mkdir "$TEST_TMP/random"
python3 "$SOURCE/tests/lab/random_captures.py" "$TEST_TMP/random" 40
least=()
for class in retransmission spurious_retransmission out_of_order reused_ports lost_segment ack_lost_segment window_update window_full \
	keep_alive keep_alive_ack duplicate_ack zero_window_probe zero_window zero_window_probe_ack fast_retransmission; do
	least+=(--least $class=100)
done
python3 "$SOURCE/tests/classes.py" "${least[@]}" "$TEST_TMP"/random/* || fail "segments of other classes than tshark's"

# The same packets in other forms: a table, JSON, a pipe.
one=$(ls "$TEST_TMP"/random/0_*)
"$SFEMU" analyze --quiet --segments --csv "$one" >"$TEST_TMP/csv" 2>"$TEST_TMP/err"
expect "$TEST_TMP/err" 'time goes back at'
"$SFEMU" analyze --quiet --segments --csv - <"$one" 2>/dev/null | sed "s/^'-,/${one##*/},/" | cmp - "$TEST_TMP/csv" || fail "from a pipe"
"$SFEMU" analyze --quiet --segments --wide "$one" >"$TEST_TMP/text" 2>/dev/null
"$SFEMU" analyze --quiet --segments --json "$one" >"$TEST_TMP/json" 2>/dev/null
python3 - "$TEST_TMP" <<'PY' || fail "the table or JSON differ from CSV"
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/csv")))
same = json.load(open(sys.argv[1] + "/json"))["segments"]
text = open(sys.argv[1] + "/text").read().splitlines()[2:]
assert len(rows) == len(same) == len(text) > 1000, (len(rows), len(same), len(text))
for r, s, t in zip(rows, same, text):
    assert int(r["packet"]) == s["packet"] and r["class"] == s["class"] and int(r["seq"]) == s["seq"], (r, s)
    assert t.rstrip().endswith(r["class"]) and t.split()[1] == r["packet"], (r, t)
PY
# Sums are those of the classes.
"$SFEMU" analyze --quiet --by connection --csv "$one" >"$TEST_TMP/sums" 2>/dev/null
python3 - "$TEST_TMP" <<'PY' || fail "sums that are not those of the classes"
import collections, csv, sys
classes = collections.Counter()
for r in csv.DictReader(open(sys.argv[1] + "/csv")):
    for c in r["class"].split():
        classes[r["connection"], r["from"], c] += 1
columns = {"out_of_order": "out_of_order", "duplicate_acks": "duplicate_ack", "keep_alives": "keep_alive", "keep_alive_acks": "keep_alive_ack",
           "fast_retransmissions": "fast_retransmission", "spurious_retransmissions": "spurious_retransmission", "zero_windows": "zero_window",
           "zero_window_probes": "zero_window_probe", "zero_window_probe_acks": "zero_window_probe_ack", "window_updates": "window_update",
           "window_full": "window_full", "lost_segments": "lost_segment", "ack_lost_segments": "ack_lost_segment"}
for r in csv.DictReader(open(sys.argv[1] + "/sums")):
    for column, c in columns.items():
        assert int(r[column]) == classes[r["connection"], r["from"], c], (r, column)
    again = sum(classes[r["connection"], r["from"], c + "retransmission"] for c in ("", "fast_", "spurious_"))
    assert int(r["retransmissions"]) == again, r
PY

cases=$SOURCE/../shared/cases
[ -e "$cases/keep-alive" ] || { echo "SKIPPED: no ../shared/cases here; tests/lab/cases_analyze.sh has captures of its own like them"; exit 0; }
python3 "$SOURCE/tests/classes.py" --least keep_alive=10 --least spurious_retransmission=5 "$cases"/*/*.pcap ||
	fail "segments of the cases of other classes than tshark's"
