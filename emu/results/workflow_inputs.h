/* SPDX-License-Identifier: MIT */
/* The files of workflows (arguments, states) among the inputs that a results folder keeps. */
#ifndef SFE_RESULTS_WORKFLOW_INPUTS_H
#define SFE_RESULTS_WORKFLOW_INPUTS_H

#include "sfemu/scenario.h"

/*
 * A copy of the workflows that names their files as the results folder does:
 * inputs/WORKFLOW++argument, inputs/WORKFLOW+STATE. Else it borrows. 0 or -ENOMEM; free it in both
 * cases.
 */
int sfe_workflow_inputs_new(const struct sfe_workflows *from, struct sfe_workflows *out);
void sfe_workflow_inputs_free(struct sfe_workflows *copy);

#endif
