/* SPDX-License-Identifier: MIT */
/* `sfemu verify`: builds a scenario's network, measures each of its links, compares with what was
 * asked. */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/terminal.h"
#include "emu/cli/base/verb.h"
#include "emu/experiment/experiment_new.h"
#include "emu/experiment/link_specs.h"
#include "emu/measure/fidelity.h"
#include "emu/model/base/fit_table.h"
#include "emu/model/base/printable.h"
#include "emu/results/results_folder.h"
#include "emu/results/results_read.h"
#include "emu/run/supervise.h"
#include "emu/verify/verify.h"
#include "sfemu/units.h"

#define DEFAULT_WATCHDOG_S 300
#define MAX_PROBES 1000000
#define ALL_WIDTH 210 /* characters of a line with all columns */
#define LEAST_TCP_WINDOW 64000u

struct arguments {
	const char **sets;
	uint32_t n_sets;
	bool csv, json, wide;
	struct sfe_supervise_options options;
};

enum {
	OPT_SET = 256,
	OPT_VM,
	OPT_NATIVE,
	OPT_CLOCK,
	OPT_LINK,
	OPT_PROBES,
	OPT_SAMPLE,
	OPT_TCP_WINDOW,
	OPT_CSV,
	OPT_UNCONFINED,
	OPT_JSON,
	OPT_WIDE,
	OPT_QUIET
};

static int take_window(const char *text, uint64_t *bytes)
{
	if (!sfe_parse_size(text, bytes, NULL) && *bytes >= LEAST_TCP_WINDOW &&
		*bytes <= SFE_VERIFY_TCP_MOST)
		return 0;
	fprintf(stderr, "sfemu: --tcp-window needs a size from 64kB to 1GB, not '%s'\n", text);
	return -EINVAL;
}

