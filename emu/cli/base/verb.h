/* SPDX-License-Identifier: MIT */
/*
 * The description of a verb of the command `sfemu`. Its options are parsed by this table; --help,
 * the manual page and the completion of shells are generated from it.
 */
#ifndef SFE_CLI_VERB_H
#define SFE_CLI_VERB_H

#include <stdbool.h>
#include <stdio.h>

/* What a word of the command line is, for completion. */
enum sfe_word {
	SFE_WORD_ANY,
	SFE_WORD_FILE,
	SFE_WORD_FOLDER,
	SFE_WORD_ONE_OF, /* one of the choices */
	SFE_WORD_LIST,   /* several of the choices, with commas */
};

struct sfe_option {
	const char *name;     /* without the dashes; NULL: only a letter */
	char letter;          /* 0: none */
	const char *argument; /* "KEY=VALUE"; NULL: it takes none */
	enum sfe_word word;
	int id; /* what sfe_verb_option returns; not 0, 'h' or '?' */
	const char *text;
	const char *choices; /* with | between them; NULL: the text of argument is them */
};
/* A title before a group of options. */
#define SFE_OPTION_GROUP(title)                                                                    \
	{                                                                                          \
		.text = title                                                                      \
	}

struct sfe_exit_status {
	int status;
	const char *meaning;
};

struct sfe_verb {
	const char *name, *summary;
	int (*run)(int argc, char **argv);    /* argv[0] is the verb; returns the exit status */
	const char *const *usage;             /* what may follow `sfemu NAME`; ended by NULL */
	const char *about;                    /* paragraphs, with an empty line between them */
	const struct sfe_option *options;     /* ended by {0}; may be NULL */
	const char *notes;                    /* more paragraphs, after the options; may be NULL */
	const char *const *examples;          /* command lines; ended by NULL; may be NULL */
	const struct sfe_exit_status *status; /* ended by a meaning of NULL */
	const char *files;                    /* for the manual page; may be NULL */
	const char *words;       /* choices of the first operand, with | between; may be NULL */
	enum sfe_word operand;   /* what other operands are */
	bool options_come_first; /* what follows the first operand belongs to a command */
};

#define SFE_OPTION_END (-1)
#define SFE_OPTION_HELP (-2) /* help was printed: the verb's exit status is 0 */
#define SFE_OPTION_BAD (-3)  /* an error was printed: the exit status is SFE_EXIT_USAGE */

/*
 * Returns the id of the next option, or one of the above. optarg and optind are those of
 * getopt_long. Every verb has -h and --help.
 */
int sfe_verb_option(const struct sfe_verb *verb, int argc, char **argv);
void sfe_verb_help(const struct sfe_verb *verb, FILE *out);
/* "--name ARGUMENT", "-o, --output FILE" */
void sfe_option_label(const struct sfe_option *option, char *buf, size_t size);

#endif
