/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "nodes/base/clock.h"
#include "nodes/base/payload.h"
#include "nodes/worker/control_channel.h"
#include "nodes/worker/kept_bytes.h"
#include "nodes/worker/records.h"

struct shared_store {
	struct one {
		struct shared_home home;
		struct shared_home copy; /* of another node's state */
		uint64_t records;        /* how many there are of it */
	} * of;                          /* by instance; those of other nodes stay empty */
};

int shared_store_open(struct worker *w)
{
	const struct sfe_shared_instances *all = w->deployment->shared;

	if (!all || !all->n)
		return 0;
	w->shared = calloc(1, sizeof(*w->shared));
	if (w->shared)
		w->shared->of = calloc(all->n, sizeof(*w->shared->of));
	return w->shared && w->shared->of ? 0 : -ENOMEM;
}

void shared_store_close(struct worker *w)
{
	if (!w->shared)
		return;
	for (uint32_t i = 0; w->shared->of && i < w->deployment->shared->n; i++) {
		shared_home_clear(&w->shared->of[i].home);
		shared_home_clear(&w->shared->of[i].copy);
	}
	free(w->shared->of);
	free(w->shared);
	w->shared = NULL;
}

void shared_store_tell(struct worker *w, enum sfe_state_condition condition)
{
	for (uint32_t i = 0; w->shared && i < w->deployment->shared->n; i++) {
		const struct shared_home *h = &w->shared->of[i].home;
		if (!h->there)
			continue;
		const struct sfe_ctl_shared_held held = {.header = {SFE_CTL_SHARED_HELD, w->node},
			.instance = i,
			.condition = condition,
			.epoch = h->version.epoch,
			.number = h->version.number,
			.bytes = h->content.size,
			.digest = h->digest,
			.kept_at = kept_bytes_add(w->deployment->keep, &h->content)};
		control_send(w, &held, sizeof(held));
	}
}

void shared_store_crash(struct worker *w)
{
	for (uint32_t i = 0; w->shared && i < w->deployment->shared->n; i++) {
		shared_home_crash(&w->shared->of[i].home);
		shared_home_clear(&w->shared->of[i].copy);
	}
}

/* The initial bytes: of a file, or from the seed. 0 or -ENOMEM. */
static int initial_bytes(struct worker *w, uint32_t instance, struct slice *bytes)
{
	const struct sfe_shared_instances *all = w->deployment->shared;
	const struct sfe_shared_state *state = &all->states[all->of[instance].state];
	int r = slice_new(&w->host->buffers, state->bytes, bytes);

	if (!r && state->content && state->bytes)
		memcpy(bytes->data, state->content, state->bytes);
	else if (!r)
		payload_fill(
			XXH3_64bits_withSeed(state->name, strlen(state->name), w->deployment->seed),
			0, bytes->data, bytes->size);
	return r;
}

static void record(struct worker *w, const struct shared_access *a, struct sfe_ctl_shared *what)
{
	struct one *one = &w->shared->of[a->instance];

	what->job = a->at.job;
	what->step = a->at.step;
	what->attempt = a->at.attempt;
	what->instance = a->instance;
	what->access = a->access;
	what->epoch = one->home.version.epoch;
	what->number = one->records++;
	what->at_ns = now_ns();
	records_shared(w, what);
}

/* The state, which begins here if it is not there. NULL: out of memory. */
static struct shared_home *find(struct worker *w, const struct shared_access *a)
{
	struct shared_home *h = &w->shared->of[a->instance].home;
	struct slice content;
	uint64_t lost = h->lost;

	if (h->there)
		return h;
	if (initial_bytes(w, a->instance, &content))
		return NULL;
	shared_home_begin(h, content);
	if (lost)
		record(w, a,
			&(struct sfe_ctl_shared){.outcome = SFE_SHARED_ANEW,
				.epoch_read = h->version.epoch - 1,
				.version_read = lost,
				.bytes = h->content.size,
				.digest = h->digest});
	return h;
}

const struct shared_home *shared_store_read(struct worker *w, const struct shared_access *a)
{
	const struct shared_home *h = find(w, a);

	if (h)
		record(w, a,
			&(struct sfe_ctl_shared){.outcome = SFE_SHARED_READ,
				.epoch_read = h->version.epoch,
				.version_read = h->version.number,
				.bytes = h->content.size,
				.digest = h->digest});
	return h;
}

int shared_store_change(struct worker *w, const struct shared_access *a,
	const struct shared_version *read, struct slice *content, struct shared_result *result)
{
	const struct sfe_shared_instances *all = w->deployment->shared;
	struct shared_home *h = find(w, a);
	const struct shared_change change = {.job = a->at.job,
		.step = a->at.step,
		.access = a->access,
		.consistency = all->states[all->of[a->instance].state].consistency,
		.read = *read};
	struct sfe_ctl_shared what = {.epoch_read = read->epoch,
		.version_read = read->number,
		.bytes = content->size,
		.digest = XXH3_64bits(content->data, content->size)};

	if (!h) {
		slice_drop(content);
		return -ENOMEM;
	}
	int r = shared_home_change(h, &change, content, result);
	if (r)
		return r;
	what.outcome = result->outcome;
	what.version_made = result->outcome == SFE_SHARED_CONFLICT ? 0 : result->made.number;
	what.unseen = result->unseen;
	record(w, a, &what);
	return 0;
}

bool shared_store_is_gone(const struct worker *w, uint32_t instance)
{
	return w->crashes && !w->shared->of[instance].home.there;
}

void shared_store_restore(struct worker *w, const struct shared_access *a, struct shared_home *copy)
{
	struct shared_home *h = &w->shared->of[a->instance].home;
	struct sfe_ctl_shared what = {.outcome = SFE_SHARED_RESTORED,
		.epoch_read = h->version.epoch,
		.version_read = h->lost,
		.epoch_from = copy->version.epoch,
		.version_made = copy->version.number,
		.bytes = copy->content.size,
		.digest = copy->digest};

	shared_home_restore(h, copy);
	record(w, a, &what);
}

const struct shared_home *shared_store_home(const struct worker *w, uint32_t instance)
{
	return &w->shared->of[instance].home;
}

struct shared_home *shared_store_copy(const struct worker *w, uint32_t instance)
{
	return &w->shared->of[instance].copy;
}
