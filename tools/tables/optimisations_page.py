# SPDX-License-Identifier: MIT
"""docs/optimisations-table.md, the words too: a sentence about a figure is chosen by the figure."""
from optimisations_grid import PLAIN, SECTIONS
from paired import ratio
from paper_figures import LONGEST, SHORTEST, Figures, cases, decide, estimate, in_short, ms, number, seeds_text, table
from paper_grid import NETWORKS, THREE

CHANGES = {"none": "as in the paper", "states-tenth": "states of a tenth of the size", "states-double": "states of twice the size",
           "rates-10Mbit": "radio cells, uplinks and downlinks of 10 Mbit/s", "delays-fourfold": "four times the delays"}
PARTS = ("propagation", "tcp_start", "queueing", "headers", "pipelining", "other_paths", "unexplained")
HEAD = """# Options in packets

`tools/optimisations-table` writes this page, the words too: a sentence about a figure is chosen by the figure. It runs
`scenarios/optimisations.yaml` on the virtual clock, which gives the same bytes on any machine with the same guest kernel, and
goes on where it was stopped. `tools/optimisations-table --page` writes the page again from [optimisations-cells.csv](optimisations-cells.csv),
which has the figures of each run, and `tools/optimisations-table --check` runs a drawn 1 % of these runs again and compares them
byte for byte. [optimisations.md](optimisations.md) says what each option does, its law, and where it hurts.

The jobs are those of [paper.md](paper.md): about 300 of an hour of Spår's in a replication, under ProcNet. In a replication all
strategies have the same jobs on the same nodes, and are compared replication by replication; `[…]` is a 95 % interval over the
replications (Student's t). Times and bytes are means of a job. *Predicted* is what `sfemu estimate --gain` says before anything
runs: for an idle network.
"""


def strategies(f, group):
    return [s for s in f.families[0] if (group, s) in f.cells]


def options(f, group):
    return [s for s in strategies(f, group) if s.startswith(f"{PLAIN}(")]


def choosing(f, group):
    return [s for s in strategies(f, group) if s.startswith("Adaptive")]


def groups(f):
    return [(section, network, "") for section in SECTIONS for network in NETWORKS if strategies(f, (section, network, ""))]


def place(group):
    return group[1] if group[0] == "none" else f"{group[1]} with {CHANGES[group[0]]}"


def coverage(f):
    rows = []
    for g in groups(f):
        seeds = [seeds_text(f.seeds(g, (s,))) for s in strategies(f, g)]
        rows.append((CHANGES[g[0]], g[1], ", ".join(sorted(set(seeds)))))
    return table(("change", "network", "seeds"), rows)


def gains(f, group):
    """Of each option what it gains, and in which parts."""
    if PLAIN not in strategies(f, group) or not options(f, group):
        return []
    rows = [(PLAIN, ms(f.mean(group, PLAIN, "response")), "", "", *("" for _ in PARTS), number(f.mean(group, PLAIN, "traffic") / 1e6), "", "")]
    for s in options(f, group):
        seeds = f.seeds(group, (s,))
        predicted = sum(f.at(group, s, k, "without") - f.at(group, s, k, "with") for k in seeds) / len(seeds)
        parts = [ms(f.difference(group, s, PLAIN, p).value) for p in PARTS]
        rows.append((s, ms(f.mean(group, s, "response")), estimate(f.difference(group, PLAIN, s, "response"), 1e-3), ms(predicted), *parts,
                     number(f.mean(group, s, "traffic") / 1e6), number(f.mean(group, s, "wasted") / 1e3), number(f.mean(group, s, "hits"))))
    head = ("strategy", "mean response (ms)", "gain measured (ms)", "predicted (ms)", "propagation", "TCP's start", "queueing", "headers",
            "pipelining", "other paths", "unexplained", "traffic (MB x hops)", "wasted (kB)", "hits")
    said = f.claim({s: decide(f.difference(group, PLAIN, s, "response"), 0) for s in options(f, group)},
                   f"that an option makes {PLAIN} faster on {place(group)}")
    return [f"### {place(group)}", "", "Parts are changes of the parts of the difference from the closed form, in ms: negative is less time.", "",
            table(head, rows), said, ""]


