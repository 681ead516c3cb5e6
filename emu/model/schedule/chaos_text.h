/* SPDX-License-Identifier: MIT */
/* The element `chaos:` of a schedule: read from its tree, printed. */
#ifndef SFE_SCHEDULE_CHAOS_TEXT_H
#define SFE_SCHEDULE_CHAOS_TEXT_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/chaos.h"

/* *out is the caller's, also after an error: sfe_chaos_free. */
int sfe_chaos_read(const struct sfe_tree *tree, const char *file, struct sfe_chaos **out,
	struct sfe_error *err);
/* All its keys: "{faults: 200, …}". */
void sfe_chaos_print(const struct sfe_chaos *chaos, FILE *out);

#endif
