/* SPDX-License-Identifier: MIT */
#include "emu/analyze/tcp.h"

#include <stdlib.h>
#include <string.h>

#define REORDER_NS 3000000u

struct sfe_tcp_pending {
	uint64_t start, end, time_ns;
	uint8_t *data; /* owned; NULL: not needed or not captured */
	uint32_t captured;
};

/* Sequence numbers wrap; offsets do not. */
static int64_t offset_of(const struct sfe_tcp_direction *d, uint32_t seq)
{
	return (int64_t)d->next + (int32_t)(seq - d->next_seq);
}

static void advance(struct sfe_tcp_direction *d, uint64_t n)
{
	d->next += n;
	d->next_seq += (uint32_t)n;
	if (d->highest < d->next)
		d->highest = d->next;
}

/* Passes n bytes on, of which `captured` were captured. */
static void pass_on(struct sfe_tcp_direction *d, const uint8_t *data, uint64_t captured, uint64_t n,
	bool missing, uint64_t time_ns)
{
	if (captured > n)
		captured = n;
	advance(d, n);
	if (!d->sink.bytes)
		return;
	if (data && captured)
		d->sink.bytes(d->sink.arg, data, captured, false, time_ns);
	else
		captured = 0;
	if (n > captured)
		d->sink.bytes(d->sink.arg, NULL, n - captured, missing, time_ns);
}

static void drop_first(struct sfe_tcp_direction *d)
{
	struct sfe_tcp_pending *p = &d->pending[d->pending_first++];

	d->pending_bytes -= p->data ? p->captured : 0;
	free(p->data);
	if (d->pending_first == d->pending_end)
		d->pending_first = d->pending_end = 0;
}

/* Passes on the pending bytes that are next in order. Their time is that of the segment that filled
 * the hole. */
static void drain(struct sfe_tcp_direction *d, uint64_t time_ns)
{
	while (d->pending_first < d->pending_end) {
		struct sfe_tcp_pending *p = &d->pending[d->pending_first];
		if (p->start > d->next)
			return;
		if (p->end > d->next) {
			uint64_t skip = d->next - p->start;
			pass_on(d, p->data ? p->data + skip : NULL,
				p->captured > skip ? p->captured - skip : 0, p->end - d->next,
				false, time_ns);
		}
		drop_first(d);
	}
}

static bool make_room(struct sfe_tcp_direction *d)
{
	uint32_t n = d->pending_end - d->pending_first;

	if (d->pending_end < d->pending_room)
		return true;
	if (d->pending_first) {
		memmove(d->pending, d->pending + d->pending_first, n * sizeof(*d->pending));
		d->pending_first = 0;
		d->pending_end = n;
		if (n < d->pending_room / 2)
			return true;
	}
	uint32_t room = d->pending_room ? 2 * d->pending_room : 16;
	void *more = room > SFE_TCP_MAX_PENDING
			     ? NULL
			     : reallocarray(d->pending, room, sizeof(*d->pending));
	if (!more)
		return false;
	d->pending = more;
	d->pending_room = room;
	return true;
}

/* Inserts [start, end), which overlaps nothing pending, before the pending segment at index `at`.
 */
static void insert_pending(struct sfe_tcp_direction *d, uint32_t at, uint64_t start, uint64_t end,
	const uint8_t *data, uint64_t captured, uint64_t time_ns)
{
	struct sfe_tcp_pending p = {.start = start, .end = end, .time_ns = time_ns};
	uint64_t skips = d->sink.skips ? d->sink.skips(d->sink.arg) : 0;
	uint32_t behind = d->pending_end - at;

	if (captured > end - start)
		captured = end - start;
	/* Content is copied only if the sink needs it. */
	if (captured && d->sink.bytes && end > d->next + skips &&
		d->pending_bytes + captured <= SFE_TCP_MAX_PENDING_BYTES) {
		p.data = malloc(captured);
		if (p.data) {
			memcpy(p.data, data, captured);
			p.captured = (uint32_t)captured;
		}
	}
	if (!make_room(d)) {
		free(p.data);
		d->failed = true;
		return;
	}
	at = d->pending_end - behind; /* make_room may have moved the array */
	memmove(d->pending + at + 1, d->pending + at, behind * sizeof(*d->pending));
	d->pending[at] = p;
	d->pending_end++;
	d->pending_bytes += p.data ? p.captured : 0;
}

