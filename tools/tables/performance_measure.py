# SPDX-License-Identifier: MIT
"""Measures the sections of docs/performance.md. Each gives rows: subject, nodes, jobs, round, quantity, value."""
import csv
import glob
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time

import performance_profile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", f"{TOP}/build")
SFEMU = os.environ.get("SFEMU", f"{BUILD}/sfemu")
BENCHES = f"{TOP}/tools/benches"
VIRTUAL = ("--quiet", "--vm", "--clock", "virtual")
PREMISE = 20  # nodes of a premise of IIoT
STRATEGIES = "strategies=PureFaaS,StatePropagate,StateLocal"  # those of scenarios/iiot.yaml
# What tools/bench scale prints of each size, in its order; seconds are CPU time but for the first two.
SCALE = ("ready_wall_s", "rest_wall_s", "run_s", "memory_mb", "place_s", "captured_s", "verify_s", "links_s", "links_of_s", "report_s",
         "tables_mb", "trace_mb", "page_mb")


def measured(*command, **options):
    """Runs a command; its quantities (CPU time of all its processes, the most memory of one) and output. Ends the tool if it fails."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begin = time.monotonic()
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, **options)
        _, status, used = os.wait4(p.pid, 0)
        wall = time.monotonic() - begin
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read()
        if p.returncode:
            sys.exit(f"{' '.join(command)}: status {p.returncode}\n{text[-500:]}{err.read()[-2000:]}")
    return {"wall_s": round(wall, 3), "cpu_s": round(used.ru_utime + used.ru_stime, 3), "rss_kb": used.ru_maxrss}, text


def column_sum(path, column):
    with open(path, newline="") as f:
        return sum(int(r[column] or 0) for r in csv.DictReader(f))


def run(scenario, *options, into=VIRTUAL, look=lambda folder: {}, tree=None):
    """The second of two runs, one right after the other: its quantities, those of its manifest, and packet-hops. The first one makes the memory
    of this machine ready, which its hypervisor may have taken back. tree: another commit's, built, with its cache of guest kernels."""
    with tempfile.TemporaryDirectory() as work:
        folder = f"{work}/run"
        program, top, env = (f"{tree}/build/sfemu", tree, dict(os.environ, SFEMU_CACHE=f"{tree}/cache")) if tree else (SFEMU, TOP, None)
        for at in (f"{work}/first", folder):
            q, _ = measured(program, "run", *into, "--into", at, *options, f"{top}/scenarios/{scenario}.yaml", env=env)
        with open(f"{folder}/manifest.json") as f:
            manifest = json.load(f)
        q.update({k: round(manifest[k], 3) for k in ("boot_s", "build_s", "virtual_s")}, hops=column_sum(f"{folder}/links.csv", "packets"),
                 jobs_done=column_sum(f"{folder}/summary.csv", "done"), **look(folder))
        return q


def rows(subject, nodes, jobs, turn, quantities):
    return [(subject, nodes, jobs, turn, k, v) for k, v in quantities.items()]


def settings(*pairs):
    return [word for pair in pairs for word in ("--set", pair)]


def trace(work, *options):
    measured(SFEMU, "workload", "spar", *options, "--seed", "1", "-o", f"{work}/tasks")
    return settings(f"workload.tasks={work}/tasks", "workload.arrivals=trace", "strategies=StateLocal")


def hop(a):
    out = []
    with tempfile.TemporaryDirectory() as work:
        common = trace(work, "--jobs", "2000")
        for turn in range(a.rounds):
            for scenario in ("iiot", "urban"):
                for jobs in (50, 300):
                    out += rows(scenario, "", jobs, turn, run(scenario, *common, *settings(f"workload.jobs={jobs}")))
    return out


