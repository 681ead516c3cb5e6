/* SPDX-License-Identifier: MIT */
#include "emu/results/kept_states.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "emu/experiment/keep_check.h"
#include "emu/model/strategies/strategy_options.h"
#include "emu/results/results_file.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"
#include "sfemu/workflow.h"

#define CHUNK (1u << 20)
#define COPY(field, text) snprintf(field, sizeof(field), "%s", text)
#define RETURN "return"
#define SHARED "shared"
#define CREATED "created"
#define ABSENT "absent"

struct sfe_kept_value {
	uint32_t strategy; /* that wrote it, plus 1; 0: none so far */
	uint64_t digest, bytes;
};

struct sfe_kept_created { /* what strategies have left under a name that functions created */
	char name[SFE_CREATED_NAME];
	struct sfe_kept_value value;
};

struct writing { /* the files of one strategy */
	struct sfe_kept_files *k;
	const struct sfe_replay *r;
	uint32_t strategy;
	int dir, memory;
	bool write_through;
	int strategy_fd, job_fd; /* folders; -1: not open */
	XXH3_state_t *hash;
	uint8_t *chunk;
	FILE *table;
	struct sfe_table columns;
};

const char *sfe_kept_name(const char *state, char *buf, size_t size)
{
	size_t n = 0;

	for (const char *c = state; *c && n + 4 <= size; c++) {
		bool first = c == state && (*c == '.' || !strcmp(state, RETURN));
		bool plain = !first && ((*c & 0x80) == 0) && (isalnum(*c) || strchr("_-.", *c));
		n += (size_t)snprintf(
			buf + n, size - n, plain ? "%c" : "%%%02X", (unsigned char)*c);
	}
	return buf;
}

bool sfe_kept_is_created(const struct sfe_state_row *row)
{
	return !strcmp(row->what, CREATED);
}

bool sfe_kept_has_file(const struct sfe_state_row *row)
{
	return strcmp(row->condition, ABSENT) != 0;
}

/* shared/NAME of a global state, shared-WORKFLOW/NAME+INSTANCE of another one. */
static void shared_place(const struct sfe_state_row *row, char parent[SFE_KEPT_PARENT_BYTES],
	char name[SFE_KEPT_NAME_BYTES])
{
	snprintf(parent, SFE_KEPT_PARENT_BYTES, "shared");
	sfe_kept_name(row->state, name, 3 * SFE_MAX_NAME + 1);
	if (!*row->workflow)
		return;
	size_t used = strlen(name);
	memcpy(parent + 6, "-", 2);
	sfe_kept_name(row->workflow, parent + 7, SFE_KEPT_PARENT_BYTES - 7);
	name[used++] = '+';
	sfe_kept_name(row->instance, name + used, SFE_KEPT_NAME_BYTES - used);
}

void sfe_kept_place(const struct sfe_state_row *row, char parent[SFE_KEPT_PARENT_BYTES],
	char name[SFE_KEPT_NAME_BYTES])
{
	if (!strcmp(row->what, SHARED)) {
		shared_place(row, parent, name);
		return;
	}
	if (sfe_kept_is_created(row)) {
		snprintf(parent, SFE_KEPT_PARENT_BYTES, CREATED);
		sfe_kept_name(row->state, name, SFE_KEPT_NAME_BYTES);
		return;
	}
	snprintf(parent, SFE_KEPT_PARENT_BYTES, "job-%" PRIu32, row->job);
	if (!strcmp(row->what, RETURN))
		snprintf(name, SFE_KEPT_NAME_BYTES, RETURN);
	else
		sfe_kept_name(row->state, name, SFE_KEPT_NAME_BYTES);
}

int sfe_kept_files_open(
	struct sfe_kept_files *k, const struct sfe_experiment *e, struct sfe_error *err)
{
	size_t n = 0;

