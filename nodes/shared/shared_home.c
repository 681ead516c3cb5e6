/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_home.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/base/array.h"
#include "nodes/base/wide_xxh3.h"

struct shared_effect {
	uint32_t job, step, number;
	uint32_t deletes; /* 1: nothing is there in its version */
	uint64_t path;
	uint64_t version;
};
_Static_assert(sizeof(struct shared_effect) == SHARED_EFFECT_BYTES, "as in messages");

struct shared_before { /* an earlier version of this epoch */
	bool there;
	uint64_t number;
	struct slice content;
};

void shared_home_begin(struct shared_home *h, struct slice content)
{
	h->there = true;
	h->absent = false;
	h->version.epoch += h->lost > 0;
	h->version.number = 0;
	h->copied_epoch = h->version.epoch;
	h->lost = 0;
	h->content = content;
	h->digest = XXH3_64bits(content.data, content.size);
}

static bool is_same(const struct shared_effect *x, const struct shared_effect *y)
{
	return x->job == y->job && x->step == y->step && x->path == y->path &&
	       x->number == y->number;
}

/* The slot of the same effect, or the free one where it belongs. */
static uint32_t *find(const struct shared_home *h, const struct shared_effect *wanted)
{
	uint64_t key = (wanted->path << 20 ^ wanted->number) * 0xd6e8feb86659fd93ull;
	key = (((uint64_t)wanted->job << 32 | wanted->step) ^ key) * 0x9e3779b97f4a7c15ull;
	size_t at = (size_t)(key >> 32) & (h->n_slots - 1);

	while (h->slots[at] && !is_same(&h->effects[h->slots[at] - 1], wanted))
		at = (at + 1) & (h->n_slots - 1);
	return &h->slots[at];
}

/* Room for one more: at least half of the slots stay free. */
static int grow(struct shared_home *h)
{
	size_t n = h->n_slots ? 2 * h->n_slots : 16;

	if (h->n_effects >= UINT32_MAX - 1 ||
		array_reserve((void **)&h->effects, h->n_effects, &h->room, sizeof(*h->effects)))
		return -ENOMEM;
	if (2 * (h->n_effects + 1) <= h->n_slots)
		return 0;
	uint32_t *more = calloc(n, sizeof(*more));
	if (!more)
		return -ENOMEM;
	free(h->slots);
	h->slots = more;
	h->n_slots = n;
	for (size_t i = 0; i < h->n_effects; i++)
		*find(h, &h->effects[i]) = (uint32_t)(i + 1);
	return 0;
}

