/* SPDX-License-Identifier: MIT */
/* Strategies of the scenario's own: what is read of a shared object without running it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/model/base/input.h"
#include "emu/model/scenario/scenario_strategies.h"
#include "emu/model/strategies/strategy_file.h"
#include "emu/model/strategies/strategy_options.h"
#include "tests/unit/unit.h"

#define SCENARIO                                                                                   \
	"topology: {generate: iiot}\nworkload: {tasks: " SFE_SOURCE_DIR                            \
	"/scenarios/workloads/quickstart.csv}\n"

static struct sfe_scenario *parse(const char *strategies, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	char text[8192];

	snprintf(text, sizeof(text), SCENARIO "strategies: [%s]\n", strategies);
	return sfe_scenario_parse(text, strlen(text), "x.yaml", NULL, 0, &s, err) ? NULL : s;
}

static void refused(const char *strategies, const char *what)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = parse(strategies, &err);

	CU_ASSERT_PTR_NULL(s);
	if (s || !strstr(err.what, what) || strcmp(err.where, "x.yaml:3") || !*err.todo) {
		fprintf(stderr, "%s: %s: %s; %s\n", strategies, err.where, err.what, err.todo);
		CU_FAIL("another error");
	}
	sfe_scenario_free(s);
}

static void test_list(void)
{
	struct sfe_error err = {0};
	struct sfe_scenario *again, *s = parse("StateLocal, " SFE_PLUGIN, &err);
	char *text = NULL;
	size_t size;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL_FATAL(s->n_strategies, 2);
	CU_ASSERT_PTR_NULL(s->plugins[0]);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s->plugins[1]);
	CU_ASSERT_STRING_EQUAL(s->strategies[1]->name, "state_at_first");
	CU_ASSERT_STRING_EQUAL(s->plugins[1]->where, "x.yaml:3");
	CU_ASSERT(s->strategies[1]->created_on_use && s->strategies[1]->names_keepers);
	CU_ASSERT(!s->strategies[1]->client_invokes && !s->strategies[1]->copies);
	CU_ASSERT_EQUAL(s->strategies[1]->store, SFE_STORE_NONE);
	CU_ASSERT_PTR_EQUAL(sfe_scenario_strategy_plugin(s, s->strategies[1]), s->plugins[1]);

	FILE *out = open_memstream(&text, &size);
	sfe_scenario_write(s, out);
	fclose(out);
	CU_ASSERT_EQUAL_FATAL(sfe_scenario_parse(text, size, "y.yaml", NULL, 0, &again, &err), 0);
	CU_ASSERT_EQUAL_FATAL(again->n_strategies, 2);
	CU_ASSERT_STRING_EQUAL(again->plugins[1]->file, SFE_PLUGIN);
	sfe_scenario_free(again);
	free(text);
	sfe_scenario_free(s);
}

static void copy(const char *path, const char *bytes, size_t size)
{
	FILE *f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL_FATAL(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

static void test_refused(void)
{
	char folder[] = "/tmp/test_strategies_XXXXXX", taken[64], list[16384] = "";
	struct sfe_error err = {0};
	char *bytes;
	size_t size;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	CU_ASSERT_EQUAL_FATAL(
		sfe_input_load(SFE_SOURCE_DIR "/README.md", &bytes, &size, NULL, &err), 0);
	snprintf(taken, sizeof(taken), "%s/StateLocal.so", folder);
	copy(taken, bytes, size);
	refused(taken, "is not a shared object");
	free(bytes);
	unlink(taken);
	refused("./none.so", "cannot read");
	refused("Magic", "there is no strategy 'Magic'");
	refused(SFE_PLUGIN ", " SFE_PLUGIN, "is named twice");
	refused("/tmp/a_name_that_is_longer_than_31_bytes.so", "at most 31 characters");
	refused("/tmp/-x.so", "'-x.so'");

	const struct sfe_scenario none = {.inputs = sfe_inputs_new()};
	const struct sfe_input *in = sfe_inputs_get_bytes(none.inputs, SFE_PLUGIN, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	copy(taken, in->text, in->len);
	refused(taken, "is the name of a strategy that is built in");
	unlink(taken);

	/* One of them would replace the other one in the inputs of the results. */
	char other[64], both[256];
	snprintf(other, sizeof(other), "%s/other", folder);
	CU_ASSERT_EQUAL_FATAL(mkdir(other, 0700), 0);
	snprintf(taken, sizeof(taken), "%s/near.so", folder);
	snprintf(other, sizeof(other), "%s/other/near.so", folder);
	copy(taken, in->text, in->len);
	copy(other, in->text, in->len);
	snprintf(both, sizeof(both), "%s, \"%s(fetch=parallel)\"", taken, other);
	refused(both, "two files of plugins have the name 'near'");
	unlink(taken);
	unlink(other);
	*strrchr(other, '/') = '\0';
	rmdir(other);

	char paths[SFE_MAX_STRATEGIES + 1][64];
	for (unsigned i = 0; i <= SFE_MAX_STRATEGIES; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/s%u.so", folder, i);
		CU_ASSERT_EQUAL(symlink(SFE_PLUGIN, paths[i]), 0);
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			paths[i]);
	}
	refused(list, "more than 64 strategies");
	for (unsigned i = 0; i <= SFE_MAX_STRATEGIES; i++)
		unlink(paths[i]);
	rmdir(folder);
	sfe_inputs_free(none.inputs);
}

