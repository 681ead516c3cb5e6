/* SPDX-License-Identifier: MIT */
/*
 * The keys of a scenario: one table for the reader, the writer, --set and the test of the
 * documentation. New keys are added here.
 */
#ifndef SFE_SCENARIO_SCENARIO_KEYS_H
#define SFE_SCENARIO_SCENARIO_KEYS_H

#include <stdio.h>

#include "sfemu/scenario.h"

#define SFE_MAX_KEYS 160u

enum sfe_key_type {
	SFE_KEY_NAME,   /* char *: a name (name_check.h) of at most max bytes */
	SFE_KEY_CHOICE, /* char *: one of the words; "" for NULL */
	SFE_KEY_FILE,   /* char *: an existing file; "" for NULL */
	SFE_KEY_FOLDER, /* char * */
	SFE_KEY_TEXT,   /* char *: at most max bytes; "" for NULL */
	SFE_KEY_NUMBER, /* uint32_t; a word may stand for a value */
	SFE_KEY_FACTOR, /* double */
	SFE_KEY_BOOL,
	SFE_KEY_ENUM,       /* an enum: one of the words */
	SFE_KEY_PLACEMENT,  /* the same, or a group: scenario_placement.h */
	SFE_KEY_TIME,       /* uint64_t, ns; a word may stand for a value */
	SFE_KEY_SIZE,       /* uint32_t, bytes */
	SFE_KEY_LINK,       /* struct sfe_link_spec: the attribute that the path ends with */
	SFE_KEY_ARRIVALS,   /* enum and rate of the workload's arrivals */
	SFE_KEY_STRATEGIES, /* list of strategies */
};

struct sfe_key_word {
	const char *word; /* NULL ends the list */
	uint32_t value;
};

struct sfe_key {
	const char *path; /* keys of a group are adjacent */
	enum sfe_key_type type;
	size_t offset;      /* of the field in struct sfe_scenario */
	const char *preset; /* default, as in a scenario; NULL: not a constant */
	uint64_t min, max;  /* in the field's unit; max 0: no range */
	const struct sfe_key_word *words;
	bool written_if_set; /* an enum or a link's attribute: a resolved scenario omits its default
			      */
};

extern const struct sfe_key sfe_keys[];
extern const unsigned sfe_n_keys;

/* By its path; NULL: unknown. */
const struct sfe_key *sfe_key_find(const char *path);
/* Whether the key may have a group of its own in place of a value. */
bool sfe_key_may_be_group(const char *path);
/* Writes the groups and keys of a group ("": top level) as "a, b, c" into buf; false: no such
 * group. */
bool sfe_key_list(const char *group, char *buf, size_t size);

/*
 * Sets the key's field from text and frees the former value. Relative files start at `folder`.
 * Errors have no place. Not for SFE_KEY_STRATEGIES.
 */
int sfe_key_set(const struct sfe_key *key, const char *text, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
/* Of "link.shared.delay": the attribute delay. */
const struct sfe_link_attribute *sfe_key_attribute(const struct sfe_key *key);
/* Writes the key's value as YAML. */
void sfe_key_print(const struct sfe_key *key, const struct sfe_scenario *s, FILE *out);
/* Frees the value of the key's field. */
void sfe_key_clear(const struct sfe_key *key, struct sfe_scenario *s);

#endif
