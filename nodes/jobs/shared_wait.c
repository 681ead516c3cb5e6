/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/shared_wait.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/base/clock.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/replicas.h"
#include "nodes/recovery/retry.h"

#define NO_COPY 404 /* the replica has none */
#define NO_BASE 412 /* it does not have the version before */

struct shared_wait {
	struct worker *worker;
	struct shared_order order;
	/* QUEUED: another one asks for the state. FOLLOWS: another one sends the copies. */
	enum { ASKS, QUEUED, COPIES, FOLLOWS } phase;
	uint32_t told; /* how many replicas the new version was sent to */
	/* After a crash: */
	uint32_t asked;            /* how often all replicas were that had not answered */
	uint32_t awaited;          /* answers */
	uint32_t answered;         /* a bit for each replica: it need not be asked again */
	struct timer again;        /* when they are asked again */
	struct shared_home newest; /* of their copies */
	struct shared_result result;
	TAILQ_ENTRY(shared_wait) list;
};

static bool serve(struct shared_wait *wait);
static void copy_next(struct shared_wait *wait);
static void ask(void *wait);

static void drop(struct shared_wait *wait)
{
	TAILQ_REMOVE(&wait->worker->shared_waits, wait, list);
	timers_cancel(&wait->worker->timers, &wait->again);
	slice_drop(&wait->order.content);
	shared_home_clear(&wait->newest);
	free(wait);
}

static void end(struct shared_wait *wait, int code)
{
	const struct shared_order order = wait->order;
	const struct shared_result result = wait->result;
	struct worker *w = wait->worker;

	drop(wait);
	if (order.done)
		order.done(
			order.context, code, shared_store_home(w, order.access.instance), &result);
}

/* The first one in that phase with the same change, however often it is sent; NULL: none. */
static struct shared_wait *find_same(
	struct worker *w, const struct shared_access *a, unsigned phase)
{
	struct shared_wait *wait;

	TAILQ_FOREACH (wait, &w->shared_waits, list) {
		const struct shared_access *x = &wait->order.access;
		if (wait->phase == phase && x->instance == a->instance && x->at.job == a->at.job &&
			x->at.step == a->at.step && x->path == a->path && x->change == a->change)
			return wait;
	}
	return NULL;
}

/* All copies have been sent. Who has repeated the change meanwhile is told too. */
static void end_copies(struct shared_wait *wait)
{
	const struct shared_access change = wait->order.access;
	struct worker *w = wait->worker;

	end(wait, 0);
	while ((wait = find_same(w, &change, FOLLOWS)))
		end(wait, 0);
}

/* ---- copies of a new version */

static void send_copy(struct shared_wait *wait, uint32_t to, bool whole);

/* Also after a failure: one copy less fails nobody. */
static void copied(struct exchange *e, int status)
{
	if (status == NO_BASE && !e->tried) {
		send_copy(e->shared, e->to, true);
		return;
	}
	if (status > 0 && status != 200)
		peers_record_bad_answer(e);
	copy_next(e->shared);
}

/* Whether the ranges of the change make the version that is here now of the one before it. */
static bool is_partial(const struct shared_wait *wait, const struct shared_home *h)
{
	const struct shared_order *o = &wait->order;

	return o->partial && wait->result.outcome == SFE_SHARED_WRITTEN &&
	       h->version.epoch == o->read.epoch && h->version.number == o->read.number + 1 &&
	       o->read.number; /* a replica has nothing of version 0 */
}

/* What is here now, which may be a later version already, with the changes since the one before
 * that which the order has made. whole: with all that is remembered. */
static void send_copy(struct shared_wait *wait, uint32_t to, bool whole)
{
	struct worker *w = wait->worker;
	const struct shared_access *a = &wait->order.access;
	const struct shared_home *h = shared_store_home(w, a->instance);
	struct exchange e = {.to = to,
		.kind = SFE_TRANSFER_REPLICA,
		.at = a->at,
		.tried = whole,
		.shared = wait,
		.done = copied};
	struct slice effects = {0};
	struct wire_version made = {a->instance, h->version.epoch, h->version.number, &h->content};

	/* The head names a change by its job and step only. */
	bool more =
		whole || sfe_is_by_name(a->access) || h->version.number != wait->result.made.number;
	uint64_t after = whole ? 0 : wait->result.made.number - 1;
	if (more && shared_home_effects(h, after, &w->host->buffers, &effects)) {
		worker_fatal(w, -ENOMEM, "a copy of a state that outlives jobs");
		return;
	}
	made.n_effects = effects.size / SHARED_EFFECT_BYTES;
	made.effects = &effects;
	made.changes = !more && is_partial(wait, h) ? &wait->order.changes : NULL;
	peers_send(w, &e, wire_copy(&w->wire, to, &a->at, &made));
	slice_drop(&effects);
}

