/* SPDX-License-Identifier: MIT */
#include "emu/analyze/segment_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "emu/analyze/flow.h"

#define SEGMENT(field, cell, unit, meaning)                                                        \
	SFE_COLUMN(struct sfe_segment_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column segments[] = {
	SEGMENT(capture, TEXT, "", "the file"),
	SEGMENT(packet, BIG, "",
		"its number in the file, from 1; of a fragmented one, the last packet's"),
	SEGMENT(time_s, SECONDS, "s", "when it was captured"),
	SEGMENT(connection, COUNT, "", "its number in the capture, from 1"),
	SEGMENT(from, TEXT, "", "address and port that send"),
	SEGMENT(to, TEXT, "", "address and port that receive"),
	SEGMENT(flags, TEXT, "", "S (SYN), F (FIN), R (RST), A (ACK)"),
	SEGMENT(seq, COUNT, "", "sequence number, as in the header"),
	SEGMENT(ack, COUNT, "", "acknowledgement number, as in the header"),
	SEGMENT(window, COUNT, "", "as in the header, not scaled"),
	SEGMENT(payload_bytes, COUNT, "bytes", "that it carries"),
	SEGMENT(class, TEXT, "",
		"tshark's words (tcp.analysis), several with a blank between them; empty: nothing "
		"special"),
};
SFE_VIEW(sfe_segment_view, "a segment", segments, struct sfe_segment_row);

struct sfe_segment_row sfe_view_segment(const struct sfe_segment_event *e, uint64_t start_ns)
{
	const struct sfe_segment *s = e->segment;
	struct sfe_segment_row r = {.packet = e->number,
		.time_s = sfe_row_since(start_ns, e->time_ns),
		.connection = e->flow->number,
		.seq = s->seq,
		.ack = s->ack,
		.window = s->window,
		.payload_bytes = s->payload_bytes};
	size_t n = 0;

	sfe_row_file(r.capture, e->flow->analysis->captures[e->flow->capture].file);
	sfe_socket_text(sfe_flow_end(e->flow, e->direction), r.from, sizeof(r.from));
	sfe_socket_text(sfe_flow_end(e->flow, !e->direction), r.to, sizeof(r.to));
	snprintf(r.flags, sizeof(r.flags), "%s%s%s%s", s->flags & SFE_TCP_SYN ? "S" : "",
		s->flags & SFE_TCP_FIN ? "F" : "", s->flags & SFE_TCP_RST ? "R" : "",
		s->flags & SFE_TCP_ACK ? "A" : "");
	for (unsigned i = 0; i < SFE_TCP_CLASSES; i++)
		if (e->class >> i & 1u && n < sizeof(r.class))
			n += (size_t)snprintf(r.class + n, sizeof(r.class) - n, "%s%s",
				n ? " " : "", sfe_class_name(i));
	return r;
}

struct sfe_kept_segment {
	const struct sfe_flow *flow;
	uint64_t number, time_ns;
	uint32_t seq, ack, payload_bytes;
	uint16_t window, class;
	uint8_t flags, direction;
};

bool sfe_segment_list_add(struct sfe_segment_list *list, const struct sfe_segment_event *e)
{
	const struct sfe_segment *s = e->segment;

	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 256;
		void *more = reallocarray(list->all, room, sizeof(*list->all));
		if (!more)
			return false;
		list->all = more;
		list->room = room;
	}
	list->all[list->n++] = (struct sfe_kept_segment){.flow = e->flow,
		.number = e->number,
		.time_ns = e->time_ns,
		.seq = s->seq,
		.ack = s->ack,
		.payload_bytes = s->payload_bytes,
		.window = s->window,
		.class = e->class,
		.flags = s->flags,
		.direction = (uint8_t)e->direction};
	return true;
}

void sfe_segment_list_free(struct sfe_segment_list *list)
{
	free(list->all);
	*list = (struct sfe_segment_list){0};
}

const void *sfe_view_kept_segment(void *arg, size_t i)
{
	struct sfe_segment_list *list = arg;
	const struct sfe_kept_segment *k = &list->all[i];
	const struct sfe_segment s = {.seq = k->seq,
		.ack = k->ack,
		.window = k->window,
		.flags = k->flags,
		.payload_bytes = k->payload_bytes};
	const struct sfe_segment_event e = {.flow = k->flow,
		.direction = k->direction,
		.segment = &s,
		.number = k->number,
		.time_ns = k->time_ns,
		.class = k->class};

	list->row = sfe_view_segment(&e, list->start_ns);
	return &list->row;
}
