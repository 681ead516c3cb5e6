/* SPDX-License-Identifier: MIT */
/* The element `chaos:`: reading, errors, the drawn faults, and overlapping faults. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

#define BASE                                                                                       \
	"topology: {generate: iiot}\n"                                                             \
	"workload: {tasks: " SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv}\n"
#define MS 1000000ull
#define S (1000 * MS)
#define LINKS 4u
#define NODES 6u

static const struct sfe_link links[LINKS] = {
	{.name = "up_0", .kind = SFE_LINK_UPLINK}, /* one way */
	{.name = "link_0", .kind = SFE_LINK_NODE},
	{.name = "radio_0", .kind = SFE_LINK_SHARED}, /* half duplex */
	{.name = "radio_1", .kind = SFE_LINK_SHARED},
};
static struct sfe_node nodes[NODES] = {{.name = "a_0"}, {.name = "a_1"}, {.name = "b_0"},
	{.name = "b_1"}, {.name = "c_0"}, {.name = "c_1"}};
static const bool present[] = {true, false, true, true, true, true, true, true};
static struct sfe_link_spec spec[2 * LINKS];

static struct sfe_schedule_links played_on(uint32_t seed)
{
	for (uint32_t i = 0; i < 2 * LINKS; i++)
		spec[i] = (struct sfe_link_spec){.rate_bps = 10000000,
			.delay = {.law = SFE_DELAY_CONSTANT, .a_ns = 10 * MS},
			.loss = {.model = SFE_LOSS_RANDOM, .p = {0.1}},
			.queue_ns = 100 * MS,
			.full_duplex = i >= 6};
	return (struct sfe_schedule_links){.n = LINKS,
		.link = links,
		.spec = spec,
		.present = present,
		.n_nodes = NODES,
		.node = nodes,
		.mtu = 1500,
		.seed = seed};
}

static struct sfe_scenario *parse(const char *schedule, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	char text[2000];

	snprintf(text, sizeof(text), BASE "schedule: [%s]\n", schedule);
	sfe_scenario_parse(text, strlen(text), "s.yaml", NULL, 0, &s, err);
	return s;
}

