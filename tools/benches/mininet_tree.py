#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""mininet_tree.py N: Mininet builds a tree of N hosts, each a namespace, with N - 1 unshaped cables and an address a host, and
removes it. Prints the seconds of building and of removing. There is no switch and no controller. Needs Debian's package mininet and
its Python.

Settings of the machine stay as they are: Mininet's own start would change net.ipv4.tcp_rmem and others of the host for good."""
import resource
import sys
import time

from mininet.net import Mininet

CHILDREN = 8  # of a host


def main(n):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Mininet.inited = True  # of its start only the limit of files is needed
    begin = time.monotonic()
    net = Mininet(controller=None)
    hosts = [net.addHost(f"h{i}") for i in range(n)]
    for i in range(1, n):
        net.addLink(hosts[i], hosts[(i - 1) // CHILDREN])
    net.start()
    built = time.monotonic()
    net.stop()
    print(f"{built - begin:.3f} {time.monotonic() - built:.3f}")


if len(sys.argv) != 2 or not sys.argv[1].isdecimal() or int(sys.argv[1]) < 2:
    sys.exit("usage: mininet_tree.py N, at least 2")
main(int(sys.argv[1]))
