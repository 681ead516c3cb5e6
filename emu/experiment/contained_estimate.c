/* SPDX-License-Identifier: MIT */
#include "emu/experiment/contained_estimate.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/experiment/inline_paths.h"
#include "emu/model/scenario/scenario_strategies.h"
#include "emu/security/function_rights.h"
#include "nodes/functions/strategy_code.h"

static int estimate(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	const struct sfe_strategy_info *homes, struct sfe_by_edge *const *by_edge,
	struct sfe_estimate **out, struct sfe_error *err)
{
	struct sfe_explained_paths known = {.e = e};
	const struct sfe_inline_paths paths = {sfe_inline_path_find, &known};
	const struct sfe_estimate_params params = {
		.cloud_latency_s = sfe_delay_mean(&e->scenario->cloud.link.delay) / 1e9,
		.cloud_rate_mbps = (double)e->scenario->cloud.link.rate_bps / 1e6,
		.inlined = strategy->options.inlined == SFE_INLINE_AUTO ? &paths : NULL,
		.homes = homes,
		.by_edge = by_edge,
	};
	int r = sfe_estimate(&e->emulated, e->emulated_routing, e->workload, e->assignment,
		by_edge ? sfe_state_local.name : strategy->name, &params, out, err);

	sfe_explained_paths_free(&known);
	return r;
}

static int load(const struct sfe_strategy_plugin *plugin, struct sfe_error *err)
{
	const struct sfe_strategy_info *code;
	int r = strategy_load(plugin, &code, err);

	if (r)
		return r;
	r = sfe_strategy_register(code);
	return r ? sfe_fail(err, r, plugin->where, NULL, "strategy %s: %s", plugin->name,
			   strerror(-r))
		 : 0;
}

int sfe_strategies_load(const struct sfe_scenario *s, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < s->n_strategies && !r; i++)
		r = s->plugins[i] ? load(s->plugins[i], err) : 0;
	return r;
}

#define MAX_CPU_S 300u /* of the contained process */

struct answer { /* memory that the contained process shares */
	int code;
	struct sfe_error err;
	struct sfe_estimate of[];
};

static _Noreturn void contained(const struct sfe_experiment *e,
	const struct sfe_strategy_plugin *plugin, struct answer *answer)
{
	struct sfe_estimate *each = NULL;

	const struct rlimit most = {MAX_CPU_S, MAX_CPU_S}; /* a rule that never ends */

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CPU, &most);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	/* A network without links: else it would have that of the lab, natively the host's. */
	int r = unshare(CLONE_NEWNET)
			? sfe_fail(&answer->err, -errno, NULL, NULL,
				  "cannot make a network namespace for the plugin: %s",
				  strerror(errno))
			: sfe_function_rights(true, &answer->err);
	r = r ? r : load(plugin, &answer->err);
	r = r ? r : estimate(e, &plugin->info, NULL, NULL, &each, &answer->err);
	if (!r)
		memcpy(answer->of, each, e->n_jobs * sizeof(*each));
	answer->code = r;
	_exit(0);
}

/* The answer of the contained process, which has ended. */
static int take(const struct answer *answer, int status, const char *name, uint32_t n,
	struct sfe_estimate **out, struct sfe_error *err)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return sfe_fail(err, -ECHILD, name, "its rules are at fault: use a debugger",
			"the process that computed its closed form ended by %s %d",
			WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (answer->code) {
		char what[sizeof(answer->err.what)], todo[sizeof(answer->err.todo)];
		snprintf(what, sizeof(what), "%.*s", (int)sizeof(what) - 1, answer->err.what);
		snprintf(todo, sizeof(todo), "%.*s", (int)sizeof(todo) - 1, answer->err.todo);
		return sfe_fail(err, answer->code < 0 ? answer->code : -EIO, name, todo,
			"its closed form: %s", what);
	}
	*out = malloc((n + 1) * sizeof(**out));
	if (!*out)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
	memcpy(*out, answer->of, n * sizeof(**out));
	return 0;
}

int sfe_experiment_estimate(const struct sfe_experiment *e,
	const struct sfe_strategy_info *strategy, const struct sfe_strategy_info *homes,
	struct sfe_by_edge *const *by_edge, struct sfe_estimate **out, struct sfe_error *err)
{
	const struct sfe_strategy_plugin *plugin =
		sfe_scenario_strategy_plugin(e->scenario, strategy);
	size_t size = sizeof(struct answer) + e->n_jobs * sizeof(struct sfe_estimate);
	int status = 0;

	if (!plugin)
		return estimate(e, strategy, homes, by_edge, out, err);
	struct answer *answer =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
	answer->code = sfe_fail(&answer->err, -ECHILD, NULL, NULL, "a rule ended the process");
	pid_t pid = fork();
	if (!pid)
		contained(e, plugin, answer);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	int r = pid < 0 ? sfe_fail(err, -errno, NULL, NULL, "cannot fork: %s", strerror(errno))
			: take(answer, status, strategy->name, e->n_jobs, out, err);
	munmap(answer, size);
	return r;
}
