/* SPDX-License-Identifier: MIT */
/* The state of reading a scenario, and its errors with their places. */
#ifndef SFE_SCENARIO_SCENARIO_READER_H
#define SFE_SCENARIO_SCENARIO_READER_H

#include "emu/model/base/yaml_tree.h"
#include "emu/model/scenario/scenario_keys.h"
#include "emu/model/scenario/scenario_schema.h"
#include "sfemu/scenario.h"

struct sfe_scenario_reader {
	const char *file;
	char *folder;           /* the file's folder */
	const char *set_folder; /* relative files in sets start here */
	char *yaml;             /* read from the file, or NULL */
	const char *text;       /* text of the scenario */
	bool names_only;        /* files it names are not opened */
	size_t len;
	struct sfe_tree *tree;
	struct sfe_scenario_texts *texts;
	const char *set[SFE_MAX_KEYS]; /* the last --set of each key */
	const char *const *sets;       /* all --set texts, for the sections */
	uint32_t n_sets;
	struct sfe_scenario *s;
	struct sfe_error *err;
};

/* These return a negative errno. */
int sfe_reader_no_memory(const struct sfe_scenario_reader *r);
/* Fails at the place where the key was given: its --set, its line, or the line of its nearest
 * group. */
int sfe_reader_fail_key(const struct sfe_scenario_reader *r, const char *path, const char *todo,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Adds the key's place to a converter's error. */
int sfe_reader_add_place(
	const struct sfe_scenario_reader *r, const char *path, const struct sfe_error *cause);
/* An unknown key: lists the keys of its group. line 0: where is not a file. */
int sfe_reader_fail_unknown(
	const struct sfe_scenario_reader *r, const char *path, const char *where, unsigned line);

#endif
