# SPDX-License-Identifier: MIT
"""Means over replications with 95 % intervals, and paired comparisons of two strategies.

A value of each list is the figure of one replication (a seed): the mean over its jobs. Two strategies have the same jobs,
clients and nodes in a replication, so they are compared replication by replication. Intervals are Student's t.
"""
import math
from functools import lru_cache


def _fraction(a, b, x):
    """The continued fraction of the incomplete beta function (Lentz's method)."""
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    result = d
    for m in range(1, 500):
        for term in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + term / c
            c = c if abs(c) > tiny else tiny
            result *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return result


def beta(a, b, x):
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


@lru_cache(maxsize=None)
def t_quantile(freedom, probability=0.975):
    """Student's t: what is exceeded with 1 - probability, for probabilities above 0.5."""
    low, high = 0.0, 1.0
    above = lambda t: beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2 > 1 - probability
    while above(high):
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle) else (low, middle)
    return (low + high) / 2


def interval(values):
    """The mean, and half the width of its interval: None with one value."""
    n = len(values)
    mean = math.fsum(values) / n
    if n < 2:
        return mean, None
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    return mean, t_quantile(n - 1) * math.sqrt(variance / n)


class Estimate:
    """A value with the two ends of its interval; with one replication it has none, and decides nothing."""

    def __init__(self, value, low, high):
        self.value, self.low, self.high = value, low, high

    def decided(self):
        return self.low is not None

    def above(self, bound):
        return self.decided() and self.low > bound

    def below(self, bound):
        return self.decided() and self.high < bound


def difference(ones, others):
    """Of each replication one minus other."""
    mean, half = interval([a - b for a, b in zip(ones, others, strict=True)])
    return Estimate(mean, None, None) if half is None else Estimate(mean, mean - half, mean + half)


def ratio(ones, others):
    """The geometric mean of the replications' ratios, with the interval of their logarithms."""
    mean, half = interval([math.log(a / b) for a, b in zip(ones, others, strict=True)])
    if half is None:
        return Estimate(math.exp(mean), None, None)
    return Estimate(math.exp(mean), math.exp(mean - half), math.exp(mean + half))
