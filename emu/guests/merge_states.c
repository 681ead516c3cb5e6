/* SPDX-License-Identifier: MIT */
#include "emu/guests/merge_states.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/experiment/keep_check.h"
#include "emu/guests/merge_tables.h"
#include "emu/model/strategies/strategy_options.h"
#include "emu/results/kept_states.h"
#include "emu/results/results_file.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

struct sfe_merged_state {
	uint32_t strategy; /* that wrote it first */
	char parent[SFE_KEPT_PARENT_BYTES], name[SFE_KEPT_NAME_BYTES];
	uint64_t digest, bytes;
};

static int by_value(const void *a, const void *b)
{
	const struct sfe_merged_state *x = a, *y = b;
	int order = strcmp(x->parent, y->parent);

	return order ? order : strcmp(x->name, y->name);
}

static struct sfe_merged_state value_of(const struct sfe_state_row *row, uint32_t strategy)
{
	struct sfe_merged_state v = {
		.strategy = strategy, .digest = row->digest, .bytes = row->size_bytes};

	sfe_kept_place(row, v.parent, v.name);
	return v;
}

/* Opens the value's folder, and makes it if make is set. A negative errno on failure. */
static int open_parent(
	int dir, const char *strategy, const char *parent, bool make, struct sfe_error *err)
{
	const char *const names[] = {SFE_KEPT_FOLDER, strategy, parent};
	int fd = fcntl(dir, F_DUPFD_CLOEXEC, 0);

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
	char under[SFE_STRATEGY_BYTES];
	sfe_strategy_short_name(s->scenario->strategies[strategy]->name, under);
	int to = open_parent(s->dir, under, v->parent, true, err);
	int from = to < 0 ? to : open_parent(part, under, v->parent, false, err);
	int r = from < 0 ? from : renameat(from, v->name, to, v->name) ? -errno : 0;
	if (to >= 0)
		close(to);
	if (from >= 0)
		close(from);
	return r ? sfe_fail(err, r, v->name, NULL, "the guest has not left this value of %s: %s",
			   v->parent, strerror(-r))
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
	char under[SFE_STRATEGY_BYTES];

	row->file[0] = '\0';
	if (!sfe_kept_has_file(row))
		return 0;
	s->n_files += sfe_kept_is_created(row);
	int r = sfe_keep_check_created(s->scenario, s->n_files, err);
	if (r)
		return r;
	sfe_strategy_short_name(
		s->scenario->strategies[same ? first->strategy : strategy]->name, under);
	snprintf(row->file, sizeof(row->file), SFE_KEPT_FOLDER "/%s/%s/%s", under, own.parent,
		own.name);
	if (!first)
		added[(*n_added)++] = own;
	return same ? 0 : move_file(s, part, strategy, &own, err);
}

static int add_rows(struct sfe_merged_states *s, int part, uint32_t strategy,
	struct sfe_state_row *rows, unsigned n, const struct sfe_table *columns, FILE *out,
	struct sfe_error *err)
{
	struct sfe_merged_state *all = reallocarray(s->value, s->n + n + 1, sizeof(*all));
	size_t n_added = 0;
	int r = all ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	if (all)
		s->value = all;
	for (unsigned i = 0; i < n && !r; i++) {
		r = add_row(s, part, strategy, &rows[i], all + s->n, &n_added, err);
		if (!r)
			sfe_table_write_row(columns, &rows[i], out);
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
	int r = sfe_merge_read_table(part, &sfe_states_csv, &rows, &n, &why);

	if (r == -ENOENT)
		return 0;
	if (r) {
		*err = why;
		return r;
	}
	bool begun = sfe_beneath_exists(s->dir, name);
	const struct sfe_table columns =
		s->shared ? sfe_states_csv : sfe_table_plain(&sfe_states_csv);
	FILE *out = sfe_results_open(s->dir, name, begun ? "a" : "w", err);
	r = out ? 0 : err->code;
	if (out && !begun)
		sfe_table_write_header(&columns, out);
	r = r ? r : add_rows(s, part, strategy, rows, n, &columns, out, err);
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
