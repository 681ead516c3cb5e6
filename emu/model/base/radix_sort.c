/* SPDX-License-Identifier: MIT */
/*
 * Radix sort: the bits of a double >= 0 are ordered as its value, so eight stable passes, one per
 * byte from the lowest, sort the keys. Passes in which all keys agree are skipped.
 */
#include "emu/model/base/radix_sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES 8
#define VALUES 256

static uint64_t bits_of(const struct sfe_sort_key *key)
{
	uint64_t bits;

	memcpy(&bits, &key->value, sizeof(bits));
	return bits;
}

int sfe_radix_sort(struct sfe_sort_key *key, uint64_t n)
{
	struct sfe_sort_key *from = key, *to = malloc((n + 1) * sizeof(*to)), *spare = to;
	uint64_t(*count)[VALUES] = calloc(BYTES, sizeof(*count));

	if (!to || !count) {
		free(to);
		free(count);
		return -ENOMEM;
	}
	for (uint64_t i = 0; i < n; i++) {
		uint64_t bits = bits_of(&key[i]);
		for (int b = 0; b < BYTES; b++)
			count[b][bits >> 8 * b & 0xff]++;
	}
	for (int b = 0; b < BYTES; b++) {
		uint64_t at[VALUES], sum = 0;

		if (n && count[b][bits_of(&from[0]) >> 8 * b & 0xff] == n)
			continue;
		for (int v = 0; v < VALUES; v++) {
			at[v] = sum;
			sum += count[b][v];
		}
		for (uint64_t i = 0; i < n; i++)
			to[at[bits_of(&from[i]) >> 8 * b & 0xff]++] = from[i];
		struct sfe_sort_key *other = from;
		from = to;
		to = other;
	}
	if (from != key)
		memcpy(key, from, n * sizeof(*key));
	free(spare);
	free(count);
	return 0;
}
