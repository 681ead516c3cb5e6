/* SPDX-License-Identifier: MIT */
/* Two files of the same name and their first difference, for the comparisons of each kind of file.
 */
#ifndef SFE_RESULTS_DIFF_PAIR_H
#define SFE_RESULTS_DIFF_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include <stdint.h>

struct sfe_difference {
	char file[256];
	char what[640];    /* one line */
	char columns[320]; /* of a table: columns on one side only; of a manifest: renamed keys; "":
			      none */
	unsigned rank;     /* causes before effects: captures, invocations, jobs, the rest */
	uint64_t at_ns;    /* time of a packet, by the capture's clock; else UINT64_MAX */
};

/* A file of both folders whose contents differ: its names, descriptors and, except for captures,
 * its bytes. */
struct sfe_pair {
	const char *path_a, *path_b;
	int fd_a, fd_b;
	const char *a, *b;
	size_t size_a, size_b;
};

#endif
