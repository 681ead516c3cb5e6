/* SPDX-License-Identifier: MIT */
/*
 * Plays the random faults of an element `chaos`: they begin and end, and may overlap. The state of
 * a link, a node or the partition is computed from its own state and the active faults, so the
 * order in which faults end does not matter.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "emu/model/schedule/schedule_player.h"

static int by_time(const void *a, const void *b)
{
	const struct sfe_chaos_event *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	if (x->over != y->over) /* ends come before beginnings */
		return x->over ? -1 : 1;
	return x->fault < y->fault ? -1 : x->fault > y->fault;
}

static int make_events(struct sfe_chaos_play *c)
{
	c->events = calloc(2 * (size_t)c->faults.n + 1, sizeof(*c->events));
	if (!c->events)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->faults.n; i++) {
		c->events[2 * i] = (struct sfe_chaos_event){c->faults.fault[i].begin_ns, i, false};
		c->events[2 * i + 1] = (struct sfe_chaos_event){c->faults.fault[i].end_ns, i, true};
	}
	qsort(c->events, 2 * (size_t)c->faults.n, sizeof(*c->events), by_time);
	return 0;
}

static bool *directions(const struct sfe_player *p)
{
	bool *has = calloc(SFE_DIRECTIONS * (size_t)p->links.n + 1, sizeof(*has));

	for (uint32_t i = 0; has && i < SFE_DIRECTIONS * p->links.n; i++)
		has[i] = sfe_player_direction_exists(
			p, i / SFE_DIRECTIONS, (int)(i % SFE_DIRECTIONS));
	return has;
}

static struct sfe_chaos_place place_of(const struct sfe_player *p, const bool *has)
{
	return (struct sfe_chaos_place){.n_links = p->links.n,
		.n_nodes = p->links.n_nodes,
		.link = p->links.link,
		.node = p->links.node,
		.distinct = has};
}

int sfe_chaos_play_begin(struct sfe_player *p, uint32_t entry, struct sfe_error *err)
{
	const struct sfe_schedule_entry *e = &p->schedule->entry[entry];
	struct sfe_cursor *c = &p->cursor[entry];
	struct sfe_error cause = {0};
	bool *has = directions(p);
	uint32_t number = 0;
	int r;

	for (uint32_t i = 0; i < entry; i++)
		number += p->schedule->entry[i].act == SFE_SCHEDULE_CHAOS;
	const struct sfe_chaos_place place = place_of(p, has);
	r = has ? sfe_chaos_expand(
			  e->chaos, &place, p->links.seed, number, &c->chaos.faults, &cause)
		: -ENOMEM;
	free(has);
	if (!r)
		r = make_events(&c->chaos);
	if (r == -ENOMEM)
		return sfe_fail(err, r, NULL, NULL, "out of memory");
	if (r)
		return sfe_fail_at(err, -EINVAL, e->rule.file, e->rule.line, cause.todo,
			"schedule: chaos: %s", cause.what);
	c->next_ns = c->chaos.events[0].at_ns;
	return 0;
}

void sfe_chaos_play_free(struct sfe_chaos_play *c)
{
	sfe_faults_free(&c->faults);
	free(c->events);
}

/* Adds a fault to the active ones, or removes it. */
static int update_active(struct sfe_player *p, uint32_t entry, uint32_t fault, bool over)
{
	uint32_t kept = 0;

	if (!over) {
		if (sfe_grow(&p->active, &p->room_active, p->n_active + 1, sizeof(*p->active)))
			return -ENOMEM;
		p->active[p->n_active++] = (struct sfe_active){entry, fault};
		return 0;
	}
	for (uint32_t k = 0; k < p->n_active; k++)
		if (p->active[k].entry != entry || p->active[k].fault != fault)
			p->active[kept++] = p->active[k];
	p->n_active = kept;
	return 0;
}

