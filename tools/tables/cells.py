# SPDX-License-Identifier: MIT
"""The cells of sweeps: runs those that are asked for, in the order asked, and reads what they measured."""
import concurrent.futures
import csv
import decimal
import hashlib
import io
import json
import math
import os
import subprocess
import sys
import threading
import time

TABLES = ("jobs.csv", "invocations.csv", "transfers.csv", "attempts.csv", "links.csv", "summary.csv")
PARTS = ("other_paths", "propagation", "pipelining", "queueing", "tcp_start", "headers", "unexplained")
# Figures of some jobs, and of all jobs of a cell: times are means in us, or 95th percentiles; bytes are means of a job.
MEANS = ("jobs", "response", "net", "predicted", *PARTS)
WHOLE = ("response_p95", "net_p95", "predicted_p95", "processing", "predicted_processing", "traffic", "predicted_traffic", "wire",
         "drops", "local")


# Columns that are newer than the tables in docs/. In these, waits were part of what is unexplained.
RECORDED = ("retransmissions_s", "window_s", "queue_waits_s")  # before the third was there, the first two still were
WAITS = ("retries_s", "link_changes_s", *RECORDED)
NEWER = (*WAITS, "cache_hits", "overlap_s", "wasted_bytes")


def without_waits(text):
    """A CSV file without the columns that are newer, and with the waits in unexplained_s, as before they were parts of their own."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    head = rows[0]
    if not set(NEWER) & set(head):
        return text
    apart = [w for w in WAITS if w in head and (w not in RECORDED or RECORDED[-1] in head)]
    waits, rest = [head.index(w) for w in apart], head.index("unexplained_s") if apart else 0
    for row in rows[1:]:
        if row[rest] and any(decimal.Decimal(row[i]) for i in waits):  # not -0.000000000, which a sum would make 0
            row[rest] = f"{sum(decimal.Decimal(row[i]) for i in (rest, *waits)):.9f}"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([v for i, v in enumerate(row) if head[i] not in NEWER] for row in rows)
    return out.getvalue()


class Cell:
    """A cell of a sweep file: its number, its values by name, strategy and seed."""

    def __init__(self, sweep, number, done, words):
        self.sweep, self.number, self.done = sweep, number, done
        *values, self.strategy, seed = words
        self.values = dict(v.split("=", 1) for v in values)
        self.seed = int(seed.removeprefix("seed="))
        self.name = " ".join(words)
        # Files have the short form of a strategy with options.
        short = self.strategy.replace("(", "+").replace(")", "")
        self.folder = os.path.join(sweep.folder, "cells", "+".join((*values, short, seed)))

    def run(self):
        done = subprocess.run(self.sweep.command("--cell", str(self.number), "--quiet"), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.done = done.returncode == 0 and os.path.exists(os.path.join(self.folder, "jobs.csv"))
        return "" if self.done else done.stdout.strip() or f"exit status {done.returncode}"

    def digest(self):
        """The first 16 digits of the SHA-256 of its tables."""
        total = hashlib.sha256()
        for name in TABLES:
            total.update(self.text(name).encode())
        return total.hexdigest()[:16]

    def seconds(self):
        """Wall time of the run, with boot, building and results, on the machine as it was then."""
        with open(os.path.join(self.folder, "manifest.json"), encoding="utf-8") as f:
            return round(json.load(f)["wall_s"], 1)

    def newest(self, name):
        """A table as it is, with all of its columns."""
        with open(os.path.join(self.folder, name), encoding="utf-8", newline="") as f:
            return f.read()

    def text(self, name):
        return without_waits(self.newest(name))

    def table(self, name):
        return list(csv.DictReader(io.StringIO(self.text(name), newline="")))


class Sweep:
    """A sweep file with its results folder, and options of `sfemu sweep`."""

    def __init__(self, sfemu, file, folder, options=()):
        self.sfemu, self.file, self.folder, self.options = sfemu, file, folder, list(options)

    def command(self, *more):
        return [self.sfemu, "sweep", "--output", self.folder, *self.options, *more, self.file]

    def cells(self):
        listed = subprocess.run(self.command("--list"), stdout=subprocess.PIPE, text=True)
        if listed.returncode:
            sys.exit(f"{' '.join(self.command('--list'))}: exit status {listed.returncode}")
        rows = [line.split() for line in listed.stdout.splitlines()[:-1]]
        return [Cell(self, int(number), state == "done", words) for number, state, *words in rows]


def run(cells, at_a_time, minutes=math.inf):
    """Runs the cells that are not done, in their order, until the time is over. Returns how many failed."""
    waiting = [c for c in cells if not c.done]
    print(f"{len(cells)} cells: {len(cells) - len(waiting)} done before, {len(waiting)} to run", file=sys.stderr)
    begin, lock, failed, ended = time.monotonic(), threading.Lock(), [], 0

    def one(cell):
        nonlocal ended
        if time.monotonic() - begin > 60 * minutes:
            return
        why = cell.run()
        with lock:
            ended += 1
            spent = time.monotonic() - begin
            if why:
                failed.append(cell)
                print(f"FAILED: {cell.name}: {why}", file=sys.stderr)
            if ended % 20 == 0 or ended == len(waiting):
                print(f"{ended} of {len(waiting)} cells in {spent / 60:.1f} min", file=sys.stderr, flush=True)

    with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        list(pool.map(one, waiting))
    if waiting and ended < len(waiting):
        print(f"{len(waiting) - ended} cells are left for another time", file=sys.stderr)
    return len(failed)


def percentile(values, share):
    """Linear between samples, as in summary.csv."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def mean_us(jobs, column):
    return round(1e6 * math.fsum(float(j[column]) for j in jobs) / len(jobs))


def means(jobs):
    """Of some jobs: how many, and means in us of delays, the closed form's delay and the parts of the difference."""
    figures = {"jobs": len(jobs)}
    if not jobs:
        return figures
    for name, column in (("response", "response_s"), ("net", "net_delay_s"), ("predicted", "predicted_net_delay_s")):
        figures[name] = mean_us(jobs, column)
    for part in PARTS:
        figures[part] = mean_us(jobs, f"{part}_s")
    return figures


def measured(cell):
    """The figures of a cell, over all its jobs; times in us, bytes as they are, both means of a job."""
    jobs = cell.table("jobs.csv")
    failed = [j for j in jobs if j["status"] != "done"]
    if failed:
        sys.exit(f"{cell.folder}: {len(failed)} jobs are not done: their means would be of other jobs")
    figures = means(jobs)
    for name, column in (("response", "response_s"), ("net", "net_delay_s"), ("predicted", "predicted_net_delay_s")):
        figures[f"{name}_p95"] = round(1e6 * percentile([float(j[column]) for j in jobs], 0.95))
    figures["processing"] = mean_us(jobs, "processing_s")
    figures["predicted_processing"] = mean_us(jobs, "predicted_processing_s")
    figures["traffic"] = round(sum(int(j["payload_bytes_hops"]) for j in jobs) / len(jobs))
    figures["predicted_traffic"] = round(sum(int(j["predicted_payload_bytes_hops"]) for j in jobs) / len(jobs))
    figures["wire"] = round(sum(int(r["wire_bytes"]) for r in cell.table("links.csv")) / len(jobs))
    figures["drops"] = sum(int(r["drops"]) for r in cell.table("links.csv"))
    figures["local"] = sum(j["payload_bytes_hops"] == "0" for j in jobs)
    return figures
