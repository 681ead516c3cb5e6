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
	expect("\2330m", "?0m");           /* not in UTF-8 */
	expect("a\342\200\256b", "a???b"); /* changes the direction of text */
	expect("\342\200\250", "???");     /* end of line */
	expect("\303", "?");               /* truncated */
	expect("\342\202", "??");
	expect("\300\233", "??");      /* ESC in an overlong form */
	expect("\340\202\233", "???"); /* U+009B in an overlong form */
	expect("", "");
}

int main(void)
{
	static const struct unit_test tests[] = {{"text for a terminal", test_printable}};

	return unit_main("printable", tests, sizeof(tests) / sizeof(tests[0]));
}
