/* SPDX-License-Identifier: MIT */
#include "emu/analyze/views.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/analyze/view_rows.h"

#define CAPTURE(field, cell, unit, meaning)                                                        \
	SFE_COLUMN(struct sfe_capture_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column captures[] = {
	CAPTURE(capture, TEXT, "", "the file"),
	CAPTURE(packets, BIG, "frames", "all that it holds"),
	CAPTURE(wire_bytes, BIG, "bytes", "of them on the wire, with the link layer's header"),
	CAPTURE(tcp_packets, BIG, "frames", "of TCP"),
	CAPTURE(other_packets, BIG, "frames", "the rest"),
	CAPTURE(cut_packets, BIG, "frames", "captured shorter than they were"),
	CAPTURE(unread_packets, BIG, "frames",
		"too short or broken to be read, or fragments without the rest"),
	CAPTURE(connections, COUNT, "connections", "of TCP"),
	CAPTURE(retransmissions, BIG, "segments", "sent again, as seen here"),
	CAPTURE(out_of_order, BIG, "segments", "overtaken on the path to the capture"),
	CAPTURE(missing_bytes, BIG, "bytes", "acknowledged and never captured"),
	CAPTURE(first_s, SECONDS, "s", "time of the first packet"),
	CAPTURE(last_s, SECONDS, "s", "time of the last packet"),
	CAPTURE(lone_fragments, BIG, "frames", "of unread_packets: fragments without the rest"),
	CAPTURE(opaque_packets, BIG, "frames",
		"of kinds that are not looked into, though they may carry TCP"),
};
SFE_VIEW(sfe_capture_view, "a capture", captures, struct sfe_capture_row);

#define FLOW(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct sfe_flow_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column flows[] = {
	FLOW(capture, TEXT, "", "the file"),
	FLOW(connection, COUNT, "", "its number in the capture, from 1"),
	FLOW(from, TEXT, "", "address and port that send"),
	FLOW(to, TEXT, "", "address and port that receive"),
	FLOW(messages, BIG, "messages", "whole ones of the workers' protocol"),
	FLOW(packets, BIG, "segments", "sent in this direction"),
	FLOW(wire_bytes, BIG, "bytes", "of them, with all headers"),
	FLOW(header_bytes, BIG, "bytes", "of link layer, IP and TCP"),
	FLOW(payload_bytes, BIG, "bytes", "that TCP carried, what was sent twice counts twice"),
	FLOW(unique_bytes, BIG, "bytes", "of the stream, each once"),
	FLOW(retransmissions, BIG, "segments", "sent again"),
	FLOW(retransmitted_bytes, BIG, "bytes", "in them"),
	FLOW(out_of_order, BIG, "segments", "overtaken on the way to the capture"),
	FLOW(duplicate_acks, BIG, "segments", "acknowledgements that say again what was said"),
	FLOW(keep_alives, BIG, "segments",
		"no retransmissions: they ask whether the other end is there"),
	FLOW(missing_bytes, BIG, "bytes", "acknowledged and never captured"),
	FLOW(rtt_min_s, SECONDS, "s", "least time from a segment here to its acknowledgement here"),
	FLOW(rtt_mean_s, SECONDS, "s", "mean of these times"),
	FLOW(rtt_max_s, SECONDS, "s", "greatest of these times"),
	FLOW(first_s, SECONDS, "s", "time of its first packet"),
	FLOW(last_s, SECONDS, "s", "time of its last packet"),
	FLOW(goodput_bps, WHOLE, "bit/s", "unique bytes over the time from first to last packet"),
	FLOW(fast_retransmissions, BIG, "segments",
		"of retransmissions: soon after duplicate acknowledgements"),
	FLOW(spurious_retransmissions, BIG, "segments",
		"of retransmissions: of bytes that were acknowledged before"),
	FLOW(keep_alive_acks, BIG, "segments", "their answers, no duplicate acknowledgements"),
	FLOW(zero_windows, BIG, "segments", "say that the receiver's buffer is full"),
	FLOW(zero_window_probes, BIG, "segments", "of one byte, sent into a window of 0"),
	FLOW(zero_window_probe_acks, BIG, "segments", "their answers, if the window is still 0"),
	FLOW(window_updates, BIG, "segments", "acknowledgements that change the window only"),
	FLOW(window_full, BIG, "segments", "fill the receiver's window"),
	FLOW(lost_segments, BIG, "segments", "begin behind bytes that were not captured so far"),
	FLOW(ack_lost_segments, BIG, "segments", "acknowledge bytes that were not captured so far"),
};
SFE_VIEW(sfe_flow_view, "a direction of a connection", flows, struct sfe_flow_row);

