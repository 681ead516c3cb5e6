# SPDX-License-Identifier: MIT
"""Where the CPU time of a run goes, from perf: samples by address, and the host's system calls by the processes that made them."""
import bisect
import collections
import re
import subprocess
import sys

GUEST = range(0x60000000, 0x70000000)  # where the guest kernel is linked
HOST = 0xFFFF800000000000  # from here on the host's kernel
SYMBOLS = 12  # how many of the guest kernel's are kept


def perf(*command):
    done = subprocess.run(["perf", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"perf {command[0]}: status {done.returncode}\n{done.stderr[-1000:]}")
    return done.stdout


def symbols(sfemu):
    """The guest kernel's, as sorted addresses and names."""
    text = subprocess.run([sfemu, "guest", "shell", "--", "cat", "/proc/kallsyms"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    found = sorted((int(w[0], 16), w[2]) for w in map(str.split, text.splitlines()) if len(w) >= 3 and w[1] in "tT")
    return [f[0] for f in found], [f[1] for f in found]


def sampled(text, sfemu):
    """Shares of all samples of the guest: its kernel, its processes, the host's kernel; and of the guest kernel's symbols."""
    places, of, total = collections.Counter(), collections.Counter(), 0
    addresses, names = symbols(sfemu)
    for line in text.splitlines():
        comm, address = line.split()[:2]
        if comm != "linux":
            continue
        address = int(address, 16)
        total += 1
        if address >= HOST:
            places["host_kernel"] += 1
        elif address in GUEST:
            places["guest_kernel"] += 1
            of[names[bisect.bisect_right(addresses, address) - 1]] += 1
        else:
            places["processes"] += 1
    if not of:
        sys.exit("perf has no sample of the guest kernel; is cpu-clock there?")
    return {**{f"share.{k}": round(100 * v / total, 2) for k, v in places.items()},
            **{f"symbol.{k}": round(100 * v / total, 2) for k, v in of.most_common(SYMBOLS)}}


def called(text):
    """Calls of ptrace and wait4 by processes that are the guest's."""
    found, comm = collections.Counter(), ""
    for line in text.splitlines():
        head = re.match(r"\s*(\S+) \(\d+\), ", line)
        if head:
            comm = head[1]
            continue
        words = line.split()
        if comm == "linux" and words and words[0] in ("ptrace", "wait4"):
            found[words[0]] += int(words[1])
    return {f"calls.{k}": v for k, v in found.items()}


def shares(work, sfemu, command, scenario):
    perf("record", "-q", "-e", "cpu-clock", "-F", "4000", "-o", f"{work}/profile", *command, "--into", f"{work}/a", scenario)
    out = sampled(perf("script", "-i", f"{work}/profile", "-F", "comm,ip,sym,dso", "-G"), sfemu)
    perf("trace", "-s", "-o", f"{work}/trace", *command, "--into", f"{work}/b", scenario)
    with open(f"{work}/trace") as f:
        out.update(called(f.read()))
    return out
