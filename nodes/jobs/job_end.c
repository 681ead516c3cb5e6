/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/job_end.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "nodes/base/clock.h"
#include "nodes/jobs/client.h"

/* Nothing is left to be done: the client is gone, or has given the job up. */
static void ignore(struct exchange *e, int status)
{
	(void)e, (void)status;
}

bool job_too_large(struct worker *w, const struct package *package)
{
	const struct job_place at = package_place(package);
	uint64_t total = package_bytes(package);

	if (total <= HEAD_MAX_BODY_BYTES)
		return false;
	job_failed(w, &at, -EFBIG, "a message of %" PRIu64 " bytes, a body may have %" PRIu64,
		total, (uint64_t)HEAD_MAX_BODY_BYTES);
	return true;
}

void job_return(struct worker *w, struct package *package)
{
	uint32_t to = w->deployment->jobs[package->job].client;

	if (to == w->node) {
		client_returned(w, package, now_ns());
		return;
	}
	if (!job_too_large(w, package)) {
		struct exchange e = {.to = to,
			.kind = SFE_TRANSFER_RETURN,
			.at = package_place(package),
			.done = ignore};
		peers_send(w, &e, wire_return(&w->wire, to, package));
	}
	package_drop(package);
}

void job_failed(struct worker *w, const struct job_place *at, int code, const char *format, ...)
{
	uint32_t client = w->deployment->jobs[at->job].client;
	char reason[160];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	for (char *c = reason; *c; c++) { /* it is sent in a header */
		if (*c < ' ' || *c > '~')
			*c = ' ';
	}
	if (client == w->node) {
		client_failed(w, at, code, reason);
	} else {
		struct exchange e = {
			.to = client, .kind = SFE_TRANSFER_RETURN, .at = *at, .done = ignore};
		peers_send(w, &e, wire_failure(&w->wire, client, at, code, reason));
	}
}

void job_failed_call(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	const char *node = w->deployment->nodes[e->to].name;

	if (status < 0)
		job_failed(w, &e->at, status, "calling %s: %s", node, sfe_ctl_reason(status));
	else if (e->head->fields & HEAD_STATUS)
		job_failed(w, &e->at, e->head->error ? e->head->error : -EPROTO, "%s",
			e->head->reason);
	else
		job_failed(w, &e->at, -EPROTO, "calling %s: answered %d: %.*s", node, status,
			(int)(e->body.size < 80 ? e->body.size : 80), (const char *)e->body.data);
}