/* "fault 7: loss 12%", "fault 7 over: loss"; numbered from 1 in order of beginning. */
static void describe(const struct sfe_player *p, const struct sfe_fault *f,
	const struct sfe_chaos_event *event, char what[SFE_EVENT_TEXT])
{
	const struct sfe_chaos_place place = place_of(p, NULL);
	FILE *out = fmemopen(what, SFE_EVENT_TEXT - 1, "w");

	memset(what, 0, SFE_EVENT_TEXT);
	if (!out)
		return;
	fprintf(out, "fault %u%s: ", event->fault + 1, event->over ? " over" : "");
	if (event->over) /* the beginning has the amount */
		fputs(sfe_fault_names[f->kind], out);
	else
		sfe_fault_print(f, &place, out);
	fclose(out); /* longer texts are cut */
}

static int change_link(struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_fault *f, const struct sfe_schedule_change *event,
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err)
{
	struct sfe_link_spec spec;
	struct sfe_schedule_change change = *event;
	struct sfe_error cause = {0};
	const char *attribute;
	int r = 0;

	change.act = SFE_SCHEDULE_SET;
	change.link = f->link;
	change.spec = &spec;
	for (int d = 0; d < SFE_DIRECTIONS && !r; d++) {
		if (!f->direction[d])
			continue;
		change.direction = (enum sfe_link_direction)d;
		spec = sfe_player_effective_spec(p, SFE_DIRECTIONS * f->link + (uint32_t)d);
		if (sfe_link_check(&spec, p->links.mtu, &attribute, &cause))
			return sfe_fail_at(err, -EINVAL, e->rule.file, e->rule.line, cause.todo,
				"schedule: chaos: link %s: %s: %s", p->links.link[f->link].name,
				attribute, cause.what);
		r = each(&change, arg);
	}
	return r;
}

static int change_node(struct sfe_player *p, const struct sfe_fault *f, bool over, bool before,
	struct sfe_schedule_change *out, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg)
{
	char text[SFE_EVENT_TEXT];
	size_t begin;

	memcpy(text, out->what, sizeof(text)); /* "fault 7: crash" */
	begin = (size_t)(strchr(text, ':') + 2 - text);
	out->act = over ? SFE_SCHEDULE_RESTART : SFE_SCHEDULE_CRASH;
	sfe_player_describe_crash(p, f->node, before, out);
	snprintf(text + begin, sizeof(text) - begin, "%.60s", out->what);
	memcpy(out->what, text, sizeof(text));
	return each(out, arg);
}

int sfe_chaos_play_step(struct sfe_player *p, uint32_t entry,
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err)
{
	const struct sfe_schedule_entry *e = &p->schedule->entry[entry];
	struct sfe_cursor *c = &p->cursor[entry];
	const struct sfe_chaos_event *event = &c->chaos.events[c->step];
	const struct sfe_fault *f = &c->chaos.faults.fault[event->fault];
	bool before = f->node != SFE_NONE && sfe_player_crashed(p, f->node);
	struct sfe_schedule_change out = {
		.at_ns = event->at_ns, .link = SFE_NONE, .node = SFE_NONE};
	int r = update_active(p, entry, event->fault, event->over);

	if (r)
		return sfe_fail(err, r, NULL, NULL, "out of memory");
	describe(p, f, event, out.what);
	if (f->kind == SFE_FAULT_PARTITION) {
		out.act = event->over ? SFE_SCHEDULE_HEAL : SFE_SCHEDULE_PARTITION;
		out.set = sfe_player_partition(p);
		r = each(&out, arg);
	} else if (f->kind == SFE_FAULT_CRASH) {
		r = change_node(p, f, event->over, before, &out, each, arg);
	} else {
		r = change_link(p, e, f, &out, each, arg, err);
	}
	c->step++;
	c->next_ns = c->step < 2 * c->chaos.faults.n ? c->chaos.events[c->step].at_ns : SFE_NEVER;
	return r;
}