static void test_refused(void)
{
	static const char *const bad[][2] = {
		{"{chaos: 5}", "chaos: is not a group"},
		{"{chaos: {faults: 5}}", "chaos: needs faults and over"},
		{"{chaos: {over: 5s}}", "chaos: needs faults and over"},
		{"{chaos: {faults: 0, over: 5s}}", "faults: '0' is not a number from 1 to 100000"},
		{"{chaos: {faults: 100001, over: 5s}}", "faults: '100001' is not"},
		{"{chaos: {faults: 5, over: 0}}", "over: '0' is not from 1ns"},
		{"{chaos: {faults: 5, over: 5s, colour: red}}", "unknown key 'colour'"},
		{"{chaos: {faults: 5, over: 5s, kinds: down}}", "kinds: is not a list"},
		{"{chaos: {faults: 5, over: 5s, kinds: [flood]}}",
			"'flood' is not a kind of fault"},
		{"{chaos: {faults: 5, over: 5s, kinds: [down, down]}}", "'down' is given twice"},
		{"{chaos: {faults: 5, over: 5s, lasts: 5s..1s}}", "ends below its beginning"},
		{"{chaos: {faults: 5, over: 5s, lasts: 0s}}", "lasts: '0s' is not from 1ns"},
		{"{chaos: {faults: 5, over: 5s, lasts: 1s..}}", "lasts: "},
		{"{chaos: {faults: 5, over: 5s, loss: 5}}", "'5' is not a share"},
		{"{chaos: {faults: 5, over: 5s, loss: 0%}}", "'0%' is not a share"},
		{"{chaos: {faults: 5, over: 5s, rate: 1%..101%}}", "'101%' is not a share"},
		{"{chaos: {faults: 5, over: 5s, rate: 5%..x}}", "'x' is not a share"},
		{"{chaos: {faults: 5, over: 5s, delay: 61s}}", "'61s' is not from 1ns to 60s"},
		{"{chaos: {faults: 5, over: 5s, links: []}}", "links: is not a list of names"},
		{"{chaos: {faults: 5, over: 5s, spare: {a: b}}}", "spare: is not a list of names"},
		{"{at: 1s, chaos: {faults: 5, over: 5s}}",
			"takes its times and links inside chaos"},
		{"{link: a, chaos: {faults: 5, over: 5s}}",
			"takes its times and links inside chaos"},
		{"{chaos: {faults: 5, over: 5s}, down: a}", "together with"},
	};
	static const char *const nowhere[][2] = {
		{"{chaos: {faults: 5, over: 5s, links: a_0}}", "links: there is no link a_0"},
		{"{chaos: {faults: 5, over: 5s, nodes: [a_0, up_0]}}",
			"nodes: there is no node up_0"},
		{"{chaos: {faults: 5, over: 5s, spare: 'd_*'}}",
			"s.yaml:3: schedule: chaos: spare: there is no link and no node d_*"},
		{"{chaos: {faults: 5, over: 5s, spare: '[abc]_*'}}",
			"partition: there is no node left for it; spare less"},
		{"{chaos: {faults: 5, over: 5s, kinds: [loss], spare: [up_0, link_0, 'radio_*']}}",
			"loss: there is no link left for it"},
	};
	char text[1100];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_error err = {0};
		struct sfe_scenario *s = parse(bad[i][0], &err);
		sfe_error_text(&err, text, sizeof(text));
		if (s || !strstr(text, bad[i][1]))
			printf("\n%s: %s\n", bad[i][0], text);
		CU_ASSERT(!s && strstr(text, bad[i][1]));
		CU_ASSERT_EQUAL(strncmp(text, "s.yaml:3: ", 10), 0);
		sfe_scenario_free(s);
	}
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		struct sfe_error err = {0};
		struct sfe_scenario *s = parse(nowhere[i][0], &err);
		struct sfe_schedule_links on = played_on(1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		CU_ASSERT_EQUAL(sfe_schedule_check(&s->schedule, &on, &err), -EINVAL);
		sfe_error_text(&err, text, sizeof(text));
		if (!strstr(text, nowhere[i][1]))
			printf("\n%s: %s\n", nowhere[i][0], text);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, nowhere[i][1]));
		sfe_scenario_free(s);
	}
}

/* ---- the drawn faults */

struct list { /* changes as text, one per line */
	char *text;
	size_t size;
	FILE *f;
	uint32_t n;
};

static int keep(const struct sfe_schedule_change *c, void *arg)
{
	struct list *l = arg;

	l->n++;
	fprintf(l->f, "%llu %d %d %d %d %s\n", (unsigned long long)c->at_ns, (int)c->link,
		(int)c->direction, (int)c->node, c->already, c->what);
	return 0;
}

static char *played(const char *schedule, uint32_t seed, uint32_t *n)
{
	struct list l = {0};
	struct sfe_error err = {0};
	struct sfe_scenario *s = parse(schedule, &err);
	struct sfe_schedule_links on = played_on(seed);
	struct sfe_player *p;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	l.f = open_memstream(&l.text, &l.size);
	CU_ASSERT_EQUAL_FATAL(sfe_player_new(&s->schedule, &on, &p, &err), 0);
	while (sfe_player_next(p) != SFE_NEVER)
		CU_ASSERT_EQUAL_FATAL(sfe_player_step(p, keep, &l, &err), 0);
	sfe_player_free(p);
	sfe_scenario_free(s);
	fclose(l.f);
	if (n)
		*n = l.n;
	return l.text;
}

