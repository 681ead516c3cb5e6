/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "sfemu/function_spec.h"
#include "tests/unit/unit.h"

static struct sfe_law law(const char *text, enum sfe_law_unit unit)
{
	struct sfe_error err = {0};
	struct sfe_law l, again;
	char buf[SFE_LAW_TEXT];

	CU_ASSERT_EQUAL(sfe_law_parse(text, unit, &l, &err), 0);
	CU_ASSERT_EQUAL(sfe_law_parse(sfe_law_format(&l, unit, buf), unit, &again, &err), 0);
	CU_ASSERT(l.constant == again.constant && l.factor == again.factor);
	return l;
}

static void expect(const char *text, enum sfe_law_unit unit, uint64_t argument, uint64_t value)
{
	struct sfe_law l = law(text, unit);

	CU_ASSERT_EQUAL(sfe_law_value(&l, argument), value);
}

static void test_laws(void)
{
	expect("2e8", SFE_LAW_OPERATIONS, 5, 200000000);
	expect("1e6 + 40 * argument", SFE_LAW_OPERATIONS, 5, 1000200);
	expect("1e+6+40*argument", SFE_LAW_OPERATIONS, 5, 1000200);
	expect("argument*40 + 3 + argument / 2", SFE_LAW_OPERATIONS, 10, 408);
	expect("0", SFE_LAW_OPERATIONS, 10, 0);
	expect("argument", SFE_LAW_OPERATIONS, 10, 10);
	expect("40kB", SFE_LAW_BYTES, 1, 40000);
	expect("argument / 10", SFE_LAW_BYTES, 1000001, 100000);
	expect("3 * argument / 4 + 1MiB", SFE_LAW_BYTES, 100, 1048651);
	expect("0", SFE_LAW_BYTES, 1, 0);
	expect("1e18 * argument", SFE_LAW_OPERATIONS, 1000, 1000000000000000000);
	expect("0.1 * argument", SFE_LAW_BYTES, 15, 2); /* to the nearest */
}

static void refused(const char *text, enum sfe_law_unit unit, const char *why)
{
	struct sfe_error err = {0};
	struct sfe_law l;

	CU_ASSERT_EQUAL(sfe_law_parse(text, unit, &l, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, why));
	if (!strstr(err.what, why))
		fprintf(stderr, "%s: '%s'\n", text, err.what);
	CU_ASSERT(err.todo[0]);
}

static void test_refused(void)
{
	char many[400] = "1";

	refused("", SFE_LAW_OPERATIONS, "is not a number");
	refused("1 +", SFE_LAW_OPERATIONS, "is not a number");
	refused("argument * argument", SFE_LAW_OPERATIONS, "not linear");
	refused("1 / argument", SFE_LAW_OPERATIONS, "not linear");
	refused("argument / 0", SFE_LAW_OPERATIONS, "divides by 0");
	refused("3 * 4", SFE_LAW_OPERATIONS, "without the argument");
	refused("-5", SFE_LAW_OPERATIONS, "negative");
	refused("argument - 5", SFE_LAW_OPERATIONS, "is not a number");
	refused("2e8 ops", SFE_LAW_OPERATIONS, "is not a number");
	refused("2e18", SFE_LAW_OPERATIONS, "more than 1e18");
	refused("1e19 * argument", SFE_LAW_OPERATIONS, "more than 1e18");
	refused("argument / 1e-300", SFE_LAW_OPERATIONS, "more than 1e18");
	refused("40", SFE_LAW_BYTES, "has no unit");
	refused("2GB", SFE_LAW_BYTES, "more than 1 GB");
	refused("-1B", SFE_LAW_BYTES, "negative");
	refused("1+1+1+1+1+1+1+1+1", SFE_LAW_OPERATIONS, "more than 8 terms");
	memset(many, '1', sizeof(many) - 1);
	refused(many, SFE_LAW_OPERATIONS, "longer than 200");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"laws and their text", test_laws},
		{"what is refused", test_refused},
	};

	return unit_main("function_law", tests, sizeof(tests) / sizeof(*tests));
}
