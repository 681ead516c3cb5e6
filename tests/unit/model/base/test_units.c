/* SPDX-License-Identifier: MIT */
#include "sfemu/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

typedef int parse_fn(const char *, uint64_t *, struct sfe_error *);

static void good(parse_fn *parse, const char *text, uint64_t want)
{
	struct sfe_error err = {0};
	uint64_t got = 1;
	int ret = parse(text, &got, &err);

	if (ret || got != want)
		fprintf(stderr, "'%s': %d %" PRIu64 " %s\n", text, ret, got, err.what);
	CU_ASSERT_EQUAL(ret, 0);
	CU_ASSERT_EQUAL(got, want);
}

static void bad(parse_fn *parse, const char *text, int code, const char *what)
{
	struct sfe_error err = {0};
	uint64_t got = 1;
	int ret = parse(text, &got, &err);

	if (ret != code || !strstr(err.what, what))
		fprintf(stderr, "'%s': %d %" PRIu64 " %s\n", text, ret, got, err.what);
	CU_ASSERT_EQUAL(ret, code);
	CU_ASSERT_EQUAL(got, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, what));
	CU_ASSERT_EQUAL(err.where[0], '\0');
	CU_ASSERT_EQUAL(parse(text, &got, NULL), code);
}

static void test_good(void)
{
	good(sfe_parse_rate, "300Mbit", 300000000);
	good(sfe_parse_rate, "1.5Gbit", 1500000000);
	good(sfe_parse_rate, "64kbit", 64000);
	good(sfe_parse_rate, "100bit", 100);
	good(sfe_parse_rate, "100 Mbit", 100000000);
	good(sfe_parse_rate, "1e3Mbit", 1000000000);
	good(sfe_parse_rate, "2.5e-1kbit", 250);
	good(sfe_parse_rate, "0", 0);
	good(sfe_parse_rate, "18446744073709551615bit", UINT64_MAX);
	good(sfe_parse_rate, "18446744073.709551615Gbit", UINT64_MAX);
	good(sfe_parse_time, "2ms", 2000000);
	good(sfe_parse_time, "1.5s", 1500000000);
	good(sfe_parse_time, "10us", 10000);
	good(sfe_parse_time, "100ns", 100);
	good(sfe_parse_time, "0", 0);
	good(sfe_parse_time, "0.000", 0);
	good(sfe_parse_time, ".5us", 500);
	good(sfe_parse_time, "1min", 60000000000);
	good(sfe_parse_time, "1h", 3600000000000);
	good(sfe_parse_time, "0.1h", 360000000000);
	good(sfe_parse_time, "0.000000001s", 1);
	good(sfe_parse_time, "1.00000000000000000000000000000000000000000000000000ms", 1000000);
	good(sfe_parse_size, "1MB", 1000000);
	good(sfe_parse_size, "64kB", 64000);
	good(sfe_parse_size, "1MiB", 1 << 20);
	good(sfe_parse_size, "1.5KiB", 1536);
	good(sfe_parse_size, "512B", 512);
	/* 0.1 has no exact double; exact arithmetic gives the exact byte. */
	good(sfe_parse_size, "9007199254.740993MB", 9007199254740993);
}

static void test_bad(void)
{
	bad(sfe_parse_rate, "300", -EINVAL, "has no unit");
	bad(sfe_parse_rate, "", -EINVAL, "is not a rate");
	bad(sfe_parse_rate, "Mbit", -EINVAL, "is not a rate");
	bad(sfe_parse_rate, ".Mbit", -EINVAL, "is not a rate");
	bad(sfe_parse_rate, "-1Mbit", -EINVAL, "is negative");
	bad(sfe_parse_rate, "300ms", -EINVAL, "has a unit that is not one of a rate");
	bad(sfe_parse_rate, "300mbit", -EINVAL, "has a unit");
	bad(sfe_parse_rate, "300Mbits", -EINVAL, "has a unit");
	bad(sfe_parse_rate, "1,5Mbit", -EINVAL, "has a unit");
	bad(sfe_parse_rate, "1e", -EINVAL, "has a unit");
	bad(sfe_parse_rate, "0x10bit", -EINVAL, "has a unit");
	bad(sfe_parse_rate, "nan", -EINVAL, "is not a rate");
	bad(sfe_parse_rate, "nanMbit", -EINVAL, "is not a rate");
	bad(sfe_parse_time, "inf", -EINVAL, "is not a time");
	bad(sfe_parse_time, " 1ms", -EINVAL, "is not a time");
	bad(sfe_parse_time, "1ms ", -EINVAL, "has a unit");
	bad(sfe_parse_time, "0.5ns", -EINVAL, "is not a whole number of nanoseconds");
	bad(sfe_parse_time, "1e-30s", -EINVAL, "is not a whole number");
	bad(sfe_parse_time, "1e-99999999999s", -EINVAL, "is not a whole number");
	bad(sfe_parse_time, "1.0000000000000000000000000000000000000000000000001s", -EINVAL,
		"is not a whole number");
	bad(sfe_parse_rate, "18446744073709551616bit", -ERANGE, "is too large");
	bad(sfe_parse_rate, "1e99999999999bit", -ERANGE, "is too large");
	bad(sfe_parse_rate, "99999999999999999999999999999999999999999999Gbit", -ERANGE,
		"is too large");
	bad(sfe_parse_time, "1e30h", -ERANGE, "is too large");
	bad(sfe_parse_size, "1", -EINVAL, "has no unit");
	bad(sfe_parse_size, "1mb", -EINVAL, "has a unit");
	bad(sfe_parse_size, "1.1MiB", -EINVAL, "is not a whole number of bytes");
	bad(sfe_parse_size, "-0", -EINVAL, "is negative");
}

static void test_todo_names_the_units(void)
{
	struct sfe_error err = {0};
	uint64_t v;

	sfe_parse_rate("300", &v, &err);
	CU_ASSERT_STRING_EQUAL(err.what, "'300' has no unit");
	CU_ASSERT_STRING_EQUAL(err.todo, "write a number with one of the units bit, kbit, Mbit, "
					 "Gbit (a second), such as 300Mbit");
}

static void test_format(void)
{
	char buf[SFE_UNIT_TEXT];
	static const uint64_t values[] = {0, 1, 999, 1000, 1024, 1500, 60000000000, 90000000000,
		1000000007, 300000000, 3600000000000, 1ull << 40, UINT64_MAX, UINT64_MAX - 615};

	CU_ASSERT_STRING_EQUAL(sfe_format_rate(300000000, buf), "300Mbit");
	CU_ASSERT_STRING_EQUAL(sfe_format_rate(1500000000, buf), "1500Mbit");
	CU_ASSERT_STRING_EQUAL(sfe_format_time(2000000, buf), "2ms");
	CU_ASSERT_STRING_EQUAL(sfe_format_time(3600000000000, buf), "1h");
	CU_ASSERT_STRING_EQUAL(sfe_format_time(90000000000, buf), "90s");
	CU_ASSERT_STRING_EQUAL(sfe_format_size(6000000, buf), "6MB");
	CU_ASSERT_STRING_EQUAL(sfe_format_size(1 << 20, buf), "1MiB");
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		good(sfe_parse_rate, sfe_format_rate(values[i], buf), values[i]);
		good(sfe_parse_time, sfe_format_time(values[i], buf), values[i]);
		good(sfe_parse_size, sfe_format_size(values[i], buf), values[i]);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"quantities", test_good},
		{"refused", test_bad},
		{"the error names the units", test_todo_names_the_units},
		{"formatting", test_format},
	};

	return unit_main("units", tests, sizeof(tests) / sizeof(tests[0]));
}
