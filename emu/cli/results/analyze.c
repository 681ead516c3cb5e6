/* SPDX-License-Identifier: MIT */
/* `sfemu analyze`: options, and reading the captures. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/cli/results/analyze_output.h"
#include "emu/model/strategies/strategy_options.h"
#include "emu/results/read_limits.h"
#include "emu/security/beneath.h"
#include "sfemu/units.h"

#define MAX_INPUTS SFE_LIMIT_CAPTURE_FILES
#define PROGRESS_S 2.0 /* between two lines of progress on a terminal */
#define LOG_S 10.0     /* the same elsewhere */

_Static_assert(SFE_ANALYZE_MAX_CONNECTIONS == 4000000, "as the help says");

static int parse_views(struct analyze_arguments *a, char *list)
{
	for (char *word; (word = strsep(&list, ","));) {
		size_t i = 0;
		while (i < ANALYZE_VIEWS &&
			(strcmp(analyze_views[i].name, word) || !strcmp(word, "interval")))
			i++;
		if (i == ANALYZE_VIEWS)
			return sfe_cli_usage("analyze",
				"there is no view '%s' (capture, connection, strategy, job, step)",
				word);
		a->by[i] = a->any_view = true;
	}
	return 0;
}

static int parse_job(struct analyze_arguments *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	char written[SFE_STRATEGY_BYTES];
	uint64_t n;

	if (colon && (size_t)(colon - text) >= sizeof(a->strategy))
		return sfe_cli_usage("analyze", "'%s' is not a job: give N or STRATEGY:N", text);
	snprintf(written, sizeof(written), "%.*s", colon ? (int)(colon - text) : 0, text);
	sfe_strategy_table_name(written, a->strategy);
	if (sfe_arg_u64("--job", colon ? colon + 1 : text, 0, UINT32_MAX - 1, &n))
		return SFE_EXIT_USAGE;
	a->one_job = a->messages = true;
	a->job = (uint32_t)n;
	return 0;
}

static int parse_interval(struct analyze_arguments *a, const char *text)
{
	struct sfe_error err = {0};

	if (sfe_parse_time(text, &a->interval_ns, &err) || !a->interval_ns)
		return sfe_cli_usage("analyze",
			"--interval needs a time above 0, such as 100ms, not '%s'", text);
	a->by[ANALYZE_VIEWS - 1] = true;
	return 0;
}

