/* SPDX-License-Identifier: MIT */
#include "sfemu/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/model/scenario/scenario_keys.h"
#include "emu/model/scenario/scenario_sections.h"
#include "tests/unit/unit.h"

#define BASE "topology: {generate: iiot}\nworkload: {tasks: tasks.csv}\n" /* lines 1 and 2 */
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static char folder[] = "/tmp/sfe-scenario-XXXXXX";

static void write_file(const char *name, const char *text, size_t len)
{
	FILE *out = fopen(name, "we");

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(fwrite(text, 1, len, out), len);
	CU_ASSERT_EQUAL(fclose(out), 0);
}

static int read_text(const char *text, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err)
{
	write_file("s.yaml", text, strlen(text));
	return sfe_scenario_read("s.yaml", sets, n_sets, out, err);
}

static struct sfe_scenario *good(const char *text, const char *const *sets, uint32_t n_sets)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = NULL;
	char buf[1200];

	if (read_text(text, sets, n_sets, &s, &err))
		fprintf(stderr, "%s\n", sfe_error_text(&err, buf, sizeof(buf)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return s;
}

/* The whole line that a user sees begins with `want`, and says what to do. */
static void refused(const char *text, const char *set, const char *want)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = NULL;
	char buf[1200];
	int ret = read_text(text, &set, set != NULL, &s, &err);

	sfe_error_text(&err, buf, sizeof(buf));
	if (ret != -EINVAL || strncmp(buf, want, strlen(want)) || !err.todo[0] ||
		strpbrk(buf, "\n\t"))
		fprintf(stderr, "%d, got:  %s\n   want: %s\n", ret, buf, want);
	CU_ASSERT_EQUAL(ret, -EINVAL);
	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_EQUAL(strncmp(buf, want, strlen(want)), 0);
	CU_ASSERT_NOT_EQUAL(err.todo[0], '\0');
	CU_ASSERT_PTR_NULL(strpbrk(buf, "\n\t"));
	CU_ASSERT_EQUAL(read_text(text, &set, set != NULL, &s, NULL), -EINVAL);
}

static void test_defaults(void)
{
	struct sfe_scenario *s = good(BASE, NULL, 0);
	char *path = NULL;

	CU_ASSERT_STRING_EQUAL(s->name, "s");
	CU_ASSERT_STRING_EQUAL(s->file, "s.yaml");
	CU_ASSERT_EQUAL(s->seed, 1);
	CU_ASSERT_STRING_EQUAL(s->topology.generate, "iiot");
	CU_ASSERT_EQUAL(s->topology.premises, 4);
	CU_ASSERT_PTR_NULL(s->topology.nodes);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 0);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_NODE].delay.a_ns, 50000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].delay.a_ns, 2000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].delay.a_ns, 5000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_DOWNLINK].queue_ns, 100000000);
	CU_ASSERT_STRING_EQUAL(s->tcp.congestion, "cubic");
	CU_ASSERT(s->tcp.slow_start_after_idle && s->tcp.sack && s->tcp.timestamps);
	CU_ASSERT_EQUAL(s->tcp.rmem_max, 6000000);
	CU_ASSERT_EQUAL(s->tcp.wmem_max, 4000000);
	CU_ASSERT_EQUAL(s->tcp.initial_window, 10);
	CU_ASSERT_EQUAL(s->tcp.mtu, 1500);
	CU_ASSERT_EQUAL(s->workload.jobs, 0);
	CU_ASSERT_EQUAL(s->workload.params.functions, 10);
	CU_ASSERT_EQUAL(s->workload.params.ops_factor, 1e5);
	CU_ASSERT_EQUAL(s->workload.params.arg_factor, 1e6);
	CU_ASSERT_EQUAL(s->workload.params.state_factor, 1e6);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_TRACE);
	CU_ASSERT_EQUAL(s->placement, SFE_PROC_NET);
	CU_ASSERT_EQUAL(s->n_strategies, 3);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_pure_faas);
	CU_ASSERT_PTR_EQUAL(s->strategies[2], &sfe_state_local);
	CU_ASSERT_EQUAL(s->substrate, SFE_SUBSTRATE_AUTO);
	CU_ASSERT_EQUAL(s->clock, SFE_CLOCK_AUTO);
	CU_ASSERT_EQUAL(s->job_timeout_ns, 3600000000000);
	CU_ASSERT_FALSE(s->jobs_may_fail);
	CU_ASSERT_EQUAL(s->invocation.deadline_ns, 0);
	CU_ASSERT_EQUAL(s->invocation.retries, 0);
	CU_ASSERT_EQUAL(s->invocation.backoff_ns, 100000000);
	CU_ASSERT_EQUAL(s->replicas, 0);
	CU_ASSERT(asprintf(&path, "%s/results", folder) > 0);
	CU_ASSERT_STRING_EQUAL(s->results, path);
	free(path);
	sfe_scenario_free(s);
}

