/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_changes.h"

#include "emu/model/workload/job_graph.h"
#include "nodes/http/wire_check.h"

/* Whether the changes add up from step to step. */
static bool add_up(const struct invocation *inv)
{
	const struct sfe_strategy_info *rules = worker_rules(inv->worker, inv->package.job);

	return rules->carries && !rules->client_invokes;
}

static uint64_t version_before(const struct invocation *inv, uint32_t state)
{
	const struct package *p = &inv->package;

	return sfe_version_before(worker_job(inv->worker, p->job), state, p->step);
}

struct changes invocation_changes_before(const struct invocation *inv, uint32_t i)
{
	if (i >= invocation_n_deps(inv))
		return (struct changes){0};
	uint32_t state = invocation_step(inv)->deps[i];
	const struct carried *s = &inv->package.states[state];

	if (add_up(inv))
		return s->changes ? *s->changes : (struct changes){0};
	return (struct changes){.base = version_before(inv, state)};
}

/* Whether what came before is known, and may be sent. */
static bool is_known(const struct invocation *inv, uint32_t state)
{
	const struct package *p = &inv->package;

	return wire_may_be_partial(&inv->worker->wire, p->job, p->step, state) &&
	       (!add_up(inv) || p->states[state].changes || !version_before(inv, state));
}

static void shared_changed(
	const struct invocation *inv, struct shared_use *use, const struct changes *changes)
{
	const struct sfe_shared_instances *all = inv->worker->deployment->shared;

	/* Ranges that are all of it would need the version before for nothing. */
	use->partial = use->access == SFE_UPDATE && all->of[use->instance].sizes_vary && changes &&
		       changes_bytes(changes) < use->bytes.size;
	if (!use->partial)
		return;
	use->changes = *changes;
	use->changes.base = use->version.number;
	use->changes.size = use->bytes.size;
}

int invocation_changed(struct invocation *inv, uint32_t i, const struct changes *changes)
{
	if (i >= invocation_n_deps(inv)) {
		shared_changed(inv, &inv->shared->of[i - invocation_n_deps(inv)], changes);
		return 0;
	}
	uint32_t state = invocation_step(inv)->deps[i];
	struct changes all;

	if (sfe_step_access(invocation_step(inv), i) == SFE_READ)
		return 0;
	if (!changes || !is_known(inv, state)) {
		package_forget_changes(&inv->package, state);
		return 0;
	}
	all = *changes;
	all.size = inv->package.states[state].bytes.size;
	return package_changed(&inv->package, state, &all);
}