static int add_file(struct analyze_arguments *a, char *path)
{
	char **more = a->n_files == MAX_INPUTS
			      ? NULL
			      : reallocarray(a->files, a->n_files + 1, sizeof(*more));

	if (!more || !path) {
		free(path);
		return sfe_cli_usage("analyze", "more than %u captures", MAX_INPUTS);
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
static int add_folder(struct analyze_arguments *a, const char *folder)
{
	char path[4096];
	int status = 0, fd = -1;

	if (a->n_files || a->folder)
		return sfe_cli_usage("analyze", "give captures, or one results folder");
	snprintf(path, sizeof(path), "%s/captures", folder);
	a->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->dir >= 0)
		fd = sfe_beneath_open(a->dir, "captures", O_RDONLY | O_DIRECTORY, 0);
	if (fd == -ELOOP || fd == -ENOTDIR)
		return sfe_cli_usage("analyze", "%s: is not a real folder", path);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return sfe_cli_usage("analyze",
			"%s: has no folder captures; run the scenario with --capture", folder);
	a->folder = strdup(folder);
	a->captures = (struct sfe_capture_folder){dup(fd), strdup(path)};
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

static int add_inputs(struct analyze_arguments *a, int argc, char **argv)
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

enum { BY = 256, MESSAGES, SEGMENTS, JOB, INTERVAL, FOLLOW, AS_CSV, AS_JSON, WIDE };

static int cmd_analyze(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"by", 0, "VIEW[,VIEW...]", SFE_WORD_LIST, BY,
		"capture, connection, strategy, job or step (a kind of message of a step in "
		"a capture); default: capture and strategy, or connection where no worker "
		"sends",
		"capture|connection|strategy|job|step"},
	{"messages", 0, NULL, SFE_WORD_ANY, MESSAGES,
		"one row for each part of each message (head, argument, each state) with its "
		"times"},
	{"job", 0, "[STRATEGY:]N", SFE_WORD_ANY, JOB,
		"the same for the job of index N only, in the order of time; for a FOLDER "
		"its timeline: what arrived and was computed when, and where its response "
		"time went"},
	{"segments", 0, NULL, SFE_WORD_ANY, SEGMENTS,
		"one row for each TCP segment: packet number, connection, and its class in "
		"tshark's words (retransmission, out_of_order, duplicate_ack...)"},
	{"interval", 0, "TIME", SFE_WORD_ANY, INTERVAL,
		"goodput over time, in steps such as 100ms"},
	{"follow", 0, "N", SFE_WORD_ANY, FOLLOW,
		"write the bytes of connection N of the only capture: first those of one "
		"direction, then those of the other"},
	{"csv", 0, NULL, SFE_WORD_ANY, AS_CSV, "print one view as CSV"},
	{"json", 0, NULL, SFE_WORD_ANY, AS_JSON, "print JSON"},
	{"wide", 0, NULL, SFE_WORD_ANY, WIDE,
		"print every column, even if the terminal is narrower"},
	{"quiet", 'q', NULL, SFE_WORD_ANY, 'q', "print no progress"},
	{0},
};
const struct sfe_verb sfe_verb_analyze = {
	.name = "analyze",
	.summary = "what captures tell: connections, jobs, messages",
	.run = cmd_analyze,
	.usage = (const char *const[]){"[OPTIONS] CAPTURE...", "[OPTIONS] FOLDER", NULL},
	.about = "Reads captures of sfemu, tcpdump or Wireshark (pcap, pcapng) and tells what "
		 "travelled: per capture, connection, strategy and job, with the cost of each "
		 "argument and state. FOLDER is the results folder of a run with captures: "
		 "what they show is then compared with what the run recorded.\n"
		 "\n"
		 "At most 4 million connections are counted, each at every capture that shows "
		 "it. Reading ends before one too many, and says so as for a file that is "
		 "damaged there.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu analyze results/iiot-1",
		"sfemu analyze --by connection results/iiot-1/captures/cell-0.pcap",
		"sfemu analyze --job StateLocal:3 results/iiot-1", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"},
		{1, "the captures differ from what the run recorded, or hold no TCP segment that "
		    "can be read"},
		{2, "bad input"}, {0}},
	.operand = SFE_WORD_FILE,
};

/* Returns an exit status, or -1 to go on. */
static int parse(struct analyze_arguments *a, int argc, char **argv)
{
	uint64_t n;
	int status = 0;

	for (int c; !status &&
		    (c = sfe_verb_option(&sfe_verb_analyze, argc, argv)) != SFE_OPTION_END;) {
		switch (c) {
		case BY:
			status = parse_views(a, optarg);
			break;
		case MESSAGES:
			a->messages = true;
			break;
		case SEGMENTS:
			a->segments = true;
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
			a->format = ANALYZE_CSV;
			break;
		case AS_JSON:
			a->format = ANALYZE_JSON;
			break;
		case WIDE:
			a->wide = true;
			break;
		case 'q':
			a->quiet = true;
			break;
		case SFE_OPTION_HELP:
			return 0;
		default:
			return SFE_EXIT_USAGE;
		}
	}
	status = status ? status : add_inputs(a, argc, argv);
	if (!status && a->follow && a->n_files != 1)
		status = sfe_cli_usage("analyze", "--follow needs exactly one capture");
	if (!status && a->segments && a->messages)
		status = sfe_cli_usage("analyze", "give --segments or --messages, not both");
	if (!status && a->follow && (a->segments || a->messages))
		status = sfe_cli_usage("analyze", "--follow writes bytes only: give it alone");
	return status ? status : -1;
}

/* ---- reading */

static void on_progress(void *arg, uint64_t at, uint64_t size)
{
	struct analyze_output *o = arg;
	char text[64];
	double now_s = sfe_progress_seconds(&o->progress);

	if (now_s - o->said_s < (o->progress.terminal ? PROGRESS_S : LOG_S))
		return;
	o->said_s = now_s;
	if (size)
		snprintf(text, sizeof(text), "read %u %% of %.0f MB, about %.0f s left",
			(unsigned)(100 * at / size), (double)size / 1e6,
			now_s * (double)(size - at) / (double)(at + 1));
	else
		snprintf(text, sizeof(text), "read %.0f MB", (double)at / 1e6);
	sfe_progress_stage(&o->progress, text);
}

/* A few segments with a sequence number far ahead would make gigabytes of them. */
#define MAX_GAP_BYTES (256ull << 20)

