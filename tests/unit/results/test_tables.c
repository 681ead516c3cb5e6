/* SPDX-License-Identifier: MIT */
/* The CSV files of a results folder: writing, reading back, and the page that describes them. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/summary.h"
#include "emu/results/table_columns.h"
#include "tests/unit/unit.h"

struct row {
	char text[32];
	uint32_t count;
	uint64_t bytes, digest;
	double wait_s, frames;
};

#define ROW(field, cell) SFE_COLUMN(struct row, field, SFE_CELL_##cell, "", "a field")
static const struct sfe_column columns[] = {ROW(text, TEXT),
	SFE_COLUMN_RENAMED(struct row, count, "number", SFE_CELL_COUNT, "", "a meaning"),
	ROW(bytes, BIG), ROW(wait_s, SECONDS), ROW(frames, WHOLE), ROW(digest, DIGEST)};
static const struct sfe_table table = {"a.csv", "a row", columns, 6, sizeof(struct row)};

static const char *written(const struct row *row, char *buf, size_t size)
{
	memset(buf, 0, size);
	FILE *f = fmemopen(buf, size, "w");
	sfe_table_write_row(&table, row, f);
	fclose(f);
	return buf;
}

static void test_written(void)
{
	char buf[256];
	struct row row = {"plain", 7, 1ull << 53 | 1, 0x12, 1.5, 3e12};

	CU_ASSERT_STRING_EQUAL(written(&row, buf, sizeof(buf)),
		"plain,7,9007199254740993,1.500000000,3000000000000,0x0000000000000012\n");
	strcpy(row.text, "say \"no\", then\nstop");
	row.wait_s = row.frames = NAN;
	CU_ASSERT_STRING_EQUAL(written(&row, buf, sizeof(buf)),
		"\"say \"\"no\"\", then stop\",7,9007199254740993,,,0x0000000000000012\n");
}

/* Texts that strangers wrote: no control characters, and nothing that a spreadsheet computes. */
static void test_wicked(void)
{
	static const char *const texts[][2] = {{"=1+1", "'=1+1"}, {"+a", "'+a"},
		{"-a,b", "\"'-a,b\""}, {"@SUM(A1)", "'@SUM(A1)"}, {"\t=1", "'\t=1"}, {"-5", "-5"},
		{"+1.5e3", "+1.5e3"}, {"a=b", "a=b"}, {"\033]0;x\007", "?]0;x?"},
		{"a\302\2331m", "a??1m"}, {"\342\200\256x", "???x"}, {"\377\303\251", "?\303\251"}};
	char buf[256], want[128];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct row row = {.count = 1};
		snprintf(row.text, sizeof(row.text), "%s", texts[i][0]);
		snprintf(want, sizeof(want), "%s,1,", texts[i][1]);
		written(&row, buf, sizeof(buf));
		CU_ASSERT_EQUAL(strncmp(buf, want, strlen(want)), 0);
	}
	struct row row = {.text = "\033a\177\302\233\342\200\256\377\""};
	FILE *f = fmemopen(buf, sizeof(buf), "w");
	sfe_table_write_json_row(&table, &row, f);
	fclose(f);
	CU_ASSERT_PTR_NOT_NULL(strstr(buf, "\"\\u001ba\\u007f\\u009b\\u202e\\ufffd\\\"\""));
}

static int read_text(const char *text, struct row **rows, unsigned *n, struct sfe_error *err)
{
	void *all = NULL;
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	int r = sfe_table_read(&table, f, &all, n, err);

	fclose(f);
	*rows = all;
	return r;
}

