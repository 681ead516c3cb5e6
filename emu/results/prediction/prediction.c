/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/prediction.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "emu/experiment/inline_paths.h"
#include "emu/model/strategies/by_edge.h"
#include "emu/model/strategies/job_rules.h"
#include "emu/model/strategies/push_states.h"
#include "emu/model/strategies/used_connections.h"
#include "emu/model/workload/job_graph.h"
#include "emu/results/prediction/connections.h"
#include "emu/results/prediction/predicted_cache.h"
#include "sfemu/estimate.h"

struct sfe_predictor {
	const struct sfe_experiment *e;
	struct sfe_connections connections;
	struct sfe_predicted_caches *caches;
	const struct sfe_strategy_info *homes; /* the run's strategy */
	bool *cached;     /* of the states of the step that fetches: its node has it */
	uint32_t *order;  /* the jobs by arrival */
	double *at_s;     /* of each step: its result can be sent; where the client invokes: it has
			     the result */
	double *begin_s;  /* of each step: its calls have come */
	double *left_s;   /* of each step: what it changed is with its keepers */
	bool *ahead;      /* of each state of a step: it comes ahead of the call */
	double end_s;     /* of the job before this one, where jobs come one after the other */
	bool no_memory;   /* of a warm-up */
	uint32_t central; /* SFE_NONE until a strategy needs it */
};

struct walk {
	struct sfe_predictor *p;
	struct sfe_placed_job placed;
	struct sfe_job_rules of;
	const struct sfe_pushed *pushed; /* NULL: nothing goes ahead unasked */
	uint32_t number;                 /* the experiment's index of the job */
	double start_s;
	bool warms; /* warm=on, and nobody knew before which connections this job uses */
	bool no_memory;
};

static uint32_t store_of(struct sfe_predictor *p, const struct sfe_strategy_info *rules)
{
	if (rules->store == SFE_STORE_CLOUD)
		return p->e->topology->n_nodes - 1;
	if (rules->store != SFE_STORE_CENTRAL)
		return SFE_NONE;
	if (p->central == SFE_NONE)
		p->central = sfe_central_node(&p->e->emulated, p->e->emulated_routing);
	return p->central;
}

static double message(struct walk *w, const struct sfe_predicted_message *m, double at_s)
{
	double end_s = at_s;

	if (w->warms && m->from != m->to)
		w->no_memory |= sfe_connections_warm_up(&w->p->connections, m->opener,
					m->opener == m->from ? m->to : m->from) != 0;
	w->no_memory |= sfe_connections_send(&w->p->connections, m, at_s, &end_s) != 0;
	return end_s;
}

/* Over a connection that the sender opens. */
static double post(struct walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return message(w, &(struct sfe_predicted_message){from, from, to, bytes, false, 0}, at_s);
}

static double get(struct walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return message(w, &(struct sfe_predicted_message){to, from, to, bytes, true, 0}, at_s);
}

/* The answer to what `to` has sent. */
static double answer(struct walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return message(w, &(struct sfe_predicted_message){to, from, to, bytes, false, 0}, at_s);
}

/* ---- calls */

/* When all calls of the step are on its node. */
static double call(struct walk *w, uint32_t step)
{
	const struct sfe_job *job = w->of.job;
	uint32_t node = w->placed.node[step], n = sfe_steps_before(job, step);
	double all = w->start_s;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t from = sfe_step_before(job, step, i);
		double one = w->p->at_s[from];
		if (!w->of.rules->client_invokes)
			one = post(w, w->placed.node[from], node,
				job->steps[from].out_bytes + sfe_carried_bytes(&w->of, from, step),
				one);
		all = fmax(all, one);
	}
	if (sfe_called_by_client(&w->of, step))
		all = post(w, w->placed.client, node,
			job->steps[step].arg_bytes + sfe_carried_bytes(&w->of, SFE_CLIENT, step),
			all);
	return all;
}

