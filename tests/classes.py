#!/usr/bin/env python3
"""Compares the class of every TCP segment in captures: `sfemu analyze --segments` beside tshark's tcp.analysis.

classes.py [--least CLASS=N]... CAPTURE...

Prints what differs, how many segments there were and how many of each class. Exit status 1 if a segment differs,
or if there are fewer of a class than --least says (then the captures test nothing).
"""
import collections, csv, os, subprocess, sys

NAMES = ("retransmission fast_retransmission spurious_retransmission out_of_order reused_ports lost_segment ack_lost_segment "
         "window_update window_full keep_alive keep_alive_ack duplicate_ack zero_window_probe zero_window zero_window_probe_ack").split()
# IPv6 without a length in its header (BIG TCP) is read by tshark only if it is told so.
OPTIONS = ["-o", "tcp.desegment_tcp_streams:false", "-o", "ipv6.tso_support:true"]


def of_tshark(capture):
    fields = ["frame.number", "tcp.stream", "tcp.len"] + [f"tcp.analysis.{n}" for n in NAMES]
    command = ["tshark", "-r", capture, *OPTIONS, "-T", "fields", "-E", "separator=;", "-E", "occurrence=f"]
    for f in fields:
        command += ["-e", f]
    said = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    segments = {}
    for line in said.splitlines():
        number, stream, length, *found = line.split(";")
        if not stream or not length:
            continue  # not TCP, or quoted in an error of ICMP
        classes = {n for n, f in zip(NAMES, found) if f}
        if classes & {"fast_retransmission", "spurious_retransmission"}:
            classes.discard("retransmission")  # tshark says it of all three kinds
        segments[int(number)] = (int(stream) + 1, int(length), classes)
    return segments


def of_sfemu(capture):
    said = subprocess.run([os.environ["SFEMU"], "analyze", "--quiet", "--segments", "--csv", capture], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return {int(r["packet"]): (int(r["connection"]), int(r["payload_bytes"]), set(r["class"].split()))
            for r in csv.DictReader(said.splitlines())}


def main():
    least, captures, words = {}, [], iter(sys.argv[1:])
    for word in words:
        if word == "--least":
            name, n = next(words).split("=")
            least[name] = int(n)
        else:
            captures.append(word)
    assert not set(least) - set(NAMES), least
    counts, segments, differ = collections.Counter(), 0, 0
    for capture in captures:
        theirs, ours = of_tshark(capture), of_sfemu(capture)
        segments += len(theirs)
        for number in sorted(set(theirs) | set(ours)):
            counts.update(theirs.get(number, (0, 0, ()))[2])
            if theirs.get(number) != ours.get(number):
                differ += 1
                if differ <= 20:
                    print(f"{capture}: packet {number}: tshark {theirs.get(number)}, sfemu {ours.get(number)}")
    print(f"{len(captures)} captures, {segments} segments, {differ} differ:", *[f"{n} {counts[n]}" for n in NAMES if counts[n]])
    few = [n for n in least if counts[n] < least[n]]
    if few:
        print("too few to test anything:", *few)
    sys.exit(bool(differ or few or not segments))


main()
