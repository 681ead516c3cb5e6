/* SPDX-License-Identifier: MIT */
/* Advice for names that nothing has. */
#include <string.h>

#include "emu/model/base/known_names.h"
#include "tests/unit/unit.h"

static const char *name_at(const void *names, uint32_t i)
{
	return ((const char *const *)names)[i];
}

static void advice(const char *wrong, const char *const *names, uint32_t n, const char *want)
{
	char todo[SFE_ADVICE];

	sfe_known_names(todo, "name one", wrong, name_at, names, n);
	if (strcmp(todo, want))
		fprintf(stderr, "got:  %s\nwant: %s\n", todo, want);
	CU_ASSERT_STRING_EQUAL(todo, want);
}

static void test_few(void)
{
	static const char *const names[] = {"decode", "listen", NULL, "detect", "listen"};

	advice("lisden", names, 5, "name one: decode, listen, detect; the nearest is listen");
	advice("detec", names, 5, "name one: decode, listen, detect; the nearest is detect");
	advice("moon", names, 5, "name one: decode, listen, detect");
	advice("", names, 5, "name one: decode, listen, detect");
	advice("x", names, 0, "name one: there is none");
	advice("x", names + 2, 1, "name one: there is none");
}

/* The nearest one is said, also if it is not among those that are shown. */
static void test_many(void)
{
	static char text[20000][70];
	static const char *names[20000];
	char longest[SFE_ADVICE];

	for (uint32_t i = 0; i < 20000; i++) {
		snprintf(text[i], sizeof(text[i]), "node_%u", i);
		names[i] = text[i];
	}
	advice("nude_9876", names, 20000,
		"name one: node_0, node_1, node_2, node_3, node_4, node_5, node_6, node_7 and "
		"others; the nearest is node_9876");
	for (uint32_t i = 0; i < 20; i++)
		snprintf(text[i], sizeof(text[i]), "%063u", i);
	sfe_known_names(longest, "name one", text[3], name_at, names, 20);
	CU_ASSERT(strlen(longest) < SFE_ADVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(longest, " and others; the nearest is 0000"));
	CU_ASSERT_STRING_EQUAL(longest + strlen(longest) - 3, "003");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"few names", test_few},
		{"many names", test_many},
	};

	return unit_main("known names", tests, sizeof(tests) / sizeof(tests[0]));
}