static const char everything[] =
	"name: all-of-it\n"
	"seed: 2147483646\n"
	"topology: {nodes: t.nodes, links: ./t.links, edges: \"sub/../we\\\"ird \\\\.edges\"}\n"
	"link:\n"
	"  shared: {rate: 300Mbit, delay: 2.5ms, queue: 64kB}\n"
	"  uplink:\n"
	"    queue: 20ms\n"
	"    delay: 0\n"
	"tcp: {congestion: bbr, slow_start_after_idle: false, sack: false, timestamps: false,\n"
	"  rmem_max: 16MiB, wmem_max: 1MB, initial_window: 4, mtu: 9000}\n"
	"workload: {tasks: tasks.csv, jobs: 50, functions: 7, ops_factor: 0.1, arg_factor: 1e3,\n"
	"  state_factor: 0, arrivals: poisson 2.7}\n"
	"placement: ProcOnly\n"
	"strategies: [StateLocal, PureFaaS]\n"
	"substrate: vm\n"
	"clock: virtual\n"
	"job_timeout: 90s\n"
	"jobs_may_fail: true\n"
	"invocation: {deadline: 2.5s, retries: 3, backoff: 20ms}\n"
	"replicas: 2\n"
	"results: /tmp/results\n";

static void test_everything(void)
{
	struct sfe_scenario *s = good(everything, NULL, 0);

	CU_ASSERT_STRING_EQUAL(s->name, "all-of-it");
	CU_ASSERT_EQUAL(s->seed, 2147483646);
	CU_ASSERT_PTR_NULL(s->topology.generate);
	CU_ASSERT_EQUAL(s->topology.edges[0], '/');
	CU_ASSERT_PTR_NOT_NULL(strstr(s->topology.edges, "/we\"ird \\.edges"));
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 300000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].delay.a_ns, 2500000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].queue_bytes, 64000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].queue_ns, 0);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].delay.a_ns, 0);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].queue_ns, 20000000);
	CU_ASSERT_STRING_EQUAL(s->tcp.congestion, "bbr");
	CU_ASSERT(!s->tcp.slow_start_after_idle && !s->tcp.sack && !s->tcp.timestamps);
	CU_ASSERT_EQUAL(s->tcp.rmem_max, 16 << 20);
	CU_ASSERT_EQUAL(s->workload.jobs, 50);
	CU_ASSERT_EQUAL(s->workload.params.ops_factor, 0.1);
	CU_ASSERT_EQUAL(s->workload.params.state_factor, 0);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_POISSON);
	CU_ASSERT_EQUAL(s->workload.poisson_rate, 2.7);
	CU_ASSERT_EQUAL(s->placement, SFE_PROC_ONLY);
	CU_ASSERT_EQUAL(s->n_strategies, 2);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_state_local);
	CU_ASSERT_EQUAL(s->clock, SFE_CLOCK_VIRTUAL);
	CU_ASSERT_EQUAL(s->job_timeout_ns, 90000000000);
	CU_ASSERT(s->jobs_may_fail);
	CU_ASSERT_EQUAL(s->invocation.deadline_ns, 2500000000);
	CU_ASSERT_EQUAL(s->invocation.retries, 3);
	CU_ASSERT_EQUAL(s->invocation.backoff_ns, 20000000);
	CU_ASSERT_EQUAL(s->replicas, 2);
	CU_ASSERT_STRING_EQUAL(s->results, "/tmp/results");
	sfe_scenario_free(s);
}

