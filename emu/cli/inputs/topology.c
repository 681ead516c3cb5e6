/* SPDX-License-Identifier: MIT */
/* `sfemu topology`: generates, shows and draws topologies. */
#include "sfemu/topology.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/security/folder.h"
#include "sfemu/generate.h"
#include "sfemu/scenario.h"

#define MAX_SETS 64

struct options {
	struct sfe_generator g;
	bool given[128]; /* index: the letter of the option */
	const char *output;
	const char *sets[MAX_SETS + 1];
	uint32_t n_sets;
};

/* The networks that an option is for. */
static const struct {
	char letter;
	const char *name, *networks;
} belongs[] = {
	{'p', "--premises", "iiot"},
	{'c', "--cells", "urban"},
	{'d', "--density", "urban"},
	{'s', "--seed", "urban"},
	{'r', "--regions", "cloud"},
	{'R', "--racks", "iiot urban cloud"},
	{'S', "--servers", "iiot urban cloud"},
	{'l', "--latency", "iiot urban cloud"},
	{'t', "--set", "scenario"},
};

static int output_failed(const char *name, int code)
{
	fprintf(stderr, "sfemu topology: %s: cannot write: %s; check path and space\n", name,
		strerror(code));
	return EXIT_FAILURE;
}

static int flushed(void)
{
	if (fflush(stdout) || ferror(stdout))
		return output_failed("standard output", errno ? errno : EIO);
	return EXIT_SUCCESS;
}

/* Writes the three files one after the other, for a person to read. */
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
	return good ? flushed() : output_failed("standard output", errno ? errno : EIO);
}

static int write_files(const struct sfe_topology *t, const char *prefix)
{
	static const char *const ends[3] = {".nodes", ".links", ".edges"};
	struct sfe_replacement file[3] = {0};
	struct sfe_error err = {0};
	char path[3][PATH_MAX];
	int rc = 0;

	for (int i = 0; i < 3 && !rc; i++) {
		if (snprintf(path[i], PATH_MAX, "%s%s", prefix, ends[i]) >= PATH_MAX)
			rc = sfe_fail(&err, -ENAMETOOLONG, prefix, NULL, "is too long");
		else
			rc = sfe_replacement_begin_path(path[i], &file[i], &err);
	}
	if (!rc && (rc = sfe_topology_write(t, file[0].out, file[1].out, file[2].out)))
		sfe_fail(&err, rc, prefix, "check the space", "cannot write: %s", strerror(-rc));
	for (int i = 0; i < 3; i++) {
		int ended = file[i].out ? sfe_replacement_end(&file[i], !rc, rc ? NULL : &err) : 0;
		rc = rc ? rc : ended;
	}
	if (rc) {
		sfe_cli_fail("topology", &err);
		return EXIT_FAILURE;
	}
	printf("%s, %s, %s: %u nodes, %u links, %u junctions\n", path[0], path[1], path[2],
		t->n_nodes, t->n_links, t->n_junctions);
	return EXIT_SUCCESS;
}

static bool is_generated(const char *word)
{
	return !strcmp(word, "iiot") || !strcmp(word, "urban") || !strcmp(word, "cloud");
}

/* A generated network or the file of a scenario, whose name has a dot or a slash in it. */
static bool is_network(const char *word)
{
	return is_generated(word) || strpbrk(word, "./");
}

/* Refuses options that are not for this network. */
static int check_options(const struct options *o, const char *network)
{
	for (size_t i = 0; i < sizeof(belongs) / sizeof(belongs[0]); i++)
		if (o->given[(unsigned char)belongs[i].letter] &&
			!strstr(belongs[i].networks, network))
			return sfe_cli_usage("topology", "%s is for %s, not for %s",
				belongs[i].name,
				strcmp(belongs[i].networks, "scenario") ? belongs[i].networks
									: "a scenario's file",
				strcmp(network, "scenario") ? network : "a scenario's file");
	return 0;
}

static int load_scenario(const struct options *o, const char *file, struct sfe_topology **t)
{
	const char *sets[MAX_SETS + 1];
	struct sfe_scenario *s;
	struct sfe_error err = {0};
	char tasks[PATH_MAX + 32];
	uint32_t n = 0;

	/* Only the topology is needed: the tasks may be missing, so this file stands for them. */
	snprintf(tasks, sizeof(tasks), "workload.tasks=%s", file);
	if (!access(file, R_OK))
		sets[n++] = tasks;
	for (uint32_t i = 0; i < o->n_sets; i++)
		sets[n++] = o->sets[i];
	int rc = sfe_scenario_read(file, sets, n, &s, &err);
	if (!rc) {
		rc = sfe_scenario_topology(s, t, &err);
		sfe_scenario_free(s);
	}
	return rc ? sfe_cli_fail("topology", &err) : 0;
}

