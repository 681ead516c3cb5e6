/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_shared.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "nodes/base/clock.h"
#include "nodes/base/wide_xxh3.h"
#include "nodes/jobs/peers.h"
#include "nodes/jobs/shared_wait.h"
#include "nodes/shared/cached_states.h"
#include "nodes/worker/records.h"

#define NO_BASE 412 /* the home does not have the version that was changed: it gets all of it */

static void fetch_next(struct invocation *inv);
static void give_next(struct invocation *inv);

static uint32_t home_of(const struct invocation *inv, const struct shared_use *use)
{
	return deployment_home(inv->worker->deployment, use->instance);
}

static const char *name_of(const struct invocation *inv, const struct shared_use *use)
{
	const struct sfe_shared_instances *all = inv->worker->deployment->shared;

	return all->states[all->of[use->instance].state].name;
}

static struct shared_access access_of(const struct invocation *inv, const struct shared_use *use)
{
	return (struct shared_access){package_place(&inv->package), use->instance, use->access};
}

/* How much of the change goes to another node. */
static uint64_t given_bytes(const struct shared_use *use)
{
	return use->partial ? changes_bytes(&use->changes) : use->bytes.size;
}

/* What has come from other nodes, and the change that another node has refused. */
static uint64_t vain_bytes(const struct invocation *inv, const struct shared_use *refused)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < inv->shared->n; i++) {
		const struct shared_use *use = &inv->shared->of[i];
		if (home_of(inv, use) != inv->worker->node)
			bytes += use->came_bytes + (use == refused ? given_bytes(use) : 0);
	}
	return bytes;
}

static void record(const struct invocation *inv, const struct shared_use *use,
	enum sfe_shared_outcome outcome, uint64_t digest)
{
	const struct job_place at = package_place(&inv->package);
	struct sfe_ctl_shared what = {.job = at.job,
		.step = at.step,
		.attempt = at.attempt,
		.instance = use->instance,
		.access = use->access,
		.outcome = outcome,
		.epoch_read = use->version.epoch,
		.version_read = use->version.number,
		.bytes = use->bytes.size,
		.digest = digest,
		.at_ns = now_ns()};

	if (outcome == SFE_SHARED_AGAIN) {
		what.ops = inv->record.ops;
		what.ready_ns = inv->record.ready_ns;
		what.finish_ns = inv->record.finish_ns;
		what.processing_ns =
			inv->record.finish_ns - inv->record.ready_ns - inv->record.waited_ns;
		what.vain_bytes = vain_bytes(inv, use);
	}
	records_shared(inv->worker, &what);
}

static void no_memory(struct invocation *inv)
{
	invocation_fail(inv, -ENOMEM, "out of memory for a state that outlives jobs");
}

static void fail(struct exchange *e, const char *what, int status)
{
	struct invocation *inv = e->invocation;
	const char *node = inv->worker->deployment->nodes[e->to].name;
	char reason[160], answer[32];

	snprintf(answer, sizeof(answer), "answered %d", status);
	snprintf(reason, sizeof(reason), "state %.64s %s %.48s: %s",
		name_of(inv, &inv->shared->of[e->state]), what, node,
		status == -ECONNREFUSED ? "it is down"
		: status < 0            ? sfe_ctl_reason(status)
					: answer);
	invocation_fail(inv, status < 0 ? status : -ENODATA, reason);
}

/* ---- before the step runs */

/* The first that is to come. */
static struct shared_use *next_fetch(struct invocation *inv)
{
	for (uint32_t i = 0; i < inv->shared->n; i++)
		if (!inv->shared->of[i].here && inv->shared->of[i].access != SFE_WRITE)
			return &inv->shared->of[i];
	return NULL;
}

static void came(struct invocation *inv, struct shared_use *use)
{
	use->here = true;
	record(inv, use, SFE_SHARED_GOT, XXH3_64bits(use->bytes.data, use->bytes.size));
}

static void fetched(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	struct invocation *inv = e->invocation;
	struct shared_use *use = &inv->shared->of[e->state];
	bool unchanged;

	if (status < 0 || !cached_shared_is_answer(w, use, e->head, e->body.size)) {
		fail(e, "from", status);
		return;
	}
	peers_record_answer(e, SFE_TRANSFER_FETCH);
	int r = cached_shared_answer(w, use, e->head, &e->body, &unchanged);
	if (r == -ENOMEM) {
		no_memory(inv);
		return;
	}
	if (r) {
		fail(e, "from", r);
		return;
	}
	inv->record.cache_hits += unchanged;
	if (!unchanged)
		cached_shared_keep(w, inv->package.job, use);
	came(inv, use);
	fetch_next(inv);
}

/* What the step changes is a copy. 0 or -ENOMEM. */
static int take_own(struct invocation *inv, struct shared_use *use, const struct shared_home *h)
{
	if (use->access == SFE_READ) {
		use->bytes = slice_part(&h->content, 0, h->content.size);
	} else {
		if (slice_new(&inv->worker->host->buffers, h->content.size, &use->bytes))
			return -ENOMEM;
		if (h->content.size)
			memcpy(use->bytes.data, h->content.data, h->content.size);
	}
	use->version = h->version;
	came(inv, use);
	return 0;
}

/* This node is the home. The use is the first that is not here. */
static void have_own(
	void *invocation, int code, const struct shared_home *h, const struct shared_result *result)
{
	struct invocation *inv = invocation;
	struct shared_use *use = next_fetch(inv);
	(void)result;

	inv->shared_wait = NULL;
	if (code || take_own(inv, use, h))
		no_memory(inv);
	else
		fetch_next(inv);
}

