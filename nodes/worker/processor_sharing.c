/* SPDX-License-Identifier: MIT */
#include "nodes/worker/processor_sharing.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

void ps_init(struct ps *ps, double speed_ops, uint32_t cores)
{
	*ps = (struct ps){.speed_ops = speed_ops, .cores = cores};
	STAILQ_INIT(&ps->finished);
}

void ps_clear(struct ps *ps)
{
	free(ps->heap);
	ps->heap = NULL;
	ps->n = ps->room = 0;
}

static bool before(const struct ps_entry *a, const struct ps_entry *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void sift_up(struct ps_entry **heap, size_t at)
{
	struct ps_entry *entry = heap[at];

	for (; at && before(entry, heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = entry;
}

static void sift_down(struct ps_entry **heap, size_t n)
{
	struct ps_entry *entry = heap[0];
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && before(heap[child + 1], heap[child]))
			child++;
		if (!before(heap[child], entry))
			break;
		heap[at] = heap[child];
	}
	heap[at] = entry;
}

/* How many equal parts the speed is in. */
static double shares(const struct ps *ps)
{
	return ps->n > ps->cores ? (double)ps->n : (double)ps->cores;
}

uint64_t ps_next_ns(const struct ps *ps)
{
	if (!ps->n)
		return PS_NEVER;
	/* V is rounded each time it advances, so it may have passed the entry by a rounding error.
	 */
	double left = fmax(ps->heap[0]->due - ps->served, 0);
	double wait_ns = round(left * shares(ps) / ps->speed_ops * 1e9);
	if (wait_ns >= (double)(PS_NEVER - ps->last_ns))
		return PS_NEVER - 1;
	return ps->last_ns + (uint64_t)wait_ns;
}

/* Advances V to now_ns, with every departure before that. */
static void advance(struct ps *ps, uint64_t now_ns)
{
	for (uint64_t end_ns; ps->n && (end_ns = ps_next_ns(ps)) <= now_ns;) {
		struct ps_entry *entry = ps->heap[0];
		ps->heap[0] = ps->heap[--ps->n];
		if (ps->n)
			sift_down(ps->heap, ps->n);
		ps->served = fmax(ps->served, entry->due);
		ps->last_ns = end_ns;
		entry->finish_ns = end_ns;
		STAILQ_INSERT_TAIL(&ps->finished, entry, next);
	}
	if (now_ns > ps->last_ns) {
		if (ps->n)
			ps->served +=
				(double)(now_ns - ps->last_ns) * ps->speed_ops / 1e9 / shares(ps);
		ps->last_ns = now_ns;
	}
	if (!ps->n) /* V stays small, and the doubles exact, however long the node runs */
		ps->served = 0;
}

int ps_add(struct ps *ps, struct ps_entry *entry, uint64_t now_ns, uint64_t ops)
{
	advance(ps, now_ns);
	if (ps->n == ps->room) {
		size_t room = ps->room ? 2 * ps->room : 16;
		struct ps_entry **heap = reallocarray(ps->heap, room, sizeof(*heap));
		if (!heap)
			return -ENOMEM;
		ps->heap = heap;
		ps->room = room;
	}
	entry->due = ps->served + (double)ops;
	entry->order = ps->arrivals++;
	ps->heap[ps->n] = entry;
	sift_up(ps->heap, ps->n++);
	return 0;
}

struct ps_entry *ps_pop(struct ps *ps, uint64_t now_ns)
{
	struct ps_entry *entry;

	advance(ps, now_ns);
	entry = STAILQ_FIRST(&ps->finished);
	if (entry)
		STAILQ_REMOVE_HEAD(&ps->finished, next);
	return entry;
}
