/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/base/array.h"
#include "nodes/base/clock.h"
#include "nodes/base/payload.h"
#include "nodes/base/wide_xxh3.h"
#include "nodes/shared/shared_created.h"
#include "nodes/worker/control_channel.h"
#include "nodes/worker/kept_bytes.h"
#include "nodes/worker/records.h"

struct shared_store {
	struct one {
		struct shared_home home;
		struct shared_home copy; /* of another node's state */
		uint64_t records;        /* how many there are of it */
	} * of;                          /* by instance; those of other nodes stay empty */
	size_t n, room;
	struct shared_created created;
	uint64_t n_named; /* changes by name that the homes remember */
};

int shared_store_open(struct worker *w)
{
	const struct sfe_shared_instances *all = w->deployment->shared;

	if (!all)
		return 0;
	w->shared = calloc(1, sizeof(*w->shared));
	if (w->shared)
		w->shared->of = calloc((size_t)all->n + 1, sizeof(*w->shared->of));
	if (!w->shared || !w->shared->of)
		return -ENOMEM;
	w->shared->n = all->n;
	w->shared->room = (size_t)all->n + 1;
	return 0;
}

void shared_store_close(struct worker *w)
{
	if (!w->shared)
		return;
	for (size_t i = 0; w->shared->of && i < w->shared->n; i++) {
		shared_home_clear(&w->shared->of[i].home);
		shared_home_clear(&w->shared->of[i].copy);
	}
	free(w->shared->of);
	shared_created_clear(&w->shared->created);
	free(w->shared);
	w->shared = NULL;
}

