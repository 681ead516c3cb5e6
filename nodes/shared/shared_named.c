/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_named.h"

#include <errno.h>

#include "emu/model/workload/shared_names.h"
#include "nodes/shared/shared_store.h"

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
		out->home = sfe_shared_created_home(d->shared, d->strategy, d->store);
		break;
	case SFE_NAMED_DECLARED:
		out->home = deployment_home(d, out->instance);
		break;
	}
	return out->home < d->n_nodes ? NULL : "no node keeps it";
}

static void get(struct worker *w, const struct shared_access *access, struct named_result *result)
{
	const struct shared_home *h = shared_store_read(w, access);

	if (!h) {
		result->code = -ENOMEM;
		return;
	}
	result->code = h->absent ? -ENOENT : 0;
	result->epoch = h->version.epoch;
	result->version = h->version.number;
	if (!h->absent)
		result->content = slice_part(&h->content, 0, h->content.size);
}

static void change(struct worker *w, const struct shared_access *access,
	const struct shared_version *read, struct slice *content, struct named_result *result)
{
	struct shared_result made;
	int r = shared_store_change(w, access, read, content, &made);

	result->code = r                                     ? r
		       : made.outcome == SFE_SHARED_CONFLICT ? -EAGAIN
		       : made.outcome == SFE_SHARED_ABSENT   ? -ENOENT
							     : 0;
	if (r)
		return;
	result->epoch = made.made.epoch;
	result->version = made.made.number;
}

void shared_named_do(struct worker *w, const struct named_operation *o,
	const struct named_state *state, bool remote, struct slice *content,
	struct named_result *result)
{
	const struct shared_version read = {o->epoch, o->version};
	struct shared_access access = {.at = o->at,
		.instance = state->instance,
		.access = o->access,
		.path = o->path,
		.change = o->change,
		.unread = o->access != SFE_BY_NAME_GET && o->unread,
		.remote = remote};

	*result = (struct named_result){.instance = UINT32_MAX};
	if (state->created)
		result->code = shared_store_created(
			w, o->name, o->access == SFE_BY_NAME_PUT, &access.instance);
	if (result->code) {
		slice_drop(content);
		return;
	}
	result->instance = access.instance;
	if (o->access == SFE_BY_NAME_GET)
		get(w, &access, result);
	else
		change(w, &access, &read, content, result);
}
