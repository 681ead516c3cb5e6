#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sum_counts.py TO FROM...: sums the counts of kernels of one build, as gcc's -fprofile-use reads them.

FROM and TO are folders of .gcda files (gcc's gcov-io.h describes them). Functions that never ran are left out: gcc compiles them
as if there were no profile. The kernel writes no summary, without which gcc takes every function for cold: each file gets one.
"""
import os
import struct
import sys

MAGIC = 0x67636461  # "gcda", in the order of the machine that wrote it
FUNCTION, ARCS, SUMMARY = 0x01000000, 0x01A10000, 0xA1000000
HEADER = struct.Struct("<4I")  # magic, version of gcc, stamp, checksum
RECORD = struct.Struct("<Ii")  # tag, length in bytes; that of counts which are all zero is negative
NAME = struct.Struct("<3I")  # a function's number, and checksums of its lines and of its branches


def read(path):
    """The header, and the counts by the function's name."""
    with open(path, "rb") as f:
        data = f.read()
    if len(data) < HEADER.size or HEADER.unpack_from(data)[0] != MAGIC:
        sys.exit(f"{path}: not a file of counts of this machine")
    header, at, name, counts = HEADER.unpack_from(data), HEADER.size, None, {}
    while at < len(data) and data[at:at + 4] != bytes(4):
        if at + RECORD.size > len(data):
            sys.exit(f"{path}: it is not whole")
        tag, size = RECORD.unpack_from(data, at)
        at += RECORD.size
        if at + max(size, 0) > len(data):
            sys.exit(f"{path}: it is not whole")
        if tag == FUNCTION:
            name = NAME.unpack_from(data, at) if size else None
        elif tag == ARCS and name and size > 0:
            counts[name] = struct.unpack_from(f"<{size // 8}q", data, at)
        elif tag not in (ARCS, SUMMARY):
            sys.exit(f"{path}: a record {tag:#x} is not known; which gcc wrote it?")
        at += max(size, 0)
    return header, counts


def main(to, *folders):
    headers, total = {}, {}
    for folder in folders:
        for at, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(at, name)
                header, counts = read(path)
                key = os.path.relpath(path, folder)
                if headers.setdefault(key, header) != header:
                    sys.exit(f"{path}: of another build")
                of = total.setdefault(key, {})
                for function, values in counts.items():
                    of[function] = [a + b for a, b in zip(of.get(function, [0] * len(values)), values)]
    ran = {key: {f: v for f, v in of.items() if any(v)} for key, of in total.items()}
    most = max((max(v) for of in ran.values() for v in of.values()), default=0)
    if not most:
        sys.exit("nothing was counted")
    for key in sorted(k for k, of in ran.items() if of):
        path = os.path.join(to, key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(HEADER.pack(*headers[key]) + RECORD.pack(SUMMARY, 8) + struct.pack("<2I", len(folders), min(most, 0xFFFFFFFF)))
            for function, values in ran[key].items():
                f.write(RECORD.pack(FUNCTION, NAME.size) + NAME.pack(*function))
                f.write(RECORD.pack(ARCS, 8 * len(values)) + struct.pack(f"<{len(values)}q", *values))
            f.write(bytes(4))


main(*sys.argv[1:])
