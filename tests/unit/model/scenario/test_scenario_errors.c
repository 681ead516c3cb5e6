/* SPDX-License-Identifier: MIT */
#include "tests/unit/model/scenario/scenario_texts.h"

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
		{BASE "seed: 1\nseed: 2\n", "s.yaml:4: the key 'seed' is already given in line 3"},
		{BASE "link: {shared: {rate: 1Mbit}}\nlink: {node: {rate: 1Mbit}}\n",
			"s.yaml:4: the key 'link' is already given in line 3"},
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
		{BASE "sed: 1\n", "s.yaml:3: unknown key 'sed'; keys: name, seed, topology, link,"},
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
		{"name: a/b\n", "s.yaml:3: name: the name a/b has a character that names may not "
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
			"s.yaml:6: strategies: 'PureFaaS' is named twice"},
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
		{"topology: {generate: iiot}\nworkload: {tasks: tasks.csv, shape: tree}\n",
			"s.yaml:2: workload.shape: 'tree' is not known; write one of chain, dag"},
		{BASE "keep: everything\n",
			"s.yaml:3: keep: 'everything' is not known; write one of nothing, states"},
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

int main(void)
{
	static const struct unit_test tests[] = {
		{"files that are not scenarios", test_bad_files},
		{"bad values", test_bad_values},
		{"bad workload and topology", test_bad_workload_and_topology},
		{"no file", test_bad_place},
	};

	return scenario_main("scenario errors", tests, LEN(tests));
}
