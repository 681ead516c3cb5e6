/* SPDX-License-Identifier: MIT */
/* The section `schedule:`: reading, errors and their places, and the resulting changes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

#define BASE                                                                                       \
	"topology: {generate: iiot}\n"                                                             \
	"workload: {tasks: " SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv}\n"
#define MS 1000000ull
#define S (1000 * MS)

static struct sfe_scenario *parse(const char *schedule, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	char text[2000];

	snprintf(text, sizeof(text), BASE "%s", schedule);
	sfe_scenario_parse(text, strlen(text), "s.yaml", NULL, 0, &s, err);
	return s;
}

static void test_refused(void)
{
	static const char *const bad[][2] = {
		{"schedule: 5\n", "s.yaml:3: schedule: is not a list"},
		{"schedule:\n  - 5\n", "s.yaml:4: schedule: an element is not a group"},
		{"schedule:\n  - {at: 1s, link: a}\n",
			"s.yaml:4: schedule: an element has no action"},
		{"schedule:\n  - {down: a}\n", "one of at and every"},
		{"schedule:\n  - {at: 1s, every: 1s, down: a}\n", "one of at and every"},
		{"schedule:\n  - {at: 1s, count: 3, down: a}\n", "need every"},
		{"schedule:\n  - {at: 1, down: a}\n", "s.yaml:4: schedule: at: "},
		{"schedule:\n  - {at: 9000h, down: a}\n", "s.yaml:4: schedule: at: "},
		{"schedule:\n  - {every: 0, down: a}\n", "s.yaml:4: schedule: every: "},
		{"schedule:\n  - {every: 1s, count: 0, down: a}\n", "s.yaml:4: schedule: count: "},
		{"schedule:\n  - {every: 1s, from: 5s, until: 4s, down: a}\n",
			"ends before it begins"},
		{"schedule:\n  - {at: 1s, down: ''}\n", "s.yaml:4: schedule: down: is empty"},
		{"schedule:\n  - {at: 1s, down: a, link: b}\n", "names the link twice"},
		{"schedule:\n  - {at: 1s, link: b, down: a}\n", "names the link twice"},
		{"schedule:\n  - {at: 1s, down: a, up: a}\n", "together with down"},
		{"schedule:\n  - {at: 1s, set: {rate: 1Mbit}}\n", "selects no link"},
		{"schedule:\n  - {at: 1s, link: a, set: {}}\n", "not a group of a link's keys"},
		{"schedule:\n  - at: 1s\n    link: a\n    set: {rat: 1Mbit}\n",
			"s.yaml:6: unknown key 'rat'"},
		{"schedule:\n  - {at: 1s, link: a, set: {rate: 1}}\n", "s.yaml:4: rate: "},
		{"schedule:\n  - {at: 1s, link: a, set: {rate: topology}}\n",
			"a rate, not topology"},
		{"schedule:\n  - {at: 1s, link: a, set: {mtu: 1400}}\n", "does not change"},
		{"schedule:\n  - {at: 1s, link: a, set: {duplex: full}}\n", "does not change"},
		{"schedule:\n  - {at: 1s, link: a, set: {discipline: pie}}\n", "does not change"},
		{"schedule:\n  - {at: 1s, link: a, set: {medium: fair}}\n", "does not change"},
		{"schedule:\n  - {at: 1s, kind: wire, down: a}\n", "not a kind of link"},
		{"schedule:\n  - {at: 1s, link: a, colour: red}\n", "unknown key 'colour'"},
		{"schedule:\n  - {at: 1s, link: a, ramp: {to: {rate: 1Mbit}, over: 1s}}\n",
			"needs to, over and steps"},
		{"schedule:\n  - {at: 1s, link: a, ramp: {to: {rate: 1Mbit}, over: 0, steps: "
		 "2}}\n",
			"s.yaml:4: schedule: over: "},
		{"schedule:\n  - {at: 1s, link: a, ramp: {to: {queue: 1s}, over: 1s, steps: 2}}\n",
			"queue: has no steps"},
		{"schedule: [{at: 1s, partition: a}]\n", "partition: is not a list of nodes"},
		{"schedule: [{at: 1s, partition: []}]\n", "partition: is not a list of nodes"},
		{"schedule: [{at: 1s, partition: [a], link: b}]\n",
			"partition: changes nodes, not links"},
		{"schedule: [{at: 1s, crash: []}]\n", "crash: is not a list of nodes"},
		{"schedule: [{at: 1s, restart: {a: 1}}]\n", "restart: is not a list of nodes"},
		{"schedule: [{at: 1s, crash: a, kind: shared}]\n",
			"crash: changes nodes, not links"},
		{"schedule: [{at: 1s, crash: a, restart: a}]\n", "together with crash"},
		{"schedule: [{at: 1s, heal: a}]\n", "'a' is not all"},
		{"schedule: [{at: 1s, heal: all, kind: shared}]\n",
			"heal: changes nodes, not links"},
		{"schedule: [{at: 1s, link: a, trace: {}}]\n", "trace: names no file"},
		{"schedule: [{at: 1s, link: a, trace: {file: none.csv}}]\n",
			"s.yaml:3: schedule: trace: cannot read none.csv"},
		{"schedule: [{at: 1s, link: a, trace: {file: x, format: pcap}}]\n",
			"is not one of them; use csv, mahimahi, theaterq or mbps"},
		{"schedule: [{at: 1s, link: a, trace: {file: x, window: 1s}}]\n",
			"only a Mahimahi trace has one"},
		{"schedule: [{at: 1s, link: a, trace: {file: x, format: mahimahi, window: "
		 "1500us}}]\n",
			"whole ms"},
		{"schedule: [{at: 1s, link: a, trace: {file: x, format: mahimahi, loop: false}}]\n",
			"always repeats"},
		{"schedule:\n  - {every: 1s, link: a, ramp: {to: {rate: 1Mbit}, over: 2s, steps: "
		 "2}}\n",
			"longer than its loop"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_error err = {0};
		char text[1100];
		struct sfe_scenario *s = parse(bad[i][0], &err);
		CU_ASSERT_PTR_NULL(s);
		CU_ASSERT_EQUAL(err.code, -EINVAL);
		sfe_error_text(&err, text, sizeof(text));
		if (!strstr(text, bad[i][1]))
			printf("\n%s: %s\n", bad[i][0], text);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, bad[i][1]));
		sfe_scenario_free(s);
	}
}

/* Four links: a one-way uplink, a cable, a half-duplex medium and a full-duplex one. */
static const struct sfe_link links[] = {
	{.name = "up_0", .kind = SFE_LINK_UPLINK},
	{.name = "link_0", .kind = SFE_LINK_NODE},
	{.name = "radio_0", .kind = SFE_LINK_SHARED},
	{.name = "radio_1", .kind = SFE_LINK_SHARED},
};
static struct sfe_node nodes[] = {{.name = "a_0"}, {.name = "a_1"}, {.name = "b_0"}};
static const bool present[] = {true, false, true, true, true, true, true, true};

