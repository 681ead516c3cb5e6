/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_dynamic.h"

#include "nodes/http/wire_dynamic.h"
#include "nodes/jobs/dynamic_run.h"

void server_take_dynamic(struct server_connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	const bool cast = c->route == ROUTE_CAST;
	struct call_key key;
	char why[128];

	if (wire_check_dynamic(&w->wire, &c->http.head, &key, why, sizeof(why))) {
		server_answer(c, 400, why);
		return;
	}
	const struct dynamic_known before = dynamic_run_find(w, &key, &c->http.body);
	if (before.known && !w->deployment->retry.retries) {
		server_answer(c, 409, "this call came before\n");
		return;
	}
	server_record(c, cast ? SFE_TRANSFER_DYNAMIC_CAST : SFE_TRANSFER_DYNAMIC_CALL, done_ns);
	if (before.running) {
		server_wait_for_result(c, before.running);
	} else if (before.known) {
		server_send(c, wire_dynamic_output(&w->wire, &key, before.output));
	} else {
		struct dynamic_order order = {.key = key,
			.cast = cast,
			.argument = slice_part(&c->http.body, 0, c->http.body.size),
			.from = c->http.head.from,
			.request_ns = c->http.head_ns,
			.caller = &c->caller};
		if (dynamic_run_begin(w, &order))
			server_answer(c, 500, "out of memory\n");
	}
}
