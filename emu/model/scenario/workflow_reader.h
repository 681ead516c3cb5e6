/* SPDX-License-Identifier: MIT */
/* What the readers of a workflow's parts share. */
#ifndef SFE_SCENARIO_WORKFLOW_READER_H
#define SFE_SCENARIO_WORKFLOW_READER_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

struct sfe_workflow_reader {
	const char *file, *folder;
	struct sfe_scenario *s;
	struct sfe_workflow *f;
	struct sfe_error *err;
};

/* These return a negative errno. */
int sfe_workflow_no_memory(const struct sfe_workflow_reader *r);
/* Fails at t, with the name of the workflow in front. */
int sfe_workflow_fail(const struct sfe_workflow_reader *r, const struct sfe_tree *t,
	const char *todo, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Copies the name of a workflow, step or state, which has to be an identifier. */
int sfe_workflow_read_name(
	const struct sfe_workflow_reader *r, const struct sfe_tree *t, char **out);
/* The i-th text of a value or a list of values; NULL with an error: it is another thing.
 * sfe_workflow_n_texts: how many; a value is one. */
unsigned sfe_workflow_n_texts(const struct sfe_tree *t);
const struct sfe_tree *sfe_workflow_text(
	const struct sfe_workflow_reader *r, const struct sfe_tree *t, unsigned i);

/* Reads the section's `steps`, the states being known: sorts and checks them, makes the graph. */
int sfe_workflow_read_steps(const struct sfe_workflow_reader *r, const struct sfe_tree *t);

#endif
