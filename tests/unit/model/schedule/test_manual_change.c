/* SPDX-License-Identifier: MIT */
/* Manual changes of links: errors, all or nothing, and their effect on a schedule. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/schedule/manual_change.h"
#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

#define MS 1000000ull
#define S (1000 * MS)

/* A one-way uplink, a cable, a half-duplex medium and a full-duplex one. */
static const struct sfe_link links[] = {
	{.name = "up_0", .kind = SFE_LINK_UPLINK},
	{.name = "link_0", .kind = SFE_LINK_NODE},
	{.name = "radio_0", .kind = SFE_LINK_SHARED},
	{.name = "radio_1", .kind = SFE_LINK_SHARED},
};
static const bool present[] = {true, false, true, true, true, true, true, true};
static const struct sfe_schedule nothing;

static struct sfe_schedule_links played_on(void)
{
	static struct sfe_link_spec spec[8];

	for (int i = 0; i < 8; i++)
		spec[i] = (struct sfe_link_spec){.rate_bps = 10000000,
			.delay = {.law = SFE_DELAY_CONSTANT, .a_ns = 10 * MS},
			.queue_ns = 100 * MS,
			.full_duplex = i >= 6};
	return (struct sfe_schedule_links){
		.n = 4, .link = links, .spec = spec, .present = present, .mtu = 1500};
}

static struct sfe_player *player(const struct sfe_schedule *schedule)
{
	struct sfe_schedule_links on = played_on();
	struct sfe_player *p = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_player_new(schedule, &on, &p, NULL), 0);
	return p;
}

/* "NAME ACT SETTING…", "-" for no name. */
static int read_words(const char *text, const char *kind, const char *direction,
	struct sfe_schedule_entry *e, struct sfe_error *err)
{
	char copy[300], *word[40], *save = NULL;
	struct sfe_link_files files = {0};
	uint32_t n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = strtok_r(copy, "|", &save); at && n < 40; at = strtok_r(NULL, "|", &save))
		word[n++] = at;
	CU_ASSERT_FATAL(n >= 2);
	const struct sfe_manual_change h = {.link = strcmp(word[0], "-") ? word[0] : NULL,
		.kind = kind,
		.direction = direction,
		.act = word[1],
		.setting = (const char *const *)word + 2,
		.n = n - 2,
		.folder = "/"};
	return sfe_manual_change_read(&h, &files, e, err);
}

static void test_refused(void)
{
	static const char *const bad[][4] = {
		{"-|down", NULL, NULL, "selects no link"},
		{"a|jump", NULL, NULL, "'jump' is not an action"},
		{"a|set", NULL, NULL, "set: sets nothing"},
		{"a|down|rate=1Mbit", NULL, NULL, "down: has no attributes"},
		{"a|set|rate", NULL, NULL, "'rate' sets nothing"},
		{"a|set|=1Mbit", NULL, NULL, "'=1Mbit' sets nothing"},
		{"a|set|rate=", NULL, NULL, "'rate=' sets nothing"},
		{"a|set|rat=1Mbit", NULL, NULL, "unknown key 'rat'"},
		{"a|set|rate=1", NULL, NULL, "rate: "},
		{"a|set|rate=topology", NULL, NULL, "a rate, not topology"},
		{"a|set|loss=200%", NULL, NULL, "loss: '200%' is not a loss"},
		{"a|set|mtu=1400", NULL, NULL, "mtu does not change"},
		{"a|set|duplex=full", NULL, NULL, "duplex does not change"},
		{"a|set|discipline=pie", NULL, NULL, "discipline does not change"},
		{"a|set|medium=fair", NULL, NULL, "medium does not change"},
		{"a|set|rate=1Mbit|loss=1%|rate=2Mbit", NULL, NULL, "rate is given twice"},
		{"a|down", "wire", NULL, "'wire' is not a kind"},
		{"a|down", NULL, "left", "'left' is not a direction"},
		{"a:up|down", NULL, "up", "direction twice"},
		{":up|down", NULL, NULL, "is empty"},
		{"a|set|delay=table /nowhere", NULL, NULL, "/nowhere"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_schedule_entry e;
		struct sfe_error err = {0};
		char text[1100];
		CU_ASSERT_EQUAL(read_words(bad[i][0], bad[i][1], bad[i][2], &e, &err), -EINVAL);
		sfe_error_text(&err, text, sizeof(text));
		if (!strstr(text, bad[i][3]))
			printf("\n%s: %s\n", bad[i][0], text);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, bad[i][3]));
	}
}