def grown_by_seed(f, group, strategy, name, seeds):
    """By seed: chains of 10–12 steps over those of 2–3."""
    found = {}
    for s in seeds:
        short, long = (f.at(group, strategy, s, f"{chain}.{name}") for chain in (SHORTEST, LONGEST))
        if short > 0 and long > 0:
            found[s] = long / short
    return found


def growth(f):
    rows, found = [], {}
    for network in NETWORKS:
        group = ("none", network, "")
        seeds = f.seeds(group, strategies(f, group)) if PLAIN in strategies(f, group) else []
        closed = grown_by_seed(f, group, PLAIN, "predicted", seeds)
        if not closed:
            continue
        for s in [PLAIN, *options(f, group), *choosing(f, group)]:
            grown = grown_by_seed(f, group, s, "response", seeds)
            both = sorted(set(closed) & set(grown))
            if not both:
                continue
            to_closed = ratio([grown[k] for k in both], [closed[k] for k in both])
            ones = [1] * len(both)
            rows.append((network, s, estimate(ratio([closed[k] for k in both], ones)), estimate(ratio([grown[k] for k in both], ones)),
                         estimate(to_closed)))
            if s != PLAIN:
                found[f"{s} on {network}"] = None if not to_closed.decided() else True if to_closed.high <= 1 else \
                    False if to_closed.low > 1 else None
    if not rows:
        return []
    return ["## Longer chains", "", "By how much the response time grows from chains of 2–3 steps to chains of 10–12. The closed form has only "
            "the network delay of StateLocal.", "", table(("network", "strategy", "closed form", "packets", "packets to closed form"), rows),
            f.claim(found, "that the growth comes down to that of the closed form"), ""]


def adaptive(f):
    rows, best_found, bound_found = [], {}, {}
    for group in groups(f):
        for own in choosing(f, group):
            seeds = f.seeds(group, (*THREE, own))
            if not seeds:
                continue
            mean = {s: sum(f.values(group, s, "response", seeds)) / len(seeds) for s in (*THREE, own)}
            best = min(THREE, key=mean.get)
            to_best = ratio(f.values(group, own, "response", seeds), f.values(group, best, "response", seeds))
            to_bound = ratio(f.values(group, own, "response", seeds), f.values(group, own, "bound", seeds))
            follow = [sum(f.values(group, own, f"follow.{s}", seeds)) / len(seeds) for s in THREE]
            edges = sum(f.values(group, own, "jobs", seeds)) / len(seeds) - sum(follow)
            follow.append(round(edges, 6) + 0.0)  # not -0.000, of rounding
            followed = " / ".join(number(n) for n in follow)
            regret = mean[own] - sum(f.values(group, own, "bound", seeds)) / len(seeds)
            rows.append((group[1], CHANGES[group[0]], own, f"{best} {ms(mean[best])}", ms(mean[own]), estimate(to_best), ms(regret),
                         estimate(to_bound), followed))
            if own in ("Adaptive", "Adaptive(by=edge)"):
                at = place(group) if own == "Adaptive" else f"{place(group)} by edge"
                best_found[at] = None if not to_best.decided() else True if to_best.high <= 1 else False if to_best.low > 1 else None
                bound_found[at] = None if not to_bound.decided() else \
                    True if to_bound.high <= 1.1 else False if to_bound.low > 1.1 else None
    if not rows:
        return []
    head = ("network", "change", "strategy", "best fixed strategy (ms)", "mean response (ms)", "to the best", "regret (ms)", "to the bound",
            "jobs that follow PureFaaS / StatePropagate / StateLocal / their edges")
    return ["## Adaptive", "", "The bound is the mean over jobs of the least response time of the three fixed strategies, and the regret how "
            "far Adaptive is above it: below 0 where a choice for each edge beats every strategy of whole jobs.", "", table(head, rows),
            f.claim(best_found, "that Adaptive is at least as fast as the best fixed strategy"), "",
            f.claim(bound_found, "that Adaptive is within 10 % of the bound"), ""]


def page(rows):
    names = list(dict.fromkeys(r["strategy"] for r in rows))
    f = Figures(rows, [names])
    body = ["## Options", "", *(line for g in groups(f) for line in gains(f, g)), *growth(f), *adaptive(f)]
    planned = "The whole grid is 10 seeds of each; intervals are over the replications that are there. Means are over those that all " \
              "strategies of a table have."
    return "\n".join([HEAD, planned, "", coverage(f), *in_short(f), *body]).rstrip() + "\n"