static char *written(const struct sfe_scenario *s)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(sfe_scenario_write(s, out), 0);
	fclose(out);
	return text;
}

/* What is written reads back as the same, from another folder and with every key there. */
static void test_round_trip(void)
{
	static const char *const texts[] = {BASE, everything};

	for (size_t i = 0; i < LEN(texts); i++) {
		struct sfe_scenario *a = good(texts[i], NULL, 0), *b = NULL;
		struct sfe_error err = {0};
		char *first = written(a), *second;

		write_file("sub/other.yaml", first, strlen(first));
		CU_ASSERT_EQUAL(sfe_scenario_read("sub/other.yaml", NULL, 0, &b, &err), 0);
		CU_ASSERT_PTR_NOT_NULL_FATAL(b);
		second = written(b);
		CU_ASSERT_STRING_EQUAL(first, second);
		CU_ASSERT_EQUAL(memcmp(a->link, b->link, sizeof(a->link)), 0);
		CU_ASSERT_EQUAL(memcmp(&a->workload.params, &b->workload.params,
					sizeof(a->workload.params)),
			0);
		CU_ASSERT_EQUAL(a->workload.poisson_rate, b->workload.poisson_rate);
		CU_ASSERT_EQUAL(memcmp(a->strategies, b->strategies, sizeof(a->strategies)), 0);
		CU_ASSERT_STRING_EQUAL(a->results, b->results);
		sfe_scenario_free(a);
		sfe_scenario_free(b);
		free(first);
		free(second);
	}
}

static void test_bad_files(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", "s.yaml:1: the file is empty"},
		{"# nothing\n", "s.yaml:1: the file is empty"},
		{"- a\n", "s.yaml:1: the file does not hold keys"},
		{"a: [\n", "s.yaml:2: not YAML"},
		{BASE "seed: 1\n  name: x\n", "s.yaml:4: not YAML"},
		{BASE "name: \"\xff\"\n", "s.yaml:"},
		{BASE "seed: 1\nseed: 2\n", "s.yaml:4: the key 'seed' is there already, in line 3"},
		{BASE "link: {shared: {rate: 1Mbit}}\nlink: {node: {rate: 1Mbit}}\n",
			"s.yaml:4: the key 'link' is there already, in line 3"},
		{BASE "name: &a x\n", "s.yaml:3: anchors (&) and aliases (*) are not allowed"},
		{BASE "name: *a\n", "s.yaml:3: "},
		{BASE "? [a]\n: b\n", "s.yaml:3: a key that is not a plain text"},
		{BASE "name: \"a\\nb\"\n",
			"s.yaml:3: a text with a control character or a line break"},
		{BASE "name: \"a\\0b\"\n",
			"s.yaml:3: a text with a control character or a line break"},
		{BASE "---\nname: x\n", "s.yaml:3: a second document"},
		{"a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {o: {p: {q: "
		 "1}}}}}}}}}}}}}}}}\n",
			"s.yaml:1: nested more than 16 deep"},
		{BASE "sed: 1\n",
			"s.yaml:3: unknown key 'sed'; the keys are name, seed, topology, link,"},
		{BASE "link:\n  shared:\n    rat: 1Mbit\n",
			"s.yaml:5: unknown key 'link.shared.rat'; the keys of link.shared are "
			"rate, delay, delay_correlation, loss,"},
		{BASE "link: {wifi: {rate: 1Mbit}}\n",
			"s.yaml:3: unknown key 'link.wifi'; the keys of link are node, shared, "
			"uplink, downlink"},
		{BASE "seed: [1]\n", "s.yaml:3: seed: is a list where one value belongs"},
		{BASE "seed: {a: 1}\n",
			"s.yaml:3: seed: is a group of keys where one value belongs"},
		{BASE "link: 3\n", "s.yaml:3: link: is one value where a group of keys belongs; "
				   "write one or more of node,"},
		{BASE "link:\n", "s.yaml:3: link: is one value where"},
		{BASE "link.shared.rate: 1Mbit\n",
			"s.yaml:3: the key 'link.shared.rate' has a dot or a bracket"},
		{BASE "strategies: PureFaaS\n", "s.yaml:3: strategies: is not a list"},
		{BASE "strategies: [[PureFaaS]]\n",
			"s.yaml:3: strategies: an element is not a name"},
	};

	for (size_t i = 0; i < LEN(cases); i++)
		refused(cases[i].text, NULL, cases[i].want);
}

