/* SPDX-License-Identifier: MIT */
/* Attributes of links as text, checks between attributes, and the mean loss of netem's models. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sfemu/link_rules.h"
#include "sfemu/random.h"
#include "tests/unit/unit.h"

static int set(struct sfe_link_spec *s, const char *name, const char *text, struct sfe_error *err)
{
	return sfe_link_attribute_find(name)->set(s, text, ".", NULL, err);
}

static void test_round_trip(void)
{
	static const char *const same[][2] = {{"rate", "10Mbit"}, {"rate", "topology"},
		{"delay", "lognormal 0.635 1180us 3270us"}, {"delay_correlation", "25%"},
		{"loss", "0"}, {"loss", "1%"}, {"loss", "0.1% 25%"},
		{"loss", "gilbert 1% 30% 100% 0"}, {"loss", "markov 1% 20% 5% 0.5% 10%"},
		{"duplicate", "0.25%"}, {"corrupt", "0.01% 50%"}, {"reorder", "25% 50% gap 5"},
		{"reorder", "1%"}, {"slots", "none"}, {"slots", "5ms 10ms packets 20 bytes 64kB"},
		{"queue", "100ms"}, {"queue", "64kB"}, {"queue", "50 packets"},
		{"discipline", "fq_codel"}, {"mtu", "1400"}, {"mtu", "tcp"}, {"overhead", "-14"},
		{"overhead", "22 cell 48 5"}, {"duplex", "full"}, {"medium", "fair"},
		{"medium", "dcf"}, {"medium", "fifo"}};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct sfe_link_spec a = {0}, b = {0};
		char text[200] = "";
		struct sfe_error err = {0};
		CU_ASSERT_EQUAL(set(&a, same[i][0], same[i][1], &err), 0);
		FILE *f = fmemopen(text, sizeof(text), "w");
		sfe_link_attribute_find(same[i][0])->print(&a, f);
		fclose(f);
		CU_ASSERT_STRING_EQUAL(text, same[i][1]);
		CU_ASSERT_EQUAL(set(&b, same[i][0], text, &err), 0);
		CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
	}
}

static void test_bad(void)
{
	static const char *const bad[][2] = {{"rate", "0"}, {"rate", "200Gbit"}, {"rate", "10"},
		{"delay", "fast"}, {"loss", "1"}, {"loss", "101%"}, {"loss", "-1%"},
		{"loss", "nan%"}, {"loss", "1% 100%"}, {"loss", "1% 2% 3%"}, {"loss", "gilbert 1%"},
		{"loss", "markov 1% 2% 3% 4%"}, {"loss", "markov 60% 2% 3% 50% 5%"},
		{"loss", "packets "}, {"duplicate", ""}, {"reorder", "1% gap 0"},
		{"reorder", "gap 5"}, {"slots", "10ms 5ms"}, {"slots", "5ms packets"},
		{"slots", "5ms packets 0"}, {"queue", "0"}, {"queue", "0 packets"},
		{"queue", "5 apples"}, {"queue", "9999999 packets"}, {"discipline", "red"},
		{"mtu", "100"}, {"mtu", "70000"}, {"overhead", "5000"},
		{"overhead", "0 cell 48"
			     " -48"},
		{"overhead", "0 cell"}, {"duplex", "both"}, {"medium", "unfair"},
		{"delay_correlation", "100%"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_link_spec a = {0}, before = {0};
		struct sfe_error err = {0};
		CU_ASSERT_NOT_EQUAL(set(&a, bad[i][0], bad[i][1], &err), 0);
		CU_ASSERT_TRUE(err.what[0] && err.todo[0]);
		CU_ASSERT_EQUAL(memcmp(&a, &before, sizeof(a)), 0);
		if (!err.what[0])
			printf("%s: %s\n", bad[i][0], bad[i][1]);
	}
}

static void test_check(void)
{
	static const struct {
		const char *set[4][2];
		const char *wrong;
	} cases[] = {
		{{{"rate", "1Mbit"}, {"queue", "1514B"}}, NULL},
		{{{"rate", "1Mbit"}, {"queue", "1513B"}}, "queue"},
		{{{"rate", "1Mbit"}, {"queue", "12112us"}}, NULL},
		{{{"rate", "1Mbit"}, {"queue", "12ms"}}, "queue"},
		{{{"rate", "1kbit"}, {"queue", "1MB"}}, "queue"},
		{{{"rate", "1kbit"}, {"queue", "1 packets"}}, NULL},
		{{{"rate", "1Mbit"}, {"queue", "100ms"}, {"overhead", "-14"}}, "overhead"},
		{{{"rate", "1Mbit"}, {"queue", "9 packets"}, {"overhead", "-14"}}, NULL},
		{{{"rate", "1Mbit"}, {"queue", "100ms"}, {"overhead", "0 cell 48 5"}}, NULL},
		{{{"rate", "1Mbit"}, {"queue", "100ms"}, {"overhead", "0 cell 47 5"}}, "overhead"},
		{{{"delay", "5ms"}, {"delay_correlation", "5%"}}, "delay_correlation"},
		{{{"reorder", "5%"}}, "reorder"},
		{{{"discipline", "codel"}}, "discipline"},
		{{{"rate", "1Mbit"}, {"queue", "100ms"}, {"discipline", "codel"}}, NULL},
		{{{"queue", "9 packets"}, {"overhead", "-14"}, {"rate", "1Mbit"},
			 {"discipline", "pie"}},
			"overhead"},
		{{{"medium", "fair"}}, "medium"},
		{{{"rate", "1Mbit"}, {"queue", "100ms"}, {"medium", "fair"}}, NULL},
		{{{"rate", "1Mbit"}, {"queue", "9 packets"}, {"medium", "fair"},
			 {"overhead", "-14"}},
			"overhead"},
		{{{"medium", "dcf"}}, "medium"},
		{{{"rate", "1Mbit"}, {"queue", "100ms"}, {"medium", "dcf"}, {"overhead", "8"}},
			NULL},
		{{{"rate", "1Mbit"}, {"queue", "100ms"}, {"medium", "dcf"},
			 {"overhead", "0 cell 48 5"}},
			"overhead"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sfe_link_spec s = {0};
		struct sfe_error err = {0};
		const char *wrong;
		for (int k = 0; k < 4 && cases[i].set[k][0]; k++)
			CU_ASSERT_EQUAL(set(&s, cases[i].set[k][0], cases[i].set[k][1], &err), 0);
		int r = sfe_link_check(&s, 1500, &wrong, &err);
		CU_ASSERT_EQUAL(r, cases[i].wrong ? -EINVAL : 0);
		if (cases[i].wrong)
			CU_ASSERT_STRING_EQUAL(wrong, cases[i].wrong);
	}
}

/* Which media exist: by medium, duplex and discipline. */
static void test_media(void)
{
	static const struct {
		enum sfe_medium medium;
		bool full_duplex;
		const char *wrong;   /* with droptail */
		const char *managed; /* with any other discipline */
	} cases[] = {
		{SFE_MEDIUM_FIFO, false, NULL, NULL},
		{SFE_MEDIUM_FIFO, true, NULL, "discipline"},
		{SFE_MEDIUM_FAIR, false, NULL, NULL},
		{SFE_MEDIUM_FAIR, true, "medium", "medium"},
		{SFE_MEDIUM_DCF, false, NULL, "discipline"},
		{SFE_MEDIUM_DCF, true, "medium", "medium"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int d = 0; d < SFE_DISCIPLINES; d++) {
			const struct sfe_link_spec s = {.rate_bps = 1000000,
				.queue_packets = 9,
				.medium = cases[i].medium,
				.full_duplex = cases[i].full_duplex,
				.discipline = (enum sfe_discipline)d};
			const char *want = d ? cases[i].managed : cases[i].wrong, *got = NULL;
			struct sfe_error err = {0};
			CU_ASSERT_EQUAL(sfe_link_check_medium(&s, &got, &err), want ? -EINVAL : 0);
			CU_ASSERT_EQUAL(sfe_link_check(&s, 1500, &got, NULL), want ? -EINVAL : 0);
			CU_ASSERT_TRUE(want ? got && !strcmp(got, want) : !got);
			CU_ASSERT_TRUE(!want || (err.what[0] && err.todo[0]));
			CU_ASSERT_EQUAL(
				sfe_link_is_managed(&s), d || cases[i].medium != SFE_MEDIUM_FIFO);
		}
}

static void test_frame_time(void)
{
	struct sfe_link_spec s = {.rate_bps = 8000000};

	CU_ASSERT_DOUBLE_EQUAL(sfe_link_frame_ns(&s, 1514), 1514000, 1e-6);
	s.overhead = 22;
	CU_ASSERT_DOUBLE_EQUAL(sfe_link_frame_ns(&s, 1514), 1536000, 1e-6);
	s.cell_bytes = 48; /* 1536 = 32 cells to the byte, of 53 bytes each */
	s.cell_overhead = 5;
	CU_ASSERT_DOUBLE_EQUAL(sfe_link_frame_ns(&s, 1514), 32 * 53 * 1000, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(sfe_link_frame_ns(&s, 1515), 33 * 53 * 1000, 1e-6);
}

/* netem's correlated numbers (get_crandom in sch_netem.c). */
static uint32_t correlated(struct sfe_stream *s, uint32_t *last, double correlation)
{
	uint64_t rho = (uint64_t)(uint32_t)(correlation * UINT32_MAX + 0.5) + 1;
	uint64_t value = sfe_stream_u64(s) >> 32;

	*last = (uint32_t)((value * ((1ull << 32) - rho) + *last * rho) >> 32);
	return *last;
}

static void test_correlated(void)
{
	static const double p[] = {0.001, 0.01, 0.05, 0.5, 0.9}, c[] = {0.1, 0.25, 0.5, 0.9};
	const int n = 400000;

	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 4; k++) {
			struct sfe_stream s = sfe_stream_named(1, "correlated");
			uint32_t last = UINT32_MAX / 2;
			uint32_t below =
				(uint32_t)(sfe_correlated_quantile(p[i], c[k]) * UINT32_MAX);
			int hits = 0;
			for (int j = 0; j < n; j++)
				hits += correlated(&s, &last, c[k]) <= below;
			struct sfe_loss loss = {.p = {p[i], c[k]}};
			double sigma = sqrt(p[i] * (1 - p[i]) * n * sfe_loss_burstiness(&loss));
			CU_ASSERT_TRUE(fabs(hits - p[i] * n) < 3 * sigma + 2);
		}
	CU_ASSERT_EQUAL(sfe_correlated_quantile(0.01, 0), 0.01);
	CU_ASSERT_EQUAL(sfe_correlated_quantile(0, 0.5), 0);
	CU_ASSERT_EQUAL(sfe_correlated_quantile(1, 0.5), 1);
}

/* Gilbert-Elliott as in loss_gilb_ell. */
static bool gilbert_loses(struct sfe_stream *s, int *state, const double *p)
{
	double move = sfe_stream_real(s), lose = sfe_stream_real(s);
	bool bad = *state;

	if (!bad && move < p[0])
		*state = 1;
	if (bad && move < p[1])
		*state = 0;
	return lose < (bad ? p[2] : p[3]);
}

static bool markov_loses(struct sfe_stream *s, int *state, const double *p)
{
	double r = sfe_stream_real(s);

	switch (*state) {
	case 0:
		*state = r < p[3] ? 3 : r < p[0] + p[3] ? 2 : 0;
		return *state != 0;
	case 1:
		*state = r < p[4] ? 2 : 1;
		return *state == 2;
	case 2:
		*state = r < p[2] ? 1 : r < p[1] + p[2] ? 0 : 2;
		return *state == 2;
	default:
		*state = 0;
		return false;
	}
}

static void test_loss_models(void)
{
	static const struct sfe_loss models[] = {
		{SFE_LOSS_GILBERT_ELLIOTT, {0.01, 0.3, 1, 0}},
		{SFE_LOSS_GILBERT_ELLIOTT, {0.05, 0.2, 0.7, 0.01}},
		{SFE_LOSS_MARKOV, {0.01, 0.2, 0.05, 0.005, 0.1}},
		{SFE_LOSS_MARKOV, {0.1, 0.5, 0.3, 0, 0.4}},
	};
	const int blocks = 400, size = 2000;

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		struct sfe_stream s = sfe_stream_named(1, "loss");
		double mean = sfe_loss_mean(&models[i]), sum = 0, squares = 0;
		double variance = mean * (1 - mean) * size * sfe_loss_burstiness(&models[i]);
		int state = 0;
		for (int b = 0; b < blocks; b++) {
			int lost = 0;
			for (int k = 0; k < size; k++)
				lost += models[i].model == SFE_LOSS_MARKOV
						? markov_loses(&s, &state, models[i].p)
						: gilbert_loses(&s, &state, models[i].p);
			sum += lost;
			squares += (lost - mean * size) * (lost - mean * size);
		}
		CU_ASSERT_TRUE(fabs(sum / blocks - mean * size) < 4 * sqrt(variance / blocks));
		CU_ASSERT_TRUE(fabs(squares / blocks / variance - 1) < 0.25);
	}
	struct sfe_loss simple = {SFE_LOSS_GILBERT_ELLIOTT, {0.01, 0.3, 1, 0}};
	CU_ASSERT_DOUBLE_EQUAL(sfe_loss_mean(&simple), 0.01 / 0.31, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sfe_loss_burstiness(&simple), (1 + 0.69) / (1 - 0.69), 0.25);
}

