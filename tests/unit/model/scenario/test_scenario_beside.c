/* SPDX-License-Identifier: MIT */
/* The sections `programs` and `traffic`. */
#include "tests/unit/model/scenario/scenario_texts.h"

#define PROGRAMS BASE "programs:\n"
#define TRAFFIC BASE "traffic:\n"

static void check_programs(const struct sfe_programs *p)
{
	CU_ASSERT_EQUAL_FATAL(p->n, 3);
	CU_ASSERT_STRING_EQUAL(p->program[0].node, "server_0");
	CU_ASSERT(p->program[0].shell);
	CU_ASSERT_EQUAL(p->program[0].n_words, 1);
	CU_ASSERT_STRING_EQUAL(p->program[0].word[0], "iperf3 -s -1 >\"x y\"");
	CU_ASSERT_EQUAL(p->program[0].at_ns, 0);
	CU_ASSERT_EQUAL(p->program[0].until_ns, SFE_NEVER);
	CU_ASSERT_STRING_EQUAL(p->program[1].node, "rpi3_*");
	CU_ASSERT_FALSE(p->program[1].shell);
	CU_ASSERT_EQUAL_FATAL(p->program[1].n_words, 3);
	CU_ASSERT_STRING_EQUAL(p->program[1].word[1], "");
	CU_ASSERT_STRING_EQUAL(p->program[1].word[2], "it's");
	CU_ASSERT_EQUAL(p->program[1].at_ns, 2000000000);
	CU_ASSERT_EQUAL(p->program[1].until_ns, 30500000000);
	CU_ASSERT_EQUAL(p->program[2].until_ns, SFE_NEVER);
}

static void test_programs(void)
{
	struct sfe_scenario *s = good(PROGRAMS
		"- {node: server_0, run: 'iperf3 -s -1 >\"x y\"'}\n"
		"- {node: 'rpi3_*', run: [printf, '', \"it's\"], at: 2s, until: 30.5s}\n"
		"- {node: server_0, run: top, until: end}\n",
		NULL, 0);

	check_programs(&s->programs);
	char *text = written(s);
	struct sfe_scenario *again = good(text, NULL, 0);
	check_programs(&again->programs);
	sfe_scenario_free(again);
	free(text);
	sfe_scenario_free(s);
	/* An empty --set takes the section away. */
	const char *set = "programs=";
	s = good(PROGRAMS "- {node: a, run: b}\n", &set, 1);
	CU_ASSERT_EQUAL(s->programs.n, 0);
	sfe_scenario_free(s);
}

static void check_traffic(const struct sfe_traffic *t)
{
	CU_ASSERT_EQUAL_FATAL(t->n, 3);
	CU_ASSERT_STRING_EQUAL(t->flow[0].from, "rpi3_1");
	CU_ASSERT_STRING_EQUAL(t->flow[0].to, "server_0");
	CU_ASSERT_EQUAL(t->flow[0].rate_bps, 20000000);
	CU_ASSERT_EQUAL(t->flow[0].packet_bytes, 1200);
	CU_ASSERT_EQUAL(t->flow[0].law, SFE_FLOW_CONSTANT);
	CU_ASSERT_EQUAL(t->flow[0].at_ns, 0);
	CU_ASSERT_EQUAL(t->flow[0].until_ns, SFE_NEVER);
	CU_ASSERT_EQUAL(t->flow[1].law, SFE_FLOW_POISSON);
	CU_ASSERT_EQUAL(t->flow[1].packet_bytes, 40);
	CU_ASSERT_EQUAL(t->flow[1].at_ns, 1500000000);
	CU_ASSERT_EQUAL(t->flow[1].until_ns, 60000000000);
	CU_ASSERT_EQUAL(t->flow[2].law, SFE_FLOW_ONOFF);
	CU_ASSERT_EQUAL(t->flow[2].on_ns, 250000000);
	CU_ASSERT_EQUAL(t->flow[2].off_ns, 1000000000);
}

static void test_traffic(void)
{
	struct sfe_scenario *s = good(TRAFFIC
		"- {from: rpi3_1, to: server_0, rate: 20Mbit}\n"
		"- {from: 'rpi3_*', to: server_0, rate: 1kbit, packet: 40B, law: poisson,\n"
		"   at: 1.5s, until: 1min}\n"
		"- {from: a, to: b, rate: 1Mbit, law: onoff, on: 250ms, until: end}\n",
		NULL, 0);

	check_traffic(&s->traffic);
	char *text = written(s);
	struct sfe_scenario *again = good(text, NULL, 0);
	check_traffic(&again->traffic);
	sfe_scenario_free(again);
	free(text);
	sfe_scenario_free(s);
	/* The largest packet is tcp.mtu's, also if that is less than the default. */
	const char *sets[] = {"tcp.mtu=600", "traffic=[{from: a, to: b, rate: 1Mbit}]"};
	s = good(BASE, sets, 2);
	CU_ASSERT_EQUAL(s->traffic.flow[0].packet_bytes, 600);
	sfe_scenario_free(s);
}

