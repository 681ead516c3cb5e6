/* SPDX-License-Identifier: MIT */
#include "nodes/http/head_changes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "nodes/http/head_number.h"

/* "/100+50" at *at. */
static bool range(const char **at, const char *end, struct changes *c)
{
	struct change *r = &c->range[c->n];

	if (c->n == CHANGES_MAX || !head_byte(at, end, '/') ||
		!head_number(at, end, UINT64_MAX, &r->offset) || !head_byte(at, end, '+') ||
		!head_number(at, end, UINT64_MAX, &r->bytes))
		return false;
	c->n++;
	return true;
}

/* "s0=3/70007/100+50/69000+7" at *at. */
static bool item(const char **at, const char *end, struct head_changed *out)
{
	uint64_t state;

	*out = (struct head_changed){0};
	if (!head_byte(at, end, 's') || !head_number(at, end, UINT32_MAX - 1, &state) ||
		!head_byte(at, end, '=') || !head_number(at, end, UINT64_MAX, &out->changes.base) ||
		!head_byte(at, end, '/') || !head_number(at, end, UINT64_MAX, &out->changes.size))
		return false;
	out->state = (uint32_t)state;
	while (*at < end && **at == '/')
		if (!range(at, end, &out->changes))
			return false;
	return true;
}

static int add(struct head_changes *list, const struct head_changed *one)
{
	if (list->n == HEAD_MAX_CHANGED ||
		(list->n && one->state <= list->items[list->n - 1].state))
		return -EBADMSG;
	if (!(list->n & (list->n - 1))) { /* room for the next power of two */
		size_t room = list->n ? 2 * (size_t)list->n : 1;
		struct head_changed *items = reallocarray(list->items, room, sizeof(*items));
		if (!items)
			return -ENOMEM;
		list->items = items;
	}
	list->items[list->n++] = *one;
	return 0;
}

int head_changes_read(struct head_changes *list, const char *text, size_t length)
{
	const char *p = text, *end = text + length;
	struct head_changed one;
	int r = 0;

	list->n = 0;
	do {
		if (!item(&p, end, &one))
			return -EBADMSG;
		r = add(list, &one);
		if (r || p == end)
			return r;
	} while (head_byte(&p, end, ',') && head_byte(&p, end, ' '));
	return -EBADMSG;
}

const struct changes *head_changes_find(const struct head_changes *list, uint32_t state)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->items[i].state == state)
			return &list->items[i].changes;
	return NULL;
}

void head_changes_add(struct text *text, uint32_t n, uint32_t state, const struct changes *c)
{
	text_add(text, "%ss%" PRIu32 "=%" PRIu64 "/%" PRIu64, n ? ", " : "sfemu-changes: ", state,
		c->base, c->size);
	for (uint32_t i = 0; i < c->n; i++)
		text_add(text, "/%" PRIu64 "+%" PRIu64, c->range[i].offset, c->range[i].bytes);
}
