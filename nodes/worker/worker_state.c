/* SPDX-License-Identifier: MIT */
#include "nodes/worker/worker_state.h"

#include <errno.h>
#include <string.h>

int worker_enter(const struct worker *w)
{
	struct host *h = w->host;
	struct sfe_error err = {0};

	if (!h->enter || h->inside == w->node)
		return 0;
	int r = h->enter(h->enter_context, w->node, &err);
	h->inside = r ? UINT32_MAX : w->node;
	if (r)
		errno = -r;
	return r;
}

void worker_end(struct worker *w)
{
	if (!w->over)
		STAILQ_INSERT_TAIL(&w->host->over, w, over_list);
	w->over = true;
	loop_break(w->loop);
}

void worker_fatal(struct worker *w, int code, const char *what)
{
	if (w->over)
		return;
	w->code = sfe_fail(w->error, code, w->deployment->nodes[w->node].name, NULL, "%s: %s", what,
		strerror(-code));
	worker_end(w);
}

void worker_later(struct worker *w)
{
	watch_fire(&w->later_watch);
}
