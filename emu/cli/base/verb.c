/* SPDX-License-Identifier: MIT */
#include "emu/cli/base/verb.h"

#include <getopt.h>
#include <string.h>

#define MAX_OPTIONS 64
#define WIDTH 80
#define TEXT_COLUMN 24 /* where the text of options begins */

/* Fills the tables of getopt_long. letters has room for "+" and three bytes for each option. */
static void make_getopt(const struct sfe_verb *verb, struct option *options, char *letters)
{
	unsigned n = 0;

	if (verb->options_come_first)
		*letters++ = '+';
	for (const struct sfe_option *o = verb->options; o && (o->name || o->letter || o->text);
		o++) {
		if (o->name && n < MAX_OPTIONS)
			options[n++] = (struct option){o->name,
				o->argument ? required_argument : no_argument, NULL, o->id};
		if (o->letter) {
			*letters++ = o->letter;
			if (o->argument)
				*letters++ = ':';
		}
	}
	options[n++] = (struct option){"help", no_argument, NULL, 'h'};
	options[n] = (struct option){0};
	*letters++ = 'h';
	*letters = 0;
}

static int id_of(const struct sfe_verb *verb, int c)
{
	for (const struct sfe_option *o = verb->options; o && (o->name || o->letter || o->text);
		o++)
		if (o->letter && o->letter == c)
			return o->id;
	return c;
}

int sfe_verb_option(const struct sfe_verb *verb, int argc, char **argv)
{
	static struct option options[MAX_OPTIONS + 2];
	static char letters[3 * MAX_OPTIONS + 3];

	make_getopt(verb, options, letters);
	int c = getopt_long(argc, argv, letters, options, NULL);
	if (c == -1)
		return SFE_OPTION_END;
	if (c == 'h') {
		sfe_verb_help(verb, stdout);
		return SFE_OPTION_HELP;
	}
	if (c == '?') {
		fprintf(stderr, "try `sfemu %s --help`\n", verb->name);
		return SFE_OPTION_BAD;
	}
	return id_of(verb, c);
}

/* ---- help */

/* Writes text with lines of at most WIDTH characters, each indented; at: the column of the cursor.
 * Newlines in the text are kept; a line that begins with a blank is copied as it is. */
static void wrap(const char *text, unsigned indent, unsigned at, FILE *out)
{
	while (*text) {
		size_t n = strcspn(text, " \n");
		if (*text == ' ' && at == indent) { /* a line to be copied */
			n = strcspn(text, "\n");
			fprintf(out, "%.*s", (int)n, text);
			at += (unsigned)n;
			text += n;
			continue;
		}
		if (at > indent && at + 1 + n > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent && n) {
			fputc(' ', out);
			at++;
		}
		fprintf(out, "%.*s", (int)n, text);
		at += (unsigned)n;
		text += n;
		if (*text == '\n') {
			fprintf(out, "\n%*s", text[1] && text[1] != '\n' ? (int)indent : 0, "");
			at = indent;
			text++;
		} else if (*text == ' ') {
			text++;
		}
	}
	fputc('\n', out);
}

void sfe_option_label(const struct sfe_option *o, char *buf, size_t size)
{
	char letter[8] = "";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c%s", o->letter, o->name ? ", " : "");
	snprintf(buf, size, "%s%s%s%s%s", letter, o->name ? "--" : "", o->name ? o->name : "",
		o->argument ? " " : "", o->argument ? o->argument : "");
}

static bool is_group(const struct sfe_option *o)
{
	return o->text && !o->name && !o->letter;
}

static void print_option(const struct sfe_option *o, FILE *out)
{
	char label[96];

	if (is_group(o)) {
		fprintf(out, "\n");
		wrap(o->text, 0, 0, out);
		return;
	}
	sfe_option_label(o, label, sizeof(label));
	int n = fprintf(out, "  %-*s", TEXT_COLUMN - 4, label);
	if (n > TEXT_COLUMN - 2)
		fprintf(out, "\n%*s", TEXT_COLUMN, "");
	else
		fputs("  ", out);
	wrap(o->text, TEXT_COLUMN, TEXT_COLUMN, out);
}

void sfe_verb_help(const struct sfe_verb *verb, FILE *out)
{
	for (unsigned i = 0; verb->usage[i]; i++)
		fprintf(out, "%s sfemu %s%s%s\n", i ? "      " : "usage:", verb->name,
			verb->usage[i][0] ? " " : "", verb->usage[i]);
	fputc('\n', out);
	wrap(verb->about, 0, 0, out);
	if (!verb->options || !is_group(verb->options)) /* a group begins with an empty line */
		fputc('\n', out);
	for (const struct sfe_option *o = verb->options; o && (o->name || o->letter || o->text);
		o++)
		print_option(o, out);
	print_option(&(struct sfe_option){.name = "help", .letter = 'h', .text = "print this text"},
		out);
	if (verb->notes) {
		fputc('\n', out);
		wrap(verb->notes, 0, 0, out);
	}
	if (verb->examples) {
		fputs("\nExamples:\n", out);
		for (unsigned i = 0; verb->examples[i]; i++)
			fprintf(out, "  %s\n", verb->examples[i]);
	}
	fputs("\nExit status:\n", out);
	for (const struct sfe_exit_status *x = verb->status; x->meaning; x++) {
		fprintf(out, "  %-4d", x->status);
		wrap(x->meaning, 6, 6, out);
	}
}
