# SPDX-License-Identifier: MIT
"""What docs/paper.md is made of: the cells of the sweeps scenarios/paper*.yaml, and their figures in docs/paper-cells.csv."""
import os

from cells import MEANS, WHOLE, Sweep, means
from tool import KEY, Item

NETWORKS = ("iiot", "urban")
THREE = ("PureFaaS", "StatePropagate", "StateLocal")
UNCHAINED = ("UnchainedExternal", "UnchainedInEdge", "UnchainedInFunction", "UnchainedInClient")
# Chains by their length; the published growth is from the first to the fourth.
CHAINS = {"2–3": (2, 3), "4–6": (4, 6), "7–9": (7, 9), "10–12": (10, 12), "13+": (13, 1 << 30)}
AXIS_SEEDS = range(1, 6)
# Parts of the grid in the order of the page: which cells, with which seeds.
SECTIONS = ("procnet", "proconly", "states", "rates", "rates-free")
COLUMNS = (*KEY, "digest", "seconds", *MEANS, *WHOLE,
           *(f"{chain}.{name}" for chain in CHAINS for name in MEANS))


def rates_file(top, work, network, seed, frozen):
    """paper-rates.yaml with its base as it is for one network and seed: a frozen sweep has one base."""
    folder = f"{work}/{network}-{seed}-{'frozen' if frozen else 'free'}"
    os.makedirs(folder, exist_ok=True)
    scenarios = f"{top}/scenarios"
    changes = {"paper-base.yaml": (("seed: 1", f"seed: {seed}"), ("generate: iiot", f"generate: {network}"),
                                   ("workloads/", f"{scenarios}/workloads/")),
               "paper-rates.yaml": () if frozen else (("frozen: true", "frozen: false"),)}
    for name, words in changes.items():
        with open(f"{scenarios}/{name}") as f:
            text = f.read()
        for old, new in words:
            if old not in text:
                raise SystemExit(f"scenarios/{name} has no '{old}' any more; tools/tables/paper_grid.py replaces it")
            text = text.replace(old, new)
        with open(f"{folder}/{name}", "w") as f:
            f.write(text)
    return f"{folder}/paper-rates.yaml", folder


def of_chains(cell):
    """The figures of chains by their length."""
    jobs, figures = cell.table("jobs.csv"), {}
    for chain, (least, most) in CHAINS.items():
        of = means([j for j in jobs if least <= int(j["steps"]) <= most])
        figures.update({f"{chain}.{name}": value for name, value in of.items()})
    return figures


def items(sfemu, top, results, sections=SECTIONS):
    """Every cell of the sections, seed by seed, so that a grid in part has whole replications."""
    found = []
    if {"procnet", "proconly"} & set(sections):
        for cell in Sweep(sfemu, f"{top}/scenarios/paper.yaml", f"{results}/sweep-paper").cells():
            section = cell.values["placement"].lower()
            if section in sections:
                found.append(Item(section, cell, cell.values["network"], "", of_chains))
    if "states" in sections:
        for cell in Sweep(sfemu, f"{top}/scenarios/paper-states.yaml", f"{results}/sweep-paper-states").cells():
            found.append(Item("states", cell, cell.values["network"], cell.values["workload.state_factor"]))
    for section in {"rates", "rates-free"} & set(sections):
        for network in NETWORKS:
            for seed in AXIS_SEEDS:
                file, folder = rates_file(top, f"{results}/sweep-paper-rates", network, seed, section == "rates")
                for cell in Sweep(sfemu, file, folder).cells():
                    found.append(Item(section, cell, network, cell.values["rate"]))
    return sorted(found, key=lambda i: (SECTIONS.index(i.section), i.cell.seed))
