#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tables.py SOURCE: the modules of tools/tables against known values."""
import math
import sys

sys.path.insert(0, f"{sys.argv[1]}/tools/tables")
import cells  # noqa: E402
import paired  # noqa: E402
import paper_figures  # noqa: E402
import paper_grid  # noqa: E402
import paper_page  # noqa: E402
import performance_page  # noqa: E402
import performance_profile  # noqa: E402
import performance_readme  # noqa: E402
import optimisations_grid  # noqa: E402
import optimisations_page  # noqa: E402
import prototype_draw  # noqa: E402
import prototype_page  # noqa: E402


def near(a, b, share=1e-6):
    assert abs(a - b) <= share * abs(b), (a, b)


def statistics():
    # Two-sided 95 % and 99 %, from tables.
    for freedom, value in ((1, 12.7062047), (2, 4.30265273), (4, 2.77644511), (9, 2.26215716), (19, 2.09302405), (1000, 1.96233908)):
        near(paired.t_quantile(freedom), value)
    near(paired.t_quantile(4, 0.995), 4.60409487)
    near(paired.beta(2, 3, 0.4), 0.5248)  # 1 - sum of binomials
    mean, half = paired.interval([1, 2, 3, 4, 5])
    near(mean, 3)
    near(half, 2.77644511 * math.sqrt(2.5 / 5))
    assert paired.interval([7]) == (7, None)
    e = paired.difference([5, 7, 9], [4, 5, 6])  # 1, 2, 3
    near(e.value, 2)
    near(e.high - e.value, 4.30265273 / math.sqrt(3))
    e = paired.ratio([2, 8], [1, 1])  # logarithms 1 and 3 in twos
    near(e.value, 4)
    near(math.log2(e.high), 2 + 12.7062047 * math.sqrt(2) / math.sqrt(2))
    # Pairing: seeds differ by far more than strategies do.
    a = [100, 1000, 10000]
    assert paired.ratio([1.1 * v for v in a], a).above(1.09)
    assert not paired.ratio([5], [1]).above(1), "one replication decides nothing"
    try:
        paired.difference([1, 2], [1])
        raise SystemExit("lists of two lengths are paired")
    except ValueError:
        pass
    near(cells.percentile([4, 1, 3, 2], 0.95), 3.85)
    assert cells.percentile([5], 0.5) == 5


def writing():
    assert paper_figures.number(1234.4) == "1234" and paper_figures.number(0.01234) == "0.012" and paper_figures.number(-3.456) == "-3.46"
    assert paper_figures.seeds_text([3, 1, 2, 7]) == "1–3, 7" and paper_figures.seeds_text([]) == "none"
    assert paper_figures.holds([True, True], [False, False]) is True
    assert paper_figures.holds([True, False], [False, True]) is False
    assert paper_figures.holds([True, False], [False, False]) is None
    said = paper_figures.cases({"a": True, "b": False, "c": None, "d": True}, "it")
    assert said == "It **holds** for a and d; it **does not hold** for b; it is **not decided** for c.", said
    assert paper_figures.cases({"a": False, "b": False}, "it") == "It **does not hold** in either case."
    assert "Nothing was run" in paper_figures.cases({}, "it")


def times_of_grids():
    rows = [{"section": "a", "seconds": "2.0"}, {"section": "a", "seconds": "4.0"}, {"section": "b", "seconds": ""}]
    assert paper_figures.seconds_of(rows, {"a": 10, "b": 5}) == ({"a": 3, "b": None}, None)
    rows.append({"section": "b", "seconds": "30"})
    means, total = paper_figures.seconds_of(rows, {"a": 10, "b": 5})
    assert means == {"a": 3, "b": 30} and total == 180 and paper_figures.minutes(total) == "2 min"  # two cores


def row(section, network, value, strategy, seed, net):
    """A cell whose delay is `net` us, in each chain."""
    r = {name: "0" for name in paper_grid.COLUMNS}
    r.update(section=section, case=network, value=value, strategy=strategy, seed=str(seed), jobs="300", traffic="100", wire="110",
             predicted_traffic="100", digest="")
    for name in ("response", "net", "predicted", "net_p95", "predicted_p95", "tcp_start"):
        r[name] = str(net * (1 + seed / 100))
    for chain in paper_grid.CHAINS:
        r.update({f"{chain}.{name}": r[name] for name in ("net", "predicted", "tcp_start")})
    return r


def words_follow(delays, expected):
    """A grid of one network with such delays of the three strategies."""
    rows = [row("procnet", "iiot", "", s, seed, net) for s, net in zip(paper_grid.THREE, delays) for seed in (1, 2, 3)]
    page = paper_page.page(rows)
    section = page[page.index("## The order of delay"):page.index("## Traffic")]
    assert expected in section, (expected, section)
    assert "In part" in page or "in part" in page


