/* SPDX-License-Identifier: MIT */
/*
 * Calls of functions that functions make as they run. A call is known by the step of a job from
 * which it comes, the attempt of the job, and its path: the number of the call among those of its
 * caller, from 1, after the path of the caller. "3.1" is the first call that the callee of the
 * third call of the step makes.
 */
#ifndef SFE_NODES_CALL_KEY_H
#define SFE_NODES_CALL_KEY_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CALL_PATH_MOST UINT16_MAX          /* the largest number in a path */
#define CALL_PATH_DEPTH 4u                 /* numbers of a path */
#define CALL_PATH_TEXT 24                  /* bytes of a path as text, with the final 0 */
#define CALL_MAX_DELAY_NS 3600000000000ull /* of a cast */

struct call_key {
	uint32_t job, step, attempt; /* from which the call comes */
	uint32_t function;           /* that is called */
	uint64_t path;
	/* The path that the call has in a first run of its callers: the same if none of them ran
	 * again. The random numbers of the callee follow from it. */
	uint64_t stream;
};

static inline bool call_key_equal(const struct call_key *a, const struct call_key *b)
{
	return a->job == b->job && a->step == b->step && a->attempt == b->attempt &&
	       a->path == b->path;
}

/* The path of the caller's call of that number; a step's own path is 0. */
static inline uint64_t call_path_of(uint64_t caller, uint32_t number)
{
	return caller << 16 | number;
}

/* Whether a function with this path can call no other one. */
static inline bool call_path_is_deepest(uint64_t path)
{
	return path >> 16 * (CALL_PATH_DEPTH - 1);
}

static inline const char *call_path_text(uint64_t path, char text[CALL_PATH_TEXT])
{
	int used = 0;

	text[0] = '\0';
	for (unsigned i = CALL_PATH_DEPTH; i-- > 0;) {
		unsigned number = path >> 16 * i & UINT16_MAX;
		if (number)
			used += snprintf(text + used, CALL_PATH_TEXT - (size_t)used, "%s%u",
				used ? "." : "", number);
	}
	return text;
}

/* 0: it is no path. */
static inline uint64_t call_path_parse(const char *text, size_t length)
{
	uint64_t path = 0;
	uint32_t number = 0;

	for (size_t i = 0; i <= length; i++) {
		if (i < length && text[i] >= '0' && text[i] <= '9' && (number || text[i] != '0')) {
			number = 10 * number + (uint32_t)(text[i] - '0');
			if (number > CALL_PATH_MOST)
				return 0;
		} else if (number && (i == length || text[i] == '.') &&
			   !call_path_is_deepest(path)) {
			path = call_path_of(path, number);
			number = 0;
		} else {
			return 0;
		}
	}
	return path;
}

#endif
