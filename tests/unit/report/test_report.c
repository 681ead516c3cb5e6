/* SPDX-License-Identifier: MIT */
/* The numbers and texts of the report, from results folders that this test writes. */
#include "emu/report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/report/figures.h"
#include "emu/report/run_read.h"
#include "tests/unit/unit.h"

static char folder[64];

static FILE *file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	return f;
}

static void put(const char *name, const char *text)
{
	FILE *f = file(name);

	fputs(text, f);
	fclose(f);
}

static void make_folder(const char *state)
{
	char manifest[256];

	strcpy(folder, "/tmp/sfe-report-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(manifest, sizeof(manifest),
		"{\"scenario\": \"by hand\", \"state\": \"%s\", \"why\": \"a <b> reason\"}", state);
	put("manifest.json", manifest);
}

static void remove_folder(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void put_job(FILE *f, const char *strategy, uint32_t job, double response, uint32_t steps)
{
	struct sfe_job_row row = {.job = job,
		.steps = steps,
		.start_s = isnan(response) ? NAN : job,
		.response_s = response,
		.processing_s = response / 4,
		.net_delay_s = response * 3 / 4,
		.payload_bytes_hops = 1000 * (strategy[0] == 'P' ? 3 : 1),
		.state_bytes = 10 * job,
		.predicted_net_delay_s = response / 4,
		.tcp_start_s = response / 2};

	snprintf(row.strategy, sizeof(row.strategy), "%s", strategy);
	snprintf(row.status, sizeof(row.status), "%s", isnan(response) ? "failed" : "done");
	sfe_table_write_row(&sfe_jobs_csv, &row, f);
}

/* Three jobs done under both strategies, and one done under the first only. */
static void put_jobs(const char *other)
{
	FILE *f = file("jobs.csv");

	sfe_table_write_header(&sfe_jobs_csv, f);
	put_job(f, "PureFaaS", 1, 4, 2);
	put_job(f, "PureFaaS", 2, 6, 2);
	put_job(f, "PureFaaS", 3, 8, 3);
	put_job(f, "PureFaaS", 4, 100, 3);
	put_job(f, other, 1, 1, 2);
	put_job(f, other, 2, 2, 2);
	put_job(f, other, 3, 3, 3);
	put_job(f, other, 4, NAN, 3);
	fclose(f);
}

static void read_run(struct sfe_report_run *run)
{
	struct sfe_error err = {0};
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	uint64_t room = SFE_REPORT_MAX_ROW_BYTES;
	CU_ASSERT_EQUAL_FATAL(sfe_report_run_read(dir, folder, &room, run, &err), 0);
	close(dir);
}

static void test_compare(void)
{
	struct sfe_report_run run;
	struct sfe_rows rows;

	make_folder("done");
	put_jobs("StateLocal");
	read_run(&run);
	CU_ASSERT_EQUAL_FATAL(sfe_report_compare(&run, &rows), 0);
	CU_ASSERT_EQUAL_FATAL(rows.n, 2);
	const struct sfe_report_strategy_row *pure = rows.row, *local = pure + 1;
	CU_ASSERT_STRING_EQUAL(pure->strategy, "PureFaaS");
	CU_ASSERT_EQUAL(pure->jobs, 4);
	CU_ASSERT_EQUAL(pure->done, 4);
	CU_ASSERT_EQUAL(local->done, 3);
	CU_ASSERT_DOUBLE_EQUAL(pure->response_mean_s, 118 / 4.0, 1e-9);
	/* Over the jobs done under both. */
	CU_ASSERT_EQUAL(pure->compared_jobs, 3);
	CU_ASSERT_DOUBLE_EQUAL(pure->compared_mean_s, 6, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(local->compared_mean_s, 2, 1e-9);
	/* 3, 4 and 5 s later: t of 2 degrees of freedom, 4.302653, times 1 over the root of 3. */
	CU_ASSERT_DOUBLE_EQUAL(pure->later_mean_s, 4, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(pure->later_confidence_s, 4.302653 / sqrt(3), 1e-5);
	CU_ASSERT_DOUBLE_EQUAL(local->later_mean_s, 0, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(pure->tcp_start_s, 3, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(pure->sending_s, 1.5, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(pure->compared_bytes_hops, 9000, 0);
	CU_ASSERT(isnan(pure->wire_bytes)); /* there is no summary */
	sfe_rows_free(&rows);
	sfe_report_run_free(&run);
	remove_folder();
}

static void test_groups(void)
{
	struct sfe_report_run run;
	struct sfe_rows rows;

	make_folder("done");
	put_jobs("StateLocal");
	read_run(&run);
	CU_ASSERT_EQUAL_FATAL(sfe_report_groups(&run, &rows), 0);
	/* Of the three jobs that are done under both. By chain: 2 and 3 steps; by states: 3 sizes.
	 */
	CU_ASSERT_EQUAL(rows.n, 4 + 3 + 3);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	sfe_table_write_row(rows.table, rows.row, out);
	fclose(out);
	/* Jobs 1 and 2 take 4 and 6 s: 5 on average, and 12.706205 (t of 1) times 1. */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "chain,PureFaaS,2,2,2,2,5.000000000,12.7062"));
	free(text);
	sfe_rows_free(&rows);
	sfe_report_run_free(&run);
	remove_folder();
}

/* Values that begin alike are compared whole, and shown in part. */
static void test_differences(void)
{
	char one[512], other[512], *text = NULL;
	size_t size;

	snprintf(one, sizeof(one), "name: a\nworkflows: [%0200d, x]\n", 0);
	snprintf(other, sizeof(other), "name: a\nworkflows: [%0200d, y]\n", 0);
	for (int same = 0; same < 2; same++) {
		const struct sfe_report_run runs[] = {{.label = "one", .scenario_text = one},
			{.label = "other", .scenario_text = same ? one : other}};
		FILE *out = open_memstream(&text, &size);
		CU_ASSERT_EQUAL(sfe_report_differences(runs, 2, out), 0);
		fclose(out);
		CU_ASSERT_EQUAL(!strstr(text, "<th scope=\"row\">workflows</th>"), same);
		CU_ASSERT_EQUAL(!strstr(text, "Nothing: the scenarios are the same."), !same);
		CU_ASSERT_PTR_NULL(strstr(text, "<th scope=\"row\">name</th>"));
		free(text);
	}
}

/* The page of the folder. */
static char *page(void)
{
	const char *folders[] = {folder};
	char path[128], *text = NULL;
	struct sfe_error err = {0};
	size_t room = 0;

	snprintf(path, sizeof(path), "%s/report.html", folder);
	CU_ASSERT_EQUAL_FATAL(sfe_report_write(folders, 1, path, &err), 0);
	FILE *f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT(getdelim(&text, &room, 0, f) > 0);
	fclose(f);
	return text;
}

static void test_words(void)
{
	make_folder("done");
	put_jobs("StateLocal");
	char *text = page();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "<strong>StateLocal</strong> answers 3.00 times sooner "
					    "than PureFaaS and moves 3.00 times fewer bytes."));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "of the difference 50 % is TCP's start"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "<strong>1 of 4 jobs were not done</strong>"));
	CU_ASSERT_PTR_NULL(strstr(text, "did not end well</strong>"));
	CU_ASSERT_PTR_NULL(strstr(text, "these jobs do not tell"));
	free(text);
	/* A third strategy whose difference from the fastest is not significant. */
	char path[128];
	snprintf(path, sizeof(path), "%s/jobs.csv", folder);
	FILE *f = fopen(path, "a");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	put_job(f, "StatePropagate", 1, 1.5, 2);
	put_job(f, "StatePropagate", 2, 1.7, 2);
	put_job(f, "StatePropagate", 3, 3.1, 3);
	fclose(f);
	text = page();
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "; whether it beats StatePropagate, these jobs do not tell. "));
	free(text);
	remove_folder();
}