static void test_repeats(void)
{
	char *a = played("{chaos: {faults: 50, over: 60s}}", 7, NULL);
	char *b = played("{chaos: {faults: 50, over: 60s}}", 7, NULL);
	char *c = played("{chaos: {faults: 50, over: 60s}}", 8, NULL);
	/* Other elements do not change the faults; each chaos has faults of its own. */
	char *d = played("{at: 2h, down: up_0}, {chaos: {faults: 50, over: 60s}}", 7, NULL);
	char *e =
		played("{chaos: {faults: 1, from: 2h, over: 1s}}, {chaos: {faults: 50, over: 60s}}",
			7, NULL);

	CU_ASSERT_STRING_EQUAL(a, b);
	CU_ASSERT_STRING_NOT_EQUAL(a, c);
	CU_ASSERT_EQUAL(strncmp(a, d, strlen(a)), 0);
	CU_ASSERT_NOT_EQUAL(strncmp(a, e, strlen(a)), 0);
	free(a);
	free(b);
	free(c);
	free(d);
	free(e);
}

/* Draws stay within their bounds and cover every kind, target and direction, except spared ones. */
static void test_drawn(void)
{
	const struct sfe_chaos_place place = {.n_links = LINKS,
		.n_nodes = NODES,
		.link = links,
		.node = nodes,
		.distinct = (const bool[]){true, false, true, true, true, false, true, true}};
	struct sfe_error err = {0};
	struct sfe_scenario *s = parse(
		"{chaos: {faults: 6000, from: 5s, over: 10s, lasts: 1500ms..4s, loss: 2%..4%, "
		"delay: 7ms, rate: 10%..20%, spare: [radio_0, 'a_*']}}",
		&err);
	struct sfe_faults faults;
	uint32_t kinds[SFE_FAULT_KINDS] = {0}, both = 0, up = 0, down = 0, seen[LINKS] = {0},
		 crashed[NODES] = {0}, apart[NODES] = {0}, sizes[NODES + 1] = {0};
	double begin = 0, lasts = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL_FATAL(
		sfe_chaos_expand(s->schedule.entry[0].chaos, &place, 3, 0, &faults, &err), 0);
	CU_ASSERT_EQUAL(faults.n, 6000);
	for (uint32_t i = 0; i < faults.n; i++) {
		const struct sfe_fault *f = &faults.fault[i];
		uint64_t time = f->end_ns - f->begin_ns;
		uint32_t n = 0;
		kinds[f->kind]++;
		CU_ASSERT(f->begin_ns >= 5 * S && f->begin_ns < 15 * S && !(f->begin_ns % MS));
		CU_ASSERT(time >= 1500 * MS && time <= 4 * S);
		CU_ASSERT(!i || f[-1].begin_ns <= f->begin_ns);
		begin += (double)f->begin_ns / 6000;
		lasts += (double)time / 6000;
		if (f->kind < SFE_FAULT_PARTITION)
			seen[f->link]++;
		if (f->kind == SFE_FAULT_LOSS)
			CU_ASSERT(f->share >= 0.02 && f->share <= 0.04);
		if (f->kind == SFE_FAULT_RATE)
			CU_ASSERT(f->share >= 0.1 && f->share <= 0.2);
		if (f->kind == SFE_FAULT_DELAY)
			CU_ASSERT_EQUAL(f->extra_ns, 7 * MS);
		if (f->kind == SFE_FAULT_CRASH)
			crashed[f->node]++;
		for (uint32_t k = 0; f->set && k < NODES; k++) {
			n += f->set[k];
			apart[k] += f->set[k];
		}
		sizes[n] += f->kind == SFE_FAULT_PARTITION;
		if (f->link == 0) /* one way */
			CU_ASSERT(f->direction[0] && !f->direction[1]);
		if (f->link == 1) {
			both += f->direction[0] && f->direction[1];
			up += f->direction[0] && !f->direction[1];
			down += !f->direction[0] && f->direction[1];
		}
	}
	for (unsigned k = 0; k < SFE_FAULT_KINDS; k++)
		CU_ASSERT(kinds[k] > 850 && kinds[k] < 1150); /* of 1000; 5 standard deviations */
	CU_ASSERT_DOUBLE_EQUAL(begin, 10e9, 0.2e9);
	CU_ASSERT_DOUBLE_EQUAL(lasts, 2.75e9, 0.06e9);
	for (uint32_t l = 0; l < LINKS; l++)
		CU_ASSERT(l == 2 ? !seen[l] : seen[l] > 1150 && seen[l] < 1500); /* of 1333 */
	CU_ASSERT(both > 2 * up - 250 && both < 2 * up + 250 && abs((int)up - (int)down) < 120);
	for (uint32_t k = 0; k < NODES; k++)
		CU_ASSERT(k < 2 ? !crashed[k] && !apart[k] : crashed[k] > 180 && apart[k] > 300);
	CU_ASSERT(
		!sizes[0] && sizes[1] > 400 && sizes[2] > 400 && !sizes[3]); /* half of the four */
	sfe_faults_free(&faults);
	sfe_scenario_free(s);
}

