# SPDX-License-Identifier: MIT
"""The command line of tools that run a grid of cells, keep their figures in docs, and write a page from these."""
import argparse
import collections
import csv
import os
import random
import sys
import tempfile

import cells

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SFEMU = os.environ.get("SFEMU", f"{TOP}/build/sfemu")
KEY = ("section", "case", "value", "strategy", "seed")
UNCOMPARED = ("seconds",)  # wall time of a cell's run: facts of the machine


class Item:
    """A cell with its place in the page, and its row among the figures."""

    def __init__(self, section, cell, case, value, more=lambda cell: {}):
        self.section, self.cell, self.case, self.value, self.more = section, cell, case, value, more
        self.key = (section, case, value, cell.strategy, str(cell.seed))

    def row(self, columns):
        row = dict(zip(KEY, self.key), digest=self.cell.digest(), seconds=self.cell.seconds(), **cells.measured(self.cell), **self.more(self.cell))
        return {name: str(row.get(name, "")) for name in columns}


class Tool:
    """The tool of one page. `grid` gives the items of some sections, with their results in a folder."""

    def __init__(self, name, text, sections, columns, grid, page, pictures=lambda rows: {}, document=None):
        self.name, self.text, self.sections, self.columns, self.grid, self.page = name, text, sections, columns, grid, page
        self.pictures = pictures  # name of a file in docs: its text
        self.records, self.document = f"{TOP}/docs/{name}-cells.csv", f"{TOP}/docs/{document or name}.md"
        self.results = os.environ.get(f"{name.upper()}_RESULTS", f"{TOP}/results")

    def arguments(self):
        parser = argparse.ArgumentParser(prog=f"tools/{self.name}-table", description=self.text,
                                         formatter_class=argparse.RawDescriptionHelpFormatter)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--page", action="store_true", help=f"write the page from docs/{self.name}-cells.csv, and run nothing")
        what.add_argument("--check", action="store_true", help="run a drawn part again, and compare digests, figures and the page")
        what.add_argument("--list", action="store_true", help="say how many cells there are, and how many have a row")
        parser.add_argument("--again", action="store_true",
                            help="run cells that have a row already, of an earlier program: after a change that is meant to alter results")
        parser.add_argument("-j", type=int, default=os.cpu_count(), metavar="N", help="cells at a time (default: one a core)")
        parser.add_argument("--only", default=",".join(self.sections), metavar="LIST",
                            help=f"sections of the grid: some of {', '.join(self.sections)}")
        parser.add_argument("--seeds", default="1..20", metavar="A..B", help="seeds to run or to check")
        parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no cell after so many minutes")
        parser.add_argument("--share", type=float, default=1, metavar="PERCENT", help="what --check draws (default 1)")
        parser.add_argument("--draw", type=int, metavar="SEED", help="the seed of --check's draw (default: another each time)")
        a = parser.parse_args()
        a.only = a.only.split(",")
        if set(a.only) - set(self.sections):
            parser.error(f"--only: write some of {','.join(self.sections)}")
        first, _, last = a.seeds.partition("..")
        if not (first.isdecimal() and (last or first).isdecimal()):
            parser.error("--seeds: write it as 1..20")
        a.seeds = range(int(first), int(last or first) + 1)
        if a.j < 1 or not 0 < a.share <= 100:
            parser.error("-j is at least 1, --share a percentage above 0")
        return a

    def read(self):
        with open(self.records, newline="") as f:
            return list(csv.DictReader(f))

    def recorded(self):
        """The rows there are, by their key."""
        return {tuple(r[k] for k in KEY): r for r in self.read()} if os.path.exists(self.records) else {}

    def documents(self, rows):
        """What is to be in docs: the page, and its pictures."""
        return {self.document: self.page(rows), **{f"{TOP}/docs/{name}": text for name, text in self.pictures(rows).items()}}

    def write_page(self, rows):
        for path, text in self.documents(rows).items():
            with open(path, "w") as f:
                f.write(text)

    def run(self, a):
        grid, recorded = self.grid(SFEMU, TOP, self.results, self.sections), self.recorded()
        print(f"the whole grid: {len(grid)} cells, {sum(i.key in recorded for i in grid)} recorded", file=sys.stderr)
        chosen = [i for i in grid if i.section in a.only and i.cell.seed in a.seeds and (a.again or i.key not in recorded)]
        failed = cells.run([i.cell for i in chosen], a.j, a.minutes)
        recorded.update({i.key: i.row(self.columns) for i in chosen if i.cell.done})
        rows = [recorded[i.key] for i in grid if i.key in recorded]  # and none of what the grid has no more
        if not rows:
            sys.exit("no cell is done: the page is not written")
        with open(self.records, "w", newline="") as f:
            out = csv.DictWriter(f, self.columns, restval="", lineterminator="\n")
            out.writeheader()
            out.writerows(rows)
        self.write_page(rows)
        print(f"{os.path.relpath(self.document, TOP)}: from {len(rows)} of {len(grid)} cells", file=sys.stderr)
        return 1 if failed else 0

    def list_cells(self):
        total, done, recorded = collections.Counter(), collections.Counter(), self.recorded()
        for i in self.grid(SFEMU, TOP, self.results, self.sections):
            total[i.section] += 1
            done[i.section] += i.key in recorded
        for section in self.sections:
            print(f"{section:12} {total[section]:4} cells, {done[section]} recorded")
        print(f"{'all':12} {sum(total.values()):4} cells, {sum(done.values())} recorded")
        return 0

    def compare(self, item, row):
        """Says what differs in a cell that has run again; whether it does."""
        again = item.row(self.columns)
        differ = [k for k in self.columns if k not in UNCOMPARED and again[k] != row[k]]
        print(f"{' '.join(k for k in item.key if k)}: {'differs: ' + ', '.join(differ) if differ else 'the same bytes'}")
        return bool(differ)

    def check(self, a):
        rows = [r for r in self.read() if r["section"] in a.only and int(r["seed"]) in a.seeds]
        if not rows:
            sys.exit(f"docs/{self.name}-cells.csv has no such cell")
        draw = random.randrange(1 << 32) if a.draw is None else a.draw
        drawn = random.Random(draw).sample(rows, max(1, round(len(rows) * a.share / 100)))
        print(f"{len(drawn)} of {len(rows)} cells, drawn with --draw {draw}", flush=True)
        with tempfile.TemporaryDirectory() as work:
            there = {i.key: i for i in self.grid(SFEMU, TOP, work, [s for s in self.sections if s in {r["section"] for r in drawn}])}
            chosen = [there[tuple(r[k] for k in KEY)] for r in drawn]
            wrong = cells.run([i.cell for i in chosen], a.j)
            wrong += sum(self.compare(item, row) for item, row in zip(chosen, drawn) if item.cell.done)
        for path, text in self.documents(self.read()).items():
            with open(path) as f:
                if f.read() != text:
                    print(f"{os.path.relpath(path, TOP)} is not what tools/{self.name}-table --page writes")
                    wrong += 1
        return 1 if wrong else 0

    def main(self):
        a = self.arguments()
        if a.page:
            self.write_page(self.read())
            return 0
        return self.check(a) if a.check else self.list_cells() if a.list else self.run(a)
