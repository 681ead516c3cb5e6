# SPDX-License-Identifier: MIT
"""docs/paper.md from the figures of docs/paper-cells.csv. Every sentence about a figure is chosen by the figure."""
import paper_why as why
from paper_figures import (GROUPS, Figures, estimate, holds, in_short, minutes, ms, number, placed, seconds_of,
                           seeds_text, table, times)
from paper_grid import NETWORKS, SECTIONS, THREE, UNCHAINED
from paper_pictures import FACTORS
from paper_rates import rates

# What the published simulator finds with 300 jobs and 200 replications: traffic of PureFaaS over StateLocal's, and growth of the
# network delay from chains of 2–3 to chains of 10–12.
TRAFFIC = {"iiot": 4.1, "urban": 4.4}
GROWTH = {"iiot": {"PureFaaS": 6.7, "StatePropagate": 5.3, "StateLocal": 3.2},
          "urban": {"PureFaaS": 7.1, "StatePropagate": 5.4, "StateLocal": 3.0}}
STABLE = 1.5  # a delay that grows by less than half counts as stable

HEAD = """\
# The paper in packets

`tools/paper-table` writes this page, the words too: a sentence about a figure is chosen by the figure. It runs `scenarios/paper.yaml`,
`scenarios/paper-states.yaml` and `scenarios/paper-rates.yaml` on the virtual clock, which gives the same bytes on any machine with the same
guest kernel, and goes on where it was stopped. `tools/paper-table --page` writes the page again from [paper-cells.csv](paper-cells.csv),
which has the figures of each run, and `tools/paper-table --check` runs a drawn 1 % of these runs again and compares them byte for byte.

The paper is C. Cicconetti, M. Conti, A. Passarella, *FaaS execution models for edge applications* (Pervasive and Mobile Computing 86,
2022, doi 10.1016/j.pmcj.2022.101689), with the authors' scripts `000_Statesim_initial` to `002_Statesim_unchained`. The paper's
comparison of strategies is a closed form: each link stores a whole message and then passes it on; nothing propagates, waits or starts
slowly. Here the same jobs send packets over TCP.

- **paper**: what the published simulator prints for the authors' networks, 300 jobs, 200 replications (where there is a number).
- **closed form**: the same formulas for the jobs, clients, nodes and networks of this page.
- **packets**: what was measured.

| | paper | here |
| --- | --- | --- |
| jobs | 300 of an hour of Spår's jobs, on average | the same, from `sfemu workload spar --hours 1 --seed 1 --stateful-only`: discrete laws, without the generator's bias |
| factors | operations 1e5, arguments and states 1e6 | the same |
| networks | one file of Ether each: IIoT (80 nodes), urban (123 nodes) | Ether's IIoT (80 nodes); urban drawn anew with each seed |
| links | rates | the same rates; 50 us, 2 ms (shared) and 5 ms (up, down) one way, queues of 100 ms; radio cells are half duplex |
| cloud | 50 Mbit/s, 60 ms | the same |
| arrivals | none: all jobs at once load the nodes, none waits for another's packets | at the times of the trace |

A replication has a seed of its own: it draws jobs, clients and nodes. All strategies have the same ones, so they are compared replication
by replication. `[…]` is a 95 % interval over the replications (Student's t): of a ratio the geometric mean and the interval of the
logarithms. *Holds* and *does not hold* mean that the interval decides it; with one replication nothing is decided. Network delay is the
response time without modelled computing. Times and bytes are means of a job.
"""


