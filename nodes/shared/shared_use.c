/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_use.h"

#include <errno.h>
#include <stdlib.h>

struct shared_uses *shared_uses_new(const struct sfe_deployment *d, uint32_t job, uint32_t step)
{
	const struct sfe_shared_uses *declared = deployment_shared_uses(d, job, step);
	struct shared_uses *uses =
		calloc(1, sizeof(*uses) + declared->n * sizeof(struct shared_use));

	if (!uses)
		return NULL;
	uses->n = declared->n;
	for (uint32_t i = 0; i < uses->n; i++)
		uses->of[i] = (struct shared_use){
			.instance = deployment_shared(d, job, step, i),
			.access = (enum sfe_access)declared->of[i].access,
		};
	return uses;
}

void shared_uses_free(struct shared_uses *uses)
{
	if (!uses)
		return;
	for (uint32_t i = 0; i < uses->n; i++) {
		slice_drop(&uses->of[i].bytes);
		slice_drop(&uses->of[i].held);
	}
	package_drop(&uses->before);
	free(uses);
}

bool shared_uses_may_conflict(const struct sfe_deployment *d, const struct shared_use *use)
{
	return use->access == SFE_UPDATE &&
	       d->shared->states[d->shared->of[use->instance].state].consistency == SFE_FIRST_WRITE;
}

/* Another reference to everything in it: what changes a state makes a copy of it first. */
static int share(struct package *from, struct package *to)
{
	*to = *from;
	to->states = calloc((size_t)from->n_states + 1, sizeof(*to->states));
	if (!to->states) {
		*to = (struct package){0};
		return -ENOMEM;
	}
	to->value = slice_part(&from->value, 0, from->value.size);
	for (uint32_t i = 0; i < from->n_states; i++) {
		if (!from->states[i].here)
			continue;
		package_share(to, i, &from->states[i].bytes, from->states[i].version);
		if (from->states[i].changes && package_changed(to, i, from->states[i].changes))
			return -ENOMEM;
		from->states[i].shared = true;
	}
	return 0;
}

int shared_uses_save(struct shared_uses *uses, struct package *package)
{
	int r = uses->saved ? 0 : share(package, &uses->before);

	uses->saved |= !r;
	return r;
}

int shared_uses_restore(struct shared_uses *uses, struct package *package)
{
	struct package again;
	int r = share(&uses->before, &again);

	if (r) {
		package_drop(&again);
		return r;
	}
	for (uint32_t i = 0; i < uses->n; i++) {
		slice_drop(&uses->of[i].bytes);
		uses->of[i].here = uses->of[i].partial = false;
	}
	package_drop(package);
	*package = again;
	return 0;
}
