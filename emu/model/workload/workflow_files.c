/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/workflow_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Names have no '+', so none of these is another's. */
static int rename_file(
	const char *folder, const struct sfe_workflow *f, const char *what, char **file)
{
	if (!*file)
		return 0;
	if (asprintf(file, "%s/%s+%s", folder, f->name, what) < 0) {
		*file = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int copy(const char *folder, const struct sfe_workflow *from, struct sfe_workflow *to)
{
	int rc;

	*to = *from;
	to->states = calloc((size_t)from->n_states + from->n_shared + 1, sizeof(*to->states));
	if (!to->states) {
		to->n_states = to->n_shared = 0;
		to->arg_file = NULL;
		return -ENOMEM;
	}
	rc = rename_file(folder, from, "+argument", &to->arg_file);
	for (uint32_t i = 0; i < from->n_states + from->n_shared; i++) {
		to->states[i] = from->states[i];
		if (rc)
			to->states[i].file = NULL;
		else
			rc = rename_file(folder, from, from->states[i].name, &to->states[i].file);
	}
	return rc;
}

int sfe_workflow_files_rename(
	const struct sfe_workflows *from, const char *folder, struct sfe_workflows *out)
{
	int rc = 0;

	*out = (struct sfe_workflows){.of = calloc((size_t)from->n + 1, sizeof(*out->of))};
	if (!out->of)
		return -ENOMEM;
	while (out->n < from->n && !rc) {
		rc = copy(folder, &from->of[out->n], &out->of[out->n]);
		out->n++;
	}
	return rc;
}

void sfe_workflow_files_free(struct sfe_workflows *copy_of)
{
	for (uint32_t i = 0; i < copy_of->n; i++) {
		for (uint32_t k = 0; k < copy_of->of[i].n_states + copy_of->of[i].n_shared; k++)
			free(copy_of->of[i].states[k].file);
		free(copy_of->of[i].states);
		free(copy_of->of[i].arg_file);
	}
	free(copy_of->of);
}
