/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_home.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct shared_effect {
	uint32_t job, step;
	uint64_t version; /* 0: the slot is free */
};
_Static_assert(sizeof(struct shared_effect) == SHARED_EFFECT_BYTES, "as in messages");

void shared_home_begin(struct shared_home *h, struct slice content)
{
	h->there = true;
	h->version.epoch += h->lost > 0;
	h->version.number = 0;
	h->lost = 0;
	h->content = content;
	h->digest = XXH3_64bits(content.data, content.size);
}

/* The effect of the step, or the free slot where it belongs. */
static struct shared_effect *find(const struct shared_home *h, uint32_t job, uint32_t step)
{
	uint64_t key = ((uint64_t)job << 32 | step) * 0x9e3779b97f4a7c15ull;
	size_t at = (size_t)(key >> 32) & (h->room - 1);

	while (h->effects[at].version && (h->effects[at].job != job || h->effects[at].step != step))
		at = (at + 1) & (h->room - 1);
	return &h->effects[at];
}

/* Room for one more: at least half of the slots stay free. */
static int grow(struct shared_home *h)
{
	size_t old = h->room, room = old ? 2 * old : 16;
	struct shared_effect *before = h->effects;

	if (2 * (h->n_effects + 1) <= old)
		return 0;
	struct shared_effect *more = calloc(room, sizeof(*more));
	if (!more)
		return -ENOMEM;
	h->effects = more;
	h->room = room;
	for (size_t i = 0; i < old; i++)
		if (before[i].version)
			*find(h, before[i].job, before[i].step) = before[i];
	free(before);
	return 0;
}

static bool is_newest(const struct shared_home *h, const struct shared_version *v)
{
	return v->epoch == h->version.epoch && v->number == h->version.number;
}

int shared_home_change(struct shared_home *h, const struct shared_change *change,
	struct slice *content, struct shared_result *result)
{
	bool update = change->access == SFE_UPDATE;

	*result = (struct shared_result){.made = h->version};
	if (grow(h)) {
		slice_drop(content);
		return -ENOMEM;
	}
	struct shared_effect *effect = find(h, change->job, change->step);
	if (effect->version) {
		result->outcome = SFE_SHARED_REPEATED;
		result->made.number = effect->version;
		slice_drop(content);
		return 0;
	}
	if (update && change->consistency == SFE_FIRST_WRITE && !is_newest(h, &change->read)) {
		result->outcome = SFE_SHARED_CONFLICT;
		slice_drop(content);
		return 0;
	}
	/* Who read a version of an earlier epoch has seen nothing that is here. */
	bool seen =
		change->read.epoch == h->version.epoch && change->read.number <= h->version.number;
	if (update)
		result->unseen = h->version.number - (seen ? change->read.number : 0);
	h->version.number++;
	*effect = (struct shared_effect){change->job, change->step, h->version.number};
	h->n_effects++;
	slice_drop(&h->content);
	h->content = slice_move(content);
	h->digest = XXH3_64bits(h->content.data, h->content.size);
	result->outcome = SFE_SHARED_WRITTEN;
	result->made = h->version;
	return 0;
}

/* Remembers a change. 0 or -ENOMEM. */
static int remember(struct shared_home *h, uint32_t job, uint32_t step, uint64_t version)
{
	if (grow(h))
		return -ENOMEM;
	struct shared_effect *effect = find(h, job, step);
	h->n_effects += !effect->version;
	*effect = (struct shared_effect){job, step, version};
	return 0;
}

static void forget(struct shared_home *h)
{
	free(h->effects);
	h->effects = NULL;
	h->n_effects = h->room = 0;
}

/* The changes behind the content, which is cut there. */
static int take_effects(
	struct shared_home *h, const struct shared_copied *copied, struct slice *content)
{
	struct shared_effect effect;

	if (copied->n_effects > content->size / sizeof(effect))
		return -EBADMSG;
	content->size -= copied->n_effects * sizeof(effect);
	forget(h);
	for (uint64_t i = 0; i < copied->n_effects; i++) {
		memcpy(&effect, content->data + content->size + i * sizeof(effect), sizeof(effect));
		if (!effect.version || effect.version > copied->version.number)
			return -EBADMSG;
		if (remember(h, effect.job, effect.step, effect.version))
			return -ENOMEM;
	}
	return 0;
}

/* 0, or why the copy cannot be brought to that version. */
static int copy_effects(
	struct shared_home *h, const struct shared_copied *copied, struct slice *content)
{
	const struct shared_version *v = &copied->version;
	bool next = h->there && h->version.epoch == v->epoch && h->version.number + 1 == v->number;

	if (copied->n_effects)
		return take_effects(h, copied, content);
	if (v->number == 1)
		forget(h);
	else if (!next)
		return -ENODATA;
	return remember(h, copied->job, copied->step, v->number);
}

int shared_home_copy(
	struct shared_home *h, const struct shared_copied *copied, struct slice *content)
{
	const struct shared_version *v = &copied->version;
	bool newer = !h->there || h->version.epoch < v->epoch ||
		     (h->version.epoch == v->epoch && h->version.number < v->number);
	int r = newer ? copy_effects(h, copied, content) : 0;

	if (r || !newer) {
		slice_drop(content);
		if (r && r != -ENODATA)
			shared_home_clear(h);
		return r;
	}
	slice_drop(&h->content);
	h->there = true;
	h->version = *v;
	h->content = slice_move(content);
	h->digest = XXH3_64bits(h->content.data, h->content.size);
	return 0;
}

int shared_home_effects(
	const struct shared_home *h, struct buffer_pool *buffers, struct slice *effects)
{
	size_t at = 0;

	if (slice_new(buffers, h->n_effects * sizeof(*h->effects), effects))
		return -ENOMEM;
	for (size_t i = 0; i < h->room; i++)
		if (h->effects[i].version)
			memcpy(effects->data + sizeof(*h->effects) * at++, &h->effects[i],
				sizeof(*h->effects));
	return 0;
}

void shared_home_restore(struct shared_home *h, struct shared_home *copy)
{
	uint32_t epoch =
		h->version.epoch > copy->version.epoch ? h->version.epoch : copy->version.epoch;

	shared_home_clear(h);
	*h = *copy;
	h->version.epoch = epoch + 1;
	*copy = (struct shared_home){0};
}

void shared_home_crash(struct shared_home *h)
{
	const struct shared_home lost = {
		.version.epoch = h->version.epoch, .lost = h->there ? h->version.number : h->lost};

	shared_home_clear(h);
	*h = lost;
}

void shared_home_clear(struct shared_home *h)
{
	slice_drop(&h->content);
	free(h->effects);
	*h = (struct shared_home){0};
}
