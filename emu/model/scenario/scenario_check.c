/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_check.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/scenario/scenario_sections.h"
#include "emu/model/scenario/scenario_workflows.h"

#define MAX_RATE_BPS 100000000000u

static int check_strategies(const struct sfe_scenario_reader *r, const struct sfe_tree *t)
{
	if (t->kind != SFE_TREE_LIST)
		return sfe_tree_fail(t, r->file, "write a list, such as [PureFaaS, StateLocal]",
			r->err, "strategies: is not a list");
	for (unsigned i = 0; i < t->n; i++)
		if (t->child[i]->kind != SFE_TREE_VALUE)
			return sfe_tree_fail(t->child[i], r->file,
				"write names, such as [PureFaaS, StateLocal]", r->err,
				"strategies: an element is not a name");
	return 0;
}

static int check_entry(
	const struct sfe_scenario_reader *r, const struct sfe_tree *t, const char *path);

/* Checks that all keys of a group are known, and that each has a value, a group or a list as its
 * type requires. */
static int check_group(
	const struct sfe_scenario_reader *r, const struct sfe_tree *t, const char *path)
{
	char *child;
	int ret = 0;

	for (unsigned i = 0; i < t->n && !ret; i++) {
		if (asprintf(&child, "%s%s%s", path, *path ? "." : "", t->child[i]->key) < 0)
			return sfe_reader_no_memory(r);
		ret = check_entry(r, t->child[i], child);
		free(child);
	}
	return ret;
}

static int check_entry(
	const struct sfe_scenario_reader *r, const struct sfe_tree *t, const char *path)
{
	const struct sfe_key *key = sfe_key_find(path);
	char keys[160], todo[sizeof(keys) + 32];

	if (sfe_section_find(path))
		return 0; /* its reader checks it */
	if (key && key->type == SFE_KEY_STRATEGIES)
		return check_strategies(r, t);
	if (key && (t->kind == SFE_TREE_VALUE ||
			   (key->type == SFE_KEY_PLACEMENT && t->kind == SFE_TREE_MAPPING)))
		return 0;
	if (key)
		return sfe_tree_fail(t, r->file, "write 'key: value'", r->err,
			"%s: is %s where one value belongs", path,
			t->kind == SFE_TREE_LIST ? "a list" : "a group of keys");
	if (!sfe_key_list(path, keys, sizeof(keys)))
		return sfe_reader_fail_unknown(r, path, r->file, t->line);
	if (t->kind == SFE_TREE_MAPPING)
		return check_group(r, t, path);
	snprintf(todo, sizeof(todo), "write one or more of %s below it", keys);
	return sfe_tree_fail(t, r->file, todo, r->err, "%s: is %s where a group of keys belongs",
		path, t->kind == SFE_TREE_LIST ? "a list" : "one value");
}

int sfe_scenario_check_keys(const struct sfe_scenario_reader *r)
{
	return check_group(r, r->tree, "");
}

static int check_topology(const struct sfe_scenario_reader *r)
{
	const struct {
		const char *key, *value;
	} files[] = {
		{"topology.nodes", r->s->topology.nodes},
		{"topology.links", r->s->topology.links},
		{"topology.edges", r->s->topology.edges},
	};
	unsigned given = 0;

	for (unsigned i = 0; i < 3; i++) {
		given += files[i].value != NULL;
		if (files[i].value && r->s->topology.generate)
			return sfe_reader_fail_key(r, files[i].key,
				"keep topology.generate or the three files, not both",
				"a file together with topology.generate");
	}
	if (r->s->topology.compose && (given || r->s->topology.generate))
		return sfe_reader_fail_key(r, given ? "topology.nodes" : "topology.generate",
			"keep one of topology.compose, topology.generate and the three files",
			"together with topology.compose");
	if (!given && !r->s->topology.generate && !r->s->topology.compose)
		return sfe_reader_fail_key(r, "topology",
			"write topology: {generate: iiot} or one of urban and cloud, or nodes, "
			"links and edges with files, or compose with cells",
			"there is no topology");
	for (unsigned i = 0; given && i < 3; i++)
		if (!files[i].value)
			return sfe_reader_fail_key(r, files[i].key, "give nodes, links and edges",
				"this file of the topology is missing");
	return 0;
}

/* Checks the keys of one kind of link. Checks that need the rate follow later if the topology
 * gives it. */
static int check_link(
	const struct sfe_scenario_reader *r, const char *kind, const struct sfe_link_spec *link)
{
	struct sfe_error cause = {0};
	const char *attribute;
	char path[64];

	struct sfe_link_spec known = *link;

	if (!link->rate_bps)
		known.rate_bps = MAX_RATE_BPS;
	/* Without a rate the queue's size is known only if it is in bytes. */
	if (!link->rate_bps && !link->queue_bytes
			? !sfe_link_check_medium(&known, &attribute, &cause)
			: !sfe_link_check(&known, r->s->tcp.mtu, &attribute, &cause))
		return 0;
	snprintf(path, sizeof(path), "link.%s.%s", kind, attribute);
	return sfe_reader_fail_key(r, path, cause.todo, "%s", cause.what);
}

int sfe_scenario_check_rules(const struct sfe_scenario_reader *r)
{
	static const char *const kinds[SFE_LINK_KINDS] = {
		[SFE_LINK_NODE] = "node",
		[SFE_LINK_SHARED] = "shared",
		[SFE_LINK_UPLINK] = "uplink",
		[SFE_LINK_DOWNLINK] = "downlink",
	};
	int ret = check_topology(r);

	for (unsigned i = 0; !ret && i < SFE_LINK_KINDS; i++)
		ret = check_link(r, kinds[i], &r->s->link[i]);
	if (ret)
		return ret;
	if (!r->s->workload.tasks && !r->s->workflows.n)
		return sfe_reader_fail_key(r, "workload.tasks",
			"write workload: {tasks: FILE}, or workflows", "there is no file of tasks");
	if ((ret = sfe_scenario_size_workflows(r->s, r->err)))
		return ret;
	if (r->s->invocation.retries && !r->s->invocation.deadline_ns)
		return sfe_reader_fail_key(r, "invocation.retries",
			"write invocation.deadline, such as 2s, or leave the retries out",
			"without a deadline no attempt ends, so no other one follows");
	if (r->s->clock == SFE_CLOCK_VIRTUAL && r->s->substrate == SFE_SUBSTRATE_NATIVE)
		return sfe_reader_fail_key(r, "clock", "write substrate: vm, or clock: real",
			"a virtual clock needs the substrate vm");
	return 0;
}
