/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_named.h"

#include <errno.h>

#include "emu/model/workload/shared_names.h"

const char *shared_named_find(const struct sfe_deployment *d, uint32_t job, uint32_t function,
	const char *name, struct named_state *out)
{
	const struct sfe_named_job named = {d->jobs[job].workflow, deployment_job(d, job)};

	*out = (struct named_state){.instance = UINT32_MAX};
	if (!d->shared)
		return "there are no states that outlive jobs";
	switch (sfe_shared_named(d->shared, &named, function, name, &out->instance)) {
	case SFE_NAMED_OF_JOB:
		return "it is a state of the job: the step has to declare its use";
	case SFE_NAMED_NOBODYS:
		return "this function has no such state";
	case SFE_NAMED_CREATED:
		out->created = true;
		out->home = deployment_home(d, d->shared->n);
		break;
	case SFE_NAMED_DECLARED:
		out->home = deployment_home(d, out->instance);
		break;
	}
	return out->home < d->n_nodes ? NULL : "no node keeps it";
}

int shared_named_access(struct worker *w, const struct named_operation *o,
	const struct named_state *state, bool remote, struct shared_access *access)
{
	*access = (struct shared_access){.at = o->at,
		.instance = state->instance,
		.access = o->access,
		.path = o->path,
		.change = o->change,
		.unread = o->access != SFE_BY_NAME_GET && o->unread,
		.remote = remote};
	return state->created ? shared_store_created(
					w, o->name, o->access == SFE_BY_NAME_PUT, &access->instance)
			      : 0;
}

static int code_of(enum sfe_shared_outcome change)
{
	switch (change) {
	case SFE_SHARED_WRITTEN:
	case SFE_SHARED_REPEATED:
		return 0;
	case SFE_SHARED_CONFLICT:
		return -EAGAIN;
	case SFE_SHARED_ABSENT:
		return -ENOENT;
	default: /* of no change */
		return -EIO;
	}
}

struct named_result shared_named_result(const struct shared_access *access, int code,
	const struct shared_home *h, const struct shared_result *made)
{
	const bool gets = access->access == SFE_BY_NAME_GET;

	if (code)
		return (struct named_result){.code = code, .instance = UINT32_MAX};
	if (gets)
		return (struct named_result){.code = h->absent ? -ENOENT : 0,
			.instance = access->instance,
			.epoch = h->version.epoch,
			.version = h->version.number,
			.content = h->absent ? (struct slice){0}
					     : slice_part(&h->content, 0, h->content.size)};
	return (struct named_result){.code = code_of(made->outcome),
		.instance = access->instance,
		.epoch = made->made.epoch,
		.version = made->made.number};
}
