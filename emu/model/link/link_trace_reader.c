/* SPDX-License-Identifier: MIT */
#include "emu/model/link/link_trace_reader.h"

#include <errno.h>

int sfe_trace_refuse(const struct sfe_trace_reader *r, const char *todo, const char *what)
{
	return sfe_fail_at(r->err, -EINVAL, r->file, r->lines.line, todo, "%s", what);
}

int sfe_trace_add(struct sfe_trace_reader *r, const struct sfe_trace_step *step)
{
	struct sfe_link_trace *t = r->trace;

	if (t->n == SFE_MAX_TRACE_STEPS)
		return sfe_trace_refuse(r, "make it shorter", "more than 1000000 steps");
	if (sfe_grow(&t->step, &r->room, t->n + 1, sizeof(*t->step)))
		return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	t->step[t->n++] = *step;
	return 0;
}