static void test_bad_values(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"name: a/b\n", "s.yaml:3: name: the name a/b has a character that no name may "
				"have; use letters, digits and any of _ . -"},
		{"name: ..\n", "s.yaml:3: name: the name .. begins with '.'"},
		{"name:\n", "s.yaml:3: name: an empty name"},
		{"seed: -1\n", "s.yaml:3: seed: '-1' is not a whole number; write a whole number "
			       "from 0 to 2147483646"},
		{"seed: 2147483647\n", "s.yaml:3: seed: 2147483647 is out of range"},
		{"seed: 99999999999999999999999\n",
			"s.yaml:3: seed: 99999999999999999999999 is out of range"},
		{"seed:\n", "s.yaml:3: seed: '' is not a whole number"},
		{"seed: 1.5\n", "s.yaml:3: seed: '1.5' is not a whole number"},
		{"link:\n  shared:\n    rate: 300\n",
			"s.yaml:5: link.shared.rate: '300' has no unit; write a number with one of "
			"the units bit, kbit, "
			"Mbit, Gbit"},
		{"link:\n  shared: {delay: 1ms,\n    rate: 300ms}\n",
			"s.yaml:5: link.shared.rate: '300ms' has a unit that"},
		{"link: {node: {rate: 999bit}}\n", "s.yaml:3: link.node.rate: 999bit is out of "
						   "range; write a value from 1kbit to 100Gbit"},
		{"link: {node: {rate: 101Gbit}}\n",
			"s.yaml:3: link.node.rate: 101Gbit is out of range"},
		{"link: {node: {rate: 0}}\n", "s.yaml:3: link.node.rate: 0 is out of range"},
		{"link: {node: {rate: 1e30Gbit}}\n",
			"s.yaml:3: link.node.rate: '1e30Gbit' is too large"},
		{"link: {node: {delay: 61min}}\n", "s.yaml:3: link.node.delay: 61min is out of "
						   "range; write a value from 0ns to 1h"},
		{"link: {node: {delay: -1ms}}\n", "s.yaml:3: link.node.delay: '-1ms' is negative"},
		{"link: {node: {queue: 5Mbit}}\n",
			"s.yaml:3: link.node.queue: '5Mbit' is neither a time nor a size"},
		{"link: {node: {queue: 0}}\n", "s.yaml:3: link.node.queue: 0 is out of range"},
		{"link:\n  node:\n    queue: 1513B\n",
			"s.yaml:5: link.node.queue: holds 1513 bytes, less than one packet of "
			"1514; give it at least 1514B"},
		{"link: {node: {rate: 1Mbit, queue: 10ms}}\n",
			"s.yaml:3: link.node.queue: holds 1250 bytes, less than one packet of "
			"1514; give it at least "
			"1514B or 12112us"},
		{"link:\n  node:\n    rate: 1kbit\n", "s.yaml:4: link.node.queue: holds 12 bytes"},
		{"tcp: {sack: yes}\n", "s.yaml:3: tcp.sack: 'yes' is neither true nor false"},
		{"tcp: {rmem_max: 6}\n", "s.yaml:3: tcp.rmem_max: '6' has no unit"},
		{"tcp: {rmem_max: 2GiB}\n", "s.yaml:3: tcp.rmem_max: 2GiB is out of range"},
		{"tcp: {mtu: 100}\n", "s.yaml:3: tcp.mtu: 100 is out of range"},
		{"tcp: {congestion: a b}\n",
			"s.yaml:3: tcp.congestion: the name a b has a character"},
		{"placement: procnet\n", "s.yaml:3: placement: 'procnet' is not known; write one "
					 "of ProcNet, ProcOnly"},
		{"substrate: kvm\n",
			"s.yaml:3: substrate: 'kvm' is not known; write one of auto, native, vm"},
		{"clock: fast\n",
			"s.yaml:3: clock: 'fast' is not known; write one of auto, real, virtual"},
		{"clock: virtual\nsubstrate: native\n",
			"s.yaml:3: clock: a virtual clock needs the substrate vm"},
		{"strategies: []\n", "s.yaml:3: strategies: the list is empty"},
		{"strategies:\n  - PureFaaS\n  - purefaas\n",
			"s.yaml:5: strategies: there is no strategy 'purefaas'; write any of "
			"PureFaaS, StatePropagate, "
			"StateLocal"},
		{"strategies:\n  - PureFaaS\n  - StateLocal\n  - PureFaaS\n",
			"s.yaml:6: strategies: 'PureFaaS' is there already"},
		{"job_timeout: 0\n", "s.yaml:3: job_timeout: 0 is out of range"},
		{"job_timeout: 60\n", "s.yaml:3: job_timeout: '60' has no unit"},
		{"jobs_may_fail: maybe\n", "s.yaml:3: jobs_may_fail: 'maybe' is neither"},
		{"replicas: 9\n", "s.yaml:3: replicas: 9 is out of range"},
		{"invocation: {retries: 2}\n",
			"s.yaml:3: invocation.retries: without a deadline no attempt ends, so no "
			"other one follows; write invocation.deadline"},
		{"invocation: {deadline: none, retries: 2}\n",
			"s.yaml:3: invocation.retries: without a deadline"},
		{"invocation: {deadline: 0}\n",
			"s.yaml:3: invocation.deadline: 0 is out of range; write a value from 1ns "
			"to 8760h or none"},
		{"invocation: {deadline: soon}\n", "s.yaml:3: invocation.deadline: 'soon'"},
		{"invocation: {deadline: 1s, retries: 1001}\n",
			"s.yaml:3: invocation.retries: 1001 is out of range"},
		{"invocation: {backoff: none}\n", "s.yaml:3: invocation.backoff: 'none'"},
		{"results:\n", "s.yaml:3: results: no folder is given"},
	};
	char text[512];

	for (size_t i = 0; i < LEN(cases); i++) {
		snprintf(text, sizeof(text), BASE "%s", cases[i].text);
		refused(text, NULL, cases[i].want);
	}
}

