/* SPDX-License-Identifier: MIT */
#include "nodes/http/wire_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"

#define REFUSE(...) (snprintf(why, room, __VA_ARGS__), -EBADMSG)

static int check_place(const struct wire *w, const struct http_head *head, enum wire_kind kind,
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
	if (head->step >= wire_job(w, head->job)->n_steps)
		return REFUSE("job %" PRIu32 " has no step %" PRIu32, head->job, head->step);
	if (head->from >= d->n_nodes)
		return REFUSE("no node %" PRIu32, head->from);
	if (kind == WIRE_CALL && d->jobs[head->job].node[head->step] != w->node)
		return REFUSE("step %" PRIu32 " of job %" PRIu32 " is not placed here", head->step,
			head->job);
	if (head->request && kind == WIRE_RETURN && d->jobs[head->job].client != w->node)
		return REFUSE("job %" PRIu32 " is not of this client", head->job);
	/* Each attempt uses memory here, so there may be no more of them than the policy allows. */
	if (head->attempt - 1 > d->retry.retries)
		return REFUSE("attempt %" PRIu32 ", with %" PRIu32 " retries", head->attempt,
			d->retry.retries);
	const char *function =
		d->function_names[wire_job(w, head->job)->steps[head->step].function];
	if (head->fields & HEAD_FUNCTION && strcmp(head->function, function))
		return REFUSE("step %" PRIu32 " is of function %s", head->step, function);
	return 0;
}

/* The edge that a call belongs to is said where steps call each other and there are several. */
static int check_edge(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	char *why, size_t room)
{
	const struct sfe_job *job = wire_job(w, head->job);
	bool named = job->graph && kind == WIRE_CALL &&
		     !deployment_rules(w->deployment, head->job)->client_invokes &&
		     sfe_steps_before(job, head->step);

	if (named != !!(head->fields & HEAD_AFTER))
		return REFUSE("sfemu-after is %s", named ? "missing" : "not for this message");
	if (named &&
		(head->after >= job->n_steps || !sfe_step_precedes(job, head->after, head->step)))
		return REFUSE(
			"step %" PRIu32 " does not follow step %" PRIu32, head->step, head->after);
	return 0;
}

bool wire_may_be_partial(const struct wire *w, uint32_t job, uint32_t step, uint32_t state)
{
	const struct sfe_job *j = wire_job(w, job);
	uint32_t i = sfe_step_find(&j->steps[step], state);

	return j->declared && w->deployment->jobs[job].sizes_vary && i < j->steps[step].n_deps &&
	       sfe_step_access(&j->steps[step], i) == SFE_UPDATE;
}

/* Under strategies whose steps call each other, changes are those since the client's version;
 * else, those of the one step. */
static bool check_change(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	const struct head_changed *c)
{
	const struct sfe_job *job = wire_job(w, head->job);

	if (c->state >= job->n_states || !changes_are_valid(&c->changes, HEAD_MAX_BODY_BYTES))
		return false;
	if (deployment_rules(w->deployment, head->job)->client_invokes)
		return kind == WIRE_RETURN &&
		       wire_may_be_partial(w, head->job, head->step, c->state) &&
		       c->changes.base == sfe_version_before(job, c->state, head->step);
	return job->declared && w->deployment->jobs[head->job].sizes_vary && !c->changes.base;
}

static int check_changes(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	char *why, size_t room)
{
	for (uint32_t i = 0; i < head->changes.n; i++) {
		const struct head_changed *c = &head->changes.items[i];
		uint32_t at = 1;
		if (!check_change(w, head, kind, c))
			return REFUSE(
				"sfemu-changes of state %" PRIu32 " that cannot be", c->state);
		while (at < head->parts.n && head->parts.items[at].state != c->state)
			at++;
		uint64_t bytes = kind == WIRE_RETURN ? changes_bytes(&c->changes) : c->changes.size;
		if (at >= head->parts.n || head->parts.items[at].value != bytes)
			return REFUSE("sfemu-changes make other bytes of state %" PRIu32
				      " than sfemu-parts",
				c->state);
	}
	return 0;
}

/* The step that calls; SFE_CLIENT: the client does. */
static uint32_t caller_of(const struct wire *w, const struct http_head *head)
{
	if (deployment_rules(w->deployment, head->job)->client_invokes)
		return SFE_CLIENT;
	if (head->fields & HEAD_AFTER)
		return head->after;
	return head->step && !wire_job(w, head->job)->graph ? head->step - 1 : SFE_CLIENT;
}

