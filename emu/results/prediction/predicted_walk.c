/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/predicted_walk.h"

#include <math.h>

#include "emu/model/workload/job_graph.h"
#include "sfemu/estimate.h"

uint32_t predicted_store(struct sfe_predictor *p, const struct sfe_strategy_info *rules)
{
	if (rules->store == SFE_STORE_CLOUD)
		return p->e->topology->n_nodes - 1;
	if (rules->store != SFE_STORE_CENTRAL)
		return SFE_NONE;
	if (p->central == SFE_NONE)
		p->central = sfe_central_node(&p->e->emulated, p->e->emulated_routing);
	return p->central;
}

double predicted_message(
	struct predicted_walk *w, const struct sfe_predicted_message *m, double at_s)
{
	double end_s = at_s;

	if (w->warms && m->from != m->to)
		w->no_memory |= sfe_connections_warm_up(&w->p->connections, m->opener,
					m->opener == m->from ? m->to : m->from) != 0;
	w->no_memory |= sfe_connections_send(&w->p->connections, m, at_s, &end_s) != 0;
	return end_s;
}

double predicted_post(
	struct predicted_walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return predicted_message(
		w, &(struct sfe_predicted_message){from, from, to, bytes, false, 0}, at_s);
}

double predicted_get(
	struct predicted_walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return predicted_message(
		w, &(struct sfe_predicted_message){to, from, to, bytes, true, 0}, at_s);
}

double predicted_answer(
	struct predicted_walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return predicted_message(
		w, &(struct sfe_predicted_message){to, from, to, bytes, false, 0}, at_s);
}

double predicted_call(struct predicted_walk *w, uint32_t step)
{
	const struct sfe_job *job = w->of.job;
	uint32_t node = w->placed.node[step], n = sfe_steps_before(job, step);
	double all = w->start_s;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t from = sfe_step_before(job, step, i);
		double one = w->p->at_s[from];
		if (!w->of.rules->client_invokes)
			one = predicted_post(w, w->placed.node[from], node,
				job->steps[from].out_bytes + sfe_carried_bytes(&w->of, from, step),
				one);
		all = fmax(all, one);
	}
	if (sfe_called_by_client(&w->of, step))
		all = predicted_post(w, w->placed.client, node,
			job->steps[step].arg_bytes + sfe_carried_bytes(&w->of, SFE_CLIENT, step),
			all);
	return all;
}
