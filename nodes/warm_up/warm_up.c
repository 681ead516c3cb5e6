/* SPDX-License-Identifier: MIT */
#include "nodes/warm_up/warm_up.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/strategies/used_connections.h"
#include "nodes/base/clock.h"
#include "nodes/http/wire_warm_up.h"
#include "nodes/jobs/peers.h"
#include "nodes/worker/control_channel.h"
#include "sfemu/transfer.h"

struct warm_up {
	struct worker *worker;
	uint32_t to;       /* the node whose turn it is */
	unsigned round;    /* how often filler was sent to it */
	double full[2];    /* segments that cover the path to it, and from it */
	uint32_t bytes[2]; /* of filler in this round: likewise */
	uint64_t sent;     /* of filler so far, in both directions */
	bool is_used[];    /* by node: messages of jobs will go there */
};

static void use(void *warm_up, uint32_t opener, uint32_t other)
{
	struct warm_up *u = warm_up;
	const struct worker *w = u->worker;

	if (opener == w->node && other < w->deployment->n_nodes)
		u->is_used[other] = true;
}

static void find_used(struct warm_up *u)
{
	const struct sfe_deployment *d = u->worker->deployment;
	struct sfe_connection_uses uses = {
		.use = use, .arg = u, .shared = d->shared, .cloud = d->cloud, .homes = d->strategy};

	for (uint32_t j = 0; j < d->n_jobs; j++) {
		const struct sfe_placed_job placed = deployment_job(d, j);
		uses.pushed = d->jobs[j].pushed;
		sfe_connections_used(deployment_rules(d, j), &placed, d->jobs[j].inlined, &uses);
	}
}

/* What the path to the node holds. */
static int measure(struct warm_up *u)
{
	const struct worker *w = u->worker;
	const struct sfe_deployment *d = w->deployment;
	struct sfe_inline_path there, back;
	int r = d->paths->find(d->paths->arg, w->node, u->to, &there);

	r = r ? r : d->paths->find(d->paths->arg, u->to, w->node, &back);
	if (r)
		return r;
	const struct sfe_transfer_path forward = {there.n, there.hops},
				       opposite = {back.n, back.hops};
	u->full[0] = sfe_transfer_full_window(forward, opposite, d->tcp);
	u->full[1] = sfe_transfer_full_window(opposite, forward, d->tcp);
	return 0;
}

static void report(struct warm_up *u, const struct exchange *e, const uint32_t *window, int code)
{
	struct worker *w = u->worker;
	struct sfe_ctl_warmed message = {.header = {SFE_CTL_WARMED, w->node},
		.to = e ? e->to : UINT32_MAX,
		.port = e ? e->port : 0,
		.code = code,
		.payload_bytes = u->sent,
		.end_ns = now_ns()};

	memcpy(message.window, window, sizeof(message.window));
	control_send(w, &message, sizeof(message));
}

static void next(struct warm_up *u);
static void warmed(struct exchange *e, int status);

/* A side whose window covers the path sends the least. */
static void fill(struct warm_up *u, const uint32_t *window)
{
	struct worker *w = u->worker;
	const struct exchange e = {.to = u->to, .warms = true, .done = warmed};

	for (int i = 0; i < 2; i++)
		u->bytes[i] = window[i] < u->full[i] ? (uint32_t)sfe_transfer_window_bytes(
							       u->full[i], w->deployment->tcp)
						     : WIRE_WARM_UP_LEAST;
	peers_send(
		w, &e, wire_warm_up(&w->wire, u->to, u->bytes[0], u->bytes[1], &w->host->buffers));
}

static void warmed(struct exchange *e, int status)
{
	struct warm_up *u = e->worker->warm_up;
	bool good = status == 200 && e->body.size == u->bytes[1];
	const uint32_t window[2] = {
		good ? peers_window(e) : 0, good ? wire_warm_up_number(&e->body) : 0};

	if (good) {
		u->round++;
		u->sent += u->bytes[0] + (uint64_t)u->bytes[1];
	}
	if (good && (window[0] < u->full[0] || window[1] < u->full[1]) &&
		u->round < WARM_UP_ROUNDS) {
		fill(u, window);
		return;
	}
	report(u, e, window, good ? 0 : status < 0 ? status : -EPROTO);
	u->to++;
	next(u);
}

/* The next node that is used, or the end. */
static void next(struct warm_up *u)
{
	static const uint32_t none[2] = {0, 0};
	struct worker *w = u->worker;

	while (u->to < w->deployment->n_nodes && !u->is_used[u->to])
		u->to++;
	u->round = 0;
	u->sent = 0;
	if (u->to == w->deployment->n_nodes) {
		report(u, NULL, none, 0);
		warm_up_close(w);
	} else if (measure(u)) {
		worker_fatal(w, -ENOMEM, "the paths of the warm-up");
	} else {
		fill(u, none);
	}
}

void warm_up_begin(struct worker *w)
{
	const struct sfe_deployment *d = w->deployment;

	if (w->warm_up || !d->paths || !d->tcp) {
		worker_fatal(w, -EPROTO, "a warm-up that is not due");
		return;
	}
	w->warm_up = calloc(1, sizeof(*w->warm_up) + d->n_nodes * sizeof(bool));
	if (!w->warm_up) {
		worker_fatal(w, -ENOMEM, "the warm-up");
		return;
	}
	w->warm_up->worker = w;
	find_used(w->warm_up);
	next(w->warm_up);
}

void warm_up_close(struct worker *w)
{
	free(w->warm_up);
	w->warm_up = NULL;
}
