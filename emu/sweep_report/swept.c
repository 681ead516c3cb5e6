/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/csv_line.h"
#include "emu/model/base/encoding.h"
#include "emu/model/base/printable.h"
#include "emu/security/folder.h"

#define AFTER_AXES 3u /* the columns state, folder and reason */

static int refuse(struct sfe_error *err, unsigned line, const char *what)
{
	char where[40];

	snprintf(where, sizeof(where), SFE_SWEPT_FILE ":%u", line);
	return sfe_fail(err, -EINVAL, where, "the same `sfemu sweep` writes it again", "%s", what);
}

/* Takes the next line off the text: it ends with a 0 then. NULL: there is none. */
static char *next_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (!*line)
		return NULL;
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = 0;
	return line;
}

/* What begins like a formula has a ' before it in the file. */
static char *cell_text(char *s)
{
	sfe_one_line(s);
	return s[0] == '\'' && s[1] && strchr("=+-@", s[1]) ? s + 1 : s;
}

static int read_header(char *line, struct sfe_swept *s, struct sfe_error *err)
{
	static const char *const rest[] = {"strategy", "seed", "state", "folder", "reason"};
	struct sfe_csv_cells cells;

	if (!line || !sfe_csv_split(line, &cells))
		return refuse(err, 1, "has no header");
	for (unsigned i = 0; i < 5; i++)
		if (cells.n < 5 || strcmp(cells.at[cells.n - 5 + i], rest[i]) != 0)
			return refuse(err, 1,
				"does not end with strategy, seed, state, folder and reason");
	if (cells.n - AFTER_AXES > SFE_SWEPT_MAX_AXES)
		return refuse(err, 1, "has more axes than a sweep can have");
	s->n_axes = cells.n - AFTER_AXES;
	for (unsigned a = 0; a < s->n_axes; a++)
		s->axis[a].name = cell_text(cells.at[a]);
	return 0;
}

static bool read_state(const char *word, enum sfe_swept_state *state)
{
	static const char *const words[] = {[SFE_SWEPT_DONE] = "done",
		[SFE_SWEPT_FAILED] = "failed",
		[SFE_SWEPT_WAITING] = "waiting"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i])) {
			*state = (enum sfe_swept_state)i;
			return true;
		}
	return false;
}

/* Reads the cells; label gets the labels of each, n_axes a cell. */
static int read_cells(char **text, struct sfe_swept *s, const char **label, struct sfe_error *err)
{
	struct sfe_csv_cells cells;
	char *line;

	while ((line = next_line(text))) {
		struct sfe_swept_cell *c = &s->cell[s->n_cells];
		if (!sfe_csv_split(line, &cells) || cells.n != s->n_axes + AFTER_AXES)
			return refuse(err, s->n_cells + 2, "is not a row of this table");
		if (!read_state(cells.at[s->n_axes], &c->state))
			return refuse(err, s->n_cells + 2, "has no state that a cell can have");
		c->folder = cells.at[s->n_axes + 1];
		c->reason = cell_text(cells.at[s->n_axes + 2]);
		for (unsigned a = 0; a < s->n_axes; a++)
			label[(size_t)s->n_cells * s->n_axes + a] = cell_text(cells.at[a]);
		s->n_cells++;
	}
	return s->n_cells ? 0 : refuse(err, 1, "has no cell");
}

/* Finds the values of an axis: its labels up to the one that is the first again. */
static int find_values(struct sfe_swept *s, unsigned axis, uint32_t stride, const char **label)
{
	struct sfe_swept_axis *a = &s->axis[axis];
	const char **own = label + axis;
	size_t step = (size_t)stride * s->n_axes;

	a->stride = stride;
	for (a->n = 1; (uint64_t)a->n * stride < s->n_cells; a->n++)
		if (!strcmp(own[a->n * step], own[0]))
			break;
	a->label = calloc(a->n, sizeof(*a->label));
	for (uint32_t v = 0; v < a->n && a->label; v++)
		a->label[v] = own[v * step];
	return a->label ? 0 : -ENOMEM;
}

