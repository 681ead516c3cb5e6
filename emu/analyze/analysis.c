/* SPDX-License-Identifier: MIT */
#include "emu/analyze/analysis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "emu/analyze/flow_table.h"
#include "emu/analyze/fragments.h"
#include "emu/analyze/tally.h"
#include "emu/model/base/hash_seed.h"

#define PROGRESS_EVERY 65536u     /* packets */
#define BUFFERS_BYTES (64u << 20) /* of all files together */
#define MIN_BUFFER_BYTES (16u << 10)
#define MAX_BUFFER_BYTES (1u << 20)

struct source { /* a capture with its next packet */
	struct sfe_capture *capture;
	struct sfe_packet packet;
	uint64_t time_ns; /* of the packet, or of an earlier packet if that is later */
	uint32_t index;
};

struct sources {
	struct source *all;
	struct source **heap; /* by time, then by index */
	uint32_t n, n_heap;
	uint64_t packets;
};

/* Packets of a datagram of which only a part was captured. */
static void on_given_up(void *arg, uint32_t capture, uint64_t packets, uint64_t wire_bytes)
{
	struct sfe_analysis *a = arg;
	struct sfe_capture_counts *c = &a->captures[capture];

	c->lone_fragments += packets;
	c->unread_packets += packets;
	c->other_packets += packets;
	c->other_wire_bytes += wire_bytes;
}

int sfe_analysis_new(const struct sfe_analysis_options *options, struct sfe_analysis **out,
	struct sfe_error *err)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	(*out)->options = *options;
	(*out)->hash_seed = sfe_hash_seed();
	(*out)->fragments = sfe_fragments_new((*out)->hash_seed, on_given_up, *out);
	if ((*out)->fragments)
		return 0;
	sfe_analysis_free(*out);
	*out = NULL;
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

/* ---- packets of one capture */

static void count_windows(
	const struct sfe_analysis *a, struct sfe_capture_counts *c, const struct sfe_packet *p)
{
	for (uint32_t i = 0; i < a->options.n_windows; i++) {
		struct sfe_window *w = &c->windows[i];
		if (p->time_ns < w->begin_ns || p->time_ns > w->end_ns)
			continue;
		w->packets++;
		w->wire_bytes += p->wire_bytes;
		return;
	}
}

static void count_packet(
	const struct sfe_analysis *a, struct sfe_capture_counts *c, const struct sfe_packet *p)
{
	if (!c->packets)
		c->first_ns = c->last_ns = p->time_ns;
	c->backwards += p->time_ns < c->last_ns;
	if (p->time_ns > c->last_ns)
		c->last_ns = p->time_ns;
	c->packets++;
	c->wire_bytes += p->wire_bytes;
	if (c->windows)
		count_windows(a, c, p);
}

/* Packets that are no TCP segment: one, or the fragments of a datagram. */
static void count_other(struct sfe_capture_counts *c, const struct sfe_packet *p,
	enum sfe_packet_kind kind, uint64_t packets, uint64_t wire_bytes)
{
	if (kind == SFE_PACKET_CUT || kind == SFE_PACKET_BROKEN)
		c->unread_packets += packets;
	if (kind == SFE_PACKET_OPAQUE && !c->opaque_packets)
		c->opaque_link_type = p->layer == SFE_LAYER_UNKNOWN ? p->link_type : -1;
	if (kind == SFE_PACKET_OPAQUE)
		c->opaque_packets += packets;
	c->other_packets += packets;
	c->other_wire_bytes += wire_bytes;
}

