/* SPDX-License-Identifier: MIT */
/* Reads the section `schedule:` from its tree. */
#include "emu/model/schedule/schedule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "emu/model/link/link_rules.h"
#include "emu/model/schedule/chaos_text.h"
#include "sfemu/units.h"

#define MAX_TIME_NS (8760ull * 3600000000000ull)
#define MAX_COUNT 1000000000u
#define WINDOW_NS 100000000u /* default window of Mahimahi traces */

const char *const sfe_schedule_act_names[] = {
	[SFE_SCHEDULE_SET] = "set",
	[SFE_SCHEDULE_RAMP] = "ramp",
	[SFE_SCHEDULE_TRACE] = "trace",
	[SFE_SCHEDULE_DOWN] = "down",
	[SFE_SCHEDULE_UP] = "up",
	[SFE_SCHEDULE_PARTITION] = "partition",
	[SFE_SCHEDULE_HEAL] = "heal",
	[SFE_SCHEDULE_CRASH] = "crash",
	[SFE_SCHEDULE_RESTART] = "restart",
	[SFE_SCHEDULE_CHAOS] = "chaos",
};
#define ACTS ((int)(sizeof(sfe_schedule_act_names) / sizeof(sfe_schedule_act_names[0])))
#define NO_ACT ACTS

/* The keys of an element read so far, and their places. */
struct reading {
	struct sfe_schedule_entry *e;
	const char *file, *folder;
	struct sfe_link_files *files;
	struct sfe_error *err;
	bool at, from, until;
};

static int read_time(struct reading *r, const struct sfe_tree *t, uint64_t least, uint64_t *out)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (sfe_parse_time(text, out, &cause))
		return sfe_tree_fail(
			t, r->file, cause.todo, r->err, "schedule: %s: %s", t->key, cause.what);
	if (*out < least || *out > MAX_TIME_NS)
		return sfe_tree_fail(t, r->file, "write a time such as 2.5s", r->err,
			"schedule: %s: '%.40s' is not from %s to 8760h", t->key, text,
			least ? "1ns" : "0");
	return 0;
}

static int read_number(struct reading *r, const struct sfe_tree *t, uint32_t max, uint32_t *out)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	unsigned long long n;
	char *end;

	if (!text)
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !n || n > max)
		return sfe_tree_fail(t, r->file, NULL, r->err,
			"schedule: %s: '%.40s' is not a number from 1 to %u", t->key, text, max);
	*out = (uint32_t)n;
	return 0;
}

static int read_settings(struct reading *r, const struct sfe_tree *t)
{
	struct sfe_link_rule *rule = &r->e->rule;
	int rc = 0;

	if (t->kind != SFE_TREE_MAPPING || !t->n)
		return sfe_tree_fail(t, r->file, "write {rate: 10Mbit, loss: 1%} or the like",
			r->err, "schedule: %s: is not a group of a link's keys", t->key);
	rule->set = calloc(t->n, sizeof(*rule->set));
	if (!rule->set)
		return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	for (unsigned i = 0; i < t->n && !rc; i++) {
		const struct sfe_tree *c = t->child[i];
		const char *text = sfe_tree_text(c, r->file, c->key, r->err);
		if (!text)
			return -EINVAL;
		if (!strcmp(c->key, "mtu") || !strcmp(c->key, "duplex") ||
			!strcmp(c->key, "medium") || !strcmp(c->key, "discipline"))
			return sfe_tree_fail(c, r->file, "set it under links:", r->err,
				"schedule: %s does not change in a running network", c->key);
		if (!strcmp(c->key, "rate") && !strcmp(text, "topology"))
			return sfe_tree_fail(c, r->file, "write the rate", r->err,
				"schedule: a schedule needs a rate, not topology");
		rc = sfe_link_setting_read(rule, c, text, r->file, r->folder, r->files, r->err);
	}
	return rc;
}

static int read_ramp(struct reading *r, const struct sfe_tree *t)
{
	static const char *const keys[] = {"to", "over", "steps", NULL};
	const struct sfe_tree *to = sfe_tree_get(t, "to"), *over = sfe_tree_get(t, "over"),
			      *steps = sfe_tree_get(t, "steps");
	int rc = sfe_tree_check_keys(t, r->file, keys, r->err);

	if (rc)
		return rc;
	if (!to || !over || !steps)
		return sfe_tree_fail(t, r->file, "write {to: {rate: 10Mbit}, over: 5s, steps: 10}",
			r->err, "schedule: ramp: needs to, over and steps");
	if ((rc = read_settings(r, to)) || (rc = read_time(r, over, 1, &r->e->over_ns)) ||
		(rc = read_number(r, steps, SFE_MAX_RAMP_STEPS, &r->e->steps)))
		return rc;
	for (uint32_t i = 0; i < r->e->rule.n; i++)
		if (!sfe_link_blends(r->e->rule.set[i].attribute->name))
			return sfe_tree_fail(to->child[i], r->file,
				"a ramp has rate, delay, loss, duplicate and corrupt; use set",
				r->err, "schedule: %s: has no steps between two values",
				to->child[i]->key);
	return 0;
}

