/* SPDX-License-Identifier: MIT */
#include "emu/run/guest_memory.h"

/* What a kernel and the pages of programs take, and one namespace with its devices, routes and
 * worker, with room to spare. */
#define BASE_MB 256u
#define HOST_KB 1024u
/* A byte of payload at its worst: with its sender, in two sockets' buffers (of which a packet takes
 * 1.6 times its size), with its receiver, and in a store. */
#define COPIES 6.0
#define STEP_MB 16u
/* Bursts of probes; and of a TCP transfer what is in flight and not yet acknowledged, of which a
 * packet takes 2 times its payload, and what is not yet read. */
#define VERIFY_MB 1024u
#define VERIFY_COPIES 5.0

/* All that one job can have in flight. */
static double job_bytes(const struct sfe_job *job)
{
	double largest = (double)job->return_bytes;

	for (uint32_t i = 0; i < job->n_steps; i++) {
		double both = (double)job->steps[i].arg_bytes + (double)job->steps[i].out_bytes;
		largest = both > largest ? both : largest;
	}
	return largest + (double)job->states_total_bytes;
}

/* What nodes keep besides, in case they are asked again: of each step its argument and what it
 * answered, which are all states of the job where those travel with it; and copies of states. */
static double kept_bytes(const struct sfe_scenario *s, const struct sfe_job *job)
{
	double kept = s->replicas * (double)job->states_total_bytes;

	for (uint32_t i = 0; s->invocation.retries && i < job->n_steps; i++)
		kept += (double)job->steps[i].arg_bytes + (double)job->steps[i].out_bytes +
			(double)job->states_total_bytes;
	return kept;
}

/* Jobs overlap as they like, but for those that run one after the other. What is kept of a job may
 * outlast it, by how many others only the run can tell. */
static double payload_bytes(const struct sfe_experiment *e)
{
	double sum = 0, most = 0, kept = 0;

	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_job *job = e->jobs[j].job;
		double bytes = COPIES * (job_bytes(job) + e->scenario->replicas *
								  (double)job->states_total_bytes);
		sum += bytes;
		most = bytes > most ? bytes : most;
		kept += kept_bytes(e->scenario, job);
	}
	return kept + (e->scenario->workload.arrivals == SFE_ARRIVALS_SEQUENTIAL ? most : sum);
}

uint32_t sfe_guest_memory_mb(
	const struct sfe_experiment *e, const struct sfe_verify_options *verify)
{
	double mb = BASE_MB + HOST_KB / 1024.0 * e->plan->n_hosts + payload_bytes(e) / (1 << 20);

	if (verify)
		mb += VERIFY_MB + VERIFY_COPIES * (double)verify->tcp_window / (1 << 20);
	if (e->scenario->guest_memory_mb)
		return e->scenario->guest_memory_mb;
	if (mb > SFE_GUEST_MOST_MB)
		return SFE_GUEST_MOST_MB;
	return ((uint32_t)mb / STEP_MB + 1) * STEP_MB;
}
