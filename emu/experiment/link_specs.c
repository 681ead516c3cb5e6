/* SPDX-License-Identifier: MIT */
#include "emu/experiment/link_specs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/cloud.h"

#define MAX_COMPARISONS 20000000u /* of an element of links with a link: seconds */
#define MIN_RATE_BPS 1e3
#define MAX_RATE_BPS 1e11

/* Sets a link from its kind's keys and its row in the topology. */
static int from_topology(const struct sfe_scenario *s, const struct sfe_link *l,
	struct sfe_link_spec *spec, struct sfe_error *err)
{
	double rate_bps = l->capacity_mbps * 1e6;

	if (sfe_cloud_has_link(s, l->name)) {
		*spec = s->cloud.link;
		return 0;
	}
	*spec = s->link[l->kind];
	if (l->latency.law != SFE_DELAY_NONE)
		spec->delay = l->latency;
	if (spec->rate_bps)
		return 0;
	/* The range of link.*.rate: netem counts whole bytes per second, and 0 would mean no
	 * limit. */
	if (!(rate_bps >= MIN_RATE_BPS && rate_bps <= MAX_RATE_BPS))
		return sfe_fail(err, -EINVAL, s->topology.links ? s->topology.links : "topology",
			"write a capacity from 0.001 to 100000 Mb/s, or set link.KIND.rate",
			"link %s has %g Mb/s, which no emulated link can have", l->name,
			l->capacity_mbps);
	spec->rate_bps = (uint64_t)(rate_bps + 0.5);
	return 0;
}

bool *sfe_links_directions(const struct sfe_plan *p)
{
	const struct sfe_topology *t = p->topology;
	bool *present = calloc(SFE_DIRECTIONS * (size_t)t->n_links + 1, sizeof(*present));

	for (uint32_t c = 0; present && c < p->n_cables; c++)
		for (int side = 0; side < 2; side++) {
			const struct sfe_cable_end *end = &p->cables[c].end[side];
			if (end->link != SFE_NONE)
				present[SFE_DIRECTIONS * end->link +
					sfe_plan_direction(p, end->link, end->host,
						p->cables[c].end[1 - side].host)] = true;
		}
	for (uint32_t l = 0; present && l < t->n_links; l++)
		if (t->links[l].kind == SFE_LINK_SHARED)
			present[SFE_DIRECTIONS * l] = present[SFE_DIRECTIONS * l + 1] = true;
	return present;
}

static int fail_rule(const struct sfe_link_rule *rule, const char *todo, struct sfe_error *err,
	const char *what, const char *name)
{
	return sfe_fail_at(err, -EINVAL, rule->file, rule->line, todo, "links: %s%s", what, name);
}

static int apply_rules(const struct sfe_scenario *s, const struct sfe_link *l, int direction,
	struct sfe_link_spec *spec, bool *used, struct sfe_error *err)
{
	struct sfe_link_files files = s->files; /* all files are loaded: none is added */
	int r = 0;

	for (uint32_t i = 0; i < s->links.n && !r; i++) {
		const struct sfe_link_rule *rule = &s->links.rule[i];
		if (!sfe_link_rule_matches(
			    rule, l->name, l->kind, (enum sfe_link_direction)direction))
			continue;
		used[i] = true;
		r = sfe_link_rule_apply(rule, &files, spec, err);
	}
	return r;
}

static bool is_of_medium(const char *attribute)
{
	return !strcmp(attribute, "medium") || !strcmp(attribute, "duplex") ||
	       !strcmp(attribute, "discipline");
}

/* The last element of links: that sets medium, duplex or discipline of a link; NULL: none. */
static const struct sfe_link_rule *sets_medium(
	const struct sfe_scenario *s, const struct sfe_link *l, int direction)
{
	for (uint32_t i = s->links.n; i-- > 0;) {
		const struct sfe_link_rule *rule = &s->links.rule[i];
		for (uint32_t k = 0; k < rule->n; k++)
			if (is_of_medium(rule->set[k].attribute->name) &&
				sfe_link_rule_matches(
					rule, l->name, l->kind, (enum sfe_link_direction)direction))
				return rule;
	}
	return NULL;
}

/* Refuses what no medium is, and media of links that are not shared, where they were set. */
static int check_medium(const struct sfe_scenario *s, const struct sfe_link *l, int direction,
	const struct sfe_link_spec *spec, struct sfe_error *err)
{
	const struct sfe_link_rule *rule = sets_medium(s, l, direction);
	struct sfe_error cause = {0};
	const char *attribute = spec->medium == SFE_MEDIUM_FIFO ? "duplex" : "medium";
	int r = 0;

	if (l->kind == SFE_LINK_SHARED)
		r = sfe_link_check_medium(spec, &attribute, &cause);
	else if (spec->medium != SFE_MEDIUM_FIFO)
		r = sfe_fail(&cause, -EINVAL, NULL, "leave it out",
			"only a shared link is a medium of several stations");
	else if (spec->full_duplex)
		r = sfe_fail(&cause, -EINVAL, NULL, "leave it out",
			"only a shared link may be half or full duplex; others are full");
	if (!r)
		return 0;
	return rule ? sfe_fail_at(err, r, rule->file, rule->line, cause.todo, "link %s: %s: %s",
			      l->name, attribute, cause.what)
		    : sfe_fail(err, r, l->name, cause.todo, "%s: %s", attribute, cause.what);
}

