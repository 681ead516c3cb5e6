# SPDX-License-Identifier: MIT
"""docs/prototype.md from the figures of docs/prototype-cells.csv. Every sentence about a figure is chosen by the figure."""
import curves as curves_svg
from paired import difference
from paper_figures import Figures, decide, estimate, holds, in_short, joined, minutes, ms, number, seconds_of, seeds_text, table
from prototype_grid import ARGUMENTS, CHAINS, RATES, SCALES, SEEDS, case_400, case_401

THREE = ("UnchainedInClient", "StatePropagate", "StateLocal")
PLACES = ("UnchainedInClient", "StateLocal", "UnchainedExternal")
CELLS = {"400": len(CHAINS) * len(ARGUMENTS) * len(RATES) * 3 * len(SEEDS), "401": len(ARGUMENTS) * len(RATES) * 3 * len(SEEDS),
         "402": 3 * len(SCALES)}

HEAD = """\
# The authors' prototype in packets

`tools/prototype-table` writes this page, the words too: a sentence about a figure is chosen by the figure. `tools/prototype-table --page`
writes it again from [prototype-cells.csv](prototype-cells.csv), and `tools/prototype-table --check` runs a drawn 1 % of the runs again and
compares them byte for byte.

The prototype is [serverlessonedge](https://github.com/ccicconetti/serverlessonedge); its experiments 400, 401 and 402 ran in Mininet.
Published are figures without numbers, and the finding that data locality reduces the traffic significantly and improves the delay,
especially with local caching on edge nodes and low link speeds. So **shapes are compared, not numbers**. The scenarios are in
`scenarios/prototype/`.

| | prototype | here |
| --- | --- | --- |
| 400 | a ring of six switches with a host each, 1 ms a link, 1 to 100 Mbit/s, queues of 1000 packets; the client is a host, the functions of a chain are drawn among the five others; states of (1 + s) × 10 kB, each needed by a random 0 … n−1 of the functions; 120 jobs one after the other | the same, with draws of our own; a seed is another draw |
| 401 | the same ring; graphs of 19 functions: four collectors, five parallel branches after each but the last; 4 states, needed by collectors only | the same |
| 402 | a star of a client and four edge nodes (1 Gbit/s, 1 ms) and a cloud (10 Mbit/s, 20 ms), queues of 300 packets; a graph of seven functions, 2 MB between them; 100 jobs | the same with 20 jobs, which differ only in where sound and pictures are made anonymous |
| computing | 10 ms a function (0.2 ms in 402), two cores a node | the same |

What a comparison has to know about the prototype:

- Its PureFaaS (`embedded`) sends only the states that a function needs. That is UnchainedInClient here; PureFaaS here sends all states.
- In 400 its words are swapped: `states` is the number of functions and `length` that of states. The cases below say what is meant.
- In 401 the four collectors are the first four functions, and all of these are on one node. So StateLocal moves each state once, and its
  lead is an upper bound.
- Remote states are fetched after computing, by three requests one after the other for each state (get, put, delete). Here they are fetched before, by one
  request each.
- A join has the output of its last predecessor as its argument; here it has the outputs of all. So graphs move more here, under every strategy.
- Its transport is gRPC over HTTP/2; here it is HTTP/1.1. Its hosts start a new client for each job.
- In 402 *edge* is StateLocal: states begin with the client in each job. In *cloud* the prototype's functions call each other, as in *edge*, and
  get and put their states in the cloud; UnchainedExternal here sends arguments and outputs through the client.

`[…]` is a 95 % interval over the draws (Student's t), paired: strategies are compared draw by draw over the same jobs. Of a ratio it is the
geometric mean with the interval of the logarithms. *Holds* and *does not hold* mean that the interval decides it. Response times and bytes are means of
a job; bytes are those on the wire of all links, with headers and acknowledgements.
"""


def made_of(rows):
    means, total = seconds_of(rows, CELLS)
    lines = []
    for section, planned in CELLS.items():
        mine = [r for r in rows if r["section"] == section]
        each = planned // (len(SEEDS) if section != "402" else 1)
        whole = [s for s in {int(r["seed"]) for r in mine} if sum(int(r["seed"]) == s for r in mine) == each]
        lines.append((section, f"{len(mine)} of {planned}", seeds_text(whole), "–" if means[section] is None else f"{means[section]:.1f}"))
    complete = all(int(done.split()[0]) == int(done.split()[2]) for _, done, _, _ in lines)
    text = ("\nThe whole grid was run.\n\n" if complete else
            "\n**The grid was run in part**: intervals are over the draws that are there, and are wide where these are few.\n\n") \
        + table(("experiment", "cells run", "whole draws", "s a cell"), lines)
    return text if total is None else text + f"\nAt these times of a cell, of one core, the whole grid takes about {minutes(total)} on two cores.\n"


