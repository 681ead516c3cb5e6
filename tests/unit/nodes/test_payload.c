/* SPDX-License-Identifier: MIT */
/* The payload's bytes are splitmix64's, a number at a time, whatever registers filled them. */
#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

/* Before the header whose functions have the same names. */
static uint64_t plain_digest(const void *data, size_t bytes)
{
	return XXH3_64bits(data, bytes);
}

static uint64_t plain_seeded(const void *data, size_t bytes, uint64_t seed)
{
	return XXH3_64bits_withSeed(data, bytes, seed);
}

static XXH128_hash_t plain_long(const void *data, size_t bytes, uint64_t seed)
{
	return XXH3_128bits_withSeed(data, bytes, seed);
}

#include "nodes/base/payload.h"
#include "nodes/base/wide_xxh3.h"
#include "tests/unit/unit.h"

#define MOST 4096
#define MARGIN 64

/* S. Vigna's splitmix64, one number after the other. */
static void fill(uint64_t x, uint8_t *to, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += 8) {
		uint64_t z = x += 0x9e3779b97f4a7c15ull;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		z = htole64(z ^ (z >> 31));
		memcpy(to + at, &z, bytes - at < 8 ? bytes - at : 8);
	}
}

static void same_bytes(unsigned width, size_t at, size_t bytes)
{
	static uint8_t data[MOST + 2 * MARGIN], want[MOST];
	const uint64_t words[2] = {7, 3};

	memset(data, 0xa5, sizeof(data));
	fill(plain_digest(words, sizeof(words)), want, bytes);
	payload_fill_by(width, 7, 3, data + at, bytes);
	CU_ASSERT_EQUAL_FATAL(memcmp(data + at, want, bytes), 0);
	CU_ASSERT_EQUAL_FATAL(data[at - 1], 0xa5);
	CU_ASSERT_EQUAL_FATAL(data[at + bytes], 0xa5);
}

/* By all registers that this processor has. */
static void test_bytes(void)
{
	static const unsigned widths[] = {64, 256, 512};

	for (unsigned i = 0; i < 3 && widths[i] <= payload_width(); i++) {
		for (size_t at = MARGIN; at < MARGIN + 8; at++)
			for (size_t bytes = 0; bytes < 200; bytes++)
				same_bytes(widths[i], at, bytes);
		for (size_t bytes = 200; bytes <= MOST; bytes += 253)
			same_bytes(widths[i], MARGIN + bytes % 8, bytes);
	}
	payload_fill(7, 3, NULL, 0);
}

/* The first numbers of splitmix64 from 1234567, as its author's program prints them. */
static void test_reference(void)
{
	static const uint64_t first[] = {6457827717110365317ull, 3203168211198807973ull,
		9817491932198370423ull, 4593380528125082431ull, 16408922859458223821ull};
	uint64_t word[5];

	fill(1234567, (uint8_t *)word, sizeof(word));
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(le64toh(word[i]), first[i]);
}

/* Digests of any length are those of the library's function for any processor. */
static void test_digests(void)
{
	static uint8_t data[MOST];
	XXH3_state_t *state = XXH3_createState();

	CU_ASSERT_PTR_NOT_NULL_FATAL(state);
	payload_fill(1, 2, data, sizeof(data));
	for (size_t bytes = 0; bytes <= MOST; bytes += bytes < 600 ? 1 : 97) {
		uint64_t plain = plain_digest(data, bytes);
		CU_ASSERT_EQUAL_FATAL(XXH3_64bits(data, bytes), plain);
		CU_ASSERT_EQUAL_FATAL(
			XXH3_64bits_withSeed(data, bytes, 5), plain_seeded(data, bytes, 5));
		CU_ASSERT_FATAL(XXH128_isEqual(
			XXH3_128bits_withSeed(data, bytes, 5), plain_long(data, bytes, 5)));
		/* In two parts, as messages of several slices. */
		XXH3_64bits_reset(state);
		XXH3_64bits_update(state, data, bytes / 3);
		XXH3_64bits_update(state, data + bytes / 3, bytes - bytes / 3);
		CU_ASSERT_EQUAL_FATAL(XXH3_64bits_digest(state), plain);
	}
	XXH3_freeState(state);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"bytes of any length and alignment", test_bytes},
		{"numbers of splitmix64", test_reference},
		{"digests of all lengths", test_digests},
	};

	return unit_main("payload", tests, sizeof(tests) / sizeof(*tests));
}
