/* SPDX-License-Identifier: MIT */
/* Which message of which job each packet of a connection is for. */
#include "emu/analyze/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "emu/analyze/tally.h"

/* ---- messages */

static struct sfe_message_id id_of(struct sfe_flow_way *w, const struct sfe_message *m)
{
	struct sfe_connection *c = w->flow->connection;
	struct sfe_message_id id = sfe_no_message;

	if (m->ours) {
		id = (struct sfe_message_id){sfe_tally_strategy(w->flow->analysis, m->strategy),
			m->job, m->step, m->kind};
	} else if (!w->reader.parsed.request && c->said && c->said->any) {
		/* An answer that says nothing, to a request that another capture shows. */
		id = c->said->last;
		id.kind = m->kind;
	}
	return id;
}

static uint32_t seq_of(const struct sfe_flow_way *w, uint64_t offset)
{
	return w->tcp.next_seq - (uint32_t)(w->tcp.next - offset);
}

static unsigned way_of(const struct sfe_flow_way *w)
{
	return w != w->flow->state->way;
}

/* The end of the connection that sends that way. */
static unsigned sender_of(const struct sfe_flow *f, unsigned way)
{
	return way != f->turned;
}

/* The same message comes by at several captures: it is noted once. */
static void note(
	struct sfe_flow_way *w, const struct sfe_message *m, const struct sfe_message_id *id)
{
	struct sfe_connection *c = w->flow->connection;
	uint32_t begin = seq_of(w, m->begin);

	if (!c->said && !(c->said = calloc(1, sizeof(*c->said)))) {
		w->flow->analysis->no_memory = true;
		return;
	}
	struct sfe_said *said = c->said;
	struct sfe_sender *s = &said->from[sender_of(w->flow, way_of(w))];
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
	if (!said->any)
		said->first = *id;
	said->any = true;
	said->last = *id;
}

