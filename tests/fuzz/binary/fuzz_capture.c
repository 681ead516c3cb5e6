/* SPDX-License-Identifier: MIT */
/*
 * Captures: from a file's bytes to the tables. The first byte says how many captures the rest is (1
 * or 2), the parts are separated as usual. Whatever the packets say, each is attributed once.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "emu/analyze/interval_view.h"
#include "emu/analyze/segment_view.h"
#include "emu/analyze/views.h"
#include "tests/fuzz/fuzz.h"

/* A file in memory that libpcap opens by its path. */
static void put_file(int *fd, char path[32], struct part p)
{
	if (*fd < 0)
		*fd = memfd_create("capture", MFD_CLOEXEC);
	CHECK(*fd >= 0 && !ftruncate(*fd, 0) && pwrite(*fd, p.at, p.len, 0) == (ssize_t)p.len);
	lseek(*fd, 0, SEEK_SET);
	snprintf(path, 32, "/proc/self/fd/%d", *fd);
}

static void on_message(void *arg, const struct sfe_message_event *e)
{
	struct sfe_part_row rows[SFE_VIEW_MAX_PARTS];
	unsigned n;

	(void)arg;
	for (unsigned first = 0; first <= e->message->n_parts; first += n) {
		n = sfe_view_parts(e, 1, first, rows);
		CHECK(n);
	}
}

/* Packets are in the order of their numbers, and no more than there are. */
static void on_segment(void *arg, const struct sfe_segment_event *e)
{
	const struct sfe_segment_row row = sfe_view_segment(e, 1);

	(void)arg;
	CHECK(e->number == e->flow->analysis->captures[e->flow->capture].packets);
	CHECK(row.packet && row.connection);
	CHECK(!(e->class >> SFE_TCP_CLASSES));
}

static void check_sums(const struct sfe_analysis *a)
{
	struct sfe_cost sum = {0};
	uint64_t packets = 0, wire_bytes = 0, payload = 0;

	for (uint32_t i = 0; i < a->n_tallies; i++) {
		sum.packets += a->tallies[i]->cost.packets;
		sum.wire_bytes += a->tallies[i]->cost.wire_bytes;
		sum.payload_bytes += a->tallies[i]->cost.payload_bytes;
		CHECK(a->tallies[i]->distinct_body_bytes <= a->tallies[i]->body_bytes);
	}
	for (uint32_t i = 0; i < a->n_captures; i++) {
		const struct sfe_capture_counts *c = &a->captures[i];
		packets += c->packets - c->other_packets;
		wire_bytes += c->wire_bytes - c->other_wire_bytes;
		CHECK(c->packets == c->tcp_packets + c->other_packets);
		CHECK(c->lone_fragments <= c->unread_packets);
		CHECK(c->unread_packets + c->opaque_packets <= c->other_packets);
	}
	for (uint32_t i = 0; i < 2 * a->n_flows; i++) {
		const struct sfe_tcp_counts t = sfe_flow_counts(a->flows[i / 2], i % 2);
		payload += t.payload_bytes;
		CHECK(t.unique_bytes <= t.payload_bytes);
		CHECK(t.retransmitted_bytes <= t.payload_bytes);
	}
	CHECK(sum.packets == packets && sum.wire_bytes == wire_bytes &&
		sum.payload_bytes == payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fds[2] = {-1, -1};
	const struct sfe_analysis_options options = {
		.interval_ns = 1000000000, .message = on_message, .segment = on_segment};
	struct sfe_analysis *a = NULL;
	struct sfe_error err = {0};
	char paths[2][32];
	char *files[2] = {paths[0], paths[1]};
	uint32_t n = 1;

	if (size < 1)
		return 0;
	struct part rest = {(const char *)data + 1, size - 1};
	if (data[0] & 1) {
		put_file(&fds[1], paths[1], next_part(&rest));
		n = 2;
	}
	put_file(&fds[0], paths[0], rest);
	CHECK(!sfe_analysis_new(&options, &a, &err));
	int rc = sfe_analysis_read(a, files, n, &err);
	if (rc) {
		check_error(&err, rc);
	} else {
		int (*const views[])(const struct sfe_analysis *, void **, size_t *) = {
			sfe_view_captures, sfe_view_bins, sfe_view_strategies, sfe_view_jobs,
			sfe_view_steps};
		check_sums(a);
		for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
			void *rows;
			size_t n_rows;
			CHECK(!views[i](a, &rows, &n_rows));
			free(rows);
		}
		struct sfe_flow_rows flows = {.analysis = a};
		for (uint32_t i = 0; i < 2 * a->n_flows; i++)
			sfe_view_flow(&flows, i);
	}
	sfe_analysis_free(a);
	return 0;
}
