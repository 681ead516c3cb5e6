# SPDX-License-Identifier: MIT
"""docs/performance.md from the figures of docs/performance-cells.csv. Every sentence about a figure is chosen by the figure."""
import statistics

from paper_figures import joined, number, table
from performance_scale import growth, nodes_of, wall

HEAD = """\
# Performance

What a node, a packet-hop, a job and a byte of capture cost, how costs grow, where a packet's time goes, and peers beside sfemu.
`tools/performance-table` measures all of it and writes this page, the words too: a sentence about a figure is chosen by the figure.
`tools/performance-table --page` writes it again from [performance-cells.csv](performance-cells.csv), `--check` compares both, `--only
SECTION,…` measures some sections. [running.md](running.md#how-fast) has what a user waits for.

A *packet-hop* is a packet on a link. Costs are CPU time of all processes of a command, with boot, building and the results, where
nothing else is said: a guest uses one core. Medians, with the least and the most in brackets. Subjects of a table took turns in one
run, and ratios are those of a round, so that they hold though the machine had other work. But for *Growth* and *Building a
network*, a command ran twice, at once, and the second counts: this machine is a VM whose hypervisor takes free memory back, and its first
use then costs up to 2 ms a MB instead of 0.1, so that a run after a pause would take up to twice as long.
"""

MADE = {"profile": "profile", "hop": "packets", "before": "before the work on speed", "job": "jobs", "capture": "captures", "scale": "growth", "transfer": "transfer", "building": "building",
        "hour": "hour of trace"}


class Figures:
    def __init__(self, rows):
        self.machine = {(r["subject"], r["quantity"]): r["value"] for r in rows if r["section"] == "machine"}
        self.found = {}
        for r in rows:
            if r["section"] != "machine":
                at = (r["section"], r["subject"], r["nodes"], r["jobs"], r["quantity"])
                self.found.setdefault(at, {})[r["round"]] = float(r["value"])

    def machine_load(self, section):
        return float(self.machine[section, "load"])

    def busy(self, section):
        """Whether more ran than what was measured and its helpers."""
        return self.machine_load(section) > int(self.machine[section, "cores"]) + 1

    def has(self, section):
        return any(k[0] == section for k in self.found)

    def rounds(self, section, subject, quantity, nodes="", jobs=""):
        """A quantity by round."""
        return self.found[section, subject, str(nodes), str(jobs), quantity]

    def mid(self, *at, **more):
        return statistics.median(self.rounds(*at, **more).values())

    def each(self, function, *series):
        """The function of the values of each round that all have."""
        return [function(*(s[r] for s in series)) for r in sorted(set.intersection(*(set(s) for s in series)), key=int)]


def spread(values, digits=None):
    """A median with the least and the most."""
    values = list(values)
    write = number if digits is None else (lambda v: f"{v:.{digits}f}")
    middle = write(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} [{write(min(values))}, {write(max(values))}]"


def made_of(f):
    there = [s for s in MADE if (s, "load") in f.machine]
    lines = [(MADE[s], f.machine[s, "processor"], f.machine[s, "kernel"], f"{f.machine_load(s):.1f}", f"`{f.machine[s, 'commit']}`") for s in there]
    beside = ", with other work on them" if any(f.busy(s) for s in there) else ""
    cores = sorted({f.machine[s, "cores"] for s in there})
    return ["", f"Measured on {' or '.join(cores)} cores{beside}:", "",
            table(("figures", "processor", "Linux", "load, mean of 5 minutes", "commit"), lines).rstrip()]


def hop_costs(f, scenario):
    """Per round: µs of a further packet-hop, from 50 to 300 jobs, so that boot and building are not in it."""
    cpu = [f.rounds("hop", scenario, "cpu_s", jobs=j) for j in (50, 300)]
    hops = [f.rounds("hop", scenario, "hops", jobs=j) for j in (50, 300)]
    return f.each(lambda c, d, h, i: 1e6 * (d - c) / (i - h), *cpu, *hops)


