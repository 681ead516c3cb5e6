/* SPDX-License-Identifier: MIT */
#include "emu/analyze/tcp_class.h"

/* A segment that comes later than this after the highest one was sent again, if the connection's
 * first round-trip time is not known. */
#define REORDER_NS 3000000u
/* A fast retransmission comes that soon after a duplicate acknowledgement. */
#define FAST_NS 20000000u
#define NO_SCALE (-2)      /* both ends do without */
#define UNKNOWN_SCALE (-1) /* no SYN was captured */
#define CONTROL (SFE_TCP_SYN | SFE_TCP_FIN | SFE_TCP_RST)

/* Sequence numbers wrap. */
static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

void sfe_class_begin(struct sfe_class_state *c, bool reused)
{
	*c = (struct sfe_class_state){.reused = reused};
	for (int i = 0; i < 2; i++) {
		c->direction[i].window = UINT32_MAX;
		c->direction[i].scale = UNKNOWN_SCALE;
	}
}

bool sfe_class_begins_another(
	const struct sfe_class_state *c, unsigned i, const struct sfe_segment *s)
{
	const struct sfe_class_direction *d = &c->direction[i];

	return (s->flags & (SFE_TCP_SYN | SFE_TCP_ACK)) == SFE_TCP_SYN && d->first_known &&
	       s->seq != d->first;
}

/* The SYN of a connection that is known, and the sequence numbers that both ends begin with. */
static uint16_t begin_numbers(struct sfe_class_direction *d, struct sfe_class_direction *back,
	const struct sfe_segment *s)
{
	uint16_t class = 0;

	if ((s->flags & SFE_TCP_SYN) && d->first_known) {
		if (!(s->flags & SFE_TCP_ACK)) {
			/* A reset may have carried any sequence number before. */
			d->next = d->in_order;
		} else if (s->seq != d->first) {
			d->first = s->seq;
			class = SFE_CLASS_REUSED_PORTS;
		}
	}
	if (!d->first_known)
		d->first = s->flags & SFE_TCP_SYN ? s->seq : s->seq - 1;
	d->first_known = true;
	if (!back->first_known && (s->flags & SFE_TCP_ACK)) {
		back->first = s->ack - 1;
		back->first_known = true;
	}
	return class;
}

/* Where the receiver's window ends, in sequence numbers of the sender. */
static uint32_t window_end(const struct sfe_class_direction *receiver)
{
	unsigned shift = receiver->syn_last || receiver->scale < 0 ? 0 : (unsigned)receiver->scale;

	return receiver->last_ack + (receiver->window << shift);
}

/* A segment without payload that says what the one before it said. */
static bool repeats(const struct sfe_class_direction *d, const struct sfe_segment *s)
{
	return !s->payload_bytes && s->window == d->window && s->seq == d->next &&
	       s->ack == d->last_ack && !(s->flags & CONTROL);
}

/* Windows, keep-alives and acknowledgements. */
static uint16_t class_of_ack(struct sfe_class_direction *d, const struct sfe_class_direction *back,
	const struct sfe_segment *s)
{
	bool control = s->flags & CONTROL;
	uint16_t class = 0;

	if (s->payload_bytes == 1 && s->seq == d->next && !back->window)
		return SFE_CLASS_ZERO_WINDOW_PROBE;
	if (!s->window && !control)
		class |= SFE_CLASS_ZERO_WINDOW;
	if (d->next && before(d->next, s->seq) && !(s->flags & SFE_TCP_RST))
		class |= SFE_CLASS_LOST_SEGMENT;
	if (s->payload_bytes <= 1 && s->seq == d->next - 1 && !control)
		class |= SFE_CLASS_KEEP_ALIVE;
	if (!s->payload_bytes && s->window && s->window != d->window && s->seq == d->next &&
		s->ack == d->last_ack && !control)
		class |= SFE_CLASS_WINDOW_UPDATE;
	if (s->payload_bytes && back->scale != UNKNOWN_SCALE && !control &&
		s->seq + s->payload_bytes == window_end(back))
		class |= SFE_CLASS_WINDOW_FULL;
	if (!repeats(d, s))
		return class;
	if (s->window && (back->last_class & SFE_CLASS_KEEP_ALIVE))
		return class | SFE_CLASS_KEEP_ALIVE_ACK;
	if (!s->window && (back->last_class & SFE_CLASS_ZERO_WINDOW_PROBE))
		return class | SFE_CLASS_ZERO_WINDOW_PROBE_ACK;
	if (s->window) {
		d->duplicates = d->duplicates == UINT32_MAX ? 1 : d->duplicates + 1;
		class |= SFE_CLASS_DUPLICATE_ACK;
	}
	return class;
}

/* An acknowledgement of bytes that the capture has not shown. */
static bool acks_unseen(const struct sfe_segment *s, struct sfe_class_direction *back)
{
	if (!back->in_order || !before(back->in_order, s->ack) || !(s->flags & SFE_TCP_ACK))
		return false;
	if (before(back->in_order, back->next)) { /* said once for each hole */
		back->in_order = back->next;
		return true;
	}
	bool first = !back->duplicates;
	back->duplicates = UINT32_MAX;
	return first;
}