static void test_read(void)
{
	struct sfe_schedule_entry e;

	CU_ASSERT_EQUAL_FATAL(
		read_words("up-1:up|set|delay=normal 10ms 2ms|loss=5%", NULL, NULL, &e, NULL), 0);
	CU_ASSERT_EQUAL(e.act, SFE_SCHEDULE_SET);
	CU_ASSERT_STRING_EQUAL(e.rule.pattern, "up-1");
	CU_ASSERT_EQUAL(e.rule.direction, SFE_UP);
	CU_ASSERT_EQUAL(e.rule.n, 2);
	CU_ASSERT_STRING_EQUAL(e.rule.set[0].text, "normal 10ms 2ms");
	sfe_manual_change_free(&e);
	/* Only these two words after a colon are directions. */
	CU_ASSERT_EQUAL_FATAL(read_words("a:b|up", "node", "down", &e, NULL), 0);
	CU_ASSERT_EQUAL(e.act, SFE_SCHEDULE_UP);
	CU_ASSERT_STRING_EQUAL(e.rule.pattern, "a:b");
	CU_ASSERT_EQUAL(e.rule.kind, SFE_LINK_NODE);
	CU_ASSERT_EQUAL(e.rule.direction, SFE_DOWN);
	sfe_manual_change_free(&e);
	CU_ASSERT_EQUAL_FATAL(read_words("-|down", "shared", NULL, &e, NULL), 0);
	CU_ASSERT_PTR_NULL(e.rule.pattern);
	sfe_manual_change_free(&e);
}

struct done {
	uint32_t n, refuse_at; /* 0: none */
	struct sfe_schedule_change change[32];
	struct sfe_link_spec spec[32];
};

static int refuse_some(const struct sfe_schedule_change *change, void *arg)
{
	struct done *d = arg;

	CU_ASSERT_FATAL(d->n < 32);
	d->change[d->n] = *change;
	d->spec[d->n] = *change->spec;
	return ++d->n == d->refuse_at ? -EIO : 0;
}

static int refuse_all(const struct sfe_schedule_change *change, void *arg)
{
	(void)change;
	(void)arg;
	return -EPERM;
}

/* Applies a change in words to p. */
static int act(struct sfe_player *p, const char *words,
	int (*check)(const struct sfe_schedule_change *, void *), struct done *d,
	struct sfe_error *err)
{
	struct sfe_schedule_entry e;

	CU_ASSERT_EQUAL_FATAL(read_words(words, NULL, NULL, &e, NULL), 0);
	int r = sfe_player_apply(p, &e, 7 * S, check, d ? refuse_some : NULL, d, err);
	sfe_manual_change_free(&e);
	return r;
}

