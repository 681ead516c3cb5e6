/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "nodes/wire.h"

#define REFUSE(...) (snprintf(why, room, __VA_ARGS__), -EBADMSG)

static int check_place(const struct worker *w, const struct http_head *head, enum wire_kind kind,
	char *why, size_t room)
{
	const struct sfe_deployment *d = w->deployment;
	const unsigned needed = HEAD_JOB | HEAD_STEP | HEAD_FROM | HEAD_STRATEGY;

	if ((head->fields & needed) != needed)
		return REFUSE("sfemu-job, -step, -from or -strategy is missing");
	if (strcmp(head->strategy, d->strategy->name))
		return REFUSE("the strategy here is %s, not %s", d->strategy->name, head->strategy);
	if (head->job >= d->n_jobs)
		return REFUSE("no job %" PRIu32, head->job);
	if (head->step >= worker_job(w, head->job)->n_steps)
		return REFUSE("job %" PRIu32 " has no step %" PRIu32, head->job, head->step);
	if (head->from >= d->n_nodes)
		return REFUSE("no node %" PRIu32, head->from);
	if (kind == WIRE_CALL && d->jobs[head->job].node[head->step] != w->node)
		return REFUSE("step %" PRIu32 " of job %" PRIu32 " is not placed here", head->step,
			head->job);
	if (head->request && kind == WIRE_RETURN && d->jobs[head->job].client != w->node)
		return REFUSE("job %" PRIu32 " is not of this client", head->job);
	return 0;
}

static int check_parts(const struct worker *w, const struct http_head *head, enum wire_kind kind,
	char *why, size_t room)
{
	const struct sfe_job *job = worker_job(w, head->job);
	const struct sfe_step *step = &job->steps[head->step];
	uint64_t value = kind == WIRE_CALL ? step->arg_bytes : step->out_bytes, total = 0;

	if (!head->parts.n || head->parts.items[0].state != HEAD_ARG)
		return REFUSE("sfemu-parts without arg");
	for (uint32_t i = 0; i < head->parts.n; i++) {
		const struct head_item *part = &head->parts.items[i];
		if (part->state != HEAD_ARG && part->state >= job->n_states)
			return REFUSE(
				"job %" PRIu32 " has no state %" PRIu32, head->job, part->state);
		uint64_t size = part->state == HEAD_ARG ? value : job->state_bytes[part->state];
		if (part->value != size)
			return REFUSE("part %" PRIu32 " has %" PRIu64 " bytes, not %" PRIu64, i,
				part->value, size);
		total += size; /* at most 1001 terms of 2^40 */
	}
	if (total != head->body_bytes)
		return REFUSE("the parts make %" PRIu64 " bytes, the body has %" PRIu64, total,
			head->body_bytes);
	return 0;
}

int wire_check(const struct worker *w, const struct http_head *head, enum wire_kind kind, char *why,
	size_t room)
{
	int r = check_place(w, head, kind, why, room);

	if (r)
		return r;
	if (head->fields & HEAD_STATUS) /* a failure has no parts */
		return head->body_bytes ? REFUSE("a failure with a body") : 0;
	r = check_parts(w, head, kind, why, room);
	if (r)
		return r;
	for (uint32_t i = 0; i < head->holders.n; i++) {
		if (head->holders.items[i].state >= worker_job(w, head->job)->n_states ||
			head->holders.items[i].value >= w->deployment->n_nodes)
			return REFUSE("sfemu-holders names a state or a node that is not there");
	}
	return 0;
}

/* Both lists are in order: one pass. */
static uint64_t version_of(const struct head_list *versions, uint32_t *at, uint32_t state)
{
	while (*at < versions->n && versions->items[*at].state < state)
		++*at;
	return *at < versions->n && versions->items[*at].state == state ? versions->items[*at].value
									: 0;
}

int wire_unpack(const struct worker *w, const struct http_head *head, const struct slice *body,
	struct package *out)
{
	uint64_t offset = 0;
	uint32_t at = 0;
	int r = package_init(out, w->deployment, head->job);

	if (r)
		return r;
	out->step = head->step;
	out->attempt = head->attempt;
	for (uint32_t i = 0; i < head->parts.n; i++) {
		const struct head_item *part = &head->parts.items[i];
		struct slice bytes = slice_part(body, offset, part->value);
		offset += part->value;
		if (part->state == HEAD_ARG)
			out->value = bytes;
		else
			package_put(out, part->state, bytes,
				version_of(&head->versions, &at, part->state));
	}
	for (uint32_t i = 0; i < head->holders.n; i++) {
		const struct head_item *holder = &head->holders.items[i];
		if (!out->states[holder->state].here)
			out->states[holder->state].holder = (uint32_t)holder->value;
	}
	return 0;
}
