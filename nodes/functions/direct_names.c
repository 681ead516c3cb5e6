/* SPDX-License-Identifier: MIT */
#include "nodes/functions/direct_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/shared_names.h"
#include "nodes/base/array.h"

struct direct_name *direct_names_find(struct direct_names *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->of[i].name, name))
			return &all->of[i];
	if (array_reserve((void **)&all->of, all->n, &all->room, sizeof(*all->of)))
		return NULL;
	struct direct_name *n = &all->of[all->n++];
	*n = (struct direct_name){0};
	snprintf(n->name, sizeof(n->name), "%s", name);
	return n;
}

/* Whether the function may not create this one. */
static bool is_full(const struct direct_names *all, const struct direct_name *wanted)
{
	size_t created = 0;

	for (size_t i = 0; i < all->n; i++)
		created += !all->of[i].file && all->of[i].version > 0;
	return !wanted->file && !wanted->version && created == SFE_MOST_CREATED;
}

/* A copy: the function may write to it. 0 or -ENOMEM. */
static int get(const struct direct_name *n, struct buffer_pool *buffers, struct slice *out)
{
	int r = slice_new(buffers, n->bytes.size, out);

	if (!r && n->bytes.size)
		memcpy(out->data, n->bytes.data, n->bytes.size);
	return r;
}

static void change(struct direct_name *n, bool there, struct slice *bytes)
{
	slice_drop(&n->bytes);
	n->bytes = slice_move(bytes);
	n->there = there;
	n->version++;
}

void direct_names_use(
	struct direct_names *all, struct buffer_pool *buffers, struct function_request *q)
{
	struct direct_name *n = direct_names_find(all, q->state);

	q->code = !n                             ? -ENOMEM
		  : q->access == SFE_BY_NAME_PUT ? (is_full(all, n) ? -ENOSPC : 0)
		  : !n->there                    ? -ENOENT
		  : q->access == SFE_BY_NAME_GET ? get(n, buffers, &q->output)
						 : 0;
	if (q->code == -ENOMEM)
		snprintf(q->reason, sizeof(q->reason), "out of memory for the state %.64s",
			q->state);
	else if (!q->code && q->access != SFE_BY_NAME_GET)
		change(n, q->access == SFE_BY_NAME_PUT, &q->argument);
	q->version = n ? n->version : 0;
	slice_drop(&q->argument);
}

void direct_names_clear(struct direct_names *all)
{
	for (size_t i = 0; i < all->n; i++)
		slice_drop(&all->of[i].bytes);
	free(all->of);
	*all = (struct direct_names){0};
}
