/* SPDX-License-Identifier: MIT */
#include "emu/analyze/tcp.h"

#include <stdlib.h>
#include <string.h>

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
 * the hole; 0: their own, since the hole was not filled. */
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
				false, time_ns ? time_ns : p->time_ns);
		}
		drop_first(d);
	}
}

/* Room for n more at the end. */
static bool make_room(struct sfe_tcp_direction *d, uint32_t more)
{
	uint32_t n = d->pending_end - d->pending_first, room = d->pending_room;

	if (d->pending_end + more <= room)
		return true;
	if (d->pending_first) {
		memmove(d->pending, d->pending + d->pending_first, n * sizeof(*d->pending));
		d->pending_first = 0;
		d->pending_end = n;
	}
	/* Twice what is needed, so that this is seldom. */
	if (2 * (n + more) <= room)
		return true;
	room = 2 * (n + more) < 16 ? 16 : 2 * (n + more);
	void *grown = reallocarray(d->pending, room, sizeof(*d->pending));
	if (!grown)
		return n + more <= d->pending_room;
	d->pending = grown;
	d->pending_room = room;
	return true;
}

struct content { /* of a segment that is to be pending */
	uint64_t start;
	const uint8_t *data; /* NULL: none */
	uint64_t captured, time_ns;
};

/* The part [start, end) of it, with its content if the sink needs it. */
static struct sfe_tcp_pending piece(
	struct sfe_tcp_direction *d, const struct content *c, uint64_t start, uint64_t end)
{
	struct sfe_tcp_pending p = {.start = start, .end = end, .time_ns = c->time_ns};
	uint64_t skips = d->sink.skips ? d->sink.skips(d->sink.arg) : 0, skip = start - c->start;
	uint64_t captured = c->captured > skip ? c->captured - skip : 0;

	if (captured > end - start)
		captured = end - start;
	if (!c->data || !captured || !d->sink.bytes || end <= d->next + skips)
		return p;
	p.data = malloc(captured);
	if (!p.data) {
		d->failed = true;
		return p;
	}
	memcpy(p.data, c->data + skip, captured);
	p.captured = (uint32_t)captured;
	d->pending_bytes += captured;
	return p;
}

