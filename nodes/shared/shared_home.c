/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_home.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct shared_effect {
	uint32_t job, step, number;
	uint32_t deletes; /* 1: nothing is there in its version */
	uint64_t path;
	uint64_t version; /* 0: the slot is free */
};
_Static_assert(sizeof(struct shared_effect) == SHARED_EFFECT_BYTES, "as in messages");

void shared_home_begin(struct shared_home *h, struct slice content)
{
	h->there = true;
	h->absent = false;
	h->version.epoch += h->lost > 0;
	h->version.number = 0;
	h->lost = 0;
	h->content = content;
	h->digest = XXH3_64bits(content.data, content.size);
}

static bool is_same(const struct shared_effect *x, const struct shared_effect *y)
{
	return x->job == y->job && x->step == y->step && x->path == y->path &&
	       x->number == y->number;
}

/* The same effect, or the free slot where it belongs. */
static struct shared_effect *find(const struct shared_home *h, const struct shared_effect *wanted)
{
	uint64_t key = (wanted->path << 20 ^ wanted->number) * 0xd6e8feb86659fd93ull;
	key = (((uint64_t)wanted->job << 32 | wanted->step) ^ key) * 0x9e3779b97f4a7c15ull;
	size_t at = (size_t)(key >> 32) & (h->room - 1);

	while (h->effects[at].version && !is_same(&h->effects[at], wanted))
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
			*find(h, &before[i]) = before[i];
	free(before);
	return 0;
}

static bool is_newest(const struct shared_home *h, const struct shared_version *v)
{
	return v->epoch == h->version.epoch && v->number == h->version.number;
}

/* Another change was first, as the state's consistency sees it. */
static bool is_late(const struct shared_home *h, const struct shared_change *change)
{
	if (change->consistency != SFE_FIRST_WRITE)
		return false;
	return change->access == SFE_UPDATE ? !is_newest(h, &change->read)
					    : change->number && !h->absent;
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
	struct shared_effect wanted = {change->job, change->step, change->number, change->deletes,
		change->path, h->version.number + 1};
	struct shared_effect *effect = find(h, &wanted);
	if (effect->version) {
		result->outcome = SFE_SHARED_REPEATED;
		result->made.number = effect->version;
		slice_drop(content);
		return 0;
	}
	if ((change->deletes && h->absent) || is_late(h, change)) {
		result->outcome =
			change->deletes && h->absent ? SFE_SHARED_ABSENT : SFE_SHARED_CONFLICT;
		slice_drop(content);
		return 0;
	}
	/* Who read a version of an earlier epoch has seen nothing that is here. */
	bool seen =
		change->read.epoch == h->version.epoch && change->read.number <= h->version.number;
	if (update)
		result->unseen = h->version.number - (seen ? change->read.number : 0);
	h->version.number++;
	*effect = wanted;
	h->absent = change->deletes;
	h->n_effects++;
	slice_drop(&h->content);
	h->content = slice_move(content);
	h->digest = XXH3_64bits(h->content.data, h->content.size);
	result->outcome = SFE_SHARED_WRITTEN;
	result->made = h->version;
	return 0;
}

/* Remembers a change. 0 or -ENOMEM. */
static int remember(struct shared_home *h, const struct shared_effect *change)
{
	if (grow(h))
		return -ENOMEM;
	struct shared_effect *effect = find(h, change);
	h->n_effects += !effect->version;
	*effect = *change;
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
	struct shared_home taken = {0};
	struct shared_effect effect;
	int r = copied->n_effects > content->size / sizeof(effect) ? -EBADMSG : 0;

	if (!r)
		content->size -= copied->n_effects * sizeof(effect);
	for (uint64_t i = 0; i < copied->n_effects && !r; i++) {
		memcpy(&effect, content->data + content->size + i * sizeof(effect), sizeof(effect));
		r = !effect.version || effect.version > copied->version.number
			    ? -EBADMSG
			    : remember(&taken, &effect);
		taken.absent |= effect.deletes && effect.version == copied->version.number;
	}
	if (r) {
		forget(&taken);
		return r;
	}
	forget(h);
	h->effects = taken.effects;
	h->n_effects = taken.n_effects;
	h->room = taken.room;
	h->absent = taken.absent;
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
	h->absent = false;
	return remember(h, &(struct shared_effect){
				   .job = copied->job, .step = copied->step, .version = v->number});
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
