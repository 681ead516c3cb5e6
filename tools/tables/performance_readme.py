# SPDX-License-Identifier: MIT
"""The figures of docs/performance.md that README.md has: its section on speed."""
import statistics
import textwrap

import performance_page as page

HEADING = "## How fast\n\n"
NEXT = "\n## "
COLUMNS = 100


def sentences(f):
    if page.every_strategy_is_there(f):
        _, _, ratios, a_second = page.every_strategy(f)
        yield (f"On {f.machine['before', 'cores']} cores ({f.machine['before', 'processor']}), IIoT with 300 jobs and three strategies moves "
               f"{statistics.median(a_second) / 1e6:.1f} million packets over a link a second, {page.number(statistics.median(ratios))} times as many as before the work on "
               "speed.")
    if f.has("hop"):
        yield f"A further packet on a link costs {page.number(statistics.median(page.hop_costs(f, 'iiot')))} µs of one core."
    if f.has("hour"):
        yield f"An hour of Spår's whole trace, {f.mid('hour', 'iiot', 'jobs_done'):.0f} jobs, takes {f.mid('hour', 'iiot', 'wall_s'):.0f} s."
    if f.has("scale"):
        ready = [f"{f.mid('scale', 'iiot', 'ready_wall_s', nodes=n, jobs=300):.1f} s" for n in (1000, 10000)]
        yield f"1000 nodes are ready in {ready[0]}, 10 000 in {ready[1]}."
    if f.has("transfer"):
        peers = [f"{page.number(statistics.median(page.of_packets(f, s)))} times the CPU time{what}"
                 for s, what in (("ns-3, Debian", " (Debian's)"), ("ns-3, optimized", " (an optimized build)")) if ("transfer", s, "", "", "cpu_s") in f.found]
        yield f"For the packets of a bulk transfer ns-3 takes {' or '.join(peers)}."
    if f.has("profile"):
        most = max(f.mid(*k[:2], k[4], jobs=300) for k in f.found if k[0] == "profile" and k[4].startswith("symbol."))
        yield (f"What limits it: a guest uses one core, and {f.mid('profile', 'iiot', 'share.guest_kernel', jobs=300):.0f} % of its time is its kernel's path of packets, "
               f"in which no function takes more than {most:.1f} %.")
    yield "`tools/performance-table` measures it: [docs/performance.md](docs/performance.md)."


def section(cells):
    return textwrap.fill(" ".join(sentences(page.Figures(cells))), COLUMNS, break_long_words=False, break_on_hyphens=False) + "\n"


def written(readme, cells):
    """README.md with the figures of now. ValueError if it has no such section."""
    head, heading, rest = readme.partition(HEADING)
    _, after, tail = rest.partition(NEXT)
    if not (heading and after):
        raise ValueError("README.md has no section `## How fast` with another one after it")
    return head + heading + section(cells) + after + tail
