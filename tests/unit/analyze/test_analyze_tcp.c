/* SPDX-License-Identifier: MIT */
#include "emu/analyze/tcp.h"

#include <string.h>

#include "tests/unit/unit.h"

#define MS 1000000u

struct stream { /* two directions, and the reassembled bytes of the first */
	struct sfe_tcp_direction forward, back;
	struct sfe_class_state class;
	char out[256];
	size_t n;
	uint64_t skips, time_ns, missing;
};

static void on_bytes(void *arg, const uint8_t *data, uint64_t n, bool missing, uint64_t time_ns)
{
	struct stream *s = arg;

	for (uint64_t i = 0; i < n && s->n < sizeof(s->out) - 1; i++)
		s->out[s->n++] = data ? (char)data[i] : '?';
	s->missing += missing ? n : 0;
	s->time_ns = time_ns;
}

static uint64_t on_skips(void *arg)
{
	return ((struct stream *)arg)->skips;
}

static void begin(struct stream *s)
{
	*s = (struct stream){0};
	sfe_class_begin(&s->class, false);
	s->forward.sink = (struct sfe_tcp_sink){on_bytes, on_skips, s};
}

static void end(struct stream *s)
{
	sfe_tcp_finish(&s->forward);
	sfe_tcp_free(&s->forward);
	sfe_tcp_free(&s->back);
}

/* Adds a segment and returns its classes. */
static uint16_t add(struct stream *s, bool forward, const struct sfe_segment *x, uint64_t ms)
{
	uint16_t class = sfe_class_take(&s->class, !forward, x, ms * MS);
	uint64_t offset;

	sfe_tcp_take(forward ? &s->forward : &s->back, forward ? &s->back : &s->forward, x, ms * MS,
		class, &offset);
	return class;
}

static uint16_t data(struct stream *s, uint32_t seq, const char *text, uint64_t ms)
{
	return add(s, true,
		&(struct sfe_segment){.seq = seq,
			.flags = SFE_TCP_ACK,
			.window = 500,
			.window_scale = -1,
			.payload = (const uint8_t *)text,
			.payload_bytes = (uint32_t)strlen(text),
			.captured = (uint32_t)strlen(text)},
		ms);
}

static void flag(struct stream *s, uint32_t seq, uint8_t flags, uint64_t ms)
{
	add(s, true, &(struct sfe_segment){.seq = seq, .flags = flags, .window_scale = -1}, ms);
}

static void ack(struct stream *s, uint32_t upto, uint16_t window, uint64_t ms)
{
	add(s, false,
		&(struct sfe_segment){.seq = 7,
			.ack = upto,
			.flags = SFE_TCP_ACK,
			.window = window,
			.window_scale = -1},
		ms);
}

static void test_in_order(void)
{
	struct stream s;

	begin(&s);
	flag(&s, 999, SFE_TCP_SYN, 0);
	CU_ASSERT_EQUAL(data(&s, 1000, "abc", 1), 0);
	CU_ASSERT_EQUAL(data(&s, 1003, "def", 2), 0);
	ack(&s, 1003, 100, 5);
	ack(&s, 1006, 100, 9);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdef");
	CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 6);
	CU_ASSERT_EQUAL(s.forward.counts.retransmissions, 0);
	CU_ASSERT_EQUAL(s.forward.counts.rtt_n, 2);
	CU_ASSERT_EQUAL(s.forward.counts.rtt_min_ns, 4 * MS);
	CU_ASSERT_EQUAL(s.forward.counts.rtt_max_ns, 7 * MS);
}

static void test_out_of_order(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "ab", 0);
	CU_ASSERT_EQUAL(data(&s, 5, "ef", 1), SFE_CLASS_LOST_SEGMENT);
	CU_ASSERT_EQUAL(s.n, 2);
	CU_ASSERT_EQUAL(data(&s, 3, "cd", 2), SFE_CLASS_OUT_OF_ORDER); /* the hole is 1 ms old */
	CU_ASSERT_EQUAL(s.time_ns, 2 * MS); /* when the bytes behind it become available */
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdef");
	CU_ASSERT_EQUAL(sfe_tcp_count(&s.forward.counts, SFE_CLASS_OUT_OF_ORDER), 1);
	CU_ASSERT_EQUAL(s.forward.counts.retransmissions, 0);
}