def packet_hops(f):
    if not f.has("hop"):
        return []
    lines = []
    for scenario in ("iiot", "urban"):
        for jobs in (50, 300):
            cpu, hops = (f.rounds("hop", scenario, q, jobs=jobs) for q in ("cpu_s", "hops"))
            lines.append((scenario, jobs, f"{f.mid('hop', scenario, 'hops', jobs=jobs):.0f}", number(f.mid("hop", scenario, "virtual_s", jobs=jobs)),
                          spread(cpu.values()), spread(f.each(lambda c, h: 1e6 * c / h, cpu, hops))))
    out = ["", "## A packet-hop", "", "StateLocal, a trace of Spår, one guest. All that jobs do is in the figures: functions, states, system calls, records.", "",
           table(("scenario", "jobs", "packet-hops", "emulated s", "CPU s", "µs a packet-hop"), lines)]
    for scenario in ("iiot", "urban"):
        costs = hop_costs(f, scenario)
        out.append(f"- {scenario}: a further packet-hop, with its share of the jobs, costs {spread(costs)} µs, which is "
                   f"**{1 / statistics.median(costs):.2f} million packet-hops a second and core**.")
    if f.has("transfer"):
        costs = f.each(lambda c, d, h: 1e6 * (c - d) / h, *(f.rounds("transfer", s, "cpu_s") for s in ("sfemu", "sfemu, 1 KB")), f.rounds("transfer", "sfemu", "hops"))
        out.append(f"- A bulk transfer over three links ([below](#a-transfer)) costs {spread(costs)} µs a packet-hop, without boot and building, "
                   f"{1 / statistics.median(costs):.2f} million a second and core.")
    return out


AMX_PATCH = "0020-um-large-fp-state.patch"
FASTER, A_SECOND, BESIDE = 3.5, 1e6, 1.15  # times, packet-hops, times: the goals of the work on speed for IIoT with 300 jobs


def goal(words, reached):
    return f"the goal of {words} is {'reached' if reached else '**not reached**'}"


def every_strategy(f):
    """By round: seconds before and now, their ratio for as many packet-hops, and packet-hops a wall second now."""
    (old, old_hops), (new, new_hops) = ([f.rounds("before", f"{who}, all", q, jobs=300) for q in ("wall_s", "hops")] for who in ("before", "now"))
    ratios = f.each(lambda a, h, b, i: a / h / (b / i), old, old_hops, new, new_hops)
    return old, new, ratios, f.each(lambda h, s: h / s, new_hops, new)


def every_strategy_is_there(f):
    return ("before", "now, all", "", "300", "wall_s") in f.found


def before_all(f):
    """All strategies of IIoT, by wall time: before one after the other in one guest, now in a guest each beside each other."""
    if not every_strategy_is_there(f):
        return []
    old, new, ratios, a_second = every_strategy(f)
    alone, one = (f.rounds("before", f"now, {what}", "wall_s", jobs=300) for what in ("one at a time", "PureFaaS"))
    beside_one = f.each(lambda a, b: a / b, new, one)
    cores = f.machine["before", "cores"]
    return ["Strategies have a guest each, as many at a time as there are cores; before, one guest ran them one after the other. All three of "
            f"`scenarios/iiot.yaml`, 300 jobs, {cores} cores:", "",
            table(("packet-hops", "wall s before", "wall s now", "ratio", "million packet-hops a wall second"),
                  [(f"{f.mid('before', 'now, all', 'hops', jobs=300):.0f}", spread(old.values()), spread(new.values()), spread(ratios),
                    spread([a / 1e6 for a in a_second]))]),
            f"By wall time, on {cores} cores, {goal(f'{FASTER} times', statistics.median(ratios) >= FASTER)}, "
            f"and {goal('1 million packet-hops a second', statistics.median(a_second) >= A_SECOND)}. They take {spread(beside_one)} times as long as PureFaaS alone, "
            f"and {spread(f.each(lambda a, b: a / b, new, alone))} of the time that `-j 1` takes. The longest of them takes as long as PureFaaS or longer, so "
            + ("" if statistics.median(beside_one) <= BESIDE else "it is not shown that ")
            + f"the goal of at most {BESIDE} times the longest is reached.", ""]


