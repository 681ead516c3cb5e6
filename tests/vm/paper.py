#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One TCP transfer, done and computed.

  paper.py serve PORT                 in a node: receives one transfer
  paper.py send ADDRESS PORT BYTES    in a node: sends it; prints when the connection was there, in ns from its start
  paper.py expect FORWARD BACK BYTES MTU TIMESTAMPS WINDOW
                                      prints what both should have said, in ns: connected, received

  paper.py poll                       waits 100 us by asking the clock, 1 ms by asking a socket; prints both, in ns

FORWARD and BACK are the links on the way, in order, as RATE:DELAY with bit/s and ns, separated by commas.

What is computed is what rate, delay, MTU and the growth of TCP's window say, packet by packet, with nothing measured:
a link sends one frame after the other, each takes its bits divided by the rate, and arrives a delay later; the window
starts with WINDOW segments and grows by one for each that is acknowledged (slow start, no loss); the receiver
acknowledges each of the first 16 segments, then every second one (Linux's quick acknowledgements, RFC 5681).
"""
import heapq
import os
import socket
import sys
import time

ETHERNET, IPV4, TCP = 14, 20, 20
SYN_OPTIONS = 20  # segment size, SACK permitted, timestamps, window scale, padding
SYN_OPTIONS_PLAIN = 12  # the same without timestamps
TIMESTAMPS = 12
QUICK_ACKS = 16


class Path:
    """Links in a row; what enters a link waits until the one before it has left."""

    def __init__(self, text):
        self.links = [tuple(int(v) for v in link.split(":")) for link in text.split(",")]
        self.free = [0] * len(self.links)

    def travel(self, now, frame_bytes):
        for i, (rate, delay) in enumerate(self.links):
            # netem counts whole bytes per second and whole nanoseconds.
            now = max(now + delay, self.free[i]) + frame_bytes * 1000000000 // (rate // 8)
            self.free[i] = now
        return now


def expect(forward, back, total, mtu, timestamps, window):
    head = IPV4 + TCP + (TIMESTAMPS if timestamps else 0)
    segment = mtu - head
    syn = ETHERNET + IPV4 + TCP + (SYN_OPTIONS if timestamps else SYN_OPTIONS_PLAIN)
    ack = ETHERNET + head
    connected = back.travel(forward.travel(0, syn), syn)
    segments = [segment] * (total // segment) + ([total % segment] if total % segment else [])
    forward.travel(connected, ack)
    events = []  # (time, order, kind, segments acknowledged so far)
    order = sent = arrived = acked = in_ack = 0
    quick = QUICK_ACKS
    now = connected
    while True:
        while sent < len(segments) and sent - acked < window:
            at = forward.travel(now, ETHERNET + head + segments[sent])
            sent += 1
            heapq.heappush(events, (at, order, "data", 0))
            order += 1
        now, _, kind, upto = heapq.heappop(events)
        if kind == "data":
            arrived += 1
            if arrived == len(segments):
                return connected, now
            in_ack += 1
            if quick or in_ack == 2:
                quick -= quick > 0
                in_ack = 0
                heapq.heappush(events, (back.travel(now, ack), order, "ack", arrived))
                order += 1
        else:
            window += upto - acked
            acked = upto


def serve(port):
    with socket.create_server(("", port)) as listener:
        connection, _ = listener.accept()
        total = 0
        while data := connection.recv(1 << 20):
            total += len(data)
            last = time.monotonic_ns()
        print("received", total, last, flush=True)


def send(address, port, total):
    data = bytes(total)
    start = time.monotonic_ns()
    with socket.create_connection((address, port)) as connection:
        print("connected", start, time.monotonic_ns(), flush=True)
        connection.sendall(data)


def poll():
    start = time.monotonic_ns()
    while time.monotonic_ns() < start + 100000:
        pass
    clock = time.monotonic_ns() - start
    ours, theirs = socket.socketpair()
    if not os.fork():
        time.sleep(0.001)
        theirs.send(b"x")
        os._exit(0)
    ours.setblocking(False)
    start = time.monotonic_ns()
    while True:
        try:
            ours.recv(1)
            break
        except BlockingIOError:
            pass
    print("polled", clock, time.monotonic_ns() - start, flush=True)


def main():
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    elif sys.argv[1] == "send":
        send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "poll":
        poll()
    else:
        forward, back, total, mtu, timestamps, window = sys.argv[2:8]
        print(*expect(Path(forward), Path(back), int(total), int(mtu), timestamps == "true", int(window)))


main()