def pages():
    words_follow((300_000, 200_000, 100_000), "Packets.** That PureFaaS takes longer than StatePropagate and this longer than StateLocal **holds**.")
    words_follow((100_000, 200_000, 300_000), "longer than StateLocal **does not hold**.")
    words_follow((200_000, 200_000, 100_000), "longer than StateLocal is **not decided**.")
    # A rate at which PureFaaS is the faster.
    rows = [row("rates", "iiot", rate, s, seed, net * (2 if rate == "1Mbit" else 1) + seed)
            for rate in ("1Mbit", "100Mbit") for seed in (1, 2) for s, net in zip(paper_grid.THREE, (1000, 2000, 4000))]
    page = paper_page.page(rows)
    assert "That StateLocal's lead over PureFaaS in seconds is larger at the lowest rate than at the highest **does not hold**." in page, page
    # All columns are there, and a table has as many cells in each line.
    for line in page.splitlines():
        assert not line.startswith("|") or line.endswith("|"), line


def prototype():
    # StateLocal leads by 3000 us at 1 Mbit/s, and is behind at 100 Mbit/s; it has the same bytes as the others.
    times = {"1Mbit": (4000, 3000, 1000), "100Mbit": (1000, 3000, 1500)}
    rows = [row("400", "3 functions/6 states/10 kB", rate, s, seed, of + seed) for rate, delays in times.items() for seed in (1, 2, 3)
            for s, of in zip(prototype_page.THREE, delays)]
    page = prototype_page.page(rows)
    for words in ("- 400: that it is the fastest at every rate **does not hold**. UnchainedInClient is faster in 3 functions",
                  "- 400: that its lead over UnchainedInClient in seconds is larger at the lowest rate than at the highest **holds**.",
                  "- 400: that StateLocal has the fewest bytes at every rate is **not decided**."):
        assert words in page, (words, page)
    # Draws: each state has at least one user and fewer than all, and another seed is another draw.
    draws = prototype_draw.Draws("a")
    counts = [len(users) for _ in range(300) for users in prototype_draw.needs(draws, ["f", "g", "h"], 4).values()]
    assert set(counts) == {1, 2}, set(counts)
    assert sorted(prototype_draw.Draws("b").sample(range(9), 9)) == list(range(9))
    assert prototype_draw.chain(3, 6, 10000, 1) == prototype_draw.chain(3, 6, 10000, 1) != prototype_draw.chain(3, 6, 10000, 2)


def cells_of(section, subject, nodes="", jobs="", **quantities):
    """Figures of docs/performance-cells.csv; lists have a value a round."""
    return [{"section": section, "subject": subject, "nodes": str(nodes), "jobs": str(jobs), "round": str(turn), "quantity": q, "value": str(v)}
            for q, values in quantities.items() for turn, v in enumerate(values)]


def measured_page(*more, load=1):
    machine = {"processor": "P", "cores": 2, "kernel": "6", "load": load, "commit": "c", "before": "b", "ns3": "3.37", "ns3_optimized": "abc", "mininet": "2.3"}
    rows = [r for section in performance_page.MADE for r in cells_of("machine", section, **{k: [v] for k, v in machine.items()})]
    rows += [r for cells in more for r in cells]
    return performance_page.page(rows) + performance_readme.section(rows)


