/* SPDX-License-Identifier: MIT */
#include "emu/model/base/printable.h"

#include <stdio.h>

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
	expect("\2330m", "?0m");           /* and alone */
	expect("a\342\200\256b", "a???b"); /* turns the direction around */
	expect("\342\200\250", "???");     /* a line's end */
	expect("\303", "?");               /* breaks off */
	expect("\342\202", "??");
	expect("\300\233", "??");      /* ESC by too long a form */
	expect("\340\202\233", "???"); /* U+009B by too long a form */
	expect("", "");
}

int main(void)
{
	static const struct unit_test tests[] = {{"what a terminal is shown", test_printable}};

	return unit_main("printable", tests, sizeof(tests) / sizeof(tests[0]));
}
