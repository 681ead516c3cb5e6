/* SPDX-License-Identifier: MIT */
/* The figures of a sweep as JSON. */
#include "emu/sweep_report/sweep_json.h"

#include "emu/report/page_frame.h"
#include "emu/results/table.h"
#include "emu/sweep_report/sweep_report.h"

static void write_texts(const char *const *text, uint32_t n, FILE *out)
{
	fputc('[', out);
	for (uint32_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", out);
		sfe_json_text(text[i], out);
	}
	fputc(']', out);
}

void sfe_sweep_json_head(const struct sfe_swept_figures *f, FILE *out)
{
	const struct sfe_swept *s = &f->sweep;
	const struct sfe_swept_axis *strategies = sfe_swept_strategies(s);

	fputs("\"axes\": [", out);
	for (unsigned a = 0; a < sfe_swept_grid_axes(s); a++) {
		fputs(a ? ", {\"name\": " : "{\"name\": ", out);
		sfe_json_text(s->axis[a].name, out);
		fputs(", \"values\": ", out);
		write_texts(s->axis[a].label, s->axis[a].n, out);
		fputc('}', out);
	}
	fputs("],\n\"strategies\": ", out);
	write_texts(strategies->label, strategies->n, out);
	fputs(",\n\"seeds\": ", out);
	write_texts(sfe_swept_seeds(s)->label, sfe_swept_seeds(s)->n, out);
	fputs(",\n\"baseline\": ", out);
	sfe_json_text(strategies->label[f->baseline], out);
	fprintf(out,
		",\n\"intervals\": \"%s\",\n\"cells\": {\"all\": %u, \"done\": %u, \"failed\": %u, "
		"\"not_run\": %u, \"unreadable\": %u, \"not_valid\": %u}",
		sfe_swept_seeds(s)->n > 1 ? "over the seeds" : "over the jobs of the one seed",
		s->n_cells, sfe_swept_count(s, SFE_SWEPT_DONE),
		sfe_swept_count(s, SFE_SWEPT_FAILED), sfe_swept_count(s, SFE_SWEPT_WAITING),
		sfe_swept_count(s, SFE_SWEPT_UNREADABLE), f->reading.not_valid);
}

/* Of each combination its values, by the axes' names. */
static void write_combinations(const struct sfe_swept *s, FILE *out)
{
	fputs(",\n\"combinations\": [", out);
	for (uint32_t i = 0; i < sfe_swept_combinations(s); i++) {
		uint32_t cell = sfe_swept_first(s, i);
		fputs(i ? ",\n  {" : "\n  {", out);
		for (unsigned a = 0; a < sfe_swept_grid_axes(s); a++) {
			fputs(a ? ", " : "", out);
			sfe_json_text(s->axis[a].name, out);
			fputs(": ", out);
			sfe_json_text(s->axis[a].label[sfe_swept_value(s, cell, a)], out);
		}
		fputc('}', out);
	}
	fputs("\n]", out);
}

static void write_table(const char *name, const struct sfe_rows *rows, FILE *out)
{
	struct sfe_table_rows all = {rows->table, rows->row};

	fprintf(out, ",\n\"%s\": ", name);
	sfe_table_write_json_of(rows->table, sfe_table_row_of, &all, rows->n, out);
}

/* The cells that are not in the figures, and why. */
static void write_missing(const struct sfe_swept *s, FILE *out)
{
	bool any = false;

	fputs(",\n\"missing\": [", out);
	for (uint32_t i = 0; i < s->n_cells; i++) {
		if (s->cell[i].state == SFE_SWEPT_DONE)
			continue;
		fputs(any ? ",\n  {" : "\n  {", out);
		any = true;
		for (unsigned a = 0; a < s->n_axes; a++) {
			sfe_json_text(s->axis[a].name, out);
			fputs(": ", out);
			sfe_json_text(s->axis[a].label[sfe_swept_value(s, i, a)], out);
			fputs(", ", out);
		}
		fprintf(out, "\"state\": \"%s\", \"reason\": ", sfe_swept_state_word(&s->cell[i]));
		sfe_json_text(sfe_swept_why(&s->cell[i]), out);
		fputc('}', out);
	}
	fputs("\n]", out);
}

void sfe_sweep_json(const struct sfe_swept_figures *f, FILE *out)
{
	fputs("{\n", out);
	sfe_sweep_json_head(f, out);
	write_combinations(&f->sweep, out);
	write_table("points", &f->points, out);
	write_table("pairs", &f->pairs, out);
	write_table("answers", &f->answers, out);
	write_table("notes", &f->notes, out);
	write_missing(&f->sweep, out);
	fputs("\n}\n", out);
}
