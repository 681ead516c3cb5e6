/* SPDX-License-Identifier: MIT */
/* States that a function called directly uses by name: one of each name, in this process. Nobody
 * else changes them, so every put takes effect. */
#ifndef SFE_NODES_DIRECT_NAMES_H
#define SFE_NODES_DIRECT_NAMES_H

#include "nodes/functions/function_call.h"

struct direct_name {
	char name[SFE_CREATED_NAME];
	bool there;
	struct slice bytes; /* of one that is there */
	uint64_t version;   /* how often it was put or deleted */
	const char *file;   /* the caller's; NULL: the function has created it */
};

struct direct_names { /* all zero: there is none */
	size_t n, room;
	struct direct_name *of;
};

/* The state of that name, which is added if there is none; valid until the next one is added. NULL:
 * out of memory. */
struct direct_name *direct_names_find(struct direct_names *all, const char *name);
/* Answers a request of kind FUNCTION_USES_NAME, and takes its argument over. */
void direct_names_use(
	struct direct_names *all, struct buffer_pool *buffers, struct function_request *request);
void direct_names_clear(struct direct_names *all);

#endif
