/* SPDX-License-Identifier: MIT */
#ifndef SFE_VM_REMOVE_TREE_H
#define SFE_VM_REMOVE_TREE_H

#include "sfemu/error.h"

/* Removes a folder with all that is in it, and does not follow links; nothing to do if it is not
 * there. */
int sfe_remove_tree(const char *path, struct sfe_error *err);

#endif
