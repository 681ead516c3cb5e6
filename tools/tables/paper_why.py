# SPDX-License-Identifier: MIT
"""Why packets differ from the closed form: the parts of each transfer, as the results have them, over the strategies."""
from cells import PARTS
from paper_figures import GROUPS, LONGEST, SHORTEST, joined, ms, number, placed, table
from paper_grid import THREE

# Columns of the tables. The figures have one number for all waits and what is unexplained (cells.py, without_waits); tests/vm/explained.sh holds
# the latter below 5 % of the difference.
SHOWN = {"propagation": "propagation", "tcp_start": "TCP's start", "queueing": "queueing", "pipelining": "pipelining",
         "headers": "headers", "other_paths": "other paths", "unexplained": "waits"}
HEAD = tuple(f"{word} (ms)" for word in SHOWN.values())
GROWTH_HEAD = ("of it: closed form (ms)", "TCP's start", "propagation", "pipelining", "rest")
SMALL = 0.05  # parts below this share of the difference's largest are not named


def cells_of(f, group, strategy):
    return [ms(f.mean(group, strategy, part)) for part in SHOWN]


def names(f, group, strategy):
    """The parts that make most of the difference, the largest first, in words."""
    parts = sorted(((f.mean(group, strategy, p), p) for p in PARTS), key=lambda x: -abs(x[0]))
    largest = abs(parts[0][0])
    return [(SHOWN[p], v) for v, p in parts if abs(v) >= SMALL * largest]


def ratios(f):
    """After the order of delay: what makes the lead smaller or larger than the closed form's."""
    lines, words = [], []
    for group in GROUPS:
        if not f.seeds(group, THREE):
            continue
        for s in THREE:
            lines.append((group[1], placed(group).split()[-1], s, ms(f.mean(group, s, "predicted")), *cells_of(f, group, s),
                          ms(f.mean(group, s, "net"))))
        closed, packets = (f.ratio(group, "PureFaaS", "StateLocal", name).value for name in ("predicted", "net"))
        added = {s: f.mean(group, s, "net") - f.mean(group, s, "predicted") for s in THREE}
        parts = names(f, group, "StateLocal")
        start = (f.mean(group, "PureFaaS", "tcp_start"), f.mean(group, "StateLocal", "tcp_start"))
        words.append(
            f"- {placed(group)}: packets change PureFaaS by {ms(added['PureFaaS'])} ms and StateLocal by {ms(added['StateLocal'])} ms, "
            f"so the lead is {'smaller' if packets < closed else 'larger'} ({number(packets)} instead of {number(closed)}). "
            f"StateLocal's difference is {joined(f'{w} ({ms(v)} ms)' for w, v in parts)}. TCP's start costs PureFaaS "
            f"{number(start[0] / start[1])} times what it costs StateLocal, with {number(f.ratio(group, 'PureFaaS', 'StateLocal', 'traffic').value)} "
            "times the traffic." + local(f, group))
    return ["", "Why they differ: the parts of the difference, from the records of each transfer (ms, means of a job). *Waits* is what waited "
            "for acknowledgements, for packets to be sent again and in queues of the kernel, with what is unexplained (`window_s`, `retransmissions_s`, "
            "`queue_waits_s` and `unexplained_s` in [results.md](results.md)).", "",
            table(("network", "placement", "strategy", "closed form (ms)", *HEAD, "packets (ms)"), lines), *words]


def local(f, group):
    share = f.mean(group, "StateLocal", "local") / f.mean(group, "StateLocal", "jobs")
    return f" In {100 * share:.0f} % of the jobs nothing crosses the network." if share >= 0.05 else ""


def grown(f, group, strategy, name):
    """How much a part grows from short to long chains, in us."""
    return f.mean(group, strategy, f"{LONGEST}.{name}") - f.mean(group, strategy, f"{SHORTEST}.{name}")


def growth_parts(f, group, strategy):
    named = [grown(f, group, strategy, name) for name in ("predicted", "tcp_start", "propagation", "pipelining")]
    return [ms(v) for v in (*named, grown(f, group, strategy, "net") - sum(named))]


def growth(f):
    """After the chains: what StateLocal's delay grows by."""
    words = []
    for group in GROUPS:
        if not f.seeds(group, THREE):
            continue
        total = grown(f, group, "StateLocal", "net")
        start, way, closed = (grown(f, group, "StateLocal", p) for p in ("tcp_start", "propagation", "predicted"))
        largest = max((closed, "what the closed form has"), (start, "TCP's start"), (way, "propagation"))
        words.append(f"- {placed(group)}: of the {ms(total)} ms that StateLocal grows by, the closed form has {ms(closed)} ms, TCP's start "
                     f"{ms(start)} ms, propagation {ms(way)} ms. The largest part is {largest[1]}. Each further function costs a call, and "
                     "a request for each state that another node holds.")
    return words


def cloud(f):
    """After the places of states."""
    words = []
    for group in GROUPS:
        if not f.seeds(group, ("UnchainedExternal",)):
            continue
        parts = names(f, group, "UnchainedExternal")
        drops = f.mean(group, "UnchainedExternal", "drops")
        words.append(f"- {placed(group)}: UnchainedExternal's difference is {joined(f'{w} ({ms(v)} ms)' for w, v in parts)}."
                     + (f" Full queues drop {drops:.0f} packets in a replication; waiting until TCP has sent them again is in *waits*."
                        if drops >= 1 else ""))
    return words
