/* SPDX-License-Identifier: MIT */
/*
 * All random numbers: the published simulator's engine, bit by bit, and named streams of a
 * scenario's seed.
 */
#ifndef SFEMU_RANDOM_H
#define SFEMU_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The C++ standard library's minstd_rand0 with its distributions, as in libstdc++. */
struct sfe_minstd {
	uint32_t x;
};
struct sfe_minstd sfe_minstd_seed(uint32_t seed); /* seed 0 counts as 1 */
uint32_t sfe_minstd_next(struct sfe_minstd *e);
double sfe_minstd_real(struct sfe_minstd *e, double a, double b); /* in [a, b) */
uint32_t sfe_minstd_integer(struct sfe_minstd *e, uint32_t n);    /* in [0, n - 1], n > 0 */

/* An independent stream for each (seed, name): draws from one stream never shift another. */
struct sfe_stream {
	uint64_t state;
};
struct sfe_stream sfe_stream_named(uint64_t seed, const char *name);
uint64_t sfe_stream_u64(struct sfe_stream *s);
double sfe_stream_real(struct sfe_stream *s); /* in [0, 1) */
double sfe_stream_exponential(struct sfe_stream *s, double mean);

#ifdef __cplusplus
}
#endif

#endif