static int load(const struct options *o, int argc, char **argv, struct sfe_topology **t)
{
	struct sfe_error err = {0};
	bool generated = argc == 1 && is_generated(argv[0]);
	int rc;

	if (argc != 3 && (argc != 1 || !is_network(argv[0])))
		return sfe_cli_usage("topology",
			"expected iiot, urban, cloud, a scenario's file or the three files NODES "
			"LINKS EDGES");
	rc = check_options(o, argc == 3 ? "the three files" : generated ? argv[0] : "scenario");
	if (rc)
		return rc;
	if (argc == 1 && !generated)
		return load_scenario(o, argv[0], t);
	if (argc == 3) {
		rc = sfe_topology_read(argv[0], argv[1], argv[2], t, &err);
	} else {
		struct sfe_generator g = o->g;
		g.scenario = argv[0];
		rc = sfe_topology_generate(&g, t, &err);
	}
	return rc ? sfe_cli_fail("topology", &err) : 0;
}

static int parse_number(const char *option, uint64_t min, uint64_t max, uint32_t *out)
{
	uint64_t number;
	int rc = sfe_arg_u64(option, optarg, min, max, &number);

	if (!rc)
		*out = (uint32_t)number;
	return rc;
}

static int parse_option(int c, struct options *o)
{
	switch (c) {
	case 'p':
		return parse_number("--premises", 1, SFE_MAX_PREMISES, &o->g.premises);
	case 'c':
		return parse_number("--cells", 1, SFE_MAX_CELLS, &o->g.cells);
	case 's':
		return parse_number("--seed", 0, 2147483646, &o->g.seed);
	case 'R':
		return parse_number("--racks", 1, SFE_MAX_RACKS, &o->g.racks);
	case 'S':
		return parse_number("--servers", 1, SFE_MAX_SERVERS, &o->g.servers);
	case 'd':
		o->g.density = optarg;
		return 0;
	case 'r':
		o->g.regions = optarg;
		return 0;
	case 'l':
		o->g.latency = true;
		return 0;
	case 'o':
		o->output = optarg;
		return 0;
	case 't':
		if (o->n_sets == MAX_SETS)
			return sfe_cli_usage("topology", "more than %d --set", MAX_SETS);
		o->sets[o->n_sets++] = optarg;
		return 0;
	case SFE_OPTION_HELP:
		return -1;
	default:
		return SFE_EXIT_USAGE;
	}
}

static int cmd_topology(int argc, char **argv);

static const struct sfe_option option_table[] = {
	SFE_OPTION_GROUP("iiot, Ether's industrial IoT network:"),
	{"premises", 'p', "N", SFE_WORD_ANY, 'p', "sites (default 4)"},
	SFE_OPTION_GROUP("urban, Ether's urban sensing network:"),
	{"cells", 'c', "N", SFE_WORD_ANY, 'c', "neighbourhoods (default 5)"},
	{"density", 'd', "LAW", SFE_WORD_ANY, 'd',
		"how many sensor nodes each has: uniform 2 6, or lognormal SHAPE LOCATION "
		"SCALE (default 0.39 0 5.104, from 1 to 20; that of Ether itself is 0.82 "
		"2.02 1)"},
	{"seed", 's', "S", SFE_WORD_ANY, 's', "the seed of the draws (default 1)"},
	SFE_OPTION_GROUP("cloud, Ether's cloud regions with the latencies measured between them:"),
	{"regions", 'r', "LIST", SFE_WORD_ANY, 'r',
		"names with commas, or aws, or gcp (default: five of AWS)"},
	SFE_OPTION_GROUP("any of the three:"),
	{"racks", 'R', "N", SFE_WORD_ANY, 'R',
		"racks of a cloudlet (default 3, in urban 2, in cloud 1)"},
	{"servers", 'S', "N", SFE_WORD_ANY, 'S', "servers of a rack (default 5)"},
	{"latency", 'l', NULL, SFE_WORD_ANY, 'l',
		"with the log-normal latencies of Ether (default: none)"},
	SFE_OPTION_GROUP("the file of a scenario:"),
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, 't', "as for `sfemu run`; for example seed=7"},
	SFE_OPTION_GROUP("all:"),
	{"output", 'o', "PREFIX", SFE_WORD_FILE, 'o',
		"where NETWORK is written (default: its name; \"-\" is the standard output)"},
	{0},
};
const struct sfe_verb sfe_verb_topology = {
	.name = "topology",
	.summary = "generate, show and draw topologies",
	.run = cmd_topology,
	.usage = (const char *const[]){"NETWORK [-o PREFIX] [OPTIONS]",
		"show    (NETWORK | NODES LINKS EDGES)", "dot     (NETWORK | NODES LINKS EDGES)",
		"compose (iiot | urban | cloud)", "blocks | regions", NULL},
	.about = "NETWORK is iiot, urban or cloud, generated with the options below, or the "
		 "file of a scenario (a name with a dot or a slash): its topology, with the "
		 "rates that it sets. NETWORK by itself is written as the three files of "
		 "Ether: PREFIX.nodes, PREFIX.links and PREFIX.edges.\n"
		 "\n"
		 "show: what is in it: nodes, links, junctions, diameter.\n"
		 "\n"
		 "dot: a drawing for Graphviz.\n"
		 "\n"
		 "compose: the generator as cells within cells, as topology.compose of a "
		 "scenario has it (docs/scenario.md).\n"
		 "\n"
		 "blocks: the nodes, connections and latencies of Ether.\n"
		 "\n"
		 "regions: the cloud regions whose latencies to each other are known.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu topology show iiot --premises 2",
		"sfemu topology dot iiot | dot -Tsvg > iiot.svg", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"}, {1, "it cannot be written"},
		{2, "bad input"}, {0}},
	.words = "iiot|urban|cloud|show|dot|compose|blocks|regions",
	.operand = SFE_WORD_FILE,
};

