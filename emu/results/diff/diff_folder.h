/* SPDX-License-Identifier: MIT */
/* Lists the files of a results folder, for a comparison. */
#ifndef SFE_RESULTS_DIFF_FOLDER_H
#define SFE_RESULTS_DIFF_FOLDER_H

#include <stdint.h>
#include <sys/types.h>

#include "sfemu/error.h"

struct sfe_diff_entry {
	char *name; /* path below the folder */
	mode_t type;
};

struct sfe_diff_folder {
	const char *folder; /* borrowed */
	int dir;
	struct sfe_diff_entry *entry; /* sorted by name; without report.html */
	uint32_t n, room;
};

/* Close the folder also after an error. */
int sfe_diff_folder_open(struct sfe_diff_folder *s, const char *folder, struct sfe_error *err);
void sfe_diff_folder_close(struct sfe_diff_folder *s);

#endif