/* ---- states */

/* The node from which the step fetches its i-th state; its own: it does not. */
static uint32_t fetched_from(const struct walk *w, uint32_t step, uint32_t i)
{
	const struct sfe_step *s = &w->of.job->steps[step];

	if (!w->of.rules->keeper || sfe_step_access(s, i) == SFE_WRITE || w->p->cached[i] ||
		sfe_push_goes(w->pushed, s->deps[i], step) ||
		sfe_came_with_call(&w->of, s->deps[i], step))
		return w->placed.node[step];
	return w->of.rules->keeper(&w->placed, s->deps[i], step);
}

static double fetch_serial(struct walk *w, uint32_t step, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];

	for (uint32_t i = 0; i < s->n_deps; i++)
		at_s = w->p->ahead[i] ? at_s
				      : get(w, fetched_from(w, step, i), w->placed.node[step],
						w->of.job->state_bytes[s->deps[i]], at_s);
	return at_s;
}

/* Those of a node in one message, those of several nodes at the same time; of those that come
 * ahead, or of the others. */
static double fetch_parallel(struct walk *w, uint32_t step, bool ahead, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	double all = at_s;

	for (uint32_t i = 0; i < s->n_deps; i++) {
		uint32_t from = fetched_from(w, step, i), before = 0;
		uint64_t bytes = 0;
		while (before < i &&
			(w->p->ahead[before] != ahead || fetched_from(w, step, before) != from))
			before++;
		if (before < i || w->p->ahead[i] != ahead) /* it came with that one */
			continue;
		for (uint32_t k = i; k < s->n_deps; k++)
			if (w->p->ahead[k] == ahead && fetched_from(w, step, k) == from)
				bytes += w->of.job->state_bytes[s->deps[k]];
		all = fmax(all, get(w, from, w->placed.node[step], bytes, at_s));
	}
	return all;
}

/* ---- states ahead of the call (options.prefetch) */

/* The states that are final when the step before begins: whether there are any. */
static bool find_final(struct walk *w, uint32_t step, uint32_t before)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	bool any = false;

	for (uint32_t i = 0; i < s->n_deps; i++) {
		w->p->ahead[i] = fetched_from(w, step, i) != w->placed.node[step] &&
				 sfe_by_edge_is_final(&w->placed, s->deps[i], step, before);
		any |= w->p->ahead[i];
	}
	return any;
}

/* The step before that tells the step's node of its states: of several, the first that begins. */
static uint32_t teller(const struct walk *w, uint32_t step)
{
	uint32_t first = sfe_step_before(w->of.job, step, 0);

	for (uint32_t i = 1; i < sfe_steps_before(w->of.job, step); i++) {
		uint32_t other = sfe_step_before(w->of.job, step, i);
		if (w->p->begin_s[other] < w->p->begin_s[first])
			first = other;
	}
	return first;
}

/* When the last of what comes ahead is there; what one by one is not asked for before the call at
 * call_s is not ahead. 0: nothing is. */
static double fetch_ahead(struct walk *w, uint32_t step, double told_s, double call_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	double at_s = told_s;

	if (w->of.rules->options.fetch == SFE_FETCH_PARALLEL && told_s < call_s)
		return fetch_parallel(w, step, true, told_s);
	for (uint32_t i = 0; i < s->n_deps; i++) {
		w->p->ahead[i] = w->p->ahead[i] && at_s < call_s;
		if (w->p->ahead[i])
			at_s = get(w, fetched_from(w, step, i), w->placed.node[step],
				w->of.job->state_bytes[s->deps[i]], at_s);
	}
	return at_s > told_s ? at_s : 0;
}

/* *ahead_s: as fetch_ahead says. When the call has come, whose connection the word of these states
 * makes. */
