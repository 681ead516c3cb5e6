/* SPDX-License-Identifier: MIT */
#include "emu/analyze/flow_table.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "emu/analyze/attribute.h"
#include "emu/analyze/flow.h"

#define FIRST_BUCKETS 1024u

/* ---- flows without payload */

/* Whether a flow can be held as early segments still: they are few and without payload, and there
 * is no message that one of them could acknowledge. */
static bool stays_early(const struct sfe_flow *f, const struct sfe_segment *s)
{
	return f->n_early < SFE_ANALYZE_EARLY && !s->payload_bytes && !f->connection->messages &&
	       s->header_bytes <= UINT16_MAX && s->packets == 1;
}

static bool keep_early(
	struct sfe_flow *f, unsigned direction, uint64_t time_ns, const struct sfe_segment *s)
{
	void *more = reallocarray(f->early, f->n_early + 1u, sizeof(*f->early));

	if (!more)
		return false;
	f->early = more;
	f->early[f->n_early++] = (struct sfe_early_segment){.time_ns = time_ns,
		.seq = s->seq,
		.ack = s->ack,
		.wire_bytes = s->wire_bytes,
		.window = s->window,
		.header_bytes = (uint16_t)s->header_bytes,
		.flags = s->flags,
		.direction = (uint8_t)direction,
		.window_scale = s->window_scale};
	return true;
}

/* Attributes the early segments as if they came now. */
static bool take_early(struct sfe_flow *f, struct sfe_flow_state *state)
{
	bool good = true;

	sfe_flow_begin(f, state);
	for (uint32_t i = 0; i < f->n_early && good; i++) {
		const struct sfe_segment s = sfe_flow_early_segment(&f->early[i]);
		uint16_t class = sfe_class_take(
			&state->class, f->early[i].direction, &s, f->early[i].time_ns);
		good = sfe_flow_attribute(
			f, f->early[i].direction, f->early[i].time_ns, &s, class, true);
	}
	return good;
}

static bool begin_state(struct sfe_flow *f)
{
	struct sfe_flow_state *state = malloc(sizeof(*state));

	if (!state || !take_early(f, state))
		return false;
	free(f->early);
	f->early = NULL;
	f->n_early = 0;
	return true;
}

/* ---- the end of flows */

static void end_flow(struct sfe_flow *f)
{
	struct sfe_flow_state temporary;

	f->ended = true;
	if (f->state) {
		sfe_flow_settle(f);
		return;
	}
	if (!take_early(f, &temporary))
		f->analysis->no_memory = true;
	sfe_flow_settle(f);
	f->state = NULL;
}

void sfe_flow_end_all(struct sfe_analysis *a)
{
	for (uint32_t i = 0; i < a->n_flows; i++)
		if (!a->flows[i]->ended)
			end_flow(a->flows[i]);
}

/* ---- the tables of flows and connections */

