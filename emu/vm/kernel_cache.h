/* SPDX-License-Identifier: MIT */
/* The guest kernels on this machine: built ones in the caches, and Debian's. */
#ifndef SFE_VM_KERNEL_CACHE_H
#define SFE_VM_KERNEL_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "sfemu/error.h"

struct sfe_kernel {
	char *name;     /* of the folder; of Debian's kernel, that of the package */
	char *path;     /* of the kernel, or of the source tree of an unfinished build */
	char *folder;   /* that sfe_kernel_remove removes; NULL for Debian's */
	uint64_t bytes; /* of the whole folder on the disk */
	time_t built;
	bool unfinished;
	bool virtual_clock, real_clock; /* that it is for */
	bool used;   /* this user's next run with a clock of these would use it */
	bool runs;   /* on this processor */
	bool system; /* in the folder for all users */
	bool own;    /* in the folder for this user's builds */
};

struct sfe_kernels {
	struct sfe_kernel *kernel; /* this user's own first; each folder sorted by name */
	unsigned n;
};

int sfe_kernels_list(struct sfe_kernels *out, struct sfe_error *err);
void sfe_kernels_free(struct sfe_kernels *k);

/* Removes a kernel, which must be own. -EBUSY while a build in the same folder runs. */
int sfe_kernel_remove(const struct sfe_kernel *k, struct sfe_error *err);

#endif
