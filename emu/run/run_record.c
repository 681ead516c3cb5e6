/* SPDX-License-Identifier: MIT */
#include "emu/run/run_record.h"

#include <errno.h>
#include <json-c/json.h>

int sfe_run_record_begin(struct sfe_run_record *record, const struct sfe_experiment *e,
	const struct sfe_substrate_choice *choice, int results_fd, struct sfe_error *err)
{
	time_t now = time(NULL);
	struct tm tm;

	*record = (struct sfe_run_record){.results_fd = results_fd};
	clock_gettime(CLOCK_MONOTONIC, &record->begin);
	gmtime_r(&now, &tm);
	strftime(record->started, sizeof(record->started), "%Y-%m-%dT%H:%M:%SZ", &tm);
	record->manifest = (struct sfe_manifest){
		.experiment = e,
		.substrate = choice->substrate == SFE_SUBSTRATE_NATIVE ? "native" : "vm",
		.clock = choice->clock == SFE_CLOCK_REAL ? "real" : "virtual",
		.guest_kernel = choice->kernel[0] ? choice->kernel : NULL,
		.state = "running",
		.started = record->started,
		.inputs = sfe_manifest_inputs(results_fd, e->scenario),
	};
	int r = sfe_manifest_write(results_fd, &record->manifest, err);
	if (r)
		json_object_put(record->manifest.inputs);
	return r;
}

int sfe_run_record_end(struct sfe_run_record *record, const struct sfe_run_figures *figures,
	int code, struct sfe_error *err)
{
	struct sfe_manifest *m = &record->manifest;
	struct sfe_error writing = {0};
	struct timespec now;
	char why[1100];

	clock_gettime(CLOCK_MONOTONIC, &now);
	m->boot_s = figures->boot_s;
	m->build_s = figures->build_s;
	m->virtual_s = figures->virtual_s;
	m->manual_changes = figures->manual_changes;
	m->commands_failed = figures->commands_failed;
	m->state = !code ? "done" : code == -EINTR ? "interrupted" : "failed";
	m->why = code && err ? sfe_error_text(err, why, sizeof(why)) : NULL;
	m->wall_s = (double)(now.tv_sec - record->begin.tv_sec) +
		    1e-9 * (double)(now.tv_nsec - record->begin.tv_nsec);
	int w = sfe_manifest_write(record->results_fd, m, &writing);
	json_object_put(m->inputs);
	if (!code && w && err)
		*err = writing;
	return code ? code : w;
}
