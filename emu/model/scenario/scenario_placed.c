/* SPDX-License-Identifier: MIT */
/* The nodes that `placement.from` names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/model/base/input.h"
#include "sfemu/scenario.h"

/* The tables of a results folder. */
static int read_from(const struct sfe_scenario *s, struct sfe_placed **out, struct sfe_error *err)
{
	static const char *const names[] = {"jobs.csv", "invocations.csv"};
	const struct sfe_input *in[2] = {NULL};
	struct sfe_error cause = {0};

	for (int i = 0; i < 2; i++) {
		char *path;
		if (asprintf(&path, "%s/%s", s->placed.from, names[i]) < 0)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		in[i] = sfe_inputs_get(s->inputs, path, &cause);
		free(path);
		if (!in[i])
			return sfe_fail(err, cause.code, cause.where,
				"give the results folder of a finished run", "placement: from: %s",
				cause.what);
	}
	return sfe_placed_parse(in[0]->text, in[0]->len, in[0]->file, in[1]->text, in[1]->len,
		in[1]->file, out, err);
}

int sfe_scenario_placed(
	const struct sfe_scenario *s, struct sfe_placed **out, struct sfe_error *err)
{
	*out = NULL;
	return s->placed.from ? read_from(s, out, err) : 0;
}