def before(a):
    """IIoT with 50 and with 300 jobs, and bulk, by a tree of another commit and by this one, in turns; and IIoT with each of its strategies, which
    this tree runs in a guest each, as many at a time as there are cores."""
    tree = os.environ.get("BEFORE")
    if not tree or not os.path.exists(f"{tree}/build/sfemu") or not glob.glob(f"{tree}/cache/guest-kernel/*/linux"):
        sys.exit("before: BEFORE names a work tree of another commit with build/sfemu and a guest kernel in its cache/; the page has the commands")
    out = []
    with tempfile.TemporaryDirectory() as work:
        common = trace(work, "--jobs", "2000")
        every = (*common, *settings("workload.jobs=300", STRATEGIES))
        for turn in range(a.rounds):
            for subject, where in (("before", tree), ("now", None)):
                for jobs in (50, 300):
                    out += rows(subject, "", jobs, turn, run("iiot", *common, *settings(f"workload.jobs={jobs}"), tree=where))
                out += rows(f"{subject}, all", "", 300, turn, run("iiot", *every, tree=where))
                out += rows(f"{subject}, bulk", "", "", turn, run("bulk", tree=where))
            out += rows("now, one at a time", "", 300, turn, run("iiot", "-j", "1", *every))
            out += rows("now, PureFaaS", "", 300, turn, run("iiot", *every, *settings("strategies=PureFaaS")))
    return out


def small_jobs(path, n):
    """Jobs of two invocations and one state of a few KB, 20 a second, as in tests/vm/long.sh."""
    with open(path, "w") as f:
        for j in range(1, n + 1):
            for i in (1, 2, 3):
                f.write(f"{j // 20},j_{j},T{i}{'_1_2' if i == 3 else ''},1,100,{0.001 + (7 * j + 3 * i) % 50 / 1e4:.4f},1\n")


def job(a):
    out = []
    with tempfile.TemporaryDirectory() as work:
        for turn in range(a.rounds):
            for n in (1000, 11000):
                small_jobs(f"{work}/jobs.csv", n)
                out += rows("iiot", "", n, turn, run("iiot", *settings(f"workload.tasks={work}/jobs.csv", "workload.jobs=all", "strategies=StateLocal")))
    return out


def capture(a):
    """Bulk, as its packets are many and its results small; all devices of its four nodes, whole packets."""
    out = []

    def captured(folder):
        return {"captured_bytes": sum(os.path.getsize(p) for p in glob.glob(f"{folder}/captures/*"))}
    for turn in range(a.rounds):
        out += rows("without", "", "", turn, run("bulk"))
        out += rows("with", "", "", turn, run("bulk", "--capture", "all", look=captured))
    return out


def scale(a):
    if a.scale:
        with open(a.scale) as f:
            text = f.read()
    else:  # its status says whether something is superlinear; the page says so too
        text = subprocess.run([f"{TOP}/tools/bench", "scale"], stdout=subprocess.PIPE, text=True, check=False).stdout
    found = [line.split() for line in text.splitlines() if re.fullmatch(r"[\d.\s]+", line) and len(line.split()) == 2 + len(SCALE)]
    if not found:
        sys.exit(f"{a.scale or 'tools/bench scale'}: there is no row of {2 + len(SCALE)} figures; write into it what tools/bench scale prints")
    return [row for n, j, *values in found for row in rows("iiot", n, j, 0, dict(zip(SCALE, values)))]


def compiled(work, name, flags):
    """bulk in ns-3; the flags of Debian's package name a library that it does not bring along."""
    program = f"{work}/{name}"
    measured("c++", "-o", program, f"{BENCHES}/ns3_bulk.cc", *[f for f in flags if "gsl" not in f])
    return program


def ns3_programs(work):
    """The programs of ns-3 that there are, by the names of their subjects."""
    found = {}
    modules = [f"ns3-{m}" for m in ("core", "network", "internet", "point-to-point", "applications")]
    if subprocess.run(["pkg-config", "--exists", *modules], check=False).returncode:
        sys.exit("transfer: ns-3 is missing: apt-get install libns3-dev")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *modules], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    found["ns-3, Debian"] = compiled(work, "ns3-debian", ["-O2", *flags])
    built = os.environ.get("NS3_OPTIMIZED")
    if built:
        libraries = glob.glob(f"{built}/lib/libns3*.so")
        if not libraries:
            sys.exit(f"NS3_OPTIMIZED={built}: there is no lib/libns3*.so; give the folder build/ in which ns-3 was built")
        found["ns-3, optimized"] = compiled(work, "ns3-optimized", [
            "-O3", "-march=native", "-std=c++23", "-DNDEBUG", f"-I{built}/include", *libraries, f"-Wl,-rpath,{built}/lib"])
    else:
        print("transfer: without NS3_OPTIMIZED, only Debian's ns-3", file=sys.stderr)
    return found


