/* SPDX-License-Identifier: MIT */
#include "tests/unit/model/scenario/scenario_texts.h"

static void test_rule(void)
{
	struct sfe_scenario *s = good(BASE "placement: {rule: ProcOnly}\n", NULL, 0);
	char *text = written(s);

	CU_ASSERT(s->placement == SFE_PROC_ONLY && !s->pins.n && !s->placed.frozen);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nplacement: ProcOnly\n"));
	free(text);
	sfe_scenario_free(s);
}

static const char pinned[] = BASE "placement:\n"
				  "  frozen: true\n"
				  "  pin:\n"
				  "    - {function: \"f[12]\", node: \"server_*\"}\n"
				  "    - {step: 0, workflow: w, client: rpi3_0, node: nuc_0}\n";

static void test_pins(void)
{
	struct sfe_scenario *s = good(pinned, NULL, 0);

	CU_ASSERT_EQUAL_FATAL(s->pins.n, 2);
	CU_ASSERT(s->placement == SFE_PROC_NET && s->placed.frozen);
	CU_ASSERT_STRING_EQUAL(s->pins.of[0].function, "f[12]");
	CU_ASSERT_PTR_NULL(s->pins.of[0].step);
	CU_ASSERT_STRING_EQUAL(s->pins.of[1].step, "0");
	CU_ASSERT_STRING_EQUAL(s->pins.of[1].client, "rpi3_0");
	CU_ASSERT_EQUAL(s->pins.of[1].line, 7);
	char *text = written(s);
	sfe_scenario_free(s);
	s = good(text, NULL, 0);
	char *again = written(s);
	CU_ASSERT_STRING_EQUAL(text, again);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "placement: {rule: ProcNet, pin: [{function: 'f[12]', "
					    "node: 'server_*'}, {step: '0', workflow: 'w', client: "
					    "'rpi3_0', node: 'nuc_0'}], frozen: true}\n"));
	free(text);
	free(again);
	sfe_scenario_free(s);
}

static void test_from(void)
{
	struct sfe_scenario *s = good(BASE "placement: {from: sub}\n", NULL, 0);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s->placed.from);
	CU_ASSERT_PTR_NOT_NULL(strstr(s->placed.from, "/sub"));
	sfe_scenario_free(s);
}

/* A rule on the command line keeps the file's pins, a group replaces all. */
static void test_set(void)
{
	const char *const rule[] = {"placement=ProcOnly"}, *const group[] = {
								   "placement={pin: [{step: 1, "
								   "node: b}]}"};
	struct sfe_scenario *s = good(pinned, rule, 1);

	CU_ASSERT(s->placement == SFE_PROC_ONLY && s->pins.n == 2 && s->placed.frozen);
	sfe_scenario_free(s);
	s = good(pinned, group, 1);
	CU_ASSERT(s->placement == SFE_PROC_NET && s->pins.n == 1 && !s->placed.frozen);
	sfe_scenario_free(s);
	refused(pinned, "placement=Nope", "--set placement=Nope: placement: 'Nope' is not known");
	refused(pinned, "placement={pin: 3}", "--set placement:1: placement: pin: is not a list");
}

static void test_refused(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"placement: Nope\n", "s.yaml:3: placement: 'Nope' is not known; write one of"},
		{"placement: [ProcNet]\n", "s.yaml:3: placement: is a list where one value"},
		{"placement: {rules: ProcNet}\n", "s.yaml:3: "},
		{"placement:\n  rule: Nope\n", "s.yaml:4: placement: rule: 'Nope' is not known"},
		{"placement: {frozen: maybe}\n", "s.yaml:3: placement: frozen: 'maybe' is neither"},
		{"placement: {from: nowhere}\n",
			"s.yaml:3: placement: from: nowhere: No such file"},
		{"placement: {from: tasks.csv}\n",
			"s.yaml:3: placement: from: tasks.csv: it is no"},
		{"placement: {pin: x}\n", "s.yaml:3: placement: pin: is not a list"},
		{"placement: {pin: [x]}\n", "s.yaml:3: placement: pin: an element is not a group"},
		{"placement: {pin: [{node: x}]}\n",
			"s.yaml:3: placement: pin: an element has only a node"},
		{"placement: {pin: [{step: x}]}\n", "s.yaml:3: placement: pin: an element has no "
						    "node"},
		{"placement: {pin: [{step: '', node: x}]}\n",
			"s.yaml:3: placement: pin: step: is empty"},
		{"placement: {from: sub, pin: [{step: a, node: x}]}\n",
			"s.yaml:3: placement: pin together with from"},
	};
	char text[512];

	for (size_t i = 0; i < LEN(cases); i++) {
		snprintf(text, sizeof(text), BASE "%s", cases[i].text);
		refused(text, NULL, cases[i].want);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a rule alone", test_rule},
		{"pins", test_pins},
		{"from", test_from},
		{"--set", test_set},
		{"refused", test_refused},
	};

	return scenario_main("scenario_placement", tests, LEN(tests));
}