	*k = (struct sfe_kept_files){.e = e, .n_files = sfe_keep_files(e)};
	k->begin = calloc((size_t)e->n_jobs + 1, sizeof(*k->begin));
	for (uint32_t j = 0; k->begin && j < e->n_jobs; j++) {
		k->begin[j] = n;
		n += e->jobs[j].job->n_states + 1u;
	}
	k->shared = n;
	n += e->shared.n;
	k->value = calloc(n + 1, sizeof(*k->value));
	return k->begin && k->value ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

void sfe_kept_files_free(struct sfe_kept_files *k)
{
	free(k->begin);
	free(k->value);
	free(k->created);
	*k = (struct sfe_kept_files){0};
}

/* ---- one file */

static int folder(int parent, const char *name, int *fd, struct sfe_error *err)
{
	int r = sfe_beneath_folder(parent, name, err);

	if (r)
		return r;
	*fd = sfe_beneath_open(parent, name, O_RDONLY | O_DIRECTORY, 0);
	return *fd < 0 ? sfe_fail(err, *fd, name, NULL, "cannot open it: %s", strerror(-*fd)) : 0;
}

/* The folder of values, made with its first file. */
static int value_folder(struct writing *w, const char *name, struct sfe_error *err)
{
	char under[SFE_STRATEGY_BYTES];
	int all = -1, r = 0;

	if (w->strategy_fd < 0) {
		r = folder(w->dir, SFE_KEPT_FOLDER, &all, err);
		sfe_strategy_short_name(w->r->strategy->name, under);
		r = r ? r : folder(all, under, &w->strategy_fd, err);
		if (all >= 0)
			close(all);
	}
	return r || w->job_fd >= 0 ? r : folder(w->strategy_fd, name, &w->job_fd, err);
}

/* Writes a piece; on the virtual clock to the end, since a kernel that has many pages to write
 * makes processes wait, whose clock would go on. */
static int write_piece(const struct writing *w, int fd, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, w->chunk + done, size - done);
		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (w->write_through)
		sync_file_range(fd, 0, 0,
			SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				SYNC_FILE_RANGE_WAIT_AFTER);
	return 0;
}

