#!/usr/bin/env python3
"""Scenarios of workflows that are random graphs, and a judge of their results.

random_graphs.py draw SEED COUNT [FAULTS]            a scenario with COUNT workflows, on the standard output
random_graphs.py judge SEED COUNT CALM [FAULTY]      results folders of such a scenario, without and with faults

FAULTS is a number of faults of all kinds, or `crashes`: 40 crashes with their restarts. In the environment, PLUGIN is a
shared object that takes the place of every second function, STRATEGY one that is an eighth strategy. The judge knows
the workflows by drawing them again, and of the emulator nothing but its tables. Exit status 1, with what is wrong: a job
that is done has other digests under another strategy or without faults, a step did not run, ran twice without a crash or
began before those that it waits for had ended, an argument is not the outputs before it, or a job failed for a reason
that is no fault.
"""
import csv
import os
import pathlib
import random
import re
import sys
from collections import Counter, defaultdict

ACCESS = ("read", "write", "update")
STRATEGIES = ("PureFaaS StatePropagate StateLocal UnchainedExternal UnchainedInEdge UnchainedInFunction "
              "UnchainedInClient").split() + os.environ.get("STRATEGY", "").split()
JOBS = 2  # of each workflow
# The network is slow and the steps take a while, so that faults meet jobs.
HEAD = """\
# Drawn by tests/random_graphs.py: seed {seed}, {count} workflows.
name: graphs
seed: {seed}
topology: {{generate: urban, cells: 1}}
link: {{shared: {{rate: 10Mbit}}, uplink: {{rate: 10Mbit}}}}
"""
FAULTS = """\
schedule: [{{chaos: {{faults: {faults}, over: 40s, {kinds}}}}}]
invocation: {{deadline: 10s, retries: 5, backoff: 200ms}}
replicas: 1
job_timeout: 120s
jobs_may_fail: true
"""
ANY_KIND, CRASHES = "lasts: 1s..8s, spare: [cloud]", "lasts: 300ms..3s, kinds: [crash], spare: [\"rpi3_*\", cloud]"
FUNCTIONS = (("1e6", "0B"), ("2e8 + 40 * argument", "20kB"), ("3e9", "argument / 30"), ("1e9", "500B + argument / 50"))
# Why a job may fail under faults: nodes and paths, but never what a node had to refuse.
FAIR = re.compile(r"its client (is down|has crashed)|not done .* job_timeout|its chain has not returned within its deadlines"
                  r"|(calling|state \d+ (from|to)) \S+: (Connection .*|No route to host|Host is unreachable)"
                  r"|node \S+ has gone away|state \d+ (was lost.*|is not on \S+ any more)|state \d+ to \S+: it does not take it")


def draw_access(draw, steps, states):
    """What each step does with each state: no step changes what one beside it uses."""
    after = [set() for _ in steps]  # all steps that run only after this one
    for s in reversed(range(len(steps))):
        for t in range(s + 1, len(steps)):
            if s in steps[t]:
                after[s] |= {t} | after[t]
    access = [{} for _ in steps]
    eagerness = draw.random()
    for s in range(len(steps)):
        for state in states:
            if draw.random() > eagerness:
                continue
            how = draw.choice(ACCESS)
            beside = [t for t in range(s) if s not in after[t] and state in access[t]]
            if any("read" not in (how, access[t][state]) or how != access[t][state] for t in beside):
                continue
            if how != "read" and beside:
                continue
            access[s][state] = how
    return access


def draw_workflow(draw, number):
    n = draw.randint(2, 20)
    density = draw.choice((0.08, 0.2, 0.4, 0.7))
    after = [{p for p in range(s) if draw.random() < density} for s in range(n)]
    states = [f"s{i}" for i in range(draw.randint(0, 6))]
    access = draw_access(draw, after, states)
    steps = [{"name": f"t{s}", "function": f"g{draw.randrange(len(FUNCTIONS))}", "after": {f"t{p}" for p in after[s]},
              "access": access[s]} for s in range(n)]
    draw.shuffle(steps)  # they may be written in any order
    return {"name": f"w{number}", "at": [draw.uniform(0, 40) for _ in range(JOBS)], "steps": steps,
            "argument": draw.choice(("0B", "1B", "300B", "20kB", "150kB")),
            "states": {s: draw.choice(("0B", "1B", "700B", "4096B", "60kB", "250kB")) for s in states}}


def draw_workflows(seed, count):
    draw = random.Random(seed)
    return [draw_workflow(draw, i) for i in range(count)]


def write_step(step):
    row = [f"name: {step['name']}", f"function: {step['function']}"]
    if step["after"]:
        row.append(f"after: [{', '.join(sorted(step['after']))}]")
    for how in ACCESS:
        named = [state for state, h in step["access"].items() if h == how]
        if named:
            row.append(f"{how}: [{', '.join(named)}]")
    return f"      - {{{', '.join(row)}}}"