/*
 * Stores the new part of [start, end) as pending and returns its number of bytes. *above_ns: the
 * time of the first bytes above it, since which the hole is known; 0 if there are none.
 */
static uint64_t put_pending(struct sfe_tcp_direction *d, uint64_t start, uint64_t end,
	const uint8_t *data, uint64_t captured, uint64_t time_ns, uint64_t *above_ns)
{
	uint32_t low = d->pending_first, high = d->pending_end;
	uint64_t fresh = 0;

	while (low < high) { /* the first that ends above start */
		uint32_t middle = low + (high - low) / 2;
		if (d->pending[middle].end <= start)
			low = middle + 1;
		else
			high = middle;
	}
	*above_ns = low < d->pending_end ? d->pending[low].time_ns : 0;
	for (uint64_t at = start; at < end && !d->failed;) {
		uint64_t until = end;
		if (low < d->pending_end && d->pending[low].start <= at) {
			at = d->pending[low].end > at ? d->pending[low].end : at;
			low++;
			continue;
		}
		if (low < d->pending_end && d->pending[low].start < end)
			until = d->pending[low].start;
		uint64_t skip = at - start, behind = d->pending_end - low;
		insert_pending(d, low, at, until, data ? data + skip : NULL,
			captured > skip ? captured - skip : 0, time_ns);
		low = d->pending_end - (uint32_t)behind; /* after what was inserted */
		fresh += until - at;
		at = until;
	}
	return fresh;
}

/* ---- round-trip times */

static bool grow_sent(struct sfe_tcp_direction *d)
{
	uint32_t room = d->sent_room ? 2 * d->sent_room : 8;
	struct sfe_tcp_sent *more = room > SFE_TCP_OUTSTANDING ? NULL : calloc(room, sizeof(*more));

	if (!more)
		return false;
	for (uint32_t i = 0; i < d->sent_n; i++)
		more[i] = d->sent[(d->sent_first + i) % d->sent_room];
	free(d->sent);
	d->sent = more;
	d->sent_room = room;
	d->sent_first = 0;
	return true;
}

/* A full ring that cannot grow drops its oldest entry: there are fewer samples then. */
static void record_sent(struct sfe_tcp_direction *d, uint64_t end, uint64_t time_ns)
{
	if (d->sent_n == d->sent_room && !grow_sent(d)) {
		if (!d->sent_room)
			return;
		d->sent_first = (d->sent_first + 1) % d->sent_room;
		d->sent_n--;
	}
	d->sent[(d->sent_first + d->sent_n++) % d->sent_room] = (struct sfe_tcp_sent){end, time_ns};
}

/* An acknowledgement up to `end`. It gives a sample if a segment ends exactly there that was sent
 * once. */
static void take_ack(struct sfe_tcp_direction *d, uint64_t end, uint64_t time_ns)
{
	struct sfe_tcp_counts *c = &d->counts;

	while (d->sent_n && d->sent[d->sent_first].end <= end) {
		struct sfe_tcp_sent s = d->sent[d->sent_first];
		d->sent_first = (d->sent_first + 1) % d->sent_room;
		d->sent_n--;
		if (s.end != end || s.end <= d->karn || time_ns < s.time_ns)
			continue;
		uint64_t rtt = time_ns - s.time_ns;
		if (!c->rtt_n || rtt < c->rtt_min_ns)
			c->rtt_min_ns = rtt;
		if (rtt > c->rtt_max_ns)
			c->rtt_max_ns = rtt;
		c->rtt_sum_ns += (double)rtt;
		c->rtt_n++;
	}
}

/* Bytes that the receiver has acknowledged were sent, so that those not captured are missing. What
 * is behind them was there at its own time. */
static void skip_missing(struct sfe_tcp_direction *d, uint64_t acked, uint64_t time_ns)
{
	while (d->pending_first < d->pending_end && d->pending[d->pending_first].start < acked) {
		const struct sfe_tcp_pending *p = &d->pending[d->pending_first];
		uint64_t hole = p->start - d->next, came_ns = p->time_ns;
		d->counts.missing_bytes += hole;
		pass_on(d, NULL, 0, hole, true, came_ns);
		drain(d, came_ns);
	}
	/* One byte more may be a FIN that was not captured. */
	if (acked > d->highest + 1) {
		d->counts.missing_bytes += acked - d->highest;
		pass_on(d, NULL, 0, acked - d->next, true, time_ns);
	}
}