static void test_bad_workload_and_topology(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"topology: {generate: iiot}\n",
			"s.yaml:1: workload.tasks: there is no file of tasks"},
		{"topology: {generate: iiot}\nworkload: {jobs: 3}\n",
			"s.yaml:2: workload.tasks: there is no file of tasks"},
		{"seed: 1\nworkload: {tasks: no.csv}\n",
			"s.yaml:2: workload.tasks: cannot read no.csv: No such file or directory"},
		{"workload: {tasks: sub}\n",
			"s.yaml:1: workload.tasks: cannot read sub: not a regular file"},
		{"workload: {tasks: tasks.csv}\n", "s.yaml:1: topology: there is no topology"},
		{"workload: {tasks: tasks.csv}\ntopology: {premises: 3}\n",
			"s.yaml:2: topology: there is no topology"},
		{"workload: {tasks: tasks.csv}\ntopology:\n  generate: iiot\n  nodes: t.nodes\n",
			"s.yaml:4: topology.nodes: a file together with topology.generate"},
		{"workload: {tasks: tasks.csv}\ntopology:\n  nodes: t.nodes\n  links: t.links\n",
			"s.yaml:2: topology.edges: this file of the topology is missing"},
		{"topology:\n  nodes: t.nodes\n  links: ../nowhere/t.links\n",
			"s.yaml:3: topology.links: cannot read ../nowhere/t.links: No such file"},
		{"topology: {generate: lunar}\n", "s.yaml:1: topology.generate: 'lunar' is not "
						  "known; write one of iiot, urban"},
		{"topology: {generate: iiot, premises: 0}\n",
			"s.yaml:1: topology.premises: 0 is out of range"},
		{"topology: {generate: iiot}\nworkload: {jobs: some}\n",
			"s.yaml:2: workload.jobs: 'some' is not a whole number; write a whole "
			"number from 1 to 10000000 or "
			"all"},
		{BASE "  jobs: 3\n", "s.yaml:3: not YAML"},
		{"topology: {generate: iiot}\nworkload: {tasks: tasks.csv, ops_factor: nan}\n",
			"s.yaml:2: workload.ops_factor: 'nan' is not a factor"},
		{"topology: {generate: iiot}\nworkload: {tasks: tasks.csv, ops_factor: 1e400}\n",
			"s.yaml:2: workload.ops_factor: '1e400' is not a factor"},
		{"topology: {generate: iiot}\nworkload: {tasks: tasks.csv, arrivals: poisson}\n",
			"s.yaml:2: workload.arrivals: 'poisson' is not a kind of arrivals"},
		{"topology: {generate: iiot}\nworkload: {tasks: tasks.csv, arrivals: poisson -1}\n",
			"s.yaml:2: workload.arrivals: 'poisson -1' is not"},
		{"topology: {generate: iiot}\nworkload: {tasks: tasks.csv, arrivals: poisson 0}\n",
			"s.yaml:2: workload.arrivals: 'poisson 0' is not"},
	};

	for (size_t i = 0; i < LEN(cases); i++)
		refused(cases[i].text, NULL, cases[i].want);
}

