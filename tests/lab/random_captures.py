#!/usr/bin/env python3
"""Writes captures of made-up TCP connections, from fixed seeds: FOLDER COUNT.

The segments are chosen to be near every rule of tshark's analysis: sequence numbers at, before and behind the next one,
windows of 0, repeated acknowledgements, times near 3 ms and 20 ms that sometimes go back, SYNs again and with other
numbers. The packets come as Ethernet frames with tags, with IPv6 extension headers, as fragments (in any order, twice, or
not all of them), without a length in the IP header, cut, and in pcapng files with several kinds of interfaces.
"""
import random, struct, sys

SYN, FIN, RST, ACK = 2, 1, 4, 16
A4, B4, A6, B6 = b"\x0a\0\0\1", b"\x0a\0\0\2", bytes(15) + b"\1", bytes(15) + b"\2"
START = 1700000000 * 10**9
SCALES = [b"", b"\x03\x03\x07\0", b"\x03\x03\x02\x01", b"\x02\x04\x05\xb4\x01\x03\x03\x0f", b"\x03\x03\x00\0"]


class Connection:
    def __init__(self, r, number, steps):
        self.r, self.port, self.left, self.v6 = r, 20000 + number, steps, r.random() < 0.4
        self.first = [r.choice([0, 1, 2**32 - 3000, r.getrandbits(32)]), r.choice([1, 2**31 - 100, r.getrandbits(32)])]
        self.top, self.acked, self.window = list(self.first), list(self.first), [1000, 1000]
        self.handshake = r.random() < 0.7

    def segment(self, d, seq, ack, flags, window, length, options=b""):
        ports = (self.port, 9000) if d == 0 else (9000, self.port)
        end = seq + length + bool(flags & (SYN | FIN))
        if (end - self.top[d]) % 2**32 < 2**31:
            self.top[d] = end % 2**32
        if flags & ACK and (ack - self.acked[1 - d]) % 2**32 < 2**31:
            self.acked[1 - d] = ack % 2**32
        head = struct.pack("!HHIIBBHHH", *ports, seq % 2**32, ack % 2**32, (5 + len(options) // 4) << 4, flags, window, 0, 0)
        return d, self.v6, head + options + bytes(length)

    def begin(self):
        r, (mine, other) = self.r, self.first
        for _ in range(r.choice([1, 1, 1, 2])):
            yield self.segment(0, mine, 0, SYN, r.choice([1000, 0]), 0, r.choice(SCALES))
        if r.random() < 0.9:
            yield self.segment(1, other, mine + 1, SYN | ACK, 1000, 0, r.choice(SCALES))
        self.top, self.acked = [mine + 1, other + 1], [mine + 1, other + 1]
        if r.random() < 0.9:
            yield self.segment(0, mine + 1, other + 1, ACK, 1000, 0)

    def step(self):
        r, d = self.r, int(self.r.random() < 0.4)
        o, top, kind, options = 1 - d, self.top[d], self.r.random(), b""
        if r.random() < 0.1:
            self.window[d] = r.choice([0, 1, 500, 1000, 1000, 1000])
        length = r.choice([0, 0, 1, 1, 100, 500, 1000, 1400])
        seq = top
        if kind < 0.45:
            length = length or 1000
        elif kind < 0.55:
            seq = top + r.choice([1, 100, 500, 1000])
        elif kind < 0.65:
            seq = top - r.choice([1, 1, 1, 2, 100, 500, 1000, 1400])
        elif kind < 0.75:
            seq = self.acked[d]
        elif kind < 0.85:
            length = 0
        elif kind < 0.9:
            seq, length = top - 1, r.choice([0, 1, 1, 2])
        else:
            seq = top - r.randrange(3000)
        ack = r.choice([self.acked[o]] * 5 + [self.top[o]] * 3 + [self.top[o] + r.choice([1, 500, 1000]), self.top[o] - r.randrange(2000)])
        flags = ACK | FIN * (r.random() < 0.03) | RST * (r.random() < 0.02)
        if r.random() < 0.02:
            flags &= ~ACK
        if r.random() < 0.02:
            flags, options, length = r.choice([SYN, SYN | ACK]), r.choice(SCALES), r.choice([0, 0, 0, 10])
            seq = r.choice([self.first[d], self.first[d], seq, r.getrandbits(32)])
        yield self.segment(d, seq, ack, flags, self.window[d], length, options)
        if r.random() < 0.3:
            for _ in range(r.choice([1, 2, 3, 4])):
                yield self.segment(o, self.top[o], self.acked[d], ACK, self.window[o], 0)


def segments(r, connections, steps):
    """(time in ns, direction, IPv6, TCP header and payload), in the order of the capture."""
    live, now = [Connection(r, i, steps) for i in range(connections)], START
    while live:
        c = r.choice(live)
        c.left -= 1
        if c.left < 0:
            live.remove(c)
            continue
        parts, c.handshake = c.begin() if c.handshake else c.step(), False
        for d, v6, tcp in parts:
            now += int(1e9 * r.choice([1e-6, 1e-4, 1e-3, 2.9e-3, 3e-3, 0.01, 0.02, 0.03, 0.2]) * r.random() * (2 if r.random() < 0.1 else 0.2))
            if r.random() < 0.005:
                now -= int(5e8 * r.random())
            yield now, d, v6, tcp


def ip4(d, payload, ident, field=0, length=None):
    a, b = (B4, A4) if d else (A4, B4)
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload) if length is None else length, ident, field, 64, 6, 0) + a + b + payload