def response(folder):
    with open(f"{folder}/jobs.csv", newline="") as f:
        return {"answer_s": next(csv.DictReader(f))["response_s"]}


def transfer(a):
    out = []
    with tempfile.TemporaryDirectory() as work:
        programs = ns3_programs(work)
        with open(f"{TOP}/scenarios/workloads/bulk.csv") as f, open(f"{work}/little.csv", "w") as little:
            little.write(f.read().replace(",100,100,", ",100,0.001,"))  # a state of 1 KB instead of 100 MB
        for turn in range(a.rounds):
            out += rows("sfemu", "", "", turn, run("bulk", look=response))
            out += rows("sfemu, 1 KB", "", "", turn, run("bulk", *settings(f"workload.tasks={work}/little.csv")))
            for name, program in programs.items():
                measured(program)  # as in run()
                q, text = measured(program)
                out += rows(name, "", "", turn, dict(q, answer_s=text.strip()))
    return out


def native(nodes):
    """The lab of this kernel with links that shape nothing; its run of one job."""
    with tempfile.TemporaryDirectory() as work:
        q, _ = measured(f"{BUILD}/lab_unshaped", f"{TOP}/scenarios/iiot.yaml", f"results={work}", f"topology.premises={nodes // PREMISE}",
                        "workload.jobs=1", "strategies=StateLocal")
        with open(glob.glob(f"{work}/*/manifest.json")[0]) as f:
            return dict(q, build_s=round(json.load(f)["build_s"], 3))


def namespaces(nodes):
    """Nodes and junctions of the network are namespaces."""
    _, text = measured(SFEMU, "topology", "show", "iiot", "--premises", str(nodes // PREMISE))
    return sum(int(re.search(rf"^(\d+) {what}$", text, re.M)[1]) for what in ("nodes", "junctions"))


def building(a):
    out = []
    for turn in range(a.rounds):
        for nodes in a.nodes:
            n = namespaces(nodes)
            out += rows("sfemu", nodes, "", turn, dict(native(nodes), namespaces=n))
            q, text = measured("/usr/bin/python3", f"{BENCHES}/mininet_tree.py", str(n))
            up, down = text.split()
            out += rows("mininet", nodes, "", turn, dict(q, build_s=up, down_s=down, namespaces=n))
    return out


def hour(a):
    out = []
    with tempfile.TemporaryDirectory() as work:
        common = trace(work, "--hours", "1", "--stateful-only")
        for turn in range(min(a.rounds, 3)):
            out += rows("iiot", "", "", turn, run("iiot", *common, *settings("workload.jobs=all")))
    return out


def profile(a):
    del a
    with tempfile.TemporaryDirectory() as work:
        common = trace(work, "--jobs", "2000")
        command = [SFEMU, "run", *VIRTUAL, *common, *settings("workload.jobs=300")]
        return rows("iiot", "", 300, 0, performance_profile.shares(work, SFEMU, command, f"{TOP}/scenarios/iiot.yaml"))


def first(text):
    return text.strip().split("\n")[0]


def said(*command):
    try:
        return first(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine(section):
    with open("/proc/cpuinfo") as f:
        processor = re.search(r"model name\s*: (.*)", f.read())[1]
    yield "processor", processor
    yield "cores", os.cpu_count()
    yield "kernel", platform.release()
    yield "load", os.getloadavg()[1]
    yield "commit", said("git", "-C", TOP, "rev-parse", "--short=10", "HEAD")
    if section == "before":
        yield "before", said("git", "-C", os.environ["BEFORE"], "rev-parse", "--short=10", "HEAD")
    if section == "transfer":
        yield "ns3", said("pkg-config", "--modversion", "ns3-core")
        yield "ns3_optimized", os.environ.get("NS3_COMMIT", "")
    if section == "building":
        yield "mininet", said("dpkg-query", "-W", "-f", "${Version}", "mininet")


SECTIONS = {"hop": hop, "job": job, "capture": capture, "scale": scale, "transfer": transfer, "building": building, "hour": hour, "profile": profile,
            "before": before, "machine": machine}
