/* SPDX-License-Identifier: MIT */
/* What a scenario's `capture:` names. */
#ifndef SFE_EXPERIMENT_CAPTURE_CHECK_H
#define SFE_EXPERIMENT_CAPTURE_CHECK_H

#include "emu/experiment/experiment.h"

#define SFE_CAPTURE_WHOLE_PACKET 262144 /* bytes: the most of a packet that is captured */

/* The link or the host of that name; the other is SFE_NONE. False: there is neither. */
bool sfe_capture_find(
	const struct sfe_experiment *e, const char *name, uint32_t *link, uint32_t *host);
/* Checks that each name is "all", or a link, node or junction, and that the filter compiles. */
int sfe_capture_check(const struct sfe_experiment *e, struct sfe_error *err);

#endif