/* The cells are all combinations of the axes' values, and the last axis varies fastest. */
static int find_axes(struct sfe_swept *s, const char **label, struct sfe_error *err)
{
	uint64_t stride = 1;

	for (unsigned a = s->n_axes; a-- > 0;) {
		if (find_values(s, a, (uint32_t)stride, label))
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		stride *= s->axis[a].n;
	}
	if (stride != s->n_cells)
		return refuse(err, s->n_cells + 1, "is not the last cell of a grid");
	for (uint32_t i = 0; i < s->n_cells; i++)
		for (unsigned a = 0; a < s->n_axes; a++)
			if (strcmp(label[(size_t)i * s->n_axes + a],
				    s->axis[a].label[sfe_swept_value(s, i, a)]) != 0)
				return refuse(err, i + 2, "is not the next cell of a grid");
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* No two cells have the same folder: a page does not take longer than what the folder holds. */
static int check_folders(const struct sfe_swept *s, const char **room, struct sfe_error *err)
{
	for (uint32_t i = 0; i < s->n_cells; i++)
		room[i] = s->cell[i].folder;
	qsort(room, s->n_cells, sizeof(*room), by_text);
	for (uint32_t i = 1; i < s->n_cells; i++)
		if (!strcmp(room[i], room[i - 1]))
			return refuse(err, 1, "has two cells with the same folder");
	return 0;
}

int sfe_swept_parse(char *text, struct sfe_swept *s, struct sfe_error *err)
{
	uint32_t rows = 0;

	*s = (struct sfe_swept){.text = text};
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		rows++;
	if (rows > SFE_SWEPT_MAX_CELLS + 1)
		return refuse(err, 1, "has more cells than a sweep can have");
	int r = read_header(next_line(&text), s, err);
	if (r)
		return r;
	/* The last line may end without a newline. */
	s->cell = calloc((size_t)rows + 1, sizeof(*s->cell));
	const char **label = calloc(((size_t)rows + 1) * s->n_axes, sizeof(*label));
	r = s->cell && label ? read_cells(&text, s, label, err)
			     : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	r = r ? r : find_axes(s, label, err);
	r = r ? r : check_folders(s, label, err);
	free(label);
	return r;
}

int sfe_swept_read(int dir, struct sfe_swept *s, struct sfe_error *err)
{
	char *text;
	size_t len;

	*s = (struct sfe_swept){0};
	int r = sfe_folder_load(dir, SFE_SWEPT_FILE, SFE_SWEPT_MAX_BYTES, &text, &len, err);
	if (r)
		return r;
	r = sfe_encoding_check(text, len, SFE_SWEPT_FILE, err);
	if (!r && strlen(text) != len)
		r = refuse(err, 1, "has a zero byte");
	if (r) {
		free(text);
		return r;
	}
	memmove(text, text + sfe_encoding_mark(text, len), len + 1 - sfe_encoding_mark(text, len));
	return sfe_swept_parse(text, s, err);
}

void sfe_swept_free(struct sfe_swept *s)
{
	for (unsigned a = 0; a < s->n_axes; a++)
		free(s->axis[a].label);
	for (uint32_t i = 0; i < s->n_cells; i++)
		free(s->cell[i].why);
	free(s->cell);
	free(s->text);
}

const char *sfe_swept_name(
	const struct sfe_swept *s, uint32_t combination, unsigned leave_out, char *buf, size_t size)
{
	uint32_t cell = sfe_swept_first(s, combination);
	size_t used = 0;

	buf[0] = 0;
	for (unsigned a = 0; a < sfe_swept_grid_axes(s) && used < size; a++)
		if (a != leave_out)
			used += (size_t)snprintf(buf + used, size - used, "%s%s=%s",
				used ? " " : "", s->axis[a].name,
				s->axis[a].label[sfe_swept_value(s, cell, a)]);
	return sfe_make_printable(buf);
}

const char *sfe_swept_state_word(const struct sfe_swept_cell *cell)
{
	static const char *const words[] = {[SFE_SWEPT_DONE] = "done",
		[SFE_SWEPT_FAILED] = "failed",
		[SFE_SWEPT_WAITING] = "not run",
		[SFE_SWEPT_UNREADABLE] = "unreadable"};

	return words[cell->state];
}

const char *sfe_swept_why(const struct sfe_swept_cell *cell)
{
	return cell->why ? cell->why : cell->reason;
}

uint32_t sfe_swept_count(const struct sfe_swept *s, enum sfe_swept_state state)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n_cells; i++)
		n += s->cell[i].state == state;
	return n;
}