/* The first pending segment that ends above an offset. */
static uint32_t first_above(const struct sfe_tcp_direction *d, uint64_t offset)
{
	uint32_t low = d->pending_first, high = d->pending_end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (d->pending[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Stores the new parts of c up to end as pending and returns their number of bytes. What is behind
 * moves once, however many holes the segment fills. */
static uint64_t put_pending(struct sfe_tcp_direction *d, const struct content *c, uint64_t end)
{
	uint32_t low = first_above(d, c->start), high = low, holes = 0;
	uint64_t at = c->start, fresh = 0;

	for (; high < d->pending_end && d->pending[high].start < end; high++) {
		holes += d->pending[high].start > at;
		at = d->pending[high].end;
	}
	holes += at < end;
	if (!holes)
		return 0;
	uint32_t behind = d->pending_end - high, within = high - low;
	if (!make_room(d, holes)) {
		d->failed = true;
		return 0;
	}
	high = d->pending_end - behind; /* make_room may have moved the array */
	low = high - within;
	memmove(d->pending + high + holes, d->pending + high, behind * sizeof(*d->pending));
	d->pending_end += holes;
	/* From the back: a part behind each segment, if there is a hole, then the segment. */
	for (uint32_t to = high + holes, i = high; holes; i--) {
		uint64_t from = i > low ? d->pending[i - 1].end : c->start;
		if (from < end) {
			d->pending[--to] = piece(d, c, from, end);
			fresh += end - from;
			holes--;
		}
		if (i == low)
			break;
		end = d->pending[i - 1].start;
		d->pending[--to] = d->pending[i - 1];
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
		/* Where the clock was set back, there is nothing to be measured. */
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

/* ---- holes */

/* Gives the first hole up: the bytes before the first pending segment do not come any more. */
static void skip_hole(struct sfe_tcp_direction *d)
{
	const struct sfe_tcp_pending *p = &d->pending[d->pending_first];
	uint64_t upto = p->start < d->acked ? p->start : d->acked;

	if (upto > d->next)
		d->counts.missing_bytes += upto - d->next;
	pass_on(d, NULL, 0, p->start - d->next, true, p->time_ns);
	drain(d, 0);
}

/* Bytes that the receiver has acknowledged were sent, so that those not captured are missing. */
static void skip_missing(struct sfe_tcp_direction *d, uint64_t time_ns)
{
	while (d->pending_first < d->pending_end && d->pending[d->pending_first].start < d->acked)
		skip_hole(d);
	/* One byte more may be a FIN that was not captured. */
	if (d->acked > d->highest + 1) {
		d->counts.missing_bytes += d->acked - d->highest;
		pass_on(d, NULL, 0, d->acked - d->next, true, time_ns);
	}
	d->late_packets = 0;
}

/* Whether acknowledged bytes have not been captured. */
static bool has_missing(const struct sfe_tcp_direction *d)
{
	return d->acked > d->highest + 1 ||
	       (d->pending_first < d->pending_end && d->pending[d->pending_first].start < d->acked);
}

/* A packet of the connection has come. */
static void watch_hole(struct sfe_tcp_direction *d, uint64_t time_ns)
{
	if (!has_missing(d)) {
		d->late_packets = 0;
		return;
	}
	if (d->next != d->late_next) { /* it is another hole than before */
		d->late_next = d->next;
		d->late_packets = 0;
	}
	if (!d->late_packets++ || time_ns < d->late_ns)
		d->late_ns = time_ns;
	if (!d->patient && d->late_packets > SFE_TCP_LATE_PACKETS &&
		time_ns - d->late_ns > SFE_TCP_LATE_NS)
		skip_missing(d, time_ns);
}

/* Before a segment with that much content becomes pending. */
static void limit_pending(struct sfe_tcp_direction *d, uint64_t bytes)
{
	while (d->pending_first < d->pending_end &&
		(d->pending_end - d->pending_first >= SFE_TCP_MAX_PENDING ||
			d->pending_bytes + bytes > SFE_TCP_MAX_PENDING_BYTES))
		skip_hole(d);
}

/* ---- segments */

static void acknowledge(
	struct sfe_tcp_direction *back, const struct sfe_segment *s, uint64_t time_ns)
{
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
	if ((uint64_t)acked > back->acked)
		back->acked = (uint64_t)acked;
}

static void take_payload(
	struct sfe_tcp_direction *d, const struct sfe_segment *s, uint64_t begin, uint64_t time_ns)
{
	uint64_t start = begin, end = begin + s->payload_bytes, was_highest = d->highest, fresh = 0;

	if (start <= d->next && end > d->next) { /* next in order, perhaps with an old part */
		uint64_t skip = d->next - start, upto = d->pending_first < d->pending_end
								? d->pending[d->pending_first].start
								: end;
		fresh = (upto < end ? upto : end) - d->next;
		pass_on(d, s->payload + skip, s->captured > skip ? s->captured - skip : 0, fresh,
			false, time_ns);
		drain(d, time_ns);
		start = d->next;
	}
	if (end > d->next) { /* behind a hole, or behind what was pending */
		limit_pending(d, s->captured);
		start = start < d->next ? d->next : start;
		uint64_t skip = start - begin;
		const struct content new = {start, s->payload + skip,
			s->captured > skip ? s->captured - skip : 0, time_ns};
		fresh += put_pending(d, &new, end);
		drain(d, time_ns);
		if (d->highest < end)
			d->highest = end;
	}
	d->counts.unique_bytes += fresh;
	if (begin < was_highest) {
		if (end > d->karn)
			d->karn = end;
	} else if (end > d->acked) { /* or else its acknowledgement has come before it */
		record_sent(d, end, time_ns);
	}
}

static void count(
	struct sfe_tcp_direction *d, const struct sfe_segment *s, uint64_t time_ns, uint16_t class)
{
	struct sfe_tcp_counts *c = &d->counts;

	if (!c->packets || time_ns < c->first_ns)
		c->first_ns = time_ns;
	if (time_ns > c->last_ns)
		c->last_ns = time_ns;
	c->packets++;
	c->wire_bytes += s->wire_bytes;
	c->header_bytes += s->header_bytes;
	c->payload_bytes += s->payload_bytes;
	for (unsigned i = 0; i < SFE_TCP_CLASSES; i++)
		c->classes[i] += class >> i & 1u;
	if (class & SFE_CLASS_ANY_RETRANSMISSION) {
		c->retransmissions++;
		c->retransmitted_bytes += s->payload_bytes;
	}
}

/* Where the stream begins: the first segment of a direction says it. */
static void start(struct sfe_tcp_direction *d, uint32_t seq, bool syn)
{
	int64_t at = d->started ? offset_of(d, seq) : 0;

	if (!d->started) {
		d->started = true;
		d->next_seq = seq;
	} else if (d->counts.packets == 1 && at < 0) {
		/* Its acknowledgement came before it. */
		d->next_seq = seq;
		d->acked = (uint64_t)-at;
	} else if (syn && at != (int64_t)d->begin) {
		/* A SYN with another number: what follows is another stream. */
		while (d->pending_first < d->pending_end)
			skip_hole(d);
		d->next_seq = seq;
		d->begin = d->acked = d->highest = d->next;
		d->sent_n = 0;
	}
}

void sfe_tcp_take(struct sfe_tcp_direction *d, struct sfe_tcp_direction *back,
	const struct sfe_segment *s, uint64_t time_ns, uint16_t class, uint64_t *offset)
{
	bool syn = s->flags & SFE_TCP_SYN;
	uint32_t seq = s->seq + syn;

	count(d, s, time_ns, class);
	start(d, seq, syn);
	int64_t begin = offset_of(d, seq);
	*offset = begin < 0 ? 0 : (uint64_t)begin;
	/* Below 0 are bytes from before the capture began. */
	if (s->payload_bytes && begin >= 0)
		take_payload(d, s, (uint64_t)begin, time_ns);
	if (s->flags & SFE_TCP_ACK)
		acknowledge(back, s, time_ns);
	watch_hole(d, time_ns);
	watch_hole(back, time_ns);
}

uint64_t sfe_tcp_count(const struct sfe_tcp_counts *c, enum sfe_tcp_class class)
{
	return c->classes[__builtin_ctz(class)];
}

void sfe_tcp_finish(struct sfe_tcp_direction *d)
{
	if (has_missing(d))
		skip_missing(d, d->counts.last_ns);
	/* Holes that were never acknowledged are none of the capture: the connection ended before
	 * they were filled. */
	while (d->pending_first < d->pending_end)
		skip_hole(d);
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
