/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sfemu/error.h"
#include "tests/unit/unit.h"

static void test_one_line(void)
{
	struct sfe_error err;
	char text[1100];

	CU_ASSERT_EQUAL(
		sfe_fail(&err, -22, "--set a=\nb", "do\tso", "not a rate: '%s'", "1\r\n2"), -22);
	CU_ASSERT_STRING_EQUAL(
		sfe_error_text(&err, text, sizeof(text)), "--set a=?b: not a rate: '1??2'; do?so");
	sfe_fail_at(&err, -22, "a\nfile", 7, NULL, "ü");
	CU_ASSERT_STRING_EQUAL(sfe_error_text(&err, text, sizeof(text)), "a?file:7: ü");
	sfe_fail_at(&err, -22, "file", 0, "do", "what");
	CU_ASSERT_STRING_EQUAL(sfe_error_text(&err, text, sizeof(text)), "file: what; do");
}

/* An error's text may be part of another error. */
static void test_added_to(void)
{
	struct sfe_error err;
	char text[1100];

	sfe_fail(&err, -22, "here", "do so", "why");
	sfe_fail(&err, -5, err.where, err.todo, "more: %s", err.what);
	CU_ASSERT_STRING_EQUAL(sfe_error_text(&err, text, sizeof(text)), "here: more: why; do so");
	CU_ASSERT_EQUAL(err.code, -5);
	CU_ASSERT_EQUAL(sfe_fail(NULL, -7, NULL, NULL, "nobody asks"), -7);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"one line, whatever it quotes", test_one_line},
		{"an error within an error", test_added_to},
	};

	return unit_main("error", tests, sizeof(tests) / sizeof(tests[0]));
}
