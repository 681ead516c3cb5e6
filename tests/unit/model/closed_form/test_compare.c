/* SPDX-License-Identifier: MIT */
/*
 * Many replications: the published files for all strategies and placements, and the comparison's
 * figures against those of single replications.
 *
 * published/NAME.expected was written by an independent program in C++, from the model's
 * specification, with libstdc++'s engines, distributions and maps: mesh has paths of equal length
 * and sizes beyond 32 bits; updown has 25 functions, uplinks, downlinks and the engine's last seed.
 */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/parallel.h"
#include "emu/model/base/radix_sort.h"
#include "emu/model/base/text.h"
#include "emu/model/placement/placer.h"
#include "sfemu/estimate.h"
#include "sfemu/statistics.h"
#include "tests/unit/unit.h"

#define PUBLISHED SFE_SOURCE_DIR "/tests/unit/published/"

struct bench {
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
	struct sfe_error err;
};

static void must(int rc, const struct sfe_error *err)
{
	char text[1100];

	if (rc)
		printf("%s\n", sfe_error_text(err, text, sizeof(text)));
	CU_ASSERT_EQUAL_FATAL(rc, 0);
}

static struct bench set_up(
	const char *name, enum sfe_direction direction, const struct sfe_workload_params *params)
{
	char path[4][512];
	static const char *const ends[4] = {"nodes", "links", "edges", "tasks"};
	struct bench b = {0};

	for (int i = 0; i < 4; i++)
		snprintf(path[i], sizeof(path[i]), PUBLISHED "%s.%s", name, ends[i]);
	must(sfe_topology_read(path[0], path[1], path[2], &b.t, &b.err), &b.err);
	must(sfe_routing_new(b.t, direction, &b.r, &b.err), &b.err);
	must(sfe_workload_read(path[3], params, &b.w, &b.err), &b.err);
	return b;
}

static void tear_down(struct bench *b)
{
	sfe_routing_free(b->r);
	sfe_topology_free(b->t);
	sfe_workload_free(b->w);
}

static const char *all[7];

static struct sfe_comparison_params params_of_all(void)
{
	for (unsigned i = 0; i < 7; i++)
		all[i] = sfe_estimate_strategy(i);
	return (struct sfe_comparison_params){.n_placements = 2,
		.placements = {SFE_PROC_NET, SFE_PROC_ONLY},
		.n_strategies = 7,
		.strategies = all,
		.replications = 2,
		.cloud = {SFE_CLOUD_LATENCY_S, SFE_CLOUD_RATE_MBPS},
		.threads = 2};
}

