/* SPDX-License-Identifier: MIT */
#include "emu/cli/completion.h"

#include <stdlib.h>
#include <string.h>

#define EACH(o, verb)                                                                              \
	const struct sfe_option *o = (verb)->options;                                              \
	o && (o->name || o->letter || o->text);                                                    \
	o++

/* "real|virtual" as "real virtual". */
static void words(const char *text, FILE *out)
{
	for (; *text; text++)
		fputc(*text == '|' ? ' ' : *text, out);
}

/* ---- bash */

static void bash_word(enum sfe_word word, const char *of, FILE *out)
{
	switch (word) {
	case SFE_WORD_ONE_OF:
		fputs("COMPREPLY=($(compgen -W '", out);
		words(of, out);
		fputs("' -- \"$current\"))", out);
		break;
	case SFE_WORD_FILE:
		fputs("COMPREPLY=($(compgen -f -- \"$current\"))", out);
		break;
	case SFE_WORD_FOLDER:
		fputs("COMPREPLY=($(compgen -d -- \"$current\"))", out);
		break;
	default:
		fputs("COMPREPLY=()", out);
	}
}

/* What may follow an option that takes an argument. */
static void bash_arguments(const struct sfe_verb *v, FILE *out)
{
	fputs("\t\tcase $previous in\n", out);
	for (EACH(o, v)) {
		if (!o->argument)
			continue;
		fputs("\t\t", out);
		if (o->letter)
			fprintf(out, "-%c%s", o->letter, o->name ? " | " : "");
		if (o->name)
			fprintf(out, "--%s", o->name);
		fputs(") ", out);
		bash_word(o->word, o->argument, out);
		fputs("; return ;;\n", out);
	}
	fputs("\t\tesac\n", out);
}

static void bash_verb(const struct sfe_verb *v, FILE *out)
{
	fprintf(out, "\t%s)\n", v->name);
	bash_arguments(v, out);
	fputs("\t\tif [[ $current == -* ]]; then\n\t\t\tCOMPREPLY=($(compgen -W '", out);
	for (EACH(o, v)) {
		if (o->letter)
			fprintf(out, "-%c ", o->letter);
		if (o->name)
			fprintf(out, "--%s ", o->name);
	}
	fputs("-h --help' -- \"$current\"))\n", out);
	if (v->words) {
		fputs("\t\telif ((COMP_CWORD == 2)); then\n\t\t\t", out);
		bash_word(SFE_WORD_ONE_OF, v->words, out);
		fputc('\n', out);
	}
	fputs("\t\telse\n\t\t\t", out);
	bash_word(v->operand, "", out);
	fputs("\n\t\tfi\n\t\t;;\n", out);
}

void sfe_completion_bash(const struct sfe_verb *const *verbs, FILE *out)
{
	fputs("# Completion of sfemu for bash; made by `sfemu manual` from the tables of emu/cli.\n"
	      "_sfemu() {\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tCOMPREPLY=()\n"
	      "\tif ((COMP_CWORD == 1)); then\n\t\tCOMPREPLY=($(compgen -W '",
		out);
	for (unsigned i = 0; verbs[i]; i++)
		fprintf(out, "%s ", verbs[i]->name);
	fputs("--help --version' -- \"$current\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n",
		out);
	for (unsigned i = 0; verbs[i]; i++)
		bash_verb(verbs[i], out);
	fputs("\tesac\n}\ncomplete -o filenames -F _sfemu sfemu\n", out);
}

/* ---- zsh */

/* Inside of single quotes, in a specification of _arguments. */
static void zsh_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:\\", *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void zsh_word(enum sfe_word word, const char *of, FILE *out)
{
	if (word == SFE_WORD_ONE_OF) {
		fputs("(", out);
		words(of, out);
		fputs(")", out);
	} else if (word == SFE_WORD_FILE) {
		fputs("_files", out);
	} else if (word == SFE_WORD_FOLDER) {
		fputs("_files -/", out);
	}
}

static void zsh_option(const char *dashes, const char *name, const struct sfe_option *o, FILE *out)
{
	const char *stop = strchr(o->text, ';');

	fprintf(out, "\t\t\t'*%s%s[", dashes, name);
	char *text = strndup(o->text, stop ? (size_t)(stop - o->text) : strlen(o->text));
	zsh_text(text ? text : "", out);
	free(text);
	fputc(']', out);
	if (o->argument) {
		fputc(':', out);
		zsh_text(o->argument, out);
		fputc(':', out);
		zsh_word(o->word, o->argument, out);
	}
	fputs("' \\\n", out);
}

static void zsh_verb(const struct sfe_verb *v, FILE *out)
{
	char letter[2] = "";

	fprintf(out, "\t%s)\n\t\t_arguments \\\n", v->name);
	for (EACH(o, v)) {
		letter[0] = o->letter;
		if (o->letter)
			zsh_option("-", letter, o, out);
		if (o->name)
			zsh_option("--", o->name, o, out);
	}
	fputs("\t\t\t'(-h --help)'{-h,--help}'[print a help text]' \\\n", out);
	if (v->words) {
		fputs("\t\t\t'1: :", out);
		zsh_word(SFE_WORD_ONE_OF, v->words, out);
		fputs("' \\\n", out);
	}
	fputs("\t\t\t'*: :", out);
	zsh_word(v->operand, "", out);
	fputs("'\n\t\t;;\n", out);
}

void sfe_completion_zsh(const struct sfe_verb *const *verbs, FILE *out)
{
	fputs("#compdef sfemu\n"
	      "# Completion of sfemu for zsh; made by `sfemu manual` from the tables of emu/cli.\n"
	      "_sfemu() {\n"
	      "\tif ((CURRENT == 2)); then\n\t\tlocal -a verbs=(\n",
		out);
	for (unsigned i = 0; verbs[i]; i++) {
		fprintf(out, "\t\t\t'%s:", verbs[i]->name);
		zsh_text(verbs[i]->summary, out);
		fputs("'\n", out);
	}
	fputs("\t\t)\n\t\t_describe verb verbs\n\t\treturn\n\tfi\n"
	      "\tlocal verb=${words[2]}\n\tshift words\n\t((CURRENT--))\n\tcase $verb in\n",
		out);
	for (unsigned i = 0; verbs[i]; i++)
		zsh_verb(verbs[i], out);
	fputs("\tesac\n}\n_sfemu \"$@\"\n", out);
}