static double call_after_word(struct walk *w, uint32_t step, double *ahead_s)
{
	uint32_t node = w->placed.node[step], before;

	*ahead_s = 0;
	for (uint32_t i = 0; i < w->of.job->steps[step].n_deps; i++)
		w->p->ahead[i] = false;
	if (!w->of.rules->options.prefetch || !sfe_steps_before(w->of.job, step))
		return call(w, step);
	before = teller(w, step);
	if (!find_final(w, step, before))
		return call(w, step);
	double told_s = post(w, w->placed.node[before], node, 0, w->p->begin_s[before]);
	double call_s = call(w, step);
	*ahead_s = fetch_ahead(w, step, told_s, call_s);
	return call_s;
}

/* ---- states that go ahead unasked (options.push_us) */

/* When the last of them is there; 0: none goes to the step. */
static double push(struct walk *w, uint32_t step)
{
	struct sfe_push m;
	double all = 0;

	for (uint32_t i = 0; i < w->of.job->steps[step].n_deps; i++)
		if (sfe_push_begins(w->pushed, w->of.rules, &w->placed, step, i, &m))
			all = fmax(all, post(w, m.keeper, w->placed.node[step], m.bytes,
						m.writer == SFE_CLIENT ? w->start_s
								       : w->p->left_s[m.writer]));
	return all;
}

/* When the keepers of what came ahead, and what the step changes, have given it away. */
static double claim(struct walk *w, uint32_t step, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	double all = at_s;

	for (uint32_t i = 0; i < s->n_deps; i++) {
		uint32_t from = w->of.rules->keeper
					? w->of.rules->keeper(&w->placed, s->deps[i], step)
					: w->placed.node[step];
		if ((w->p->ahead[i] || sfe_push_goes(w->pushed, s->deps[i], step)) &&
			sfe_step_changes(s, s->deps[i]) &&
			w->of.rules->keeper(&w->placed, s->deps[i], step + 1) != from)
			all = fmax(all, get(w, from, w->placed.node[step], 0, at_s));
	}
	return all;
}

/* A node gives a state to another one, and waits for the answer. */
static double give_one(struct walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return answer(w, to, from, 0, post(w, from, to, bytes, at_s));
}

/* A state that outlives the job: its content, or the word that the node's version is the newest. */
static double get_shared(
	struct walk *w, uint32_t step, uint32_t i, uint32_t home, uint64_t bytes, double at_s)
{
	const struct sfe_cached_step s = {w->of.rules, &w->placed, w->number, step};
	enum sfe_cached_how how = sfe_predicted_cache_shared(w->p->caches, &s, i);

	if (how == SFE_CACHED_FOREVER)
		return at_s;
	return message(w,
		&(struct sfe_predicted_message){w->placed.node[step], home, w->placed.node[step],
			how == SFE_CACHED_NEWEST ? 0 : bytes, true,
			how == SFE_CACHED_NOT ? 0 : SFE_HELD_VERSION_BYTES},
		at_s);
}

/* States that outlive the job come from their homes, or go there. */
static double shared(struct walk *w, uint32_t step, enum sfe_access but, double at_s)
{
	const struct sfe_shared_uses none = {0},
				     *uses = w->of.job->shared ? &w->of.job->shared[step] : &none;
	const struct sfe_experiment *e = w->p->e;
	uint32_t node = w->placed.node[step];

	for (uint32_t i = 0; i < uses->n; i++) {
		uint32_t instance = sfe_shared_instance(&e->shared, &w->placed, step, i);
		uint32_t home = sfe_predicted_home(w->p->caches, &w->placed, instance);
		uint64_t bytes = e->shared.states[uses->of[i].state].bytes;
		if (uses->of[i].access == but || home == node)
			continue;
		at_s = but == SFE_WRITE ? get_shared(w, step, i, home, bytes, at_s)
					: give_one(w, node, home, bytes, at_s);
	}
	return at_s;
}