static int take_option(struct arguments *a, int option)
{
	struct sfe_verify_options *verify = &a->options.lab.verify;
	uint64_t probes, sample;

	switch (option) {
	case OPT_SET:
		return sfe_arg_add(&a->sets, &a->n_sets, optarg);
	case OPT_VM:
		return sfe_arg_add(&a->sets, &a->n_sets, "substrate=vm");
	case OPT_NATIVE:
		return sfe_arg_add(&a->sets, &a->n_sets, "substrate=native");
	case OPT_CLOCK:
		return sfe_arg_add_clock(&a->sets, &a->n_sets, optarg);
	case OPT_LINK:
		verify->pattern = optarg;
		return 0;
	case OPT_PROBES:
		if (sfe_arg_u64("--probes", optarg, 1, MAX_PROBES, &probes))
			return -EINVAL;
		verify->probes = (uint32_t)probes;
		return 0;
	case OPT_SAMPLE:
		if (sfe_arg_u64("--sample", optarg, 1, UINT32_MAX, &sample))
			return -EINVAL;
		verify->sample = (uint32_t)sample;
		return 0;
	case OPT_TCP_WINDOW:
		return take_window(optarg, &verify->tcp_window);
	case OPT_CSV:
		a->csv = true;
		return 0;
	case OPT_JSON:
		a->json = true;
		return 0;
	case OPT_WIDE:
		a->wide = true;
		return 0;
	case OPT_UNCONFINED:
		a->options.unconfined = true;
		return 0;
	case OPT_QUIET:
		a->options.quiet = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int cmd_verify(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, OPT_SET,
		"set a key of the scenario; may be repeated"},
	{"vm", 0, NULL, SFE_WORD_ANY, OPT_VM, "the same as --set substrate=vm"},
	{"native", 0, NULL, SFE_WORD_ANY, OPT_NATIVE, "the same as --set substrate=native"},
	{"clock", 0, "real|virtual", SFE_WORD_ONE_OF, OPT_CLOCK, "the same as --set clock=…"},
	{"link", 0, "PATTERN", SFE_WORD_ANY, OPT_LINK,
		"only links of that name (* ? [] as in a shell)"},
	{"sample", 0, "N", SFE_WORD_ANY, OPT_SAMPLE,
		"so many of the links, evenly spread over them (default: all)"},
	{"probes", 0, "N", SFE_WORD_ANY, OPT_PROBES,
		"small packets for each direction (default 200)"},
	{"tcp-window", 0, "SIZE", SFE_WORD_ANY, OPT_TCP_WINDOW,
		"TCP is measured where no more bytes have to be in flight (default 16MB, at "
		"most 1GB; the guest gets five times as much memory)"},
	{"csv", 0, NULL, SFE_WORD_ANY, OPT_CSV,
		"print verify.csv (docs/results.md) instead of the table"},
	{"json", 0, NULL, SFE_WORD_ANY, OPT_JSON, "print the rows of verify.csv as JSON"},
	{"wide", 0, NULL, SFE_WORD_ANY, OPT_WIDE,
		"print every column, even if the terminal is narrower"},
	{"unconfined", 0, NULL, SFE_WORD_ANY, OPT_UNCONFINED, "as for `sfemu run`"},
	{"quiet", 0, NULL, SFE_WORD_ANY, OPT_QUIET, "print no progress"},
	{0},
};
const struct sfe_verb sfe_verb_verify = {
	.name = "verify",
	.summary = "measure a scenario's links and compare with what was asked",
	.run = cmd_verify,
	.usage = (const char *const[]){"[OPTIONS] SCENARIO.yaml", NULL},
	.about = "Builds the network of the scenario and, instead of running its jobs, "
		 "measures every link with packets of its own, one after the other: delay, "
		 "loss and order with small packets far apart; loss and order with full "
		 "packets at 95 % of the rate; rate and queue with more packets at once than "
		 "the queue holds; the goodput of TCP; the largest packet. A medium is "
		 "measured from a host beside it.",
	.options = option_table,
	.notes = "Virtual clock: rate within 0.5 %, TCP within 1 % of what headers leave, "
		 "each constant delay to 1 us, "
		 "stations that contend (medium: dcf) within 5 % of Bianchi's formula, laws by a "
		 "Kolmogorov-Smirnov test at 1 %; "
		 "losses, duplicates and reordering within their 99 % interval. Real clock: 2 "
		 "%, and medians to 1 ms.\n"
		 "\n"
		 "--json prints {\"results\": FOLDER, \"rows\": [...]}. The keys of a row are the "
		 "columns of verify.csv; `sfemu columns` describes them.",
	.examples = (const char *const[]){"sfemu verify scenarios/iiot.yaml",
		"sfemu verify --link 'up_*' scenarios/iiot.yaml",
		"sfemu verify --sample 20 --set topology.premises=100 scenarios/iiot.yaml", NULL},
	.status = (const struct sfe_exit_status[]){{0, "all is as asked"}, {1, "something is not"},
		{2, "bad input"}, {130, "interrupted"}, {0}},
	.files = "results/SCENARIO-TIME/ in the current folder holds verify.csv and "
		 "manifest.json.",
	.operand = SFE_WORD_FILE,
};

static int parse(int argc, char **argv, struct arguments *a)
{
	int option;

	while ((option = sfe_verb_option(&sfe_verb_verify, argc, argv)) != SFE_OPTION_END) {
		if (option == SFE_OPTION_HELP)
			return 1;
		if (take_option(a, option))
			return -EINVAL;
	}
	if (argc - optind == 1)
		return 0;
	fprintf(stderr, "sfemu: verify takes one scenario file; try `sfemu verify --help`\n");
	return -EINVAL;
}

static const char *share(double x, char buf[16])
{
	snprintf(buf, 16, isnan(x) ? "-" : "%.2f", 100 * x);
	return buf;
}

static const char *ms(double s, char buf[16])
{
	snprintf(buf, 16, isnan(s) ? "-" : "%.4f", 1e3 * s);
	return buf;
}

static const char *bytes(double n, char buf[16])
{
	snprintf(buf, 16, isnan(n) ? "-" : "%.0f", n);
	return buf;
}

static void print_row(const struct sfe_verify_row *r)
{
	char rate[SFE_UNIT_TEXT], b[10][16];

	printf("%-18.18s %-4s %8s %7s %7s  %-22.22s %10s %10s %10s %10s %6s %6s %7u %7u %9s %9s  "
	       "%s\n",
		r->link, r->direction, r->rate_bps ? sfe_format_rate(r->rate_bps, rate) : "-",
		share(r->udp_rate_bps / (double)r->rate_bps, b[0]),
		share(r->tcp_goodput_bps / r->tcp_ceiling_bps, b[1]), r->delay,
		ms(r->asked_p50_s, b[2]), ms(r->measured_p50_s, b[3]), ms(r->asked_p99_s, b[4]),
		ms(r->measured_p99_s, b[5]), share(r->asked_loss, b[6]),
		share(r->measured_loss, b[7]), r->reordered, r->largest_bytes,
		bytes(r->asked_queue_bytes, b[8]), bytes(r->measured_queue_bytes, b[9]),
		r->verdict);
}

static void print_all(const struct sfe_verify_row *rows, unsigned n)
{
	printf("%-18s %-4s %8s %7s %7s  %-22s %21s %21s %13s %7s %7s %19s\n", "", "", "", "UDP %",
		"TCP % of", "", "median delay, ms", "99th percentile, ms", "loss, %", "re-",
		"largest", "queue, bytes");
	printf("%-18s %-4s %8s %7s %7s  %-22s %10s %10s %10s %10s %6s %6s %7s %7s %9s %9s  %s\n",
		"link", "dir.", "rate", "of rate", "ceiling", "delay", "asked", "measured", "asked",
		"measured", "asked", "meas.", "ordered", "packet", "asked", "measured", "verdict");
	for (unsigned i = 0; i < n; i++)
		print_row(&rows[i]);
}

static unsigned print_fit(const struct sfe_verify_row *rows, unsigned n, unsigned width)
{
	static const struct sfe_fit_column columns[] = {{NULL, "link", 0}, {NULL, "dir.", 1},
		{NULL, "rate", 3}, {NULL, "UDP %", 4}, {NULL, "TCP %", 5}, {NULL, "delay", 10},
		{"median, ms", "asked", 6}, {"median, ms", "measured", 7},
		{"99th percentile, ms", "asked", 11}, {"99th percentile, ms", "measured", 12},
		{"loss, %", "asked", 9}, {"loss, %", "measured", 8}, {NULL, "reordered", 13},
		{NULL, "largest", 16}, {"queue, bytes", "asked", 14},
		{"queue, bytes", "measured", 15}, {NULL, "verdict", 2}};
	struct sfe_fit_table t = {columns, sizeof(columns) / sizeof(columns[0])};
	char b[SFE_UNIT_TEXT];

	for (unsigned i = 0; i < n; i++) {
		const struct sfe_verify_row *r = &rows[i];
		sfe_fit_cell(&t, "%s", r->link);
		sfe_fit_cell(&t, "%s", r->direction);
		sfe_fit_cell(&t, "%s", r->rate_bps ? sfe_format_rate(r->rate_bps, b) : "-");
		sfe_fit_cell(&t, "%s", share(r->udp_rate_bps / (double)r->rate_bps, b));
		sfe_fit_cell(&t, "%s", share(r->tcp_goodput_bps / r->tcp_ceiling_bps, b));
		sfe_fit_cell(&t, "%s", r->delay);
		sfe_fit_cell(&t, "%s", ms(r->asked_p50_s, b));
		sfe_fit_cell(&t, "%s", ms(r->measured_p50_s, b));
		sfe_fit_cell(&t, "%s", ms(r->asked_p99_s, b));
		sfe_fit_cell(&t, "%s", ms(r->measured_p99_s, b));
		sfe_fit_cell(&t, "%s", share(r->asked_loss, b));
		sfe_fit_cell(&t, "%s", share(r->measured_loss, b));
		sfe_fit_cell(&t, "%u", r->reordered);
		sfe_fit_cell(&t, "%u", r->largest_bytes);
		sfe_fit_cell(&t, "%s", bytes(r->asked_queue_bytes, b));
		sfe_fit_cell(&t, "%s", bytes(r->measured_queue_bytes, b));
		sfe_fit_cell(&t, "%s", r->verdict);
	}
	unsigned left_out = sfe_fit_print(&t, width, stdout);
	sfe_fit_free(&t);
	return left_out;
}

static unsigned count_bad(const struct sfe_verify_row *rows, unsigned n)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < n; i++)
		bad += strcmp(rows[i].verdict, "ok") != 0;
	return bad;
}

