/* SPDX-License-Identifier: MIT */
#include "emu/results/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <xxhash.h>

#include "sfe_build.h"

#include "emu/model/base/text.h"
#include "emu/results/results_file.h"
#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

static struct json_object *text(const char *s)
{
	return s ? json_object_new_string(s) : NULL;
}

/* {"path": …, "xxh3": …}: the digest is what `xxhsum -H3` prints. */
static struct json_object *file_of(const char *path, uint64_t digest)
{
	struct json_object *o = json_object_new_object();
	char hex[17];

	snprintf(hex, sizeof(hex), "%016" PRIx64, digest);
	json_object_object_add(o, "path", text(path));
	json_object_object_add(o, "xxh3", text(hex));
	return o;
}

/* The digest of an open file; takes the descriptor. Null if it cannot be read to its end. */
static struct json_object *file(const char *path, int fd)
{
	char buf[65536];
	XXH3_state_t *state = XXH3_createState();
	ssize_t n = -1;

	if (state && fd >= 0) {
		XXH3_64bits_reset(state);
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			XXH3_64bits_update(state, buf, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	struct json_object *o = file_of(path, n ? 0 : XXH3_64bits_digest(state));
	XXH3_freeState(state);
	if (n)
		json_object_object_add(o, "xxh3", NULL);
	return o;
}

/* Of the orchestrator's own machine: itself, and the guest's kernel. */
static struct json_object *program_file(const char *path)
{
	return file(path, open(path, O_RDONLY | O_CLOEXEC));
}

/* In the folder, as it was written there. */
static struct json_object *written(int dir, const char *path)
{
	return file(path, sfe_beneath_read(dir, path, SFE_MAX_FILE_BYTES, NULL));
}

/* What links name, as it was read: samples of delays, lists of packets, recorded links. */
static struct json_object *link_files(const struct sfe_scenario *s)
{
	struct json_object *all = json_object_new_array();

	for (const struct sfe_delay_samples *d = s->files.samples; d; d = d->next)
		json_object_array_add(all, file_of(d->file, d->digest));
	for (const struct sfe_packet_list *l = s->files.packets; l; l = l->next)
		json_object_array_add(all, file_of(l->file, l->digest));
	for (uint32_t i = 0; i < s->schedule.n; i++) {
		const struct sfe_link_trace *trace = &s->schedule.entry[i].trace;
		if (s->schedule.entry[i].act == SFE_SCHEDULE_TRACE)
			json_object_array_add(all, file_of(trace->file, trace->digest));
	}
	return all;
}

/* By function, the copies of its files. */
static struct json_object *function_files(int dir, const struct sfe_scenario *s)
{
	struct json_object *all = json_object_new_object();

	for (uint32_t i = 0; i < s->functions.n; i++) {
		const struct sfe_function_spec *f = &s->functions.of[i];
		struct json_object *files = json_object_new_array();
		for (uint32_t k = 0; k < f->n_words; k++) {
			const char *slash = strrchr(f->words[k].text, '/');
			char path[PATH_MAX];
			if (!f->words[k].file)
				continue;
			snprintf(path, sizeof(path), "inputs/functions/%s/%s", f->name,
				slash ? slash + 1 : f->words[k].text);
			json_object_array_add(files, written(dir, path));
		}
		json_object_object_add(all, f->name, files);
	}
	return all;
}

struct json_object *sfe_manifest_inputs(int dir, const struct sfe_scenario *s)
{
	struct json_object *o = json_object_new_object(), *files = link_files(s);

	json_object_object_add(o, "scenario", written(dir, "scenario.yaml"));
	if (s->topology.nodes) {
		json_object_object_add(o, "nodes", written(dir, "inputs/nodes"));
		json_object_object_add(o, "links", written(dir, "inputs/links"));
		json_object_object_add(o, "edges", written(dir, "inputs/edges"));
	}
	if (s->workload.tasks)
		json_object_object_add(o, "tasks", written(dir, "inputs/batch_task.csv"));
	if (s->functions.n)
		json_object_object_add(o, "functions", function_files(dir, s));
	if (json_object_array_length(files))
		json_object_object_add(o, "files", files);
	else
		json_object_put(files);
	return o;
}

static struct json_object *tcp(const struct sfe_net_params *p)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "congestion", text(p->congestion));
	json_object_object_add(
		o, "slow_start_after_idle", json_object_new_boolean(p->slow_start_after_idle));
	json_object_object_add(o, "sack", json_object_new_boolean(p->sack));
	json_object_object_add(o, "timestamps", json_object_new_boolean(p->timestamps));
	json_object_object_add(o, "rmem_max_bytes", json_object_new_int64(p->rmem_max));
	json_object_object_add(o, "wmem_max_bytes", json_object_new_int64(p->wmem_max));
	json_object_object_add(
		o, "initial_window_segments", json_object_new_int64(p->initial_window));
	json_object_object_add(o, "mtu_bytes", json_object_new_int64(p->mtu));
	return o;
}

