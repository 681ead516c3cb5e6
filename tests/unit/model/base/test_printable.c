/* SPDX-License-Identifier: MIT */
#include "emu/model/base/printable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static void expect(const char *text, const char *want)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "%s", text);
	CU_ASSERT_STRING_EQUAL(sfe_make_printable(buf), want);
}

static void test_printable(void)
{
	expect("plain\ttext, é € 😀", "plain\ttext, é € 😀");
	expect("\033]0;title\007", "?]0;title?");
	expect("a\r\nb\177", "a??b?");
	expect("\302\2330m", "??0m");      /* C1, in UTF-8 */
	expect("\2330m", "?0m");           /* not in UTF-8 */
	expect("a\342\200\256b", "a???b"); /* changes the direction of text */
	expect("\342\200\250", "???");     /* end of line */
	expect("\303", "?");               /* truncated */
	expect("\342\202", "??");
	expect("\300\233", "??");      /* ESC in an overlong form */
	expect("\340\202\233", "???"); /* U+009B in an overlong form */
	expect("", "");
}

/* Prints the first of them, and the rest together with the others. */
static void expect_parts(
	const char *text, size_t len, size_t first, size_t printed, const char *want)
{
	char *got = NULL;
	size_t size;
	FILE *f = open_memstream(&got, &size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	size_t n = sfe_print_lines(text, first, false, f);
	CU_ASSERT_EQUAL(n, printed);
	CU_ASSERT_EQUAL(sfe_print_lines(text + n, len - n, true, f), len - n);
	fclose(f);
	CU_ASSERT_STRING_EQUAL(got, want);
	free(got);
}

static void test_parts(void)
{
	expect_parts("a\nb", 3, 2, 2, "a\nb");
	expect_parts("a\0b\033c", 5, 3, 3, "a?b?c");
	for (size_t cut = 1; cut < 9; cut++) /* é € 😀 */
		expect_parts("\303\251\342\202\254\360\237\230\200", 9, cut,
			cut < 2   ? 0
			: cut < 5 ? 2
				  : 5,
			"é€😀");
	expect_parts("a\303", 2, 2, 1, "a?");
	expect_parts("\342a", 2, 1, 0, "?a");
	expect_parts("\200\377\300", 3, 2, 1, "???");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"text for a terminal", test_printable}, {"text in parts", test_parts}};

	return unit_main("printable", tests, sizeof(tests) / sizeof(tests[0]));
}
