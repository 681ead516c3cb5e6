/* SPDX-License-Identifier: MIT */
/*
 * report.html: what a run was and what came of it, on one page that needs nothing else.
 *
 * The numbers are worked out here from the files of a results folder, each figure's as a table of
 * columns; the page's own script draws them with Observable Plot, which the build embeds. The same
 * folder gives the same bytes.
 */
#ifndef SFE_REPORT_REPORT_H
#define SFE_REPORT_REPORT_H

#include <stdio.h>

#include "sfemu/error.h"

#define SFE_REPORT_FILE "report.html"
#define SFE_REPORT_MAX_FOLDERS 16u

/*
 * Writes the report of these folders (SFE_REPORT_MAX_FOLDERS at most) into `file`, which is
 * replaced as a whole or not at all, and belongs to the invoker. -EINVAL or -ENOENT: a folder is
 * not one of results. What cannot be read of it is said in the report. Whoever made a folder: only
 * regular files beneath it are read, and nothing that it names is generated.
 */
int sfe_report_write(
	const char *const *folders, unsigned n, const char *file, struct sfe_error *err);

/* The same of the one folder of that descriptor, into its report.html; folder is what it is
 * called. */
int sfe_report_write_in(int dir, const char *folder, struct sfe_error *err);

#endif
