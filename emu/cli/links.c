/* SPDX-License-Identifier: MIT */
/* `sfemu links`: all that is set on every link of a scenario, and what a run of it counted. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emu/cli/args.h"
#include "emu/cli/cli.h"
#include "emu/run/experiment.h"
#include "emu/run/tables.h"

static const char help[] =
	"usage: sfemu links [--set KEY=VALUE]... [--json] SCENARIO.yaml | RESULTS\n"
	"\n"
	"Shows what is set on each direction of each link, from its kind's keys, its topology and "
	"`links:`. Of a\n"
	"results folder also what its links counted, summed over the strategies. --json gives "
	"every attribute, the\n"
	"table those that are not as they are by default.\n";

/* One direction, or a medium of half duplex as a whole. */
struct row {
	uint32_t link;
	enum sfe_link_direction direction;
	uint32_t from, to; /* hosts; to is SFE_NONE for a medium */
	uint64_t wire_bytes, packets, drops, losses;
};

struct listing {
	struct sfe_experiment *e;
	struct row *rows;
	uint32_t n;
	bool counted;
};

static int by_link(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

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
				l->rows[l->n++] = (struct row){.link = end->link,
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
			l->rows[l->n++] = (struct row){.link = link,
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

/* Which of the rows a line of links.csv is about. Of a medium, its lines come in the order of its
 * directions in each strategy: the first that has had fewer is meant. */
static void add_count(struct listing *l, const struct sfe_link_row *c, uint32_t *seen)
{
	struct row *best = NULL;

	for (uint32_t i = 0; i < l->n; i++) {
		struct row *r = &l->rows[i];
		const char *from = r->to == SFE_NONE ? "" : host_name(l, r->from);
		if (strcmp(l->e->topology->links[r->link].name, c->link) || strcmp(from, c->from))
			continue;
		if (!best || seen[i] < seen[best - l->rows])
			best = r;
	}
	if (!best)
		return;
	seen[best - l->rows]++;
	best->wire_bytes += c->wire_bytes;
	best->packets += c->packets;
	best->drops += c->drops;
	best->losses += c->losses;
}

static int read_counts(struct listing *l, const char *folder, struct sfe_error *err)
{
	char path[4200];
	void *rows;
	unsigned n;

	snprintf(path, sizeof(path), "%s/%s", folder, sfe_links_csv.file);
	FILE *in = fopen(path, "re");
	if (!in)
		return sfe_fail(err, -EINVAL, path, "give the folder of a run that counted",
			"cannot be opened: %s", strerror(errno));
	int r = sfe_table_read(&sfe_links_csv, in, &rows, &n, err);
	fclose(in);
	if (r)
		return r;
	uint32_t *seen = calloc(l->n + 1, sizeof(*seen));
	for (unsigned i = 0; i < n && seen; i++)
		add_count(l, &((struct sfe_link_row *)rows)[i], seen);
	l->counted = true;
	free(rows);
	r = seen ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	free(seen);
	return r;
}

/* An attribute as text; the caller's. */
static char *text_of(const struct sfe_link_attribute *a, const struct sfe_link_spec *spec)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	a->print(spec, f);
	fclose(f);
	return text;
}

static const char *direction_name(const struct row *r)
{
	return r->direction == SFE_UP ? "up" : "down";
}

static void print_json(const struct listing *l)
{
	json_object *all = json_object_new_array();

	for (uint32_t i = 0; i < l->n; i++) {
		const struct row *r = &l->rows[i];
		const struct sfe_link *link = &l->e->topology->links[r->link];
		const struct sfe_link_spec *spec =
			&l->e->link[SFE_DIRECTIONS * r->link + r->direction];
		json_object *o = json_object_new_object();
		json_object_object_add(o, "link", json_object_new_string(link->name));
		json_object_object_add(
			o, "kind", json_object_new_string(sfe_link_kind_name(link->kind)));
		json_object_object_add(o, "direction", json_object_new_string(direction_name(r)));
		json_object_object_add(o, "from", json_object_new_string(host_name(l, r->from)));
		json_object_object_add(o, "to", json_object_new_string(host_name(l, r->to)));
		for (const struct sfe_link_attribute *a = sfe_link_attributes; a->name; a++) {
			char *text = text_of(a, spec);
			json_object_object_add(
				o, a->name, json_object_new_string(text ? text : ""));
			free(text);
		}
		if (l->counted) {
			json_object_object_add(
				o, "wire_bytes", json_object_new_uint64(r->wire_bytes));
			json_object_object_add(o, "packets", json_object_new_uint64(r->packets));
			json_object_object_add(o, "drops", json_object_new_uint64(r->drops));
			json_object_object_add(o, "losses", json_object_new_uint64(r->losses));
		}
		json_object_array_add(all, o);
	}
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
}

/* rate, delay and queue have columns of their own; of the rest what is not the default. */
static void print_rest(const struct sfe_link_spec *spec)
{
	static const char *const own[] = {"rate", "delay", "queue"};
	const char *comma = "";

	for (const struct sfe_link_attribute *a = sfe_link_attributes; a->name; a++) {
		bool column = false;
		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			column |= !strcmp(own[i], a->name);
		char *text = column ? NULL : text_of(a, spec);
		if (text && a->preset && strcmp(text, a->preset)) {
			printf("%s%s %s", comma, a->name, text);
			comma = ", ";
		}
		free(text);
	}
}

static void print_table(const struct listing *l)
{
	printf("%-20s %-8s %-4s %-20s %-20s %9s %9s ", "link", "kind", "way", "from", "to", "rate",
		"queue");
	if (l->counted)
		printf("%14s %11s %9s %9s ", "bytes", "packets", "dropped", "lost");
	printf("%-30s %s\n", "delay", "and");
	for (uint32_t i = 0; i < l->n; i++) {
		const struct row *r = &l->rows[i];
		const struct sfe_link *link = &l->e->topology->links[r->link];
		const struct sfe_link_spec *spec =
			&l->e->link[SFE_DIRECTIONS * r->link + r->direction];
		char *rate = text_of(sfe_link_attribute_find("rate"), spec);
		char *queue = text_of(sfe_link_attribute_find("queue"), spec);
		char *delay = text_of(sfe_link_attribute_find("delay"), spec);
		printf("%-20s %-8s %-4s %-20s %-20s %9s %9s ", link->name,
			sfe_link_kind_name(link->kind), direction_name(r), host_name(l, r->from),
			host_name(l, r->to), rate ? rate : "", queue ? queue : "");
		if (l->counted)
			printf("%14" PRIu64 " %11" PRIu64 " %9" PRIu64 " %9" PRIu64 " ",
				r->wire_bytes, r->packets, r->drops, r->losses);
		printf("%-30s ", delay ? delay : "");
		print_rest(spec);
		putchar('\n');
		free(rate);
		free(queue);
		free(delay);
	}
}

static int list(const char *path, const char *const *sets, uint32_t n_sets, bool json)
{
	struct listing l = {0};
	struct sfe_error err = {0};
	struct sfe_scenario *scenario;
	struct stat st;
	char file[4200];
	bool folder = !stat(path, &st) && S_ISDIR(st.st_mode);

	snprintf(file, sizeof(file), "%s%s", path, folder ? "/scenario.yaml" : "");
	int r = sfe_scenario_read(file, sets, n_sets, &scenario, &err);
	r = r ? r : sfe_experiment_new(scenario, &l.e, &err);
	if (r)
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	if (make_rows(&l))
		r = sfe_fail(&err, -ENOMEM, NULL, NULL, "out of memory");
	if (!r && folder)
		r = read_counts(&l, path, &err);
	int status = r ? sfe_cli_error(&err, SFE_EXIT_USAGE) : 0;
	if (!r && json)
		print_json(&l);
	else if (!r)
		print_table(&l);
	free(l.rows);
	sfe_experiment_free(l.e);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "sfemu: cannot write to stdout: %s\n", strerror(errno));
		return SFE_EXIT_FAILED;
	}
	return status;
}

int sfe_cmd_links(int argc, char **argv)
{
	static const struct option options[] = {
		{"set", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char **sets = calloc((size_t)argc, sizeof(*sets));
	uint32_t n_sets = 0;
	bool json = false;
	int option;

	if (!sets)
		return SFE_EXIT_FAILED;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's') {
			sets[n_sets++] = optarg;
		} else if (option == 'j') {
			json = true;
		} else {
			fputs(help, option == 'h' ? stdout : stderr);
			free(sets);
			return option == 'h' ? 0 : SFE_EXIT_USAGE;
		}
	}
	int status = argc - optind == 1 ? list(argv[optind], sets, n_sets, json)
					: sfe_cli_usage("links",
						  "give one scenario or one results folder; try "
						  "`sfemu links --help`");
	free(sets);
	return status;
}
