/* SPDX-License-Identifier: MIT */
/*
 * What a function does with a state by its name at run time. A put or a delete is known by job,
 * step, the call that the function is, the name, and its number among the function's changes of
 * that name: so it is the same one when the job, the step or the request is repeated.
 */
#ifndef SFE_NODES_NAMED_OPERATION_H
#define SFE_NODES_NAMED_OPERATION_H

#include "nodes/base/control.h"
#include "nodes/base/package.h"

#define NAMED_MOST_OPERATIONS 1000u /* of one run of a function */

struct named_operation {
	struct job_place at;
	uint64_t path;     /* of the call at run time that the function is, else 0 */
	uint32_t function; /* whose operation it is */
	enum sfe_by_name access;
	uint32_t change; /* put, delete: the number of the change, from 1; get: 0 */
	bool unread;     /* the function knows no version */
	/* The one that it has got or made last; those of an answer: the one that is got or made, or
	 * the newest. */
	uint32_t epoch;
	uint64_t version;
	char name[SFE_CREATED_NAME];
};

#endif
