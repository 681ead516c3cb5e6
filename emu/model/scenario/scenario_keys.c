/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_keys.h"

#include <string.h>

#include "sfemu/estimate.h"
#include "sfemu/generate.h"

#include "emu/model/scenario/scenario_sections.h"

#define AT(member) offsetof(struct sfe_scenario, member)
#define HOUR 3600000000000ull
#define YEAR (8760 * HOUR)

static const struct sfe_key_word generators[] = {
	{"iiot", 0}, {"urban", 0}, {"cloud", 0}, {NULL, 0}};
static const struct sfe_key_word as_ether[] = {{"ether", 0}, {NULL, 0}};
static const struct sfe_key_word all_jobs[] = {{"all", 0}, {NULL, 0}};
static const struct sfe_key_word none_word[] = {{"none", 0}, {NULL, 0}};
static const struct sfe_key_word auto_word[] = {{"auto", 0}, {NULL, 0}};
static const struct sfe_key_word placements[] = {
	{"ProcNet", SFE_PROC_NET},
	{"ProcOnly", SFE_PROC_ONLY},
	{"ProcState", SFE_PROC_STATE},
	{NULL, 0},
};
static const struct sfe_key_word shapes[] = {
	{"chain", SFE_SHAPE_CHAIN},
	{"dag", SFE_SHAPE_DAG},
	{NULL, 0},
};
static const struct sfe_key_word substrates[] = {
	{"auto", SFE_SUBSTRATE_AUTO},
	{"native", SFE_SUBSTRATE_NATIVE},
	{"vm", SFE_SUBSTRATE_VM},
	{NULL, 0},
};
static const struct sfe_key_word clocks[] = {
	{"auto", SFE_CLOCK_AUTO},
	{"real", SFE_CLOCK_REAL},
	{"virtual", SFE_CLOCK_VIRTUAL},
	{NULL, 0},
};

static const struct sfe_key_word keeps[] = {
	{"nothing", SFE_KEEP_NOTHING},
	{"states", SFE_KEEP_STATES},
	{NULL, 0},
};

#define LINK_KEY(kind, i, attribute, preset)                                                       \
	{                                                                                          \
		"link." kind "." attribute, SFE_KEY_LINK, AT(link[i]), preset, 0, 0, NULL          \
	}
/* The defaults equal those of sfe_link_attributes; a unit test compares them. */
#define LINK_KEYS(kind, i, preset_delay)                                                           \
	LINK_KEY(kind, i, "rate", "topology"), LINK_KEY(kind, i, "delay", preset_delay),           \
		LINK_KEY(kind, i, "delay_correlation", "0"), LINK_KEY(kind, i, "loss", "0"),       \
		LINK_KEY(kind, i, "duplicate", "0"), LINK_KEY(kind, i, "corrupt", "0"),            \
		LINK_KEY(kind, i, "reorder", "0"), LINK_KEY(kind, i, "slots", "none"),             \
		LINK_KEY(kind, i, "queue", "100ms"), LINK_KEY(kind, i, "discipline", "droptail"),  \
		LINK_KEY(kind, i, "mtu", "tcp"), LINK_KEY(kind, i, "overhead", "0")