static void test_read(void)
{
	struct sfe_error err = {0};
	struct row *rows;
	unsigned n;

	/* Another order, and an unknown column. */
	CU_ASSERT_EQUAL_FATAL(
		read_text("count,later,text,bytes,digest,frames,wait_s\n"
			  "3,x,\"a \"\"b\"\", c\",18446744073709551615,0x00000000000000ff,4,\n"
			  "4,,,0,0x0000000000000000,,0.25\n",
			&rows, &n, &err),
		0);
	CU_ASSERT_EQUAL_FATAL(n, 2);
	CU_ASSERT_STRING_EQUAL(rows[0].text, "a \"b\", c");
	CU_ASSERT_EQUAL(rows[0].count, 3);
	CU_ASSERT_EQUAL(rows[0].bytes, UINT64_MAX);
	CU_ASSERT_EQUAL(rows[0].digest, 255);
	CU_ASSERT_TRUE(isnan(rows[0].wait_s));
	CU_ASSERT_EQUAL(rows[0].frames, 4);
	CU_ASSERT_STRING_EQUAL(rows[1].text, "");
	CU_ASSERT_TRUE(isnan(rows[1].frames));
	CU_ASSERT_EQUAL(rows[1].wait_s, 0.25);
	free(rows);
	/* A column by its former name. */
	CU_ASSERT_EQUAL_FATAL(read_text("text,number,bytes,wait_s,frames,digest\na,9,1,2,3,0x1\n",
				      &rows, &n, &err),
		0);
	CU_ASSERT_EQUAL(rows[0].count, 9);
	free(rows);
}

/* Of a file that a guest wrote. */
static void test_read_wicked(void)
{
	struct sfe_error err = {0};
	struct row *rows = NULL;
	unsigned n = 0;

	CU_ASSERT_EQUAL_FATAL(read_text("text,count,bytes,wait_s,frames,digest\n"
					"\033[2Ja\302\233b,1,2,3,4,0x1\n",
				      &rows, &n, &err),
		0);
	CU_ASSERT_STRING_EQUAL(rows[0].text, "?[2Ja??b");
	free(rows);
}

static void test_refused(void)
{
	static const struct {
		const char *text, *where;
	} bad[] = {
		{"", "a.csv:1"},
		{"text,count,bytes,wait_s,frames\n", "a.csv:1"},
		{"text,count,bytes,wait_s,frames,digest\na,1,2,3,4,0x1,5\n", "a.csv:2"},
		{"text,count,bytes,wait_s,frames,digest\na,1,2,3,4,0x1\na,1,2,3\n", "a.csv:3"},
		{"text,count,bytes,wait_s,frames,digest\n\"a,1,2,3,4,0x1\n", "a.csv:2"},
		{"text,count,bytes,wait_s,frames,digest\n\"a\"b,1,2,3,4,0x1\n", "a.csv:2"},
		{"text,count,bytes,wait_s,frames,digest\n1,1,2,3,4,\"0x1\"\"\n", "a.csv:2"},
		{"text,count,bytes,wait_s,frames,digest\na,-1,2,3,4,0x1\n", "a.csv:2"},
		{"text,count,bytes,wait_s,frames,digest\na,4294967296,2,3,4,0x1\n", "a.csv:2"},
		{"text,count,bytes,wait_s,frames,digest\na,1,2,3s,4,0x1\n", "a.csv:2"},
		{"text,count,bytes,wait_s,frames,digest\n"
		 "a text that is longer than its field can be,1,2,3,4,0x1\n",
			"a.csv:2"},
	};
	struct row *rows;
	unsigned n;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_error err = {0};
		CU_ASSERT_EQUAL(read_text(bad[i].text, &rows, &n, &err), -EINVAL);
		CU_ASSERT_STRING_EQUAL(err.where, bad[i].where);
		CU_ASSERT_PTR_NULL(rows);
	}
}

/* Every column has a description, is written once, and has its unit in its name. */
static void test_described(void)
{
	const struct sfe_table *t;

	for (unsigned i = 0; (t = sfe_results_table(i)); i++) {
		for (unsigned k = 0; k < t->n_columns; k++) {
			const struct sfe_column *c = &t->columns[k];
			size_t len = strlen(c->name);
			CU_ASSERT_TRUE(strlen(c->meaning) > 3);
			CU_ASSERT_EQUAL(
				!strcmp(c->unit, "s"), len > 2 && !strcmp(c->name + len - 2, "_s"));
			CU_ASSERT_TRUE(strcmp(c->unit, "bytes") || strstr(c->name, "_bytes"));
			for (unsigned j = 0; j < k; j++)
				CU_ASSERT_STRING_NOT_EQUAL(t->columns[j].name, c->name);
		}
	}
	CU_ASSERT_TRUE(t == NULL);
}