static void owe(struct sfe_tcp_direction *d, uint64_t acked, uint64_t time_ns)
{
	if (d->owed <= d->next) {
		d->owed_ns = time_ns;
		d->owed_segments = 0;
	}
	if (acked > d->owed)
		d->owed = acked;
}

/* After a segment of the connection. */
static void settle(struct sfe_tcp_direction *d, uint64_t time_ns)
{
	if (d->owed <= d->next)
		return;
	bool old = time_ns > d->owed_ns && time_ns - d->owed_ns >= SFE_TCP_OWED_NS;
	if (old || ++d->owed_segments > SFE_TCP_OWED_SEGMENTS)
		skip_missing(d, d->owed, time_ns);
}

static void acknowledge(struct sfe_tcp_direction *d, struct sfe_tcp_direction *back,
	const struct sfe_segment *s, uint64_t time_ns)
{
	bool pure = !s->payload_bytes && !(s->flags & (SFE_TCP_SYN | SFE_TCP_FIN | SFE_TCP_RST));

	if (pure && d->acked && s->ack == d->last_ack && s->window == d->last_window &&
		s->seq == d->last_seq_end && s->window && !back->kept_alive)
		d->counts.duplicate_acks++;
	d->acked = true;
	d->last_ack = s->ack;
	d->last_window = s->window;
	if (!back->started || !back->counts.packets) {
		/* The capture began in the middle of the connection, or shows this direction only.
		 * The acknowledgement says what the next byte would be. */
		if (!(s->flags & SFE_TCP_RST)) {
			back->started = true;
			back->next_seq = s->ack;
		}
		return;
	}
	int64_t acked = offset_of(back, s->ack);
	if (acked <= 0)
		return;
	take_ack(back, (uint64_t)acked, time_ns);
	if ((uint64_t)acked > back->next)
		owe(back, (uint64_t)acked, time_ns);
}

/* ---- segments */

static enum sfe_tcp_verdict take_payload(struct sfe_tcp_direction *d, const struct sfe_segment *s,
	uint64_t start, uint64_t end, uint64_t time_ns, uint64_t first_rtt_ns)
{
	uint64_t was_highest = d->highest, above_ns = 0, fresh;

	if (start <= d->next && end > d->next) { /* next in order, perhaps with an old part */
		uint64_t skip = d->next - start, upto = d->pending_first < d->pending_end
								? d->pending[d->pending_first].start
								: end;
		above_ns = d->pending_first < d->pending_end ? d->pending[d->pending_first].time_ns
							     : 0;
		fresh = (upto < end ? upto : end) - d->next;
		pass_on(d, s->payload + skip, s->captured > skip ? s->captured - skip : 0, fresh,
			false, time_ns);
		drain(d, time_ns);
		/* Behind the pending bytes there may be more new ones. */
		if (end > d->next) {
			skip = d->next - start;
			uint64_t more, unused;
			more = put_pending(d, d->next, end, s->payload + skip,
				s->captured > skip ? s->captured - skip : 0, time_ns, &unused);
			fresh += more;
			drain(d, time_ns);
		}
	} else if (end <= d->next) {
		fresh = 0;
	} else {
		fresh = put_pending(d, start, end, s->payload, s->captured, time_ns, &above_ns);
		if (d->highest < end)
			d->highest = end;
	}
	d->counts.unique_bytes += fresh;
	if (start >= was_highest) {
		record_sent(d, end, time_ns);
		return SFE_TCP_NEW;
	}
	if (end > d->karn)
		d->karn = end;
	uint64_t max_age = first_rtt_ns ? first_rtt_ns : REORDER_NS;
	uint64_t age = time_ns > above_ns ? time_ns - above_ns : 0;
	if (fresh && above_ns && age < max_age) {
		d->counts.out_of_order++;
		return SFE_TCP_OUT_OF_ORDER;
	}
	d->counts.retransmissions++;
	d->counts.retransmitted_bytes += s->payload_bytes;
	return SFE_TCP_RETRANSMISSION;
}

static void count(struct sfe_tcp_direction *d, const struct sfe_segment *s, uint64_t time_ns)
{
	struct sfe_tcp_counts *c = &d->counts;

	if (!c->packets || time_ns < c->first_ns)
		c->first_ns = time_ns;
	if (time_ns > c->last_ns)
		c->last_ns = time_ns;
	c->packets++;
	c->header_bytes += s->header_bytes;
	c->payload_bytes += s->payload_bytes;
}

