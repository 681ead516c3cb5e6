/* SPDX-License-Identifier: MIT */
#include "emu/report/locality.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/read_limits.h"
#include "emu/results/results_read.h"

const char sfe_locality_keys[] =
	"the keys placement, workload.ops_factor, workload.arg_factor and workload.state_factor, "
	"the links' rates and the topology's nodes decide where they run";

struct place { /* of a job */
	const struct sfe_job_row *job;
	bool network;
};

static int compare(const char *strategy, uint32_t job, const struct place *p)
{
	int order = strcmp(strategy, p->job->strategy);

	return order ? order : job < p->job->job ? -1 : job > p->job->job;
}

static int by_job(const void *a, const void *b)
{
	const struct place *x = a;

	return compare(x->job->strategy, x->job->job, b);
}

struct key {
	const char *strategy;
	uint32_t job;
};

static int by_key(const void *key, const void *p)
{
	const struct key *k = key;

	return compare(k->strategy, k->job, p);
}

static struct place *find(struct place *places, unsigned n, const char *strategy, uint32_t job)
{
	const struct key key = {strategy, job};

	return bsearch(&key, places, n, sizeof(*places), by_key);
}

static struct sfe_locality *row_of(struct sfe_locality *rows, unsigned *n, const char *strategy)
{
	for (unsigned i = 0; i < *n; i++)
		if (!strcmp(rows[i].strategy, strategy))
			return &rows[i];
	if (*n == SFE_LIMIT_SUMMARY_ROWS)
		return NULL; /* more strategies than a run can have */
	snprintf(rows[*n].strategy, sizeof(rows[*n].strategy), "%s", strategy);
	return &rows[(*n)++];
}

int sfe_locality_of(const struct sfe_job_row *jobs, unsigned n_jobs,
	const struct sfe_invocation_row *invocations, unsigned n_invocations,
	const struct sfe_transfer_row *transfers, unsigned n_transfers, struct sfe_locality **out,
	unsigned *n)
{
	struct sfe_locality *rows = calloc(SFE_LIMIT_SUMMARY_ROWS, sizeof(*rows)), *row;
	struct place *places = calloc((size_t)n_jobs + 1, sizeof(*places));

	*n = 0;
	if (!rows || !places) {
		free(rows);
		free(places);
		return -ENOMEM;
	}
	for (unsigned j = 0; j < n_jobs; j++) {
		places[j] = (struct place){.job = &jobs[j]};
		row_of(rows, n, jobs[j].strategy); /* in the order of the run */
	}
	if (n_jobs)
		qsort(places, n_jobs, sizeof(*places), by_job);
	for (unsigned i = 0; i < n_invocations; i++) {
		const struct sfe_invocation_row *v = &invocations[i];
		struct place *p = find(places, n_jobs, v->strategy, v->job);
		if (!p || !(row = row_of(rows, n, v->strategy)))
			continue;
		bool own = !strcmp(p->job->client, v->node);
		row->invocations++;
		row->own += own;
		p->network |= !own;
	}
	for (unsigned i = 0; i < n_transfers; i++) { /* also without payload */
		struct place *p = find(places, n_jobs, transfers[i].strategy, transfers[i].job);
		if (p)
			p->network = true;
	}
	for (unsigned j = 0; j < n_jobs; j++)
		if ((row = row_of(rows, n, places[j].job->strategy))) {
			row->jobs++;
			row->network_jobs += places[j].network;
		}
	free(places);
	*out = rows;
	return 0;
}

void sfe_locality_say(const struct sfe_locality *l, FILE *out)
{
	if (!l->network_jobs)
		fprintf(out,
			"no job used the network: %" PRIu64 " of %" PRIu64
			" invocations ran on the job's own client",
			l->own, l->invocations);
	else
		fprintf(out,
			"%u of %u jobs used the network; %" PRIu64 " of %" PRIu64
			" invocations ran on the job's own client",
			l->network_jobs, l->jobs, l->own, l->invocations);
}

bool sfe_locality_same(const struct sfe_locality *l, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (l[i].jobs != l->jobs || l[i].network_jobs != l->network_jobs ||
			l[i].invocations != l->invocations || l[i].own != l->own)
			return false;
	return true;
}

static void print(const struct sfe_locality *l, unsigned n, FILE *out)
{
	bool same = sfe_locality_same(l, n), none = false;

	for (unsigned i = 0; i < (same && n ? 1 : n); i++) {
		fputs(same ? n > 1 ? "under each strategy " : "" : l[i].strategy, out);
		fputs(same ? "" : ": ", out);
		sfe_locality_say(&l[i], out);
		fputc('\n', out);
		none |= !l[i].network_jobs;
	}
	if (none)
		fprintf(out, "what such jobs take does not depend on strategy and links; %s\n",
			sfe_locality_keys);
}

int sfe_locality_print(int results_fd, FILE *out, struct sfe_error *err)
{
	void *jobs, *invocations = NULL, *transfers = NULL;
	struct sfe_locality *rows = NULL;
	unsigned n_jobs, n_invocations, n_transfers, n = 0;
	int r = sfe_results_read_table(results_fd, &sfe_jobs_csv, &jobs, &n_jobs, err);

	if (!r)
		r = sfe_results_read_table(
			results_fd, &sfe_invocations_csv, &invocations, &n_invocations, err);
	if (!r)
		r = sfe_results_read_table(
			results_fd, &sfe_transfers_csv, &transfers, &n_transfers, err);
	if (!r && (r = sfe_locality_of(jobs, n_jobs, invocations, n_invocations, transfers,
			   n_transfers, &rows, &n)))
		r = sfe_fail(err, r, NULL, NULL, "out of memory");
	if (!r)
		print(rows, n, out);
	free(rows);
	free(jobs);
	free(invocations);
	free(transfers);
	return r;
}
