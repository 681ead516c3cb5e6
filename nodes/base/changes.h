/* SPDX-License-Identifier: MIT */
/*
 * What was changed in a state: a few ranges of its bytes, and its new size. Who has the version
 * before needs no more than their bytes to have the new one.
 */
#ifndef SFE_NODES_CHANGES_H
#define SFE_NODES_CHANGES_H

#include <stdbool.h>

#include "nodes/base/buffer.h"

#define CHANGES_MAX 8u

struct change { /* a range of the state as it is now */
	uint64_t offset, bytes;
};

struct changes {
	uint64_t base; /* the version that was changed */
	uint64_t size; /* of the state now */
	uint32_t n;
	/* Ascending, none of them empty. All that is behind the end of the base is in them. */
	struct change range[CHANGES_MAX];
};

/* The range was changed, too. Where there would be more than CHANGES_MAX, the two that are closest
 * to each other become one. */
void changes_add(struct changes *changes, uint64_t offset, uint64_t bytes);
/* The state was cut to this size: what was behind it is gone. */
void changes_cut(struct changes *changes, uint64_t size);
/* Adds the range in which two contents differ. */
void changes_compare(
	struct changes *changes, const struct slice *before, const struct slice *after);

/* How many bytes are in the ranges. */
uint64_t changes_bytes(const struct changes *changes);
/* Whether the ranges are in order and within the size, and the size is at most max. */
bool changes_are_valid(const struct changes *changes, uint64_t max);
/* Whether two contents are the same outside of the ranges. other: the offset of the first byte that
 * is not, or NULL. */
bool changes_are_all(const struct changes *changes, const struct slice *before,
	const struct slice *after, uint64_t *other);

/* The new content, in a buffer of its own, from the base and the bytes of the ranges one after the
 * other. 0, -ENOMEM, or -EBADMSG: these ranges do not make it of this base. */
int changes_apply(const struct changes *changes, struct buffer_pool *pool, const struct slice *base,
	const struct slice *bytes, struct slice *out);

#endif
