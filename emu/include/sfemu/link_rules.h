/* SPDX-License-Identifier: MIT */
/*
 * Rules for links: the section `links:` of a scenario. A rule selects links by name, by a pattern
 * of names or by kind, in both directions or in one, and sets attributes that differ from those of
 * the kind. Later rules override earlier ones.
 */
#ifndef SFEMU_LINK_RULES_H
#define SFEMU_LINK_RULES_H

#include "sfemu/link.h"
#include "sfemu/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_ANY (-1)
#define SFE_MAX_LINK_RULES 4096u

struct sfe_link_setting {
	const struct sfe_link_attribute *attribute;
	char *text; /* reads back as the same value; absolute paths */
};

struct sfe_link_rule {
	char *pattern; /* of names, with the shell's * ? []; NULL: any */
	int kind;      /* enum sfe_link_kind, SFE_ANY */
	int direction; /* enum sfe_link_direction, SFE_ANY */
	char *file;    /* its place, for errors */
	unsigned line;
	uint32_t n;
	struct sfe_link_setting *set;
};

struct sfe_link_rules {
	uint32_t n;
	struct sfe_link_rule *rule;
};

bool sfe_link_rule_matches(const struct sfe_link_rule *rule, const char *name,
	enum sfe_link_kind kind, enum sfe_link_direction direction);
/* Sets the rule's attributes. Its texts were parsed before, so the only error is -ENOMEM. */
int sfe_link_rule_apply(const struct sfe_link_rule *rule, struct sfe_link_files *files,
	struct sfe_link_spec *spec, struct sfe_error *err);
void sfe_link_rule_free(struct sfe_link_rule *rule);
void sfe_link_rules_free(struct sfe_link_rules *rules);

#ifdef __cplusplus
}
#endif

#endif
