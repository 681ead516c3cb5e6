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

static const char *choices_of(const struct sfe_option *o)
{
	return o->choices ? o->choices : o->argument;
}

/* ---- bash */

static const char bash_helpers[] =
	"# A word of those given.\n"
	"_sfemu_word() {\n"
	"\tCOMPREPLY=($(compgen -W \"$1\" -- \"$current\"))\n"
	"}\n"
	"\n"
	"# The same for each word of a list with commas.\n"
	"_sfemu_list() {\n"
	"\tlocal before=\n"
	"\t[[ $current != *,* ]] || before=${current%,*},\n"
	"\tCOMPREPLY=($(compgen -P \"$before\" -W \"$1\" -- \"${current##*,}\"))\n"
	"}\n"
	"\n"
	"# -f: files and folders, -d: folders. Names may have blanks in them.\n"
	"_sfemu_path() {\n"
	"\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$current\")\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"}\n"
	"\n";

static const char bash_begin[] =
	"_sfemu() {\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tCOMPREPLY=()\n"
	"\t# `--option=value` is three words.\n"
	"\tif [[ $current == = ]]; then\n"
	"\t\tcurrent=\n"
	"\telif [[ $previous == = ]]; then\n"
	"\t\tprevious=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\t_sfemu_word '";

static void bash_word(enum sfe_word word, const char *choices, FILE *out)
{
	switch (word) {
	case SFE_WORD_ONE_OF:
	case SFE_WORD_LIST:
		fputs(word == SFE_WORD_LIST ? "_sfemu_list '" : "_sfemu_word '", out);
		words(choices, out);
		fputs("'", out);
		break;
	case SFE_WORD_FILE:
		fputs("_sfemu_path -f", out);
		break;
	case SFE_WORD_FOLDER:
		fputs("_sfemu_path -d", out);
		break;
	case SFE_WORD_ANY:
		fputs(":", out);
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
		bash_word(o->word, choices_of(o), out);
		fputs("; return ;;\n", out);
	}
	fputs("\t\tesac\n", out);
}

static void bash_verb(const struct sfe_verb *v, FILE *out)
{
	fprintf(out, "\t%s)\n", v->name);
	bash_arguments(v, out);
	fputs("\t\tif [[ $current == -* ]]; then\n\t\t\t_sfemu_word '", out);
	for (EACH(o, v)) {
		if (o->letter)
			fprintf(out, "-%c ", o->letter);
		if (o->name)
			fprintf(out, "--%s ", o->name);
	}
	fputs("-h --help'\n", out);
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
	fprintf(out,
		"# Completion of sfemu for bash; made by `sfemu manual` from the tables of "
		"emu/cli.\n%s%s",
		bash_helpers, bash_begin);
	for (unsigned i = 0; verbs[i]; i++)
		fprintf(out, "%s ", verbs[i]->name);
	fputs("--help --version'\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n", out);
	for (unsigned i = 0; verbs[i]; i++)
		bash_verb(verbs[i], out);
	fputs("\tesac\n}\ncomplete -F _sfemu sfemu\n", out);
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

static void zsh_word(enum sfe_word word, const char *choices, FILE *out)
{
	switch (word) {
	case SFE_WORD_ONE_OF:
		fputs("(", out);
		words(choices, out);
		fputs(")", out);
		break;
	case SFE_WORD_LIST:
		fputs("_values -s , word ", out);
		words(choices, out);
		break;
	case SFE_WORD_FILE:
		fputs("_files", out);
		break;
	case SFE_WORD_FOLDER:
		fputs("_files -/", out);
		break;
	case SFE_WORD_ANY:
		break;
	}
}

/* Of the text, what comes before the first semicolon is enough for a list of options. An option
 * with a name takes its argument as the next word or after "=". */
static void zsh_option(const char *dashes, const char *name, const struct sfe_option *o, FILE *out)
{
	const char *stop = strchr(o->text, ';');
	char *text = strndup(o->text, stop ? (size_t)(stop - o->text) : strlen(o->text));

	fprintf(out, "\t\t\t'*%s%s%s[", dashes, name, o->argument && dashes[1] ? "=" : "");
	zsh_text(text ? text : "", out);
	free(text);
	fputc(']', out);
	if (o->argument) {
		fputc(':', out);
		zsh_text(o->argument, out);
		fputc(':', out);
		zsh_word(o->word, choices_of(o), out);
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
