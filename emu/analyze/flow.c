/* SPDX-License-Identifier: MIT */
#include "emu/analyze/flow.h"

#include <stdlib.h>
#include <string.h>

const struct sfe_socket *sfe_flow_end(const struct sfe_flow *f, unsigned end)
{
	return &f->connection->end[end != f->reversed];
}

struct sfe_segment sfe_flow_early_segment(const struct sfe_early_segment *e)
{
	return (struct sfe_segment){.seq = e->seq,
		.ack = e->ack,
		.window = e->window,
		.flags = e->flags,
		.header_bytes = e->header_bytes};
}

void sfe_flow_count_early(const struct sfe_flow *f, struct sfe_tcp_direction d[2])
{
	uint64_t offset;

	memset(d, 0, 2 * sizeof(*d));
	for (uint32_t i = 0; i < f->n_early; i++) {
		const struct sfe_early_segment *e = &f->early[i];
		const struct sfe_segment s = sfe_flow_early_segment(e);
		sfe_tcp_take(&d[e->direction], &d[!e->direction], &s, e->time_ns, 0, &offset);
		d[e->direction].counts.wire_bytes += e->wire_bytes;
	}
}

struct sfe_tcp_counts sfe_flow_counts(const struct sfe_flow *f, unsigned direction)
{
	struct sfe_tcp_direction early[2];

	if (f->state)
		return f->state->direction[direction].tcp.counts;
	sfe_flow_count_early(f, early);
	return early[direction].counts;
}

uint64_t sfe_flow_messages(const struct sfe_flow *f, unsigned direction)
{
	return f->state ? f->state->direction[direction].messages : 0;
}

void sfe_flow_free(struct sfe_flow *f)
{
	for (int i = 0; i < 2 && f->state; i++) {
		sfe_tcp_free(&f->state->direction[i].tcp);
		sfe_messages_free(&f->state->direction[i].reader);
	}
	free(f->state);
	free(f->early);
	free(f);
}
