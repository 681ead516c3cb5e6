#!/usr/bin/env bash
# scenarios/everything.yaml natively: C functions, programs and synthetic functions in graphs of steps, beside iperf3 and generated
# traffic. All jobs end, with the same digests under all strategies, which are those of a guest with the virtual clock.
. "$(dirname "$0")/../lib.sh"
need_native
need python3 iperf3

cp -r "$SOURCE/scenarios" "$SOURCE/LICENSE" "$TEST_TMP"
ln -s "$BUILD" "$TEST_TMP/build"
run() { # name options…
	"$SFEMU" run --into "$TEST_TMP/$1" "${@:2}" "$TEST_TMP/scenarios/everything.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "$1"; }
}
run native --native
cat "$TEST_TMP/log"
expect "$TEST_TMP/log" 'native, on the real clock'
run virtual --vm --clock virtual --set strategies=StateLocal --set programs= --set traffic=
python3 - "$TEST_TMP" <<'PY' || fail "natively it is another experiment"
import csv, sys

def rows(substrate, name):
    with open(f"{sys.argv[1]}/{substrate}/{name}.csv", newline="") as f:
        return list(csv.DictReader(f))

native, virtual = rows("native", "jobs"), {r["job"]: r for r in rows("virtual", "jobs")}
assert len(virtual) == 8 and len(native) == 64, (len(virtual), len(native))
for n in native:
    v = virtual[n["job"]]
    assert (n["status"], n["client"], n["digest"]) == ("done", v["client"], v["digest"]), (n, v)
of_workflow = [r for r in rows("native", "invocations") if r["workflow"] in ("camera", "dag")]
assert len(of_workflow) == 8 * (2 * 4 + 2 * 4), len(of_workflow)
for f in ("blur", "count", "detect", "summarise"):
    assert any(r["function"] == f for r in of_workflow), f
for r in rows("native", "traffic"):
    assert int(r["sent_packets"]) > 0 and int(r["received_packets"]) > 0, r
clients = [r for r in rows("native", "commands") if "iperf3 -c" in r["command"]]
assert len(clients) == 8, clients
for r in clients:
    # It ends by itself, or with the last job; either way it has sent.
    assert r["status"] == "0" or r["ended_by"], r
    text = open(f"{sys.argv[1]}/native/{r['output']}").read()
    assert "connected to" in text, text
PY