/* The step may have to run again. */
static bool may_conflict(const struct invocation *inv)
{
	for (uint32_t i = 0; i < inv->shared->n; i++)
		if (shared_uses_may_conflict(inv->worker->deployment, &inv->shared->of[i]))
			return true;
	return false;
}

static void fetch_next(struct invocation *inv)
{
	struct worker *w = inv->worker;
	struct shared_use *use = next_fetch(inv);
	uint32_t home = use ? home_of(inv, use) : w->node;

	while (use && home != w->node && cached_shared_take(w, inv->package.job, use)) {
		inv->record.cache_hits++;
		came(inv, use);
		use = next_fetch(inv);
		home = use ? home_of(inv, use) : w->node;
	}
	if (use && home == w->node) {
		struct shared_order order = {
			.access = access_of(inv, use), .done = have_own, .context = inv};
		struct shared_wait *wait = shared_wait_begin(w, &order);
		if (wait) /* else the invocation may be over */
			inv->shared_wait = wait;
		return;
	}
	if (use) {
		struct exchange e = {.to = home,
			.kind = SFE_TRANSFER_FETCH,
			.at = package_place(&inv->package),
			.state = (uint32_t)(use - inv->shared->of),
			.invocation = inv,
			.done = fetched};
		const struct wire_version held = {
			.epoch = use->version.epoch, .version = use->version.number};
		peers_send(w, &e,
			wire_shared_fetch(
				&w->wire, home, &e.at, use->instance, use->holds ? &held : NULL));
		return;
	}
	if (may_conflict(inv) && shared_uses_save(inv->shared, &inv->package))
		no_memory(inv);
	else
		inv->shared_fetched(inv);
}

void invocation_shared_fetch(struct invocation *inv, void (*then)(struct invocation *inv))
{
	inv->shared_fetched = then;
	fetch_next(inv);
}

/* ---- after it has run */

/* Another change was first. */
static void run_again(struct invocation *inv, const struct shared_use *use)
{
	record(inv, use, SFE_SHARED_AGAIN, XXH3_64bits(use->bytes.data, use->bytes.size));
	if (inv->program)
		inv->drop_program(inv);
	if (shared_uses_restore(inv->shared, &inv->package))
		no_memory(inv);
	else
		fetch_next(inv);
}

static void give_to(struct invocation *inv, struct shared_use *use, uint32_t home);

static void changed_there(struct exchange *e, int status)
{
	struct invocation *inv = e->invocation;
	struct shared_use *use = &inv->shared->of[e->state];

	if (status == 200) {
		use->given = true;
		give_next(inv);
	} else if (status == 409 && shared_uses_may_conflict(e->worker->deployment, use)) {
		run_again(inv, use);
	} else if (status == NO_BASE && use->partial) {
		use->partial = false;
		give_to(inv, use, e->to);
	} else {
		fail(e, "to", status);
	}
}

static void give_to(struct invocation *inv, struct shared_use *use, uint32_t home)
{
	struct worker *w = inv->worker;
	struct exchange e = {.to = home,
		.kind = SFE_TRANSFER_STORE,
		.at = package_place(&inv->package),
		.state = (uint32_t)(use - inv->shared->of),
		.invocation = inv,
		.done = changed_there};
	const struct wire_version change = {.instance = use->instance,
		.epoch = use->version.epoch,
		.version = use->version.number,
		.content = &use->bytes,
		.changes = use->partial ? &use->changes : NULL};

	peers_send(w, &e, wire_shared_give(&w->wire, home, &e.at, &change));
}

/* The next change to give, NULL: none is left. At most one may be refused: it is the first. */
static struct shared_use *next_change(struct invocation *inv)
{
	struct shared_use *next = NULL;

	for (uint32_t i = 0; i < inv->shared->n; i++) {
		struct shared_use *use = &inv->shared->of[i];
		if (use->given || use->access == SFE_READ)
			continue;
		if (shared_uses_may_conflict(inv->worker->deployment, use))
			return use;
		next = next ? next : use;
	}
	return next;
}

/* This node is the home. */
static void changed_own(
	void *invocation, int code, const struct shared_home *h, const struct shared_result *result)
{
	struct invocation *inv = invocation;
	struct shared_use *use = next_change(inv);
	(void)h;

	inv->shared_wait = NULL;
	if (code) {
		no_memory(inv);
	} else if (result->outcome == SFE_SHARED_CONFLICT) {
		run_again(inv, use);
	} else {
		use->given = true;
		give_next(inv);
	}
}

static void give_next(struct invocation *inv)
{
	struct worker *w = inv->worker;
	struct shared_use *use = next_change(inv);
	const uint32_t home = use ? home_of(inv, use) : w->node;

	if (use && home == w->node) {
		struct shared_order order = {.access = access_of(inv, use),
			.change = true,
			.read = use->version,
			.content = slice_part(&use->bytes, 0, use->bytes.size),
			.partial = use->partial,
			.changes = use->changes,
			.done = changed_own,
			.context = inv};
		struct shared_wait *wait = shared_wait_begin(w, &order);
		if (wait)
			inv->shared_wait = wait;
		return;
	}
	if (use) {
		give_to(inv, use, home);
		return;
	}
	inv->shared_given(inv);
}

void invocation_shared_give(struct invocation *inv, void (*then)(struct invocation *inv))
{
	inv->shared_given = then;
	give_next(inv);
}

uint64_t invocation_shared_bytes(const struct invocation *inv)
{
	const struct sfe_shared_instances *all = inv->worker->deployment->shared;
	uint64_t bytes = 0;

	for (uint32_t i = 0; inv->shared && i < inv->shared->n; i++)
		bytes += all->states[all->of[inv->shared->of[i].instance].state].bytes;
	return bytes;
}
