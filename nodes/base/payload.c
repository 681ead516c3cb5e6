/* SPDX-License-Identifier: MIT */
#include "nodes/base/payload.h"

#include <endian.h>
#include <string.h>
#include <xxhash.h>

static inline uint64_t splitmix64(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

void payload_fill(uint64_t key, uint64_t stream, void *data, uint64_t bytes)
{
	const uint64_t words[2] = {key, stream};
	uint64_t x = XXH3_64bits(words, sizeof(words));
	uint8_t *to = data;

	for (; bytes >= 8; bytes -= 8, to += 8) {
		uint64_t word = htole64(splitmix64(x += 0x9e3779b97f4a7c15ull));
		memcpy(to, &word, 8);
	}
	if (bytes) {
		uint64_t word = htole64(splitmix64(x + 0x9e3779b97f4a7c15ull));
		memcpy(to, &word, bytes);
	}
}

uint64_t payload_job_key(uint64_t seed, uint32_t job_number)
{
	const uint64_t words[2] = {seed, job_number};

	return XXH3_64bits_withSeed(words, sizeof(words), 0x6a6f62);
}
