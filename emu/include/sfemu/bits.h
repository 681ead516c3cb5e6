/* SPDX-License-Identifier: MIT */
/* Rows of bits: bit i of a row is bit i % 64 of its word i / 64. What is asked takes one operation
 * for each word. */
#ifndef SFEMU_BITS_H
#define SFEMU_BITS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_NO_BIT UINT32_MAX

/* The bits of a word below bit n, which is below 64. */
static inline uint64_t sfe_bits_below(uint32_t n)
{
	return (1ull << n) - 1;
}

static inline bool sfe_bits_has(const uint64_t *row, uint32_t i)
{
	return row[i / 64] >> i % 64 & 1;
}

static inline void sfe_bits_set(uint64_t *row, uint32_t i)
{
	row[i / 64] |= 1ull << i % 64;
}

/* How many bits below n are set. */
static inline uint32_t sfe_bits_count(const uint64_t *row, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n / 64; i++)
		count += (uint32_t)__builtin_popcountll(row[i]);
	if (n % 64)
		count += (uint32_t)__builtin_popcountll(row[n / 64] & sfe_bits_below(n % 64));
	return count;
}

/* The last bit below n that is set; SFE_NO_BIT: none. */
static inline uint32_t sfe_bits_last(const uint64_t *row, uint32_t n)
{
	for (uint32_t i = (n + 63) / 64; i--;) {
		uint64_t word = row[i];
		if (i == n / 64)
			word &= sfe_bits_below(n % 64);
		if (word)
			return i * 64 + 63 - (uint32_t)__builtin_clzll(word);
	}
	return SFE_NO_BIT;
}

/* The first bit from `from` on and below n that is set in both rows; SFE_NO_BIT: none. */
static inline uint32_t sfe_bits_first_of_both(
	const uint64_t *a, const uint64_t *b, uint32_t from, uint32_t n)
{
	for (uint32_t i = from / 64; i * 64 < n; i++) {
		uint64_t word = a[i] & b[i];
		if (i == from / 64)
			word &= ~sfe_bits_below(from % 64);
		if (word) {
			uint32_t bit = i * 64 + (uint32_t)__builtin_ctzll(word);
			return bit < n ? bit : SFE_NO_BIT;
		}
	}
	return SFE_NO_BIT;
}

/* The same of one row. */
static inline uint32_t sfe_bits_first(const uint64_t *row, uint32_t from, uint32_t n)
{
	return sfe_bits_first_of_both(row, row, from, n);
}

#ifdef __cplusplus
}
#endif

#endif