def performance():
    # A hop of 4 us, and 1 s of boot and building; a round that is slower by half keeps its pair.
    hops = [cells_of("hop", scenario, jobs=jobs, hops=[n, n], virtual_s=[9, 9], cpu_s=[1 + 4e-6 * n, 1.5 * (1 + 4e-6 * n)])
            for scenario in ("iiot", "urban") for jobs, n in ((50, 100_000), (300, 1_100_000))]
    assert "costs 5.00 [4.00, 6.00] µs, which is **0.20 million packet-hops" in measured_page(*hops), measured_page(*hops)

    assert "with other work on them" in measured_page(*hops, load=9) and "with other work" not in measured_page(*hops)

    def faster(ratio, all_now=5):
        """Boot and building take 1 s before and now, a packet-hop now 1 us. All strategies took 20 s before."""
        return measured_page(*(cells_of("before", who, jobs=jobs, hops=[n, n], cpu_s=[1 + r * 1e-6 * n, 2 * (1 + r * 1e-6 * n)])
                               for who, r in (("before", ratio), ("now", 1)) for jobs, n in ((50, 100_000), (300, 9_000_000))),
                             *(cells_of("before", f"{who}, bulk", hops=[5], cpu_s=[t, t]) for who, t in (("before", 3), ("now", 1))),
                             *(cells_of("before", who, jobs=300, hops=[9e6] * 2, wall_s=[t, 2 * t]) for who, t in (
                                 ("before, all", 20), ("now, all", all_now), ("now, one at a time", 10), ("now, PureFaaS", 5))))
    assert "costs 4.00 [4.00, 4.00] times less" in faster(4) and "| 5 | 3.00 [3.00, 3.00] | 1.00 [1.00, 1.00] | 3.00 [3.00, 3.00] |" in faster(4), faster(4)
    by_cpu = "By CPU time of IIoT with 300 jobs under StateLocal, the goal of 3.5 times is"
    assert f"{by_cpu} reached" in faster(3.8) and f"{by_cpu} **not reached**" in faster(3.7), faster(3.7)
    by_wall = "By wall time, on 2 cores, the goal of 3.5 times is"
    assert f"{by_wall} reached, and the goal of 1 million packet-hops a second is reached. They take 1.00" in faster(3), faster(3)
    assert f"{by_wall} **not reached**, and the goal of 1 million packet-hops a second is **not reached**" in faster(3, 7), faster(3, 7)
    assert "so the goal of at most 1.15 times" in faster(3, 5.7) and "so it is not shown that the goal of at most 1.15 times" in faster(3, 5.8), faster(3, 5.8)
    said = " ".join(faster(3).split())
    assert "moves 1.4 million packets over a link a second, 4.00 times as many as before" in said, said

    def transfers(debian, optimized):
        return measured_page(*(cells_of("transfer", s, cpu_s=[t, 2 * t], rss_kb=[9000] * 2, hops=[1e5] * 2, answer_s=[9, 9])
                               for s, t in (("sfemu", 2), ("sfemu, 1 KB", 1), ("ns-3, Debian", debian), ("ns-3, optimized", optimized))))
    page = transfers(16, 4)
    assert "ns-3 takes 16.0 times the CPU time (Debian's) or 4.00 times the CPU time (an optimized build)." in " ".join(page.split()), page
    assert "takes 8.00 [8.00, 8.00] times sfemu's CPU time, 16.0 [16.0, 16.0] times that of its packets" in page and "The goal of 15 times is reached." in page, page
    assert "The goal of 10 times is **not reached**." in page and "The goal of 15 times is **not reached**." in transfers(14, 11)

    def sizes(last):
        """10 000 nodes take so many seconds of `run`."""
        return measured_page(*(cells_of("scale", "iiot", n, 300, ready_wall_s=[1], run_s=[s], captured_s=[s], verify_s=[s], memory_mb=[100 + n / 4], place_s=[0.1], links_s=[0.1],
                                        links_of_s=[0.1], report_s=[0.1], tables_mb=[1], trace_mb=[1], page_mb=[1])
                               for n, s in ((100, 2), (1000, 10), (10000, last))))
    assert "Nothing is superlinear" in sizes(100) and "costs **10.0 ms** of CPU time" in sizes(100) and "**256 KB** of memory" in sizes(100), sizes(100)
    assert "**Superlinear** (more than 1.5 times the growth): `run` from 1000 nodes and 300 jobs to 10000 and 300 (10.0 to 151)" in sizes(151)
    assert "which is kept" in sizes(100) and "10000 nodes x 10000 jobs" in sizes(100)
    # Calls of other programs than the guest are not counted, nor is the word in a path.
    said = " linux (1), 9 events, 1.0%\n   ptrace  70  0 1.0\n   wait4  5  0 1.0\n sfemu (2), 9 events\n   wait4  38  0 1\n linux (3), 9 events\n   ptrace  30  1 2\n"
    assert performance_profile.called(said) == {"calls.ptrace": 100, "calls.wait4": 5}


def option_row(strategy, seed, response, **more):
    figures = {name: 0 for name in optimisations_grid.COLUMNS}
    figures.update(section="none", case="iiot", value="", strategy=strategy, seed=seed, response=response, predicted=response, **more)
    for chain, share in (("2–3", 0.5), ("10–12", more.get("grown", 4) / 2)):
        figures.update({f"{chain}.response": share * response, f"{chain}.predicted": {"2–3": 1, "10–12": 3}[chain]})
    return {name: str(figures[name]) for name in optimisations_grid.COLUMNS}


def optimisations():
    """Words follow the figures: a gain that is one, or none; a growth above and below that of the closed form; a bound."""
    def page(gain, grown, adaptive):
        rows = [option_row(s, seed, base + seed) for s, base in zip(paper_grid.THREE, (3e5, 2e5, 1e5)) for seed in (1, 2, 3)]
        rows += [option_row("StateLocal(fetch=parallel)", seed, 1e5 + seed - gain, grown=grown, **{"with": 5, "without": 2005}) for seed in (1, 2, 3)]
        rows += [option_row("Adaptive", seed, adaptive + seed, bound=9e4 + seed) for seed in (1, 2, 3)]
        return optimisations_page.page(rows)

    said = page(2000, 2, 9.1e4)
    assert "That an option makes StateLocal faster on iiot **holds**." in said, said
    assert "| StateLocal(fetch=parallel) | 98.0 | 2.00 [2.00 … 2.00] | 2.00 |" in said, said
    assert "it **does not hold** for Adaptive on iiot" in said and "**holds** for StateLocal(fetch=parallel) on iiot" in said, said
    assert "That Adaptive is at least as fast as the best fixed strategy **holds**." in said and "within 10 % of the bound **holds**." in said, said
    said = page(-2000, 8, 1.2e5)
    for claim in ("That an option makes StateLocal faster on iiot", "That Adaptive is at least as fast as the best fixed strategy",
                  "That Adaptive is within 10 % of the bound"):
        assert f"{claim} **does not hold**." in said, (claim, said)


statistics()
writing()
times_of_grids()
pages()
prototype()
performance()
optimisations()
print("statistics, words and pages are as they should be")