def made_of(rows):
    """Which replications are there."""
    planned = {"procnet": (280, "1–20"), "proconly": (280, "1–20"), "states": (210, "1–5"), "rates": (210, "1–5"),
               "rates-free": (210, "1–5")}
    words = {"procnet": "ProcNet, seven strategies", "proconly": "ProcOnly, seven strategies",
             "states": "state factors, three strategies, 250 jobs (`scenarios/paper-states.yaml`)",
             "rates": "rates, three strategies, placement frozen (`scenarios/paper-rates.yaml`)",
             "rates-free": "rates, placed anew at each rate"}
    means, total = seconds_of(rows, {s: n for s, (n, _) in planned.items()})
    lines = []
    for section in SECTIONS:
        mine = [r for r in rows if r["section"] == section]
        whole = [s for s in {int(r["seed"]) for r in mine}
                 if sum(int(r["seed"]) == s for r in mine) == planned[section][0] // (20 if section.startswith("proc") else 5)]
        lines.append((words[section], f"{len(mine)} of {planned[section][0]}", seeds_text(whole), planned[section][1],
                      "–" if means[section] is None else f"{means[section]:.1f}"))
    complete = all(done.split(" of ")[0] == done.split(" of ")[1] for _, done, _, _, _ in lines)
    text = "\nThe whole grid was run.\n\n" if complete else \
        "\n**The grid was run in part**: intervals are over the replications that are there, and are wide where these are few.\n\n"
    text += table(("part of the grid", "cells run", "whole replications, seeds", "planned seeds", "s a cell"), lines)
    if total is None:
        return text
    base = sum(means[s] * planned[s][0] for s in ("procnet", "proconly"))
    return text + f"\nAt these times of a cell, of one core, the first two rows take about {minutes(base)} on two cores and the whole grid {minutes(total)}.\n"


def order_of(f, group, name):
    """Does PureFaaS > StatePropagate > StateLocal hold? Also in how many replications."""
    steps = [f.ratio(group, a, b, name) for a, b in zip(THREE, THREE[1:])]
    seeds = f.seeds(group, THREE)
    kept = sum(f.at(group, THREE[0], s, name) > f.at(group, THREE[1], s, name) > f.at(group, THREE[2], s, name) for s in seeds)
    return holds([e.above(1) for e in steps], [e.below(1) for e in steps]), f"{kept} of {len(seeds)}"


def delays(f):
    lines, found = [], {}
    for group in GROUPS:
        if not f.seeds(group, THREE):
            continue
        found[placed(group)], kept = order_of(f, group, "net")
        lines.append((*group_words(group),
                      " / ".join(ms(f.mean(group, s, "predicted")) for s in THREE), number(f.ratio(group, *ends(), "predicted").value),
                      " / ".join(ms(f.mean(group, s, "net")) for s in THREE), estimate(f.ratio(group, *ends(), "net")),
                      estimate(f.ratio(group, "StatePropagate", "StateLocal", "net")),
                      f"{number(f.ratio(group, *ends(), 'predicted_p95').value)} → {number(f.ratio(group, *ends(), 'net_p95').value)}", kept))
    text = ["## The order of delay", "",
            "**Paper.** With 300 jobs the mean network delay is in the order PureFaaS > StatePropagate > StateLocal in every replication.", "",
            table(("network", "placement", "closed form: PureFaaS / StatePropagate / StateLocal (ms)", "PureFaaS : StateLocal", "packets (ms)",
                   "PureFaaS : StateLocal", "StatePropagate : StateLocal", "p95, PureFaaS : StateLocal, closed form → packets",
                   "order kept in replications"), lines),
            f"**Packets.** {f.claim(found, 'that PureFaaS takes longer than StatePropagate and this longer than StateLocal')}", *why.ratios(f)]
    return text


def ends():
    return "PureFaaS", "StateLocal"


def group_words(group):
    return group[1], "ProcNet" if group[0] == "procnet" else "ProcOnly"


def traffic(f):
    lines, found = [], {}
    for group in GROUPS:
        if not f.seeds(group, THREE):
            continue
        found[placed(group)], kept = order_of(f, group, "traffic")
        wire = f.ratio(group, *ends(), "wire")
        lines.append((*group_words(group), times(TRAFFIC[group[1]]) if group[0] == "procnet" else "–",
                      estimate(f.ratio(group, *ends(), "predicted_traffic")), estimate(f.ratio(group, *ends(), "traffic")),
                      estimate(f.ratio(group, "StatePropagate", "StateLocal", "traffic")), estimate(wire), kept))
    same = all(f.at(g, s, seed, "traffic") == f.at(g, s, seed, "predicted_traffic")
               for g in GROUPS for s in THREE for seed in f.seeds(g, THREE))
    return ["## Traffic", "", "**Paper.** Traffic (bytes times links) has the same order in every replication; PureFaaS makes four times StateLocal's.", "",
            table(("network", "placement", "paper, PureFaaS : StateLocal", "closed form", "packets: payload times links", "StatePropagate : StateLocal",
                   "bytes on the wire, PureFaaS : StateLocal", "order kept in replications"), lines),
            f"**Packets.** {f.claim(found, 'that their traffic has the same order')} "
            + ("The payload is the closed form's to the byte. " if same else "The payload is not the closed form's everywhere. ")
            + ("The wire adds headers, acknowledgements and retransmissions, to both strategies within 5 % of the same proportion."
               if wire_like_payload(f) else "The wire's ratios are not within 5 % of the payload's: see the table.")]


def wire_like_payload(f):
    pairs = [(f.ratio(g, *ends(), "wire").value, f.ratio(g, *ends(), "traffic").value) for g in GROUPS if f.seeds(g, THREE)]
    return all(abs(a / b - 1) < 0.05 for a, b in pairs)


def chains(f):
    lines, stable, least = [], {}, {}
    for group in GROUPS:
        growth = {s: f.growth(group, s, "net") for s in THREE}
        if any(g is None for g in growth.values()):
            continue
        for s in THREE:
            paper = times(GROWTH[group[1]][s]) if group[0] == "procnet" else "–"
            first, last = f.mean(group, s, "2–3.net"), f.mean(group, s, "10–12.net")
            lines.append((*group_words(group), s, paper, number(f.growth(group, s, "predicted").value), estimate(growth[s]),
                          f"{ms(first)} → {ms(last)}", *why.growth_parts(f, group, s)))
        local = growth["StateLocal"]
        stable[placed(group)] = True if local.below(STABLE) else False if local.above(STABLE) else None
        more = [f.growth_ratio(group, s, "StateLocal", "net") for s in THREE[:2]]
        least[placed(group)] = holds([e.above(1) for e in more], [e.below(1) for e in more])
    return ["## Longer chains", "",
            "**Paper.** From chains of 2–3 to chains of 10–12 functions the delay of PureFaaS and StatePropagate grows, StateLocal's is called stable. "
            "(The closed form itself has a growth of 3 for StateLocal.)", "",
            "![Network delay over the length of chains, packets](paper-chains.svg)", "",
            table(("network", "placement", "strategy", "paper, growth", "closed form", "packets", "packets (ms)", *why.GROWTH_HEAD), lines),
            f"**Packets.** {f.claim(stable, f'that StateLocal is stable in longer chains (that it grows by less than a factor of {STABLE})')} "
            f"{f.claim(least, 'the weaker claim, that StateLocal grows least,')}", "", *why.growth(f)]


def unchained(f):
    lines, found, notes = [], {}, []
    for group in GROUPS:
        seeds = f.seeds(group, UNCHAINED)
        if not seeds:
            continue
        closed = sorted(UNCHAINED, key=lambda s: -f.mean(group, s, "predicted"))
        pairs = [(a, b, f.ratio(group, a, b, "net")) for a, b in zip(closed, closed[1:])]
        found[placed(group)] = holds([e.above(1) for _, _, e in pairs], [e.below(1) for _, _, e in pairs])
        turned = [f"{b} is slower than {a}" for a, b, e in pairs if e.below(1)]
        if turned:
            notes.append(f"{placed(group)}: {'; '.join(turned)}.")
        for s in closed:
            lines.append((*group_words(group), s, ms(f.mean(group, s, "predicted")), ms(f.mean(group, s, "net")),
                          estimate(f.ratio(group, s, "StateLocal", "net")) if f.seeds(group, (s, "StateLocal")) else "–",
                          *why.cells_of(f, group, s)))
    return ["## Where states are stored", "",
            "**Paper.** The authors' script 002 compares four places for states under single calls (*Unchained*), with both placements; "
            "we have no published number of it. The table is in the closed form's order, so the question is whether packets keep it.", "",
            table(("network", "placement", "strategy", "closed form (ms)", "packets (ms)", "packets, : StateLocal", *why.HEAD), lines),
            f"**Packets.** {f.claim(found, 'that the four Unchained strategies keep the order of the closed form')} {' '.join(notes)}".rstrip(), "", *why.cloud(f)]


def states(f):
    lines, grows, loses, closed_loses = [], {}, [], False
    for network in NETWORKS:
        there = [v for v in FACTORS if f.seeds(("states", network, v), THREE)]
        for v in there:
            group = ("states", network, v)
            e = f.ratio(group, "StatePropagate", "StateLocal", "net")
            closed = f.ratio(group, "StatePropagate", "StateLocal", "predicted").value
            closed_loses |= closed < 1
            if e.below(1):
                loses.append(f"{network} at {v}")
            lines.append((network, v, len(f.seeds(group, THREE)), number(closed), estimate(e),
                          number(f.ratio(group, *ends(), "predicted").value), estimate(f.ratio(group, *ends(), "net")),
                          estimate(f.ratio(group, *ends(), "traffic"))))
        if len(there) > 1:
            first, last = ("states", network, there[0]), ("states", network, there[-1])
            e = f.change(last, first, "StatePropagate", "StateLocal", "net")
            grows[network] = True if e.above(1) else False if e.below(1) else None
    picture = ["![Network delay over the size of states, packets](paper-states.svg)", ""] if lines else []
    return ["## Larger states", "",
            "**Paper.** Script 001 sweeps the size of states at the same arguments, from an eighth to eight times these, and plots the delay of "
            "StatePropagate over StateLocal's on an axis from 1: the lead grows with the states.", "", *picture,
            table(("network", "state factor", "seeds", "closed form, StatePropagate : StateLocal", "packets", "closed form, PureFaaS : StateLocal",
                   "packets", "traffic, PureFaaS : StateLocal"), lines),
            f"**Packets.** {f.claim(grows, 'that StateLocal’s lead over StatePropagate grows with the states')} "
            + (f"StateLocal is slower than StatePropagate in {', '.join(loses)}: a fetch costs a round trip that the closed form does not know. "
               if loses else "At no size does an interval show StateLocal slower than StatePropagate. ")
            + ("The closed form has it slower somewhere too." if closed_loses else "In the closed form it never is."), ""]


def page(rows):
    f = Figures(rows, (THREE, UNCHAINED))
    sections = [*delays(f), "", *traffic(f), "", *chains(f), "", *states(f), *rates(f), "", *unchained(f), ""]
    return "\n".join([HEAD.rstrip(), made_of(rows), *in_short(f), *sections]).rstrip() + "\n"