static int check_link(const struct sfe_scenario *s, const struct sfe_link *l,
	const struct sfe_link_spec *two, const bool *present, struct sfe_error *err)
{
	char where[SFE_MAX_NAME + 32];
	struct sfe_error cause = {0};
	const char *attribute;

	snprintf(where, sizeof(where), "link %s", l->name);
	for (int d = 0; d < SFE_DIRECTIONS; d++)
		if (present[d] && check_medium(s, l, d, &two[d], err))
			return -EINVAL;
	for (int d = 0; d < SFE_DIRECTIONS; d++)
		if (present[d] && sfe_link_check(&two[d], s->tcp.mtu, &attribute, &cause))
			return sfe_fail(
				err, -EINVAL, where, cause.todo, "%s: %s", attribute, cause.what);
	if (l->kind == SFE_LINK_SHARED && two[0].full_duplex != two[1].full_duplex)
		return sfe_fail(err, -EINVAL, where, "set it for both directions",
			"duplex: is not the same in both directions");
	if (l->kind == SFE_LINK_SHARED && two[0].mtu != two[1].mtu)
		return sfe_fail(err, -EINVAL, where, "set it for both directions",
			"mtu: of a shared link is not the same in both directions");
	return 0;
}

/* Refuses rules for one direction of a medium with a single queue. */
static int check_rules(const struct sfe_scenario *s, const struct sfe_topology *t,
	const struct sfe_link_spec *link, const bool *used, struct sfe_error *err)
{
	for (uint32_t i = 0; i < s->links.n; i++) {
		const struct sfe_link_rule *rule = &s->links.rule[i];
		if (!used[i])
			return fail_rule(rule, "`sfemu topology dot` has the links' names", err,
				"no link matches this element",
				rule->direction == SFE_ANY ? "" : " in that direction");
		for (uint32_t l = 0; l < t->n_links && rule->direction != SFE_ANY; l++)
			if (t->links[l].kind == SFE_LINK_SHARED &&
				!link[SFE_DIRECTIONS * l].full_duplex &&
				sfe_link_rule_matches(rule, t->links[l].name, t->links[l].kind,
					(enum sfe_link_direction)rule->direction))
				return fail_rule(rule,
					"leave the direction out, or set duplex: full", err,
					"half duplex has one queue for both directions: ",
					t->links[l].name);
	}
	return 0;
}

/* The schedule's element that sets a packet-list loss on the link; NULL: none. */
static const struct sfe_link_rule *lists_later(
	const struct sfe_schedule *schedule, const struct sfe_link *l, int direction)
{
	for (uint32_t i = 0; i < schedule->n; i++) {
		const struct sfe_link_rule *rule = &schedule->entry[i].rule;
		for (uint32_t k = 0; k < rule->n; k++)
			if (!strncmp(rule->set[k].text, "packets ", strlen("packets ")) &&
				sfe_link_rule_matches(
					rule, l->name, l->kind, (enum sfe_link_direction)direction))
				return rule;
	}
	return NULL;
}

static bool redirects_out(const struct sfe_link_spec *medium)
{
	return medium->full_duplex || sfe_link_is_managed(medium);
}

/* Packets from a full-duplex or managed medium have passed one redirection already; they bypass
 * what a link does before its netem. */
static int check_after_medium(const struct sfe_scenario *s, const struct sfe_plan *p,
	const struct sfe_link_spec *link, struct sfe_error *err)
{
	const struct sfe_topology *t = p->topology;

	for (uint32_t c = 0; c < p->n_cables; c++)
		for (int side = 0; side < SFE_DIRECTIONS; side++) {
			const struct sfe_cable_end *from = &p->cables[c].end[side];
			uint32_t to = p->cables[c].end[1 - side].host;
			if (from->link == SFE_NONE || p->hosts[from->host].kind != SFE_HOST_MEDIUM)
				continue;
			uint32_t medium = p->hosts[from->host].vertex - t->n_nodes;
			int d = sfe_plan_direction(p, from->link, from->host, to);
			const struct sfe_link_spec *own =
				&link[SFE_DIRECTIONS * from->link + (uint32_t)d];
			if (!redirects_out(&link[SFE_DIRECTIONS * medium]))
				continue;
			if (own->discipline != SFE_DROP_TAIL)
				return sfe_fail(err, -EINVAL, t->links[from->link].name,
					"write droptail for that direction, or half duplex and "
					"droptail for the medium",
					"discipline: its queue out of a medium of full duplex or "
					"with a managed queue (%s) cannot be managed",
					t->links[medium].name);
			const struct sfe_link_rule *later =
				lists_later(&s->schedule, &t->links[from->link], d);
			if (later)
				return sfe_fail_at(err, -EINVAL, later->file, later->line,
					"give the list to the medium",
					"schedule: loss: out of a medium of full duplex or with a "
					"managed queue (%s) the packets of %s are not counted",
					t->links[medium].name, t->links[from->link].name);
			if (own->loss.packets)
				return sfe_fail(err, -EINVAL, t->links[from->link].name,
					"give the list to the medium, or half duplex and droptail "
					"to the medium",
					"loss: out of a medium of full duplex or with a managed "
					"queue (%s) its packets are not counted",
					t->links[medium].name);
		}
	return 0;
}

