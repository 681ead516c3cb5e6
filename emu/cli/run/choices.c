/* SPDX-License-Identifier: MIT */
#include "emu/cli/run/choices.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"

#define MAX_CANDIDATES SFE_MAX_STRATEGIES

/* Of one strategy that chooses. */
struct sums {
	const char *strategy;
	unsigned n, jobs[MAX_CANDIDATES]; /* candidates, and the jobs that follow each */
	char candidate[MAX_CANDIDATES][SFE_STRATEGY_BYTES];
	unsigned compared;
	double regret_s;
};

/* Looks at each row and keeps none. */
static bool add_choice(void *arg, const void *row)
{
	const struct sfe_choice_row *c = row;
	struct sums *s = arg;
	unsigned i = 0;

	if (!c->followed || strcmp(c->strategy, s->strategy) != 0)
		return false;
	while (i < s->n && strcmp(s->candidate[i], c->candidate) != 0)
		i++;
	if (i == MAX_CANDIDATES)
		return false;
	if (i == s->n)
		memcpy(s->candidate[s->n++], c->candidate, sizeof(c->candidate));
	s->jobs[i]++;
	return false;
}

static bool add_regret(void *arg, const void *row)
{
	const struct sfe_regret_row *r = row;
	struct sums *s = arg;

	if (strcmp(r->strategy, s->strategy) != 0 || isnan(r->regret_s))
		return false;
	s->compared++;
	s->regret_s += r->regret_s;
	return false;
}

static void print(const struct sums *s, FILE *out)
{
	fprintf(out, "%s: jobs follow ", s->strategy);
	for (unsigned i = 0; i < s->n; i++)
		fprintf(out, "%s%s %u", i ? ", " : "", s->candidate[i], s->jobs[i]);
	if (s->compared) /* in us first: a mean of -0.1 us is 0, not -0 */
		fprintf(out,
			"; regret, to the best of the strategies before it for each job: "
			"%.3f ms (mean of %u jobs)",
			(round(1e6 * s->regret_s / s->compared) + 0.0) / 1e3, s->compared);
	fputc('\n', out);
}

static int print_one(const char *strategy, int results_fd, FILE *out, struct sfe_error *err)
{
	struct sums *s = calloc(1, sizeof(*s));

	if (!s)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	s->strategy = strategy;
	int r = sfe_results_each_row(results_fd, &sfe_choices_csv, add_choice, s, err);
	r = r ? r : sfe_results_each_row(results_fd, &sfe_regret_csv, add_regret, s, err);
	if (!r)
		print(s, out);
	free(s);
	return r;
}

int choices_print(const struct sfe_scenario *s, int results_fd, FILE *out, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < s->n_strategies && !r; i++)
		if (s->strategies[i]->chooses)
			r = print_one(s->strategies[i]->name, results_fd, out, err);
	return r;
}
