/* SPDX-License-Identifier: MIT */
/*
 * The contention of 802.11 stations for a medium (medium: dcf): the distributed coordination
 * function of IEEE Std 802.11-2020, 10.3, basic access, with aggregates (A-MPDU), as the guest
 * kernel's qdisc carries it out (tools/guest-kernel/patches/0016). The link's rate is the rate of
 * the physical layer.
 *
 * What is expected in saturation, when each of n stations always has something to send: G. Bianchi,
 * "Performance analysis of the IEEE 802.11 distributed coordination function", IEEE Journal on
 * Selected Areas in Communications 18(3), 2000. A station sends in a slot with the probability tau
 * and then collides with the probability p, the same in each attempt:
 *   p = 1 - (1 - tau)^(n - 1)
 *   tau = 2 (1 - 2p) / ((1 - 2p)(W + 1) + p W (1 - (2p)^m))    (W: CWmin + 1; W 2^m: CWmax + 1)
 * Some station sends in a slot with P_tr = 1 - (1 - tau)^n, and alone, if so, with
 * P_s = n tau (1 - tau)^(n - 1) / P_tr; so the throughput is
 *   P_s P_tr E[P] / ((1 - P_tr) slot + P_tr P_s T_s + P_tr (1 - P_s) T_c)
 * with E[P] the bits of a success, T_s and T_c the times that a success and a collision take.
 * The formula has no limit of retries, and counts a busy time as a slot; the standard (and the
 * qdisc) does not. Simulated, that makes 2 % at most for 1 to 20 stations.
 */
#ifndef SFEMU_DCF_H
#define SFEMU_DCF_H

#include "sfemu/link.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Times in ns. */
struct sfe_dcf {
	uint32_t slot, sifs, difs;
	uint32_t preamble, acknowledgement; /* preamble and header of an aggregate; a block ACK */
	uint32_t cw_min, cw_max;            /* slots */
	uint32_t retries;                   /* of an aggregate, which is then dropped */
	uint32_t mac_bytes;                 /* that the MAC adds to an Ethernet frame */
	uint32_t most_frames, most_bytes, most_time; /* of an aggregate; one frame is always sent */
};
/* 802.11n and 802.11ac with 20 MHz at 5 GHz. */
extern const struct sfe_dcf sfe_dcf;

#define SFE_DCF_MAX_STATIONS 1024u

struct sfe_bianchi {
	double tau, p;
};
/* n from 1; window: W; doublings: m. */
struct sfe_bianchi sfe_bianchi(uint32_t n, uint32_t window, uint32_t doublings);
/* E[P] and the times in any units: the result is in their quotient. */
double sfe_bianchi_throughput(
	uint32_t n, double tau, double slot, double payload, double success, double collision);

/* How many frames of this size an aggregate has, if there are enough of them. limit: how many a
 * station's queue holds. */
uint32_t sfe_dcf_frames(const struct sfe_link_spec *spec, uint32_t limit, uint32_t frame_bytes);
/* What the medium takes for an aggregate of that many frames, but for the backoff: T_s, in ns. */
double sfe_dcf_success_ns(const struct sfe_link_spec *spec, uint32_t frames, uint32_t frame_bytes);
/* The mean number of collisions for each success among n stations in saturation. */
double sfe_dcf_collisions(uint32_t n);
/* The acknowledgement, DIFS and mean backoff after an aggregate that collided with none, in ns. */
double sfe_dcf_after_ns(void);
/* Bianchi's throughput of n stations with full frames, in bit/s of layer-2 bytes. */
double sfe_dcf_saturation_bps(
	const struct sfe_link_spec *spec, uint32_t limit, uint32_t n, uint32_t frame_bytes);
/* What a frame that finds the medium idle takes more than its time at the link's rate, in ns. */
double sfe_dcf_alone_ns(const struct sfe_link_spec *spec);

#ifdef __cplusplus
}
#endif

#endif
