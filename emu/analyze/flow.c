/* SPDX-License-Identifier: MIT */
/* Connections: which packet is of which, and which message of which job each packet is for. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "emu/analyze/tally.h"

#define FIRST_BUCKETS 1024u

/* ---- messages */

static struct sfe_message_id id_of(struct sfe_flow_way *w, const struct sfe_message *m)
{
	struct sfe_connection *c = w->flow->connection;
	struct sfe_message_id id = sfe_no_message;

	if (m->ours) {
		id = (struct sfe_message_id){sfe_tally_strategy(w->flow->analysis, m->strategy),
			m->job, m->step, m->kind};
	} else if (!w->reader.parsed.request && c->any) {
		/* An answer that says nothing, to a request that another capture shows. */
		id = c->last;
		id.kind = m->kind;
	}
	return id;
}

static uint32_t seq_of(const struct sfe_flow_way *w, uint64_t offset)
{
	return w->tcp.next_seq - (uint32_t)(w->tcp.next - offset);
}

/* The same message comes by at several captures: it is noted once. */
static void note(struct sfe_connection *c, struct sfe_sender *s, uint32_t begin,
	const struct sfe_message *m, const struct sfe_message_id *id)
{
	uint32_t n = s->n_past < SFE_ANALYZE_PAST ? s->n_past : SFE_ANALYZE_PAST;

	for (uint32_t i = 0; i < n; i++)
		if (s->past[i].begin == begin)
			return;
	uint32_t at = s->n_past++ % SFE_ANALYZE_PAST;
	s->past[at].begin = begin;
	s->past[at].length = (uint32_t)(m->head_bytes + m->body_bytes);
	s->past[at].id = *id;
	if (id->strategy == SFE_NO_STRATEGY)
		return;
	if (!c->any)
		c->first = *id;
	c->any = true;
	c->last = *id;
}

static void on_head(void *arg, const struct sfe_message *m)
{
	struct sfe_flow_way *w = arg;
	struct sfe_flow *f = w->flow;
	struct sfe_message_id id = id_of(w, m);
	struct sfe_tally *t = sfe_tally_of(f->analysis, f->capture, &id);

	if (!t)
		return;
	note(f->connection, w->sender, seq_of(w, m->begin), m, &id);
	if (w->now) {
		uint32_t at = w->n_past++ % SFE_ANALYZE_PAST;
		w->past[at].begin = w->now_begin;
		w->past[at].tally = w->now;
	}
	w->now = t;
	w->now_begin = m->begin;
	sfe_cost_add(&t->cost, &w->waiting);
	w->waiting = (struct sfe_cost){0};
}

static void tell_message(struct sfe_flow_way *w, const struct sfe_message *m, bool distinct)
{
	struct sfe_flow *f = w->flow;
	struct sfe_analysis *a = f->analysis;
	unsigned way = w != f->way;
	const struct sfe_flow_way *back = &f->way[!way];
	struct sfe_message_event event = {
		.flow = f, .way = way, .message = m, .distinct = distinct};

	if (back->reader.any && !w->reader.parsed.request &&
		m->begin_ns >= back->reader.message.end_ns) {
		event.has_wait = true;
		event.wait_ns = m->begin_ns - back->reader.message.end_ns;
	} else if (w->messages == 1 && f->syn_ns && !way) {
		event.has_wait = true;
		event.wait_ns = m->begin_ns - f->syn_ns;
	}
	a->options.message(a->options.arg, &event);
}

