/* SPDX-License-Identifier: MIT */
/*
 * Measures every link of a network that is up, one after the other, with nothing else on it, and
 * compares with what was asked for.
 */
#ifndef SFE_VERIFY_VERIFY_H
#define SFE_VERIFY_VERIFY_H

#include "emu/experiment/experiment.h"
#include "emu/results/tables.h"

#define SFE_VERIFY_PROBES 200u /* delay and loss: packets a direction, unless told otherwise */
#define SFE_VERIFY_TCP_WINDOW 16000000u
#define SFE_VERIFY_TCP_MOST (65535u << 14) /* the largest window that TCP can announce */

struct sfe_verify_options {
	uint32_t probes;
	uint64_t tcp_window; /* bytes: TCP is measured where no more has to be under way */
	bool real_clock;     /* bounded in time, judged with more tolerance */
	const char *pattern; /* of links' names, "*" for all */
};

/* A direction of a link; what was not measured is NaN (or -1 where it counts). */
struct sfe_verify_row {
	char link[SFE_NAME_BYTES], kind[16], direction[8];
	char from[SFE_NAME_BYTES], to[SFE_NAME_BYTES];
	uint64_t rate_bps;
	double udp_rate_bps, tcp_goodput_bps, tcp_ceiling_bps;
	char delay[96];
	double asked_p50_s, measured_p50_s, asked_p99_s, measured_p99_s;
	double delay_error_s, ks, ks_limit;
	uint32_t packets;
	double asked_loss, measured_loss, loss_interval;
	uint32_t duplicates, reordered, lost_at_95;
	double asked_duplicate, measured_duplicate, duplicate_interval;
	double asked_hurried, measured_hurried, hurried_interval;
	uint32_t mtu_bytes, largest_bytes;
	double asked_queue_bytes, measured_queue_bytes;
	char verdict[160];
};

extern const struct sfe_table sfe_verify_csv;

/* Writes verify.csv into the results folder; says how far it is on the channel. */
int sfe_verify(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_verify_options *options, int results_fd, int channel,
	struct sfe_error *err);

#endif