static struct json_object *network(const struct sfe_experiment *e)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "nodes", json_object_new_int64(e->topology->n_nodes));
	json_object_object_add(o, "links", json_object_new_int64(e->topology->n_links));
	json_object_object_add(o, "junctions", json_object_new_int64(e->topology->n_junctions));
	json_object_object_add(o, "namespaces", json_object_new_int64(e->plan->n_hosts));
	json_object_object_add(
		o, "routes", json_object_new_int64((int64_t)sfe_plan_routes(e->plan)));
	return o;
}

/* The identity of this program: its commit and its digest. */
static struct json_object *program(void)
{
	struct json_object *o = program_file("/proc/self/exe");

	json_object_object_del(o, "path");
	json_object_object_add(o, "commit", text(SFE_BUILD_COMMIT));
	return o;
}

/* The seeds of all random numbers, so that each can be reproduced. */
static struct json_object *random_seeds(const struct sfe_manifest *m)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "seed", json_object_new_int64(m->experiment->scenario->seed));
	json_object_object_add(o, "netem",
		text("for each direction of a link the first number that is not 0 of the seed's "
		     "stream 'netem LINK up N' or 'netem LINK down N', N: how often the link was "
		     "changed; from the start again for each strategy"));
	if (m->guest_kernel && !strcmp(m->clock, "virtual")) {
		json_object_object_add(o, "guest_kernel",
			text("um_seed is the seed: a stream for each place in the kernel that "
			     "draws, and for each command name"));
		json_object_object_add(o, "guest_clock_starts",
			text("2023-11-14T22:13:20Z, always; where strategies have a guest each, "
			     "30 days later for each strategy before it"));
	}
	return o;
}

/* A row as an object. */
static struct json_object *row(const struct sfe_table *table, const void *cells)
{
	char *written = NULL;
	size_t size;
	FILE *f = open_memstream(&written, &size);

	if (!f)
		return NULL;
	sfe_table_write_json_row(table, cells, f);
	struct json_object *o = fclose(f) ? NULL : json_tokener_parse(written);
	free(written);
	return o;
}

/*
 * On the real clock: whether the machine kept up during all strategies: "ok", "degraded: STRATEGY:
 * why; …", or "unknown: …" if that is unknown for a strategy and none is degraded; and the
 * measurements of each strategy. Null: none was replayed.
 */
static void real_fidelity(int dir, struct json_object *o)
{
	struct json_object *strategies = json_object_new_array();
	char verdict[16 * SFE_VERDICT_BYTES], reasons[15 * SFE_VERDICT_BYTES] = "";
	bool degraded = false;
	struct sfe_error none = {0};
	void *rows = NULL;
	size_t len = 0;
	unsigned n = 0;

	int r = sfe_results_read_table(dir, &sfe_fidelity_csv, &rows, &n, &none);
	for (unsigned i = 0; i < n; i++) {
		const struct sfe_fidelity_row *seen = (struct sfe_fidelity_row *)rows + i;
		const char *why = sfe_fidelity_why(seen->verdict);
		json_object_array_add(strategies, row(&sfe_fidelity_csv, seen));
		degraded |= why && !sfe_fidelity_is_unknown(seen->verdict);
		if (why && len < sizeof(reasons))
			len += (size_t)snprintf(reasons + len, sizeof(reasons) - len, "%s%s: %s",
				len ? "; " : "", seen->strategy, why);
	}
	free(rows);
	snprintf(verdict, sizeof(verdict), "%s%s", degraded ? SFE_DEGRADED : SFE_UNKNOWN, reasons);
	if (r && r != -ENOENT)
		json_object_object_add(
			o, "fidelity", text(SFE_UNKNOWN "fidelity.csv cannot be read"));
	else
		json_object_object_add(o, "fidelity", n ? text(len ? verdict : "ok") : NULL);
	json_object_object_add(o, "fidelity_strategies", strategies);
}

/* By strategy: how many connections were opened before the jobs, and what filler they carried.
 * NULL: there were none. */
static struct json_object *warm_up(int dir)
{
	struct json_object *all = NULL, *one = NULL;
	struct sfe_error none = {0};
	void *rows = NULL;
	unsigned n = 0;
	int64_t connections = 0, bytes = 0;

