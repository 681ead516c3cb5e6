/* SPDX-License-Identifier: MIT */
#include "emu/cli/verbs.h"

#include <string.h>

const struct sfe_verb *const sfe_verbs[] = {&sfe_verb_run, &sfe_verb_estimate, &sfe_verb_job,
	&sfe_verb_diff, &sfe_verb_links, &sfe_verb_link, &sfe_verb_schedule, &sfe_verb_verify,
	&sfe_verb_check, &sfe_verb_exec, &sfe_verb_down, &sfe_verb_analyze, &sfe_verb_guest,
	&sfe_verb_report, &sfe_verb_topology, &sfe_verb_sweep, &sfe_verb_workload, &sfe_verb_call,
	&sfe_verb_columns, NULL};

const struct sfe_verb *sfe_verb_find(const char *name)
{
	for (unsigned i = 0; sfe_verbs[i]; i++)
		if (!strcmp(sfe_verbs[i]->name, name))
			return sfe_verbs[i];
	return NULL;
}

void sfe_verbs_help(FILE *out)
{
	fprintf(out, "usage: sfemu VERB [OPTIONS]\n\n");
	for (unsigned i = 0; sfe_verbs[i]; i++)
		fprintf(out, "  %-10s %s\n", sfe_verbs[i]->name, sfe_verbs[i]->summary);
	fprintf(out, "\n`sfemu VERB --help` tells more; `sfemu --version` prints the version.\n");
}
