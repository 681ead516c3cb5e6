/* SPDX-License-Identifier: MIT */
/* The time left and its text; in a pipe a line at the end of a part, and every 10 s. */
#include "emu/run/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void test_left(void)
{
	char buf[64];

	/* From a quarter to a half in 10 s: 20 s for the rest. */
	CU_ASSERT_DOUBLE_EQUAL(sfe_time_left(10, 0.25, 0.5), 20, 1e-9);
	CU_ASSERT(isnan(sfe_time_left(0.5, 0, 0.5)));
	CU_ASSERT(isnan(sfe_time_left(100, 0.5, 0.5)));
	CU_ASSERT_STRING_EQUAL(sfe_left_text(20, buf, sizeof(buf)), ", about 20 s left");
	CU_ASSERT_STRING_EQUAL(sfe_left_text(0.2, buf, sizeof(buf)), ", about 1 s left");
	CU_ASSERT_STRING_EQUAL(sfe_left_text(600, buf, sizeof(buf)), ", about 10 min left");
	CU_ASSERT_STRING_EQUAL(sfe_left_text(9000, buf, sizeof(buf)), ", about 2.5 h left");
	CU_ASSERT_STRING_EQUAL(sfe_left_text(NAN, buf, sizeof(buf)), "");
}

/* The output of a run of two strategies with 20 jobs each into a pipe. */
static void say(bool quiet, int began_s_ago, const char *stage, char *text, size_t size)
{
	struct sfe_progress p;
	int old = dup(2), ends[2];

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	dup2(ends[1], 2);
	sfe_progress_start(&p, quiet);
	p.start.tv_sec -= began_s_ago;
	p.n_strategies = 2;
	if (stage)
		sfe_progress_stage(&p, stage);
	for (unsigned i = 1; i <= 20; i++)
		sfe_progress_jobs(&p, "PureFaaS", i, 20);
	for (unsigned i = 1; i <= 20; i++)
		sfe_progress_jobs(&p, "StateLocal", i, 20);
	dup2(old, 2);
	close(old);
	close(ends[1]);
	ssize_t n = read(ends[0], text, size - 1);
	text[n > 0 ? n : 0] = 0;
	close(ends[0]);
}

static void test_piped(void)
{
	char text[8192];

	say(false, 0, NULL, text, sizeof(text));
	CU_ASSERT_PTR_NULL(strchr(text, '\r'));
	CU_ASSERT_STRING_EQUAL(text, "[   0.0 s] PureFaaS (1 of 2): 20 of 20 jobs\n"
				     "[   0.0 s] StateLocal (2 of 2): 20 of 20 jobs\n");
	/* The first line comes when 10 s have passed without one. */
	say(false, 11, NULL, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "[  11.0 s] PureFaaS (1 of 2): 1 of 20 jobs\n"
				     "[  11.0 s] PureFaaS (1 of 2): 20 of 20 jobs\n"
				     "[  11.0 s] StateLocal (2 of 2): 20 of 20 jobs\n");
	/* A stage is such a line. */
	say(false, 11, "building", text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "[  11.0 s] building\n"
				     "[  11.0 s] PureFaaS (1 of 2): 20 of 20 jobs\n"
				     "[  11.0 s] StateLocal (2 of 2): 20 of 20 jobs\n");
	say(true, 0, "building", text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "");
}

/* As a guest may: the tenth of what is done is then no unsigned number. */
static void test_too_many(void)
{
	struct sfe_progress p;

	sfe_progress_start(&p, false);
	p.terminal = false;
	p.said_s = 1e9; /* nothing is due */
	sfe_progress_jobs(&p, "StateLocal", UINT32_MAX, 1);
	CU_ASSERT_EQUAL(p.last_tenth, 10);
	p.last_tenth = 0;
	sfe_progress_part(&p, "link_0", UINT64_MAX, 1, "directions");
	CU_ASSERT_EQUAL(p.last_tenth, 10);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"time left", test_left},
		{"progress into a pipe", test_piped},
		{"more is done than there is", test_too_many},
	};

	return unit_main("progress", tests, sizeof(tests) / sizeof(tests[0]));
}