/* Which states the step's node has. */
static void begin_cached(struct walk *w, uint32_t step)
{
	const struct sfe_cached_step s = {w->of.rules, &w->placed, w->number, step};
	const struct sfe_step *of = &w->of.job->steps[step];
	uint64_t argument = sfe_called_by_client(&w->of, step) ? of->arg_bytes : 0;

	for (uint32_t i = 0;
		!sfe_called_by_client(&w->of, step) && i < sfe_steps_before(w->of.job, step); i++)
		argument += w->of.job->steps[sfe_step_before(w->of.job, step, i)].out_bytes;
	w->no_memory |= sfe_predicted_cache_begin(w->p->caches, &s, argument) != 0;
	for (uint32_t i = 0; i < of->n_deps; i++)
		w->p->cached[i] = sfe_predicted_cache_has(w->p->caches, &s, i);
}

/* After the call at call_s; ahead_s: when what comes ahead is there. */
static double fetch(struct walk *w, uint32_t step, double call_s, double ahead_s)
{
	double at_s = w->of.rules->options.fetch == SFE_FETCH_PARALLEL
			      ? fmax(ahead_s, fetch_parallel(w, step, false, call_s))
			      : fetch_serial(w, step, fmax(ahead_s, call_s));

	at_s = shared(w, step, SFE_WRITE, at_s);
	w->no_memory |=
		sfe_predicted_cache_fetched(w->p->caches,
			&(struct sfe_cached_step){w->of.rules, &w->placed, w->number, step}) != 0;
	return at_s;
}

/* The step's node sends the states that it changed to their replicas, one after the other. */
static double copy(struct walk *w, uint32_t step, double at_s)
{
	const struct sfe_experiment *e = w->p->e;
	const struct sfe_step *s = &w->of.job->steps[step];
	uint32_t n = w->of.rules->copies ? e->scenario->replicas : 0, node = w->placed.node[step];

	for (uint32_t i = 0; n && i < s->n_deps; i++) {
		uint32_t keeper = w->of.rules->keeper(&w->placed, s->deps[i], step + 1), sent = 0;
		if (sfe_step_access(s, i) == SFE_READ)
			continue;
		for (uint32_t k = 0; k <= n && sent < n; k++) {
			uint32_t to = e->replica_of[(size_t)w->placed.client * (n + 1) + k];
			if (to == keeper)
				continue;
			sent++;
			at_s = give_one(w, node, to, w->of.job->state_bytes[s->deps[i]], at_s);
		}
	}
	return at_s;
}

static double give(struct walk *w, uint32_t step, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	uint32_t node = w->placed.node[step];

	at_s = copy(w, step, shared(w, step, SFE_READ, at_s));
	for (uint32_t i = 0; w->of.rules->keeper && i < s->n_deps; i++)
		if (sfe_step_access(s, i) != SFE_READ)
			at_s = give_one(w, node,
				w->of.rules->keeper(&w->placed, s->deps[i], step + 1),
				w->of.job->state_bytes[s->deps[i]], at_s);
	w->no_memory |=
		sfe_predicted_cache_gave(w->p->caches,
			&(struct sfe_cached_step){w->of.rules, &w->placed, w->number, step}) != 0;
	return at_s;
}

/* ---- a job */

static double compute_s(const struct walk *w, uint32_t step)
{
	const struct sfe_node *node = &w->p->e->topology->nodes[w->placed.node[step]];

	return w->of.job->steps[step].ops / (double)node->speed_ops;
}

static double result(struct walk *w, uint32_t step, double at_s)
{
	uint32_t node = w->placed.node[step], client = w->placed.client;
	uint64_t bytes =
		w->of.job->steps[step].out_bytes + sfe_carried_bytes(&w->of, step, SFE_CLIENT);

	return w->of.rules->client_invokes ? answer(w, node, client, bytes, at_s)
					   : post(w, node, client, bytes, at_s);
}

