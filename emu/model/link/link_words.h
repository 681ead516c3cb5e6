/* SPDX-License-Identifier: MIT */
/* Words in the text of a link's attributes: numbers and probabilities. */
#ifndef SFE_LINK_LINK_WORDS_H
#define SFE_LINK_LINK_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/link.h"

#define SFE_MAX_WORDS 8
#define SFE_MAX_CORRELATION 0.99

#define SFE_SET_ARGS                                                                               \
	struct sfe_link_spec *s, const char *text, const char *folder,                             \
		struct sfe_link_files *files, struct sfe_error *err
#define SFE_NO_FILES (void)folder, (void)files

/* A text split into words; a NULL word follows the last. They point into copy. */
struct sfe_words {
	char copy[256];
	char *word[SFE_MAX_WORDS + 1];
	int n;
};

/* False: no words, or too many. */
bool sfe_words_split(const char *text, struct sfe_words *w);
/* Fails with "'TEXT' is not WHAT". */
int sfe_link_refuse(const char *text, const char *what, const char *todo, struct sfe_error *err);
/* A whole number; false for NULL. */
bool sfe_word_u32(const char *word, uint64_t min, uint64_t max, uint32_t *out);
/* "1%", "0.25%" or "0", as 0 to 1. */
bool sfe_word_percent(const char *word, double max, double *out);
/* Prints the shortest decimal that reads back as the same share. */
void sfe_print_percent(double share, FILE *out);

#endif