/* ---- faults that overlap */

struct now {
	struct sfe_link_spec link; /* link_0, up */
	bool apart, crashed;
	uint32_t n_crashes, n_restarts, n_already;
	char what[SFE_EVENT_TEXT];
};

static int follow(const struct sfe_schedule_change *c, void *arg)
{
	struct now *now = arg;

	if (c->link == 1 && c->direction == SFE_UP)
		now->link = *c->spec;
	if (c->act == SFE_SCHEDULE_PARTITION || c->act == SFE_SCHEDULE_HEAL)
		now->apart = c->set != NULL;
	if (c->act == SFE_SCHEDULE_CRASH || c->act == SFE_SCHEDULE_RESTART) {
		now->n_already += c->already;
		now->n_crashes += c->act == SFE_SCHEDULE_CRASH && !c->already;
		now->n_restarts += c->act == SFE_SCHEDULE_RESTART && !c->already;
		if (!c->already)
			now->crashed = c->act == SFE_SCHEDULE_CRASH;
	}
	memcpy(now->what, c->what, sizeof(now->what));
	return 0;
}

/* Plays until a time. */
static struct now *play(struct sfe_player *p, struct now *now, uint64_t until_ns)
{
	struct sfe_error err = {0};

	while (sfe_player_next(p) <= until_ns)
		CU_ASSERT_EQUAL_FATAL(sfe_player_step(p, follow, now, &err), 0);
	return now;
}

static struct sfe_player *begin(const char *schedule, struct sfe_scenario **s)
{
	struct sfe_error err = {0};
	struct sfe_schedule_links on = played_on(1);
	struct sfe_player *p = NULL;

