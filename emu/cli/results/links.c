/* SPDX-License-Identifier: MIT */
/* `sfemu links`: what is set on every link of a scenario, and what the links of a run counted. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/terminal.h"
#include "emu/cli/base/verb.h"
#include "emu/cli/live/ask.h"
#include "emu/experiment/experiment_new.h"
#include "emu/model/base/fit_table.h"
#include "emu/model/base/printable.h"
#include "emu/results/link_json.h"
#include "emu/results/results_network.h"
#include "emu/results/table_columns.h"

struct format {
	bool json, wide;
};

struct listing {
	struct sfe_experiment *e;
	struct sfe_link_count *rows;
	uint32_t n;
	bool counted;
};

static int by_link(const void *a, const void *b)
{
	const struct sfe_link_count *x = a, *y = b;

	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	return (int)x->direction - (int)y->direction;
}

static int make_rows(struct listing *l)
{
	const struct sfe_plan *p = l->e->plan;

	l->rows = calloc(2 * ((size_t)p->n_cables + p->n_hosts) + 1, sizeof(*l->rows));
	if (!l->rows)
		return -ENOMEM;
	for (uint32_t c = 0; c < p->n_cables; c++)
		for (int side = 0; side < 2; side++) {
			const struct sfe_cable_end *end = &p->cables[c].end[side];
			uint32_t to = p->cables[c].end[1 - side].host;
			if (end->link != SFE_NONE)
				l->rows[l->n++] = (struct sfe_link_count){.link = end->link,
					.direction =
						sfe_plan_direction(p, end->link, end->host, to),
					.from = end->host,
					.to = to};
		}
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		if (p->hosts[h].kind != SFE_HOST_MEDIUM)
			continue;
		uint32_t link = p->hosts[h].vertex - p->topology->n_nodes;
		for (int d = 0; d <= l->e->link[SFE_DIRECTIONS * link].full_duplex; d++)
			l->rows[l->n++] = (struct sfe_link_count){.link = link,
				.direction = (enum sfe_link_direction)d,
				.from = h,
				.to = SFE_NONE};
	}
	qsort(l->rows, l->n, sizeof(*l->rows), by_link);
	return 0;
}

static const char *host_name(const struct listing *l, uint32_t host)
{
	return host == SFE_NONE ? "" : l->e->plan->hosts[host].name;
}

/* A line of links.csv belongs to the row of its link and its sender. A medium with two directions
 * has two such rows: its lines come in turn, in each strategy. */
struct place {
	const char *from;
	uint32_t link, row;
	uint32_t n, seen; /* in the first of equal places: how many they are, and lines so far */
};