	if (sfe_beneath_exists(dir, sfe_warm_up_csv.file) &&
		sfe_results_read_table(dir, &sfe_warm_up_csv, &rows, &n, &none))
		return json_object_new_string("warm_up.csv cannot be read");
	for (unsigned i = 0; i < n; i++) {
		const struct sfe_warm_up_row *w = (struct sfe_warm_up_row *)rows + i;
		if (!i || strcmp(w[-1].strategy, w->strategy) != 0) {
			all = all ? all : json_object_new_object();
			one = json_object_new_object();
			json_object_object_add(all, w->strategy, one);
			connections = bytes = 0;
		}
		json_object_object_add(one, "connections", json_object_new_int64(++connections));
		bytes += (int64_t)w->payload_bytes;
		json_object_object_add(one, "payload_bytes", json_object_new_int64(bytes));
	}
	free(rows);
	return all;
}

/* What ProcState estimates for its choices and for those of ProcNet in their place (s), and how
 * many invocations the most loaded node has. */
static struct json_object *placement_totals(const struct sfe_placement_totals *t)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "estimate_s", json_object_new_double(t->estimate_s));
	json_object_object_add(o, "procnet_estimate_s", json_object_new_double(t->proc_net_s));
	json_object_object_add(o, "most_on_a_node", json_object_new_int64(t->most));
	json_object_object_add(
		o, "procnet_most_on_a_node", json_object_new_int64(t->proc_net_most));
	return o;
}

int sfe_manifest_write(int dir, const struct sfe_manifest *m, struct sfe_error *err)
{
	struct json_object *o = json_object_new_object();
	struct utsname uts;

	uname(&uts);
	json_object_object_add(o, "sfemu", text(SFE_VERSION));
	json_object_object_add(o, "program", program());
	json_object_object_add(o, "state", text(m->state));
	json_object_object_add(o, "why", text(m->why));
	json_object_object_add(o, "scenario", text(m->experiment->scenario->name));
	json_object_object_add(o, "seed", json_object_new_int64(m->experiment->scenario->seed));
	json_object_object_add(o, "started", text(m->started));
	json_object_object_add(o, "wall_s", json_object_new_double(m->wall_s));
	json_object_object_add(o, "boot_s", json_object_new_double(m->boot_s));
	json_object_object_add(o, "build_s", json_object_new_double(m->build_s));
	if (m->virtual_s > 0)
		json_object_object_add(o, "virtual_s", json_object_new_double(m->virtual_s));
	json_object_object_add(o, "substrate", text(m->substrate));
	json_object_object_add(o, "clock", text(m->clock));
	if (!strcmp(m->clock, "virtual"))
		json_object_object_add(o, "fidelity", text("virtual"));
	else
		real_fidelity(dir, o);
	if (m->commands_failed)
		json_object_object_add(
			o, "commands_failed", json_object_new_int64(m->commands_failed));
	json_object_object_add(o, "manual_changes", json_object_new_int64(m->manual_changes));
	json_object_object_add(o, "host_kernel", text(uts.release));
	json_object_object_add(
		o, "guest_kernel", m->guest_kernel ? program_file(m->guest_kernel) : NULL);
	json_object_object_add(
		o, "placement", text(sfe_placement_name(m->experiment->scenario->placement)));
	if (m->experiment->assignment->totals.most)
		json_object_object_add(o, "placement_totals",
			placement_totals(&m->experiment->assignment->totals));
	json_object_object_add(o, "jobs", json_object_new_int64(m->experiment->n_jobs));
	if (m->experiment->unpredicted)
		json_object_object_add(o, "unpredicted", text(m->experiment->unpredicted));
	json_object_object_add(o, "network", network(m->experiment));
	json_object_object_add(o, "tcp", tcp(&m->experiment->net));
	struct json_object *warmed = warm_up(dir);
	if (warmed)
		json_object_object_add(o, "warm_up", warmed);
	json_object_object_add(o, "chance", random_seeds(m));
	json_object_object_add(o, "inputs", json_object_get(m->inputs));

	/* Written under another name first, so that manifest.json is always complete. */
	FILE *f = sfe_results_open(dir, "manifest.json.part", "w", err);
	int r = f ? 0 : err ? err->code : -EIO;
	if (f) {
		fprintf(f, "%s\n",
			json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
								  JSON_C_TO_STRING_SPACED |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
		r = sfe_results_close(f, "manifest.json", err);
	}
	if (!r && renameat(dir, "manifest.json.part", dir, "manifest.json"))
		r = sfe_fail(err, -errno, "manifest.json", NULL, "cannot be replaced: %s",
			strerror(errno));
	json_object_put(o);
	return r;
}