static void on_whole(void *arg, const struct sfe_message *m)
{
	struct sfe_flow_way *w = arg;
	struct sfe_analysis *a = w->flow->analysis;
	struct sfe_tally *t = w->now;
	bool distinct = false;

	w->messages++;
	if (!t)
		return;
	if (t->id.strategy != SFE_NO_STRATEGY) {
		distinct = sfe_tally_first_seen(
			a, w->flow, w != w->flow->way, &t->id, seq_of(w, m->begin));
		t->messages++;
		t->head_bytes += m->head_bytes;
		t->body_bytes += m->body_bytes;
		t->distinct_body_bytes += distinct ? m->body_bytes : 0;
		t->missing_bytes += m->missing_bytes;
		if (!t->first_ns || m->begin_ns < t->first_ns)
			t->first_ns = m->begin_ns;
		if (m->end_ns > t->last_ns)
			t->last_ns = m->end_ns;
		t->transfer_ns += m->end_ns - m->begin_ns;
	}
	if (a->options.message)
		tell_message(w, m, distinct);
}

static void on_bytes(void *arg, const uint8_t *data, uint64_t n, bool missing, uint64_t time_ns)
{
	struct sfe_flow_way *w = arg;
	const struct sfe_analysis_options *o = &w->flow->analysis->options;

	if (o->bytes)
		o->bytes(o->arg, w->flow, w != w->flow->way, data, n);
	sfe_messages_take(&w->reader, data, n, missing, time_ns);
}

static uint64_t on_skips(void *arg)
{
	struct sfe_flow_way *w = arg;

	/* Whoever wants the bytes wants all of them. */
	return w->flow->analysis->options.bytes ? 0 : sfe_messages_skips(&w->reader);
}

/* ---- finding connections */

static bool same(const struct sfe_socket *a, const struct sfe_socket *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static uint64_t hash_of(const struct sfe_socket *a, const struct sfe_socket *b)
{
	/* The same both ways. */
	return XXH3_64bits(a, sizeof(*a)) + XXH3_64bits(b, sizeof(*b));
}

static uint32_t flow_bucket(const struct sfe_analysis *a, uint32_t capture,
	const struct sfe_socket *x, const struct sfe_socket *y)
{
	return (uint32_t)(hash_of(x, y) + capture * 0x9e3779b1u) & (a->flow_buckets - 1);
}

/* A hash of twice the room; false when out of memory. The caller fills it. */
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
	uint64_t hash = hash_of(&s->from, &s->to);
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
			uint32_t at = hash_of(&c->end[0], &c->end[1]) & (a->connection_buckets - 1);
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
			uint32_t at = flow_bucket(a, f->capture, &f->end[0], &f->end[1]);
			if (f->over)
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
		.end = {s->from, s->to}};
	for (int i = 0; i < 2; i++) {
		struct sfe_flow_way *w = &f->way[i];
		w->flow = f;
		w->sender = &c->from[!same(&c->end[0], &f->end[i])];
		w->reader.back = &f->way[!i].reader;
		w->reader.sink = (struct sfe_message_sink){on_head, on_whole, w};
		w->tcp.sink = (struct sfe_tcp_sink){on_bytes, on_skips, w};
	}
	a->flows[a->n_flows++] = f;
	uint32_t at = flow_bucket(a, capture, &s->from, &s->to);
	f->same_hash = a->flow_hash[at];
	a->flow_hash[at] = f;
	return f;
}

/* What is still in the buffers of a connection that nothing more comes of. */
static void end_flow(struct sfe_flow *f)
{
	const struct sfe_connection *c = f->connection;

	f->over = true;
	for (int i = 0; i < 2; i++) {
		struct sfe_flow_way *w = &f->way[i];
		sfe_tcp_finish(&w->tcp);
		sfe_tcp_free(&w->tcp);
		if (w->waiting.packets) {
			/* A handshake whose first message this capture did not see. */
			const struct sfe_message_id *id = c->any ? &c->first : &sfe_no_message;
			struct sfe_tally *t = sfe_tally_of(f->analysis, f->capture, id);
			if (t)
				sfe_cost_add(&t->cost, &w->waiting);
			w->waiting = (struct sfe_cost){0};
		}
		sfe_messages_free(&w->reader);
		w->reader = (struct sfe_message_reader){.lost_bytes = w->reader.lost_bytes};
	}
}

