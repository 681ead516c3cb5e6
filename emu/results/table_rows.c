/* SPDX-License-Identifier: MIT */
#include "emu/results/table_rows.h"
#include "emu/model/scenario/scenario_strategies.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/functions.h"
#include "emu/experiment/schedule_check.h"
#include "emu/results/delay_explanation.h"
#include "emu/results/results_file.h"
#include "emu/results/summary.h"
#include "emu/results/table_columns.h"
#include "emu/results/trace_events.h"
#include "sfemu/workflow.h"

#define COPY(field, text) snprintf(field, sizeof(field), "%s", text)

/* a replay with its explanation */
struct measured {
	const struct sfe_experiment *e;
	struct sfe_replay *r;
	const struct sfe_explanation *x;
	/* as this run has them */
	const struct sfe_table *links, *summary, *jobs, *invocations, *transfers, *attempts,
		*choices, *shared;
};

/* Copies the components of a difference, which have the same names in every row. */
#define COPY_PARTS(row, parts)                                                                     \
	((row).propagation_s = (parts)->propagation_s, (row).pipelining_s = (parts)->pipelining_s, \
		(row).queueing_s = (parts)->queueing_s, (row).tcp_start_s = (parts)->tcp_start_s,  \
		(row).headers_s = (parts)->headers_s, (row).retries_s = (parts)->retries_s,        \
		(row).link_changes_s = (parts)->link_changes_s,                                    \
		(row).retransmissions_s = (parts)->retransmissions_s,                              \
		(row).window_s = (parts)->window_s, (row).queue_waits_s = (parts)->queue_waits_s,  \
		(row).unexplained_s = (parts)->unexplained_s)

static const char *workflow_name(const struct measured *m, const struct sfe_job *job)
{
	const struct sfe_workflow *f = sfe_job_workflow(m->e->workload, job);

	return f ? f->name : "";
}

static const char *step_name(const struct measured *m, uint32_t job, uint32_t step)
{
	const char *name = sfe_step_name(m->e->workload, m->e->jobs[job].job, step);

	return name ? name : "";
}

static double since(const struct sfe_replay *r, uint64_t ns)
{
	return (double)(int64_t)(ns - r->start_ns) / 1e9;
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static void write_jobs(FILE *f, const struct measured *m)
{
	const struct sfe_experiment *e = m->e;
	const struct sfe_replay *r = m->r;

	for (uint32_t j = 0; j < r->n_jobs; j++) {
		const struct sfe_job_result *job = &r->jobs[j];
		const struct sfe_job *spec = e->jobs[j].job;
		const struct sfe_explained_job *x = &m->x->jobs[j];
		bool done = job->ended && !job->status;
		uint64_t response = job->end_ns - job->start_ns;
		struct sfe_job_row row = {
			.job = spec->number,
			.steps = spec->n_steps,
			.attempts = job->attempts,
			.states_lost = job->states_lost,
			.arrival_s = seconds(e->arrival_ns[j]),
			.start_s = done ? since(r, job->start_ns) : NAN,
			.response_s = done ? seconds(response) : NAN,
			.processing_s = done ? seconds(job->processing_ns) : NAN,
			.net_delay_s = done ? (double)(int64_t)(response - job->processing_ns -
								job->dynamic_ns) /
						       1e9
					    : NAN,
			.payload_bytes = job->payload_bytes,
			.payload_bytes_hops = job->payload_bytes_hops,
			.state_bytes = spec->states_total_bytes,
			.digest = job->digest,
			.predicted_net_delay_s = x->predicted_net_delay_s,
			.predicted_processing_s = x->predicted_processing_s,
			.predicted_payload_bytes_hops = x->predicted_payload_bytes_hops,
			.other_paths_s = x->other_paths_s,
			.dynamic_s = done ? seconds(job->dynamic_ns) : NAN,
			.starting_s = done ? seconds(job->starting_ns) : NAN,
			.dynamic_bytes = job->dynamic_bytes,
			.dynamic_bytes_hops = job->dynamic_bytes_hops,
			.vain_s = x->vain_s,
			.cache_hits = job->cache_hits,
			.overlap_s = x->overlap_s,
			.wasted_bytes = job->wasted_bytes,
		};
		COPY_PARTS(row, &x->parts);
		COPY(row.strategy, r->strategy->name);
		COPY(row.client, e->topology->nodes[e->jobs[j].client].name);
		COPY(row.status, sfe_job_status(job));
		COPY(row.reason, job->reason);
		COPY(row.workflow, workflow_name(m, spec));
		sfe_table_write_row(m->jobs, &row, f);
	}
}

static int by_job_and_step(const void *a, const void *b)
{
	const struct sfe_ctl_invocation *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->request_ns != y->request_ns)
		return x->request_ns < y->request_ns ? -1 : 1;
	return x->header.node < y->header.node ? -1 : x->header.node > y->header.node;
}

