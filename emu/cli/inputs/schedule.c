/* SPDX-License-Identifier: MIT */
/* `sfemu schedule`: lists the changes of a scenario's schedule, without a run. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/experiment/experiment_new.h"
#include "emu/experiment/link_specs.h"
#include "emu/experiment/schedule_check.h"
#include "emu/results/table_columns.h"
#include "emu/run/replay_changes.h"
#include "sfemu/units.h"

#define UNTIL_NS 3600000000000ull
#define MAX_ROWS 1000000u

struct listing {
	const struct sfe_experiment *e;
	struct sfe_change_row *rows;
	uint32_t n, room;
};

struct sfe_change_row {
	double at_s;
	char link[SFE_NAME_BYTES], direction[8], node[SFE_NAME_BYTES], what[SFE_EVENT_TEXT];
};

#define COLUMN(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_change_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	COLUMN(at_s, SECONDS, "s", "when, from the start of each strategy's replay"),
	COLUMN(link, TEXT, "", "the link that changes; empty of what happens to nodes"),
	COLUMN(direction, TEXT, "", "up, down or both, as in events.csv"),
	COLUMN(node, TEXT, "", "the node that crashes or is started again"),
	COLUMN(what, TEXT, "", "what happens"),
};
static const struct sfe_table view = {"schedule", "a change", columns,
	sizeof(columns) / sizeof(columns[0]), sizeof(struct sfe_change_row)};

static int keep(const struct sfe_schedule_change *change, void *arg)
{
	struct listing *l = arg;
	const struct sfe_topology *t = l->e->topology;

	if (l->n == MAX_ROWS)
		return -E2BIG;
	if (l->n == l->room) {
		uint32_t room = l->room ? 2 * l->room : 256;
		void *more = reallocarray(l->rows, room, sizeof(*l->rows));
		if (!more)
			return -ENOMEM;
		l->rows = more;
		l->room = room;
	}
	struct sfe_change_row *row = &l->rows[l->n++];
	*row = (struct sfe_change_row){.at_s = (double)change->at_ns / 1e9};
	snprintf(row->what, sizeof(row->what), "%s", change->what);
	if (change->node != SFE_NONE)
		snprintf(row->node, sizeof(row->node), "%s", t->nodes[change->node].name);
	if (change->link != SFE_NONE) {
		snprintf(row->link, sizeof(row->link), "%s", t->links[change->link].name);
		snprintf(row->direction, sizeof(row->direction), "%s",
			sfe_schedule_direction(l->e, change->link, change->direction));
	}
	return 0;
}

static int play(struct listing *l, uint64_t until_ns, struct sfe_error *err)
{
	bool *present = sfe_links_directions(l->e->plan);
	struct sfe_player *p = NULL;
	int r = present ? 0 : -ENOMEM;

	if (!r) {
		struct sfe_schedule_links links = sfe_schedule_links_of(l->e, present);
		r = sfe_player_new(&l->e->scenario->schedule, &links, &p, err);
	}
	while (!r && sfe_player_next(p) <= until_ns)
		r = sfe_player_step(p, keep, l, err);
	if (r == -E2BIG)
		sfe_fail(err, -EINVAL, "--until", "give an earlier end",
			"the schedule has more than %u changes until then", MAX_ROWS);
	if (r == -ENOMEM)
		sfe_fail(err, r, NULL, NULL, "out of memory");
	sfe_player_free(p);
	free(present);
	return r == -E2BIG ? -EINVAL : r;
}

static int show(
	const char *file, const char *const *sets, uint32_t n_sets, uint64_t until_ns, bool csv)
{
	struct sfe_error err = {0};
	struct sfe_scenario *scenario;
	struct sfe_experiment *e = NULL;
	struct listing l = {0};
	int r = sfe_scenario_read(file, sets, n_sets, &scenario, &err);

	if (!r)
		r = sfe_experiment_new(scenario, &e, &err);
	l.e = e;
	if (!r)
		r = play(&l, until_ns, &err);
	if (!r && csv) {
		sfe_table_write_header(&view, stdout);
		for (uint32_t i = 0; i < l.n; i++)
			sfe_table_write_row(&view, &l.rows[i], stdout);
	} else if (!r && !l.n) {
		printf("nothing changes\n");
	} else if (!r) {
		/* No column is left out: the last one may be long, and is the one that matters. */
		sfe_table_write_text(&view, l.rows, l.n, 0, stdout);
	}
	free(l.rows);
	sfe_experiment_free(e);
	return r ? sfe_cli_fail("schedule", &err) : 0;
}

static int cmd_schedule(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, 's', "set a key of the scenario; may be repeated"},
	{"until", 0, "TIME", SFE_WORD_ANY, 'u', "end endless loops there (default 1h)"},
	{"csv", 0, NULL, SFE_WORD_ANY, 'c', "print rows for programs"},
	{0},
};
const struct sfe_verb sfe_verb_schedule = {
	.name = "schedule",
	.summary = "what a scenario's schedule will do, change by change",
	.run = cmd_schedule,
	.usage = (const char *const[]){"[OPTIONS] SCENARIO.yaml", NULL},
	.about = "Shows what the `schedule:` of the scenario does to links and nodes, change "
		 "by change: loops, ramps and traces step by step, and what `chaos:` becomes "
		 "with the seed of the scenario. A run does the same until its last job has "
		 "ended; its events.csv records what was done.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu schedule scenarios/changing.yaml",
		"sfemu schedule --until 1min --csv scenarios/chaos.yaml", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"}, {2, "bad input"}, {0}},
	.operand = SFE_WORD_FILE,
};

static int cmd_schedule(int argc, char **argv)
{
	const char **sets = calloc((size_t)argc, sizeof(*sets));
	uint64_t until_ns = UNTIL_NS;
	struct sfe_error err = {0};
	uint32_t n_sets = 0;
	bool csv = false;
	int option, status = -1;

	if (!sets)
		return SFE_EXIT_FAILED;
	while (status < 0 &&
		(option = sfe_verb_option(&sfe_verb_schedule, argc, argv)) != SFE_OPTION_END) {
		if (option == 's') {
			sets[n_sets++] = optarg;
		} else if (option == 'c') {
			csv = true;
		} else if (option == 'u') {
			if (sfe_parse_time(optarg, &until_ns, &err))
				status = sfe_cli_usage("schedule", "--until: %s", err.what);
		} else {
			status = option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
		}
	}
	if (status < 0 && argc - optind != 1)
		status = sfe_cli_usage("schedule", "give one scenario");
	if (status < 0)
		status = show(argv[optind], sets, n_sets, until_ns, csv);
	free(sets);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "sfemu: cannot write to stdout: %s\n", strerror(errno));
		return SFE_EXIT_FAILED;
	}
	return status;
}
