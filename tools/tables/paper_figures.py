# SPDX-License-Identifier: MIT
"""Figures of docs/paper-cells.csv by place, replication by replication, and how they are written."""
import math

from paired import difference, interval, ratio
from paper_grid import NETWORKS, THREE

# Section, network and value of an axis: together the place of some strategies' cells.
GROUPS = [(section, network, "") for section in ("procnet", "proconly") for network in NETWORKS]
SHORTEST, LONGEST = "2–3", "10–12"  # the chains of the published growth


class Figures:
    def __init__(self, rows, families):
        """`families`: strategies that stand beside each other; means of them are over the replications that all of them have."""
        self.cells, self.claims, self.families = {}, [], families
        for r in rows:
            self.cells.setdefault(((r["section"], r["case"], r["value"]), r["strategy"]), {})[int(r["seed"])] = r

    def claim(self, found, what):
        """What `cases` says, kept for the summary of the page."""
        said = cases(found, what)
        self.claims.append(said)
        return said

    def seeds(self, group, strategies):
        """Replications that have all of these strategies."""
        of = [set(self.cells.get((group, s), ())) for s in strategies]
        return sorted(set.intersection(*of))

    def at(self, group, strategy, seed, name):
        return float(self.cells[group, strategy][seed][name] or 0)

    def values(self, group, strategy, name, seeds):
        return [self.at(group, strategy, s, name) for s in seeds]

    def _beside(self, group, strategy):
        """The replications over which means of a strategy are."""
        family = next(f for f in self.families if strategy in f)
        return self.seeds(group, [s for s in family if (group, s) in self.cells])

    def mean(self, group, strategy, name):
        return interval(self.values(group, strategy, name, self._beside(group, strategy)))[0]

    def point(self, group, strategy, name, x):
        """A time at one place of a curve, in ms, with the ends of its interval."""
        mean, half = interval([v / 1000 for v in self.values(group, strategy, name, self._beside(group, strategy))])
        return (x, mean, None, None) if half is None else (x, mean, mean - half, mean + half)

    def ratio(self, group, one, other, name):
        """Of one strategy to another; None where one of them has nothing."""
        seeds = self.seeds(group, (one, other))
        pairs = [(self.at(group, one, s, name), self.at(group, other, s, name)) for s in seeds]
        if not pairs or any(a <= 0 or b <= 0 for a, b in pairs):
            return None
        return ratio(*zip(*pairs))

    def difference(self, group, one, other, name):
        seeds = self.seeds(group, (one, other))
        return difference(self.values(group, one, name, seeds), self.values(group, other, name, seeds))

    def _grown(self, group, strategy, name, seeds):
        """By seed: long chains over short ones, in the seeds that have both."""
        found = {}
        for s in seeds:
            short, long = (self.at(group, strategy, s, f"{chain}.{name}") for chain in (SHORTEST, LONGEST))
            if short > 0 and long > 0:
                found[s] = long / short
        return found

    def growth(self, group, strategy, name):
        grown = self._grown(group, strategy, name, self.seeds(group, THREE))
        return ratio(grown.values(), [1] * len(grown)) if grown else None

    def growth_ratio(self, group, one, other, name):
        seeds = self.seeds(group, THREE)
        ones, others = (self._grown(group, s, name, seeds) for s in (one, other))
        both = sorted(set(ones) & set(others))
        return ratio([ones[s] for s in both], [others[s] for s in both])

    def change(self, last, first, one, other, name):
        """How the ratio of two strategies changes from one place to another; None where one of them has nothing."""
        seeds = sorted(set(self.seeds(last, (one, other))) & set(self.seeds(first, (one, other))))
        at = {(g, s): [self.at(g, s, seed, name) for seed in seeds] for g in (last, first) for s in (one, other)}
        if not seeds or any(v <= 0 for values in at.values() for v in values):
            return None
        return ratio([a / b for a, b in zip(at[last, one], at[last, other])], [a / b for a, b in zip(at[first, one], at[first, other])])


def holds(for_it, against):
    """True: all intervals are for it. False: one is against it. None: neither."""
    return False if any(against) else True if all(for_it) else None


def decide(e, bound=1):
    """An estimate above a bound, below it, or neither."""
    return None if e is None else holds([e.above(bound)], [e.below(bound)])


def cases(found, what):
    """A statement, and in words where it holds: {case: True, False or None}."""
    if not found:
        return f"Nothing was run that could decide {what}."
    by = {answer: [c for c, a in found.items() if a is answer] for answer in (True, False, None)}
    every = "" if len(found) == 1 else " in both cases" if len(found) == 2 else f" in all {len(found)} cases"
    none = "" if len(found) == 1 else " in either case" if len(found) == 2 else f" in any of {len(found)} cases"
    words = {True: "**holds**", False: "**does not hold**", None: "is **not decided**"}
    for answer, said in words.items():
        if len(by[answer]) == len(found):
            return f"{capital(what)} {said}{none if answer is False else every}."
    return f"{capital(what)} {'; it '.join(f'{said} for {joined(by[answer])}' for answer, said in words.items() if by[answer])}."


def capital(text):
    return text[0].upper() + text[1:]


def in_short(f):
    """All claims of a page, for its beginning; to be called when its sections are written."""
    return ["", "## In short", "", *(f"- {claim}" for claim in f.claims), ""]


def joined(words):
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def placed(group):
    return f"{group[1]} under {'ProcNet' if group[0] == 'procnet' else 'ProcOnly'}"


def seeds_text(seeds):
    """1–4, 7."""
    runs = []
    for s in sorted(seeds):
        if runs and s == runs[-1][1] + 1:
            runs[-1][1] = s
        else:
            runs.append([s, s])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs) or "none"


def number(v):
    """Three digits."""
    if v is None:
        return "–"
    if v == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(v))))
    return f"{v:.{min(digits, 3)}f}"


def ms(us):
    return number(us / 1000) if abs(us) >= 1000 else f"{us / 1000:.2f}"


def times(v):
    return f"{v:.1f}"


def estimate(e, scale=1):
    if e is None:
        return "–"
    return number(scale * e.value) + (f" [{number(scale * e.low)} … {number(scale * e.high)}]" if e.decided() else " (one seed)")


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(c) for c in line) + " |" for line in lines) + "\n"


def seconds_of(rows, planned):
    """How long a grid takes: per section the mean time of the cells whose time is known, and the sum over the planned cells, in seconds of
    one core (a cell is one guest); None where no cell of a section has its time."""
    means = {}
    for section in planned:
        known = [float(r["seconds"]) for r in rows if r["section"] == section and r["seconds"]]
        means[section] = sum(known) / len(known) if known else None
    return means, None if None in means.values() else sum(means[s] * n for s, n in planned.items())


def minutes(seconds):
    """On two cores, of seconds on one."""
    return f"{seconds / 120:.0f} min"
