/* SPDX-License-Identifier: MIT */
#include "emu/results/delay_explanation.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/contained_estimate.h"
#include "emu/experiment/explained_paths.h"
#include "emu/measure/critical_path.h"
#include "emu/measure/dynamic_starts.h"
#include "emu/measure/vain_runs.h"
#include "emu/results/explanation/retried.h"
#include "emu/results/explanation/waits.h"
#include "sfemu/estimate.h"
#include "sfemu/sharing.h"
#include "sfemu/transfer.h"

/* rounding error of the published model's single-precision sums */
#define ROUNDING_S 1e-6

struct explaining {
	const struct sfe_experiment *e;
	struct sfe_replay *r;
	struct sfe_explanation *x;
	struct sfe_tcp tcp;
	double *window;       /* per transfer: its sender's window at the start */
	uint64_t *start_ns;   /* likewise: when the sender could start */
	uint64_t *resent_ns;  /* likewise: when the attempt that carried it began */
	bool *on_path;        /* likewise: it is on the critical path of its job */
	uint64_t *overlap_ns; /* likewise: see critical_path.h */
	double *beside_s;     /* per job: what retries took beside its transfers */
	uint32_t *order;      /* transfers by connection */
	struct sfe_link_course *course;
	struct sfe_explained_paths paths;
	uint32_t *forward, *back; /* likewise: its path, and the opposite one */
};

static int out_of_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

/* ---- start times of transfers */

static int by_job_and_time(const void *a, const void *b)
{
	const struct sfe_ctl_transfer *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->done_ns != y->done_ns)
		return x->done_ns < y->done_ns ? -1 : 1;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->header.node != y->header.node)
		return x->header.node < y->header.node ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from; /* two calls of a join */
}

struct moment {
	uint32_t job;
	uint64_t ns;
};

static int by_moment(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

/* The latest moment of the job before `ns`; ns: none. */
static uint64_t latest_before(const struct moment *m, size_t n, uint32_t job, uint64_t ns)
{
	size_t low = 0, high = n; /* all before low are before (job, ns) */

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (m[mid].job < job || (m[mid].job == job && m[mid].ns < ns))
			low = mid + 1;
		else
			high = mid;
	}
	return low && m[low - 1].job == job ? m[low - 1].ns : ns;
}

/*
 * In a chain a message starts when its predecessor ends, which is the job's start, an invocation's
 * end or another message's arrival; and all messages are on the critical path, unless a step
 * fetches its states beside each other.
 */
static int find_starts(struct explaining *s, struct sfe_error *err)
{
	const struct sfe_replay *r = s->r;
	size_t n = 0;
	struct moment *m = calloc(
		(size_t)r->n_jobs + r->n_invocations + r->n_transfers + 2 * (size_t)r->n_shared + 1,
		sizeof(*m));

	if (!m)
		return out_of_memory(err);
	for (uint32_t j = 0; j < r->n_jobs; j++)
		if (r->jobs[j].ended)
			m[n++] = (struct moment){j, r->jobs[j].start_ns};
	for (uint32_t i = 0; i < r->n_invocations; i++)
		m[n++] = (struct moment){r->invocations[i].job, r->invocations[i].finish_ns};
	for (uint32_t i = 0; i < r->n_transfers; i++)
		if (!sfe_transfer_is_dynamic(r->transfers[i].kind))
			m[n++] = (struct moment){r->transfers[i].job, r->transfers[i].done_ns};
	for (uint32_t i = 0; i < r->n_shared; i++) { /* runs in vain, and their refusals */
		if (r->shared[i].outcome != SFE_SHARED_AGAIN)
			continue;
		m[n++] = (struct moment){r->shared[i].job, r->shared[i].finish_ns};
		m[n++] = (struct moment){r->shared[i].job, r->shared[i].at_ns};
	}
	if (n)
		qsort(m, n, sizeof(*m), by_moment);
	for (uint32_t i = 0; i < r->n_transfers; i++) {
		s->start_ns[i] = latest_before(m, n, r->transfers[i].job, r->transfers[i].head_ns);
		s->on_path[i] = !s->e->jobs[r->transfers[i].job].job->graph &&
				!sfe_fetches_overlap(r, r->transfers[i].job) &&
				!sfe_transfer_is_dynamic(r->transfers[i].kind);
	}
	free(m);
	if (sfe_leave_out_vain(r, s->on_path) ||
		sfe_critical_paths(s->e->jobs, s->r, s->start_ns, s->on_path, s->overlap_ns) ||
		sfe_dynamic_starts(r, s->start_ns) || sfe_fetch_starts(r, s->start_ns))
		return out_of_memory(err);
	for (uint32_t i = 0; i < r->n_transfers; i++)
		if (r->transfers[i].asked_ns)
			s->start_ns[i] = r->transfers[i].asked_ns;
	if (sfe_retried_begin(s->e, r, s->start_ns, s->resent_ns) ||
		sfe_retried_paths(s->e, r, s->start_ns, s->overlap_ns, s->on_path, s->beside_s))
		return out_of_memory(err);
	for (uint32_t i = 0; i < r->n_transfers; i++)
		s->x->transfers[i].start_ns = s->start_ns[i];
	return 0;
}