static bool same(const struct sfe_socket *a, const struct sfe_socket *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Both directions have the same hash. */
static uint64_t hash_of(
	const struct sfe_analysis *a, const struct sfe_socket *x, const struct sfe_socket *y)
{
	bool swap = memcmp(x, y, sizeof(*x)) > 0;
	const struct sfe_socket pair[2] = {swap ? *y : *x, swap ? *x : *y};

	return XXH3_64bits_withSeed(pair, sizeof(pair), a->hash_seed);
}

static uint32_t flow_bucket(const struct sfe_analysis *a, uint32_t capture,
	const struct sfe_socket *x, const struct sfe_socket *y)
{
	return (uint32_t)(hash_of(a, x, y) + capture * 0x9e3779b1u) & (a->flow_buckets - 1);
}

/* Doubles a list and its hash table; false when out of memory. The caller fills the hash table. */
static bool grow(void *list, void *hash, uint32_t *room, uint32_t *buckets)
{
	uint32_t more = *room ? 2 * *room : FIRST_BUCKETS;
	void **old = *(void ***)list, **wider = reallocarray(old, more, sizeof(*wider));

	if (wider)
		*(void ***)list = wider;
	void **empty = wider ? calloc(more, sizeof(*empty)) : NULL;
	if (!empty)
		return false;
	free(*(void ***)hash);
	*(void ***)hash = empty;
	*room = *buckets = more;
	return true;
}

static struct sfe_connection *connection_of(struct sfe_analysis *a, const struct sfe_segment *s)
{
	uint64_t hash = hash_of(a, &s->from, &s->to);
	struct sfe_connection *c;

	for (c = a->connection_buckets ? a->connection_hash[hash & (a->connection_buckets - 1)]
				       : NULL;
		c; c = c->same_hash)
		if ((same(&c->end[0], &s->from) && same(&c->end[1], &s->to)) ||
			(same(&c->end[0], &s->to) && same(&c->end[1], &s->from)))
			return c;
	if (a->n_connections == a->connections_room) {
		if (!grow(&a->connections, &a->connection_hash, &a->connections_room,
			    &a->connection_buckets))
			return NULL;
		for (uint32_t i = 0; i < a->n_connections; i++) {
			c = a->connections[i];
			uint32_t at =
				hash_of(a, &c->end[0], &c->end[1]) & (a->connection_buckets - 1);
			c->same_hash = a->connection_hash[at];
			a->connection_hash[at] = c;
		}
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->end[0] = s->from;
	c->end[1] = s->to;
	a->connections[a->n_connections++] = c;
	c->same_hash = a->connection_hash[hash & (a->connection_buckets - 1)];
	a->connection_hash[hash & (a->connection_buckets - 1)] = c;
	return c;
}

static struct sfe_flow *new_flow(
	struct sfe_analysis *a, uint32_t capture, const struct sfe_segment *s)
{
	if (a->n_flows == a->flows_room) {
		if (!grow(&a->flows, &a->flow_hash, &a->flows_room, &a->flow_buckets))
			return NULL;
		for (uint32_t i = 0; i < a->n_flows; i++) {
			struct sfe_flow *f = a->flows[i];
			const struct sfe_socket *end = f->connection->end;
			uint32_t at = flow_bucket(a, f->capture, &end[0], &end[1]);
			if (f->ended)
				continue;
			f->same_hash = a->flow_hash[at];
			a->flow_hash[at] = f;
		}
	}
	struct sfe_connection *c = connection_of(a, s);
	struct sfe_flow *f = c ? calloc(1, sizeof(*f)) : NULL;
	if (!f)
		return NULL;
	*f = (struct sfe_flow){.analysis = a,
		.connection = c,
		.capture = capture,
		.number = ++a->captures[capture].n_flows,
		.reversed = !same(&c->end[0], &s->from)};
	a->flows[a->n_flows++] = f;
	uint32_t at = flow_bucket(a, capture, &s->from, &s->to);
	f->same_hash = a->flow_hash[at];
	a->flow_hash[at] = f;
	return f;
}

static bool is_of(const struct sfe_flow *f, uint32_t capture, const struct sfe_segment *s,
	unsigned *direction)
{
	bool forward = same(sfe_flow_end(f, 0), &s->from) && same(sfe_flow_end(f, 1), &s->to);

	*direction = !forward;
	return f->capture == capture && (forward || (same(sfe_flow_end(f, 0), &s->to) &&
							    same(sfe_flow_end(f, 1), &s->from)));
}

/* The link in the table that points to the flow of a segment; if there is none, where it would be
 * (then *link is NULL). */
static struct sfe_flow **find_link(
	struct sfe_analysis *a, uint32_t capture, const struct sfe_segment *s, unsigned *direction)
{
	struct sfe_flow **link = &a->flow_hash[flow_bucket(a, capture, &s->from, &s->to)];

	while (*link && !is_of(*link, capture, s, direction))
		link = &(*link)->same_hash;
	return link;
}

/* Whether a SYN begins another connection between the same sockets. */
static bool is_new_connection(
	const struct sfe_flow *f, unsigned direction, const struct sfe_segment *s)
{
	struct sfe_class_state early;

	if (!(s->flags & SFE_TCP_SYN))
		return false;
	if (!f->state)
		sfe_flow_class_early(f, &early);
	return sfe_class_begins_another(f->state ? &f->state->class : &early, direction, s);
}

bool sfe_flow_has_room(struct sfe_analysis *a, uint32_t capture, const struct sfe_segment *s)
{
	uint32_t max = a->options.max_connections ? a->options.max_connections
						  : SFE_ANALYZE_MAX_CONNECTIONS;
	unsigned direction;

	if (a->n_flows < max)
		return true;
	const struct sfe_flow *f = *find_link(a, capture, s, &direction);
	return f && !is_new_connection(f, direction, s);
}

static struct sfe_flow *find_flow(
	struct sfe_analysis *a, uint32_t capture, const struct sfe_segment *s, unsigned *direction)
{
	struct sfe_flow **link = a->flow_buckets ? find_link(a, capture, s, direction) : NULL;
	struct sfe_flow *f = link ? *link : NULL;

	if (f && !is_new_connection(f, *direction, s))
		return f;
	bool reused = f;
	if (f) {
		*link = f->same_hash;
		end_flow(f);
	}
	*direction = 0;
	f = new_flow(a, capture, s);
	if (f)
		f->reused = reused;
	return f;
}

static void report_segment(const struct sfe_flow *f, unsigned direction, uint64_t time_ns,
	const struct sfe_segment *s, uint16_t class)
{
	const struct sfe_analysis *a = f->analysis;
	const struct sfe_segment_event event = {.flow = f,
		.direction = direction,
		.segment = s,
		.number = a->captures[f->capture].packets,
		.time_ns = time_ns,
		.class = class};

	if (a->options.segment)
		a->options.segment(a->options.arg, &event);
}

bool sfe_flow_take(
	struct sfe_analysis *a, uint32_t capture, uint64_t time_ns, const struct sfe_segment *s)
{
	unsigned direction;
	struct sfe_flow *f = find_flow(a, capture, s, &direction);
	struct sfe_class_state early;

	if (!f)
		return false;
	a->captures[capture].tcp_packets += s->packets;
	if (!f->state && stays_early(f, s)) {
		if (a->options.segment) {
			sfe_flow_class_early(f, &early);
			report_segment(f, direction, time_ns, s,
				sfe_class_take(&early, direction, s, time_ns));
		}
		return keep_early(f, direction, time_ns, s);
	}
	if (!f->state && !begin_state(f))
		return false;
	uint16_t class = sfe_class_take(&f->state->class, direction, s, time_ns);
	report_segment(f, direction, time_ns, s, class);
	return sfe_flow_attribute(f, direction, time_ns, s, class, false) && !a->no_memory;
}
