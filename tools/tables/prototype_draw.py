# SPDX-License-Identifier: MIT
"""The scenarios of scenarios/prototype/: the authors' experiments 400, 401 and 402, with the random choices of a seed."""
import random

LICENCE = "# SPDX-License-Identifier: MIT\n"
# 10 ms on one of two cores of 2 Gop/s; 0.2 ms in 402.
OPERATIONS, FEW_OPERATIONS = "2e7", "4e5"
JOBS, JOBS_402 = 120, 20
HOSTS = [f"h{i}" for i in range(2, 7)]
BRANCHES, STAGES = 5, 3
STATES_401 = 4

RING = """\
topology: {{nodes: {here}ring.nodes, links: {here}ring.links, edges: {here}ring.edges}}
link:
  node: {{delay: 0, queue: 1000 packets}}
  uplink: {{rate: 10Mbit, delay: 1ms, queue: 1000 packets}}
  downlink: {{rate: 10Mbit, delay: 1ms, queue: 1000 packets}}
workload: {{arrivals: sequential}}
nodes: [{{node: "h*", cores: 2}}]
strategies: [UnchainedInClient, StatePropagate, StateLocal]
"""


class Draws:
    """Random choices that no version of Python changes: only random() is promised to stay."""

    def __init__(self, name):
        self.source = random.Random(name)

    def below(self, n):
        return int(self.source.random() * n)

    def choice(self, of):
        return of[self.below(len(of))]

    def sample(self, of, count):
        left, found = list(of), []
        for _ in range(count):
            found.append(left.pop(self.below(len(left))))
        return found


def step(name, function, after, states):
    words = [f"name: {name}", f"function: {function}"]
    if after:
        words.append(f"after: {after[0] if len(after) == 1 else '[' + ', '.join(after) + ']'}")
    if states:
        words.append(f"update: [{', '.join(states)}]")
    return f"      - {{{', '.join(words)}}}\n"


def workflow(number, argument, sizes, steps):
    states = ", ".join(f"{name}: {{size: {size}B}}" for name, size in sizes.items())
    return (f"  - name: job_{number}\n    clients: h1\n    argument: {argument}B\n"
            + (f"    states: {{{states}}}\n" if states else "") + "    steps:\n" + "".join(steps))


def needs(draws, functions, states):
    """Each state is needed by a random 0 … n-1 of the functions, as the authors draw it. Those that none needs do not exist here."""
    of = {f"s{s}": draws.sample(functions, draws.below(len(functions))) for s in range(states)}
    return {s: users for s, users in of.items() if users}


def chain(functions, states, argument, seed, here=""):
    """400: a chain of functions, each a host drawn at random; the states (1 + s) x 10 kB."""
    draws = Draws(f"400 {functions} {states} {seed}")
    jobs, used = [], set()
    for number in range(JOBS):
        hosts = [draws.choice(HOSTS) for _ in range(functions)]
        used |= set(hosts)
        users = needs(draws, hosts, states)
        steps = [step(f"f{i}", host, [f"f{i - 1}"] if i else [], [s for s, of in users.items() if host in of])
                 for i, host in enumerate(hosts)]
        jobs.append(workflow(number, argument, {s: 10000 * (1 + int(s[1:])) for s in users}, steps))
    text = LICENCE + f"""\
# The authors' experiment 400: chains of {functions} functions and {states} states around a ring of six, an argument of {argument} B, draw {seed}.
# tools/prototype-table --scenarios writes this file.
name: prototype-400
seed: {seed}
""" + RING.format(here=here) + "functions:\n"
    text += "".join(f"  {h}: {{ops: {OPERATIONS}, output: argument}}\n" for h in HOSTS if h in used)
    text += "placement:\n  pin:\n" + "".join(f"    - {{function: {h}, node: {h}}}\n" for h in HOSTS if h in used)
    return text + "workflows:\n" + "".join(jobs)


def graph(argument, seed, here=""):
    """401: four collectors with states on one host; between them five parallel branches without, three times."""
    draws = Draws(f"401 {seed}")
    collectors = [f"c{i}" for i in range(STAGES + 1)]
    # Ten functions a host, of which the first four are the collectors.
    others = [HOSTS[i // 10] for i in range(STAGES + 1, 10 * len(HOSTS))]
    jobs = []
    for number in range(JOBS):
        users = needs(draws, collectors, STATES_401)
        steps, before = [], []
        for stage in range(STAGES + 1):
            steps.append(step(collectors[stage], "collect", before, [s for s, of in users.items() if collectors[stage] in of]))
            if stage == STAGES:
                break
            before = [f"b{stage}_{i}" for i in range(BRANCHES)]
            steps += [step(b, draws.choice(others), [collectors[stage]], []) for b in before]
        jobs.append(workflow(number, argument, {s: 10000 * (1 + int(s[1:])) for s in users}, steps))
    text = LICENCE + f"""\
# The authors' experiment 401: graphs of 19 functions around a ring of six, an argument of {argument} B, draw {seed}. All collectors,
# the only ones with states, are on h2, as there. tools/prototype-table --scenarios writes this file.
name: prototype-401
seed: {seed}
""" + RING.format(here=here) + f"functions:\n  collect: {{ops: {OPERATIONS}, output: {argument}B}}\n"
    text += "".join(f"  {h}: {{ops: {OPERATIONS}, output: argument}}\n" for h in HOSTS)
    text += "placement:\n  pin:\n    - {function: collect, node: h2}\n"
    text += "".join(f"    - {{function: {h}, node: {h}}}\n" for h in HOSTS)
    return text + "workflows:\n" + "".join(jobs)


def star(scale, seed=1, here=""):
    """402: a graph of seven functions with 2 MB between them; the video state has scale x 1000 B."""
    return LICENCE + f"""\
# The authors' experiment 402: sound and pictures are made anonymous, joined and looked at; the video state has {scale}000 B. States are
# in the client (UnchainedInClient), at the edge (StateLocal) or in the cloud. tools/prototype-table --scenarios writes this file.
name: prototype-402
seed: {seed}
topology: {{nodes: {here}star.nodes, links: {here}star.links, edges: {here}star.edges}}
link:
  node: {{delay: 1ms, queue: 300 packets}}
cloud: {{rate: 10Mbit, delay: 20ms, queue: 300 packets, at: central}}
workload: {{arrivals: sequential}}
nodes: [{{node: "*", cores: 2}}]
strategies: [UnchainedInClient, StateLocal, UnchainedExternal]
functions:
  look: {{ops: {FEW_OPERATIONS}, output: 2MB}}
placement:
  rule: ProcOnly
  pin:
    - {{step: start, node: client}}
    - {{step: "anon_*", node: "e*"}}
    - {{step: sync, node: e1}}
    - {{step: audio, node: e2}}
    - {{step: video, node: e3}}
    - {{step: decision, node: e4}}
workflows:
  - name: camera
    clients: client
    jobs: {JOBS_402}
    argument: 2MB
    states:
      of_audio: {{size: {100 * scale}B}}
      of_video: {{size: {1000 * scale}B}}
      of_sync: {{size: {10 * scale}B}}
      of_decision: {{size: {10 * scale}B}}
    steps:
      - {{name: start, function: look}}
      - {{name: anon_audio, function: look, after: start}}
      - {{name: anon_video, function: look, after: start}}
      - {{name: sync, function: look, after: [anon_audio, anon_video], update: of_sync}}
      - {{name: audio, function: look, after: anon_audio, update: of_audio}}
      - {{name: video, function: look, after: anon_video, update: of_video}}
      - {{name: decision, function: look, after: [sync, audio, video], update: of_decision}}
"""