def sweep_lines(f, section, case):
    for rate in RATES:
        group = (section, case, rate)
        if not f.seeds(group, THREE):
            continue
        yield (case, rate, seeds_text(f.seeds(group, THREE)), *(ms(f.mean(group, s, "response")) for s in THREE),
               estimate(f.difference(group, "UnchainedInClient", "StateLocal", "response"), 1e-3),
               estimate(f.ratio(group, "UnchainedInClient", "StateLocal", "response")),
               estimate(f.ratio(group, "StatePropagate", "StateLocal", "response")),
               *(number(f.mean(group, s, "wire") / 1e3) for s in THREE), estimate(f.ratio(group, "UnchainedInClient", "StateLocal", "wire")))


def finding(f, section, all_cases):
    """Of the stated finding: traffic and delay at every rate, and where the lead is largest."""
    traffic, faster, seconds, share = {}, {}, {}, {}
    for case in all_cases:
        there = [r for r in RATES if f.seeds((section, case, r), THREE)]
        if not there:
            continue
        for what, name in ((traffic, "wire"), (faster, "response")):
            of = [f.ratio((section, case, r), s, "StateLocal", name) for r in there for s in THREE[:2]]
            what[case] = holds([e.above(1) for e in of], [e.below(1) for e in of])
        if len(there) > 1:
            low, high = ((section, case, r) for r in (there[0], there[-1]))
            seeds = sorted(set(f.seeds(low, THREE)) & set(f.seeds(high, THREE)))
            leads = [[f.at(g, THREE[0], s, "response") - f.at(g, "StateLocal", s, "response") for s in seeds] for g in (low, high)]
            seconds[case] = decide(difference(*leads), 0)
            share[case] = decide(f.change(low, high, THREE[0], "StateLocal", "response"))
    return [f"- {f.claim(traffic, f'{section}: that StateLocal has the fewest bytes at every rate')}",
            f"- {f.claim(faster, f'{section}: that it is the fastest at every rate')}{exceptions(f, section, all_cases)}",
            f"- {f.claim(seconds, f'{section}: that its lead over UnchainedInClient in seconds is larger at the lowest rate than at the highest')}",
            f"- {f.claim(share, f'{section}: that the ratio of both is larger there')}", *order(f, section, all_cases), *fetches(f, section, all_cases)]


def exceptions(f, section, all_cases):
    found = [f"{s} is faster in {case} at {r}" for case in all_cases for r in RATES for s in THREE[:2]
             if f.seeds((section, case, r), THREE) and f.ratio((section, case, r), s, "StateLocal", "response").below(1)]
    return f" {'; '.join(found)}." if found else ""


def order(f, section, all_cases):
    """StatePropagate against UnchainedInClient: what the paper's closed form has as StatePropagate's lead need not be one here."""
    found = {}
    for case in all_cases:
        of = [f.ratio((section, case, r), "UnchainedInClient", "StatePropagate", "wire") for r in RATES if f.seeds((section, case, r), THREE)]
        if of:
            found[case] = holds([e.above(1) for e in of], [e.below(1) for e in of])
    return [f"- {f.claim(found, f'{section}: that StatePropagate has fewer bytes than UnchainedInClient at every rate')} It carries all states that a later "
            "function needs along the graph, UnchainedInClient only those that the called function needs."]


def fetches(f, section, all_cases):
    """What StateLocal pays for fetching states, at the highest rate."""
    words = []
    for case in all_cases:
        there = [r for r in RATES if f.seeds((section, case, r), THREE)]
        if there:
            group = (section, case, there[-1])
            spent = [f"{ms(f.mean(group, s, 'propagation'))} ms" for s in ("StateLocal", "StatePropagate")]
            words.append(f"{case} {' and '.join(spent)}")
    return [f"- Why the lead is smaller on fast links: each fetch is a round trip, at every rate. Propagation under StateLocal and StatePropagate "
            f"at the highest rate: {'; '.join(words)}."]


