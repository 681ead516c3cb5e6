/* SPDX-License-Identifier: MIT */
/* The rules one by one; tests/lab/segments.sh compares them with tshark's in many captures. */
#include "emu/analyze/tcp_class.h"

#include "tests/unit/unit.h"

#define MS 1000000u

static uint16_t put(struct sfe_class_state *c, unsigned direction, uint32_t seq, uint32_t ack,
	uint32_t bytes, uint16_t window, uint8_t flags, uint64_t us)
{
	const struct sfe_segment s = {.seq = seq,
		.ack = ack,
		.payload_bytes = bytes,
		.window = window,
		.flags = flags,
		.window_scale = -1};

	return sfe_class_take(c, direction, &s, us * 1000);
}

static uint16_t data(struct sfe_class_state *c, uint32_t seq, uint32_t bytes, uint64_t us)
{
	return put(c, 0, seq, 900, bytes, 100, SFE_TCP_ACK, us);
}

static uint16_t ack(struct sfe_class_state *c, uint32_t ack_, uint16_t window, uint64_t us)
{
	return put(c, 1, 900, ack_, 0, window, SFE_TCP_ACK, us);
}

/* A handshake of 20 ms, and 1000 bytes that are acknowledged. */
static void begin(struct sfe_class_state *c)
{
	sfe_class_begin(c, false);
	CU_ASSERT_EQUAL(put(c, 0, 99, 0, 0, 100, SFE_TCP_SYN, 1000), 0);
	CU_ASSERT_EQUAL(put(c, 1, 899, 100, 0, 5000, SFE_TCP_SYN | SFE_TCP_ACK, 11000), 0);
	CU_ASSERT_EQUAL(data(c, 100, 0, 21000), 0);
	CU_ASSERT_EQUAL(c->first_rtt_ns, 20 * MS);
	CU_ASSERT_EQUAL(data(c, 100, 1000, 22000), 0);
	CU_ASSERT_EQUAL(ack(c, 1100, 5000, 32000), 0);
}

/* Old bytes: by the time since the highest one, the acknowledgements, and what they were. */
static void test_old(void)
{
	struct sfe_class_state c;

	begin(&c);
	CU_ASSERT_EQUAL(data(&c, 2100, 1000, 33000), SFE_CLASS_LOST_SEGMENT);
	CU_ASSERT_EQUAL(data(&c, 1100, 500, 52999), SFE_CLASS_OUT_OF_ORDER);
	CU_ASSERT_EQUAL(data(&c, 1600, 500, 53000), SFE_CLASS_RETRANSMISSION);
	CU_ASSERT_EQUAL(data(&c, 100, 1000, 53001), SFE_CLASS_SPURIOUS_RETRANSMISSION);
	/* The end of the last segment is no sign of another order. */
	CU_ASSERT_EQUAL(data(&c, 3100, 1000, 54000), 0);
	CU_ASSERT_EQUAL(data(&c, 3100, 1000, 54001), SFE_CLASS_RETRANSMISSION);
	/* Time goes back. */
	CU_ASSERT_EQUAL(data(&c, 1100, 500, 40000), SFE_CLASS_RETRANSMISSION);
}

static void test_fast(void)
{
	struct sfe_class_state c;

	begin(&c);
	CU_ASSERT_EQUAL(data(&c, 2100, 1000, 33000), SFE_CLASS_LOST_SEGMENT);
	CU_ASSERT_EQUAL(ack(&c, 1100, 5000, 43000), SFE_CLASS_DUPLICATE_ACK);
	CU_ASSERT_EQUAL(ack(&c, 1100, 5000, 44000), SFE_CLASS_DUPLICATE_ACK);
	CU_ASSERT_EQUAL(data(&c, 1100, 1000, 63999), SFE_CLASS_FAST_RETRANSMISSION);
	CU_ASSERT_EQUAL(data(&c, 1100, 1000, 64000), SFE_CLASS_RETRANSMISSION);
	CU_ASSERT_EQUAL(ack(&c, 1100, 4000, 65000), SFE_CLASS_WINDOW_UPDATE);
}

