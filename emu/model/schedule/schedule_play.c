/* SPDX-License-Identifier: MIT */
/* Plays a schedule: computes its changes one after the other. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/schedule/schedule_player.h"
#include "sfemu/units.h"

/* Steps that are checked before a network exists: all of most schedules, the beginning of
 * endless ones. */
#define CHECKED_STEPS 20000u
#define CHECKED_CHANGES 100000u

void sfe_player_free(struct sfe_player *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; p->cursor && i < p->schedule->n; i++) {
		free(p->cursor[i].start);
		sfe_chaos_play_free(&p->cursor[i].chaos);
	}
	free(p->cursor);
	free(p->spec);
	free(p->down);
	free(p->set);
	free(p->crashed);
	free(p->partition);
	free(p->active);
	free(p);
}

/* A manual change has no line in a section. */
static const char *section_name(const struct sfe_link_rule *rule)
{
	return rule->line ? "schedule: " : "";
}

static int fail_rule(const struct sfe_link_rule *rule, const char *todo, struct sfe_error *err,
	const char *what, const char *name)
{
	return sfe_fail_at(err, -EINVAL, rule->file, rule->line, todo, "%s%s%s", section_name(rule),
		what, name);
}

/* Fills p->set. Every name must match a node, and a partition must leave a node for the other
 * side. */
static int find_nodes(
	struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err)
{
	uint32_t n = 0;

	memset(p->set, 0, p->links.n_nodes * sizeof(*p->set));
	for (uint32_t i = 0; i < e->n_nodes; i++) {
		bool any = false;
		for (uint32_t k = 0; k < p->links.n_nodes; k++) {
			if (fnmatch(e->node[i], p->links.node[k].name, 0))
				continue;
			any = true;
			n += !p->set[k];
			p->set[k] = true;
		}
		if (!any)
			return fail_rule(&e->rule, "`sfemu topology dot` has their names", err,
				e->act == SFE_SCHEDULE_PARTITION ? "partition: there is no node "
				: e->act == SFE_SCHEDULE_CRASH   ? "crash: there is no node "
								 : "restart: there is no node ",
				e->node[i]);
	}
	return n < p->links.n_nodes || e->act != SFE_SCHEDULE_PARTITION
		       ? 0
		       : fail_rule(&e->rule, "leave some out", err, "partition: names every node",
				 "");
}

int sfe_player_check(
	struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err)
{
	const struct sfe_link_rule *rule = &e->rule;
	bool any = e->act == SFE_SCHEDULE_HEAL || e->act == SFE_SCHEDULE_CHAOS;

	if (sfe_schedule_of_nodes(e) && !any)
		return find_nodes(p, e, err);

	for (uint32_t l = 0; l < p->links.n; l++) {
		const struct sfe_link *link = &p->links.link[l];
		for (int d = 0; d < SFE_DIRECTIONS; d++)
			any |= sfe_player_selects(p, rule, l, d);
		if (rule->direction != SFE_ANY && link->kind == SFE_LINK_SHARED &&
			!p->spec[SFE_DIRECTIONS * l].full_duplex &&
			sfe_link_rule_matches(rule, link->name, link->kind,
				(enum sfe_link_direction)rule->direction))
			return fail_rule(rule, "leave the direction out, or set duplex: full", err,
				"half duplex has one queue for both directions: ", link->name);
	}
	return any ? 0
		   : fail_rule(rule, "`sfemu topology dot` has the links' names", err,
			     rule->line ? "no link matches this element" : "no link matches",
			     rule->direction == SFE_ANY ? "" : " in that direction");
}

int sfe_player_new(const struct sfe_schedule *schedule, const struct sfe_schedule_links *links,
	struct sfe_player **out, struct sfe_error *err)
{
	size_t n = SFE_DIRECTIONS * (size_t)links->n;
	struct sfe_player *p = calloc(1, sizeof(*p));
	int r = 0;