def curves(f, section, title, all_cases):
    lines = [line for case in all_cases for line in sweep_lines(f, section, case)]
    if not lines:
        return [f"## {title}", "", "Not run."]
    return [f"## {title}", "", f"![Response time over the rate of the ring's links](prototype-{section}.svg)", "",
            table(("case", "rate", "draws", *(f"{s} (ms)" for s in THREE), "lead of StateLocal over UnchainedInClient (ms)",
                   "UnchainedInClient : StateLocal", "StatePropagate : StateLocal", *(f"{s} (kB)" for s in THREE),
                   "bytes, UnchainedInClient : StateLocal"), lines), "**The stated finding.**", "", *finding(f, section, all_cases)]


def places(f):
    lines, faster, cloud = [], [], []
    for scale in SCALES:
        group = ("402", "camera", str(scale))
        if not f.seeds(group, PLACES):
            continue
        client, edge, far = (f.mean(group, s, "response") for s in PLACES)
        lines.append((f"{scale} kB", ms(client), ms(edge), ms(far), number(client / edge), number(far / edge),
                      *(number(f.mean(group, s, "wire") / 1e6) for s in PLACES)))
        faster.append((scale, edge < client))
        cloud.append((scale, far > client, far / client))
    if not lines:
        return ["## 402: where states are", "", "Not run."]
    edges = [f"{s} kB" for s, is_faster in faster if is_faster]
    grows = [r for _, _, r in cloud]
    said = f"the edge is faster than the client at {'every size' if len(edges) == len(faster) else joined(edges) if edges else 'no size'}."
    said += f" The cloud is slower than the client at {'every size' if all(c for _, c, _ in cloud) else joined([f'{s} kB' for s, c, _ in cloud if c] or ['no size'])}"
    said += f", by a factor that {'grows' if grows[-1] > grows[0] else 'does not grow'} from {number(grows[0])} to {number(grows[-1])} with the states."
    f.claims.append(f"402: {said}")
    return ["## 402: where states are", "", "![Response time over the size of the video state](prototype-402.svg)", "",
            table(("video state", "client: UnchainedInClient (ms)", "edge: StateLocal (ms)", "cloud: UnchainedExternal (ms)", "client : edge",
                   "cloud : edge", "client (MB)", "edge (MB)", "cloud (MB)"), lines),
            said[0].upper() + said[1:] + " The jobs of a size are alike and run one after the other, so there are no intervals.", "",
            "The edge has another advantage here: a function calls the next one itself, while client and cloud send all arguments and outputs "
            f"through the client. The smallest states show that alone: {number(lines_ratio(f))} times. Queues of 300 packets overflow where messages "
            f"meet: under StateLocal {dropped(f)} packets are dropped in a run, and jobs wait until TCP has sent them "
            "again."]


def dropped(f):
    """From the fewest to the most."""
    found = [f.mean(g, "StateLocal", "drops") for g in (("402", "camera", str(s)) for s in SCALES) if f.seeds(g, PLACES)]
    return f"{min(found):.0f} to {max(found):.0f}"


def lines_ratio(f):
    """Client over edge with the smallest states that were run."""
    group = next(g for g in (("402", "camera", str(s)) for s in SCALES) if f.seeds(g, PLACES))
    return f.mean(group, PLACES[0], "response") / f.mean(group, PLACES[1], "response")


def all_cases():
    return [case_400(n, s, a) for n, s in CHAINS for a in ARGUMENTS], [case_401(a) for a in ARGUMENTS]


def pictures(rows):
    """The curves of the three experiments, of those that were run."""
    f = Figures(rows, ({*THREE, *PLACES},))
    found = {}
    for section, of in zip(("400", "401"), all_cases()):
        panels = {case: {s: [f.point((section, case, r), s, "response", int(r.removesuffix("Mbit"))) for r in RATES if f.seeds((section, case, r), THREE)]
                         for s in THREE} for case in of}
        panels = {case: lines for case, lines in panels.items() if all(lines.values())}
        if panels:
            found[f"prototype-{section}.svg"] = curves_svg.picture(panels, "rate of the ring's links (Mbit/s)", "response (ms)")
    camera = {s: [f.point(("402", "camera", str(n)), s, "response", n) for n in SCALES if f.seeds(("402", "camera", str(n)), PLACES)] for s in PLACES}
    if all(camera.values()):
        found["prototype-402.svg"] = curves_svg.picture({"states in the client, at the edge, in the cloud": camera}, "video state (kB)", "response (ms)")
    return found


def page(rows):
    f = Figures(rows, ({*THREE, *PLACES},))
    chains, graphs = all_cases()
    sections = [*curves(f, "400", "400: chains around a ring", chains), "", *curves(f, "401", "401: graphs around a ring", graphs), "",
                *places(f)]
    return "\n".join([HEAD.rstrip(), made_of(rows), *in_short(f), *sections]).rstrip() + "\n"