void shared_store_tell(struct worker *w, enum sfe_state_condition condition)
{
	for (uint32_t i = 0; w->shared && i < w->shared->n; i++) {
		const struct shared_home *h = &w->shared->of[i].home;
		if (!h->there)
			continue;
		const struct sfe_ctl_shared_held held = {.header = {SFE_CTL_SHARED_HELD, w->node},
			.instance = i,
			.condition = condition,
			.absent = h->absent,
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
	for (size_t i = 0; w->shared && i < w->shared->n; i++) {
		shared_home_crash(&w->shared->of[i].home);
		shared_home_clear(&w->shared->of[i].copy);
	}
	if (w->shared)
		w->shared->n_named = 0;
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
	what->path = a->path;
	what->change = a->change;
	what->unread = a->unread;
	what->epoch = one->home.version.epoch;
	what->number = one->records++;
	what->at_ns = now_ns();
	records_shared(w, what);
}

/* The state, which begins here if it is not there. NULL: out of memory. */
static struct shared_home *find(struct worker *w, const struct shared_access *a)
{
	struct shared_home *h = &w->shared->of[a->instance].home;
	bool declared = a->instance < w->deployment->shared->n;
	struct slice content = {0};
	uint64_t lost = h->lost;

	if (h->there)
		return h;
	if (declared && initial_bytes(w, a->instance, &content))
		return NULL;
	shared_home_begin(h, content);
	h->absent = !declared;
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

	bool absent = h && h->absent && sfe_is_by_name(a->access);

	if (h)
		record(w, a,
			&(struct sfe_ctl_shared){
				.outcome = absent ? SFE_SHARED_ABSENT : SFE_SHARED_READ,
				.epoch_read = h->version.epoch,
				.version_read = h->version.number,
				.bytes = h->content.size,
				.digest = h->digest});
	return h;
}

static enum sfe_consistency consistency_of(const struct worker *w, uint32_t instance)
{
	const struct sfe_shared_instances *all = w->deployment->shared;

	return instance < all->n ? all->states[all->of[instance].state].consistency
				 : SFE_LAST_WRITE;
}

/* Whether what a step has changed of a version may come when that is not the newest any more. */
static bool may_come_late(const struct worker *w, uint32_t instance)
{
	const struct sfe_shared_instances *all = w->deployment->shared;

	return instance < all->n && all->of[instance].sizes_vary &&
	       consistency_of(w, instance) == SFE_LAST_WRITE;
}

/* Whether other nodes may have the version before, and ask for what is other in the next one. */
static bool may_be_cached(const struct worker *w, const struct shared_access *a)
{
	const struct sfe_shared_instances *all = w->deployment->shared;

	return a->instance < all->n && all->of[a->instance].sizes_vary &&
	       worker_rules(w, a->at.job)->options.cache == SFE_CACHE_ON;
}

int shared_store_created(struct worker *w, const char *name, bool create, uint32_t *instance)
{
	struct shared_store *s = w->shared;
	uint32_t number = shared_created_find(&s->created, name);

	if (number == UINT32_MAX && !create)
		return -ENOENT;
	if (number == UINT32_MAX) {
		int r = array_reserve((void **)&s->of, s->n, &s->room, sizeof(*s->of));
		r = r ? r : shared_created_add(&s->created, name);
		if (r)
			return r;
		number = s->created.n - 1;
		s->of[s->n++] = (struct one){0};
		records_created(w, w->deployment->shared->n + number, name);
	}
	*instance = w->deployment->shared->n + number;
	return 0;
}

int shared_store_change(struct worker *w, const struct shared_access *a,
	const struct shared_version *read, const struct changes *changes, struct slice *content,
	struct shared_result *result)
{
	struct shared_home *h = find(w, a);
	const bool named = sfe_is_by_name(a->access), whole = !changes;
	const struct shared_change change = {.job = a->at.job,
		.step = a->at.step,
		.access = !sfe_is_by_name(a->access) ? (enum sfe_access)a->access
			  : a->unread                ? SFE_WRITE
						     : SFE_UPDATE,
		.consistency = consistency_of(w, a->instance),
		.read = *read,
		.path = a->path,
		.number = a->change,
		.deletes = a->access == SFE_BY_NAME_DELETE,
		.changes = changes,
		.buffers = &w->host->buffers,
		.keeps = (a->access == SFE_UPDATE && may_come_late(w, a->instance)) ||
			 may_be_cached(w, a),
		.full = named && w->shared->n_named >= SHARED_MOST_NAMED};
	struct sfe_ctl_shared what = {.epoch_read = read->epoch,
		.version_read = read->number,
		.bytes = whole ? content->size : changes->size,
		.digest = XXH3_64bits(content->data, content->size)};

	if (!h) {
		slice_drop(content);
		return -ENOMEM;
	}
	int r = shared_home_change(h, &change, content, result);
	if (r)
		return r;
	what.outcome = result->outcome;
	if (result->outcome == SFE_SHARED_WRITTEN) {
		w->shared->n_named += named;
		what.digest = h->digest;
	}
	bool in_vain = result->outcome == SFE_SHARED_CONFLICT && a->remote;
	what.vain_bytes = in_vain && sfe_is_by_name(a->access) ? what.bytes : 0;
	what.version_made =
		result->outcome == SFE_SHARED_CONFLICT || result->outcome == SFE_SHARED_ABSENT
			? 0
			: result->made.number;
	what.unseen = result->unseen;
	record(w, a, &what);
	return 0;
}

bool shared_store_is_gone(const struct worker *w, uint32_t instance)
{
	const struct shared_home *h = &w->shared->of[instance].home;
	bool created = instance >= w->deployment->shared->n;

	/* One that is created now was not here before. */
	return w->crashes && !h->there && (!created || h->lost || h->version.epoch);
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

	w->shared->n_named += copy->n_named;
	shared_home_restore(h, copy);
	record(w, a, &what);
}

const struct shared_home *shared_store_home(const struct worker *w, uint32_t instance)
{
	return &w->shared->of[instance].home;
}

struct shared_home *shared_store_copy(struct worker *w, uint32_t instance)
{
	struct shared_store *s = w->shared;

	/* The home of created ones is another node: here none has got a number. */
	while (instance >= s->n) {
		if (array_reserve((void **)&s->of, s->n, &s->room, sizeof(*s->of)))
			return NULL;
		s->of[s->n++] = (struct one){0};
	}
	return &s->of[instance].copy;
}

bool shared_store_varies(const struct worker *w, uint32_t instance)
{
	const struct sfe_shared_instances *all = w->deployment->shared;

	return instance >= all->n || all->of[instance].sizes_vary;
}