static void test_rules(void)
{
	struct sfe_link_rule rule = {
		.pattern = (char *)"up*_[12]", .kind = SFE_ANY, .direction = SFE_DOWN};

	CU_ASSERT_TRUE(sfe_link_rule_matches(&rule, "uplink_1", SFE_LINK_NODE, SFE_DOWN));
	CU_ASSERT_FALSE(sfe_link_rule_matches(&rule, "uplink_3", SFE_LINK_NODE, SFE_DOWN));
	CU_ASSERT_FALSE(sfe_link_rule_matches(&rule, "uplink_1", SFE_LINK_NODE, SFE_UP));
	rule.pattern = NULL;
	rule.kind = SFE_LINK_SHARED;
	CU_ASSERT_TRUE(sfe_link_rule_matches(&rule, "x", SFE_LINK_SHARED, SFE_DOWN));
	CU_ASSERT_FALSE(sfe_link_rule_matches(&rule, "x", SFE_LINK_NODE, SFE_DOWN));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"attributes read back", test_round_trip},
		{"bad attributes are refused and change nothing", test_bad},
		{"attributes that exclude each other", test_check},
		{"which media exist", test_media},
		{"the time of a frame", test_frame_time},
		{"correlated probabilities are as asked for", test_correlated},
		{"loss models have their mean and burstiness", test_loss_models},
		{"rules match", test_rules},
	};

	return unit_main("link", tests, sizeof(tests) / sizeof(tests[0]));
}
