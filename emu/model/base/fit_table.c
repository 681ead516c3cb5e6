/* SPDX-License-Identifier: MIT */
#include "emu/model/base/fit_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/printable.h"
#include "emu/model/base/text.h"

#define MAX_COLUMNS 64
#define GAP 2 /* blanks between columns */

void sfe_fit_cell(struct sfe_fit_table *t, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	bool made = vasprintf(&text, fmt, ap) >= 0;
	va_end(ap);
	if (t->failed || !made || sfe_grow(&t->cell, &t->room, t->n_cells + 1, sizeof(*t->cell))) {
		free(made ? text : NULL);
		t->failed = -ENOMEM;
		return;
	}
	t->cell[t->n_cells++] = sfe_make_printable(text);
}

void sfe_fit_free(struct sfe_fit_table *t)
{
	for (unsigned i = 0; i < t->n_cells; i++)
		free(t->cell[i]);
	free(t->cell);
	t->cell = NULL;
	t->n_cells = t->room = 0;
}

static unsigned n_columns(const struct sfe_fit_table *t)
{
	return t->n_columns < MAX_COLUMNS ? t->n_columns : MAX_COLUMNS;
}

static void measure(const struct sfe_fit_table *t, unsigned *width)
{
	for (unsigned c = 0; c < n_columns(t); c++) {
		width[c] = (unsigned)strlen(t->column[c].heading);
		for (unsigned i = c; i < t->n_cells; i += t->n_columns)
			if (strlen(t->cell[i]) > width[c])
				width[c] = (unsigned)strlen(t->cell[i]);
	}
}

/* Selects columns by rank, as long as there is room. */
static unsigned choose(
	const struct sfe_fit_table *t, const unsigned *width, unsigned most, bool *chosen)
{
	unsigned used = width[0], left_out = 0;
	bool looked[MAX_COLUMNS] = {true};

	chosen[0] = true;
	for (unsigned n = 1; n < n_columns(t); n++) {
		unsigned best = UINT32_MAX;
		for (unsigned c = 0; c < n_columns(t); c++)
			if (!looked[c] &&
				(best == UINT32_MAX || t->column[c].rank < t->column[best].rank))
				best = c;
		looked[best] = true;
		chosen[best] = used + GAP + width[best] <= most;
		if (chosen[best])
			used += GAP + width[best];
		else
			left_out++;
	}
	return left_out;
}

/* Each group's name begins at its first column and is cut where the next group begins, or at the
 * end of the line. */
static void print_groups(const struct sfe_fit_table *t, const unsigned *width, const bool *chosen,
	unsigned most, FILE *out)
{
	unsigned printed = 0, begin = 0, at = 0; /* begin: of the group; at: of the column */
	const char *group = NULL;

	for (unsigned c = 0; c < n_columns(t); c++) {
		const char *name = t->column[c].group;
		if (!chosen[c])
			continue;
		if (name && (!group || strcmp(group, name))) {
			if (group)
				printed += (unsigned)fprintf(out, "%*s%.*s", (int)(begin - printed),
					"", (int)(at - GAP - begin), group);
			begin = at;
			group = name;
		}
		at += width[c] + GAP;
	}
	if (group)
		fprintf(out, "%*s%.*s\n", (int)(begin - printed), "", (int)(most - begin), group);
}

static void print_line(const struct sfe_fit_table *t, const unsigned *width, const bool *chosen,
	char *const *cell, FILE *out)
{
	for (unsigned c = 0; c < n_columns(t); c++) {
		const char *text = cell ? cell[c] : t->column[c].heading;
		if (chosen[c])
			fprintf(out, c ? "%*s%*s" : "%*s%-*s", c ? GAP : 0, "", (int)width[c],
				text);
	}
	fputc('\n', out);
}

unsigned sfe_fit_print(const struct sfe_fit_table *t, unsigned most, FILE *out)
{
	unsigned width[MAX_COLUMNS];
	bool chosen[MAX_COLUMNS] = {false};

	if (t->failed) {
		fputs("(no memory for this table)\n", out);
		return 0;
	}
	measure(t, width);
	unsigned left_out = choose(t, width, most, chosen);
	print_groups(t, width, chosen, most, out);
	print_line(t, width, chosen, NULL, out);
	for (unsigned i = 0; i + t->n_columns <= t->n_cells; i += t->n_columns)
		print_line(t, width, chosen, t->cell + i, out);
	return left_out;
}