/* Adds a fragment. If its datagram is complete now, and a TCP segment, fills the segment. */
static int take_fragment(struct sfe_analysis *a, uint32_t capture, const struct sfe_packet *p,
	const struct sfe_segment_fragment *fragment, struct sfe_segment *s)
{
	struct sfe_capture_counts *c = &a->captures[capture];
	bool failed;
	const struct sfe_datagram *whole = sfe_fragments_add(a->fragments, capture, fragment->vlan,
		&fragment->ip, &fragment->content, p, &failed);

	s->packets = 0;
	if (failed)
		return -ENOMEM;
	if (!whole)
		return 0;
	enum sfe_packet_kind kind = sfe_segment_of_datagram(whole, s);
	if (kind == SFE_PACKET_TCP)
		return 0;
	count_other(c, p, kind, whole->packets, whole->wire_bytes);
	s->packets = 0;
	return 0;
}

/* -ENOSPC: the packet belongs to one connection too many. Unless it completes a datagram,
 * it is not counted. */
static int take_packet(struct sfe_analysis *a, uint32_t capture, const struct sfe_packet *p)
{
	struct sfe_capture_counts *c = &a->captures[capture];
	struct sfe_segment_fragment fragment;
	struct sfe_segment s;
	enum sfe_packet_kind kind = sfe_segment_read(p, &s, &fragment);
	int r = 0;

	if (kind == SFE_PACKET_TCP && !sfe_flow_has_room(a, capture, &s))
		return -ENOSPC;
	count_packet(a, c, p);
	c->cut_packets += p->bytes < p->wire_bytes || (kind == SFE_PACKET_TCP && s.cut);
	if (kind != SFE_PACKET_TCP && kind != SFE_PACKET_FRAGMENT) {
		count_other(c, p, kind, 1, p->wire_bytes);
		return 0;
	}
	if (kind == SFE_PACKET_FRAGMENT)
		r = take_fragment(a, capture, p, &fragment, &s);
	if (r || !s.packets)
		return r;
	if (kind == SFE_PACKET_FRAGMENT && !sfe_flow_has_room(a, capture, &s)) {
		count_other(c, p, SFE_PACKET_OTHER, s.packets, s.wire_bytes);
		return -ENOSPC;
	}
	return sfe_flow_take(a, capture, p->time_ns, &s) ? 0 : -ENOMEM;
}

/* ---- all captures in the order of time */

static bool earlier(const struct source *a, const struct source *b)
{
	return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->index < b->index;
}

static void sift(struct sources *s, uint32_t at)
{
	struct source *moved = s->heap[at];

	for (uint32_t child; (child = 2 * at + 1) < s->n_heap; at = child) {
		if (child + 1 < s->n_heap && earlier(s->heap[child + 1], s->heap[child]))
			child++;
		if (!earlier(s->heap[child], moved))
			break;
		s->heap[at] = s->heap[child];
	}
	s->heap[at] = moved;
}

/* Reads the next packet of a source; false at its end or where it is damaged. */
static bool advance(struct sfe_analysis *a, struct source *s)
{
	if (sfe_capture_next(s->capture, &s->packet)) {
		if (s->packet.time_ns > s->time_ns)
			s->time_ns = s->packet.time_ns;
		return true;
	}
	if (sfe_capture_damage(s->capture))
		snprintf(a->captures[s->index].damage, sizeof(a->captures[s->index].damage), "%s",
			sfe_capture_damage(s->capture));
	return false;
}

static void show_progress(const struct sfe_analysis *a, const struct sources *s)
{
	uint64_t at = 0, size = 0, one_at, one_size;

	for (uint32_t i = 0; i < s->n; i++) {
		sfe_capture_position(s->all[i].capture, &one_at, &one_size);
		at += one_at;
		size += one_size;
	}
	a->options.progress(a->options.arg, at, size);
}

/* All captures end at the same time, so that their counts can be compared. */
static void stop_full(struct sfe_analysis *a, struct sources *s)
{
	for (uint32_t i = 0; i < s->n_heap; i++) {
		struct sfe_capture_counts *c = &a->captures[s->heap[i]->index];
		snprintf(c->damage, sizeof(c->damage), "more than %u connections in all captures",
			a->n_flows);
	}
	s->n_heap = 0;
}