#define TALLY(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct sfe_tally_row, field, SFE_CELL_##cell, unit, meaning)
#define OF_TALLY                                                                                   \
	TALLY(messages, BIG, "messages", "that came whole, at each capture that saw them"),        \
		TALLY(body_bytes, BIG, "bytes",                                                    \
			"arguments, states and return values in them, at each capture"),           \
		TALLY(distinct_body_bytes, BIG, "bytes", "the same, each message once"),           \
		TALLY(head_bytes, BIG, "bytes", "of HTTP heads"),                                  \
		TALLY(header_bytes, BIG, "bytes",                                                  \
			"of link layer, IP and TCP, also of acknowledgements"),                    \
		TALLY(packets, BIG, "frames", "that carried or acknowledged them"),                \
		TALLY(wire_bytes, BIG, "bytes", "in these packets"),                               \
		TALLY(retransmissions, BIG, "segments", "sent again"),                             \
		TALLY(retransmitted_bytes, BIG, "bytes", "in them"),                               \
		TALLY(out_of_order, BIG, "segments", "overtaken on the way"),                      \
		TALLY(missing_bytes, BIG, "bytes", "of bodies, not in the capture"),               \
		TALLY(first_s, SECONDS, "s", "the first byte of the first message"),               \
		TALLY(last_s, SECONDS, "s", "the last byte of the last message"),                  \
		TALLY(transfer_s, SECONDS, "s", "from first to last byte, summed over messages")
#define STRATEGY TALLY(strategy, TEXT, "", "as the heads say; empty: packets of no job")
#define JOB TALLY(job_index, WHOLE, "", "the job's index in the run, as the heads say")
static const struct sfe_column strategies[] = {STRATEGY, OF_TALLY};
static const struct sfe_column jobs[] = {STRATEGY, JOB, OF_TALLY};
static const struct sfe_column steps[] = {
	TALLY(capture, TEXT, "", "the file"),
	STRATEGY,
	JOB,
	TALLY(step, WHOLE, "", "which of its job's steps, from 0"),
	TALLY(kind, TEXT, "", "call, return, fetch, state, dynamic, or other"),
	OF_TALLY,
	TALLY(after, WHOLE, "", "of a call in a graph: the step that calls"),
};
SFE_VIEW(sfe_strategy_view, "a strategy", strategies, struct sfe_tally_row);
SFE_VIEW(sfe_job_view, "a job under a strategy", jobs, struct sfe_tally_row);
const struct sfe_table sfe_step_view = {"sfe_step_view",
	"a kind of message of a step of a job, in a capture", steps,
	sizeof(steps) / sizeof(steps[0]), sizeof(struct sfe_tally_row), .n_optional = 1};

#define PART(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct sfe_part_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column parts[] = {
	PART(capture, TEXT, "", "the file"),
	PART(connection, COUNT, "", "its number in the capture"),
	PART(from, TEXT, "", "address and port that send"),
	PART(to, TEXT, "", "address and port that receive"),
	PART(strategy, TEXT, "", "as the head says"),
	PART(job_index, WHOLE, "", "the job's index in the run"),
	PART(step, WHOLE, "", "which of its job's steps, from 0"),
	PART(kind, TEXT, "", "call, return, fetch, state, dynamic, or other"),
	PART(part, TEXT, "", "head, arg (argument or return value), or s and a state's number"),
	PART(bytes, BIG, "bytes", "of the part"),
	PART(begin_s, SECONDS, "s", "its first byte"),
	PART(end_s, SECONDS, "s", "its last byte"),
	PART(transfer_s, SECONDS, "s", "between them"),
	PART(wait_s, SECONDS, "s",
		"of a head: time to first byte, from the end of the request that it answers or "
		"from the SYN of a "
		"new connection"),
};
SFE_VIEW(sfe_part_view, "a part of a message", parts, struct sfe_part_row);

