/* SPDX-License-Identifier: MIT */
/* The element `chaos:` of a schedule: reads it from its tree, prints it. */
#ifndef SFE_SCHEDULE_CHAOS_TEXT_H
#define SFE_SCHEDULE_CHAOS_TEXT_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/chaos.h"

/* The caller frees *out with sfe_chaos_free, also after an error. */
int sfe_chaos_read(const struct sfe_tree *tree, const char *file, struct sfe_chaos **out,
	struct sfe_error *err);
/* Prints all keys: "{faults: 200, …}". */
void sfe_chaos_print(const struct sfe_chaos *chaos, FILE *out);

#endif
