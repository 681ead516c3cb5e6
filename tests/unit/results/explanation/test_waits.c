/* SPDX-License-Identifier: MIT */
/* What a transfer took beyond the formulas: only with evidence has it a name. */
#include "emu/results/explanation/waits.h"
#include "tests/unit/unit.h"

static struct sfe_hop hops[] = {{8e6, 0.010, false, {0}}};
static const struct sfe_explained_path plain = {.path = {1, hops}, .delay_s = 0.010, .hops = hops};
static const struct sfe_explained_path half = {
	.path = {1, hops}, .delay_s = 0.010, .hops = hops, .half_duplex = true};
static const struct sfe_tcp tcp = {.mtu = 1500, .initial_window = 10};

/* It took `left_s` more than was computed. */
static struct sfe_waiting took(const struct sfe_explained_path *path, double left_s)
{
	return (struct sfe_waiting){.forward = path,
		.back = path,
		.tcp = &tcp,
		.message = {.payload_bytes = 100000},
		.start_s = 5,
		.computed_s = 0.2,
		.done_s = 5.2 + left_s};
}

static void check(const struct sfe_waiting *w, double retransmissions_s, double window_s)
{
	const struct sfe_waits out = sfe_waits_of(w, NULL);

	CU_ASSERT_DOUBLE_EQUAL(out.retransmissions_s, retransmissions_s, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(out.window_s, window_s, 1e-9);
	CU_ASSERT_EQUAL(out.link_changes_s, 0);
	CU_ASSERT_EQUAL(sfe_waits_lost(w, &out), w->out_of_order || retransmissions_s > 0);
}

static void test_evidence(void)
{
	struct sfe_waiting w = took(&plain, 0.3);

	check(&w, 0, 0); /* none */
	w.may_lose = true;
	check(&w, 0.3, 0);
	w.done_s = 5.2 + 0.1; /* less than a timeout, and nothing came out of order */
	check(&w, 0, 0);
	w.out_of_order = 1;
	check(&w, 0.1, 0);
	w = took(&plain, 0.1);
	w.lost_before = true;
	check(&w, 0, 0.1);
	w = took(&half, 0.3);
	check(&w, 0, 0.3);
	w.may_lose = true;
	check(&w, 0.3, 0);
	w = took(&plain, 0.1);
	w.queueing_s = 0.05;
	check(&w, 0, 0.1);
}

/* Sooner than computed: others left more than a fair share, but not more than was computed for
 * them. */
static void test_sooner(void)
{
	struct sfe_waiting w = took(&half, -0.03);

	check(&w, 0, 0);
	w.queueing_s = 0.05;
	check(&w, 0, -0.03);
	w.queueing_s = 0.01;
	check(&w, 0, -0.01);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"evidence", test_evidence},
		{"sooner than computed", test_sooner},
	};

	return unit_main("waits of a transfer", tests, sizeof(tests) / sizeof(tests[0]));
}
