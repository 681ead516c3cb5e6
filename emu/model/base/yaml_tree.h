/* SPDX-License-Identifier: MIT */
/*
 * A YAML text as a tree with line numbers, from libyaml's events. It reads the lists and groups of
 * scenario and sweep files. libcyaml, which loads the flat keys of a scenario, reports neither line
 * numbers nor duplicate keys.
 */
#ifndef SFE_BASE_YAML_TREE_H
#define SFE_BASE_YAML_TREE_H

#include <stdio.h>

#include "sfemu/error.h"

#define SFE_TREE_MAX_DEPTH 16u
#define SFE_TREE_MAX_ENTRIES 16384u /* keys, elements and values of a text */
#define SFE_TREE_MAX_VALUE 4096u    /* bytes of a key or value */

enum sfe_tree_kind { SFE_TREE_VALUE, SFE_TREE_MAPPING, SFE_TREE_LIST };

struct sfe_tree {
	enum sfe_tree_kind kind;
	unsigned line; /* line of its key or element, from 1 */
	char *key;     /* NULL for elements of a list and the root */
	char *text;    /* of a value; no control characters */
	struct sfe_tree **child;
	unsigned n; /* children */
};

enum sfe_tree_flags {
	/* The root may also be a list or a value (--set of a section). Default: only a mapping. */
	SFE_TREE_ANY_ROOT = 1,
	/* Keys may contain dots and brackets: those of a sweep name keys of a scenario. */
	SFE_TREE_DOTTED_KEYS = 2,
};

/*
 * Reads one document. Refused with file:line: invalid YAML, duplicate keys, aliases and anchors,
 * keys that are not plain text, control characters, and what exceeds the limits. *out is the
 * caller's.
 */
int sfe_tree_read(const char *text, size_t len, const char *file, unsigned flags,
	struct sfe_tree **out, struct sfe_error *err);
void sfe_tree_free(struct sfe_tree *t);

/* The child of that key; NULL: none, or t is not a mapping. */
const struct sfe_tree *sfe_tree_get(const struct sfe_tree *t, const char *key);
/* The same by a path: "link.shared.rate" or "strategies[0]". */
const struct sfe_tree *sfe_tree_find(const struct sfe_tree *t, const char *path);

/*
 * Checks that t is a mapping with no keys but those of the list (ended by NULL). The error names
 * the first other key, and the list.
 */
int sfe_tree_check_keys(
	const struct sfe_tree *t, const char *file, const char *const *keys, struct sfe_error *err);
/* The text of a value; NULL with an error for a list or a group, which the error calls `what`. */
const char *sfe_tree_text(
	const struct sfe_tree *t, const char *file, const char *what, struct sfe_error *err);
/* Fails with -EINVAL at the place of t. */
int sfe_tree_fail(const struct sfe_tree *t, const char *file, const char *todo,
	struct sfe_error *err, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Writes the tree on one line in YAML's flow style; it reads back as the same tree. */
void sfe_tree_print(const struct sfe_tree *t, FILE *out);
/* Writes a text, always quoted. */
void sfe_tree_print_text(const char *text, FILE *out);
/* A deep copy; NULL: out of memory. */
struct sfe_tree *sfe_tree_copy(const struct sfe_tree *t);

static inline void sfe_tree_cleanup(struct sfe_tree **t)
{
	sfe_tree_free(*t);
}
#define SFE_TREE_AUTO __attribute__((cleanup(sfe_tree_cleanup)))

#endif