/* A file that was cut or damaged gives an error or flags, and nothing is read beyond it. */
static void test_damaged(void)
{
	struct sfe_inputs *inputs = sfe_inputs_new();
	struct sfe_strategy_info info;
	struct sfe_error err = {0};
	const struct sfe_input *in = sfe_inputs_get_bytes(inputs, SFE_PLUGIN, &err);
	unsigned refusals = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	CU_ASSERT_EQUAL(sfe_strategy_file_read(in->text, in->len, &info, &err), 0);
	for (size_t size = 0; size < in->len; size += 61) {
		char *part = malloc(size + 1); /* of its own, so that a sanitizer sees its end */
		memcpy(part, in->text, size);
		char *exact = realloc(part, size ? size : 1);
		int r = sfe_strategy_file_read(exact, size, &info, &err);
		CU_ASSERT(r < 0 || size > in->len / 2); /* the last sections are not needed */
		free(exact);
	}
	char *bytes = malloc(in->len);
	for (size_t at = 0; at < in->len; at++) {
		memcpy(bytes, in->text, in->len);
		bytes[at] ^= (char)(at % 2 ? 0xff : 0x80);
		refusals += sfe_strategy_file_read(bytes, in->len, &info, &err) < 0;
	}
	CU_ASSERT(refusals > 100);
	free(bytes);
	sfe_inputs_free(inputs);
}

/* What a plugin was built with. Who changes this raises SFE_STRATEGY_ABI; members may be added at
 * the end of struct sfe_graph and struct sfe_job, which a plugin has by pointers only. */
