/* SPDX-License-Identifier: MIT */
/* Finds the message of a job that each packet of a connection belongs to. */
#include "emu/analyze/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "emu/analyze/tally.h"

/* ---- messages */

static struct sfe_message_id id_of(struct sfe_flow_direction *dir, const struct sfe_message *m)
{
	struct sfe_connection *c = dir->flow->connection;
	struct sfe_message_id id = sfe_no_message;

	if (m->ours) {
		id = (struct sfe_message_id){sfe_tally_strategy(dir->flow->analysis, m->strategy),
			m->job, m->step, m->kind, m->after};
	} else if (!dir->reader.parsed.request && c->messages && c->messages->any) {
		/* An answer without a job, to a request that another capture shows. */
		id = c->messages->last;
		id.kind = m->kind;
	}
	return id;
}

static uint32_t seq_of(const struct sfe_flow_direction *dir, uint64_t offset)
{
	return dir->tcp.next_seq - (uint32_t)(dir->tcp.next - offset);
}

static unsigned direction_of(const struct sfe_flow_direction *dir)
{
	return dir != dir->flow->state->direction;
}

/* The end of the connection that sends in that direction. */
static unsigned sender_of(const struct sfe_flow *f, unsigned direction)
{
	return direction != f->reversed;
}

/* Records a message of the connection. Several captures may show it; it is recorded once. */
static void record_message(struct sfe_flow_direction *dir, const struct sfe_message *m,
	const struct sfe_message_id *id)
{
	struct sfe_connection *c = dir->flow->connection;
	uint32_t begin = seq_of(dir, m->begin);

	if (!c->messages && !(c->messages = calloc(1, sizeof(*c->messages)))) {
		dir->flow->analysis->no_memory = true;
		return;
	}
	struct sfe_connection_messages *messages = c->messages;
	struct sfe_sender *s = &messages->from[sender_of(dir->flow, direction_of(dir))];
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
	if (!messages->any)
		messages->first = *id;
	messages->any = true;
	messages->last = *id;
}

static void on_head(void *arg, const struct sfe_message *m)
{
	struct sfe_flow_direction *dir = arg;
	struct sfe_flow *f = dir->flow;
	struct sfe_message_id id = id_of(dir, m);
	struct sfe_tally *t = sfe_tally_of(f->analysis, f->capture, &id);

	if (!t)
		return;
	record_message(dir, m, &id);
	if (dir->now) {
		uint32_t at = dir->n_past++ % SFE_ANALYZE_PAST;
		dir->past[at].begin = dir->now_begin;
		dir->past[at].tally = dir->now;
	}
	dir->now = t;
	dir->now_begin = m->begin;
	sfe_cost_add(&t->cost, &dir->waiting);
	dir->waiting = (struct sfe_cost){0};
}

static void report_message(
	struct sfe_flow_direction *dir, const struct sfe_message *m, bool distinct)
{
	struct sfe_flow *f = dir->flow;
	struct sfe_analysis *a = f->analysis;
	unsigned direction = direction_of(dir);
	const struct sfe_flow_direction *back = &f->state->direction[!direction];
	struct sfe_message_event event = {
		.flow = f, .direction = direction, .message = m, .distinct = distinct};

	if (back->reader.any && !dir->reader.parsed.request &&
		m->begin_ns >= back->reader.message.end_ns) {
		event.has_wait = true;
		event.wait_ns = m->begin_ns - back->reader.message.end_ns;
	} else if (dir->messages == 1 && f->state->syn_ns && !direction &&
		   m->begin_ns >= f->state->syn_ns) {
		event.has_wait = true;
		event.wait_ns = m->begin_ns - f->state->syn_ns;
	}
	a->options.message(a->options.arg, &event);
}