static void test_retransmissions(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "abcd", 0);
	CU_ASSERT_EQUAL(data(&s, 1, "abcd", 1), SFE_CLASS_RETRANSMISSION); /* seen before */
	data(&s, 9, "ij", 2);
	CU_ASSERT_EQUAL(
		data(&s, 5, "efgh", 50), SFE_CLASS_RETRANSMISSION); /* an old hole: it was lost */
	CU_ASSERT_EQUAL(data(&s, 3, "cdefghijkl", 60), SFE_CLASS_RETRANSMISSION); /* in part */
	ack(&s, 13, 100, 70);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdefghijkl");
	CU_ASSERT_EQUAL(s.forward.counts.retransmissions, 3);
	CU_ASSERT_EQUAL(s.forward.counts.retransmitted_bytes, 18);
	CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 12);
	CU_ASSERT_EQUAL(s.forward.counts.rtt_n,
		0); /* Karn: it is not known which of the two was acknowledged */
}

static void test_overlapping_holes(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "a", 0);
	data(&s, 5, "ef", 1);
	data(&s, 11, "kl", 1);
	data(&s, 4, "defghi", 1); /* over the first island, into the second hole */
	CU_ASSERT_STRING_EQUAL(s.out, "a");
	data(&s, 2, "bc", 2);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdefghi");
	data(&s, 10, "jk", 2);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdefghijkl");
	CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 12);
}

static void test_wraps(void)
{
	struct stream s;

	begin(&s);
	flag(&s, 0xfffffffcu, SFE_TCP_SYN, 0);
	data(&s, 0xfffffffdu, "abcd", 1); /* the last byte is number 0 */
	data(&s, 3, "gh", 2);
	data(&s, 1, "ef", 3);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdefgh");
}

static void test_missing(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "ab", 0);
	data(&s, 5, "ef", 1);
	ack(&s, 7, 100, 2); /* so 3 and 4 were not captured */
	data(&s, 7, "gh", 3);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "ab??efgh");
	CU_ASSERT_EQUAL(s.missing, 2);
	CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, 2);
	CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 6);
	/* A hole that was not acknowledged is not missing. */
	begin(&s);
	data(&s, 1, "ab", 0);
	data(&s, 5, "ef", 1);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "ab??ef");
	CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, 0);
}

static void test_duplicate_acks(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "ab", 0);
	ack(&s, 3, 100, 1);
	ack(&s, 3, 100, 2);
	ack(&s, 3, 100, 3);
	ack(&s, 3, 90, 4); /* a window update */
	ack(&s, 3, 90, 5);
	end(&s);
	CU_ASSERT_EQUAL(sfe_tcp_count(&s.back.counts, SFE_CLASS_DUPLICATE_ACK), 3);
}

static void test_cut_packets_and_skips(void)
{
	struct stream s;
	const struct sfe_segment x = {
		.seq = 1, .payload_bytes = 6, .captured = 2, .payload = (const uint8_t *)"ab"};

	begin(&s);
	add(&s, true, &x, 0);
	s.skips = 100; /* no content is stored behind a hole then */
	data(&s, 9, "ij", 1);
	data(&s, 7, "gh", 2);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "ab????gh??");
	CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 10);
	CU_ASSERT_EQUAL(s.missing, 0); /* they were captured, but not needed */
}

static void test_one_direction_only(void)
{
	struct stream s;

	begin(&s);
	ack(&s, 1000, 100, 0);
	ack(&s, 500000, 100, 1); /* the data took another path: nothing is missing here */
	end(&s);
	CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, 0);
	CU_ASSERT_EQUAL(s.n, 0);
}

/* A capture may show an acknowledgement before its data. */
static void test_ack_first(void)
{
	struct stream s;

	begin(&s);
	flag(&s, 0, SFE_TCP_SYN, 0);
	ack(&s, 5, 100, 1);
	ack(&s, 9, 100, 900);
	data(&s, 1, "abcd", 950);
	data(&s, 5, "efgh", 960);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdefgh");
	CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, 0);
	CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 8);
	CU_ASSERT_EQUAL(s.forward.counts.rtt_n, 0);
	end(&s);
	/* The first packet of a capture is such an acknowledgement. */
	begin(&s);
	ack(&s, 5, 100, 1);
	data(&s, 1, "abcd", 2);
	data(&s, 5, "ef", 3);
	end(&s);
	CU_ASSERT_STRING_EQUAL(s.out, "abcdef");
	CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, 0);
}

