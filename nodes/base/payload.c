/* SPDX-License-Identifier: MIT */
#include "nodes/base/payload.h"

#include <endian.h>
#include <string.h>

#include "nodes/base/xxh3.h"

#define STEP 0x9e3779b97f4a7c15ull
#define LANES 8

typedef uint64_t lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

/* Of a number, or of each lane. */
#define SPLITMIX64(x)                                                                              \
	do {                                                                                       \
		(x) ^= (x) >> 30;                                                                  \
		(x) *= 0xbf58476d1ce4e5b9ull;                                                      \
		(x) ^= (x) >> 27;                                                                  \
		(x) *= 0x94d049bb133111ebull;                                                      \
		(x) ^= (x) >> 31;                                                                  \
	} while (0)

/* Bytes of whole lanes. Compiled for each width of registers: see payload_fill(). */
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

#ifdef __x86_64__
__attribute__((target("avx512f,avx512dq"))) static uint64_t fill_512(
	uint64_t x, uint8_t *to, uint64_t bytes)
{
	return fill_lanes(x, to, bytes);
}

__attribute__((target("avx2"))) static uint64_t fill_256(uint64_t x, uint8_t *to, uint64_t bytes)
{
	return fill_lanes(x, to, bytes);
}

/* Returns how many bytes from the beginning it has filled, a multiple of 8. */
static uint64_t fill_wide(uint64_t x, uint8_t *to, uint64_t bytes)
{
	if (__builtin_cpu_supports("avx512dq"))
		return fill_512(x, to, bytes);
	return __builtin_cpu_supports("avx2") ? fill_256(x, to, bytes) : 0;
}
#else
static uint64_t fill_wide(uint64_t x, uint8_t *to, uint64_t bytes)
{
	(void)x;
	(void)to;
	(void)bytes;
	return 0;
}
#endif

void payload_fill(uint64_t key, uint64_t stream, void *data, uint64_t bytes)
{
	const uint64_t words[2] = {key, stream};
	uint64_t x = XXH3_64bits(words, sizeof(words));
	uint8_t *to = data;
	uint64_t done = fill_wide(x, to, bytes);

	x += done / sizeof(x) * STEP;
	for (; done < bytes; done += sizeof(x)) {
		uint64_t word = x += STEP;
		SPLITMIX64(word);
		word = htole64(word);
		memcpy(to + done, &word, bytes - done < sizeof(word) ? bytes - done : sizeof(word));
	}
}

uint64_t payload_job_key(uint64_t seed, uint32_t job_number)
{
	const uint64_t words[2] = {seed, job_number};

	return XXH3_64bits_withSeed(words, sizeof(words), 0x6a6f62);
}