/* The last one is told before the writer is. */
static void copy_next(struct shared_wait *wait)
{
	const struct shared_order *o = &wait->order;
	uint32_t replica =
		replica_node_of_shared(wait->worker->deployment, o->access.instance, wait->told++);

	if (replica == NO_REPLICA_NODE)
		end_copies(wait);
	else
		send_copy(wait, replica, false);
}

/* ---- after a crash */

/* The copy of a replica, if it is newer than those of the others. 0, or why it cannot be one. */
static int take(struct shared_wait *wait, struct exchange *e)
{
	const struct http_head *head = e->head;
	const struct sfe_shared_instances *all = wait->worker->deployment->shared;
	const uint32_t instance = wait->order.access.instance;
	const struct shared_copied copied = {.version = {head->epoch, head->version},
		.job = wait->order.access.at.job,
		.step = wait->order.access.at.step,
		.n_effects = head->effects};
	uint64_t behind = head->effects * SHARED_EFFECT_BYTES;

	if (!(head->fields & HEAD_VERSION) || !head->version || !head->effects ||
		head->effects != head->version || head->version > SHARED_MAX_VERSION ||
		head->epoch > SHARED_MAX_EPOCH || behind > e->body.size ||
		(!shared_store_varies(wait->worker, instance) &&
			e->body.size - behind != all->states[all->of[instance].state].bytes))
		return -EBADMSG;
	return shared_home_copy(&wait->newest, &copied, &e->body);
}

/* The state is here, or there is no copy: who waits for it goes on, in the order of coming. */
static void let_in(struct worker *w, uint32_t instance)
{
	struct shared_wait *wait;

	do {
		TAILQ_FOREACH (wait, &w->shared_waits, list)
			if (wait->phase == QUEUED && wait->order.access.instance == instance)
				break;
		if (wait)
			serve(wait);
	} while (wait);
}

/* The newest copy is the state. */
static void go_on(struct shared_wait *wait)
{
	struct worker *w = wait->worker;
	const struct shared_access *a = &wait->order.access;

	if (wait->newest.there)
		shared_store_restore(w, a, &wait->newest);
	wait->phase = QUEUED;
	let_in(w, a->instance);
}

/* How often a replica is asked that does not answer. Callers have one attempt more than there are
 * rounds here, so that the last one is answered. */
static uint32_t most_rounds(const struct worker *w)
{
	const struct sfe_retry_policy *policy = &w->deployment->retry;

	return policy->retries ? policy->retries : 1;
}

/* All have answered, or have failed. A copy of the lost version is enough: then whoever cannot be
 * reached keeps nobody waiting. With an older one it is asked again, and that one is taken in the
 * end. */
static void all_asked(struct shared_wait *wait)
{
	struct worker *w = wait->worker;
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	const uint32_t instance = wait->order.access.instance;
	uint32_t i = 0;

	while (wait->answered & 1u << i)
		i++;
	bool all = replica_node_of_shared(w->deployment, instance, i) == NO_REPLICA_NODE;
	if (all || wait->asked >= most_rounds(w) ||
		shared_home_is_whole(shared_store_home(w, instance), &wait->newest))
		go_on(wait);
	else
		timers_set(&w->timers, &wait->again,
			now_ns() + retry_backoff_ns(policy, wait->asked), ask, wait);
}

/* No answer came. */
static void unanswered(struct shared_wait *wait, const struct exchange *e, int code)
{
	const struct worker *w = wait->worker;
	const struct shared_home *h = shared_store_home(w, wait->order.access.instance);
	bool again = retry_may_help(code);

	if (!again)
		wait->answered |= 1u << e->tried;
	peers_record_attempt(e, code,
		!again || wait->asked >= most_rounds(w) || shared_home_is_whole(h, &wait->newest));
}

static void fetched(struct exchange *e, int status)
{
	struct shared_wait *wait = e->shared;
	bool bad = status > 0 && status != NO_COPY;

	if (status == 200) {
		peers_record_answer(e, SFE_TRANSFER_FETCH);
		int r = take(wait, e);
		if (r == -ENOMEM) {
			worker_fatal(wait->worker, r, "a copy of a state that outlives jobs");
			return;
		}
		bad = r;
	}
	if (bad)
		peers_record_bad_answer(e);
	if (status > 0)
		wait->answered |= 1u << e->tried;
	else
		unanswered(wait, e, status);
	if (!--wait->awaited)
		all_asked(wait);
}