void sfe_flow_end_all(struct sfe_analysis *a)
{
	for (uint32_t i = 0; i < a->n_flows; i++)
		if (!a->flows[i]->over)
			end_flow(a->flows[i]);
}

/* Whether a SYN begins another connection between the same sockets. */
static bool is_new_connection(const struct sfe_flow *f, unsigned way, const struct sfe_segment *s)
{
	const struct sfe_tcp_direction *d = &f->way[way].tcp;

	if ((s->flags & (SFE_TCP_SYN | SFE_TCP_ACK)) != SFE_TCP_SYN || !d->started)
		return false;
	return !d->from_syn || s->seq + 1 != (uint32_t)(d->next_seq - (uint32_t)d->next);
}

static struct sfe_flow *find_flow(
	struct sfe_analysis *a, uint32_t capture, const struct sfe_segment *s, unsigned *way)
{
	struct sfe_flow **link = NULL;

	if (a->flow_buckets)
		link = &a->flow_hash[flow_bucket(a, capture, &s->from, &s->to)];
	for (; link && *link; link = &(*link)->same_hash) {
		struct sfe_flow *f = *link;
		bool forth = same(&f->end[0], &s->from) && same(&f->end[1], &s->to);
		if (f->capture != capture ||
			(!forth && !(same(&f->end[0], &s->to) && same(&f->end[1], &s->from))))
			continue;
		if (is_new_connection(f, !forth, s)) {
			*link = f->same_hash;
			end_flow(f);
			break;
		}
		*way = !forth;
		return f;
	}
	*way = 0;
	return new_flow(a, capture, s);
}

/* ---- attribution */

/* The tally of the message that the byte at offset is in; NULL while its head is not whole. */
static struct sfe_tally *tally_at(const struct sfe_flow_way *w, uint64_t offset)
{
	const struct sfe_message_reader *r = &w->reader;
	const struct sfe_message *m = &r->message;

	if (!w->now || (r->mode == SFE_READ_HEAD && offset >= m->begin) ||
		(r->mode == SFE_READ_START && offset >= m->begin + m->head_bytes + m->body_bytes))
		return NULL;
	if (offset >= w->now_begin)
		return w->now;
	uint32_t n = w->n_past < SFE_ANALYZE_PAST ? w->n_past : SFE_ANALYZE_PAST;
	for (uint32_t i = 1; i <= n; i++) {
		uint32_t at = (w->n_past - i) % SFE_ANALYZE_PAST;
		if (w->past[at].begin <= offset)
			return w->past[at].tally;
	}
	return w->now;
}

/* The message of another capture that has this byte, the newest if several do. */
static const struct sfe_message_id *id_at(const struct sfe_sender *s, uint32_t seq)
{
	uint32_t n = s->n_past < SFE_ANALYZE_PAST ? s->n_past : SFE_ANALYZE_PAST;

	for (uint32_t i = 1; i <= n; i++) {
		uint32_t at = (s->n_past - i) % SFE_ANALYZE_PAST;
		if (seq - s->past[at].begin < s->past[at].length)
			return &s->past[at].id;
	}
	return NULL;
}

static struct sfe_tally *acknowledged(
	struct sfe_flow *f, const struct sfe_flow_way *back, const struct sfe_segment *s)
{
	const struct sfe_message_id *id;

	if (back->tcp.counts.payload_bytes) {
		int64_t last = (int64_t)back->tcp.next + (int32_t)(s->ack - back->tcp.next_seq) - 1;
		if (last >= (int64_t)back->tcp.next)
			last = (int64_t)back->tcp.next - 1; /* a FIN */
		return tally_at(back, last < 0 ? 0 : (uint64_t)last);
	}
	/* The data went another way: another capture may have it. */
	id = id_at(back->sender, s->ack - 1);
	return id ? sfe_tally_of(f->analysis, f->capture, id) : NULL;
}

