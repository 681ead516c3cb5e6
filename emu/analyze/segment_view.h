/* SPDX-License-Identifier: MIT */
/* The segments of captures as a table: what each of them is. */
#ifndef SFE_ANALYZE_SEGMENT_VIEW_H
#define SFE_ANALYZE_SEGMENT_VIEW_H

#include "emu/analyze/view_rows.h"

struct sfe_segment_row {
	char capture[SFE_FILE_BYTES];
	uint64_t packet;
	double time_s;
	uint32_t connection;
	char from[SFE_SOCKET_BYTES], to[SFE_SOCKET_BYTES], flags[8];
	uint32_t seq, ack, window, payload_bytes;
	char class[160];
};

extern const struct sfe_table sfe_segment_view;

/* start_ns: the time that rows count from. */
struct sfe_segment_row sfe_view_segment(const struct sfe_segment_event *e, uint64_t start_ns);

/* Segments that are kept for a table that needs all of them at once, in little memory. */
struct sfe_segment_list {
	struct sfe_kept_segment *all;
	size_t n, room;
	uint64_t start_ns;
	struct sfe_segment_row row; /* the last one that was made */
};
bool sfe_segment_list_add(struct sfe_segment_list *list, const struct sfe_segment_event *e);
void sfe_segment_list_free(struct sfe_segment_list *list);
/* Makes the rows one by one; arg is a struct sfe_segment_list, whose analysis has to live. */
sfe_table_row_fn sfe_view_kept_segment;

#endif
