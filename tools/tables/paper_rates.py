# SPDX-License-Identifier: MIT
"""The section on rates of docs/paper.md: links of 1 to 100 Mbit/s, with the placement frozen and without."""
from paired import difference
from paper_figures import decide, estimate, ms, number, seeds_text, table
from paper_grid import NETWORKS, THREE

RATES = ("1Mbit", "2Mbit", "5Mbit", "10Mbit", "20Mbit", "50Mbit", "100Mbit")


def there(f, section, network):
    return [r for r in RATES if f.seeds((section, network, r), THREE)]


def lines_of(f, section):
    lines = []
    for network in NETWORKS:
        for rate in there(f, section, network):
            group = (section, network, rate)
            lead = f.difference(group, "PureFaaS", "StateLocal", "net")
            share = f.mean(group, "StateLocal", "local") / f.mean(group, "StateLocal", "jobs")
            closed = f.ratio(group, "PureFaaS", "StateLocal", "predicted")
            lines.append((network, rate, seeds_text(f.seeds(group, THREE)), estimate(f.ratio(group, "PureFaaS", "StateLocal", "traffic")),
                          f"{100 * share:.0f} %", " / ".join(ms(f.mean(group, s, "net")) for s in THREE), estimate(lead, 1e-6),
                          number(closed.value if closed else None), estimate(f.ratio(group, "PureFaaS", "StateLocal", "net")),
                          estimate(f.ratio(group, "StatePropagate", "StateLocal", "net"))))
    return table(("network", "rate of all links", "seeds", "traffic, PureFaaS : StateLocal", "jobs without network",
                  "packets: PureFaaS / StatePropagate / StateLocal (ms)", "lead: PureFaaS − StateLocal (s)",
                  "closed form, PureFaaS : StateLocal", "packets, PureFaaS : StateLocal", "StatePropagate : StateLocal"), lines)


def findings(f, section):
    """Less traffic at every rate; a lead in seconds, and in proportion, that is largest at the lowest rate."""
    traffic, seconds, proportion = {}, {}, {}
    for network in NETWORKS:
        rates = there(f, section, network)
        for r in rates:
            traffic[f"{network} at {r}"] = decide(f.ratio((section, network, r), "PureFaaS", "StateLocal", "traffic"))
        if len(rates) > 1:
            low, high = (section, network, rates[0]), (section, network, rates[-1])
            seeds = sorted(set(f.seeds(low, THREE)) & set(f.seeds(high, THREE)))
            leads = [[f.at(g, "PureFaaS", s, "net") - f.at(g, "StateLocal", s, "net") for s in seeds] for g in (low, high)]
            seconds[network] = decide(difference(*leads), 0)
            proportion[network] = decide(f.change(low, high, "PureFaaS", "StateLocal", "net"))
    return traffic, seconds, proportion


def said(f, traffic, seconds, proportion, where):
    return " ".join((f.claim(compact(traffic), f"that StateLocal has less traffic than PureFaaS at every rate{where}"),
                     f.claim(seconds, f"that StateLocal's lead over PureFaaS in seconds is larger at the lowest rate than at the highest{where}"),
                     f.claim(proportion, f"that the ratio PureFaaS : StateLocal is larger at the lowest rate{where}")))


def why(f):
    """What does not depend on the rate, at the lowest and at the highest one."""
    words = []
    for network in NETWORKS:
        rates = there(f, "rates", network)
        if len(rates) < 2:
            continue
        share, spent = {}, []
        for s in ("PureFaaS", "StateLocal"):
            for r in (rates[0], rates[-1]):
                group = ("rates", network, r)
                spent.append(f.mean(group, s, "tcp_start") + f.mean(group, s, "propagation"))
                share[s, r] = 100 * spent[-1] / f.mean(group, s, "net")
        low, high = share["StateLocal", rates[0]], share["StateLocal", rates[-1]]
        words.append(f"- {network}: TCP's start and propagation are {low:.1f} % of StateLocal's delay at {rates[0]} and {high:.1f} % at {rates[-1]} "
                     f"(PureFaaS: {share['PureFaaS', rates[0]]:.1f} % and {share['PureFaaS', rates[-1]]:.1f} %). "
                     + ("They do not shrink as links get faster, while the time of the bytes does." if spent[3] >= spent[2]
                        else f"In ms they shrink, from {ms(spent[2])} to {ms(spent[3])}."))
    return words


def anew(f):
    """What changes when each rate has a placement of its own."""
    words = []
    for network in NETWORKS:
        rates = there(f, "rates-free", network)
        if not rates:
            continue
        low, high = ("rates-free", network, rates[0]), ("rates-free", network, rates[-1])
        share = [round(100 * f.mean(g, "StateLocal", "local") / f.mean(g, "StateLocal", "jobs")) for g in (low, high)]
        kept = ("ProcNet keeps more work with the client where links are slow" if share[0] > share[1] else
                "ProcNet keeps less work with the client where links are slow" if share[0] < share[1] else
                "ProcNet keeps as much work with the client at both")
        words.append(f"- {network}: nothing crosses the network in {share[0]} % of the jobs at {rates[0]} and in {share[1]} % at {rates[-1]}: {kept}."
                     + beside_frozen(f, network, rates[0]))
    return words


def beside_frozen(f, network, rate):
    """The delays at one rate with both placements, over the replications that have both."""
    free, frozen = ("rates-free", network, rate), ("rates", network, rate)
    seeds = sorted(set(f.seeds(free, THREE)) & set(f.seeds(frozen, THREE)))
    if not seeds:
        return ""
    said = []
    for s in THREE:
        means = [sum(f.values(g, s, "net", seeds)) / len(seeds) for g in (free, frozen)]
        said.append(f"{s} takes {ms(means[0])} ms instead of {ms(means[1])} ms")
    return f" At {rate}, {', '.join(said)} with the frozen placement (seeds {seeds_text(seeds)})."


def rates(f):
    traffic, seconds, proportion = findings(f, "rates")
    text = ["## Slow links", "",
            "**Paper.** Data locality cuts traffic at every rate, and improves the delay most where links are slow. (The paper shows it on its "
            "prototype, with all links at 1 to 100 Mbit/s and jobs one after the other; [prototype.md](prototype.md) is about that network.) Here all links of the two networks "
            "have these rates, jobs run one after the other, queues hold 1000 packets, and **every invocation stays where the topology's own rates "
            "place it**.", "", *(["![Network delay over the rate of all links, packets](paper-rates.svg)", ""] if there(f, "rates", "iiot") else []),
            lines_of(f, "rates"),
            f"**Packets.** {said(f, traffic, seconds, proportion, '')}", "", *why(f)]
    if any(there(f, "rates-free", n) for n in NETWORKS):
        traffic, seconds, proportion = findings(f, "rates-free")
        text += ["", "### Placed anew at each rate", "",
                 "`placement.frozen` is false here, so ProcNet weighs each rate before it places, and the work that crosses the network differs from "
                 "row to row.", "", lines_of(f, "rates-free"), *anew(f), "",
                 f"**Packets.** {said(f, traffic, seconds, proportion, ', placed anew at each rate,')}"]
    return text


def compact(found):
    """If all rates of a network agree, the network stands for them."""
    out = {}
    for network in NETWORKS:
        of = {c: a for c, a in found.items() if c.startswith(network)}
        out.update({network: next(iter(of.values()))} if len(set(of.values())) == 1 else of)
    return out
