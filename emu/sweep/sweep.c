/* SPDX-License-Identifier: MIT */
/* The cells of a sweep. */
#include "emu/sweep/sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct sfe_sweep_value *sfe_sweep_at(const struct sfe_sweep *s, uint32_t cell, unsigned axis)
{
	for (unsigned a = s->n_axes; --a > axis;)
		cell /= s->axis[a].n;
	return &s->axis[axis].value[cell % s->axis[axis].n];
}

const char *sfe_sweep_label(const struct sfe_sweep *s, uint32_t cell, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = 0;
	for (unsigned a = 0; a < s->n_axes && used < size; a++) {
		bool strategy = a + 2 == s->n_axes;
		used += (size_t)snprintf(buf + used, size - used, "%s%s%s%s", a ? " " : "",
			strategy ? "" : s->axis[a].name, strategy ? "" : "=",
			sfe_sweep_at(s, cell, a)->label);
	}
	return buf;
}

/* What a cell sets, in the form of --set. */
struct sets {
	const char **text;
	unsigned *line;
	unsigned n;
	char *own[2]; /* name and results */
};

static void add_sets(struct sets *sets, const struct sfe_sweep_value *v, bool command_line)
{
	for (unsigned i = 0; i < v->n_sets; i++) {
		if (command_line != !v->set[i].line)
			continue;
		sets->text[sets->n] = v->set[i].text;
		sets->line[sets->n++] = v->set[i].line;
	}
}

static void free_sets(struct sets *sets)
{
	free(sets->text);
	free(sets->line);
	free(sets->own[0]);
	free(sets->own[1]);
}

static int make_sets(const struct sfe_sweep *s, uint32_t cell, struct sets *sets)
{
	unsigned n = 2 + s->common.n_sets;

	*sets = (struct sets){0};
	for (unsigned a = 0; a < s->n_axes; a++)
		n += sfe_sweep_at(s, cell, a)->n_sets;
	sets->text = calloc(n, sizeof(*sets->text));
	sets->line = calloc(n, sizeof(*sets->line));
	if (asprintf(&sets->own[0], "name=%s", s->name) < 0)
		sets->own[0] = NULL;
	if (asprintf(&sets->own[1], "results=%s", s->results) < 0)
		sets->own[1] = NULL;
	if (!sets->text || !sets->line || !sets->own[0] || !sets->own[1])
		return -ENOMEM;
	/* The last one takes effect: the command line overrides the file. */
	add_sets(sets, &s->common, false);
	add_sets(sets, &s->common, true);
	for (unsigned a = 0; a < s->n_axes; a++)
		add_sets(sets, sfe_sweep_at(s, cell, a), false);
	for (int i = 0; i < 2; i++)
		sets->text[sets->n++] = sets->own[i];
	return 0;
}

/* Changes the place of an error in a --set of the sweep to the line of the sweep's file. */
static void add_place(const struct sfe_sweep *s, const struct sets *sets, struct sfe_error *err)
{
	static const char prefix[] = "--set ";
	const char *path = err->where + strlen(prefix);

	if (strncmp(err->where, prefix, strlen(prefix)))
		return;
	size_t len = strcspn(path, "=:");
	for (unsigned i = 0; i < sets->n; i++) {
		if (!sets->line[i] || strncmp(sets->text[i], path, len) ||
			sets->text[i][len] != '=')
			continue;
		snprintf(err->where, sizeof(err->where), "%s:%u", s->file, sets->line[i]);
		return;
	}
}

int sfe_sweep_base(const struct sfe_sweep *s, struct sfe_scenario **out, struct sfe_error *err)
{
	struct sets sets;
	int r = make_sets(s, 0, &sets);

	if (r)
		sfe_fail(err, r, NULL, NULL, "out of memory");
	else /* without those of the axes, which follow */
		r = sfe_scenario_read_sets(
			s->base, s->folder, sets.text, s->common.n_sets, out, err);
	if (r && r != -ENOMEM && err)
		add_place(s, &sets, err);
	free_sets(&sets);
	return r;
}

int sfe_sweep_scenario(
	const struct sfe_sweep *s, uint32_t cell, struct sfe_scenario **out, struct sfe_error *err)
{
	struct sets sets;
	int r = make_sets(s, cell, &sets);

	if (r)
		sfe_fail(err, r, NULL, NULL, "out of memory");
	else
		r = sfe_scenario_read_sets(s->base, s->folder, sets.text, sets.n, out, err);
	if (r && r != -ENOMEM && err)
		add_place(s, &sets, err);
	free_sets(&sets);
	return r;
}

static void free_value(struct sfe_sweep_value *v)
{
	for (unsigned i = 0; i < v->n_sets; i++)
		free(v->set[i].text);
	free(v->set);
	free(v->label);
}

void sfe_sweep_free(struct sfe_sweep *s)
{
	if (!s)
		return;
	for (unsigned a = 0; a < s->n_axes; a++) {
		for (unsigned v = 0; v < s->axis[a].n; v++)
			free_value(&s->axis[a].value[v]);
		free(s->axis[a].value);
		free(s->axis[a].name);
	}
	free_value(&s->common);
	free(s->file);
	free(s->folder);
	free(s->name);
	free(s->base);
	free(s->results);
	free(s);
}