def ip6(d, payload, head=6, length=None):
    a, b = (B6, A6) if d else (A6, B6)
    return struct.pack("!IHBB", 6 << 28, len(payload) if length is None else length, head, 64) + a + b + payload


def plain(r, d, v6, tcp):
    return [ip6(d, tcp) if v6 else ip4(d, tcp, r.getrandbits(16))]


def without_length(r, d, v6, tcp):
    return [ip6(d, tcp, length=0) if v6 else ip4(d, tcp, r.getrandbits(16), length=0)]


def extended(r, d, v6, tcp):
    """Hop-by-hop and destination options, authentication, and a fragment header of a whole datagram."""
    headers, kinds = [], [0] + r.sample([60, 51, 44], r.randrange(4))
    for kind in kinds if r.random() < 0.8 else []:
        headers.append((kind, {0: bytes([0, 0, 1, 4]) + bytes(4), 60: bytes([0, 1, 1, 12]) + bytes(12), 51: bytes([0, 4]) + bytes(22),
                               44: bytes(4) + struct.pack("!I", r.getrandbits(32))}[kind]))
    if not v6:
        return plain(r, d, v6, tcp)
    data, after = tcp, 6
    for kind, header in reversed(headers):
        data, after = bytes([after]) + header[1:] + data, kind
    return [ip6(d, data, head=after)]


def fragmented(r, d, v6, tcp):
    if len(tcp) < 200 or r.random() < 0.3:
        return plain(r, d, v6, tcp)
    size, ident = r.choice([64, 200, 504, 1000]), r.getrandbits(16)
    pieces = []
    for at in range(0, len(tcp), size):
        more = at + size < len(tcp)
        if v6:
            pieces.append(ip6(d, struct.pack("!BBHI", 6, 0, at | more, ident) + tcp[at:at + size], head=44))
        else:
            pieces.append(ip4(d, tcp[at:at + size], ident, at // 8 | (0x2000 if more else 0)))
    if r.random() < 0.3:
        r.shuffle(pieces)
    if r.random() < 0.1:
        pieces.pop(r.randrange(len(pieces)))  # lost
    elif r.random() < 0.1:
        pieces.insert(r.randrange(len(pieces)), r.choice(pieces))  # twice
    return pieces


def ethernet(r, packet, tags=(), least=60):
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0"
    frame = bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]) + b"".join(struct.pack("!HH", t, v) for t, v in tags) + kind + packet
    return frame + bytes(max(0, least - len(frame)))


def tagged(r, packet):
    return ethernet(r, packet, [((0x8100, 5),), ((0x88A8, 7), (0x8100, 5)), ((0x9100, 7), (0x8100, 5)), ()][r.randrange(4)])


def cooked(r, packet):
    return bytes([0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]) + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0") + packet


def cooked2(r, packet):
    return (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0") + bytes([0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]) + packet


def loopback(r, packet):
    return struct.pack("<I", 30 if packet[0] >> 4 == 6 else 2) + packet


def raw(r, packet):
    return packet


# Link type, frame, option of the clock's resolution, units a second, seconds that the clock is behind.
INTERFACES = [(1, ethernet, 9, 10**9, 0), (113, cooked, 6, 10**6, 0), (101, raw, 0x80 | 20, 2**20, 1000000000), (0, loopback, 9, 10**9, 5),
              (276, cooked2, 7, 10**7, 0), (1, tagged, None, 10**6, 0)]


def write_pcap(name, packets, frame, r, cut=262144):
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for ns, packet in packets:
            data = frame(r, packet)
            f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, min(len(data), cut), len(data)) + data[:cut])


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))


def write_pcapng(name, packets, r, order):
    with open(name, "wb") as f:
        f.write(block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for link, _, resolution, _, behind in INTERFACES:
            options = b"" if resolution is None else struct.pack(order + "HHB3x", 9, 1, resolution)
            options += struct.pack(order + "HHq", 14, 8, behind) if behind else b""
            f.write(block(order, 1, struct.pack(order + "HHI", link, 0, 262144) + options + struct.pack(order + "HH", 0, 0)))
        for ns, packet in packets:
            i = r.randrange(len(INTERFACES))
            _, frame, _, units, behind = INTERFACES[i]
            at, data = (ns - behind * 10**9) * units // 10**9, frame(r, packet)
            f.write(block(order, 6, struct.pack(order + "IIIII", i, at >> 32, at % 2**32, len(data), len(data)) + data))
            if r.random() < 0.01:
                f.write(block(order, 5, struct.pack(order + "III", i, 0, 0)))  # statistics


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    kinds = ["plain", "tagged", "extended", "fragmented", "without_length", "cut", "pcapng", "pcapng_big"]
    for seed in range(count):
        kind, r = kinds[seed % len(kinds)], random.Random(seed)
        make = {"extended": extended, "fragmented": fragmented, "without_length": without_length}.get(kind, plain)
        packets = [(ns + i * 1000, p) for ns, d, v6, tcp in segments(r, 30, 60) for i, p in enumerate(make(r, d, v6, tcp))]
        name = f"{folder}/{seed}_{kind}.pcap"
        if kind.startswith("pcapng"):
            write_pcapng(name + "ng", packets, r, ">" if kind.endswith("big") else "<")
        elif kind == "without_length":  # Ethernet's padding would be payload then
            write_pcap(name, packets, lambda r, p: ethernet(r, p, least=0), r)
        else:
            write_pcap(name, packets, tagged if kind == "tagged" else ethernet, r, 100 if kind == "cut" else 262144)


main()
