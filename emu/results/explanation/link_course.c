/* SPDX-License-Identifier: MIT */
#include "emu/results/explanation/link_course.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/link_specs.h"
#include "emu/experiment/schedule_check.h"
#include "emu/model/base/text.h"

#define MAX_HOPS 64u

struct point { /* the state of a direction from a time on */
	double from_s, rate_bps, delay_s;
	bool down;
};

struct points {
	struct point *at; /* by time; before the first one the link is as at the start */
	uint32_t n, room;
};

struct partition {
	double from_s;
	bool *apart; /* by node: reach only each other; NULL: healed */
};

struct sfe_link_course {
	uint32_t n_resources, n_partitions, n_nodes, partitions_room;
	struct points *of;
	struct partition *partition; /* by time */
};

/* ---- the schedule */

static int add_partition(struct sfe_link_course *c, const struct sfe_schedule_change *change)
{
	bool *apart = NULL;

	if (sfe_grow(
		    &c->partition, &c->partitions_room, c->n_partitions + 1, sizeof(*c->partition)))
		return -ENOMEM;
	if (change->set) {
		apart = malloc(c->n_nodes * sizeof(*apart));
		if (!apart)
			return -ENOMEM;
		memcpy(apart, change->set, c->n_nodes * sizeof(*apart));
	}
	c->partition[c->n_partitions++] = (struct partition){(double)change->at_ns / 1e9, apart};
	return 0;
}

static int add_point(struct sfe_link_course *c, const struct sfe_schedule_change *change)
{
	struct points *p = &c->of[SFE_DIRECTIONS * change->link + (uint32_t)change->direction];
	const struct sfe_link_spec *spec = change->spec;
	bool down = p->n && p->at[p->n - 1].down;

	if (sfe_grow(&p->at, &p->room, p->n + 1, sizeof(*p->at)))
		return -ENOMEM;
	if (change->act == SFE_SCHEDULE_DOWN || change->act == SFE_SCHEDULE_UP)
		down = change->act == SFE_SCHEDULE_DOWN;
	else if (change->act == SFE_SCHEDULE_TRACE)
		down = spec->outage_end_ns > change->at_ns;
	p->at[p->n++] = (struct point){.from_s = (double)change->at_ns / 1e9,
		.rate_bps = (double)spec->rate_bps,
		.delay_s = sfe_delay_mean(&spec->delay) / 1e9,
		.down = down};
	return 0;
}

static int add_change(const struct sfe_schedule_change *change, void *course)
{
	if (change->act == SFE_SCHEDULE_PARTITION || change->act == SFE_SCHEDULE_HEAL)
		return add_partition(course, change);
	if (change->link == SFE_NONE || !change->spec)
		return 0; /* a node */
	return add_point(course, change);
}

static int play(const struct sfe_experiment *e, uint64_t until_ns, struct sfe_link_course *c,
	struct sfe_error *err)
{
	bool *present = sfe_links_directions(e->plan);
	struct sfe_player *p = NULL;

	if (!present)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	struct sfe_schedule_links links = sfe_schedule_links_of(e, present);
	int r = sfe_player_new(&e->scenario->schedule, &links, &p, err);
	while (!r && sfe_player_next(p) <= until_ns)
		r = sfe_player_step(p, add_change, c, err);
	sfe_player_free(p);
	free(present);
	return r == -ENOMEM ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory") : r;
}

int sfe_link_course_new(const struct sfe_experiment *e, uint64_t until_ns,
	struct sfe_link_course **out, struct sfe_error *err)
{
	struct sfe_link_course *c;

	*out = NULL;
	if (!e->scenario->schedule.n)
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	*out = c;
	c->n_nodes = e->topology->n_nodes;
	c->n_resources = SFE_DIRECTIONS * e->topology->n_links;
	c->of = calloc((size_t)c->n_resources + 1, sizeof(*c->of));
	if (!c->of)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return play(e, until_ns, c, err);
}

void sfe_link_course_free(struct sfe_link_course *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; c->of && i < c->n_resources; i++)
		free(c->of[i].at);
	for (uint32_t i = 0; i < c->n_partitions; i++)
		free(c->partition[i].apart);
	free(c->of);
	free(c->partition);
	free(c);
}