int sfe_view_captures(const struct sfe_analysis *a, void **rows, size_t *n)
{
	struct sfe_capture_row *r = calloc(a->n_captures + 1, sizeof(*r));
	uint64_t start = sfe_view_start(a);

	if (!r)
		return -ENOMEM;
	for (uint32_t i = 0; i < a->n_captures; i++) {
		const struct sfe_capture_counts *c = &a->captures[i];
		r[i] = (struct sfe_capture_row){.packets = c->packets,
			.wire_bytes = c->wire_bytes,
			.tcp_packets = c->tcp_packets,
			.other_packets = c->other_packets,
			.cut_packets = c->cut_packets,
			.unread_packets = c->unread_packets,
			.lone_fragments = c->lone_fragments,
			.opaque_packets = c->opaque_packets,
			.connections = c->n_flows,
			.first_s = c->packets ? sfe_row_since(start, c->first_ns) : NAN,
			.last_s = c->packets ? sfe_row_since(start, c->last_ns) : NAN};
		sfe_row_file(r[i].capture, c->file);
	}
	for (uint32_t i = 0; i < 2 * a->n_flows; i++) {
		const struct sfe_flow *f = a->flows[i / 2];
		const struct sfe_tcp_counts c = sfe_flow_counts(f, i % 2);
		r[f->capture].retransmissions += c.retransmissions;
		r[f->capture].out_of_order += sfe_tcp_count(&c, SFE_CLASS_OUT_OF_ORDER);
		r[f->capture].missing_bytes += c.missing_bytes;
	}
	*rows = r;
	*n = a->n_captures;
	return 0;
}

static void put_classes(struct sfe_flow_row *row, const struct sfe_tcp_counts *c)
{
	row->fast_retransmissions = sfe_tcp_count(c, SFE_CLASS_FAST_RETRANSMISSION);
	row->spurious_retransmissions = sfe_tcp_count(c, SFE_CLASS_SPURIOUS_RETRANSMISSION);
	row->keep_alives = sfe_tcp_count(c, SFE_CLASS_KEEP_ALIVE);
	row->keep_alive_acks = sfe_tcp_count(c, SFE_CLASS_KEEP_ALIVE_ACK);
	row->zero_windows = sfe_tcp_count(c, SFE_CLASS_ZERO_WINDOW);
	row->zero_window_probes = sfe_tcp_count(c, SFE_CLASS_ZERO_WINDOW_PROBE);
	row->zero_window_probe_acks = sfe_tcp_count(c, SFE_CLASS_ZERO_WINDOW_PROBE_ACK);
	row->window_updates = sfe_tcp_count(c, SFE_CLASS_WINDOW_UPDATE);
	row->window_full = sfe_tcp_count(c, SFE_CLASS_WINDOW_FULL);
	row->lost_segments = sfe_tcp_count(c, SFE_CLASS_LOST_SEGMENT);
	row->ack_lost_segments = sfe_tcp_count(c, SFE_CLASS_ACK_LOST_SEGMENT);
}

const void *sfe_view_flow(void *arg, size_t i)
{
	struct sfe_flow_rows *rows = arg;
	struct sfe_flow_row *row = &rows->row;
	const struct sfe_analysis *a = rows->analysis;
	const struct sfe_flow *f = a->flows[i / 2];
	unsigned direction = i % 2;
	const struct sfe_tcp_counts c = sfe_flow_counts(f, direction);
	uint64_t start = sfe_view_start(a);
	double time = sfe_row_seconds(c.last_ns - c.first_ns);

	if (!c.packets)
		return NULL;
	*row = (struct sfe_flow_row){
		.connection = f->number,
		.messages = sfe_flow_messages(f, direction),
		.packets = c.packets,
		.wire_bytes = c.wire_bytes,
		.header_bytes = c.header_bytes,
		.payload_bytes = c.payload_bytes,
		.unique_bytes = c.unique_bytes,
		.retransmissions = c.retransmissions,
		.retransmitted_bytes = c.retransmitted_bytes,
		.out_of_order = sfe_tcp_count(&c, SFE_CLASS_OUT_OF_ORDER),
		.duplicate_acks = sfe_tcp_count(&c, SFE_CLASS_DUPLICATE_ACK),
		.missing_bytes = c.missing_bytes,
		.rtt_min_s = c.rtt_n ? sfe_row_seconds(c.rtt_min_ns) : NAN,
		.rtt_mean_s = c.rtt_n ? c.rtt_sum_ns / (double)c.rtt_n / 1e9 : NAN,
		.rtt_max_s = c.rtt_n ? sfe_row_seconds(c.rtt_max_ns) : NAN,
		.first_s = sfe_row_since(start, c.first_ns),
		.last_s = sfe_row_since(start, c.last_ns),
		.goodput_bps = time > 0 ? 8 * (double)c.unique_bytes / time : NAN,
	};
	put_classes(row, &c);
	sfe_row_file(row->capture, a->captures[f->capture].file);
	sfe_socket_text(sfe_flow_end(f, direction), row->from, sizeof(row->from));
	sfe_socket_text(sfe_flow_end(f, !direction), row->to, sizeof(row->to));
	return row;
}

