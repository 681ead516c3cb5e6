/* SPDX-License-Identifier: MIT */
/* What `sfemu link NAME set KEY=VALUE…`, `down` and `up` ask for, as an element of a schedule that
 * acts now. */
#ifndef SFE_SCHEDULE_MANUAL_CHANGE_H
#define SFE_SCHEDULE_MANUAL_CHANGE_H

#include "sfemu/schedule.h"

#define SFE_MANUAL_CHANGE_SETTINGS 32u

struct sfe_manual_change {
	const char
		*link; /* a name or a pattern, or one with ":up" or ":down" after it; NULL: any */
	const char *kind, *direction; /* NULL: any */
	const char *act;              /* "set", "down" or "up" */
	const char *const *setting;   /* "KEY=VALUE" */
	uint32_t n;
	const char *folder; /* that files are relative to */
};

/* *out is the caller's, by sfe_manual_change_free. The errors are the words that links: and
 * schedule: have for it, without a place. */
int sfe_manual_change_read(const struct sfe_manual_change *h, struct sfe_link_files *files,
	struct sfe_schedule_entry *out, struct sfe_error *err);
void sfe_manual_change_free(struct sfe_schedule_entry *e);

#endif
