/* SPDX-License-Identifier: MIT */
/*
 * Tests the generator's output against its distributions: a chi-square test for each, and a
 * Kolmogorov-Smirnov test for durations and gaps, at fixed seeds. Jobs are read back from the rows,
 * so that writing is tested too. Significance: 0.1 %.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/spar_tables.h"
#include "emu/model/workload/task_trace.h"
#include "sfemu/workload.h"
#include "tests/unit/unit.h"

#define JOBS 30000u
#define SIGNIFICANCE 0.001
#define KS_CRITICAL 1.95 /* of sqrt(n) D, at 0.1 %; stricter for discrete distributions */
#define MAX_CELLS 256u
#define MIN_EXPECTED 5.0 /* minimum of a cell of the chi-square test; smaller ones are joined */

/* A distribution as value -> probability, with counts. */
struct cells {
	unsigned n;
	double value[MAX_CELLS], p[MAX_CELLS], seen[MAX_CELLS];
	double stray, total; /* values outside the distribution */
};

struct sample { /* one run of the generator, read back */
	struct cells task_num, duration, cpu, mem, instances, gap;
	struct cells cpl[36], level[21]; /* by key */
};

static void cell_of(struct cells *c, double value, double p)
{
	if (!c->n || c->value[c->n - 1] != value) {
		CU_ASSERT_FATAL(c->n < MAX_CELLS);
		c->value[c->n++] = value;
	}
	c->p[c->n - 1] += p;
}

/* The distribution of a key as the generator uses it: no value exceeds most. */
static void law(struct cells *c, const struct sfe_quantiles *q, uint32_t key, double most)
{
	for (uint32_t i = 0; i + 1 < q->n; i++)
		if (q->rows[i].key == key && q->rows[i + 1].key == key)
			cell_of(c, fmin(q->rows[i].value, most), q->rows[i + 1].p - q->rows[i].p);
}

static void see(struct cells *c, double value)
{
	unsigned i = 0;

	while (i < c->n && c->value[i] != value)
		i++;
	if (i < c->n)
		c->seen[i]++;
	else
		c->stray++;
	c->total++;
}

/* The probability of a chi-square value at least this large: Wilson and Hilferty's normal
 * approximation. */
static double upper_tail(double x, unsigned freedom)
{
	double v = 2.0 / (9 * freedom);

	return 0.5 * erfc((cbrt(x / freedom) - (1 - v)) / sqrt(2 * v));
}

static double chi_square(const struct cells *c)
{
	double x = 0, expected = 0, seen = 0;
	unsigned bins = 0;

	if (c->stray > 0)
		return 0;
	for (unsigned i = 0; i < c->n; i++) {
		double rest = 0;

		for (unsigned k = i + 1; k < c->n; k++)
			rest += c->p[k] * c->total;
		expected += c->p[i] * c->total;
		seen += c->seen[i];
		if (i + 1 < c->n && (expected < MIN_EXPECTED || rest < MIN_EXPECTED))
			continue;
		x += (seen - expected) * (seen - expected) / expected;
		expected = seen = 0;
		bins++;
	}
	return bins > 1 ? upper_tail(x, bins - 1) : 1;
}

static double ks(const struct cells *c)
{
	double f = 0, g = 0, d = 0;

	for (unsigned i = 0; i < c->n; i++) {
		f += c->p[i];
		g += c->seen[i] / c->total;
		d = fmax(d, fabs(f - g));
	}
	return (d + c->stray / c->total) * sqrt(c->total);
}

/* The longest path down from each task: for a task of rank l it is c - l on every path. */
static uint32_t heights(const struct sfe_dag *d, uint32_t *height)
{
	uint32_t c = 1;

	memset(height, 0, d->n_tasks * sizeof(*height));
	for (uint32_t i = d->n_tasks; i-- > 0;)
		for (uint32_t k = 0; k < d->tasks[i].n_preds; k++) {
			uint32_t pred = d->tasks[i].preds[k] - 1;
			if (height[pred] < height[i] + 1)
				height[pred] = height[i] + 1;
			c = height[pred] + 1 > c ? height[pred] + 1 : c;
		}
	return c;
}

static void see_shape(struct sample *s, const struct sfe_dag *d)
{
	uint32_t height[SFE_MAX_TASKS_PER_JOB], size[SFE_MAX_TASKS_PER_JOB + 1] = {0};
	uint32_t c = heights(d, height);

	see(&s->task_num, d->n_tasks);
	if (d->n_tasks > 1 && d->n_tasks < 35)
		see(&s->cpl[d->n_tasks], c);
	for (uint32_t i = 0; i < d->n_tasks; i++)
		size[c - height[i]]++;
	for (uint32_t l = 1; l <= c && c < 20; l++)
		for (uint32_t i = 1; i < size[l]; i++) /* one of each rank is on the path */
			see(&s->level[c], l);
}

static void see_instances(struct sample *s, const char *text)
{
	for (const char *end = strchr(text, '\n'); end; end = strchr(text, '\n')) {
		const char *last = memrchr(text, ',', (size_t)(end - text));
		see(&s->instances, strtod(last + 1, NULL));
		text = end + 1;
	}
}

static void make_laws(struct sample *s, const struct sfe_spar_tables *t)
{
	law(&s->task_num, &t->task_num, 0, 1e9);
	law(&s->duration, &t->task_duration, 0, 1e9);
	law(&s->cpu, &t->task_cpu, 0, 1e9);
	law(&s->mem, &t->task_mem, 0, 1e9);
	law(&s->instances, &t->instance_num, 0, 1e9);
	law(&s->gap, &t->job_interval, 0, 1e9);
	for (uint32_t n = 2; n < 35; n++)
		law(&s->cpl[n], &t->cpl, n, n);
	for (uint32_t c = 1; c < 20; c++)
		law(&s->level[c], &t->level, c, c);
}