	*s = parse(schedule, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(*s);
	CU_ASSERT_EQUAL_FATAL(sfe_player_new(&(*s)->schedule, &on, &p, &err), 0);
	return p;
}

/* Nested faults of a link, with changes of the schedule among them. */
static void test_links(void)
{
	struct sfe_scenario *s;
	struct now now = {0};
	/* A fault may be in the other direction only: draws eight faults; the largest counts. */
	struct sfe_player *p = begin("{chaos: {links: link_0, faults: 32, over: 1ns, lasts: 10s, "
				     "kinds: [rate], rate: 50%}}, "
				     "{chaos: {links: link_0, faults: 32, from: 1s, over: 1ns, "
				     "lasts: 8s, kinds: [rate], "
				     "rate: 10%}}, "
				     "{chaos: {links: link_0, faults: 32, from: 2s, over: 1ns, "
				     "lasts: 4s, kinds: [down]}}, "
				     "{at: 3s, link: link_0, set: {rate: 20Mbit, delay: 30ms}}, "
				     "{at: 8s, down: link_0}, {at: 9500ms, up: link_0}",
		&s);

	CU_ASSERT_EQUAL(play(p, &now, 500 * MS)->link.rate_bps, 5000000);
	CU_ASSERT_EQUAL(play(p, &now, 1500 * MS)->link.rate_bps, 1000000);
	CU_ASSERT_EQUAL(play(p, &now, 2500 * MS)->link.loss.p[0], 1);
	CU_ASSERT_EQUAL(play(p, &now, 3500 * MS)->link.loss.p[0], 1);
	CU_ASSERT_EQUAL(now.link.rate_bps, 2000000); /* relative to the present rate */
	CU_ASSERT_DOUBLE_EQUAL(play(p, &now, 7 * S)->link.loss.p[0], 0.1, 1e-12);
	CU_ASSERT_STRING_EQUAL(now.what, "fault 32 over: down");
	CU_ASSERT_EQUAL(play(p, &now, 8500 * MS)->link.loss.p[0], 1);
	CU_ASSERT_EQUAL(play(p, &now, 9200 * MS)->link.rate_bps, 10000000);
	CU_ASSERT_EQUAL(now.link.loss.p[0], 1); /* the schedule still has it down */
	play(p, &now, 11 * S);
	CU_ASSERT_EQUAL(now.link.rate_bps, 20000000);
	CU_ASSERT_DOUBLE_EQUAL(now.link.loss.p[0], 0.1, 1e-12);
	CU_ASSERT_EQUAL(now.link.delay.a_ns, 30 * MS);
	CU_ASSERT_EQUAL(sfe_player_next(p), SFE_NEVER);
	sfe_player_free(p);
	sfe_scenario_free(s);
}

/* On a one-way link every fault is in its one direction, so that sums are known. */
static int follow_up_0(const struct sfe_schedule_change *c, void *arg)
{
	struct now *now = arg;

	if (c->link == 0)
		now->link = *c->spec;
	return 0;
}

static void test_sums(void)
{
	static const struct {
		const char *delay, *law;
		uint64_t a_ns, b_ns;
	} laws[] = {
		{"10ms", "constant", 13 * MS, 0}, {"0", "constant", 3 * MS, 0},
		{"normal 20ms 5ms", "normal", 23 * MS, 5 * MS},
		{"uniform 1ms 2ms", "uniform", 4 * MS, 5 * MS},
		{"lognormal 0.5 1ms 3ms", "lognormal", 4 * MS, 3 * MS},
		{"pareto 2ms 2", "constant", 7 * MS, 0}, /* its mean is 4 ms */
	};
	char schedule[400];

	for (size_t i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
		struct sfe_error err = {0};
		struct sfe_scenario *s;
		struct now now = {0};
		snprintf(schedule, sizeof(schedule),
			"{at: 0s, link: up_0, set: {delay: %s, loss: gilbert 10%% 10%%}}, "
			"{chaos: {links: up_0, faults: 3, from: 1s, over: 1ns, lasts: 4s, kinds: "
			"[delay], delay: 1ms}}, "
			"{chaos: {links: up_0, faults: 2, from: 2s, over: 1ns, lasts: 1s, kinds: "
			"[loss], loss: 50%%}}",
			laws[i].delay);
		struct sfe_player *p = begin(schedule, &s);
		while (sfe_player_next(p) <= 2500 * MS)
			CU_ASSERT_EQUAL(sfe_player_step(p, follow_up_0, &now, &err), 0);
		char text[SFE_DELAY_TEXT];
		sfe_delay_format(&now.link.delay, text);
		if (strcmp(laws[i].law, "constant"))
			CU_ASSERT_EQUAL(strncmp(text, laws[i].law, strlen(laws[i].law)), 0);
		CU_ASSERT_EQUAL(now.link.delay.a_ns, laws[i].a_ns);
		CU_ASSERT_EQUAL(now.link.delay.b_ns, laws[i].b_ns);
		/* Its own half, then half of the rest twice: an eighth is left. */
		CU_ASSERT_EQUAL(now.link.loss.model, SFE_LOSS_RANDOM);
		CU_ASSERT_DOUBLE_EQUAL(now.link.loss.p[0], 0.875, 1e-9);
		while (sfe_player_next(p) != SFE_NEVER)
			CU_ASSERT_EQUAL(sfe_player_step(p, follow_up_0, &now, &err), 0);
		CU_ASSERT_EQUAL(now.link.loss.model, SFE_LOSS_GILBERT_ELLIOTT);
		sfe_player_free(p);
		sfe_scenario_free(s);
	}
	/* A rate never falls so low that the queue cannot hold a packet. */
	struct sfe_scenario *s;
	struct sfe_error err = {0};
	struct now now = {0};
	struct sfe_player *p =
		begin("{chaos: {links: up_0, faults: 1, over: 1ns, lasts: 1s, kinds: "
		      "[rate], rate: 0.001%}}",
			&s);
	CU_ASSERT_EQUAL(sfe_player_step(p, follow_up_0, &now, &err), 0);
	CU_ASSERT(now.link.rate_bps >= 121120 && now.link.rate_bps < 2 * 121120);
	sfe_player_free(p);
	sfe_scenario_free(s);
}

static void test_nodes(void)
{
	struct sfe_scenario *s;
	struct now now = {0};
	struct sfe_player *p =
		begin("{chaos: {nodes: b_0, faults: 2, over: 1ns, lasts: 10s, kinds: "
		      "[crash]}}, {at: 3s, crash: b_0}, {at: 4s, restart: b_0}, "
		      "{chaos: {nodes: b_0, faults: 1, from: 5s, over: 1ns, lasts: 1s, "
		      "kinds: [partition]}}, "
		      "{at: 5500ms, partition: [a_0]}, {at: 8s, heal: all}, {at: 9s, "
		      "crash: b_0}, {at: 11s, restart: b_0}",
			&s);

	play(p, &now, 1 * S);
	CU_ASSERT(now.crashed && now.n_crashes == 1 && now.n_already == 1);
	CU_ASSERT_STRING_EQUAL(now.what, "fault 2: crash: is down already");
	play(p, &now, 3 * S);
	CU_ASSERT_STRING_EQUAL(now.what, "crash: is down already");
	play(p, &now, 4 * S);
	CU_ASSERT_STRING_EQUAL(now.what, "restart: stays down");
	CU_ASSERT(play(p, &now, 5 * S)->apart);
	CU_ASSERT_STRING_EQUAL(now.what, "fault 1: partition b_0");
	CU_ASSERT(play(p, &now, 7 * S)->apart); /* the schedule's crash continues */
	CU_ASSERT_STRING_EQUAL(now.what, "fault 1 over: partition");
	CU_ASSERT(!play(p, &now, 8 * S)->apart);
	play(p, &now, 10 * S); /* both faults are over, but the schedule keeps it down */
	CU_ASSERT(now.crashed && now.n_restarts == 0);
	CU_ASSERT_STRING_EQUAL(now.what, "fault 2 over: restart: stays down");
	play(p, &now, 11 * S);
	CU_ASSERT(!now.crashed && now.n_restarts == 1);
	CU_ASSERT_STRING_EQUAL(now.what, "restart");
	sfe_player_free(p);
	sfe_scenario_free(s);
}

static void test_round_trip(void)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s =
		parse("{chaos: {faults: 20, from: 1s, over: 60s, kinds: [crash, down], lasts: "
		      "1500us..10s, loss: 0.1%..33.3%, delay: 5ms, rate: 1%, links: 'up_*', nodes: "
		      "[\"it's\"], spare: [a, b]}}, {chaos: {faults: 1, over: 1s}}",
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
	CU_ASSERT_EQUAL(s->schedule.n, 2);
	const struct sfe_chaos *c = s->schedule.entry[0].chaos;
	CU_ASSERT_EQUAL(c->faults, 20);
	CU_ASSERT_EQUAL(c->kinds, 1u << SFE_FAULT_CRASH | 1u << SFE_FAULT_DOWN);
	CU_ASSERT_EQUAL(c->lasts_ns[0], 1500000);
	CU_ASSERT_DOUBLE_EQUAL(c->loss[1], 0.333, 1e-12);
	CU_ASSERT_STRING_EQUAL(c->nodes.text[0], "it's");
	CU_ASSERT_EQUAL(c->spare.n, 2);
	free(text[0]);
	free(text[1]);
	sfe_scenario_free(s);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"errors", test_refused},
		{"equal seeds give equal faults", test_repeats},
		{"the drawn faults", test_drawn},
		{"links under several faults", test_links},
		{"delays and losses together", test_sums},
		{"nodes under several faults", test_nodes},
		{"written and read back", test_round_trip},
	};

	return unit_main("chaos", tests, sizeof(tests) / sizeof(tests[0]));
}