static void write_invocations(FILE *f, const struct measured *m)
{
	const struct sfe_experiment *e = m->e;
	const struct sfe_replay *r = m->r;

	if (r->n_invocations)
		qsort(r->invocations, r->n_invocations, sizeof(*r->invocations), by_job_and_step);
	for (uint32_t i = 0; i < r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &r->invocations[i];
		const struct sfe_job *spec = e->jobs[v->job].job;
		const struct sfe_step *step = &spec->steps[v->step < spec->n_steps ? v->step : 0];
		struct sfe_invocation_row row = {
			.job = spec->number,
			.step = v->step,
			.task = step->task,
			.attempt = v->attempt,
			.request_s = since(r, v->request_ns),
			.ready_s = since(r, v->ready_ns),
			.finish_s = since(r, v->finish_ns),
			.processing_s = seconds(v->finish_ns - v->ready_ns - v->waited_ns),
			.operations = v->ops,
			.argument_bytes = v->arg_bytes,
			.output_bytes = v->out_bytes,
			.used_state_bytes = v->state_bytes,
			.cache_hits = v->cache_hits,
		};
		COPY(row.strategy, r->strategy->name);
		COPY(row.function, e->workload->function_names[step->function]);
		COPY(row.node, e->topology->nodes[v->header.node].name);
		COPY(row.workflow, workflow_name(m, spec));
		COPY(row.step_name, step_name(m, v->job, v->step));
		sfe_table_write_row(m->invocations, &row, f);
	}
}

static void write_starts(FILE *f, const struct measured *m)
{
	const struct sfe_experiment *e = m->e;

	for (uint32_t i = 0; i < m->r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &m->r->invocations[i];
		const struct sfe_job *spec = e->jobs[v->job].job;
		struct sfe_start_row row = {.job = spec->number,
			.step = v->step,
			.attempt = v->attempt,
			.request_s = since(m->r, v->request_ns),
			.queued_s = seconds(v->queued_ns),
			.cold_start_s = seconds(v->cold_ns)};
		COPY(row.strategy, m->r->strategy->name);
		COPY(row.node, e->topology->nodes[v->header.node].name);
		COPY(row.function, e->workload->function_names[spec->steps[v->step].function]);
		sfe_table_write_row(&sfe_starts_csv, &row, f);
	}
}

static void write_choices(FILE *f, const struct measured *m)
{
	const struct sfe_choice *c = m->r->choice;

	for (uint32_t j = 0; c && j < c->n_jobs; j++)
		for (uint32_t k = 0; k < c->n; k++) {
			struct sfe_choice_row row = {.job = m->e->jobs[j].job->number,
				.predicted_s =
					c->predicted_s ? c->predicted_s[(size_t)j * c->n + k] : NAN,
				.followed = c->chosen[j] == k};
			if (!c->predicted_s && !row.followed)
				continue; /* of those that ran before jobs.csv has all */
			COPY(row.strategy, m->r->strategy->name);
			COPY(row.candidate, c->candidate[k].name);
			if (row.followed && c->along && c->along[j])
				COPY(row.along, c->along[j]);
			sfe_table_write_row(m->choices, &row, f);
		}
}