def before(f):
    if not f.has("before"):
        return []
    lines, ratios = [], {}
    for words, name, jobs in (("iiot, 50 jobs", "", 50), ("iiot, 300 jobs", "", 300), ("bulk", ", bulk", "")):
        old, new = (f.rounds("before", who + name, "cpu_s", jobs=jobs) for who in ("before", "now"))
        ratios[words] = f.each(lambda a, b: a / b, old, new)
        lines.append((words, f"{f.mid('before', 'now' + name, 'hops', jobs=jobs):.0f}", spread(old.values()), spread(new.values()), spread(ratios[words])))
    most = [[f.rounds("before", who, q, jobs=j) for who in ("before", "now") for j in (50, 300)] for q in ("cpu_s", "hops")]
    further = f.each(lambda a, b, c, d, h, i, j, k: (b - a) / (i - h) / ((d - c) / (k - j)), *most[0], *most[1])
    commit = f.machine["before", "before"]
    return ["", "### Before the work on speed", "", f"Commit `{commit}`, the last before it, with its guest kernel (and {AMX_PATCH}, without which no guest starts on a processor with "
            "AMX), and this tree, in turns:", "",
            table(("scenario", "packet-hops", "CPU s before", "CPU s now", "ratio"), lines),
            f"A further packet-hop on IIoT, without boot and building, costs {spread(further)} times less. By CPU time of IIoT with 300 jobs under StateLocal, "
            f"{goal(f'{FASTER} times', statistics.median(ratios['iiot, 300 jobs']) >= FASTER)}.", "", *before_all(f), "To repeat it:", "",
            f"    git worktree add --detach ../before {commit}",
            f"    cp tools/guest-kernel/patches/{AMX_PATCH} ../before/tools/guest-kernel/patches",
            "    (cd ../before && tools/build.sh && SFEMU_CACHE=$PWD/cache build/sfemu guest build)",
            "    BEFORE=$PWD/../before tools/performance-table --only before"]


def jobs(f):
    if not f.has("job"):
        return []
    least, most = sorted({int(k[3]) for k in f.found if k[0] == "job"})
    of = {q: [f.rounds("job", "iiot", q, jobs=j) for j in (least, most)] for q in ("cpu_s", "hops", "rss_kb")}
    per = {q: f.each(lambda a, b: (b - a) / (most - least), *both) for q, both in of.items()}
    ratio = f.each(lambda a, b: b / a, *of["cpu_s"])
    middle = statistics.median(ratio)
    out = ["", "## A job", "", f"A job of two invocations and one state of a few KB, as in `tests/vm/long.sh`, between {least} and {most} jobs on IIoT:", "",
           table(("of a job", "cost"), [("CPU time", f"{spread(1e3 * v for v in per['cpu_s'])} ms"),
                                        ("packet-hops", f"{spread(per['hops'])}"),
                                        ("memory of the guest", f"{spread(v * 1024 / 1000 for v in per['rss_kb'])} KB")]),
           f"{most / least:.0f} times the jobs take {spread(ratio)} times the CPU time, which is "
           + ("linear or less, as boot and building are in both." if middle <= most / least else "more than linear.")]
    if f.has("hop"):
        packets = statistics.median(per["hops"]) * statistics.median(hop_costs(f, "iiot")) / 1e3
        whole = statistics.median(per["cpu_s"]) * 1e3
        out.append(f"At IIoT's cost of a packet-hop, a job's packets would be {number(packets)} ms of its {number(whole)} ms: "
                   + ("such small jobs cost more than their packets, by messages, functions and records."
                      if whole > 1.2 * packets else "a job costs what its packets cost."))
    return out


def hour(f):
    if not f.has("hour"):
        return []
    cpu, wall_s = (f.rounds("hour", "iiot", q) for q in ("cpu_s", "wall_s"))
    done, hops = f.mid("hour", "iiot", "jobs_done"), f.mid("hour", "iiot", "hops")
    least = min(wall_s.values())
    return ["", f"An hour of the whole trace of Spår, {done:.0f} stateful jobs, StateLocal on IIoT, {hops / 1e6:.1f} million packet-hops: "
            f"{spread(cpu.values())} s of CPU time, {spread(wall_s.values())} s of wall time{' on the busy machine' if f.busy('hour') else ''}. "
            + ("That is within the goal of 60 s." if max(wall_s.values()) <= 60 else
               f"The CPU time is within the goal of 60 s, which a guest that has a core to itself keeps; here it took {number(least)} s or more."
               if statistics.median(cpu.values()) <= 60 else "The goal of 60 s is missed.")]


