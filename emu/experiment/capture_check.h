/* SPDX-License-Identifier: MIT */
/* Checks the names and the filter of a scenario's `capture:`. */
#ifndef SFE_EXPERIMENT_CAPTURE_CHECK_H
#define SFE_EXPERIMENT_CAPTURE_CHECK_H

#include "emu/experiment/experiment.h"

#define SFE_CAPTURE_WHOLE_PACKET 262144 /* bytes: maximum capture length */

/* Finds the link or the host of that name and sets the other to SFE_NONE. False: neither exists. */
bool sfe_capture_find(
	const struct sfe_experiment *e, const char *name, uint32_t *link, uint32_t *host);
/* Checks that each name is "all" or a link, node or junction, and that the filter compiles. */
int sfe_capture_check(const struct sfe_experiment *e, struct sfe_error *err);

#endif