/* After a second, and some packets, bytes are missing; who is patient waits on. */
static void test_late(void)
{
	for (int patient = 0; patient < 2; patient++) {
		struct stream s;
		begin(&s);
		s.forward.patient = patient;
		data(&s, 1, "ab", 0);
		data(&s, 5, "ef", 1);
		ack(&s, 7, 100, 2);
		for (unsigned i = 0; i < SFE_TCP_LATE_PACKETS; i++) {
			CU_ASSERT_EQUAL(s.n, 2);
			ack(&s, 7, 100, 10 + i * 100);
		}
		CU_ASSERT_EQUAL(s.n, patient ? 2 : 6);
		CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, patient ? 0 : 2);
		/* Its own time, not that of the acknowledgement. */
		CU_ASSERT_EQUAL(s.time_ns, patient ? 0 : 1 * MS);
		data(&s, 3, "cd", 20000);
		end(&s);
		CU_ASSERT_STRING_EQUAL(s.out, patient ? "abcdef" : "ab??ef");
	}
}

/* A full buffer ends a hole; nothing fails. */
static void test_full(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "a", 0);
	for (uint32_t i = 0; i < 2 * SFE_TCP_MAX_PENDING; i++)
		data(&s, 3 + 2 * i, "b", 1);
	CU_ASSERT_FALSE(s.forward.failed);
	CU_ASSERT_TRUE(s.n > 200);
	CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, 0); /* nobody acknowledged them */
	end(&s);
}

/* One segment fills all holes, also where the buffer is full. */
static void test_spanning(void)
{
	enum { ISLANDS = SFE_TCP_MAX_PENDING - 1 };
	char *text = malloc(2 * ISLANDS + 2);
	struct stream s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, 'c', 2 * ISLANDS + 1);
	text[2 * ISLANDS + 1] = 0;
	for (int twice = 0; twice < 2; twice++) {
		begin(&s);
		data(&s, 1, "a", 0);
		for (uint32_t i = 0; i < ISLANDS; i++)
			data(&s, 4 + 2 * i, "b", 1);
		data(&s, 3, text, 2); /* the byte at 2 is still missing */
		CU_ASSERT_FALSE(s.forward.failed);
		CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 1 + 2 * ISLANDS + 1);
		if (!twice)
			data(&s, 2, "d", 3);
		end(&s);
		CU_ASSERT_NSTRING_EQUAL(s.out, twice ? "a?cbcbcbcb" : "adcbcbcbcb", 10);
	}
	free(text);
}

/* Acknowledgements run ahead of their data all the time; each byte comes 3 ms late. */
static void test_always_late(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "a", 0);
	for (uint32_t i = 0; i < 1500; i++) {
		ack(&s, 2 + 2 * (i + 3), 500, 10 + i);
		data(&s, 2 + 2 * i, "bc", 10 + i);
	}
	CU_ASSERT_EQUAL(s.forward.counts.missing_bytes, 0);
	CU_ASSERT_EQUAL(s.forward.counts.unique_bytes, 3001);
	CU_ASSERT_EQUAL(s.missing, 0);
	end(&s);
}

static void test_time_goes_back(void)
{
	struct stream s;

	begin(&s);
	data(&s, 1, "abcd", 500);
	ack(&s, 5, 100, 100);
	data(&s, 5, "ef", 600);
	ack(&s, 7, 100, 610);
	end(&s);
	CU_ASSERT_EQUAL(s.forward.counts.rtt_n, 1);
	CU_ASSERT_EQUAL(s.forward.counts.rtt_max_ns, 10 * MS);
	CU_ASSERT_EQUAL(s.back.counts.first_ns, 100 * MS);
	CU_ASSERT_EQUAL(s.back.counts.last_ns, 610 * MS);
}

static const struct unit_test tests[] = {
	{"an acknowledgement before its data", test_ack_first},
	{"bytes that are late", test_late},
	{"a full buffer", test_full},
	{"a segment that fills many holes", test_spanning},
	{"data that is always late", test_always_late},
	{"time goes back", test_time_goes_back},
	{"in order", test_in_order},
	{"out of order", test_out_of_order},
	{"retransmissions", test_retransmissions},
	{"overlapping holes", test_overlapping_holes},
	{"sequence numbers wrap", test_wraps},
	{"missing bytes", test_missing},
	{"duplicate acknowledgements", test_duplicate_acks},
	{"cut packets and bytes that nobody wants", test_cut_packets_and_skips},
	{"one direction only", test_one_direction_only},
};

int main(void)
{
	return unit_main("analyze tcp", tests, sizeof(tests) / sizeof(tests[0]));
}