def captures(f):
    if not f.has("capture"):
        return []
    with_, without = (f.rounds("capture", s, "cpu_s") for s in ("with", "without"))
    added = f.each(lambda a, b: a - b, with_, without)
    size, packets = (f.mid("capture", "with", q) for q in ("captured_bytes", "hops"))
    return ["", "## A byte of capture", "", f"`scenarios/bulk.yaml` with `--capture all` writes {packets:.0f} packets, {size / 1e6:.0f} MB. It takes {spread(with_.values())} s "
            f"of CPU time, the same run without captures {spread(without.values())} s. So **a captured byte costs {spread(1e9 * v / size for v in added)} ns**, a captured "
            f"packet {spread(1e6 * v / packets for v in added)} µs. The largest process has {f.mid('capture', 'with', 'rss_kb') / 1000:.0f} MB with captures and "
            f"{f.mid('capture', 'without', 'rss_kb') / 1000:.0f} MB without."]


def of_packets(f, subject):
    """By round: a program's CPU time beside sfemu's without boot, building and results."""
    cpu, mine, fixed = (f.rounds("transfer", s, "cpu_s") for s in (subject, "sfemu", "sfemu, 1 KB"))
    return f.each(lambda a, b, c: a / (b - c), cpu, mine, fixed)


def transfer(f):
    if not f.has("transfer"):
        return []
    subjects = [s for s in ("sfemu", "ns-3, Debian", "ns-3, optimized") if ("transfer", s, "", "", "cpu_s") in f.found]
    names = {"sfemu": "sfemu: Linux's TCP", "ns-3, Debian": f"ns-3 {f.machine['transfer', 'ns3']}, Debian's package",
             "ns-3, optimized": f"ns-3 {f.machine['transfer', 'ns3_optimized']}, optimized"}
    mine, fixed = (f.rounds("transfer", s, "cpu_s") for s in ("sfemu", "sfemu, 1 KB"))
    lines, whole, packets = [], {}, {}
    for s in subjects:
        cpu = f.rounds("transfer", s, "cpu_s")
        whole[s] = f.each(lambda a, b: a / b, cpu, mine)
        packets[s] = of_packets(f, s)
        own = s == "sfemu"
        lines.append((names[s], spread(cpu.values()), "1" if own else spread(whole[s]), "" if own else spread(packets[s]),
                      f"{f.mid('transfer', s, 'rss_kb') / 1000:.0f}", f"{f.mid('transfer', s, 'answer_s'):.6f}"))
    out = ["", "### A transfer", "", "100 MB of TCP (CUBIC) over three links of 100 Mbit/s and 5 ms, a packet a frame: `scenarios/bulk.yaml`, and in ns-3 "
           "`tools/benches/ns3_bulk.cc`. Of sfemu's CPU time, "
           f"{spread(fixed.values())} s are boot, building and results: the same run with 1 KB takes them.", "",
           table(("program", "CPU s", "times sfemu's", "times sfemu's without boot, building and results", "MB", "its answer: s until the last byte"), lines)]
    for s in subjects[1:]:
        goal = 15 if s == "ns-3, Debian" else 10
        middle = statistics.median(packets[s])
        out.append(f"- {names[s]} takes {spread(whole[s])} times sfemu's CPU time, {spread(packets[s])} times that of its packets. The goal of {goal} times is "
                   + ("reached." if middle >= goal else "**not reached**."))
    if "ns-3, optimized" not in subjects:
        out.append("- An optimized build of ns-3 was not measured for this page; the commands are below.")
    answers = [f.mid("transfer", s, "answer_s") for s in subjects]
    out.append(f"- The answers differ by {100 * (max(answers) - min(answers)) / min(answers):.2f} %: sfemu's is a request and its response over HTTP with larger "
               "headers, ns-3's TCP is its own.")
    if f.busy("transfer"):
        out.append("- Other programs raise a guest's CPU time more than ns-3's: its packets are turns of several processes, ns-3 is one with a small working set. On a quiet "
                   "machine the ratio is larger.")
    return out


