/* SPDX-License-Identifier: MIT */
/* The rest of a packet while its headers are read. What was captured may be less than what was on
 * the wire. */
#ifndef SFE_ANALYZE_CURSOR_H
#define SFE_ANALYZE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

struct sfe_cursor {
	const uint8_t *at;
	uint32_t left;    /* captured */
	uint32_t on_wire; /* bytes that follow on the wire; never less than left */
	uint32_t passed;
};

static inline uint16_t sfe_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t sfe_be32(const uint8_t *p)
{
	return (uint32_t)sfe_be16(p) << 16 | sfe_be16(p + 2);
}

static inline bool sfe_pass(struct sfe_cursor *c, uint32_t n)
{
	if (n > c->left)
		return false;
	c->at += n;
	c->left -= n;
	c->on_wire -= n;
	c->passed += n;
	return true;
}

#endif