static uint64_t value_bytes(const struct wire *w, const struct http_head *head, enum wire_kind kind)
{
	const struct sfe_job *job = wire_job(w, head->job);
	uint32_t from = caller_of(w, head);

	if (kind == WIRE_RETURN)
		return job->steps[head->step].out_bytes;
	return from == SFE_CLIENT ? job->steps[head->step].arg_bytes : job->steps[from].out_bytes;
}

static int check_parts(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	char *why, size_t room)
{
	const struct sfe_job *job = wire_job(w, head->job);
	uint64_t value = value_bytes(w, head, kind), total = 0;

	if (!head->parts.n || head->parts.items[0].state != HEAD_ARG)
		return REFUSE("sfemu-parts without arg");
	for (uint32_t i = 0; i < head->parts.n; i++) {
		const struct head_item *part = &head->parts.items[i];
		if (part->state != HEAD_ARG && part->state >= job->n_states)
			return REFUSE(
				"job %" PRIu32 " has no state %" PRIu32, head->job, part->state);
		uint64_t size = part->state == HEAD_ARG ? value : job->state_bytes[part->state];
		if (w->deployment->jobs[head->job].sizes_vary && part->value <= HEAD_MAX_BODY_BYTES)
			size = part->value;
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

/* The version of a state, 0 if none is given. States are asked for in ascending order, as in the
 * list: *at only moves on. */
static uint64_t version_of(const struct head_list *versions, uint32_t *at, uint32_t state)
{
	while (*at < versions->n && versions->items[*at].state < state)
		++*at;
	return *at < versions->n && versions->items[*at].state == state ? versions->items[*at].value
									: 0;
}

/* Exactly the states that go with a message under this strategy must be there: one more, which
 * another node holds, would then have two owners. */
static int check_carried(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	char *why, size_t room)
{
	uint32_t from = kind == WIRE_RETURN ? head->step : caller_of(w, head);
	uint32_t to = kind == WIRE_RETURN ? SFE_CLIENT : head->step, n = 1;

	for (uint32_t i = 0; i < wire_job(w, head->job)->n_states; i++) {
		bool there = n < head->parts.n && head->parts.items[n].state == i;
		bool carried = deployment_carries(w->deployment, head->job, i, from, to);
		if (carried && !there)
			return REFUSE(
				"state %" PRIu32 " did not come with step %" PRIu32, i, head->step);
		if (there && !carried)
			return REFUSE("state %" PRIu32 " does not come with step %" PRIu32
				      " under %s",
				i, head->step, w->deployment->strategy->name);
		n += there;
	}
	return 0;
}

/* How many of the steps before `done` change each state: an array, to be freed; NULL if out of
 * memory. */
static uint64_t *count_changes(const struct sfe_job *job, uint32_t done)
{
	uint64_t *versions = calloc(job->n_states, sizeof(*versions));

	for (uint32_t s = 0; versions && s < done; s++)
		for (uint32_t i = 0; i < job->steps[s].n_deps; i++)
			versions[job->steps[s].deps[i]] +=
				sfe_step_access(&job->steps[s], i) != SFE_READ;
	return versions;
}

/*
 * A state must have the version that this message brings. Where the client invokes each step, and
 * in a chain, that is the number of changes by steps of lower numbers.
 */
static int check_versions(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	char *why, size_t room)
{
	const struct sfe_job *job = wire_job(w, head->job);
	bool along = job->declared && !deployment_rules(w->deployment, head->job)->client_invokes;
	uint64_t *versions;
	uint32_t at = 0;
	int r = 0;

	if (head->parts.n < 2)
		return 0;
	versions = count_changes(job, head->step + (kind == WIRE_RETURN));
	if (!versions)
		return REFUSE("out of memory");
	for (uint32_t i = 1; !r && i < head->parts.n; i++) {
		uint32_t state = head->parts.items[i].state;
		uint64_t version = version_of(&head->versions, &at, state);
		uint64_t due = !along ? versions[state]
			       : kind == WIRE_RETURN
				       ? sfe_version_travelling(job, state, head->step, SFE_CLIENT)
				       : sfe_version_travelling(
						 job, state, caller_of(w, head), head->step);
		if (version != due)
			r = REFUSE("state %" PRIu32 " has version %" PRIu64 ", not %" PRIu64, state,
				version, due);
	}
	free(versions);
	return r;
}

int wire_check(const struct wire *w, const struct http_head *head, enum wire_kind kind, char *why,
	size_t room)
{
	int r = check_place(w, head, kind, why, room);

	if (r)
		return r;
	if (head->fields & HEAD_STATUS) /* a failure has no parts */
		return head->body_bytes ? REFUSE("a failure with a body") : 0;
	r = check_edge(w, head, kind, why, room);
	if (!r)
		r = check_parts(w, head, kind, why, room);
	if (!r)
		r = check_carried(w, head, kind, why, room);
	if (!r)
		r = check_versions(w, head, kind, why, room);
	if (!r)
		r = check_changes(w, head, kind, why, room);
	if (r)
		return r;
	for (uint32_t i = 0; i < head->holders.n; i++) {
		if (head->holders.items[i].state >= wire_job(w, head->job)->n_states ||
			head->holders.items[i].value >= w->deployment->n_nodes)
			return REFUSE("sfemu-holders names a state or a node that is not there");
	}
	return 0;
}

int wire_check_asked(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room)
{
	const unsigned needed = HEAD_STEP | HEAD_FROM | HEAD_STRATEGY | HEAD_VERSIONS;
	const struct sfe_deployment *d = w->deployment;

	if ((head->fields & needed) != needed)
		return REFUSE("sfemu-step, -from, -strategy or -versions is missing");
	if (strcmp(head->strategy, d->strategy->name))
		return REFUSE("the strategy here is %s, not %s", d->strategy->name, head->strategy);
	if (job >= d->n_jobs || (head->fields & HEAD_JOB && head->job != job))
		return REFUSE("no such job, or not that of sfemu-job");
	if (head->step >= wire_job(w, job)->n_steps || head->from >= d->n_nodes)
		return REFUSE("no such step or node");
	if (!deployment_rules(d, job)->keeper)
		return REFUSE("under this strategy no node keeps states for others");
	if (!head->versions.n)
		return REFUSE("sfemu-versions names no state");
	for (uint32_t i = 0; i < head->versions.n; i++) {
		const struct head_item *v = &head->versions.items[i];
		if (!sfe_step_reads(&wire_job(w, job)->steps[head->step], v->state))
			return REFUSE("step %" PRIu32 " does not read state %" PRIu32, head->step,
				v->state);
		if (v->value != sfe_version_before(wire_job(w, job), v->state, head->step))
			return REFUSE("step %" PRIu32 " does not get version %" PRIu64
				      " of state %" PRIu32,
				head->step, v->value, v->state);
	}
	return 0;
}

int wire_check_fetch(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room)
{
	int r = wire_check_asked(w, head, job, why, room);

	if (!r && head->from != w->deployment->jobs[job].node[head->step])
		return REFUSE(
			"step %" PRIu32 " does not run on node %" PRIu32, head->step, head->from);
	return r;
}

bool wire_check_states(const struct wire *w, const struct http_head *head,
	const struct job_place *at, uint32_t n, const uint32_t *states, uint64_t body_bytes)
{
	const struct sfe_job *job = wire_job(w, at->job);
	uint64_t total = 0;

	if (head->parts.n != n || head->versions.n != n)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct head_item *part = &head->parts.items[i];
		const struct head_item *version = &head->versions.items[i];
		if (part->state != states[i] || version->state != states[i] ||
			version->value != sfe_version_before(job, states[i], at->step) ||
			part->value > HEAD_MAX_BODY_BYTES ||
			(!w->deployment->jobs[at->job].sizes_vary &&
				part->value != job->state_bytes[states[i]]))
			return false;
		total += part->value;
	}
	return total == body_bytes;
}

/* What the head says of changes. */
static int unpack_changes(const struct http_head *head, enum wire_kind kind, struct package *out)
{
	for (uint32_t i = 0; i < head->changes.n; i++) {
		const struct head_changed *c = &head->changes.items[i];
		struct carried *s = &out->states[c->state];
		s->changes = malloc(sizeof(*s->changes));
		if (!s->changes)
			return -ENOMEM;
		*s->changes = c->changes;
		s->partial = kind == WIRE_RETURN;
	}
	return 0;
}

int wire_unpack(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	const struct slice *body, struct package *out)
{
	uint64_t offset = 0;
	uint32_t at = 0;
	int r = package_init(out, w->deployment, head->job);

	if (r)
		return r;
	out->step = head->step;
	out->attempt = head->attempt;
	out->after = head->fields & HEAD_AFTER ? head->after : SFE_CLIENT;
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
	r = unpack_changes(head, kind, out);
	if (r)
		package_drop(out);
	return r;
}
