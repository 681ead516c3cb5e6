# SPDX-License-Identifier: MIT
"""What docs/prototype.md is made of: the authors' experiments 400 to 402 at their rates, arguments and sizes of states."""
import os
import shutil

import prototype_draw as draw
from cells import MEANS, WHOLE, Sweep
from tool import KEY, Item

SECTIONS = ("400", "401", "402")
COLUMNS = (*KEY, "digest", "seconds", *MEANS, *WHOLE)
SEEDS = range(1, 6)
ARGUMENTS = (10000, 100000)
CHAINS = ((3, 6), (6, 3))  # functions and states
RATES = ("1Mbit", "2Mbit", "5Mbit", "10Mbit", "20Mbit", "50Mbit", "100Mbit")
SCALES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def case_400(functions, states, argument):
    return f"{functions} functions/{states} states/{argument // 1000} kB"


def case_401(argument):
    return f"{argument // 1000} kB"


def sweep(sfemu, top, results, experiment, label, text):
    """One sweep with its base as it was drawn."""
    folder = f"{results}/sweep-prototype/{experiment}-{label}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{experiment}.yaml", "w") as f:
        f.write(text)
    file = shutil.copy(f"{top}/scenarios/prototype/{experiment}-sweep.yaml", folder)
    return Sweep(sfemu, file, folder).cells()


def items(sfemu, top, results, sections=SECTIONS):
    """Every cell of the sections."""
    here, found = f"{top}/scenarios/prototype/", []

    def add(section, case, label, text, value=None):
        found.extend(Item(section, cell, case, value or cell.values["rate"])
                     for cell in sweep(sfemu, top, results, section, label, text))

    for seed in SEEDS if "400" in sections else ():
        for functions, states in CHAINS:
            for argument in ARGUMENTS:
                add("400", case_400(functions, states, argument), f"{functions}-{states}-{argument}-{seed}",
                    draw.chain(functions, states, argument, seed, here))
    for seed in SEEDS if "401" in sections else ():
        for argument in ARGUMENTS:
            add("401", case_401(argument), f"{argument}-{seed}", draw.graph(argument, seed, here))
    for scale in SCALES if "402" in sections else ():
        add("402", "camera", str(scale), draw.star(scale, 1, here), str(scale))
    return sorted(found, key=lambda i: (SECTIONS.index(i.section), i.cell.seed))


def write_scenarios(top):
    """The drawn scenarios that are in the tree: of each experiment one."""
    for name, text in (("400", draw.chain(3, 6, 10000, 1)), ("401", draw.graph(10000, 1)), ("402", draw.star(100))):
        with open(f"{top}/scenarios/prototype/{name}.yaml", "w") as f:
            f.write(text)
