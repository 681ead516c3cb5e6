/* SPDX-License-Identifier: MIT */
/*
 * What differs between runs: their scenarios as resolved, scenario.yaml, key by key. sfemu has
 * written these files, a key a line, two spaces a level and `- ` before an element of a list.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"

#define MOST_LEVELS 12u
#define MOST_SHOWN 60u

#define SHOWN_BYTES 120u /* of a value */

struct key_value {
	char key[160];
	const char *value;
};

struct scenario { /* sorted by key */
	struct key_value *of;
	char *text; /* with the values */
	unsigned n;
};

struct place { /* while reading: the key of each level, and elements counted in it */
	char key[MOST_LEVELS][48];
	unsigned element[MOST_LEVELS], level;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct key_value *)a)->key, ((const struct key_value *)b)->key);
}

static void write_key(const struct place *p, struct key_value *out)
{
	size_t at = 0;

	for (unsigned i = 0; i <= p->level && at < sizeof(out->key); i++)
		at += (size_t)snprintf(
			out->key + at, sizeof(out->key) - at, "%s%s", i ? "." : "", p->key[i]);
}

/* A line: whether it has a value. */
static bool read_line(char *line, struct place *p, struct key_value *out)
{
	size_t spaces = strspn(line, " ");
	unsigned level = (unsigned)(spaces / 2);
	char *text = line + spaces;

	if (!*text || *text == '#' || level >= MOST_LEVELS)
		return false;
	p->level = level;
	if (text[0] == '-') { /* an element */
		snprintf(p->key[level], sizeof(p->key[level]), "%u", ++p->element[level]);
		text += 1 + strspn(text + 1, " ");
	} else {
		size_t n = strcspn(text, ":");
		snprintf(p->key[level], sizeof(p->key[level]), "%.*s", (int)n, text);
		text += text[n] ? n + 1 : n;
		text += strspn(text, " ");
	}
	for (unsigned i = level + 1; i < MOST_LEVELS; i++)
		p->element[i] = 0;
	write_key(p, out);
	out->value = text;
	return *text;
}

static int read_scenario(const char *text, struct scenario *out)
{
	char *rest;
	struct place place = {0};
	size_t lines = 1;

	for (const char *s = text ? text : ""; *s; s++)
		lines += *s == '\n';
	*out = (struct scenario){
		.of = calloc(lines, sizeof(*out->of)), .text = strdup(text ? text : "")};
	if (!out->text || !out->of)
		return -ENOMEM;
	rest = out->text;
	for (char *line; (line = strsep(&rest, "\n"));)
		out->n += read_line(line, &place, &out->of[out->n]);
	qsort(out->of, out->n, sizeof(*out->of), by_key);
	return 0;
}

/* The key's value in the scenario; "": it has none. */
static const char *value_of(const struct scenario *s, const char *key)
{
	struct key_value wanted = {0};

	snprintf(wanted.key, sizeof(wanted.key), "%s", key);
	const struct key_value *found = bsearch(&wanted, s->of, s->n, sizeof(*s->of), by_key);
	return found ? found->value : "";
}

static bool differs(const struct scenario *s, unsigned n, const char *key)
{
	for (unsigned i = 1; i < n; i++)
		if (strcmp(value_of(&s[i], key), value_of(&s[0], key)) != 0)
			return true;
	return false;
}

static void write_row(const struct scenario *s, unsigned n, const char *key, FILE *out)
{
	fputs("<tr><th scope=\"row\">", out);
	sfe_html_text(key, out);
	fputs("</th>", out);
	for (unsigned i = 0; i < n; i++) {
		const char *value = value_of(&s[i], key);
		char shown[SHOWN_BYTES + 1];
		size_t n_shown = strnlen(value, SHOWN_BYTES);
		while (value[n_shown] && ((unsigned char)value[n_shown] & 0xc0) == 0x80)
			n_shown--; /* not within a character */
		snprintf(shown, sizeof(shown), "%.*s", (int)n_shown, value);
		fputs("<td class=\"text\">", out);
		sfe_html_text(*value ? shown : "\u2013", out);
		fputs(value[n_shown] ? "\u2026</td>" : "</td>", out);
	}
	fputs("</tr>\n", out);
}

/* The keys of run i that differ and that no run before has. */
static unsigned write_rows(
	const struct scenario *s, unsigned n, unsigned i, unsigned shown, FILE *out)
{
	for (unsigned k = 0; k < s[i].n; k++) {
		const char *key = s[i].of[k].key;
		bool before = false;
		for (unsigned j = 0; j < i && !before; j++)
			before = *value_of(&s[j], key);
		if (before || !differs(s, n, key))
			continue;
		if (++shown <= MOST_SHOWN)
			write_row(s, n, key, out);
	}
	return shown;
}

int sfe_report_differences(const struct sfe_report_run *run, unsigned n, FILE *out)
{
	struct scenario *s = calloc(n + 1, sizeof(*s));
	unsigned shown = 0;
	int r = s ? 0 : -ENOMEM;

	for (unsigned i = 0; i < n && !r; i++)
		r = read_scenario(run[i].scenario_text, &s[i]);
	if (!r) {
		fputs("<h3>What differs between the runs</h3>\n<div class=\"scroll differences\" "
		      "tabindex=\"0\" role=\"region\" aria-label=\"What differs between the "
		      "runs\"><table><thead><tr><th scope=\"col\">key of the scenario</th>",
			out);
		for (unsigned i = 0; i < n; i++) {
			fputs("<th scope=\"col\">", out);
			sfe_html_text(run[i].label, out);
			fputs("</th>", out);
		}
		fputs("</tr></thead><tbody>\n", out);
		for (unsigned i = 0; i < n; i++)
			shown = write_rows(s, n, i, shown, out);
		fputs("</tbody></table></div>\n", out);
		if (!shown)
			fputs("<p>Nothing: the scenarios are the same.</p>\n", out);
		else if (shown > MOST_SHOWN)
			fprintf(out, "<p>%u more keys differ.</p>\n", shown - MOST_SHOWN);
	}
	for (unsigned i = 0; s && i < n; i++) {
		free(s[i].of);
		free(s[i].text);
	}
	free(s);
	return r;
}