static int resolve(const struct sfe_scenario *s, const struct sfe_plan *plan, const bool *present,
	bool *used, struct sfe_link_spec *link, struct sfe_error *err)
{
	const struct sfe_topology *t = plan->topology;
	int r = 0;

	if ((uint64_t)s->links.n * t->n_links > MAX_COMPARISONS)
		return sfe_fail(err, -E2BIG, "links", "use patterns, or a smaller network",
			"%u elements for %u links are more work than a scenario may make",
			s->links.n, t->n_links);
	for (uint32_t l = 0; l < t->n_links && !r; l++) {
		struct sfe_link_spec *two = &link[SFE_DIRECTIONS * l];
		for (int d = 0; d < SFE_DIRECTIONS && !r; d++) {
			r = from_topology(s, &t->links[l], &two[d], err);
			if (!r && present[SFE_DIRECTIONS * l + (uint32_t)d])
				r = apply_rules(s, &t->links[l], d, &two[d], used, err);
		}
		if (!r)
			r = check_link(s, &t->links[l], two, &present[SFE_DIRECTIONS * l], err);
	}
	r = r ? r : check_rules(s, t, link, used, err);
	return r ? r : check_after_medium(s, plan, link, err);
}

int sfe_links_resolve(const struct sfe_scenario *s, const struct sfe_plan *plan,
	struct sfe_link_spec **out, struct sfe_error *err)
{
	size_t n = SFE_DIRECTIONS * (size_t)plan->topology->n_links;
	struct sfe_link_spec *link = calloc(n + 1, sizeof(*link));
	bool *present = sfe_links_directions(plan), *used = calloc(s->links.n + 1, sizeof(*used));
	int r = link && present && used ? resolve(s, plan, present, used, link, err)
					: sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	free(present);
	free(used);
	if (r)
		free(link);
	else
		*out = link;
	return r;
}

/* Whether netem draws losses. A packet list loses before it, and at 100 % netem is told of no
 * duplicates (shaper/netem.c). */
static bool draws_losses(const struct sfe_loss *loss)
{
	double mean = loss->model == SFE_LOSS_PACKET_LIST ? 0 : sfe_loss_mean(loss);

	return mean > 0 && !(loss->model == SFE_LOSS_RANDOM && mean >= 1);
}

int sfe_links_check_kernel(
	const struct sfe_link_spec *link, uint32_t n, bool own_guest_kernel, struct sfe_error *err)
{
	for (uint32_t i = 0; i < n && !own_guest_kernel; i++) {
		/* tools/guest-kernel/patches/0011 */
		if (link[i].duplicate.probability > 0 && draws_losses(&link[i].loss))
			return sfe_fail(err, -EINVAL, "duplicate",
				"set clock: virtual, or give loss and duplicate to two links",
				"with a loss on the same link this kernel's netem would lose loss "
				"x (1 - duplicate); only the guest kernel of the virtual clock "
				"loses what was asked for");
		/* tools/guest-kernel/patches/0016 */
		if (link[i].medium == SFE_MEDIUM_DCF)
			return sfe_fail(err, -EINVAL, "medium",
				"set clock: virtual, or write medium: fair",
				"dcf: this kernel has no qdisc by which stations contend; only the "
				"guest kernel of the virtual clock has");
		if (link[i].delay_correlation > 0)
			return sfe_fail(err, -EINVAL, "delay_correlation",
				"set clock: virtual, or leave it out",
				"has no effect in this kernel's netem; only in the guest kernel of "
				"the virtual clock");
	}
	return 0;
}

enum sfe_link_direction sfe_links_direction(
	const struct sfe_plan *plan, uint32_t link, uint32_t before, uint32_t after)
{
	uint32_t from = plan->host_of_vertex[before], to = plan->host_of_vertex[after];

	if (plan->topology->links[link].kind == SFE_LINK_SHARED)
		return SFE_UP;
	/* The junction between two links is a host of the plan only: it has no vertex. */
	if (from == SFE_NONE || to == SFE_NONE)
		return to != SFE_NONE && plan->hosts[to].kind == SFE_HOST_NODE ? SFE_DOWN : SFE_UP;
	return sfe_plan_direction(plan, link, from, to);
}
