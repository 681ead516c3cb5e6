/* SPDX-License-Identifier: MIT */
/* manifest.json: the inputs of a run and its outcome. */
#ifndef SFE_RESULTS_MANIFEST_H
#define SFE_RESULTS_MANIFEST_H

#include "emu/experiment/experiment.h"

struct sfe_manifest {
	const struct sfe_experiment *experiment;
	const char *substrate, *clock; /* as used, not as requested */
	const char *guest_kernel;      /* path, or NULL */
	const char *state;             /* "running", "done", "failed", "interrupted" */
	const char *why;               /* why it failed, or NULL */
	const char *started;           /* ISO 8601 */
	double wall_s;
	double boot_s, build_s;  /* until the lab's first line; time of building the network */
	unsigned manual_changes; /* number of directions of links changed by `sfemu link` */
	double virtual_s;        /* virtual time at the end, since the guest's boot; else 0 */
};

int sfe_manifest_write(int results_fd, const struct sfe_manifest *m, struct sfe_error *err);

#endif