const struct sfe_key sfe_keys[] = {
	{"name", SFE_KEY_NAME, AT(name), NULL, 0, SFE_MAX_NAME, NULL},
	{"seed", SFE_KEY_NUMBER, AT(seed), "1", 0, 2147483646, NULL},
	{"topology.generate", SFE_KEY_CHOICE, AT(topology.generate), "", 0, 0, generators},
	{"topology.premises", SFE_KEY_NUMBER, AT(topology.premises), "4", 1, 10000, NULL},
	{"topology.cells", SFE_KEY_NUMBER, AT(topology.cells), "5", 1, 1000, NULL},
	{"topology.density", SFE_KEY_TEXT, AT(topology.density), "", 0, 255, NULL},
	{"topology.racks", SFE_KEY_NUMBER, AT(topology.racks), "ether", 1, SFE_MAX_RACKS, as_ether},
	{"topology.servers", SFE_KEY_NUMBER, AT(topology.servers), "ether", 1, SFE_MAX_SERVERS,
		as_ether},
	{"topology.regions", SFE_KEY_TEXT, AT(topology.regions), "", 0, 1023, NULL},
	{"topology.latency", SFE_KEY_BOOL, AT(topology.latency), "false", 0, 0, NULL},
	{"topology.nodes", SFE_KEY_FILE, AT(topology.nodes), "", 0, 0, NULL},
	{"topology.links", SFE_KEY_FILE, AT(topology.links), "", 0, 0, NULL},
	{"topology.edges", SFE_KEY_FILE, AT(topology.edges), "", 0, 0, NULL},
	LINK_KEYS("node", SFE_LINK_NODE, "50us"),
	LINK_KEYS("shared", SFE_LINK_SHARED, "2ms"),
	{"link.shared.medium", SFE_KEY_LINK, AT(link[SFE_LINK_SHARED]), "fifo", 0, 0, NULL,
		.written_if_set = true},
	LINK_KEY("shared", SFE_LINK_SHARED, "duplex", "half"),
	LINK_KEYS("uplink", SFE_LINK_UPLINK, "5ms"),
	LINK_KEYS("downlink", SFE_LINK_DOWNLINK, "5ms"),
	{"cloud.rate", SFE_KEY_LINK, AT(cloud.link), "5Mbit", 0, 0, NULL},
	{"cloud.delay", SFE_KEY_LINK, AT(cloud.link), "100ms", 0, 0, NULL},
	{"cloud.queue", SFE_KEY_LINK, AT(cloud.link), "100ms", 0, 0, NULL},
	{"cloud.at", SFE_KEY_TEXT, AT(cloud.at), "", 0, SFE_MAX_NAME, NULL},
	{"tcp.congestion", SFE_KEY_NAME, AT(tcp.congestion), "cubic", 0, 15, NULL},
	{"tcp.slow_start_after_idle", SFE_KEY_BOOL, AT(tcp.slow_start_after_idle), "true", 0, 0,
		NULL},
	{"tcp.sack", SFE_KEY_BOOL, AT(tcp.sack), "true", 0, 0, NULL},
	{"tcp.timestamps", SFE_KEY_BOOL, AT(tcp.timestamps), "true", 0, 0, NULL},
	{"tcp.rmem_max", SFE_KEY_SIZE, AT(tcp.rmem_max), "6MB", 4096, 1 << 30, NULL},
	{"tcp.wmem_max", SFE_KEY_SIZE, AT(tcp.wmem_max), "4MB", 4096, 1 << 30, NULL},
	{"tcp.initial_window", SFE_KEY_NUMBER, AT(tcp.initial_window), "10", 1, 1000, NULL},
	{"tcp.mtu", SFE_KEY_NUMBER, AT(tcp.mtu), "1500", 576, 65535, NULL},
	{"workload.tasks", SFE_KEY_FILE, AT(workload.tasks), "", 0, 0, NULL},
	{"workload.shape", SFE_KEY_ENUM, AT(workload.params.shape), "chain", 0, 0, shapes,
		.written_if_set = true},
	{"workload.jobs", SFE_KEY_NUMBER, AT(workload.jobs), "all", 1, SFE_MAX_JOBS, all_jobs},
	{"workload.functions", SFE_KEY_NUMBER, AT(workload.params.functions), "10", 1, 100000,
		NULL},
	{"workload.ops_factor", SFE_KEY_FACTOR, AT(workload.params.ops_factor), "1e5", 0, 0, NULL},
	{"workload.arg_factor", SFE_KEY_FACTOR, AT(workload.params.arg_factor), "1e6", 0, 0, NULL},
	{"workload.state_factor", SFE_KEY_FACTOR, AT(workload.params.state_factor), "1e6", 0, 0,
		NULL},
	{"workload.arrivals", SFE_KEY_ARRIVALS, 0, "trace", 0, 0, NULL},
	{"invocation.deadline", SFE_KEY_TIME, AT(invocation.deadline_ns), "none", 1, YEAR,
		none_word},
	{"invocation.retries", SFE_KEY_NUMBER, AT(invocation.retries), "0", 0, 1000, NULL},
	{"invocation.backoff", SFE_KEY_TIME, AT(invocation.backoff_ns), "100ms", 1, YEAR, NULL},
	{"replicas", SFE_KEY_NUMBER, AT(replicas), "0", 0, SFE_MAX_NEAREST - 1, NULL},
	{"placement", SFE_KEY_PLACEMENT, AT(placement), "ProcNet", 0, 0, placements},
	{"strategies", SFE_KEY_STRATEGIES, 0, "PureFaaS, StatePropagate, StateLocal", 0, 0, NULL},
	{"substrate", SFE_KEY_ENUM, AT(substrate), "auto", 0, 0, substrates},
	{"clock", SFE_KEY_ENUM, AT(clock), "auto", 0, 0, clocks},
	{"guest_memory_mb", SFE_KEY_NUMBER, AT(guest_memory_mb), "auto", 64, 65536, auto_word},
	{"job_timeout", SFE_KEY_TIME, AT(job_timeout_ns), "1h", 1, YEAR, NULL},
	{"jobs_may_fail", SFE_KEY_BOOL, AT(jobs_may_fail), "false", 0, 0, NULL},
	{"keep", SFE_KEY_ENUM, AT(keep), "nothing", 0, 0, keeps, .written_if_set = true},
	{"results", SFE_KEY_FOLDER, AT(results), "results", 0, 0, NULL},
};
const unsigned sfe_n_keys = sizeof(sfe_keys) / sizeof(sfe_keys[0]);
_Static_assert(sizeof(sfe_keys) / sizeof(sfe_keys[0]) <= SFE_MAX_KEYS, "SFE_MAX_KEYS");

