#!/usr/bin/env python3
"""A stream of small UDP packets: stream.py send HOST PORT COUNT PERIOD_US AT_S, stream.py serve PORT COUNT FILE.

The server writes a line for each packet that arrives: number, when it was sent, when it was received (ns of the
guest's clock, which all nodes share, and which AT_S is of; 0: now). It ends when the last packet is there, or at SIGINT.
"""
import signal
import socket
import sys
import time


def send(host, port, count, period_us, at_s):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    start = int(at_s * 1e9) or time.monotonic_ns()
    for i in range(count):
        left = start + i * period_us * 1000 - time.monotonic_ns()
        if left > 0:
            time.sleep(left / 1e9)
        s.sendto(f"{i} {time.monotonic_ns()}".encode().ljust(100), (host, port))


def serve(port, count, file):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.bind(("", port))
    with open(file, "w") as out:
        number = -1
        while number < count - 1:
            number, sent = map(int, s.recv(2000).split())
            print(number, sent, time.monotonic_ns(), file=out)


signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
if sys.argv[1] == "send":
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6]))
else:
    serve(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
