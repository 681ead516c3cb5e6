/* SPDX-License-Identifier: MIT */
/* The verbs of the command `sfemu`, one file each in a subfolder (`live/exec.c` has two). */
#ifndef SFE_CLI_VERBS_H
#define SFE_CLI_VERBS_H

#include "emu/cli/base/verb.h"

extern const struct sfe_verb sfe_verb_run, sfe_verb_estimate, sfe_verb_diff, sfe_verb_links,
	sfe_verb_link, sfe_verb_schedule, sfe_verb_verify, sfe_verb_check, sfe_verb_exec,
	sfe_verb_down, sfe_verb_analyze, sfe_verb_guest, sfe_verb_report, sfe_verb_topology,
	sfe_verb_sweep, sfe_verb_workload, sfe_verb_columns, sfe_verb_call, sfe_verb_job;

/* All verbs, in the order of `sfemu --help`; ended by NULL. */
extern const struct sfe_verb *const sfe_verbs[];
const struct sfe_verb *sfe_verb_find(const char *name); /* NULL: there is no such verb */
/* What `sfemu --help` prints. */
void sfe_verbs_help(FILE *out);

#endif
