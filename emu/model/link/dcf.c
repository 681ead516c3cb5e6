/* SPDX-License-Identifier: MIT */
#include "sfemu/dcf.h"

#include <math.h>

#define STEPS 100 /* halvings: more than a double has bits */

const struct sfe_dcf sfe_dcf = {
	.slot = 9000,
	.sifs = 16000,
	.difs = 34000,            /* SIFS and two slots */
	.preamble = 36000,        /* HT mixed format, one stream */
	.acknowledgement = 32000, /* a compressed block ACK of 32 bytes at 24 Mbit/s */
	.cw_min = 15,
	.cw_max = 1023,
	.retries = 7,
	/* Delimiter 4, QoS data header 26, LLC and SNAP 8, checksum 4; less Ethernet's header. */
	.mac_bytes = 28,
	.most_frames = 64,
	.most_bytes = 65535,
	.most_time = 5484000, /* aPPDUMaxTime */
};

static double tau_of(double p, double window, uint32_t doublings)
{
	double sum = 0, power = 1;

	/* (1 - (2p)^m) / (1 - 2p), also for p = 1/2. */
	for (uint32_t i = 0; i < doublings; i++, power *= 2 * p)
		sum += power;
	return 2 / (window + 1 + p * window * sum);
}

struct sfe_bianchi sfe_bianchi(uint32_t n, uint32_t window, uint32_t doublings)
{
	double low = 0, high = 1;

	/* More collisions, fewer attempts, fewer collisions: there is one fixed point. */
	for (int i = 0; i < STEPS; i++) {
		double p = (low + high) / 2;
		if (1 - pow(1 - tau_of(p, window, doublings), n - 1) > p)
			low = p;
		else
			high = p;
	}
	return (struct sfe_bianchi){tau_of(low, window, doublings), low};
}

double sfe_bianchi_throughput(
	uint32_t n, double tau, double slot, double payload, double success, double collision)
{
	double some = 1 - pow(1 - tau, n), one = n * tau * pow(1 - tau, n - 1);

	return one * payload / ((1 - some) * slot + one * success + (some - one) * collision);
}

static double mac_ns(const struct sfe_link_spec *spec)
{
	return sfe_dcf.mac_bytes * 8e9 / (double)spec->rate_bps;
}

uint32_t sfe_dcf_frames(const struct sfe_link_spec *spec, uint32_t limit, uint32_t frame_bytes)
{
	double time =
		floor(sfe_dcf.most_time / (mac_ns(spec) + sfe_link_frame_ns(spec, frame_bytes)));
	double bytes = (double)sfe_dcf.most_bytes / (sfe_dcf.mac_bytes + frame_bytes);

	return (uint32_t)fmax(1, fmin(fmin(sfe_dcf.most_frames, limit), fmin(time, floor(bytes))));
}

double sfe_dcf_success_ns(const struct sfe_link_spec *spec, uint32_t frames, uint32_t frame_bytes)
{
	return sfe_dcf.preamble + frames * (mac_ns(spec) + sfe_link_frame_ns(spec, frame_bytes)) +
	       sfe_dcf.sifs + sfe_dcf.acknowledgement + sfe_dcf.difs;
}

double sfe_dcf_after_ns(void)
{
	return (double)sfe_dcf.sifs + sfe_dcf.acknowledgement + sfe_dcf.difs +
	       sfe_dcf.cw_min / 2.0 * sfe_dcf.slot;
}

static uint32_t doublings(void)
{
	uint32_t n = 0;

	while ((sfe_dcf.cw_min + 1) << n < sfe_dcf.cw_max + 1)
		n++;
	return n;
}

double sfe_dcf_collisions(uint32_t n)
{
	double tau = sfe_bianchi(n, sfe_dcf.cw_min + 1, doublings()).tau;
	double some = 1 - pow(1 - tau, n), one = n * tau * pow(1 - tau, n - 1);

	return (some - one) / one;
}

double sfe_dcf_saturation_bps(
	const struct sfe_link_spec *spec, uint32_t limit, uint32_t n, uint32_t frame_bytes)
{
	uint32_t frames = sfe_dcf_frames(spec, limit, frame_bytes);
	double ns = sfe_dcf_success_ns(spec, frames, frame_bytes);
	double tau = sfe_bianchi(n, sfe_dcf.cw_min + 1, doublings()).tau;

	/* Who has heard a collision waits as long as for an acknowledgement (EIFS). */
	return 1e9 *
	       sfe_bianchi_throughput(n, tau, sfe_dcf.slot, 8.0 * frames * frame_bytes, ns, ns);
}

double sfe_dcf_alone_ns(const struct sfe_link_spec *spec)
{
	return sfe_dcf.preamble + mac_ns(spec);
}