static void test_bad_place(void)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s;
	size_t len = (1 << 20) + 1;
	char *big = malloc(len);

	CU_ASSERT_EQUAL(sfe_scenario_read("none.yaml", NULL, 0, &s, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "none.yaml");
	CU_ASSERT_STRING_EQUAL(err.what, "cannot be opened: No such file or directory");
	CU_ASSERT_EQUAL(sfe_scenario_read("sub", NULL, 0, &s, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.what, "cannot be read: Is a directory");
	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	memset(big, '#', len);
	write_file("big.yaml", big, len);
	free(big);
	CU_ASSERT_EQUAL(sfe_scenario_read("big.yaml", NULL, 0, &s, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.what, "is larger than 1 MiB");
}

static void test_set(void)
{
	static const char *const sets[] = {"link.shared.rate=100Mbit", "seed=4",
		"strategies=StateLocal, PureFaaS", "seed=7", "workload.arrivals=poisson 1",
		"topology.generate=", "topology.nodes=t.nodes", "topology.links=t.links",
		"topology.edges=t.links", "strategies=[StatePropagate]"};
	struct sfe_scenario *s = good("seed: 3\nstrategies: [Wrong]\n" BASE, sets, LEN(sets));

	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 100000000);
	CU_ASSERT_EQUAL(s->seed, 7);
	CU_ASSERT_EQUAL(s->n_strategies, 1);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_state_propagate);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_POISSON);
	CU_ASSERT_PTR_NULL(s->topology.generate);
	CU_ASSERT_PTR_NOT_NULL(s->topology.edges);
	sfe_scenario_free(s);
}

/* Takes YAML's double quotes off, in place. */
static void unquote(char *text)
{
	char *to = text;

	if (*text != '"')
		return;
	for (const char *p = text + 1; *p && *p != '"'; p++)
		*to++ = *p == '\\' ? *++p : *p;
	*to = '\0';
}

/* Every key can be set to what the writer gives for it. */
static void test_set_every_key(void)
{
	struct sfe_scenario *s = good(everything, NULL, 0);
	char *before = written(s);

	for (unsigned i = 0; i < sfe_n_keys; i++) {
		char *text = NULL, *set = NULL, *after;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		CU_ASSERT_PTR_NOT_NULL_FATAL(out);
		sfe_key_print(&sfe_keys[i], s, out);
		fclose(out);
		unquote(text);
		CU_ASSERT(asprintf(&set, "%s=%s", sfe_keys[i].path, text) > 0);
		struct sfe_scenario *t = good(everything, (const char *const *)&set, 1);
		after = written(t);
		CU_ASSERT_STRING_EQUAL(before, after);
		sfe_scenario_free(t);
		free(after);
		free(set);
		free(text);
	}
	free(before);
	sfe_scenario_free(s);
}