/* Text of a folder is escaped wherever it is in the page. */
static void test_escapes(void)
{
	make_folder("failed");
	put_jobs("</script><script>alert(1)//");
	char *text = page();
	CU_ASSERT_PTR_NULL(strstr(text, "<script>alert"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "a &lt;b&gt; reason"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "This run did not end well"));
	free(text);
	remove_folder();
}

static void test_damaged(void)
{
	struct sfe_report_run run;

	make_folder("done");
	put_jobs("StateLocal");
	char path[128];
	snprintf(path, sizeof(path), "%s/jobs.csv", folder);
	CU_ASSERT_EQUAL(truncate(path, 900), 0); /* in the middle of a row */
	put("summary.csv", "strategy,jobs,done,begin_unix_ns,end_unix_ns\nPureFaaS,4,4,0,1\n");
	read_run(&run);
	CU_ASSERT(run.jobs.n > 0 && run.jobs.n < 8);
	CU_ASSERT_EQUAL_FATAL(run.summary.n, 1);
	CU_ASSERT(isnan(((struct sfe_summary *)run.summary.row)->wire_bytes));
	sfe_report_run_free(&run);
	char *text = page();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "rows before it are used"));
	CU_ASSERT_PTR_NOT_NULL(strstr(
		text, "it is of another version of sfemu; it has no column response_mean_s"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "There is no transfers.csv"));
	CU_ASSERT_PTR_NULL(strstr(text, "used the network")); /* that is not known then */
	free(text);
	remove_folder();
}

static void test_not_results(void)
{
	const char *folders[] = {"/nowhere/at/all"};
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_report_write(folders, 1, "/tmp/sfe-never.html", &err), -ENOENT);
	make_folder("done");
	put("manifest.json", "[1, 2");
	folders[0] = folder;
	CU_ASSERT_EQUAL(sfe_report_write(folders, 1, "/tmp/sfe-never.html", &err), -EINVAL);
	CU_ASSERT_NOT_EQUAL(access("/tmp/sfe-never.html", F_OK), 0);
	remove_folder();
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"strategies are compared job by job", test_compare},
		{"groups of jobs", test_groups},
		{"what differs between runs", test_differences},
		{"the headline", test_words},
		{"texts are escaped", test_escapes},
		{"damaged files and files of another version", test_damaged},
		{"folders that are none of results", test_not_results},
	};

	return unit_main("report", tests, sizeof(tests) / sizeof(tests[0]));
}
