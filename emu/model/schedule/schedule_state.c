/* SPDX-License-Identifier: MIT */
/*
 * The present state of links and nodes. It is computed from their own state and the active faults,
 * so the order in which faults end does not matter.
 */
#include <stdio.h>

#include "emu/model/schedule/schedule_player.h"

#define MIN_RATE_BPS 1000u

/* Adds a delay to a law. A law that cannot be shifted is replaced by its mean during the fault. */
static void add_delay(struct sfe_delay *d, uint64_t extra_ns)
{
	switch (d->law) {
	case SFE_DELAY_UNIFORM:
		d->b_ns += extra_ns;
		break;
	case SFE_DELAY_CONSTANT:
	case SFE_DELAY_NORMAL:
	case SFE_DELAY_LOGNORMAL:
		break;
	default:
		*d = (struct sfe_delay){.law = SFE_DELAY_CONSTANT,
			.a_ns = d->law == SFE_DELAY_NONE ? 0 : (uint64_t)sfe_delay_mean(d)};
	}
	d->a_ns += extra_ns;
	if (d->a_ns > SFE_MAX_DELAY_NS)
		d->a_ns = SFE_MAX_DELAY_NS;
	if (d->law == SFE_DELAY_UNIFORM && d->b_ns > SFE_MAX_DELAY_NS)
		d->b_ns = SFE_MAX_DELAY_NS;
}

/* Combines two losses: a packet must survive both. Burst models become random losses during the
 * fault. A packet list continues by itself. */
static void add_loss(struct sfe_loss *loss, double share)
{
	double own = loss->model == SFE_LOSS_PACKET_LIST ? 0 : sfe_loss_mean(loss);

	*loss = (struct sfe_loss){.model = SFE_LOSS_RANDOM,
		.p = {1 - (1 - own) * (1 - share)},
		.packets = loss->packets};
}

/* Reduces the rate, but not below what the queue needs to hold a packet. */
static void cut_rate(struct sfe_link_spec *spec, double share, uint32_t mtu)
{
	uint64_t whole = spec->rate_bps;
	const char *attribute;

	if (!whole)
		return;
	spec->rate_bps = (uint64_t)((double)whole * share);
	if (spec->rate_bps < MIN_RATE_BPS)
		spec->rate_bps = MIN_RATE_BPS;
	while (spec->rate_bps < whole && sfe_link_check(spec, mtu, &attribute, NULL))
		spec->rate_bps *= 2;
	if (spec->rate_bps > whole)
		spec->rate_bps = whole;
}

/* The k-th active fault. */
static const struct sfe_fault *active(const struct sfe_player *p, uint32_t k)
{
	return &p->cursor[p->active[k].entry].chaos.faults.fault[p->active[k].fault];
}

struct sfe_link_spec sfe_player_effective_spec(const struct sfe_player *p, uint32_t i)
{
	struct sfe_link_spec spec = p->spec[i];
	bool down = p->down[i];
	double rate = 1;

	for (uint32_t k = 0; k < p->n_active; k++) {
		const struct sfe_fault *f = active(p, k);
		if (f->link != i / SFE_DIRECTIONS || !f->direction[i % SFE_DIRECTIONS])
			continue;
		down |= f->kind == SFE_FAULT_DOWN;
		if (f->kind == SFE_FAULT_RATE && f->share < rate)
			rate = f->share;
		if (f->kind == SFE_FAULT_DELAY)
			add_delay(&spec.delay, f->extra_ns);
		if (f->kind == SFE_FAULT_LOSS)
			add_loss(&spec.loss, f->share);
	}
	if (rate < 1)
		cut_rate(&spec, rate, p->links.mtu);
	if (down)
		spec.loss = (struct sfe_loss){
			.model = SFE_LOSS_RANDOM, .p = {1}, .packets = spec.loss.packets};
	return spec;
}

bool sfe_player_crashed(const struct sfe_player *p, uint32_t node)
{
	bool crashed = p->crashed[node];

	for (uint32_t k = 0; k < p->n_active; k++)
		crashed |= active(p, k)->kind == SFE_FAULT_CRASH && active(p, k)->node == node;
	return crashed;
}

const bool *sfe_player_partition(const struct sfe_player *p)
{
	const bool *partition = p->partitioned ? p->partition : NULL;

	for (uint32_t k = 0; k < p->n_active; k++)
		if (active(p, k)->kind == SFE_FAULT_PARTITION)
			partition = active(p, k)->set;
	return partition;
}

void sfe_player_describe_crash(
	const struct sfe_player *p, uint32_t node, bool before, struct sfe_schedule_change *out)
{
	bool crash = out->act == SFE_SCHEDULE_CRASH, now = sfe_player_crashed(p, node);

	out->node = node;
	out->already = before == now;
	snprintf(out->what, sizeof(out->what), "%s%s", crash ? "crash" : "restart",
		!out->already ? ""
		: crash       ? ": is down already"
		: now         ? ": stays down"
			      : ": is up already");
}

bool sfe_player_direction_exists(const struct sfe_player *p, uint32_t l, int direction)
{
	uint32_t i = SFE_DIRECTIONS * l + (uint32_t)direction;

	return p->links.present[i] &&
	       !(direction == SFE_DOWN && p->links.link[l].kind == SFE_LINK_SHARED &&
		       !p->spec[i].full_duplex);
}

bool sfe_player_selects(
	const struct sfe_player *p, const struct sfe_link_rule *rule, uint32_t l, int direction)
{
	const struct sfe_link *link = &p->links.link[l];

	return sfe_player_direction_exists(p, l, direction) &&
	       sfe_link_rule_matches(
		       rule, link->name, link->kind, (enum sfe_link_direction)direction);
}
