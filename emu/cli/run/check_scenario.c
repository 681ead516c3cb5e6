/* SPDX-License-Identifier: MIT */
#include "emu/cli/run/check_scenario.h"

#include <stdio.h>

#include "emu/cli/base/cli.h"
#include "emu/experiment/experiment_new.h"
#include "emu/model/base/printable.h"
#include "emu/run/substrate.h"

/* All that `sfemu run` refuses before it makes a results folder. */
static int check(const struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_lab_commands none = {0};
	struct sfe_substrate_choice choice;

	return sfe_substrate_for_run(e, &none, &choice, err);
}

static void say(const char *file, const struct sfe_experiment *e)
{
	sfe_print_text(file, stdout);
	printf(": OK: %u jobs, %u nodes, strategies", e->n_jobs, e->bare->n_nodes);
	for (uint32_t i = 0; i < e->scenario->n_strategies; i++)
		printf("%s %s", i ? "," : "", e->scenario->strategies[i]->name);
	printf("\n");
}

int sfe_check_scenarios(char *const *files, int n, const char *const *sets, uint32_t n_sets)
{
	int status = 0;

	for (int i = 0; i < n; i++) {
		struct sfe_scenario *scenario = NULL;
		struct sfe_experiment *e = NULL;
		struct sfe_error err = {0};
		int r = sfe_scenario_read(files[i], sets, n_sets, &scenario, &err);
		r = r ? r : sfe_experiment_new(scenario, &e, &err);
		r = r ? r : check(e, &err);
		if (r)
			status = sfe_cli_error(&err, SFE_EXIT_USAGE);
		else
			say(files[i], e);
		sfe_experiment_free(e);
	}
	return fflush(stdout) || ferror(stdout) ? SFE_EXIT_FAILED : status;
}
