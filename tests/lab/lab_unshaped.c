/* SPDX-License-Identifier: MIT */
/*
 * Runs a scenario natively with links that shape nothing, so that namespaces, routing, workers,
 * strategies and tear-down are tested on kernels without netem too. Its figures mean nothing.
 *
 *   lab_unshaped SCENARIO [--hold] [KEY=VALUE …]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/experiment/experiment_new.h"
#include "emu/results/results_folder.h"
#include "emu/results/summary.h"
#include "emu/run/supervise.h"

static int fail(const struct sfe_error *err)
{
	char text[1100];

	fprintf(stderr, "lab_unshaped: %s\n", sfe_error_text(err, text, sizeof(text)));
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const struct sfe_substrate_choice choice = {
		.substrate = SFE_SUBSTRATE_NATIVE, .clock = SFE_CLOCK_REAL};
	struct sfe_supervise_options options = {.program = argv[0], .watchdog_s = 60};
	struct sfe_error err = {0};
	struct sfe_scenario *scenario;
	struct sfe_experiment *e;
	struct sfe_summary *rows;
	char *path = NULL;
	unsigned n;
	int fd = -1, first = 2;

	if (argc > 2 && !strcmp(argv[2], "--hold")) {
		options.lab.hold = true;
		first = 3;
	}
	if (argc < 2 ||
		sfe_scenario_read(argv[1], (const char *const *)argv + first,
			(uint32_t)(argc > first ? argc - first : 0), &scenario, &err) ||
		sfe_experiment_new(scenario, &e, &err))
		return fail(&err);
	memset(e->link, 0, SFE_DIRECTIONS * e->topology->n_links * sizeof(*e->link));
	if (sfe_results_create(e->scenario, &path, &fd, &err))
		return fail(&err);
	options.lab.results_path = path;
	if (sfe_results_write_scenario(fd, e, &err) ||
		sfe_supervise(e, &choice, &options, fd, &err) ||
		sfe_summary_read(fd, &rows, &n, &err))
		return fail(&err);
	sfe_summary_table(rows, n, 0, stdout);
	printf("results: %s\n", path);
	free(rows);
	free(path);
	close(fd);
	sfe_experiment_free(e);
	return EXIT_SUCCESS;
}
