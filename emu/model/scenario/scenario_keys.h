/* SPDX-License-Identifier: MIT */
/*
 * The keys of a scenario: one table that the reader, the writer, --set and the test of the
 * documentation share.
 */
#ifndef SFE_SCENARIO_SCENARIO_KEYS_H
#define SFE_SCENARIO_SCENARIO_KEYS_H

#include <stdio.h>

#include "sfemu/scenario.h"

#define SFE_MAX_KEYS 160u

enum sfe_key_type {
	SFE_KEY_NAME,   /* char *: as name.h has it, at most max bytes */
	SFE_KEY_CHOICE, /* char *: one of the words, or "" for NULL */
	SFE_KEY_FILE,   /* char *: an existing file, or "" for NULL */
	SFE_KEY_FOLDER, /* char * */
	SFE_KEY_TEXT,   /* char *: at most max bytes, or "" for NULL */
	SFE_KEY_NUMBER, /* uint32_t; a word may stand for a value */
	SFE_KEY_FACTOR, /* double */
	SFE_KEY_BOOL,
	SFE_KEY_ENUM,       /* an enum: one of the words */
	SFE_KEY_TIME,       /* uint64_t, ns; a word may stand for a value */
	SFE_KEY_SIZE,       /* uint32_t, bytes */
	SFE_KEY_LINK,       /* struct sfe_link_spec: the attribute that the path ends with */
	SFE_KEY_ARRIVALS,   /* enum and rate of the workload */
	SFE_KEY_STRATEGIES, /* the list */
};

struct sfe_key_word {
	const char *word; /* NULL ends the words */
	uint32_t value;
};

struct sfe_key {
	const char *path; /* keys of a group stand together */
	enum sfe_key_type type;
	size_t offset;      /* of its field in struct sfe_scenario */
	const char *preset; /* the default, as a scenario would write it; NULL: not a constant */
	uint64_t min, max;  /* in the field's unit; no range where max is 0 */
	const struct sfe_key_word *words;
};

extern const struct sfe_key sfe_keys[];
extern const unsigned sfe_n_keys;

/* By its path, NULL if there is none. */
const struct sfe_key *sfe_key_find(const char *path);
/* The groups and keys below a group ("": of the top) as "a, b, c" into buf; false if there is no
 * such group. */
bool sfe_key_list(const char *group, char *buf, size_t size);

/*
 * Sets the key's field from text; what a field held is freed. Relative files are looked for in
 * `folder`. Fills err without a place. Not for SFE_KEY_STRATEGIES.
 */
int sfe_key_set(const struct sfe_key *key, const char *text, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
/* Adds one strategy to the list. Fills err without a place. */
int sfe_key_add_strategy(struct sfe_scenario *s, const char *text, struct sfe_error *err);
/* Writes the key's value as YAML. */
void sfe_key_print(const struct sfe_key *key, const struct sfe_scenario *s, FILE *out);
/* Frees what the key's field holds. */
void sfe_key_clear(const struct sfe_key *key, struct sfe_scenario *s);

#endif
