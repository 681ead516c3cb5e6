/* SPDX-License-Identifier: MIT */
#include "nodes/runtime/crash.h"

#include "nodes/jobs/client.h"
#include "nodes/jobs/dynamic_call.h"
#include "nodes/jobs/dynamic_run.h"
#include "nodes/jobs/invocation.h"
#include "nodes/jobs/peers.h"
#include "nodes/jobs/prefetch.h"
#include "nodes/jobs/shared_wait.h"
#include "nodes/server/server.h"
#include "nodes/shared/shared_store.h"
#include "nodes/worker/records.h"

void worker_crash(struct worker *w)
{
	const struct sfe_endpoint *node = &w->deployment->nodes[w->node];

	if (w->down)
		return;
	w->down = true; /* from here on nothing is retried, and nobody is told of a failure */
	w->crashes++;
	records_send(w, SFE_STATE_LOST);
	shared_store_tell(w, SFE_STATE_LOST);
	client_crash(w);
	server_close(w);
	connections_close_all(&w->connections, false);
	peers_reset(w);
	handoffs_clear(&w->handoffs);
	invocations_clear(w);
	prefetches_clear(w);
	shared_waits_clear(w);
	dynamic_calls_clear(w);
	dynamic_runs_clear(w);
	admission_close(&w->admission); /* instances are gone */
	if (admission_open(&w->admission, &node->limits, w->deployment->n_functions))
		worker_fatal(w, -ENOMEM, "the limits of the node");
	ps_clear(&w->ps);
	ps_init(&w->ps, node->speed_ops, node->limits.cores);
	store_clear(&w->store);
	store_clear(&w->created);
	store_clear(&w->replicas);
	state_cache_clear(&w->cache);
	shared_store_crash(w);
	retained_clear(&w->retained);
	accepted_clear(&w->accepted);
	int r = deadline_set(&w->compute_deadline, UINT64_MAX);
	if (r)
		worker_fatal(w, r, "the timer of the compute model");
}

void worker_restart(struct worker *w)
{
	int r = w->down ? server_open(w, w->error) : 0;

	w->down = false;
	if (r)
		worker_fatal(w, r, "listening again");
}
