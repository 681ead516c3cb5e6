/* SPDX-License-Identifier: MIT */
#include "emu/guests/merge_states.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/results/kept_states.h"
#include "emu/results/results_file.h"
#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

#define NAME_BYTES (3 * SFE_MAX_NAME + 1)

struct sfe_merged_state {
	uint32_t job, strategy; /* strategy: that wrote it first */
	bool is_return;
	char state[SFE_NAME_BYTES];
	uint64_t digest, bytes;
};

static int by_value(const void *a, const void *b)
{
	const struct sfe_merged_state *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->is_return != y->is_return)
		return x->is_return ? 1 : -1;
	return strcmp(x->state, y->state);
}

static struct sfe_merged_state value_of(const struct sfe_state_row *row, uint32_t strategy)
{
	struct sfe_merged_state v = {.job = row->job,
		.strategy = strategy,
		.is_return = !strcmp(row->what, "return"),
		.digest = row->digest,
		.bytes = row->size_bytes};

	snprintf(v.state, sizeof(v.state), "%s", row->state);
	return v;
}

/* The file's name in its job's folder. */
static void name_of(const struct sfe_merged_state *v, char name[NAME_BYTES])
{
	if (v->is_return)
		snprintf(name, NAME_BYTES, "return");
	else
		sfe_kept_name(v->state, name, NAME_BYTES);
}

/* Opens states/STRATEGY/job-N, and makes it if make is set. A negative errno on failure. */
static int open_job(int dir, const char *strategy, uint32_t job, bool make, struct sfe_error *err)
{
	char names[3][SFE_MAX_NAME + 32];
	int fd = fcntl(dir, F_DUPFD_CLOEXEC, 0);

	snprintf(names[0], sizeof(names[0]), "%s", SFE_KEPT_FOLDER);
	snprintf(names[1], sizeof(names[1]), "%s", strategy);
	snprintf(names[2], sizeof(names[2]), "job-%" PRIu32, job);
	for (int i = 0; i < 3 && fd >= 0; i++) {
		int r = make ? sfe_beneath_folder(fd, names[i], err) : 0;
		int next = r ? r : sfe_beneath_open(fd, names[i], O_RDONLY | O_DIRECTORY, 0);
		close(fd);
		fd = next;
	}
	return fd;
}

static int move_file(struct sfe_merged_states *s, int part, uint32_t strategy,
	const struct sfe_merged_state *v, struct sfe_error *err)
{
	const char *under = s->scenario->strategies[strategy]->name;
	char name[NAME_BYTES];
	int to = open_job(s->dir, under, v->job, true, err);
	int from = to < 0 ? to : open_job(part, under, v->job, false, err);

	name_of(v, name);
	int r = from < 0 ? from : renameat(from, name, to, name) ? -errno : 0;
	if (to >= 0)
		close(to);
	if (from >= 0)
		close(from);
	return r ? sfe_fail(err, r, name, NULL,
			   "the guest has not left this value of job %" PRIu32 ": %s", v->job,
			   strerror(-r))
		 : 0;
}

/* One row: its file, unless an earlier strategy has left the same bytes. */
static int add_row(struct sfe_merged_states *s, int part, uint32_t strategy,
	struct sfe_state_row *row, struct sfe_merged_state *added, size_t *n_added,
	struct sfe_error *err)
{
	const struct sfe_merged_state own = value_of(row, strategy);
	const struct sfe_merged_state *first =
		s->n ? bsearch(&own, s->value, s->n, sizeof(own), by_value) : NULL;
	bool same = first && first->digest == own.digest && first->bytes == own.bytes;
	char name[NAME_BYTES];

	name_of(&own, name);
	snprintf(row->file, sizeof(row->file), SFE_KEPT_FOLDER "/%s/job-%" PRIu32 "/%s",
		s->scenario->strategies[same ? first->strategy : strategy]->name, own.job, name);
	if (!first)
		added[(*n_added)++] = own;
	return same ? 0 : move_file(s, part, strategy, &own, err);
}

static int add_rows(struct sfe_merged_states *s, int part, uint32_t strategy,
	struct sfe_state_row *rows, unsigned n, FILE *out, struct sfe_error *err)
{
	struct sfe_merged_state *all = reallocarray(s->value, s->n + n + 1, sizeof(*all));
	size_t n_added = 0;
	int r = all ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	if (all)
		s->value = all;
	for (unsigned i = 0; i < n && !r; i++) {
		r = add_row(s, part, strategy, &rows[i], all + s->n, &n_added, err);
		if (!r)
			sfe_table_write_row(&sfe_states_csv, &rows[i], out);
	}
	s->n += n_added;
	if (n_added)
		qsort(all, s->n, sizeof(*all), by_value);
	return r;
}

int sfe_merge_states(
	struct sfe_merged_states *s, int part, uint32_t strategy, struct sfe_error *err)
{
	const char *name = sfe_states_csv.file;
	struct sfe_error why = {0};
	void *rows = NULL;
	unsigned n = 0;
	int r = sfe_results_read_table(part, &sfe_states_csv, &rows, &n, &why);

	if (r == -ENOENT)
		return 0;
	if (r) {
		*err = why;
		return r;
	}
	bool begun = sfe_beneath_exists(s->dir, name);
	FILE *out = sfe_results_open(s->dir, name, begun ? "a" : "w", err);
	r = out ? 0 : err->code;
	if (out && !begun)
		sfe_table_write_header(&sfe_states_csv, out);
	r = r ? r : add_rows(s, part, strategy, rows, n, out, err);
	if (out) {
		int closed = sfe_results_close(out, name, r ? NULL : err);
		r = r ? r : closed;
	}
	free(rows);
	return r;
}

void sfe_merged_states_free(struct sfe_merged_states *s)
{
	free(s->value);
	s->value = NULL;
	s->n = 0;
}
