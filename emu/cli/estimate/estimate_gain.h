/* SPDX-License-Identifier: MIT */
/* `sfemu estimate --gain`: what options of strategies gain, predicted for a run's own jobs. */
#ifndef SFE_CLI_ESTIMATE_GAIN_H
#define SFE_CLI_ESTIMATE_GAIN_H

#include "emu/cli/estimate/estimate_options.h"

/* Prints a row for each strategy of the scenario with options: the exit status. */
int estimate_gain(const struct estimate_options *o);

#endif