/* Sets how a trace is read, then reads it. */
static int load_trace(struct reading *r, const struct sfe_tree *t, const char *name)
{
	struct sfe_link_trace *trace = &r->e->trace;
	struct sfe_error cause = {0};

	if (r->files->names_only)
		return (trace->file = strdup(name))
			       ? 0
			       : sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	int rc = sfe_link_trace_load(name, r->folder, trace, &cause);
	if (!rc)
		return 0;
	if (*cause.where) { /* an error in the trace's file */
		if (r->err)
			*r->err = cause;
		return rc == -ENOMEM ? rc : -EINVAL;
	}
	return sfe_tree_fail(t, r->file, cause.todo, r->err, "schedule: trace: %s", cause.what);
}

static int read_format(struct reading *r, const struct sfe_tree *t, const char *text)
{
	unsigned i = 0;

	while (sfe_trace_format_names[i] && strcmp(text, sfe_trace_format_names[i]))
		i++;
	if (!sfe_trace_format_names[i])
		return sfe_tree_fail(t, r->file, "use csv, mahimahi, theaterq or mbps", r->err,
			"schedule: format: '%.40s' is not one of them", text);
	r->e->trace.format = (enum sfe_trace_format)i;
	return 0;
}

static int read_trace_key(struct reading *r, const struct sfe_tree *t, const char **name)
{
	struct sfe_link_trace *trace = &r->e->trace;
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);

	if (!text)
		return -EINVAL;
	if (!strcmp(t->key, "file")) {
		*name = text;
		return 0;
	}
	if (!strcmp(t->key, "window")) {
		int rc = read_time(r, t, 1000000, &trace->window_ns);
		return rc || trace->window_ns % 1000000 == 0
			       ? rc
			       : sfe_tree_fail(t, r->file, "write whole ms", r->err,
					 "schedule: window: Mahimahi's times are whole ms");
	}
	if (!strcmp(t->key, "format"))
		return read_format(r, t, text);
	if (strcmp(text, "true") && strcmp(text, "false"))
		return sfe_tree_fail(t, r->file, NULL, r->err,
			"schedule: loop: '%.40s' is neither true nor false", text);
	trace->loops = !strcmp(text, "true");
	return 0;
}

static int read_trace(struct reading *r, const struct sfe_tree *t)
{
	static const char *const keys[] = {"file", "format", "window", "loop", NULL};
	struct sfe_link_trace *trace = &r->e->trace;
	const char *name = NULL;
	int rc = sfe_tree_check_keys(t, r->file, keys, r->err);

	for (unsigned i = 0; i < t->n && !rc; i++)
		rc = read_trace_key(r, t->child[i], &name);
	if (rc)
		return rc;
	if (!name || !*name)
		return sfe_tree_fail(
			t, r->file, "write file: PATH", r->err, "schedule: trace: names no file");
	if (trace->format != SFE_TRACE_MAHIMAHI && trace->window_ns)
		return sfe_tree_fail(t, r->file, "leave it out, or write format: mahimahi", r->err,
			"schedule: window: only a Mahimahi trace has one");
	if (trace->format == SFE_TRACE_MAHIMAHI) {
		if (sfe_tree_get(t, "loop") && !trace->loops)
			return sfe_tree_fail(t, r->file, "leave it out", r->err,
				"schedule: loop: a Mahimahi trace always repeats");
		trace->loops = true;
		trace->window_ns = trace->window_ns ? trace->window_ns : WINDOW_NS;
	}
	return load_trace(r, t, name);
}

/* Reads a list of nodes; crashes and restarts may have a single name. */
static int read_nodes(struct reading *r, const struct sfe_tree *t)
{
	struct sfe_schedule_entry *e = r->e;
	bool one = t->kind == SFE_TREE_VALUE && e->act != SFE_SCHEDULE_PARTITION;
	unsigned n = one ? 1 : t->n;
	struct sfe_error cause = {0};

	if ((!one && t->kind != SFE_TREE_LIST) || !n)
		return sfe_tree_fail(t, r->file, "write [NODE, ...]; patterns such as 'rpi3_*' too",
			r->err, "schedule: %s: is not a list of nodes",
			sfe_schedule_act_names[e->act]);
	e->node = calloc(n, sizeof(*e->node));
	if (!e->node)
		return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	for (; e->n_nodes < n; e->n_nodes++) {
		const char *text = sfe_tree_text(one ? t : t->child[e->n_nodes], r->file,
			sfe_schedule_act_names[e->act], r->err);
		if (!text)
			return -EINVAL;
		if (sfe_pattern_check(text, &cause))
			return sfe_tree_fail(
				t, r->file, cause.todo, r->err, "schedule: %s", cause.what);
		if (!(e->node[e->n_nodes] = strdup(text)))
			return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	}
	return 0;
}

