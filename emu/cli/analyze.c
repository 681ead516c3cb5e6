/* SPDX-License-Identifier: MIT */
/* sfemu analyze: what captures tell, per capture, connection, job and message. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "emu/analyze/reconcile.h"
#include "emu/analyze/timeline.h"
#include "emu/analyze/views.h"
#include "emu/run/progress.h"
#include "sfemu/units.h"

#define MAX_INPUTS 65536u
#define PROGRESS_S 2.0

static const char help[] =
	"Usage: sfemu analyze [OPTIONS] (CAPTURE... | FOLDER)\n"
	"\n"
	"Reads captures of sfemu, tcpdump or Wireshark (pcap, pcapng) and tells what travelled: "
	"per capture, connection,\n"
	"strategy and job, with what each argument and state cost. FOLDER is the results folder of "
	"a run with captures: what\n"
	"they show is then held against what the run recorded (exit status 1 where they differ).\n"
	"\n"
	"  --by VIEW[,VIEW...]  capture, connection, strategy, job or step (a kind of message of a "
	"step in a capture);\n"
	"                       default: capture and strategy, or connection where no worker "
	"speaks\n"
	"  --messages           one row a part of each message (head, argument, each state) with "
	"its times\n"
	"  --job [STRATEGY:]N   the same for the job of index N only, in the order of time; of a "
	"FOLDER its timeline: what "
	"arrived\n"
	"                       and computed when, and where its response time went\n"
	"  --interval TIME      goodput over time, in steps such as 100ms\n"
	"  --follow N           writes the bytes of connection N of the (only) capture: first one "
	"direction's, then the other's\n"
	"  --csv, --json        for programs (csv: one view)\n"
	"  -q, --quiet          no progress\n"
	"  -h, --help           this text\n";

enum format { TEXT, CSV, JSON };

static const struct view {
	const char *name, *title;
	const struct sfe_table *table;
	int (*rows)(const struct sfe_analysis *, void **, size_t *);
} views[] = {
	{"capture", "captures", &sfe_capture_view, sfe_view_captures},
	{"strategy", "strategies", &sfe_strategy_view, sfe_view_strategies},
	{"job", "jobs", &sfe_job_view, sfe_view_jobs},
	{"step", "steps", &sfe_step_view, sfe_view_steps},
	{"connection", "connections", &sfe_flow_view, sfe_view_flows},
	{"interval", "intervals", &sfe_bin_view, sfe_view_bins},
};
#define N_VIEWS (sizeof(views) / sizeof(views[0]))

struct arguments {
	enum format format;
	bool by[N_VIEWS], any_view, messages, one_job, quiet;
	uint32_t job;
	char strategy[32]; /* of the one job; empty: any */
	uint32_t follow;   /* connection, 0: none */
	uint64_t interval_ns;
	char **files;
	unsigned n_files;
	char *folder; /* results folder, or NULL */
};

struct output {
	const struct arguments *a;
	struct sfe_progress progress;
	uint64_t start_ns;
	unsigned parts_written;
	struct sfe_part_row *kept; /* of the one job, to be sorted */
	size_t n_kept, kept_room;
	unsigned follow_way;
	double said_s;               /* when progress was last shown */
	struct sfe_records *records; /* of the results folder */
	bool no_memory;
};

static int parse_views(struct arguments *a, char *list)
{
	for (char *word; (word = strsep(&list, ","));) {
		size_t i = 0;
		while (i < N_VIEWS && (strcmp(views[i].name, word) || !strcmp(word, "interval")))
			i++;
		if (i == N_VIEWS)
			return sfe_cli_usage("analyze",
				"there is no view '%s' (capture, connection, strategy, job, step)",
				word);
		a->by[i] = a->any_view = true;
	}
	return 0;
}

static int parse_job(struct arguments *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	uint64_t n;

	if (colon && (size_t)(colon - text) >= sizeof(a->strategy))
		return sfe_cli_usage("analyze", "'%s' is no job", text);
	snprintf(a->strategy, sizeof(a->strategy), "%.*s", colon ? (int)(colon - text) : 0, text);
	if (sfe_arg_u64("--job", colon ? colon + 1 : text, 0, UINT32_MAX - 1, &n))
		return SFE_EXIT_USAGE;
	a->one_job = a->messages = true;
	a->job = (uint32_t)n;
	return 0;
}