/* ---- tallies */

static void add_tally(struct sfe_tally_row *r, const struct sfe_tally *t, uint64_t start)
{
	r->messages += t->messages;
	r->body_bytes += t->body_bytes;
	r->distinct_body_bytes += t->distinct_body_bytes;
	r->head_bytes += t->head_bytes;
	r->header_bytes += t->cost.header_bytes;
	r->packets += t->cost.packets;
	r->wire_bytes += t->cost.wire_bytes;
	r->retransmissions += t->cost.retransmissions;
	r->retransmitted_bytes += t->cost.retransmitted_bytes;
	r->out_of_order += t->cost.out_of_order;
	r->missing_bytes += t->missing_bytes;
	r->transfer_s += sfe_row_seconds(t->transfer_ns);
	if (!t->messages)
		return;
	/* fmin and fmax ignore NaN. */
	r->first_s = fmin(r->first_s, sfe_row_since(start, t->first_ns));
	r->last_s = fmax(r->last_s, sfe_row_since(start, t->last_ns));
}

static struct sfe_tally_row new_row(const struct sfe_analysis *a, const struct sfe_tally *t)
{
	struct sfe_tally_row r = {
		.job_index = NAN, .step = NAN, .after = NAN, .first_s = NAN, .last_s = NAN};

	if (t->id.strategy != SFE_NO_STRATEGY)
		memcpy(r.strategy, a->strategies[t->id.strategy], sizeof(r.strategy));
	return r;
}

static int by_strategy_and_job(const void *x, const void *y)
{
	const struct sfe_tally *a = *(struct sfe_tally *const *)x,
			       *b = *(struct sfe_tally *const *)y;

	if (a->id.strategy != b->id.strategy)
		return a->id.strategy < b->id.strategy ? -1 : 1;
	return a->id.job < b->id.job ? -1 : a->id.job > b->id.job;
}

/* Sums the tallies of the same strategy, and with by_job of the same job. */
static int sum_tallies(const struct sfe_analysis *a, bool by_job, void **rows, size_t *n)
{
	struct sfe_tally_row *r = calloc((size_t)a->n_tallies + 1, sizeof(*r));
	struct sfe_tally **sorted = calloc((size_t)a->n_tallies + 1, sizeof(*sorted));
	uint64_t start = sfe_view_start(a);

	*n = 0;
	if (!r || !sorted) {
		free(r);
		free(sorted);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < a->n_tallies; i++)
		sorted[i] = a->tallies[i];
	qsort(sorted, a->n_tallies, sizeof(*sorted), by_strategy_and_job);
	for (uint32_t i = 0; i < a->n_tallies; i++) {
		const struct sfe_tally *t = sorted[i], *last = i ? sorted[i - 1] : NULL;
		if (!last || last->id.strategy != t->id.strategy ||
			(by_job && last->id.job != t->id.job)) {
			r[*n] = new_row(a, t);
			if (by_job && t->id.strategy != SFE_NO_STRATEGY)
				r[*n].job_index = t->id.job;
			++*n;
		}
		add_tally(&r[*n - 1], t, start);
	}
	free(sorted);
	*rows = r;
	return 0;
}