	if (!p)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	p->schedule = schedule;
	p->links = *links;
	p->cursor = calloc((size_t)schedule->n + 1, sizeof(*p->cursor));
	p->spec = calloc(n + 1, sizeof(*p->spec));
	p->down = calloc(n + 1, sizeof(*p->down));
	p->set = calloc((size_t)links->n_nodes + 1, sizeof(*p->set));
	p->crashed = calloc((size_t)links->n_nodes + 1, sizeof(*p->crashed));
	p->partition = calloc((size_t)links->n_nodes + 1, sizeof(*p->partition));
	if (!p->cursor || !p->spec || !p->down || !p->set || !p->crashed || !p->partition) {
		sfe_player_free(p);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	if (n)
		memcpy(p->spec, links->spec, n * sizeof(*p->spec));
	if (n && links->down)
		memcpy(p->down, links->down, n * sizeof(*p->down));
	for (uint32_t i = 0; i < schedule->n && !r; i++) {
		p->cursor[i].begin_ns = p->cursor[i].next_ns = schedule->entry[i].from_ns;
		if (schedule->entry[i].act == SFE_SCHEDULE_TRACE)
			p->cursor[i].next_ns += schedule->entry[i].trace.step[0].at_ns;
		r = sfe_player_check(p, &schedule->entry[i], err);
		if (!r && schedule->entry[i].act == SFE_SCHEDULE_CHAOS)
			r = sfe_chaos_play_begin(p, i, err);
	}
	if (r)
		sfe_player_free(p);
	else
		*out = p;
	return r;
}

/* The element that is next: the first among the earliest. */
static uint32_t next_entry(const struct sfe_player *p)
{
	uint32_t first = 0;

	for (uint32_t i = 1; i < p->schedule->n; i++)
		if (p->cursor[i].next_ns < p->cursor[first].next_ns)
			first = i;
	return first;
}

uint64_t sfe_player_next(const struct sfe_player *p)
{
	return p->schedule->n ? p->cursor[next_entry(p)].next_ns : SFE_NEVER;
}

static void begin_again(const struct sfe_schedule_entry *e, struct sfe_cursor *c)
{
	c->begun++;
	c->step = 0;
	if (!e->every_ns || (e->count && c->begun >= e->count) ||
		e->every_ns > e->until_ns - c->begin_ns) {
		c->next_ns = SFE_NEVER;
		return;
	}
	c->begin_ns += e->every_ns;
	c->next_ns = c->begin_ns;
}

/* The last row of a loop gives the time of the next first row. */
static void next_of_trace(const struct sfe_link_trace *t, struct sfe_cursor *c)
{
	bool again = t->format == SFE_TRACE_CSV || t->format == SFE_TRACE_MBPS;

	if (++c->step == t->n || (again && t->loops && c->step + 1 == t->n)) {
		c->step = 0;
		c->begin_ns += t->period_ns;
		if (!t->loops) {
			c->next_ns = SFE_NEVER;
			return;
		}
	}
	c->next_ns = c->begin_ns + t->step[c->step].at_ns;
}

/* Starts a ramp; nothing changes yet. */
static int begin_ramp(struct sfe_player *p, const struct sfe_schedule_entry *e,
	struct sfe_cursor *c, struct sfe_error *err)
{
	size_t n = SFE_DIRECTIONS * (size_t)p->links.n;

