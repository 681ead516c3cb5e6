/* SPDX-License-Identifier: MIT */
/* Code of the user's runs only in a process that has given up its rights, or in a guest. */
#ifndef SFE_SECURITY_FUNCTION_RIGHTS_H
#define SFE_SECURITY_FUNCTION_RIGHTS_H

#include <stdbool.h>

#include "sfemu/error.h"

/* Where programs run, in mounts of the worker's own. */
#define SFE_FUNCTION_SCRATCH "/dev/shm"

/*
 * For a process of workers, before it loads a function: gives it an empty file system in memory in
 * place of /dev/shm, which ends with it. With drop it becomes the invoker without capabilities, who
 * can write only there; else it needs its rights to enter the namespaces of nodes, as the one
 * process of a guest does.
 */
int sfe_function_rights(bool drop, struct sfe_error *err);

#endif