#if SFE_STRATEGY_ABI == 5 && UINTPTR_MAX == UINT64_MAX
#define LAYOUT(type, field, offset)                                                                \
	_Static_assert(offsetof(struct type, field) == (offset), #type "." #field)
LAYOUT(sfe_job, steps, 24);
LAYOUT(sfe_job, graph, 32);
LAYOUT(sfe_job, declared, 40);
LAYOUT(sfe_job, content, 48);
LAYOUT(sfe_job, n_states, 56);
LAYOUT(sfe_job, state_bytes, 64);
LAYOUT(sfe_job, return_bytes, 80);
LAYOUT(sfe_graph, before, 16);
LAYOUT(sfe_graph, after, 32);
LAYOUT(sfe_graph, reach, 40);
LAYOUT(sfe_graph, n_states, 56);
LAYOUT(sfe_graph, reached_from, 80);
LAYOUT(sfe_step, n_deps, 32);
LAYOUT(sfe_step, access, 48);
LAYOUT(sfe_placed_job, store, 24);
LAYOUT(sfe_strategy_info, carries, 32);
LAYOUT(sfe_strategy_info, keeper, 40);
LAYOUT(sfe_strategy_info, copies, 51);
_Static_assert(sizeof(struct sfe_step) == 56, "steps are an array");
LAYOUT(sfe_strategy_info, options, 52);
_Static_assert(sizeof(struct sfe_strategy_info) == 88, "it is in the plugin's file");
#else
#error "say the layout of this version here"
#endif

static void test_options(void)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = parse("StateLocal+fetch=parallel, StateLocal(fetch=serial), "
				       "\"" SFE_PLUGIN "(fetch=parallel)\", " SFE_PLUGIN,
		&err);
	char text[SFE_STRATEGY_BYTES], name[SFE_STRATEGY_BYTES];

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_STRING_EQUAL(s->strategies[0]->name, "StateLocal(fetch=parallel)");
	CU_ASSERT_EQUAL(s->strategies[0]->options.fetch, SFE_FETCH_PARALLEL);
	CU_ASSERT(s->strategies[0]->keeper == sfe_state_local.keeper);
	CU_ASSERT_PTR_EQUAL(s->strategies[1], &sfe_state_local);
	CU_ASSERT_STRING_EQUAL(s->strategies[2]->name, "state_at_first(fetch=parallel)");
	CU_ASSERT_EQUAL(s->strategies[2]->options.fetch, SFE_FETCH_PARALLEL);
	CU_ASSERT_EQUAL(s->strategies[3]->options.fetch, SFE_FETCH_SERIAL);
	sfe_scenario_free(s);
	s = parse("StateLocal(prefetch=1+fetch=parallel), StateLocal+prefetch=1", &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_STRING_EQUAL(s->strategies[0]->name, "StateLocal(fetch=parallel+prefetch=1)");
	CU_ASSERT(s->strategies[0]->options.prefetch == 1 && s->strategies[0]->options.fetch);
	CU_ASSERT_STRING_EQUAL(s->strategies[1]->name, "StateLocal(prefetch=1)");
	CU_ASSERT(s->strategies[1]->options.prefetch == 1 && !s->strategies[1]->options.fetch);
	sfe_scenario_free(s);
	s = parse("\"StateLocal(push=20ms+fetch=parallel)\", StateLocal+push=2500us, "
		  "StateLocal(push=off), \"" SFE_PLUGIN "(push=1s)\"",
		&err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_STRING_EQUAL(s->strategies[0]->name, "StateLocal(fetch=parallel+push=20ms)");
	CU_ASSERT_EQUAL(s->strategies[0]->options.push_us, 20000);
	CU_ASSERT_STRING_EQUAL(s->strategies[1]->name, "StateLocal(push=2500us)");
	CU_ASSERT_EQUAL(s->strategies[1]->options.push_us, 2500);
	CU_ASSERT_PTR_EQUAL(s->strategies[2], &sfe_state_local);
	CU_ASSERT_STRING_EQUAL(s->strategies[3]->name, "state_at_first(push=1s)");
	CU_ASSERT_EQUAL(s->strategies[3]->options.push_us, 1000000);
	struct sfe_strategy_info pushes = sfe_state_propagate;
	sfe_strategy_options_take(&pushes, &s->strategies[0]->options);
	CU_ASSERT(!pushes.options.push_us && sfe_strategy_options_fit(&pushes));
	pushes.options.push_us = 1;
	CU_ASSERT_FALSE(sfe_strategy_options_fit(&pushes));
	pushes.options.push_us = SFE_PUSH_MOST_US + 1;
	CU_ASSERT_FALSE(sfe_strategy_options_valid(&pushes.options));
	sfe_scenario_free(s);
	refused("StateLocal(push=20ms), StateLocal+push=20000us", "is named twice");
	refused("StateLocal(push=1)", "'push=1': the option push has no such value");
	refused("StateLocal(push=0)", "the option push has no such value");
	refused("StateLocal(push=100ns)", "the option push has no such value");
	refused("StateLocal(push=2h)", "the option push has no such value");
	refused("StateLocal(push=)", "the option push has no such value");
	refused("StatePropagate(push=20ms)",
		"StatePropagate has no use for the option push: its states travel");
	refused("PureFaaS, StateLocal, Oracle(push=20ms)", "Oracle has no use for the option push");
	refused("StateLocal(prefetch=2)", "the option prefetch has no such value");
	refused("UnchainedInClient(prefetch=1)", "has no use for the option prefetch");
	refused("StateLocal, StateLocal(fetch=serial)", "'StateLocal' is named twice");
	refused("StateLocal(fetch=parallel), StateLocal+fetch=parallel", "is named twice");
	refused("StateLocal(fetch=2)", "the option fetch has no such value");
	refused("StateLocal(fetch)", "the option fetch has no such value");
	refused("StateLocal+", "an option is empty");
	refused("StateLocal(fetch=parallel", "the parenthesis is not closed");
	refused("StatePropagate(fetch=parallel)", "has no use for the option fetch");
	refused("PureFaaS, StateLocal, Oracle(fetch=parallel)",
		"Oracle has no use for the option fetch: its jobs follow");
	refused("PureFaaS, StateLocal, Oracle(cache=on)", "Oracle has no use for the option cache");
	refused("UnchainedInEdge(inline=auto)", "has no use for the option inline: its client");

	s = parse("\"StateLocal+warm=on+inline=auto\", PureFaaS+warm=on, " SFE_PLUGIN
		  "(inline=auto+warm=on)",
		&err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_STRING_EQUAL(s->strategies[0]->name, "StateLocal(inline=auto+warm=on)");
	CU_ASSERT_EQUAL(s->strategies[0]->options.inlined, SFE_INLINE_AUTO);
	CU_ASSERT_EQUAL(s->strategies[0]->options.warm, SFE_WARM_ON);
	CU_ASSERT_EQUAL(s->strategies[0]->options.fetch, SFE_FETCH_SERIAL);
	CU_ASSERT_EQUAL(s->strategies[1]->options.warm, SFE_WARM_ON);
	CU_ASSERT_EQUAL(s->strategies[2]->options.inlined, SFE_INLINE_AUTO);
	/* What a strategy has no use for is not taken. */
	struct sfe_strategy_info taken = sfe_pure_faas;
	sfe_strategy_options_take(&taken, &s->strategies[0]->options);
	CU_ASSERT(taken.options.warm == SFE_WARM_ON && !taken.options.inlined);
	sfe_scenario_free(s);

	s = parse("PureFaaS(cache=on), \"StateLocal(fetch=parallel+cache=on)\", \"" SFE_PLUGIN
		  "(cache=on)\", StateLocal(cache=off)",
		&err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_STRING_EQUAL(s->strategies[0]->name, "PureFaaS(cache=on)");
	CU_ASSERT_EQUAL(s->strategies[0]->options.cache, SFE_CACHE_ON);
	CU_ASSERT_STRING_EQUAL(s->strategies[1]->name, "StateLocal(cache=on+fetch=parallel)");
	CU_ASSERT_EQUAL(s->strategies[1]->options.fetch, SFE_FETCH_PARALLEL);
	CU_ASSERT_EQUAL(s->strategies[2]->options.cache, SFE_CACHE_ON);
	CU_ASSERT_PTR_EQUAL(s->strategies[3], &sfe_state_local);
	sfe_scenario_free(s);
	refused("StateLocal(cache=yes)", "'cache=yes': the option cache has no such value");
	/* Of a plugin that was not read, all that is written is said. */
	sfe_strategy_table_name("./x.so(cache=off)", name);
	CU_ASSERT_STRING_EQUAL(name, "./x.so(cache=off)");

	sfe_strategy_short_name("StateLocal(fetch=parallel)", text);
	CU_ASSERT_STRING_EQUAL(text, "StateLocal+fetch=parallel");
	sfe_strategy_table_name(text, name);
	CU_ASSERT_STRING_EQUAL(name, "StateLocal(fetch=parallel)");
	CU_ASSERT_EQUAL(sfe_strategy_options_begin("a(b)/c+d.so"), 11);
	CU_ASSERT_EQUAL(sfe_strategy_options_begin("./c+d.so(fetch=serial)"), 8);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a plugin in the list", test_list},
		{"refused", test_refused},
		{"damaged files", test_damaged},
		{"options", test_options},
	};

	return unit_main("scenario strategies", tests, sizeof(tests) / sizeof(tests[0]));
}
