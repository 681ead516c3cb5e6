/* SPDX-License-Identifier: MIT */
/* Connections without payload are counted like others, and the number of connections has a limit.
 */
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/analyze/views.h"
#include "tests/unit/unit.h"

#define FRAME (14 + 20 + 20)
#define SYN SFE_TCP_SYN
#define ACK SFE_TCP_ACK
#define RST SFE_TCP_RST
#define FIN SFE_TCP_FIN

struct file { /* a capture that is being written */
	char path[32];
	FILE *out;
	uint32_t ms;
};

static void open_file(struct file *f)
{
	const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};

	*f = (struct file){.path = "/tmp/sfe-flow-XXXXXX"};
	int fd = mkstemp(f->path);
	CU_ASSERT_FATAL(fd >= 0);
	f->out = fdopen(fd, "w");
	fwrite(head, sizeof(head), 1, f->out);
}

/* A segment 1 ms after the one before, between port `port` of 10.0.0.1 and port 80 of 10.0.0.2. */
static void put(struct file *f, bool forth, uint16_t port, uint32_t seq, uint32_t ack,
	uint8_t flags, const char *payload)
{
	uint8_t frame[FRAME + 256] = {
		[12] = 8, [14] = 0x45, [22] = 64, [23] = 6, [46] = 5 << 4, [48] = 0xfa};
	uint32_t n = (uint32_t)strlen(payload), bytes = FRAME + n;
	const uint32_t record[4] = {1, 1000 * ++f->ms, bytes, bytes};
	const uint8_t from[4] = {10, 0, 0, forth ? 1 : 2}, to[4] = {10, 0, 0, forth ? 2 : 1};
	uint16_t ports[2] = {htons(forth ? port : 80), htons(forth ? 80 : port)};
	uint16_t length = htons((uint16_t)(40 + n));

	seq = htonl(seq);
	ack = htonl(ack);
	memcpy(frame + 16, &length, 2);
	memcpy(frame + 26, from, 4);
	memcpy(frame + 30, to, 4);
	memcpy(frame + 34, ports, 4);
	memcpy(frame + 38, &seq, 4);
	memcpy(frame + 42, &ack, 4);
	frame[47] = flags;
	memcpy(frame + FRAME, payload, n);
	fwrite(record, sizeof(record), 1, f->out);
	fwrite(frame, bytes, 1, f->out);
}

static struct sfe_analysis *analyse(struct file *f, uint32_t max)
{
	const struct sfe_analysis_options options = {.max_connections = max};
	char *files[1] = {f->path};
	struct sfe_analysis *a;
	struct sfe_error err = {0};