static void test_bad_set(void)
{
	static const struct {
		const char *set, *want;
	} cases[] = {
		{"link.shared.rate=300",
			"--set link.shared.rate=300: link.shared.rate: '300' has no unit; write"},
		{"link.shared.rat=300", "--set link.shared.rat=300: unknown key 'link.shared.rat'; "
					"the keys of link.shared "
					"are rate, delay, delay_correlation, loss,"},
		{"link.shared=1", "--set link.shared=1: 'link.shared' is a group of keys; set one "
				  "of its keys rate,"},
		{"seed", "--set seed: is not key=value"},
		{"=1", "--set =1: is not key=value"},
		{"", "--set : is not key=value"},
		{"seed=a\nb", "--set seed=a?b: a control character"},
		{"\n=b", "--set ?=b: a control character"},
		{"strategies=", "--set strategies=: strategies: the list is empty"},
		{"strategies=[]", "--set strategies=[]: strategies: the list is empty"},
		{"strategies=PureFaaS,,StateLocal",
			"--set strategies=PureFaaS,,StateLocal: strategies: there is no strategy "
			"''"},
		{"strategies=PureFaaS,PureFaaS",
			"--set strategies=PureFaaS,PureFaaS: strategies: 'PureFaaS' is there"},
		{"workload.tasks=/no/file", "--set workload.tasks=/no/file: workload.tasks: cannot "
					    "read /no/file: No such"},
		{"topology.nodes=t.nodes",
			"--set topology.nodes=t.nodes: topology.nodes: a file together with"},
		{"link.node.queue=100B",
			"--set link.node.queue=100B: link.node.queue: holds 100 bytes, less"},
	};

	for (size_t i = 0; i < LEN(cases); i++)
		refused(BASE, cases[i].set, cases[i].want);
}

/* The cell that begins at *p ("| " before it), without its backticks; *p goes to the next one. */
#define MAX_CELLS 8

/* The cells of a row of a Markdown table, without spaces and backquotes around them. */
static unsigned split_row(char *line, char *cells[MAX_CELLS])
{
	unsigned n = 0;

	for (char *at = strchr(line, '|'); at && n < MAX_CELLS;) {
		char *cell = at + 1;
		at = strchr(cell, '|');
		if (!at)
			break;
		*at = '\0';
		cell += strspn(cell, " ");
		size_t len = strlen(cell);
		while (len && cell[len - 1] == ' ')
			cell[--len] = '\0';
		if (len > 1 && cell[0] == '`' && strchr(cell + 1, '`') == cell + len - 1) {
			cell[len - 1] = '\0';
			cell++;
		}
		cells[n++] = cell;
	}
	return n;
}

/* A row says the default of a key; "-" that there is no such key. */
static void check_row(const char *path, const char *preset, bool *seen)
{
	const struct sfe_key *key = sfe_key_find(path);
	bool good = strcmp(preset, "-") ? key && !seen[key - sfe_keys] &&
						  (!key->preset || !strcmp(key->preset, preset))
					: !key;

	if (!good)
		fprintf(stderr, "docs/scenario.md: '%s', default '%s'\n", path, preset);
	CU_ASSERT(good);
	if (key)
		seen[key - sfe_keys] = true;
}

/* A row of the table of links' keys has a column of defaults for each kind. */
static void check_link_row(char *cells[MAX_CELLS], bool *seen)
{
	static const char before[] = "link.KIND.";
	static const char *const kinds[] = {"node", "shared", "uplink", "downlink"};
	char path[128];

	CU_ASSERT(!strncmp(cells[0], before, strlen(before)));
	for (size_t k = 0; k < LEN(kinds); k++) {
		snprintf(path, sizeof(path), "link.%s.%s", kinds[k], cells[0] + strlen(before));
		check_row(path, cells[2 + k], seen);
	}
}