const struct sfe_key *sfe_key_find(const char *path)
{
	for (unsigned i = 0; i < sfe_n_keys; i++)
		if (!strcmp(sfe_keys[i].path, path))
			return &sfe_keys[i];
	return NULL;
}

bool sfe_key_may_be_group(const char *path)
{
	const struct sfe_key *key = sfe_key_find(path);

	return key && key->type == SFE_KEY_PLACEMENT;
}

bool sfe_key_list(const char *group, char *buf, size_t size)
{
	size_t skip = *group ? strlen(group) + 1 : 0;
	const char *last = "";
	size_t last_len = 0, used = 0;
	bool found = false;

	buf[0] = '\0';
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		const char *path = sfe_keys[i].path;
		if (skip && (strncmp(path, group, skip - 1) || path[skip - 1] != '.'))
			continue;
		found = true;
		const char *word = path + skip;
		size_t len = strcspn(word, ".");
		if (len == last_len && !strncmp(word, last, len))
			continue;
		if (used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%.*s",
				used ? ", " : "", (int)len, word);
		last = word;
		last_len = len;
	}
	for (const struct sfe_section *s = sfe_sections; found && s->path; s++) {
		const char *word = s->path + skip;
		if (strchr(s->path, '.') ? (!skip || strncmp(s->path, group, skip - 1) ||
						   s->path[skip - 1] != '.')
					 : skip != 0)
			continue;
		if (used < size)
			used += (size_t)snprintf(buf + used, size - used, ", %s", word);
	}
	return found;
}

const struct sfe_link_attribute *sfe_key_attribute(const struct sfe_key *key)
{
	return sfe_link_attribute_find(strrchr(key->path, '.') + 1);
}
