/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "emu/results/summary.h"
#include "tests/unit/unit.h"

static char *print(const struct sfe_summary *rows, unsigned n)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	sfe_summary_model_table(rows, n, 0, out);
	fclose(out);
	return text;
}

/* Facts without a column are printed below the table, only if they exist. */
static void test_words_below(void)
{
	const struct sfe_summary rows[] = {
		{.strategy = "PureFaaS", .jobs = 2, .done = 2},
		{.strategy = "UnchainedExternal", .jobs = 2, .done = 2, .drops = 284},
		{.strategy = "UnchainedInEdge",
			.jobs = 2,
			.done = 2,
			.payload_bytes_hops = 3e6,
			.predicted_payload_bytes_hops = 2e6,
			.other_paths_s = -0.004},
		{.strategy = "StateLocal", .jobs = 2, .done = 2, .other_paths_s = 0.0125},
	};
	char *text = print(rows, 4);

	CU_ASSERT_PTR_NOT_NULL(strstr(text,
		"\nStateLocal: the transfers that jobs waited for are others than in the closed "
		"form. That makes 12.5 ms of the difference.\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "\nUnchainedExternal: full queues dropped 284 packets"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nUnchainedInEdge: states go to"));
	CU_ASSERT_PTR_NULL(strstr(text, "PureFaaS:"));
	CU_ASSERT_PTR_NULL(strstr(text, "UnchainedInEdge: full queues"));
	free(text);
	const struct sfe_summary faults[] = {
		{.strategy = "PureFaaS", .jobs = 3, .done = 3, .fidelity = "virtual"},
		{.strategy = "StateLocal",
			.jobs = 3,
			.done = 1,
			.failed = 1,
			.timed_out = 1,
			.failed_attempts = 12,
			.states_lost = 2,
			.crashes = 4,
			.reasons = "1 x its client is down; 1 x too late",
			.fidelity = "virtual"},
	};
	text = print(faults, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nStateLocal: 12 requests had no answer"));
	CU_ASSERT_PTR_NULL(strstr(text, "PureFaaS:"));
	free(text);
	FILE *out = open_memstream(&text, &(size_t){0});
	sfe_summary_table(faults, 2, 0, out);
	fclose(out);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "\nStateLocal: 1 of 3 jobs done, 1 failed, 1 timed out (1 x its "
			     "client is down; 1 x "
			     "too late); 12 requests not answered, 4 crashes, 2 states lost\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "PureFaaS:"));
	free(text);
	text = print(rows, 0);
	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
}

/* Without records of packets the table says so; a remainder of rounding has no sign. */
static void test_unexplained(void)
{
	struct sfe_summary s = {.strategy = "StateLocal",
		.jobs = 2,
		.done = 2,
		.net_delay_mean_s = 0.2,
		.predicted_net_delay_mean_s = 0.1,
		.unexplained_s = 0.05};
	char *text = print(&s, 1);

	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "\nStateLocal: 50.0 ms of the difference are unexplained. "));
	free(text);
	s.window_s = 0.001;
	text = print(&s, 1);
	CU_ASSERT_PTR_NULL(strstr(text, "are unexplained"));
	free(text);
	s.unexplained_s = -1e-9;
	text = print(&s, 1);
	CU_ASSERT_PTR_NULL(strstr(text, "-0.00"));
	CU_ASSERT_PTR_NULL(strstr(text, "are unexplained"));
	free(text);
}

static char *table(const struct sfe_summary *rows, unsigned n)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, &(size_t){0});

	sfe_summary_table(rows, n, 0, out);
	fclose(out);
	return text;
}

/* Results of unknown validity are reported, and not as too slow. */
static void test_fidelity(void)
{
	struct sfe_summary rows[] = {
		{.strategy = "PureFaaS", .fidelity = "ok"},
		{.strategy = "StateLocal", .fidelity = "unknown: the monitor ended after 1.5 s"},
	};
	char *text = table(rows, 2);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nFIDELITY: UNKNOWN\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "\nTHE RESULTS OF StateLocal MAY BE INVALID: the "
			     "machine was not monitored to the end: the monitor ended "
			     "after 1.5 s\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "NOT VALID"));
	CU_ASSERT_PTR_NULL(strstr(text, "fidelity: ok"));
	free(text);
	snprintf(rows[0].fidelity, sizeof(rows[0].fidelity), "degraded: timers were late");
	text = table(rows, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nFIDELITY: DEGRADED\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nTHE RESULTS OF PureFaaS ARE NOT VALID: the machine "
					    "could not keep up: timers were late\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nTHE RESULTS OF StateLocal MAY BE INVALID: "));
	free(text);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"words below the table of the closed form", test_words_below},
		{"what is left unexplained", test_unexplained},
		{"whether the results are valid", test_fidelity},
	};

	return unit_main("summary_table", tests, sizeof(tests) / sizeof(tests[0]));
}
