/* SPDX-License-Identifier: MIT */
/* What a message takes longer because links change. */
#include "emu/results/explanation/link_course.h"

#include <stdio.h>
#include <unistd.h>

#include "emu/experiment/experiment_new.h"
#include "tests/unit/unit.h"

static const struct sfe_tcp tcp = {.mtu = 1500, .initial_window = 10};
static const struct sfe_message message = {.payload_bytes = 1000000, .window = 1000};

static struct sfe_experiment *experiment(void)
{
	const char *path = "test_link_course.yaml";
	struct sfe_scenario *s;
	struct sfe_experiment *e = NULL;
	FILE *f = fopen(path, "w");

	fputs("name: course\n"
	      "topology: {compose: {cells: [{node: rpi4, to: sw, count: 2}], backbone: []}}\n"
	      "link: {node: {rate: 8Mbit, delay: 10ms}}\n"
	      "functions: {f: {ops: 1e6, output: 8B}}\n"
	      "workflows: [{name: w, jobs: 1, argument: 8B, arrivals: poisson 1, "
	      "steps: [{name: a, function: f}]}]\n"
	      "schedule:\n"
	      "  - {at: 1s, down: link_rpi4_0}\n"
	      "  - {at: 3s, up: link_rpi4_0}\n"
	      "  - {at: 6s, link: link_rpi4_0, set: {rate: 4Mbit}}\n"
	      "strategies: [StateLocal]\n",
		f);
	fclose(f);
	int r = sfe_scenario_read(path, NULL, 0, &s, NULL);
	unlink(path);
	r = r ? r : sfe_experiment_new(s, &e, NULL);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	return e;
}

static void test_course(void)
{
	struct sfe_experiment *e = experiment();
	struct sfe_explained_paths paths = {.e = e};
	struct sfe_link_course *course = NULL;
	uint32_t there, here;

	CU_ASSERT_EQUAL_FATAL(sfe_link_course_new(e, 20000000000ull, &course, NULL), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(course);
	CU_ASSERT_EQUAL_FATAL(sfe_explained_paths_find(&paths, 0, 1, &there), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_explained_paths_find(&paths, 1, 0, &here), 0);
	const struct sfe_explained_path *forward = &paths.of[there], *back = &paths.of[here];
	const struct sfe_transfer_time idle =
		sfe_transfer_time(forward->path, back->path, &tcp, &message);
#define CHANGES(start_s, end_s)                                                                    \
	sfe_link_course_changes(course, forward, back, &tcp, &message, start_s, end_s)

	/* It takes a second. The link is down when it begins. */
	struct sfe_link_changes c = CHANGES(1.5, 10);
	CU_ASSERT_DOUBLE_EQUAL(c.down_s, 1.5, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(c.longer_s, 1.5, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sfe_transfer_whole_s(&c.then), sfe_transfer_whole_s(&idle), 1e-12);
	/* The link goes down meanwhile. */
	c = CHANGES(0.5, 10);
	CU_ASSERT_DOUBLE_EQUAL(c.down_s, 2, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(c.longer_s, 2, 1e-9);
	/* Down all the time. */
	c = CHANGES(1.5, 2);
	CU_ASSERT_DOUBLE_EQUAL(c.down_s, 0.5, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(c.longer_s, 0.5, 1e-9);
	/* At half the rate, and not down. */
	c = CHANGES(7, 20);
	CU_ASSERT_EQUAL(c.down_s, 0);
	CU_ASSERT_DOUBLE_EQUAL(c.then.model_s, 3.0, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(
		c.longer_s, sfe_transfer_whole_s(&c.then) - sfe_transfer_whole_s(&idle), 1e-12);
	/* No time at all, and no schedule. */
	c = CHANGES(15, 15);
	CU_ASSERT_EQUAL(c.longer_s, 0);
	c = sfe_link_course_changes(NULL, forward, back, &tcp, &message, 1.5, 10);
	CU_ASSERT(!c.longer_s && !c.down_s && c.then.model_s == 2.0);
#undef CHANGES
	sfe_link_course_free(course);
	sfe_explained_paths_free(&paths);
	sfe_experiment_free(e);
}

int main(void)
{
	static const struct unit_test tests[] = {{"links that change", test_course}};

	return unit_main("links over time", tests, sizeof(tests) / sizeof(tests[0]));
}