/* Each row of the tables of keys in docs/scenario.md is a key of the program with the same
 * default, each row of its table of sections a section; none is missing. */
static void test_documentation(void)
{
	FILE *in = fopen(SFE_SOURCE_DIR "/docs/scenario.md", "re");
	enum { NO_TABLE, KEYS, LINK_KEYS, SECTIONS } table = NO_TABLE;
	bool seen[SFE_MAX_KEYS] = {false};
	unsigned n_sections = 0, sections = 0;
	char line[1024], *cells[MAX_CELLS];

	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	while (fgets(line, sizeof(line), in)) {
		CU_ASSERT_PTR_NOT_NULL(strchr(line, '\n')); /* a whole line */
		if (!strncmp(line, "| key | type | default |", 24))
			table = KEYS;
		else if (!strncmp(line, "| key | type | node |", 21))
			table = LINK_KEYS;
		else if (!strncmp(line, "| section |", 11))
			table = SECTIONS;
		else if (line[0] != '|')
			table = NO_TABLE;
		else if (table != NO_TABLE && !strncmp(line, "| `", 3)) {
			CU_ASSERT_FATAL(split_row(line, cells) >= (table == LINK_KEYS ? 8 : 3));
			if (table == KEYS)
				check_row(cells[0], cells[2], seen);
			else if (table == LINK_KEYS)
				check_link_row(cells, seen);
			else if (sfe_section_find(cells[0]))
				n_sections++;
			else
				CU_FAIL("docs/scenario.md names a section that there is not");
		}
	}
	fclose(in);
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		if (!seen[i])
			fprintf(stderr, "docs/scenario.md: '%s' is missing\n", sfe_keys[i].path);
		CU_ASSERT(seen[i]);
	}
	for (const struct sfe_section *s = sfe_sections; s->path; s++)
		sections++;
	CU_ASSERT_EQUAL(n_sections, sections);
}

/* The ready scenarios are read as they are. */
static void test_ready_scenarios(void)
{
	static const char *const files[] = {SFE_SOURCE_DIR "/scenarios/iiot.yaml",
		SFE_SOURCE_DIR "/scenarios/changing.yaml", SFE_SOURCE_DIR "/scenarios/chaos.yaml",
		SFE_SOURCE_DIR "/scenarios/urban.yaml"};

	for (size_t i = 0; i < LEN(files); i++) {
		struct sfe_error err = {0};
		struct sfe_scenario *s = NULL;
		CU_ASSERT_EQUAL(sfe_scenario_read(files[i], NULL, 0, &s, &err), 0);
		CU_ASSERT_STRING_EQUAL(err.what, "");
		sfe_scenario_free(s);
	}
}

static int set_up(void)
{
	if (!mkdtemp(folder) || chdir(folder) || mkdir("sub", 0755))
		return -1;
	static const char *const names[] = {"tasks.csv", "t.nodes", "t.links", "we\"ird \\.edges"};
	for (size_t i = 0; i < LEN(names); i++) {
		FILE *out = fopen(names[i], "we");
		if (!out || fclose(out))
			return -1;
	}
	return 0;
}

static void tear_down(void)
{
	static const char *const names[] = {"tasks.csv", "t.nodes", "t.links", "we\"ird \\.edges",
		"s.yaml", "big.yaml", "sub/other.yaml", "sub"};

	for (size_t i = 0; i < LEN(names); i++)
		remove(names[i]);
	if (!chdir("/"))
		rmdir(folder);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"defaults", test_defaults},
		{"every key", test_everything},
		{"written and read back", test_round_trip},
		{"files that are no scenario", test_bad_files},
		{"bad values", test_bad_values},
		{"bad workload and topology", test_bad_workload_and_topology},
		{"no file", test_bad_place},
		{"--set", test_set},
		{"--set of every key", test_set_every_key},
		{"bad --set", test_bad_set},
		{"documentation", test_documentation},
		{"ready scenarios", test_ready_scenarios},
	};

	if (set_up()) {
		perror(folder);
		return EXIT_FAILURE;
	}
	int status = unit_main("scenario", tests, LEN(tests));
	tear_down();
	return status;
}
