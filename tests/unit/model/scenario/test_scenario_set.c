/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_keys.h"
#include "tests/unit/model/scenario/scenario_texts.h"

static void test_set(void)
{
	static const char *const sets[] = {"link.shared.rate=100Mbit", "seed=4",
		"strategies=StateLocal, PureFaaS", "seed=7", "workload.arrivals=poisson 1",
		"topology.generate=", "topology.nodes=t.nodes", "topology.links=t.links",
		"topology.edges=t.links", "strategies=[StatePropagate]"};
	struct sfe_scenario *s = good("seed: 3\nstrategies: [Wrong]\n" BASE, sets, LEN(sets));

	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 100000000);
	CU_ASSERT_EQUAL(s->seed, 7);
	CU_ASSERT_EQUAL(s->n_strategies, 1);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_state_propagate);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_POISSON);
	CU_ASSERT_PTR_NULL(s->topology.generate);
	CU_ASSERT_PTR_NOT_NULL(s->topology.edges);
	sfe_scenario_free(s);
}

/* Removes YAML's double quotes, in place. */
static void unquote(char *text)
{
	char *to = text;

	if (*text != '"')
		return;
	for (const char *p = text + 1; *p && *p != '"'; p++)
		*to++ = *p == '\\' ? *++p : *p;
	*to = '\0';
}

/* Every key can be set to the value that the writer prints. */
static void test_set_every_key(void)
{
	struct sfe_scenario *s = good(everything, NULL, 0);
	char *before = written(s);

	for (unsigned i = 0; i < sfe_n_keys; i++) {
		char *text = NULL, *set = NULL, *after;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		CU_ASSERT_PTR_NOT_NULL_FATAL(out);
		sfe_key_print(&sfe_keys[i], s, out);
		fclose(out);
		unquote(text);
		CU_ASSERT(asprintf(&set, "%s=%s", sfe_keys[i].path, text) > 0);
		struct sfe_scenario *t = good(everything, (const char *const *)&set, 1);
		after = written(t);
		CU_ASSERT_STRING_EQUAL(before, after);
		sfe_scenario_free(t);
		free(after);
		free(set);
		free(text);
	}
	free(before);
	sfe_scenario_free(s);
}

static void test_bad_set(void)
{
	static const struct {
		const char *set, *want;
	} cases[] = {
		{"link.shared.rate=300",
			"--set link.shared.rate=300: link.shared.rate: '300' has no unit; write"},
		{"link.shared.rat=300", "--set link.shared.rat=300: unknown key 'link.shared.rat'; "
					"the keys of link.shared "
					"are rate, delay, delay_correlation, loss,"},
		{"link.shared=1", "--set link.shared=1: 'link.shared' is a group of keys; set one "
				  "of its keys rate,"},
		{"seed", "--set seed: is not key=value"},
		{"=1", "--set =1: is not key=value"},
		{"", "--set : is not key=value"},
		{"seed=a\nb", "--set seed=a?b: a control character"},
		{"\n=b", "--set ?=b: a control character"},
		{"strategies=", "--set strategies=: strategies: the list is empty"},
		{"strategies=[]", "--set strategies=[]: strategies: the list is empty"},
		{"strategies=PureFaaS,,StateLocal",
			"--set strategies=PureFaaS,,StateLocal: strategies: there is no strategy "
			"''"},
		{"strategies=PureFaaS,PureFaaS",
			"--set strategies=PureFaaS,PureFaaS: strategies: 'PureFaaS' is named"},
		{"workload.tasks=/no/file", "--set workload.tasks=/no/file: workload.tasks: cannot "
					    "read /no/file: No such"},
		{"topology.nodes=t.nodes",
			"--set topology.nodes=t.nodes: topology.nodes: a file together with"},
		{"link.node.queue=100B",
			"--set link.node.queue=100B: link.node.queue: holds 100 bytes, less"},
	};

	for (size_t i = 0; i < LEN(cases); i++)
		refused(BASE, cases[i].set, cases[i].want);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"--set", test_set},
		{"--set of every key", test_set_every_key},
		{"bad --set", test_bad_set},
	};

	return scenario_main("scenario --set", tests, LEN(tests));
}
