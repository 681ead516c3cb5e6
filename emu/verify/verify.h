/* SPDX-License-Identifier: MIT */
/*
 * Measures every link of a network that is up, one after the other, with nothing else on it, and
 * compares with what was asked for.
 */
#ifndef SFE_VERIFY_VERIFY_H
#define SFE_VERIFY_VERIFY_H

#include "emu/experiment/experiment.h"
#include "emu/results/verify_table.h"

#define SFE_VERIFY_PROBES 200u /* delay and loss: packets a direction, unless told otherwise */
#define SFE_VERIFY_TCP_WINDOW 16000000u
#define SFE_VERIFY_TCP_MOST (65535u << 14) /* the largest window that TCP can announce */

struct sfe_verify_options {
	uint32_t probes;
	uint64_t tcp_window; /* bytes: TCP is measured where no more has to be under way */
	bool real_clock;     /* bounded in time, judged with more tolerance */
	const char *pattern; /* of links' names, "*" for all */
};

/* Writes verify.csv into the results folder; says how far it is on the channel. */
int sfe_verify(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_verify_options *options, int results_fd, int channel,
	struct sfe_error *err);

#endif