/* Asks all replicas that have not answered, at once. */
static void ask(void *shared_wait)
{
	struct shared_wait *wait = shared_wait;
	struct worker *w = wait->worker;
	const struct shared_access *a = &wait->order.access;
	uint32_t to;

	wait->asked++;
	for (uint32_t i = 0;
		(to = replica_node_of_shared(w->deployment, a->instance, i)) != NO_REPLICA_NODE;
		i++) {
		if (wait->answered & 1u << i)
			continue;
		const struct exchange e = {.to = to,
			.kind = SFE_TRANSFER_FETCH,
			.at = a->at,
			.tried = i,
			.own_retries = true,
			.number = wait->asked,
			.shared = wait,
			.done = fetched};
		wait->awaited++;
		peers_send(w, &e, wire_copy_fetch(&w->wire, to, &a->at, a->instance));
	}
}

static bool is_asked_for(const struct worker *w, uint32_t instance)
{
	const struct shared_wait *wait;

	TAILQ_FOREACH (wait, &w->shared_waits, list)
		if (wait->phase == ASKS && wait->order.access.instance == instance)
			return true;
	return false;
}

/* ---- the order */

static bool has_replicas(const struct worker *w, const struct shared_order *o)
{
	return replica_node_of_shared(w->deployment, o->access.instance, 0) != NO_REPLICA_NODE;
}

/* Reads or changes: the state is here, or begins. The content is gone then. As
 * shared_store_change. */
static int carry_out(struct worker *w, struct shared_order *o, struct shared_result *result)
{
	if (o->change)
		return shared_store_change(w, &o->access, &o->read, o->ranges ? &o->changes : NULL,
			&o->content, result);
	slice_drop(&o->content); /* empty, but the body of a request has a buffer */
	return shared_store_read(w, &o->access) ? 0 : -ENOMEM;
}

/* Whether it made the version that the home has from a copy: it crashed before all had it. */
static bool may_lack_copies(const struct shared_wait *wait, enum sfe_shared_outcome outcome)
{
	const struct shared_home *h = shared_store_home(wait->worker, wait->order.access.instance);

	return outcome == SFE_SHARED_REPEATED && h && h->restored &&
	       wait->result.made.number == h->version.number;
}

/* Whether it still waits: then its copies are sent. */
static bool serve(struct shared_wait *wait)
{
	int r = carry_out(wait->worker, &wait->order, &wait->result);
	const enum sfe_shared_outcome outcome = wait->result.outcome;

	/* A copy is sent once: a replica that does not answer must not keep the writer waiting
	 * again each time that it repeats the change. */
	if (!r && wait->order.change && outcome == SFE_SHARED_REPEATED &&
		find_same(wait->worker, &wait->order.access, COPIES)) {
		wait->phase = FOLLOWS;
		return true;
	}
	if (r || !wait->order.change ||
		(outcome != SFE_SHARED_WRITTEN && !may_lack_copies(wait, outcome))) {
		end(wait, r);
		return false;
	}
	wait->phase = COPIES;
	copy_next(wait);
	return true;
}

struct shared_wait *shared_wait_begin(struct worker *w, struct shared_order *order)
{
	const uint32_t instance = order->access.instance;
	const bool copies = has_replicas(w, order),
		   gone = copies && shared_store_is_gone(w, instance);
	struct shared_result result = {0};
	int r = 0;

	if (!copies || (!gone && !order->change)) {
		r = carry_out(w, order, &result);
		order->done(order->context, r, shared_store_home(w, instance), &result);
		return NULL;
	}
	struct shared_wait *wait = calloc(1, sizeof(*wait));
	if (!wait) {
		slice_drop(&order->content);
		order->done(order->context, -ENOMEM, NULL, &result);
		return NULL;
	}
	*wait = (struct shared_wait){.worker = w, .order = *order, .phase = QUEUED};
	order->content = (struct slice){0};
	if (gone && !is_asked_for(w, instance))
		wait->phase = ASKS;
	TAILQ_INSERT_TAIL(&w->shared_waits, wait, list);
	if (!gone && !serve(wait))
		return NULL;
	if (wait->phase == ASKS)
		ask(wait); /* peers never answer within it */
	return wait;
}

void shared_wait_forget(struct shared_wait *wait)
{
	if (wait)
		wait->order.done = NULL;
}

void shared_waits_clear(struct worker *w)
{
	for (struct shared_wait *wait; (wait = TAILQ_FIRST(&w->shared_waits));)
		drop(wait);
}
