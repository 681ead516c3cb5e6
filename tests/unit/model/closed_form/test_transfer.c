/* SPDX-License-Identifier: MIT */
/* Messages over TCP, and links shared as a fluid: cases computed by hand. */
#include <math.h>

#include "sfemu/sharing.h"
#include "sfemu/transfer.h"
#include "tests/unit/unit.h"

#define NEAR(a, b) CU_ASSERT_DOUBLE_EQUAL(a, b, 1e-12)

/* Segments of 1000 bytes of payload in frames of 1054 (no timestamps). */
static const struct sfe_tcp tcp = {.mtu = 1040, .initial_window = 2, .slow_start_after_idle = true};

static const struct sfe_hop slow_fast[] = {{8e6, 0.010, false, {0}}, {80e6, 0.001, false, {0}}};
static const struct sfe_hop fast_slow[] = {{80e6, 0.001, false, {0}}, {8e6, 0.010, false, {0}}};
static const struct sfe_transfer_path forward = {2, slow_fast}, back = {2, fast_slow};

static void test_two_links(void)
{
	/* 10 segments, a window that covers them, no head: 10 000 B are 10 ms and 1 ms. */
	const struct sfe_message m = {.payload_bytes = 10000, .window = 10};
	struct sfe_transfer_time t = sfe_transfer_time(forward, back, &tcp, &m);

	NEAR(t.model_s, 0.011);
	/* The second link has only the last packet left: 10 ms and 0.1 ms. */
	NEAR(t.pipelining_s, 0.0101 - 0.011);
	NEAR(t.headers_s, 0.0101 * 0.054);
	NEAR(t.propagation_s, 0.011);
	NEAR(t.tcp_start_s, 0);
}

static void test_last_packet(void)
{
	/* 2 full segments and one of 100 B. Slow, then fast: at 2.1 ms it leaves the first link and
	 * is 10 us behind the second packet's end at 2.1 ms. Fast, then slow: the queue is at the
	 * second. */
	const struct sfe_message m = {.payload_bytes = 2100, .window = 10};

	NEAR(sfe_transfer_time(forward, back, &tcp, &m).pipelining_s, 0.00211 - 1.1 * 0.0021);
	NEAR(sfe_transfer_time(back, forward, &tcp, &m).pipelining_s, 0.0022 - 1.1 * 0.0021);
}

static void test_slow_start(void)
{
	/*
	 * Windows of 2, 4, 8 segments: 14 are enough for 10. A frame takes 1.054 ms and 0.1054 ms,
	 * an acknowledgement of 54 B 5.4 us and 54 us back: R = 1.1594 + 0.0594 + 22 ms.
	 */
	const struct sfe_message m = {.payload_bytes = 10000, .window = 2};
	double round_trip = 0.0011594 + 0.0000594 + 0.022;
	struct sfe_transfer_time t = sfe_transfer_time(forward, back, &tcp, &m);

	NEAR(t.tcp_start_s, (round_trip - 2 * 0.001054) + (round_trip - 4 * 0.001054));
	/* 10 acknowledged, at most twice the 8 that the last window allowed. */
	NEAR(sfe_transfer_window_after(&tcp, &m), 12);
	/* A window that was not filled does not grow beyond twice what was sent. */
	NEAR(sfe_transfer_window_after(
		     &tcp, &(struct sfe_message){.payload_bytes = 1000, .window = 4}),
		4);
	NEAR(sfe_transfer_window_after(
		     &tcp, &(struct sfe_message){.payload_bytes = 3000, .window = 4}),
		6);
}

static void test_connects_and_asks(void)
{
	const struct sfe_message m = {.payload_bytes = 1000,
		.head_bytes = 200,
		.request_bytes = 300,
		.connects = true,
		.window = 10};
	struct sfe_transfer_time t = sfe_transfer_time(forward, back, &tcp, &m);

	/* Handshake forward and back, the request back, the message forward. */
	NEAR(t.propagation_s, 0.011 + 0.011 + 0.011 + 0.011);
	/* SYNs of 74 B over both links each path, an acknowledgement at the narrowest. */
	NEAR(t.tcp_start_s, 2 * 74 * (1e-6 + 1e-7) + 54e-6);
	/* 1000 B, one packet: 1.1 ms. As 1200 B in frames of 1054 and 254: 1.308 ms, 0.0254 ms. */
	NEAR(t.headers_s, 0.001308 + 0.0000254 - 0.0011 + 354 * 1.1e-6);
	NEAR(t.model_s + t.pipelining_s, 0.0011);
	NEAR(sfe_transfer_wire_bits(&tcp, &m), 8 * (1054 + 254));
}

