/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_warm_up.h"

#include "nodes/http/send_window.h"
#include "nodes/http/wire_warm_up.h"
#include "sfemu/transfer.h"

static bool is_filler(uint64_t bytes)
{
	return bytes >= WIRE_WARM_UP_LEAST && bytes <= SFE_WARM_UP_MOST_BYTES;
}

const char *server_check_warm_up(const struct server_connection *c)
{
	if (c->worker->deployment->strategy->options.warm != SFE_WARM_ON)
		return "under this strategy nothing is warmed up";
	return is_filler(c->http.head.body_bytes) ? NULL : "more or less filler than there can be";
}

void server_warm_up(struct server_connection *c)
{
	struct worker *w = c->worker;

	uint32_t bytes = wire_warm_up_number(&c->http.body);

	if (is_filler(bytes))
		server_send(
			c, wire_warmed(bytes, send_window_segments(c->http.fd), &w->host->buffers));
	else
		server_answer(c, 400, "more or less filler than there can be\n");
}