/* ---- paths */

static int find_paths(struct explaining *s, struct sfe_error *err)
{
	for (uint32_t i = 0; i < s->r->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &s->r->transfers[i];
		uint32_t from = t->from, to = t->header.node;
		if (sfe_explained_paths_find(&s->paths, from, to, &s->forward[i]) ||
			sfe_explained_paths_find(&s->paths, to, from, &s->back[i]))
			return out_of_memory(err);
	}
	return 0;
}

static const struct sfe_explained_path *forward(const struct explaining *s, uint32_t transfer)
{
	return &s->paths.of[s->forward[transfer]];
}

static const struct sfe_explained_path *back(const struct explaining *s, uint32_t transfer)
{
	return &s->paths.of[s->back[transfer]];
}

/* ---- connections */

/* The end of the connection that did not open it. */
static uint32_t other_end(const struct sfe_ctl_transfer *t)
{
	return t->from == t->connected_by ? t->header.node : t->from;
}

/* The transfers of a connection, by time. */
static int by_connection(const void *a, const void *b, void *transfers)
{
	const struct sfe_ctl_transfer *all = transfers;
	const struct sfe_ctl_transfer *x = &all[*(const uint32_t *)a],
				      *y = &all[*(const uint32_t *)b];
	const uint32_t k[][2] = {{x->connected_by, y->connected_by}, {x->port, y->port},
		{other_end(x), other_end(y)}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	if (x->done_ns != y->done_ns)
		return x->done_ns < y->done_ns ? -1 : 1;
	return (x > y) - (x < y);
}

static bool same_connection(const struct sfe_ctl_transfer *x, const struct sfe_ctl_transfer *y)
{
	return x->connected_by == y->connected_by && x->port == y->port &&
	       other_end(x) == other_end(y);
}

static struct sfe_message message(const struct explaining *s, uint32_t i)
{
	const struct sfe_ctl_transfer *t = &s->r->transfers[i];

	return (struct sfe_message){
		.payload_bytes = t->payload_bytes,
		.head_bytes = t->head_bytes,
		.request_bytes = t->request_bytes,
		.connects = s->x->transfers[i].connects,
		.window = s->window[i],
	};
}

/* Follows the windows of a connection. Each side has its own, which grows with what it sends. */
static void follow_windows(struct explaining *s, const uint32_t *order)
{
	const struct sfe_ctl_transfer *all = s->r->transfers;
	double window[2] = {0}, last_s[2] = {0};

	for (uint32_t k = 0; k < s->r->n_transfers; k++) {
		uint32_t i = order[k];
		const struct sfe_ctl_transfer *t = &all[i];
		struct sfe_explained_transfer *x = &s->x->transfers[i];
		bool side = t->from == t->connected_by;
		double start_s = (double)x->start_ns / 1e9;
		double round_trip = forward(s, i)->delay_s + back(s, i)->delay_s;

		bool first = k == 0 || !same_connection(&all[order[k - 1]], t);
		const struct sfe_ctl_warmed *warmed =
			first ? sfe_warmed_find(s->r, t->connected_by, t->port, other_end(t))
			      : NULL;
		x->connects = first && !warmed;
		if (first) {
			window[0] = window[1] = s->tcp.initial_window;
			last_s[0] = last_s[1] = start_s;
		}
		for (int of = 0; warmed && of < 2; of++) { /* the opener's side is 1 */
			window[!of] = warmed->window[of];
			last_s[of] = (double)warmed->end_ns / 1e9;
		}
		s->window[i] = sfe_transfer_window_idle(
			&s->tcp, window[side], start_s - last_s[side], round_trip);
		struct sfe_message m = message(s, i);
		window[side] = sfe_transfer_window_after(&s->tcp, &m);
		last_s[side] = (double)t->done_ns / 1e9 - forward(s, i)->delay_s;
	}
}

static void find_windows(struct explaining *s)
{
	uint32_t n = s->r->n_transfers;

	for (uint32_t i = 0; i < n; i++)
		s->order[i] = i;
	if (n)
		qsort_r(s->order, n, sizeof(*s->order), by_connection, s->r->transfers);
	follow_windows(s, s->order);
}

/* The links over time, until the last job has ended. */
static int find_course(struct explaining *s, struct sfe_error *err)
{
	uint64_t until_ns = 0;

	for (uint32_t j = 0; j < s->r->n_jobs; j++)
		if (s->r->jobs[j].ended && s->r->jobs[j].end_ns > s->r->start_ns + until_ns)
			until_ns = s->r->jobs[j].end_ns - s->r->start_ns;
	return sfe_link_course_new(s->e, until_ns, &s->course, err);
}

/* ---- components */

static void explain_transfer(struct explaining *s, uint32_t i)
{
	struct sfe_explained_transfer *x = &s->x->transfers[i];
	const struct sfe_message m = message(s, i);
	struct sfe_transfer_time t =
		sfe_transfer_time(forward(s, i)->path, back(s, i)->path, &s->tcp, &m);

	x->predicted_s = t.model_s;
	x->parts.propagation_s = t.propagation_s;
	x->parts.pipelining_s = t.pipelining_s;
	x->parts.tcp_start_s = t.tcp_start_s;
	x->parts.headers_s = t.headers_s;
}

static int find_queueing(struct explaining *s, struct sfe_error *err)
{
	const struct sfe_topology *t = s->e->topology;
	uint32_t n = s->r->n_transfers, n_resources = SFE_DIRECTIONS * t->n_links;
	struct sfe_flow *flows = calloc((size_t)n + 1, sizeof(*flows));
	double *capacity = calloc((size_t)n_resources + 1, sizeof(*capacity));
	int r = flows && capacity ? 0 : out_of_memory(err);

	for (uint32_t k = 0; k < n_resources && !r; k++)
		/* a link without a rate does not limit */
		capacity[k] = s->e->link[k].rate_bps ? (double)s->e->link[k].rate_bps : INFINITY;
	for (uint32_t i = 0; i < n && !r; i++) {
		const struct sfe_message m = message(s, i);
		double there = forward(s, i)->delay_s, back_s = back(s, i)->delay_s;
		flows[i] = (struct sfe_flow){
			.start_s = (double)(s->x->transfers[i].start_ns - s->r->start_ns) / 1e9 +
				   (m.connects ? there + back_s : 0) +
				   (m.request_bytes ? back_s : 0),
			.bits = sfe_transfer_wire_bits(&s->tcp, &m),
			.n_resources = forward(s, i)->path.n,
			.resources = forward(s, i)->resources,
		};
	}
	if (!r)
		r = sfe_sharing(flows, n, capacity, n_resources, err);
	for (uint32_t i = 0; i < n && !r; i++)
		s->x->transfers[i].parts.queueing_s =
			fmax(0, flows[i].end_s - flows[i].start_s - flows[i].alone_s);
	free(flows);
	free(capacity);
	return r;
}

static double sum(const struct sfe_parts *p)
{
	return p->propagation_s + p->pipelining_s + p->queueing_s + p->tcp_start_s + p->headers_s +
	       p->retries_s + p->link_changes_s + p->retransmissions_s + p->window_s +
	       p->queue_waits_s;
}

static struct sfe_waiting waiting(const struct explaining *s, uint32_t i)
{
	const struct sfe_ctl_transfer *t = &s->r->transfers[i];
	const struct sfe_explained_transfer *x = &s->x->transfers[i];

	return (struct sfe_waiting){
		.forward = forward(s, i),
		.back = back(s, i),
		.tcp = &s->tcp,
		.message = message(s, i),
		.start_s = (double)(int64_t)(s->resent_ns[i] - s->r->start_ns) / 1e9,
		.done_s = (double)(int64_t)(t->done_ns - s->r->start_ns) / 1e9,
		.computed_s = x->predicted_s + sum(&x->parts),
		.queueing_s = x->parts.queueing_s,
		.known = t->waits_known,
		.waits = t->waits,
		.asked = t->asked_waits,
	};
}

static void find_waits(struct explaining *s)
{
	for (uint32_t i = 0; i < s->r->n_transfers; i++) {
		struct sfe_explained_transfer *x = &s->x->transfers[i];
		const struct sfe_waiting w = waiting(s, i);
		const struct sfe_waits waits = sfe_waits_of(&w, s->course);
		x->parts.retries_s = (double)(s->resent_ns[i] - x->start_ns) / 1e9;
		x->parts.link_changes_s = sfe_whole_ns(waits.link_changes_s);
		x->parts.retransmissions_s = sfe_whole_ns(waits.retransmissions_s);
		x->parts.window_s = sfe_whole_ns(waits.window_s);
		x->parts.queue_waits_s = sfe_whole_ns(waits.queue_waits_s);
	}
}

static void find_rest(struct explaining *s, uint32_t i)
{
	struct sfe_explained_transfer *x = &s->x->transfers[i];
	double measured = (double)(s->r->transfers[i].done_ns - x->start_ns) / 1e9;

	x->parts.unexplained_s = measured - x->predicted_s - sum(&x->parts);
}

static void explain_jobs(struct explaining *s)
{
	for (uint32_t i = 0; i < s->r->n_transfers; i++) {
		const struct sfe_parts *t = &s->x->transfers[i].parts;
		struct sfe_parts *p = &s->x->jobs[s->r->transfers[i].job].parts;
		if (!s->on_path[i])
			continue;
		s->x->jobs[s->r->transfers[i].job].other_paths_s += s->x->transfers[i].predicted_s;
		s->x->jobs[s->r->transfers[i].job].overlap_s += (double)s->overlap_ns[i] / 1e9;
		p->propagation_s += t->propagation_s;
		p->pipelining_s += t->pipelining_s;
		p->queueing_s += t->queueing_s;
		p->tcp_start_s += t->tcp_start_s;
		p->headers_s += t->headers_s;
		p->retries_s += t->retries_s;
		p->link_changes_s += t->link_changes_s;
		p->retransmissions_s += t->retransmissions_s;
		p->window_s += t->window_s;
		p->queue_waits_s += t->queue_waits_s;
	}
	for (uint32_t j = 0; j < s->r->n_jobs; j++) {
		const struct sfe_job_result *job = &s->r->jobs[j];
		struct sfe_explained_job *x = &s->x->jobs[j];
		struct sfe_parts *p = &x->parts;
		if (!job->ended || job->status) {
			*p = (struct sfe_parts){
				NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
			x->other_paths_s = x->vain_s = x->overlap_s = NAN;
			continue;
		}
		p->retries_s += s->beside_s[j];
		x->other_paths_s -= x->predicted_net_delay_s;
		if (fabs(x->other_paths_s) < ROUNDING_S)
			x->other_paths_s = 0;
		double measured = (double)(int64_t)(job->end_ns - job->start_ns -
						    job->processing_ns - job->dynamic_ns) /
				  1e9;
		x->vain_s = (double)job->vain_ns / 1e9;
		p->unexplained_s = measured - x->predicted_net_delay_s - x->other_paths_s -
				   x->vain_s + x->overlap_s - sum(p);
	}
}

/* That of the jobs that follow the candidate; SFE_NONE: of all jobs. */
static int predict_one(struct explaining *s, const struct sfe_strategy_info *strategy,
	uint32_t candidate, struct sfe_error *err)
{
	struct sfe_estimate *each;
	/* Of the others that there are, by=edge has nothing to say. */
	struct sfe_by_edge *const *by_edge =
		strategy->keeper == sfe_edges.keeper ? s->r->choice->by_edge : NULL;
	int r = sfe_experiment_estimate(s->e, strategy, s->r->strategy, by_edge, &each, err);

	if (r)
		return r;
	for (uint32_t j = 0; j < s->r->n_jobs; j++) {
		if (candidate != SFE_NONE && s->r->choice->chosen[j] != candidate)
			continue;
		s->x->jobs[j].predicted_net_delay_s = each[j].net_delay_s;
		s->x->jobs[j].predicted_processing_s = each[j].proc_delay_s;
		s->x->jobs[j].predicted_payload_bytes_hops = each[j].traffic_bytes;
	}
	free(each);
	return 0;
}

static bool is_followed(const struct sfe_choice *c, uint32_t candidate)
{
	uint32_t j = 0;

	while (j < c->n_jobs && c->chosen[j] != candidate)
		j++;
	return j < c->n_jobs;
}

static int predict(struct explaining *s, struct sfe_error *err)
{
	const struct sfe_choice *c = s->r->choice;
	int r = 0;

	if (!c)
		return predict_one(s, s->r->strategy, SFE_NONE, err);
	for (uint32_t k = 0; k < c->n && !r; k++)
		if (is_followed(c, k))
			r = predict_one(s, &c->candidate[k], k, err);
	return r;
}

static int allocate(struct explaining *s, struct sfe_error *err)
{
	size_t n = (size_t)s->r->n_transfers + 1;

	s->x->jobs = calloc((size_t)s->r->n_jobs + 1, sizeof(*s->x->jobs));
	s->x->transfers = calloc(n, sizeof(*s->x->transfers));
	s->window = calloc(n, sizeof(*s->window));
	s->forward = calloc(n, sizeof(*s->forward));
	s->back = calloc(n, sizeof(*s->back));
	s->start_ns = calloc(n, sizeof(*s->start_ns));
	s->resent_ns = calloc(n, sizeof(*s->resent_ns));
	s->on_path = calloc(n, sizeof(*s->on_path));
	s->overlap_ns = calloc(n, sizeof(*s->overlap_ns));
	s->order = calloc(n, sizeof(*s->order));
	s->beside_s = calloc((size_t)s->r->n_jobs + 1, sizeof(*s->beside_s));
	if (!s->resent_ns || !s->overlap_ns || !s->order || !s->beside_s || !s->x->jobs ||
		!s->x->transfers || !s->window || !s->forward || !s->back || !s->start_ns ||
		!s->on_path)
		return out_of_memory(err);
	return 0;
}

static void end(struct explaining *s)
{
	sfe_explained_paths_free(&s->paths);
	free(s->start_ns);
	free(s->on_path);
	free(s->resent_ns);
	free(s->overlap_ns);
	free(s->order);
	free(s->beside_s);
	sfe_link_course_free(s->course);
	free(s->window);
	free(s->forward);
	free(s->back);
}

int sfe_explain(const struct sfe_experiment *e, struct sfe_replay *r, struct sfe_explanation *out,
	struct sfe_error *err)
{
	struct explaining s = {
		.e = e,
		.r = r,
		.x = out,
		.paths = {.e = e},
		.tcp = {.mtu = e->net.mtu,
			.initial_window = e->net.initial_window,
			.timestamps = e->net.timestamps,
			.slow_start_after_idle = e->net.slow_start_after_idle},
	};
	int rc;

	*out = (struct sfe_explanation){0};
	if (r->n_transfers)
		qsort(r->transfers, r->n_transfers, sizeof(*r->transfers), by_job_and_time);
	(void)((rc = allocate(&s, err)) || (rc = predict(&s, err)) || (rc = find_starts(&s, err)) ||
		(rc = find_paths(&s, err)) || (rc = find_course(&s, err)));
	if (!rc)
		find_windows(&s);
	for (uint32_t i = 0; i < r->n_transfers && !rc; i++)
		explain_transfer(&s, i);
	if (!rc)
		rc = find_queueing(&s, err);
	if (!rc)
		find_waits(&s);
	for (uint32_t i = 0; i < r->n_transfers && !rc; i++)
		find_rest(&s, i);
	if (!rc)
		explain_jobs(&s);
	end(&s);
	return rc;
}

void sfe_explanation_free(struct sfe_explanation *x)
{
	free(x->jobs);
	free(x->transfers);
	*x = (struct sfe_explanation){0};
}
