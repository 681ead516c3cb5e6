/* SPDX-License-Identifier: MIT */
/* Where the orchestrator places calls at run time, and which messages of workers it refuses. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/experiment/experiment_new.h"
#include "emu/measure/dynamic_calls.h"
#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

struct bench {
	struct sfe_experiment *e;
	struct sfe_replay replay;
	struct sfe_dynamic_calls calls;
};

/* The server is the fastest, and fingerprint may run on boards of NVIDIA only. The strategy needs
 * the cloud, the last node of all. */
static void make(struct bench *b)
{
	char path[] = "/tmp/sfe-calls-XXXXXX.yaml";
	int fd = mkstemps(path, 5);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct sfe_scenario *s;
	struct sfe_error err = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f,
		"name: calls\n"
		"topology: {compose: {cells: [{node: rpi4, to: sw, count: 2}, {node: nano, to: sw, "
		"count: 1}, {node: server, to: sw, count: 1}], backbone: []}}\n"
		"functions:\n"
		"  backup: {plugin: %s, ops: 1e6}\n"
		"  fingerprint: {ops: 1e9, output: 8B, affinity: \"nvidia_*\"}\n"
		"  archive: {ops: 1e9, output: 0B}\n"
		"workflows: [{name: files, jobs: 1, argument: 1kB, steps: [{name: save, function: "
		"backup}]}]\n"
		"strategies: [UnchainedExternal]\n",
		SFE_BACKUP);
	fclose(f);
	int r = sfe_scenario_read(path, NULL, 0, &s, &err);
	unlink(path);
	*b = (struct bench){0};
	r = r ? r : sfe_experiment_new(s, &b->e, &err);
	if (r)
		printf("%s: %s\n", err.where, err.what);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	CU_ASSERT_EQUAL_FATAL(b->e->topology->n_nodes, b->e->bare->n_nodes + 1);
	b->calls = (struct sfe_dynamic_calls){.e = b->e, .out = &b->replay};
}

static void drop(struct bench *b)
{
	sfe_dynamic_calls_free(&b->calls);
	sfe_replay_free(&b->replay);
	sfe_experiment_free(b->e);
}

static uint32_t function(const struct bench *b, const char *name)
{
	uint32_t f = 0;

	while (strcmp(b->e->workload->function_names[f], name) != 0)
		f++;
	return f;
}

static bool runs(void *context, uint32_t job)
{
	(void)context, (void)job;
	return true;
}

static int take(struct bench *b, uint32_t node, const char *callee, enum sfe_call_event event,
	struct sfe_ctl_placed *placed)
{
	struct sfe_error err = {0};
	const struct sfe_ctl_call m = {.header = {SFE_CTL_CALL, node},
		.key = {.attempt = 1, .function = function(b, callee), .path = 1},
		.event = event};

	return sfe_dynamic_calls_take(&b->calls, node, &m, sizeof(m), runs, NULL, placed, &err);
}

/* A callee's affinity holds as that of a step's function does. */
static void test_affinity(void)
{
	struct bench b;
	struct sfe_ctl_placed placed;

	make(&b);
	CU_ASSERT_EQUAL(take(&b, 0, "archive", SFE_CALL_PLACE, &placed), 1);
	CU_ASSERT_STRING_EQUAL(b.e->topology->nodes[placed.to].model, "server");
	CU_ASSERT_EQUAL(take(&b, 1, "fingerprint", SFE_CALL_PLACE, &placed), 1);
	CU_ASSERT_STRING_EQUAL(b.e->topology->nodes[placed.to].model, "nvidia_jetson_nano");
	drop(&b);
}

/* No function runs on the cloud's node, and placement has no path from there. */
static void test_cloud(void)
{
	struct bench b;
	struct sfe_ctl_placed placed;

	make(&b);
	CU_ASSERT_EQUAL(take(&b, b.e->bare->n_nodes, "archive", SFE_CALL_PLACE, &placed), -EPROTO);
	CU_ASSERT_EQUAL(b.replay.n_calls, 0);
	drop(&b);
}

/* A node ends its own calls only. */
static void test_of_another_node(void)
{
	struct bench b;
	struct sfe_ctl_placed placed;

	make(&b);
	CU_ASSERT_EQUAL(take(&b, 0, "archive", SFE_CALL_PLACE, &placed), 1);
	CU_ASSERT_EQUAL(take(&b, 1, "archive", SFE_CALL_ENDED, &placed), 0);
	CU_ASSERT_EQUAL(b.calls.open, 1);
	CU_ASSERT_EQUAL(take(&b, 0, "archive", SFE_CALL_ENDED, &placed), 0);
	CU_ASSERT_EQUAL(b.calls.open, 0);
	drop(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a callee's affinity", test_affinity},
		{"a call by the cloud", test_cloud},
		{"a call of another node", test_of_another_node},
	};

	return unit_main("dynamic_calls", tests, sizeof(tests) / sizeof(tests[0]));
}
