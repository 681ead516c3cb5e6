/* SPDX-License-Identifier: MIT */
/*
 * Where each key of a YAML text stands. libcyaml gives the values but neither their lines nor a
 * complaint about a key that is there twice; this pass over libyaml's events does.
 */
#ifndef SFE_MODEL_YAML_INDEX_H
#define SFE_MODEL_YAML_INDEX_H

#include "sfemu/error.h"

#define SFE_YAML_MAX_DEPTH 8u
#define SFE_YAML_MAX_ENTRIES 4096u
#define SFE_YAML_MAX_VALUE 4096u /* bytes of a key or value */

enum sfe_yaml_kind { SFE_YAML_VALUE, SFE_YAML_MAPPING, SFE_YAML_LIST };

struct sfe_yaml_entry {
	char *path; /* "link.shared.rate"; an element of a list: "strategies[0]" */
	enum sfe_yaml_kind kind;
	unsigned line; /* of the key, or of the element; from 1 */
};

struct sfe_yaml_index {
	struct sfe_yaml_entry *entry; /* in the order of the text */
	unsigned n;
};

/*
 * Indexes one document whose root is a mapping. Refused, with file:line: what is not YAML, a key
 * that is there twice, aliases and anchors, keys that are not plain text, control characters, and
 * what is beyond the limits. The index is to be freed with sfe_yaml_index_free, after an error too.
 */
int sfe_yaml_index(const char *text, size_t len, const char *file, struct sfe_yaml_index *index,
	struct sfe_error *err);
const struct sfe_yaml_entry *sfe_yaml_find(const struct sfe_yaml_index *index, const char *path);
void sfe_yaml_index_free(struct sfe_yaml_index *index);

#endif
