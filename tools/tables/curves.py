# SPDX-License-Identifier: MIT
"""Curves as SVG: small multiples beside each other, both axes logarithmic, a line for each strategy with its intervals."""
import math
from xml.sax.saxutils import escape

# Colours that people with colour blindness can tell apart (Okabe and Ito), and a mark each.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
WIDTH, HEIGHT, LEFT, TOP, GAP, BOTTOM = 230, 190, 62, 46, 66, 44


def ticks(low, high):
    """1, 2 and 5 times powers of ten within the limits; powers alone if these are many."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1,) if math.log10(high / low) > 1.7 else (1, 2, 5)
    return [s * 10.0 ** d for d in decades for s in steps if low <= s * 10.0 ** d <= high]


def limits(values):
    return min(values) / 1.15, max(values) * 1.15


def panel(left, title, lines, x_limits, y_limits):
    """One small multiple: {strategy: [(x, y, low or None, high or None)]}."""
    def x_of(v):
        return left + WIDTH * math.log(v / x_limits[0]) / math.log(x_limits[1] / x_limits[0])

    def y_of(v):
        return TOP + HEIGHT - HEIGHT * math.log(v / y_limits[0]) / math.log(y_limits[1] / y_limits[0])

    out = [f'<text x="{left}" y="{TOP - 8}" font-weight="bold">{escape(title)}</text>',
           f'<rect x="{left}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>']
    for v in ticks(*x_limits):
        out.append(f'<text x="{x_of(v):.1f}" y="{TOP + HEIGHT + 15}" text-anchor="middle">{v:g}</text>')
    for v in ticks(*y_limits):
        out.append(f'<path d="M{left} {y_of(v):.1f}h{WIDTH}" stroke="#ddd"/>'
                   f'<text x="{left - 5}" y="{y_of(v) + 4:.1f}" text-anchor="end">{v:g}</text>')
    for colour, points in zip(COLOURS, lines.values()):
        out.append(f'<path d="M{"L".join(f"{x_of(x):.1f} {y_of(y):.1f}" for x, y, _, _ in points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y, low, high in points:
            out.append(f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3" fill="{colour}"/>')
            if low is not None and low > 0:
                ends = [min(max(y_of(v), TOP), TOP + HEIGHT) for v in (low, high)]
                out.append(f'<path d="M{x_of(x):.1f} {ends[0]:.1f}V{ends[1]:.1f}" stroke="{colour}"/>')
    return out


def picture(panels, x_label, y_label):
    """{title: {strategy: points}}; all panels have the same axes."""
    points = [p for lines in panels.values() for of in lines.values() for p in of]
    x_limits, y_limits = limits([p[0] for p in points]), limits([p[1] for p in points])
    width, height = LEFT + len(panels) * (WIDTH + GAP), TOP + HEIGHT + BOTTOM
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="11">', f'<rect width="{width}" height="{height}" fill="#fff"/>']
    at = LEFT
    for colour, name in zip(COLOURS, next(iter(panels.values()))):
        out.append(f'<circle cx="{at}" cy="14" r="4" fill="{colour}"/><text x="{at + 9}" y="18">{escape(name)}</text>')
        at += 30 + 7 * len(name)
    for i, (title, lines) in enumerate(panels.items()):
        out += panel(LEFT + i * (WIDTH + GAP), title, lines, x_limits, y_limits)
    out += [f'<text x="{LEFT}" y="{height - 8}">{escape(x_label)}</text>',
            f'<text x="14" y="{TOP + HEIGHT / 2}" transform="rotate(-90 14 {TOP + HEIGHT / 2})" text-anchor="middle">{escape(y_label)}</text>', "</svg>"]
    return "\n".join(out) + "\n"
