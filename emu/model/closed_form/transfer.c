/* SPDX-License-Identifier: MIT */
#include "sfemu/transfer.h"

#include <math.h>

#define ETHERNET_BYTES 14
#define IP_TCP_BYTES 40
#define TIMESTAMP_BYTES 12
/* Options of a SYN: maximum segment size, window scale, and SACK and timestamps if enabled. */
#define SYN_OPTION_BYTES 20
#define MIN_RTO_S 0.2

struct packets { /* n packets of one size, except for the last */
	uint64_t n;
	double bits, last_bits;
};

static uint32_t option_bytes(const struct sfe_tcp *tcp)
{
	return tcp->timestamps ? TIMESTAMP_BYTES : 0;
}

/* Payload of a full segment. */
static uint32_t segment_bytes(const struct sfe_tcp *tcp)
{
	return tcp->mtu - IP_TCP_BYTES - option_bytes(tcp);
}

/* Bytes of a frame without payload: an acknowledgement. */
static uint32_t overhead_bytes(const struct sfe_tcp *tcp)
{
	return ETHERNET_BYTES + IP_TCP_BYTES + option_bytes(tcp);
}

static struct packets cut(const struct sfe_tcp *tcp, uint64_t bytes, uint32_t overhead)
{
	uint32_t segment = segment_bytes(tcp);
	uint64_t n = (bytes + segment - 1) / segment;

	if (!n)
		return (struct packets){0};
	return (struct packets){n, 8.0 * (segment + overhead),
		8.0 * ((double)(bytes - (n - 1) * segment) + overhead)};
}

/*
 * The time until the last packet has left the last link. Equal packets need no loop: the (n-1)-th
 * leaves link i when one packet has crossed all links up to i, and n - 2 more the narrowest of
 * them.
 */
static double tandem_s(struct sfe_transfer_path path, struct packets p)
{
	double crossed = 0, narrowest = INFINITY, last = 0;

	if (!p.n)
		return 0;
	for (uint32_t i = 0; i < path.n; i++) {
		double before = 0;
		narrowest = fmin(narrowest, path.hops[i].rate_bps);
		if (p.n > 1) {
			crossed += p.bits / path.hops[i].rate_bps;
			before = crossed + (double)(p.n - 2) * p.bits / narrowest;
		}
		last = fmax(last, before) + p.last_bits / path.hops[i].rate_bps;
	}
	return last;
}

static double serialise_s(struct sfe_transfer_path path, double bits)
{
	double sum = 0;

	for (uint32_t i = 0; i < path.n; i++)
		sum += bits / path.hops[i].rate_bps;
	return sum;
}

static double delay_s(struct sfe_transfer_path path)
{
	double sum = 0;

	for (uint32_t i = 0; i < path.n; i++)
		sum += path.hops[i].delay_s;
	return sum;
}

static const struct sfe_hop *narrowest(struct sfe_transfer_path path)
{
	const struct sfe_hop *least = path.hops;

	for (uint32_t i = 1; i < path.n; i++)
		if (path.hops[i].rate_bps < least->rate_bps)
			least = &path.hops[i];
	return least;
}

static double mac_s(const struct sfe_hop *hop)
{
	return 8.0 * hop->contention.mac_bytes / hop->rate_bps;
}

/* Aggregates of n packets that follow each other. The first packet finds nothing to wait for. */
static double aggregates(const struct sfe_hop *hop, uint64_t n)
{
	return n ? 1 + ceil((double)(n - 1) / hop->contention.frames) : 0;
}

/* What contention adds to n packets; on links that are not the narrowest they come one by one. */
static double contention_s(struct sfe_transfer_path path, uint64_t n)
{
	const struct sfe_hop *least = narrowest(path);
	double sum = 0;

	for (uint32_t i = 0; i < path.n && n; i++) {
		const struct sfe_hop *hop = &path.hops[i];
		if (!hop->contention.frames)
			continue;
		sum += hop->contention.preamble_s + mac_s(hop);
		if (hop == least)
			sum += (aggregates(hop, n) - 1) *
				       (hop->contention.preamble_s + hop->contention.after_s) +
			       (double)(n - 1) * mac_s(hop);
	}
	return sum;
}

/* From full frame to full frame of a long message. */
static double spacing_s(const struct sfe_hop *hop, double bits)
{
	const struct sfe_hop_contention *c = &hop->contention;
	double each = bits / hop->rate_bps;

	return c->frames ? each + mac_s(hop) + (c->preamble_s + c->after_s) / c->frames : each;
}

/* The acknowledgements of n packets (full ones have so many bits) that return through the medium
 * that the packets leave by. */
static double acknowledgements_s(const struct sfe_hop *hop, uint64_t n, double bits, uint32_t bytes)
{
	const struct sfe_hop_contention *c = &hop->contention;
	double one = 8.0 * bytes / hop->rate_bps;

	if (!c->frames)
		return (double)(n / 2) * one;
	double all = n > 1 ? aggregates(hop, n) : 0, contended = fmax(0, all - 1);
	return (double)(n / 2) * (one + mac_s(hop)) + all * (c->preamble_s + c->after_s) +
	       2 * contended * c->collisions * c->frames * spacing_s(hop, bits);
}

static uint64_t all_bytes(const struct sfe_message *m)
{
	return m->payload_bytes + m->head_bytes;
}

static uint64_t segments(const struct sfe_tcp *tcp, const struct sfe_message *m)
{
	return cut(tcp, all_bytes(m), 0).n;
}

