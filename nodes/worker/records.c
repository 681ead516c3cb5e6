/* SPDX-License-Identifier: MIT */
#include "nodes/worker/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/array.h"
#include "nodes/worker/control_channel.h"

/* So many records of a kind are kept before they are sent, where they are sent early. */
#define EARLY 32u

struct records {
	struct sfe_ctl_invocation *invocations;
	size_t n_invocations, invocations_room;
	struct sfe_ctl_transfer *transfers;
	size_t n_transfers, transfers_room;
	struct sfe_ctl_attempt *attempts;
	size_t n_attempts, attempts_room;
	struct sfe_ctl_call_run *call_runs;
	size_t n_call_runs, call_runs_room;
	struct sfe_ctl_shared *shared;
	size_t n_shared, shared_room;
	struct sfe_ctl_created *created;
	size_t n_created, created_room;
	struct sfe_ctl_stderr *errors;
	size_t n_errors, errors_room;
};

int records_open(struct worker *w)
{
	w->records = calloc(1, sizeof(*w->records));
	return w->records ? 0 : -ENOMEM;
}

void records_close(struct worker *w)
{
	if (!w->records)
		return;
	free(w->records->invocations);
	free(w->records->transfers);
	free(w->records->attempts);
	free(w->records->call_runs);
	free(w->records->shared);
	free(w->records->created);
	free(w->records->errors);
	free(w->records);
	w->records = NULL;
}

/* Room for one more; false: the worker ends. */
static bool reserve(struct worker *w, void **array, size_t n, size_t *room, size_t size)
{
	if (!array_reserve(array, n, room, size))
		return true;
	worker_fatal(w, -ENOMEM, "a record");
	return false;
}

/*
 * Sends the *n records of a kind early, if they are many: on the virtual clock sending takes no
 * time, and the records of a long trace would fill the memory. Those for which the channel has no
 * room wait: the orchestrator may wait for this process.
 */
static void send_early(struct worker *w, void *array, size_t *n, size_t size)
{
	if (!w->host->sends_early || *n < EARLY)
		return;
	size_t sent = control_send_some(w, array, *n, size);
	*n -= sent;
	memmove(array, (char *)array + sent * size, *n * size);
}

void records_invocation(struct worker *w, const struct sfe_ctl_invocation *invocation)
{
	struct records *r = w->records;

	if (!reserve(w, (void **)&r->invocations, r->n_invocations, &r->invocations_room,
		    sizeof(*r->invocations)))
		return;
	struct sfe_ctl_invocation *record = &r->invocations[r->n_invocations++];
	*record = *invocation;
	record->header = (struct sfe_ctl_header){SFE_CTL_INVOCATION, w->node};
	send_early(w, r->invocations, &r->n_invocations, sizeof(*r->invocations));
}

void records_transfer(struct worker *w, const struct sfe_ctl_transfer *transfer)
{
	struct records *r = w->records;

	if (!reserve(w, (void **)&r->transfers, r->n_transfers, &r->transfers_room,
		    sizeof(*r->transfers)))
		return;
	struct sfe_ctl_transfer *record = &r->transfers[r->n_transfers++];
	*record = *transfer;
	record->header = (struct sfe_ctl_header){SFE_CTL_TRANSFER, w->node};
	send_early(w, r->transfers, &r->n_transfers, sizeof(*r->transfers));
}

void records_attempt(struct worker *w, const struct sfe_ctl_attempt *attempt)
{
	struct records *r = w->records;

	if (!reserve(w, (void **)&r->attempts, r->n_attempts, &r->attempts_room,
		    sizeof(*r->attempts)))
		return;
	struct sfe_ctl_attempt *record = &r->attempts[r->n_attempts++];
	*record = *attempt;
	record->header = (struct sfe_ctl_header){SFE_CTL_ATTEMPT, w->node};
	send_early(w, r->attempts, &r->n_attempts, sizeof(*r->attempts));
}

void records_call_run(struct worker *w, const struct sfe_ctl_call_run *run)
{
	struct records *r = w->records;

	if (!reserve(w, (void **)&r->call_runs, r->n_call_runs, &r->call_runs_room,
		    sizeof(*r->call_runs)))
		return;
	struct sfe_ctl_call_run *record = &r->call_runs[r->n_call_runs++];
	*record = *run;
	record->header = (struct sfe_ctl_header){SFE_CTL_CALL_RUN, w->node};
	send_early(w, r->call_runs, &r->n_call_runs, sizeof(*r->call_runs));
}

