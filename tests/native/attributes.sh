#!/usr/bin/env bash
# Every attribute of a link, as tc and ip read it back from this kernel; then each once more by a manual change, and back again.
. "$(dirname "$0")/../lib.sh"
need_native
need tc ip python3

star attributes 16
printf '%s\n' 1ms 2ms 3ms 5ms 8ms 9ms >"$TEST_TMP/samples"
cat >>"$TEST_TMP/attributes.yaml" <<'YAML'
link: {node: {rate: 100Mbit, delay: 1ms, queue: 100ms}}
links:
  - {link: l0, delay: 25ms, rate: 12345678bit, queue: 30 packets}
  - {link: l1, delay: normal 10ms 2ms}
  - {link: l2, delay: uniform 1ms 5ms, overhead: 22 cell 48 5}
  - {link: l3, delay: pareto 1ms 3}
  - {link: l4, delay: table samples, overhead: 38}
  - {link: l5, loss: 1%, mtu: 1400}
  - {link: l6, loss: 5% 50%}
  - {link: l7, loss: gilbert 1% 30%}
  - {link: l8, loss: markov 1% 20% 5% 0.5% 10%}
  - {link: l9, duplicate: 2% 30%, corrupt: 3%}
  - {link: l10, reorder: 25% gap 5, delay: 10ms}
  - {link: l11, slots: 1ms 2ms packets 3}
  - {link: l12, discipline: codel}
  - {link: l13, discipline: fq_codel}
  - {link: l14, discipline: pie}
  - {link: l15, queue: 20kB, rate: 2Mbit}
YAML
cd "$TEST_TMP"
hold attributes.yaml
for i in $(seq 0 15); do
	node n$i -- tc -j qdisc show >"$TEST_TMP/n$i.qdisc"
	node n$i -- ip -j link show dev eth0 >"$TEST_TMP/n$i.link"
done
node n12 -- tc class show dev queue10 >"$TEST_TMP/n12.class"
node n0 -- ip route >"$TEST_TMP/n0.route"
python3 - "$TEST_TMP" <<'PYTHON' || fail "not as it was asked for"
import json, math, sys

def near(a, b, what):
    assert math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-9), (what, a, "and not", b)

def compare(got, want, what):
    for key, value in want.items():
        if isinstance(value, dict):
            compare(got[key], value, f"{what} {key}")
        elif isinstance(value, (str, bool)):
            assert got[key] == value, (what, key, got[key], "and not", value)
        else:
            near(got[key], value, f"{what} {key}")

base = {"delay": {"delay": 0.001, "jitter": 0}, "rate": {"rate": 12500000, "packetoverhead": 0}, "limit": 1000000}
# What differs from it. Of a law: its mean and deviation are those of its table. Correlated chances are what gives the asked mean.
want = {
    0: {"delay": {"delay": 0.025, "jitter": 0}, "rate": {"rate": 12345678 // 8}, "limit": 30 + math.ceil(12345678 / 8 * 0.025 / 1514) + 1},
    1: {"delay": {"delay": 0.010}},
    2: {"delay": {"delay": 0.003}, "rate": {"packetoverhead": 22, "cellsize": 48, "celloverhead": 5}},
    3: {},
    4: {"delay": {"delay": 0.005}, "rate": {"packetoverhead": 38}},
    5: {"loss-random": {"loss": 0.01, "correlation": 0}},
    6: {"loss-random": {"correlation": 0.5}},
    7: {"loss-gemodel": {"p": 0.01, "r": 0.3, "1-h": 1, "1-k": 0}},
    8: {"loss-state": {"p13": 0.01, "p31": 0.2, "p32": 0.05, "p14": 0.005, "p23": 0.1}},
    9: {"duplicate": {"correlation": 0.3}, "corrupt": {"corrupt": 0.03, "correlation": 0}},
    10: {"delay": {"delay": 0.01}, "reorder": {"reorder": 0.25, "correlation": 0}, "gap": 5},
    11: {"slot": {"min-delay": 0.001, "max-delay": 0.002, "packets": 3, "bytes": 0}},
    12: {}, 13: {}, 14: {},
    15: {"rate": {"rate": 250000}},
}
jitter = (1, 2, 3, 4)
queues = {12: ("codel", {"ecn": True}), 13: ("fq_codel", {"flows": 1024, "quantum": 1514, "ecn": True}),
          14: ("pie", {"alpha": 2, "beta": 20, "ecn": True})}
only = {"loss-random", "loss-gemodel", "loss-state", "duplicate", "corrupt", "reorder", "slot"}
for n, differs in want.items():
    read = json.load(open(f"{sys.argv[1]}/n{n}.qdisc"))
    q = next(x for x in read if x["dev"] == "eth0" and x["kind"] == "netem")["options"]
    expected = {k: dict(v) if isinstance(v, dict) else v for k, v in base.items()}
    if n in jitter:
        del expected["delay"]["jitter"]
        assert q["delay"]["jitter"] > 0, (n, q)
        if n == 3:  # the mean of a Pareto law with such a tail is that of its table
            del expected["delay"]["delay"]
    for k, v in differs.items():
        expected[k] = {**expected[k], **v} if k in expected and isinstance(v, dict) else v
    compare(q, expected, f"n{n}")
    assert only & set(q) == only & set(differs), (n, q)
    assert json.load(open(f"{sys.argv[1]}/n{n}.link"))[0]["mtu"] == (1400 if n == 5 else 1500), n
    leaves = [(x["kind"], x["options"]) for x in read if x.get("dev") == "queue10" and x.get("parent") == "1:1"]
    assert len(leaves) == (n in queues), (n, leaves)
    if n in queues:
        assert leaves[0][0] == queues[n][0], leaves
        compare(leaves[0][1], queues[n][1], f"n{n} queue")
PYTHON
expect "$TEST_TMP/n12.class" 'rate 99990Kbit ceil 99990Kbit'
expect "$TEST_TMP/n0.route" 'initcwnd 10 congctl cubic'

# Live: as a whole, one after the other; sfemu reads each back itself, and tc is asked again.
seen() { # words in the netem of n15, or no such words
	node n15 -- tc qdisc show dev eth0 root >"$TEST_TMP/now"
	if [ "$1" = no ]; then
		! grep -q -- "$2" "$TEST_TMP/now" || { cat "$TEST_TMP/now"; fail "'$2' is still there"; }
	else
		expect "$TEST_TMP/now" "$1"
	fi
}
change() { "$SFEMU" link --run $pid l15:up set "$@" >/dev/null || fail "link set $*"; }
change rate=7Mbit delay=33ms && seen 'delay 33ms rate 7Mbit'
change loss=3% && seen 'loss 3%'
change loss='gilbert 1% 30%' && seen 'loss gemodel p 1% r 30%'
change loss=0 && seen no loss
change duplicate=2% corrupt=1% && seen 'duplicate 2% corrupt 1%'
change duplicate=0 corrupt=0 && seen no duplicate
change reorder='25% gap 5' && seen 'reorder 25%.*gap 5'
change reorder=0 && seen no reorder
change delay='normal 20ms 5ms' && seen 'delay 20ms  *[0-9.]*ms'
change delay=1ms rate=2Mbit queue=20kB && seen 'delay 1ms rate 2Mbit'
release
