/* SPDX-License-Identifier: MIT */
#include "emu/run/guest_memory.h"

#include <math.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/shared/shared_home.h"
#include "nodes/worker/state_cache.h"

/* Memory of the kernel and of programs; and per namespace, of its devices, routes and worker: 256
 * KB and a margin, which is larger for the first of them. */
#define BASE_MB 256u
#define FIRST_HOSTS 256u
#define FIRST_HOST_KB 1024u
#define HOST_KB 384u
/* Copies of a payload byte, at most: at its sender, in two socket buffers (a packet takes 1.6
 * times its size there), at its receiver, and in a store. */
#define COPIES 6.0
#define STEP_MB 16u
/* What is measured of a job, in each of its steps, and in each use of a state, in the lab and in
 * the workers, with what is computed from it: tests/vm/long.sh measures it. BASE_MB has the first
 * MB. */
#define JOB_RECORD_BYTES 2048.0
#define STEP_RECORD_BYTES 2048.0
#define USE_RECORD_BYTES 1024.0
#define FIRST_RECORDS_MB 64.0
/* Of a crash that is repeated without an end. */
#define REPEATED_CRASHES 20.0
/* Bursts of probes; and for a TCP transfer the data in flight (a packet takes 2 times its
 * payload), and the data not yet read. */
#define VERIFY_MB 1024u
#define VERIFY_COPIES 5.0

static double step_bytes(const struct sfe_step *step)
{
	return (double)step->arg_bytes + (double)step->out_bytes;
}

/* The most steps that may run at the same time as one step, with it: no fewer than run at once. */
static uint32_t most_at_once(const struct sfe_job *job)
{
	uint32_t most = 1;

	for (uint32_t s = 0; job->graph && s < job->n_steps; s++) {
		uint32_t n = 1;
		for (uint32_t other = 0; other < job->n_steps; other++)
			n += sfe_steps_parallel(job, s, other);
		most = n > most ? n : most;
	}
	return most;
}

/* The values that may be somewhere at the same time: in a chain, those of one step; in a graph they
 * may wait until the last branch ends. */
static double value_bytes(const struct sfe_job *job)
{
	double largest = (double)job->return_bytes, sum = largest;

	for (uint32_t i = 0; i < job->n_steps; i++) {
		double both = step_bytes(&job->steps[i]);
		largest = both > largest ? both : largest;
		sum += both;
	}
	return job->graph ? sum : largest;
}

/* Old versions that their keepers keep, as the writers of the new ones do not fetch them. */
static double overwritten_bytes(const struct sfe_job *job)
{
	double sum = 0;

	for (uint32_t s = 0; s < job->n_steps; s++)
		for (uint32_t i = 0; i < job->steps[s].n_deps; i++)
			if (sfe_step_access(&job->steps[s], i) == SFE_WRITE)
				sum += (double)job->state_bytes[job->steps[s].deps[i]];
	return sum;
}

/* States that outlive the job, by use: a copy on the step's node, what the step makes of it, and
 * the home's. */
static double shared_bytes(const struct sfe_workload *w, const struct sfe_job *job)
{
	double sum = 0;

	for (uint32_t s = 0; job->shared && s < job->n_steps; s++)
		for (uint32_t i = 0; i < job->shared[s].n; i++)
			sum += 3 * (double)w->workflows->shared[job->shared[s].of[i].state].bytes;
	return sum;
}

/* The most that one job can have in flight. */
static double job_bytes(const struct sfe_workload *w, const struct sfe_job *job)
{
	return value_bytes(job) + overwritten_bytes(job) + shared_bytes(w, job) +
	       most_at_once(job) * (double)job->states_total_bytes;
}

/* How often one node can crash, by the schedule. */
static double most_crashes(const struct sfe_scenario *s)
{
	double n = 0;

	for (uint32_t i = 0; i < s->schedule.n; i++) {
		const struct sfe_schedule_entry *e = &s->schedule.entry[i];
		double times = !e->every_ns ? 1 : e->count ? e->count : REPEATED_CRASHES;
		if (e->act == SFE_SCHEDULE_CRASH)
			n += times;
		else if (e->act == SFE_SCHEDULE_CHAOS && e->chaos)
			n += times * e->chaos->faults;
	}
	return n;
}

/* Bytes that wait in memory until the strategy has ended: final states and return values. In a
 * crash of its holder a state is lost, and waits too; a job begins again as often as it may. */
static double waiting_bytes(const struct sfe_scenario *s, const struct sfe_job *job)
{
	double lost = most_crashes(s), attempts = 1 + (double)s->invocation.retries;

	return (1 + s->replicas + (lost < attempts ? lost : attempts)) *
		       (double)job->states_total_bytes +
	       (double)job->return_bytes;
}

/* Data that nodes keep for retries: each step's argument and answer, which include all states of
 * the job where those travel along, once for each call; and copies of states. */
