/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_keep.h"

#include <stdlib.h>

#define MOST_SHARE 0.1 /* of the time, for writing */

void sfe_sweep_keep(struct sfe_sweep_run *run, struct sfe_sweep_keep *keep)
{
	uint32_t settled = run->reused + run->done + run->failed;
	double begin_s = sfe_progress_seconds(&run->progress);
	struct sfe_error err = {0};
	char text[1100], *path;

	if (keep->begun &&
		(settled == keep->settled || begin_s - keep->ended_s < keep->took_s / MOST_SHARE))
		return;
	int r = sfe_sweep_write_table(run, run->summary, &path, &err);
	if (!r)
		free(path);
	else if (!keep->said)
		fprintf(stderr, "sfemu: note: %s\n", sfe_error_text(&err, text, sizeof(text)));
	keep->said |= r != 0;
	keep->begun = true;
	keep->settled = settled;
	keep->ended_s = sfe_progress_seconds(&run->progress);
	keep->took_s = keep->ended_s - begin_s;
}
