"""Computes the figures of a sweep's report from its cells' files, in another language and another way, and compares.

  sweep_report.py FOLDER FIGURES.json

What is compared: every value and interval of every point and pair, and which strategy is said to be faster from where on.
"""
import csv, json, math, statistics, sys

folder, figures = sys.argv[1:3]
said = json.load(open(figures))
page = open(f"{folder}/report.html", encoding="utf-8").read()


def student(df):
    """The 97.5 % quantile of Student's t: its density by Simpson's rule, halved until that area is 0.475."""
    scale = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)

    def area(x, n=2000):
        # In u = atan(t / sqrt(df)), where also one degree of freedom has a short tail.
        end = math.atan(x / math.sqrt(df))
        y = [scale * math.sqrt(df) * math.cos(end * i / n) ** (df - 1) for i in range(n + 1)]
        return end / n / 3 * (y[0] + y[-1] + 4 * sum(y[1:-1:2]) + 2 * sum(y[2:-1:2]))

    low, high = 1.9, 13
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if area(middle) < 0.475 else (low, middle)
    return low


T = {df: student(df) for df in range(1, 30)}


def read(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


cells = read(f"{folder}/cells.csv")
axes = [a for a in cells[0] if a not in ("strategy", "seed", "state", "folder", "reason")]
strategies = list(dict.fromkeys(c["strategy"] for c in cells))
seeds = list(dict.fromkeys(c["seed"] for c in cells))
combinations = list(dict.fromkeys(tuple(c[a] for a in axes) for c in cells))
assert said["strategies"] == strategies and said["seeds"] == seeds
assert [tuple(c.values()) for c in said["combinations"]] == combinations
assert said["cells"]["done"] == sum(c["state"] == "done" for c in cells)

jobs, wire = {}, {}
for c in cells:
    key = combinations.index(tuple(c[a] for a in axes)), c["strategy"], c["seed"]
    if c["state"] != "done":
        continue
    jobs[key] = {int(j["job"]): j for j in read(f"{folder}/{c['folder']}/jobs.csv")}
    wire[key] = float(read(f"{folder}/{c['folder']}/summary.csv")[0]["wire_bytes"])


def quantile(x, p):
    x = sorted(x)
    at = p * (len(x) - 1)
    low = math.floor(at)
    return x[low] + (at - low) * (x[min(low + 1, len(x) - 1)] - x[low])


def interval(x):
    return T[len(x) - 1] * statistics.stdev(x) / math.sqrt(len(x)) if len(x) > 1 else None


def values_of(rows):
    done = [j for j in rows if j["status"] == "done"]
    if not done:
        return {}
    r = [float(j["response_s"]) for j in done]
    return {"mean_s": statistics.fmean(r), "p50_s": quantile(r, .5), "p95_s": quantile(r, .95), "p99_s": quantile(r, .99),
            "payload_bytes_hops": statistics.fmean(float(j["payload_bytes_hops"]) for j in done)}


def whole(key, rows, everything):
    """What is of all jobs, done or not."""
    out = {"done_share": sum(j["status"] == "done" for j in rows) / len(rows)} if rows else {}
    if everything and key in wire:
        out["wire_bytes"] = wire[key] / len(jobs[key])
    return out


FIGURES = "mean_s p50_s p95_s p99_s payload_bytes_hops wire_bytes done_share".split()
WHOLE = {"payload_bytes_hops", "wire_bytes"}


def in_group(row):
    column = {"chain": "steps", "states": "state_bytes"}.get(row["by"])
    below = math.inf if row["below"] is None else row["below"]
    return lambda j: not column or row["from"] <= float(j[column]) < below


def close(a, b, what, digits=2e-9):
    if a is None or b is None:
        assert a is None and b is None, (what, a, b)
    else:
        assert abs(a - b) <= digits + 1e-9 * abs(b), (what, a, b)


for p in said["points"]:
    of = in_group(p)
    per_seed, n = [], 0
    for seed in seeds:
        key = p["combination"], p["strategy"], seed
        rows = [j for j in jobs.get(key, {}).values() if of(j)]
        n += len(rows)
        per_seed.append({**values_of(rows), **whole(key, rows, p["by"] == "sweep")})
    assert p["jobs"] == n, p
    for f in FIGURES:
        x = [s[f] for s in per_seed if f in s]
        digits = .51 if f in WHOLE else 2e-9
        close(p[f], statistics.fmean(x) if x else None, (p, f), digits)
        close(p["ci95_" + f], interval(x), (p, f), digits)

decided = {}
for p in said["pairs"]:
    of = in_group(p)
    differences, logs, n = {f: [] for f in FIGURES}, {f: [] for f in FIGURES}, 0
    for seed in seeds:
        keys = [(p["combination"], s, seed) for s in (p["baseline"], p["strategy"])]
        if not all(k in jobs for k in keys):
            continue
        both = [i for i in jobs[keys[0]] if i in jobs[keys[1]] and all(jobs[k][i]["status"] == "done" for k in keys) and of(jobs[keys[0]][i])]
        n += len(both)
        a, b = ({**values_of([jobs[k][i] for i in both]), **whole(k, [j for j in jobs[k].values() if of(j)], p["by"] == "sweep")} for k in keys)
        for f in FIGURES:
            if f in a and f in b:
                differences[f].append(b[f] - a[f])
                if a[f] > 0 and b[f] > 0:
                    logs[f].append(math.log(b[f] / a[f]))
    assert p["jobs"] == n, p
    for f in FIGURES:
        x, l = differences[f], logs[f]
        digits = .51 if f in WHOLE else 2e-9
        close(p["difference_" + f], statistics.fmean(x) if x else None, (p, f), digits)
        close(p["ci95_" + f], interval(x), (p, f), digits)
        close(p["ratio_" + f], math.exp(statistics.fmean(l)) if l else None, (p, f), 1e-8)
        half = interval(l)
        close(p["low_" + f], None if half is None else math.exp(statistics.fmean(l) - half), (p, f), 1e-6)
        close(p["high_" + f], None if half is None else math.exp(statistics.fmean(l) + half), (p, f), 1e-6)
    d, ci = p["difference_mean_s"], p["ci95_mean_s"]
    sign = 0 if d is None or ci is None or abs(d) <= ci else 1 if d > 0 else -1  # 1: the baseline is faster
    decided.setdefault((p["combination"], p["by"], p["baseline"], p["strategy"]), []).append((p["from"], sign))

# From which size on: the last contrary size, and the first that decides behind it.
checked = 0
for a in said["answers"]:
    if a["state"] not in ("from", "everywhere", "together") or a["by"] not in ("chain", "states"):
        continue
    checked += 1
    for (combination, by, x, y), sizes in decided.items():
        if combination == a["combination"] and by == a["by"] and {x, y} == {a["faster"], a["slower"]}:
            wanted = 1 if a["faster"] == x else -1
            sizes = sorted(sizes)
            contrary = [i for i, (_, s) in enumerate(sizes) if s == -wanted]
            rest = sizes[contrary[-1] + 1:] if contrary else sizes
            first = next(at for at, s in rest if s == wanted)
            assert first == float(a["from"]), (a, sizes)
            assert a["state"] == ("from" if first > sizes[0][0] else "everywhere" if all(s == wanted for _, s in sizes) else "together"), (a, sizes)
            break
    else:
        raise AssertionError(a)
    close(a["less_s"] > a["ci95_s"], True, a)
    # The difference of the first size, of the largest one, and of all smaller ones; the means and the sizes of the jobs.
    sign = 1 if a["faster"] == y else -1
    own = {p["from"]: p for p in said["pairs"] if (p["combination"], p["by"], p["baseline"], p["strategy"]) == (a["combination"], a["by"], x, y)}
    for end, p in ("first", own[float(a["from"])]), ("last", own[max(own)]):
        close(a[f"{end}_less_s"], -sign * p["difference_mean_s"], (a, end))
        close(a[f"{end}_ci95_s"], p["ci95_mean_s"], (a, end))
        assert a[f"{end}_jobs"] == p["jobs"], (a, end)
    column = {"chain": "steps", "states": "state_bytes"}[a["by"]]
    means, below, sizes = {a["faster"]: [], a["slower"]: []}, [], []
    for seed in seeds:
        f, s = (jobs.get((a["combination"], name, seed), {}) for name in (a["faster"], a["slower"]))
        both = [i for i in f if i in s and f[i]["status"] == s[i]["status"] == "done"]
        times = lambda of: [statistics.fmean(float(j[i]["response_s"]) for i in of) for j in (f, s)]
        above = [i for i in both if float(f[i][column]) >= float(a["from"])]
        rest = [i for i in both if i not in above]
        sizes += [float(f[i][column]) for i in above]
        for name, mean in zip(means, times(above)) if above else ():
            means[name].append(mean)
        if rest:
            own_mean, other = times(rest)
            below.append(other - own_mean)
        a["below_jobs"] -= len(rest)
    assert a["below_jobs"] == 0 and a["jobs"] == len(sizes) and (a["least"], a["most"]) == (min(sizes), max(sizes)), a
    close(a["faster_mean_s"], statistics.fmean(means[a["faster"]]), a)
    close(a["slower_mean_s"], statistics.fmean(means[a["slower"]]), a)
    close(a["below_less_s"], statistics.fmean(below) if below else None, a)
    close(a["below_ci95_s"], interval(below), a)
for a in said["answers"]:
    if a["by"] == "chain":
        assert a["text"].split(": ", 1)[0] in page, a
print(f"{len(said['points'])} points, {len(said['pairs'])} pairs and {checked} answers are as computed again")