static void on_whole(void *arg, const struct sfe_message *m)
{
	struct sfe_flow_direction *dir = arg;
	struct sfe_analysis *a = dir->flow->analysis;
	struct sfe_tally *t = dir->now;
	bool distinct = false;

	dir->messages++;
	if (!t)
		return;
	if (t->id.strategy != SFE_NO_STRATEGY) {
		distinct = sfe_tally_first_seen(
			a, dir->flow, direction_of(dir), &t->id, seq_of(dir, m->begin));
		t->messages++;
		t->head_bytes += m->head_bytes;
		t->body_bytes += m->body_bytes;
		t->distinct_body_bytes += distinct ? m->body_bytes : 0;
		t->missing_bytes += m->missing_bytes;
		if (!t->first_ns || m->begin_ns < t->first_ns)
			t->first_ns = m->begin_ns;
		if (m->end_ns > t->last_ns)
			t->last_ns = m->end_ns;
		/* The clock may have been set back in between. */
		t->transfer_ns += m->end_ns > m->begin_ns ? m->end_ns - m->begin_ns : 0;
	}
	if (a->options.message)
		report_message(dir, m, distinct);
}

static bool is_followed(const struct sfe_flow_direction *dir)
{
	const struct sfe_analysis_options *o = &dir->flow->analysis->options;

	return o->bytes && dir->flow->number == o->follow &&
	       direction_of(dir) == o->follow_direction;
}

static void on_bytes(void *arg, const uint8_t *data, uint64_t n, bool missing, uint64_t time_ns)
{
	struct sfe_flow_direction *dir = arg;
	const struct sfe_analysis_options *o = &dir->flow->analysis->options;

	if (is_followed(dir))
		o->bytes(o->arg, data, n);
	sfe_messages_take(&dir->reader, data, n, missing, time_ns);
}

static uint64_t on_skips(void *arg)
{
	struct sfe_flow_direction *dir = arg;

	return is_followed(dir) ? 0 : sfe_messages_skips(&dir->reader);
}

/* ---- attribution */

/* The tally of the message that the byte at offset is in; NULL if its head is not complete yet. */
static struct sfe_tally *tally_at(const struct sfe_flow_direction *dir, uint64_t offset)
{
	const struct sfe_message_reader *r = &dir->reader;
	const struct sfe_message *m = &r->message;

	if (!dir->now || (r->mode == SFE_READ_HEAD && offset >= m->begin) ||
		(r->mode == SFE_READ_START && offset >= m->begin + m->head_bytes + m->body_bytes))
		return NULL;
	if (offset >= dir->now_begin)
		return dir->now;
	uint32_t n = dir->n_past < SFE_ANALYZE_PAST ? dir->n_past : SFE_ANALYZE_PAST;
	for (uint32_t i = 1; i <= n; i++) {
		uint32_t at = (dir->n_past - i) % SFE_ANALYZE_PAST;
		if (dir->past[at].begin <= offset)
			return dir->past[at].tally;
	}
	return dir->now;
}

/* The message with this byte that any capture has shown, the newest if there are several. */
static const struct sfe_message_id *id_at(
	const struct sfe_connection_messages *messages, unsigned end, uint32_t seq)
{
	const struct sfe_sender *s = &messages->from[end];
	uint32_t n = s->n_past < SFE_ANALYZE_PAST ? s->n_past : SFE_ANALYZE_PAST;

	for (uint32_t i = 1; i <= n; i++) {
		uint32_t at = (s->n_past - i) % SFE_ANALYZE_PAST;
		if (seq - s->past[at].begin < s->past[at].length)
			return &s->past[at].id;
	}
	return NULL;
}

static struct sfe_tally *acknowledged(
	struct sfe_flow *f, unsigned direction, const struct sfe_segment *s, bool early)
{
	const struct sfe_flow_direction *back = &f->state->direction[!direction];
	const struct sfe_connection_messages *messages = f->connection->messages;
	const struct sfe_message_id *id;

	if (back->tcp.counts.payload_bytes) {
		int64_t last = (int64_t)back->tcp.next + (int32_t)(s->ack - back->tcp.next_seq) - 1;
		if (last >= (int64_t)back->tcp.next)
			last = (int64_t)back->tcp.next - 1; /* a FIN */
		return tally_at(back, last < 0 ? 0 : (uint64_t)last);
	}
	/* The data took another path: another capture may show it. An early segment came before
	 * any of them did. */
	id = messages && !early ? id_at(messages, sender_of(f, !direction), s->ack - 1) : NULL;
	return id ? sfe_tally_of(f->analysis, f->capture, id) : NULL;
}

