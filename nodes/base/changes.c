/* SPDX-License-Identifier: MIT */
#include "nodes/base/changes.h"

#include <errno.h>
#include <string.h>

static uint64_t end_of(const struct change *c)
{
	return c->offset + c->bytes;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Joins the two ranges with the smallest gap between them. */
static void join_closest(struct change *range, uint32_t n)
{
	uint32_t at = 1;

	for (uint32_t i = 2; i < n; i++)
		if (range[i].offset - end_of(&range[i - 1]) <
			range[at].offset - end_of(&range[at - 1]))
			at = i;
	range[at - 1].bytes = end_of(&range[at]) - range[at - 1].offset;
	memmove(&range[at], &range[at + 1], (n - at - 1) * sizeof(*range));
}

void changes_add(struct changes *c, uint64_t offset, uint64_t bytes)
{
	struct change all[CHANGES_MAX + 1];
	uint64_t end = offset + bytes;
	uint32_t n = 0, i = 0;

	if (!bytes)
		return;
	for (; i < c->n && end_of(&c->range[i]) < offset; i++)
		all[n++] = c->range[i];
	for (; i < c->n && c->range[i].offset <= end; i++) { /* those that it meets */
		offset = smaller(offset, c->range[i].offset);
		end = end_of(&c->range[i]) > end ? end_of(&c->range[i]) : end;
	}
	all[n++] = (struct change){offset, end - offset};
	for (; i < c->n; i++)
		all[n++] = c->range[i];
	if (n > CHANGES_MAX)
		join_closest(all, n--);
	memcpy(c->range, all, n * sizeof(*all));
	c->n = n;
}

void changes_cut(struct changes *c, uint64_t size)
{
	while (c->n && c->range[c->n - 1].offset >= size)
		c->n--;
	if (c->n && end_of(&c->range[c->n - 1]) > size)
		c->range[c->n - 1].bytes = size - c->range[c->n - 1].offset;
}

/* How many bytes are the same from the start on. */
static uint64_t same_from_start(const uint8_t *a, const uint8_t *b, uint64_t n)
{
	const uint64_t block = 4096;
	uint64_t at = 0;

	while (n - at >= block && !memcmp(a + at, b + at, block))
		at += block;
	while (at < n && a[at] == b[at])
		at++;
	return at;
}

void changes_compare(struct changes *c, const struct slice *before, const struct slice *after)
{
	uint64_t both = smaller(before->size, after->size), end = after->size;
	uint64_t same = both ? same_from_start(before->data, after->data, both) : 0;

	while (before->size == after->size && end > same &&
		before->data[end - 1] == after->data[end - 1])
		end--;
	changes_cut(c, both);
	changes_add(c, same, end - same);
}

uint64_t changes_bytes(const struct changes *c)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < c->n; i++)
		bytes += c->range[i].bytes;
	return bytes;
}

bool changes_are_valid(const struct changes *c, uint64_t max)
{
	uint64_t at = 0;

	if (c->size > max || c->n > CHANGES_MAX)
		return false;
	for (uint32_t i = 0; i < c->n; i++) {
		const struct change *r = &c->range[i];
		if (!r->bytes || r->offset < at || r->offset > c->size ||
			r->bytes > c->size - r->offset)
			return false;
		at = end_of(r);
	}
	return true;
}

bool changes_are_all(const struct changes *c, const struct slice *before, const struct slice *after,
	uint64_t *other)
{
	uint64_t at = 0, both = smaller(before->size, after->size);

	for (uint32_t i = 0; i <= c->n && at < both; i++) {
		uint64_t next = i < c->n ? smaller(c->range[i].offset, both) : both;
		if (next > at && memcmp(before->data + at, after->data + at, next - at)) {
			while (before->data[at] == after->data[at])
				at++;
			if (other)
				*other = at;
			return false;
		}
		at = i < c->n ? end_of(&c->range[i]) : both;
	}
	return true;
}

/* Whether what is behind the base's end is in the ranges. */
static bool has_all_new(const struct changes *c, uint64_t base_bytes)
{
	uint64_t known = base_bytes;

	for (uint32_t i = 0; i < c->n && c->range[i].offset <= known; i++)
		known = end_of(&c->range[i]) > known ? end_of(&c->range[i]) : known;
	return known >= c->size;
}

int changes_apply(const struct changes *c, struct buffer_pool *pool, const struct slice *base,
	const struct slice *bytes, struct slice *out)
{
	uint64_t at = 0, kept = smaller(base->size, c->size);

	if (!has_all_new(c, base->size) || changes_bytes(c) != bytes->size)
		return -EBADMSG;
	int r = slice_new(pool, c->size, out);
	if (r)
		return r;
	if (kept)
		memcpy(out->data, base->data, kept);
	for (uint32_t i = 0; i < c->n; i++) {
		memcpy(out->data + c->range[i].offset, bytes->data + at, c->range[i].bytes);
		at += c->range[i].bytes;
	}
	return 0;
}
