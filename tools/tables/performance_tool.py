# SPDX-License-Identifier: MIT
"""The command line of tools/performance-table: figures in docs/performance-cells.csv, and the page and the part of README.md that are made of them."""
import argparse
import csv
import math
import os
import sys

import performance_page
import performance_readme

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLUMNS = ("section", "subject", "nodes", "jobs", "round", "quantity", "value")
RECORDS, DOCUMENT, README = f"{TOP}/docs/performance-cells.csv", f"{TOP}/docs/performance.md", f"{TOP}/README.md"


def bad(at, why):
    print(f"performance-table: docs/performance-cells.csv:{at}: {why}", file=sys.stderr)
    sys.exit(2)


def read():
    with open(RECORDS, newline="") as f:
        rows = list(csv.DictReader(f))
    for at, r in enumerate(rows, 2):
        if tuple(r) != COLUMNS or None in r.values():
            bad(at, f"not the columns {','.join(COLUMNS)}; measure again, or take the file from git")
        if r["section"] == "machine":
            continue
        try:
            fine = math.isfinite(float(r["value"])) and float(r["value"]) >= 0
        except ValueError:
            fine = False
        if not fine:
            bad(at, f"{r['quantity']} is {r['value']!r}, not a number of at least 0; measure again with --only {r['section']}")
    return rows


def write(rows):
    with open(f"{RECORDS}.new", "w", newline="") as f:
        out = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    os.replace(f"{RECORDS}.new", RECORDS)


def documents():
    """What is to be in the page and in README.md."""
    rows = read()
    with open(README) as f:
        try:
            return {DOCUMENT: performance_page.page(rows), README: performance_readme.written(f.read(), rows)}
        except ValueError as e:
            sys.exit(f"performance-table: {e}")


def write_page():
    for path, text in documents().items():
        with open(path, "w") as f:
            f.write(text)


def measure(a, sections):
    """Each section that is done is kept, also if a later one fails."""
    if os.path.exists(RECORDS):
        documents()  # what cannot be written is said before minutes are spent
    for name in a.only:
        print(f"{name}: measuring", file=sys.stderr, flush=True)
        new = [dict(zip(COLUMNS, (name, *row))) for row in sections[name](a)]
        new += [dict(zip(COLUMNS, ("machine", name, "", "", "", *row))) for row in sections["machine"](name)]
        rows = [r for r in (read() if os.path.exists(RECORDS) else [])
                if r["section"] != name and not (r["section"] == "machine" and r["subject"] == name)]
        rows = [{k: str(v) for k, v in r.items()} for r in rows + new]
        write(sorted(rows, key=lambda r: (r["section"] != "machine", r["section"])))
        write_page()
    return 0


def check():
    wrong = 0
    for path, text in documents().items():
        with open(path) as f:
            if f.read() != text:
                print(f"{os.path.relpath(path, TOP)} is not what tools/performance-table --page writes from docs/performance-cells.csv", file=sys.stderr)
                wrong = 1
    return wrong


def main(text, sections):
    names = [n for n in sections if n != "machine"]
    parser = argparse.ArgumentParser(prog="tools/performance-table", description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--page", action="store_true", help="write the page and README.md's figures from docs/performance-cells.csv, and measure nothing")
    what.add_argument("--check", action="store_true", help="compare both with docs/performance-cells.csv, and measure nothing")
    parser.add_argument("--only", default=",".join(names), metavar="LIST", help=f"sections to measure: some of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="turns of each subject (default 5)")
    parser.add_argument("--nodes", default="100,200,500", metavar="LIST", help="sizes of the section building (default 100,200,500)")
    parser.add_argument("--scale", metavar="FILE", help="what tools/bench scale printed")
    a = parser.parse_args()
    a.only = a.only.split(",")
    if set(a.only) - set(names):
        parser.error(f"--only: write some of {','.join(names)}")
    if a.rounds < 1:
        parser.error("--rounds is at least 1")
    a.nodes = a.nodes.split(",")
    if not all(n.isdecimal() and int(n) > 0 and int(n) % 20 == 0 for n in a.nodes):
        parser.error("--nodes: write multiples of 20, as 100,200")
    a.nodes = [int(n) for n in a.nodes]
    if a.page:
        write_page()
        return 0
    return check() if a.check else measure(a, sections)
