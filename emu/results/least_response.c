/* SPDX-License-Identifier: MIT */
#include "emu/results/least_response.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/scenario/scenario_strategies.h"
#include "emu/results/results_file.h"
#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

#define FOLLOWED_FILE ".followed" /* a line for each job: its strategy */

/* The first one of the scenario that can be followed: the scenario's check wants two. */
static uint32_t first_followed(const struct sfe_scenario *s)
{
	uint32_t i = 0;

	while (i + 1 < s->n_strategies && !sfe_scenario_can_follow(s, i))
		i++;
	return i;
}

int sfe_least_open(
	struct sfe_least_response *l, const struct sfe_experiment *e, struct sfe_error *err)
{
	size_t n = (size_t)e->n_jobs + 1;

	*l = (struct sfe_least_response){.e = e};
	if (!sfe_scenario_chooses(e->scenario))
		return 0;
	l->least_s = calloc(n, sizeof(*l->least_s));
	l->under = calloc(n, sizeof(*l->under));
	l->followed = calloc(n, sizeof(*l->followed));
	l->followed_s = calloc(n, sizeof(*l->followed_s));
	l->regret_of_s = calloc(n, sizeof(*l->regret_of_s));
	if (!l->least_s || !l->under || !l->followed || !l->followed_s || !l->regret_of_s) {
		sfe_least_free(l);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		l->least_s[j] = l->followed_s[j] = INFINITY;
		l->followed[j] = first_followed(e->scenario);
		l->regret_of_s[j] = NAN;
	}
	return 0;
}

void sfe_least_free(struct sfe_least_response *l)
{
	free(l->least_s);
	free(l->under);
	free(l->followed);
	free(l->followed_s);
	free(l->regret_of_s);
	*l = (struct sfe_least_response){0};
}

void sfe_least_add(struct sfe_least_response *l, uint32_t strategy, uint32_t job, double response_s)
{
	const struct sfe_scenario *s = l->e->scenario;

	if (!l->least_s)
		return;
	if (s->strategies[strategy]->chooses) {
		l->regret_of_s[job] = response_s;
		return;
	}
	if (response_s < l->least_s[job]) {
		l->least_s[job] = response_s;
		l->under[job] = strategy;
	}
	if (response_s < l->followed_s[job] && sfe_scenario_can_follow(s, strategy)) {
		l->followed_s[job] = response_s;
		l->followed[job] = strategy;
	}
}

static void write_rows(struct sfe_least_response *l, uint32_t strategy, FILE *f)
{
	const struct sfe_scenario *s = l->e->scenario;

	for (uint32_t j = 0; j < l->e->n_jobs; j++) {
		bool any = isfinite(l->least_s[j]);
		struct sfe_regret_row row = {.job = l->e->jobs[j].job->number,
			.response_s = l->regret_of_s[j],
			.least_s = any ? l->least_s[j] : NAN,
			.regret_s = any ? l->regret_of_s[j] - l->least_s[j] : NAN};
		snprintf(row.strategy, sizeof(row.strategy), "%s", s->strategies[strategy]->name);
		if (any)
			snprintf(row.least_under, sizeof(row.least_under), "%s",
				s->strategies[l->under[j]]->name);
		sfe_table_write_row(&sfe_regret_csv, &row, f);
		l->regret_of_s[j] = NAN; /* for the next strategy that chooses */
	}
}

int sfe_least_end(struct sfe_least_response *l, uint32_t strategy, int dir, struct sfe_error *err)
{
	const char *name = sfe_regret_csv.file;

	if (!l->least_s || !l->e->scenario->strategies[strategy]->chooses)
		return 0;
	bool begun = sfe_beneath_exists(dir, name);
	FILE *f = sfe_results_open(dir, name, begun ? "a" : "w", err);
	if (!f)
		return err ? err->code : -EIO;
	if (!begun)
		sfe_table_write_header(&sfe_regret_csv, f);
	write_rows(l, strategy, f);
	return sfe_results_close(f, name, err);
}

const uint32_t *sfe_least_followed(const struct sfe_least_response *l)
{
	return l->followed;
}

int sfe_least_write(const struct sfe_least_response *l, int dir, struct sfe_error *err)
{
	FILE *f = sfe_results_open(dir, FOLLOWED_FILE, "w", err);

	if (!f)
		return err ? err->code : -EIO;
	for (uint32_t j = 0; j < l->e->n_jobs; j++)
		fprintf(f, "%" PRIu32 "\n", l->followed[j]);
	return sfe_results_close(f, FOLLOWED_FILE, err);
}

int sfe_least_read(
	const struct sfe_experiment *e, int dir, uint32_t **followed, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	uint32_t *of = NULL;
	int r = 0;

	*followed = NULL;
	FILE *f = sfe_results_read(dir, FOLLOWED_FILE, err);
	if (!f)
		return err ? err->code : -EIO;
	of = calloc((size_t)e->n_jobs + 1, sizeof(*of));
	if (!of)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t j = 0; j < e->n_jobs && !r; j++)
		if (fscanf(f, "%" SCNu32, &of[j]) != 1 || of[j] >= s->n_strategies ||
			!sfe_scenario_can_follow(s, of[j]))
			r = sfe_fail(err, -EPROTO, FOLLOWED_FILE, NULL,
				"does not say which strategy job %" PRIu32 " follows",
				e->jobs[j].job->number);
	fclose(f);
	if (r)
		free(of);
	else
		*followed = of;
	return r;
}