	if (!c->start)
		c->start = calloc(n + 1, sizeof(*c->start));
	if (!c->start)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	memcpy(c->start, p->spec, n * sizeof(*c->start));
	c->step = 1;
	c->next_ns = c->begin_ns + e->over_ns / e->steps;
	return 0;
}

static void set_loss(struct sfe_loss *loss, double probability)
{
	bool only_list = loss->packets && probability == 0;

	*loss = (struct sfe_loss){.model = only_list ? SFE_LOSS_PACKET_LIST : SFE_LOSS_RANDOM,
		.p = {probability},
		.packets = loss->packets};
}

static void set_queue(struct sfe_link_spec *spec, uint32_t packets)
{
	spec->queue_bytes = 0;
	spec->queue_ns = 0;
	spec->queue_packets = packets;
}

static int set_from_trace(struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_trace_step *step, uint32_t i, uint64_t at_ns, struct sfe_error *err)
{
	struct sfe_link_spec *spec = &p->spec[i];
	const char *link = p->links.link[i / SFE_DIRECTIONS].name;

	if (step->rate_bps != SFE_TRACE_KEEP)
		spec->rate_bps = step->rate_bps;
	if (step->delay_ns != SFE_TRACE_KEEP)
		spec->delay = (struct sfe_delay){
			.law = step->delay_ns ? SFE_DELAY_CONSTANT : SFE_DELAY_NONE,
			.a_ns = step->delay_ns};
	if (step->loss >= 0)
		set_loss(&spec->loss, step->loss);
	if (step->queue_packets)
		set_queue(spec, step->queue_packets);
	if (step->rate_bps != SFE_TRACE_KEEP) {
		spec->queue_follows = true;
		spec->outage_end_ns = step->outage_ns ? at_ns + step->outage_ns : 0;
	}
	if (step->outage_ns && sfe_link_is_managed(spec))
		return sfe_fail_at(err, -EINVAL, e->rule.file, e->rule.line,
			spec->medium == SFE_MEDIUM_FIFO
				? "write discipline: droptail, or use a trace without outages"
				: "write medium: fifo, or use a trace without outages",
			"schedule: link %s has a trace with an outage and %s", link,
			spec->medium == SFE_MEDIUM_FIFO ? "a managed queue" : "a queue a station");
	/* Queues in bytes or time depend on the rate and would change with it. */
	if (step->rate_bps != SFE_TRACE_KEEP && (spec->queue_bytes || !spec->queue_packets))
		return sfe_fail_at(err, -EINVAL, e->rule.file, e->rule.line,
			"give it one under links:, such as queue: 50 packets",
			"schedule: link %s has a trace of rates and no queue in packets", link);
	return 0;
}

/* Sets the rule's attributes; for a ramp, interpolated. */
static int set(struct sfe_player *p, const struct sfe_schedule_entry *e, const struct sfe_cursor *c,
	uint32_t i, struct sfe_error *err)
{
	struct sfe_link_spec to = p->spec[i];
	struct sfe_error cause = {0};
	int r;

	if (e->act == SFE_SCHEDULE_TRACE)
		return set_from_trace(p, e, &e->trace.step[c->step], i, c->next_ns, err);
	r = sfe_link_rule_apply(&e->rule, &p->links.files, &to, &cause);

	for (uint32_t k = 0; k < e->rule.n && !r && c->step && c->step < e->steps; k++) {
		const char *name = e->rule.set[k].attribute->name;
		double part = (double)c->step / e->steps;
		r = sfe_link_blend(&c->start[i], &to, name, part, &to, &cause);
	}
	if (r)
		return sfe_fail_at(err, r, e->rule.file, e->rule.line, cause.todo, "%s%s",
			section_name(&e->rule), cause.what);
	p->spec[i] = to;
	return 0;
}

static void describe_one(const struct sfe_link_attribute *a, const struct sfe_link_spec *spec,
	const char *comma, FILE *f)
{
	fprintf(f, "%s%s ", comma, a->name);
	a->print(spec, f);
}

static void describe_step(
	const struct sfe_trace_step *step, const struct sfe_link_spec *spec, FILE *f)
{
	const struct {
		const char *name;
		bool changes;
	} attribute[] = {{"rate", step->rate_bps != SFE_TRACE_KEEP},
		{"delay", step->delay_ns != SFE_TRACE_KEEP}, {"loss", step->loss >= 0},
		{"queue", step->queue_packets}};
	const char *comma = "";
	char text[SFE_UNIT_TEXT];

	fputs("trace: ", f);
	if (step->outage_ns)
		fprintf(f, "outage of %s, then ", sfe_format_time(step->outage_ns, text));
	for (size_t k = 0; k < sizeof(attribute) / sizeof(attribute[0]); k++) {
		if (!attribute[k].changes)
			continue;
		describe_one(sfe_link_attribute_find(attribute[k].name), spec, comma, f);
		comma = ", ";
	}
}

static void describe(const struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_cursor *c, uint32_t i, char what[SFE_EVENT_TEXT])
{
	FILE *f = fmemopen(what, SFE_EVENT_TEXT - 1, "w");

	memset(what, 0, SFE_EVENT_TEXT);
	if (!f)
		return;
	if (e->act == SFE_SCHEDULE_RAMP)
		fprintf(f, "step %u of %u: ", c->step, e->steps);
	if (e->act == SFE_SCHEDULE_DOWN || e->act == SFE_SCHEDULE_UP)
		fputs(e->act == SFE_SCHEDULE_DOWN ? "down" : "up", f);
	for (uint32_t k = 0; k < e->rule.n; k++)
		describe_one(e->rule.set[k].attribute, &p->spec[i], k ? ", " : "", f);
	if (e->act == SFE_SCHEDULE_TRACE)
		describe_step(&e->trace.step[c->step], &p->spec[i], f);
	fclose(f); /* longer texts are cut */
}

static int change(struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_cursor *c, uint32_t link, int direction,
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err)
{
	uint32_t i = SFE_DIRECTIONS * link + (uint32_t)direction;
	struct sfe_schedule_change out = {.at_ns = c->next_ns,
		.act = e->act,
		.link = link,
		.node = SFE_NONE,
		.direction = (enum sfe_link_direction)direction};
	struct sfe_error cause = {0};
	const char *attribute;
	int r = set(p, e, c, i, err);

	if (r)
		return r;
	if (sfe_link_check(&p->spec[i], p->links.mtu, &attribute, &cause))
		return sfe_fail_at(err, -EINVAL, e->rule.file, e->rule.line, cause.todo,
			"%slink %s: %s: %s", section_name(&e->rule), p->links.link[link].name,
			attribute, cause.what);
	if (e->act == SFE_SCHEDULE_DOWN || e->act == SFE_SCHEDULE_UP)
		p->down[i] = e->act == SFE_SCHEDULE_DOWN;
	struct sfe_link_spec spec = sfe_player_effective_spec(p, i);
	out.spec = &spec;
	describe(p, e, c, i, out.what);
	return each(&out, arg);
}

static int change_partition(struct sfe_player *p, const struct sfe_schedule_entry *e,
	struct sfe_schedule_change *out, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg)
{
	size_t used = (size_t)snprintf(out->what, sizeof(out->what), "partition");