def building(f):
    if not f.has("building"):
        return []
    lines, ratios, cpu, sizes = [], [], [], sorted({int(k[2]) for k in f.found if k[0] == "building"})
    for n in sizes:
        mine, peer = ({q: f.rounds("building", s, q, nodes=n) for q in ("build_s", "cpu_s")} for s in ("sfemu", "mininet"))
        ratio = f.each(lambda a, b: a / b, peer["build_s"], mine["build_s"])
        ratios += ratio
        cpu += f.each(lambda a, b: a / b, peer["cpu_s"], mine["cpu_s"])
        lines.append((n, f"{f.mid('building', 'sfemu', 'namespaces', nodes=n):.0f}", spread(mine["build_s"].values()), spread(peer["build_s"].values()), spread(ratio),
                      spread(mine["cpu_s"].values()), spread(peer["cpu_s"].values())))
    return ["", "### Building a network", "", f"On this kernel, natively: IIoT by sfemu, with addresses, routes and permanent neighbours, verified, and by Mininet "
            f"{f.machine['building', 'mininet']} (Debian) a tree of as many hosts, without routes, switches and a controller. Neither shapes its links: this kernel has no "
            f"netem. Wall time of building, in turns{' on the busy machine' if f.busy('building') else ''}; CPU time of the whole command, for sfemu with workers, a job and removal, for Mininet with "
            "removal.", "",
            table(("nodes", "namespaces", "sfemu builds: s", "Mininet builds: s", "ratio", "sfemu CPU s", "Mininet CPU s"), lines),
            (f"sfemu builds {number(min(ratios))} to {number(max(ratios))} times as fast by wall time" if min(ratios) > 1 else
             "In some round sfemu is not the faster one by wall time") + f", and takes {number(min(cpu))} to {number(max(cpu))} times less CPU time."]


COMMANDS = """\
The commands of the peers, from a copy of sfemu (the optimized ns-3 from
[its development tree](https://gitlab.com/nsnam/ns-3-dev)):

    apt-get install libns3-dev mininet
    cmake -S ns-3-dev -B ns-3-dev/build-release -DCMAKE_BUILD_TYPE=release -DNS3_NATIVE_OPTIMIZATIONS=ON -DNS3_ASSERT=OFF -DNS3_LOG=OFF \\
        -DNS3_EXAMPLES=OFF -DNS3_TESTS=OFF -DNS3_MPI=OFF -DNS3_PYTHON_BINDINGS=OFF \\
        '-DNS3_ENABLED_MODULES=core;network;internet;point-to-point;applications'
    cmake --build ns-3-dev/build-release -j2
    sudo NS3_OPTIMIZED=$PWD/ns-3-dev/build NS3_COMMIT=$(git -C ns-3-dev rev-parse --short=10 HEAD) \\
        tools/performance-table --only transfer,building

Those flags are `-O3 -march=native -mtune=native -DNDEBUG`, without assertions and logging.
"""


def peers(f):
    found = [*transfer(f), *building(f)]
    return ["", "## Peers", *found, "", COMMANDS.rstrip()] if found else []


PROFILE = """\
A guest is one process of the host, `linux`, with a host process for each process of the guest. `perf` sees both. The packaged
guest kernel has no symbols for it, but knows them itself; `tools/performance-table --only profile` does:

    perf record -e cpu-clock -F 4000 -o profile build/sfemu run --quiet --vm --clock virtual --set workload.tasks=tasks \\
        --set workload.arrivals=trace --set workload.jobs=300 --set strategies=StateLocal scenarios/iiot.yaml
    build/sfemu guest shell -- cat /proc/kallsyms >symbols   # addresses of the guest kernel, which begin at 60000000
    perf script -i profile -F comm,ip,sym,dso -G             # addresses from 60000000 are the guest kernel's
    perf trace -s build/sfemu run …                          # host system calls; ptrace and wait4 are those of the guest
"""
# Measured before the patches 0013 to 0015, with the kernel of that time.
BEFORE = {"share.guest_kernel": "54 %", "share.host_kernel": "32 %", "share.processes": "10 %", "calls.ptrace": "253198", "calls.wait4": "61651"}
WORDS = {"share.guest_kernel": "guest kernel (its code runs in the process `linux`)",
         "share.host_kernel": "host kernel: switches between `linux` and the processes of the guest, `ptrace`",
         "share.processes": "processes of the guest: payloads, digests, HTTP", "calls.ptrace": "`ptrace` calls of the whole run",
         "calls.wait4": "turns of a process of the guest (`wait4`)"}


