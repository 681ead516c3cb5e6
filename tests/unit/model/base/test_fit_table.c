/* SPDX-License-Identifier: MIT */
/* Tables that fit a terminal, and CSV as JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/csv_json.h"
#include "emu/model/base/fit_table.h"
#include "tests/unit/unit.h"

static const struct sfe_fit_column columns[] = {
	{NULL, "name", 0}, {"times", "mean", 1}, {"times", "p99", 3}, {NULL, "bytes", 2}};

static unsigned print(unsigned width, char *text, size_t size)
{
	struct sfe_fit_table t = {columns, 4};
	static const char *const cells[] = {
		"A", "1 ms", "20 ms", "5 MB", "longer", "2 ms", "3 ms", "12 MB"};

	for (unsigned i = 0; i < 8; i++)
		sfe_fit_cell(&t, "%s", cells[i]);
	memset(text, 0, size);
	FILE *f = fmemopen(text, size, "w");
	unsigned left_out = sfe_fit_print(&t, width, f);
	fclose(f);
	sfe_fit_free(&t);
	return left_out;
}

static void test_fit(void)
{
	char text[512];

	CU_ASSERT_EQUAL(print(80, text, sizeof(text)), 0);
	CU_ASSERT_STRING_EQUAL(text, "        times\n"
				     "name    mean    p99  bytes\n"
				     "A       1 ms  20 ms   5 MB\n"
				     "longer  2 ms   3 ms  12 MB\n");
	/* 26 characters are just enough; with one less the last rank goes. */
	CU_ASSERT_EQUAL(print(26, text, sizeof(text)), 0);
	CU_ASSERT_EQUAL(print(25, text, sizeof(text)), 1);
	CU_ASSERT_STRING_EQUAL(text, "        times\n"
				     "name    mean  bytes\n"
				     "A       1 ms   5 MB\n"
				     "longer  2 ms  12 MB\n");
	/* A group's name may go on where no other group begins. */
	CU_ASSERT_EQUAL(print(13, text, sizeof(text)), 2);
	CU_ASSERT_STRING_EQUAL(text, "        times\n"
				     "name    mean\n"
				     "A       1 ms\n"
				     "longer  2 ms\n");
	CU_ASSERT_EQUAL(print(12, text, sizeof(text)), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "        time\n"));
	/* The first column is always there. */
	CU_ASSERT_EQUAL(print(1, text, sizeof(text)), 3);
	CU_ASSERT_STRING_EQUAL(text, "name  \nA     \nlonger\n");
}

static int convert(const char *csv, char *json, size_t size, struct sfe_error *err)
{
	FILE *in = fmemopen((char *)csv, strlen(csv), "r"), *out = fmemopen(json, size, "w");
	int r = sfe_csv_to_json(in, "a.csv", out, err);

	fclose(in);
	fclose(out);
	return r;
}

static void test_json(void)
{
	char json[512] = "";
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(convert("a,b\n1.5,x\n-2e-3,\"1,\"\"5\"\n007,\n0x1,nan\n\"5\",0\n", json,
				sizeof(json), &err),
		0);
	CU_ASSERT_STRING_EQUAL(json,
		"[\n{\"a\": 1.5, \"b\": \"x\"},\n{\"a\": -2e-3, \"b\": \"1,\\\"5\"},\n"
		"{\"a\": \"007\", \"b\": null},\n{\"a\": \"0x1\", \"b\": \"nan\"},\n"
		"{\"a\": \"5\", \"b\": 0}]");
	CU_ASSERT_EQUAL(convert("a,b\n", json, sizeof(json), &err), 0);
	CU_ASSERT_EQUAL(convert("a,b\n1\n", json, sizeof(json), &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "a.csv:2");
	CU_ASSERT_EQUAL(convert("a,b\n\"1,2\n", json, sizeof(json), &err), -EINVAL);
	CU_ASSERT_EQUAL(convert("a,b\n\"1\"2,3\n", json, sizeof(json), &err), -EINVAL);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"columns that fit", test_fit},
		{"CSV as JSON", test_json},
	};

	return unit_main("fit table", tests, sizeof(tests) / sizeof(tests[0]));
}
