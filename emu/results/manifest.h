/* SPDX-License-Identifier: MIT */
/* manifest.json: what a run was made from and how it ended. */
#ifndef SFE_RESULTS_MANIFEST_H
#define SFE_RESULTS_MANIFEST_H

#include "emu/experiment/experiment.h"

struct json_object;

struct sfe_manifest {
	const struct sfe_experiment *experiment;
	const char *substrate, *clock; /* as used, not as asked for */
	const char *guest_kernel;      /* path, or NULL */
	struct json_object *inputs;    /* of sfe_manifest_inputs */
	const char *state;             /* "running", "done", "failed", "interrupted" */
	const char *why;               /* of a failure, or NULL */
	const char *started;           /* ISO 8601 */
	double wall_s;
	double boot_s, build_s;   /* of it: until the lab spoke, and the network's building */
	unsigned changed_by_hand; /* how many directions of links, by `sfemu link` */
	double virtual_s;         /* a virtual clock at the end, since the guest's boot; else 0 */
};

/*
 * The inputs with their digests, for json_object_put: of what was read of each, as it was written
 * into the folder. Made before anybody else may write there.
 */
struct json_object *sfe_manifest_inputs(int results_fd, const struct sfe_scenario *s);

int sfe_manifest_write(int results_fd, const struct sfe_manifest *m, struct sfe_error *err);

#endif
