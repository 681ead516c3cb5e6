/* SPDX-License-Identifier: MIT */
/*
 * Quantities with units, as scenarios write them. Parsing is exact: a text that is not a whole
 * number of bit/s, ns or bytes is refused, not rounded. A number is decimal, may have a fraction
 * and an exponent, and needs a unit; only 0 may omit it.
 */
#ifndef SFEMU_UNITS_H
#define SFEMU_UNITS_H

#include <stdint.h>

#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_UNIT_TEXT 32 /* bytes of a formatted quantity at most, with the final 0 */

/* Return -EINVAL, or -ERANGE for more than 64 bits. Errors have no place. */
int sfe_parse_rate(const char *text, uint64_t *bps,
	struct sfe_error *err); /* 300Mbit, 1.5Gbit, 64kbit, 100bit */
int sfe_parse_time(const char *text, uint64_t *ns,
	struct sfe_error *err); /* 2ms, 1.5s, 10us, 100ns, 0, 1min, 1h */
int sfe_parse_size(
	const char *text, uint64_t *bytes, struct sfe_error *err); /* 1MB (1e6), 64kB, 1MiB, 512B */

/* The shortest text with a whole number that reads back as the same value. Returns buf. */
const char *sfe_format_rate(uint64_t bps, char buf[SFE_UNIT_TEXT]);
const char *sfe_format_time(uint64_t ns, char buf[SFE_UNIT_TEXT]);
const char *sfe_format_size(uint64_t bytes, char buf[SFE_UNIT_TEXT]);

#ifdef __cplusplus
}
#endif

#endif