/* Writes zeros for bytes that the capture lacks, so that all others keep their offset. */
static void write_bytes(void *arg, const uint8_t *data, uint64_t n)
{
	struct analyze_output *o = arg;
	static const uint8_t zeros[4096];

	if (o->gap_too_long)
		return; /* what follows would stand in the wrong place */
	if (data) {
		fwrite(data, 1, n, stdout);
		return;
	}
	if (n > MAX_GAP_BYTES - o->gap_bytes) {
		o->gap_too_long = true;
		return;
	}
	o->gap_bytes += n;
	for (uint64_t rest = n, k; rest; rest -= k) {
		k = rest < sizeof(zeros) ? rest : sizeof(zeros);
		fwrite(zeros, 1, k, stdout);
	}
	fprintf(stderr,
		"sfemu analyze: %llu bytes are not in the capture; zeros are written for them\n",
		(unsigned long long)n);
}

static int read_all(struct analyze_output *o, const struct sfe_analysis_options *options,
	struct sfe_analysis **out, struct sfe_error *err)
{
	struct sfe_analysis_options own = *options;

	own.folder = o->a->folder ? &o->a->captures : NULL;
	int r = sfe_analysis_new(&own, out, err);

	if (!r)
		r = sfe_analysis_read(*out, o->a->files, o->a->n_files, err);
	if (!r && o->no_memory)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return r;
}

static int follow(struct analyze_output *o, struct sfe_error *err)
{
	struct sfe_analysis_options options = {
		.bytes = write_bytes, .follow = o->a->follow, .arg = o};
	struct sfe_analysis *x = NULL;
	int r = read_all(o, &options, &x, err);

	if (!r && o->a->follow > x->captures[0].n_flows)
		r = sfe_fail(err, -EINVAL, o->a->files[0], "see --by connection",
			"has %u connections", x->captures[0].n_flows);
	sfe_analysis_free(x);
	x = NULL;
	options.follow_direction = 1;
	if (!r)
		r = read_all(o, &options, &x, err);
	sfe_analysis_free(x);
	if (!r && o->gap_too_long)
		r = sfe_fail(err, -EFBIG, o->a->files[0],
			"capture whole packets, from the beginning",
			"too many bytes are not in it, so the output ends before them: no more "
			"than "
			"%llu in all are filled with zeros",
			MAX_GAP_BYTES);
	return r;
}

/* The earliest packet of all captures: times in the rows count from it, so it is needed before the
 * first row. */
static uint64_t first_time(const struct analyze_arguments *a)
{
	uint64_t start = UINT64_MAX;

	for (unsigned i = 0; i < a->n_files; i++) {
		struct sfe_capture *c;
		struct sfe_packet p;
		if (!strcmp(a->files[i], "-") || sfe_capture_open(a->folder ? &a->captures : NULL,
							 a->files[i], 4096, &c, NULL))
			continue; /* the error is reported when the capture is read */
		if (sfe_capture_next(c, &p) && p.time_ns < start)
			start = p.time_ns;
		sfe_capture_close(c);
	}
	return start == UINT64_MAX ? 0 : start;
}

static int cmd_analyze(int argc, char **argv)
{
	struct analyze_arguments a = {.dir = -1, .captures.dir = -1};
	struct analyze_output o = {.a = &a};
	struct sfe_analysis *x = NULL;
	struct sfe_error err = {0};
	int status = parse(&a, argc, argv), r;

	if (status >= 0)
		goto out;
	sfe_progress_start(&o.progress, a.quiet);
	if (a.folder && sfe_records_read(a.dir, a.folder, &o.records, &err)) {
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
			.message = a.messages ? analyze_on_message : NULL,
			.segment = a.segments ? analyze_on_segment : NULL,
			.progress = on_progress,
			.arg = &o};
		if (o.records) {
			options.windows = o.records->windows;
			options.n_windows = o.records->n_strategies;
		}
		r = read_all(&o, &options, &x, &err);
		status = r ? sfe_cli_fail("analyze", &err) : analyze_finish(&o, x);
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
	free((char *)a.captures.folder);
	if (a.captures.dir >= 0)
		close(a.captures.dir);
	if (a.dir >= 0)
		close(a.dir);
	sfe_records_free(o.records);
	free(o.kept);
	sfe_segment_list_free(&o.segments);
	return status;
}
