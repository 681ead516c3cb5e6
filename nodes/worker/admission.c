/* SPDX-License-Identifier: MIT */
#include "nodes/worker/admission.h"

#include <errno.h>
#include <stdlib.h>

int admission_open(struct admission *a, const struct sfe_node_limits *limits, uint32_t n_functions)
{
	*a = (struct admission){.limits = *limits, .n_functions = n_functions};
	TAILQ_INIT(&a->queue);
	a->function = calloc((size_t)n_functions + 1, sizeof(*a->function));
	return a->function ? 0 : -ENOMEM;
}

void admission_close(struct admission *a)
{
	for (uint32_t f = 0; a->function && f < a->n_functions; f++)
		free(a->function[f].idle_since);
	free(a->function);
	*a = (struct admission){0};
	TAILQ_INIT(&a->queue);
}

bool admission_limits(const struct admission *a)
{
	return a->limits.memory || a->limits.concurrency || a->limits.cold_start_ns;
}

bool admission_ask(struct admission *a, struct admission_entry *entry, uint64_t now_ns)
{
	if (a->limits.memory && entry->bytes > a->limits.memory)
		return false;
	entry->waiting = true;
	entry->asked_ns = now_ns;
	TAILQ_INSERT_TAIL(&a->queue, entry, next);
	return true;
}

static bool fits(const struct admission *a, const struct admission_entry *entry)
{
	return !a->limits.memory || entry->bytes <= a->limits.memory - a->bytes;
}

/* Whether an instance of the function waits for work; then it is taken. */
static bool take_idle(struct admission *a, struct admission_function *f, uint64_t now_ns)
{
	if (!f->n_idle)
		return false;
	if (now_ns - f->idle_since[f->n_idle - 1] > a->limits.keep_alive_ns) {
		f->n_idle = 0; /* the others are idle for longer */
		return false;
	}
	f->n_idle--;
	return true;
}

static void let_in(struct admission *a, struct admission_entry *entry, uint64_t now_ns)
{
	struct admission_function *f = &a->function[entry->function];

	TAILQ_REMOVE(&a->queue, entry, next);
	entry->waiting = false;
	entry->in = true;
	entry->queued_ns = now_ns - entry->asked_ns;
	entry->cold_ns = take_idle(a, f, now_ns) ? 0 : a->limits.cold_start_ns;
	f->busy++;
	a->bytes += entry->bytes;
}

struct admission_entry *admission_next(struct admission *a, uint64_t now_ns)
{
	struct admission_entry *entry;

	TAILQ_FOREACH (entry, &a->queue, next) {
		if (!fits(a, entry)) /* nobody passes one that waits for memory */
			return NULL;
		if (a->limits.concurrency &&
			a->function[entry->function].busy >= a->limits.concurrency)
			continue;
		let_in(a, entry, now_ns);
		return entry;
	}
	return NULL;
}

/* Without memory for the note the instance ends, and the next one starts cold. */
static void add_idle(struct admission_function *f, uint64_t now_ns)
{
	if (f->n_idle == f->room) {
		uint32_t room = f->room ? 2 * f->room : 4;
		uint64_t *since = reallocarray(f->idle_since, room, sizeof(*since));
		if (!since)
			return;
		f->idle_since = since;
		f->room = room;
	}
	f->idle_since[f->n_idle++] = now_ns;
}

void admission_leave(struct admission *a, struct admission_entry *entry, uint64_t now_ns)
{
	if (entry->waiting)
		TAILQ_REMOVE(&a->queue, entry, next);
	if (entry->in) {
		struct admission_function *f = &a->function[entry->function];
		f->busy--;
		a->bytes -= entry->bytes;
		if (a->limits.cold_start_ns)
			add_idle(f, now_ns);
	}
	entry->waiting = entry->in = false;
}
