/* SPDX-License-Identifier: MIT */
/* Numbers in sfemu's headers. */
#ifndef SFE_NODES_HEAD_NUMBER_H
#define SFE_NODES_HEAD_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a number of digits only, up to max; moves *at behind it. */
static inline bool head_number(const char **at, const char *end, uint64_t max, uint64_t *value)
{
	const char *p = *at;
	uint64_t v = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
	}
	if (p == *at || v > max)
		return false;
	*at = p;
	*value = v;
	return true;
}

/* Moves *at behind this byte, if it is there. */
static inline bool head_byte(const char **at, const char *end, char byte)
{
	if (*at == end || **at != byte)
		return false;
	++*at;
	return true;
}

#endif