static int copy(const struct writing *w, int fd, uint64_t from, uint64_t bytes, uint64_t *digest)
{
	int r = 0;

	XXH3_64bits_reset(w->hash);
	while (bytes && !r) {
		ssize_t n = pread(w->memory, w->chunk, bytes < CHUNK ? bytes : CHUNK, (off_t)from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		XXH3_64bits_update(w->hash, w->chunk, (size_t)n);
		r = write_piece(w, fd, (size_t)n);
		from += (uint64_t)n;
		bytes -= (uint64_t)n;
	}
	*digest = XXH3_64bits_digest(w->hash);
	return r;
}

static int write_file(struct writing *w, const char *parent, const char *name,
	const struct sfe_state_row *row, uint64_t kept_at, struct sfe_error *err)
{
	uint64_t digest = 0;
	int r = value_folder(w, parent, err);

	if (r)
		return r;
	if (!kept_at)
		return sfe_fail(err, -ENOMEM, row->file, "give the guest more guest_memory_mb",
			"its node had no memory to keep it");
	int fd = sfe_beneath_create(w->job_fd, name, err);
	if (fd < 0)
		return fd;
	r = copy(w, fd, kept_at - 1, row->size_bytes, &digest);
	if (close(fd) && !r)
		r = -errno;
	if (r)
		return sfe_fail(err, r, row->file, "is the disk full?", "cannot write it: %s",
			strerror(-r));
	return digest == row->digest
		       ? 0
		       : sfe_fail(err, -EBADMSG, row->file,
				 "this is a bug: report it with the results folder",
				 "has the digest %016" PRIx64 ", and the run recorded %016" PRIx64,
				 digest, row->digest);
}

/* ---- the values of a job */

/* One value: its row, and its file unless there is nothing, or an earlier strategy has left the
 * same bytes. */
static int write_value(struct writing *w, struct sfe_kept_value *first, struct sfe_state_row *row,
	uint64_t kept_at, struct sfe_error *err)
{
	char parent[SFE_KEPT_PARENT_BYTES], name[SFE_KEPT_NAME_BYTES];
	const struct sfe_scenario *s = w->k->e->scenario;
	bool same =
		first->strategy && first->digest == row->digest && first->bytes == row->size_bytes;
	uint32_t of = same ? first->strategy - 1 : w->strategy;
	char under[SFE_STRATEGY_BYTES];
	int r = 0;

	if (sfe_kept_has_file(row)) {
		sfe_kept_place(row, parent, name);
		sfe_strategy_short_name(s->strategies[of]->name, under);
		snprintf(row->file, sizeof(row->file), SFE_KEPT_FOLDER "/%s/%s/%s", under, parent,
			name);
		if (!same)
			r = write_file(w, parent, name, row, kept_at, err);
		if (!r && !first->strategy)
			*first = (struct sfe_kept_value){
				w->strategy + 1, row->digest, row->size_bytes};
	}
	if (!r)
		sfe_table_write_row(&w->columns, row, w->table);
	return r;
}

static const char *const conditions[] = {
	[SFE_STATE_HELD] = "held", [SFE_STATE_REPLICA] = "copy", [SFE_STATE_LOST] = "lost"};

static void name_state(const struct sfe_deployed_job *job, uint32_t state, char *buf, size_t size)
{
	if (job->workflow)
		snprintf(buf, size, "%s", job->workflow->states[state].name);
	else
		snprintf(buf, size, "s%" PRIu32, state); /* as functions see it */
}

static int write_state(struct writing *w, const struct sfe_kept_state *kept, struct sfe_error *err)
{
	const struct sfe_experiment *e = w->k->e;
	struct sfe_state_row row = {.job = e->jobs[kept->job].job->number,
		.version = kept->version,
		.size_bytes = kept->bytes,
		.digest = kept->digest};

	COPY(row.strategy, w->r->strategy->name);
	COPY(row.what, "state");
	name_state(&e->jobs[kept->job], kept->state, row.state, sizeof(row.state));
	COPY(row.node, e->topology->nodes[kept->node].name);
	COPY(row.condition, conditions[kept->condition]);
	return write_value(
		w, &w->k->value[w->k->begin[kept->job] + kept->state], &row, kept->kept_at, err);
}

static int write_return(struct writing *w, uint32_t job, struct sfe_error *err)
{
	const struct sfe_experiment *e = w->k->e;
	const struct sfe_job_result *result = &w->r->jobs[job];
	const struct sfe_job *j = e->jobs[job].job;
	struct sfe_state_row row = {.job = j->number,
		.size_bytes = result->return_bytes,
		.digest = result->return_digest};

	COPY(row.strategy, w->r->strategy->name);
	COPY(row.what, RETURN);
	COPY(row.node, e->topology->nodes[e->jobs[job].client].name);
	COPY(row.condition, conditions[SFE_STATE_HELD]);
	return write_value(
		w, &w->k->value[w->k->begin[job] + j->n_states], &row, result->return_kept_at, err);
}

static int write_jobs(struct writing *w, struct sfe_error *err)
{
	const struct sfe_replay *r = w->r;
	uint32_t at = 0;
	int code = 0;

	for (uint32_t j = 0; j < r->n_jobs && !code; j++) {
		if (!r->jobs[j].ended || r->jobs[j].status)
			continue;
		for (; at < r->n_kept && r->kept[at].job == j && !code; at++)
			code = write_state(w, &r->kept[at], err);
		code = code ? code : write_return(w, j, err);
		if (w->job_fd >= 0)
			close(w->job_fd);
		w->job_fd = -1;
	}
	return code;
}

/* The workflow whose state it is; "": all that name it. */
static const char *workflow_of(const struct sfe_experiment *e, uint32_t state)
{
	const struct sfe_workflows *all = e->workload->workflows;

	for (uint32_t i = 0; all && i < all->n && e->shared.states[state].scope != SFE_SCOPE_GLOBAL;
		i++)
		for (uint32_t k = 0; k < all->of[i].n_shared; k++)
			if (all->of[i].states[all->of[i].n_states + k].shared == state)
				return all->of[i].name;
	return "";
}

static int write_shared(struct writing *w, uint32_t instance, struct sfe_error *err)
{
	const struct sfe_experiment *e = w->k->e;
	const struct sfe_kept_shared *kept = &w->r->kept_shared[instance];
	const struct sfe_shared_instance *one = &e->shared.of[instance];
	struct sfe_state_row row = {.version = kept->version,
		.size_bytes = kept->bytes,
		.digest = kept->digest,
		.epoch = kept->epoch};

	COPY(row.strategy, w->r->strategy->name);
	COPY(row.what, SHARED);
	COPY(row.state, e->shared.states[one->state].name);
	COPY(row.instance, sfe_shared_owner(e, one));
	COPY(row.workflow, workflow_of(e, one->state));
	COPY(row.node, e->topology->nodes[kept->home].name);
	COPY(row.condition, kept->absent ? ABSENT : conditions[kept->condition]);
	return write_value(w, &w->k->value[w->k->shared + instance], &row, kept->kept_at, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sfe_kept_created *)a)->name,
		((const struct sfe_kept_created *)b)->name);
}