static struct sample *draw(uint64_t seed, bool as_published)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct sfe_spar_params p = {.jobs = JOBS, .seed = seed, .as_published = as_published};
	struct sfe_spar_tables *t;
	struct sfe_task_trace trace;
	struct sfe_dag d;
	double last_s = -1;
	char *text;
	size_t len;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL_FATAL(sfe_spar_tables_builtin(&t, NULL), 0);
	make_laws(s, t);
	FILE *f = open_memstream(&text, &len);
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, f, NULL, NULL), 0);
	fclose(f);
	see_instances(s, text);
	CU_ASSERT_EQUAL_FATAL(sfe_task_trace_open(&trace, text, len, "rows", false, NULL), 0);
	while (sfe_task_trace_next(&trace, &d, NULL) > 0) {
		for (uint32_t i = 0; i < d.n_tasks; i++) {
			see(&s->duration, d.tasks[i].duration_s);
			see(&s->cpu, d.tasks[i].cpu);
			see(&s->mem, d.tasks[i].mem);
		}
		see_shape(s, &d);
		if (last_s >= 0)
			see(&s->gap, d.arrival_s - last_s);
		last_s = d.arrival_s;
		sfe_dag_clear(&d);
	}
	sfe_task_trace_close(&trace);
	free(text);
	sfe_spar_tables_free(t);
	return s;
}

static void expect(const char *name, const struct cells *c)
{
	double p = chi_square(c);

	CU_ASSERT(p > SIGNIFICANCE);
	if (!(p > SIGNIFICANCE))
		printf("%s: chi-square has p = %g over %g values, %g of them stray\n", name, p,
			c->total, c->stray);
}

static void test_laws(void)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct sample *s = draw(seed, false);

		expect("task_num", &s->task_num);
		expect("task_duration", &s->duration);
		expect("task_cpu", &s->cpu);
		expect("task_mem", &s->mem);
		expect("instance_num", &s->instances);
		expect("job_interval", &s->gap);
		CU_ASSERT(ks(&s->duration) < KS_CRITICAL);
		CU_ASSERT(ks(&s->gap) < KS_CRITICAL);
		CU_ASSERT(ks(&s->instances) < KS_CRITICAL);
		free(s);
	}
}

/* The critical path by number of tasks, and the ranks of the other tasks by its length. */
static void test_shapes(void)
{
	struct sample *s = draw(4, false);
	unsigned judged = 0;
	char name[32];

	for (uint32_t n = 2; n < 35; n++)
		if (s->cpl[n].total >= 50) {
			snprintf(name, sizeof(name), "cpl of %u", n);
			expect(name, &s->cpl[n]);
			judged++;
		}
	for (uint32_t c = 1; c < 20; c++)
		if (s->level[c].total >= 50) {
			snprintf(name, sizeof(name), "level of %u", c);
			expect(name, &s->level[c]);
			judged++;
		}
	CU_ASSERT(judged > 20);
	free(s);
}

/* The tests can fail: the published generator does not follow these distributions. */
static void test_as_published(void)
{
	struct sample *s = draw(1, true);
	double mean = 0, ones = 0;

	CU_ASSERT(chi_square(&s->task_num) < 1e-6);
	CU_ASSERT(chi_square(&s->duration) < 1e-6);
	CU_ASSERT(chi_square(&s->cpu) < 1e-6);
	CU_ASSERT(chi_square(&s->mem) < 1e-6);
	CU_ASSERT(chi_square(&s->instances) < 1e-6);
	CU_ASSERT(chi_square(&s->gap) < 1e-6);
	CU_ASSERT(ks(&s->duration) > KS_CRITICAL);
	free(s);
	struct sfe_spar_tables *t;
	CU_ASSERT_EQUAL_FATAL(sfe_spar_tables_builtin(&t, NULL), 0);
	for (unsigned i = 0; i < 1000000; i++) {
		double u = (i + 0.5) / 1e6;
		mean += sfe_quantile_published(&t->task_duration, 0, u) / 1e6;
		ones += sfe_quantile_published(&t->task_mem, 0, u) == 1;
	}
	CU_ASSERT_DOUBLE_EQUAL(mean / sfe_quantile_mean(&t->task_duration), 24, 0.5);
	CU_ASSERT(ones / 1e6 > 0.99);
	sfe_spar_tables_free(t);
}

/* A small deviation is found too: one value in fifty moved to its neighbour. */
static void test_power(void)
{
	struct sample *s = draw(1, false);

	s->mem.seen[3] -= s->mem.total / 50;
	s->mem.seen[4] += s->mem.total / 50;
	CU_ASSERT(chi_square(&s->mem) < 1e-6);
	s->gap.seen[0] -= s->gap.total / 50;
	s->gap.seen[1] += s->gap.total / 50;
	CU_ASSERT(chi_square(&s->gap) < 1e-6);
	CU_ASSERT(ks(&s->gap) > KS_CRITICAL);
	free(s);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"tasks, durations, cpu, memory, instances, gaps", test_laws},
		{"critical paths and ranks", test_shapes},
		{"as published", test_as_published},
		{"a small deviation is seen", test_power},
	};

	return unit_main("spar_laws", tests, sizeof(tests) / sizeof(tests[0]));
}