static int in_byte_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dots(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* All files of a folder as one text; the files are deleted. */
static void collect(const char *dir, char **text, size_t *len)
{
	FILE *f = open_memstream(text, len);
	struct dirent **entry;
	struct sfe_error err;
	int n = scandir(dir, &entry, no_dots, in_byte_order);

	for (int i = 0; i < n; i++) {
		char path[512], *content;
		size_t size;
		snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
		must(sfe_text_load(path, &content, &size, &err), &err);
		fprintf(f, "== %s\n%s", entry[i]->d_name, content);
		free(content);
		unlink(path);
		free(entry[i]);
	}
	free(entry);
	fclose(f);
	rmdir(dir);
}

static void publish(const char *name, struct sfe_workload_params workload, uint32_t jobs,
	uint32_t seed, unsigned threads)
{
	char dir[] = "/tmp/sfe-published-XXXXXX", path[512], *text, *want;
	struct bench b = set_up(name, SFE_STATESIM, &workload);
	struct sfe_comparison_params params = params_of_all();
	struct sfe_comparison *c;
	size_t len, want_len;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	params.jobs = jobs;
	params.first_seed = seed;
	params.outdir = dir;
	params.threads = threads;
	must(sfe_compare(b.t, b.r, b.w, &params, &c, &b.err), &b.err);
	CU_ASSERT_PTR_NULL(c);
	collect(dir, &text, &len);
	snprintf(path, sizeof(path), PUBLISHED "%s.expected", name);
	must(sfe_text_load(path, &want, &want_len, &b.err), &b.err);
	CU_ASSERT(len == want_len && !memcmp(text, want, len));
	free(text);
	free(want);
	tear_down(&b);
}

static void test_published(void)
{
	const struct sfe_workload_params mesh = {11, 1234.567, 1e6, 5e9},
					 updown = {25, 1e5, 123456.789, 1e6};

	publish("mesh", mesh, 5, 7, 1);
	publish("mesh", mesh, 5, 7, 7);
	publish("updown", updown, 4, 2147483646, 2);
}

static const struct sfe_workload_params usual = {10, 1e5, 1e6, 1e6};

/* The network delays of one strategy and replication, ascending. */
static uint32_t delays(struct bench *b, enum sfe_placement placement, const char *strategy,
	uint32_t jobs, uint32_t seed, double *x)
{
	struct sfe_assignment *a;
	struct sfe_estimate *e;
	uint32_t n;

	must(sfe_assign(b->t, b->r, b->w, placement, jobs, seed, &a, &b->err), &b->err);
	must(sfe_estimate(b->t, b->r, b->w, a, strategy, NULL, &e, &b->err), &b->err);
	for (uint32_t j = 0; j < a->n_jobs; j++)
		x[j] = e[j].net_delay_s;
	n = a->n_jobs;
	sfe_sort(x, n);
	sfe_assignment_free(a);
	free(e);
	return n;
}

/* Five replications computed by hand; the 97.5 % quantile of Student's t for 4 degrees of
 * freedom. */
static void test_figures(void)
{
	struct bench b = set_up("mesh", SFE_PHYSICAL, &usual);
	struct sfe_comparison_params params = params_of_all();
	double x[5 * 70], mean[5], p95[5], sum = 0, sum95 = 0, squares = 0, squares95 = 0;
	struct sfe_comparison *c;
	uint32_t n = 0;

	params.jobs = 5;
	params.first_seed = 7;
	params.replications = 5;
	must(sfe_compare(b.t, b.r, b.w, &params, &c, &b.err), &b.err);
	CU_ASSERT_EQUAL_FATAL(c->n_rows, 14);
	for (unsigned i = 0; i < 5; i++) {
		uint32_t many = delays(&b, SFE_PROC_ONLY, "StateLocal", params.jobs, 7 + i, x + n);
		sum += mean[i] = sfe_mean(x + n, many);
		sum95 += p95[i] = sfe_quantile(x + n, many, 0.95);
		n += many;
	}
	for (unsigned i = 0; i < 5; i++) {
		squares += (mean[i] - sum / 5) * (mean[i] - sum / 5);
		squares95 += (p95[i] - sum95 / 5) * (p95[i] - sum95 / 5);
	}
	sfe_sort(x, n);
	const struct sfe_comparison_row *row = &c->rows[7 + 2];
	CU_ASSERT_EQUAL(row->placement, SFE_PROC_ONLY);
	CU_ASSERT_STRING_EQUAL(row->strategy, "StateLocal");
	CU_ASSERT_EQUAL(row->jobs, n);
	CU_ASSERT_EQUAL(row->replications, 5);
	CU_ASSERT_DOUBLE_EQUAL(row->net_delay_s.mean / (sum / 5), 1, 1e-12);
	CU_ASSERT_EQUAL(row->net_delay_s.p95, sfe_quantile(x, n, 0.95));
	CU_ASSERT_DOUBLE_EQUAL(
		row->net_delay_s.mean_ci95 / (2.7764451051978 * sqrt(squares / 4 / 5)), 1, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(
		row->net_delay_s.p95_ci95 / (2.7764451051978 * sqrt(squares95 / 4 / 5)), 1, 1e-9);
	sfe_comparison_free(c);
	tear_down(&b);
}

static char *csv_of(struct bench *b, const struct sfe_comparison_params *params)
{
	struct sfe_comparison *c;
	char *text;
	size_t len;
	unsigned left_out;
	FILE *f = open_memstream(&text, &len);

	must(sfe_compare(b->t, b->r, b->w, params, &c, &b->err), &b->err);
	CU_ASSERT_EQUAL(sfe_comparison_csv(c, f), 0);
	CU_ASSERT_EQUAL(sfe_comparison_table(c, 0, &left_out, f), 0);
	fclose(f);
	sfe_comparison_free(c);
	return text;
}

static void test_threads(void)
{
	static const unsigned threads[] = {1, 2, 7};
	struct bench b = set_up("updown", SFE_PHYSICAL, &usual);
	struct sfe_comparison_params params = params_of_all();
	char *first = NULL;

	params.replications = 40;
	params.jobs = 3;
	params.by_chain = true;
	for (int i = 0; i < 3; i++) {
		params.threads = threads[i];
		char *text = csv_of(&b, &params);
		if (first)
			CU_ASSERT_STRING_EQUAL(text, first);
		if (first)
			free(text);
		else
			first = text;
	}
	free(first);
	tear_down(&b);
}

/* Rows by chain add up to the row of all; processing does not depend on the strategy. */
static void test_by_chain(void)
{
	struct bench b = set_up("mesh", SFE_PHYSICAL, &usual);
	struct sfe_comparison_params params = params_of_all();
	struct sfe_comparison *c;

	params.by_chain = true;
	params.replications = 1;
	must(sfe_compare(b.t, b.r, b.w, &params, &c, &b.err), &b.err);
	unsigned each = c->n_rows / 14;
	CU_ASSERT_FATAL(each > 2 && c->n_rows == 14 * each);
	for (unsigned i = 0; i < c->n_rows; i += each) {
		const struct sfe_comparison_row *row = &c->rows[i];
		uint64_t jobs = 0;
		double traffic = 0;
		for (unsigned k = 1; k < each; k++) {
			CU_ASSERT(row[k].chain > row[k - 1].chain);
			jobs += row[k].jobs;
			traffic += row[k].traffic_bytes.mean * (double)row[k].jobs;
		}
		CU_ASSERT_EQUAL(row->chain, 0);
		CU_ASSERT_EQUAL(row->jobs, jobs);
		CU_ASSERT_EQUAL(jobs, b.w->n_jobs);
		CU_ASSERT_DOUBLE_EQUAL(traffic / (double)jobs / row->traffic_bytes.mean, 1, 1e-12);
		CU_ASSERT(isnan(row->net_delay_s.mean_ci95));
		CU_ASSERT_EQUAL(
			row->proc_delay_s.p99, c->rows[i / (7 * each) * 7 * each].proc_delay_s.p99);
	}
	sfe_comparison_free(c);
	tear_down(&b);
}

/* A replication whose seed selects no job is empty; it is an error only if all are empty. */
static void test_no_jobs(void)
{
	struct bench b = set_up("updown", SFE_PHYSICAL, &usual);
	struct sfe_comparison_params params = params_of_all();
	struct sfe_comparison *c;

	params.jobs = 1;
	params.replications = 60;
	must(sfe_compare(b.t, b.r, b.w, &params, &c, &b.err), &b.err);
	CU_ASSERT(c->rows[0].replications > 20 && c->rows[0].replications < 60);
	CU_ASSERT(isfinite(c->rows[0].net_delay_s.mean_ci95));
	sfe_comparison_free(c);
	params.replications = 1;
	for (params.first_seed = 1; params.first_seed < 60; params.first_seed++) {
		int rc = sfe_compare(b.t, b.r, b.w, &params, &c, &b.err);
		sfe_comparison_free(c);
		if (!rc)
			continue;
		CU_ASSERT_EQUAL(rc, -22);
		CU_ASSERT_PTR_NOT_NULL(strstr(b.err.what, "no seed selects any"));
		break;
	}
	CU_ASSERT(params.first_seed < 60);
	tear_down(&b);
}

static void refuse(
	struct bench *b, const struct sfe_comparison_params *params, int code, const char *what)
{
	struct sfe_comparison *c = NULL;

	memset(&b->err, 0, sizeof(b->err));
	CU_ASSERT_EQUAL(sfe_compare(b->t, b->r, b->w, params, &c, &b->err), code);
	CU_ASSERT_PTR_NULL(c);
	CU_ASSERT_PTR_NOT_NULL(strstr(b->err.what, what));
}

static void test_refused(void)
{
	static const char *const magic[] = {"Magic"};
	struct bench b = set_up("updown", SFE_PHYSICAL, &usual);
	struct sfe_comparison_params p, good = params_of_all();

	p = good;
	p.replications = 0;
	refuse(&b, &p, -22, "0 replications");
	p = good;
	p.first_seed = UINT32_MAX;
	refuse(&b, &p, -22, "go beyond");
	p = good;
	p.threads = 0;
	refuse(&b, &p, -22, "0 threads");
	p = good;
	p.n_placements = 0;
	refuse(&b, &p, -22, "no placement");
	p = good;
	p.strategies = magic;
	p.n_strategies = 1;
	refuse(&b, &p, -2, "no such strategy");
	p = good;
	p.cloud.cloud_rate_mbps = 0;
	refuse(&b, &p, -22, "rate of more than 0");
	p = good;
	p.cloud.cloud_rate_mbps = NAN;
	refuse(&b, &p, -22, "rate of more than 0");
	p = good;
	p.cloud.cloud_latency_s = NAN;
	refuse(&b, &p, -22, "latency of 0 or more");
	p = good;
	p.outdir = "/nowhere/at/all";
	refuse(&b, &p, -2, "cannot open");
	p = good;
	p.replications = SFE_MAX_REPLICATIONS;
	b.w->n_jobs *= 1000; /* refused before any job is used */
	refuse(&b, &p, -34, "GB of memory");
	b.w->n_jobs /= 1000;
	tear_down(&b);
}

/* 45 functions, of which 31.5 would be CPU functions: 32, as published; 45 x (7 / 10) would be
 * below the half. */
static void test_affinity_halves(void)
{
	static const char links[] = "0;8;lc;node\n1;8;ls;node\n",
			  edges[] = "c lc\nlc c w\ns ls\nls s w\nw lc ls\n";
	char nodes[200];
	const struct sfe_workload_params params = {45, 1, 1, 1};
	struct bench b = set_up("updown", SFE_PHYSICAL, &params);
	struct sfe_placer *placer;
	unsigned cpu = 0;

	sfe_routing_free(b.r);
	sfe_topology_free(b.t);
	snprintf(nodes, sizeof(nodes), "0;c;1;%d;x;y;nvidia_jetson_tx2\n1;s;1;%d;x;y;server\n",
		3000, 7000);
	must(sfe_topology_parse(nodes, strlen(nodes), "n", links, strlen(links), "l", edges,
		     strlen(edges), "e", &b.t, &b.err),
		&b.err);
	must(sfe_routing_new(b.t, SFE_STATESIM, &b.r, &b.err), &b.err);
	must(sfe_placer_new(b.t, b.r, b.w, NULL, &placer, &b.err), &b.err);
	for (unsigned f = 0; f < 45; f++)
		cpu += placer->affinity[f] == SFE_CPU;
	CU_ASSERT_EQUAL(cpu, 32);
	sfe_placer_free(placer);
	tear_down(&b);
}

static int fail_some(void *context, uint32_t i, struct sfe_error *err)
{
	uint32_t *calls = context;

	__atomic_fetch_add(&calls[i], 1, __ATOMIC_RELAXED);
	return i >= 100 && i % 7 == 3 ? sfe_fail(err, -5, NULL, NULL, "piece %u", i) : 0;
}

static void test_parallel(void)
{
	static const unsigned threads[] = {1, 2, 7, 300};

	for (int k = 0; k < 4; k++) {
		uint32_t calls[1000] = {0};
		struct sfe_error err = {0};
		CU_ASSERT_EQUAL(sfe_parallel(threads[k], 100, fail_some, calls, &err), 0);
		for (int i = 0; i < 100; i++)
			CU_ASSERT_EQUAL(calls[i], 1);
		CU_ASSERT_EQUAL(sfe_parallel(threads[k], 1000, fail_some, calls, &err), -5);
		CU_ASSERT_STRING_EQUAL(err.what, "piece 101");
	}
}

static void test_order(void)
{
	enum { N = 3000 };
	static const double special[] = {0, 5e-324, 1e-308, 1, 1, 255, 256, 1e300, INFINITY};
	static struct sfe_sort_key key[N];
	double x[N];
	uint32_t seed = 1;

	for (uint32_t i = 0; i < N; i++) {
		seed = seed * 1664525u + 1013904223u;
		x[i] = i < 9 ? special[8 - i] : (seed >> 20) * 0.01;
		key[i] = (struct sfe_sort_key){x[i], i};
	}
	CU_ASSERT_EQUAL(sfe_radix_sort(key, N), 0);
	for (uint32_t i = 0; i < N; i++)
		CU_ASSERT_EQUAL(key[i].value, x[key[i].at]);
	for (uint32_t i = 1; i < N; i++)
		CU_ASSERT(key[i - 1].value < key[i].value ||
			  (key[i - 1].value == key[i].value && key[i - 1].at < key[i].at));
	CU_ASSERT_EQUAL(sfe_radix_sort(key, 0), 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the published files", test_published},
		{"figures from single replications", test_figures},
		{"any number of threads gives the same", test_threads},
		{"rows by chain", test_by_chain},
		{"seeds that select no job", test_no_jobs},
		{"bad parameters", test_refused},
		{"halves of functions", test_affinity_halves},
		{"work on threads", test_parallel},
		{"sorting", test_order},
	};

	return unit_main("compare", tests, sizeof(tests) / sizeof(tests[0]));
}
