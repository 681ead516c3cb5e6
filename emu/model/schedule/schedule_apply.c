/* SPDX-License-Identifier: MIT */
/* Applies an element that is not part of the schedule (a manual change): all of its changes, or
 * none. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "emu/model/schedule/schedule_player.h"

/* steps of the schedule that can be checked while jobs run */
#define LOOKED_AHEAD 1000u

/* An element being applied, and the state before it. */
struct acting {
	struct sfe_player *p;
	struct sfe_link_spec *spec;
	bool *down;
	uint32_t tried;
	int (*each)(const struct sfe_schedule_change *, void *);
	void *arg;
};

static int check_only(const struct sfe_schedule_change *change, void *arg)
{
	(void)change;
	(void)arg;
	return 0;
}

static int count_tried(const struct sfe_schedule_change *change, void *acting)
{
	struct acting *a = acting;

	a->tried++; /* counts refused changes too: they may be half done */
	return a->each(change, a->arg);
}

static void put_back(const struct acting *a)
{
	size_t n = SFE_DIRECTIONS * (size_t)a->p->links.n;

	memcpy(a->p->spec, a->spec, n * sizeof(*a->spec));
	memcpy(a->p->down, a->down, n * sizeof(*a->down));
}

/* Reverts the changes made before each() refused one. An error here replaces the first one: the
 * links are then in neither the old nor the new state. */
static int revert(struct acting *a, const struct sfe_schedule_entry *e, uint64_t at_ns)
{
	struct sfe_player *p = a->p;
	int r = 0;

	for (uint32_t l = 0; l < p->links.n && a->tried && !r; l++)
		for (int d = 0; d < SFE_DIRECTIONS && a->tried && !r; d++) {
			uint32_t i = SFE_DIRECTIONS * l + (uint32_t)d;
			if (!sfe_player_selects(p, &e->rule, l, d))
				continue;
			struct sfe_link_spec spec = sfe_player_effective_spec(p, i);
			struct sfe_schedule_change out = {.at_ns = at_ns,
				.link = l,
				.node = SFE_NONE,
				.direction = d,
				.spec = &spec};
			snprintf(out.what, sizeof(out.what), "reverted");
			r = a->each(&out, a->arg);
			a->tried--;
		}
	return r;
}

static int act(struct acting *a, const struct sfe_schedule_entry *e, uint64_t at_ns,
	int (*check)(const struct sfe_schedule_change *, void *), struct sfe_error *err)
{
	struct sfe_cursor now = {.next_ns = at_ns};
	int r = sfe_player_change(a->p, e, &now, check ? check : check_only, a->arg, err);

	put_back(a);
	if (r || !a->each)
		return r;
	r = sfe_player_change(a->p, e, &now, count_tried, a, err);
	if (!r)
		return 0;
	put_back(a);
	return revert(a, e, at_ns) ? -ENOTRECOVERABLE : r;
}

int sfe_player_apply(struct sfe_player *p, const struct sfe_schedule_entry *e, uint64_t at_ns,
	int (*check)(const struct sfe_schedule_change *, void *),
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err)
{
	size_t n = SFE_DIRECTIONS * (size_t)p->links.n;
	struct acting a = {.p = p, .each = each, .arg = arg};
	int r = sfe_player_check(p, e, err);

	if (r)
		return r;
	a.spec = calloc(n + 1, sizeof(*a.spec));
	a.down = calloc(n + 1, sizeof(*a.down));
	if (a.spec && a.down) {
		memcpy(a.spec, p->spec, n * sizeof(*a.spec));
		memcpy(a.down, p->down, n * sizeof(*a.down));
		r = act(&a, e, at_ns, check, err);
	} else {
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	free(a.spec);
	free(a.down);
	return r;
}

/* Copies the state of nodes and the active faults. */
static int copy_faults(const struct sfe_player *p, struct sfe_player *out)
{
	memcpy(out->crashed, p->crashed, p->links.n_nodes * sizeof(*p->crashed));
	memcpy(out->partition, p->partition, p->links.n_nodes * sizeof(*p->partition));
	out->partitioned = p->partitioned;
	if (sfe_grow(&out->active, &out->room_active, p->n_active, sizeof(*p->active)))
		return -ENOMEM;
	if (p->n_active)
		memcpy(out->active, p->active, p->n_active * sizeof(*p->active));
	out->n_active = p->n_active;
	return 0;
}

void sfe_player_files(struct sfe_player *p, const struct sfe_link_files *files)
{
	p->links.files = *files;
}

/* A copy of the player that continues from its present state. */
static int copy(const struct sfe_player *p, struct sfe_player **out, struct sfe_error *err)
{
	size_t n = SFE_DIRECTIONS * (size_t)p->links.n;
	struct sfe_schedule_links links = p->links;
	int r;

	links.spec = p->spec;
	links.down = p->down;
	r = sfe_player_new(p->schedule, &links, out, err);
	for (uint32_t i = 0; i < p->schedule->n && !r; i++) {
		struct sfe_cursor *c = &(*out)->cursor[i];
		struct sfe_chaos_play own = c->chaos; /* shares the faults */
		*c = p->cursor[i];
		c->start = NULL;
		c->chaos = own;
		if (!p->cursor[i].start)
			continue;
		c->start = calloc(n + 1, sizeof(*c->start));
		if (c->start)
			memcpy(c->start, p->cursor[i].start, n * sizeof(*c->start));
		else
			r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		if (r)
			sfe_player_free(*out);
	}
	if (!r && copy_faults(p, *out)) {
		sfe_player_free(*out);
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	return r;
}

int sfe_player_try(
	const struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	struct sfe_player *then;
	int r = copy(p, &then, err);

	if (r)
		return r;
	r = sfe_player_apply(then, e, 0, NULL, check_only, NULL, err);
	if (!r)
		for (unsigned i = 0; i < LOOKED_AHEAD && sfe_player_next(then) != SFE_NEVER && !r;
			i++)
			r = sfe_player_step(then, check_only, NULL, &cause);
	sfe_player_free(then);
	return cause.code ? sfe_fail(err, r, cause.where, cause.todo,
				    "could not be done any more after this change: %s", cause.what)
			  : r;
}

const struct sfe_link_spec *sfe_player_specs(const struct sfe_player *p)
{
	return p->spec;
}

const bool *sfe_player_down(const struct sfe_player *p)
{
	return p->down;
}
