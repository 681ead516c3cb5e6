/* SPDX-License-Identifier: MIT */
#include "nodes/functions/function_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/model/base/name_check.h"
#include "nodes/base/array.h"
#include "nodes/base/named_operation.h"

static struct function_name *find(struct function_names *all, const char *name)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (!strcmp(all->of[i].name, name))
			return &all->of[i];
	if (array_reserve((void **)&all->of, all->n, &all->room, sizeof(*all->of)))
		return NULL;
	struct function_name *n = &all->of[all->n++];
	*n = (struct function_name){0};
	snprintf(n->name, sizeof(n->name), "%s", name);
	return n;
}

struct function_name *function_names_use(
	struct function_names *all, const char *name, char reason[FUNCTION_REASON])
{
	const struct sfe_span span = {name, strnlen(name, SFE_CREATED_NAME)};
	struct sfe_error cause = {0};
	struct function_name *n = NULL;

	if (reason[0])
		return NULL;
	if (sfe_name_check(span, &cause))
		snprintf(reason, FUNCTION_REASON, "it uses a state by a text that is no name");
	else if (all->operations == NAMED_MOST_OPERATIONS)
		snprintf(reason, FUNCTION_REASON, "it uses states by name more than %u times",
			NAMED_MOST_OPERATIONS);
	else if (!(n = find(all, name)))
		snprintf(reason, FUNCTION_REASON, "out of memory for the name of a state");
	all->operations += !!n;
	return n;
}

void function_names_answered(
	struct function_name *n, uint32_t change, int code, uint32_t epoch, uint64_t version)
{
	bool knows = !code || (code == -ENOENT && !change);

	if (knows) {
		n->known = true;
		n->epoch = epoch;
		n->version = version;
	}
	n->changes += change && !code;
}

void function_names_clear(struct function_names *all)
{
	free(all->of);
	*all = (struct function_names){0};
}