static int compare_places(const struct place *x, const struct place *y)
{
	return x->link != y->link ? (x->link < y->link ? -1 : 1) : strcmp(x->from, y->from);
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_places(x, y);

	return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

static struct place *make_places(const struct listing *l)
{
	struct place *places = calloc((size_t)l->n + 1, sizeof(*places));

	for (uint32_t i = 0; places && i < l->n; i++) {
		const struct sfe_link_count *r = &l->rows[i];
		places[i] = (struct place){.from = r->to == SFE_NONE ? "" : host_name(l, r->from),
			.link = r->link,
			.row = i};
	}
	if (places)
		qsort(places, l->n, sizeof(*places), by_place);
	for (uint32_t i = 0, first = 0; places && i < l->n; i++) {
		if (compare_places(&places[first], &places[i]))
			first = i;
		places[first].n++;
	}
	return places;
}

static void add_count(struct listing *l, const struct sfe_link_row *c, struct place *places)
{
	const struct sfe_topology *t = l->e->topology;
	uint32_t vertex = sfe_vertex_find(t, c->link), first = 0, end = l->n;

	if (vertex == SFE_NONE || sfe_vertex_kind(t, vertex) != SFE_VERTEX_LINK)
		return;
	const struct place wanted = {.from = c->from, .link = vertex - t->n_nodes};
	while (first < end) { /* binary search: the first place that is not before the wanted one */
		uint32_t middle = first + (end - first) / 2;
		if (compare_places(&places[middle], &wanted) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	struct place *p = &places[first];
	if (first == l->n || compare_places(p, &wanted))
		return;
	struct sfe_link_count *row = &l->rows[p[p->seen++ % p->n].row];
	row->wire_bytes += c->wire_bytes;
	row->packets += c->packets;
	row->drops += c->drops;
	row->losses += c->losses;
}

static int add_counts(
	struct listing *l, const struct sfe_link_row *rows, unsigned n, struct sfe_error *err)
{
	struct place *places = make_places(l);

	if (!places)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (unsigned i = 0; i < n; i++)
		add_count(l, &rows[i], places);
	l->counted = true;
	free(places);
	return 0;
}

static json_object *rows_of(const struct listing *l)
{
	json_object *all = json_object_new_array();

	for (uint32_t i = 0; i < l->n; i++) {
		const struct sfe_link_count *c = &l->rows[i];
		const struct sfe_link_spec *spec =
			&l->e->link[SFE_DIRECTIONS * c->link + c->direction];
		json_object_array_add(all, sfe_link_json(l->e->plan, c, spec, l->counted));
	}
	return all;
}

static const char *text_of(json_object *row, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(row, key, &value) && value ? json_object_get_string(value)
								    : "";
}

#define CELL_BYTES 512
/* The text for a table. A guest may have made the row, so control characters are replaced. */
static const char *cell_of(json_object *row, const char *key, char cell[CELL_BYTES])
{
	snprintf(cell, CELL_BYTES, "%s", text_of(row, key));
	return sfe_make_printable(cell);
}

struct column {
	const char *key; /* NULL: all other attributes that differ from their default */
	const char *title;
	int width;     /* negative: left-aligned */
	unsigned rank; /* in a narrow terminal: 0 matters most */
};

static const struct column columns[] = {
	{"link", "link", -20, 0},
	{"kind", "kind", -8, 7},
	{"direction", "way", -4, 1},
	{"from", "from", -20, 11},
	{"to", "to", -20, 12},
	{"rate", "rate", 9, 2},
	{"queue", "queue", 9, 4},
	{"wire_bytes", "bytes", 14, 5},
	{"packets", "packets", 11, 10},
	{"drops", "dropped", 9, 6},
	{"losses", "lost", 9, 8},
	{"backlog_packets", "waiting", 8, 9},
	{"delay", "delay", -30, 3},
	{NULL, "and", 0, 13},
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool has_column(const char *key)
{
	for (size_t c = 0; c < N_COLUMNS; c++)
		if (columns[c].key && !strcmp(columns[c].key, key))
			return true;
	return false;
}

static void print_rest(json_object *row, FILE *out)
{
	json_object *down;
	char cell[CELL_BYTES];
	const char *comma = "";

	if (json_object_object_get_ex(row, "down", &down) && json_object_get_boolean(down)) {
		fputs("DOWN", out);
		comma = ", ";
	}
	for (const struct sfe_link_attribute *a = sfe_link_attributes; a->name; a++) {
		const char *text = text_of(row, a->name);
		if (has_column(a->name) || !a->preset || !strcmp(text, a->preset))
			continue;
		fprintf(out, "%s%s %s", comma, a->name, cell_of(row, a->name, cell));
		comma = ", ";
	}
}

/* The columns that rows have: counters are there only after a run. */
static unsigned present(json_object *first, const struct column **column)
{
	unsigned n = 0;

	for (size_t c = 0; c < N_COLUMNS; c++)
		if (!columns[c].key || json_object_object_get_ex(first, columns[c].key, NULL))
			column[n++] = &columns[c];
	return n;
}

static void print_all(json_object *rows, const struct column *const *column, unsigned n_columns)
{
	char cell[CELL_BYTES];

	for (unsigned c = 0; c < n_columns; c++)
		printf("%*s%s", column[c]->width, column[c]->title, column[c]->key ? " " : "\n");
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		json_object *row = json_object_array_get_idx(rows, i);
		for (unsigned c = 0; c < n_columns && column[c]->key; c++)
			printf("%*s ", column[c]->width, cell_of(row, column[c]->key, cell));
		print_rest(row, stdout);
		putchar('\n');
	}
}

static void add_rest(struct sfe_fit_table *t, json_object *row)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		print_rest(row, out);
		fclose(out);
	}
	sfe_fit_cell(t, "%s", text ? text : "");
	free(text);
}

/* The columns that have room in the terminal. */
static void print_fit(
	json_object *rows, const struct column *const *column, unsigned n_columns, unsigned width)
{
	struct sfe_fit_column heading[N_COLUMNS];
	struct sfe_fit_table t = {heading, n_columns};
	char cell[CELL_BYTES];

	for (unsigned c = 0; c < n_columns; c++)
		heading[c] = (struct sfe_fit_column){NULL, column[c]->title, column[c]->rank};
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		json_object *row = json_object_array_get_idx(rows, i);
		for (unsigned c = 0; c < n_columns && column[c]->key; c++)
			sfe_fit_cell(&t, "%s", cell_of(row, column[c]->key, cell));
		add_rest(&t, row);
	}
	sfe_terminal_left_out(sfe_fit_print(&t, width, stdout), "--json");
	sfe_fit_free(&t);
}

static void print_links(json_object *rows, const struct format *format)
{
	const struct column *column[N_COLUMNS];
	unsigned width = sfe_terminal_width(format->wide);

	if (format->json) {
		sfe_print_json(
			json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PRETTY), stdout);
		putchar('\n');
		return;
	}
	unsigned n = present(json_object_array_get_idx(rows, 0), column);
	if (width)
		print_fit(rows, column, n, width);
	else
		print_all(rows, column, n);
}