static const struct sfe_link_spec *specs(void)
{
	static struct sfe_link_spec spec[8];

	for (int i = 0; i < 8; i++)
		spec[i] = (struct sfe_link_spec){.rate_bps = 10000000,
			.delay = {.law = SFE_DELAY_CONSTANT, .a_ns = 10 * MS},
			.queue_ns = 100 * MS,
			.full_duplex = i >= 6};
	return spec;
}

struct played {
	uint32_t n;
	struct {
		struct sfe_schedule_change change;
		struct sfe_link_spec spec;
		bool set[3];
	} one[64];
};

static int keep(const struct sfe_schedule_change *change, void *arg)
{
	struct played *p = arg;

	CU_ASSERT_FATAL(p->n < 64);
	p->one[p->n].change = *change;
	if (change->spec)
		p->one[p->n].spec = *change->spec;
	if (change->set)
		memcpy(p->one[p->n].set, change->set, sizeof(p->one[p->n].set));
	p->n++;
	return 0;
}

static struct sfe_schedule_links played_on(void)
{
	return (struct sfe_schedule_links){.n = 4,
		.link = links,
		.spec = specs(),
		.present = present,
		.n_nodes = 3,
		.node = nodes,
		.mtu = 1500};
}

/* Until the schedule ends, or until the time. */
static void play(const char *schedule, uint64_t until_ns, struct played *out)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = parse(schedule, &err);
	struct sfe_schedule_links on = played_on();
	struct sfe_player *p;

	out->n = 0;
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL_FATAL(sfe_player_new(&s->schedule, &on, &p, &err), 0);
	while (sfe_player_next(p) != SFE_NEVER && sfe_player_next(p) <= until_ns)
		CU_ASSERT_EQUAL_FATAL(sfe_player_step(p, keep, out, &err), 0);
	sfe_player_free(p);
	sfe_scenario_free(s);
}