static int read_all(struct sfe_analysis *a, struct sources *s, struct sfe_error *err)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (advance(a, &s->all[i]))
			s->heap[s->n_heap++] = &s->all[i];
	for (uint32_t i = s->n_heap; i-- > 0;)
		sift(s, i);
	while (s->n_heap) {
		struct source *first = s->heap[0];
		int r = take_packet(a, first->index, &first->packet);
		if (r == -ENOSPC) {
			stop_full(a, s);
			break;
		}
		if (r)
			return sfe_fail(err, -ENOMEM, a->captures[first->index].file,
				"analyse fewer captures at a time",
				"out of memory after %llu packets", (unsigned long long)s->packets);
		if (++s->packets % PROGRESS_EVERY == 0 && a->options.progress)
			show_progress(a, s);
		if (!advance(a, first))
			s->heap[0] = s->heap[--s->n_heap];
		sift(s, 0);
	}
	return 0;
}

/* ---- files */

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int open_one(struct sfe_analysis *a, struct sources *s, const char *file, uint32_t buffer,
	struct sfe_error *err)
{
	struct sfe_capture_counts *c = &a->captures[a->n_captures];
	size_t windows = a->options.n_windows * sizeof(*c->windows);
	int r = sfe_capture_open(a->options.folder, file, buffer, &s->all[s->n].capture, err);

	if (r)
		return r;
	s->all[s->n].index = a->n_captures++;
	s->n++;
	c->file = strdup(file);
	c->windows = windows ? malloc(windows) : NULL;
	if (!c->file || (windows && !c->windows))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (windows)
		memcpy(c->windows, a->options.windows, windows);
	return 0;
}

int sfe_analysis_read(struct sfe_analysis *a, char *const *files, uint32_t n, struct sfe_error *err)
{
	struct sources s = {.all = calloc(n + 1, sizeof(*s.all)),
		.heap = calloc((size_t)n + 1, sizeof(struct source *))};
	uint32_t buffer = BUFFERS_BYTES / (n + 1);
	int r = 0;

	a->captures = calloc((size_t)n + 1, sizeof(*a->captures));
	if (!s.all || !s.heap || !a->captures)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	buffer = buffer < MIN_BUFFER_BYTES   ? MIN_BUFFER_BYTES
		 : buffer > MAX_BUFFER_BYTES ? MAX_BUFFER_BYTES
					     : buffer;
	raise_file_limit();
	for (uint32_t i = 0; i < n && !r; i++)
		r = open_one(a, &s, files[i], buffer, err);
	r = r ? r : read_all(a, &s, err);
	if (!r)
		sfe_flow_end_all(a);
	sfe_fragments_free(a->fragments);
	a->fragments = NULL;
	if (!r && a->no_memory)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < s.n; i++)
		sfe_capture_close(s.all[i].capture);
	free(s.all);
	free(s.heap);
	sfe_tally_sort(a);
	for (uint32_t i = 0; i < a->n_captures; i++)
		sfe_intervals_settle(&a->captures[i].intervals);
	return r;
}

void sfe_analysis_free(struct sfe_analysis *a)
{
	if (!a)
		return;
	for (uint32_t i = 0; i < a->n_flows; i++)
		sfe_flow_free(a->flows[i]);
	for (uint32_t i = 0; i < a->n_connections; i++) {
		free(a->connections[i]->messages);
		free(a->connections[i]);
	}
	for (uint32_t i = 0; i < a->n_tallies; i++)
		free(a->tallies[i]);
	sfe_fragments_free(a->fragments);
	for (uint32_t i = 0; i < a->n_captures; i++) {
		free(a->captures[i].file);
		sfe_intervals_free(&a->captures[i].intervals);
		free(a->captures[i].windows);
	}
	free(a->flows);
	free(a->flow_hash);
	free(a->connections);
	free(a->connection_hash);
	free(a->tallies);
	free(a->tally_hash);
	free(a->captures);
	free(a->strategies);
	free(a->seen);
	free(a);
}
