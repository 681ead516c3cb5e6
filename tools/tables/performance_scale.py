# SPDX-License-Identifier: MIT
"""The parts of docs/performance.md that are made from the table of tools/bench scale: a node, growth, and where the wall is."""
from paper_figures import joined, number, table

MOST, LEAST_S = 1.5, 0.5  # as in tools/benches/scale.sh
COMMANDS = {"place_s": "placement and closed form (`estimate`)", "run_s": "`run`", "captured_s": "with captures", "verify_s": "`verify --sample 20`",
            "links_s": "`links`", "links_of_s": "`links RESULTS`", "report_s": "`report`"}
FILES = {"tables_mb": "tables", "trace_mb": "trace.json", "page_mb": "report.html"}
MACHINE_MB = 24000


def grid(f):
    """The sizes that were run: jobs by nodes."""
    return sorted({(int(k[2]), int(k[3])) for k in f.found if k[0] == "scale"}, key=lambda x: (x[1], x[0]))


def at(f, quantity, size):
    return f.mid("scale", "iiot", quantity, nodes=size[0], jobs=size[1])


def per_node(f, quantity):
    """Of a further node, between the largest sizes with the fewest jobs; None without two sizes."""
    fewest = min(j for _, j in grid(f))
    sizes = [s for s in grid(f) if s[1] == fewest][-2:]
    if len(sizes) < 2:
        return None
    return (at(f, quantity, sizes[1]) - at(f, quantity, sizes[0])) / (sizes[1][0] - sizes[0][0]), sizes


def nodes_of(f):
    if not f.has("scale") or per_node(f, "run_s") is None:
        return []
    cpu, (small, large) = per_node(f, "run_s")
    memory, _ = per_node(f, "memory_mb")
    return ["", "## A node", "", f"On the virtual clock, with {small[1]} jobs (StateLocal, IIoT), between {small[0]} and {large[0]} nodes: a further node costs "
            f"**{1e3 * cpu:.1f} ms** of CPU time (its namespaces, cables, routes and worker, all tables and the report) and **{1024 * memory:.0f} KB** of memory, host "
            f"memory of the guest; four nodes have 5.5 namespaces. {large[0]} nodes take {number(at(f, 'run_s', large))} s of CPU time and "
            f"{at(f, 'memory_mb', large) / 1000:.1f} GB; the goal is 350 KB a node, which is "
            + ("kept." if 1024 * memory <= 350 else "**not kept**.")]


def pairs(f):
    """Sizes that follow each other, in nodes or in jobs, and how much they grow."""
    sizes = grid(f)
    for s in sizes:
        nodes = [t for t in sizes if t[1] == s[1] and t[0] > s[0]]
        jobs = [t for t in sizes if t[0] == s[0] and t[1] > s[1]]
        if nodes:
            yield s, min(nodes), min(nodes)[0] / s[0]
        if jobs:
            yield s, min(jobs), min(jobs)[1] / s[1]


def superlinear(f):
    for small, large, grown in pairs(f):
        for quantity, words in {**COMMANDS, **FILES}.items():
            a, b = at(f, quantity, small), at(f, quantity, large)
            least = LEAST_S if quantity in COMMANDS else 0.1
            if b >= least and b > MOST * max(a, 1e-9) * grown:
                yield f"{words} from {small[0]} nodes and {small[1]} jobs to {large[0]} and {large[1]} ({number(a)} to {number(b)})"


def growth(f):
    if not f.has("scale"):
        return []
    lines = [(*s, *(number(at(f, q, s)) for q in COMMANDS), f"{at(f, 'memory_mb', s):.0f}", *(number(at(f, q, s)) for q in FILES)) for s in grid(f)]
    found = list(superlinear(f))
    tried = len(list(pairs(f)))
    missing = [f"{n} nodes x {j} jobs" for n in (100, 1000, 10000) for j in (300, 10000) if (n, j) not in grid(f)]
    return ["", "## Growth", "", "`tools/bench scale`: StateLocal on IIoT, a trace of Spår. Seconds of CPU time, MB of memory of the largest process, MB of files. "
            "*With captures* is the same run with captures of one uplink and one server. Each figure is one measurement" + (" beside other work" if f.busy("scale") else "") + ", so small "
            "differences between columns of a row mean little.", "",
            table(("nodes", "jobs", *COMMANDS.values(), "memory", *FILES.values()), lines),
            (f"**Superlinear** (more than {MOST} times the growth): {joined(found)}." if found else
             f"Nothing is superlinear (more than {MOST} times the growth of nodes or jobs) in {tried} step{'s' if tried > 1 else ''}.")
            + (f" Not measured for this page: {joined(missing)}." if missing else "")]


def wall(f):
    if not f.has("scale") or per_node(f, "memory_mb") is None:
        return []
    memory, (_, large) = per_node(f, "memory_mb")
    fits = large[0] + (0.9 * MACHINE_MB - at(f, "memory_mb", large)) / memory
    return ["", "## Where the wall is", "",
            f"- Nodes: memory. At {1024 * memory:.0f} KB a node, nine tenths of {MACHINE_MB // 1000} GB hold a guest of about {1000 * int(fits / 1000):.0f} nodes, which was "
            f"not tried; the largest that was has {large[0]}. Natively, the host's limits (`ulimit -n`, `user.max_net_namespaces`, `kernel.pid_max`), which are looked "
            "at before anything is built.",
            "- Jobs: memory too; a guest's process can have about 250 MB, 100 000 small jobs a strategy ([running.md](running.md#how-fast)).",
            "- Packets: one core a strategy. Strategies and cells of sweeps use the others; a single run is not faster on more than one."]
