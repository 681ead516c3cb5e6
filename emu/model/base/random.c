/* SPDX-License-Identifier: MIT */
#include "sfemu/random.h"

#include <math.h>

#define MINSTD_A 16807u
#define MINSTD_M 2147483647u     /* 2^31 - 1 */
#define MINSTD_RANGE 2147483646u /* number of values of a draw: 1 .. M - 1 */

struct sfe_minstd sfe_minstd_seed(uint32_t seed)
{
	uint32_t x = seed % MINSTD_M;

	return (struct sfe_minstd){.x = x ? x : 1};
}

uint32_t sfe_minstd_next(struct sfe_minstd *e)
{
	e->x = (uint32_t)((uint64_t)e->x * MINSTD_A % MINSTD_M);
	return e->x;
}

double sfe_minstd_real(struct sfe_minstd *e, double a, double b)
{
	const double range = MINSTD_RANGE;
	/* A draw has 31 bits, a double 53: libstdc++ takes two draws, the first as the low part. */
	double low = sfe_minstd_next(e) - 1;
	double high = sfe_minstd_next(e) - 1;
	double v = (low + high * range) / (range * range);

	if (v >= 1.0)
		v = nextafter(1.0, 0.0);
	return v * (b - a) + a;
}

uint32_t sfe_minstd_integer(struct sfe_minstd *e, uint32_t n)
{
	/* M - 2 is max - min of the engine; libstdc++ divides that, not the number of values. */
	uint32_t scale = (MINSTD_RANGE - 1) / n;
	uint32_t r;

	do
		r = sfe_minstd_next(e) - 1;
	while (r >= n * scale);
	return r / scale;
}

static uint64_t mix(uint64_t z)
{
	/* splitmix64's finalizer (Steele, Lea, Flood, OOPSLA 2014). */
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

struct sfe_stream sfe_stream_named(uint64_t seed, const char *name)
{
	uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */

	for (const char *c = name; *c; c++)
		h = (h ^ (unsigned char)*c) * 0x100000001b3ull;
	/* Mixed twice, so that similar seeds and names give unrelated streams. */
	return (struct sfe_stream){.state = mix(mix(seed + 0x9e3779b97f4a7c15ull) ^ h)};
}

uint64_t sfe_stream_u64(struct sfe_stream *s)
{
	s->state += 0x9e3779b97f4a7c15ull;
	return mix(s->state);
}

double sfe_stream_real(struct sfe_stream *s)
{
	return (double)(sfe_stream_u64(s) >> 11) * 0x1p-53;
}

double sfe_stream_exponential(struct sfe_stream *s, double mean)
{
	return -mean * log1p(-sfe_stream_real(s));
}