/* What goes along with calls, and ahead of them: NULL where the options are off. 0 or -ENOMEM. */
static int decide(const struct sfe_strategy_info *rules, const struct sfe_placed_job *placed,
	const struct sfe_inline_paths *paths, struct sfe_inlined **inlined,
	struct sfe_pushed **pushed)
{
	int r = rules->options.inlined == SFE_INLINE_AUTO
			? sfe_inlined_new(rules, placed, paths, inlined)
			: 0;

	if (!r && rules->options.push_us)
		r = sfe_pushed_new(rules, placed, *inlined, paths, pushed);
	if (r)
		free(*inlined);
	return r;
}

int sfe_predict_by_edge(struct sfe_predictor *p, const struct sfe_strategy_info *rules,
	const struct sfe_by_edge *by_edge, uint32_t job, bool runs, double *response_s)
{
	const struct sfe_experiment *e = p->e;
	const bool sequential = e->scenario->workload.arrivals == SFE_ARRIVALS_SEQUENTIAL;
	struct sfe_inlined *inlined = NULL;
	struct sfe_pushed *pushed = NULL;
	struct walk w = {.p = p,
		.placed = {e->jobs[job].job, e->jobs[job].client, e->jobs[job].node,
			store_of(p, rules), by_edge},
		.of = {rules, e->jobs[job].job, NULL},
		.number = job,
		.warms = by_edge && rules->options.warm == SFE_WARM_ON,
		.start_s = sequential ? p->end_s : (double)e->arrival_ns[job] / 1e9};
	const struct sfe_inline_paths paths = {sfe_inline_path_find, &p->connections.paths};
	double end_s = w.start_s;

	if (decide(rules, &w.placed, &paths, &inlined, &pushed))
		return -ENOMEM;
	w.of.inlined = by_edge ? by_edge->along : inlined;
	w.pushed = pushed;
	sfe_connections_mark(&p->connections);
	sfe_predicted_caches_mark(p->caches);
	for (uint32_t s = 0; s < w.of.job->n_steps; s++) {
		bool last = !sfe_steps_after(w.of.job, s);
		double ahead_s, call_s;
		begin_cached(&w, s);
		call_s = call_after_word(&w, s, &ahead_s);
		ahead_s = fmax(ahead_s, push(&w, s));
		double at_s = fetch(&w, s, call_s, ahead_s);
		p->begin_s[s] = call_s;
		at_s = give(&w, s, fmax(claim(&w, s, at_s), at_s + compute_s(&w, s)));
		p->left_s[s] = at_s;
		if (last || rules->client_invokes)
			at_s = result(&w, s, at_s);
		if (last)
			end_s = fmax(end_s, at_s);
		p->at_s[s] = at_s;
	}
	if (runs) {
		p->end_s = end_s;
	} else {
		sfe_connections_undo(&p->connections);
		sfe_predicted_caches_undo(p->caches);
	}
	free(inlined);
	free(pushed);
	*response_s = end_s - w.start_s;
	return w.no_memory ? -ENOMEM : 0;
}

int sfe_predict_job(struct sfe_predictor *p, const struct sfe_strategy_info *rules, uint32_t job,
	bool runs, double *response_s)
{
	return sfe_predict_by_edge(p, rules, NULL, job, runs, response_s);
}

static void warm(void *predictor, uint32_t opener, uint32_t other)
{
	struct sfe_predictor *p = predictor;

	p->no_memory |= sfe_connections_warm_up(&p->connections, opener, other) != 0;
}