/* Reads an action, one of act_names. */
static int read_act(struct reading *r, const struct sfe_tree *t, int act)
{
	struct sfe_error cause = {0};
	const char *text;

	if ((int)r->e->act != NO_ACT)
		return sfe_tree_fail(t, r->file, "make two elements of it", r->err,
			"schedule: %s: together with %s", t->key,
			sfe_schedule_act_names[r->e->act]);
	r->e->act = (enum sfe_schedule_act)act;
	if (act == SFE_SCHEDULE_SET)
		return read_settings(r, t);
	if (act == SFE_SCHEDULE_RAMP)
		return read_ramp(r, t);
	if (act == SFE_SCHEDULE_TRACE)
		return read_trace(r, t);
	if (act == SFE_SCHEDULE_PARTITION || act == SFE_SCHEDULE_CRASH ||
		act == SFE_SCHEDULE_RESTART)
		return read_nodes(r, t);
	if (act == SFE_SCHEDULE_CHAOS)
		return sfe_chaos_read(t, r->file, &r->e->chaos, r->err);
	text = sfe_tree_text(t, r->file, t->key, r->err);
	if (!text)
		return -EINVAL;
	if (act == SFE_SCHEDULE_HEAL)
		return !strcmp(text, "all") ? 0
					    : sfe_tree_fail(t, r->file, "write heal: all", r->err,
						      "schedule: heal: '%.40s' is not all", text);
	if (!*text || r->e->rule.pattern)
		return sfe_tree_fail(t, r->file, "write a name once, or a pattern such as 'link_*'",
			r->err,
			*text ? "schedule: %s: names the link twice" : "schedule: %s: is empty",
			t->key);
	if (sfe_pattern_check(text, &cause))
		return sfe_tree_fail(
			t, r->file, cause.todo, r->err, "schedule: %s: %s", t->key, cause.what);
	r->e->rule.pattern = strdup(text);
	return r->e->rule.pattern ? 0 : sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
}

static int find_act(const char *key)
{
	for (int i = 0; i < ACTS; i++)
		if (!strcmp(sfe_schedule_act_names[i], key))
			return i;
	return NO_ACT;
}

static int read_key(struct reading *r, const struct sfe_tree *t)
{
	struct sfe_schedule_entry *e = r->e;
	int act = find_act(t->key), rc;

	if (act != NO_ACT)
		return read_act(r, t, act);
	if (!strcmp(t->key, "at") || !strcmp(t->key, "from")) {
		*(t->key[0] == 'a' ? &r->at : &r->from) = true;
		return read_time(r, t, 0, &e->from_ns);
	}
	if (!strcmp(t->key, "every"))
		return read_time(r, t, 1, &e->every_ns);
	if (!strcmp(t->key, "until")) {
		r->until = true;
		return read_time(r, t, 0, &e->until_ns);
	}
	if (!strcmp(t->key, "count"))
		return read_number(r, t, MAX_COUNT, &e->count);
	if (!strcmp(t->key, "link") && e->rule.pattern)
		return sfe_tree_fail(t, r->file, "leave one of them out", r->err,
			"schedule: link: names the link twice");
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	if (!text)
		return -EINVAL;
	rc = sfe_link_selector_read(&e->rule, t, text, r->file, r->err);
	return rc <= 0 ? rc
		       : sfe_tree_fail(t, r->file,
				 "the keys are at, every, from, until, count, link, kind, "
				 "direction, "
				 "set, ramp, trace, down, up, partition, heal, crash, restart, "
				 "chaos",
				 r->err, "schedule: unknown key '%.80s'", t->key);
}

