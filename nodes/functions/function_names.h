/* SPDX-License-Identifier: MIT */
/* What a call of a function knows of the states that it uses by name. */
#ifndef SFE_NODES_FUNCTION_NAMES_H
#define SFE_NODES_FUNCTION_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "nodes/base/control.h"

#define FUNCTION_REASON 160u

struct function_name {
	char name[SFE_CREATED_NAME];
	uint32_t changes; /* that it has made of it */
	bool known;       /* it has got or made this version: */
	uint32_t epoch;
	uint64_t version;
};

struct function_names { /* all zero: it has used none */
	uint32_t n, operations;
	size_t room;
	struct function_name *of;
};

/* For one more operation, valid until the next one. NULL: it may make none; the reason, unless
 * there is one already. */
struct function_name *function_names_use(
	struct function_names *all, const char *name, char reason[FUNCTION_REASON]);
/* The answer of the home. change: the number of the change, 0: it was a get. */
void function_names_answered(
	struct function_name *n, uint32_t change, int code, uint32_t epoch, uint64_t version);
void function_names_clear(struct function_names *all);

#endif
