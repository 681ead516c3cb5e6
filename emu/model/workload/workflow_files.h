/* SPDX-License-Identifier: MIT */
/* Other names for the files of workflows (arguments, states). */
#ifndef SFE_WORKLOAD_WORKFLOW_FILES_H
#define SFE_WORKLOAD_WORKFLOW_FILES_H

#include "sfemu/workflow.h"

/*
 * A copy of the workflows whose files have names in a folder: FOLDER/WORKFLOW++argument,
 * FOLDER/WORKFLOW+STATE. Else it borrows. 0 or -ENOMEM; free it in both cases.
 */
int sfe_workflow_files_rename(
	const struct sfe_workflows *from, const char *folder, struct sfe_workflows *out);
void sfe_workflow_files_free(struct sfe_workflows *copy);

#endif