static void test_page(void)
{
	char *now = NULL, *page = NULL;
	size_t now_size = 0, room = 0;
	FILE *memory = open_memstream(&now, &now_size);
	FILE *file = fopen(SFE_SOURCE_DIR "/docs/results.md", "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	sfe_results_describe(memory);
	fclose(memory);
	ssize_t n = getdelim(&page, &room, 0, file);
	fclose(file);
	bool fresh = n == (ssize_t)now_size && !memcmp(page, now, now_size);
	if (!fresh)
		printf("\ndocs/results.md is stale: build/sfemu columns >docs/results.md\n");
	CU_ASSERT_TRUE(fresh);
	free(page);
	free(now);
}

static void test_summary(void)
{
	struct sfe_summary s = {.strategy = "StateLocal",
		.jobs = 3,
		.response_mean_s = NAN,
		.fidelity = "timers are late, CPU is short"};
	char buf[4096] = "";
	FILE *f = fmemopen(buf, sizeof(buf), "w");
	void *rows;
	unsigned n;

	sfe_table_write_header(&sfe_summary_csv, f);
	sfe_table_write_row(&sfe_summary_csv, &s, f);
	fclose(f);
	f = fmemopen(buf, strlen(buf), "r");
	CU_ASSERT_EQUAL_FATAL(sfe_table_read(&sfe_summary_csv, f, &rows, &n, NULL), 0);
	fclose(f);
	const struct sfe_summary *read = rows;
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_STRING_EQUAL(read->strategy, "StateLocal");
	CU_ASSERT_STRING_EQUAL(read->fidelity, "timers are late, CPU is short");
	CU_ASSERT_TRUE(isnan(read->response_mean_s));
	free(rows);
}

/* Optional columns: written or not, and read as nothing where they are not. */
static void test_optional(void)
{
	const struct sfe_table plain = sfe_table_plain(&sfe_links_csv);
	const struct sfe_link_row row = {.link = "l", .wire_bytes = 7, .other_bytes = 5};

	for (int with = 0; with < 2; with++) {
		const struct sfe_table *t = with ? &sfe_links_csv : &plain;
		char buf[1024] = "";
		FILE *f = fmemopen(buf, sizeof(buf), "w");
		void *rows;
		unsigned n;

		sfe_table_write_header(t, f);
		sfe_table_write_row(t, &row, f);
		fclose(f);
		CU_ASSERT_EQUAL(strstr(buf, ",other_bytes,other_packets\n") != NULL, with);
		f = fmemopen(buf, strlen(buf), "r");
		CU_ASSERT_EQUAL_FATAL(sfe_table_read(&sfe_links_csv, f, &rows, &n, NULL), 0);
		fclose(f);
		const struct sfe_link_row *read = rows;
		CU_ASSERT_EQUAL_FATAL(n, 1);
		CU_ASSERT_EQUAL(read->wire_bytes, 7);
		CU_ASSERT_EQUAL(read->other_bytes, with ? 5 : 0);
		free(rows);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"cells as RFC 4180 has them", test_written},
		{"cells that strangers wrote", test_wicked},
		{"columns are found by name", test_read},
		{"control characters of a file", test_read_wicked},
		{"errors and their lines", test_refused},
		{"every column has a meaning and its unit", test_described},
		{"docs/results.md is up to date", test_page},
		{"a summary with text that needs quotes", test_summary},
		{"optional columns", test_optional},
	};

	return unit_main("tables", tests, sizeof(tests) / sizeof(tests[0]));
}