/* From the first bit of a full frame to its acknowledgement. */
static double round_trip_s(
	struct sfe_transfer_path forward, struct sfe_transfer_path back, const struct sfe_tcp *tcp)
{
	double frame = 8.0 * (segment_bytes(tcp) + overhead_bytes(tcp));

	return serialise_s(forward, frame) + delay_s(forward) +
	       serialise_s(back, 8.0 * overhead_bytes(tcp)) + delay_s(back) +
	       contention_s(forward, 1) + contention_s(back, 1);
}

static double slow_start_s(struct sfe_transfer_path forward, struct sfe_transfer_path back,
	const struct sfe_tcp *tcp, const struct sfe_message *m)
{
	double frame = 8.0 * (segment_bytes(tcp) + overhead_bytes(tcp));
	double round_trip = round_trip_s(forward, back, tcp);
	double each = spacing_s(narrowest(forward), frame);
	double left = (double)segments(tcp, m), window = fmax(m->window, 1), sum = 0;

	for (; left > window && window * each < round_trip; window *= 2) {
		sum += round_trip - window * each;
		left -= window;
	}
	return sum;
}

/* The first two packets of the handshake. */
static double syn_s(struct sfe_transfer_path forward, struct sfe_transfer_path back)
{
	double syn = 8.0 * (ETHERNET_BYTES + IP_TCP_BYTES + SYN_OPTION_BYTES);

	return serialise_s(forward, syn) + serialise_s(back, syn) + contention_s(forward, 1) +
	       contention_s(back, 1);
}

/* The third packet, which is followed at once by the first packet of the message. */
static double third_s(struct sfe_transfer_path forward, const struct sfe_tcp *tcp)
{
	return 8.0 * overhead_bytes(tcp) / narrowest(forward)->rate_bps;
}

struct sfe_transfer_time sfe_transfer_time(struct sfe_transfer_path forward,
	struct sfe_transfer_path back, const struct sfe_tcp *tcp, const struct sfe_message *m)
{
	struct sfe_transfer_time t = {0};
	uint32_t overhead = overhead_bytes(tcp);

	if (!forward.n || !back.n)
		return t;
	double payload = tandem_s(forward, cut(tcp, m->payload_bytes, 0));
	t.model_s = serialise_s(forward, 8.0 * (double)m->payload_bytes);
	t.pipelining_s = payload - t.model_s;
	t.headers_s = tandem_s(forward, cut(tcp, all_bytes(m), overhead)) - payload;
	t.in_the_way_s = contention_s(forward, segments(tcp, m));
	if (m->request_bytes) {
		t.headers_s += tandem_s(back, cut(tcp, m->request_bytes, overhead));
		t.in_the_way_s += contention_s(back, cut(tcp, m->request_bytes, 0).n);
	}
	if (narrowest(forward)->shared)
		t.in_the_way_s += acknowledgements_s(narrowest(forward), segments(tcp, m),
			8.0 * (segment_bytes(tcp) + overhead), overhead);
	t.headers_s += t.in_the_way_s;
	t.propagation_s = delay_s(forward);
	if (m->connects)
		t.propagation_s += delay_s(forward) + delay_s(back);
	if (m->request_bytes)
		t.propagation_s += delay_s(back);
	t.tcp_start_s = t.slow_start_s = slow_start_s(forward, back, tcp, m);
	if (m->connects) {
		t.tcp_start_s += syn_s(forward, back) + third_s(forward, tcp);
		t.opening_s = syn_s(forward, back) + delay_s(forward) + delay_s(back);
		t.in_the_way_s += third_s(forward, tcp);
	}
	return t;
}

double sfe_transfer_full_window(
	struct sfe_transfer_path forward, struct sfe_transfer_path back, const struct sfe_tcp *tcp)
{
	double frame = 8.0 * (segment_bytes(tcp) + overhead_bytes(tcp));
	double least = tcp->initial_window, most = SFE_WARM_UP_MOST_BYTES / segment_bytes(tcp);

	if (!forward.n || !back.n)
		return least;
	double window =
		ceil(round_trip_s(forward, back, tcp) * narrowest(forward)->rate_bps / frame);
	return isfinite(window) ? fmax(least, fmin(window, most)) : least;
}

uint64_t sfe_transfer_window_bytes(double segments, const struct sfe_tcp *tcp)
{
	return (uint64_t)segments * segment_bytes(tcp);
}

double sfe_transfer_wire_bits(const struct sfe_tcp *tcp, const struct sfe_message *m)
{
	return 8.0 * ((double)all_bytes(m) + (double)segments(tcp, m) * overhead_bytes(tcp));
}

double sfe_transfer_window_after(const struct sfe_tcp *tcp, const struct sfe_message *m)
{
	double n = (double)segments(tcp, m), left = n, window = fmax(m->window, 1);

	for (; left > window; window *= 2)
		left -= window;
	double most = fmin(n, window);
	return fmax(m->window, fmin(m->window + n, 2 * most));
}

double sfe_transfer_window_idle(
	const struct sfe_tcp *tcp, double window, double idle_s, double round_trip_s)
{
	double timeout = MIN_RTO_S + round_trip_s, least = fmin(tcp->initial_window, window);

	if (!tcp->slow_start_after_idle)
		return window;
	for (; idle_s > timeout && window > least; idle_s -= timeout)
		window = fmax(floor(window / 2), least);
	return window;
}
