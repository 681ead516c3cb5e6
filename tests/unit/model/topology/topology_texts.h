/* SPDX-License-Identifier: MIT */
/* The three files of a topology in memory. */
#ifndef SFE_TESTS_TOPOLOGY_TEXTS_H
#define SFE_TESTS_TOPOLOGY_TEXTS_H

#include <stdio.h>
#include <stdlib.h>

#include "sfemu/topology.h"
#include "tests/unit/unit.h"

struct texts {
	char *text[3];
	size_t len[3];
};

static inline void write_texts(const struct sfe_topology *t, struct texts *x)
{
	FILE *f[3];

	for (int i = 0; i < 3; i++)
		f[i] = open_memstream(&x->text[i], &x->len[i]);
	CU_ASSERT_EQUAL(sfe_topology_write(t, f[0], f[1], f[2]), 0);
	for (int i = 0; i < 3; i++)
		fclose(f[i]);
}

static inline void free_texts(struct texts *x)
{
	for (int i = 0; i < 3; i++)
		free(x->text[i]);
}

#endif
