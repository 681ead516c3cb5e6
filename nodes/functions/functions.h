/* SPDX-License-Identifier: MIT */
/*
 * The functions of the workers of a process. Code of the user's is loaded here: only a process that
 * has no rights, or is in a guest, may call functions_load (docs/security.md).
 */
#ifndef SFE_NODES_FUNCTIONS_H
#define SFE_NODES_FUNCTIONS_H

#include "nodes/base/deployment.h"
#include "sfemu/function.h"

struct functions;

/* Loads the plugins of a deployment, and writes the files of its programs to the scratch folder.
 * *out is the caller's; NULL: it has none. */
int functions_load(const struct sfe_deployment *d, struct functions **out, struct sfe_error *err);
/* Also of NULL. */
void functions_free(struct functions *functions);

/* The code of the function with this index; NULL: it is a program. functions may be NULL. */
const struct sfe_function_plugin *functions_code(
	const struct functions *functions, const struct sfe_deployment *d, uint32_t function);

/* Loads one plugin from a file. *library is to be closed with dlclose. */
int function_load_file(const char *path, const char *name, void **library,
	const struct sfe_function_plugin **plugin, struct sfe_error *err);

#endif