static void test_act(void)
{
	struct sfe_player *p = player(&nothing);
	struct done d = {0};

	CU_ASSERT_EQUAL(act(p, "radio_*|set|rate=1Mbit|loss=5%", NULL, &d, NULL), 0);
	/* A half-duplex medium has one direction. */
	CU_ASSERT_EQUAL_FATAL(d.n, 3);
	CU_ASSERT_EQUAL(d.change[0].link, 2);
	CU_ASSERT_EQUAL(d.change[2].link, 3);
	CU_ASSERT_EQUAL(d.change[2].direction, SFE_DOWN);
	CU_ASSERT_EQUAL(d.change[0].at_ns, 7 * S);
	CU_ASSERT_STRING_EQUAL(d.change[0].what, "rate 1Mbit, loss 5%");
	CU_ASSERT_EQUAL(d.spec[0].rate_bps, 1000000);
	CU_ASSERT_EQUAL(d.spec[0].delay.a_ns, 10 * MS); /* other attributes stay */
	CU_ASSERT_EQUAL(sfe_player_specs(p)[7].rate_bps, 1000000);
	/* Down: all packets are lost; up: the manual changes apply again. */
	d.n = 0;
	CU_ASSERT_EQUAL(act(p, "radio_0|down", NULL, &d, NULL), 0);
	CU_ASSERT_EQUAL(d.n, 1);
	CU_ASSERT_EQUAL(d.spec[0].loss.p[0], 1);
	CU_ASSERT_TRUE(sfe_player_down(p)[4]);
	CU_ASSERT_EQUAL(act(p, "radio_0|up", NULL, &d, NULL), 0);
	CU_ASSERT_DOUBLE_EQUAL(d.spec[1].loss.p[0], 0.05, 1e-12);
	CU_ASSERT_FALSE(sfe_player_down(p)[4]);
	sfe_player_free(p);
}

static void test_all_or_nothing(void)
{
	static const char *const bad[][2] = {
		{"none|down", "no link matches"},
		{"up_0:down|down", "no link matches in that direction"},
		{"radio_0:up|down", "half duplex has one queue"},
		{"*|set|queue=100B", "link up_0: queue: holds"},
	};
	struct sfe_player *p = player(&nothing);
	struct done d = {0};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_error err = {0};
		CU_ASSERT_EQUAL(act(p, bad[i][0], NULL, &d, &err), -EINVAL);
		if (!strstr(err.what, bad[i][1]))
			printf("\n%s: %s\n", bad[i][0], err.what);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, bad[i][1]));
		CU_ASSERT_EQUAL(err.where[0], 0);
	}
	/* Checked before anything is changed; and only checked. */
	CU_ASSERT_EQUAL(act(p, "*|set|rate=1Mbit", refuse_all, &d, NULL), -EPERM);
	CU_ASSERT_EQUAL(act(p, "*|set|rate=1Mbit", NULL, NULL, NULL), 0);
	CU_ASSERT_EQUAL(d.n, 0);
	/* The third of six is refused: the first two are reverted. */
	d.refuse_at = 3;
	CU_ASSERT_EQUAL(act(p, "*|set|rate=1Mbit", NULL, &d, NULL), -EIO);
	CU_ASSERT_EQUAL_FATAL(d.n, 6);
	for (uint32_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(d.change[3 + i].link, d.change[i].link);
		CU_ASSERT_EQUAL(d.change[3 + i].direction, d.change[i].direction);
		CU_ASSERT_EQUAL(d.spec[i].rate_bps, 1000000);
		CU_ASSERT_EQUAL(d.spec[3 + i].rate_bps, 10000000);
		CU_ASSERT_STRING_EQUAL(d.change[3 + i].what, "reverted");
	}
	for (int i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(sfe_player_specs(p)[i].rate_bps, 10000000);
	sfe_player_free(p);
}

static struct sfe_scenario *scenario(const char *schedule)
{
	struct sfe_scenario *s = NULL;
	char text[1000];

	snprintf(text, sizeof(text),
		"topology: {generate: iiot}\nworkload: {tasks: " SFE_SOURCE_DIR
		"/scenarios/workloads/quickstart.csv}\nschedule:\n%s",
		schedule);
	CU_ASSERT_EQUAL_FATAL(
		sfe_scenario_parse(text, strlen(text), "s.yaml", NULL, 0, &s, NULL), 0);
	return s;
}

