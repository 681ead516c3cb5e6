#!/usr/bin/env python3
"""Checks the tree against the table of layers in docs/architecture.md.

  architecture.py SOURCE BUILD

A file includes and calls only what is in its own folder or in a lower one. No two modules need each
other, in any number of steps: a module is NAME.c with NAME.h and NAME_internal.h; it needs another if
it includes one of its files or uses a symbol that it defines. No folder has more than 25 .c files, and
each has a README.md of at most 15 lines. Exit status 1 and a line for each fault.
"""
import os
import re
import subprocess
import sys

MOST_C_FILES = 25
MOST_README_LINES = 15
PUBLIC = "emu/include/sfemu"
ROOTS = ("emu", "nodes", "shaper")

source, build = sys.argv[1:3]
os.chdir(source)
faults = []


def fault(text):
    faults.append(text)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def layers():
    """Of each folder its row in the table: the first is the highest."""
    rows = re.findall(r"^\| `([\w/]+)/` \|", read("docs/architecture.md"), re.M)
    return {folder: len(rows) - i for i, folder in enumerate(rows)}


def sources(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in ("node_modules", "corpus", "published")]
        for name in names:
            if name.endswith((".c", ".h")):
                yield os.path.join(folder, name)


def module(path):
    return re.sub(r"(_internal)?\.[ch]$", "", path)


def includes(path):
    for name in re.findall(r'^#include "([^"]+)"', read(path), re.M):
        target = "emu/include/" + name if name.startswith("sfemu/") else name
        if os.path.exists(target):
            yield target
        elif not name.startswith("sfe_build"):
            fault(f'{path}: include "{name}": there is no such file from the top of the tree')


def symbols():
    """Of each source file what it uses of which other: (user, definer, symbol)."""
    defined, used, objects = {}, [], {}
    for tree in ("libsfemu.dir", "sfemu.dir"):
        top = os.path.join(build, "CMakeFiles", tree)
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), top)[: -len(".o")]
                if name.endswith(".c.o") and os.path.exists(path):
                    objects[os.path.join(folder, name)] = path
    # One process for all: a process each took half a minute.
    out = subprocess.run(["nm", "-A", *objects], check=True, capture_output=True, text=True) if objects else None
    for line in out.stdout.splitlines() if out else ():
        file, rest = line.rsplit(":", 1)
        path, (kind, symbol) = objects[file], rest.split()[-2:]
        if kind == "U":
            used.append((path, symbol))
        elif kind in "TDBRVWC":
            defined[symbol] = path
    if len(defined) < 100:
        sys.exit(f"architecture.py: no objects in {build}: build first")
    return [(path, defined[s], s) for path, s in used if s in defined]


def circles(needs):
    """Strongly connected components of more than one module (Tarjan's algorithm)."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in needs.get(v, ()):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            at = stack.index(v)
            if len(stack) - at > 1:
                found.append(stack[at:])
            del stack[at:]

    sys.setrecursionlimit(100000)
    for v in list(needs):
        if v not in index:
            visit(v)
    return found


layer = layers()
folders, needs, why = {}, {}, {}
all_files = [f for root in ROOTS for f in sources(root)]
for path in all_files + list(sources("tests")):
    folders.setdefault(os.path.dirname(path), []).append(path)
edges = [(p, t, "includes it") for p in all_files for t in includes(p)] + symbols()

for path, target, how in edges:
    a, b = os.path.dirname(path), os.path.dirname(target)
    if a in layer and b in layer and layer[a] < layer[b]:
        fault(f"{path} ({a}) needs {target} of a higher layer: {how}")
    # Public headers declare what several modules define: only the definitions count.
    if module(path) != module(target) and PUBLIC not in (a, b):
        needs.setdefault(module(path), set()).add(module(target))
        why.setdefault((module(path), module(target)), how)

for circle in circles(needs):
    fault(f"a circle of {len(circle)} modules:")
    for v in circle:
        for w in sorted(needs[v] & set(circle)):
            fault(f"    {v} needs {w}: {why[v, w]}")

for folder, paths in sorted(folders.items()):
    n = sum(p.endswith(".c") for p in paths)
    if n > MOST_C_FILES:
        fault(f"{folder}: {n} .c files, more than {MOST_C_FILES}")
    if folder.startswith("tests"):
        continue
    if folder not in layer:
        fault(f"{folder}: has no row in the table of docs/architecture.md")
    readme = os.path.join(folder, "README.md")
    if not os.path.exists(readme):
        fault(f"{folder}: has no README.md")
    elif read(readme).count("\n") > MOST_README_LINES:
        fault(f"{readme}: more than {MOST_README_LINES} lines")
for folder in layer:
    if folder not in folders:
        fault(f"docs/architecture.md: there is no folder {folder} with source files")

print("\n".join(faults) if faults else f"{len(all_files)} files in {len(layer)} layers")
sys.exit(bool(faults))
