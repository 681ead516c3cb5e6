/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_connection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nodes/worker/records.h"

void server_send(struct server_connection *c, struct outgoing *message)
{
	if (message)
		connection_send(&c->http, message);
	else
		connection_fail_later(&c->http, -ENOMEM);
}

void server_answer(struct server_connection *c, unsigned status, const char *text)
{
	server_send(c, wire_answer(status, text, !c->http.head.keep_alive));
}

bool server_find_job(const struct server_connection *c, unsigned *job, unsigned *number)
{
	const char *path = c->http.head.path + 1;
	int end = 0;

	path += strcspn(path, "/"); /* the route has been found by this part */
	return sscanf(path, "/%9u/%9u%n", job, number, &end) == 2 && !path[end] &&
	       *job < c->worker->deployment->n_jobs;
}

void server_wait_for_result(struct server_connection *c, struct invocation *running)
{
	struct caller *old = running->caller;

	running->caller = &c->caller;
	c->caller.invocation = running;
	if (old) {
		old->invocation = NULL;
		connection_close(old->connection, -ECANCELED);
	}
}

void server_record(struct server_connection *c, enum sfe_transfer_kind kind, uint64_t done_ns)
{
	const struct connection *http = &c->http;

	records_transfer(c->worker,
		&(struct sfe_ctl_transfer){.kind = kind,
			.job = http->head.job,
			.step = http->head.step,
			.from = http->head.from,
			.head_bytes = http->head.bytes,
			.connected_by = http->head.from,
			.port = http->port,
			.payload_bytes = http->body.size,
			.head_ns = http->head_ns,
			.done_ns = done_ns,
			.waits_known = http->waits_known,
			.waits = http->waits,
			.asked_waits = http->all_waits.asked,
			.path = http->head.call,
			.after = http->head.fields & HEAD_AFTER ? 1 + http->head.after : 0});
}
