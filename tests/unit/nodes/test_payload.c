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

#include "nodes/base/payload.h"
#include "nodes/base/xxh3.h"
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

static void test_bytes(void)
{
	static uint8_t data[MOST + 2 * MARGIN], want[MOST];
	const uint64_t words[2] = {7, 3};

	for (size_t bytes = 0; bytes <= MOST; bytes += bytes < 300 ? 1 : 253) {
		size_t at = MARGIN + bytes % 9; /* at any alignment */
		memset(data, 0xa5, sizeof(data));
		fill(XXH3_64bits(words, sizeof(words)), want, bytes);
		payload_fill(7, 3, data + at, bytes);
		CU_ASSERT_EQUAL_FATAL(memcmp(data + at, want, bytes), 0);
		CU_ASSERT_EQUAL_FATAL(data[at - 1], 0xa5);
		CU_ASSERT_EQUAL_FATAL(data[at + bytes], 0xa5);
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

	payload_fill(1, 2, data, sizeof(data));
	for (size_t bytes = 0; bytes <= MOST; bytes += bytes < 600 ? 1 : 97) {
		CU_ASSERT_EQUAL_FATAL(XXH3_64bits(data, bytes), plain_digest(data, bytes));
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"bytes of all lengths", test_bytes},
		{"numbers of splitmix64", test_reference},
		{"digests of all lengths", test_digests},
	};

	return unit_main("payload", tests, sizeof(tests) / sizeof(*tests));
}
