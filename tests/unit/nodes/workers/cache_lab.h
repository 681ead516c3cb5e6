/* SPDX-License-Identifier: MIT */
/* Runs of jobs one after the other on four workers with the option cache=on: what moved for each,
 * and how often the caches of nodes served. */
#ifndef SFE_TESTS_CACHE_LAB_H
#define SFE_TESTS_CACHE_LAB_H

#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define N_JOBS 8
#define HOME 1
#define READER 2
#define STORE 3
#define MS 1000000ull
#define MAX_READ 64

static char *function_names[] = {"f0"};
static struct sfe_strategy_info cached; /* StateLocal, or another one, with cache=on */

/* ---- what a run leaves */

struct outcome {
	uint32_t ended;
	struct of_job {
		int32_t status;
		char reason[160];
		uint32_t hits, fetches; /* uses that the cache served; answers that came */
		uint64_t fetched_bytes, digest[2]; /* of its own states */
	} job[N_JOBS];
	uint32_t n_read;
	struct sfe_ctl_shared read[MAX_READ], home[MAX_READ]; /* on the step's node; at the home */
	uint32_t n_home;
};

static inline void take(void *context, const union lab_message *m)
{
	struct outcome *o = context;

	switch (m->header.type) {
	case SFE_CTL_JOB:
		o->job[m->job.job].status = m->job.status;
		memcpy(o->job[m->job.job].reason, m->job.reason, sizeof(m->job.reason));
		o->ended++;
		break;
	case SFE_CTL_INVOCATION:
		o->job[m->invocation.job].hits += m->invocation.cache_hits;
		break;
	case SFE_CTL_TRANSFER:
		if (m->transfer.kind != SFE_TRANSFER_FETCH)
			break;
		o->job[m->transfer.job].fetches++;
		o->job[m->transfer.job].fetched_bytes += m->transfer.payload_bytes;
		break;
	case SFE_CTL_STATE:
		o->job[m->state.job].digest[m->state.state] = m->state.digest;
		break;
	case SFE_CTL_SHARED:
		if (m->shared.outcome == SFE_SHARED_GOT && o->n_read < MAX_READ)
			o->read[o->n_read++] = m->shared;
		if (m->shared.outcome < SFE_SHARED_GOT && o->n_home < MAX_READ)
			o->home[o->n_home++] = m->shared;
		break;
	}
}

static inline void run_job(struct lab *lab, struct outcome *o, uint32_t job)
{
	uint32_t before = o->ended;
	union lab_message m;

	lab_go(lab, job, 0);
	while (o->ended == before) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(o, &m);
	}
}

static inline void end(struct lab *lab, struct outcome *o)
{
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(lab, i, take, o);
}

static inline void expect_moved(
	const struct outcome *o, uint32_t job, uint32_t hits, uint32_t fetches, uint64_t bytes)
{
	const struct of_job *j = &o->job[job];

	if (j->status || j->hits != hits || j->fetches != fetches || j->fetched_bytes != bytes)
		printf("job %u: %d %s, %u hits, %u fetches, %lu bytes\n", job, j->status, j->reason,
			j->hits, j->fetches, (unsigned long)j->fetched_bytes);
	CU_ASSERT(!j->status && j->hits == hits && j->fetches == fetches &&
		  j->fetched_bytes == bytes);
}

#endif