static void test_bad_programs(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{BASE "programs: 3\n", "s.yaml:3: programs: is not a list; write - {node: "},
		{PROGRAMS "- ls\n", "s.yaml:4: programs: an element is not a group of keys"},
		{PROGRAMS "- {node: a}\n", "s.yaml:4: programs: an element has no run; write {"},
		{PROGRAMS "- {run: a}\n", "s.yaml:4: programs: an element has no node"},
		{PROGRAMS "- {node: '', run: a}\n", "s.yaml:4: programs: node: is empty"},
		{PROGRAMS "- {node: [a], run: a}\n", "s.yaml:4: node: is a list"},
		{PROGRAMS "- {node: a, run: '  '}\n", "s.yaml:4: programs: run: names no program"},
		{PROGRAMS "- {node: a, run: []}\n", "s.yaml:4: programs: run: is neither"},
		{PROGRAMS "- {node: a, run: ['', b]}\n",
			"s.yaml:4: programs: run: names no program"},
		{PROGRAMS "- {node: a, run: [b, [c]]}\n", "s.yaml:4: run: is a list"},
		{PROGRAMS "- {node: a, run: {b: c}}\n", "s.yaml:4: programs: run: is neither"},
		{PROGRAMS "- {node: a, run: b, user: c}\n",
			"s.yaml:4: unknown key 'user'; the keys are node, run, at, until"},
		{PROGRAMS "- {node: a, run: b, at: 3}\n",
			"s.yaml:4: programs: at: '3' has no unit"},
		{PROGRAMS "- node: a\n  run: b\n  at: 3s\n  until: never\n",
			"s.yaml:7: programs: until: 'never'"},
		{PROGRAMS "- {node: a, run: b, at: 3s, until: 3s}\n",
			"s.yaml:4: programs: an element ends before it begins; write a later"},
		{PROGRAMS "- {node: a, run: b, at: 8761h}\n",
			"s.yaml:4: programs: at: more than 8760h"},
	};

	for (size_t i = 0; i < LEN(cases); i++)
		refused(cases[i].text, NULL, cases[i].want);
	refused(BASE, "programs=[{node: a}]", "--set programs:1: programs: an element has no run");
}

static void test_bad_traffic(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{BASE "traffic: {from: a}\n", "s.yaml:3: traffic: is not a list; write - {from: "},
		{TRAFFIC "- a\n", "s.yaml:4: traffic: an element is not a group of keys"},
		{TRAFFIC "- {to: b, rate: 1Mbit}\n", "s.yaml:4: traffic: an element has no from"},
		{TRAFFIC "- {from: b, rate: 1Mbit}\n", "s.yaml:4: traffic: an element has no to"},
		{TRAFFIC "- {from: b, to: c}\n", "s.yaml:4: traffic: an element has no rate"},
		{TRAFFIC "- {from: b, to: c, rate: 5}\n",
			"s.yaml:4: traffic: rate: '5' has no unit"},
		{TRAFFIC "- {from: b, to: c, rate: 999bit}\n",
			"s.yaml:4: traffic: rate: 999bit is not from 1kbit to 100Gbit"},
		{TRAFFIC "- {from: b, to: c, rate: 1Mbit, packet: 39B}\n",
			"s.yaml:4: traffic: packet: 39B is not from 40B to tcp.mtu, 1500B"},
		{TRAFFIC "- from: b\n  to: c\n  rate: 1Mbit\n  packet: 1501B\n",
			"s.yaml:7: traffic: packet: 1501B is not from 40B to tcp.mtu, 1500B"},
		{TRAFFIC "- {from: b, to: c, rate: 1Mbit, law: pareto}\n",
			"s.yaml:4: traffic: law: 'pareto' is not a law; write constant, poisson "
			"or"},
		{TRAFFIC "- {from: b, to: c, rate: 1Mbit, on: 2s}\n",
			"s.yaml:4: traffic: on and off are the periods of law: onoff"},
		{TRAFFIC "- {from: b, to: c, rate: 1Mbit, law: onoff, off: 1us}\n",
			"s.yaml:4: traffic: off: less than 1ms"},
		{TRAFFIC "- {from: b, to: c, rate: 100Gbit, packet: 40B}\n",
			"s.yaml:4: traffic: more than 1000000 packets a second"},
		{TRAFFIC "- {from: b, to: c, rate: 1Mbit, at: 5s, until: 1s}\n",
			"s.yaml:4: traffic: an element ends before it begins"},
		{TRAFFIC "- {from: b, to: c, rate: 1Mbit, port: 9}\n",
			"s.yaml:4: unknown key 'port'; the keys are from, to, rate, packet, law,"},
	};

	for (size_t i = 0; i < LEN(cases); i++)
		refused(cases[i].text, NULL, cases[i].want);
}

static void test_limits(void)
{
	char *text = NULL;
	size_t len;

	for (int traffic = 0; traffic < 2; traffic++) {
		FILE *out = open_memstream(&text, &len);
		CU_ASSERT_PTR_NOT_NULL_FATAL(out);
		fputs(traffic ? TRAFFIC : PROGRAMS, out);
		for (unsigned i = 0; i < 1001; i++)
			fputs(traffic ? "- {from: a, to: b, rate: 1Mbit}\n"
				      : "- {node: a, run: b}\n",
				out);
		fclose(out);
		refused(text, NULL,
			traffic ? "s.yaml:3: traffic: has more than 1000 elements"
				: "s.yaml:3: programs: has more than 1000 elements");
		free(text);
	}
	FILE *out = open_memstream(&text, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fprintf(out, PROGRAMS "- {node: a, run: [%02000d, %02000d]}\n", 0, 0);
	fclose(out);
	refused(text, NULL, "s.yaml:4: programs: run: more than 4000 bytes");
	free(text);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"programs", test_programs},
		{"traffic", test_traffic},
		{"bad programs", test_bad_programs},
		{"bad traffic", test_bad_traffic},
		{"limits", test_limits},
	};

	return scenario_main("scenario beside", tests, LEN(tests));
}
