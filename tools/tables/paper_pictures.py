# SPDX-License-Identifier: MIT
"""The curves of docs/paper.md."""
import curves
from paper_figures import GROUPS, Figures, placed
from paper_grid import CHAINS, NETWORKS, THREE
from paper_rates import RATES, there

FACTORS = ("125000", "250000", "500000", "1e6", "2e6", "4e6", "8e6")


def chains(f):
    """Network delay over the length of chains; the last class is open and has no place on the axis."""
    places = [(name, (least + most) / 2) for name, (least, most) in CHAINS.items()][:-1]
    return {placed(g): {s: [f.point(g, s, f"{chain}.net", x) for chain, x in places] for s in THREE} for g in GROUPS if f.seeds(g, THREE)}


def rates(f):
    return {network: {s: [f.point(("rates", network, r), s, "net", int(r.removesuffix("Mbit"))) for r in RATES
                          if r in there(f, "rates", network)] for s in THREE} for network in NETWORKS if there(f, "rates", network)}


def states(f):
    return {network: {s: [f.point(("states", network, v), s, "net", float(v) / 1e6) for v in FACTORS if f.seeds(("states", network, v), THREE)]
                      for s in THREE} for network in NETWORKS if any(f.seeds(("states", network, v), THREE) for v in FACTORS)}


def pictures(rows):
    f = Figures(rows, (THREE,))
    found = {"paper-chains.svg": (chains(f), "functions of a chain"), "paper-rates.svg": (rates(f), "rate of all links (Mbit/s)"),
             "paper-states.svg": (states(f), "state factor (millions)")}
    return {name: curves.picture(panels, x, "network delay (ms)") for name, (panels, x) in found.items() if panels}