/* created: its name; takes what it has left if no earlier strategy has left any. */
static int write_created(
	struct writing *w, uint32_t number, struct sfe_kept_created *created, struct sfe_error *err)
{
	const struct sfe_experiment *e = w->k->e;
	const struct sfe_kept_shared *kept = &w->r->kept_shared[e->shared.n + number];
	struct sfe_kept_created *earlier =
		w->k->n_created ? bsearch(created, w->k->created, w->k->n_created, sizeof(*created),
					  by_name)
				: NULL;
	struct sfe_state_row row = {.version = kept->version,
		.size_bytes = kept->bytes,
		.digest = kept->digest,
		.epoch = kept->epoch};

	COPY(row.strategy, w->r->strategy->name);
	COPY(row.what, CREATED);
	COPY(row.state, created->name);
	COPY(row.node, e->topology->nodes[kept->home].name);
	COPY(row.condition, kept->absent ? ABSENT : conditions[kept->condition]);
	w->k->n_files += sfe_kept_has_file(&row);
	int r = sfe_keep_check_created(e->scenario, w->k->n_files, err);
	return r ? r
		 : write_value(w, earlier ? &earlier->value : &created->value, &row, kept->kept_at,
			   err);
}

/* The states that functions created by name, in the order in which they did. */
static int write_all_created(struct writing *w, struct sfe_error *err)
{
	const struct sfe_replay *r = w->r;
	struct sfe_kept_files *k = w->k;
	size_t n = k->n_created;
	int code = 0;

	if (!r->n_created || !r->kept_shared)
		return 0;
	struct sfe_kept_created *all =
		reallocarray(k->created, n + r->n_created, sizeof(*k->created));
	if (!all)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	k->created = all;
	for (uint32_t i = 0; i < r->n_created && !code; i++) {
		all[n] = (struct sfe_kept_created){0};
		COPY(all[n].name, r->created[i].name);
		if (r->kept_shared[k->e->shared.n + i].any)
			code = write_created(w, i, &all[n], err);
		n += all[n].value.strategy > 0;
	}
	if (w->job_fd >= 0)
		close(w->job_fd);
	w->job_fd = -1;
	k->n_created = n;
	if (n)
		qsort(all, n, sizeof(*all), by_name);
	return code;
}

static int write_all_shared(struct writing *w, struct sfe_error *err)
{
	int code = 0;

	for (uint32_t i = 0; w->r->kept_shared && i < w->k->e->shared.n && !code; i++) {
		if (w->r->kept_shared[i].any)
			code = write_shared(w, i, err);
		if (w->job_fd >= 0)
			close(w->job_fd);
		w->job_fd = -1;
	}
	return code;
}

int sfe_kept_files_write(struct sfe_kept_files *k, int dir, int memory, const struct sfe_replay *r,
	uint32_t strategy, bool write_through, struct sfe_error *err)
{
	struct writing w = {.k = k,
		.r = r,
		.strategy = strategy,
		.dir = dir,
		.memory = memory,
		.write_through = write_through,
		.columns = k->e->shared.n ? sfe_states_csv : sfe_table_plain(&sfe_states_csv),
		.strategy_fd = -1,
		.job_fd = -1,
		.hash = XXH3_createState(),
		.chunk = malloc(CHUNK)};
	int code = w.hash && w.chunk ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	bool begun = sfe_beneath_exists(dir, sfe_states_csv.file);

	if (!code &&
		!(w.table = sfe_results_open(dir, sfe_states_csv.file, begun ? "a" : "w", err)))
		code = err ? err->code : -EIO;
	if (!code && !begun)
		sfe_table_write_header(&w.columns, w.table);
	code = code ? code : write_jobs(&w, err);
	code = code ? code : write_all_shared(&w, err);
	code = code ? code : write_all_created(&w, err);
	if (w.table) {
		int closed = sfe_results_close(w.table, sfe_states_csv.file, code ? NULL : err);
		code = code ? code : closed;
	}
	if (w.strategy_fd >= 0)
		close(w.strategy_fd);
	XXH3_freeState(w.hash);
	free(w.chunk);
	return code;
}
