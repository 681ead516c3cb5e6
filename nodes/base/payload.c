/* SPDX-License-Identifier: MIT */
#include "nodes/base/payload.h"

#include <endian.h>
#include <string.h>

#include "nodes/base/wide_xxh3.h"

#define STEP 0x9e3779b97f4a7c15ull

/* Of a number, or of each lane. */
#define SPLITMIX64(x)                                                                              \
	do {                                                                                       \
		(x) ^= (x) >> 30;                                                                  \
		(x) *= 0xbf58476d1ce4e5b9ull;                                                      \
		(x) ^= (x) >> 27;                                                                  \
		(x) *= 0x94d049bb133111ebull;                                                      \
		(x) ^= (x) >> 31;                                                                  \
	} while (0)

#ifdef __x86_64__
#define LANES 8

typedef uint64_t lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

/* Whole lanes, in the processor's order of bytes, which is that of the payload. Compiled for each
 * width of registers below. Returns the bytes that it has filled, from the beginning. */
static inline __attribute__((always_inline)) uint64_t fill_lanes(
	uint64_t x, uint8_t *to, uint64_t bytes)
{
	lanes next = x + STEP * (lanes){1, 2, 3, 4, 5, 6, 7, 8};
	uint64_t done = 0;

	for (; bytes - done >= sizeof(next); done += sizeof(next)) {
		lanes words = next;
		SPLITMIX64(words);
		memcpy(to + done, &words, sizeof(words));
		next += LANES * STEP;
	}
	return done;
}

__attribute__((target("avx512f,avx512dq"))) static uint64_t fill_512(
	uint64_t x, uint8_t *to, uint64_t bytes)
{
	return fill_lanes(x, to, bytes);
}

__attribute__((target("avx2"))) static uint64_t fill_256(uint64_t x, uint8_t *to, uint64_t bytes)
{
	return fill_lanes(x, to, bytes);
}

unsigned payload_width(void)
{
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
		return 512;
	return __builtin_cpu_supports("avx2") ? 256 : 64;
}

static uint64_t fill_wide(unsigned width, uint64_t x, uint8_t *to, uint64_t bytes)
{
	return width == 512 ? fill_512(x, to, bytes) : width == 256 ? fill_256(x, to, bytes) : 0;
}
#else
unsigned payload_width(void)
{
	return 64;
}

static uint64_t fill_wide(unsigned width, uint64_t x, uint8_t *to, uint64_t bytes)
{
	(void)width, (void)x, (void)to, (void)bytes;
	return 0;
}
#endif

void payload_fill_by(unsigned width, uint64_t key, uint64_t stream, void *data, uint64_t bytes)
{
	const uint64_t words[2] = {key, stream};
	uint64_t x = XXH3_64bits(words, sizeof(words));
	uint8_t *to = data;
	uint64_t done = fill_wide(width, x, to, bytes);

	x += done / sizeof(x) * STEP;
	for (; done < bytes; done += sizeof(x)) {
		x += STEP;
		uint64_t word = x;
		SPLITMIX64(word);
		word = htole64(word);
		memcpy(to + done, &word, bytes - done < sizeof(word) ? bytes - done : sizeof(word));
	}
}

void payload_fill(uint64_t key, uint64_t stream, void *data, uint64_t bytes)
{
	payload_fill_by(payload_width(), key, stream, data, bytes);
}

uint64_t payload_job_key(uint64_t seed, uint32_t job_number)
{
	const uint64_t words[2] = {seed, job_number};

	return XXH3_64bits_withSeed(words, sizeof(words), 0x6a6f62);
}
