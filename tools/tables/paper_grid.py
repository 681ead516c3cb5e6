# SPDX-License-Identifier: MIT
"""What docs/paper.md is made of: the cells of the sweeps scenarios/paper*.yaml, and their figures in docs/paper-cells.csv."""
import csv
import os

from cells import PARTS, Sweep, means, measured

NETWORKS = ("iiot", "urban")
THREE = ("PureFaaS", "StatePropagate", "StateLocal")
UNCHAINED = ("UnchainedExternal", "UnchainedInEdge", "UnchainedInFunction", "UnchainedInClient")
# Chains by their length; the published growth is from the first to the fourth.
CHAINS = {"2–3": (2, 3), "4–6": (4, 6), "7–9": (7, 9), "10–12": (10, 12), "13+": (13, 1 << 30)}
AXIS_SEEDS = range(1, 6)
# Parts of the grid in the order of the page: which cells, with which seeds.
SECTIONS = ("procnet", "proconly", "states", "rates", "rates-free")
MEANS = ("jobs", "response", "net", "predicted", *PARTS)
WHOLE = ("net_p95", "predicted_p95", "processing", "predicted_processing", "traffic", "predicted_traffic", "wire", "drops", "local")
COLUMNS = ("section", "network", "value", "strategy", "seed", "digest", *MEANS, *WHOLE,
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


class Item:
    """A cell with its place in the page."""

    def __init__(self, section, cell, network, value):
        self.section, self.cell, self.network, self.value = section, cell, network, value
        self.key = (section, network, value, cell.strategy, str(cell.seed))

    def row(self):
        """Its row of docs/paper-cells.csv."""
        row = dict(zip(COLUMNS, self.key))
        row["digest"] = self.cell.digest()
        row.update(measured(self.cell))
        if self.section in ("procnet", "proconly"):
            jobs = self.cell.table("jobs.csv")
            for chain, (least, most) in CHAINS.items():
                of = means([j for j in jobs if least <= int(j["steps"]) <= most])
                row.update({f"{chain}.{name}": value for name, value in of.items()})
        return {name: str(row.get(name, "")) for name in COLUMNS}


def items(sfemu, top, results, sections=SECTIONS):
    """Every cell of the sections, seed by seed, so that a grid in part has whole replications."""
    found = []
    if {"procnet", "proconly"} & set(sections):
        for cell in Sweep(sfemu, f"{top}/scenarios/paper.yaml", f"{results}/sweep-paper").cells():
            section = cell.values["placement"].lower()
            if section in sections:
                found.append(Item(section, cell, cell.values["network"], ""))
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


def write_rows(path, rows):
    with open(path, "w", newline="") as f:
        out = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def read_rows(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))
