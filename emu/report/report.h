/* SPDX-License-Identifier: MIT */
/*
 * report.html: a run and its results on one page that loads no other file.
 *
 * The data of each figure is computed here, as a table, from the files of a results folder. The
 * page's own script draws the figures with Observable Plot, which the build embeds. The same folder
 * gives the same bytes.
 */
#ifndef SFE_REPORT_REPORT_H
#define SFE_REPORT_REPORT_H

#include <stdio.h>

#include "sfemu/error.h"

#define SFE_REPORT_FILE "report.html"
#define SFE_REPORT_MAX_FOLDERS 16u

/*
 * Writes the report of these folders (SFE_REPORT_MAX_FOLDERS at most) into `file`, which belongs to
 * the invoker and is replaced as a whole or not at all. -EINVAL or -ENOENT: a folder is not a
 * results folder. Files that cannot be read are named in the report.
 *
 * Another user may have written a folder: only regular files beneath it are read, and no topology
 * that it names is generated.
 */
int sfe_report_write(
	const char *const *folders, unsigned n, const char *file, struct sfe_error *err);

/* The same for the one folder of a descriptor, into its report.html. folder is its name. */
int sfe_report_write_in(int dir, const char *folder, struct sfe_error *err);

#endif
