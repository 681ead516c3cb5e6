/* SPDX-License-Identifier: MIT */
#include "emu/report/shared_sums.h"

#include <inttypes.h>

#include "emu/results/ordered_jobs.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

static void print(const struct sfe_summary *s, FILE *out)
{
	fprintf(out,
		"  %-20s %8" PRIu64 " changes, %6" PRIu64 " conflicts, %6" PRIu64 " overwritten",
		s->strategy, s->shared_changes, s->shared_conflicts, s->shared_overwritten);
	if (s->runs_in_vain)
		fprintf(out, "; in vain %" PRIu64 " runs, %.3g operations, %" PRIu64 " bytes",
			s->runs_in_vain, (double)s->vain_operations, s->vain_bytes);
	if (s->shared_begun_anew)
		fprintf(out, "; %" PRIu64 " begun anew after a crash", s->shared_begun_anew);
	if (s->shared_restored)
		fprintf(out, "; %" PRIu64 " restored from a copy", s->shared_restored);
	fputc('\n', out);
}

int sfe_shared_sums_print(const struct sfe_summary *summary, unsigned n_summary, int results_fd,
	FILE *out, struct sfe_error *err)
{
	struct sfe_ordered_jobs jobs;

	if (!sfe_beneath_exists(results_fd, sfe_shared_csv.file))
		return 0;
	int r = sfe_ordered_jobs_read(&jobs, results_fd, err);
	if (!r)
		fprintf(out, "\nstates that outlive jobs (%s)\n", sfe_shared_csv.file);
	for (unsigned i = 0; !r && i < n_summary; i++)
		print(&summary[i], out);
	if (jobs.n)
		fprintf(out,
			"  %" PRIu32 " jobs read states that jobs change: their digests are not "
			"compared across strategies\n",
			jobs.n);
	sfe_ordered_jobs_free(&jobs);
	return r;
}
