/* SPDX-License-Identifier: MIT */
/*
 * Measures each link of a running network that carries nothing else, one after the other, and
 * compares the results with the specifications.
 */
#ifndef SFE_VERIFY_VERIFY_H
#define SFE_VERIFY_VERIFY_H

#include "emu/experiment/experiment.h"
#include "emu/results/verify_table.h"
#include "emu/verify/verify_options.h"

/* Writes verify.csv into the results folder, and reports its progress on the channel. */
int sfe_verify(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_verify_options *options, int results_fd, int channel,
	struct sfe_error *err);

#endif
