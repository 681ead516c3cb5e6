/* SPDX-License-Identifier: MIT */
/* The client of a node: starts the node's jobs at their times, and reports to the orchestrator how
 * they ended. */
#ifndef SFE_NODES_CLIENT_H
#define SFE_NODES_CLIENT_H

#include "nodes/jobs/job_progress.h"
#include "nodes/worker/worker_state.h"

/* What the client leaves to the flow of the job (job_flow.h). */
struct client_hooks {
	/* Starts an attempt of a job, whose argument is in progress. Takes over the package. */
	void (*start)(struct worker *w, struct job_progress *progress, struct package *package);
	/* A result has come. Takes over the package. */
	void (*result)(struct worker *w, struct job_progress *progress, struct package *package,
		uint64_t end_ns);
};

int client_open(struct worker *w, const struct client_hooks *hooks); /* 0 or a negative errno */
void client_close(struct worker *w);

/* The job is to start at this time; client_start_due starts those whose time has come. */
void client_go(struct worker *w, uint32_t job, uint64_t at_ns);
void client_start_due(struct worker *w);

bool client_runs(const struct worker *w, uint32_t job);
size_t client_running(const struct worker *w); /* how many jobs */

/* A result has arrived, from the network or from this node. Takes over the package, and drops it if
 * the job does not run. */
void client_returned(struct worker *w, struct package *package, uint64_t end_ns);
/* The job ended well, in this attempt, with this return value. */
void client_done(
	struct worker *w, const struct job_place *at, const struct slice *value, uint64_t end_ns);
/* An attempt of a job has failed. A failure of an earlier attempt than the current one is ignored.
 */
void client_failed(struct worker *w, const struct job_place *at, int code, const char *reason);
/* Fails all jobs that run. Until the node is up again, jobs fail when they are to start. */
void client_crash(struct worker *w);

#endif