/* What a segment is whose bytes, SYN or FIN are below the highest sequence number. */
static uint16_t class_of_old(const struct sfe_class_direction *d,
	const struct sfe_class_direction *back, const struct sfe_segment *s, uint64_t time_ns,
	uint64_t first_rtt_ns)
{
	uint32_t end = s->seq + s->payload_bytes + !!(s->flags & (SFE_TCP_SYN | SFE_TCP_FIN));
	/* One byte of it may have been a probe of a zero window. */
	bool old = d->next && before(s->seq, d->next) &&
		   !(s->payload_bytes > 1 && s->seq == d->next - 1);

	if (s->payload_bytes && back->last_ack &&
		!before(back->last_ack, s->seq + s->payload_bytes))
		return SFE_CLASS_SPURIOUS_RETRANSMISSION;
	if (!old)
		return 0;
	/* Where time has gone back, these differences are huge. */
	if (back->duplicates >= 2 && back->last_ack == s->seq && time_ns - back->last_ns < FAST_NS)
		return SFE_CLASS_FAST_RETRANSMISSION;
	if (time_ns - d->next_ns < (first_rtt_ns ? first_rtt_ns : REORDER_NS) && end != d->next)
		return SFE_CLASS_OUT_OF_ORDER;
	return SFE_CLASS_RETRANSMISSION;
}

static void remember(struct sfe_class_direction *d, const struct sfe_segment *s, uint64_t time_ns,
	uint16_t class)
{
	uint32_t end = s->seq + s->payload_bytes + !!(s->flags & (SFE_TCP_SYN | SFE_TCP_FIN));

	/* A probe does not advance the sequence. */
	if (!(class & SFE_CLASS_ZERO_WINDOW_PROBE)) {
		if (!d->next || before(d->next, end)) {
			d->next = end;
			d->next_ns = time_ns;
		}
		if (!d->in_order || s->seq == d->in_order)
			d->in_order = d->next;
	}
	d->window = s->window;
	d->last_ack = s->ack;
	d->last_ns = time_ns;
	d->last_class = class;
}

/* What the rest of the connection needs of a segment, once its classes are known. */
static void remember_handshake(struct sfe_class_state *c, struct sfe_class_direction *d,
	struct sfe_class_direction *back, const struct sfe_segment *s, uint64_t time_ns)
{
	unsigned kind = s->flags & (SFE_TCP_SYN | SFE_TCP_ACK);

	if (kind == SFE_TCP_SYN)
		c->syn_ns = time_ns;
	if (kind == SFE_TCP_ACK && c->syn_ns && !c->first_rtt_ns)
		c->first_rtt_ns = time_ns - c->syn_ns;
	if (s->flags & SFE_TCP_SYN)
		d->syn_last = true;
	else if (kind == SFE_TCP_ACK)
		d->syn_last = false;
	if (s->window_scale >= 0)
		d->scale = s->window_scale;
	if (!(s->flags & SFE_TCP_SYN))
		return;
	/* Windows are scaled if both SYNs say so. */
	if (d->scale == UNKNOWN_SCALE)
		d->scale = back->scale = NO_SCALE;
	else if ((s->flags & SFE_TCP_ACK) && back->scale == NO_SCALE)
		d->scale = NO_SCALE;
}

uint16_t sfe_class_take(
	struct sfe_class_state *c, unsigned i, const struct sfe_segment *s, uint64_t time_ns)
{
	struct sfe_class_direction *d = &c->direction[i], *back = &c->direction[!i];
	uint16_t class = c->reused ? SFE_CLASS_REUSED_PORTS : 0;

	c->reused = false;
	class |= begin_numbers(d, back, s);
	class |= class_of_ack(d, back, s);
	if (s->ack != d->last_ack)
		d->duplicates = 0;
	if (acks_unseen(s, back))
		class |= SFE_CLASS_ACK_LOST_SEGMENT;
	if ((s->payload_bytes || s->flags & (SFE_TCP_SYN | SFE_TCP_FIN)) &&
		!(class & SFE_CLASS_KEEP_ALIVE))
		class |= class_of_old(d, back, s, time_ns, c->first_rtt_ns);
	remember(d, s, time_ns, class);
	remember_handshake(c, d, back, s, time_ns);
	return class;
}

const char *sfe_class_name(unsigned bit)
{
	static const char *const names[SFE_TCP_CLASSES] = {"retransmission", "fast_retransmission",
		"spurious_retransmission", "out_of_order", "reused_ports", "lost_segment",
		"ack_lost_segment", "window_update", "window_full", "keep_alive", "keep_alive_ack",
		"duplicate_ack", "zero_window_probe", "zero_window", "zero_window_probe_ack"};

	return bit < SFE_TCP_CLASSES ? names[bit] : NULL;
}