static void test_order(void)
{
	struct played p;

	play("schedule:\n"
	     "  - {at: 2s, link: link_0, direction: up, set: {loss: 2%}}\n"
	     "  - {at: 1s, link: 'radio_*', set: {rate: 1Mbit, delay: 5ms}}\n"
	     "  - {at: 2s, link: link_0, direction: up, set: {loss: 3%, queue: 1s}}\n",
		SFE_NEVER - 1, &p);
	/* A half-duplex medium has one direction. */
	CU_ASSERT_EQUAL_FATAL(p.n, 5);
	CU_ASSERT_EQUAL(p.one[0].change.at_ns, 1 * S);
	CU_ASSERT_EQUAL(p.one[0].change.link, 2);
	CU_ASSERT_EQUAL(p.one[1].change.link, 3);
	CU_ASSERT_EQUAL(p.one[2].change.direction, SFE_DOWN);
	CU_ASSERT_EQUAL(p.one[0].spec.rate_bps, 1000000);
	CU_ASSERT_EQUAL(p.one[0].spec.delay.a_ns, 5 * MS);
	CU_ASSERT_EQUAL(p.one[0].spec.queue_ns, 100 * MS);
	CU_ASSERT_STRING_EQUAL(p.one[0].change.what, "rate 1Mbit, delay 5ms");
	/* Equal times: file order; earlier settings stay. */
	CU_ASSERT_DOUBLE_EQUAL(p.one[3].spec.loss.p[0], 0.02, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.one[4].spec.loss.p[0], 0.03, 1e-12);
	CU_ASSERT_EQUAL(p.one[4].spec.queue_ns, 1 * S);
	CU_ASSERT_EQUAL(p.one[4].spec.rate_bps, 10000000);
}