static double kept_bytes(const struct sfe_scenario *s, const struct sfe_job *job)
{
	double kept = s->replicas * (double)job->states_total_bytes;

	if (s->keep == SFE_KEEP_STATES)
		kept += waiting_bytes(s, job);
	for (uint32_t i = 0; s->invocation.retries && i < job->n_steps; i++) {
		uint32_t calls = sfe_steps_before(job, i);
		kept += step_bytes(&job->steps[i]) +
			(calls > 1 ? calls : 1) * (double)job->states_total_bytes;
	}
	return kept;
}

static bool has_caches(const struct sfe_experiment *e)
{
	bool any = false;

	for (uint32_t i = 0; i < e->scenario->n_strategies; i++)
		any |= e->scenario->strategies[i]->options.cache == SFE_CACHE_ON;
	return any;
}

/* Copies of states that outlive jobs, and of a job's, in the caches of the nodes that run steps. */
static double cached_bytes(const struct sfe_experiment *e)
{
	bool *runs = has_caches(e) ? calloc(e->topology->n_nodes, sizeof(*runs)) : NULL;
	double shared = 0, job = 0, sum = 0;

	if (!runs) /* or out of memory, of which others will tell */
		return 0;
	for (uint32_t i = 0; i < e->shared.n; i++)
		shared += (double)e->shared.states[e->shared.of[i].state].bytes;
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		job = fmax(job, (double)e->jobs[j].job->states_total_bytes);
		for (uint32_t s = 0; s < e->jobs[j].job->n_steps; s++)
			runs[e->jobs[j].node[s]] = true;
	}
	for (uint32_t n = 0; n < e->topology->n_nodes; n++) {
		uint64_t memory = e->endpoints[n].limits.memory;
		if (runs[n])
			sum += fmin(
				shared + job, memory ? (double)memory : STATE_CACHE_DEFAULT_BYTES);
	}
	free(runs);
	return sum;
}

/* Earlier versions that the home of a state keeps, for changes that come late and for caches. */
static double versions_before(const struct sfe_experiment *e, uint32_t instance)
{
	const struct sfe_shared_instance *one = &e->shared.of[instance];
	const struct sfe_shared_state *s = &e->shared.states[one->state];

	return one->sizes_vary && !sfe_shared_is_constant(&e->shared, instance) &&
			       (s->consistency == SFE_LAST_WRITE || has_caches(e))
		       ? fmin(SHARED_MAX_BEFORE * (double)s->bytes, SHARED_MAX_BEFORE_BYTES)
		       : 0;
}

/* Jobs may all overlap, unless they run one after the other. Kept data may outlast its job; by
 * how long depends on the run. */
static double payload_bytes(const struct sfe_experiment *e)
{
	double sum = 0, most = 0, kept = 0;

	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_job *job = e->jobs[j].job;
		double bytes =
			COPIES * (job_bytes(e->workload, job) +
					 e->scenario->replicas * (double)job->states_total_bytes);
		sum += bytes;
		most = bytes > most ? bytes : most;
		kept += kept_bytes(e->scenario, job);
	}
	/* States that outlive jobs wait likewise, and those that were lost in each crash. */
	for (uint32_t i = 0; e->scenario->keep == SFE_KEEP_STATES && i < e->shared.n; i++)
		kept += (1 + most_crashes(e->scenario)) *
			(double)e->shared.states[e->shared.of[i].state].bytes;
	for (uint32_t i = 0; i < e->shared.n; i++)
		kept += versions_before(e, i);
	kept += cached_bytes(e);
	return kept + (e->scenario->workload.arrivals == SFE_ARRIVALS_SEQUENTIAL ? most : sum);
}

static double records_mb(const struct sfe_experiment *e)
{
	double bytes = 0;

	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_job *job = e->jobs[j].job;
		bytes += JOB_RECORD_BYTES + job->n_steps * STEP_RECORD_BYTES;
		for (uint32_t s = 0; s < job->n_steps; s++)
			bytes += job->steps[s].n_deps * USE_RECORD_BYTES;
	}
	return bytes / (1 << 20) > FIRST_RECORDS_MB ? bytes / (1 << 20) - FIRST_RECORDS_MB : 0;
}

static double network_mb(const struct sfe_experiment *e)
{
	uint32_t hosts = e->plan->n_hosts;

	if (hosts <= FIRST_HOSTS)
		return FIRST_HOST_KB / 1024.0 * hosts;
	return FIRST_HOST_KB / 1024.0 * FIRST_HOSTS + HOST_KB / 1024.0 * (hosts - FIRST_HOSTS);
}

uint32_t sfe_guest_memory_mb(
	const struct sfe_experiment *e, const struct sfe_verify_options *verify)
{
	double mb = BASE_MB + network_mb(e) + records_mb(e) + payload_bytes(e) / (1 << 20);

	if (verify)
		mb += VERIFY_MB + VERIFY_COPIES * (double)verify->tcp_window / (1 << 20);
	if (e->scenario->guest_memory_mb)
		return e->scenario->guest_memory_mb;
	if (mb > SFE_GUEST_MOST_MB)
		return SFE_GUEST_MOST_MB;
	return ((uint32_t)mb / STEP_MB + 1) * STEP_MB;
}
