/* SPDX-License-Identifier: MIT */
/* The section `links:` for the table of sections (scenario_sections.h). */
#ifndef SFE_LINK_LINK_RULES_H
#define SFE_LINK_LINK_RULES_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

int sfe_link_rules_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
bool sfe_link_rules_are_set(const struct sfe_scenario *s);
void sfe_link_rules_print(const struct sfe_scenario *s, FILE *out);
void sfe_link_rules_clear(struct sfe_scenario *s);

/* Parts of a rule, shared with `schedule:`. Reads the keys link, kind and direction; 1: another
 * key. */
int sfe_link_selector_read(struct sfe_link_rule *rule, const struct sfe_tree *t, const char *text,
	const char *file, struct sfe_error *err);
/* Reads an attribute into rule->set, which has room for it. */
int sfe_link_setting_read(struct sfe_link_rule *rule, const struct sfe_tree *t, const char *text,
	const char *file, const char *folder, struct sfe_link_files *files, struct sfe_error *err);
/* Print "link: NAME, kind: KIND, …" (with `word` in place of `link`), and "rate: 1Mbit, …". */
void sfe_link_selector_print(const struct sfe_link_rule *rule, const char *word, FILE *out);
void sfe_link_settings_print(const struct sfe_link_rule *rule, FILE *out);

#endif
