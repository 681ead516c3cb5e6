/* SPDX-License-Identifier: MIT */
#include "emu/analyze/flow.h"

#include <stdlib.h>

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
		.window_scale = e->window_scale,
		.packets = 1,
		.wire_bytes = e->wire_bytes,
		.header_bytes = e->header_bytes};
}

void sfe_flow_class_early(const struct sfe_flow *f, struct sfe_class_state *class)
{
	sfe_class_begin(class, f->reused);
	for (uint32_t i = 0; i < f->n_early; i++) {
		const struct sfe_segment s = sfe_flow_early_segment(&f->early[i]);
		sfe_class_take(class, f->early[i].direction, &s, f->early[i].time_ns);
	}
}

struct sfe_tcp_counts sfe_flow_counts(const struct sfe_flow *f, unsigned direction)
{
	struct sfe_tcp_direction early[2] = {0};
	struct sfe_class_state class;
	uint64_t offset;

	if (f->state)
		return f->state->direction[direction].tcp.counts;
	sfe_class_begin(&class, f->reused);
	for (uint32_t i = 0; i < f->n_early; i++) {
		const struct sfe_early_segment *e = &f->early[i];
		const struct sfe_segment s = sfe_flow_early_segment(e);
		sfe_tcp_take(&early[e->direction], &early[!e->direction], &s, e->time_ns,
			sfe_class_take(&class, e->direction, &s, e->time_ns), &offset);
	}
	sfe_tcp_finish(&early[0]);
	sfe_tcp_finish(&early[1]);
	for (int i = 0; i < 2; i++)
		sfe_tcp_free(&early[i]);
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