static void attribute(struct sfe_flow *f, unsigned way, const struct sfe_segment *s,
	const struct sfe_cost *cost, uint64_t offset)
{
	struct sfe_flow_way *w = &f->way[way], *back = &f->way[!way];
	struct sfe_flow_way *owner = w;
	struct sfe_tally *t = NULL;

	if (s->payload_bytes) {
		t = tally_at(w, offset);
	} else if (s->flags & SFE_TCP_SYN) {
		owner = &f->way[0]; /* whoever connects sends the first message */
		t = owner->now;
	} else {
		if (s->flags & SFE_TCP_ACK)
			t = acknowledged(f, back, s);
		if (!t && back->tcp.counts.payload_bytes && back->reader.mode == SFE_READ_HEAD)
			owner = back; /* of a head that is not whole yet */
		else if (!t)
			t = w->now ? w->now : back->now;
	}
	sfe_cost_add(t ? &t->cost : &owner->waiting, cost);
}

static void note_handshake(
	struct sfe_flow *f, unsigned way, const struct sfe_segment *s, uint64_t ns)
{
	if ((s->flags & (SFE_TCP_SYN | SFE_TCP_ACK)) == SFE_TCP_SYN && !f->syn_ns)
		f->syn_ns = ns;
	else if (!(s->flags & SFE_TCP_SYN) && !f->first_rtt_ns && f->syn_ns && !way &&
		 f->way[1].tcp.started)
		f->first_rtt_ns = ns - f->syn_ns;
}

static bool add_bin(
	struct sfe_analysis *a, struct sfe_capture_counts *c, uint64_t ns, uint64_t bytes)
{
	uint64_t bin = ns < c->first_ns ? 0 : (ns - c->first_ns) / a->options.interval_ns;

	if (bin >= SFE_ANALYZE_MAX_BINS)
		bin = SFE_ANALYZE_MAX_BINS - 1;
	if (bin >= c->bins_room) {
		uint32_t room = c->bins_room ? c->bins_room : 256;
		while (room <= bin)
			room *= 2;
		uint64_t *more = reallocarray(c->bins, room, sizeof(*more));
		if (!more)
			return false;
		memset(more + c->bins_room, 0, (room - c->bins_room) * sizeof(*more));
		c->bins = more;
		c->bins_room = room;
	}
	c->bins[bin] += bytes;
	if (c->n_bins <= bin)
		c->n_bins = (uint32_t)bin + 1;
	return true;
}

bool sfe_flow_take(struct sfe_analysis *a, uint32_t capture, const struct sfe_packet *p,
	const struct sfe_segment *s)
{
	struct sfe_capture_counts *c = &a->captures[capture];
	unsigned way;
	struct sfe_flow *f = find_flow(a, capture, s, &way);
	uint64_t offset;

	if (!f)
		return false;
	struct sfe_tcp_direction *d = &f->way[way].tcp;
	uint64_t unique = d->counts.unique_bytes;
	note_handshake(f, way, s, p->time_ns);
	enum sfe_tcp_verdict verdict =
		sfe_tcp_take(d, &f->way[!way].tcp, s, p->time_ns, f->first_rtt_ns, &offset);
	d->counts.wire_bytes += p->wire_bytes;
	const struct sfe_cost cost = {
		.packets = 1,
		.wire_bytes = p->wire_bytes,
		.header_bytes = s->header_bytes,
		.payload_bytes = s->payload_bytes,
		.retransmissions = verdict == SFE_TCP_RETRANSMISSION,
		.retransmitted_bytes = verdict == SFE_TCP_RETRANSMISSION ? s->payload_bytes : 0,
		.out_of_order = verdict == SFE_TCP_OUT_OF_ORDER,
	};
	attribute(f, way, s, &cost, offset);
	c->tcp_packets++;
	unique = d->counts.unique_bytes - unique;
	if (a->options.interval_ns && unique && !add_bin(a, c, p->time_ns, unique))
		return false;
	return !d->failed && !a->no_memory;
}