static void attribute(struct sfe_flow *f, unsigned direction, const struct sfe_segment *s,
	const struct sfe_cost *cost, uint64_t offset, bool early)
{
	struct sfe_flow_direction *dir = &f->state->direction[direction],
				  *back = &f->state->direction[!direction];
	struct sfe_flow_direction *owner = dir;
	struct sfe_tally *t = NULL;

	if (s->payload_bytes) {
		t = tally_at(dir, offset);
	} else if (s->flags & SFE_TCP_SYN) {
		owner = &f->state->direction[0]; /* the end that connects sends the first message */
		t = owner->now;
	} else {
		if (s->flags & SFE_TCP_ACK)
			t = acknowledged(f, direction, s, early);
		if (!t && back->tcp.counts.payload_bytes && back->reader.mode == SFE_READ_HEAD)
			owner = back; /* it acknowledges a head that is not complete yet */
		else if (!t)
			t = dir->now ? dir->now : back->now;
	}
	sfe_cost_add(t ? &t->cost : &owner->waiting, cost);
}

static bool add_interval(
	struct sfe_analysis *a, struct sfe_capture_counts *c, uint64_t ns, uint64_t bytes)
{
	return sfe_intervals_add(
		&c->intervals, sfe_interval_of(ns, c->first_ns, a->options.interval_ns), bytes);
}

/* ---- a connection */

void sfe_flow_begin(struct sfe_flow *f, struct sfe_flow_state *state)
{
	*state = (struct sfe_flow_state){0};
	f->state = state;
	sfe_class_begin(&state->class, f->reused);
	for (int i = 0; i < 2; i++) {
		struct sfe_flow_direction *dir = &state->direction[i];
		dir->flow = f;
		dir->reader.back = &state->direction[!i].reader;
		dir->reader.sink = (struct sfe_message_sink){on_head, on_whole, dir};
		dir->tcp.sink = (struct sfe_tcp_sink){on_bytes, on_skips, dir};
		dir->tcp.patient = is_followed(dir);
	}
}

bool sfe_flow_attribute(struct sfe_flow *f, unsigned direction, uint64_t time_ns,
	const struct sfe_segment *s, uint16_t class, bool early)
{
	struct sfe_analysis *a = f->analysis;
	struct sfe_flow_state *state = f->state;
	struct sfe_tcp_direction *d = &state->direction[direction].tcp;
	uint64_t unique = d->counts.unique_bytes, offset;
	bool again = class & SFE_CLASS_ANY_RETRANSMISSION;

	if ((s->flags & (SFE_TCP_SYN | SFE_TCP_ACK)) == SFE_TCP_SYN && !state->syn_ns)
		state->syn_ns = time_ns;
	sfe_tcp_take(d, &state->direction[!direction].tcp, s, time_ns, class, &offset);
	const struct sfe_cost cost = {
		.packets = s->packets,
		.wire_bytes = s->wire_bytes,
		.header_bytes = s->header_bytes,
		.payload_bytes = s->payload_bytes,
		.retransmissions = again,
		.retransmitted_bytes = again ? s->payload_bytes : 0,
		.out_of_order = !!(class & SFE_CLASS_OUT_OF_ORDER),
	};
	attribute(f, direction, s, &cost, offset, early);
	unique = d->counts.unique_bytes - unique;
	if (a->options.interval_ns && unique &&
		!add_interval(a, &a->captures[f->capture], time_ns, unique))
		return false;
	return !d->failed;
}

void sfe_flow_settle(struct sfe_flow *f)
{
	const struct sfe_connection_messages *messages = f->connection->messages;

	for (int i = 0; i < 2; i++) {
		struct sfe_flow_direction *dir = &f->state->direction[i];
		sfe_tcp_finish(&dir->tcp);
		sfe_tcp_free(&dir->tcp);
		if (dir->waiting.packets) {
			/* A handshake whose first message is not in this capture. */
			const struct sfe_message_id *id =
				messages && messages->any ? &messages->first : &sfe_no_message;
			struct sfe_tally *t = sfe_tally_of(f->analysis, f->capture, id);
			if (t)
				sfe_cost_add(&t->cost, &dir->waiting);
			dir->waiting = (struct sfe_cost){0};
		}
		sfe_messages_free(&dir->reader);
		dir->reader = (struct sfe_message_reader){.lost_bytes = dir->reader.lost_bytes};
	}
}
