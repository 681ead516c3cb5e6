/* SPDX-License-Identifier: MIT */
/* The report's table of states that outlive jobs, from rows of shared_states.csv. */
#include <stdio.h>
#include <string.h>

#include "emu/report/figures.h"
#include "tests/unit/unit.h"

static struct sfe_shared_row row(
	const char *instance, unsigned epoch, const char *outcome, unsigned made, unsigned kept)
{
	static unsigned job;
	struct sfe_shared_row r = {.strategy = "StateLocal",
		.job = ++job,
		.state = "s",
		.scope = "client",
		.workflow = "w",
		.epoch = epoch,
		.version_made = made,
		.kept = kept};

	snprintf(r.instance, sizeof(r.instance), "%s", instance);
	snprintf(r.outcome, sizeof(r.outcome), "%s", outcome);
	return r;
}

/* The table's only line, under its header. */
static void expect(struct sfe_shared_row *rows, unsigned n, const char *line)
{
	struct sfe_report_run run = {.shared = {.row = rows, .n = n}};
	char *text = NULL;
	size_t len;
	struct sfe_rows table;

	CU_ASSERT_EQUAL_FATAL(sfe_report_shared(&run, &table), 0);
	CU_ASSERT_EQUAL_FATAL(table.n, 1);
	FILE *f = open_memstream(&text, &len);
	sfe_table_write_header(table.table, f);
	sfe_table_write_row(table.table, table.row, f);
	fclose(f);
	char *second = strchr(text, '\n') + 1;
	CU_ASSERT_EQUAL(strncmp(text,
				"strategy,state,scope,workflow,instances,reads,changes,conflicts,"
				"overwritten,begun_anew,restored,vain_operations,",
				strlen("strategy,state,scope,workflow,instances,reads,changes,"
				       "conflicts,overwritten,begun_anew,restored,"
				       "vain_operations,")),
		0);
	CU_ASSERT_EQUAL(strncmp(second, line, strlen(line)), 0);
	if (strncmp(second, line, strlen(line)) != 0)
		printf("%s instead of %s\n", second, line);
	free(text);
	sfe_rows_free(&table);
}

/* Of the first client two of three changes are overwritten; that of the other one is there. */
static void test_instances(void)
{
	struct sfe_shared_row rows[] = {
		row("c1", 0, "read", 0, 0),
		row("c1", 0, "written", 1, 1),
		row("c2", 0, "written", 1, 1),
		row("c1", 0, "written", 2, 1),
		row("c1", 0, "conflict", 0, 0),
		row("c1", 0, "written", 3, 1),
	};

	expect(rows, 6, "StateLocal,s,client,w,2,1,4,1,2,0,0,");
}

/* What is lost in a crash is not overwritten, and what was overwritten before it stays so. */
static void test_anew(void)
{
	struct sfe_shared_row rows[] = {
		row("c1", 0, "written", 1, 1),
		row("c1", 0, "written", 2, 1),
		row("c1", 1, "begun anew", 0, 0),
		row("c1", 1, "written", 1, 1),
		row("c1", 1, "written", 2, 1),
	};

	expect(rows, 5, "StateLocal,s,client,w,1,0,4,0,2,1,0,");
	expect(rows, 3, "StateLocal,s,client,w,1,0,2,0,1,1,0,");
}

/* A replica has the overwritten changes of its past: they count once, however often it comes. */
static void test_restored(void)
{
	struct sfe_shared_row rows[] = {
		row("c1", 0, "written", 1, 1),
		row("c1", 0, "written", 2, 1),
		row("c1", 0, "written", 3, 1), /* no replica has it */
		row("c1", 1, "restored", 2, 1),
		row("c1", 1, "written", 3, 2),
		row("c1", 2, "restored", 3, 2),
		row("c1", 2, "read", 0, 0),
		row("c2", 0, "written", 1, 1),
	};

	expect(rows, 8, "StateLocal,s,client,w,2,1,5,0,2,0,2,");
	/* The version before has overwritten none: only that of no replica is gone. */
	rows[1].kept = 2;
	rows[3].kept = 2;
	rows[4].kept = 3;
	rows[5].kept = 3;
	expect(rows, 8, "StateLocal,s,client,w,2,1,5,0,1,0,2,");
	/* Its step made it again. */
	rows[4].job = rows[2].job;
	expect(rows, 8, "StateLocal,s,client,w,2,1,5,0,0,0,2,");
	/* Another change of the same step, by name. */
	rows[4].change = 1;
	expect(rows, 8, "StateLocal,s,client,w,2,1,5,0,1,0,2,");
}

/* It began anew while no replica answered, and came from one of before later. */
static void test_restored_from_before(void)
{
	struct sfe_shared_row rows[] = {
		row("c1", 0, "written", 1, 1),
		row("c1", 0, "written", 2, 1),
		row("c1", 1, "begun anew", 0, 0),
		row("c1", 1, "written", 1, 1),
		row("c1", 2, "restored", 2, 1),
		row("c1", 2, "written", 3, 2),
	};

	rows[1].digest = rows[4].digest = 7;
	expect(rows, 6, "StateLocal,s,client,w,1,0,4,0,1,1,1,");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"changes of instances", test_instances},
		{"states that begin anew", test_anew},
		{"states that come from replicas", test_restored},
		{"replicas of before", test_restored_from_before},
	};

	return unit_main("shared_table", tests, sizeof(tests) / sizeof(tests[0]));
}