/* Keep-alives and their answers are neither retransmissions nor duplicates. */
static void test_keep_alive(void)
{
	struct sfe_class_state c;

	begin(&c);
	for (uint32_t bytes = 0; bytes < 2; bytes++) {
		CU_ASSERT_EQUAL(data(&c, 1099, bytes, 5000000), SFE_CLASS_KEEP_ALIVE);
		CU_ASSERT_EQUAL(ack(&c, 1100, 5000, 5010000), SFE_CLASS_KEEP_ALIVE_ACK);
	}
	CU_ASSERT_EQUAL(ack(&c, 1100, 5000, 5020000), SFE_CLASS_KEEP_ALIVE_ACK);
	CU_ASSERT_EQUAL(data(&c, 1100, 10, 5030000), 0);
}

static void test_windows(void)
{
	struct sfe_class_state c;

	begin(&c);
	CU_ASSERT_EQUAL(data(&c, 1100, 5000, 33000), SFE_CLASS_WINDOW_FULL);
	CU_ASSERT_EQUAL(ack(&c, 6100, 0, 43000), SFE_CLASS_ZERO_WINDOW);
	CU_ASSERT_EQUAL(data(&c, 6100, 1, 50000), SFE_CLASS_ZERO_WINDOW_PROBE);
	CU_ASSERT_EQUAL(
		ack(&c, 6100, 0, 51000), SFE_CLASS_ZERO_WINDOW | SFE_CLASS_ZERO_WINDOW_PROBE_ACK);
	CU_ASSERT_EQUAL(ack(&c, 6100, 5000, 52000), SFE_CLASS_WINDOW_UPDATE);
	CU_ASSERT_EQUAL(data(&c, 6100, 1000, 53000), 0); /* a probe was no progress */
}

/* SYN and FIN again; acknowledgements of what was not captured; ports that are used again. */
static void test_ends(void)
{
	struct sfe_class_state c;
	const struct sfe_segment other = {.seq = 5, .flags = SFE_TCP_SYN},
				 same = {.seq = 99, .flags = SFE_TCP_SYN};

	sfe_class_begin(&c, false);
	CU_ASSERT_EQUAL(put(&c, 0, 99, 0, 0, 100, SFE_TCP_SYN, 1000), 0);
	CU_ASSERT_EQUAL(put(&c, 0, 99, 0, 0, 100, SFE_TCP_SYN, 1001000), SFE_CLASS_RETRANSMISSION);
	CU_ASSERT_EQUAL(put(&c, 1, 899, 100, 0, 5000, SFE_TCP_SYN | SFE_TCP_ACK, 1011000), 0);
	CU_ASSERT_EQUAL(data(&c, 100, 0, 1021000), 0);
	CU_ASSERT_EQUAL(c.first_rtt_ns, 20 * MS); /* from the SYN that was answered */
	CU_ASSERT_EQUAL(ack(&c, 300, 5000, 1022000), SFE_CLASS_ACK_LOST_SEGMENT);
	CU_ASSERT_EQUAL(put(&c, 0, 300, 900, 0, 100, SFE_TCP_FIN | SFE_TCP_ACK, 1030000),
		SFE_CLASS_LOST_SEGMENT);
	CU_ASSERT_EQUAL(put(&c, 0, 300, 900, 0, 100, SFE_TCP_FIN | SFE_TCP_ACK, 1300000),
		SFE_CLASS_RETRANSMISSION);
	CU_ASSERT_TRUE(sfe_class_begins_another(&c, 0, &other));
	CU_ASSERT_FALSE(sfe_class_begins_another(&c, 0, &same));
	sfe_class_begin(&c, true);
	CU_ASSERT_EQUAL(sfe_class_take(&c, 0, &other, 1), SFE_CLASS_REUSED_PORTS);
}

static const struct unit_test tests[] = {
	{"old bytes", test_old},
	{"fast retransmission", test_fast},
	{"keep-alives", test_keep_alive},
	{"windows", test_windows},
	{"SYN, FIN and what was not captured", test_ends},
};

int main(void)
{
	return unit_main("analyze classes", tests, sizeof(tests) / sizeof(tests[0]));
}
