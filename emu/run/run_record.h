/* SPDX-License-Identifier: MIT */
/* manifest.json of a run: written when it begins, and again with its outcome. */
#ifndef SFE_RUN_RUN_RECORD_H
#define SFE_RUN_RUN_RECORD_H

#include <time.h>

#include "emu/results/manifest.h"
#include "emu/run/substrate.h"

struct sfe_run_figures {
	double boot_s, build_s; /* wall time until the lab's first line; of building */
	double virtual_s;       /* virtual time at the end, since the guest's boot; else 0 */
	unsigned manual_changes, commands_failed;
};

struct sfe_run_record {
	struct sfe_manifest manifest;
	int results_fd;
	char started[40];
	struct timespec begin;
};

/* The caller calls sfe_run_record_end, unless this fails. */
int sfe_run_record_begin(struct sfe_run_record *record, const struct sfe_experiment *e,
	const struct sfe_substrate_choice *choice, int results_fd, struct sfe_error *err);
/* code, err: how the run has ended. Returns code, or else why the manifest cannot be written. */
int sfe_run_record_end(struct sfe_run_record *record, const struct sfe_run_figures *figures,
	int code, struct sfe_error *err);

#endif