static int parse_interval(struct arguments *a, const char *text)
{
	struct sfe_error err = {0};

	if (sfe_parse_time(text, &a->interval_ns, &err) || !a->interval_ns)
		return sfe_cli_usage("analyze",
			"--interval needs a time above 0, such as 100ms, not '%s'", text);
	a->by[N_VIEWS - 1] = true;
	return 0;
}

static int add_file(struct arguments *a, char *path)
{
	char **more = a->n_files == MAX_INPUTS
			      ? NULL
			      : reallocarray(a->files, a->n_files + 1, sizeof(*more));

	if (!more || !path) {
		free(path);
		return sfe_cli_usage("analyze", "more captures than can be taken (%u)", MAX_INPUTS);
	}
	a->files = more;
	a->files[a->n_files++] = path;
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All captures of a results folder, in the order of their names. */
static int add_folder(struct arguments *a, const char *folder)
{
	char path[4096];
	int status = 0;

	if (a->n_files || a->folder)
		return sfe_cli_usage("analyze", "give captures, or one results folder");
	snprintf(path, sizeof(path), "%s/captures", folder);
	DIR *dir = opendir(path);
	if (!dir)
		return sfe_cli_usage("analyze",
			"%s: has no folder captures; run the scenario with --capture", folder);
	a->folder = strdup(folder);
	for (struct dirent *e; !status && (e = readdir(dir));) {
		const char *dot = strrchr(e->d_name, '.');
		char *file = NULL;
		if (!dot || (strcmp(dot, ".pcap") && strcmp(dot, ".pcapng")))
			continue;
		status = asprintf(&file, "%s/%s", path, e->d_name) < 0 ? SFE_EXIT_FAILED
								       : add_file(a, file);
	}
	closedir(dir);
	if (!status && !a->n_files)
		status = sfe_cli_usage("analyze", "%s: holds no captures", path);
	if (a->n_files)
		qsort(a->files, a->n_files, sizeof(*a->files), by_text);
	return status;
}

static int add_inputs(struct arguments *a, int argc, char **argv)
{
	struct stat st;
	int status = 0;

	if (optind == argc)
		return sfe_cli_usage(
			"analyze", "give captures, or the results folder of a run with captures");
	for (int i = optind; i < argc && !status; i++)
		status = !stat(argv[i], &st) && S_ISDIR(st.st_mode) ? add_folder(a, argv[i])
			 : a->folder
				 ? sfe_cli_usage("analyze", "give captures, or one results folder")
				 : add_file(a, strdup(argv[i]));
	return status;
}

/* Returns an exit status, or -1 to go on. */
static int parse(struct arguments *a, int argc, char **argv)
{
	enum { BY = 256, MESSAGES, JOB, INTERVAL, FOLLOW, AS_CSV, AS_JSON };
	static const struct option options[] = {
		{"by", required_argument, NULL, BY},
		{"messages", no_argument, NULL, MESSAGES},
		{"job", required_argument, NULL, JOB},
		{"interval", required_argument, NULL, INTERVAL},
		{"follow", required_argument, NULL, FOLLOW},
		{"csv", no_argument, NULL, AS_CSV},
		{"json", no_argument, NULL, AS_JSON},
		{"quiet", no_argument, NULL, 'q'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	uint64_t n;
	int status = 0;

	for (int c; !status && (c = getopt_long(argc, argv, "qh", options, NULL)) != -1;) {
		switch (c) {
		case BY:
			status = parse_views(a, optarg);
			break;
		case MESSAGES:
			a->messages = true;
			break;
		case JOB:
			status = parse_job(a, optarg);
			break;
		case INTERVAL:
			status = parse_interval(a, optarg);
			break;
		case FOLLOW:
			status = sfe_arg_u64("--follow", optarg, 1, UINT32_MAX - 1, &n);
			a->follow = (uint32_t)n;
			break;
		case AS_CSV:
			a->format = CSV;
			break;
		case AS_JSON:
			a->format = JSON;
			break;
		case 'q':
			a->quiet = true;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return sfe_cli_usage("analyze", "unknown option");
		}
	}
	status = status ? status : add_inputs(a, argc, argv);
	if (!status && a->follow && a->n_files != 1)
		status = sfe_cli_usage("analyze", "--follow takes one capture");
	return status ? status : -1;
}

/* ---- while it reads */

static void on_progress(void *arg, uint64_t at, uint64_t size)
{
	struct output *o = arg;
	char text[64];
	double now_s = sfe_progress_seconds(&o->progress);

	if (now_s - o->said_s < PROGRESS_S)
		return;
	o->said_s = now_s;
	if (size)
		snprintf(text, sizeof(text), "read %u %% of %.0f MB, %.0f s to go",
			(unsigned)(100 * at / size), (double)size / 1e6,
			now_s * (double)(size - at) / (double)(at + 1));
	else
		snprintf(text, sizeof(text), "read %.0f MB", (double)at / 1e6);
	sfe_progress_stage(&o->progress, text);
}

static void write_part(struct output *o, const struct sfe_part_row *row)
{
	if (o->a->format == JSON) {
		fputs(o->parts_written ? ",\n" : "{\"messages\": [\n", stdout);
		sfe_table_write_json_row(&sfe_part_view, row, stdout);
	} else {
		if (!o->parts_written)
			sfe_table_write_header(&sfe_part_view, stdout);
		sfe_table_write_row(&sfe_part_view, row, stdout);
	}
	o->parts_written++;
}

static void keep_part(struct output *o, const struct sfe_part_row *row)
{
	if (o->n_kept == o->kept_room) {
		size_t room = o->kept_room ? 2 * o->kept_room : 64;
		void *more = reallocarray(o->kept, room, sizeof(*o->kept));
		if (!more) {
			o->no_memory = true;
			return;
		}
		o->kept = more;
		o->kept_room = room;
	}
	o->kept[o->n_kept++] = *row;
}

static void on_message(void *arg, const struct sfe_message_event *e)
{
	struct output *o = arg;
	const struct arguments *a = o->a;
	const struct sfe_message *m = e->message;
	struct sfe_part_row rows[SFE_VIEW_MAX_PARTS];
	unsigned n;

	if (a->one_job && (!m->ours || m->job != a->job ||
				  (a->strategy[0] && strcmp(a->strategy, m->strategy))))
		return;
	for (unsigned first = 0; first <= m->n_parts; first += n) {
		n = sfe_view_parts(e, o->start_ns, first, rows);
		for (unsigned i = 0; i < n; i++) {
			if (a->one_job || a->format == TEXT)
				keep_part(o, &rows[i]);
			else
				write_part(o, &rows[i]);
		}
	}
}

/* Bytes that are not in the capture are zeros: all others stand where they stood. */
static void write_bytes(const uint8_t *data, uint64_t n)
{
	static const uint8_t zeros[4096];

	if (data) {
		fwrite(data, 1, n, stdout);
		return;
	}
	for (uint64_t rest = n, k; rest; rest -= k) {
		k = rest < sizeof(zeros) ? rest : sizeof(zeros);
		fwrite(zeros, 1, k, stdout);
	}
	fprintf(stderr,
		"sfemu analyze: %llu bytes are not in the capture: zeros stand in their place\n",
		(unsigned long long)n);
}

static void on_bytes(
	void *arg, const struct sfe_flow *flow, unsigned way, const uint8_t *data, uint64_t n)
{
	const struct output *o = arg;

	if (flow->number == o->a->follow && way == o->follow_way)
		write_bytes(data, n);
}

/* ---- at the end */

static int by_time(const void *x, const void *y)
{
	const struct sfe_part_row *a = x, *b = y;

	if (a->begin_s != b->begin_s)
		return a->begin_s < b->begin_s ? -1 : 1;
	int capture = strcmp(a->capture, b->capture);
	return capture ? capture : a->end_s < b->end_s ? -1 : a->end_s > b->end_s;
}

static void print_table(const struct arguments *a, const struct sfe_table *t, const char *title,
	const void *rows, size_t n, bool first)
{
	if (a->format == JSON) {
		printf("%s\"%s\": ", first ? "{" : ",\n", title);
		sfe_table_write_json(t, rows, n, stdout);
		return;
	}
	if (!first)
		putchar('\n');
	if (a->format == TEXT) {
		printf("%s\n", title);
		sfe_table_write_text(t, rows, n, stdout);
		return;
	}
	sfe_table_write_header(t, stdout);
	for (size_t i = 0; i < n; i++)
		sfe_table_write_row(t, (const char *)rows + i * t->row_size, stdout);
}

/* Of one job: what happened when, and where its response time went, under each strategy asked for.
 */
static int print_timelines(const struct output *o, bool *first)
{
	const struct arguments *a = o->a;
	bool any = false;

	for (unsigned i = 0; i < o->records->n_strategies; i++) {
		const char *strategy = o->records->strategies[i].strategy;
		struct sfe_timeline_row *rows;
		struct sfe_job_time_row time;
		struct sfe_error err = {0};
		char title[64];
		size_t n;
		if (a->strategy[0] && strcmp(a->strategy, strategy))
			continue;
		int r = sfe_timeline(o->records, strategy, a->job, o->kept, o->n_kept, o->start_ns,
			&rows, &n, &time, &err);
		if (r == -ENOENT)
			continue;
		if (r)
			return sfe_cli_fail("analyze", &err);
		snprintf(title, sizeof(title), "job %u of %s", time.job, strategy);
		print_table(a, &sfe_timeline_view, title, rows, n, *first);
		snprintf(title, sizeof(title), "response time of job %u of %s", time.job, strategy);
		print_table(a, &sfe_job_time_view, title, &time, 1, false);
		*first = false;
		any = true;
		free(rows);
	}
	return any ? 0 : sfe_cli_usage("analyze", "the run has no job of index %u", a->job);
}

static int print_views(const struct arguments *a, const struct sfe_analysis *x, bool *first)
{
	for (size_t i = 0; i < N_VIEWS; i++) {
		void *rows;
		size_t n;
		if (!a->by[i])
			continue;
		if (views[i].rows(x, &rows, &n)) {
			fprintf(stderr, "sfemu analyze: out of memory\n");
			return SFE_EXIT_FAILED;
		}
		print_table(a, views[i].table, views[i].title, rows, n, *first);
		*first = false;
		free(rows);
	}
	return 0;
}

/* What could not be read, or makes figures doubtful: never silent. */
static void print_doubts(const struct arguments *a, const struct sfe_analysis *x)
{
	for (uint32_t i = 0; i < x->n_captures; i++) {
		const struct sfe_capture_counts *c = &x->captures[i];
		if (c->damage[0])
			fprintf(stderr,
				"sfemu analyze: %s: not read to its end (%s); %llu packets were "
				"used\n",
				c->file, c->damage, (unsigned long long)c->packets);
		if (!c->packets && !c->damage[0] && !a->folder)
			fprintf(stderr, "sfemu analyze: %s: holds no packets\n", c->file);
		if (c->cut_packets)
			fprintf(stderr,
				"sfemu analyze: %s: %llu packets were captured shorter than they "
				"were (a snap length): "
				"messages may be missed\n",
				c->file, (unsigned long long)c->cut_packets);
		if (c->backwards)
			fprintf(stderr, "sfemu analyze: %s: time goes back at %llu packets\n",
				c->file, (unsigned long long)c->backwards);
	}
}

/* Moves the rows of whole strategies and those that differ to the front; returns how many. */
static size_t keep_telling(struct sfe_reconcile_row *rows, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!rows[i].where[0] || rows[i].difference != 0)
			rows[kept++] = rows[i];
	return kept;
}

/* Exit status 1 where captures and records differ. */
static int reconcile(const struct output *o, const struct sfe_analysis *x, bool *first)
{
	struct sfe_reconcile_row *rows;
	struct sfe_error err = {0};
	size_t n, differ;

	if (sfe_reconcile(o->records, x, &rows, &n, &differ, &err))
		return sfe_cli_fail("analyze", &err);
	if (o->a->format == JSON || (o->a->format == TEXT && n)) {
		/* A person sees the sums and what differs. */
		size_t shown = o->a->format == JSON ? n : keep_telling(rows, n);
		print_table(o->a, &sfe_reconcile_view, "reconciliation", rows, shown, *first);
		*first = false;
	}
	free(rows);
	if (differ)
		fprintf(stderr,
			"sfemu analyze: captures and records differ in %zu of %zu figures\n",
			differ, n);
	else if (o->a->format == TEXT)
		printf("\ncaptures and records agree in all %zu figures that can be compared\n", n);
	return differ ? SFE_EXIT_FAILED : 0;
}

static bool speaks(const struct sfe_analysis *x)
{
	return x->n_strategies > 0;
}

static int finish(struct output *o, struct sfe_analysis *x)
{
	struct arguments *a = (struct arguments *)o->a;
	bool first = !o->parts_written;
	int status = 0;

	sfe_progress_line(&o->progress);
	if (o->records && a->one_job) {
		status = print_timelines(o, &first);
	} else if (o->n_kept) {
		qsort(o->kept, o->n_kept, sizeof(*o->kept), by_time);
		print_table(a, &sfe_part_view, "messages", o->kept, o->n_kept, first);
		first = false;
	} else if (a->format == JSON && o->parts_written) {
		fputs("]", stdout);
	}
	if (!a->any_view && !a->messages && !a->by[N_VIEWS - 1]) {
		a->by[0] = true;
		a->by[1] = speaks(x);
		a->by[4] = !speaks(x);
	}
	status = status ? status : print_views(a, x, &first);
	if (!status && o->records && !a->one_job)
		status = reconcile(o, x, &first);
	if (a->format == JSON)
		fputs(first ? "{}\n" : "}\n", stdout);
	print_doubts(a, x);
	return status;
}

static int read_all(struct output *o, const struct sfe_analysis_options *options,
	struct sfe_analysis **out, struct sfe_error *err)
{
	int r = sfe_analysis_new(options, out, err);

	if (!r)
		r = sfe_analysis_read(*out, o->a->files, o->a->n_files, err);
	if (!r && o->no_memory)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return r;
}

static int follow(struct output *o, struct sfe_error *err)
{
	struct sfe_analysis_options options = {.bytes = on_bytes, .arg = o};
	struct sfe_analysis *x = NULL;
	int r = read_all(o, &options, &x, err);

	if (!r && o->a->follow > x->captures[0].n_flows)
		r = sfe_fail(err, -EINVAL, o->a->files[0], "see --by connection",
			"has %u connections", x->captures[0].n_flows);
	sfe_analysis_free(x);
	x = NULL;
	o->follow_way = 1;
	if (!r)
		r = read_all(o, &options, &x, err);
	sfe_analysis_free(x);
	return r;
}

/* The time that all rows count from must be known before the first is written. */
static uint64_t first_time(const struct arguments *a)
{
	uint64_t start = UINT64_MAX;

	for (unsigned i = 0; i < a->n_files; i++) {
		struct sfe_capture *c;
		struct sfe_packet p;
		if (!strcmp(a->files[i], "-") || sfe_capture_open(a->files[i], 4096, &c, NULL))
			continue; /* reading it will say why */
		if (sfe_capture_next(c, &p) && p.time_ns < start)
			start = p.time_ns;
		sfe_capture_close(c);
	}
	return start == UINT64_MAX ? 0 : start;
}

int sfe_cmd_analyze(int argc, char **argv)
{
	struct arguments a = {0};
	struct output o = {.a = &a};
	struct sfe_analysis *x = NULL;
	struct sfe_error err = {0};
	int status = parse(&a, argc, argv), r;

	if (status >= 0)
		goto out;
	sfe_progress_start(&o.progress, a.quiet);
	if (a.folder && sfe_records_read(a.folder, &o.records, &err)) {
		status = sfe_cli_fail("analyze", &err);
		goto out;
	}
	o.start_ns = first_time(&a);
	if (a.follow) {
		r = follow(&o, &err);
		status = r ? sfe_cli_fail("analyze", &err) : 0;
	} else {
		struct sfe_analysis_options options = {.start_ns = o.start_ns,
			.interval_ns = a.interval_ns,
			.message = a.messages ? on_message : NULL,
			.progress = on_progress,
			.arg = &o};
		if (o.records) {
			options.windows = o.records->windows;
			options.n_windows = o.records->n_strategies;
		}
		r = read_all(&o, &options, &x, &err);
		status = r ? sfe_cli_fail("analyze", &err) : finish(&o, x);
	}
	if (!status && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "sfemu analyze: cannot write to stdout: %s\n", strerror(errno));
		status = SFE_EXIT_FAILED;
	}
out:
	sfe_analysis_free(x);
	for (unsigned i = 0; i < a.n_files; i++)
		free(a.files[i]);
	free(a.files);
	free(a.folder);
	sfe_records_free(o.records);
	free(o.kept);
	return status;
}
