/* SPDX-License-Identifier: MIT */
#include "sfemu/workload_summary.h"

#include <json-c/json.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "tests/unit/unit.h"

/* Three jobs: chains of 3, 2 and 2 with 2, 1 and 1 states, at 1.5, 4 and 3 s; one without state. */
static const char rows[] = "1.5,j_7,M1,2,100.0,0.5,1\n1.5,j_7,M2,3,100.0,0.25,1\n"
			   "1.5,j_7,J3_1_2,4,50.0,0.1,1\n1.5,j_7,R4_2,5,100.0,0.3,1\n"
			   "1.5,j_7,J5_4_3,6,100.0,0.2,1\n"
			   "4,j_8,T1,1,100,1,1\n4,j_8,T2,1,100,0,1\n4,j_8,T3_1_2,1,100,1,1\n"
			   "3,j_9,T1,1,100,1,1\n3,j_9,T2,1,100,2,1\n3,j_9,T3_1_2,1,100,1,1\n"
			   "9,j_10,T1,1,100,1,1\n9,j_10,too,few\n";

static struct sfe_workload_summary summary(const char *text)
{
	static const struct sfe_workload_params params = {
		.functions = 10, .ops_factor = 1e5, .arg_factor = 1e6, .state_factor = 1e6};
	struct sfe_workload_summary s;
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(sfe_workload_parse(text, strlen(text), "w", &params, &w, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_workload_summarise(w, &s), 0);
	sfe_workload_free(w);
	return s;
}

static void test_figures(void)
{
	struct sfe_workload_summary s = summary(rows);

	CU_ASSERT(s.jobs == 3 && s.stateless == 1 && s.skipped == 1 && !s.left_out[0]);
	CU_ASSERT(s.first_s == 1.5 && s.last_s == 4);
	CU_ASSERT(s.chain.n == 3 && s.chain.min == 2 && s.chain.max == 3 && s.chain.p50 == 2);
	CU_ASSERT_DOUBLE_EQUAL(s.chain.mean, 7 / 3.0, 1e-12);
	CU_ASSERT(s.chain_bins[2] == 2 && s.chain_bins[3] == 1);
	CU_ASSERT(s.states.n == 3 && s.states.max == 2);
	CU_ASSERT(s.state_bytes.n == 4 && s.state_bytes.min == 0 && s.state_bytes.max == 2e6);
	/* 0; 250000 and 300000 below 2^18 and 2^19; 2000000 below 2^21. */
	CU_ASSERT(s.size_bins[0] == 1 && s.size_bins[18] == 1 && s.size_bins[19] == 1 &&
		  s.size_bins[21] == 1);
	CU_ASSERT(s.gap_s.n == 2 && s.gap_s.min == 1 && s.gap_s.max == 1.5);
	CU_ASSERT(s.arrival_bins[0] == 1 && s.arrival_bins[SFE_ARRIVAL_BINS - 1] == 1);
	CU_ASSERT(s.operations.n == 7 && s.argument_bytes.n == 7);
}

/* At most 80 columns for any input; only ASCII in plain text. */
static void check_lines(const struct sfe_workload_summary *s, enum sfe_bars bars)
{
	char *text;
	size_t len, column = 0;
	FILE *f = open_memstream(&text, &len);

	sfe_workload_summary_print(s, "w", bars, f);
	fclose(f);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (bars == SFE_BARS_PLAIN)
			CU_ASSERT(c == '\n' || (c >= ' ' && c < 0x7f));
		column = c == '\n' ? 0 : column + ((c & 0xc0) != 0x80);
		CU_ASSERT(column <= 80);
	}
	CU_ASSERT(strstr(text, bars == SFE_BARS_PLAIN ? "###" : "███") != NULL);
	free(text);
}

static void test_width(void)
{
	struct sfe_workload_summary s = summary(rows);

	check_lines(&s, SFE_BARS_PLAIN);
	check_lines(&s, SFE_BARS_BLOCKS);
	s.chain_bins[32] = 4000000000;
	s.size_bins[SFE_SIZE_BINS - 1] = 4000000000;
	s.state_bytes = s.argument_bytes = (struct sfe_spread){
		4000000000, 1.23456789e12, 1.23456789e-12, 1.0995e12, 1.0995e12, 1.0995e12};
	s.first_s = 123456.789;
	s.arrival_width_s = 1e-3;
	check_lines(&s, SFE_BARS_PLAIN);
	check_lines(&s, SFE_BARS_BLOCKS);
}

static int64_t at(json_object *o, const char *key, size_t i)
{
	json_object *array = json_object_object_get(o, key);

	return json_object_get_int64(json_object_array_get_idx(array, i));
}

static void test_json(void)
{
	struct sfe_workload_summary s = summary(rows);
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	sfe_workload_summary_json(&s, "a \"file\"", f);
	fclose(f);
	json_object *o = json_tokener_parse(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	CU_ASSERT_EQUAL(json_object_get_int(json_object_object_get(o, "jobs")), 3);
	CU_ASSERT_STRING_EQUAL(
		json_object_get_string(json_object_object_get(o, "file")), "a \"file\"");
	json_object *chain = json_object_object_get(o, "chain");
	CU_ASSERT_EQUAL(json_object_get_double(json_object_object_get(chain, "max")), 3);
	CU_ASSERT(at(o, "chain_histogram", 2) == 2 && at(o, "state_bytes_histogram", 21) == 1);
	json_object_put(o);
	free(text);
}

/* A diamond and a chain of four: the longest path has three and four invocations. */
static void test_graphs(void)
{
	static const struct sfe_edge edges[] = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
	struct sfe_step steps[4] = {{0}};
	struct sfe_graph *g;
	struct sfe_workload_summary s;
	char *text;
	size_t len;

	CU_ASSERT_FATAL(!sfe_graph_new(4, edges, 4, &g));
	struct sfe_job jobs[] = {{.n_steps = 4, .steps = steps, .graph = g, .declared = true},
		{.n_steps = 4, .steps = steps}};
	const struct sfe_workload w = {.n_jobs = 2, .jobs = jobs, .n_graphs = 1, .graphs = &g};
	CU_ASSERT_EQUAL_FATAL(sfe_workload_summarise(&w, &s), 0);
	CU_ASSERT(s.graphs == 1 && s.chain.min == 3 && s.chain.max == 4);
	CU_ASSERT(s.chain_bins[3] == 1 && s.chain_bins[4] == 1);
	CU_ASSERT(s.invocations.n == 2 && s.invocations.min == 4 && s.invocations.max == 4);
	FILE *f = open_memstream(&text, &len);
	sfe_workload_summary_print(&s, "w", SFE_BARS_PLAIN, f);
	fclose(f);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "w: 2 jobs with state, of which 1 are no chains\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\ninvocations on the longest path of a job, jobs\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\non longest path            2       3.5"));
	free(text);
	/* Of chains only, the two are the same. */
	s = summary(rows);
	CU_ASSERT(!s.graphs && s.invocations.mean == s.chain.mean);
	f = open_memstream(&text, &len);
	sfe_workload_summary_print(&s, "w", SFE_BARS_PLAIN, f);
	fclose(f);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\ninvocations a job          3     2.333"));
	CU_ASSERT_PTR_NULL(strstr(text, "longest path"));
	free(text);
	sfe_graph_free(g);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"figures by hand", test_figures},
		{"lines fit a terminal", test_width},
		{"JSON", test_json},
		{"graphs", test_graphs},
	};

	return unit_main("workload_summary", tests, sizeof(tests) / sizeof(tests[0]));
}
