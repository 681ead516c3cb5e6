/* SPDX-License-Identifier: MIT */
/* The guest kernels that there are. */
#ifndef SFE_VM_CACHE_H
#define SFE_VM_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "sfemu/error.h"

struct sfe_kernel {
	char *name;     /* the folder's, or of Debian's the package's */
	char *path;     /* of the kernel, or of the tree of an unfinished build */
	char *folder;   /* what a removal removes; NULL for Debian's */
	uint64_t bytes; /* on the disk, all of the folder */
	time_t built;
	bool unfinished, virtual_clock, used; /* used: by a scenario of this user, now */
	bool system;                          /* in the folder of all users */
	bool own;                             /* in the folder that this user's builds go to */
};

struct sfe_kernels {
	struct sfe_kernel *kernel; /* this user's own first, each folder in the order of names */
	unsigned n;
};

int sfe_kernels_list(struct sfe_kernels *out, struct sfe_error *err);
void sfe_kernels_free(struct sfe_kernels *k);

/* Removes one, which must be own. -EBUSY while a build is under way beside it. */
int sfe_kernel_remove(const struct sfe_kernel *k, struct sfe_error *err);

#endif