def profiled(f):
    out = ["", "## Profile", "", PROFILE.rstrip()]
    if not f.has("profile"):
        return out
    of = {k[4]: f.mid(*k[:2], k[4], jobs=300) for k in f.found if k[0] == "profile"}
    lines = [(words, BEFORE[k], f"{of[k]:.0f}{' %' if k.startswith('share') else ''}") for k, words in WORDS.items()]
    top = [(k.removeprefix("symbol."), v) for k, v in of.items() if k.startswith("symbol.")]
    top.sort(key=lambda x: -x[1])
    return [*out, "", "IIoT, 300 jobs, StateLocal. Shares of the CPU time of the guest (before: of the whole command), and the host's system calls:", "",
            table(("", "before the changes below", "now"), lines),
            ("The guest kernel's profile is flat" if top[0][1] < 10 else "The guest kernel's profile has a peak")
            + f"; its first symbols, of all CPU time of the guest: {joined([f'`{n}` {v:.1f} %' for n, v in top])}. Those at the top miss caches: each hop is in another "
            "namespace, with a route, a neighbour, a device and a queue of its own. In groups, before the changes: time, idling and interrupts 12.6 %, buffers and "
            "memory 10.4 %, IP and routes 8.2 %, devices 5.6 %, TCP 4.9 %, netem 4.3 %, policers 2.4 %, io_uring 0.9 %.", "",
            "Before the changes the run made 51 000 system calls in the guest, 8000 of them while it boots and builds the network; 13 000 read the clock, 9400 were "
            "`recvfrom`, 6300 `io_uring_enter` (a turn of a worker's loop), 3500 `timerfd_settime`. Each is two switches of the host and three `ptrace` calls, "
            "10 to 20 µs."]