static void on_head(void *arg, const struct sfe_message *m)
{
	struct sfe_flow_way *w = arg;
	struct sfe_flow *f = w->flow;
	struct sfe_message_id id = id_of(w, m);
	struct sfe_tally *t = sfe_tally_of(f->analysis, f->capture, &id);

	if (!t)
		return;
	note(w, m, &id);
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
	unsigned way = way_of(w);
	const struct sfe_flow_way *back = &f->state->way[!way];
	struct sfe_message_event event = {
		.flow = f, .way = way, .message = m, .distinct = distinct};

	if (back->reader.any && !w->reader.parsed.request &&
		m->begin_ns >= back->reader.message.end_ns) {
		event.has_wait = true;
		event.wait_ns = m->begin_ns - back->reader.message.end_ns;
	} else if (w->messages == 1 && f->state->syn_ns && !way) {
		event.has_wait = true;
		event.wait_ns = m->begin_ns - f->state->syn_ns;
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
		distinct = sfe_tally_first_seen(a, w->flow, way_of(w), &t->id, seq_of(w, m->begin));
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
		o->bytes(o->arg, w->flow, way_of(w), data, n);
	sfe_messages_take(&w->reader, data, n, missing, time_ns);
}

static uint64_t on_skips(void *arg)
{
	struct sfe_flow_way *w = arg;

	/* Whoever wants the bytes wants all of them. */
	return w->flow->analysis->options.bytes ? 0 : sfe_messages_skips(&w->reader);
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
static const struct sfe_message_id *id_at(const struct sfe_said *said, unsigned end, uint32_t seq)
{
	const struct sfe_sender *s = &said->from[end];
	uint32_t n = s->n_past < SFE_ANALYZE_PAST ? s->n_past : SFE_ANALYZE_PAST;

	for (uint32_t i = 1; i <= n; i++) {
		uint32_t at = (s->n_past - i) % SFE_ANALYZE_PAST;
		if (seq - s->past[at].begin < s->past[at].length)
			return &s->past[at].id;
	}
	return NULL;
}

static struct sfe_tally *acknowledged(
	struct sfe_flow *f, unsigned way, const struct sfe_segment *s, bool early)
{
	const struct sfe_flow_way *back = &f->state->way[!way];
	const struct sfe_said *said = f->connection->said;
	const struct sfe_message_id *id;

	if (back->tcp.counts.payload_bytes) {
		int64_t last = (int64_t)back->tcp.next + (int32_t)(s->ack - back->tcp.next_seq) - 1;
		if (last >= (int64_t)back->tcp.next)
			last = (int64_t)back->tcp.next - 1; /* a FIN */
		return tally_at(back, last < 0 ? 0 : (uint64_t)last);
	}
	/* The data went another way: another capture may have it. When an early one came none had.
	 */
	id = said && !early ? id_at(said, sender_of(f, !way), s->ack - 1) : NULL;
	return id ? sfe_tally_of(f->analysis, f->capture, id) : NULL;
}

static void attribute(struct sfe_flow *f, unsigned way, const struct sfe_segment *s,
	const struct sfe_cost *cost, uint64_t offset, bool early)
{
	struct sfe_flow_way *w = &f->state->way[way], *back = &f->state->way[!way];
	struct sfe_flow_way *owner = w;
	struct sfe_tally *t = NULL;

	if (s->payload_bytes) {
		t = tally_at(w, offset);
	} else if (s->flags & SFE_TCP_SYN) {
		owner = &f->state->way[0]; /* whoever connects sends the first message */
		t = owner->now;
	} else {
		if (s->flags & SFE_TCP_ACK)
			t = acknowledged(f, way, s, early);
		if (!t && back->tcp.counts.payload_bytes && back->reader.mode == SFE_READ_HEAD)
			owner = back; /* of a head that is not whole yet */
		else if (!t)
			t = w->now ? w->now : back->now;
	}
	sfe_cost_add(t ? &t->cost : &owner->waiting, cost);
}

static void note_handshake(
	struct sfe_flow_state *f, unsigned way, const struct sfe_segment *s, uint64_t ns)
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

/* ---- a connection */

void sfe_flow_begin(struct sfe_flow *f, struct sfe_flow_state *state)
{
	*state = (struct sfe_flow_state){0};
	f->state = state;
	for (int i = 0; i < 2; i++) {
		struct sfe_flow_way *w = &state->way[i];
		w->flow = f;
		w->reader.back = &state->way[!i].reader;
		w->reader.sink = (struct sfe_message_sink){on_head, on_whole, w};
		w->tcp.sink = (struct sfe_tcp_sink){on_bytes, on_skips, w};
	}
}

bool sfe_flow_attribute(struct sfe_flow *f, unsigned way, uint64_t time_ns, uint32_t wire_bytes,
	const struct sfe_segment *s, bool early)
{
	struct sfe_analysis *a = f->analysis;
	struct sfe_flow_state *state = f->state;
	struct sfe_tcp_direction *d = &state->way[way].tcp;
	uint64_t unique = d->counts.unique_bytes, offset;

	note_handshake(state, way, s, time_ns);
	enum sfe_tcp_verdict verdict =
		sfe_tcp_take(d, &state->way[!way].tcp, s, time_ns, state->first_rtt_ns, &offset);
	d->counts.wire_bytes += wire_bytes;
	const struct sfe_cost cost = {
		.packets = 1,
		.wire_bytes = wire_bytes,
		.header_bytes = s->header_bytes,
		.payload_bytes = s->payload_bytes,
		.retransmissions = verdict == SFE_TCP_RETRANSMISSION,
		.retransmitted_bytes = verdict == SFE_TCP_RETRANSMISSION ? s->payload_bytes : 0,
		.out_of_order = verdict == SFE_TCP_OUT_OF_ORDER,
	};
	attribute(f, way, s, &cost, offset, early);
	unique = d->counts.unique_bytes - unique;
	if (a->options.interval_ns && unique &&
		!add_bin(a, &a->captures[f->capture], time_ns, unique))
		return false;
	return !d->failed;
}

void sfe_flow_settle(struct sfe_flow *f)
{
	const struct sfe_said *said = f->connection->said;

	for (int i = 0; i < 2; i++) {
		struct sfe_flow_way *w = &f->state->way[i];
		sfe_tcp_finish(&w->tcp);
		sfe_tcp_free(&w->tcp);
		if (w->waiting.packets) {
			/* A handshake whose first message this capture did not see. */
			const struct sfe_message_id *id =
				said && said->any ? &said->first : &sfe_no_message;
			struct sfe_tally *t = sfe_tally_of(f->analysis, f->capture, id);
			if (t)
				sfe_cost_add(&t->cost, &w->waiting);
			w->waiting = (struct sfe_cost){0};
		}
		sfe_messages_free(&w->reader);
		w->reader = (struct sfe_message_reader){.lost_bytes = w->reader.lost_bytes};
	}
}
