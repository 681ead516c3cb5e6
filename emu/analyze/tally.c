/* SPDX-License-Identifier: MIT */
#include "emu/analyze/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "emu/analyze/flow.h"

const struct sfe_message_id sfe_no_message = {
	SFE_NO_STRATEGY, 0, 0, SFE_MESSAGE_OTHER, SFE_NO_EDGE};

struct key {
	uint32_t capture;
	struct sfe_message_id id;
};

void sfe_cost_add(struct sfe_cost *sum, const struct sfe_cost *more)
{
	sum->packets += more->packets;
	sum->wire_bytes += more->wire_bytes;
	sum->header_bytes += more->header_bytes;
	sum->payload_bytes += more->payload_bytes;
	sum->retransmissions += more->retransmissions;
	sum->retransmitted_bytes += more->retransmitted_bytes;
	sum->out_of_order += more->out_of_order;
}

uint32_t sfe_tally_strategy(struct sfe_analysis *a, const char *name)
{
	uint32_t i = 0;

	while (i < a->n_strategies && strcmp(a->strategies[i], name))
		i++;
	if (i < a->n_strategies)
		return i;
	if (i == SFE_ANALYZE_MAX_STRATEGIES) /* of a capture that somebody made up */
		return SFE_NO_STRATEGY;
	void *more = reallocarray(a->strategies, i + 1, sizeof(*a->strategies));
	if (!more)
		return SFE_NO_STRATEGY;
	a->strategies = more;
	snprintf(a->strategies[i], sizeof(a->strategies[i]), "%s", name);
	a->n_strategies++;
	return i;
}

static struct key key_of(const struct sfe_tally *t)
{
	return (struct key){t->capture, t->id};
}

/* The slot that has the key, or the empty one where it belongs. */
static uint32_t slot_of(
	struct sfe_tally *const *slots, uint32_t n, const struct key *key, uint64_t seed)
{
	uint32_t at = (uint32_t)XXH3_64bits_withSeed(key, sizeof(*key), seed) & (n - 1);

	for (; slots[at]; at = (at + 1) & (n - 1)) {
		struct key there = key_of(slots[at]);
		if (!memcmp(&there, key, sizeof(there)))
			break;
	}
	return at;
}

static bool grow(struct sfe_analysis *a)
{
	uint32_t n = a->tally_slots ? 2 * a->tally_slots : 64;
	struct sfe_tally **slots = calloc(n, sizeof(*slots));
	void *list = reallocarray(a->tallies, n / 2, sizeof(*a->tallies));

	if (list)
		a->tallies = list;
	if (!slots || !list) {
		free(slots);
		return false;
	}
	for (uint32_t i = 0; i < a->n_tallies; i++) {
		struct key key = key_of(a->tallies[i]);
		slots[slot_of(slots, n, &key, a->hash_seed)] = a->tallies[i];
	}
	free(a->tally_hash);
	a->tally_hash = slots;
	a->tally_slots = n;
	return true;
}

struct sfe_tally *sfe_tally_of(
	struct sfe_analysis *a, uint32_t capture, const struct sfe_message_id *id)
{
	const struct key key = {capture, *id};

	if (2 * (a->n_tallies + 1) > a->tally_slots && !grow(a)) {
		a->no_memory = true;
		return NULL;
	}
	uint32_t at = slot_of(a->tally_hash, a->tally_slots, &key, a->hash_seed);
	if (a->tally_hash[at])
		return a->tally_hash[at];
	struct sfe_tally *t = calloc(1, sizeof(*t));
	if (!t) {
		a->no_memory = true;
		return NULL;
	}
	*t = (struct sfe_tally){.capture = capture, .id = *id};
	a->tally_hash[at] = a->tallies[a->n_tallies++] = t;
	return t;
}

static bool grow_seen(struct sfe_analysis *a)
{
	uint64_t n = a->seen_slots ? 2 * a->seen_slots : 1024;
	uint64_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return false;
	for (uint64_t i = 0; i < a->seen_slots; i++) {
		uint64_t at = a->seen[i] & (n - 1);
		if (!a->seen[i])
			continue;
		while (slots[at])
			at = (at + 1) & (n - 1);
		slots[at] = a->seen[i];
	}
	free(a->seen);
	a->seen = slots;
	a->seen_slots = n;
	return true;
}

bool sfe_tally_first_seen(struct sfe_analysis *a, const struct sfe_flow *flow, unsigned direction,
	const struct sfe_message_id *message, uint32_t seq)
{
	/* The sequence number is the same at every capture point. */
	struct {
		struct sfe_socket from, to;
		uint32_t seq;
		struct sfe_message_id message;
	} id;

	memset(&id, 0, sizeof(id));
	id.from = *sfe_flow_end(flow, direction);
	id.to = *sfe_flow_end(flow, !direction);
	id.seq = seq;
	id.message = *message;
	uint64_t hash = XXH3_64bits_withSeed(&id, sizeof(id), a->hash_seed);
	hash += !hash; /* 0 marks an empty slot */
	if (2 * (a->n_seen + 1) > a->seen_slots && !grow_seen(a)) {
		a->no_memory = true;
		return false;
	}
	uint64_t at = hash & (a->seen_slots - 1);
	for (; a->seen[at]; at = (at + 1) & (a->seen_slots - 1))
		if (a->seen[at] == hash)
			return false;
	a->seen[at] = hash;
	a->n_seen++;
	return true;
}

static int compare(const void *x, const void *y)
{
	const struct sfe_tally *a = *(struct sfe_tally *const *)x,
			       *b = *(struct sfe_tally *const *)y;
	const uint32_t p[] = {
		a->capture, a->id.strategy, a->id.job, a->id.step, a->id.kind, a->id.after};
	const uint32_t q[] = {
		b->capture, b->id.strategy, b->id.job, b->id.step, b->id.kind, b->id.after};

	for (unsigned i = 0; i < sizeof(p) / sizeof(p[0]); i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

void sfe_tally_sort(struct sfe_analysis *a)
{
	if (a->n_tallies)
		qsort(a->tallies, a->n_tallies, sizeof(*a->tallies), compare);
}