/* Manual changes stay when the schedule sets another attribute, and apply to the next replay. */
static void test_in_a_schedule(void)
{
	struct sfe_scenario *s = scenario("  - {at: 1s, link: link_0, set: {delay: 20ms}}\n"
					  "  - {at: 2s, down: link_0}\n"
					  "  - {at: 3s, up: link_0}\n"
					  "  - {at: 4s, link: link_0, set: {rate: 2Mbit}}\n");
	struct sfe_player *p = player(&s->schedule), *next;
	struct done d = {0};

	CU_ASSERT_EQUAL(sfe_player_step(p, refuse_some, &d, NULL), 0);
	CU_ASSERT_EQUAL(act(p, "link_0:up|set|rate=1Mbit|loss=5%", NULL, &d, NULL), 0);
	CU_ASSERT_EQUAL(act(p, "link_0:down|down", NULL, &d, NULL), 0);
	d.n = 0;
	while (sfe_player_next(p) != SFE_NEVER)
		CU_ASSERT_EQUAL_FATAL(sfe_player_step(p, refuse_some, &d, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(d.n, 6);
	CU_ASSERT_EQUAL(d.spec[0].rate_bps, 1000000);
	CU_ASSERT_EQUAL(d.spec[0].delay.a_ns, 20 * MS);
	CU_ASSERT_EQUAL(d.spec[0].loss.p[0], 1);
	CU_ASSERT_DOUBLE_EQUAL(d.spec[2].loss.p[0], 0.05, 1e-12);
	CU_ASSERT_EQUAL(d.spec[3].loss.p[0], 0); /* the schedule's up ends the manual down */
	CU_ASSERT_EQUAL(d.spec[4].rate_bps, 2000000);
	CU_ASSERT_DOUBLE_EQUAL(d.spec[4].loss.p[0], 0.05, 1e-12);

	struct sfe_schedule_links on = played_on();
	bool down[8] = {[2] = true};
	on.spec = sfe_player_specs(p);
	on.down = down;
	CU_ASSERT_EQUAL_FATAL(sfe_player_new(&s->schedule, &on, &next, NULL), 0);
	sfe_player_free(p);
	d.n = 0;
	CU_ASSERT_EQUAL(sfe_player_step(next, refuse_some, &d, NULL), 0);
	CU_ASSERT_EQUAL(
		d.spec[0].loss.p[0], 1); /* it is down at the start, and a change keeps it down */
	CU_ASSERT_EQUAL(d.spec[0].rate_bps, 2000000);
	sfe_player_free(next);
	sfe_scenario_free(s);
}

/* A change that makes a later element of the schedule impossible is refused now. */
static void test_look_ahead(void)
{
	struct sfe_scenario *s = scenario(
		"  - {at: 1s, link: link_0, ramp: {to: {rate: 1Mbit}, over: 1s, steps: 4}}\n"
		"  - {every: 1s, down: link_0}\n");
	struct sfe_player *p = player(&s->schedule);
	struct sfe_schedule_entry e;
	struct sfe_error err = {0};

	/* 2 ms are 2500 bytes of 10 Mbit/s, and 250 of 1 Mbit/s; also in the middle of the ramp. */
	CU_ASSERT_EQUAL_FATAL(read_words("link_0|set|queue=2ms", NULL, NULL, &e, NULL), 0);
	for (int i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(sfe_player_try(p, &e, &err), -EINVAL);
		CU_ASSERT_STRING_EQUAL(err.where, "s.yaml:4");
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "any more after this change: schedule: "));
		CU_ASSERT_EQUAL(sfe_player_specs(p)[2].queue_ns, 100 * MS);
		if (i < 4)
			CU_ASSERT_EQUAL(
				sfe_player_step(p, refuse_some, &(struct done){0}, NULL), 0);
	}
	sfe_manual_change_free(&e);
	CU_ASSERT_EQUAL_FATAL(read_words("link_0|set|queue=20ms", NULL, NULL, &e, NULL), 0);
	CU_ASSERT_EQUAL(sfe_player_try(p, &e, NULL), 0);
	sfe_manual_change_free(&e);
	sfe_player_free(p);
	sfe_scenario_free(s);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"errors", test_refused},
		{"names, directions, kinds and settings", test_read},
		{"the effect of a change", test_act},
		{"all changes or none", test_all_or_nothing},
		{"a change stays when the schedule continues", test_in_a_schedule},
		{"a change after which the schedule could not go on", test_look_ahead},
	};

	return unit_main("manual changes", tests, sizeof(tests) / sizeof(tests[0]));
}