/* What two stations get that send at the same time. */
static void print_stations(const struct sfe_verify_row *rows, unsigned n)
{
	char b[2][16];

	for (unsigned i = 0; i < n; i++) {
		const struct sfe_verify_row *r = &rows[i];
		if (isnan(r->fairness))
			continue;
		printf("medium %s: two stations together get %s %% of the rate, fairness %.3f",
			r->link, share(r->stations_rate_bps / (double)r->rate_bps, b[0]),
			r->fairness);
		if (!isnan(r->measured_beside_s))
			printf("; beside a busy one a small packet takes up to %s ms",
				ms(r->measured_beside_s, b[0]));
		if (!isnan(r->asked_beside_s))
			printf(" (in turns %s at most)", ms(r->asked_beside_s, b[1]));
		putchar('\n');
	}
}

/* What all stations get that contend for a medium. */
static void print_contention(const struct sfe_verify_row *rows, unsigned n)
{
	char b[2][16];

	for (unsigned i = 0; i < n; i++) {
		const struct sfe_verify_row *r = &rows[i];
		if (!isnan(r->saturation_bps))
			printf("medium %s: %u stations that contend get %s %% of the rate "
			       "together; "
			       "by Bianchi's formula %s %%\n",
				r->link, r->contending,
				share(r->saturation_bps / (double)r->rate_bps, b[0]),
				share(r->asked_saturation_bps / (double)r->rate_bps, b[1]));
	}
}

/* Not of the virtual clock, which no machine is too slow for. */
static void print_fidelity(const struct sfe_verify_row *rows, unsigned n)
{
	unsigned bad = 0;

	if (!n || !strcmp(rows[0].fidelity, "virtual"))
		return;
	for (unsigned i = 0; i < n; i++)
		bad += sfe_fidelity_why(rows[i].fidelity) != NULL;
	if (bad)
		printf("fidelity: the machine was too slow in %u of %u directions, or it is "
		       "unknown; verify.csv says why, and whether it shows\n",
			bad, n);
	else
		printf("fidelity: ok\n");
}

