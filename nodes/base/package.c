/* SPDX-License-Identifier: MIT */
#include "nodes/base/package.h"

#include <errno.h>
#include <stdlib.h>

int package_init(struct package *package, const struct sfe_deployment *deployment, uint32_t job)
{
	uint32_t n = deployment->jobs[job].job->n_states;

	*package = (struct package){.job = job, .attempt = 1, .after = SFE_CLIENT};
	package->states = calloc(n ? n : 1, sizeof(*package->states));
	if (!package->states)
		return -ENOMEM;
	package->n_states = n;
	return 0;
}

struct package package_move(struct package *from)
{
	struct package to = *from;

	*from = (struct package){0};
	return to;
}

void package_drop(struct package *package)
{
	slice_drop(&package->value);
	for (uint32_t i = 0; i < package->n_states; i++)
		package_remove(package, i);
	free(package->states);
	*package = (struct package){0};
}

void package_put(struct package *package, uint32_t state, struct slice bytes, uint64_t version)
{
	struct carried *carried = &package->states[state];

	package_remove(package, state);
	*carried = (struct carried){.here = true, .bytes = bytes, .version = version};
}

void package_share(
	struct package *package, uint32_t state, const struct slice *bytes, uint64_t version)
{
	package_put(package, state, slice_part(bytes, 0, bytes->size), version);
	package->states[state].shared = true;
}

int package_changed(struct package *package, uint32_t state, const struct changes *changes)
{
	struct carried *carried = &package->states[state];

	package_forget_changes(package, state);
	if (changes_bytes(changes) >= changes->size)
		return 0;
	carried->changes = malloc(sizeof(*changes));
	if (!carried->changes)
		return -ENOMEM;
	*carried->changes = *changes;
	return 0;
}

void package_forget_changes(struct package *package, uint32_t state)
{
	free(package->states[state].changes);
	package->states[state].changes = NULL;
}

void package_remove(struct package *package, uint32_t state)
{
	slice_drop(&package->states[state].bytes);
	free(package->states[state].changes);
	package->states[state] = (struct carried){0};
}

uint64_t package_bytes(const struct package *package)
{
	uint64_t total = package->value.size;

	for (uint32_t i = 0; i < package->n_states; i++)
		total += package->states[i].bytes.size;
	return total;
}