/* The next change, for which there is room, at its slot. */
static void add_effect(struct shared_home *h, uint32_t *slot, const struct shared_effect *effect)
{
	h->effects[h->n_effects++] = *effect;
	*slot = (uint32_t)h->n_effects;
	h->n_named += effect->number > 0;
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

/* ---- changes of ranges */

/* The version that they are of; NULL: it is not here any more. */
static const struct slice *base_of(const struct shared_home *h, const struct shared_version *read)
{
	if (is_newest(h, read))
		return &h->content;
	for (uint32_t i = 0; h->before && read->epoch == h->version.epoch && i < SHARED_MAX_BEFORE;
		i++)
		if (h->before[i].there && h->before[i].number == read->number)
			return &h->before[i].content;
	return NULL;
}

bool shared_home_since(
	const struct shared_home *h, const struct shared_version *held, struct changes *since)
{
	const struct slice *base = base_of(h, held);

	*since = (struct changes){.base = held->number, .size = h->content.size};
	if (!base)
		return false;
	changes_compare(since, base, &h->content);
	return changes_bytes(since) < h->content.size;
}

/* The whole content, from the ranges of it. 0 or why not: then the content stays. */
static int make_whole(const struct changes *changes, struct buffer_pool *buffers,
	const struct slice *base, struct slice *content)
{
	struct slice whole;
	int r = base ? changes_apply(changes, buffers, base, content, &whole) : -ENODATA;

	if (r)
		return r;
	slice_drop(content);
	*content = whole;
	return 0;
}

static void drop_before(struct shared_before *before)
{
	slice_drop(&before->content);
	before->there = false;
}

/* Keeps the content, which is replaced now, and drops the earliest ones where it is too much. */
static int keep_before(struct shared_home *h)
{
	uint64_t bytes = 0;

	if (!h->before)
		h->before = calloc(SHARED_MAX_BEFORE, sizeof(*h->before));
	if (!h->before)
		return -ENOMEM;
	for (uint64_t i = 0; i < SHARED_MAX_BEFORE; i++) {
		struct shared_before *b =
			&h->before[(h->version.number + SHARED_MAX_BEFORE - i) % SHARED_MAX_BEFORE];
		if (!i) {
			drop_before(b);
			*b = (struct shared_before){
				true, h->version.number, slice_move(&h->content)};
		}
		bytes += b->there ? b->content.size : 0;
		if (bytes > SHARED_MAX_BEFORE_BYTES)
			drop_before(b);
	}
	return 0;
}

/* ---- the home */

static void take_effect(struct shared_home *h, const struct shared_change *change,
	struct slice *content, struct shared_result *result)
{
	/* Who read a version of an earlier epoch has seen nothing that is here. */
	bool seen =
		change->read.epoch == h->version.epoch && change->read.number <= h->version.number;

	if (change->access == SFE_UPDATE)
		result->unseen = h->version.number - (seen ? change->read.number : 0);
	h->version.number++;
	h->copied_epoch = h->version.epoch;
	h->restored = false;
	h->absent = change->deletes;
	slice_drop(&h->content);
	h->content = slice_move(content);
	h->digest = XXH3_64bits(h->content.data, h->content.size);
	result->outcome = SFE_SHARED_WRITTEN;
	result->made = h->version;
}

int shared_home_change(struct shared_home *h, const struct shared_change *change,
	struct slice *content, struct shared_result *result)
{
	int r = grow(h);

	*result = (struct shared_result){.made = h->version};
	if (r) {
		slice_drop(content);
		return r;
	}
	struct shared_effect wanted = {change->job, change->step, change->number, change->deletes,
		change->path, h->version.number + 1};
	uint32_t *slot = find(h, &wanted);
	if (*slot) {
		result->outcome = SFE_SHARED_REPEATED;
		result->made.number = h->effects[*slot - 1].version;
		slice_drop(content);
		return 0;
	}
	if ((change->deletes && h->absent) || is_late(h, change)) {
		result->outcome =
			change->deletes && h->absent ? SFE_SHARED_ABSENT : SFE_SHARED_CONFLICT;
		slice_drop(content);
		return 0;
	}
	r = change->full ? -ENOSPC : 0;
	if (!r && change->changes)
		r = make_whole(
			change->changes, change->buffers, base_of(h, &change->read), content);
	if (!r && change->keeps)
		r = keep_before(h);
	if (r) {
		slice_drop(content);
		return r;
	}
	add_effect(h, slot, &wanted);
	take_effect(h, change, content, result);
	return 0;
}

/* ---- copies */

static void forget(struct shared_home *h)
{
	free(h->effects);
	free(h->slots);
	h->effects = NULL;
	h->slots = NULL;
	h->n_effects = h->room = h->n_slots = 0;
	h->n_named = 0;
}

/* The i-th of the changes that are behind the content. */
static struct shared_effect effect_at(const struct slice *behind, uint64_t i)
{
	struct shared_effect effect;

	memcpy(&effect, behind->data + i * sizeof(effect), sizeof(effect));
	return effect;
}

/* Whether they are those of the last versions, one for each. */
static bool are_changes(const struct shared_copied *copied, const struct slice *behind)
{
	uint64_t n = copied->n_effects;

	if (n > copied->version.number)
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (effect_at(behind, i).version != copied->version.number - n + 1 + i)
			return false;
	return true;
}

/* Remembers the changes after the version that is here; from the first on, if all have come. */
static int remember(
	struct shared_home *h, const struct shared_copied *copied, const struct slice *behind)
{
	const struct shared_effect named = {
		.job = copied->job, .step = copied->step, .version = copied->version.number};
	uint64_t n = copied->n_effects ? copied->n_effects : 1;

	if (n == copied->version.number)
		forget(h);
	for (uint64_t i = 0; i < n; i++) {
		struct shared_effect effect = copied->n_effects ? effect_at(behind, i) : named;
		if (effect.version <= h->n_effects)
			continue;
		if (grow(h))
			return -ENOMEM;
		add_effect(h, find(h, &effect), &effect);
		h->absent = effect.deletes;
	}
	return 0;
}

/* Brings the copy to that version. 0 or why that cannot be; out of memory, it is gone. */
static int take_copy(
	struct shared_home *h, const struct shared_copied *copied, struct slice *content)
{
	const struct shared_version *v = &copied->version;
	uint64_t n = copied->n_effects ? copied->n_effects : 1;
	bool same = h->there && h->version.epoch == v->epoch;
	struct slice behind;

	if (copied->n_effects > content->size / sizeof(struct shared_effect))
		return -EBADMSG;
	content->size -= copied->n_effects * sizeof(struct shared_effect);
	behind = (struct slice){.data = content->data + content->size};
	if (!are_changes(copied, &behind))
		return -EBADMSG;
	if (n < v->number && !(same && h->version.number + n >= v->number))
		return -ENODATA;
	if (copied->changes && !(same && h->version.number + 1 == v->number))
		return -ENODATA;
	/* The changes are read before the buffer that they are in is replaced. */
	if (copied->changes) {
		struct slice whole;
		int r = changes_apply(
			copied->changes, copied->buffers, &h->content, content, &whole);
		if (r)
			return r;
		slice_drop(&h->content);
		h->content = whole;
	} else {
		slice_drop(&h->content);
		h->content = slice_part(content, 0, content->size);
	}
	if (!remember(h, copied, &behind))
		return 0;
	shared_home_clear(h);
	return -ENOMEM;
}

int shared_home_copy(
	struct shared_home *h, const struct shared_copied *copied, struct slice *content)
{
	const struct shared_version *v = &copied->version;
	bool newer = !h->there || h->version.epoch < v->epoch ||
		     (h->version.epoch == v->epoch && h->version.number < v->number);
	int r = newer ? take_copy(h, copied, content) : 0;

	slice_drop(content);
	if (r || !newer)
		return r;
	h->there = true;
	h->version = *v;
	h->digest = XXH3_64bits(h->content.data, h->content.size);
	return 0;
}

int shared_home_effects(const struct shared_home *h, uint64_t after, struct buffer_pool *buffers,
	struct slice *effects)
{
	size_t n = after < h->n_effects ? h->n_effects - (size_t)after : 0;

	if (slice_new(buffers, n * sizeof(*h->effects), effects))
		return -ENOMEM;
	if (n)
		memcpy(effects->data, h->effects + after, n * sizeof(*h->effects));
	return 0;
}

bool shared_home_is_whole(const struct shared_home *h, const struct shared_home *copy)
{
	return copy->there &&
	       (copy->version.epoch > h->copied_epoch ||
		       (copy->version.epoch == h->copied_epoch && copy->version.number >= h->lost));
}

void shared_home_restore(struct shared_home *h, struct shared_home *copy)
{
	uint32_t epoch =
		h->version.epoch > copy->version.epoch ? h->version.epoch : copy->version.epoch;

	shared_home_clear(h);
	*h = *copy;
	h->copied_epoch = h->version.epoch;
	h->version.epoch = epoch + 1;
	h->restored = true;
	*copy = (struct shared_home){0};
}

void shared_home_crash(struct shared_home *h)
{
	const struct shared_home lost = {.version.epoch = h->version.epoch,
		.lost = h->there ? h->version.number : h->lost,
		.copied_epoch = h->copied_epoch};

	shared_home_clear(h);
	*h = lost;
}

void shared_home_clear(struct shared_home *h)
{
	for (uint32_t i = 0; h->before && i < SHARED_MAX_BEFORE; i++)
		slice_drop(&h->before[i].content);
	free(h->before);
	slice_drop(&h->content);
	free(h->effects);
	free(h->slots);
	*h = (struct shared_home){0};
}