static void print_table(
	const struct arguments *a, const struct sfe_verify_row *rows, unsigned n, const char *path)
{
	unsigned width = sfe_terminal_width(a->wide);

	if (width && width < ALL_WIDTH)
		sfe_terminal_left_out(print_fit(rows, n, width), sfe_verify_csv.file);
	else
		print_all(rows, n);
	printf("\n%u of %u directions are as asked\n", n - count_bad(rows, n), n);
	print_stations(rows, n);
	print_contention(rows, n);
	print_fidelity(rows, n);
	printf("results: ");
	sfe_print_text(path, stdout);
	putchar('\n');
}

/* {"results": FOLDER, "rows": [...]}, with the columns of verify.csv. */
static void print_json(const struct sfe_verify_row *rows, unsigned n, const char *path)
{
	struct sfe_table_rows all = {&sfe_verify_csv, rows};

	printf("{\"results\": ");
	sfe_json_text(path, stdout);
	printf(", \"rows\": ");
	sfe_table_write_json_of(&sfe_verify_csv, sfe_table_row_of, &all, n, stdout);
	printf("}\n");
}

/* The file itself is a guest's: what was read of it is written. */
static void print_csv(const struct sfe_verify_row *rows, unsigned n)
{
	sfe_table_write_header(&sfe_verify_csv, stdout);
	for (unsigned i = 0; i < n; i++)
		sfe_table_write_row(&sfe_verify_csv, &rows[i], stdout);
}

static int show(const struct arguments *a, int results_fd, const char *path)
{
	struct sfe_error err = {0};
	void *rows = NULL;
	unsigned n = 0;

	if (sfe_results_read_table(results_fd, &sfe_verify_csv, &rows, &n, &err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	int status = count_bad(rows, n) ? SFE_EXIT_FAILED : 0;
	if (a->csv) {
		print_csv(rows, n);
	} else if (a->json) {
		print_json(rows, n, path);
	} else {
		print_table(a, rows, n, path);
	}
	free(rows);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "sfemu: cannot write the table to stdout: %s\n", strerror(errno));
		return SFE_EXIT_FAILED;
	}
	return status;
}

static int check_pattern(const char *pattern, const struct sfe_topology *t, struct sfe_error *err)
{
	for (uint32_t l = 0; l < t->n_links; l++)
		if (!fnmatch(pattern, t->links[l].name, 0))
			return 0;
	return sfe_fail(err, -EINVAL, "--link", "`sfemu topology dot` has the links' names",
		"no link has the name %s", pattern);
}

static int execute(struct arguments *a, struct sfe_experiment *e)
{
	struct sfe_substrate_choice choice;
	struct sfe_error err = {0};
	char program[4096];
	char *path = NULL;
	int fd = -1, status = SFE_EXIT_USAGE;
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[n < 0 ? 0 : n] = 0;
	a->options.program = program;
	int r = check_pattern(a->options.lab.verify.pattern, e->topology, &err);
	r = r ? r : sfe_substrate_choose(e->scenario, &choice, &err);
	r = r ? r : sfe_substrate_check_experiment(e, &choice, &err);
	r = r ? r : sfe_results_create(e->scenario, &path, &fd, &err);
	r = r ? r : sfe_results_write_scenario(fd, e, &err);
	if (!r) {
		a->options.lab.results_path = path;
		r = sfe_supervise(e, &choice, &a->options, fd, &err);
		status = r == -EINTR ? SFE_EXIT_INTERRUPTED : SFE_EXIT_FAILED;
	}
	status = r ? sfe_cli_error(&err, status) : show(a, fd, path);
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}

static int cmd_verify(int argc, char **argv)
{
	struct arguments a = {.options = {.watchdog_s = DEFAULT_WATCHDOG_S,
				      .lab.verify = {.probes = SFE_VERIFY_PROBES,
					      .tcp_window = SFE_VERIFY_TCP_WINDOW,
					      .pattern = "*"}}};
	struct sfe_error err = {0};
	struct sfe_scenario *scenario;
	struct sfe_experiment *e;
	int status = SFE_EXIT_USAGE;
	int r = parse(argc, argv, &a);

	a.options.lab.verifies = true;
	if (r > 0)
		status = 0;
	if (!r) {
		r = sfe_scenario_read(argv[optind], a.sets, a.n_sets, &scenario, &err);
		if (!r)
			r = sfe_experiment_new(scenario, &e, &err);
		if (r) {
			sfe_cli_error(&err, status);
		} else {
			status = execute(&a, e);
			sfe_experiment_free(e);
		}
	}
	free(a.sets);
	return status;
}
