/* SPDX-License-Identifier: MIT */
/* What a lab says of itself: a guest may say anything. */
#include "emu/run/supervise_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const struct sfe_supervise_options options = {.quiet = true};

/* Each text comes in a write of its own. */
static void hear(struct supervisor *s, const char *const *texts)
{
	int ends[2];

	*s = (struct supervisor){.options = &options, .max_nodes = 2, .relay.lab = -1};
	sfe_progress_start(&s->progress, true);
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	s->channel = ends[0];
	for (; *texts; texts++) {
		CU_ASSERT_EQUAL(write(ends[1], *texts, strlen(*texts)), (ssize_t)strlen(*texts));
		CU_ASSERT_TRUE(sfe_supervisor_read_lines(s));
	}
	close(ends[1]);
	CU_ASSERT_FALSE(sfe_supervisor_read_lines(s));
	close(ends[0]);
}

#define HEAR(s, ...) hear(s, (const char *const[]){__VA_ARGS__, NULL})

static void test_lines(void)
{
	struct supervisor s;

	HEAR(&s, "sta", "ge one\nnetns a 7\nnode b 9\nnode c 3\nerror why\x1b[2J", " so\nend -5\n");
	CU_ASSERT_EQUAL(s.n_stages, 1);
	CU_ASSERT_EQUAL(s.n_nodes, 2); /* there are no more */
	CU_ASSERT_STRING_EQUAL(s.nodes[0].name, "a");
	CU_ASSERT_EQUAL(s.nodes[0].netns, 7);
	CU_ASSERT_EQUAL(s.nodes[1].fd, 9);
	CU_ASSERT_STRING_EQUAL(s.error, "why?[2J so");
	CU_ASSERT_TRUE(s.ended);
	CU_ASSERT_EQUAL(s.end_code, -5);
	free(s.nodes);
}

static void test_end(void)
{
	static const struct {
		const char *line;
		int code;
	} ends[] = {{"end 0\n", 0}, {"end -12\n", -ENOMEM}, {"end 7\n", -EPROTO},
		{"end -2147483648\n", -EPROTO}, {"end -4294967296\n", -EPROTO}, {"end \n", -EPROTO},
		{"end well\n", -EPROTO}, {"end 0 0\n", -EPROTO}};
	struct supervisor s;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		HEAR(&s, ends[i].line);
		CU_ASSERT_TRUE(s.ended);
		if (s.end_code != ends[i].code)
			printf("\n%s: %d", ends[i].line, s.end_code);
		CU_ASSERT_EQUAL(s.end_code, ends[i].code);
	}
	HEAR(&s, "end\n");
	CU_ASSERT_FALSE(s.ended);
}

/* A line that does not end is dropped, and what follows is heard. */
static void test_endless(void)
{
	static char junk[1001];
	struct supervisor s;

	memset(junk, 'x', sizeof(junk) - 1);
	HEAR(&s, junk, junk, junk, junk, junk, "\nend -5\n");
	CU_ASSERT_EQUAL(s.end_code, -5);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"lines, in parts", test_lines},
		{"the end is 0 or an errno, whatever is said", test_end},
		{"a line without an end", test_endless},
	};

	return unit_main("supervise lines", tests, sizeof(tests) / sizeof(tests[0]));
}