int sfe_predictor_warm_up(struct sfe_predictor *p, const struct sfe_strategy_info *rules)
{
	const struct sfe_experiment *e = p->e;
	const struct sfe_inline_paths paths = {sfe_inline_path_find, &p->connections.paths};
	struct sfe_connection_uses uses = {.use = warm,
		.arg = p,
		.shared = &e->shared,
		.cloud = e->topology != e->bare ? e->topology->n_nodes - 1 : SFE_NONE,
		.homes = p->homes};

	p->no_memory = false;
	for (uint32_t j = 0; j < e->n_jobs && !p->no_memory; j++) {
		const struct sfe_placed_job placed = {
			e->jobs[j].job, e->jobs[j].client, e->jobs[j].node, store_of(p, rules)};
		struct sfe_inlined *inlined = NULL;
		struct sfe_pushed *pushed = NULL;
		if (decide(rules, &placed, &paths, &inlined, &pushed))
			return -ENOMEM;
		uses.pushed = pushed;
		sfe_connections_used(rules, &placed, inlined, &uses);
		free(inlined);
		free(pushed);
	}
	return p->no_memory ? -ENOMEM : 0;
}

int sfe_predict_mean(
	const struct sfe_experiment *e, const struct sfe_strategy_info *rules, double *response_s)
{
	struct sfe_predictor *p = sfe_predictor_new(e, rules);
	int r = p ? 0 : -ENOMEM;
	double one;

	*response_s = 0;
	if (!r && rules->options.warm == SFE_WARM_ON)
		r = sfe_predictor_warm_up(p, rules);
	for (uint32_t i = 0; i < e->n_jobs && !r; i++) {
		r = sfe_predict_job(p, rules, sfe_predictor_at(p, i), true, &one);
		*response_s += one / e->n_jobs;
	}
	sfe_predictor_free(p);
	return r;
}

uint32_t sfe_predictor_at(const struct sfe_predictor *p, uint32_t i)
{
	return p->order[i];
}

static int by_arrival(const void *a, const void *b, void *arrival_ns)
{
	const uint32_t *x = a, *y = b;
	const uint64_t *at = arrival_ns;

	return at[*x] != at[*y] ? (at[*x] < at[*y] ? -1 : 1) : (*x > *y) - (*x < *y);
}

struct sfe_predictor *sfe_predictor_new(
	const struct sfe_experiment *e, const struct sfe_strategy_info *homes)
{
	struct sfe_predictor *p = calloc(1, sizeof(*p));
	uint32_t most = 1, most_states = 1;

	if (!p)
		return NULL;
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_job *job = e->jobs[j].job;
		most = job->n_steps > most ? job->n_steps : most;
		most_states = job->n_states > most_states ? job->n_states : most_states;
	}
	p->e = p->connections.paths.e = e;
	p->homes = homes;
	p->central = SFE_NONE;
	p->connections.tcp = (struct sfe_tcp){.mtu = e->net.mtu,
		.initial_window = e->net.initial_window,
		.timestamps = e->net.timestamps,
		.slow_start_after_idle = e->net.slow_start_after_idle};
	p->at_s = calloc(most, sizeof(*p->at_s));
	p->begin_s = calloc(most, sizeof(*p->begin_s));
	p->left_s = calloc(most, sizeof(*p->left_s));
	p->ahead = calloc(most_states, sizeof(*p->ahead));
	p->order = calloc((size_t)e->n_jobs + 1, sizeof(*p->order));
	p->cached = calloc(most_states, sizeof(*p->cached));
	p->caches = sfe_predicted_caches_new(e, homes);
	if (!p->at_s || !p->begin_s || !p->left_s || !p->ahead || !p->order || !p->cached ||
		!p->caches) {
		sfe_predictor_free(p);
		return NULL;
	}
	for (uint32_t j = 0; j < e->n_jobs; j++)
		p->order[j] = j;
	if (e->n_jobs) /* without times of their own all arrive at 0, in their order */
		qsort_r(p->order, e->n_jobs, sizeof(*p->order), by_arrival, e->arrival_ns);
	return p;
}

void sfe_predictor_free(struct sfe_predictor *p)
{
	if (!p)
		return;
	sfe_connections_free(&p->connections);
	sfe_predicted_caches_free(p->caches);
	free(p->cached);
	free(p->at_s);
	free(p->begin_s);
	free(p->left_s);
	free(p->ahead);
	free(p->order);
	free(p);
}