/* Names of states go ahead of the records that need them. Whether all could be sent early. */
static bool send_names_early(struct worker *w)
{
	struct records *r = w->records;
	size_t sent = control_send_some(w, r->created, r->n_created, sizeof(*r->created));

	r->n_created -= sent;
	memmove(r->created, r->created + sent, r->n_created * sizeof(*r->created));
	return !r->n_created;
}

void records_shared(struct worker *w, const struct sfe_ctl_shared *shared)
{
	struct records *r = w->records;

	if (!reserve(w, (void **)&r->shared, r->n_shared, &r->shared_room, sizeof(*r->shared)))
		return;
	struct sfe_ctl_shared *record = &r->shared[r->n_shared++];
	*record = *shared;
	record->header = (struct sfe_ctl_header){SFE_CTL_SHARED, w->node};
	if (!w->host->sends_early || r->n_shared < EARLY || !r->n_created || send_names_early(w))
		send_early(w, r->shared, &r->n_shared, sizeof(*r->shared));
}

void records_created(struct worker *w, uint32_t instance, const char *name)
{
	struct records *r = w->records;

	if (!reserve(w, (void **)&r->created, r->n_created, &r->created_room, sizeof(*r->created)))
		return;
	struct sfe_ctl_created *record = &r->created[r->n_created++];
	*record = (struct sfe_ctl_created){{SFE_CTL_CREATED, w->node}, .instance = instance};
	snprintf(record->name, sizeof(record->name), "%s", name);
}

void records_stderr(struct worker *w, const struct sfe_ctl_stderr *text)
{
	struct records *r = w->records;

	if (r->n_errors == SFE_STDERR_MAX) {
		r->errors[r->n_errors - 1].later++;
		return;
	}
	if (!reserve(w, (void **)&r->errors, r->n_errors, &r->errors_room, sizeof(*r->errors)))
		return;
	struct sfe_ctl_stderr *record = &r->errors[r->n_errors++];
	*record = *text;
	record->header = (struct sfe_ctl_header){SFE_CTL_STDERR, w->node};
}

/* What lies here of a state of which a step has made a later version elsewhere: of one that it only
 * wrote, or that came with its call. Or a copy that came with a call and stayed. */
static bool is_copy(const struct worker *w, const struct stored *s)
{
	const struct sfe_job *job = worker_job(w, s->job);

	if ((job->declared || w->deployment->jobs[s->job].inlined) &&
		s->version < sfe_version_before(job, s->state, job->n_steps))
		return true;
	return w->deployment->jobs[s->job].by_edge &&
	       deployment_keeper(w->deployment, s->job, s->state, job->n_steps) != w->node;
}

static void send_states(
	struct worker *w, const struct store *store, enum sfe_state_condition condition)
{
	size_t n = store->n;
	struct stored **held = store_sorted(store);
	struct sfe_ctl_state *states = calloc(n + 1, sizeof(*states));

	for (size_t i = 0; held && states && i < n; i++)
		states[i] = (struct sfe_ctl_state){.header = {SFE_CTL_STATE, w->node},
			.job = held[i]->job,
			.state = held[i]->state,
			.bytes = held[i]->bytes,
			.condition = condition == SFE_STATE_HELD && is_copy(w, held[i])
					     ? SFE_STATE_REPLICA
					     : condition,
			.version = held[i]->version,
			.digest = stored_digest(held[i]),
			.kept_at = stored_kept_at(store, held[i])};
	if (held && states)
		control_send_many(w, states, n, sizeof(*states));
	else
		worker_fatal(w, -ENOMEM, "the records of states");
	free(states);
	free(held);
}

void records_send(struct worker *w, enum sfe_state_condition condition)
{
	struct records *r = w->records;

	control_send_many(w, r->invocations, r->n_invocations, sizeof(*r->invocations));
	control_send_many(w, r->transfers, r->n_transfers, sizeof(*r->transfers));
	control_send_many(w, r->attempts, r->n_attempts, sizeof(*r->attempts));
	control_send_many(w, r->call_runs, r->n_call_runs, sizeof(*r->call_runs));
	control_send_many(w, r->created, r->n_created, sizeof(*r->created));
	control_send_many(w, r->shared, r->n_shared, sizeof(*r->shared));
	control_send_many(w, r->errors, r->n_errors, sizeof(*r->errors));
	r->n_errors = r->n_created = 0;
	r->n_invocations = r->n_transfers = r->n_attempts = r->n_shared = r->n_call_runs = 0;
	send_states(w, &w->store, condition);
	if (condition == SFE_STATE_HELD)
		send_states(w, &w->replicas, SFE_STATE_REPLICA);
}