static void test_medium(void)
{
	static const struct sfe_hop medium[] = {{8e6, 0, true, {0}}};
	const struct sfe_transfer_path path = {1, medium};
	const struct sfe_message m = {.payload_bytes = 10000, .window = 100};

	/* Five acknowledgements pass the same queue. */
	NEAR(sfe_transfer_time(path, path, &tcp, &m).headers_s, 10 * 54e-6 + 5 * 54e-6);
}

/* With the full window no message waits, however long; with a segment less it does. */
static void test_full_window(void)
{
	const double full = sfe_transfer_full_window(forward, back, &tcp);
	const struct sfe_transfer_path none = {0};
	struct sfe_message m = {.payload_bytes = 10000000, .window = full};

	/* 1.054 ms and 0.1054 ms for the frame, 22 ms, 0.054 ms and 0.0054 ms back. */
	CU_ASSERT_EQUAL(full, ceil(23.2188 / 1.054));
	NEAR(sfe_transfer_time(forward, back, &tcp, &m).tcp_start_s, 0);
	m.window = full - 1;
	CU_ASSERT(sfe_transfer_time(forward, back, &tcp, &m).tcp_start_s > 0);
	CU_ASSERT_EQUAL(sfe_transfer_window_bytes(full, &tcp), 23000);
	CU_ASSERT_EQUAL(sfe_transfer_full_window(none, none, &tcp), 2);
	static const struct sfe_hop unlimited = {.delay_s = 1}, moon = {1e12, 100, false, {0}};
	const struct sfe_transfer_path free_path = {1, &unlimited}, long_path = {1, &moon};
	CU_ASSERT_EQUAL(sfe_transfer_full_window(free_path, free_path, &tcp), 2);
	CU_ASSERT_EQUAL(sfe_transfer_full_window(long_path, long_path, &tcp),
		SFE_WARM_UP_MOST_BYTES / 1000);
}

static void test_contention(void)
{
	/* A frame's MAC header takes 10 us, an aggregate of four 100 us before it and 200 after. */
	static const struct sfe_hop medium[] = {{8e6, 0, true, {4, 10, 100e-6, 200e-6, 0.25}}};
	static const struct sfe_hop both[] = {
		{8e7, 0, false, {0}}, {8e6, 0, true, {4, 10, 100e-6, 200e-6, 0.25}}};
	static const struct sfe_hop wide[] = {
		{8e6, 0, false, {0}}, {8e7, 0, true, {4, 10, 100e-6, 200e-6, 0.25}}};
	const struct sfe_transfer_path path = {1, medium}, two = {2, both}, other = {2, wide};
	const struct sfe_message m = {.payload_bytes = 10000, .window = 100};
	const struct sfe_message small = {.payload_bytes = 1000, .window = 100, .connects = true};
	static const struct sfe_hop plain[] = {{8e7, 0, false, {0}}, {8e6, 0, true, {0}}};

	/* Ten packets: aggregates of 1, 4, 4, 1, and four of the five acknowledgements. */
	double own = 10 * 10e-6 + 4 * 100e-6 + 3 * 200e-6;
	double returned = 5 * (54e-6 + 10e-6) + 4 * 300e-6;
	/* Three of either follow others, and collide 0.25 times: four frames and 300 us each time.
	 */
	returned += 2 * 3 * 0.25 * (4 * (1054e-6 + 10e-6) + 300e-6);
	NEAR(sfe_transfer_time(path, path, &tcp, &m).headers_s, 10 * 54e-6 + own + returned);
	NEAR(sfe_transfer_time(two, two, &tcp, &m).headers_s -
			sfe_transfer_time((struct sfe_transfer_path){2, plain},
				(struct sfe_transfer_path){2, plain}, &tcp, &m)
				.headers_s,
		own + returned - 5 * 54e-6);
	/* A medium that is not the narrowest link: once a preamble and a MAC header of 1 us. */
	NEAR(sfe_transfer_time(other, other, &tcp, &m).headers_s, 10 * 54e-6 + 5.4e-6 + 101e-6);
	/* A packet, which nothing acknowledges in time, and the two before it. */
	NEAR(sfe_transfer_time(path, path, &tcp, &small).headers_s, 54e-6 + 110e-6);
	NEAR(sfe_transfer_time(path, path, &tcp, &small).tcp_start_s,
		2 * 74e-6 + 2 * 110e-6 + 54e-6);
}

static void test_same_node(void)
{
	const struct sfe_transfer_path none = {0, NULL};
	const struct sfe_message m = {.payload_bytes = 10000, .head_bytes = 10, .connects = true};
	struct sfe_transfer_time t = sfe_transfer_time(none, none, &tcp, &m);

	NEAR(t.model_s + t.propagation_s + t.pipelining_s + t.headers_s + t.tcp_start_s, 0);
}