static void test_loops(void)
{
	struct played p;

	play("schedule:\n"
	     "  - {every: 10ms, from: 5ms, until: 35ms, down: up_0}\n"
	     "  - {every: 10ms, count: 2, link: up_0, set: {loss: 1%}}\n",
		SFE_NEVER - 1, &p);
	CU_ASSERT_EQUAL_FATAL(p.n, 6);
	static const uint64_t at[] = {0, 5, 10, 15, 25, 35};
	for (int i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(p.one[i].change.at_ns, at[i] * MS);
	/* Without an end it repeats. */
	play("schedule: [{every: 1h, down: up_0}]\n", 40 * 3600 * S, &p);
	CU_ASSERT_EQUAL(p.n, 41);
}

static void test_down_and_up(void)
{
	struct played p;

	play("schedule:\n"
	     "  - {at: 1s, link: up_0, set: {loss: gilbert 1% 30%}}\n"
	     "  - {at: 2s, down: up_0}\n"
	     "  - {at: 3s, link: up_0, set: {rate: 5Mbit}}\n"
	     "  - {at: 4s, up: up_0}\n",
		SFE_NEVER - 1, &p);
	CU_ASSERT_EQUAL_FATAL(p.n, 4);
	for (int i = 1; i < 3; i++) {
		CU_ASSERT_EQUAL(p.one[i].spec.loss.model, SFE_LOSS_RANDOM);
		CU_ASSERT_DOUBLE_EQUAL(p.one[i].spec.loss.p[0], 1, 0);
	}
	CU_ASSERT_STRING_EQUAL(p.one[1].change.what, "down");
	CU_ASSERT_EQUAL(p.one[3].spec.loss.model, SFE_LOSS_GILBERT_ELLIOTT);
	CU_ASSERT_EQUAL(p.one[3].spec.rate_bps, 5000000);
}

static void test_ramp(void)
{
	struct played p;

	play("schedule:\n"
	     "  - {every: 4s, count: 2, link: up_0, ramp: {to: {rate: 20Mbit, loss: 4%, delay: "
	     "0}, over: 4s, steps: 4}}\n"
	     "  - {at: 2500ms, link: up_0, set: {queue: 1s}}\n",
		SFE_NEVER - 1, &p);
	CU_ASSERT_EQUAL_FATAL(p.n, 9);
	CU_ASSERT_EQUAL(p.one[0].change.at_ns, 1 * S);
	CU_ASSERT_EQUAL(p.one[0].spec.rate_bps, 12500000);
	CU_ASSERT_DOUBLE_EQUAL(p.one[0].spec.loss.p[0], 0.01, 1e-12);
	CU_ASSERT_EQUAL(p.one[0].spec.delay.a_ns, 7500000);
	CU_ASSERT_STRING_EQUAL(
		p.one[0].change.what, "step 1 of 4: rate 12500kbit, loss 1%, delay 7500us");
	/* Settings during a ramp stay, and the ramp continues. */
	CU_ASSERT_EQUAL(p.one[2].spec.queue_ns, 1 * S);
	CU_ASSERT_EQUAL(p.one[3].change.at_ns, 3 * S);
	CU_ASSERT_EQUAL(p.one[3].spec.queue_ns, 1 * S);
	CU_ASSERT_EQUAL(p.one[3].spec.rate_bps, 17500000);
	CU_ASSERT_EQUAL(p.one[4].spec.rate_bps, 20000000);
	CU_ASSERT_EQUAL(p.one[4].spec.delay.law, SFE_DELAY_NONE);
	/* The second ramp starts at the present value, its end. */
	CU_ASSERT_EQUAL(p.one[5].change.at_ns, 5 * S);
	CU_ASSERT_EQUAL(p.one[5].spec.rate_bps, 20000000);
	CU_ASSERT_EQUAL(p.one[8].change.at_ns, 8 * S);
}

static void test_partition(void)
{
	struct played p;

	play("schedule:\n"
	     "  - {every: 4s, from: 1s, count: 2, partition: ['a_*']}\n"
	     "  - {at: 2s, partition: [b_0, a_1]}\n"
	     "  - {at: 3s, heal: all}\n",
		SFE_NEVER - 1, &p);
	CU_ASSERT_EQUAL_FATAL(p.n, 4);
	for (uint32_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(p.one[i].change.link, SFE_NONE);
	CU_ASSERT_TRUE(p.one[0].set[0] && p.one[0].set[1] && !p.one[0].set[2]);
	CU_ASSERT_TRUE(!p.one[1].set[0] && p.one[1].set[1] && p.one[1].set[2]);
	CU_ASSERT_STRING_EQUAL(p.one[1].change.what, "partition b_0, a_1");
	CU_ASSERT_PTR_NULL(p.one[2].change.set);
	CU_ASSERT_STRING_EQUAL(p.one[2].change.what, "heal");
	CU_ASSERT_EQUAL(p.one[3].change.at_ns, 5 * S);
	CU_ASSERT_TRUE(p.one[3].set[0] && p.one[3].set[1] && !p.one[3].set[2]);
}

/* Each node is a change of its own; a node that is down stays down, and all may be. */
static void test_crash(void)
{
	static const struct {
		uint32_t node;
		enum sfe_schedule_act act;
		const char *what;
	} want[] = {
		{0, SFE_SCHEDULE_CRASH, "crash"},
		{1, SFE_SCHEDULE_CRASH, "crash"},
		{0, SFE_SCHEDULE_CRASH, "crash: is down already"},
		{1, SFE_SCHEDULE_CRASH, "crash: is down already"},
		{2, SFE_SCHEDULE_CRASH, "crash"},
		{0, SFE_SCHEDULE_RESTART, "restart"},
		{0, SFE_SCHEDULE_RESTART, "restart: is up already"},
		{0, SFE_SCHEDULE_CRASH, "crash"},
	};
	struct played p;

	play("schedule:\n"
	     "  - {at: 1s, crash: 'a_*'}\n"
	     "  - {at: 2s, crash: '*'}\n"
	     "  - {every: 1s, from: 3s, count: 2, restart: [a_0]}\n"
	     "  - {at: 5s, crash: a_0}\n",
		SFE_NEVER - 1, &p);
	CU_ASSERT_EQUAL_FATAL(p.n, sizeof(want) / sizeof(want[0]));
	for (uint32_t i = 0; i < p.n; i++) {
		const struct sfe_schedule_change *c = &p.one[i].change;
		CU_ASSERT_EQUAL(c->link, SFE_NONE);
		CU_ASSERT_EQUAL(c->node, want[i].node);
		CU_ASSERT_EQUAL(c->act, want[i].act);
		CU_ASSERT_EQUAL(c->already, strstr(want[i].what, "already") != NULL);
		CU_ASSERT_STRING_EQUAL(c->what, want[i].what);
	}
}

static void test_trace(void)
{
	char schedule[400], path[] = "/tmp/sfe-trace-XXXXXX";
	int fd = mkstemp(path);
	struct played p;

	CU_ASSERT_FATAL(fd >= 0);
	dprintf(fd, "time_s,rate_bps,delay_s\n0,4000000,\n0.5,8000000,0.001\n2,,0.002\n");
	close(fd);
	/* Once, from its start. */
	snprintf(schedule, sizeof(schedule),
		"links: [{kind: uplink, queue: 9 packets}]\n"
		"schedule: [{at: 1s, link: radio_0, set: {queue: 9 packets}}, "
		"{at: 1s, link: radio_0, trace: {file: %s}}]\n",
		path);
	play(schedule, SFE_NEVER - 1, &p);
	CU_ASSERT_EQUAL_FATAL(p.n, 4);
	CU_ASSERT_EQUAL(p.one[1].change.at_ns, 1 * S);
	CU_ASSERT_EQUAL(p.one[1].spec.rate_bps, 4000000);
	CU_ASSERT_EQUAL(p.one[1].spec.delay.a_ns, 10 * MS);
	CU_ASSERT_STRING_EQUAL(p.one[2].change.what, "trace: rate 8Mbit, delay 1ms");
	CU_ASSERT_EQUAL(p.one[3].change.at_ns, 3 * S);
	CU_ASSERT_EQUAL(p.one[3].spec.rate_bps, 8000000);
	CU_ASSERT_EQUAL(p.one[3].spec.delay.a_ns, 2 * MS);
	CU_ASSERT_STRING_EQUAL(p.one[3].change.what, "trace: delay 2ms");
	/* In a loop the last row is the time of the next first row. */
	snprintf(schedule, sizeof(schedule),
		"schedule: [{at: 0, link: radio_0, set: {queue: 9 packets}}, "
		"{at: 0, link: radio_0, trace: {file: %s, loop: true}}]\n",
		path);
	play(schedule, 5 * S, &p);
	CU_ASSERT_EQUAL_FATAL(p.n, 1 + 6);
	CU_ASSERT_EQUAL(p.one[3].change.at_ns, 2 * S);
	CU_ASSERT_EQUAL(p.one[3].spec.rate_bps, 4000000);
	CU_ASSERT_EQUAL(p.one[6].change.at_ns, 4500 * MS);
	/* Rates need a queue in packets. */
	struct sfe_schedule_links on = played_on();
	struct sfe_error err = {0};
	snprintf(schedule, sizeof(schedule),
		"schedule: [{at: 0, link: radio_0, trace: {file: %s}}]\n", path);
	struct sfe_scenario *s = parse(schedule, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(sfe_schedule_check(&s->schedule, &on, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "no queue in packets"));
	sfe_scenario_free(s);
	/* Errors in the trace have its file and line. */
	FILE *f = fopen(path, "a");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs("1,,\n", f);
	fclose(f);
	CU_ASSERT_PTR_NULL(parse(schedule, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.where, ":5"));
	unlink(path);
}

static void test_check(void)
{
	static const char *const bad[][2] = {
		{"schedule: [{at: 1s, partition: [a_0, c]}]\n",
			"s.yaml:3: schedule: partition: there is no node c"},
		{"schedule: [{at: 1s, partition: ['*']}]\n", "names every node"},
		{"schedule: [{at: 1s, crash: c}]\n",
			"s.yaml:3: schedule: crash: there is no node c"},
		{"schedule: [{at: 1s, restart: [a_0, 'c_*']}]\n",
			"s.yaml:3: schedule: restart: there is no node c_*"},
		{"schedule: [{at: 1s, down: nowhere}]\n", "s.yaml:3: schedule: no link matches"},
		{"schedule: [{at: 1s, down: up_0, direction: down}]\n", "in that direction"},
		{"schedule: [{at: 1s, down: radio_0, direction: up}]\n", "half duplex"},
		{"schedule: [{at: 1s, link: up_0, set: {rate: 100kbit}}]\n",
			"s.yaml:3: schedule: link up_0: queue: holds"},
		{"schedule: [{at: 1s, link: up_0, set: {delay: normal 9ms 1ms}}, {at: 2s, link: "
		 "up_0, ramp: {to: {delay: 5ms}, over: 1s, steps: 2}}]\n",
			"only between constant delays"},
		{"schedule: [{at: 1s, link: up_0, set: {loss: gilbert 1% 30%}}, {at: 2s, link: "
		 "up_0, ramp: {to: {loss: 0}, over: 1s, steps: 2}}]\n",
			"only between random losses"},
	};
	struct sfe_schedule_links on = played_on();

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_error err = {0};
		char text[1100];
		struct sfe_scenario *s = parse(bad[i][0], &err);
		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		CU_ASSERT_EQUAL(sfe_schedule_check(&s->schedule, &on, &err), -EINVAL);
		sfe_error_text(&err, text, sizeof(text));
		if (!strstr(text, bad[i][1]))
			printf("\n%s: %s\n", bad[i][0], text);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, bad[i][1]));
		sfe_scenario_free(s);
	}
	/* An endless loop is checked only for some time. */
	struct sfe_scenario *s = parse("schedule: [{every: 1ns, down: up_0}]\n", NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(sfe_schedule_check(&s->schedule, &on, NULL), 0);
	sfe_scenario_free(s);
}

static void test_round_trip(void)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = parse(
		"schedule:\n"
		"  - {at: 2s, link: \"it's\", direction: up, set: {rate: 1Mbit, loss: 1% 25%}}\n"
		"  - {every: 1500us, from: 1ms, until: 1h, count: 7, down: '*', kind: uplink}\n"
		"  - {at: 2s, partition: [\"it's\", b]}\n"
		"  - {at: 2s, heal: all}\n"
		"  - {at: 2s, crash: \"it's\"}\n"
		"  - {every: 9s, restart: [a, 'b_*']}\n"
		"  - {every: 8s, kind: shared, ramp: {to: {loss: 20%}, over: 8s, steps: 20}}\n",
		&err);
	struct sfe_scenario *again;
	char *text[2];
	size_t len[2];

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (int i = 0; i < 2; i++) {
		FILE *f = open_memstream(&text[i], &len[i]);
		CU_ASSERT_EQUAL(sfe_scenario_write(s, f), 0);
		fclose(f);
		CU_ASSERT_EQUAL_FATAL(
			sfe_scenario_parse(text[i], len[i], "w.yaml", NULL, 0, &again, &err), 0);
		sfe_scenario_free(s);
		s = again;
	}
	CU_ASSERT_STRING_EQUAL(text[0], text[1]);
	CU_ASSERT_EQUAL(s->schedule.n, 7);
	CU_ASSERT_EQUAL(s->schedule.entry[4].n_nodes, 1);
	CU_ASSERT_STRING_EQUAL(s->schedule.entry[5].node[1], "b_*");
	CU_ASSERT_STRING_EQUAL(s->schedule.entry[0].rule.pattern, "it's");
	CU_ASSERT_EQUAL(s->schedule.entry[1].every_ns, 1500000);
	free(text[0]);
	free(text[1]);
	sfe_scenario_free(s);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"errors", test_refused},
		{"changes in time, ties in the order of the file", test_order},
		{"loops", test_loops},
		{"down and up", test_down_and_up},
		{"ramps", test_ramp},
		{"partitions", test_partition},
		{"crashes", test_crash},
		{"traces", test_trace},
		{"changes to invalid specifications", test_check},
		{"written and read back", test_round_trip},
	};

	return unit_main("schedule", tests, sizeof(tests) / sizeof(tests[0]));
}
