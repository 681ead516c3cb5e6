/* SPDX-License-Identifier: MIT */
/* manifest.json: the inputs of a run and its outcome. */
#ifndef SFE_RESULTS_MANIFEST_H
#define SFE_RESULTS_MANIFEST_H

#include "emu/experiment/experiment.h"

struct json_object;

struct sfe_manifest {
	const struct sfe_experiment *experiment;
	const char *substrate, *clock; /* as used, not as requested */
	const char *guest_kernel;      /* path, or NULL */
	struct json_object *inputs;    /* of sfe_manifest_inputs */
	const char *state;             /* "running", "done", "failed", "interrupted" */
	const char *why;               /* why it failed, or NULL */
	const char *started;           /* ISO 8601 */
	double wall_s;
	double boot_s, build_s;   /* until the lab's first line; time of building the network */
	unsigned commands_failed; /* of --during and --exec */
	unsigned manual_changes;  /* number of directions of links changed by `sfemu link` */
	double virtual_s;         /* virtual time at the end, since the guest's boot; else 0 */
};

/*
 * The inputs with their digests, for json_object_put: of what was read of each, as it was written
 * into the folder. Made before anybody else may write there.
 */
struct json_object *sfe_manifest_inputs(int results_fd, const struct sfe_scenario *s);

int sfe_manifest_write(int results_fd, const struct sfe_manifest *m, struct sfe_error *err);

#endif
