/* SPDX-License-Identifier: MIT */
#include "nodes/worker/store.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/base/wide_xxh3.h"
#include "nodes/worker/kept_bytes.h"

static struct stored **chain_of(const struct store *store, uint32_t job, uint32_t state)
{
	uint64_t key = (uint64_t)job << 32 | state;

	return &store->chains[XXH3_64bits(&key, sizeof(key)) & (store->n_chains - 1)];
}

static int grow(struct store *store)
{
	struct store bigger = {.n_chains = store->n_chains ? 2 * store->n_chains : 64};

	bigger.chains = calloc(bigger.n_chains, sizeof(*bigger.chains));
	if (!bigger.chains)
		return -ENOMEM;
	for (size_t i = 0; i < store->n_chains; i++) {
		for (struct stored *s; (s = store->chains[i]);) {
			store->chains[i] = s->next;
			struct stored **chain = chain_of(&bigger, s->job, s->state);
			s->next = *chain;
			*chain = s;
		}
	}
	free(store->chains);
	bigger.n = store->n;
	bigger.keep = store->keep;
	*store = bigger;
	return 0;
}

static struct stored *lookup(const struct store *store, uint32_t job, uint32_t state)
{
	struct stored *s = store->n_chains ? *chain_of(store, job, state) : NULL;

	while (s && (s->job != job || s->state != state))
		s = s->next;
	return s;
}

void stored_finish(const struct store *store, struct stored *stored)
{
	stored->digest = stored_digest(stored);
	stored->kept_at = stored_kept_at(store, stored);
	stored->final = true;
	slice_drop(&stored->content);
}

int store_put(struct store *store, uint32_t job, uint32_t state, struct slice content,
	uint64_t version, bool final)
{
	struct stored *s = NULL;
	int r = lookup(store, job, state) ? -EEXIST : 0;

	if (!r && store->n >= store->n_chains)
		r = grow(store);
	if (!r) {
		s = calloc(1, sizeof(*s));
		r = s ? 0 : -ENOMEM;
	}
	if (r) {
		slice_drop(&content);
		return r;
	}
	*s = (struct stored){.job = job,
		.state = state,
		.bytes = content.size,
		.version = version,
		.content = content};
	if (final)
		stored_finish(store, s);
	struct stored **chain = chain_of(store, job, state);
	s->next = *chain;
	*chain = s;
	store->n++;
	return 0;
}

struct stored *store_find(struct store *store, uint32_t job, uint32_t state)
{
	struct stored *s = lookup(store, job, state);

	return s && !s->final && !s->giving_on ? s : NULL;
}

struct stored *store_peek(struct store *store, uint32_t job, uint32_t state)
{
	return lookup(store, job, state);
}

void store_take(struct store *store, struct stored *stored, struct slice *content)
{
	struct stored **at = chain_of(store, stored->job, stored->state);

	while (*at != stored)
		at = &(*at)->next;
	*at = stored->next;
	store->n--;
	if (content)
		*content = slice_move(&stored->content);
	slice_drop(&stored->content);
	free(stored);
}

static int by_job_and_state(const void *a, const void *b)
{
	const struct stored *x = *(struct stored *const *)a, *y = *(struct stored *const *)b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	return (x->state > y->state) - (x->state < y->state);
}

struct stored **store_sorted(const struct store *store)
{
	struct stored **all = calloc(store->n + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return NULL;
	for (size_t i = 0; i < store->n_chains; i++) {
		for (struct stored *s = store->chains[i]; s; s = s->next)
			all[n++] = s;
	}
	qsort(all, n, sizeof(*all), by_job_and_state);
	return all;
}

uint64_t stored_digest(const struct stored *stored)
{
	return stored->final ? stored->digest
			     : XXH3_64bits(stored->content.data, stored->content.size);
}

uint64_t stored_kept_at(const struct store *store, const struct stored *stored)
{
	return stored->final ? stored->kept_at : kept_bytes_add(store->keep, &stored->content);
}

void store_clear(struct store *store)
{
	for (size_t i = 0; i < store->n_chains; i++) {
		while (store->chains[i])
			store_take(store, store->chains[i], NULL);
	}
	free(store->chains);
	*store = (struct store){.keep = store->keep};
}
