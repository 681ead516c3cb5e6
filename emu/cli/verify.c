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

#include "emu/cli/args.h"
#include "emu/cli/cli.h"
#include "emu/experiment/experiment_new.h"
#include "emu/experiment/link_specs.h"
#include "emu/results/results_file.h"
#include "emu/results/results_folder.h"
#include "emu/run/supervise.h"
#include "emu/verify/verify.h"
#include "sfemu/units.h"

#define DEFAULT_WATCHDOG_S 300
#define MAX_PROBES 1000000
#define LEAST_TCP_WINDOW 64000u

static const char help[] =
	"usage: sfemu verify [OPTIONS] SCENARIO.yaml\n"
	"\n"
	"Builds the scenario's network and, instead of running its jobs, measures every link with "
	"packets of its\n"
	"own, one after the other: delay, loss and order with small packets far apart; loss and "
	"order with\n"
	"full packets at 95 % of the rate; rate and queue with more packets at once than the queue "
	"holds;\n"
	"TCP's goodput; the largest packet. A medium is measured from a host beside it.\n"
	"\n"
	"  --set KEY=VALUE       set a key of the scenario; may be repeated\n"
	"  --vm | --native, --clock real|virtual   as for `sfemu run`\n"
	"  --link PATTERN        only links of that name (* ? [] as in a shell)\n"
	"  --probes N            small packets a direction (default 200)\n"
	"  --tcp-window SIZE     TCP is measured where no more has to be under way (default 16MB, "
	"at most 1GB; the guest\n"
	"                        gets five times as much memory)\n"
	"  --csv                 print verify.csv (docs/results.md) instead of the table\n"
	"  --unconfined          as for `sfemu run`\n"
	"  --quiet               no progress on stderr\n"
	"\n"
	"Virtual clock: rate within 0.5 %, TCP within 1 % of what headers leave, each constant "
	"delay to 1 us, laws by a\n"
	"Kolmogorov-Smirnov test at 1 %; losses, duplicates, reordering within their 99 % "
	"interval. "
	"Real clock: 2 %,\n"
	"and medians to 1 ms.\n"
	"\n"
	"Exit status: 0 all is as asked, 1 something is not, 2 bad input, 130 interrupted.\n";

struct arguments {
	const char **sets;
	uint32_t n_sets;
	bool csv;
	struct sfe_supervise_options options;
};

enum {
	OPT_SET = 256,
	OPT_VM,
	OPT_NATIVE,
	OPT_CLOCK,
	OPT_LINK,
	OPT_PROBES,
	OPT_TCP_WINDOW,
	OPT_CSV,
	OPT_UNCONFINED,
	OPT_QUIET,
	OPT_HELP
};

static int add_set(struct arguments *a, const char *text)
{
	const char **more = reallocarray(a->sets, a->n_sets + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	a->sets = more;
	more[a->n_sets++] = text;
	return 0;
}

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
	uint64_t probes;
	char *clock;

	switch (option) {
	case OPT_SET:
		return add_set(a, optarg);
	case OPT_VM:
		return add_set(a, "substrate=vm");
	case OPT_NATIVE:
		return add_set(a, "substrate=native");
	case OPT_CLOCK:
		/* Lives as long as the program: the sets point to it. */
		return asprintf(&clock, "clock=%s", optarg) < 0 ? -ENOMEM : add_set(a, clock);
	case OPT_LINK:
		verify->pattern = optarg;
		return 0;
	case OPT_PROBES:
		if (sfe_arg_u64("--probes", optarg, 1, MAX_PROBES, &probes))
			return -EINVAL;
		verify->probes = (uint32_t)probes;
		return 0;
	case OPT_TCP_WINDOW:
		return take_window(optarg, &verify->tcp_window);
	case OPT_CSV:
		a->csv = true;
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

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{"set", required_argument, NULL, OPT_SET},
		{"vm", no_argument, NULL, OPT_VM},
		{"native", no_argument, NULL, OPT_NATIVE},
		{"clock", required_argument, NULL, OPT_CLOCK},
		{"link", required_argument, NULL, OPT_LINK},
		{"probes", required_argument, NULL, OPT_PROBES},
		{"tcp-window", required_argument, NULL, OPT_TCP_WINDOW},
		{"csv", no_argument, NULL, OPT_CSV},
		{"unconfined", no_argument, NULL, OPT_UNCONFINED},
		{"quiet", no_argument, NULL, OPT_QUIET},
		{"help", no_argument, NULL, OPT_HELP},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(help, stdout);
			return 1;
		}
		if (take_option(a, option)) {
			fprintf(stderr, "try `sfemu verify --help`\n");
			return -EINVAL;
		}
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

static int print_table(const struct sfe_verify_row *rows, unsigned n)
{
	unsigned bad = 0;

	printf("%-18s %-4s %8s %7s %7s  %-22s %21s %21s %13s %7s %7s %19s\n", "", "", "", "UDP %",
		"TCP % of", "", "median delay, ms", "99th percentile, ms", "loss, %", "re-",
		"largest", "queue, bytes");
	printf("%-18s %-4s %8s %7s %7s  %-22s %10s %10s %10s %10s %6s %6s %7s %7s %9s %9s  %s\n",
		"link", "way", "rate", "of rate", "ceiling", "delay", "asked", "measured", "asked",
		"measured", "asked", "meas.", "ordered", "packet", "asked", "measured", "verdict");
	for (unsigned i = 0; i < n; i++) {
		print_row(&rows[i]);
		bad += strcmp(rows[i].verdict, "ok") != 0;
	}
	printf("\n%u of %u directions are as asked\n", n - bad, n);
	return bad ? SFE_EXIT_FAILED : 0;
}

static int copy_file(FILE *in)
{
	char buf[4096];
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), in)))
		fwrite(buf, 1, n, stdout);
	return ferror(in);
}

static int show(const struct arguments *a, int results_fd, const char *path)
{
	struct sfe_error err = {0};
	void *rows = NULL;
	unsigned n = 0;
	FILE *in = sfe_results_open(results_fd, sfe_verify_csv.file, "r", &err);

	if (!in)
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	int status = 0;
	if (sfe_table_read(&sfe_verify_csv, in, &rows, &n, &err)) {
		status = sfe_cli_error(&err, SFE_EXIT_FAILED);
	} else if (a->csv) {
		rewind(in);
		status = copy_file(in) ? SFE_EXIT_FAILED : 0;
		for (unsigned i = 0; i < n; i++)
			if (strcmp(((struct sfe_verify_row *)rows)[i].verdict, "ok"))
				status = SFE_EXIT_FAILED;
	} else {
		status = print_table(rows, n);
		printf("results: %s\n", path);
	}
	fclose(in);
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
	return sfe_fail(err, -EINVAL, "--link", "`sfemu topology show` lists the links",
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
	r = r ? r
	      : sfe_links_check_kernel(e->link, SFE_DIRECTIONS * e->topology->n_links,
			choice.clock == SFE_CLOCK_VIRTUAL, &err);
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

int sfe_cmd_verify(int argc, char **argv)
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
