/* SPDX-License-Identifier: MIT */
/* Graphs of functions as the authors' prototype (serverlessonedge) reads them: JSON files. */
#ifndef SFE_WORKLOAD_WORKFLOW_JSON_H
#define SFE_WORKLOAD_WORKFLOW_JSON_H

#include "emu/model/base/yaml_tree.h"

#define SFE_MAX_JSON_USES 16384u /* of states, by all functions of a file */

/*
 * Reads a chain (functions, dependencies, state-sizes) or a graph (functionNames, successors,
 * dependencies, state-sizes). *out is the caller's: a group of `states` and `steps`, as the section
 * `workflows` has them, with the lines of the file. A step has its function's name, with .INDEX if
 * the function is there more than once, and updates the states that depend on its function. That
 * the steps have no cycle, and that no two change a state at once, is not checked here.
 */
int sfe_workflow_json_read(const char *text, size_t len, const char *file, struct sfe_tree **out,
	struct sfe_error *err);

#endif
