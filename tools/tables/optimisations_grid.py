# SPDX-License-Identifier: MIT
"""What docs/optimisations-table.md is made of: the cells of scenarios/optimisations.yaml, and their figures."""
import csv
import io
import math
import os
import subprocess

from cells import MEANS, WHOLE, Sweep
from paper_grid import CHAINS, THREE, of_chains
from tool import KEY, Item

SECTIONS = ("none", "states-tenth", "states-double", "rates-10Mbit", "delays-fourfold")
PLAIN = "StateLocal"
# Times in us, means of a job: predicted with the option and without; of Adaptive the mean of each job's least time under the
# three published strategies, and the jobs that follow each of these; by=edge the others follow their edges. Bytes are means of a job.
OWN = ("with", "without", "bound", *(f"follow.{s}" for s in THREE), "wasted", "hits", "overlap")
COLUMNS = (*KEY, "digest", *MEANS, *WHOLE, *OWN, *(f"{chain}.{name}" for chain in CHAINS for name in MEANS))


def predicted(sfemu, cell):
    """What `sfemu estimate --gain` says of the cell's strategy."""
    said = subprocess.run([sfemu, "estimate", "--gain", "--csv", os.path.join(cell.folder, "scenario.yaml")], stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    (row,) = csv.DictReader(io.StringIO(said))
    return {name: round(1e6 * float(row[f"{name}_s"])) for name in ("with", "without")}


def responses(cell):
    return {j["job"]: float(j["response_s"]) for j in cell.table("jobs.csv")}


def of_choice(cell, cells):
    """The bound of Adaptive, from the fixed strategies of the same replication, and what its jobs follow."""
    fixed = [next(c for c in cells if c.values == cell.values and c.seed == cell.seed and c.strategy == s) for s in THREE]
    for c in fixed:
        if not c.done and c.run():
            raise SystemExit(f"{c.name}: the bound of Adaptive needs it, and it fails")
    of = [responses(c) for c in fixed]
    least = [min(each[job] for each in of) for job in of[0]]
    with open(os.path.join(cell.folder, "choices.csv"), newline="") as f:
        followed = [r["candidate"] for r in csv.DictReader(f) if r["followed"] == "1"]
    return {"bound": round(1e6 * math.fsum(least) / len(least)), **{f"follow.{s}": followed.count(s) for s in THREE}}


def of_options(cell):
    """What was moved for nothing, found in caches, and hidden behind computing."""
    (row,) = csv.DictReader(io.StringIO(cell.newest("summary.csv")))
    jobs = int(row["jobs"])
    return {"wasted": round(int(row["wasted_bytes"]) / jobs), "hits": round(int(row["cache_hits"]) / jobs, 3),
            "overlap": round(1e6 * float(row["overlap_s"]))}


def items(sfemu, top, results, sections=SECTIONS):
    """Every cell of the sections, seed by seed."""
    cells = Sweep(sfemu, f"{top}/scenarios/optimisations.yaml", f"{results}/sweep-optimisations").cells()

    def more(cell):
        found = of_chains(cell)
        if cell.strategy.startswith("Adaptive"):
            found.update(of_choice(cell, cells))
        if "(" in cell.strategy:
            found.update(predicted(sfemu, cell), **of_options(cell))
        return found

    found = [Item(c.values["change"], c, c.values["network"], "", more) for c in cells if c.values["change"] in sections]
    return sorted(found, key=lambda i: (SECTIONS.index(i.section), i.cell.seed))