	fclose(f->out);
	CU_ASSERT_EQUAL_FATAL(sfe_analysis_new(&options, &a, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_analysis_read(a, files, 1, &err), 0);
	unlink(f->path);
	return a;
}

/* Each packet is attributed once, here to no job. */
static void check_attributed(const struct sfe_analysis *a)
{
	CU_ASSERT_EQUAL_FATAL(a->n_tallies, 1);
	CU_ASSERT_EQUAL(a->tallies[0]->cost.packets, a->captures[0].tcp_packets);
	CU_ASSERT_EQUAL(a->tallies[0]->cost.wire_bytes, a->captures[0].wire_bytes);
}

static void test_refused(void)
{
	struct file f;

	open_file(&f);
	put(&f, true, 1000, 7, 0, SYN, "");
	put(&f, true, 1000, 7, 0, SYN, ""); /* again */
	put(&f, false, 1000, 0, 8, RST | ACK, "");
	struct sfe_analysis *a = analyse(&f, 0);
	CU_ASSERT_EQUAL_FATAL(a->n_flows, 1);
	CU_ASSERT_PTR_NULL(a->flows[0]->state); /* only its segments are stored */
	struct sfe_tcp_counts forth = sfe_flow_counts(a->flows[0], 0);
	struct sfe_tcp_counts back = sfe_flow_counts(a->flows[0], 1);
	CU_ASSERT_EQUAL(forth.packets, 2);
	CU_ASSERT_EQUAL(forth.wire_bytes, 2 * FRAME);
	CU_ASSERT_EQUAL(forth.header_bytes, 2 * FRAME);
	CU_ASSERT_EQUAL(forth.retransmissions, 1);
	CU_ASSERT_EQUAL(forth.last_ns - forth.first_ns, 1000000);
	CU_ASSERT_EQUAL(back.packets, 1);
	CU_ASSERT_EQUAL(back.retransmissions, 0);
	CU_ASSERT_EQUAL(a->tallies[0]->cost.retransmissions, 1);
	check_attributed(a);
	sfe_analysis_free(a);
}

/* Opened and closed, and one segment more: the state is made from the early segments. */
static void test_more(void)
{
	for (int more = 0; more < 2; more++) {
		struct file f;
		open_file(&f);
		put(&f, true, 1000, 7, 0, SYN, "");
		put(&f, false, 1000, 20, 8, SYN | ACK, "");
		put(&f, true, 1000, 8, 21, ACK, "");
		put(&f, true, 1000, 8, 21, FIN | ACK, "");
		put(&f, false, 1000, 21, 9, FIN | ACK, "");
		put(&f, true, 1000, 9, 22, ACK, "");
		if (more)
			put(&f, true, 1000, 9, 22, ACK, "");
		struct sfe_analysis *a = analyse(&f, 0);
		CU_ASSERT_EQUAL_FATAL(a->n_flows, 1);
		CU_ASSERT_EQUAL(a->flows[0]->state != NULL, more);
		CU_ASSERT_EQUAL(sfe_flow_counts(a->flows[0], 0).packets, 4u + (unsigned)more);
		const struct sfe_tcp_counts c = sfe_flow_counts(a->flows[0], 0);
		CU_ASSERT_EQUAL(sfe_tcp_count(&c, SFE_CLASS_DUPLICATE_ACK), (unsigned)more);
		CU_ASSERT_EQUAL(sfe_flow_counts(a->flows[0], 1).packets, 2);
		check_attributed(a);
		sfe_analysis_free(a);
	}
}

/* Bytes that are acknowledged and not there are missing, also of a connection that is stored as
 * early segments. */
static void test_not_captured(void)
{
	for (int more = 0; more < 2; more++) {
		struct file f;
		open_file(&f);
		put(&f, true, 1000, 7, 0, SYN, "");
		put(&f, false, 1000, 20, 8, SYN | ACK, "");
		put(&f, true, 1000, 8, 21, ACK, "");
		put(&f, false, 1000, 21, 5008, ACK, "");
		for (int i = 0; more && i < 3; i++)
			put(&f, true, 1000, 5008, 21, ACK, "");
		struct sfe_analysis *a = analyse(&f, 0);
		CU_ASSERT_EQUAL(a->flows[0]->state != NULL, more);
		CU_ASSERT_EQUAL(sfe_flow_counts(a->flows[0], 0).missing_bytes, 5000);
		sfe_analysis_free(a);
	}
}

/* A handshake is attributed to the first message, although it was stored as early segments. */
static void test_content(void)
{
	static const char head[] = "POST /invoke HTTP/1.1\r\nsfemu-job: 3\r\nsfemu-step: 0\r\n"
				   "sfemu-strategy: PureFaaS\r\nContent-Length: 0\r\n\r\n";
	struct file f;

	open_file(&f);
	put(&f, true, 1000, 7, 0, SYN, "");
	put(&f, false, 1000, 20, 8, SYN | ACK, "");
	put(&f, true, 1000, 8, 21, ACK, "");
	put(&f, true, 1000, 8, 21, ACK, head);
	struct sfe_analysis *a = analyse(&f, 0);
	CU_ASSERT_EQUAL_FATAL(a->n_tallies, 1);
	CU_ASSERT_EQUAL(a->tallies[0]->id.job, 3);
	CU_ASSERT_EQUAL(a->tallies[0]->cost.packets, 4);
	CU_ASSERT_EQUAL(sfe_flow_messages(a->flows[0], 0), 1);
	CU_ASSERT_EQUAL(a->flows[0]->state->class.first_rtt_ns, 2000000);
	sfe_analysis_free(a);
}

/* A SYN with another sequence number between the same sockets is another connection. */
static void test_again(void)
{
	struct file f;

	open_file(&f);
	put(&f, true, 1000, 7, 0, SYN, "");
	put(&f, false, 1000, 0, 8, RST | ACK, "");
	put(&f, true, 1000, 999, 0, SYN, "");
	struct sfe_analysis *a = analyse(&f, 0);
	CU_ASSERT_EQUAL_FATAL(a->n_flows, 2);
	CU_ASSERT_EQUAL(sfe_flow_counts(a->flows[0], 0).packets, 1);
	CU_ASSERT_EQUAL(sfe_flow_counts(a->flows[1], 0).packets, 1);
	check_attributed(a);
	sfe_analysis_free(a);
}

/* Reading ends before the packet of one connection too many, like that of a damaged file. */
static void test_limit(void)
{
	struct file f;

	open_file(&f);
	for (uint16_t i = 0; i < 10; i++)
		put(&f, true, 1000 + i, 7, 0, SYN, "");
	put(&f, false, 1009, 0, 8, RST | ACK, ""); /* of a known connection */
	put(&f, true, 1010, 7, 0, SYN, "");
	put(&f, false, 1000, 0, 8, RST | ACK, "");
	struct sfe_analysis *a = analyse(&f, 10);
	CU_ASSERT_EQUAL(a->n_flows, 10);
	CU_ASSERT_EQUAL(a->captures[0].packets, 11);
	CU_ASSERT_STRING_EQUAL(a->captures[0].damage, "more than 10 connections in all captures");
	check_attributed(a);
	sfe_analysis_free(a);

	open_file(&f);
	for (uint16_t i = 0; i < 10; i++)
		put(&f, true, 1000 + i, 7, 0, SYN, "");
	a = analyse(&f, 10);
	CU_ASSERT_STRING_EQUAL(a->captures[0].damage, "");
	/* The same for a connection between the sockets of an earlier one. */
	sfe_analysis_free(a);
	open_file(&f);
	put(&f, true, 1000, 7, 0, SYN, "");
	put(&f, true, 1000, 999, 0, SYN, "");
	a = analyse(&f, 1);
	CU_ASSERT_EQUAL(a->captures[0].packets, 1);
	CU_ASSERT_STRING_EQUAL(a->captures[0].damage, "more than 1 connections in all captures");
	sfe_analysis_free(a);
}

#define CALL(after)                                                                                \
	"POST /invoke HTTP/1.1\r\nHost: a\r\nsfemu-job: 0\r\nsfemu-step: 3\r\n"                    \
	"sfemu-strategy: StateLocal\r\nsfemu-from: 1\r\n" after "Content-Length: 4\r\n\r\nabcd"
#define ACCEPTED "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"

/* The calls of a join by two steps of one node are messages of two edges. */
static void test_edges(void)
{
	const char *const one = CALL("sfemu-after: 1\r\n"), *const two = CALL("sfemu-after: 2\r\n");
	uint32_t n = (uint32_t)strlen(one), answer = (uint32_t)strlen(ACCEPTED);
	struct sfe_tally_row *rows;
	size_t n_rows;
	struct file f;

	open_file(&f);
	put(&f, true, 1000, 99, 0, SYN, "");
	put(&f, false, 1000, 499, 100, SYN | ACK, "");
	put(&f, true, 1000, 100, 500, ACK, one);
	put(&f, false, 1000, 500, 100 + n, ACK, ACCEPTED);
	put(&f, true, 1000, 100 + n, 500 + answer, ACK, two);
	put(&f, false, 1000, 500 + answer, 100 + 2 * n, ACK, ACCEPTED);
	struct sfe_analysis *a = analyse(&f, 10);
	CU_ASSERT_EQUAL_FATAL(sfe_view_steps(a, (void **)&rows, &n_rows), 0);
	CU_ASSERT_EQUAL_FATAL(n_rows, 4);
	for (size_t i = 0; i < n_rows; i++) {
		CU_ASSERT_STRING_EQUAL(rows[i].kind, i < 2 ? "call" : "other");
		CU_ASSERT_EQUAL(rows[i].step, 3);
		CU_ASSERT_EQUAL(rows[i].after, i % 2 ? 2 : 1);
		CU_ASSERT_EQUAL(rows[i].messages, 1);
		CU_ASSERT_EQUAL(rows[i].packets, i ? 1 : 3); /* the first has the handshake */
		CU_ASSERT_EQUAL(rows[i].distinct_body_bytes, i < 2 ? 4 : 0);
	}
	CU_ASSERT_EQUAL(sfe_view_steps_table(a).n_columns, sfe_step_view.n_columns);
	free(rows);
	sfe_analysis_free(a);

	/* In a chain there is no such column. */
	open_file(&f);
	put(&f, true, 1000, 100, 0, ACK, CALL(""));
	a = analyse(&f, 10);
	CU_ASSERT_EQUAL_FATAL(sfe_view_steps(a, (void **)&rows, &n_rows), 0);
	CU_ASSERT_EQUAL_FATAL(n_rows, 1);
	CU_ASSERT(isnan(rows[0].after));
	CU_ASSERT_EQUAL(sfe_view_steps_table(a).n_columns, sfe_step_view.n_columns - 1);
	free(rows);
	sfe_analysis_free(a);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a refused connection", test_refused},
		{"one segment more", test_more},
		{"bytes that were not captured", test_not_captured},
		{"a handshake is its message's", test_content},
		{"the same sockets again", test_again},
		{"the limit", test_limit},
		{"edges of a graph", test_edges},
	};

	return unit_main("analyze_flow", tests, sizeof(tests) / sizeof(tests[0]));
}
