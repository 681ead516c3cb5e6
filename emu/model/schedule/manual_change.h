/* SPDX-License-Identifier: MIT */
/* A manual change of links: `sfemu link NAME set KEY=VALUE…`, `down` or `up`, converted to an
 * element of a schedule. */
#ifndef SFE_SCHEDULE_MANUAL_CHANGE_H
#define SFE_SCHEDULE_MANUAL_CHANGE_H

#include "sfemu/schedule.h"

#define SFE_MANUAL_CHANGE_SETTINGS 32u

struct sfe_manual_change {
	const char *link; /* a name or a pattern, optionally with ":up" or ":down"; NULL: any */
	const char *kind, *direction; /* NULL: any */
	const char *act;              /* "set", "down" or "up" */
	const char *const *setting;   /* "KEY=VALUE" */
	uint32_t n;
	const char *folder; /* relative files start here */
};

/* Free *out with sfe_manual_change_free. The errors are those of links: and schedule:, without a
 * place. */
int sfe_manual_change_read(const struct sfe_manual_change *h, struct sfe_link_files *files,
	struct sfe_schedule_entry *out, struct sfe_error *err);
void sfe_manual_change_free(struct sfe_schedule_entry *e);

#endif
