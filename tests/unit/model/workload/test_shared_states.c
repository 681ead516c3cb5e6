/* SPDX-License-Identifier: MIT */
/* Instances of states that outlive jobs, and where their homes are: the table of
 * docs/programming.md. */
#include "emu/model/workload/shared_states.h"
#include "tests/unit/unit.h"

#define STORE 70
#define CLOUD 80

static struct sfe_shared_state states[] = {
	{.name = "c", .scope = SFE_SCOPE_CLIENT},
	{.name = "f", .scope = SFE_SCOPE_FUNCTION},
	{.name = "g", .scope = SFE_SCOPE_GLOBAL},
};
static const struct sfe_workflows workflows = {.n_shared = 3, .shared = states};
static struct sfe_shared_use of_first[] = {{0, SFE_UPDATE}, {1, SFE_UPDATE}, {2, SFE_READ}},
			     of_second[] = {{1, SFE_WRITE}, {2, SFE_UPDATE}};
static const struct sfe_shared_uses uses[] = {{3, of_first}, {2, of_second}};
static struct sfe_step steps[] = {{.function = 5}, {.function = 6}};
static const struct sfe_job job = {.n_steps = 2, .steps = steps, .shared = uses},
			    other = {.n_steps = 2, .steps = steps};

static void test_instances(void)
{
	static const uint32_t here[] = {10, 11}, there[] = {20, 21};
	struct sfe_shared_instances all = {0};
	const struct sfe_placed_job first = {&job, 1, here, STORE},
				    second = {&job, 2, there, STORE},
				    none = {&other, 3, there, STORE};

	CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&all, &workflows, &none, true), 0);
	CU_ASSERT_EQUAL(all.n, 0);
	CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&all, &workflows, &first, false), 0);
	CU_ASSERT_EQUAL(all.n, 4); /* of client 1, of functions 5 and 6, and the global one */
	CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&all, &workflows, &second, true), 0);
	CU_ASSERT_EQUAL(all.n, 5); /* and of client 2 */
	CU_ASSERT_NOT_EQUAL(
		sfe_shared_instance(&all, &first, 0, 0), sfe_shared_instance(&all, &second, 0, 0));
	CU_ASSERT_EQUAL(
		sfe_shared_instance(&all, &first, 0, 1), sfe_shared_instance(&all, &second, 0, 1));
	CU_ASSERT_NOT_EQUAL(
		sfe_shared_instance(&all, &first, 0, 1), sfe_shared_instance(&all, &first, 1, 0));
	CU_ASSERT_EQUAL(
		sfe_shared_instance(&all, &first, 0, 2), sfe_shared_instance(&all, &second, 1, 1));
	const struct sfe_shared_instance *client =
		&all.of[sfe_shared_instance(&all, &second, 0, 0)];
	CU_ASSERT(client->owner == 2 && client->first == 20 && client->sizes_vary);
	client = &all.of[sfe_shared_instance(&all, &first, 0, 0)];
	CU_ASSERT(client->owner == 1 && client->first == 10 && !client->sizes_vary);
	CU_ASSERT_EQUAL(all.of[sfe_shared_instance(&all, &second, 0, 2)].first, 10);
	sfe_shared_free(&all);
}

static void test_many(void)
{
	static const uint32_t node[] = {0, 1};
	struct sfe_shared_instances all = {0};

	for (unsigned round = 0; round < 2; round++)
		for (uint32_t client = 0; client < 5000; client++) {
			const struct sfe_placed_job placed = {&job, client, node, STORE};
			CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&all, &workflows, &placed, false), 0);
			uint32_t i = sfe_shared_instance(&all, &placed, 0, 0);
			CU_ASSERT(all.of[i].owner == client && !all.of[i].state);
		}
	CU_ASSERT_EQUAL(all.n, 5003);
	sfe_shared_free(&all);
}

static void test_homes(void)
{
	static const struct {
		const struct sfe_strategy_info *strategy;
		uint32_t client, wider; /* the home of an instance of client 1; of the others */
		bool cloud;
	} cases[] = {
		{&sfe_pure_faas, 1, CLOUD, true},
		{&sfe_state_propagate, 1, CLOUD, true},
		{&sfe_unchained_in_client, 1, CLOUD, true},
		{&sfe_unchained_external, STORE, STORE, true},
		{&sfe_unchained_in_edge, STORE, STORE, false},
		{&sfe_state_local, 10, 10, false},
		{&sfe_unchained_in_function, 10, 10, false},
	};
	static const uint32_t node[] = {10, 11};
	struct sfe_shared_instances all = {0};
	const struct sfe_placed_job placed = {&job, 1, node, STORE};
	const struct sfe_workflows narrow = {.n_shared = 1, .shared = states};

	CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&all, &workflows, &placed, false), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (uint32_t k = 0; k < 3; k++)
			CU_ASSERT_EQUAL(
				sfe_shared_home(&all, sfe_shared_instance(&all, &placed, 0, k),
					cases[i].strategy, STORE, CLOUD),
				k ? cases[i].wider : cases[i].client);
		CU_ASSERT_EQUAL(
			sfe_shared_needs_cloud(&workflows, cases[i].strategy), cases[i].cloud);
		CU_ASSERT(!sfe_shared_needs_cloud(&narrow, cases[i].strategy));
	}
	/* Function 6 begins on the node of the second step. */
	CU_ASSERT_EQUAL(sfe_shared_home(&all, sfe_shared_instance(&all, &placed, 1, 0),
				&sfe_state_local, STORE, CLOUD),
		11);
	sfe_shared_free(&all);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"instances", test_instances},
		{"many", test_many},
		{"homes", test_homes},
	};

	return unit_main("shared_states", tests, sizeof(tests) / sizeof(*tests));
}