static int parse_options(int argc, char **argv, struct options *o)
{
	int c, rc = 0;

	optind = 0; /* glibc: begin anew */
	while (!rc && (c = sfe_verb_option(&sfe_verb_topology, argc, argv)) != SFE_OPTION_END) {
		if (c > 0 && c < 128)
			o->given[c] = true;
		rc = parse_option(c, o);
	}
	return rc;
}

static int show_composition(const struct options *o, int argc, char **argv)
{
	struct sfe_generator g = o->g;
	struct sfe_error err = {0};
	char *text;

	if (argc != 1 || !is_generated(argv[0]))
		return sfe_cli_usage("topology", "compose expects iiot, urban or cloud");
	g.scenario = argv[0];
	int rc = check_options(o, argv[0]);
	if (rc)
		return rc;
	if (sfe_topology_composition(&g, &text, &err))
		return sfe_cli_fail("topology", &err);
	fputs(text, stdout);
	free(text);
	return flushed();
}

static int write_network(const struct options *o, char *what)
{
	const char *output = o->output ? o->output : what;
	struct sfe_topology *t;
	char name[PATH_MAX];
	int rc = load(o, 1, &what, &t);

	if (rc)
		return rc;
	if (!o->output &&
		!is_generated(what)) { /* the name of the file, without folder and suffix */
		const char *slash = strrchr(what, '/');
		snprintf(name, sizeof(name), "%s", slash ? slash + 1 : what);
		char *dot = strrchr(name, '.');
		if (dot && dot != name)
			*dot = '\0';
		output = name;
	}
	rc = strcmp(output, "-") ? write_files(t, output) : write_stdout(t);
	sfe_topology_free(t);
	return rc;
}

static int run(const struct options *o, char *what, int argc, char **argv)
{
	bool show = !strcmp(what, "show"), list = !strcmp(what, "blocks");
	struct sfe_topology *t;
	int rc;

	if (o->output && !is_network(what))
		return sfe_cli_usage("topology", "%s takes no --output", what);
	if (is_network(what) && argc)
		return sfe_cli_usage("topology", "%s takes no '%s'", what, argv[0]);
	if (is_network(what))
		return write_network(o, what);
	if (!strcmp(what, "compose"))
		return show_composition(o, argc, argv);
	if (list || !strcmp(what, "regions")) {
		if (argc)
			return sfe_cli_usage("topology", "%s takes no '%s'", what, argv[0]);
		if (list)
			sfe_blocks_show(stdout);
		else
			sfe_regions_show(stdout);
		return flushed();
	}
	if (!show && strcmp(what, "dot"))
		return sfe_cli_usage("topology", "unknown: '%s'", what);
	if ((rc = load(o, argc, argv, &t)))
		return rc;
	rc = show ? sfe_topology_show(t, stdout) : sfe_topology_dot(t, stdout);
	sfe_topology_free(t);
	return rc ? output_failed("standard output", -rc) : EXIT_SUCCESS;
}

static int cmd_topology(int argc, char **argv)
{
	struct options o = {.g = {.seed = 1}};
	int rc = parse_options(argc, argv, &o);

	if (rc)
		return rc < 0 ? EXIT_SUCCESS : rc;
	if (optind >= argc)
		return sfe_cli_usage("topology", "expected iiot, urban, cloud, a scenario's file, "
						 "show, dot, compose, blocks or regions");
	return run(&o, argv[optind], argc - optind - 1, argv + optind + 1);
}