def write_scenario(seed, count, faults):
    print(HEAD.format(seed=seed, count=count), end="")
    if faults:
        print(FAULTS.format(faults=40 if faults == "crashes" else faults,
                            kinds=CRASHES if faults == "crashes" else ANY_KIND), end="")
    print("functions:")
    plugin = os.environ.get("PLUGIN")
    for i, (ops, out) in enumerate(FUNCTIONS):
        print(f"  g{i}: {{ops: {ops}, {f'plugin: {plugin}' if plugin and i % 2 else f'output: {out}'}}}")
    print("workflows:")
    for w in draw_workflows(seed, count):
        print(f"  - name: {w['name']}\n    at: [{', '.join(f'{t:.3f}s' for t in w['at'])}]\n    argument: {w['argument']}")
        if w["states"]:
            print("    states:")
        for state, size in w["states"].items():
            print(f"      {state}: {{size: {size}}}")
        print("    steps:", *map(write_step, w["steps"]), sep="\n")
    print(f"strategies: [{', '.join(STRATEGIES)}]")


def in_order(steps):
    """As the emulator numbers them: each after those it waits for, else in the order of the file."""
    left, order, named = list(steps), [], set()
    while left:
        step = next(s for s in left if s["after"] <= named)
        left.remove(step)
        named.add(step["name"])
        order.append(step)
    return order


def rows(folder, name):
    return list(csv.DictReader(open(f"{folder}/{name}", newline="")))


def restarts(folder):
    """Times at which a node came back, by strategy and node."""
    back = defaultdict(list)
    for r in rows(folder, "events.csv"):
        if r["what"].endswith("restart"):
            back[r["strategy"], r["node"]].append(float(r["due_s"]))
    return back


def judge_invocations(folder, graphs, done, back):
    ran = defaultdict(lambda: defaultdict(list))  # by strategy and job, then by step
    for r in rows(folder, "invocations.csv"):
        ran[r["strategy"], int(r["job"])][int(r["step"])].append(r)
    for (strategy, job), steps in ran.items():
        graph = graphs[job]
        number = {step["name"]: i for i, step in enumerate(graph)}
        seen = {}
        for r in sorted((r for runs in steps.values() for r in runs), key=lambda r: float(r["request_s"])):
            at, step = float(r["request_s"]), graph[int(r["step"])]
            assert r["function"] == step["function"], (folder, r, step)
            # Twice in an attempt only after a crash of the node.
            key = r["step"], r["attempt"]
            assert key not in seen or any(seen[key] < t <= at for t in back[strategy, r["node"]]), (folder, "twice", r)
            seen[key] = at
            inputs = [[x for x in steps[number[p]] if float(x["finish_s"]) <= float(r["ready_s"])] for p in step["after"]]
            assert all(inputs), (folder, "began too early", r)
            if inputs:
                assert int(r["argument_bytes"]) == sum(int(x[0]["output_bytes"]) for x in inputs), (folder, "argument", r)
        if (strategy, job) in done:
            assert set(steps) == set(range(len(graph))), (folder, "a step did not run", strategy, job)
    return sum(len(runs) for steps in ran.values() for runs in steps.values())


def judge(seed, count, calm, faulty=None):
    graphs = {}
    for w in draw_workflows(seed, count):
        for _ in range(JOBS):
            graphs[len(graphs) + 1] = in_order(w["steps"])
    digests, total = {}, Counter()
    for folder in filter(None, (calm, faulty)):
        by, done = Counter(), set()
        for r in rows(folder, "jobs.csv"):
            job = int(r["job"])
            by[r["strategy"]] += 1
            if r["status"] == "done":
                done.add((r["strategy"], job))
                assert r["digest"] != "0x0000000000000000", (folder, r)
                assert digests.setdefault(job, r["digest"]) == r["digest"], (folder, "digest", r)
                total["begun again"] += int(r["attempts"]) > 1
            else:
                assert folder == faulty and FAIR.fullmatch(r["reason"]), (folder, "reason", r["strategy"], job, r["reason"])
            total[("faulty " if folder == faulty else "calm ") + r["status"]] += 1
        assert by == Counter({pathlib.Path(s).stem: len(graphs) for s in STRATEGIES}), (folder, by)
        back = restarts(folder) if folder == faulty else defaultdict(list)
        total["invocations"] += judge_invocations(folder, graphs, done, back)
        total["restarts"] += sum(map(len, back.values()))
    assert 2 * len(set(digests.values())) > len(graphs), "too many jobs leave the same bytes: this is no test"
    print(f"{count} graphs of {sum(len(g) for g in graphs.values()) // JOBS} steps:", dict(total))


if __name__ == "__main__":
    command, seed, count, *rest = sys.argv[1:]
    if command == "draw":
        write_scenario(int(seed), int(count), *rest or [None])
    else:
        judge(int(seed), int(count), *rest)