CHANGED = """
### What was changed

The results files of `iiot`, `urban`, `lossy`, `changing` and `chaos` are the same bytes, but for the guest kernel's digest.

| change | what it saves |
| --- | --- |
| `tools/guest-kernel/patches/0013-um-small-code.patch`: the small code model, built-in `memcpy` of few bytes; `CONFIG_INIT_STACK_NONE` | a quarter of the guest kernel's CPU time |
| `tools/guest-kernel/patches/0014-um-inline-irq-flags.patch`: interrupts on and off without a call; a timer does not clear 2.7 KB | 1.6 % of the CPU time for the clearing |
| `tools/guest-kernel/patches/0015-um-fp-of-threads.patch`: floating point state of processes with io_uring stays where it is | 75 000 of 253 000 `ptrace` calls, those of 2.7 KB and more |
| `tools/guest-kernel/profile/`: gcc lays out and inlines the code by how often branches were taken; the guest's memory is in large pages (`emu/vm/confine.c`) | with both, a fifth to a quarter of a run's CPU time: below |
| workers read the virtual clock once a turn of their loop (`nodes/base/clock.h`), the orchestrator collects their records 64 at a time (`emu/run/workers.c`) | 11 700 of the 65 050 turns of the guest's processes that there were by then, as messages record their waits |
| of a batch of netlink requests the kernel answers the last one, and those that it refuses (`shaper/netlink.c`) | of the wall time until the workers of 1000 nodes are ready a quarter (5 pairs, 0.64 to 0.97 of that before); of 10 000 nodes nothing that one pair shows, 20.3 and 19.0 s |
| paths between sites that are alike are computed once (`emu/model/topology/path_stems.c`) | of placement and closed form (`estimate`) of 10 000 nodes and 10 000 jobs a sixth to an eighth of the time (0.81 s instead of 4.62 s, 0.64 s instead of 5.03 s), 26 MB instead of 170 MB |
| deadlines of workers are requests of the ring (`nodes/events/deadline.c`), the orchestrator is woken once for all that they have said (`emu/run/replay.c`, `SCHED_BATCH` in `emu/run/workers.c`) | 7500 of 51 900 turns |
| `tools/guest-kernel/patches/0018-io-uring-clock.patch`: what the clock was when `io_uring_enter` returned is in the ring; `0019-um-fault-ahead.patch`: a fault of fresh memory maps sixteen pages, and a fork makes no page old | 11 300 of 44 400 turns |
| netlink sockets of our own, a dump is read by one system call (`shaper/netlink.c`); a sysctl that a new namespace of the guest has already is not written (`emu/net/netns.c`) | 2700 of 33 100 turns: a namespace costs 55 system calls instead of 79 |
| tables are written in parts of 64 KB and captures of 32 KB (`emu/results/`), not of 1 KB, the block size of a guest's files, which stdio takes | 1800 of 30 400 turns; of a capture of all links of `scenarios/bulk.yaml` two thirds of its time: 2.9 s instead of 8.9 s |
| the rest of a body is one request of the ring, however short it is (`nodes/http/connection.c`) | of small jobs, whose bodies are a few packets; of IIoT nothing |

`tools/bench scale` measures the two about netlink's batches and alike sites: the columns *ready* and *place*. The last five changes
together, as pairs, medians: of IIoT with 300 jobs 0.82 of the CPU time (14 pairs, 0.67 to 0.92), of 1000 small jobs ([a job](#a-job)) 0.62
(6 pairs, 0.50 to 0.72), of all of `scenarios/iiot.yaml` 0.86 (6 pairs, 0.80 to 0.91).

Measured as pairs, one kernel after the other, on a machine with 15 to 35 other busy processes, medians, whole process with boot and
building: patches 0013 to 0015 without the timer's clearing 1.15 times less CPU time (4 pairs, 1.09 to 1.21). A fourth patch read the
virtual clock in the vDSO, without the 13 000 system calls, and with the clearing made it 1.30 times (5 pairs, 1.28 to 1.31). It was
dropped: a program that polls the clock, as ping and iperf3 do, then reads it more often at each instant, and `tests/vm/links.sh` took
52 s instead of 17 s.

Profile and large pages, as pairs beside other work, CPU time of the whole command, medians: 0.81 of that before (6 pairs, 0.61 to 1.23) for
IIoT with 300 jobs under StateLocal, 0.73 (3 pairs, 0.70 to 0.81) for `sfemu run --set topology.generate=urban --set strategies=PureFaaS
scenarios/paper-base.yaml`, whose packets are nine tenths of its time. Large pages alone, all of `scenarios/iiot.yaml`: 0.88 (6 pairs, 0.81 to 1.15),
most of it system time of the host.

A guest's network is not taken down, as the guest ends. When namespaces go, its kernel walks the neighbours of all namespaces for each
device (`neigh_flush_dev`), which is quadratic: `sfemu verify` of 4000 nodes spent 11 % of its CPU time there, and that of 10 000 was ended by
the watchdog after 300 s. A pair with 3000 nodes: 24.2 s of CPU time before, 19.0 s after; 10 000 nodes
now take 74 s.
"""

LIMITS = """\
- A system call of a guest's process is two switches between host processes. User-Mode Linux of Linux 6.16 has a mode without
  `ptrace` (seccomp and a futex), which saves the `ptrace` calls, not the switches."""


def limits(f):
    share = f"{f.mid('profile', 'iiot', 'share.guest_kernel', jobs=300):.0f} % of the time" if f.has("profile") else "more than half of the time"
    return ["", "### What limits now", "", f"- The flat path of a packet through Linux: IP input, route, queue, timer, device, {share}.", LIMITS]


def page(rows):
    f = Figures(rows)
    parts = [HEAD.rstrip(), *made_of(f), *packet_hops(f), *before(f), *nodes_of(f), *jobs(f), *hour(f), *captures(f), *growth(f), *wall(f), *peers(f),
             *profiled(f), CHANGED.rstrip(), *limits(f)]
    return "\n".join(parts).rstrip() + "\n"