static void write_transfers(FILE *f, const struct measured *m)
{
	const struct sfe_topology *topology = m->e->topology;

	for (uint32_t i = 0; i < m->r->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &m->r->transfers[i];
		const struct sfe_explained_transfer *x = &m->x->transfers[i];
		struct sfe_transfer_row row = {
			.job = m->e->jobs[t->job].job->number,
			.step = t->step,
			.payload_bytes = t->payload_bytes,
			.head_bytes = t->head_bytes,
			.hops = sfe_routing_hops(m->e->routing, t->from, t->header.node),
			.new_connection = x->connects,
			.start_s = since(m->r, x->start_ns),
			.head_s = since(m->r, t->head_ns),
			.done_s = since(m->r, t->done_ns),
			.predicted_s = x->predicted_s,
		};
		COPY_PARTS(row, &x->parts);
		COPY(row.strategy, m->r->strategy->name);
		COPY(row.kind, sfe_transfer_kind_names[t->kind]);
		COPY(row.from, topology->nodes[t->from].name);
		COPY(row.to, topology->nodes[t->header.node].name);
		COPY(row.step_name, step_name(m, t->job, t->step));
		sfe_table_write_row(m->transfers, &row, f);
	}
}

static int by_begin(const void *a, const void *b)
{
	const struct sfe_ctl_attempt *x = a, *y = b;

	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	const uint32_t k[][2] = {{x->job, y->job}, {x->step, y->step},
		{x->header.node, y->header.node}, {x->to, y->to}, {x->kind, y->kind},
		{x->number, y->number}};
	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

static void write_attempts(FILE *f, const struct measured *m)
{
	const struct sfe_topology *topology = m->e->topology;

	if (m->r->n_attempts)
		qsort(m->r->attempts, m->r->n_attempts, sizeof(*m->r->attempts), by_begin);
	for (uint32_t i = 0; i < m->r->n_attempts; i++) {
		const struct sfe_ctl_attempt *a = &m->r->attempts[i];
		struct sfe_attempt_row row = {
			.job = m->e->jobs[a->job].job->number,
			.step = a->step,
			.number = a->number,
			.last = a->last,
			.begin_s = since(m->r, a->begin_ns),
			.end_s = since(m->r, a->end_ns),
		};
		COPY(row.strategy, m->r->strategy->name);
		COPY(row.from, topology->nodes[a->header.node].name);
		COPY(row.to, topology->nodes[a->to].name);
		COPY(row.kind, sfe_transfer_kind_names[a->kind]);
		COPY(row.error, sfe_ctl_reason(a->code));
		COPY(row.step_name, step_name(m, a->job, a->step));
		sfe_table_write_row(m->attempts, &row, f);
	}
}

static void write_links(FILE *f, const struct measured *m)
{
	const struct sfe_experiment *e = m->e;
	const struct sfe_replay *r = m->r;

	for (uint32_t i = 0; i < r->n_links; i++) {
		const struct sfe_link_count *c = &r->links[i];
		const struct sfe_link *l = &e->topology->links[c->link];
		struct sfe_link_row row = {
			.rate_bps = e->link[SFE_DIRECTIONS * c->link + c->direction].rate_bps,
			.delay_s =
				sfe_delay_mean(
					&e->link[SFE_DIRECTIONS * c->link + c->direction].delay) /
				1e9,
			.wire_bytes = r->counted_apart ? c->port_bytes : c->wire_bytes,
			.packets = r->counted_apart ? c->port_packets : c->packets,
			.other_bytes = c->wire_bytes - c->port_bytes,
			.other_packets = c->packets - c->port_packets,
			.drops = c->drops,
			.losses = c->losses,
		};
		COPY(row.strategy, r->strategy->name);
		COPY(row.link, l->name);
		COPY(row.kind, sfe_link_kind_name(l->kind));
		if (c->to != SFE_NONE) {
			COPY(row.from, e->plan->hosts[c->from].name);
			COPY(row.to, e->plan->hosts[c->to].name);
		}
		sfe_table_write_row(m->links, &row, f);
	}
}

static void write_events(FILE *f, const struct measured *m)
{
	const struct sfe_experiment *e = m->e;

	for (uint32_t i = 0; i < m->r->n_events; i++) {
		const struct sfe_event *event = &m->r->events[i];
		const struct sfe_link *l =
			event->link == SFE_NONE ? NULL : &e->topology->links[event->link];
		struct sfe_event_row row = {
			.due_s = seconds(event->due_ns), .done_s = seconds(event->done_ns)};
		COPY(row.strategy, m->r->strategy->name);
		if (l) {
			COPY(row.link, l->name);
			COPY(row.direction,
				sfe_schedule_direction(e, event->link, event->direction));
		}
		if (event->node != SFE_NONE)
			COPY(row.node, e->topology->nodes[event->node].name);
		COPY(row.what, event->what);
		sfe_table_write_row(&sfe_events_csv, &row, f);
	}
}

static void write_fidelity(FILE *f, const struct measured *m)
{
	const struct sfe_fidelity *seen = &m->r->fidelity;
	struct sfe_fidelity_row row = {
		.watched_s = seen->watched_s,
		.timer_late_p99_s = seen->timer_late_p99_s,
		.timer_late_max_s = seen->timer_late_max_s,
		.cpu_idle_share = seen->cpu_idle_share,
		.cpu_stolen_share = seen->cpu_stolen_share,
		.softirq_squeezes = seen->softirq_squeezes,
		.backlog_drops = seen->backlog_drops,
		.reordered = seen->reordered,
		.run_delay_s = seen->run_delay_s,
		.cpu_pressure_share = seen->cpu_pressure_share,
	};

	COPY(row.strategy, m->r->strategy->name);
	sfe_fidelity_verdict(seen, row.verdict, sizeof(row.verdict));
	sfe_fidelity_not_measured(seen, row.not_measured, sizeof(row.not_measured));
	sfe_table_write_row(&sfe_fidelity_csv, &row, f);
}

static void write_traffic(FILE *f, const struct measured *m)
{
	for (uint32_t i = 0; m->r->flows && i < m->e->n_flows; i++) {
		const struct sfe_placed_flow *flow = &m->e->flows[i];
		const struct sfe_flow_count *c = &m->r->flows[i];
		const uint32_t bytes = flow->spec->packet_bytes;
		struct sfe_traffic_row row = {
			.flow = i + 1,
			.packet_bytes = bytes,
			.port = SFE_TRAFFIC_PORT + i,
			.rate_bps = flow->spec->rate_bps,
			.sent_packets = c->sent_packets,
			.sent_bytes = c->sent_packets * bytes,
			.received_packets = c->received_packets,
			.received_bytes = c->received_packets * bytes,
			.lost_packets = c->sent_packets - (c->received_packets - c->duplicates),
			.duplicates = c->duplicates,
			.reordered = c->reordered,
			.delay_mean_s = c->delay_mean_s,
			.delay_p95_s = c->delay_p95_s,
		};
		COPY(row.strategy, m->r->strategy->name);
		COPY(row.from, m->e->bare->nodes[flow->from].name);
		COPY(row.to, m->e->bare->nodes[flow->to].name);
		COPY(row.law, sfe_flow_law_names[flow->spec->law]);
		sfe_table_write_row(&sfe_traffic_csv, &row, f);
	}
}

static int by_call(const void *a, const void *b)
{
	const struct sfe_ctl_call_run *x = a, *y = b;
	const uint64_t k[][2] = {{x->key.job, y->key.job}, {x->key.step, y->key.step},
		{x->key.attempt, y->key.attempt}, {x->key.path, y->key.path},
		{x->request_ns, y->request_ns}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return x->header.node < y->header.node ? -1 : x->header.node > y->header.node;
}

/* The last invocation of a call; NULL: none has ended. */
static const struct sfe_ctl_call_run *run_of(
	const struct sfe_replay *r, const struct sfe_dynamic_call *call)
{
	const struct sfe_ctl_call_run wanted = {.key = call->key, .request_ns = UINT64_MAX};
	uint32_t low = 0, high = r->n_call_runs;

	while (low < high) {
		uint32_t mid = (low + high) / 2;
		if (by_call(&r->call_runs[mid], &wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low && call_key_equal(&r->call_runs[low - 1].key, &call->key)
		       ? &r->call_runs[low - 1]
		       : NULL;
}

static void write_dynamic_calls(FILE *f, const struct measured *m)
{
	const struct sfe_topology *topology = m->e->topology;
	const struct sfe_replay *r = m->r;

	if (r->n_call_runs)
		qsort(m->r->call_runs, r->n_call_runs, sizeof(*r->call_runs), by_call);
	for (uint32_t i = 0; i < r->n_calls; i++) {
		const struct sfe_dynamic_call *c = &r->calls[i];
		const struct sfe_ctl_call_run *v = run_of(r, c);
		struct sfe_dynamic_call_row row = {.job = m->e->jobs[c->key.job].job->number,
			.step = c->key.step,
			.attempt = c->key.attempt,
			.begin_s = since(r, c->begin_ns),
			.request_s = v ? since(r, v->request_ns) : NAN,
			.ready_s = v ? since(r, v->ready_ns) : NAN,
			.finish_s = v ? since(r, v->finish_ns) : NAN,
			.processing_s =
				v ? seconds(v->finish_ns - v->ready_ns - v->waited_ns) : NAN,
			.end_s = c->ended ? since(r, c->end_ns) : NAN,
			.operations = v ? v->ops : 0,
			.argument_bytes = c->argument_bytes,
			.output_bytes = c->output_bytes,
			.requests = c->attempts,
			.queued_s = v ? seconds(v->queued_ns) : NAN,
			.cold_start_s = v ? seconds(v->cold_ns) : NAN};
		COPY(row.strategy, r->strategy->name);
		call_path_text(c->key.path, row.call);
		COPY(row.kind, c->cast ? "cast" : "call");
		COPY(row.function, m->e->workload->function_names[c->key.function]);
		COPY(row.from, topology->nodes[c->from].name);
		COPY(row.to, c->to == SFE_NONE ? "" : topology->nodes[c->to].name);
		COPY(row.status, !c->ended ? "unfinished" : c->status ? "failed" : "done");
		COPY(row.reason, c->reason);
		sfe_table_write_row(&sfe_dynamic_calls_csv, &row, f);
	}
}

/* The homes' records in the order of time, then the others. */
static int by_home_and_time(const void *a, const void *b)
{
	const struct sfe_ctl_shared *x = a, *y = b;
	bool x_home = x->outcome < SFE_SHARED_GOT, y_home = y->outcome < SFE_SHARED_GOT;

	if (x_home != y_home)
		return x_home ? -1 : 1;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	if (x->instance != y->instance)
		return x->instance < y->instance ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* NULL: it was created by name. */
static const struct sfe_shared_state *shared_state(
	const struct sfe_experiment *e, uint32_t instance)
{
	return instance < e->shared.n ? &e->shared.states[e->shared.of[instance].state] : NULL;
}

static void write_shared_row(FILE *f, const struct measured *m, const struct sfe_ctl_shared *x)
{
	static const char *const accesses[] = {[SFE_UPDATE] = "update",
		[SFE_READ] = "read",
		[SFE_WRITE] = "write",
		[SFE_BY_NAME_GET] = "get",
		[SFE_BY_NAME_PUT] = "put",
		[SFE_BY_NAME_DELETE] = "delete"};
	static const char *const outcomes[] = {[SFE_SHARED_READ] = "read",
		[SFE_SHARED_WRITTEN] = "written",
		[SFE_SHARED_CONFLICT] = "conflict",
		[SFE_SHARED_REPEATED] = "repeated",
		[SFE_SHARED_ANEW] = "begun anew",
		[SFE_SHARED_ABSENT] = "absent",
		[SFE_SHARED_RESTORED] = "restored"};
	const struct sfe_experiment *e = m->e;
	const struct sfe_shared_state *state = shared_state(e, x->instance);
	struct sfe_shared_row row = {.time_s = since(m->r, x->at_ns),
		.job = e->jobs[x->job].job->number,
		.step = x->step,
		.attempt = x->attempt,
		.version_read = x->version_read,
		.version_made = x->version_made,
		.epoch = x->epoch,
		.unseen = x->unseen,
		.kept = x->kept,
		.state_bytes = x->bytes,
		.digest = x->digest,
		.vain_operations = x->ops,
		.vain_processing_s = seconds(x->processing_ns),
		.vain_bytes = x->vain_bytes,
		.vain_ready_s = x->finish_ns ? since(m->r, x->ready_ns) : NAN,
		.vain_finish_s = x->finish_ns ? since(m->r, x->finish_ns) : NAN,
		.change = x->change};

	COPY(row.strategy, m->r->strategy->name);
	/* A failed replay may lack the names of states that functions created. */
	uint32_t created = x->instance - e->shared.n;
	if (state)
		COPY(row.state, state->name);
	else if (created < m->r->n_created)
		COPY(row.state, m->r->created[created].name);
	COPY(row.scope, sfe_scope_names[state ? state->scope : SFE_SCOPE_GLOBAL]);
	COPY(row.instance, state ? sfe_shared_owner(e, &e->shared.of[x->instance]) : "");
	call_path_text(x->path, row.call);
	COPY(row.home, e->topology->nodes[x->header.node].name);
	COPY(row.workflow, workflow_name(m, e->jobs[x->job].job));
	COPY(row.step_name, step_name(m, x->job, x->step));
	COPY(row.access, accesses[x->access]);
	COPY(row.outcome, outcomes[x->outcome]);
	sfe_table_write_row(m->shared, &row, f);
}

static void write_shared(FILE *f, const struct measured *m)
{
	struct sfe_replay *r = m->r;

	if (r->n_shared)
		qsort(r->shared, r->n_shared, sizeof(*r->shared), by_home_and_time);
	for (uint32_t i = 0; i < r->n_shared && r->shared[i].outcome < SFE_SHARED_GOT; i++)
		write_shared_row(f, m, &r->shared[i]);
}

static void write_summary(FILE *f, const struct measured *m)
{
	struct sfe_summary s;

	if (!sfe_summary_of(m->r, m->x, &s))
		sfe_table_write_row(m->summary, &s, f);
}

/* Whether a step declares the use of a state that outlives jobs. */
static bool declares_shared(const struct sfe_experiment *e)
{
	uint32_t i = 0;

	while (i < e->shared.n && e->shared.of[i].in_advance)
		i++;
	return i < e->shared.n;
}

static void write_warm_up(FILE *f, const struct measured *m)
{
	const struct sfe_topology *topology = m->e->topology;

	for (uint32_t i = 0; i < m->r->n_warmed; i++) {
		const struct sfe_ctl_warmed *w = &m->r->warmed[i];
		struct sfe_warm_up_row row = {.port = w->port,
			.payload_bytes = w->payload_bytes,
			.window = w->window[0],
			.answer_window = w->window[1],
			.end_s = since(m->r, w->end_ns)};
		COPY(row.strategy, m->r->strategy->name);
		COPY(row.from, topology->nodes[w->header.node].name);
		COPY(row.to, topology->nodes[w->to].name);
		sfe_table_write_row(&sfe_warm_up_csv, &row, f);
	}
}

static int write_tables(int dir, const struct measured *m, bool first, struct sfe_error *err)
{
	const struct {
		const struct sfe_table *table;
		void (*write)(FILE *, const struct measured *);
	} files[] = {
		{m->jobs, write_jobs},
		{m->invocations, write_invocations},
		{m->transfers, write_transfers},
		{m->attempts, write_attempts},
		{&sfe_starts_csv, write_starts},
		{m->choices, write_choices},
		{m->links, write_links},
		{m->summary, write_summary},
		{&sfe_events_csv, write_events},
		{&sfe_warm_up_csv, write_warm_up},
		{&sfe_fidelity_csv, write_fidelity},
		{&sfe_traffic_csv, write_traffic},
		{&sfe_dynamic_calls_csv, write_dynamic_calls},
		{m->shared, write_shared},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *name = files[i].table->file;
		if (files[i].table == &sfe_events_csv && !m->e->scenario->schedule.n &&
			!m->r->n_events)
			continue;
		if (files[i].table == &sfe_warm_up_csv && !m->r->n_warmed)
			continue;
		if (files[i].table == &sfe_starts_csv && !m->e->scenario->nodes.n)
			continue;
		if (files[i].table == m->choices && !sfe_scenario_chooses(m->e->scenario))
			continue;
		if (files[i].table == m->shared && !declares_shared(m->e) && !m->r->n_shared)
			continue;
		if (files[i].table == &sfe_traffic_csv && !m->e->n_flows)
			continue;
		if (files[i].table == &sfe_dynamic_calls_csv && !m->r->n_calls)
			continue;
		if (files[i].table == &sfe_fidelity_csv && !m->r->fidelity.real_clock)
			continue;
		FILE *f = sfe_results_open(dir, name, first ? "w" : "a", err);
		if (!f)
			return err ? err->code : -EIO;
		/* The first manual change may come in a later strategy. */
		if (first || (!fseek(f, 0, SEEK_END) && !ftell(f)))
			sfe_table_write_header(files[i].table, f);
		files[i].write(f, m);
		int bad = sfe_results_close(f, name, err);
		if (bad)
			return bad;
	}
	return 0;
}

static bool chooses_by_edge(const struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (s->strategies[i]->options.by == SFE_BY_EDGE)
			return true;
	return false;
}

struct group { /* of optional columns */
	unsigned n;
	bool wanted;
};

/* The table with those of its optional columns that the run has: the first, then the groups. */
static void choose(const struct sfe_table *t, bool first, const struct group *groups,
	unsigned n_groups, struct sfe_table_copy *out)
{
	unsigned at = t->n_columns - t->n_optional;

	sfe_table_copy_begin(out, t, at + first);
	at++;
	for (unsigned i = 0; i < n_groups; at += groups[i++].n)
		if (groups[i].wanted)
			sfe_table_copy_add(out, t, at, groups[i].n);
}

int sfe_results_write_replay(int dir, const struct sfe_experiment *e, struct sfe_replay *r,
	bool first, struct sfe_error *err)
{
	struct sfe_explanation x;
	int rc = sfe_explain(e, r, &x, err);

	/* Which columns a run has depends on its scenario only: all strategies share the files. */
	bool apart = r->counted_apart, named = e->workload->n_workflow_jobs > 0;
	bool dynamic = sfe_functions_may_call(e), shared = e->shared.n > 0;
	const struct group of_summary[] = {{SFE_SUMMARY_DYNAMIC_COLUMNS, dynamic},
		{SFE_SUMMARY_SHARED_COLUMNS, shared}},
			   of_jobs[] = {{SFE_JOBS_DYNAMIC_COLUMNS, dynamic},
				   {SFE_JOBS_SHARED_COLUMNS, shared},
				   {SFE_JOBS_NODES_COLUMNS, e->scenario->nodes.n > 0}};
	struct sfe_table_copy summary, jobs;
	choose(&sfe_summary_csv, apart || dynamic, of_summary, 2, &summary);
	choose(&sfe_jobs_csv, named || dynamic, of_jobs, 3, &jobs);
	const struct sfe_table links = sfe_table_plain(&sfe_links_csv),
			       uses = sfe_table_plain(&sfe_shared_csv),
			       invocations = sfe_table_plain(&sfe_invocations_csv),
			       transfers = sfe_table_plain(&sfe_transfers_csv),
			       choices = sfe_table_plain(&sfe_choices_csv),
			       attempts = sfe_table_plain(&sfe_attempts_csv);
	const struct measured m = {.e = e,
		.r = r,
		.x = &x,
		.links = apart ? &sfe_links_csv : &links,
		.summary = &summary.table,
		.jobs = &jobs.table,
		.shared = dynamic ? &sfe_shared_csv : &uses,
		.invocations = named ? &sfe_invocations_csv : &invocations,
		.choices = chooses_by_edge(e->scenario) ? &sfe_choices_csv : &choices,
		.transfers = named ? &sfe_transfers_csv : &transfers,
		.attempts = named ? &sfe_attempts_csv : &attempts};

	if (!rc)
		rc = write_tables(dir, &m, first, err);
	if (!rc)
		rc = sfe_trace_write(dir, e, r, &x, first, err);
	sfe_explanation_free(&x);
	return rc;
}
