/* SPDX-License-Identifier: MIT */
/* sfemu topology: makes, shows and draws topologies. */
#include "sfemu/topology.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cli.h"

#define DEFAULT_PREMISES 4
#define DEFAULT_CELLS 5
#define DEFAULT_SEED 1

static const char help[] =
	"Usage: sfemu topology NETWORK [-o PREFIX]\n"
	"       sfemu topology show (NETWORK | NODES LINKS EDGES)\n"
	"       sfemu topology dot  (NETWORK | NODES LINKS EDGES)\n"
	"\n"
	"NETWORK is iiot [--premises N] or urban [--cells N] [--seed S].\n"
	"Topologies are three files as Ether writes them: nodes, links and edges.\n"
	"\n"
	"  iiot   writes Ether's industrial IoT network to PREFIX.nodes, PREFIX.links and "
	"PREFIX.edges\n"
	"  urban  the same with Ether's urban sensing network\n"
	"  show   what is in it: nodes, links, junctions, diameter\n"
	"  dot    a drawing for Graphviz, e.g.  sfemu topology dot iiot | dot -Tsvg > iiot.svg\n"
	"\n"
	"  -p, --premises N     sites of the industrial IoT network (default 4)\n"
	"  -c, --cells N        neighbourhoods of the urban sensing network (default 5)\n"
	"  -s, --seed S         draws how many sensor nodes each has (default 1)\n"
	"  -o, --output PREFIX  where iiot and urban write (default their name; \"-\" is the "
	"standard output)\n"
	"  -h, --help           this text\n";

struct options {
	uint32_t premises, cells, seed;
	bool iiot_only, urban_only; /* an option was given that only this network has */
	const char *output;
};

static int output_failed(const char *name, int code)
{
	fprintf(stderr, "sfemu topology: %s: cannot write: %s; check path and space\n", name,
		strerror(code));
	return EXIT_FAILURE;
}

/* The three parts one after the other, so that a person can read them. */
static int write_stdout(const struct sfe_topology *t)
{
	static const char *const names[3] = {"nodes", "links", "edges"};
	char *text[3] = {0};
	size_t len[3];
	FILE *f[3];
	bool good = true;

	for (int i = 0; i < 3; i++)
		good &= (f[i] = open_memstream(&text[i], &len[i])) != NULL;
	good = good && !sfe_topology_write(t, f[0], f[1], f[2]);
	for (int i = 0; i < 3; i++) {
		if (f[i] && fclose(f[i]))
			good = false;
		if (good)
			printf("# %s\n%s", names[i], text[i]);
	}
	for (int i = 0; i < 3; i++)
		free(text[i]);
	if (!good || fflush(stdout) || ferror(stdout))
		return output_failed("standard output", errno ? errno : EIO);
	return EXIT_SUCCESS;
}

static int write_files(const struct sfe_topology *t, const char *prefix)
{
	static const char *const ends[3] = {".nodes", ".links", ".edges"};
	char path[3][PATH_MAX];
	FILE *f[3] = {0};
	int rc = 0, bad = 0;

	for (int i = 0; i < 3 && !rc; i++) {
		if (snprintf(path[i], PATH_MAX, "%s%s", prefix, ends[i]) >= PATH_MAX)
			rc = ENAMETOOLONG;
		else if (!(f[i] = fopen(path[i], "we")))
			rc = errno;
		bad = i;
	}
	if (!rc)
		rc = -sfe_topology_write(t, f[0], f[1], f[2]);
	for (int i = 0; i < 3; i++)
		if (f[i] && fclose(f[i]) && !rc) {
			rc = errno;
			bad = i;
		}
	if (rc)
		return output_failed(path[bad], rc);
	printf("%s, %s, %s: %u nodes, %u links, %u junctions\n", path[0], path[1], path[2],
		t->n_nodes, t->n_links, t->n_junctions);
	return EXIT_SUCCESS;
}

static bool is_network(const char *word)
{
	return !strcmp(word, "iiot") || !strcmp(word, "urban");
}

static int load(const struct options *o, int argc, char **argv, struct sfe_topology **t)
{
	struct sfe_error err = {0};
	int rc;

	if (argc == 1 && !strcmp(argv[0], "iiot") && !o->urban_only) {
		rc = sfe_topology_iiot(o->premises, t, &err);
	} else if (argc == 1 && !strcmp(argv[0], "urban") && !o->iiot_only) {
		rc = sfe_topology_urban(o->cells, o->seed, t, &err);
	} else if (argc == 3 && !o->iiot_only && !o->urban_only) {
		rc = sfe_topology_read(argv[0], argv[1], argv[2], t, &err);
	} else {
		return sfe_cli_usage("topology",
			"expected 'iiot [--premises N]', 'urban [--cells N] [--seed S]' or the "
			"three files NODES LINKS EDGES");
	}
	return rc ? sfe_cli_fail("topology", &err) : 0;
}

static int parse_number(const char *option, uint64_t min, uint64_t max, uint32_t *out, bool *given)
{
	uint64_t number;
	int rc = sfe_arg_u64(option, optarg, min, max, &number);

	if (rc)
		return rc;
	*out = (uint32_t)number;
	*given = true;
	return 0;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"premises", required_argument, NULL, 'p'},
		{"cells", required_argument, NULL, 'c'},
		{"seed", required_argument, NULL, 's'},
		{"output", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c, rc = 0;

	optind = 0; /* glibc: start over, as main has used getopt before */
	while (!rc && (c = getopt_long(argc, argv, "p:c:s:o:h", longs, NULL)) != -1) {
		switch (c) {
		case 'p':
			rc = parse_number("--premises", 1, 10000, &o->premises, &o->iiot_only);
			break;
		case 'c':
			rc = parse_number("--cells", 1, 1000, &o->cells, &o->urban_only);
			break;
		case 's':
			rc = parse_number("--seed", 0, 2147483646, &o->seed, &o->urban_only);
			break;
		case 'o':
			o->output = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return -1;
		default:
			return SFE_EXIT_USAGE;
		}
	}
	return rc;
}

static int run(const struct options *o, char *what, int argc, char **argv)
{
	bool make = is_network(what);
	struct sfe_topology *t;
	int rc;

	if (!make && strcmp(what, "show") && strcmp(what, "dot"))
		return sfe_cli_usage("topology", "unknown: '%s'", what);
	if (make && argc)
		return sfe_cli_usage("topology", "%s takes no '%s'", what, argv[0]);
	if (!make && o->output)
		return sfe_cli_usage("topology", "only iiot and urban take --output");
	rc = make ? load(o, 1, &what, &t) : load(o, argc, argv, &t);
	if (rc)
		return rc;
	if (make) {
		const char *output = o->output ? o->output : what;
		rc = strcmp(output, "-") ? write_files(t, output) : write_stdout(t);
	} else {
		rc = !strcmp(what, "show") ? sfe_topology_show(t, stdout)
					   : sfe_topology_dot(t, stdout);
		if (rc)
			rc = output_failed("standard output", -rc);
	}
	sfe_topology_free(t);
	return rc;
}

int sfe_cmd_topology(int argc, char **argv)
{
	struct options o = {
		.premises = DEFAULT_PREMISES, .cells = DEFAULT_CELLS, .seed = DEFAULT_SEED};
	int rc = parse_options(argc, argv, &o);

	if (rc)
		return rc < 0 ? EXIT_SUCCESS : rc;
	if (optind >= argc)
		return sfe_cli_usage("topology", "expected iiot, urban, show or dot");
	return run(&o, argv[optind], argc - optind - 1, argv + optind + 1);
}
