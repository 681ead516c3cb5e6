/* SPDX-License-Identifier: MIT */
/* What a transfer took beyond the formulas, from what its packets recorded. */
#include "emu/results/explanation/waits.h"
#include "tests/unit/unit.h"

static struct sfe_hop hops[] = {{8e6, 0.010, false, {0}}};
static const struct sfe_explained_path path = {.path = {1, hops}, .delay_s = 0.010, .hops = hops};
static struct sfe_hop shared[] = {{8e6, 0.010, true, {0}}};
static const struct sfe_explained_path medium = {
	.path = {1, shared}, .delay_s = 0.010, .hops = shared, .half_duplex = true};
static const struct sfe_tcp tcp = {.mtu = 1500, .initial_window = 10};
static const struct sfe_ctl_waits recorded = {
	.resent_ns = 250000000, .window_ns = 30000000, .queue_ns = 4000000, .opening_ns = 0};

/* Longer than the initial window covers, so that slow start waits. */
static struct sfe_waiting took(const struct sfe_explained_path *p)
{
	return (struct sfe_waiting){.forward = p,
		.back = p,
		.tcp = &tcp,
		.message = {.payload_bytes = 100000, .window = 10},
		.start_s = 5,
		.computed_s = 0.2,
		.done_s = 5.6,
		.known = true,
		.waits = recorded};
}

static void check(const struct sfe_waiting *w, double retransmissions_s, double window_s,
	double queue_waits_s)
{
	const struct sfe_waits out = sfe_waits_of(w, NULL);

	CU_ASSERT_DOUBLE_EQUAL(out.retransmissions_s, retransmissions_s, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(out.window_s, window_s, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(out.queue_waits_s, queue_waits_s, 1e-12);
	CU_ASSERT_EQUAL(out.link_changes_s, 0);
}

static struct sfe_transfer_time idle(const struct sfe_waiting *w)
{
	return sfe_transfer_time(w->forward->path, w->back->path, w->tcp, &w->message);
}

/* What formulas have already is not in them again. */
static void test_less_formulas(void)
{
	struct sfe_waiting w = took(&path);
	double slow_start_s = idle(&w).slow_start_s;

	CU_ASSERT(slow_start_s > 0.005);
	check(&w, 0.25, 0.03 - slow_start_s, 0.004);
	w.queueing_s = 0.003;
	check(&w, 0.25, 0.03 - slow_start_s, 0.001);
	w.queueing_s = 0.007; /* others left it more than its share */
	check(&w, 0.25, 0.03 - slow_start_s, -0.003);
}

/* Acknowledgements in the way of the packets, on a medium of both directions. */
static void test_medium(void)
{
	struct sfe_waiting w = took(&medium);
	const struct sfe_transfer_time t = idle(&w);

	/* 69 packets, and 34 acknowledgements of 54 bytes at 1 MB/s. */
	CU_ASSERT_DOUBLE_EQUAL(t.in_the_way_s, 34 * 54e-6, 1e-12);
	check(&w, 0.25, 0.03 - t.slow_start_s, 0.004 - t.in_the_way_s);
}

/* Opening: two packets of 74 bytes, both delays; the third packet is in the way of the first with
 * data. */
static void test_opening(void)
{
	struct sfe_waiting w = took(&path);

	w.message.connects = true;
	w.waits.opening_ns = 21000000;
	const struct sfe_transfer_time t = idle(&w);
	CU_ASSERT_DOUBLE_EQUAL(t.opening_s, 0.020 + 2 * 74e-6, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(t.in_the_way_s, 54e-6, 1e-12);
	check(&w, 0.25, 0.03 - t.slow_start_s, 0.004 + 0.021 - t.opening_s - t.in_the_way_s);
}

/* Those of the request count where there is one. */
static void test_request(void)
{
	struct sfe_waiting w = took(&path);

	w.asked = (struct sfe_ctl_waits){.resent_ns = 1000000, .queue_ns = 2000000};
	check(&w, 0.25, 0.03 - idle(&w).slow_start_s, 0.004);
	w.message.request_bytes = 200;
	check(&w, 0.251, 0.03 - idle(&w).slow_start_s, 0.006);
}

/* It began before the time that counts: what was then is of an earlier attempt. */
static void test_began_before(void)
{
	struct sfe_waiting w = took(&path);
	double slow_start_s = idle(&w).slow_start_s;

	w.done_s = w.start_s + 0.1; /* of the 284 ms */
	check(&w, 0.25 - 0.184, 0.03 - slow_start_s, 0.004);
	w.done_s = w.start_s + 0.02;
	check(&w, 0, 0.016 - slow_start_s, 0.004);
}

/* By a kernel that records nothing. */
static void test_unknown(void)
{
	struct sfe_waiting w = took(&path);

	w.known = false;
	check(&w, 0, 0, 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"less what formulas have", test_less_formulas},
		{"acknowledgements in the way", test_medium},
		{"opening a connection", test_opening},
		{"requests", test_request},
		{"began in an earlier attempt", test_began_before},
		{"not recorded", test_unknown},
	};

	return unit_main("waits of a transfer", tests, sizeof(tests) / sizeof(tests[0]));
}