	memcpy(p->partition, p->set, p->links.n_nodes * sizeof(*p->partition));
	p->partitioned = true;
	out->set = sfe_player_partition(p);
	for (uint32_t i = 0; i < e->n_nodes && used < sizeof(out->what); i++)
		used += (size_t)snprintf(out->what + used, sizeof(out->what) - used, "%s %s",
			i ? "," : "", e->node[i]);
	return each(out, arg);
}

/* One after the other: each crash is an event. */
static int change_crash(struct sfe_player *p, struct sfe_schedule_change *out,
	int (*each)(const struct sfe_schedule_change *, void *), void *arg)
{
	bool crash = out->act == SFE_SCHEDULE_CRASH;
	int r = 0;

	for (uint32_t k = 0; k < p->links.n_nodes && !r; k++) {
		if (!p->set[k])
			continue;
		bool before = sfe_player_crashed(p, k);
		p->crashed[k] = crash;
		sfe_player_describe_crash(p, k, before, out);
		r = each(out, arg);
	}
	return r;
}

static int change_nodes(struct sfe_player *p, const struct sfe_schedule_entry *e, uint64_t at_ns,
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err)
{
	struct sfe_schedule_change out = {
		.at_ns = at_ns, .act = e->act, .link = SFE_NONE, .node = SFE_NONE};
	int r;

	if (e->act == SFE_SCHEDULE_HEAL) {
		p->partitioned = false;
		out.set = sfe_player_partition(p);
		snprintf(out.what, sizeof(out.what), "heal");
		return each(&out, arg);
	}
	r = find_nodes(p, e, err);
	if (r)
		return r;
	return e->act == SFE_SCHEDULE_PARTITION ? change_partition(p, e, &out, each, arg)
						: change_crash(p, &out, each, arg);
}

int sfe_player_change(struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_cursor *c, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t l = 0; l < p->links.n && !r; l++)
		for (int d = 0; d < SFE_DIRECTIONS && !r; d++)
			if (sfe_player_selects(p, &e->rule, l, d))
				r = change(p, e, c, l, d, each, arg, err);
	return r;
}

int sfe_player_step(struct sfe_player *p, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg, struct sfe_error *err)
{
	uint32_t i = next_entry(p);
	const struct sfe_schedule_entry *e = &p->schedule->entry[i];
	struct sfe_cursor *c = &p->cursor[i];
	int r;

	if (e->act == SFE_SCHEDULE_CHAOS)
		return sfe_chaos_play_step(p, i, each, arg, err);
	if (e->act == SFE_SCHEDULE_RAMP && !c->step)
		return begin_ramp(p, e, c, err);
	r = sfe_schedule_of_nodes(e) ? change_nodes(p, e, c->next_ns, each, arg, err)
				     : sfe_player_change(p, e, c, each, arg, err);
	if (r)
		return r;
	if (e->act == SFE_SCHEDULE_TRACE) {
		next_of_trace(&e->trace, c);
	} else if (e->act == SFE_SCHEDULE_RAMP && c->step < e->steps) {
		c->step++;
		c->next_ns = c->begin_ns +
			     (uint64_t)((unsigned __int128)e->over_ns * c->step / e->steps);
	} else {
		begin_again(e, c);
	}
	return 0;
}

static int count_change(const struct sfe_schedule_change *change, void *arg)
{
	(void)change;
	++*(uint32_t *)arg;
	return 0;
}

int sfe_schedule_check(const struct sfe_schedule *schedule, const struct sfe_schedule_links *links,
	struct sfe_error *err)
{
	struct sfe_player *p;
	uint32_t changes = 0;
	int r = sfe_player_new(schedule, links, &p, err);

	if (r)
		return r;
	for (uint32_t step = 0; step < CHECKED_STEPS && changes < CHECKED_CHANGES && !r &&
				sfe_player_next(p) != SFE_NEVER;
		step++)
		r = sfe_player_step(p, count_change, &changes, err);
	sfe_player_free(p);
	return r;
}