static void test_idle(void)
{
	struct sfe_tcp stays = tcp;

	stays.slow_start_after_idle = false;
	NEAR(sfe_transfer_window_idle(&tcp, 20, 0.24, 0.05), 20);
	NEAR(sfe_transfer_window_idle(&tcp, 20, 0.26, 0.05), 10);
	NEAR(sfe_transfer_window_idle(&tcp, 20, 0.76, 0.05), 2);
	NEAR(sfe_transfer_window_idle(&tcp, 20, 1e9, 0.05), 2);
	NEAR(sfe_transfer_window_idle(&stays, 20, 1e9, 0.05), 20);
}

/* Two links of 8 and 2 bit/s; every flow has 8 bits. */
static void test_sharing(void)
{
	static const double capacity[] = {8, 2};
	static const uint32_t first[] = {0}, both[] = {0, 1};
	struct sfe_flow f[] = {
		{.start_s = 0, .bits = 8, .n_resources = 1, .resources = first},
		{.start_s = 0, .bits = 8, .n_resources = 2, .resources = both},
		{.start_s = 0.5, .bits = 8, .n_resources = 1, .resources = first},
		{.start_s = 9, .bits = 8, .n_resources = 2, .resources = both},
		{.start_s = 3, .bits = 8},
	};

	CU_ASSERT_EQUAL_FATAL(sfe_sharing(f, 5, capacity, 2, NULL), 0);
	/* 6 bit/s for half a second, then 3 each beside the third: 5 bits more take 5/3 s. */
	NEAR(f[0].end_s, 0.5 + 5.0 / 3);
	/* Held to 2 bit/s by its second link all the time. */
	NEAR(f[1].end_s, 4);
	/* 3 bit/s for 5/3 s, then 6 for the other 3 bits. */
	NEAR(f[2].end_s, 0.5 + 5.0 / 3 + 0.5);
	NEAR(f[3].end_s, 9 + 4);
	NEAR(f[3].alone_s, 4);
	NEAR(f[4].end_s, 3);
	CU_ASSERT_EQUAL(sfe_sharing(NULL, 0, capacity, 2, NULL), 0);
}

/* A link without a rate delays nobody, alone or on a path; a capacity of 0 is refused. */
static void test_sharing_unlimited(void)
{
	static const double unlimited[] = {INFINITY, 2}, nothing[] = {0, 2}, none[] = {NAN, 2};
	static const uint32_t first[] = {0}, both[] = {0, 1};
	struct sfe_flow f[] = {
		{.start_s = 1, .bits = 8, .n_resources = 1, .resources = first},
		{.start_s = 0, .bits = 8, .n_resources = 2, .resources = both},
		{.start_s = 0, .bits = 8, .n_resources = 2, .resources = both},
	};

	CU_ASSERT_EQUAL_FATAL(sfe_sharing(f, 3, unlimited, 2, NULL), 0);
	NEAR(f[0].end_s, 1);
	NEAR(f[0].alone_s, 0);
	NEAR(f[1].end_s, 8);
	NEAR(f[2].end_s, 8);
	NEAR(f[2].alone_s, 4);
	CU_ASSERT_EQUAL(sfe_sharing(f, 3, nothing, 2, NULL), -EINVAL);
	CU_ASSERT_EQUAL(sfe_sharing(f, 3, none, 2, NULL), -EINVAL);
}

/* Many flows: together they get the link's capacity, however they share it. */
static void test_sharing_many(void)
{
	static const double capacity[] = {1e6};
	static const uint32_t only[] = {0};
	struct sfe_flow f[100];
	double bits = 0, last = 0;

	for (unsigned i = 0; i < 100; i++) {
		f[i] = (struct sfe_flow){
			.start_s = 0.001 * (i * 37 % 100), /* always some flow active */
			.bits = 1e4 * (1 + i % 7),
			.n_resources = 1,
			.resources = only};
		bits += f[i].bits;
	}
	CU_ASSERT_EQUAL_FATAL(sfe_sharing(f, 100, capacity, 1, NULL), 0);
	for (unsigned i = 0; i < 100; i++) {
		last = fmax(last, f[i].end_s);
		CU_ASSERT_TRUE(f[i].end_s >= f[i].start_s + f[i].alone_s - 1e-9);
	}
	CU_ASSERT_DOUBLE_EQUAL(last, bits / 1e6, 1e-6);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a lone transfer over two links", test_two_links},
		{"a last packet that is shorter", test_last_packet},
		{"slow start", test_slow_start},
		{"a new connection, and a message that is requested", test_connects_and_asks},
		{"acknowledgements on a shared medium", test_medium},
		{"a medium for which stations contend", test_contention},
		{"to the same node", test_same_node},
		{"windows that cover a path", test_full_window},
		{"windows of idle connections", test_idle},
		{"max-min fair shares", test_sharing},
		{"links without a rate", test_sharing_unlimited},
		{"a link's capacity is used up", test_sharing_many},
	};

	return unit_main("transfer", tests, sizeof(tests) / sizeof(tests[0]));
}
