/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/spar_tables.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"

#define MAX_ROWS 1000000u

struct table {
	const char *file;
	size_t offset; /* in struct sfe_spar_tables */
	bool keyed;
	double min, max; /* range of a value */
};

#define AT(member) offsetof(struct sfe_spar_tables, member)
static const struct table tables[] = {
	{"cpl.csv", AT(cpl), true, 1, 1000},
	{"level.csv", AT(level), true, 1, 1000},
	{"task_num.csv", AT(task_num), false, 1, 1000},
	{"task_duration.csv", AT(task_duration), false, 0, 1e9},
	{"task_cpu.csv", AT(task_cpu), false, 0, 1e9},
	{"task_mem.csv", AT(task_mem), false, 0, 1e9},
	{"instance_num.csv", AT(instance_num), false, 0, 1e9},
	{"job_interval.csv", AT(job_interval), false, 0, 1e9},
};
_Static_assert(sizeof(tables) / sizeof(tables[0]) == SFE_SPAR_TABLES, "a table each");

static struct sfe_quantiles *quantiles(struct sfe_spar_tables *t, size_t i)
{
	return (struct sfe_quantiles *)((char *)t + tables[i].offset);
}

static int parse_row(const struct table *table, struct sfe_span line, struct sfe_quantiles *q,
	const char *path, unsigned number, struct sfe_error *err)
{
	struct sfe_span f[3];
	size_t want = table->keyed ? 3 : 2, n = sfe_span_split(line, ',', f, 3);
	const struct sfe_quantile *last = q->n ? &q->rows[q->n - 1] : NULL;
	struct sfe_quantile row = {0};
	uint64_t key = 0;

	if (n != want || (table->keyed && (sfe_span_u64(f[0], &key) || key > UINT32_MAX)) ||
		sfe_span_double(f[want - 2], &row.p) || sfe_span_double(f[want - 1], &row.value))
		return sfe_fail_at(err, -EINVAL, path, number, "fix the row",
			"not a row %sp,value: %s", table->keyed ? "key," : "", SFE_SHOW(line));
	row.key = (uint32_t)key;
	if (!(row.p >= 0 && row.p <= 1) || !(row.value >= table->min && row.value <= table->max))
		return sfe_fail_at(err, -EINVAL, path, number, "fix the row",
			"p is not in 0..1 or the value not in %g..%g: %s", table->min, table->max,
			SFE_SHOW(line));
	bool first = !last || last->key != row.key;
	if (first ? row.p != 0 || (last && row.key < last->key) : row.p <= last->p)
		return sfe_fail_at(err, -EINVAL, path, number, "sort the rows",
			"keys must ascend, and in each p from 0 on: %s", SFE_SHOW(line));
	if (q->n >= MAX_ROWS)
		return sfe_fail_at(
			err, -EINVAL, path, number, "cut the table", "more than %u rows", MAX_ROWS);
	if (sfe_grow(&q->rows, &q->cap, q->n + 1, sizeof(*q->rows)))
		return sfe_fail_at(err, -ENOMEM, path, number, NULL, "out of memory");
	q->rows[q->n++] = row;
	return 0;
}

int sfe_spar_table_parse(unsigned table, const char *text, size_t len, const char *path,
	struct sfe_quantiles *q, struct sfe_error *err)
{
	struct sfe_lines lines = sfe_lines_begin(text, len);
	struct sfe_span line;
	int rc = 0;

	while (!rc && sfe_lines_next(&lines, &line)) {
		bool header = lines.line == 1;
		if (line.len && line.at[0] != '#' && !header)
			rc = parse_row(&tables[table], line, q, path, lines.line, err);
	}
	if (!rc && !q->n)
		rc = sfe_fail(err, -EINVAL, path, "write a header and rows", "the table is empty");
	return rc;
}

static int read_table(
	const char *folder, unsigned table, struct sfe_quantiles *q, struct sfe_error *err)
{
	char path[PATH_MAX], *text;
	size_t len;

	if (snprintf(path, sizeof(path), "%s/%s", folder, tables[table].file) >= (int)sizeof(path))
		return sfe_fail(err, -ENAMETOOLONG, tables[table].file, "use a shorter path",
			"the folder's path is too long");
	int rc = sfe_text_load(path, &text, &len, err);
	if (rc)
		return rc;
	rc = sfe_spar_table_parse(table, text, len, path, q, err);
	free(text);
	return rc;
}

int sfe_spar_tables_read(const char *folder, struct sfe_spar_tables **out, struct sfe_error *err)
{
	struct sfe_spar_tables *t = calloc(1, sizeof(*t));
	int rc = 0;

	if (!t)
		return sfe_fail(err, -ENOMEM, folder, NULL, "out of memory");
	for (size_t i = 0; i < SFE_SPAR_TABLES && !rc; i++)
		rc = read_table(folder, (unsigned)i, quantiles(t, i), err);
	if (rc) {
		sfe_spar_tables_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

void sfe_spar_tables_free(struct sfe_spar_tables *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < SFE_SPAR_TABLES; i++)
		free(quantiles(t, i)->rows);
	free(t);
}

double sfe_quantile_value(const struct sfe_quantiles *q, uint32_t key, double u)
{
	uint32_t wanted = key < q->rows[0].key ? q->rows[0].key : key;
	uint32_t low = 0, high = q->n;

	/* The last row that is not beyond (wanted, u). A missing key uses the end of the next
	 * smaller one. */
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;
		const struct sfe_quantile *row = &q->rows[mid];
		if (row->key < wanted || (row->key == wanted && row->p <= u))
			low = mid;
		else
			high = mid;
	}
	if (q->rows[low].key == wanted)
		return q->rows[low].value;
	return sfe_quantile_value(q, q->rows[low].key, u);
}

double sfe_quantile_mean(const struct sfe_quantiles *q)
{
	double sum = 0;

	for (uint32_t i = 0; i < q->n; i++)
		sum += q->rows[i].value * ((i + 1 < q->n ? q->rows[i + 1].p : 1) - q->rows[i].p);
	return sum;
}
