/* SPDX-License-Identifier: MIT */
/* What elements of `programs` and `traffic` have in common: nodes, and `at` and `until`. */
#ifndef SFE_SCENARIO_SCENARIO_WINDOW_H
#define SFE_SCENARIO_SCENARIO_WINDOW_H

#include <stdint.h>
#include <stdio.h>

#include "emu/model/base/yaml_tree.h"

/* Reads a time: up to 8760h. Errors name section and key. */
int sfe_window_time(const struct sfe_tree *t, const char *file, const char *section, uint64_t *ns,
	struct sfe_error *err);
/* Reads the key `until`: a time, or `end`, which is SFE_NEVER. */
int sfe_window_until(const struct sfe_tree *t, const char *file, const char *section, uint64_t *ns,
	struct sfe_error *err);
/* Checks that at is before until; t is the element. */
int sfe_window_check(const struct sfe_tree *t, const char *file, const char *section, uint64_t at,
	uint64_t until, struct sfe_error *err);
/* Reads a name or pattern of nodes into *out, the caller's. */
int sfe_window_nodes(const struct sfe_tree *t, const char *file, const char *section, char **out,
	struct sfe_error *err);
/* Writes ", at: TIME, until: TIME". */
void sfe_window_print(uint64_t at, uint64_t until, FILE *out);

#endif
