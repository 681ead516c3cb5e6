/* SPDX-License-Identifier: MIT */
/* Two files of the same name, and what differs between them, as each kind of file has it. */
#ifndef SFE_RESULTS_DIFF_PAIR_H
#define SFE_RESULTS_DIFF_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include <stdint.h>

struct sfe_difference {
	char file[256];
	char what[640];    /* one line */
	char columns[320]; /* of a table: those that only one side has; "" if none */
	unsigned rank;     /* causes before effects: captures, invocations, jobs, the rest */
	uint64_t at_ns;    /* of a packet, by the capture's clock; else UINT64_MAX */
};

/* One file of both folders: what it is called, its descriptors, and but for a capture its bytes.
 * They are not the same. */
struct sfe_pair {
	const char *path_a, *path_b;
	int fd_a, fd_b;
	const char *a, *b;
	size_t size_a, size_b;
};

#endif