/* ---- a path at a time */

struct state {
	struct sfe_hop hops[MAX_HOPS];
	double narrowest_bps; /* INFINITY: no link limits */
	bool down;
	double next_s; /* the next change; INFINITY: none */
};

static void next_at(struct state *out, double s)
{
	out->next_s = fmin(out->next_s, s);
}

static void cut_at(const struct sfe_link_course *c, const struct sfe_explained_path *path,
	double now_s, struct state *out)
{
	const struct partition *last = NULL;

	for (uint32_t i = 0; i < c->n_partitions; i++) {
		if (c->partition[i].from_s > now_s) {
			next_at(out, c->partition[i].from_s);
			break;
		}
		last = &c->partition[i];
	}
	if (last && last->apart && last->apart[path->from] != last->apart[path->to])
		out->down = true;
}

static void hop_at(const struct points *p, double now_s, struct sfe_hop *hop, struct state *out)
{
	uint32_t low = 0, high = p->n; /* the points before low have begun */

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (p->at[middle].from_s <= now_s)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < p->n)
		next_at(out, p->at[low].from_s);
	if (low) {
		hop->rate_bps = p->at[low - 1].rate_bps;
		hop->delay_s = p->at[low - 1].delay_s;
		out->down |= p->at[low - 1].down;
	}
	if (hop->rate_bps > 0)
		out->narrowest_bps = fmin(out->narrowest_bps, hop->rate_bps);
}

static void state_at(const struct sfe_link_course *c, const struct sfe_explained_path *path,
	double now_s, struct state *out)
{
	out->narrowest_bps = out->next_s = INFINITY;
	out->down = false;
	for (uint32_t i = 0; i < path->path.n; i++) {
		out->hops[i] = path->hops[i];
		hop_at(&c->of[path->resources[i]], now_s, &out->hops[i], out);
	}
	cut_at(c, path, now_s, out);
}

/* How long the narrowest link needs for the bits from `from_s` on, at most until end_s. What it is
 * down of that is added to *down_s. */
static double sending_s(const struct sfe_link_course *c, const struct sfe_explained_path *path,
	double bits, double from_s, double end_s, double *down_s)
{
	struct state s;
	double now = from_s;

	while (now < end_s) {
		state_at(c, path, now, &s);
		double until = fmin(s.next_s, end_s);
		if (!s.down && bits / s.narrowest_bps <= until - now)
			return now + bits / s.narrowest_bps - from_s;
		if (s.down)
			*down_s += until - now;
		else
			bits -= s.narrowest_bps * (until - now);
		now = until;
	}
	return end_s - from_s;
}

struct sfe_link_changes sfe_link_course_changes(const struct sfe_link_course *c,
	const struct sfe_explained_path *forward, const struct sfe_explained_path *back,
	const struct sfe_tcp *tcp, const struct sfe_message *m, double start_s, double end_s)
{
	struct sfe_link_changes out = {
		.then = sfe_transfer_time(forward->path, back->path, tcp, m)};
	struct state there, here;
	double now = start_s;

	if (!c || !forward->path.n || forward->path.n > MAX_HOPS || !back->path.n ||
		back->path.n > MAX_HOPS)
		return out;
	for (;; now = fmin(there.next_s, here.next_s)) {
		if (now >= end_s) { /* down all the time */
			out.longer_s = out.down_s = end_s - start_s;
			return out;
		}
		state_at(c, forward, now, &there);
		state_at(c, back, now, &here);
		if (!there.down && !here.down)
			break;
	}
	double idle_s = sfe_transfer_whole_s(&out.then);
	out.then = sfe_transfer_time((struct sfe_transfer_path){forward->path.n, there.hops},
		(struct sfe_transfer_path){back->path.n, here.hops}, tcp, m);
	out.down_s = now - start_s;
	out.longer_s = out.down_s;
	out.longer_s += sfe_transfer_whole_s(&out.then) - idle_s;
	double bits = sfe_transfer_wire_bits(tcp, m), steady = bits / there.narrowest_bps;
	if (there.next_s < now + steady)
		out.longer_s += sending_s(c, forward, bits, now, end_s, &out.down_s) - steady;
	return out;
}