static int list_running(pid_t run, const struct format *format)
{
	json_object *request = json_object_new_object(), *answer, *rows;

	json_object_object_add(request, "ask", json_object_new_string("links"));
	int status = sfe_cli_ask_lab("links", run, request, &answer);
	json_object_put(request);
	if (status)
		return status;
	bool there = json_object_object_get_ex(answer, "links", &rows) &&
		     json_object_is_type(rows, json_type_array);
	if (there)
		print_links(rows, format);
	else
		fprintf(stderr, "sfemu links: the answer of the experiment has no links\n");
	json_object_put(answer);
	return there ? 0 : SFE_EXIT_FAILED;
}

static int print_listing(struct listing *l, const struct sfe_link_row *counted, unsigned n,
	const struct format *format, struct sfe_error *err)
{
	int r = make_rows(l) ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory") : 0;

	if (!r && counted)
		r = add_counts(l, counted, n, err);
	json_object *rows = r ? NULL : rows_of(l);
	if (rows)
		print_links(rows, format);
	json_object_put(rows);
	free(l->rows);
	return r;
}

/* Lists the links of a results folder, with the counters in it. */
static int list_folder(int dir, const char *path, const char *const *sets, uint32_t n_sets,
	const struct format *format)
{
	struct listing l = {0};
	struct sfe_error err = {0}, cause = {0};
	struct sfe_link_row *counted = NULL;
	unsigned n = 0;
	int r = sfe_results_read_network(dir, sets, n_sets, &l.e, &counted, &n, &cause);

	if (r)
		sfe_fail(&err, r, path,
			cause.todo[0] ? cause.todo : "give the folder of a run that counted",
			"%.200s%s%s", cause.where, cause.where[0] ? ": " : "", cause.what);
	r = r ? r : print_listing(&l, counted, n, format, &err);
	free(counted);
	sfe_experiment_free(l.e);
	return r ? sfe_cli_error(&err, SFE_EXIT_USAGE) : 0;
}

static int list(
	const char *path, const char *const *sets, uint32_t n_sets, const struct format *format)
{
	struct listing l = {0};
	struct sfe_error err = {0};
	struct sfe_scenario *scenario;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0) {
		int status = list_folder(dir, path, sets, n_sets, format);
		close(dir);
		return status;
	}
	int r = sfe_scenario_read(path, sets, n_sets, &scenario, &err);
	r = r ? r : sfe_experiment_new(scenario, &l.e, &err);
	r = r ? r : print_listing(&l, NULL, 0, format, &err);
	sfe_experiment_free(l.e);
	return r ? sfe_cli_error(&err, SFE_EXIT_USAGE) : 0;
}

static int cmd_links(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, 's', "set a key of the scenario; may be repeated"},
	{"run", 0, "PID", SFE_WORD_ANY, 'r', "the process of `sfemu run`, if several run"},
	{"json", 0, NULL, SFE_WORD_ANY, 'j',
		"every attribute, as JSON; the table shows those that differ from the "
		"defaults"},
	{"wide", 0, NULL, SFE_WORD_ANY, 'w',
		"print every column, even if the terminal is narrower"},
	{0},
};
const struct sfe_verb sfe_verb_links = {
	.name = "links",
	.summary = "what is set on every link, and what a run counts",
	.run = cmd_links,
	.usage = (const char *const[]){"[OPTIONS] SCENARIO.yaml | RESULTS",
		"[--run PID] [--json | --wide]", NULL},
	.about = "Shows what is set on each direction of each link: from the keys of its "
		 "kind, its topology and `links:`. For a results folder it also shows what "
		 "the links counted, summed over the strategies. Without an operand it shows "
		 "the running experiment: what is set now, by the schedule and by `sfemu "
		 "link`, what the links counted since the network was built, and how many "
		 "packets wait or are in flight.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu links scenarios/iiot.yaml",
		"sfemu links --json results/iiot-1", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"},
		{1, "the experiment cannot be reached"}, {2, "bad input"}, {0}},
	.operand = SFE_WORD_FILE,
};

static int cmd_links(int argc, char **argv)
{
	const char **sets = calloc((size_t)argc, sizeof(*sets));
	uint32_t n_sets = 0;
	struct format format = {0};
	pid_t run = 0;
	int option, status = -1;

	if (!sets)
		return SFE_EXIT_FAILED;
	while (status < 0 &&
		(option = sfe_verb_option(&sfe_verb_links, argc, argv)) != SFE_OPTION_END) {
		if (option == 's') {
			sets[n_sets++] = optarg;
		} else if (option == 'j') {
			format.json = true;
		} else if (option == 'w') {
			format.wide = true;
		} else if (option == 'r') {
			status = sfe_cli_run_of(optarg, &run) ? SFE_EXIT_USAGE : -1;
		} else {
			status = option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
		}
	}
	int n = argc - optind;
	if (status < 0 && (n > 1 || (n ? run > 0 : n_sets > 0)))
		status = sfe_cli_usage("links",
			"give one scenario or one results folder, or nothing for "
			"the running experiment");
	if (status < 0)
		status = n ? list(argv[optind], sets, n_sets, &format) : list_running(run, &format);
	free(sets);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "sfemu: cannot write to stdout: %s\n", strerror(errno));
		return SFE_EXIT_FAILED;
	}
	return status;
}