/* As tshark defines it. */
static bool is_keep_alive(const struct sfe_tcp_direction *d, const struct sfe_segment *s)
{
	return d->any && s->payload_bytes <= 1 && s->seq == d->top_seq - 1 &&
	       !(s->flags & (SFE_TCP_SYN | SFE_TCP_FIN | SFE_TCP_RST));
}

/* Its byte was sent before, and is not sent again because it was lost. */
static enum sfe_tcp_verdict take_keep_alive(struct sfe_tcp_direction *d,
	const struct sfe_tcp_counts *before, enum sfe_tcp_verdict verdict)
{
	d->counts.retransmissions = before->retransmissions;
	d->counts.retransmitted_bytes = before->retransmitted_bytes;
	d->counts.out_of_order = before->out_of_order;
	d->counts.keep_alives++;
	return verdict == SFE_TCP_NEW ? verdict : SFE_TCP_KEEP_ALIVE;
}

static void note_end(struct sfe_tcp_direction *d, const struct sfe_segment *s, bool keep_alive)
{
	uint32_t end =
		s->seq + s->payload_bytes + !!(s->flags & SFE_TCP_SYN) + !!(s->flags & SFE_TCP_FIN);

	if (!keep_alive)
		d->last_seq_end = end;
	if (!d->any || (int32_t)(end - d->top_seq) > 0)
		d->top_seq = end;
	d->any = true;
	d->kept_alive = keep_alive;
	d->fin |= !!(s->flags & SFE_TCP_FIN);
	d->rst |= !!(s->flags & SFE_TCP_RST);
}

enum sfe_tcp_verdict sfe_tcp_take(struct sfe_tcp_direction *d, struct sfe_tcp_direction *back,
	const struct sfe_segment *s, uint64_t time_ns, uint64_t first_rtt_ns, uint64_t *offset)
{
	enum sfe_tcp_verdict verdict = SFE_TCP_NEW;
	uint32_t seq = s->seq + !!(s->flags & SFE_TCP_SYN);
	const struct sfe_tcp_counts before = d->counts;
	bool keep_alive = is_keep_alive(d, s);

	count(d, s, time_ns);
	if (!d->started) {
		d->started = true;
		d->from_syn = s->flags & SFE_TCP_SYN;
		d->next_seq = seq;
	} else if ((s->flags & SFE_TCP_SYN) && d->from_syn && d->counts.packets > 1) {
		d->counts.retransmissions++;
		verdict = SFE_TCP_RETRANSMISSION;
	} else if (s->flags & SFE_TCP_SYN) {
		d->from_syn = true;
	}
	int64_t start = offset_of(d, seq);
	*offset = start < 0 ? 0 : (uint64_t)start;
	if (s->payload_bytes && start + (int64_t)s->payload_bytes > 0 && start >= 0)
		verdict = take_payload(d, s, (uint64_t)start, (uint64_t)start + s->payload_bytes,
			time_ns, first_rtt_ns);
	else if (s->payload_bytes) { /* from before the capture began */
		d->counts.retransmissions++;
		d->counts.retransmitted_bytes += s->payload_bytes;
		verdict = SFE_TCP_RETRANSMISSION;
	}
	if (keep_alive)
		verdict = take_keep_alive(d, &before, verdict);
	if (s->flags & SFE_TCP_ACK)
		acknowledge(d, back, s, time_ns);
	settle(d, time_ns);
	settle(back, time_ns);
	note_end(d, s, keep_alive);
	return verdict;
}

void sfe_tcp_finish(struct sfe_tcp_direction *d)
{
	if (d->owed > d->next)
		skip_missing(d, d->owed, d->counts.last_ns);
	while (d->pending_first < d->pending_end) {
		/* The hole was never acknowledged, so the capture did not miss it: the connection
		 * ended before it was filled. */
		uint64_t hole = d->pending[d->pending_first].start - d->next;
		pass_on(d, NULL, 0, hole, true, d->counts.last_ns);
		drain(d, d->counts.last_ns);
	}
}

void sfe_tcp_free(struct sfe_tcp_direction *d)
{
	for (uint32_t i = d->pending_first; i < d->pending_end; i++)
		free(d->pending[i].data);
	free(d->pending);
	free(d->sent);
	d->pending = NULL;
	d->sent = NULL;
	d->pending_first = d->pending_end = d->pending_room = 0;
	d->sent_first = d->sent_n = d->sent_room = 0;
	d->pending_bytes = 0;
}
