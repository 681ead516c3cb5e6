/* SPDX-License-Identifier: MIT */
/* Valid and invalid names. */
#include <errno.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "sfemu/topology.h"
#include "tests/unit/unit.h"

#define SIXTEEN "abcdefghijklmnop"

static struct sfe_span span(const char *text)
{
	return (struct sfe_span){text, strlen(text)};
}

static void test_good(void)
{
	static const char *const good[] = {"a", "rpi3_0", "link_nuc_0", "us-east-1", "5g_cell_0",
		"_x", "a.b", "node_1e5", "call", "all_0", "e1", "nan_0", "x0x10",
		SIXTEEN SIXTEEN SIXTEEN SIXTEEN};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT_EQUAL(sfe_name_check_vertex(span(good[i]), NULL), 0);
	/* Allowed at the start of a folder's name, but alone elsewhere. */
	CU_ASSERT_EQUAL(sfe_name_check(span("2026"), NULL), 0);
	CU_ASSERT_EQUAL(sfe_name_check(span("all"), NULL), 0);
}

static void test_bad(void)
{
	static const struct {
		const char *name, *what;
	} bad[] = {
		{"", "an empty name"},
		{SIXTEEN SIXTEEN SIXTEEN SIXTEEN "a", "has 65 bytes, more than 64"},
		{".", "begins with '.'"},
		{"..", "begins with '.'"},
		{"-rf", "begins with '-'"},
		{"@SUM(1)", "names may not have"},
		{"=1+1", "names may not have"},
		{"%s%n", "names may not have"},
		{"a b", "names may not have"},
		{"a:up", "names may not have"},
		{"a~b", "names may not have"},
		{"a+b", "names may not have"},
		{"a/b", "names may not have"},
		{"a,b", "names may not have"},
		{"a;b", "names may not have"},
		{"$(id)", "names may not have"},
		{"<b>", "names may not have"},
		{"a\n", "names may not have"},
		{"caf\xc3\xa9", "names may not have"},
		{"\x7f", "names may not have"},
		{"12", "no letter"},
		{"10.0.0.1", "no letter"},
		{"___", "no letter"},
		{"1e5", "reads as a number"},
		{"0x1F", "reads as a number"},
		{"0x7f.1", "reads as a number"},
		{"Inf", "reads as a number"},
		{"infinity", "reads as a number"},
		{"nan", "reads as a number"},
		{"all", "all is reserved: it means all links"},
		{"ALL", "ALL is reserved"},
		{"default", "reserved"},
		{"Localhost", "reserved"},
		{"NA", "reserved"},
		{"null", "reserved"},
		{"None", "reserved"},
		{"TRUE", "reserved"},
		{"false", "reserved"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_error err = {0};
		int rc = sfe_name_check_vertex(span(bad[i].name), &err);
		bool told = rc == -EINVAL && strstr(err.what, bad[i].what) && err.todo[0];

		CU_ASSERT(told);
		if (!told)
			printf("%s: %d %s; %s\n", bad[i].name, rc, err.what, err.todo);
	}
	/* A zero byte does not end a name. */
	CU_ASSERT_EQUAL(sfe_name_check((struct sfe_span){"a\0b", 3}, NULL), -EINVAL);
}

/* Every byte but the 65 allowed ones is refused, inside a name and at its start. */
static void test_bytes(void)
{
	unsigned good = 0;

	for (int c = 0; c < 256; c++) {
		char name[3] = {'a', (char)c, 'b'};
		good += !sfe_name_check((struct sfe_span){name, 3}, NULL);
	}
	CU_ASSERT_EQUAL(good, 26 + 26 + 10 + 3);
}

static void test_make(void)
{
	static const char *const made[][2] = {{"iiot", "iiot"}, {"a b:c", "a-b-c"},
		{".hidden", "_hidden"}, {"-v", "_v"}, {"%s", "_s"}, {"2026-07", "2026-07"}};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		char name[100];

		snprintf(name, sizeof(name), "%s", made[i][0]);
		sfe_name_make(name);
		CU_ASSERT_STRING_EQUAL(name, made[i][1]);
		CU_ASSERT_EQUAL(sfe_name_check(span(name), NULL), 0);
	}
	char longest[80];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[79] = 0;
	sfe_name_make(longest);
	CU_ASSERT_EQUAL(strlen(longest), SFE_MAX_NAME);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"valid names", test_good},
		{"invalid names, and why", test_bad},
		{"every byte", test_bytes},
		{"names made from file names", test_make},
	};

	return unit_main("name", tests, sizeof(tests) / sizeof(tests[0]));
}