int sfe_view_strategies(const struct sfe_analysis *a, void **rows, size_t *n)
{
	return sum_tallies(a, false, rows, n);
}

int sfe_view_jobs(const struct sfe_analysis *a, void **rows, size_t *n)
{
	return sum_tallies(a, true, rows, n);
}

int sfe_view_steps(const struct sfe_analysis *a, void **rows, size_t *n)
{
	struct sfe_tally_row *r = calloc((size_t)a->n_tallies + 1, sizeof(*r));
	uint64_t start = sfe_view_start(a);

	if (!r)
		return -ENOMEM;
	for (uint32_t i = 0; i < a->n_tallies; i++) {
		const struct sfe_tally *t = a->tallies[i];
		r[i] = new_row(a, t);
		sfe_row_file(r[i].capture, a->captures[t->capture].file);
		if (t->id.strategy != SFE_NO_STRATEGY) {
			r[i].job_index = t->id.job;
			r[i].step = t->id.step;
			if (t->id.after != SFE_NO_EDGE)
				r[i].after = t->id.after;
			snprintf(r[i].kind, sizeof(r[i].kind), "%s",
				sfe_message_kind_name(t->id.kind));
		}
		add_tally(&r[i], t, start);
	}
	*rows = r;
	*n = a->n_tallies;
	return 0;
}

/* ---- parts of messages */

static struct sfe_part_row part_row(const struct sfe_message_event *e)
{
	const struct sfe_message *m = e->message;
	struct sfe_part_row r = {.connection = e->flow->number,
		.job_index = m->ours ? m->job : NAN,
		.step = m->ours ? m->step : NAN,
		.after = m->ours && m->after != SFE_NO_EDGE ? m->after : NAN,
		.wait_s = NAN};

	sfe_row_file(r.capture, e->flow->analysis->captures[e->flow->capture].file);
	sfe_socket_text(sfe_flow_end(e->flow, e->direction), r.from, sizeof(r.from));
	sfe_socket_text(sfe_flow_end(e->flow, !e->direction), r.to, sizeof(r.to));
	if (m->ours)
		memcpy(r.strategy, m->strategy, sizeof(r.strategy));
	snprintf(r.kind, sizeof(r.kind), "%s", sfe_message_kind_name(m->kind));
	return r;
}

static void put_times(struct sfe_part_row *r, uint64_t start, uint64_t begin_ns, uint64_t end_ns)
{
	r->begin_s = sfe_row_since(start, begin_ns);
	r->end_s = sfe_row_since(start, end_ns);
	r->transfer_s = end_ns >= begin_ns ? sfe_row_since(begin_ns, end_ns)
					   : NAN; /* the clock was set back */
}

unsigned sfe_view_parts(const struct sfe_message_event *e, uint64_t start_ns, unsigned first,
	struct sfe_part_row rows[SFE_VIEW_MAX_PARTS])
{
	const struct sfe_message *m = e->message;
	unsigned n = 0;

	for (unsigned i = first; i <= m->n_parts && n < SFE_VIEW_MAX_PARTS; i++, n++) {
		struct sfe_part_row *r = &rows[n];
		*r = part_row(e);
		if (!i) { /* the head comes first */
			snprintf(r->part, sizeof(r->part), "head");
			r->bytes = m->head_bytes;
			r->wait_s = e->has_wait ? sfe_row_seconds(e->wait_ns) : NAN;
			put_times(r, start_ns, m->begin_ns, m->head_ns);
			continue;
		}
		const struct sfe_message_part *p = &m->parts[i - 1];
		if (p->state == HEAD_ARG)
			snprintf(r->part, sizeof(r->part), "arg");
		else if (p->state == SFE_STATE_UNKNOWN)
			snprintf(r->part, sizeof(r->part), "state");
		else
			snprintf(r->part, sizeof(r->part), "s%u", p->state);
		r->bytes = p->bytes;
		put_times(r, start_ns, p->begin_ns, p->end_ns);
	}
	return n;
}

struct sfe_table sfe_view_steps_table(const struct sfe_analysis *a)
{
	for (uint32_t i = 0; i < a->n_tallies; i++)
		if (a->tallies[i]->id.after != SFE_NO_EDGE)
			return sfe_step_view;
	return sfe_table_plain(&sfe_step_view);
}
