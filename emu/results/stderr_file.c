/* SPDX-License-Identifier: MIT */
#include "emu/results/stderr_file.h"

#include <inttypes.h>
#include <stdlib.h>

#include "emu/model/strategies/strategy_options.h"
#include "emu/results/results_file.h"
#include "sfemu/workflow.h"

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_step(const void *a, const void *b)
{
	const struct sfe_ctl_stderr *x = a, *y = b;
	int r = compare(x->job, y->job);

	r = r ? r : compare(x->step, y->step);
	r = r ? r : compare(x->attempt, y->attempt);
	r = r ? r : compare(x->path, y->path);
	return r ? r : compare(x->header.node, y->header.node);
}

static void write_one(FILE *f, const struct sfe_experiment *e, const struct sfe_ctl_stderr *text)
{
	const struct sfe_job *job = e->jobs[text->job].job;
	const char *step = sfe_step_name(e->workload, job, text->step);

	fprintf(f, "== job %" PRIu32 ", step ", job->number);
	if (step)
		fprintf(f, "%s", step);
	else
		fprintf(f, "%" PRIu32, text->step);
	fprintf(f, ", attempt %" PRIu32 "%s, function %s on %s: %" PRIu64 " bytes", text->attempt,
		text->path ? ", a call at run time" : "",
		e->workload->function_names[text->function],
		e->topology->nodes[text->header.node].name, text->written_bytes);
	if (text->written_bytes > text->bytes)
		fprintf(f, ", of which these are the last %" PRIu32, text->bytes);
	fprintf(f, "\n");
	fwrite(text->text, 1, text->bytes, f);
	if (text->bytes && text->text[text->bytes - 1] != '\n')
		fprintf(f, "\n");
}

int sfe_stderr_write(
	int dir, const struct sfe_experiment *e, struct sfe_replay *r, struct sfe_error *err)
{
	char brief[SFE_STRATEGY_BYTES], name[SFE_STRATEGY_BYTES + 16];

	if (!r->n_errors)
		return 0;
	sfe_strategy_short_name(r->strategy->name, brief);
	snprintf(name, sizeof(name), "stderr.%s.txt", brief);
	FILE *f = sfe_results_open(dir, name, "w", err);
	if (!f)
		return err->code;
	qsort(r->errors, r->n_errors, sizeof(*r->errors), by_step);
	for (uint32_t i = 0; i < r->n_errors; i++)
		write_one(f, e, &r->errors[i]);
	for (uint32_t i = 0; i < r->n_errors; i++)
		if (r->errors[i].later)
			fprintf(f,
				"== %" PRIu32
				" later invocations on %s wrote some, too: a run keeps that of "
				"%u a node\n",
				r->errors[i].later,
				e->topology->nodes[r->errors[i].header.node].name, SFE_STDERR_MAX);
	return sfe_results_close(f, name, err);
}