static int check_entry(struct reading *r, const struct sfe_tree *t)
{
	const struct sfe_schedule_entry *e = r->e;

	if ((int)e->act == NO_ACT)
		return sfe_tree_fail(t, r->file,
			"write set:, ramp:, trace:, down:, up:, partition:, heal:, crash:, "
			"restart: or chaos:",
			r->err, "schedule: an element has no action");
	bool links = e->rule.pattern || e->rule.kind != SFE_ANY || e->rule.direction != SFE_ANY;
	if (e->act == SFE_SCHEDULE_CHAOS)
		return r->at || e->every_ns || r->from || r->until || e->count || links
			       ? sfe_tree_fail(t, r->file,
					 "write {chaos: {faults: 200, over: 600s}}", r->err,
					 "schedule: chaos: takes its times and links inside chaos:")
			       : 0;
	if (r->at == (e->every_ns > 0))
		return sfe_tree_fail(t, r->file, "write at: TIME, or every: TIME", r->err,
			"schedule: an element needs one of at and every");
	if (e->act == SFE_SCHEDULE_TRACE && e->every_ns)
		return sfe_tree_fail(t, r->file, "write at: TIME, and loop: true in the trace",
			r->err, "schedule: a trace has its own loop");
	if (!e->every_ns && (r->from || r->until || e->count))
		return sfe_tree_fail(t, r->file, "write every:, or leave them out", r->err,
			"schedule: from, until and count need every");
	if (sfe_schedule_of_nodes(e) && links)
		return sfe_tree_fail(t, r->file, "leave link, kind and direction out", r->err,
			"schedule: %s: changes nodes, not links", sfe_schedule_act_names[e->act]);
	if (!sfe_schedule_of_nodes(e) && !e->rule.pattern && e->rule.kind == SFE_ANY)
		return sfe_tree_fail(t, r->file,
			"write link: NAME or kind: KIND (link: '*' for all)", r->err,
			"schedule: an element selects no link");
	if (e->until_ns < e->from_ns)
		return sfe_tree_fail(t, r->file, "write a later until:", r->err,
			"schedule: a loop ends before it begins");
	if (e->every_ns && e->over_ns > e->every_ns)
		return sfe_tree_fail(t, r->file,
			"write a shorter over:, or a longer every:", r->err,
			"schedule: a ramp takes longer than its loop");
	return 0;
}

static int read_entry(struct reading *r, const struct sfe_tree *t)
{
	int rc = 0;

	*r->e = (struct sfe_schedule_entry){.act = (enum sfe_schedule_act)NO_ACT,
		.until_ns = SFE_NEVER,
		.rule = {.kind = SFE_ANY,
			.direction = SFE_ANY,
			.line = t->line,
			.file = strdup(r->file)}};
	if (!r->e->rule.file)
		return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, r->file, "write {at: 2s, down: NAME}", r->err,
			"schedule: an element is not a group of keys");
	for (unsigned i = 0; i < t->n && !rc; i++)
		rc = read_key(r, t->child[i]);
	return rc ? rc : check_entry(r, t);
}

static void free_schedule(struct sfe_schedule *schedule)
{
	for (uint32_t i = 0; i < schedule->n; i++) {
		sfe_link_rule_free(&schedule->entry[i].rule);
		sfe_link_trace_clear(&schedule->entry[i].trace);
		sfe_chaos_free(schedule->entry[i].chaos);
		for (uint32_t k = 0; k < schedule->entry[i].n_nodes; k++)
			free(schedule->entry[i].node[k]);
		free(schedule->entry[i].node);
	}
	free(schedule->entry);
	*schedule = (struct sfe_schedule){0};
}

int sfe_section_schedule_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_schedule schedule = {0};
	uint64_t faults = 0;
	int rc = 0;

	if (tree->kind != SFE_TREE_LIST)
		return sfe_tree_fail(tree, file, "write - {at: 2s, down: NAME} below it", err,
			"schedule: is not a list");
	if (tree->n > SFE_MAX_SCHEDULE)
		return sfe_tree_fail(tree, file, "use loops and patterns", err,
			"schedule: has more than %u elements", SFE_MAX_SCHEDULE);
	schedule.entry = calloc(tree->n + 1, sizeof(*schedule.entry));
	if (!schedule.entry)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	while (schedule.n < tree->n && !rc) {
		struct reading r = {.e = &schedule.entry[schedule.n],
			.file = file,
			.folder = folder,
			.files = &s->files,
			.err = err};
		rc = read_entry(&r, tree->child[schedule.n]);
		if (!rc && r.e->act == SFE_SCHEDULE_CHAOS &&
			(faults += r.e->chaos->faults) > SFE_MAX_FAULTS)
			rc = sfe_tree_fail(tree->child[schedule.n], file, "ask for fewer", err,
				"schedule: chaos: all of them together have more than %u faults",
				SFE_MAX_FAULTS);
		schedule.n++;
	}
	if (rc) {
		free_schedule(&schedule);
		return rc;
	}
	free_schedule(&s->schedule);
	s->schedule = schedule;
	return 0;
}

bool sfe_section_schedule_is_set(const struct sfe_scenario *s)
{
	return s->schedule.n > 0;
}

void sfe_section_schedule_clear(struct sfe_scenario *s)
{
	free_schedule(&s->schedule);
}

const struct sfe_link_rule *sfe_schedule_sets(
	const struct sfe_schedule *schedule, const char *attribute)
{
	for (uint32_t i = 0; i < schedule->n; i++)
		for (uint32_t k = 0; k < schedule->entry[i].rule.n; k++)
			if (!strcmp(schedule->entry[i].rule.set[k].attribute->name, attribute))
				return &schedule->entry[i].rule;
	return NULL;
}
