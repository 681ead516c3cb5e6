# SPDX-License-Identifier: MIT
"""The figures of docs/performance.md that README.md has, between two comments."""
import statistics

import performance_page as page

BEGIN = "<!-- From here to the next comment, tools/performance-table writes. -->\n"
END = "<!-- As far as here. -->\n"


def times(values):
    return f"{statistics.median(values):.2g}"


def rows(f):
    if f.has("before"):
        _, _, ratios, a_second = page.every_strategy(f)
        yield (f"packet-hops a second of wall time, IIoT, 300 jobs, three strategies, {f.machine['before', 'cores']} cores",
               f"{statistics.median(a_second) / 1e6:.2f} million, {times(ratios)} times those before the work on speed", "before")
    if f.has("hop"):
        yield "packet-hops a second and core", f"{1 / statistics.median(page.hop_costs(f, 'iiot')):.2f} million", "hop"
    if f.has("hour"):
        yield (f"an hour of the whole trace of Spår, {f.mid('hour', 'iiot', 'jobs_done'):.0f} jobs, StateLocal on IIoT",
               f"{f.mid('hour', 'iiot', 'wall_s'):.0f} s", "hour")
    if f.has("scale"):
        ready = [f"{f.mid('scale', 'iiot', 'ready_wall_s', nodes=n, jobs=300):.1f} s" for n in (1000, 10000)]
        yield "1000 and 10 000 nodes, from the generator to workers that are ready", " and ".join(ready), "scale"
    if f.has("transfer"):
        peers = [f"{times(page.of_packets(f, s))} times sfemu's in ns-3 {f.machine['transfer', version]}{what}"
                 for s, version, what in (("ns-3, Debian", "ns3", " of Debian"), ("ns-3, optimized", "ns3_optimized", ", optimized"))
                 if ("transfer", s, "", "", "cpu_s") in f.found]
        yield "CPU time of a bulk transfer's packets", ", ".join(peers), "transfer"


def block(cells):
    f = page.Figures(cells)
    lines = [(what, figure, f"`tools/performance-table --only {section}`") for what, figure, section in rows(f)]
    text = [page.table(("what", "figure", "command"), lines).rstrip()]
    if f.has("profile"):
        most = max(f.mid(*k[:2], k[4], jobs=300) for k in f.found if k[0] == "profile" and k[4].startswith("symbol."))
        text += ["", f"What limits it: a guest uses one core. {f.mid('profile', 'iiot', 'share.guest_kernel', jobs=300):.0f} % of its time is the path of packets "
                 f"through its kernel, in which no function takes more than {most:.1f} %. [docs/performance.md](docs/performance.md) has", "all of it, "
                 "the machine that it was measured on, and the goals that are not reached."]
    return "\n".join(text) + "\n"


def written(readme, cells):
    """README.md with the figures of now. ValueError if it does not have the two comments."""
    head, begin, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError("README.md does not have the comments between which figures are written")
    return head + begin + block(cells) + end + tail
